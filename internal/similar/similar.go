// Package similar groups short texts that say nearly the same, so that editors
// read a question once that many people asked. It is pure.
//
// Likeness is that of letters, not of meaning: common groups of three letters
// within words, after [locale.Fold], each by how much it tells. So spelling, endings,
// order and a few more words do not matter, in any language; other words for the
// same do.
package similar

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"iqbot/internal/locale"
)

// Threshold is the least likeness of a text to the first of its group.
//
// Measured on the 15,572 phrasings under locales/, by TestThreshold: of those that
// join a group, 58 % (en), 60 % (de), 72 % (uk) and 81 % (ar) join one of their own topic,
// and with two letters exchanged 74 to 88 % meet themselves. Of the others most
// are close ("iq counselling", "is the counselling free"), but not the same: an
// editor must look at each text of a group. At 0.7 hardly fewer are wrong (37 % in
// en), and only half as many meet.
const Threshold = 0.6

// Groups joins texts that are alike; each group is indices into texts in their
// order, the groups by their first. A text joins the earlier group whose FIRST text
// it is most like. So what comes later changes no group that was there, but adds to it:
// a group may be named by its first text.
func (r *Rarity) Groups(texts []string, threshold float64) [][]int {
	var groups [][]int
	var firsts []vector
	holders := map[string][]int{} // trigram -> groups whose first text has it
	for i, text := range texts {
		v := r.vector(text)
		if g := nearest(v, firsts, holders, threshold); g >= 0 {
			groups[g] = append(groups[g], i)
			continue
		}
		for gram := range v.weights {
			holders[gram] = append(holders[gram], len(groups))
		}
		groups, firsts = append(groups, []int{i}), append(firsts, v)
	}
	return groups
}

// nearest is the group whose first text is most like v, the earliest of equals; -1 if none is like enough.
func nearest(v vector, firsts []vector, holders map[string][]int, threshold float64) int {
	products := map[int]float64{}
	for gram, w := range v.weights {
		for _, g := range holders[gram] {
			products[g] += w * firsts[g].weights[gram]
		}
	}
	best, likest := -1, threshold
	for g, p := range products {
		likeness := p / (v.norm * firsts[g].norm)
		if c := cmp.Compare(likeness, likest); c > 0 || c == 0 && (best < 0 || g < best) {
			best, likest = g, likeness
		}
	}
	return best
}

// Likeness is how alike two texts are, from 0 to 1: the cosine of their trigrams.
func (r *Rarity) Likeness(a, b string) float64 {
	x, y := r.vector(a), r.vector(b)
	if x.norm == 0 || y.norm == 0 {
		return 0
	}
	sum := 0.0
	for gram, w := range x.weights {
		sum += w * y.weights[gram]
	}
	return sum / (x.norm * y.norm)
}

// vector is a text by its trigrams.
type vector struct {
	weights map[string]float64
	norm    float64
}

// Rarity is how much a trigram tells: one that every question has, little. It is
// made of a corpus that does not change with the texts that are compared, so that
// more texts change no group that is there.
type Rarity struct {
	texts  float64
	counts map[string]int
}

// NewRarity counts in how many texts of the corpus each trigram is.
func NewRarity(corpus []string) *Rarity {
	r := &Rarity{texts: float64(len(corpus)), counts: map[string]int{}}
	for _, text := range corpus {
		for gram := range trigrams(text) {
			r.counts[gram]++
		}
	}
	return r
}

// of is the inverse document frequency of a trigram, smoothed.
func (r *Rarity) of(gram string) float64 {
	return math.Log((r.texts + 1) / float64(r.counts[gram]+1))
}

func trigrams(text string) map[string]bool {
	grams := map[string]bool{}
	words := strings.FieldsFunc(locale.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		letters := []rune(" " + word + " ")
		for i := range len(letters) - 2 {
			grams[string(letters[i:i+3])] = true
		}
	}
	return grams
}

func (r *Rarity) vector(text string) vector {
	v := vector{weights: map[string]float64{}}
	for gram := range trigrams(text) {
		v.weights[gram] = r.of(gram)
	}
	for _, gram := range sorted(v.weights) {
		v.norm += v.weights[gram] * v.weights[gram]
	}
	v.norm = math.Sqrt(v.norm)
	return v
}

// sorted gives the trigrams in one order, so that sums are the same to the last bit.
func sorted(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
