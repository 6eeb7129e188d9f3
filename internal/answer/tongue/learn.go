package tongue

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// tongueData is what has been learned of one language.
type tongueData struct {
	letters  map[rune]int       // of its edited texts, and how often each occurs
	words    map[string]belongs // what is known of a word
	trigrams map[uint32]float32 // logarithm of how often three letters occur
	rare     float64            // the same for those that do not occur

	// peculiar tells by letter, a bit for each neighbour, whether the neighbour
	// lacks it; lacking is, by neighbour, the logarithm of the share of other letters.
	peculiar map[rune]uint64
	lacking  []float64
}

// belongs says how a word belongs to a language.
type belongs uint8

const (
	isWord   belongs = 1 << iota // it is in the edited texts, also as a foreign one
	isKnown                      // so, or several questions have it
	isCommon                     // it is a word of its own and no name of things: most topics need it
)

// learn takes in one language.
func learn(l Language, strange *neighbours) *tongueData {
	d := &tongueData{letters: map[rune]int{}, words: map[string]belongs{}, trigrams: map[uint32]float32{}, peculiar: map[rune]uint64{}}
	texts := l.Texts()
	r := reading.New(nil)
	edited := make([]reading.Text, len(texts))
	capital := map[string]bool{}
	for i, text := range texts {
		edited[i] = r.Read(text.Edited)
		d.edited(l.Script, edited[i], capital)
	}
	d.compare(strange.letters)
	c := counter{data: d, script: l.Script, strange: strange}
	for i, text := range texts {
		c.count(c.read(edited[i]), i+1)
		for _, q := range text.Questions {
			words := c.read(r.Read(q))
			c.ask(words)
			if !d.foreign(words, len(strange.letters)) {
				c.count(words, i+1)
			}
		}
	}
	c.learn(len(texts), capital)
	return d
}

// counter counts the words of a language. What it knows of a word it finds out once.
type counter struct {
	data    *tongueData
	script  locale.Script
	strange *neighbours
	words   []*counted // by [reading.Word.ID]; nil if the word was not read yet
	text    []*counted // what was read last
}

// counted is what matters of a word of a text, and how often it occurs while the
// language is learned.
type counted struct {
	letters    string
	runes      int
	isWord     bool   // of the edited texts
	neighbours []int  // that have it
	peculiar   uint64 // neighbours that lack one of its letters
	has        bool   // all its letters are letters of the language
	inScript   bool   // the first is of its script

	used   int // in texts that are in the language
	asked  int // in questions that may be
	topics int // that use it
	last   int // of them
}

func (d *tongueData) counted(letters string, script locale.Script, strange *neighbours) *counted {
	w := &counted{
		letters: letters, runes: utf8.RuneCountInString(letters), isWord: d.words[letters]&isWord != 0,
		neighbours: strange.words[letters], has: d.has(letters),
	}
	first, _ := utf8.DecodeRuneInString(letters)
	w.inScript = unicode.Is(script, first)
	for _, r := range letters {
		w.peculiar |= d.peculiar[r]
	}
	return w
}

// read returns the words of a text; they are good until the next is read.
func (c *counter) read(t reading.Text) []*counted {
	c.text = c.text[:0]
	for _, k := range t.Tokens {
		for k.ID >= len(c.words) {
			c.words = append(c.words, nil)
		}
		w := c.words[k.ID]
		if w == nil {
			w = c.data.counted(k.Letters(), c.script, c.strange)
			c.words[k.ID] = w
		}
		if w.letters != "" {
			c.text = append(c.text, w)
		}
	}
	return c.text
}

// count notes that a topic uses words.
func (c *counter) count(words []*counted, topic int) {
	for _, w := range words {
		if !w.has {
			continue
		}
		w.used++
		if w.last != topic {
			w.last = topic
			w.topics++
		}
	}
}

// ask notes that words are asked with, if most of them are in the language's script.
func (c *counter) ask(words []*counted) {
	own := 0
	for _, w := range words {
		if w.inScript {
			own++
		}
	}
	if own*2 < len(words) {
		return
	}
	for _, w := range words {
		w.asked++
	}
}

// learn takes what was counted into the data. A word may have been written in several ways.
func (c *counter) learn(topics int, capital map[string]bool) {
	used, asked, in := map[string]int{}, map[string]int{}, map[string]int{}
	for _, w := range c.words {
		if w == nil || w.letters == "" {
			continue
		}
		used[w.letters] += w.used
		asked[w.letters] += w.asked
		in[w.letters] = max(in[w.letters], w.topics)
		if asked[w.letters] > 1 {
			c.data.words[w.letters] |= isKnown
		}
		if in[w.letters] > topics/commonIn && w.isWord && !capital[w.letters] {
			c.data.words[w.letters] |= isCommon
		}
	}
	c.data.count(used)
}

