package answer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// MaxQuestion is how much of a question is looked at, in bytes. Real questions
// are shorter by far; the limit bounds the time of a search.
const MaxQuestion = 2000

const (
	maxRanked     = 3 // topics that a Result ranks
	maxCandidates = 3 // topics that a person is asked to choose from
)

// The levels are probabilities. They were set by cross-validation over the
// ways of asking, and on the half of testdata/dev.tsv with odd numbers.
const (
	foundFrom  = 0.6  // below, the best topic is no more than one to choose from
	clearAhead = 2    // the best must be so many times as likely as the second to be answered at once
	knownFrom  = 0.15 // below, nothing is said at all
	otherFrom  = 0.5  // from here on, the question is off the subject
	nearBest   = 0.15 // share of the best probability that a further choice must have
)

// likenessWeight is how much the likeness to the nearest example adds to what
// the classifier says: without it, a question that is written just so in the
// library may get lost among its neighbours.
const likenessWeight = 5

// exactBonus is what a question gets that is one of the examples, word for
// word: an editor who adds a way of asking must see it answered.
const exactBonus = 6

// Index finds topics for questions. It is immutable and safe for concurrent
// use; the zero Index knows nothing.
type Index struct {
	topics     []string // the classes; the class after the last is "off the subject"
	tongues    tongues
	library    *Library
	talk       *recogniser
	vocabulary *vocabulary
	classifier *classifier
	neighbours *neighbours
	exact      map[string][]int // words of an example -> its classes
}

// example is one way of asking.
type example struct {
	text   string
	script language.Script
	class  int
}

// NewIndex builds the index of all articles of l. It takes about a second of
// one core; the same library gives the same index.
func NewIndex(l *Library) *Index {
	x := &Index{library: l, topics: l.topics, talk: l.recogniser}
	var tags []string
	for _, tag := range slices.Sorted(maps.Keys(l.chains)) {
		if len(l.Missing(tag)) < len(l.topics) {
			tags = append(tags, tag)
		}
	}
	x.tongues = *newTongues(l, tags)
	x.learn(examples(l))
	return x
}

// examples returns the ways of asking of all languages, and what is off the subject.
func examples(l *Library) (list []example) {
	for _, tag := range slices.Sorted(maps.Keys(l.chains)) {
		script := scriptOf(tag)
		for class, topic := range l.topics {
			if a, ok := l.articles[articleID{tag, topic}]; ok {
				for _, q := range append([]string{a.Title}, a.Questions...) {
					list = append(list, example{q, script, class})
				}
			}
		}
		for _, q := range l.other[tag] {
			list = append(list, example{q, script, len(l.topics)})
		}
	}
	return list
}

func (x *Index) learn(list []example) {
	terms, classes := make([][]term, len(list)), make([]int, len(list))
	x.exact = make(map[string][]int, len(list))
	for i, e := range list {
		asked := words(e.text)
		terms[i] = termsOf(asked, e.script)
		classes[i] = e.class
		if key := strings.Join(asked, " "); !slices.Contains(x.exact[key], e.class) {
			x.exact[key] = append(x.exact[key], e.class)
		}
	}
	x.vocabulary = newVocabulary(terms)
	vectors := make([][]feature, len(list))
	for i := range terms {
		vectors[i] = x.vocabulary.vector(terms[i])
	}
	x.classifier = learn(vectors, classes, len(x.topics)+1, len(x.vocabulary.weights))
	x.neighbours = newNeighbours(vectors, classes, len(x.topics)+1, len(x.vocabulary.weights))
}

// probabilities returns how likely each class is, or nil if nothing of the question is known.
func (x *Index) probabilities(question string, script language.Script) []float32 {
	p := make([]float32, len(x.topics)+1)
	vec := x.vocabulary.vector(split(question, script))
	if len(vec) == 0 && x.exact[exactKey(question)] == nil {
		return nil
	}
	x.classifier.logits(vec, p)
	for c, like := range x.neighbours.nearest(vec) {
		p[c] += likenessWeight * like
	}
	for _, c := range x.exact[exactKey(question)] {
		p[c] += exactBonus
	}
	softmax(p)
	return p
}

// exactKey is equal for texts of the same words in the same order.
func exactKey(text string) string { return strings.Join(words(text), " ") }

// Find looks for the topic that question asks for. lang is the language of the
// dialogue; the question may be in another. Only the first [MaxQuestion] bytes count.
//
// A crisis and small talk are told first; words of politeness around a
// question do not count.
func (x *Index) Find(question, lang string) Result {
	alarm := x.talk.alarm(question)
	r := x.find(question, lang)
	if alarm.Kind != "" {
		r.Talk = alarm.Kind
		if !alarm.Doubtful {
			r.Outcome, r.Lang, r.Candidates = Talk, alarm.Lang, nil
		}
	}
	return r
}

// find is Find for what is no crisis.
func (x *Index) find(question, lang string) Result {
	if len(question) > MaxQuestion {
		question = strings.ToValidUTF8(question[:MaxQuestion], "")
	}
	r := Result{Outcome: Unknown, Lang: x.tongues.tell(question, lang)}
	kind := x.talk.smallTalk(question)
	question = x.talk.question(question)
	var off float64
	r.Ranked, off = x.rank(question, lang)
	switch {
	case kind != "":
		r.Outcome, r.Talk = Talk, kind
	case len(r.Ranked) > 0:
		r.Outcome = outcome(r.Ranked, off)
		if r.Outcome == Found && len(x.exact[exactKey(question)]) > 1 { // two topics are asked for in these very words
			r.Outcome = Several
		}
		r.Candidates = shown(r.Outcome, r.Ranked)
		r.Other = r.Outcome == Unknown && off >= otherFrom
	}
	return r
}

// rank returns the likeliest topics, none if nothing of the question is known,
// and how likely it is that the question is off the subject.
func (x *Index) rank(question, lang string) (ranked []Candidate, off float64) {
	if x.vocabulary == nil {
		return nil, 0
	}
	p := x.probabilities(question, scriptOf(lang))
	if p == nil {
		return nil, 0
	}
	order := make([]int, len(x.topics))
	for t := range order {
		order[t] = t
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	for _, t := range order[:min(len(order), maxRanked)] {
		ranked = append(ranked, Candidate{Topic: x.topics[t], Score: float64(p[t])})
	}
	return ranked, float64(p[len(x.topics)])
}

// shown returns what a person sees of the ranked topics.
func shown(o Outcome, ranked []Candidate) []Candidate {
	switch o {
	case Found:
		return ranked[:1]
	case Several:
		n := 2
		for n < min(len(ranked), maxCandidates) && ranked[n].Score >= nearBest*ranked[0].Score {
			n++
		}
		return ranked[:n]
	default:
		return nil
	}
}

// outcome decides what is done about a question.
func outcome(ranked []Candidate, off float64) Outcome {
	best, next := ranked[0].Score, 0.0
	if len(ranked) > 1 {
		next = ranked[1].Score
	}
	switch {
	case best >= foundFrom && best >= clearAhead*next:
		return Found
	case off < otherFrom && best >= knownFrom && len(ranked) > 1:
		return Several
	}
	return Unknown
}
