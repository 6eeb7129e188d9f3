package answer

import (
	"slices"
	"strings"

	"iqbot/internal/answer/follow"
	"iqbot/internal/answer/library"
	"iqbot/internal/answer/reading"
	"iqbot/internal/richtext"
)

// Limits of a question that goes on with a topic; see also [follow.MaxWords].
const (
	maxRest = 3 // words that the lists do not have, such as the name of a place
	minStem = 4 // letters in which a word must agree with one of the article
)

// FindAfter looks for the topic that question asks for right after an article
// on topic was shown; lang is the language of the dialogue. A question such as
// "and how much is that?" goes on with the topic: it is answered by the
// article that was shown, if that knows, else by the general one on what is
// asked. Result.Kept then is topic. Any other question, and every one if topic
// is empty or unknown, gives the same as [Index.Find].
func (x *Index) FindAfter(question, lang, topic string) Result {
	return x.Read(question).FindAfter(lang, topic)
}

// FindAfter is [Index.FindAfter] for a question that was read.
func (q *Question) FindAfter(lang, topic string) Result {
	r := q.Find(lang)
	x := q.x
	if r.Outcome == Talk || !slices.Contains(x.topics, topic) {
		return r
	}
	for _, tag := range []string{r.Lang, lang} {
		if cues := x.library.Cues(tag); cues != nil {
			if next, ok := x.goOn(r, cues.Read(q.text), tag, topic); ok {
				return next
			}
		}
	}
	return r
}

// goOn answers a question that goes on with topic; false if it does not.
func (x *Index) goOn(r Result, q follow.Question, lang, topic string) (Result, bool) {
	if q.Words == 0 || q.Words > follow.MaxWords || len(q.Rest) > maxRest {
		return r, false
	}
	kept := Result{Outcome: Found, Lang: r.Lang, Kept: topic}
	switch {
	case len(q.Rest) == 0 && len(q.Aspects) > 0:
		if r.clear() && x.complete(q, r.Candidates[0].Topic) {
			return r, false
		}
		return x.aspect(kept, q, lang), true
	case r.clear() && len(q.Aspects) == 0 && (q.Opening && len(q.Rest) > 0 || q.Words > 1 && len(q.Rest) == 1):
		r.Place = strings.Join(q.Rest, " ") // "and in Bad Kreuznach?": what was found counts if that is no place
		return r, true
	case len(q.Rest) == 0 || r.clear():
		return r, false
	case x.roughly(r, q, topic, lang):
		return x.aspect(kept, q, lang), true
	case (q.Opening || q.Pointer) && r.mayBe(topic) && mentions(x.library, topic, lang, q.Rest):
		kept.Candidates = []Candidate{{Topic: topic, Score: 1}}
		return kept, true
	case len(q.Aspects) == 0 || x.library.Aspects()[slices.Min(q.Aspects)].Contacts:
		r.Place = strings.Join(q.Rest, " ")
		return r, true
	}
	return r, false
}

// complete says whether q, for which best was found, needs no topic: "where do I
// apply", "what does the translation cost".
func (x *Index) complete(q follow.Question, best string) bool {
	switch {
	case q.Opening || q.Words == 1:
		return false
	case len(q.Aspects) > 1:
		return true
	default:
		return !q.Pointer && best != x.library.Aspects()[q.Aspects[0]].Article
	}
}

// aspect fills in the answer to what q asks of kept.Kept.
func (x *Index) aspect(kept Result, q follow.Question, lang string) Result {
	a := x.library.Aspects()[slices.Min(q.Aspects)]
	next := answers(x.library, a, kept.Kept, lang)
	if a.Contacts {
		kept.Contacts, next = true, kept.Kept
	}
	kept.Candidates = []Candidate{{Topic: next, Score: 1}}
	return kept
}

// roughly says whether q asks something of topic although it has words that the
// lists do not have: one beside a pointer, or more if what was found is the same.
func (x *Index) roughly(r Result, q follow.Question, topic, lang string) bool {
	if len(q.Aspects) == 0 || !q.Opening && !q.Pointer {
		return false
	}
	a := x.library.Aspects()[slices.Min(q.Aspects)]
	return !a.Contacts && (q.Pointer && len(q.Rest) == 1 || r.Outcome == Several && about(x.library, r, a, topic, lang))
}

// about says whether the best that was found is what answers aspect a of topic.
func about(l *Library, r Result, a library.Aspect, topic, lang string) bool {
	best := r.Candidates[0].Topic
	return best == topic || best == a.Article || best == answers(l, a, topic, lang)
}

// clearFrom is the probability from which a question has a subject of its own:
// that takes less than to show an article at once.
const clearFrom = 0.5

// clear says whether the question has a subject of its own.
func (r Result) clear() bool {
	return r.Outcome == Found ||
		r.Outcome == Several && r.Ranked[0].Score >= clearFrom && r.Ranked[0].Score >= clearAhead*r.Ranked[1].Score
}

// mayBe says whether nothing better than topic was found.
func (r Result) mayBe(topic string) bool {
	return r.Outcome == Unknown || slices.ContainsFunc(r.Candidates, func(c Candidate) bool { return c.Topic == topic })
}

// answers returns the topic that answers aspect a of topic.
func answers(l *Library, a library.Aspect, topic, lang string) string {
	if next := a.Instead[topic]; next != "" {
		return next
	}
	art, _ := l.Article(topic, lang)
	for _, fact := range art.Facts {
		if slices.ContainsFunc(a.Facts, func(prefix string) bool { return strings.HasPrefix(fact, prefix) }) {
			return topic
		}
	}
	return a.Article
}

// mentions says whether the article on topic has all the words, in any ending.
func mentions(l *Library, topic, lang string, list []string) bool {
	a, _ := l.Article(topic, lang)
	text := reading.New(nil).Read(a.Title + "\n" + richtext.Parse(a.Body).Plain()).Tokens
	for _, w := range list {
		stem := []rune(w)
		if len(stem) < minStem {
			return false
		}
		if len(stem) > minStem+1 {
			stem = stem[:len(stem)-2]
		}
		if !slices.ContainsFunc(text, func(k reading.Token) bool { return strings.Contains(k.Folded(), string(stem)) }) {
			return false
		}
	}
	return true
}
