package answer

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/locale"
)

// MaxQuestion is how much of a question is looked at, in bytes. Real questions
// are shorter by far; the limit bounds the time of a search.
const MaxQuestion = 2000

// maxCandidates is how many topics a person is asked to choose from.
const maxCandidates = 3

// The levels are likenesses, see [Index.scores]. They were set on the
// German, English and Arabic questions of testdata/dev.tsv and held for the
// Ukrainian ones: of the questions off the subject the likest topic reached
// 0.31 ("what does an iPhone cost?"), and half of them stayed below 0.15.
const (
	knownFrom  = 0.245 // below, nothing is said at all
	foundFrom  = 0.34  // below, the best topic is no more than one to choose from
	clearAhead = 0.06  // nearer than this to the second, the person chooses
	nearBest   = 0.6   // share of the best likeness that a further choice must have
	foreign    = 0.92  // factor for languages other than the question's and the dialogue's
)

// confidence turns a likeness into the share of questions of such a likeness
// that were answered rightly, on the same questions.
func confidence(likeness float64) float64 { return 1 / (1 + math.Exp(30*(0.235-likeness))) }

// Index finds topics for questions. It is immutable and safe for concurrent
// use; the zero Index knows nothing.
//
// Every way of asking becomes a vector of the pieces of its words, three to
// five letters long, so that typing errors and endings do little harm. A piece
// weighs the more the fewer questions and the fewer topics use it; "how" and
// "recognition", which are everywhere, hardly count. A question is as like to
// a topic as to the nearest of its ways of asking and to all of them together.
//
// All languages are in the same tables, so that a term is looked up once,
// however many languages there are.
type Index struct {
	topics  []string
	langs   []*langIndex // by tag
	terms   map[uint32][]entry
	rows    int // of all languages
	tongues tongues
	library *Library
	talk    *recogniser
}

// langIndex is the ways of asking in one language. Its rows are the ways of
// asking, then the topics, each with all its ways together.
type langIndex struct {
	tag    string
	first  int     // its first row
	asks   []int   // way of asking -> topic
	unseen float32 // weight of a term that the language does not have
}

// entry is what a language knows of a term.
type entry struct {
	lang   int // in Index.langs
	weight float32
	rows   []posting // that have it
}

// posting is the part of a term in the unit vector of a row.
type posting struct {
	row  int32
	part float32
}

// term is a piece of a text and how much of it there is.
type term struct {
	hash  uint32
	count float32
}

// NewIndex builds the index of all articles of l.
func NewIndex(l *Library) *Index {
	x := &Index{library: l, topics: l.topics, terms: map[uint32][]entry{}, talk: l.recogniser}
	var tags []string
	for _, tag := range slices.Sorted(maps.Keys(l.chains)) {
		if len(l.Missing(tag)) < len(l.topics) {
			x.add(l, tag)
			tags = append(tags, tag)
		}
	}
	x.tongues = *newTongues(l, tags)
	return x
}

// add takes in the articles of one language.
func (x *Index) add(l *Library, tag string) {
	li := &langIndex{tag: tag, first: x.rows}
	lang := len(x.langs)
	x.langs = append(x.langs, li)
	var asks [][]term
	topics := make([][]term, len(l.topics))
	for t, topic := range l.topics {
		a := l.articles[articleID{tag, topic}]
		for _, q := range append([]string{a.Title}, a.Questions...) {
			terms := split(q)
			asks = append(asks, terms)
			li.asks = append(li.asks, t)
			topics[t] = append(topics[t], terms...)
		}
		topics[t] = merge(topics[t])
	}

	inAsks, inTopics := occurrences(asks), occurrences(topics)
	weight := func(inAsks, inTopics float64) float32 {
		return float32(1 + math.Log(float64(len(asks)+1)/(inAsks+1)) + math.Log(float64(len(topics)+1)/(inTopics+0.5)))
	}
	entries := map[uint32]*entry{}
	for h, n := range inAsks {
		entries[h] = &entry{lang: lang, weight: weight(n, inTopics[h])}
	}
	li.unseen = weight(0.5, 0.5)
	for _, terms := range topics { // the hundredth use of a term says less than the first
		for i := range terms {
			terms[i].count = float32(math.Sqrt(float64(terms[i].count)))
		}
	}
	for _, terms := range append(asks, topics...) {
		var sum float64
		for _, t := range terms {
			part := t.count * entries[t.hash].weight
			sum += float64(part * part)
		}
		length := float32(math.Sqrt(sum))
		for _, t := range terms {
			e := entries[t.hash]
			e.rows = append(e.rows, posting{int32(x.rows), t.count * e.weight / length})
		}
		x.rows++
	}
	for h, e := range entries {
		x.terms[h] = append(x.terms[h], *e)
	}
}

