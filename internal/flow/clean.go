package flow

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	zwnj = '\u200c' // keeps letters apart: Persian is spelled with it
	zwj  = '\u200d' // joins letters of Indic scripts, and emoji
)

// cleaned is the input with [clean] words, as every step and every reader gets it.
func (in Input) cleaned() Input {
	if in.Kind != KindButton {
		in.Text = clean(in.Text)
	}
	if in.Kind == KindText && in.Text == "" && in.With != "" {
		return Input{Kind: KindUnsupported, Text: in.With}
	}
	return in
}

// clean takes out of typed or pasted words what cannot be seen: marks of
// direction and other signs of no width, which copying from a web page or an address book brings
// along, control characters, and letters that are blanks. Every space is a space, every
// end of a line "\n", and there are none at the ends. Words of which nothing can be seen are "".
func clean(words string) string {
	words = strings.ReplaceAll(strings.ToValidUTF8(words, "\ufffd"), "\r\n", "\n")
	words = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || unicode.In(r, unicode.Zl, unicode.Zp):
			return '\n'
		case unicode.IsSpace(r) || isFiller(r):
			return ' '
		case r == zwnj || r == zwj || unicode.Is(unicode.Prepended_Concatenation_Mark, r): // the last are seen, as the sign of an Arabic number
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, words)
	if strings.IndexFunc(words, isSeen) < 0 {
		return ""
	}
	return strings.TrimSpace(joined(words))
}

// joined leaves the signs that join or part only where they have something to:
// elsewhere, as in a number, they only hide what it is.
func joined(words string) string {
	if !strings.ContainsAny(words, string([]rune{zwnj, zwj})) {
		return words
	}
	runes := []rune(words)
	out := runes[:0:0]
	for i, r := range runes {
		if r == zwnj || r == zwj {
			if len(out) == 0 || !joins(out[len(out)-1]) || i+1 == len(runes) || !joins(runes[i+1]) {
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

func joins(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.S) }

// isFiller says of a letter or symbol that it shows nothing.
func isFiller(r rune) bool {
	switch r {
	case '\u2800', '\ufffc', '\U0001d159': // the Braille blank, the place of an object, the note without a head
		return true
	}
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && unicode.IsLetter(r) // the fillers of Hangul
}

// isSeen says whether a sign of clean words shows something by itself.
func isSeen(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.S, unicode.P) }

// hasWords says whether words say anything: punctuation alone does not.
func hasWords(words string) bool {
	return strings.ContainsFunc(words, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.S) })
}

// compact is clean for what is no prose, such as a number or an address: it has no signs of no
// width at all, and those of every width are the usual ones.
func compact(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, clean(s))
	return strings.TrimSpace(norm.NFKC.String(s))
}
