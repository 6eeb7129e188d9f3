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
	found := firsts{holders: map[trigram][]holder{}}
	for i, text := range texts {
		v := r.vector(text)
		if g := found.nearest(v, threshold); g >= 0 {
			groups[g] = append(groups[g], i)
			continue
		}
		found.add(v)
		groups = append(groups, []int{i})
	}
	return groups
}

// firsts are the first texts of the groups, by what they hold.
type firsts struct {
	norms   []float64
	holders map[trigram][]holder
	// products are of the text at hand with each first, and seen are those that
	// have a trigram of it; both are kept only so that not each text makes them anew.
	products []float64
	seen     []int
}

// holder is a group whose first text has a trigram, with the weight that it has there.
type holder struct {
	group  int
	weight float64
}

func (f *firsts) add(v vector) {
	for _, e := range v.elements {
		f.holders[e.gram] = append(f.holders[e.gram], holder{len(f.norms), e.weight})
	}
	f.norms, f.products = append(f.norms, v.norm), append(f.products, 0)
}

// nearest is the group whose first text is most like v, the earliest of equals; -1 if none is like enough.
func (f *firsts) nearest(v vector, threshold float64) int {
	products, seen := f.products, f.seen[:0]
	for _, e := range v.elements {
		for _, h := range f.holders[e.gram] {
			p := products[h.group]
			if p == 0 {
				seen = append(seen, h.group) // twice, if what both have weighs nothing: that is no harm
			}
			products[h.group] = p + e.weight*h.weight
		}
	}
	best, likest := -1, threshold
	for _, g := range seen {
		likeness := products[g] / (v.norm * f.norms[g])
		if c := cmp.Compare(likeness, likest); c > 0 || c == 0 && (best < 0 || g < best) {
			best, likest = g, likeness
		}
	}
	for _, g := range seen {
		products[g] = 0
	}
	f.seen = seen
	return best
}

// Likeness is how alike two texts are, from 0 to 1: the cosine of their trigrams.
func (r *Rarity) Likeness(a, b string) float64 {
	x, y := r.vector(a), r.vector(b)
	if x.norm == 0 || y.norm == 0 {
		return 0
	}
	sum := 0.0
	rest := y.elements
	for _, e := range x.elements {
		for len(rest) > 0 && rest[0].gram < e.gram {
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0].gram == e.gram {
			sum += e.weight * rest[0].weight
		}
	}
	return sum / (x.norm * y.norm)
}

// trigram is three letters, of 21 bits each, as many as Unicode needs. So they
// are in the order of their letters.
type trigram uint64

// vector is a text by its trigrams, each once and in their order, so that sums
// are the same to the last bit.
type vector struct {
	elements []element
	norm     float64
}

type element struct {
	gram   trigram
	weight float64
}

// Rarity is how much a trigram tells: one that every question has, little. It is
// made of a corpus that does not change with the texts that are compared, so that
// more texts change no group that is there.
type Rarity struct {
	texts  float64
	counts map[trigram]int
}

// NewRarity counts in how many texts of the corpus each trigram is.
func NewRarity(corpus []string) *Rarity {
	r := &Rarity{texts: float64(len(corpus)), counts: map[trigram]int{}}
	for _, text := range corpus {
		for _, gram := range trigrams(text) {
			r.counts[gram]++
		}
	}
	return r
}

// of is the inverse document frequency of a trigram, smoothed.
func (r *Rarity) of(gram trigram) float64 {
	return math.Log((r.texts + 1) / float64(r.counts[gram]+1))
}

// trigrams are those of a text, each once and in their order.
func trigrams(text string) []trigram {
	const letter = 21               // bits
	const three = 1<<(3*letter) - 1 // the last three letters
	grams := make([]trigram, 0, len(text)+2)
	last, n := trigram(0), 0 // n counts the letters of the word so far, with the space before it
	read := func(r rune) {
		last = (last<<letter | trigram(r)) & three
		if n++; n >= 3 {
			grams = append(grams, last)
		}
	}
	for _, r := range locale.Fold(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if n == 0 {
				read(' ')
			}
			read(r)
		case n > 0:
			read(' ')
			n = 0
		}
	}
	if n > 0 {
		read(' ')
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

func (r *Rarity) vector(text string) vector {
	grams := trigrams(text)
	v := vector{elements: make([]element, len(grams))}
	for i, gram := range grams {
		w := r.of(gram)
		v.elements[i] = element{gram, w}
		v.norm += w * w
	}
	v.norm = math.Sqrt(v.norm)
	return v
}
