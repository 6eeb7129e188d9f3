package answer

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"iqbot/internal/answer/follow"
)

// followupCase is a line of testdata/followups.tsv.
type followupCase struct {
	lang, topic, question string
	want                  []string
}

func followupCases(t testing.TB) (list []followupCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/followups.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 4 {
			t.Fatalf("testdata/followups.tsv: %q has %d columns, want 4", line, len(cells))
		}
		list = append(list, followupCase{cells[0], cells[1], cells[2], strings.Split(cells[3], "|")})
	}
	return list
}

// wanted says what came of a question, in the way of the file.
func wanted(r Result) string {
	switch {
	case r.Contacts || r.Place != "":
		return "contacts"
	case r.Outcome == Found:
		return r.Candidates[0].Topic
	}
	return string(r.Outcome)
}

// TestFollowups measures questions that go on with a topic.
func TestFollowups(t *testing.T) {
	x := index(t)
	all, right, alone := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range followupCases(t) {
		all[c.lang]++
		r := x.FindAfter(c.question, c.lang, c.topic)
		alone[c.lang] += count(slices.Contains(c.want, wanted(x.Find(c.question, c.lang))))
		if slices.Contains(c.want, wanted(r)) {
			right[c.lang]++
		} else {
			t.Logf("%s after %s: %q gives %s %+v, want %v", c.lang, c.topic, c.question, wanted(r), r, c.want)
		}
	}
	for lang, n := range all {
		t.Logf("%s: %.3f of %d are right, %.3f without the topic", lang, share(right[lang], n), n, share(alone[lang], n))
		if share(right[lang], n) < 0.95 {
			t.Errorf("%s: %.3f are right, want 0.95", lang, share(right[lang], n))
		}
	}
}

// TestFollowupsLeaveOtherQuestionsAlone: after any article, complete questions
// are answered as without it, but for less than one in a hundred, and no more
// of those off the subject are answered.
func TestFollowupsLeaveOtherQuestionsAlone(t *testing.T) {
	t.Parallel()
	x := index(t)
	chance := rand.New(rand.NewPCG(1, 2))
	n, alone, after, answered := 0, 0, 0, 0
	cases := devSet(t)
	found := make([]Result, len(cases)) // without a topic before, which is the same each time
	for i, c := range cases {
		found[i] = x.Find(c.Question, c.Lang)
	}
	for range 5 {
		for i, c := range cases {
			topic := x.topics[chance.IntN(len(x.topics))]
			a, b := found[i], x.FindAfter(c.Question, c.Lang, topic)
			if c.Topics == nil {
				answered += count(b.Kept != "" && a.Outcome == Unknown)
				continue
			}
			n++
			alone += count(first(a, c.Topics))
			after += count(first(b, c.Topics))
		}
	}
	t.Logf("of %d, %.4f are right alone and %.4f after a topic; %d off the subject are answered", n, share(alone, n), share(after, n), answered)
	if share(alone-after, n) >= 0.01 {
		t.Errorf("%.4f are lost, want less than 0.01", share(alone-after, n))
	}
	if answered > 0 {
		t.Errorf("%d questions off the subject are answered", answered)
	}
}

// first says whether the best candidate is one of topics.
func first(r Result, topics []string) bool {
	return len(r.Candidates) > 0 && !r.Contacts && slices.Contains(topics, r.Candidates[0].Topic)
}

