package hear

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/answer/reading"
)

// SmallTalk returns the kind of a message that is nothing but small talk, or "".
// A name may stand beside polite words: words that no question uses.
func (e *Ear) SmallTalk(text reading.Text) string {
	if e == nil {
		return ""
	}
	tokens := text.Tokens
	if len(tokens) == 0 {
		return e.kindOf(e.ofSigns(text.Raw))
	}
	best := e.phrasesAt(tokens)
	n := len(tokens)
	// From the end to the beginning: whether all the rest is small talk.
	type step struct{ next, kind int }
	steps := make([]step, n+1)
	whole := make([]bool, n+1)
	whole[n] = true
	for i := n - 1; i >= 0; i-- {
		for _, f := range best[i] {
			if whole[f.to] {
				whole[i], steps[i] = true, step{f.to, f.kind}
				break
			}
			if e.kinds[f.kind].Polite {
				at := f.to
				for at < n && e.fillers[tokens[at].Squeezed()] { // "good morning, Mrs"
					at++
				}
				if e.name(tokens[at:]) {
					whole[i], steps[i] = true, step{n, f.kind}
					break
				}
			}
		}
		if !whole[i] && whole[i+1] && e.fillers[tokens[i].Squeezed()] {
			whole[i], steps[i] = true, step{i + 1, -1}
		}
	}
	if !whole[0] {
		return ""
	}
	var kinds []int
	for i := 0; i < n; i = steps[i].next {
		if k := steps[i].kind; k >= 0 {
			kinds = append(kinds, k)
		}
	}
	return e.kindOf(kinds)
}

// name says whether the words may be a name.
func (e *Ear) name(tokens []reading.Token) bool {
	if len(tokens) == 0 || len(tokens) > maxName {
		return false
	}
	for _, t := range tokens {
		if e.usual(t.Squeezed()) || strings.ContainsFunc(t.Squeezed(), unicode.IsNumber) || utf8.RuneCountInString(t.Squeezed()) < 2 {
			return false
		}
	}
	return true
}

// found is a phrase of small talk.
type found struct{ kind, to int }

// phrasesAt lists the phrases of small talk at each place, the longest first.
func (e *Ear) phrasesAt(tokens []reading.Token) [][]found {
	at := make([][]found, len(tokens))
	_, numbers := e.numbersOf(tokens)
	e.each(numbers, nil, func(p phrase, from, to int) {
		if !e.kinds[p.kind].Crisis {
			at[from] = append(at[from], found{p.kind, to})
		}
	})
	for _, list := range at {
		slices.SortStableFunc(list, func(a, b found) int {
			return cmp.Or(cmp.Compare(b.to, a.to), cmp.Compare(e.kinds[b.kind].Rank, e.kinds[a.kind].Rank))
		})
	}
	return at
}

func (e *Ear) ofSigns(text string) (kinds []int) {
	for _, r := range signsOf(text) {
		if k, ok := e.signs[r]; ok {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// kindOf chooses among kinds that meet: the highest rank, then the last.
func (e *Ear) kindOf(kinds []int) string {
	if len(kinds) == 0 {
		return ""
	}
	best := kinds[0]
	for _, k := range kinds[1:] {
		if e.kinds[k].Rank >= e.kinds[best].Rank {
			best = k
		}
	}
	return e.kinds[best].Name
}

// Question cuts off the words of politeness around a question.
func (e *Ear) Question(text reading.Text) reading.Text {
	if e == nil {
		return text
	}
	from, to := 0, len(text.Tokens)
	at := e.phrasesAt(text.Tokens)
	polite := func(f found) bool { return e.kinds[f.kind].Polite }
	for from < to {
		i := slices.IndexFunc(at[from], polite)
		if i < 0 {
			break
		}
		from = at[from][i].to
	}
	for i := to - 1; i > from; i-- {
		if slices.ContainsFunc(at[i], func(f found) bool { return polite(f) && f.to == to }) {
			to = i
		}
	}
	if from >= to || from == 0 && to == len(text.Tokens) {
		return text
	}
	return text.Cut(from, to)
}
