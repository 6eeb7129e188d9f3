package hear

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"iqbot/internal/answer/reading"
)

var (
	kinds = []Kind{
		{Name: "danger", Crisis: true, Rank: 2}, {Name: "worry", Crisis: true, Rank: 1},
		{Name: "greeting", Polite: true, Rank: 1}, {Name: "thanks", Polite: true, Rank: 2}, {Name: "mood", Rank: 3}, {Name: "reply", Rank: 1},
	}
	grammar = &reading.Grammar{Articles: []string{"ال"}, Conjunctions: []string{"و"}}
)

// usual are the words of questions.
func usual(word string) bool {
	return slices.Contains([]string{"costs", "german", "choosing", "sterbend"}, word)
}

// ear returns one with phrases, by the name of a kind; they must be right.
func ear(t testing.TB, phrases map[string][]string) *Ear {
	t.Helper()
	e := New(kinds, grammar, usual)
	for i, k := range kinds {
		for _, line := range phrases[k.Name] {
			if reason := e.Add(i, "en", line); reason != "" {
				t.Fatalf("%s %q: %s", k.Name, line, reason)
			}
		}
	}
	return e
}

func read(text string) reading.Text { return reading.New(grammar).Read(text) }

// TestPhrases shows every sign that a phrase may have.
func TestPhrases(t *testing.T) {
	for phrase, messages := range map[string]struct{ heard, not []string }{
		"kill myself":          {heard: []string{"I kill myself now", "KILL, myself!", "kill myseelf"}, not: []string{"kill", "myself kill", "kill or myself"}},
		"suicid*":              {heard: []string{"suicide", "Suicidal thoughts", "suicid"}, not: []string{"suici", "asuicide"}},
		"my husband|father":    {heard: []string{"my husband", "oh my father"}, not: []string{"my brother", "husband"}},
		"you are (very) bad":   {heard: []string{"you are bad", "you are very bad"}, not: []string{"you are so bad", "you very bad"}},
		"bad (day)":            {heard: []string{"bad day", "what a bad"}, not: []string{"day"}},
		"want ... die":         {heard: []string{"want die", "want to die", "want to really just die"}, not: []string{"want to really just now die", "die want"}},
		"passport & took":      {heard: []string{"passport took", "took my passport", "he took away from me the old passport"}, not: []string{"passport", "took it and then went away to look for my passport"}},
		"she|he took & papers": {heard: []string{"my papers, he took them"}, not: []string{"took papers"}},
		"hallooo there":        {heard: []string{"hallo there", "haloooo there"}, not: []string{"hallo where"}},
		"في خطر":               {heard: []string{"أنا في الخطر", "وفي خطر"}, not: []string{"خطر"}},
	} {
		e := ear(t, map[string][]string{"danger": {phrase}})
		want := Alarm{Kind: "danger", Lang: "en"}
		for _, message := range messages.heard {
			if got := e.Alarm(read(message)); got != want {
				t.Errorf("%q gives %+v by the phrase %q", message, got, phrase)
			}
		}
		for _, message := range messages.not {
			if got := e.Alarm(read(message)); got != (Alarm{}) {
				t.Errorf("%q gives %+v by the phrase %q", message, got, phrase)
			}
		}
	}
}

func TestAddNamesWhatIsWrong(t *testing.T) {
	const (
		crisis    = 0
		smallTalk = 2
	)
	for _, tt := range []struct {
		kind         int
		phrase, want string
	}{
		{crisis, "? x ... (y) & z|w", ""},
		{smallTalk, "hello (dear) you|him", ""},
		{smallTalk, "👋", ""},
		{crisis, "... x", "... must stand between two words"},
		{crisis, "x ...", "... must stand between two words"},
		{crisis, "x ... & y", "... must stand between two words"},
		{crisis, "x &", "words are missing beside &"},
		{crisis, "& x", "words are missing beside &"},
		{crisis, "ab*", `"ab*" is too short for the beginning of a word`},
		{crisis, "aabb*", `"aabb*" is too short for the beginning of a word`}, // letters that repeat are one
		{crisis, "a-b", `"a-b" is not one word`},
		{crisis, "a||b", `"" is not one word`},
		{crisis, "(x) y", `"(x)": brackets are around one word, which is not the first`},
		{crisis, "x (y", `"(y": brackets are around one word, which is not the first`},
		{crisis, "x y)", `"y)": brackets are around one word, which is not the first`},
		{crisis, "x (y z)", `"(y": brackets are around one word, which is not the first`},
		{crisis, "---", "the phrase has no words"},
		{smallTalk, "? x", "? and ! in front are for a crisis only"},
		{smallTalk, "! x", "? and ! in front are for a crisis only"},
		{smallTalk, "x & y", "& and ... are for a crisis only"},
		{smallTalk, "x ... y", "& and ... are for a crisis only"},
	} {
		e := New(kinds, grammar, usual)
		if got := e.Add(tt.kind, "en", tt.phrase); got != tt.want {
			t.Errorf("Add(%s, %q) = %q, want %q", kinds[tt.kind].Name, tt.phrase, got, tt.want)
		}
	}
}

