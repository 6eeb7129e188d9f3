package answer

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"iqbot/internal/answer/hear"
	"iqbot/internal/answer/rank"
	"iqbot/internal/answer/reading"
	"iqbot/internal/answer/tongue"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
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
	otherFrom  = 0.4  // from here on, the question is off the subject
	nearBest   = 0.15 // share of the best probability that a further choice must have
)

// Index finds topics for questions. It is safe for concurrent use; the zero Index
// knows nothing. A language is learned when the first question in it comes, which
// then waits for it; [Index.Expect] has it learned before.
type Index struct {
	library *Library
	topics  []string // the classes; the class after the last is "off the subject"
	tongues *tongue.Tongues
	models  map[string]*model // by language
}

// model is what knows the questions in a language, once it is learned.
type model struct {
	expected atomic.Bool
	learned  func() *rank.Model
}

// NewIndex returns the index of all articles of l; the same library gives the same answers.
func NewIndex(l *Library) *Index {
	x := &Index{library: l, topics: l.Topics(), models: map[string]*model{}}
	var languages []tongue.Language
	for _, tag := range l.Languages() {
		languages = append(languages, tongue.Language{
			Tag: tag, Script: locale.ScriptOf(tag), Texts: func() []tongue.Text { return texts(l, tag) },
		})
		x.models[tag] = &model{learned: sync.OnceValue(func() *rank.Model { return learn(l, tag) })}
	}
	x.tongues = tongue.New(languages)
	return x
}

// texts are what a language is told by.
func texts(l *Library, tag string) (list []tongue.Text) {
	eachArticle(l, tag, func(_ int, a Article) {
		list = append(list, tongue.Text{Edited: a.Title + "\n\n" + richtext.Parse(a.Body).Plain(), Questions: a.Questions})
	})
	return list
}

// eachArticle visits the articles that a language has itself, with the number of their topics.
func eachArticle(l *Library, tag string, visit func(topic int, a Article)) {
	for i, topic := range l.Topics() {
		if a, ok := l.Article(topic, tag); ok && a.Lang == tag {
			visit(i, a)
		}
	}
}

// learn makes the model of one language from its ways of asking, and from those
// of the reference language: people write German words in all of them.
func learn(l *Library, tag string) *rank.Model {
	r := reading.New(l.Grammar())
	off := len(l.Topics())
	examplesOf := func(tag string) (examples []rank.Example) {
		eachArticle(l, tag, func(topic int, a Article) {
			examples = append(examples, rank.Example{Text: r.Read(a.Title), Class: topic})
			for _, q := range a.Questions {
				examples = append(examples, rank.Example{Text: r.Read(q), Class: topic})
			}
		})
		for _, q := range l.Other(tag) {
			examples = append(examples, rank.Example{Text: r.Read(q), Class: off})
		}
		return examples
	}
	var foreign []rank.Example
	if reference := l.Reference(); reference != tag {
		foreign = examplesOf(reference)
	}
	return rank.Learn(examplesOf(tag), foreign, off+1, locale.ScriptOf(tag))
}

// Expect begins to learn a language in the background, unless that was begun
// before, so that the first question in it need not wait. It does not block.
func (x *Index) Expect(lang string) {
	if m := x.models[lang]; m != nil && !m.expected.Swap(true) {
		go func() {
			m.learned()
			x.tongues.Learn(lang)
		}()
	}
}

// Succeed expects the languages that another index has learned, in whose place x comes.
func (x *Index) Succeed(other *Index) {
	for lang, m := range other.models {
		if m.expected.Load() {
			x.Expect(lang)
		}
	}
}

// Question is a question that was read, with what has been found out about it. It
// is for one goroutine at a time.
type Question struct {
	x       *Index
	message reading.Text // all of it
	text    reading.Text // its first [MaxQuestion] bytes
	alarm   *Alarm
	found   *Result // what Find gave in a dialogue in the language foundIn
	foundIn string
}

