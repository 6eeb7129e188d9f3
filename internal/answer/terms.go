package answer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

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

// split takes text apart into terms: words, pairs of words, pieces of words,
// and sounds. script is what the language of the dialogue is written in: Latin letters may stand for it
// ("skilky koshtuye", "kam el rusum"). Blanks around a word are letters of it.
func split(text string, script language.Script) []term { return termsOf(words(text), script) }

// termsOf is split for the words of a text.
func termsOf(list []string, script language.Script) []term {
	var terms []term
	add := func(kind, s string, count float32) { terms = append(terms, term{hash(kind, s), count}) }
	last, lastSound := "", ""
	for _, w := range list {
		add(kindWord, w, wordWeight)
		if last != "" {
			add(kindPair, last+" "+w, pairWeight)
		}
		last = w
		sound := soundOf(w, script)
		if isCyrillic(w) {
			pieces(sound, add)
		} else {
			pieces(w, add)
			if sound != "" && script == cyrillic {
				pieces(sound, add)
			}
		}
		if utf8.RuneCountInString(sound) < 2 {
			continue
		}
		add(kindSound, sound, soundWeight)
		if lastSound != "" {
			add(kindPair+kindSound, lastSound+" "+sound, soundWeight*pairWeight)
		}
		lastSound = sound
	}
	return merge(terms)
}

// pieces visits the pieces of three to five letters of a word.
func pieces(w string, add func(kind, s string, count float32)) {
	marked := "^" + w + "$"
	starts := make([]int, 0, len(marked)+1)
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
			add(kindPiece, marked[starts[i]:starts[i+size]], share)
		}
	}
}

// words returns the words of text in the form in which they are compared.
func words(text string) []string {
	list := strings.FieldsFunc(locale.Fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("'’ʼ`", r)
	})
	for i, w := range list {
		list[i] = plain.Replace(w)
		for _, article := range []string{"وال", "بال", "ال", "لل"} {
			if stem, ok := strings.CutPrefix(list[i], article); ok && utf8.RuneCountInString(stem) >= 3 {
				list[i] = stem
				break
			}
		}
	}
	return slices.DeleteFunc(list, func(w string) bool { return w == "" })
}

// plain makes one of the two ways to type a German umlaut without its key, and drops apostrophes.
var plain = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "'", "", "’", "", "ʼ", "", "`", "")

// merge sorts terms by hash and adds up those that are equal, so that sums of
// floats come out the same every time.
func merge(terms []term) []term {
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

// hash is FNV-1a. Terms are stored by it alone: two that meet in one of four
// billion values do no harm.
func hash(kind, s string) uint32 {
	h := uint32(2166136261)
	for i := range len(kind) {
		h = (h ^ uint32(kind[i])) * 16777619
	}
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
