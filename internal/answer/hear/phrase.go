package hear

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is what a phrase does.
type class uint8

const (
	sure     class = iota // the message is of this kind
	doubtful              // it may be; written "? phrase"
	harmless              // the words are no crisis here; written "! phrase"
)

// phrase is a way of saying something: parts that stand in any order, near each other.
type phrase struct {
	kind  int // in Ear.kinds
	lang  string
	class class
	parts []part
}

// part is words that follow each other.
type part []element

// element is the place of one word.
type element struct {
	words    []int32 // any of them, ascending
	gap      bool    // up to maxGap other words may stand before it
	optional bool    // or it is not there
}

type inexact struct {
	letters []rune
	number  int32
	stem    bool
}

// number gives a word of a phrase, or the stem of one, its number.
func (e *Ear) number(word string, stem bool) int32 {
	table := e.exact
	if stem {
		table = e.stems
	}
	n, ok := table[word]
	if !ok {
		e.numbers++
		n = e.numbers
		table[word] = n
		if letters := []rune(word); len(letters) >= typoFrom {
			e.long[letters[0]] = append(e.long[letters[0]], inexact{letters, n, stem})
		}
	}
	return n
}

// Add takes in one line of a file of phrases, of the kind with this number; what
// is wrong with it comes back, or "".
func (e *Ear) Add(kind int, lang, line string) string {
	p := phrase{kind: kind, lang: lang}
	crisis := e.kinds[kind].Crisis
	if len(e.reader.Read(line).Tokens) == 0 {
		signs := signsOf(line)
		if len(signs) == 0 {
			return "the phrase has no words"
		}
		for _, r := range signs {
			e.signs[r] = kind
		}
		return ""
	}
	if rest, ok := strings.CutPrefix(line, "? "); ok {
		p.class, line = doubtful, rest
	} else if rest, ok := strings.CutPrefix(line, "! "); ok {
		p.class, line = harmless, rest
	}
	if p.class != sure && !crisis {
		return "? and ! in front are for a crisis only"
	}
	for text := range strings.SplitSeq(line, "&") {
		part, reason := e.part(text)
		if reason != "" {
			return reason
		}
		p.parts = append(p.parts, part)
	}
	if !crisis && (len(p.parts) > 1 || slices.ContainsFunc(p.parts[0], func(w element) bool { return w.gap })) {
		return "& and ... are for a crisis only"
	}
	e.phrases = append(e.phrases, p)
	for _, w := range p.parts[0][0].words {
		e.starts[w] = append(e.starts[w], int32(len(e.phrases)-1))
	}
	return ""
}

// part reads the words between two "&".
func (e *Ear) part(text string) (part, string) {
	var out part
	gap := false
	for field := range strings.FieldsSeq(text) {
		if field == "..." {
			if len(out) == 0 {
				return nil, "... must stand between two words"
			}
			gap = true
			continue
		}
		w := element{gap: gap}
		gap = false
		inner, opened := strings.CutPrefix(field, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		if opened != closed || opened && len(out) == 0 {
			return nil, "\"" + field + "\": brackets are around one word, which is not the first"
		}
		w.optional = opened
		for alternative := range strings.SplitSeq(inner, "|") {
			word, stem := strings.CutSuffix(alternative, "*")
			tokens := e.reader.Read(word).Tokens
			if len(tokens) != 1 {
				return nil, "\"" + alternative + "\" is not one word"
			}
			if stem && utf8.RuneCountInString(tokens[0].Squeezed()) < 3 {
				return nil, "\"" + alternative + "\" is too short for the beginning of a word"
			}
			w.words = append(w.words, e.number(tokens[0].Squeezed(), stem))
		}
		slices.Sort(w.words)
		out = append(out, w)
	}
	switch {
	case len(out) == 0:
		return nil, "words are missing beside &"
	case gap:
		return nil, "... must stand between two words"
	}
	return out, ""
}

// signsOf lists the emoji of a text, and question marks.
func signsOf(text string) (signs []rune) {
	for _, r := range text {
		if unicode.Is(unicode.So, r) || r == '?' || r == '؟' {
			signs = append(signs, r)
		}
	}
	return signs
}
