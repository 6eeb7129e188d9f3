// Package follow reads questions that go on with a topic: "and how much is that?"
//
// The words that say so are lists of one language: words that open such a question
// (and, but), that point to the topic (it, there), that say what is asked (costs),
// and that say nothing. A word of a list may end in *, for any ending, and an
// entry may have several words.
package follow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// Lists are the words of one language, as its followups.yaml has them.
type Lists struct {
	Openings []string            `yaml:"openings"` // begin a question that goes on: and, but
	Attached []string            `yaml:"attached"` // openings that are written in one with the next word
	Articles []string            `yaml:"articles"` // other beginnings of words that do not count
	Pointers []string            `yaml:"pointers"` // stand for the topic: it, that, there
	Fillers  []string            `yaml:"fillers"`  // say nothing of what is asked
	Aspects  map[string][]string `yaml:"aspects"`  // words by the id of an aspect
}

// MaxWords is how many words a question that goes on has at most. Of the
// follow-ups in package answer's testdata/followups.tsv the longest has nine.
const MaxWords = 10

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

// Cues find the words of the lists in a question. They are immutable.
type Cues struct {
	list     []cue
	attached []string
	articles []string
}

// Question is what a question looks like beside a topic.
type Question struct {
	Words            int
	Opening, Pointer bool
	Aspects          []int    // numbers, each once
	Rest             []string // words that the lists do not have
}

// Read takes a question apart by the lists. Of one that has too many words to go
// on with a topic, only their number is told.
func (p *Cues) Read(question reading.Text) Question {
	q := Question{Words: len(question.Tokens)}
	if q.Words > MaxWords {
		return q
	}
	tokens := words(question)
	pointed := -1 // token after the last pointer
	for i := 0; i < len(tokens); {
		n, means := p.match(tokens[i:])
		if n == 0 {
			if stripped, opening := p.strip(tokens[i:], i == 0); stripped != nil {
				q.Opening = q.Opening || opening
				n, means = p.match(stripped)
			}
		}
		switch {
		case n == 0:
			q.Rest = append(q.Rest, tokens[i])
			n = 1
			if pointed == i { // "das Diplom": no pointer, but an article
				q.Pointer = false
			}
		case means == opens:
			q.Opening = q.Opening || i == 0
		case means == points:
			q.Pointer = true
			pointed = i + n
		case means == fills: // says nothing
		case !slices.Contains(q.Aspects, int(means-asks)):
			q.Aspects = append(q.Aspects, int(means-asks))
		}
		i += n
	}
	return q
}

// match returns the number of tokens of the longest entry that tokens begin
// with, 0 if there is none, and what it means.
func (p *Cues) match(tokens []string) (int, meaning) {
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
func (p *Cues) strip(tokens []string, first bool) (stripped []string, opening bool) {
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

// words are the words of a text as they are compared.
func words(t reading.Text) []string {
	list := make([]string, len(t.Tokens))
	for i, k := range t.Tokens {
		list[i] = k.Folded()
	}
	return list
}

// Problem is what is wrong with an entry of [Lists].
type Problem struct {
	Path   []any // in followups.yaml
	Reason string
}

// New makes cues of lists; ids are the numbers of the aspects, by which
// [Question.Aspects] tells them.
func New(lists Lists, ids map[string]int) (*Cues, []Problem) {
	p := &Cues{attached: folded(lists.Attached), articles: folded(lists.Articles)}
	var problems []Problem
	complain := func(path []any, format string, args ...any) {
		problems = append(problems, Problem{path, fmt.Sprintf(format, args...)})
	}
	r := reading.New(nil)
	known := map[string]string{}
	add := func(path []any, entries []string, means meaning) {
		list := strings.Trim(strings.ReplaceAll(fmt.Sprint(path), " ", "."), "[]")
		for _, entry := range entries {
			e := split(r, entry)
			if len(e) == 0 {
				complain(path, "%s: an entry has no words", list)
				continue
			}
			key := strings.Join(e, " ")
			if other := known[key]; other != "" && other != list {
				complain(path, "%q is in %s and in %s", key, other, list)
			}
			known[key] = list
			p.list = append(p.list, cue{e, means})
		}
	}
	add([]any{"openings"}, lists.Openings, opens)
	add([]any{"pointers"}, lists.Pointers, points)
	add([]any{"fillers"}, lists.Fillers, fills)
	for _, id := range slices.Sorted(maps.Keys(lists.Aspects)) {
		n, ok := ids[id]
		if !ok {
			complain([]any{"aspects", id}, "there is no aspect %q", id)
		}
		add([]any{"aspects", id}, lists.Aspects[id], asks+meaning(n))
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if len(lists.Aspects[id]) == 0 {
			complain([]any{"aspects"}, "there are no words for the aspect %q", id)
		}
	}
	slices.SortStableFunc(p.list, func(a, b cue) int { return b.letters() - a.letters() })
	return p, problems
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

// split returns the words of an entry, with the * at their ends.
func split(r *reading.Reader, entry string) []string {
	var list []string
	for w := range strings.FieldsSeq(entry) {
		bare, any := strings.CutSuffix(w, "*")
		tokens := words(r.Read(bare))
		if any && len(tokens) > 0 {
			tokens[len(tokens)-1] += "*"
		}
		list = append(list, tokens...)
	}
	return list
}
