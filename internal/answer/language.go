// Package answer tells the language of a question by what it has learned from
// the articles.
//
// # Language of a question
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
package answer

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"iqbot/internal/richtext"
)

// What a language must show to be told, measured on testdata/languages.tsv.
const (
	ahead     = 2.0  // logarithm of how much likelier it is than the next
	strange   = 0.45 // share of the trigrams that it has never seen, at most
	commonIn  = 12   // a common word is used in more than one of so many topics
	wordBonus = 1.5  // logarithm of what a known word is worth beside its trigrams
	maxPieces = 6    // trigrams that a word counts for, however long it is
	hardly    = -1.9 // logarithm of the likelihood that words of a language have none of its peculiar letters
	unseen    = 0.3  // how often a trigram occurs that does not occur
)

//go:embed neighbours.txt
var neighbourWords string

// tongues tells in which language a text is. It is learned from the articles:
// how often three letters follow each other, the words, and the letters that a
// language has at all. Besides, it knows words of languages that have no
// articles, so that it does not take them for their neighbours.
type tongues struct {
	list       []*tongue
	trigrams   map[uint32][]trigram
	neighbours map[string][]int // word -> numbers of the languages without articles that have it
	letters    []map[rune]bool  // of those languages
}

// tongue is what is known of one language.
type tongue struct {
	tag     string
	script  *unicode.RangeTable
	letters map[rune]int    // of its edited texts, and how often each occurs
	words   map[string]bool // of its edited texts, also the foreign ones
	known   map[string]bool // these, and those that several questions have
	common  map[string]bool // words of its own that are no names of things: most topics need them
	rare    float64         // logarithm of how often a trigram occurs that it does not have

	// peculiar tells by letter, a bit for each neighbour, whether the neighbour
	// lacks it; lacking is, by neighbour, the logarithm of the share of other letters.
	peculiar map[rune]uint64
	lacking  []float64
}

// trigram is how often three letters occur in a language.
type trigram struct {
	lang int
	log  float64
}

// scripts are those that languages are told apart by before anything else.
var scripts = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Arabic, unicode.Greek, unicode.Hebrew, unicode.Ethiopic, unicode.Devanagari, unicode.Han}

// newTongues learns the languages tags of l.
func newTongues(l *Library, tags []string) *tongues {
	g := &tongues{trigrams: map[uint32][]trigram{}, neighbours: map[string][]int{}}
	for line := range strings.Lines(neighbourWords) {
		tag, words, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") || slices.Contains(tags, tag) {
			continue
		}
		n, letters := len(g.letters), map[rune]bool{}
		for _, w := range letterWords(words) {
			if !slices.Contains(g.neighbours[w], n) {
				g.neighbours[w] = append(g.neighbours[w], n)
			}
			for _, r := range w {
				letters[r] = true
			}
		}
		g.letters = append(g.letters, letters)
	}
	for _, tag := range tags {
		g.learn(l, tag)
	}
	return g
}

// learn takes in one language. Only what an editor wrote says which letters and
// words are its own: the questions also hold what people type in other languages.
func (g *tongues) learn(l *Library, tag string) {
	t := &tongue{tag: tag, letters: map[rune]int{}, words: map[string]bool{}, known: map[string]bool{}, common: map[string]bool{}}
	var articles []Article
	var edited, titles strings.Builder
	for _, topic := range l.topics {
		if a, ok := l.articles[articleID{tag, topic}]; ok {
			a.Body = a.Title + "\n\n" + richtext.Parse(a.Body).Plain()
			articles = append(articles, a)
			edited.WriteString(a.Body + "\n\n")
			titles.WriteString(a.Title)
		}
	}
	t.script = mainScript(titles.String())
	capital := t.edited(edited.String())
	t.compare(g.letters)
	used := map[string]int{}   // how often a word of its own occurs
	asked := map[string]int{}  // how often any word occurs in the questions
	topics := map[string]int{} // in how many topics a word of its own occurs
	for _, a := range articles {
		seen := map[string]bool{}
		read := func(words []string) {
			for _, w := range words {
				if t.has(w) {
					used[w]++
					seen[w] = true
				}
			}
		}
		read(letterWords(a.Body))
		for _, q := range a.Questions {
			words := letterWords(q)
			if t.most(words) {
				for _, w := range words {
					asked[w]++
				}
			}
			if !g.foreign(t, words) {
				read(words)
			}
		}
		for w := range seen {
			topics[w]++
		}
	}
	for w, n := range asked {
		if n > 1 {
			t.known[w] = true
		}
	}
	for w, n := range topics {
		if n > len(articles)/commonIn && t.words[w] && !capital[w] {
			t.common[w] = true
		}
	}
	counts, total := map[uint32]float64{}, 0.0
	for w, n := range used {
		eachTrigram(w, func(h uint32) {
			counts[h] += float64(n)
			total += float64(n)
		})
	}
	for h, n := range counts {
		g.trigrams[h] = append(g.trigrams[h], trigram{len(g.list), math.Log(n / total)})
	}
	t.rare = math.Log(unseen / max(total, 1))
	g.list = append(g.list, t)
}

