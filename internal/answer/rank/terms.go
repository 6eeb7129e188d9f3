package rank

import (
	"cmp"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// term is a piece of a text and how much of it there is.
type term struct {
	hash  uint32
	count float32
}

// How much the kinds of terms weigh. The sum of squares of a word's pieces is
// that of a short word, however long it is.
const (
	wordWeight  = 1
	pairWeight  = 0.8 // two words in a row
	pieceWeight = 2   // three to five letters of a word
	soundWeight = 0.7 // the word as it sounds in another script
	minPiece    = 3
	maxPiece    = 5
)

// The kinds of terms, so that a word and a piece of the same letters are two.
const (
	kindPiece = "p"
	kindWord  = "w"
	kindPair  = "b"
	kindSound = "s"
)

// spelling is a word in the forms from which terms are made.
type spelling struct {
	word, sound string
	terms       []term // of the word by itself
}

// newSpelling takes a word apart into terms: the word, pieces of it, and its
// sound. script is what the language is written in: Latin letters may stand for
// it ("skilky koshtuye", "kam el rusum"). Blanks around a word are letters of it.
func newSpelling(w string, script locale.Script) spelling {
	s := spelling{word: w, sound: soundOf(w, script)}
	s.terms = append(s.terms, term{hash(kindWord, w), wordWeight})
	if isCyrillic(w) {
		s.terms = pieces(s.terms, s.sound)
	} else {
		s.terms = pieces(s.terms, w)
		if s.sound != "" && script == unicode.Cyrillic {
			s.terms = pieces(s.terms, s.sound)
		}
	}
	if utf8.RuneCountInString(s.sound) < 2 {
		s.sound = ""
	} else {
		s.terms = append(s.terms, term{hash(kindSound, s.sound), soundWeight})
	}
	return s
}

// eachPair visits the terms of two words in a row.
func eachPair(words []spelling, visit func(term)) {
	last, lastSound := "", ""
	for _, w := range words {
		if last != "" {
			visit(term{hash(kindPair, last, " ", w.word), pairWeight})
		}
		last = w.word
		if w.sound == "" {
			continue
		}
		if lastSound != "" {
			visit(term{hash(kindPair+kindSound, lastSound, " ", w.sound), soundWeight * pairWeight})
		}
		lastSound = w.sound
	}
}

// termsOf returns the terms of a text by hash, each once: sums of floats come out
// the same every time.
func termsOf(t reading.Text, script locale.Script) []term {
	words := make([]spelling, len(t.Tokens))
	var terms []term
	for i, k := range t.Tokens {
		words[i] = newSpelling(k.Plain(), script)
		terms = append(terms, words[i].terms...)
	}
	eachPair(words, func(t term) { terms = append(terms, t) })
	slices.SortFunc(terms, func(a, b term) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.count, b.count))
	})
	out := terms[:0]
	for _, t := range terms {
		if n := len(out); n > 0 && out[n-1].hash == t.hash {
			out[n-1].count += t.count
		} else {
			out = append(out, t)
		}
	}
	return out
}

// pieces adds the pieces of three to five letters of a word.
func pieces(terms []term, w string) []term {
	marked := "^" + w + "$"
	starts := make([]int, 0, 64)
	for i := range marked {
		starts = append(starts, i)
	}
	starts = append(starts, len(marked))
	n, letters := 0, len(starts)-1
	for size := minPiece; size <= maxPiece; size++ {
		n += max(0, letters-size+1)
	}
	share := float32(pieceWeight / math.Sqrt(float64(n))) // a long word counts no more than a short one
	for size := minPiece; size <= maxPiece; size++ {
		for i := 0; i+size <= letters; i++ {
			terms = append(terms, term{hash(kindPiece, marked[starts[i]:starts[i+size]]), share})
		}
	}
	return terms
}

// hash is FNV-1a. Terms are stored by it alone: two that meet in one of four
// billion values do no harm.
func hash(parts ...string) uint32 {
	h := uint32(2166136261)
	for _, s := range parts {
		for i := range len(s) {
			h = (h ^ uint32(s[i])) * 16777619
		}
	}
	return h
}
