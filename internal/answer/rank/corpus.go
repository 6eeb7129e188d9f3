package rank

import (
	"math"
	"slices"

	"iqbot/internal/locale"
)

// vocabulary gives terms numbers and weights. The rarer a term is, the more it weighs.
type vocabulary struct {
	hashes  []uint32 // of the terms, ascending: a term's number is its place
	weights []float32
	unseen  float32 // weight of a term that is in no example
}

// minExamples is in how many examples a term must be for the vocabulary to keep
// it: what occurs once can be learned by heart, but nothing follows from it.
const minExamples = 2

// feature is a term that the vocabulary knows and its part in a unit vector.
type feature struct {
	id   int32
	part float32
}

// vector returns the vector of a text. Its length is the share of the text that
// the vocabulary knows, at most 1: of a question with strange words, little is
// certain, and it is better to say so than to answer by what is left.
func (v *vocabulary) vector(terms []term) []feature {
	vec := make([]feature, 0, len(terms))
	var sum float32
	for _, t := range terms {
		weight := v.unseen
		if id, ok := slices.BinarySearch(v.hashes, t.hash); ok {
			weight = v.weights[id]
			vec = append(vec, feature{int32(id), t.count * weight}) //nolint:gosec // as in newCorpus
		}
		sum += t.count * weight * t.count * weight
	}
	shorten(vec, sum)
	return vec
}

// shorten divides vec by the length of which sum is the square.
func shorten(vec []feature, sum float32) {
	if sum == 0 {
		return
	}
	length := float32(math.Sqrt(float64(sum)))
	for i := range vec {
		vec[i].part /= length
	}
}

// corpus is the examples as vectors, one behind the other.
type corpus struct {
	class    []int     // of each example
	start    []int32   // of each example's features, and the end
	features []feature // of all
}

func (c *corpus) vector(i int) []feature { return c.features[c.start[i]:c.start[i+1]] }

// newCorpus reads the examples. What is the same in many is done once: the terms
// of a word, and the number of a term.
func newCorpus(examples []Example, script locale.Script) (*corpus, *vocabulary) {
	r := termReader{script: script, numbers: map[uint32]int32{}}
	c := &corpus{class: make([]int, len(examples)), start: make([]int32, 1, len(examples)+1)}
	for i, e := range examples {
		c.class[i] = e.Class
		c.features = r.read(c.features, e)
		c.start = append(c.start, int32(len(c.features))) //nolint:gosec // a language has a million features
	}
	return c, c.weigh(&r)
}

// termReader counts terms. Its numbers are those of all terms, the rare ones too.
type termReader struct {
	script  locale.Script
	words   []*spelling // by reading.Word.ID
	numbers map[uint32]int32
	hashes  []uint32 // by number
	found   []int32  // by number: in how many examples
	last    []int32  // by number: where it stands in the features of the last example that has it
}

// read adds the terms of an example to list, each once; part is how much there is of it.
func (r *termReader) read(list []feature, e Example) []feature {
	from := int32(len(list)) //nolint:gosec // as in newCorpus
	words := make([]spelling, len(e.Text.Tokens))
	for i, k := range e.Text.Tokens {
		for k.ID >= len(r.words) {
			r.words = append(r.words, nil)
		}
		if r.words[k.ID] == nil {
			s := newSpelling(k.Plain(), r.script)
			for j, t := range s.terms { // from here on, the number in place of the hash
				s.terms[j].hash = uint32(r.number(t.hash)) //nolint:gosec // not negative
			}
			r.words[k.ID] = &s
		}
		words[i] = *r.words[k.ID]
	}
	add := func(n int32, count float32) {
		if at := r.last[n]; at >= from {
			list[at].part += count
			return
		}
		r.found[n]++
		r.last[n] = int32(len(list)) //nolint:gosec // as in newCorpus
		list = append(list, feature{n, count})
	}
	for _, w := range words {
		for _, t := range w.terms {
			add(int32(t.hash), t.count) //nolint:gosec // it is a number
		}
	}
	eachPair(words, func(t term) { add(r.number(t.hash), t.count) })
	return list
}

func (r *termReader) number(hash uint32) int32 {
	n, ok := r.numbers[hash]
	if !ok {
		n = int32(len(r.hashes)) //nolint:gosec // as in newCorpus
		r.numbers[hash] = n
		r.hashes, r.found, r.last = append(r.hashes, hash), append(r.found, 0), append(r.last, -1)
	}
	return n
}

// weigh makes the vocabulary of r, and vectors of its terms that c has.
func (c *corpus) weigh(r *termReader) *vocabulary {
	examples := float64(len(c.class))
	v := &vocabulary{unseen: float32(math.Log(examples))}
	for n, found := range r.found {
		if found >= minExamples {
			v.hashes = append(v.hashes, r.hashes[n])
		}
	}
	slices.Sort(v.hashes)
	v.hashes = slices.Clip(v.hashes)
	v.weights = make([]float32, len(v.hashes))
	ids := make([]int32, len(r.hashes)) // by number; -1 if it is rare
	for n, found := range r.found {
		ids[n] = -1
		if id, ok := slices.BinarySearch(v.hashes, r.hashes[n]); ok {
			ids[n] = int32(id) //nolint:gosec // as in newCorpus
			v.weights[id] = float32(math.Log(examples / float64(found)))
		}
	}
	kept := c.features[:0]
	for i := range c.class {
		vec := c.vector(i)
		from, sum := len(kept), float32(0)
		for _, f := range vec {
			weight := v.unseen
			if id := ids[f.id]; id >= 0 {
				weight = v.weights[id]
				kept = append(kept, feature{id, f.part * weight})
			}
			sum += f.part * weight * f.part * weight
		}
		shorten(kept[from:], sum)
		c.start[i] = int32(from) //nolint:gosec // as in newCorpus
	}
	c.start[len(c.class)] = int32(len(kept)) //nolint:gosec // as in newCorpus
	c.features = kept
	return v
}

// together is a corpus in which the features that always occur together, as do the
// pieces of a rare word, are one: they would learn the same, each by itself.
type together struct {
	corpus
	row  []int32   // of each feature
	size []float32 // of each row: how many features it has
}

// together puts features together.
func (c *corpus) together(features int) *together {
	occur := make([]uint64, features) // FNV-1a of the examples that have it
	for f := range occur {
		occur[f] = 14695981039346656037
	}
	for i := range c.class {
		for _, f := range c.vector(i) {
			occur[f.id] = (occur[f.id] ^ uint64(i)) * 1099511628211 //nolint:gosec // not negative
		}
	}
	t := &together{corpus: corpus{class: c.class, start: make([]int32, 1, len(c.start))}, row: make([]int32, features)}
	rows := map[uint64]int32{}
	for f, h := range occur {
		r, ok := rows[h]
		if !ok {
			r = int32(len(t.size)) //nolint:gosec // as in newCorpus
			rows[h], t.size = r, append(t.size, 0)
		}
		t.row[f] = r
		t.size[r]++
	}
	last := slices.Repeat([]int32{-1}, len(t.size)) // where each row stands in the features of the last example that has it
	for i := range c.class {
		from := t.start[i]
		for _, f := range c.vector(i) {
			r := t.row[f.id]
			if at := last[r]; at >= from {
				t.features[at].part += f.part
				continue
			}
			last[r] = int32(len(t.features)) //nolint:gosec // as in newCorpus
			t.features = append(t.features, feature{r, f.part})
		}
		t.start = append(t.start, int32(len(t.features))) //nolint:gosec // as in newCorpus
	}
	return t
}
