package answer

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// The functions of this file that are marked norace go through numbers that
// only their caller has, millions of times: with the race detector, learning
// took 15 s in place of 4, in each process that a test starts.

// feature is a term that the vocabulary knows and its part in a unit vector.
type feature struct {
	id   int32
	part float32
}

// vocabulary gives terms numbers and weights. The rarer a term is, the more it weighs.
type vocabulary struct {
	ids     map[uint32]int32
	weights []float32
	unseen  float32 // weight of a term that is in no example
}

// minExamples is in how many examples a term must be for the vocabulary to keep
// it: what occurs once can be learned by heart, but nothing follows from it.
const minExamples = 2

func newVocabulary(texts [][]term) *vocabulary {
	n := map[uint32]int32{}
	for _, terms := range texts {
		for _, t := range terms {
			n[t.hash]++
		}
	}
	v := &vocabulary{ids: make(map[uint32]int32, len(n)/2), unseen: float32(math.Log(float64(len(texts))))}
	for _, terms := range texts { // in the order of the examples, so that numbers are the same every time
		for _, t := range terms {
			if n[t.hash] < minExamples {
				continue
			}
			if _, ok := v.ids[t.hash]; !ok {
				v.ids[t.hash] = int32(len(v.weights))
				v.weights = append(v.weights, float32(math.Log(float64(len(texts))/float64(n[t.hash]))))
			}
		}
	}
	return v
}

// vector returns the vector of a text. Its length is the share of the text that
// the vocabulary knows, at most 1: of a question with strange words, little is
// certain, and it is better to say so than to answer by what is left.
func (v *vocabulary) vector(terms []term) []feature {
	vec := make([]feature, 0, len(terms))
	var sum float64
	for _, t := range terms {
		weight := v.unseen
		id, ok := v.ids[t.hash]
		if ok {
			weight = v.weights[id]
			vec = append(vec, feature{id, t.count * weight})
		}
		sum += float64(t.count*weight) * float64(t.count*weight)
	}
	length := float32(math.Sqrt(sum))
	for i := range vec {
		vec[i].part /= length
	}
	return vec
}

// classifier is a multinomial logistic regression: for each term, how much it
// speaks for each class.
type classifier struct {
	classes int
	bias    []float32
	weights []float32 // of feature f for class c: weights[f*classes+c]
}

// How the classifier learns; measured by cross-validation over the ways of asking.
const (
	epochs     = 5
	rate       = 1.0   // of learning, for a feature that has not been learned yet
	negligible = 0.003 // an error that is not worth a correction
)

// learn trains a classifier by stochastic gradient descent. A feature learns
// the less, the more it has learned (AdaGrad, with one sum for each feature and
// not for each weight: as good here, and half the memory).
// The order of the examples is shuffled, but the same every time.
//
//go:norace
func learn(vectors [][]feature, class []int, classes, features int) *classifier {
	m := &classifier{classes: classes, bias: make([]float32, classes), weights: make([]float32, features*classes)}
	learned := make([]float32, features)
	for f := range learned {
		learned[f] = 0.01
	}
	emphasis := balance(class, classes)
	learnedBias := float32(1)
	p := make([]float32, classes)         // probabilities, then errors
	var wrong []int                       // classes with an error worth a correction
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret hangs on it, and it must be repeatable
	for range epochs {
		for _, i := range random.Perm(len(vectors)) {
			m.probabilities(vectors[i], p)
			p[class[i]]--
			var sum float32
			for c := range p {
				p[c] *= emphasis[class[i]]
				sum += p[c] * p[c]
			}
			learnedBias += sum
			step := 0.1 * rate / float32(math.Sqrt(float64(learnedBias)))
			for c, g := range p {
				m.bias[c] -= step * g
			}
			wrong = wrong[:0]
			for c, g := range p {
				if g > negligible || g < -negligible {
					wrong = append(wrong, c)
				}
			}
			for _, f := range vectors[i] {
				learned[f.id] += sum * f.part * f.part
				step := rate * f.part / float32(math.Sqrt(float64(learned[f.id])))
				row := m.weights[int(f.id)*classes : int(f.id+1)*classes]
				for _, c := range wrong {
					row[c] -= step * p[c]
				}
			}
		}
	}
	return m
}

