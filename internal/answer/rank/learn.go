package rank

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The functions of this package that are marked norace go through numbers that
// only their caller has, millions of times: with the race detector, learning
// took four times as long, in each process that a test starts.

// classifier is a multinomial logistic regression: for each feature, how much it
// speaks for or against each class. A weight is a byte, in steps of its feature's own size:
// a quarter of the memory, and the answers stay the same.
type classifier struct {
	bias    []float32
	row     []int32   // of each feature; those that always occur together share one
	steps   []float32 // of each row
	weights []int8    // of row r for class c: weights[r*classes+c]
}

// How the classifier learns; measured by cross-validation over the ways of asking.
const (
	epochs     = 4
	rate       = 1.0   // of learning, for a feature that has not been learned yet
	negligible = 0.003 // an error that is not worth a correction
	settled    = 0.05  // the error below which an example is learned, and not looked at again
)

// learn trains a classifier by stochastic gradient descent. A feature learns
// the less, the more it has learned (AdaGrad, with one sum for each feature and
// not for each weight: as good here, and half the memory).
// The order of the examples is shuffled, but the same every time.
//
//go:norace
func learn(c *corpus, classes, features int) *classifier {
	t := c.together(features)
	bias, weights := make([]float32, classes), make([]float32, len(t.size)*classes)
	row := func(f int32) []float32 { return weights[int(f)*classes : int(f+1)*classes] }
	learned := make([]float32, len(t.size))
	for f := range learned {
		learned[f] = 0.01
	}
	emphasis := balance(c.class, classes)
	learnedBias := float32(1)
	p := make([]float32, classes)         // probabilities, then errors
	var wrong []int                       // classes with an error worth a correction
	done := make([]bool, len(c.class))    // examples that are learned
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret hangs on it, and it must be repeatable
	for range epochs {
		for _, i := range random.Perm(len(c.class)) {
			if done[i] {
				continue
			}
			vec, right := t.vector(i), c.class[i]
			copy(p, bias)
			for _, f := range vec {
				addScaled(p, f.part, row(f.id))
			}
			softmax(p)
			p[right]--
			done[i] = p[right] > -settled
			var sum float32
			for k := range p {
				p[k] *= emphasis[right]
				sum += p[k] * p[k]
			}
			learnedBias += sum
			step := 0.1 * rate / float32(math.Sqrt(float64(learnedBias)))
			wrong = wrong[:0]
			for k, g := range p {
				bias[k] -= step * g
				if g > negligible || g < -negligible {
					wrong = append(wrong, k)
				}
			}
			for _, f := range vec {
				part := f.part / t.size[f.id] // of one of them
				learned[f.id] += sum * part * part
				step, row := rate*part/float32(math.Sqrt(float64(learned[f.id]))), row(f.id)
				for _, k := range wrong {
					row[k] -= step * p[k]
				}
			}
		}
	}
	m := compact(bias, weights)
	m.row = t.row
	return m
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

// compact makes bytes of weights.
//
//go:norace
func compact(bias, weights []float32) *classifier {
	classes := len(bias)
	m := &classifier{bias: bias, steps: make([]float32, len(weights)/classes), weights: make([]int8, len(weights))}
	for f := range m.steps {
		row := weights[f*classes : (f+1)*classes]
		var most float32
		for _, w := range row {
			most = max(most, w, -w)
		}
		if most == 0 {
			continue
		}
		m.steps[f] = most / math.MaxInt8
		for c, w := range row {
			m.weights[f*classes+c] = int8(math.Round(float64(w / m.steps[f])))
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
		r := int(m.row[f.id])
		x := f.part * m.steps[r]
		for c, w := range m.weights[r*len(z) : (r+1)*len(z)] {
			z[c] += x * float32(w)
		}
	}
}

// softmax turns logits into probabilities.
//
//go:norace
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
