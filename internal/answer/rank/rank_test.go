package rank

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// The classes of the examples.
const (
	costs = iota
	duration
	documents
	classes
)

var ways = map[int][]string{
	costs:     {"was kostet die Anerkennung", "wie teuer ist die Anerkennung", "Kosten", "welche Gebühr zahle ich", "wie hoch ist die Gebühr", "was kostet das Verfahren"},
	duration:  {"wie lange dauert die Anerkennung", "wie lange dauert das Verfahren", "Dauer", "wann bekomme ich eine Antwort", "wie lange warte ich auf eine Antwort"},
	documents: {"welche Unterlagen brauche ich", "welche Papiere brauche ich für die Anerkennung", "Unterlagen", "welche Zeugnisse brauche ich"},
}

// examples are the ways of asking, read by one reader.
func examples(ways map[int][]string) (list []Example) {
	r := reading.New(arabic)
	for class := range classes {
		for _, q := range ways[class] {
			list = append(list, Example{Text: r.Read(q), Class: class})
		}
	}
	return list
}

func german() *Model { return Learn(examples(ways), nil, classes, unicode.Latin) }

// best is the likeliest class; false if nothing is known.
func best(t *testing.T, m *Model, text string) (int, bool) {
	t.Helper()
	p := m.Probabilities(read(text))
	if p == nil {
		return 0, false
	}
	checkProbabilities(t, m, p, text)
	return slices.Index(p, slices.Max(p)), true
}

func checkProbabilities(t *testing.T, m *Model, p []float32, text string) {
	t.Helper()
	if len(p) != m.classes {
		t.Fatalf("%q has %d probabilities of %d classes", text, len(p), m.classes)
	}
	sum := 0.0
	for _, x := range p {
		if !(x >= 0 && x <= 1) {
			t.Errorf("%.60q has the probabilities %v", text, p)
			return
		}
		sum += float64(x)
	}
	if math.Abs(sum-1) > 1e-4 {
		t.Errorf("the probabilities of %q make %v, not 1", text, sum)
	}
}

func TestModelFindsTheClass(t *testing.T) {
	m := german()
	for class, texts := range map[int][]string{
		costs:     {"Kosten", "Kostet die Anerkennung etwas?", "gebuehren", "DIE GEBÜHR", "wie teur ist das"},
		duration:  {"dauert es lange", "Dauer der Anerkennung", "wielange", "wann kommt die Antwort"},
		documents: {"brauche ich Zeugnisse", "Unterlage", "welche Papire"},
	} {
		for _, text := range texts {
			if got, ok := best(t, m, text); !ok || got != class {
				t.Errorf("%q is of class %d, %v; want %d", text, got, ok, class)
			}
		}
	}
}

func TestModelKnowsItsExamples(t *testing.T) {
	m := german()
	for class, questions := range ways {
		for _, q := range questions {
			if got, ok := best(t, m, strings.ToUpper(q)+"?!"); !ok || got != class {
				t.Errorf("%q is of class %d, %v; want %d", q, got, ok, class)
			}
			if n := m.Exact(read(q)); n != 1 {
				t.Errorf("%q is an example of %d classes", q, n)
			}
		}
	}
	if n := m.Exact(read("was kostet die")); n != 0 {
		t.Errorf("what is no example is one of %d classes", n)
	}
	both := Learn(examples(map[int][]string{costs: {"Kosten und Dauer", "Kosten und Dauer"}, duration: {"kosten und dauer!"}}), nil, classes, unicode.Latin)
	if n := both.Exact(read("Kosten und Dauer")); n != 2 {
		t.Errorf("what is an example of two classes is one of %d", n)
	}
}

func TestNothingKnownIsNoProbability(t *testing.T) {
	m := german()
	for _, text := range []string{"", "?! 👍", "これはいくらですか", "xyz", "\xff"} {
		if p := m.Probabilities(read(text)); p != nil {
			t.Errorf("%q has the probabilities %v", text, p)
		}
	}
}

