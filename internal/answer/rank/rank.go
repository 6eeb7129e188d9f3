package rank

import (
	"slices"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// likenessWeight is how much the likeness to the nearest example adds to what
// the classifier says: without it, a question that is written just so in the
// library may get lost among its neighbours.
const likenessWeight = 5

// exactBonus is what a question gets that is one of the examples, word for
// word: an editor who adds a way of asking must see it answered.
const exactBonus = 6

// sharpness is by how much what speaks for a class is multiplied, so that a
// probability is what it says: of the answers with 0.8, about 80 % are right.
const sharpness = 1.1

// Example is a text and the class that it is of.
type Example struct {
	Text  reading.Text
	Class int // from 0
}

// Model tells how likely a text is of each class. It is immutable and safe for
// concurrent use; the zero Model knows nothing.
type Model struct {
	classes    int
	script     locale.Script
	vocabulary *vocabulary
	classifier *classifier
	neighbours *neighbours
	exact      map[uint64][]uint16 // [reading.Text.Key] of an example -> its classes
}

// Learn makes a model of examples in a language that is written in script.
// Foreign examples are in another language, of which people mix in words: they are learned from,
// but what is asked is not compared with them one by one. All texts must come from one
// [reading.Reader]. The same examples give the same model.
func Learn(examples, foreign []Example, classes int, script locale.Script) *Model {
	m := &Model{classes: classes, script: script, exact: make(map[uint64][]uint16, len(examples))}
	for _, e := range examples {
		key, class := e.Text.Key(), uint16(e.Class) //nolint:gosec // there are not so many topics
		if !slices.Contains(m.exact[key], class) {
			m.exact[key] = append(m.exact[key], class)
		}
	}
	c, v := newCorpus(slices.Concat(examples, foreign), script)
	features := len(v.weights)
	m.vocabulary = v
	m.classifier = learn(c, classes, features)
	m.neighbours = newNeighbours(c, len(examples), classes, features)
	return m
}

// Probabilities returns how likely each class is, or nil if nothing of the text is known.
func (m *Model) Probabilities(t reading.Text) []float32 {
	if m.vocabulary == nil {
		return nil
	}
	vec := m.vocabulary.vector(termsOf(t, m.script))
	same := m.exact[t.Key()]
	if len(vec) == 0 && same == nil {
		return nil
	}
	p := make([]float32, m.classes)
	m.classifier.logits(vec, p)
	for c, like := range m.neighbours.nearest(vec) {
		p[c] = sharpness*p[c] + likenessWeight*like
	}
	for _, c := range same {
		p[c] += exactBonus
	}
	softmax(p)
	return p
}

// Exact returns how many classes have an example of the very words of t.
func (m *Model) Exact(t reading.Text) int { return len(m.exact[t.Key()]) }
