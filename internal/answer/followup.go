// Package answer understands questions that go on with the topic before.
//
// # Follow-ups
//
// After an article on nurses, "and how much is that?" is a question on nurses,
// and [Index.FindAfter] answers it so. What can be asked of any topic stands in
// aspects.yaml, its words in <lang>/followups.yaml: words that open such a
// question (and, but), that point to the topic (it, there), that say what is
// asked (cost, fee), and that say nothing (please, how). A question goes on if
// these are all it has, or nearly. The topic's own article answers if it has a
// figure of the kind, else the article on the costs, duration or documents in
// general. A question for the place is answered by addresses.
//
// Measured on 2026-11-24 on testdata/followups.tsv (356 questions; without the
// topic, 8 to 25 % of them are answered rightly): 98 to 100 % of those that the
// lists were written with, 60 % of the 40 that came last when they were new; the
// others were mostly not understood, as without the topic. After a random topic,
// of 239 complete questions of testdata/dev.tsv 0.4 % fewer (Ukrainian 0.9 %) are
// answered rightly, and no more of those off the subject.
package answer

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// The files that say what goes on with a topic. Both may be missing; then
// every question stands for itself.
const (
	aspectsFile   = "aspects.yaml"   // what can be asked of a topic
	followupsFile = "followups.yaml" // <lang>/: the words for it
)

// Limits of a question that goes on with a topic. Of the follow-ups in
// testdata/followups.tsv the longest has nine words.
const (
	maxFollowup = 10 // words in all
	maxRest     = 3  // words that the lists do not have, such as the name of a place
	minStem     = 4  // letters in which a word must agree with one of the article
)

// aspectFile is aspects.yaml: what can be asked of any topic. Where a question
// has words of several, the first in the file is meant.
type aspectFile struct {
	Aspects []aspect `yaml:"aspects"`
}

type aspect struct {
	ID string `yaml:"id"`
	// Article answers it in general. If empty, Contacts is true.
	Article string `yaml:"article"`
	// Contacts says that the addresses for the topic answer it.
	Contacts bool `yaml:"contacts"`
	// Facts are beginnings of ids of facts. An article with such a fact answers the aspect itself.
	Facts []string `yaml:"facts"`
	// Instead names, for topics to which Article does not apply, the one that does.
	Instead map[string]string `yaml:"instead"`
}

// followupWords is a followups.yaml. A word may end in *, for any ending, and an
// entry may have several words.
type followupWords struct {
	Openings []string            `yaml:"openings"` // begin a question that goes on: and, but
	Attached []string            `yaml:"attached"` // openings that are written in one with the next word
	Articles []string            `yaml:"articles"` // other beginnings of words that do not count
	Pointers []string            `yaml:"pointers"` // stand for the topic: it, that, there
	Fillers  []string            `yaml:"fillers"`  // say nothing of what is asked
	Aspects  map[string][]string `yaml:"aspects"`  // words by the id of an aspect
}

// meaning is what a list says of an entry.
type meaning int

const (
	opens meaning = iota
	points
	fills
	asks // and all above: the number of an aspect
)

// cue is an entry of a list, by its words.
type cue struct {
	words []string // folded; * at the end stands for any ending
	means meaning
}

// cues are the lists of one language, longer entries first.
type cues struct {
	list     []cue
	attached []string
	articles []string
}

// reading is what a question looks like beside a topic.
type reading struct {
	words, fillers   int
	opening, pointer bool
	aspects          []int // numbers, each once
	rest             []string
}

// FindAfter looks for the topic that question asks for right after an article
// on topic was shown; lang is the language of the dialogue. A question such as
// "and how much is that?" goes on with the topic: it is answered by the
// article that was shown, if that knows, else by the general one on what is
// asked. Result.Kept then is topic. Any other question, and every one if topic
// is empty or unknown, gives the same as [Index.Find].
func (x *Index) FindAfter(question, lang, topic string) Result {
	r := x.Find(question, lang)
	if x.library == nil || r.Outcome == Talk || !slices.Contains(x.topics, topic) || len(question) > MaxQuestion {
		return r
	}
	for _, tag := range []string{r.Lang, lang} {
		if p := x.library.cues[tag]; p != nil {
			if next, ok := x.goOn(r, p.read(question), tag, topic); ok {
				return next
			}
		}
	}
	return r
}

// goOn answers a question that goes on with topic; false if it does not.
func (x *Index) goOn(r Result, q reading, lang, topic string) (Result, bool) {
	if q.words == 0 || q.words > maxFollowup || len(q.rest) > maxRest {
		return r, false
	}
	kept := Result{Outcome: Found, Lang: r.Lang, Kept: topic}
	switch {
	case len(q.rest) == 0 && len(q.aspects) > 0:
		if r.clear() && x.complete(q, r.Candidates[0].Topic) {
			return r, false
		}
		return x.aspect(kept, q, lang), true
	case r.clear() && len(q.aspects) == 0 && (q.opening && len(q.rest) > 0 || q.words > 1 && len(q.rest) == 1):
		r.Place = strings.Join(q.rest, " ") // "and in Bad Kreuznach?": what was found counts if that is no place
		return r, true
	case len(q.rest) == 0 || r.clear():
		return r, false
	case x.roughly(r, q, topic, lang):
		return x.aspect(kept, q, lang), true
	case (q.opening || q.pointer) && r.mayBe(topic) && x.library.mentions(topic, lang, q.rest):
		kept.Candidates = []Candidate{{Topic: topic, Score: 1}}
		return kept, true
	case len(q.aspects) == 0 || x.library.aspects[slices.Min(q.aspects)].Contacts:
		r.Place = strings.Join(q.rest, " ")
		return r, true
	}
	return r, false
}