// TestStrangeWordsMakeUnsure: the share of a question that is known counts.
func TestStrangeWordsMakeUnsure(t *testing.T) {
	m := german()
	sure := slices.Max(m.Probabilities(read("Gebühr")))
	unsure := slices.Max(m.Probabilities(read("Gebühr xylophon trompete quetschkommode")))
	if unsure >= sure {
		t.Errorf("%v with strange words, %v without", unsure, sure)
	}
}

// TestScriptsMeet: Latin letters stand for those of the script, and Russian ones for Ukrainian ones.
func TestScriptsMeet(t *testing.T) {
	m := Learn(examples(map[int][]string{
		costs:    {"скільки коштує визнання", "скільки коштує", "ціна визнання"},
		duration: {"як довго триває визнання", "як довго чекати", "термін визнання"},
	}), nil, classes, unicode.Cyrillic)
	for text, class := range map[string]int{"skilky koshtuye": costs, "yak dovho chekaty": duration, "скилки коштуе": costs} {
		if got, ok := best(t, m, text); !ok || got != class {
			t.Errorf("%q is of class %d, %v; want %d", text, got, ok, class)
		}
	}
}

func TestSameExamplesGiveTheSameModel(t *testing.T) {
	a, b := german(), german()
	for _, text := range []string{"was kostet die Anerkennung", "wie lange", "Gebühr und Dauer und Papiere", "teuer", "xyz", ""} {
		if p, q := a.Probabilities(read(text)), b.Probabilities(read(text)); !slices.Equal(p, q) {
			t.Errorf("%q has the probabilities %v, and %v", text, p, q)
		}
	}
	if !reflect.DeepEqual(a.classifier, b.classifier) {
		t.Error("the classifiers differ")
	}
	if !reflect.DeepEqual(a.vocabulary, b.vocabulary) {
		t.Error("the vocabularies differ")
	}
}

// TestForeignExamples: they are learned from, but no question is one of them.
func TestForeignExamples(t *testing.T) {
	r := reading.New(arabic)
	own := []Example{{r.Read("скільки коштує"), costs}, {r.Read("скільки коштує це"), costs}, {r.Read("як довго"), duration}, {r.Read("як довго це"), duration}}
	foreign := []Example{{r.Read("welche Unterlagen"), documents}, {r.Read("welche Unterlagen brauche ich"), documents}}
	m := Learn(own, foreign, classes, unicode.Cyrillic)
	for text, class := range map[string]int{"Unterlagen": documents, "а Unterlagen?": documents, "скільки": costs, "як довго": duration} {
		if got, ok := best(t, m, text); !ok || got != class {
			t.Errorf("%q is of class %d, %v; want %d", text, got, ok, class)
		}
	}
	if n := m.Exact(read("welche Unterlagen")); n != 0 {
		t.Errorf("a foreign example is one of %d classes", n)
	}
	only := Learn(nil, foreign, classes, unicode.Cyrillic)
	if got, ok := best(t, only, "Unterlagen"); !ok || got != documents {
		t.Errorf("with foreign examples only, the class is %d, %v; want %d", got, ok, documents)
	}
}

// TestReaderDoesNotMatter: texts may come from a reader that has read others, and
// questions from any.
func TestReaderDoesNotMatter(t *testing.T) {
	r := reading.New(arabic)
	r.Read("dies und das und jenes, das kein Beispiel ist")
	var list []Example
	for class := range classes {
		for _, q := range ways[class] {
			list = append(list, Example{Text: r.Read(q), Class: class})
		}
	}
	m := Learn(list, nil, classes, unicode.Latin)
	question := r.Read("was kostet das Verfahren und wie lange dauert es")
	if p, q := m.Probabilities(question), german().Probabilities(read(question.Raw)); p == nil || !slices.Equal(p, q) {
		t.Errorf("the probabilities are %v, and %v", p, q)
	}
}

