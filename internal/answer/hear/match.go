package hear

import (
	"slices"

	"iqbot/internal/answer/reading"
)

// numbersOf returns for each word of a message the numbers of the words of
// phrases that it is, and of those that it may be with a typing error; ascending.
// A word that is written as in a phrase or in a question is no typing error.
func (e *Ear) numbersOf(tokens []reading.Token) (exact, all [][]int32) {
	exact, all = make([][]int32, len(tokens)), make([][]int32, len(tokens))
	for i, t := range tokens {
		rest := e.grammar.WithoutConjunction(t.Squeezed())
		exact[i] = e.lookUp(nil, t.Squeezed())
		if rest != "" {
			exact[i] = e.lookUp(exact[i], rest)
		}
		slices.Sort(exact[i])
		all[i] = exact[i]
		if len(exact[i]) > 0 {
			continue
		}
		if all[i] = e.nearby(nil, t.Squeezed()); len(all[i]) > 0 && e.usual(t.Squeezed()) {
			all[i] = nil
			continue
		}
		if rest == "" {
			continue
		}
		if with := e.nearby(nil, rest); len(with) > 0 && !e.usual(t.Squeezed()) && !e.usual(rest) {
			all[i] = append(all[i], with...)
			slices.Sort(all[i])
		}
	}
	return exact, all
}

// lookUp adds the words and the beginnings of words that word is.
func (e *Ear) lookUp(numbers []int32, word string) []int32 {
	if n, ok := e.exact[word]; ok {
		numbers = append(numbers, n)
	}
	for at := range word {
		if n, ok := e.stems[word[:at]]; ok {
			numbers = append(numbers, n)
		}
	}
	if n, ok := e.stems[word]; ok {
		numbers = append(numbers, n)
	}
	return numbers
}

// nearby adds those that word is with one wrong letter, which is not the first.
func (e *Ear) nearby(numbers []int32, word string) []int32 {
	letters := []rune(word)
	if len(letters) < typoFrom-1 {
		return numbers
	}
	for _, x := range e.long[letters[0]] {
		if x.meets(letters) {
			numbers = append(numbers, x.number)
		}
	}
	return numbers
}

// meets says whether word is x with at most one wrong letter.
func (x inexact) meets(word []rune) bool {
	n := len(x.letters)
	if !x.stem {
		return near(word, x.letters)
	}
	for size := n - 1; size <= n+1 && size <= len(word); size++ {
		if near(word[:size], x.letters) {
			return true
		}
	}
	return false
}

// near says whether one letter too many, too few or wrong, or two swapped, is
// all that a and b differ in.
func near(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) {
		return true
	}
	if len(a) < len(b) {
		return slices.Equal(a[i:], b[i+1:])
	}
	return slices.Equal(a[i+1:], b[i+1:]) ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}

// end matches p's elements from at on, where every word must be free, and
// returns the first place behind them, or -1. The first element stands at at.
func (p part) end(numbers [][]int32, taken []bool, at int) int {
	skip := 0
	if p[0].gap {
		skip = maxGap
	}
	for i := at; i <= at+skip && i < len(numbers); i++ {
		if taken != nil && taken[i] || !meet(numbers[i], p[0].words) {
			continue
		}
		if len(p) == 1 {
			return i + 1
		}
		if end := p[1:].end(numbers, taken, i+1); end >= 0 {
			return end
		}
	}
	switch {
	case !p[0].optional:
		return -1
	case len(p) == 1:
		return at
	}
	return p[1:].end(numbers, taken, at)
}

// meet says whether two ascending lists have a number in common.
func meet(a, b []int32) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			return true
		case a[0] < b[0]:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

// span returns where p stands if its first part begins at at.
func (p phrase) span(numbers [][]int32, taken []bool, at int) (from, to int, ok bool) {
	to = p.parts[0].end(numbers, taken, at)
	if to < 0 {
		return 0, 0, false
	}
	from = at
next:
	for _, part := range p.parts[1:] {
		for i := max(0, to-maxSpan); i < min(len(numbers), from+maxSpan); i++ {
			if end := part.end(numbers, taken, i); end >= 0 && max(end, to)-min(i, from) <= maxSpan {
				from, to = min(i, from), max(end, to)
				continue next
			}
		}
		return 0, 0, false
	}
	return from, to, true
}

// each visits the phrases that the message holds.
func (e *Ear) each(numbers [][]int32, taken []bool, visit func(p phrase, from, to int)) {
	for at, ns := range numbers {
		for _, n := range ns {
			for _, i := range e.starts[n] {
				if from, to, ok := e.phrases[i].span(numbers, taken, at); ok {
					visit(e.phrases[i], from, to)
				}
			}
		}
	}
}