func TestAlarm(t *testing.T) {
	e := ear(t, map[string][]string{
		"danger":   {"i want to die", "mein mann schlägt", "choking", "selbstmordgedanken", "sterben will", "! die of laughter", "👿"},
		"worry":    {"? danger", "? die", "homeless", "i want"},
		"greeting": {"hello"},
	})
	for _, tt := range []struct{ name, message, kind string }{
		{"what is sure before what is perhaps", "in danger, I want to die", "danger"},
		{"the higher rank", "homeless, i want to die", "danger"},
		{"sure of a lower rank before doubtful of a higher", "homeless in danger", "worry"},
		{"perhaps", "is there danger?", "worry?"},
		{"harmless", "I could die of laughter", ""},
		{"harmless, and the same again", "I could die of laughter, i want to die", "danger"},
		{"small talk is no alarm", "hello", ""},
		{"an umlaut in two letters", "mein mann schlaegt mich", "danger"},
		{"letters swapped", "mein mann shclägt mich", "danger"},
		{"two letters wrong", "mein mann slcahgt mich", ""},
		{"a short word with an error is another", "i want to dye", "worry"},
		{"a lonely word of seven letters with an error is another", "chocking", ""},
		{"a long lonely word with an error", "selbstmrodgedanken", "danger"},
		{"a typing error that is a word of questions", "sterbend will", ""},
		{"a typing error", "streben will", "danger"},
		{"signs of a crisis beside words are none", "👿 ok", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := Alarm{}
			if kind, doubtful := strings.CutSuffix(tt.kind, "?"); kind != "" {
				want = Alarm{Kind: kind, Lang: "en", Doubtful: doubtful}
			}
			if got := e.Alarm(read(tt.message)); got != want {
				t.Errorf("Alarm(%q) = %+v, want %+v", tt.message, got, want)
			}
		})
	}
}

func TestSmallTalk(t *testing.T) {
	e := ear(t, map[string][]string{
		"danger":   {"i want to die"},
		"greeting": {"hello", "good morning", "مرحبا", "👋"},
		"thanks":   {"thanks", "thank you", "🙏"},
		"mood":     {"i am (so) tired"},
		"reply":    {"good", "ok", "ok i", "👍"},
	})
	e.AddFiller("well dear")
	for _, tt := range []struct{ name, message, want string }{
		{"one phrase", "Hello!", "greeting"},
		{"letters repeated", "helloooo", "greeting"},
		{"the longest phrase", "good morning", "greeting"},
		{"the longest phrase leads nowhere", "ok i am tired", "mood"},
		{"two kinds: the higher rank", "thanks, hello", "thanks"},
		{"equal ranks: the last", "hello ok", "reply"},
		{"equal ranks, the other way round", "ok hello", "greeting"},
		{"fillers", "well, hello dear", "greeting"},
		{"fillers only", "well dear", ""},
		{"a name", "hello Ahmed Mansour", "greeting"},
		{"a name behind a filler", "hello dear Ahmed", "greeting"},
		{"a name of three words", "hello Ahmed ben Mansour", ""},
		{"a number is no name", "hello a1b", ""},
		{"a letter is no name", "hello x", ""},
		{"a word of questions is no name", "hello German", ""},
		{"a name beside words that are not polite", "i am tired Ahmed", ""},
		{"a crisis is no small talk", "i want to die", ""},
		{"signs", "🙏🙏", "thanks"},
		{"several signs", "👍 👋", "greeting"},
		{"unknown signs", "🚗", ""},
		{"words count before signs", "hello 🙏", "greeting"},
		{"an Arabic conjunction", "ومرحبا", "greeting"},
		{"a typing error", "thnaks", "thanks"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := e.SmallTalk(read(tt.message)); got != tt.want {
				t.Errorf("SmallTalk(%q) = %q, want %q", tt.message, got, tt.want)
			}
		})
	}
}

