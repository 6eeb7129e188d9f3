package tongue

import (
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// What there is in four small languages: an office, in as many topics as a
// common word must be in.
var texts = map[string][]string{
	"de": {
		"Das kostet eine Gebühr. Wer zahlt die Gebühr? Das Amt zahlt sie nicht.", "Wie lange dauert das? Das dauert drei Wochen, und nicht mehr.",
		"Welche Papiere brauche ich? Das Amt sagt Ihnen, was Sie brauchen.", "Wo ist das Amt? Das ist nicht weit, und Sie können anrufen.",
	},
	"en": {
		"There is a fee for this. Who pays the fee? The office does not pay it.", "How long does this take? It takes three weeks, and not more.",
		"Which papers do I need? The office tells you what you need.", "Where is the office? It is not far, and you can call.",
	},
	"uk": {
		"За це є збір. Хто платить збір? Відомство його не платить.", "Як довго це триває? Це триває три тижні, і не більше.",
		"Які папери мені потрібні? Відомство скаже вам, що вам потрібно, і який це папір.", "Де є відомство? Це не далеко, і ви можете зателефонувати.",
	},
	"ar": {
		"هناك رسوم على هذا. من يدفع الرسوم؟ المكتب لا يدفع ذلك.", "كم يستغرق هذا من الوقت؟ هذا يستغرق ثلاثة أسابيع وليس أكثر.",
		"ما هي الأوراق التي أحتاج إليها؟ المكتب يقول لك ما تحتاج إليه.", "أين هو المكتب؟ المكتب ليس بعيدا عن هذا ويمكنك الاتصال.",
	},
}

// office counts how often each language is read.
type office struct {
	tongues *Tongues
	reads   map[string]*atomic.Int32
}

func newOffice(tags ...string) *office {
	o := &office{reads: map[string]*atomic.Int32{}}
	var languages []Language
	for _, tag := range tags {
		n := &atomic.Int32{}
		o.reads[tag] = n
		languages = append(languages, Language{Tag: tag, Script: locale.ScriptOf(tag), Texts: func() (list []Text) {
			n.Add(1)
			for _, edited := range texts[tag] {
				list = append(list, Text{Edited: edited, Questions: strings.SplitAfter(edited, "?")[:1]})
			}
			return list
		}})
	}
	o.tongues = New(languages)
	return o
}

func (o *office) tell(text, from string) string { return o.tongues.Tell(read(text), from) }

// learned are the languages that were read, sorted.
func (o *office) learned() (tags []string) {
	for tag, n := range o.reads {
		if n.Load() > 0 {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return tags
}

func read(text string) reading.Text { return reading.New(nil).Read(text) }

func TestTell(t *testing.T) {
	o := newOffice("ar", "de", "en", "uk")
	for _, tt := range []struct{ name, from, text, want string }{
		{"the language of the dialogue", "de", "was kostet das", "de"},
		{"another in the same script", "de", "where is this office", "en"},
		{"another in another script", "de", "де є це відомство", "uk"},
		{"from another script", "ar", "das ist nicht weit", "de"},
		{"right to left", "en", "كم يستغرق هذا", "ar"},
		{"no language of the dialogue", "", "das ist nicht weit", "de"},
		{"a dialogue in a language that there is not", "tr", "das ist nicht weit", "de"},
		{"capitals", "de", "WHERE IS THIS OFFICE", "en"},
		{"letters taken apart", "de", "де є це, и\u0306 яки\u0306 це папір", "uk"},
		{"broken bytes", "de", "\xff\xfe where is this office", "en"},
		{"nothing", "de", "", ""},
		{"digits", "de", "12345", ""},
		{"signs", "de", "👍 ?!", ""},
		{"a script that no language has", "de", "これはいくらですか", ""},
		{"a letter that the language has not", "de", "сколько это стоит, скажите пожалуйста ы", ""},
		{"a language of which only words are known", "", "¿cuánto cuesta y dónde puedo hacerlo?", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := o.tell(tt.text, tt.from); got != tt.want {
				t.Errorf("Tell(%q, %q) = %q, want %q", tt.text, tt.from, got, tt.want)
			}
		})
	}
}

// TestOnlyWhatMayBeIsLearned: a language costs time and memory, so it is learned
// when a text in its script comes, and not before.
func TestOnlyWhatMayBeIsLearned(t *testing.T) {
	o := newOffice("ar", "de", "en", "uk")
	for _, step := range []struct {
		text, from string
		want       []string
	}{
		{"", "uk", nil},
		{"12345 👍", "uk", nil},
		{"これはいくらですか", "uk", nil},
		{"де є це відомство", "uk", []string{"uk"}},
		{"das ist nicht weit", "de", []string{"de", "en", "uk"}},
		{"where is this office", "de", []string{"de", "en", "uk"}},
		{"كم يستغرق هذا", "ar", []string{"ar", "de", "en", "uk"}},
	} {
		o.tell(step.text, step.from)
		if got := o.learned(); !slices.Equal(got, step.want) {
			t.Errorf("after %q, %v are learned, want %v", step.text, got, step.want)
		}
	}
	for tag, n := range o.reads {
		if n.Load() != 1 {
			t.Errorf("the texts of %s were read %d times", tag, n.Load())
		}
	}
}

func TestLearn(t *testing.T) {
	o := newOffice("ar", "de", "en", "uk")
	o.tongues.Learn("xx")
	if got := o.learned(); len(got) > 0 {
		t.Errorf("%v are learned", got)
	}
	o.tongues.Learn("ar")
	o.tongues.Learn("ar")
	if got := o.learned(); !slices.Equal(got, []string{"ar"}) || o.reads["ar"].Load() != 1 {
		t.Errorf("%v are learned, the texts were read %d times", got, o.reads["ar"].Load())
	}
	if got := o.tell("كم يستغرق هذا", "de"); got != "ar" {
		t.Errorf("what was learned before is told as %q", got)
	}
}

// TestTellIsSafeForConcurrentUse: first texts in all languages come at once.
func TestTellIsSafeForConcurrentUse(t *testing.T) {
	questions := []struct{ text, want string }{
		{"das ist nicht weit", "de"}, {"where is this office", "en"}, {"де є це відомство", "uk"}, {"كم يستغرق هذا", "ar"}, {"12345", ""},
	}
	for range 10 {
		o := newOffice("ar", "de", "en", "uk")
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				q := questions[i%len(questions)]
				if i%3 == 0 {
					o.tongues.Learn("uk")
				}
				if got := o.tell(q.text, ""); got != q.want {
					t.Errorf("Tell(%q) = %q, want %q", q.text, got, q.want)
				}
			})
		}
		group.Wait()
		for tag, n := range o.reads {
			if n.Load() != 1 {
				t.Errorf("the texts of %s were read %d times", tag, n.Load())
			}
		}
	}
}