// edited takes in the letters and words of what editors wrote, and
// returns the words that have a capital within a sentence.
func (t *tongue) edited(text string) (capital map[string]bool) {
	for _, r := range strings.ToLower(text) {
		if t.letters[r] > 0 || unicode.Is(t.script, r) {
			t.letters[r]++
		}
	}
	for _, w := range letterWords(text) {
		t.words[w], t.known[w] = true, true
	}
	capital = map[string]bool{}
	for _, w := range capitalWords(text) {
		capital[w] = true
	}
	return capital
}

// compare notes which letters the languages without articles lack.
func (t *tongue) compare(neighbours []map[rune]bool) {
	t.peculiar, t.lacking = map[rune]uint64{}, make([]float64, len(neighbours))
	total := 0
	for _, n := range t.letters {
		total += n
	}
	for i, letters := range neighbours {
		lacks := 0
		for r, n := range t.letters {
			if !letters[r] {
				lacks += n
				t.peculiar[r] |= 1 << i
			}
		}
		t.lacking[i] = math.Log1p(-float64(lacks) / float64(total+1))
	}
}

// lacked returns, a bit for each, the neighbours of whose missing letters words
// have none, although words of t as long as these would hardly be without one.
func (t *tongue) lacked(words []string) (neighbours uint64) {
	letters, seen := 0, uint64(0)
	for _, w := range words {
		for _, r := range w {
			letters++
			seen |= t.peculiar[r]
		}
	}
	for i, l := range t.lacking {
		if seen&(1<<i) == 0 && l*float64(letters) < hardly {
			neighbours |= 1 << i
		}
	}
	return neighbours
}

// most says whether at least half of words are in the language's script.
func (t *tongue) most(words []string) bool {
	own := 0
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); unicode.Is(t.script, first) {
			own++
		}
	}
	return own*2 >= len(words)
}

// has says whether all letters of a word are letters of the language.
func (t *tongue) has(word string) bool {
	for _, r := range word {
		if t.letters[r] == 0 {
			return false
		}
	}
	return true
}

// foreign says whether words have more of the words of a neighbour than of
// t's; having none of the letters by which they differ counts as one. Words that both have do not count, and neither do those of one letter,
// which too many languages share.
func (g *tongues) foreign(t *tongue, words []string) bool {
	own := 0
	theirs, both := make([]int, len(g.letters)), make([]int, len(g.letters))
	for _, w := range words {
		if utf8.RuneCountInString(w) < 2 {
			continue
		}
		counts := theirs
		if t.words[w] {
			own++
			counts = both
		}
		for _, n := range g.neighbours[w] {
			counts[n]++
		}
	}
	lacked := t.lacked(words)
	for n := range theirs {
		if lacked&(1<<n) != 0 {
			theirs[n]++
		}
		if theirs[n] > 0 && theirs[n] >= own-both[n] {
			return true
		}
	}
	return false
}

