package answer

import (
	"os"
	"strings"
	"testing"
)

// languageCase is a line of testdata/languages.tsv; "-" is "" here.
type languageCase struct{ kind, from, want, text string }

func languageCases(t testing.TB) (list []languageCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/languages.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if len(cells) != 4 {
			t.Fatalf("testdata/languages.tsv: %q has %d columns, want 4", line, len(cells))
		}
		for i, c := range cells {
			cells[i] = strings.TrimPrefix(c, "-")
		}
		list = append(list, languageCase{cells[0], cells[1], cells[2], cells[3]})
	}
	return list
}

// tell is the language that the index tells of a text in a dialogue.
func tell(x *Index, text, from string) string {
	return x.tongues.Tell(x.library.Read(text, MaxQuestion), from)
}

// TestTongues measures telling languages on short texts, in every language of
// the dialogue. An answer in a wrong language, which a person would notice,
// comes only for one text of kind fresh, in three dialogues; another language
// was told from 91.9 to 98.5 % by pair on 2026-11-24.
func TestTongues(t *testing.T) {
	tags := []string{"ar", "de", "en", "uk"}
	x := index(t)
	type figures struct{ texts, told int }
	told := map[string]*figures{}
	wrong := 0
	for _, c := range languageCases(t) {
		dialogues := tags
		if c.from != "" {
			dialogues = []string{c.from}
		}
		for _, from := range dialogues {
			got := tell(x, c.text, from)
			if got != "" && got != from && got != c.want {
				wrong++
				t.Logf("%s in a dialogue in %s: %q is taken for %q, want %q", c.kind, from, c.text, got, c.want)
			}
			if c.want == "" || c.want == from {
				continue
			}
			if told[from+" "+c.want] == nil {
				told[from+" "+c.want] = &figures{}
			}
			f := told[from+" "+c.want]
			f.texts++
			f.told += count(got == c.want)
		}
	}
	if wrong > 3 {
		t.Errorf("%d texts are taken for a wrong language, want 3 at most", wrong)
	}
	for pair, f := range told {
		t.Logf("%s: told %.3f of %d", pair, share(f.told, f.texts), f.texts)
		if share(f.told, f.texts) < 0.90 {
			t.Errorf("%s: told %.3f, want 0.90", pair, share(f.told, f.texts))
		}
	}
}

// TestTonguesStay: hardly any question of the development set is taken for
// another language than the dialogue's. Those that are, are in it: four of 239.
func TestTonguesStay(t *testing.T) {
	x := index(t)
	questions, left := 0, 0
	for _, c := range devSet(t) {
		questions++
		if got := tell(x, c.Question, c.Lang); got != c.Lang && got != "" {
			left++
			t.Logf("%s %q in a dialogue in %s is taken for %s", c.ID, c.Question, c.Lang, got)
		}
	}
	if share(left, questions) > 0.03 {
		t.Errorf("%d of %d questions leave the dialogue's language", left, questions)
	}
}

func TestTonguesOfOddTexts(t *testing.T) {
	x := index(t)
	for _, tt := range []struct{ name, from, text, want string }{
		{"no language of the dialogue", "", "Wie viel kostet das alles?", "de"},
		{"letters taken apart", "de", "скільки кошту\u0454 і ї\u0301 и\u0306", "uk"},
		{"Arabic with vowels", "de", "هَلْ أَحْتَاجُ إِلَى ذٰلِكَ", "ar"},
		{"nothing", "de", "", ""},
		{"numbers", "de", "12345", ""},
		{"signs", "de", "👍 ?!", ""},
		{"broken bytes", "de", "\xff\xfe how much is it", "en"},
		{"capitals", "de", "HOW MUCH IS IT", "en"},
		{"a script without articles", "de", "これはいくらですか", ""},
		{"Georgian", "de", "რა ღირს აღიარება", ""},
		{"Armenian", "en", "որքան արժե ճանաչումը", ""},
		{"Tamil", "en", "அங்கீகாரம் எவ்வளவு", ""},
		{"Thai", "de", "การรับรองราคาเท่าไหร่", ""},
		{"a language of the dialogue without articles", "tr", "Wie viel kostet das?", "de"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tell(x, tt.text, tt.from); got != tt.want {
				t.Errorf("tell(%q, %q) = %q, want %q", tt.text, tt.from, got, tt.want)
			}
		})
	}
	if got := tell(NewIndex(new(Library)), "Wie viel kostet das?", "de"); got != "" {
		t.Errorf("without articles, tell = %q", got)
	}
}

func BenchmarkTongues(b *testing.B) {
	l := realLibrary(b)
	b.Run("learn", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x := NewIndex(l)
			for _, tag := range l.Languages() {
				x.tongues.Learn(tag)
			}
		}
	})
	x := index(b)
	b.Run("tell", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tell(x, "Ich bin Köchin aus Syrien, brauche ich überhaupt eine Anerkennung?", "en")
		}
	})
}