func TestModelsOfLittle(t *testing.T) {
	for name, tt := range map[string]struct {
		ways    map[int][]string
		classes int
		known   map[string]bool // by text, whether it has probabilities
	}{
		"no examples":            {nil, classes, map[string]bool{"Kosten": false, "": false}},
		"one example":            {map[int][]string{costs: {"Kosten"}}, classes, map[string]bool{"Kosten": true, "kosten!": true, "Dauer": false, "": false}},
		"one example, one class": {map[int][]string{costs: {"Kosten"}}, 1, map[string]bool{"Kosten": true, "Dauer": false}},
		"the same example twice": {map[int][]string{costs: {"Kosten", "Kosten"}}, classes, map[string]bool{"Kosten": true, "Dauer": false}},
		"examples without words": {map[int][]string{costs: {"?!", ""}, duration: {"…"}}, classes, map[string]bool{"Kosten": false, "?": true}},
		"a class without examples": {map[int][]string{costs: ways[costs], documents: ways[documents]}, classes,
			map[string]bool{"Kosten": true, "welche Unterlagen": true, "xyz": false}},
		"the last class without examples":  {map[int][]string{costs: ways[costs], duration: ways[duration]}, classes, map[string]bool{"Kosten": true, "Dauer": true}},
		"the first class without examples": {map[int][]string{duration: ways[duration]}, classes, map[string]bool{"Dauer": true, "lange": true}},
	} {
		t.Run(name, func(t *testing.T) {
			m := Learn(examples(tt.ways), nil, tt.classes, unicode.Latin)
			for text, known := range tt.known {
				p := m.Probabilities(read(text))
				if (p != nil) != known {
					t.Errorf("%q has the probabilities %v, known: %v", text, p, known)
				}
				if p != nil {
					checkProbabilities(t, m, p, text)
				}
			}
		})
	}
}

// TestClassWithoutExamplesIsNotPreferred: nothing speaks for it.
func TestClassWithoutExamplesIsNotPreferred(t *testing.T) {
	m := Learn(examples(map[int][]string{costs: ways[costs], documents: ways[documents]}), nil, classes, unicode.Latin)
	for _, text := range []string{"Kosten", "welche Unterlagen brauche ich", "Anerkennung", "lange"} {
		if got, ok := best(t, m, text); ok && got == duration {
			t.Errorf("%q is of a class that has no example", text)
		}
	}
}

func TestZeroModelKnowsNothing(t *testing.T) {
	var m Model
	for _, text := range []string{"", "Kosten"} {
		if p, n := m.Probabilities(read(text)), m.Exact(read(text)); p != nil || n != 0 {
			t.Errorf("%q has the probabilities %v and %d examples", text, p, n)
		}
	}
}

func TestModelIsSafeForConcurrentUse(t *testing.T) {
	m := german()
	texts := []string{"was kostet die Anerkennung", "wie lange dauert das", "welche Papiere"}
	var want [][]float32
	for _, text := range texts {
		want = append(want, m.Probabilities(read(text)))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				for i, text := range texts {
					if got := m.Probabilities(read(text)); !slices.Equal(got, want[i]) {
						t.Errorf("%q has the probabilities %v, and %v", text, got, want[i])
					}
				}
			}
		})
	}
	group.Wait()
}

// FuzzModel: whatever is learned and asked, the probabilities are some, or none is known.
func FuzzModel(f *testing.F) {
	f.Add("was kostet die Anerkennung\nwie lange\n\nKosten", "kosten")
	f.Add("", "")
	f.Add("\xff\n?!", "\xff")
	f.Add(strings.Repeat("a ", 300)+"\n"+strings.Repeat("a ", 300), strings.Repeat("a ", 1000))
	f.Add("скільки\nскільки коштує", "skilky")
	f.Fuzz(func(t *testing.T, lines, question string) {
		r := reading.New(arabic)
		var list []Example
		for line := range strings.SplitSeq(lines, "\n") {
			list = append(list, Example{Text: r.Read(line), Class: len(list) % classes})
		}
		for _, script := range []locale.Script{unicode.Latin, unicode.Cyrillic, unicode.Arabic, nil} {
			m := Learn(list, nil, classes, script)
			p := m.Probabilities(read(question))
			if p != nil {
				checkProbabilities(t, m, p, question)
			} else if m.Exact(read(question)) > 0 {
				t.Errorf("%q is an example, and nothing of it is known", question)
			}
		}
	})
}