// tell returns the language of text, or "" if none or more than one is likely,
// in a dialogue that is in the language from. The dialogue's language needs
// less to be told than another: German names of offices, and words that are
// the same in both, are no sign that a person has changed the language.
func (g *tongues) tell(text, from string) string {
	words := letterWords(text)
	t := g.likeliest(words)
	if t == nil {
		return ""
	}
	i := slices.IndexFunc(g.list, func(t *tongue) bool { return t.tag == from })
	if i >= 0 && t.tag != from && !t.apart(words, g.list[i]) {
		return ""
	}
	return t.tag
}

// likeliest returns the language that words are in, nil if none or more than one is likely.
func (g *tongues) likeliest(words []string) *tongue {
	var winner *tongue
	best, second := math.Inf(-1), math.Inf(-1)
	for i, t := range g.list {
		sum, ok := g.likeness(i, t, words)
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

// apart says whether words are t's even for a person who otherwise writes in
// from: they have more than names of things that from may have, too. In a
// script that from is not written in, two words say so, one of them known; in
// the same, one that only t has and another ("was kostet": both have "was").
func (t *tongue) apart(words []string, from *tongue) bool {
	own, shared, known, common := 0, 0, false, false
	for _, w := range words {
		if t.common[w] {
			shared++
		}
		if !from.known[w] {
			own++
			known = known || t.known[w]
			common = common || t.common[w]
		}
	}
	if t.script != unicode.Latin && t.script != from.script {
		return common || known && own > 1
	}
	return common && (own > 1 || shared > 1)
}

// likeness is the logarithm of how likely words are in a language; false if they cannot be in it.
func (g *tongues) likeness(lang int, t *tongue, words []string) (float64, bool) {
	if !t.most(words) {
		return 0, false
	}
	sum, all, unknown := 0.0, 0, 0
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); unicode.Is(t.script, first) && !t.has(w) {
			return 0, false
		}
		n, logs := 0, 0.0
		eachTrigram(w, func(h uint32) {
			n++
			at := slices.IndexFunc(g.trigrams[h], func(x trigram) bool { return x.lang == lang })
			if at < 0 {
				logs += t.rare
				unknown++
				return
			}
			logs += g.trigrams[h][at].log
		})
		if n > 0 {
			all += n
			sum += logs / float64(n) * float64(min(n, maxPieces))
		}
		if t.words[w] {
			sum += wordBonus
		}
	}
	return sum, all >= 3 && float64(unknown) <= strange*float64(all)
}

// mainScript is the script that most letters of text are in.
func mainScript(text string) *unicode.RangeTable {
	best, most := scripts[0], 0
	for _, s := range scripts {
		n := 0
		for _, r := range text {
			if unicode.Is(s, r) {
				n++
			}
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// letterWords returns the words of text in lower case, without marks that
// stand above or below letters; numbers and signs part them, apostrophes do not.
func letterWords(text string) []string {
	var words []string
	var b strings.Builder
	for _, r := range norm.NFC.String(text) + " " {
		switch {
		case unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsMark(r), strings.ContainsRune("'’ʼ`\u200c", r):
		case b.Len() > 0:
			words = append(words, b.String())
			b.Reset()
		}
	}
	return words
}

// capitalWords returns, in lower case, the words that begin with a capital and do not begin a sentence.
func capitalWords(text string) []string {
	var list []string
	starts := true
	for _, field := range strings.Fields(text) {
		w := strings.TrimLeftFunc(field, func(r rune) bool { return !unicode.IsLetter(r) })
		for _, r := range w {
			if unicode.IsUpper(r) && !starts {
				list = append(list, letterWords(w)...)
			}
			break
		}
		starts = w == "" || strings.ContainsAny(field[len(field)-1:], ".:!?") || strings.HasPrefix(field, "•")
	}
	return list
}

// eachTrigram visits the pieces of three letters of a word, with its beginning and end.
func eachTrigram(word string, visit func(hash uint32)) {
	marked := []rune("^" + word + "$")
	for i := 0; i+3 <= len(marked); i++ {
		visit(hash("", string(marked[i:i+3])))
	}
}
