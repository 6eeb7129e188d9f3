package answer

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"iqbot/internal/answer/rank"
)

// mixed are questions in all languages, with small talk and crises between them.
var mixed = []struct{ question, lang, topic string }{
	{"Was kostet die Anerkennung?", "de", "nurses"},
	{"und wie lange dauert das?", "de", "nurses"},
	{"How much does it cost?", "de", "doctors"},
	{"how long does it take", "en", "doctors"},
	{"скільки коштує визнання", "uk", "nurses"},
	{"а скільки це триває?", "uk", "nurses"},
	{"كم يكلف الاعتراف", "ar", "nurses"},
	{"وكم يستغرق ذلك؟", "ar", "nurses"},
	{"сколько стоит признание", "uk", "crafts"},
	{"skilky koshtuye vyznannya", "uk", ""},
	{"Hallo, was kostet das? Danke!", "ar", "nurses"},
	{"mein mann schlägt mich", "de", "nurses"},
	{"chef behält meinen pass", "de", "nurses"},
	{"danke", "en", "nurses"},
	{"Wo gibt es Pizza?", "de", "nurses"},
	{"👍", "uk", ""},
	{"", "ar", "nurses"},
}

// TestQuestionIsReadOnce: asked in several ways, a question gives the same as one
// that is read each time.
func TestQuestionIsReadOnce(t *testing.T) {
	x := index(t)
	for _, m := range mixed {
		q := x.Read(m.question)
		if got, want := q.Alarm(), alarm(x.library, m.question); got != want {
			t.Errorf("%q: the alarm is %+v, want %+v", m.question, got, want)
		}
		for range 2 { // the order does not matter, nor that it was asked before
			for _, lang := range []string{m.lang, "en", "xx"} {
				if got, want := q.FindAfter(lang, m.topic), x.FindAfter(m.question, lang, m.topic); !reflect.DeepEqual(got, want) {
					t.Errorf("%q in %s after %q: %+v, want %+v", m.question, lang, m.topic, got, want)
				}
				if got, want := q.Find(lang), x.Find(m.question, lang); !reflect.DeepEqual(got, want) {
					t.Errorf("%q in %s: %+v, want %+v", m.question, lang, got, want)
				}
				if got, want := q.FindAfter(lang, ""), x.Find(m.question, lang); !reflect.DeepEqual(got, want) {
					t.Errorf("%q in %s after nothing: %+v, want %+v", m.question, lang, got, want)
				}
			}
		}
		if got, want := q.Alarm(), alarm(x.library, m.question); got != want {
			t.Errorf("%q: in the end the alarm is %+v, want %+v", m.question, got, want)
		}
	}
}

func TestQuestionOfTheZeroIndex(t *testing.T) {
	q := new(Index).Read("ich will sterben, was kostet das?")
	if a := q.Alarm(); a != (Alarm{}) {
		t.Errorf("Alarm = %+v", a)
	}
	for _, r := range []Result{q.Find("de"), q.FindAfter("de", "costs")} {
		if !reflect.DeepEqual(r, Result{Outcome: Unknown}) {
			t.Errorf("%+v", r)
		}
	}
	new(Index).Expect("de") // is no fault
}

// watched is an index that notes which languages are learned. What it learns it
// takes from the one that all tests share.
func watched(t *testing.T) (x *Index, learned func() []string, done map[string]chan struct{}) {
	t.Helper()
	x, done = NewIndex(realLibrary(t)), map[string]chan struct{}{}
	for tag, m := range x.models {
		begun := make(chan struct{})
		done[tag] = begun
		m.learned = sync.OnceValue(func() *rank.Model {
			defer close(begun)
			return index(t).models[tag].learned()
		})
	}
	return x, func() (tags []string) {
		for tag, begun := range done {
			select {
			case <-begun:
				tags = append(tags, tag)
			default:
			}
		}
		slices.Sort(tags)
		return tags
	}, done
}

// TestOnlyLanguagesThatAreAskedAreLearned: a process that never hears a language does not pay for it.
func TestOnlyLanguagesThatAreAskedAreLearned(t *testing.T) {
	x, learned, _ := watched(t)
	if got := learned(); len(got) > 0 {
		t.Fatalf("before the first question, %v are learned", got)
	}
	for _, step := range []struct {
		question, lang string
		want           []string
	}{
		{"Was kostet die Anerkennung?", "de", []string{"de"}},
		{"und die Dauer?", "de", []string{"de"}},
		{"How much does it cost?", "de", []string{"de", "en"}},
		{"скільки коштує визнання", "de", []string{"de", "en", "uk"}},
		{"es tut mir leid", "xx", []string{"de", "en", "uk"}}, // a language without articles is asked in the reference language
		{"كم يكلف الاعتراف", "ar", []string{"ar", "de", "en", "uk"}},
	} {
		x.FindAfter(step.question, step.lang, "nurses")
		if got := learned(); !slices.Equal(got, step.want) {
			t.Errorf("after %q in %s, %v are learned, want %v", step.question, step.lang, got, step.want)
		}
	}
}

// TestExpectedLanguageIsLearned: it, once, and no other.
func TestExpectedLanguageIsLearned(t *testing.T) {
	x, learned, done := watched(t)
	x.Expect("xx")
	x.Expect("")
	for range 3 {
		x.Expect("en")
	}
	select {
	case <-done["en"]:
	case <-time.After(time.Minute):
		t.Fatal("it is not learned")
	}
	if got := learned(); !slices.Equal(got, []string{"en"}) {
		t.Errorf("%v are learned, want en", got)
	}
	if got, want := x.Find("How much does it cost?", "en"), index(t).Find("How much does it cost?", "en"); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestFirstQuestionsAtOnce: in a process that has just started, many people ask in
// all languages at once, and get what one after the other would.
func TestFirstQuestionsAtOnce(t *testing.T) {
	want := make([]Result, len(mixed))
	for i, m := range mixed {
		want[i] = index(t).FindAfter(m.question, m.lang, m.topic)
	}
	x := NewIndex(realLibrary(t))
	start := make(chan struct{})
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			<-start
			if n == 0 {
				x.Expect("uk")
			}
			for i := range mixed {
				m := mixed[(i+n*5)%len(mixed)] // each begins with another language
				if got := x.FindAfter(m.question, m.lang, m.topic); !reflect.DeepEqual(got, want[(i+n*5)%len(mixed)]) {
					t.Errorf("%q in %s: %+v, want %+v", m.question, m.lang, got, want[(i+n*5)%len(mixed)])
				}
			}
		})
	}
	close(start)
	group.Wait()
}
