package library

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/content"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// folder returns testdata/content as files that a test may change.
func folder(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS("testdata/content")
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func catalog(t testing.TB, fsys fs.FS) *locale.Catalog {
	t.Helper()
	cat, err := locale.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func small(t testing.TB) *Library {
	t.Helper()
	files := folder(t)
	l, err := Load(files, catalog(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLoadNamesEveryFault(t *testing.T) {
	const (
		costs     = "de/articles/costs.md"
		questions = "de/articles/costs.questions.txt"
	)
	remove := "\x00remove"
	for _, tt := range []struct {
		name           string
		file, old, new string // old is replaced by new; without old, new is the whole file
		want           []string
	}{
		{"question off the subject that is on it", "de/other.questions.txt", "", "# x\nWie wird das Wetter?\nKosten!\n",
			[]string{`de/other.questions.txt:3: question "Kosten!" belongs to topic costs already`}},
		{"question off the subject without words", "de/other.questions.txt", "", "Wetter\n?!\n",
			[]string{"de/other.questions.txt:2: the question has no words"}},
		{"nothing off the subject", "de/other.questions.txt", "", "# x\n",
			[]string{"de/other.questions.txt:1: the file is empty"}},
		{"facts file missing", factsFile, "", remove,
			[]string{"facts.yaml: cannot be read: file does not exist"}},
		{"facts file empty", factsFile, "", "# nothing\n",
			[]string{"facts.yaml:1: the file is empty"}},
		{"unknown field of a fact", factsFile, "value: 12.5", "value: 12.5, note: x",
			[]string{"facts.yaml:9: unknown key \"note\""}},
		{"unknown section", factsFile, "\nfacts:", "\nfigures: {}\nfacts:",
			[]string{"facts.yaml:7: unknown key \"figures\""}},
		{"unreadable day", factsFile, "review_by: 2027-01-31", "review_by: soon",
			[]string{`facts.yaml:9: fact "fee.copy": review_by "soon" is no day like 2026-07-05`}},
		{"id twice", factsFile, "  iq.since:", "  iq.partners: {}\n  iq.since:",
			[]string{`facts.yaml:17: mapping key "iq.partners" already defined at line 14`}},
		{"section of a wrong form", factsFile, "\nfacts:", "\nfacts: []\nx:",
			[]string{"facts.yaml:7: a list stands where a set of keys is expected", "facts.yaml:8: unknown key \"x\""}},
		{"no YAML", factsFile, "sources:", "sources: [",
			[]string{"facts.yaml:2: not valid YAML: did not find expected ',' or ']'"}},
		{"unknown source of a fact", factsFile, "EUR, source: fees, review_by: 2027-01-31", "EUR, source: fess, review_by: 2027-01-31",
			[]string{`facts.yaml:9: fact "fee.copy": source "fess" is unknown`}},
		{"source without label", factsFile, `label: "Gebührenordnung", `, "",
			[]string{`facts.yaml:4: source "fees": label is missing`}},
		{"source with a broken address", factsFile, "https://example.org/fees", "example.org/fees",
			[]string{`facts.yaml:4: source "fees": url "example.org/fees" is no web address`}},
		{"source with an unreadable state", factsFile, `as_of: "2025-04"`, `as_of: "April"`,
			[]string{`facts.yaml:3: source "law": as_of "April" is not like 2026-07-05, 2026-07, 2026 or 2015-2018`}},
		{"source never retrieved", factsFile, `fees", retrieved: 2026-11-24`, `fees"`,
			[]string{`facts.yaml:4: source "fees": retrieved is missing`}},
		{"unknown kind", factsFile, "kind: percent", "kind: share",
			[]string{`facts.yaml:10: fact "share.paid": kind "share" is unknown`}},
		{"missing field", factsFile, "max: 1600, ", "",
			[]string{`facts.yaml:8: fact "fee.range": max is missing`}},
		{"field of another kind", factsFile, "value: 45", "value: 45, unit: week",
			[]string{`facts.yaml:10: fact "share.paid": unit has no meaning for kind percent`}},
		{"no day of review", factsFile, ", review_by: 2027-01-31", "",
			[]string{`facts.yaml:9: fact "fee.copy": review_by is missing`}},
		{"not a number", factsFile, "value: 12.5", "value: zwölf",
			[]string{`facts.yaml:9: fact "fee.copy": "zwölf" is not a number that kind money takes`}},
		{"half a week", factsFile, "value: 1, unit: week", "value: 1.5, unit: week",
			[]string{`facts.yaml:12: fact "time.reply": "1.5" is not a number that kind duration takes`}},
		{"range upside down", factsFile, "min: 100", "min: 2000",
			[]string{`facts.yaml:8: fact "fee.range": min 2000 is not below max 1600`}},
		{"unknown currency", factsFile, "value: 12.5, currency: EUR", "value: 12.5, currency: Euro",
			[]string{`facts.yaml:9: fact "fee.copy": currency "Euro" is not like EUR`}},
		{"unknown unit", factsFile, "unit: week", "unit: Woche",
			[]string{`facts.yaml:12: fact "time.reply": unit "Woche" is none of hour, day, week, month, year`}},
		{"no such day", factsFile, `"2027-06-30"`, `"2027-06-31"`,
			[]string{`facts.yaml:13: fact "valid.until": value "2027-06-31" is no day like 2026-07-05`}},
		{"no year", factsFile, "value: 2005", "value: 05",
			[]string{`facts.yaml:14: fact "iq.since": value "05" is no year like 2026 or 2015-2018`}},
		{"no web address", factsFile, "https://example.org/a_b", "https://example.org/a)b",
			[]string{`facts.yaml:17: fact "url.page": value "https://example.org/a)b" is no web address`}},
		{"no email address", factsFile, "iq_rlp@example.org", "iq_rlp(at)example.org",
			[]string{`facts.yaml:18: fact "mail.page": value "iq_rlp(at)example.org" is no email address`}},
		{"no telephone number", factsFile, "+49 30 1815-1111", "call us",
			[]string{`facts.yaml:19: fact "phone.page": value "call us" is no telephone number`}},
		{"name of two lines", factsFile, "Arbeit & Leben [gGmbH]", `a\nb`,
			[]string{`facts.yaml:20: fact "name.page": value "a\nb" has more than one line`}},
		{"unused fact", factsFile, "\nfacts:", "\nfacts:\n  fee.old: {kind: money, value: 1, currency: EUR, source: fees, review_by: 2027-05-24}",
			[]string{`facts.yaml:8: fact "fee.old" is used nowhere`}},
		{"unused source", factsFile, "sources:", "sources:\n  old: {label: Alt, retrieved: 2026-11-24}",
			[]string{`facts.yaml:3: source "old" is used nowhere`}},

		{"no front matter", "uk/articles/costs.md", "---\ntitle", "title",
			[]string{"uk/articles/costs.md:1: the front matter between two lines --- is missing"}},
		{"unknown front matter field", costs, "status:", "author: x\nstatus:",
			[]string{`de/articles/costs.md:4: unknown key "author"`}},
		{"no title", costs, "title: \"Was kostet die Anerkennung?\"\n", "",
			[]string{"de/articles/costs.md:2: title is missing"}},
		{"figure in the title", costs, "Was kostet die Anerkennung?", "Kosten ab 100 Euro",
			[]string{"de/articles/costs.md:2: a title holds no figures and no facts"}},
		{"no review", costs, "reviewed: 2026-11-24\n", "",
			[]string{"de/articles/costs.md:2: reviewed is missing"}},
		{"unknown status", costs, "status: reviewed", "status: draft",
			[]string{`de/articles/costs.md:4: status "draft" is neither machine nor reviewed`}},
		{"unknown source", topicsFile, "[law]", "[law, lore]",
			[]string{`topics.yaml:4: source "lore" is unknown`}},
		{"unknown related topic", topicsFile, "[what-is-iq]", "[what-is-iq, costings]",
			[]string{`topics.yaml:5: related topic "costings" is not another article`}},
		{"related to itself", topicsFile, "[what-is-iq]", "[costs]",
			[]string{`topics.yaml:5: related topic "costs" is not another article`}},
		{"sources in an article", costs, "status:", "sources: [law]\nstatus:",
			[]string{`de/articles/costs.md:4: unknown key "sources"`}},
		{"related topics in an article", costs, "status:", "related: [what-is-iq]\nstatus:",
			[]string{`de/articles/costs.md:4: unknown key "related"`}},
		{"topics file missing", topicsFile, "", remove,
			[]string{"topics.yaml: cannot be read: file does not exist"}},
		{"topics file empty", topicsFile, "", "# nothing\n",
			[]string{"topics.yaml:1: the file is empty"}},
		{"topic missing", topicsFile, "  what-is-iq:\n    sources: []\n    related: [costs]\n", "",
			[]string{`topics.yaml:2: the topic "what-is-iq" is missing, which has articles`}},
		{"topic without an article", topicsFile, "  what-is-iq:", "  weather: {}\n  what-is-iq:",
			[]string{`topics.yaml:6: there is no article "weather"`}},
		{"topic twice", topicsFile, "  what-is-iq:", "  costs: {}\n  what-is-iq:",
			[]string{`topics.yaml:6: mapping key "costs" already defined at line 3`}},
		{"unknown field of a topic", topicsFile, "    related: [costs]", "    relates: [costs]",
			[]string{`topics.yaml:8: unknown key "relates"`}},
		{"unknown fact", costs, "§ 44", `{{fact "fee.new"}}`,
			[]string{`de/articles/costs.md:12: fact "fee.new" is unknown`}},
		{"other template", costs, "§ 44", `{{if true}}`,
			[]string{`de/articles/costs.md:12: {{if true}} is not like {{fact "id"}} or {{period "id"}}`}},
		{"template left open", costs, "§ 44", `{{fact "fee.copy"`,
			[]string{"de/articles/costs.md:12: {{ and }} do not match"}},
		{"fee as a web address", costs, "§ 44", `[x]({{fact "fee.copy"}})`,
			[]string{`de/articles/costs.md:12: fact "fee.copy" of kind money cannot be the address of this link`}},
		{"sum by hand", costs, "§ 44", "600 €", []string{hand("de/articles/costs.md:12", "600")}},
		{"sum in Arabic digits by hand", costs, "§ 44", "٦٠٠ يورو", []string{hand("de/articles/costs.md:12", "٦٠٠")}},
		{"percentage by hand", costs, "§ 44", "zu 50 %", []string{hand("de/articles/costs.md:12", "50")}},
		{"currency sign beside a fact", costs, "§ 44", `{{fact "fee.copy"}} €`, []string{hand("de/articles/costs.md:12", "€")}},
		{"telephone number by hand", costs, "§ 44", "+49 30 1815-1111", []string{hand("de/articles/costs.md:12", "+49 30 1815-1111")}},
		{"link by hand", costs, "§ 44", "[x](https://example.org)", []string{hand("de/articles/costs.md:12", "https://example.org))")}},
		{"web address by hand", costs, "§ 44", "netzwerk-iq.de", []string{hand("de/articles/costs.md:12", "netzwerk-iq.de")}},
		{"email address by hand", costs, "(§ 44)", "iq@example.org", []string{hand("de/articles/costs.md:12", "iq@example.org")}},
		{"bold left open", costs, "**.", ".",
			[]string{`de/articles/costs.md:6: "**" stands alone: the bold text or the link is not complete`}},
		{"heading", costs, "Das kommt", "## Das kommt",
			[]string{"de/articles/costs.md:9: there are no headings in an article"}},
		{"not UTF-8", "uk/articles/costs.md", "Збір", "\xff",
			[]string{"uk/articles/costs.md:6: is not UTF-8"}},
		{"no questions", questions, "", "# nothing yet\n",
			[]string{"de/articles/costs.questions.txt:1: the file is empty"}},
		{"question without words", questions, "kosten", "???",
			[]string{"de/articles/costs.questions.txt:3: the question has no words"}},
		{"question of two topics", questions, "kosten", "was ist IQ",
			[]string{`de/articles/what-is-iq.questions.txt:1: question "Was ist IQ?" belongs to topic costs already`}},
		{"questions file missing", questions, "", remove,
			[]string{"de/articles/costs.md:1: there is no file costs.questions.txt"}},
		{"questions without article", "de/articles/duration.questions.txt", "", "wie lange",
			[]string{"de/articles/duration.questions.txt:1: there is no article duration.md"}},
		{"stray file", "de/articles/costs.txt", "", "x",
			[]string{"de/articles/costs.txt:1: is neither <topic>.md nor <topic>.questions.txt"}},
		{"folder of no language", "xx/articles/costs.md", "", "x",
			[]string{`xx/articles:1: "xx" is not the tag of a language`}},
		{"reference article missing", "de/articles/what-is-iq.md", "", remove, []string{
			"ar/articles/what-is-iq.md:1: there is no de/articles/what-is-iq.md, which every topic needs",
			"de/articles/what-is-iq.questions.txt:1: there is no article what-is-iq.md",
			`facts.yaml:16: fact "iq.partners" is used nowhere`,
			`facts.yaml:20: fact "name.page" is used nowhere`,
			`topics.yaml:5: related topic "what-is-iq" is not another article`,
			`topics.yaml:6: there is no article "what-is-iq"`}},
		{"name of a topic with capitals", "de/articles/Costs.md", "", "x", []string{
			"de/articles/Costs.md:1: a topic is lower-case words joined by hyphens, of at most 40 characters",
			"de/articles/Costs.md:1: the front matter between two lines --- is missing",
			"de/articles/Costs.md:1: there is no file Costs.questions.txt",
			`topics.yaml:2: the topic "Costs" is missing, which has articles`}},
		{"no text", "uk/articles/costs.md", "Збір: **{{fact \"fee.range\"}}**. Термін: {{fact \"time.decision\"}}, до {{fact \"valid.until\"}}.", "",
			[]string{"uk/articles/costs.md:6: there is no text"}},
		{"status of a wrong form", costs, "status: reviewed", "status: [a]", []string{
			"de/articles/costs.md:4: a list stands where a text is expected",
			`de/articles/costs.md:4: status "" is neither machine nor reviewed`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := folder(t)
			cat := catalog(t, files)
			switch {
			case tt.new == remove:
				delete(files, tt.file)
			case tt.old == "":
				files[tt.file] = &fstest.MapFile{Data: []byte(tt.new)}
			default:
				text := string(files[tt.file].Data)
				if !strings.Contains(text, tt.old) {
					t.Fatalf("%s does not contain %q", tt.file, tt.old)
				}
				files[tt.file].Data = []byte(strings.Replace(text, tt.old, tt.new, 1))
			}
			_, err := Load(files, cat)
			if got := lines(err); !slices.Equal(got, tt.want) {
				t.Errorf("Load:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestTopicNameFitsAButton(t *testing.T) {
	for length, want := range map[int]bool{maxTopic: true, maxTopic + 1: false} {
		files := folder(t)
		topic := strings.Repeat("x", length)
		name := "de/articles/" + topic
		files[name+".md"] = files["de/articles/costs.md"]
		files[name+".questions.txt"] = &fstest.MapFile{Data: []byte("etwas anderes")}
		files[topicsFile].Data = append(files[topicsFile].Data, "  "+topic+": {}\n"...)
		if _, err := Load(files, catalog(t, files)); (err == nil) != want {
			t.Errorf("a topic of %d characters: %v", length, err)
		}
	}
}

func hand(place, what string) string {
	return place + `: "` + what + `" is written by hand: put it into facts.yaml and name it as a fact`
}

func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func TestArticleRendering(t *testing.T) {
	l := small(t)
	for _, tag := range []string{"de", "en", "ar", "uk"} {
		var b strings.Builder
		for _, topic := range l.Topics() {
			a, _ := l.Article(topic, tag)
			fmt.Fprintf(&b, "# %s (%s)\n%s\n\n%s\n\n", a.Topic, a.Lang, a.Title, a.Body)
			for _, s := range a.Sources {
				fmt.Fprintf(&b, "source %s: %s | %s | %s | %s\n", s.ID, s.Label, s.URL, s.AsOf, s.Retrieved.Format(time.DateOnly))
			}
			fmt.Fprintf(&b, "related %v, reviewed %s, machine %v, review by %s\n\n",
				a.Related, a.Reviewed.Format(time.DateOnly), a.Machine, a.ReviewBy.Format(time.DateOnly))
		}
		golden(t, filepath.Join("testdata", "rendered", tag+".golden"), b.String())
	}
}

// golden compares got with a file in which the invisible signs of direction
// are written as <2068> and the like.
func golden(t *testing.T, file, got string) {
	t.Helper()
	var b strings.Builder
	for _, r := range got {
		if r == '\u00a0' || r == '\u202f' || unicode.Is(unicode.Cf, r) {
			fmt.Fprintf(&b, "<%04X>", r)
		} else {
			b.WriteRune(r)
		}
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
	}
}

func TestLinksKeepTheirAddress(t *testing.T) {
	a, _ := small(t).Article("what-is-iq", "de")
	var got []string
	for _, run := range richtext.Parse(a.Body) {
		if run.Link != "" {
			got = append(got, run.Link)
		}
	}
	want := []string{"https://example.org/a_b", "mailto:iq_rlp@example.org", "tel:+493018151111"}
	if !slices.Equal(got, want) {
		t.Errorf("links are %q, want %q", got, want)
	}
}

func TestArticleFallsBack(t *testing.T) {
	l := small(t)
	for _, tt := range []struct {
		name, topic, lang, want string
	}{
		{"own language", "costs", "uk", "uk"},
		{"first of the chain", "costs", "ar", "en"},
		{"end of the chain", "what-is-iq", "en", "de"},
		{"unknown language", "costs", "xx", "de"},
		{"unknown topic", "weather", "de", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, ok := l.Article(tt.topic, tt.lang)
			if a.Lang != tt.want || ok != (tt.want != "") {
				t.Errorf("Article(%q, %q) is in %q, %v; want %q", tt.topic, tt.lang, a.Lang, ok, tt.want)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	l := small(t)
	for lang, want := range map[string][]string{
		"de": {}, "en": {"what-is-iq"}, "ar": {"costs"}, "xx": {"costs", "what-is-iq"},
	} {
		if got := l.Missing(lang); !slices.Equal(got, want) {
			t.Errorf("Missing(%q) = %v, want %v", lang, got, want)
		}
	}
}

func TestStale(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	outdated := Stale{"en/articles/costs.md", 3, "costs", day("2026-11-24")}
	fee := Stale{"facts.yaml", 9, "fee.copy", day("2027-02-01")}
	greeting := Stale{"uk/talk/greeting.md", 3, "greeting", day("2026-11-24")}
	l := small(t)
	for _, tt := range []struct {
		name, now string
		want      []Stale
	}{
		{"nothing before the original changed", "2026-11-23", []Stale{}},
		{"translation older than its original", "2026-11-24", []Stale{outdated, greeting}},
		{"fact still good on its last day", "2027-01-31", []Stale{outdated, greeting}},
		{"fact overdue on the day after", "2027-02-01", []Stale{outdated, fee, greeting}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, l.Stale(day(tt.now))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadReadsFilesOfAnyEditor(t *testing.T) {
	files := folder(t)
	cat := catalog(t, files)
	want, err := Load(files, cat)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range files {
		if strings.Contains(name, "articles") || strings.Contains(name, "talk") || name == factsFile || name == topicsFile {
			f.Data = append([]byte("\ufeff"), bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))...)
		}
	}
	got, err := Load(files, cat)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.articles, got.articles); diff != "" {
		t.Errorf("with BOM and CRLF (-want +got):\n%s", diff)
	}
}

func TestLoadReportsAllFaultsInOrder(t *testing.T) {
	files := folder(t)
	cat := catalog(t, files)
	for file, edit := range map[string][2]string{
		factsFile:                         {"value: 45", "value: viel"},
		"de/articles/costs.md":            {"status: reviewed", "status: draft"},
		"uk/articles/costs.questions.txt": {"ціна", "…"},
	} {
		files[file].Data = bytes.Replace(files[file].Data, []byte(edit[0]), []byte(edit[1]), 1)
	}
	_, err := Load(files, cat)
	want := []string{
		`de/articles/costs.md:4: status "draft" is neither machine nor reviewed`,
		`facts.yaml:10: fact "share.paid": "viel" is not a number that kind percent takes`,
		"uk/articles/costs.questions.txt:2: the question has no words",
	}
	if got := lines(err); !slices.Equal(got, want) {
		t.Errorf("Load:\n%s", strings.Join(got, "\n"))
	}
	var f content.Fault
	if !errors.As(err, &f) || f.File != "de/articles/costs.md" || f.Line != 4 {
		t.Errorf("the first fault is %+v, want that of de/articles/costs.md, line 4", f)
	}
}

// Languages are read side by side: their faults come out in order all the same.
func TestLoadReportsTheFaultsOfTwoLanguagesInOrder(t *testing.T) {
	files := folder(t)
	cat := catalog(t, files)
	for file, edit := range map[string][2]string{
		"de/articles/costs.md":            {"status: reviewed", "status: draft"},
		"de/articles/what-is-iq.md":       {"fact \"iq.since\"", "fact \"iq.sense\""},
		"uk/articles/costs.md":            {"status: machine", "status: draft"},
		"uk/articles/costs.questions.txt": {"ціна", "…"},
		"ar/articles/what-is-iq.md":       {"status: machine", "status: draft"},
	} {
		files[file].Data = bytes.Replace(files[file].Data, []byte(edit[0]), []byte(edit[1]), 1)
	}
	want := []string{
		`ar/articles/what-is-iq.md:4: status "draft" is neither machine nor reviewed`,
		`de/articles/costs.md:4: status "draft" is neither machine nor reviewed`,
		`de/articles/what-is-iq.md:6: fact "iq.sense" is unknown`,
		`uk/articles/costs.md:4: status "draft" is neither machine nor reviewed`,
		"uk/articles/costs.questions.txt:2: the question has no words",
	}
	for range 20 {
		l, err := Load(files, cat)
		if got := lines(err); l != nil || !slices.Equal(got, want) {
			t.Fatalf("Load: %v\n%s\nwant:\n%s", l, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestTornFilesAreReportedAlone: of a file that cannot be read, nobody knows what it would use.
func TestTornFilesAreReportedAlone(t *testing.T) {
	for file, want := range map[string]string{
		topicsFile: "topics.yaml:2: not valid YAML: did not find expected ',' or ']'",
		talkFile:   "talk.yaml:2: not valid YAML: did not find expected ',' or ']'",
	} {
		files := folder(t)
		cat := catalog(t, files)
		edit := func(file, old, new string) {
			files[file].Data = bytes.Replace(files[file].Data, []byte(old), []byte(new), 1)
		}
		edit(factsFile, "sources:", "sources:\n  extra: {label: Buch, retrieved: 2026-11-24}")
		edit(topicsFile, "[law]", "[law, extra]")
		edit(talkFile, "[page]", "[page, extra]")
		if _, err := Load(files, cat); err != nil {
			t.Fatal(err)
		}
		// Only the torn file would name the source.
		for _, other := range []string{topicsFile, talkFile} {
			if other != file {
				edit(other, ", extra]", "]")
			}
		}
		edit(file, map[string]string{topicsFile: "topics:", talkFile: "kinds:"}[file], "x: [")
		_, err := Load(files, cat)
		if got := lines(err); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is torn:\n%s\nwant:\n%s", file, strings.Join(got, "\n"), want)
		}
	}
}

// TestLoadTwiceAtOnce: nothing is shared between two libraries, and none depends
// on which language was read first.
func TestLoadTwiceAtOnce(t *testing.T) {
	files := folder(t)
	cat := catalog(t, files)
	want := small(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := Load(files, cat)
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(want.articles, got.articles); diff != "" {
				t.Errorf("articles (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.talks, got.talks); diff != "" {
				t.Errorf("talks (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.stale, got.stale); diff != "" {
				t.Errorf("stale (-want +got):\n%s", diff)
			}
		})
	}
	group.Wait()
}

func TestLoadNeedsALanguage(t *testing.T) {
	if l, err := Load(folder(t), &locale.Catalog{}); l != nil || err == nil || err.Error() != "load articles: the catalogue has no language" {
		t.Errorf("Load = %v, %v", l, err)
	}
}

func TestFigure(t *testing.T) {
	for text, want := range map[string]string{
		"Niveau B2, § 16d und § 44 BQFG": "",
		"1. Antrag stellen":              "",
		"A2-Kurs":                        "",
		"/delete löscht alles":           "",
		"in 3 Monaten":                   "3",
		"1.200 Euro":                     "1.200",
		"am 24.12.2026":                  "24.12.2026",
		"3-monatig":                      "3",
		"www.example.org/a":              "www.example.org/a",
		"١٠ أيام":                        "١٠",
		"۱۰ روز":                         "۱۰",
	} {
		if got := figure(text); got != want {
			t.Errorf("figure(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzLoad: whatever an editor writes, Load returns a library or faults with a
// place, and never panics.
func FuzzLoad(f *testing.F) {
	files := folder(f)
	cat := catalog(f, files)
	text := func(file string) string { return string(files[file].Data) }
	f.Add(text(factsFile), text("de/articles/costs.md"), text("de/articles/costs.questions.txt"), text(topicsFile), text(talkFile), text("de/talk/danger.phrases.txt"), "openings: [und]\n")
	f.Add("facts: {a: *b}", "---\ntitle: x\n---\n{{fact \"fee.range\"}", "#", "topics: {costs: {related: [*a]}}", "kinds: {greeting: &a {crisis: *a}}", "... & x", "aspects: {a: [b]}")
	f.Add("sources: []", "---\nsources: {a: b}\n---\n[x]({{fact \"a\"}})", "?", "topics: []\naspects: [{id: a, contacts: true}]", "kinds: [a]", "(x)", "aspects: {a: [b*, *c]}")
	f.Add(text(factsFile), text("de/articles/costs.md"), "x", text(topicsFile)+"aspects: [{id: a, article: costs, facts: [fee.], instead: {costs: what-is-iq}}]\n", text(talkFile), "? x ... (y) & z*\n👋", "aspects: {a: [kost*]}\nfillers: [was]\n")
	f.Fuzz(func(t *testing.T, facts, article, questions, topics, kinds, phrases, followups string) {
		files := maps.Clone(files)
		files[factsFile] = &fstest.MapFile{Data: []byte(facts)}
		files["de/articles/costs.md"] = &fstest.MapFile{Data: []byte(article)}
		files["de/articles/costs.questions.txt"] = &fstest.MapFile{Data: []byte(questions)}
		files[topicsFile] = &fstest.MapFile{Data: []byte(topics)}
		files[talkFile] = &fstest.MapFile{Data: []byte(kinds)}
		files["de/talk/danger.phrases.txt"] = &fstest.MapFile{Data: []byte(phrases)}
		files["de/"+followupsFile] = &fstest.MapFile{Data: []byte(followups)}
		l, err := Load(files, cat)
		if (l == nil) == (err == nil) {
			t.Fatalf("Load = %v, %v", l, err)
		}
		if err == nil {
			a, ok := l.Article("costs", "de")
			if !ok || a.Title == "" || a.Body == "" || len(a.Questions) == 0 || strings.Contains(a.Body, "{{") {
				t.Errorf("Load took %+v", a)
			}
			return
		}
		faults, others := content.Split(err)
		if len(faults) == 0 || len(others) > 0 {
			t.Errorf("no faults: %v", err)
		}
		for _, f := range faults {
			if f.File == "" || f.Line < 1 || f.Reason == "" {
				t.Errorf("fault without a place: %v", f)
			}
		}
	})
}
