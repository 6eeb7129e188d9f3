// Package tongue tells the language of a question by what it has learned from
// the articles.
//
// An answer in a wrong language is worse than none in another than the
// dialogue's, so a language is told only if it is clear. Measured on 2026-11-24
// on testdata/languages.tsv (271 texts in our languages, 130 in 21 others that
// have no articles), without knowing the dialogue's language; right and wrong
// in per cent:
//
//	                         3-10 letters  11-25       26-60       foreign taken  heap     binary   a text
//	                         n=29          n=155       n=87        for ours n=130
//	this                     100 /  0      98.7 / 0    100 /  0      0 (fresh: 3 of 58)  2 MB  0.02 MB    9 us
//	trigrams of articles     100 /  0      100  / 0    100 /  0     89                  -     0          4 us
//	lingua-go, 12 languages   97 /  0      99.4 / 0    100 /  0     15             263 MB   131 MB  172 us
//	lingua-go, 12, low acc.   93 /  0      92.3 / 1.9  95.4 / 0     19             14 MB    131 MB   12 us
//	lingua-go, all            93 /  0      96.1 / 0    98.9 / 0      1             1031 MB  131 MB  516 us
//	lingua-go, only ours     100 /  0      100  / 0    100 /  0    130             96 MB    131 MB   81 us
//	whatlanggo, 12            79 /  6.9    80.6 / 3.9  90.8 / 2.3   16             0.2 MB   0.5 MB    6 us
//	whatlanggo, all           62 /  0      69.7 / 1.9  83.9 / 1.1    7             0.1 MB   0.5 MB   17 us
//	scripts and letters       59 /  0      43.9 / 0    44.8 / 0      5             0        0       0.4 us
//
// lingua-go is as exact, but every binary carries the models of 75 languages,
// and two languages more cost 40 MB of memory; whatlanggo is small and, on
// short texts, wrong too often. So the articles themselves are the model: they
// have the words that people ask with, and a new language brings its own.
// What they lack is what is not ours; neighbours.txt has it, a line of common
// words for each language that people write besides.
//
// In a dialogue the question counts as another language's only if it has words
// that the dialogue's language does not have, and not only names of things. So
// were 1,576 questions that other people wrote in their dialogue's language
// never taken for another's; of those in another, 92 to 98 % were told.
//
// A language is learned when the first text comes that may be in it: one that is
// in its script. That takes some 10 ms; all that come later find it learned.
package tongue

