package network

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/locale"
)

// text is what a person wrote, folded and cut into words. The words stand
// without gaps in joined, so that any run of them is a substring: "Idar
// Oberstein", "Idar-Oberstein" and "Idaroberstein" become the same key.
type text struct {
	joined string
	start  []int  // where word i begins; one more than there are words
	apart  []bool // a comma or line break stands before word i
}

// split folds s and cuts it into words; digits and letters never share one.
func split(s string) text {
	s = s[:min(len(s), maxText)]
	s = strings.ReplaceAll(s, "\n", ",") // folding makes it a space
	var t text
	var b strings.Builder
	var kind rune // 'a' letter, '0' digit, 0 between words
	var last rune
	apart, bracket := true, false
	end := func() {
		if kind == 0 {
			return
		}
		kind = 0
		if from := t.start[len(t.start)-1]; b.String()[from:] == "st" { // St. Goar
			word := b.String()[:from] + "sankt"
			b.Reset()
			b.WriteString(word)
		}
	}
	for _, r := range locale.FoldGerman(s) {
		k := rune(0)
		switch {
		case unicode.IsDigit(r):
			k = '0'
		case unicode.IsLetter(r):
			k = 'a'
		}
		if k != kind {
			end()
			if k != 0 {
				if len(t.start) == maxWords {
					break
				}
				t.start = append(t.start, b.Len())
				t.apart = append(t.apart, apart)
				apart = false
			}
			kind = k
		}
		if k == 0 {
			switch r {
			case '(', ')':
				bracket = r == '('
			case ',', ';', '،', '؛':
				apart = apart || !bracket && last != '-' // but not in "Sanitär-, Heizungs- und Klimatechnik"
			}
			last = r
			continue
		}
		last = r
		b.WriteRune(r)
	}
	end()
	t.joined = b.String()
	t.start = append(t.start, b.Len())
	return t
}

func (t text) len() int { return len(t.start) - 1 }

// gram is the n words from word i on as one key.
func (t text) gram(i, n int) string { return t.joined[t.start[i]:t.start[i+n]] }

// longest is how many words from i on stand together, at most maxGram.
func (t text) longest(i int) int {
	n := 1
	for n < maxGram && i+n < t.len() && !t.apart[i+n] {
		n++
	}
	return n
}

// key is the form under which a name is stored.
func key(name string) string { return split(name).joined }

// keys are the keys of names, in their order.
func keys(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = key(name)
	}
	return list
}

// wordSet is a set of single words, folded.
func wordSet(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, w := range list {
		set[key(w)] = true
	}
	return set
}

// index finds names, also with typing errors.
type index[T any] struct {
	byKey map[string]*named[T]
	byLen [maxName + 1][]*named[T] // by length in letters
}

// named is a name and what it may mean.
type named[T any] struct {
	key     string
	letters []rune
	mask    uint64 // which letters occur, a bit each
	refs    []T
}

// at returns the entry of a key; there is one afterwards.
func (x *index[T]) at(k string) *named[T] {
	if n := x.byKey[k]; n != nil {
		return n
	}
	if x.byKey == nil {
		x.byKey = map[string]*named[T]{}
	}
	n := &named[T]{key: k, letters: []rune(k)}
	n.mask = mask(n.letters)
	x.byKey[k] = n
	if len(n.letters) <= maxName {
		x.byLen[len(n.letters)] = append(x.byLen[len(n.letters)], n)
	}
	return n
}

func mask(letters []rune) uint64 {
	var m uint64
	for _, r := range letters {
		m |= 1 << (uint(r) % 64)
	}
	return m
}

// tolerance is how many typing errors a name of so many letters may have.
// Shorter names have too many neighbours: Mayen and Maxen, but also Berg and Burg.
func tolerance(letters int) int {
	switch {
	case letters >= 9:
		return 2
	case letters >= 5:
		return 1
	}
	return 0
}

// near calls yield for every name that k can be a mistyped form of.
func (x *index[T]) near(k string, yield func(n *named[T], errors int)) {
	if utf8.RuneCountInString(k) > maxName {
		return
	}
	var buf [maxName]rune
	letters := buf[:0]
	for _, r := range k {
		letters = append(letters, r)
	}
	m := mask(letters)
	for l := max(5, len(letters)-2); l <= min(maxName, len(letters)+2); l++ {
		most := tolerance(l)
		if abs(l-len(letters)) > most {
			continue
		}
		for _, n := range x.byLen[l] {
			if bits.OnesCount64(n.mask^m) > 2*most { // an error changes two letters at most
				continue
			}
			if e := distance(letters, n.letters, most); e <= most {
				yield(n, e)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

// distance counts the letters to add, drop, replace or swap with their
// neighbour to get from a to b (optimal string alignment). What is above most
// is given as most+1. Neither is longer than maxName.
func distance(a, b []rune, most int) int {
	var rows [3][maxName + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range b {
		last[j+1] = j + 1
	}
	for i := range a {
		row[0] = i + 1
		least := row[0]
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			v := min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				v = min(v, before[j-1]+1)
			}
			row[j+1] = v
			least = min(least, v)
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], most+1)
}