func TestTonguesOfLittle(t *testing.T) {
	for name, languages := range map[string][]Language{
		"no languages":                  nil,
		"a language without texts":      {{Tag: "de", Script: unicode.Latin, Texts: func() []Text { return nil }}},
		"a text without words":          {{Tag: "de", Script: unicode.Latin, Texts: func() []Text { return []Text{{Edited: "?!", Questions: []string{"", "…"}}} }}},
		"a language of no known script": {{Tag: "xx", Texts: func() []Text { return []Text{{Edited: "das ist nicht weit"}} }}},
	} {
		t.Run(name, func(t *testing.T) {
			g := New(languages)
			g.Learn("de")
			for _, text := range []string{"", "das ist nicht weit", "де є це відомство"} {
				if got := g.Tell(read(text), "de"); got != "" {
					t.Errorf("Tell(%q) = %q", text, got)
				}
			}
		})
	}
}

// TestForeignQuestionsTeachNothing: what people ask in a language without articles is
// no more likely in the language, and no less, than what nobody asked.
func TestForeignQuestionsTeachNothing(t *testing.T) {
	data := func(question string) *tongueData {
		l := Language{Tag: "uk", Script: unicode.Cyrillic, Texts: func() []Text { return []Text{{Edited: strings.Join(texts["uk"], "\n"), Questions: []string{question}}} }}
		return learn(l, readNeighbours([]Language{l}))
	}
	foreign, none := data("сколько стоит и что мне надо, скажите кто может помочь"), data("як")
	for _, text := range []string{"де є це відомство", "сколько стоит", "тижні потрібно", "може"} {
		words := lettersOf(read(text))
		got, _ := foreign.likeness(unicode.Cyrillic, words)
		want, _ := none.likeness(unicode.Cyrillic, words)
		if math.IsInf(got, 0) || math.IsNaN(got) || math.Abs(got-want) > 1 {
			t.Errorf("the likeness of %q is %v, and %v without the question", text, got, want)
		}
	}
	for _, log := range foreign.trigrams {
		if math.IsInf(float64(log), 0) {
			t.Fatal("a piece that does not occur counts as impossible")
		}
	}
}

// TestNeighboursAreWellWritten: a line that is not right would be left out in silence.
func TestNeighboursAreWellWritten(t *testing.T) {
	n, seen := 0, map[string]bool{}
	for line := range strings.Lines(neighbourWords) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		tag, words, ok := strings.Cut(line, ":")
		if !ok || locale.ScriptOf(tag) == nil || seen[tag] || len(strings.Fields(words)) < 15 {
			t.Errorf("%.40q is no line of a language", line)
		}
		seen[tag] = true
		n++
	}
	if n > maxNeighbours {
		t.Errorf("%d languages, there may be %d", n, maxNeighbours)
	}
	all, less := readNeighbours(nil), readNeighbours([]Language{{Tag: "ru"}, {Tag: "tr"}, {Tag: "de"}})
	if len(all.letters) != n || len(less.letters) != n-2 {
		t.Errorf("%d neighbours, and %d besides Russian and Turkish, of %d lines", len(all.letters), len(less.letters), n)
	}
	if len(all.words["и"]) == 0 || !all.letters[all.words["сколько"][0]]['ы'] {
		t.Error("Russian words or letters are missing")
	}
}

// FuzzTell: whatever is written, the language is one that there is, and the same every time.
func FuzzTell(f *testing.F) {
	for _, list := range texts {
		for _, text := range list {
			f.Add(text, "de")
		}
	}
	f.Add("\xff\x00", "\xff")
	f.Add("ı İ ﬁ e\u0301\u0301 ـ", "ar")
	o := newOffice("ar", "de", "en", "uk")
	f.Fuzz(func(t *testing.T, text, from string) {
		got := o.tell(text, from)
		if got != "" && o.reads[got] == nil {
			t.Errorf("Tell(%q, %q) = %q", text, from, got)
		}
		if again := o.tell(text, from); again != got {
			t.Errorf("Tell(%q, %q) = %q, then %q", text, from, got, again)
		}
	})
}