func TestFindAfter(t *testing.T) {
	x := index(t)
	for _, tt := range []struct {
		name, question, lang, topic string
		want                        string // kept topic, answer and place
	}{
		{"no topic", "und was kostet das?", "de", "", ""},
		{"a topic that is gone", "und was kostet das?", "de", "gone", ""},
		{"the general article", "und was kostet das?", "de", "nurses", "nurses costs"},
		{"the topic's own article", "wie lange dauert das?", "de", "nurses", "nurses nurses"},
		{"another article for this topic", "kostet das was?", "de", "iq-counselling", "iq-counselling counselling-cost"},
		{"addresses", "wo?", "de", "nurses", "nurses contacts"},
		{"words that may be a place", "und in Bad Kreuznach?", "de", "nurses", " place bad kreuznach"},
		{"a question in another language", "how much is that?", "de", "nurses", "nurses costs"},
		{"Russian in a Ukrainian dialogue", "а сколько это стоит?", "uk", "nurses", "nurses costs"},
		{"an opening in one with the next word", "وكم يكلف؟", "ar", "nurses", "nurses costs"},
		{"an article in one with its word", "والتكاليف؟", "ar", "nurses", "nurses costs"},
		{"a complete question", "Wie lange dauert die Anerkennung?", "de", "degree-evaluation", ""},
		{"a question with a subject of its own", "Was kostet die Anerkennung der Zeugnisse?", "de", "nurses", ""},
		{"off the subject", "und wie wird das Wetter auf dem Mond?", "de", "nurses", " place wetter dem mond"},
		{"off the subject, with a word for money", "was kostet das iPhone vom letzten Sommer?", "de", "nurses", ""},
		{"too long", "und " + strings.Repeat("das ", follow.MaxWords) + "kostet?", "de", "nurses", ""},
		{"nothing", "", "de", "nurses", ""},
		{"signs", "?!", "de", "nurses", ""},
		{"thanks", "danke", "de", "nurses", ""},
		{"no words for the language", "und was kostet das?", "xx", "nurses", "nurses costs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := x.FindAfter(tt.question, tt.lang, tt.topic)
			got := ""
			switch {
			case r.Place != "":
				got = " place " + r.Place
			case r.Contacts:
				got = r.Kept + " contacts"
			case r.Kept != "":
				got = r.Kept + " " + r.Candidates[0].Topic
			}
			if got != tt.want {
				t.Errorf("FindAfter(%q, %q, %q) gives %q, want %q: %+v", tt.question, tt.lang, tt.topic, got, tt.want, r)
			}
		})
	}
	if r := new(Index).FindAfter("und was kostet das?", "de", "nurses"); r.Outcome != Unknown {
		t.Errorf("the zero index gives %+v", r)
	}
}

// withFollowups is the small content with words of German questions that go on.
func withFollowups(t testing.TB) fstest.MapFS {
	t.Helper()
	files := smallContent(t)
	const aspects = "aspects:\n  - id: costs\n    article: costs\n    facts: [fee.]\n  - id: place\n    contacts: true\n"
	const words = "openings: [und]\npointers: [das]\nfillers: [was]\naspects:\n  costs: [kost*]\n  place: [wo]\n"
	files["topics.yaml"].Data = append(files["topics.yaml"].Data, aspects...)
	files["de/followups.yaml"] = &fstest.MapFile{Data: []byte(words)}
	return files
}

// FuzzFindAfter: whatever a person writes, the result is in bounds, the same
// every time, and keeps no other topic.
func FuzzFindAfter(f *testing.F) {
	for _, c := range followupCases(f) {
		f.Add(c.question, c.lang, "costs")
	}
	f.Add("und \xff", "de", "costs")
	l, err := load(withFollowups(f))
	if err != nil {
		f.Fatal(err)
	}
	x := NewIndex(l)
	f.Fuzz(func(t *testing.T, question, lang, topic string) {
		r := x.FindAfter(question, lang, topic)
		checkResult(t, x, r)
		if r.Kept != "" && (r.Kept != topic || r.Outcome != Found) {
			t.Errorf("after %q: %+v", topic, r)
		}
		if again := x.FindAfter(question, lang, topic); fmt.Sprint(again) != fmt.Sprint(r) {
			t.Errorf("FindAfter = %+v, then %+v", r, again)
		}
	})
}

func BenchmarkFindAfter(b *testing.B) {
	x := index(b)
	b.ReportAllocs()
	for b.Loop() {
		x.FindAfter("und wie lange dauert das ungefähr?", "de", "nurses")
	}
}