import (
	"math"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// What a language must show to be told, measured on testdata/languages.tsv.
const (
	ahead     = 2.0  // logarithm of how much likelier it is than the next
	foreignTo = 0.45 // share of the trigrams that it has never seen, at most
	commonIn  = 12   // a common word is used in more than one of so many topics
	wordBonus = 1.5  // logarithm of what a known word is worth beside its trigrams
	maxPieces = 6    // trigrams that a word counts for, however long it is
	hardly    = -1.9 // logarithm of the likelihood that words of a language have none of its peculiar letters
	unseen    = 0.3  // how often a trigram occurs that does not occur
)

// Language is what a language is learned from.
type Language struct {
	Tag    string
	Script locale.Script
	// Texts returns what there is in the language. It is called once, or never.
	Texts func() []Text
}

// Text is an article: what an editor wrote, and how people ask for it.
type Text struct {
	// Edited is plain text. Only it says which letters and words are the language's
	// own: the questions also hold what people type in others.
	Edited    string
	Questions []string
}

// Tongues tells in which language a text is: by how often three letters follow
// each other, by the words, and by the letters that a language has at all.
// Besides, it knows words of languages that have no articles, so that it does not
// take them for their neighbours. It is safe for concurrent use.
type Tongues struct {
	list    []*tongue
	strange func() *neighbours
}

// New returns what tells languages apart.
func New(languages []Language) *Tongues {
	g := &Tongues{strange: sync.OnceValue(func() *neighbours { return readNeighbours(languages) })}
	for _, l := range languages {
		if l.Script == nil { // its words cannot be known by their letters, so it is never told
			continue
		}
		g.list = append(g.list, &tongue{tag: l.Tag, script: l.Script, learned: sync.OnceValue(func() *tongueData {
			return learn(l, g.strange())
		})})
	}
	return g
}

// tongue is a language that may be told.
type tongue struct {
	tag     string
	script  locale.Script
	learned func() *tongueData
}

// Tell returns the language of a text, or "" if none or more than one is likely,
// in a dialogue that is in the language from. The dialogue's language needs
// less to be told than another: German names of offices, and words that are
// the same in both, are no sign that a person has changed the language.
func (g *Tongues) Tell(t reading.Text, from string) string {
	words := lettersOf(t)
	winner := g.likeliest(words)
	if winner == nil {
		return ""
	}
	i := slices.IndexFunc(g.list, func(t *tongue) bool { return t.tag == from })
	if i >= 0 && winner.tag != from && !winner.apart(words, g.list[i]) {
		return ""
	}
	return winner.tag
}

// Nearest returns the language whose articles a text is best compared with if its
// language cannot be told. That is the dialogue's language, unless the text is in
// another script, and not in Latin letters, which stand for all: then it is the
// likeliest of the languages in that script.
func (g *Tongues) Nearest(t reading.Text, from string) string {
	words := lettersOf(t)
	nearest, best := from, math.Inf(-1)
	for _, t := range g.list {
		if t.script == unicode.Latin || !most(t.script, words) {
			continue
		}
		if t.tag == from {
			return from
		}
		if sum, ok := t.learned().likeness(t.script, words); nearest == from || ok && sum > best {
			best, nearest = sum, t.tag
		}
	}
	return nearest
}

// likeliest returns the language that words are in, nil if none or more than one is likely.
func (g *Tongues) likeliest(words []string) *tongue {
	var may []*tongue
	for _, t := range g.list {
		if most(t.script, words) {
			may = append(may, t)
		}
	}
	wake(may)
	var winner *tongue
	best, second := math.Inf(-1), math.Inf(-1)
	for _, t := range may {
		sum, ok := t.learned().likeness(t.script, words)
		switch {
		case !ok:
		case sum > best:
			best, second, winner = sum, best, t
		default:
			second = max(second, sum)
		}
	}
	if winner == nil || best-second < ahead || g.foreign(winner, words) {
		return nil
	}
	return winner
}

// foreign says whether words are rather in a language without articles.
func (g *Tongues) foreign(t *tongue, words []string) bool {
	list := make([]*counted, len(words))
	for i, w := range words {
		list[i] = t.learned().counted(w, t.script, g.strange())
	}
	return t.learned().foreign(list, len(g.strange().letters))
}

// wake has all of list learned, on all cores.
func wake(list []*tongue) {
	var group sync.WaitGroup
	for _, t := range list {
		group.Go(func() { t.learned() })
	}
	group.Wait()
}

// apart says whether words are t's even for a person who otherwise writes in
// from: they have more than names of things that from may have, too. In a
// script that from is not written in, two words say so, one of them known; in
// the same, one that only t has and another ("was kostet": both have "was").
func (t *tongue) apart(words []string, from *tongue) bool {
	own, shared, known, common := 0, 0, false, false
	for _, w := range words {
		mine, theirs := t.learned().words[w], from.learned().words[w]
		if mine&isCommon != 0 {
			shared++
		}
		if theirs&isKnown == 0 {
			own++
			known = known || mine&isKnown != 0
			common = common || mine&isCommon != 0
		}
	}
	if t.script != unicode.Latin && t.script != from.script {
		return common || known && own > 1
	}
	return common && (own > 1 || shared > 1)
}

// most says whether at least half of words are in a script.
func most(script locale.Script, words []string) bool {
	own := 0
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); unicode.Is(script, first) {
			own++
		}
	}
	return len(words) > 0 && own*2 >= len(words)
}

// lettersOf returns the words of a text as a language writes them.
func lettersOf(t reading.Text) []string {
	words := make([]string, 0, len(t.Tokens))
	for _, k := range t.Tokens {
		if k.Letters() != "" {
			words = append(words, k.Letters())
		}
	}
	return words
}

// Learn learns a language, so that the first text that may be in it need not wait.
func (g *Tongues) Learn(tag string) {
	for _, t := range g.list {
		if t.tag == tag {
			t.learned()
		}
	}
}