// occurrences counts in how many texts each term occurs.
func occurrences(texts [][]term) map[uint32]float64 {
	n := map[uint32]float64{}
	for _, terms := range texts {
		for _, t := range terms {
			n[t.hash]++
		}
	}
	return n
}

// scores returns the likeness of a question to each topic, in the language where
// it is greatest. A likeness is 0 to 1; 1 is a question that is written just so in the
// library. In languages other than lang and seeming it counts a little less.
func (x *Index) scores(terms []term, lang, seeming string) []float64 {
	best := make([]float64, len(x.topics))
	if len(terms) == 0 {
		return best
	}
	sums := make([]float64, len(x.langs)) // squares of the length of the question's vector
	for i, li := range x.langs {
		for _, t := range terms {
			sums[i] += float64(t.count * li.unseen * t.count * li.unseen)
		}
	}
	like := make([]float32, x.rows) // product of the row's vector and the question's
	for _, t := range terms {
		for _, e := range x.terms[t.hash] {
			part, unseen := t.count*e.weight, t.count*x.langs[e.lang].unseen
			sums[e.lang] += float64(part*part) - float64(unseen*unseen)
			for _, p := range e.rows {
				like[p.row] += part * p.part
			}
		}
	}
	nearest := make([]float32, len(best))
	for i, li := range x.langs {
		factor := 1.0
		if li.tag != lang && li.tag != seeming {
			factor = foreign
		}
		clear(nearest)
		asks, together := like[li.first:], like[li.first+len(li.asks):]
		for row, t := range li.asks {
			if asks[row] > nearest[t] {
				nearest[t] = asks[row]
			}
		}
		length := math.Sqrt(sums[i]) // rows have length 1, so a product divided by it is the cosine of the angle
		for t := range best {
			one, all := float64(nearest[t])/length, float64(together[t])/length
			best[t] = max(best[t], factor*max(0.3*one+0.7*all, one*one*one))
		}
	}
	return best
}

// Find looks for the topic that question asks for. lang is the language of the
// dialogue; the question may be in another. Only the first [MaxQuestion] bytes count.
//
// A crisis and small talk are told first; words of politeness around a
// question do not count.
func (x *Index) Find(question, lang string) Result {
	alarm := x.talk.alarm(question)
	if alarm.Kind != "" && !alarm.Doubtful {
		return Result{Outcome: Talk, Lang: alarm.Lang, Talk: alarm.Kind}
	}
	r := x.find(question, lang)
	if alarm.Kind != "" {
		r.Talk = alarm.Kind
	}
	return r
}

// find is Find for what is no crisis.
func (x *Index) find(question, lang string) Result {
	if len(question) > MaxQuestion {
		question = strings.ToValidUTF8(question[:MaxQuestion], "")
	}
	r := Result{Outcome: Unknown, Lang: x.tongues.tell(question, lang)}
	if kind := x.talk.smallTalk(question); kind != "" {
		r.Outcome, r.Talk = Talk, kind
		return r
	}
	question = x.talk.question(question)
	scores := x.scores(split(question), lang, r.Lang)
	order := make([]int, len(scores))
	for t := range order {
		order[t] = t
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	if len(order) == 0 || scores[order[0]] < knownFrom {
		return r
	}
	best, next := scores[order[0]], 0.0
	if len(order) > 1 {
		next = scores[order[1]]
	}
	switch {
	case best >= foundFrom && best-next >= clearAhead:
		r.Outcome = Found
	case next > 0:
		r.Outcome = Several
	default: // a single vague candidate is no choice
		return r
	}
	for _, t := range order[:min(len(order), maxCandidates)] {
		if n := len(r.Candidates); scores[t] >= best*nearBest || r.Outcome == Several && n == 1 {
			r.Candidates = append(r.Candidates, Candidate{Topic: x.topics[t], Score: confidence(scores[t])})
		}
	}
	return r
}

// split takes text apart into words and the pieces of three to five letters of
// each word; blanks around a word are letters of it.
func split(text string) []term {
	var terms []term
	for _, w := range words(text) {
		marked := []rune("^" + w + "$")
		pieces := 0
		for size := 3; size <= 5; size++ {
			pieces += max(0, len(marked)-size+1)
		}
		share := float32(1 / math.Sqrt(float64(pieces))) // a long word counts no more than a short one
		for size := 3; size <= 5; size++ {
			for i := 0; i+size <= len(marked); i++ {
				terms = append(terms, term{hash(marked[i : i+size]), share})
			}
		}
	}
	return merge(terms)
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
	return list
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

// hash is FNV-1a over the code points. Terms are stored by it alone: two that
// meet in one of four billion values do no harm.
func hash(s []rune) uint32 {
	h := uint32(2166136261)
	for _, r := range s {
		h = (h ^ uint32(r)) * 16777619
	}
	return h
}