func TestQuestionIsWithoutPoliteWords(t *testing.T) {
	e := ear(t, map[string][]string{"greeting": {"hello", "good morning"}, "thanks": {"thanks", "thank you"}, "mood": {"i am tired"}})
	for message, want := range map[string]string{
		"Hello! Good morning. What does it cost? Thank you": "What does it cost",
		"what does it cost":    "what does it cost",
		"what, hello, is that": "what, hello, is that",
		"i am tired, what now": "i am tired, what now", // no politeness
		"Hello, thanks!":       "Hello, thanks!",       // nothing else is there
		"  thanks what  ":      "what",
		"":                     "",
	} {
		got := e.Question(read(message))
		if got.Raw != want {
			t.Errorf("Question(%q) = %q, want %q", message, got.Raw, want)
		}
		for _, k := range got.Tokens {
			if again := read(got.Raw[k.From:k.To]); len(again.Tokens) != 1 || again.Tokens[0].Plain() != k.Plain() {
				t.Errorf("%q in %q stands at %d", k.Plain(), got.Raw, k.From)
			}
		}
	}
}

func TestNoEarHearsNothing(t *testing.T) {
	var e *Ear
	text := read("hello, i want to die")
	if a, kind, q := e.Alarm(text), e.SmallTalk(text), e.Question(text); a != (Alarm{}) || kind != "" || q.Raw != text.Raw {
		t.Errorf("%+v, %q, %q", a, kind, q.Raw)
	}
}

func TestEarIsSafeForConcurrentUse(t *testing.T) {
	e := ear(t, map[string][]string{"danger": {"selbstmordgedanken"}, "greeting": {"hello"}})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if a := e.Alarm(read("hello Ahmed, selbstmrodgedanken")); a.Kind != "danger" {
					t.Errorf("Alarm = %+v", a)
				}
				if kind := e.SmallTalk(read("hello Ahmed")); kind != "greeting" {
					t.Errorf("SmallTalk = %q", kind)
				}
			}
		})
	}
	group.Wait()
}

// TestUsualWordsAreAskedForOnlyIfTheyMatter: gathering them takes a while.
func TestUsualWordsAreAskedForOnlyIfTheyMatter(t *testing.T) {
	asked := 0
	e := New(kinds, grammar, func(string) bool { asked++; return false })
	for _, line := range []string{"i want to die", "selbstmordgedanken"} {
		if reason := e.Add(0, "en", line); reason != "" {
			t.Fatal(reason)
		}
	}
	e.Alarm(read("Was kostet die Anerkennung meiner Zeugnisse, i want to die"))
	if asked > 0 {
		t.Errorf("asked for %d words, none of which is nearly one of a phrase", asked)
	}
	e.Alarm(read("selbstmrodgedanken"))
	if asked == 0 {
		t.Error("not asked whether a typing error is a word of questions")
	}
}

func TestNear(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"sterben", "sterben", true}, {"sterben", "streben", true}, {"sterben", "steben", true}, {"sterben", "sterbens", true},
		{"sterben", "starben", true}, {"sterben", "starbem", false}, {"sterben", "stern", false}, {"", "", true}, {"a", "", true}, {"ab", "", false},
	} {
		if got := near([]rune(tt.a), []rune(tt.b)); got != tt.want || near([]rune(tt.b), []rune(tt.a)) != tt.want {
			t.Errorf("near(%q, %q) = %t, want %t", tt.a, tt.b, got, tt.want)
		}
	}
}

// FuzzEar: whatever an editor and a person write, a phrase is taken or refused, and
// the same is heard every time.
func FuzzEar(f *testing.F) {
	for _, file := range []string{"crisis.tsv", "calm.tsv"} {
		data, err := os.ReadFile("../testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			message := strings.TrimSuffix(line[strings.LastIndex(line, "\t")+1:], "\n")
			f.Add("? "+message, message)
		}
	}
	f.Add("x ... (y) & z* & w|v", "w z a y x")
	f.Add("! passport & took", "took passport")
	f.Add("👋", "👋🏽")
	f.Add("\xff! & ... ? (x)", "\xff")
	f.Fuzz(func(t *testing.T, phrase, message string) {
		if len(phrase) > 1000 || len(message) > 4*MaxAlarmText {
			t.Skip("longer than any that is read")
		}
		e := New(kinds, grammar, usual)
		taken := 0
		for i := range kinds {
			if e.Add(i, "en", phrase) == "" {
				taken++
			}
		}
		text := read(message)
		a := e.Alarm(text)
		if again := e.Alarm(read(message)); again != a {
			t.Errorf("Alarm = %+v, then %+v", a, again)
		}
		kind := e.SmallTalk(text)
		if again := e.SmallTalk(read(message)); again != kind {
			t.Errorf("SmallTalk = %q, then %q", kind, again)
		}
		if taken == 0 && (a != Alarm{} || kind != "") {
			t.Errorf("without a phrase, %q gives %+v and %q", message, a, kind)
		}
		if q := e.Question(text); !strings.Contains(message, q.Raw) {
			t.Errorf("Question(%q) = %q", message, q.Raw)
		}
	})
}
