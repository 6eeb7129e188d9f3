package answer

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"iqbot/internal/locale"
)

func TestFind(t *testing.T) {
	x := NewIndex(smallLibrary(t))
	for _, tt := range []struct {
		name, question, lang string
		want                 Outcome
		topic                string
	}{
		{"question as it is written", "Was kostet die Anerkennung?", "de", Found, "costs"},
		{"one word", "Kosten", "de", Found, "costs"},
		{"umlaut typed as two letters", "gebuehr", "de", Found, "costs"},
		{"typing error", "wie teur ist das", "de", Found, "costs"},
		{"another language than the dialogue's", "was macht das Netzwerk", "ar", Found, "what-is-iq"},
		{"Arabic", "ماذا تفعل الشبكه", "ar", Found, "what-is-iq"},
		{"topic that only another language has", "скільки коштує", "ar", Found, "costs"},
		{"off the subject", "Wo gibt es Pizza?", "de", Unknown, ""},
		{"nothing", "", "de", Unknown, ""},
		{"signs only", "?! 👍", "de", Unknown, ""},
		{"words behind the limit", strings.Repeat(" ", MaxQuestion) + "kosten", "de", Unknown, ""},
		{"words before the limit", strings.Repeat(" ", MaxQuestion-6) + "kosten" + "ж", "de", Found, "costs"},
		{"unknown language", "costs", "xx", Found, "costs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := x.Find(tt.question, tt.lang)
			topic := ""
			if len(r.Candidates) > 0 {
				topic = r.Candidates[0].Topic
			}
			if r.Outcome != tt.want || topic != tt.topic {
				t.Errorf("Find(%q, %q) = %+v, want %s %s", tt.question, tt.lang, r, tt.want, tt.topic)
			}
		})
	}
}

func TestFindTellsTheLanguage(t *testing.T) {
	x := index(t)
	for question, want := range map[string]string{
		"Wie viel kostet das alles?": "de",
		"How much does it cost?":     "en",
		"كم يكلف الاعتراف":           "ar",
		"скільки коштує визнання":    "uk",
		"":           "",
		"12345":      "",
		"IQ":         "",
		"これはいくらですか":  "",
		"ეს რა ღირს": "",
		"chi phí công nhận bằng cấp là mấy ạ": "",
	} {
		if got := x.Find(question, "de").Lang; got != want {
			t.Errorf("the language of %q is %q, want %q", question, got, want)
		}
	}
}