// balance is how much an example of each class counts: those of a class with
// few examples count more, but not so much that the classes are equal.
func balance(class []int, classes int) []float32 {
	n := make([]float64, classes)
	for _, c := range class {
		n[c]++
	}
	weights := make([]float32, classes)
	for c := range weights {
		weights[c] = float32(math.Sqrt(float64(len(class)) / float64(classes) / max(1, n[c])))
	}
	return weights
}

// logits sets z to how much speaks for each class.
//
//go:norace
func (m *classifier) logits(vec []feature, z []float32) {
	copy(z, m.bias)
	for _, f := range vec {
		addScaled(z, f.part, m.weights[int(f.id)*m.classes:int(f.id+1)*m.classes])
	}
}

// addScaled adds x times row to z. Most of the time of learning goes by here, so
// it takes four steps at a time.
//
//go:norace
func addScaled(z []float32, x float32, row []float32) {
	for len(row) >= 4 && len(z) >= 4 {
		z[0] += x * row[0]
		z[1] += x * row[1]
		z[2] += x * row[2]
		z[3] += x * row[3]
		z, row = z[4:], row[4:]
	}
	for c := range row {
		z[c] += x * row[c]
	}
}

// probabilities sets p to the probability of each class.
func (m *classifier) probabilities(vec []feature, p []float32) {
	m.logits(vec, p)
	softmax(p)
}

// softmax turns logits into probabilities.
func softmax(z []float32) {
	top := slices.Max(z)
	var sum float32
	for c := range z {
		z[c] = float32(math.Exp(float64(z[c] - top)))
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
}

// neighbours finds the nearest examples. Its rows are the examples, those of a class together.
type neighbours struct {
	ends  []int32 // of the rows of each class
	start []int32 // of what has feature f: rows[start[f]:start[f+1]]
	rows  []int32
	parts []float32
	like  sync.Pool // of *[]float32, one a row: a new one for each question would be most of its memory
}

func newNeighbours(vectors [][]feature, class []int, classes, features int) *neighbours {
	nb := &neighbours{ends: make([]int32, classes), start: make([]int32, features+1)}
	nb.like.New = func() any {
		like := make([]float32, len(vectors))
		return &like
	}
	order := make([]int, len(vectors))
	for i, c := range class {
		order[i] = i
		nb.ends[c]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(class[a], class[b]) })
	for c := range classes - 1 {
		nb.ends[c+1] += nb.ends[c]
	}
	total := 0
	for _, vec := range vectors {
		for _, f := range vec {
			nb.start[f.id+1]++
			total++
		}
	}
	for f := range features {
		nb.start[f+1] += nb.start[f]
	}
	nb.rows, nb.parts = make([]int32, total), make([]float32, total)
	next := slices.Clone(nb.start)
	for row, i := range order {
		for _, f := range vectors[i] {
			nb.rows[next[f.id]], nb.parts[next[f.id]] = int32(row), f.part
			next[f.id]++
		}
	}
	return nb
}

// nearest returns how like a text is to the nearest example of each class: the cosine, 0 to 1.
//
//go:norace
func (nb *neighbours) nearest(vec []feature) []float32 {
	pooled, _ := nb.like.Get().(*[]float32)
	defer nb.like.Put(pooled)
	like := *pooled
	clear(like)
	for _, f := range vec {
		from, to := nb.start[f.id], nb.start[f.id+1]
		rows, parts := nb.rows[from:to], nb.parts[from:to]
		for i, row := range rows {
			like[row] += f.part * parts[i]
		}
	}
	best := make([]float32, len(nb.ends))
	from := int32(0)
	for c, to := range nb.ends {
		most := float32(0)
		for _, l := range like[from:to] {
			if l > most { // max would look out for NaN, too
				most = l
			}
		}
		best[c], from = most, to
	}
	return best
}