// complete says whether q, for which best was found, needs no topic: "where do I
// apply", "what does the translation cost".
func (x *Index) complete(q reading, best string) bool {
	switch {
	case q.opening || q.words == 1:
		return false
	case len(q.aspects) > 1:
		return true
	default:
		return !q.pointer && best != x.library.aspects[q.aspects[0]].Article
	}
}

// aspect fills in the answer to what q asks of kept.Kept.
func (x *Index) aspect(kept Result, q reading, lang string) Result {
	a := x.library.aspects[slices.Min(q.aspects)]
	next := x.library.answers(a, kept.Kept, lang)
	if a.Contacts {
		kept.Contacts, next = true, kept.Kept
	}
	kept.Candidates = []Candidate{{Topic: next, Score: 1}}
	return kept
}

// roughly says whether q asks something of topic although it has words that the
// lists do not have: one beside a pointer, or more if what was found is the same.
func (x *Index) roughly(r Result, q reading, topic, lang string) bool {
	if len(q.aspects) == 0 || !q.opening && !q.pointer {
		return false
	}
	a := x.library.aspects[slices.Min(q.aspects)]
	return !a.Contacts && (q.pointer && len(q.rest) == 1 || r.Outcome == Several && x.library.about(r, a, topic, lang))
}

// about says whether the best that was found is what answers aspect a of topic.
func (l *Library) about(r Result, a aspect, topic, lang string) bool {
	best := r.Candidates[0].Topic
	return best == topic || best == a.Article || best == l.answers(a, topic, lang)
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
func (l *Library) answers(a aspect, topic, lang string) string {
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
func (l *Library) mentions(topic, lang string, list []string) bool {
	a, _ := l.Article(topic, lang)
	text := followupTokens(a.Title + "\n" + richtext.Parse(a.Body).Plain())
	for _, w := range list {
		stem := []rune(w)
		if len(stem) < minStem {
			return false
		}
		if len(stem) > minStem+1 {
			stem = stem[:len(stem)-2]
		}
		if !slices.ContainsFunc(text, func(t string) bool { return strings.Contains(t, string(stem)) }) {
			return false
		}
	}
	return true
}

// read takes a question apart by the lists.
func (p *cues) read(question string) reading {
	var q reading
	tokens := followupTokens(question)
	q.words = len(tokens)
	if q.words > maxFollowup {
		return q
	}
	pointed := -1 // token after the last pointer
	for i := 0; i < len(tokens); {
		n, means := p.match(tokens[i:])
		if n == 0 {
			if stripped, opening := p.strip(tokens[i:], i == 0); stripped != nil {
				q.opening = q.opening || opening
				n, means = p.match(stripped)
			}
		}
		switch {
		case n == 0:
			q.rest = append(q.rest, tokens[i])
			n = 1
			if pointed == i { // "das Diplom": no pointer, but an article
				q.pointer = false
			}
		case means == opens:
			q.opening = q.opening || i == 0
		case means == points:
			q.pointer = true
			pointed = i + n
		case means == fills:
			q.fillers++
		case !slices.Contains(q.aspects, int(means-asks)):
			q.aspects = append(q.aspects, int(means-asks))
		}
		i += n
	}
	return q
}

// match returns the number of tokens of the longest entry that tokens begin
// with, 0 if there is none, and what it means.
func (p *cues) match(tokens []string) (int, meaning) {
	for _, e := range p.list {
		if len(e.words) <= len(tokens) && e.at(tokens) {
			return len(e.words), e.means
		}
	}
	return 0, 0
}

func (e cue) at(tokens []string) bool {
	for i, w := range e.words {
		if stem, any := strings.CutSuffix(w, "*"); any && !strings.HasPrefix(tokens[i], stem) || !any && tokens[i] != w {
			return false
		}
	}
	return true
}

// strip takes from the first token what is written in one with it, as far as
// the lists know what remains; nil if they do not. At the beginning of a
// question, an attached opening is one.
func (p *cues) strip(tokens []string, first bool) (stripped []string, opening bool) {
	try := func(token string) bool {
		stripped = append([]string{token}, tokens[1:]...)
		n, _ := p.match(stripped)
		return n > 0
	}
	for _, before := range append([]string{""}, p.attached...) {
		bare, ok := strings.CutPrefix(tokens[0], before)
		if !ok {
			continue
		}
		opening = first && before != ""
		if before != "" && try(bare) {
			return stripped, opening
		}
		for _, article := range p.articles {
			if noun, ok := strings.CutPrefix(bare, article); ok && try(noun) {
				return stripped, opening
			}
		}
	}
	return nil, false
}

// followupTokens returns the words and numbers of text as they are compared.
func followupTokens(text string) []string {
	return strings.FieldsFunc(locale.Fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && r != '\''
	})
}

// readFollowups reads aspects.yaml and the lists of every language.
func (ld *loader) readFollowups(languages []locale.Language) {
	if !ld.exists(aspectsFile) {
		return
	}
	text, ok := ld.read(aspectsFile)
	if !ok {
		return
	}
	var file aspectFile
	before := len(ld.faults)
	if ld.yaml(aspectsFile, text, &file); len(ld.faults) > before {
		return
	}
	ids := map[string]int{}
	for i, a := range file.Aspects {
		line := 1 + strings.Count(text[:max(0, strings.Index(text, "id: "+a.ID))], "\n")
		if _, twice := ids[a.ID]; twice || !topicRE.MatchString(a.ID) {
			ld.fault(aspectsFile, line, "the id %q is there already, or not lower-case words joined by hyphens", a.ID)
		}
		ids[a.ID] = i
		if (a.Article == "") != a.Contacts {
			ld.fault(aspectsFile, line, "aspect %q has either an article or contacts: true", a.ID)
		}
		ld.checkAspect(a, line)
	}
	ld.aspects = file.Aspects
	for _, l := range languages {
		if file := path.Join(l.Tag, followupsFile); ld.exists(file) {
			ld.readPhrases(l.Tag, file, ids)
		}
	}
}

func (ld *loader) exists(file string) bool {
	_, err := fs.Stat(ld.fsys, file)
	return !errors.Is(err, fs.ErrNotExist)
}

// checkAspect finds topics and facts that there are not.
func (ld *loader) checkAspect(a aspect, line int) {
	topics := slices.Concat(slices.Sorted(maps.Keys(a.Instead)), slices.Sorted(maps.Values(a.Instead)))
	if a.Article != "" {
		topics = append(topics, a.Article)
	}
	for _, topic := range topics {
		if ld.articles[articleID{ld.reference, topic}] == nil {
			ld.fault(aspectsFile, line, "aspect %q: there is no article %q", a.ID, topic)
		}
	}
	for _, prefix := range a.Facts {
		found := false
		for id := range ld.facts.Facts {
			found = found || strings.HasPrefix(id, prefix)
		}
		if !found && !ld.noFacts {
			ld.fault(aspectsFile, line, "aspect %q: no fact begins with %q", a.ID, prefix)
		}
	}
}

// readPhrases reads the lists of one language; ids are the numbers of the aspects.
func (ld *loader) readPhrases(tag, file string, ids map[string]int) {
	text, ok := ld.read(file)
	if !ok {
		return
	}
	var words followupWords
	before := len(ld.faults)
	lines := ld.yaml(file, text, &words)
	if len(ld.faults) > before {
		return
	}
	p := &cues{attached: folded(words.Attached), articles: folded(words.Articles)}
	known := map[string]string{}
	add := func(list string, entries []string, means meaning) {
		for _, e := range entries {
			e := foldEntry(e)
			if len(e) == 0 {
				ld.fault(file, lines[list], "%s: an entry has no words", list)
				continue
			}
			key := strings.Join(e, " ")
			if other := known[key]; other != "" && other != list {
				ld.fault(file, lines[list], "%q is in %s and in %s", key, other, list)
			}
			known[key] = list
			p.list = append(p.list, cue{e, means})
		}
	}
	add("openings", words.Openings, opens)
	add("pointers", words.Pointers, points)
	add("fillers", words.Fillers, fills)
	for _, id := range slices.Sorted(maps.Keys(words.Aspects)) {
		n, ok := ids[id]
		if !ok {
			ld.fault(file, lines["aspects."+id], "aspect %q is not in %s", id, aspectsFile)
		}
		add("aspects."+id, words.Aspects[id], asks+meaning(n))
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if len(words.Aspects[id]) == 0 {
			ld.fault(file, lines["aspects"], "there are no words for the aspect %q of %s", id, aspectsFile)
		}
	}
	slices.SortStableFunc(p.list, func(a, b cue) int { return b.letters() - a.letters() })
	ld.cues[tag] = p
}

// letters orders entries: more words first, then longer ones, exact ones before stems.
func (e cue) letters() int {
	n := 100 * len(e.words)
	for _, w := range e.words {
		n += utf8.RuneCountInString(w)
	}
	return n
}

func folded(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = locale.Fold(s)
	}
	return out
}

// foldEntry folds the words of an entry and keeps the * at their ends.
func foldEntry(entry string) []string {
	var words []string
	for _, w := range strings.Fields(entry) {
		bare, any := strings.CutSuffix(w, "*")
		tokens := followupTokens(bare)
		if any && len(tokens) > 0 {
			tokens[len(tokens)-1] += "*"
		}
		words = append(words, tokens...)
	}
	return words
}
