package locale

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/content"
	"iqbot/internal/richtext"
)

func load(t testing.TB) *Catalog {
	t.Helper()
	c, err := Load(os.DirFS("testdata/locales"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// with returns the test languages with some files changed; "" removes one.
func with(t *testing.T, changes map[string]string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS("testdata/locales")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		out[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range changes {
		out[name] = &fstest.MapFile{Data: []byte(s)}
		if s == "" {
			delete(out, name)
		}
	}
	return out
}

// edit returns a test file with one text replaced.
func edit(t *testing.T, name, old, new string) string {
	t.Helper()
	data, err := os.ReadFile(path.Join("testdata/locales", name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), old) != 1 {
		t.Fatalf("%s holds %q not once", name, old)
	}
	return strings.Replace(string(data), old, new, 1)
}

func TestLoadNamesEveryFault(t *testing.T) {
	tests := map[string]struct {
		name, old, new string
		want           string
	}{
		"broken toml":         {"uk/language.toml", `order = 4`, `order = `, `uk/language.toml:6: not valid TOML: expected value`},
		"unknown key":         {"uk/language.toml", `order = 4`, "order = 4\ncolour = 1", `uk/language.toml:7: unknown key "colour"`},
		"tag is not folder":   {"uk/language.toml", `tag = "uk"`, `tag = "ru"`, `uk/active.uk.toml: was read as language "uk", not "ru"` + "\n" + `uk/language.toml:1: tag "ru" is not the name of the folder, "uk"`},
		"no name":             {"uk/language.toml", `name = "Українська"`, `name = ""`, `uk/language.toml:2: the language has no name`},
		"unknown status":      {"uk/language.toml", `"machine"`, `"done"`, `uk/language.toml:4: status "done" is neither "machine" nor "reviewed"`},
		"unknown direction":   {"uk/language.toml", `"ltr"`, `"up"`, `uk/language.toml:5: direction "up" is neither "ltr" nor "rtl"`},
		"order below one":     {"uk/language.toml", `order = 4`, `order = 0`, `uk/language.toml:6: order 0 is less than 1`},
		"order taken":         {"uk/language.toml", `order = 4`, `order = 3`, `uk/language.toml:6: order 3 is taken by ar`},
		"no reference":        {"de/language.toml", `order = 1`, `order = 9`, `en/language.toml:6: no language has order 1, so there is no reference`},
		"eleven months":       {"uk/language.toml", `months = ["січня", `, `months = [`, `uk/language.toml:9: months does not name 12 months`},
		"date without day":    {"uk/language.toml", `{day} {month}`, `{month}`, `uk/language.toml:10: date does not hold {day} once`},
		"range without end":   {"uk/language.toml", `{from}–{to}`, `{from}–`, `uk/language.toml:17: range does not hold {to} once`},
		"fallback not there":  {"uk/language.toml", `["en", "de"]`, `["en", "xx"]`, `uk/language.toml:3: fallback "xx" is not another language, or named twice`},
		"fallback to itself":  {"uk/language.toml", `["en", "de"]`, `["uk"]`, `uk/language.toml:3: fallback "uk" is not another language, or named twice`},
		"message twice":       {"uk/active.uk.toml", `["page"]`, `["greeting"]`, `uk/active.uk.toml:5: not valid TOML: Key 'greeting' has already been defined.`},
		"form misspelt":       {"uk/active.uk.toml", `few = "{{.Count}} дні"`, `fwe = "x"`, `uk/active.uk.toml: reserved keys [description many one other] mixed with unreserved keys [fwe]`},
		"template not closed": {"uk/active.uk.toml", `{{.Name}}!`, `{{.Name`, `uk/active.uk.toml:1: message "greeting", form other is not a template (a placeholder is written {{.Name}})`},
		"template too clever": {"uk/active.uk.toml", `{{.Name}}!`, `{{range .Name}}x{{end}}`, `uk/active.uk.toml:1: message "greeting", form other is not a template (a placeholder is written {{.Name}})`},
		"template of a fact":  {"uk/active.uk.toml", `{{.Name}}!`, "{{fact `fee`}}", `uk/active.uk.toml:1: message "greeting", form other is not a template (a placeholder is written {{.Name}})`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(with(t, map[string]string{tt.name: edit(t, tt.name, tt.old, tt.new)}))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLoadRejectsAFileWhoseNameIsNotItsLanguage(t *testing.T) {
	text := edit(t, "uk/active.uk.toml", "page", "page2")
	_, err := Load(with(t, map[string]string{"uk/messages.toml": text, "ar/active.uk.toml": text, "fr/active.fr.toml": text, "de/language.toml": "x"}))
	want := `ar/active.uk.toml: is neither language.toml nor active.ar.toml (the language of a file is taken from its name)
de/language.toml:1: `
	rest := `
fr/language.toml: cannot be read: file does not exist
uk/messages.toml: is neither language.toml nor active.uk.toml (the language of a file is taken from its name)`
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), rest) {
		t.Errorf("got %v", err)
	}
}

func TestLoadOfNothingFails(t *testing.T) {
	if _, err := Load(fstest.MapFS{"articles/x.md": {}}); err == nil {
		t.Error("no error")
	}
}

func TestTheRealLanguagesLoad(t *testing.T) {
	c, err := Load(os.DirFS("../../locales"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range c.Languages() {
		if p := c.Printer(l.Tag); p.LanguageName(l.Tag) == "" || p.Date(time.Unix(0, 0)) == "" {
			t.Errorf("%s does not format", l.Tag)
		}
	}
}

func TestLanguages(t *testing.T) {
	c := load(t)
	want := []Language{
		{Tag: "de", Name: "Deutsch", Fallback: []string{}, Status: "machine", Order: 1},
		{Tag: "en", Name: "English", Fallback: []string{"de"}, Status: "machine", Order: 2},
		{Tag: "ar", Name: "العربية", RTL: true, Fallback: []string{"en", "de"}, Status: "machine", Order: 3},
		{Tag: "uk", Name: "Українська", Fallback: []string{"en", "de"}, Status: "machine", Order: 4},
	}
	if d := cmp.Diff(want, c.Languages()); d != "" {
		t.Error(d)
	}
	if l, ok := c.Language("ar"); !ok || l.Name != "العربية" {
		t.Errorf("Language(ar) = %v, %v", l, ok)
	}
	if _, ok := c.Language("ar-EG"); ok {
		t.Error("Language(ar-EG) exists")
	}
	if ids := c.IDs("ar"); len(ids) != 8 || ids[0] != "greeting" || c.IDs("fr") != nil {
		t.Errorf("IDs = %v, %v", ids, c.IDs("fr"))
	}
}

func TestMatch(t *testing.T) {
	c := load(t)
	tests := map[string]string{
		"de": "de", "de-AT": "de", "de-CH": "de", "de-DE-u-co-phonebk": "de", "DE": "de",
		"en-GB": "en", "en-US": "en", "en_IN": "en",
		"ar-EG": "ar", "ar-SY": "ar", "ar-AE": "ar", "arb": "ar",
		"uk": "uk", "uk-UA": "uk", "uk_UA": "uk", "uk-DE": "uk",
		// What we do not have is not something else, however near or usual.
		"ru": "", "ru-UA": "", "be": "", "pl": "", "tr": "", "tr-DE": "", "fa": "", "fa-AF": "", "ku": "", "ckb": "",
		"ps": "", "ur": "", "so": "", "ti": "", "am": "", "sq": "", "lb": "", "fr": "", "sr": "", "he": "",
		"xx": "", "": "", "und": "", "und-DE": "", "und-Arab": "", "mul": "", "zxx": "", "x-private": "", "*": "", "C": "", "i-klingon": "", "art": "",
		"de;q=0.5": "", "German": "", "\xff": "",
	}
	for wish, want := range tests {
		if got, ok := c.Match(wish); got != want || ok != (want != "") {
			t.Errorf("Match(%q) = %q, %v, want %q", wish, got, ok, want)
		}
	}
	if got, _ := c.Match("xx", "ckb", "uk-UA", "de"); got != "uk" {
		t.Errorf("the first wish that can be met is not uk but %q", got)
	}
	if got, ok := c.Match(); ok {
		t.Errorf("no wish matches %q", got)
	}
	for tag, want := range map[string]string{"ar": "ar", "ar-EG": "ar", "ckb": "de", "": "de"} {
		if got := c.Printer(tag).Language().Tag; got != want {
			t.Errorf("Printer(%q) writes %s, want %s", tag, got, want)
		}
	}
}

func TestTextPicksThePluralForm(t *testing.T) {
	c := load(t)
	tests := []struct {
		tag  string
		n    any
		want string
	}{
		{"de", 1, "Eine Person wartet"}, {"de", 0, "0 Personen warten"}, {"de", 1200, "1.200 Personen warten"},
		{"en", int64(1), "One person is waiting"}, {"en", uint8(2), "2 people are waiting"},
		{"uk", 1, "1 людина чекає"}, {"uk", 21, "21 людина чекає"}, {"uk", 2, "2 людини чекають"}, {"uk", 24, "24 людини чекають"},
		{"uk", 0, "0 людей чекають"}, {"uk", 5, "5 людей чекають"}, {"uk", 11, "11 людей чекають"}, {"uk", 12, "12 людей чекають"}, {"uk", 111, "111 людей чекають"},
		{"ar", 0, "لا أحد ينتظر"}, {"ar", 1, "شخص واحد ينتظر"}, {"ar", 2, "شخصان ينتظران"},
		{"ar", 3, "٣ أشخاص ينتظرون"}, {"ar", 10, "١٠ أشخاص ينتظرون"}, {"ar", 103, "١٠٣ أشخاص ينتظرون"},
		{"ar", 11, "١١ شخصًا ينتظرون"}, {"ar", 99, "٩٩ شخصًا ينتظرون"}, {"ar", 100, "١٠٠ شخص ينتظرون"}, {"ar", 1000, "١٬٠٠٠ شخص ينتظرون"},
	}
	for _, tt := range tests {
		if got := c.Printer(tt.tag).Text("people", Params{"Count": tt.n}); got != tt.want {
			t.Errorf("%s, %v: got %q, want %q", tt.tag, tt.n, got, tt.want)
		}
	}
	if len(c.Missing()) > 0 {
		t.Errorf("missing: %v", c.Missing())
	}
}

func TestTextFallsBackAndCounts(t *testing.T) {
	c := load(t)
	day := time.Date(2026, 7, 5, 23, 0, 0, 0, time.UTC)
	tests := []struct{ tag, id, want string }{
		{"uk", "only.german.english", "German and English only"},
		{"uk", "only.german.english", "German and English only"},
		{"ar", "only.german", "Am 5. Juli 2026: 1 Plätze"},
		{"de", "only.german", "Am 5. Juli 2026: 1 Plätze"},
		{"de", "nowhere", ""},
		{"ar", "nowhere", ""},
	}
	for _, tt := range tests {
		if got := c.Printer(tt.tag).Text(tt.id, Params{"Count": 1, "Day": day}); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.tag, tt.id, got, tt.want)
		}
	}
	c.Printer("en").Text("greeting", nil)
	want := map[string]int{"uk/only.german.english": 2, "ar/only.german": 1, "de/nowhere": 1, "ar/nowhere": 1, "en/greeting{Name}": 1}
	if d := cmp.Diff(want, c.Missing()); d != "" {
		t.Error(d)
	}
	if p := c.Printer("uk"); p.Has("only.german") || !p.Has("greeting") {
		t.Error("Has looks at other languages")
	}
}

func TestAFormThatIsMissingFallsBack(t *testing.T) {
	c, err := Load(with(t, map[string]string{"uk/active.uk.toml": edit(t, "uk/active.uk.toml", `many = "{{.Count}} людей чекають"`, "")}))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Printer("uk").Text("people", Params{"Count": 5}); got != "5 people are waiting" {
		t.Errorf("got %q", got)
	}
}

func TestMissingIsBounded(t *testing.T) {
	c := load(t)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range maxMissing {
				c.Printer("ar").Text(fmt.Sprint(g, i), nil)
			}
		})
	}
	wg.Wait()
	if n := len(c.Missing()); n != maxMissing {
		t.Errorf("%d entries, want %d", n, maxMissing)
	}
}

func TestParamsCannotAddMarkup(t *testing.T) {
	c := load(t)
	type caseID string
	tests := []struct {
		tag, id string
		params  Params
		want    string
	}{
		{"de", "greeting", Params{"Name": "**Eve** [x](https://evil.example)"}, "Guten Tag, **Eve** [x](https://evil.example)!"},
		{"de", "greeting", Params{"Name": "\u202eEve\u2066"}, "Guten Tag, Eve!"},
		{"de", "greeting", Params{"Name": "علي"}, "Guten Tag, \u2068علي\u2069!"},
		{"ar", "greeting", Params{"Name": "Müller"}, "مرحبًا \u2068Müller\u2069!"},
		{"ar", "greeting", Params{"Name": "علي"}, "مرحبًا علي!"},
		{"ar", "greeting", Params{"Name": "+49 651 123"}, "مرحبًا \u2068+49 651 123\u2069!"},
		{"ar", "greeting", Params{"Name": caseID("IQ-7K2M9")}, "مرحبًا \u2068IQ-7K2M9\u2069!"},
		{"ar", "greeting", Params{"Name": 12}, "مرحبًا ١٢!"},
		{"ar", "greeting", Params{"Name": 1.5}, "مرحبًا ١٫٥!"},
		{"en", "greeting", Params{"Name": nil}, "Hello, !"},
		{"en", "greeting", Params{"Name": fmt.Errorf("x*y")}, "Hello, x*y!"},
		{"en", "page", Params{"URL": Markup("https://example.org/a_b?c=[]")}, "page (https://example.org/a_b?c=[])"},
	}
	for _, tt := range tests {
		if got := richtext.Parse(c.Printer(tt.tag).Text(tt.id, tt.params)).Plain(); got != tt.want {
			t.Errorf("%s %v: got %+q, want %+q", tt.tag, tt.params, got, tt.want)
		}
	}
	if got := len(richtext.Parse(c.Printer("de").Text("greeting", Params{"Name": "**a** [b](https://c.de)"}))); got != 2 {
		t.Errorf("%d runs, want 2: the bold greeting and the rest", got)
	}
}

func TestCheckNamesWhatIsIncomplete(t *testing.T) {
	complete := map[string]string{}
	for _, tag := range []string{"en", "ar", "uk"} {
		f := tag + "/active." + tag + ".toml"
		data, err := os.ReadFile("testdata/locales/" + f)
		if err != nil {
			t.Fatal(err)
		}
		complete[f] = string(data) + "\n[\"only.german\"]\ndescription = \"x\"\nother = \"{{.Day}} {{.Count}}\"\n"
		if tag != "en" {
			complete[f] += "\n[\"only.german.english\"]\ndescription = \"x\"\nother = \"x\"\n"
		}
	}
	tests := map[string]struct {
		file, old, new string
		used           []string
		want           []string
	}{
		"complete": {},
		"a message is missing": {file: "uk/active.uk.toml", old: `["page"]`, new: `["page2"]`, want: []string{
			`uk/active.uk.toml: message "page" is missing (see de/active.de.toml:5)`,
			`uk/active.uk.toml:5: message "page2" is not in de/active.de.toml (the reference language has every message)`}},
		"a message has no text": {file: "uk/active.uk.toml", old: `other = "[сторінка]({{.URL}})"`, new: ``, want: []string{
			`uk/active.uk.toml:5: message "page" is missing (see de/active.de.toml:5)`}},
		"a plural form is missing": {file: "uk/active.uk.toml", old: `many = "{{.Count}} людей чекають"`, new: ``, want: []string{
			`uk/active.uk.toml:9: message "people" has no plural form many (many is for 0, 5, 6, 7)`}},
		"a plural form too much": {file: "en/active.en.toml", old: `one = "One person is waiting"`, new: `one = "x"` + "\n" + `few = "{{.Count}}"`, want: []string{
			`en/active.en.toml:13: message "people" has a plural form few that the language does not know`}},
		"only one form of a plural": {file: "en/active.en.toml", old: `one = "One person is waiting"`, new: ``, want: []string{
			`en/active.en.toml:13: message "people" has no plural form one (one is for 1)`}},
		"the form for 1, 21 and 31 hides the number": {file: "uk/active.uk.toml", old: `one = "{{.Count}} людина чекає"`, new: `one = "людина чекає"`, want: []string{
			`uk/active.uk.toml:9: message "people" lacks {{.Count}} in form one`}},
		"another placeholder": {file: "ar/active.ar.toml", old: `{{.Name}}`, new: `{{if .Nmae}}{{.Nmae}}{{end}}`, want: []string{
			`ar/active.ar.toml:1: message "greeting" has {{.Nmae}} in form other, which the reference has not`,
			`ar/active.ar.toml:1: message "greeting" lacks {{.Name}} in form other`}},
		"no description": {file: "ar/active.ar.toml", old: `description = "A link."`, new: ``, want: []string{
			`ar/active.ar.toml:5: message "page" has no description`}},
		"bold is not closed": {file: "ar/active.ar.toml", old: `**مرحبًا**`, new: `**مرحبًا\\**`, want: []string{
			`ar/active.ar.toml:1: message "greeting" opens or closes ** without its other half in form other`}},
		"used but nowhere": {used: []string{"page", "nowhere", "nowhere"}, want: []string{
			`ar/active.ar.toml: message "nowhere" is missing`, `de/active.de.toml: message "nowhere" is missing`,
			`en/active.en.toml: message "nowhere" is missing`, `uk/active.uk.toml: message "nowhere" is missing`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(complete)
			if tt.file != "" {
				if strings.Count(files[tt.file], tt.old) != 1 {
					t.Fatalf("%q is not there once", tt.old)
				}
				files[tt.file] = strings.Replace(files[tt.file], tt.old, tt.new, 1)
			}
			c, err := Load(with(t, files))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range c.Check(tt.used) {
				got = append(got, f.Error())
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestALanguageWithoutMessagesIsReportedNotRefused(t *testing.T) {
	c, err := Load(with(t, map[string]string{"uk/active.uk.toml": ""}))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Printer("uk").Text("page", Params{"URL": Markup("https://a.de")}); got != "[page](https://a.de)" {
		t.Errorf("got %q", got)
	}
	faults := 0
	for _, f := range c.Check(nil) {
		if f.File == "uk/active.uk.toml" {
			faults++
		}
	}
	if want := len(c.IDs("de")); faults != want {
		t.Errorf("%d faults, want %d", faults, want)
	}
}

func TestUnused(t *testing.T) {
	got := load(t).Unused([]string{"greeting", "page", "people", "only.german.english"})
	want := content.Faults{{File: "de/active.de.toml", Line: 9, Reason: `message "only.german" is never used`}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func BenchmarkText(b *testing.B) {
	c := load(b)
	for name, params := range map[string]Params{"plain": nil, "name": {"Name": "Müller"}, "plural": {"Count": 12}} {
		id := map[string]string{"plain": "only.german.english", "name": "greeting", "plural": "people"}[name]
		for _, tag := range []string{"en", "ar"} {
			b.Run(name+"/"+tag, func(b *testing.B) {
				p := c.Printer(tag)
				b.ReportAllocs()
				for b.Loop() {
					p.Text(id, params)
				}
			})
		}
	}
}

// What is put together here must be what go-i18n makes of it.
func TestTextsWithoutPluralsAreWhatGoI18nMakesOfThem(t *testing.T) {
	catalog, err := Load(os.DirFS("../../locales"))
	if err != nil {
		t.Fatal(err)
	}
	quick := 0
	for _, p := range catalog.printers {
		for id, x := range p.texts {
			if x.pieces == nil {
				continue
			}
			quick++
			params := Params{}
			for _, name := range x.params {
				params[name] = "[a] " + name + " ١ b"
			}
			got, _ := p.render(id, params)
			slow := *x
			slow.pieces = nil
			p.texts[id] = &slow
			if want, ok := p.render(id, params); !ok || got != want {
				t.Errorf("%s/%s: %q, want %q", p.language.Tag, id, got, want)
			}
		}
	}
	if quick < 100 {
		t.Errorf("only %d texts were compared", quick)
	}
}