func TestFindIsSafeForConcurrentUse(t *testing.T) {
	x := NewIndex(smallLibrary(t))
	want := fmt.Sprint(x.Find("kosten", "de"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := fmt.Sprint(x.Find("kosten", "de")); got != want {
					t.Errorf("Find = %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestZeroIndexKnowsNothing(t *testing.T) {
	if r := new(Index).Find("kosten", "de"); r.Outcome != Unknown || len(r.Candidates) != 0 {
		t.Errorf("Find = %+v", r)
	}
}

func TestFindTakesEveryQuestionOfTheContent(t *testing.T) {
	l := realLibrary(t)
	x := index(t)
	for _, tag := range l.Languages() {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			n := 0
			eachArticle(l, tag, func(_ int, a Article) {
				for _, q := range append([]string{a.Title}, a.Questions...) {
					n++
					r := x.Find(q, tag)
					if r.Outcome == Talk && (a.Topic == "talk-to-human" || a.Topic == "what-is-iq") {
						continue // what is said about the bot is small talk that says as much as the article
					}
					// Another topic may be asked for just so; then both are offered.
					if r.Outcome == Unknown || !slices.ContainsFunc(r.Candidates, func(c Candidate) bool { return c.Topic == a.Topic }) {
						t.Errorf("%s: Find(%q) = %+v", a.Topic, q, r)
					}
				}
			})
			if n < len(l.Topics()) {
				t.Errorf("only %d questions were asked", n)
			}
		})
	}
}

func ExampleIndex_Find() {
	content := os.DirFS("library/testdata/content")
	cat, err := locale.Load(content)
	if err != nil {
		log.Fatal(err)
	}
	library, err := Load(content, cat)
	if err != nil {
		log.Fatal(err)
	}
	index := NewIndex(library)

	// The dialogue is in Ukrainian, the question in German.
	r := index.Find("Wie teuer ist es?", "uk")
	a, _ := library.Article(r.Candidates[0].Topic, "uk")
	fmt.Println(r.Outcome, r.Lang, a.Title)
	fmt.Println(index.Find("Wo gibt es Pizza?", "uk").Outcome)
	// Output:
	// found de Скільки коштує визнання?
	// unknown
}

func checkResult(t *testing.T, x *Index, r Result) {
	t.Helper()
	n := len(r.Candidates)
	switch r.Outcome {
	case Talk:
		if n != 0 || r.Talk == "" {
			t.Errorf("talk of kind %q with %d candidates", r.Talk, n)
		}
	case Unknown:
		if n != 0 {
			t.Errorf("unknown, yet with candidates: %+v", r)
		}
	case Found:
		if n < 1 || n > maxCandidates {
			t.Errorf("found %d candidates", n)
		}
	case Several:
		if n < 2 || n > maxCandidates {
			t.Errorf("several are %d candidates", n)
		}
	default:
		t.Errorf("outcome %q", r.Outcome)
	}
	if len(r.Ranked) > maxRanked || len(r.Ranked) < n && r.Kept == "" {
		t.Errorf("%d topics are ranked", len(r.Ranked))
	}
	for i, c := range r.Ranked {
		if !(c.Score > 0 && c.Score <= 1) || !slices.Contains(x.topics, c.Topic) || i > 0 && c.Score > r.Ranked[i-1].Score {
			t.Errorf("candidate %d of %+v", i, r)
		}
	}
}

// FuzzFind: whatever a person writes, the result is in bounds and the same every time.
func FuzzFind(f *testing.F) {
	f.Add("Was kostet das?", "de")
	f.Add("skilky koshtuye", "uk")
	f.Add("kam el rusum", "ar")
	f.Add(strings.Repeat("a", MaxQuestion+1), "")
	f.Add(strings.Repeat("ж", MaxQuestion), "uk")
	f.Add("\xff\x00", "\xff")
	x := NewIndex(smallLibrary(f))
	f.Fuzz(func(t *testing.T, question, lang string) {
		r := x.Find(question, lang)
		checkResult(t, x, r)
		if again := x.Find(question, lang); fmt.Sprint(again) != fmt.Sprint(r) {
			t.Errorf("Find = %+v, then %+v", r, again)
		}
	})
}

// TestFindUnderstands has the ways of writing that plain search fails at.
func TestFindUnderstands(t *testing.T) {
	x := index(t)
	for class, questions := range map[string][]struct{ lang, question, topic string }{
		"German word in an Arabic question": {
			{"ar", "كم سعر الـ Anerkennung بالمجموع", "costs"},
			{"ar", "شو هي الـ Anerkennung", "what-is-recognition"},
		},
		"Russian in a Ukrainian dialogue": {
			{"uk", "сколько надо заплатить за признание моего диплома", "costs"},
			{"uk", "кто должен переводить мои документы", "translation-of-documents"},
		},
		"a language without articles, in another script than the dialogue's": {
			{"de", "сколько надо заплатить за признание моего диплома", "costs"},
			{"ar", "кто должен переводить мои документы", "translation-of-documents"},
			{"en", "الی ای جهه اقدم شهادتی", "find-competent-authority"},
		},
		"Arabic in Latin letters": {
			{"ar", "kam btkallef el mo3adale bel yoro", "costs"},
			{"ar", "ana momarrida men souria w bidi eshteghel", "nurses"},
		},
		"Ukrainian in Latin letters": {
			{"uk", "skilky koshtuye vyznannya dyploma", "costs"},
			{"uk", "ya medsestra khochu pratsyuvaty v likarni", "nurses"},
		},
		"language other than the dialogue's": {
			{"en", "Welche Unterlagen brauche ich für den Antrag?", "documents-needed"},
			{"ar", "how much does the recognition cost", "costs"},
			{"de", "скільки коштує визнання диплома", "costs"},
		},
		"typing errors": {
			{"de", "wiedersprcuh gegen den bescheit", "objection"},
			{"en", "how mutch dose recogniton cost", "costs"},
		},
		"compounds": {
			{"de", "Anerkennungsberatungsstelle", "iq-counselling"},
			{"de", "Zeugnisübersetzung", "translation-of-documents"},
		},
	} {
		for _, q := range questions {
			r := x.Find(q.question, q.lang)
			if r.Outcome == Unknown || r.Ranked[0].Topic != q.topic {
				t.Errorf("%s: Find(%q, %s) = %+v, want %s", class, q.question, q.lang, r, q.topic)
			}
		}
	}
}

// TestSpellingsThatAreOne: these differ only in the keyboard they were typed on.
func TestSpellingsThatAreOne(t *testing.T) {
	x := index(t)
	for _, spellings := range [][]string{
		{"Wie heißt die zuständige Behörde?", "wie heisst die zustaendige Behoerde", "WIE HEISST DIE ZUSTANDIGE BEHORDE"},
		{"إلى أي جهة أقدم شهادتي", "الى اي جهة اقدم شهادتي", "الی ای جهه اقدم شهادتی"},
		{"ещё нет ответа", "еще нет ответа"},
		{"diploma kimlik ihk", "dıploma kımlık IHK", "DİPLOMA KİMLİK İHK"},
		{"об'єднання", "об’єднання", "обʼєднання"},
	} {
		want := x.Find(spellings[0], "de").Ranked
		for _, s := range spellings[1:] {
			if got := x.Find(s, "de").Ranked; !slices.Equal(got, want) {
				t.Errorf("%q is ranked %v, but %q %v", s, got, spellings[0], want)
			}
		}
	}
}

func BenchmarkLearn(b *testing.B) {
	l := realLibrary(b)
	b.ReportAllocs()
	for b.Loop() {
		x := NewIndex(l)
		for _, m := range x.models {
			m.learned()
		}
	}
}

func BenchmarkFind(b *testing.B) {
	x := index(b)
	for _, bb := range []struct{ name, question string }{
		{"word", "Kosten"},
		{"sentence", "Ich bin Köchin aus Syrien, brauche ich überhaupt eine Anerkennung?"},
		{"longest", strings.Repeat("Ich bin Köchin aus Syrien. ", MaxQuestion/28)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Find(bb.question, "de")
			}
		})
	}
}
