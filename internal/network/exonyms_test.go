package network

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// edited is the built-in data with one text of a file replaced, once.
func edited(t *testing.T, file, old, text string) fs.FS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, f := range files {
		data, err := fs.ReadFile(BuiltIn(), f)
		if err != nil {
			t.Fatal(err)
		}
		if f == file {
			if !strings.Contains(string(data), old) {
				t.Fatalf("%s has no %q", f, old)
			}
			data = []byte(strings.Replace(string(data), old, text, 1))
		}
		fsys[f] = &fstest.MapFile{Data: data}
	}
	return fsys
}

func TestInflection(t *testing.T) {
	slavic := inflection{Endings: []string{"е", "ом"}, NotAfter: "аь"}
	for name, tt := range map[string]struct {
		of   inflection
		want []string
	}{
		"Кобленц":    {slavic, []string{"кобленц", "кобленце", "кобленцом"}},
		"Кузель":     {slavic, []string{"кузель"}},
		"Йена":       {slavic, []string{"йена"}},
		"Bad Ems":    {inflection{}, []string{"badems"}},
		"Köln":       {inflection{Endings: []string{"'DE"}}, []string{"koln", "kolnde"}},
		"Лінц (Рин)": {inflection{Endings: []string{"е"}, NotAfter: "Н"}, []string{"лінцрин"}},
		"?":          {slavic, nil},
	} {
		if diff := cmp.Diff(tt.want, tt.of.keys(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What a language calls a place and how it inflects it is data: the program
// need not have heard of the language.
func TestALanguageOfSpellingsIsAddedInTheFile(t *testing.T) {
	fsys := edited(t, "exonyms.yaml", "languages:\n", "languages:\n  ka: {endings: [ში], not_after: ა}\n")
	data, err := fs.ReadFile(fsys, "exonyms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "{name: Koblenz, ", "{name: Koblenz, ka: [კობლენც], ", 1)
	text = strings.Replace(text, "DE-BY: {", "DE-BY: {ka: [ბავარია], ", 1)
	fsys.(fstest.MapFS)["exonyms.yaml"] = &fstest.MapFile{Data: []byte(text)} //nolint:forcetypeassert // edited makes it
	d, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for written, want := range map[string][]string{
		"კობლენც":   {"=Koblenz", "~Landkreis Mayen-Koblenz"},
		"კობლენცში": {"=Koblenz", "~Landkreis Mayen-Koblenz"},
		"ბავარია":   {"=Bayern"},
		"ბავარიაში": nil, // far from what is known
	} {
		if diff := cmp.Diff(want, shown(d.FindPlaces(written))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", written, diff)
		}
	}
}

func TestLanguagesOfSpellingsAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ old, text, want string }{
		"a town": {"{name: Koblenz, ar:", "{nmae: x, name: Koblenz, ar:", `"nmae" is none of the languages of this file: ar, de, en, es, fr, ru, uk`},
		"a Land": {"  DE-BY: {en:", "  DE-BY: {eng:", `"eng" is none of the languages of this file: ar, de, en, es, fr, ru, uk`},
		"itself": {"  fr: {}", "  fr: {ending: [x]}", `unknown key "ending"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := edited(t, "exonyms.yaml", c.old, c.text)
			data, err := fs.ReadFile(fsys, "exonyms.yaml")
			if err != nil {
				t.Fatal(err)
			}
			line := 1 + strings.Count(string(data[:strings.Index(string(data), c.text)]), "\n")
			_, err = Load(fsys)
			if want := fmt.Sprintf("exonyms.yaml:%d: %s", line, c.want); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		})
	}
}

// Endings of professions are data like those of places.
func TestEndingsOfProfessionsAreData(t *testing.T) {
	d, err := Load(edited(t, "words.yaml", "profession_endings: [", "profession_endings: [chen, "))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d    *Directory
		want bool
	}{{d, true}, {directory(t), false}} {
		found := c.d.FindProfessions("Bäckerchen")
		if exact := len(found) == 1 && found[0].ID == "baker" && found[0].Exact; exact != c.want {
			t.Errorf("%v, want the baker: %v", found, c.want)
		}
	}
}
