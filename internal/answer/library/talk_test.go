package library

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"iqbot/internal/answer/hear"
)

// withTalk returns testdata/content with other small talk and crises.
func withTalk(t testing.TB, talk map[string]string) fstest.MapFS {
	t.Helper()
	files := folder(t)
	for name := range files {
		if strings.Contains(name, "/talk/") || name == talkFile {
			delete(files, name)
		}
	}
	for name, text := range talk {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestLoadNamesEveryFaultOfTalk(t *testing.T) {
	const (
		text   = "---\ntitle: \"T\"\nreviewed: 2026-11-24\nstatus: machine\n---\nText.\n"
		a      = "kinds:\n  a:\n    rank: 1\n    buttons: [menu]\n    sources: []\n"
		both   = a + "  b: {}\n"
		crisis = "kinds:\n  a:\n    crisis: true\n    rank: 1\n    buttons: [human, menu]\n    sources: []\n"
	)
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"sound", map[string]string{talkFile: a, "de/talk/a.md": text, "de/talk/a.phrases.txt": "# x\nhello (dear) you|him\n👋\n", "de/talk/fillers.txt": "well\n"}, nil},
		{"no talk at all", nil, nil},
		{"no kinds", map[string]string{talkFile: "kinds: {}\n"}, nil},
		{"unknown file", map[string]string{"de/talk/a.txt": "x"}, []string{"de/talk/a.txt:1: is neither <kind>.md nor <kind>.phrases.txt nor fillers.txt"}},
		{"no phrases", map[string]string{talkFile: a, "de/talk/a.md": text}, []string{"de/talk/a.md:1: there is no file a.phrases.txt"}},
		{"no text", map[string]string{talkFile: a, "de/talk/a.phrases.txt": "x"}, []string{
			"de/talk/a.phrases.txt:1: there is no text a.md", "talk.yaml:2: there is no de/talk/a.md",
		}},
		{"phrases of no kind", map[string]string{"de/talk/a.phrases.txt": "x"}, []string{"de/talk/a.phrases.txt:1: there is no text a.md"}},
		{"kind without text", map[string]string{talkFile: both, "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{"talk.yaml:6: there is no de/talk/b.md"}},
		{"kind missing", map[string]string{talkFile: a, "de/talk/a.md": text, "de/talk/a.phrases.txt": "x", "de/talk/b.md": text, "de/talk/b.phrases.txt": "y"},
			[]string{`de/talk/b.md:1: the kind "b" is not in talk.yaml`}},
		{"kinds missing", map[string]string{"de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{`de/talk/a.md:1: the kind "a" is not in talk.yaml`}},
		{"kind twice", map[string]string{talkFile: a + "  a: {}\n", "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"},
			[]string{`talk.yaml:6: mapping key "a" already defined at line 2`}},
		{"name of a kind with capitals", map[string]string{talkFile: "kinds:\n  A: {}\n", "de/talk/A.md": text, "de/talk/A.phrases.txt": "x"},
			[]string{"de/talk/A.md:1: a kind is lower-case words joined by hyphens, of at most 40 characters"}},
		{"empty", map[string]string{talkFile: a, "de/talk/a.md": text, "de/talk/a.phrases.txt": "# x\n"}, []string{"de/talk/a.phrases.txt:1: the file is empty"}},
		{"empty kinds", map[string]string{talkFile: "# x\n", "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{"talk.yaml:1: the file is empty"}},
		{"unknown field", map[string]string{talkFile: strings.Replace(a, "rank", "order", 1), "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{`talk.yaml:3: unknown key "order"`}},
		{"fields of a kind in its text", map[string]string{talkFile: a, "de/talk/a.md": strings.Replace(text, "status", "crisis: true\nrank: 1\nbuttons: [menu]\nsources: []\nstatus", 1), "de/talk/a.phrases.txt": "x"},
			[]string{`de/talk/a.md:4: unknown key "crisis"`, `de/talk/a.md:5: unknown key "rank"`, `de/talk/a.md:6: unknown key "buttons"`, `de/talk/a.md:7: unknown key "sources"`}},
		{"talk field in an article", map[string]string{"de/articles/costs.md": strings.Replace(string(folder(t)["de/articles/costs.md"].Data), "status", "rank: 1\nbuttons: [menu]\nstatus", 1)},
			[]string{`de/articles/costs.md:4: unknown key "rank"`, `de/articles/costs.md:5: unknown key "buttons"`}},
		{"unknown button", map[string]string{talkFile: strings.Replace(a, "[menu]", "[home]", 1), "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{`talk.yaml:4: button "home" is neither human nor menu`}},
		{"unknown source", map[string]string{talkFile: strings.Replace(a, "sources: []", "sources: [law, lore]", 1), "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{`talk.yaml:5: source "lore" is unknown`}},
		{"number by hand", map[string]string{talkFile: a, "de/talk/a.md": text + "Call 112.\n", "de/talk/a.phrases.txt": "x"}, []string{`de/talk/a.md:7: "112" is written by hand: put it into facts.yaml and name it as a fact`}},
		{"crisis without a human", map[string]string{talkFile: strings.Replace(crisis, "human, ", "", 1), "de/talk/a.md": text, "de/talk/a.phrases.txt": "x"}, []string{"talk.yaml:3: a crisis offers a human: buttons: [human, menu]"}},
		{"other language only", map[string]string{talkFile: a, "uk/talk/a.md": text, "uk/talk/a.phrases.txt": "x"}, []string{
			"talk.yaml:2: there is no de/talk/a.md", "uk/talk/a.md:1: there is no de/talk/a.md, which every kind needs",
		}},
		{"phrase of two kinds", map[string]string{talkFile: both, "de/talk/a.md": text, "de/talk/a.phrases.txt": "x", "de/talk/b.md": text, "de/talk/b.phrases.txt": "y\nX"},
			[]string{`de/talk/b.phrases.txt:2: phrase "X" belongs to a already, in de/talk/a.phrases.txt`}},
		{"phrase of two kinds in two languages", map[string]string{talkFile: both, "de/talk/a.md": text, "de/talk/a.phrases.txt": "x", "de/talk/b.md": text, "de/talk/b.phrases.txt": "y", "uk/talk/b.md": text, "uk/talk/b.phrases.txt": "z\nX"},
			[]string{`uk/talk/b.phrases.txt:2: phrase "X" belongs to a already, in de/talk/a.phrases.txt`}},
		{"broken phrases", map[string]string{talkFile: crisis, "de/talk/a.md": text, "de/talk/a.phrases.txt": "... x\nx ...\nx &\nab*\na-b\n(x) y\nx (y\n---\n"}, []string{
			"de/talk/a.phrases.txt:1: ... must stand between two words", "de/talk/a.phrases.txt:2: ... must stand between two words",
			"de/talk/a.phrases.txt:3: words are missing beside &", `de/talk/a.phrases.txt:4: "ab*" is too short for the beginning of a word`,
			`de/talk/a.phrases.txt:5: "a-b" is not one word`, `de/talk/a.phrases.txt:6: "(x)": brackets are around one word, which is not the first`,
			`de/talk/a.phrases.txt:7: "(y": brackets are around one word, which is not the first`, "de/talk/a.phrases.txt:8: the phrase has no words",
		}},
		{"signs of a crisis in small talk", map[string]string{talkFile: a, "de/talk/a.md": text, "de/talk/a.phrases.txt": "? x\nx & y\nx ... y\n"}, []string{
			"de/talk/a.phrases.txt:1: ? and ! in front are for a crisis only", "de/talk/a.phrases.txt:2: & and ... are for a crisis only",
			"de/talk/a.phrases.txt:3: & and ... are for a crisis only",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := withTalk(t, tt.files)
			_, err := Load(files, catalog(t, files))
			if got := lines(err); !slices.Equal(got, tt.want) {
				t.Errorf("Load:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestTalkOfTheContent: a text is the file's, what is the same in all languages is talk.yaml's.
func TestTalkOfTheContent(t *testing.T) {
	l := small(t)
	danger, ok := l.Talk("danger", "uk")
	if !ok || danger.Lang != "de" || !danger.Crisis || !slices.Equal(danger.Buttons, []string{ButtonHuman, ButtonMenu}) {
		t.Errorf("danger in uk: %+v, %v", danger, ok)
	}
	if len(danger.Sources) != 1 || danger.Sources[0].ID != "page" || !strings.Contains(danger.Body, "+49 30 1815-1111") {
		t.Errorf("danger: sources %v, body %q", danger.Sources, danger.Body)
	}
	greeting, ok := l.Talk("greeting", "uk")
	if !ok || greeting.Lang != "uk" || greeting.Crisis || !slices.Equal(greeting.Buttons, []string{ButtonMenu}) || greeting.Title != "Вітаю" {
		t.Errorf("greeting in uk: %+v, %v", greeting, ok)
	}
	if got := l.TalkKinds(); !slices.Equal(got, []string{"danger", "greeting"}) {
		t.Errorf("kinds: %v", got)
	}
	for lang, want := range map[string][]string{"de": {}, "uk": {"danger"}, "en": {"danger", "greeting"}} {
		if got := l.MissingTalk(lang); !slices.Equal(got, want) {
			t.Errorf("%s has no text for %v, want %v", lang, got, want)
		}
	}
	if _, ok := l.Talk("weather", "de"); ok {
		t.Error("there is a text for weather")
	}
}

// TestEarOfTheContent: what the phrase files say is heard, in the language of the
// file, with the weights of talk.yaml.
func TestEarOfTheContent(t *testing.T) {
	l := small(t)
	for message, want := range map[string]hear.Alarm{
		"Hilfe, ich bin in Gefahr!":    {Kind: "danger", Lang: "de"},
		"Gefahr":                       {Kind: "danger", Lang: "de", Doubtful: true},
		"in dem Film ist er in Gefahr": {},
		"guten Tag, was kostet das":    {},
		strings.Repeat(" ", hear.MaxAlarmText-17) + "ich bin in Gefahr": {Kind: "danger", Lang: "de"},
		strings.Repeat(" ", hear.MaxAlarmText-12) + "ich bin in Gefahr": {},
		"ich bin in Gefahr" + strings.Repeat("€", hear.MaxAlarmText/3):  {Kind: "danger", Lang: "de"}, // cut within a sign
	} {
		if got := l.Ear().Alarm(l.Read(message, hear.MaxAlarmText)); got != want {
			t.Errorf("Alarm(%.60q) = %+v, want %+v", message, got, want)
		}
	}
	for message, want := range map[string]string{
		"Hallo": "greeting", "liebe guten schönen Tag": "greeting", "Добрий день, Guten Tag": "greeting", "👋": "greeting", "hallo Ahmed": "greeting",
		"hallo kosten": "", // a word of a question is no name
		"Kosten":       "", "": "", "liebe": "",
	} {
		if got := l.Ear().SmallTalk(l.Read(message, 100)); got != want {
			t.Errorf("%q is %q, want %q", message, got, want)
		}
	}
}