// edited takes in the letters and words of what an editor wrote, and adds to
// capital the words that have a capital within a sentence.
func (d *tongueData) edited(script locale.Script, text reading.Text, capital map[string]bool) {
	for _, r := range text.Raw {
		r = unicode.ToLower(r)
		if d.letters[r] > 0 || unicode.Is(script, r) {
			d.letters[r]++
		}
	}
	end := 0 // of the word before
	for _, k := range text.Tokens {
		if k.Letters() != "" {
			d.words[k.Letters()] |= isWord | isKnown
			first, _ := utf8.DecodeRuneInString(text.Raw[k.From:])
			if unicode.IsUpper(first) && end > 0 && !strings.ContainsAny(text.Raw[end:k.From], ".:!?•\n") {
				capital[k.Letters()] = true
			}
		}
		end = k.To
	}
}

// count learns from how often each word is used.
func (d *tongueData) count(used map[string]int) {
	counts, total := map[uint32]int{}, 0
	for w, n := range used {
		if n == 0 {
			continue
		}
		eachTrigram(w, func(h uint32) {
			counts[h] += n
			total += n
		})
	}
	for h, n := range counts {
		d.trigrams[h] = float32(math.Log(float64(n) / float64(total)))
	}
	d.rare = math.Log(unseen / float64(max(total, 1)))
}

// compare notes which letters the languages without articles lack.
func (d *tongueData) compare(neighbours []map[rune]bool) {
	d.lacking = make([]float64, len(neighbours))
	total := 0
	for _, n := range d.letters {
		total += n
	}
	for i, letters := range neighbours {
		lacks := 0
		for r, n := range d.letters {
			if !letters[r] {
				lacks += n
				d.peculiar[r] |= 1 << i
			}
		}
		d.lacking[i] = math.Log1p(-float64(lacks) / float64(total+1))
	}
}

// lacked returns, a bit for each, the neighbours of whose missing letters words
// have none, although words of the language as long as these would hardly be without one.
func (d *tongueData) lacked(letters int, peculiar uint64) (neighbours uint64) {
	for i, l := range d.lacking {
		if peculiar&(1<<i) == 0 && l*float64(letters) < hardly {
			neighbours |= 1 << i
		}
	}
	return neighbours
}

// has says whether all letters of a word are letters of the language.
func (d *tongueData) has(word string) bool {
	for _, r := range word {
		if d.letters[r] == 0 {
			return false
		}
	}
	return true
}

// foreign says whether words have more of the words of a neighbour than of
// the language's; having none of the letters by which they differ counts as one.
// Words that both have do not count, and neither do those of one letter, which too
// many languages share.
func (d *tongueData) foreign(words []*counted, neighbours int) bool {
	own, letters, peculiar := 0, 0, uint64(0)
	var theirs, both [maxNeighbours]int
	for _, w := range words {
		letters += w.runes
		peculiar |= w.peculiar
		if w.runes < 2 {
			continue
		}
		counts := &theirs
		if w.isWord {
			own++
			counts = &both
		}
		for _, n := range w.neighbours {
			counts[n]++
		}
	}
	lacked := d.lacked(letters, peculiar)
	for n := range neighbours {
		if lacked&(1<<n) != 0 {
			theirs[n]++
		}
		if theirs[n] > 0 && theirs[n] >= own-both[n] {
			return true
		}
	}
	return false
}

// likeness is the logarithm of how likely words are in the language; false if they cannot be in it.
func (d *tongueData) likeness(script locale.Script, words []string) (float64, bool) {
	sum, all, unknown := 0.0, 0, 0
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); unicode.Is(script, first) && !d.has(w) {
			return 0, false
		}
		n, logs := 0, 0.0
		eachTrigram(w, func(h uint32) {
			n++
			if log, ok := d.trigrams[h]; ok {
				logs += float64(log)
			} else {
				logs += d.rare
				unknown++
			}
		})
		if n > 0 {
			all += n
			sum += logs / float64(n) * float64(min(n, maxPieces))
		}
		if d.words[w]&isWord != 0 {
			sum += wordBonus
		}
	}
	return sum, all >= 3 && float64(unknown) <= foreignTo*float64(all)
}

// eachTrigram visits the pieces of three letters of a word, with its beginning and end.
func eachTrigram(word string, visit func(hash uint32)) {
	a, b := rune(0), '^'
	for _, c := range word {
		if a != 0 {
			visit(trigram(a, b, c))
		}
		a, b = b, c
	}
	visit(trigram(a, b, '$'))
}

// trigram is FNV-1a of three letters. Two that meet in one of four billion values do no harm.
func trigram(letters ...rune) uint32 {
	h := uint32(2166136261)
	for _, r := range letters {
		for range 3 {
			h = (h ^ uint32(r&0xff)) * 16777619
			r >>= 8
		}
	}
	return h
}