// Read reads a question. It can then be asked in several ways without being read again.
func (x *Index) Read(question string) *Question {
	if x.library == nil {
		return &Question{x: x}
	}
	q := &Question{x: x, message: x.library.Read(question, hear.MaxAlarmText)}
	q.text = q.message
	if len(question) > MaxQuestion {
		q.text = x.library.Read(question, MaxQuestion)
	}
	return q
}

// Alarm looks for a crisis.
func (q *Question) Alarm() Alarm {
	if q.alarm == nil {
		var a Alarm
		if q.x.library != nil {
			a = q.x.library.Ear().Alarm(q.message)
		}
		q.alarm = &a
	}
	return *q.alarm
}

// Find looks for the topic that question asks for; see [Question.Find].
func (x *Index) Find(question, lang string) Result { return x.Read(question).Find(lang) }

// Find looks for the topic that the question asks for. lang is the language of the
// dialogue; the question may be in another. Only the first [MaxQuestion] bytes count.
//
// A crisis and small talk are told first; words of politeness around a
// question do not count.
func (q *Question) Find(lang string) Result {
	if q.found != nil && q.foundIn == lang {
		return *q.found
	}
	alarm := q.Alarm()
	r := q.find(lang)
	if alarm.Kind != "" {
		r.Talk = alarm.Kind
		if !alarm.Doubtful {
			r.Outcome, r.Lang, r.Candidates = Talk, alarm.Lang, nil
		}
	}
	q.found, q.foundIn = &r, lang
	return r
}

// find is Find for what is no crisis.
func (q *Question) find(lang string) Result {
	x := q.x
	if x.library == nil {
		return Result{Outcome: Unknown}
	}
	ear := x.library.Ear()
	r := Result{Outcome: Unknown, Lang: x.tongues.Tell(q.text, lang)}
	if kind := ear.SmallTalk(q.text); kind != "" {
		r.Outcome, r.Talk = Talk, kind
	}
	text := ear.Question(q.text)
	told := r.Lang
	if len(text.Raw) != len(q.text.Raw) { // a greeting may be in another language than the question
		told = x.tongues.Tell(text, lang)
	}
	model := x.modelFor(text, told, lang)
	var off float64
	r.Ranked, off = x.rank(model, text)
	if r.Outcome == Talk || len(r.Ranked) == 0 {
		return r
	}
	r.Outcome = outcome(r.Ranked, off)
	if r.Outcome == Found && model.Exact(text) > 1 { // two topics are asked for in these very words
		r.Outcome = Several
	}
	r.Candidates = shown(r.Outcome, r.Ranked)
	r.Other = r.Outcome == Unknown && off >= otherFrom
	return r
}

// modelFor returns what knows a question in a dialogue in lang. told is the language
// that it is in, "" if it cannot be told.
func (x *Index) modelFor(text reading.Text, told, lang string) *rank.Model {
	asked := told
	if asked == "" {
		asked = x.tongues.Nearest(text, lang)
	}
	if asked != lang {
		if own := x.model(lang); own.Exact(text) > 0 { // an editor has foreseen these very words
			return own
		}
	}
	return x.model(asked)
}

// model returns what knows questions in a language, or in the reference language
// if that has no articles.
func (x *Index) model(lang string) *rank.Model {
	m := cmp.Or(x.models[lang], x.models[x.library.Reference()])
	if m == nil {
		return &rank.Model{}
	}
	m.expected.Store(true)
	return m.learned()
}

// rank returns the likeliest topics, none if nothing of the question is known,
// and how likely it is that the question is off the subject.
func (x *Index) rank(model *rank.Model, question reading.Text) (ranked []Candidate, off float64) {
	p := model.Probabilities(question)
	if p == nil {
		return nil, 0
	}
	order := make([]int, 0, maxRanked+1) // the likeliest so far; of equals, the earlier topic is before
	for t := range x.topics {
		at := len(order)
		for at > 0 && p[t] > p[order[at-1]] {
			at--
		}
		if at < maxRanked {
			order = slices.Insert(order, at, t)
			order = order[:min(len(order), maxRanked)]
		}
	}
	for _, t := range order {
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
