package locale

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"

	"iqbot/internal/richtext"
)

// The signs that Isolate and Finish put in.
const (
	fsi = "\u2068" // first-strong isolate
	pdi = "\u2069" // end of an isolate
	lrm = "\u200e" // left-to-right mark
	rlm = "\u200f" // right-to-left mark
)

// control says whether r is a sign of the bidirectional algorithm.
func control(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

func class(r rune) bidi.Class {
	if 'a' <= r && r <= 'z' { // most of what is asked for
		return bidi.L
	}
	properties, _ := bidi.LookupRune(r)
	return properties.Class()
}

func rightToLeft(r rune) bool {
	if r < 0x0590 { // before the first right-to-left script, Hebrew
		return false
	}
	c := class(r)
	return c == bidi.R || c == bidi.AL
}

// ends says whether r ends a paragraph, and with it every isolate.
func ends(r rune) bool { return (r < ' ' || r > '~') && class(r) == bidi.B }

// Isolate returns foreign text, such as a person's words, without the signs
// that change direction, and each of its lines in isolates if its own direction
// could disturb the language's. It may be given its own result. It does not
// escape: a string in [Params] is isolated and escaped already.
func (p *Printer) Isolate(s string) string {
	s = strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	var b strings.Builder
	for len(s) > 0 {
		line, rest := cutLine(s)
		body := strings.TrimRightFunc(line, ends)
		if p.disturbs(body) {
			b.WriteString(fsi + body + pdi + line[len(body):])
		} else {
			b.WriteString(line)
		}
		s = rest
	}
	return b.String()
}

func (p *Printer) disturbs(line string) bool {
	if p.language.RTL {
		return len(foreign(line)) > 0
	}
	return strings.IndexFunc(line, rightToLeft) >= 0
}

// cutLine returns the first line of s with its end, and the rest.
func cutLine(s string) (line, rest string) {
	i := strings.IndexFunc(s, ends)
	if i < 0 {
		return s, ""
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return s[:i+n], s[i+n:]
}

// Finish is the last pass over a whole rendered message. In a right-to-left
// language the Latin words, addresses and phone numbers in the prose that are
// not isolated yet are, and a line that would be taken for left-to-right
// because it begins with a Latin word gets a mark in front. In a left-to-right
// language only a line that begins with a right-to-left word and is mostly not
// gets one. Words, styles and links stay as they are, and a message that needs
// nothing is returned unchanged.
func (p *Printer) Finish(markup string) string {
	markup = strings.ToValidUTF8(markup, "\ufffd")
	if !p.language.RTL && strings.IndexFunc(markup, rightToLeft) < 0 {
		return markup
	}
	runs := richtext.Parse(markup)
	signs := p.signs(visible(runs))
	if len(signs) == 0 {
		return markup
	}
	w := writer{signs: signs}
	for _, r := range runs {
		w.run(r)
	}
	w.bold(false)
	return w.out.String()
}

// visible returns the words of all runs as one text, so that a Latin phrase is
// one phrase though half of it is bold. A label that repeats its address is
// blanked out with letters, for no sign may part it: it would no longer be the address.
func visible(runs richtext.Text) string {
	var b strings.Builder
	for _, r := range runs {
		if r.Link != "" && (richtext.Text{r}).Plain() == r.Text {
			b.WriteString(strings.Repeat("x", len(r.Text)))
		} else {
			b.WriteString(r.Text)
		}
	}
	return b.String()
}

// sign is what has to be put in at a place of the visible text.
type sign struct {
	at   int
	text string
}

// signs finds what a text needs, in order.
func (p *Printer) signs(text string) (out []sign) {
	for at := 0; at < len(text); {
		line, _ := cutLine(text[at:])
		left, right, leftFirst := letters(line)
		switch {
		case p.language.RTL && right > 0 && leftFirst:
			out = append(out, sign{at, rlm})
		case !p.language.RTL && right > 0 && !leftFirst && left > right:
			out = append(out, sign{at, lrm})
		}
		// A line without any right-to-left letter is laid out left to right as a whole.
		if p.language.RTL && (right > 0 || left == 0) {
			for _, f := range foreign(line) {
				out = append(out, sign{at + f.from, fsi}, sign{at + f.to, pdi})
			}
		}
		at += len(line)
	}
	return out
}

// letters counts the letters of both directions and says which come first.
// It looks into isolates, as old apps do that do not know them.
func letters(line string) (left, right int, leftFirst bool) {
	for _, r := range line {
		switch class(r) {
		case bidi.L:
			leftFirst = leftFirst || right == 0
			left++
		case bidi.R, bidi.AL:
			right++
		}
	}
	return left, right, leftFirst
}

// stretch is a part of a line, in bytes.
type stretch struct{ from, to int }

// The signs that belong to the word or number they touch.
const (
	before = "+@#/&€$£§~"
	after  = "+#/%€$£°=&~_*"
)

// foreign finds the stretches of a line that run from left to right among
// right-to-left text: words, and numbers with signs or spaces in them. A plain
// number keeps its order anyway. What is in isolates already is passed over.
func foreign(line string) (out []stretch) {
	from, to, words, depth := -1, 0, false, 0
	flush := func() {
		if from >= 0 {
			s := attach(line, from, to)
			if words || strings.Trim(line[s.from:s.to], "0123456789") != "" {
				out = append(out, s)
			}
		}
		from, words = -1, false
	}
	for i, r := range line {
		end := i + utf8.RuneLen(r)
		c := class(r)
		if c == bidi.LRI || c == bidi.RLI || c == bidi.FSI {
			flush()
			depth++
		}
		if depth > 0 {
			if c == bidi.PDI {
				depth--
			}
			continue
		}
		switch {
		case control(r) && c != bidi.R && c != bidi.AL:
		case c == bidi.L, '0' <= r && r <= '9':
			if from < 0 {
				from = i
			}
			to = end
			words = words || c == bidi.L
		case c == bidi.R, c == bidi.AL, c == bidi.AN, c == bidi.EN, c == bidi.B, r == '،':
			flush()
		case !words && strings.ContainsRune(",;:.", r) && strings.HasPrefix(line[end:], " "):
			flush() // "5, 7" is two numbers, "Mainz, Trier" one stretch
		case from >= 0 && to == i && (c == bidi.NSM || strings.ContainsRune(after, r)):
			to = end
		}
	}
	flush()
	return out
}

// attach widens a stretch by the sign before it and by the other half of a
// bracket that it holds one half of.
func attach(line string, from, to int) stretch {
	if r, n := utf8.DecodeLastRuneInString(line[:from]); strings.ContainsRune(before, r) {
		if r, _ := utf8.DecodeLastRuneInString(line[:from-n]); from == n || strings.ContainsRune(" \u00a0([", r) {
			from -= n
		}
	}
	inside := line[from:to]
	for _, b := range []string{"()", "[]"} {
		switch opened, closed := strings.Count(inside, b[:1]), strings.Count(inside, b[1:]); {
		case opened > closed && strings.HasPrefix(line[to:], b[1:]):
			return stretch{from, to + 1}
		case opened < closed && strings.HasSuffix(line[:from], b[:1]):
			return stretch{from - 1, to}
		}
	}
	return stretch{from, to}
}

// writer writes runs as markup again and puts signs in on the way.
type writer struct {
	out    strings.Builder
	isBold bool
	at     int // in the visible text
	signs  []sign
}

func (w *writer) bold(b bool) {
	if b != w.isBold {
		w.out.WriteString("**")
		w.isBold = b
	}
}

// run writes one run. Signs at the edges of a link stay outside of it.
func (w *writer) run(r richtext.Run) {
	w.bold(r.Bold)
	end := w.at + len(r.Text)
	for len(w.signs) > 0 && w.signs[0].at == w.at {
		w.sign()
	}
	if r.Link != "" {
		w.out.WriteByte('[')
	}
	text := r.Text
	for len(w.signs) > 0 && w.signs[0].at < end {
		n := w.signs[0].at - w.at
		w.out.WriteString(richtext.Escape(text[:n]))
		text = text[n:]
		w.at += n
		w.sign()
	}
	w.out.WriteString(richtext.Escape(text))
	if r.Link != "" {
		w.out.WriteString("](" + r.Link + ")")
	}
	w.at = end
	for len(w.signs) > 0 && w.signs[0].at == end && w.signs[0].text == pdi {
		w.sign()
	}
}

func (w *writer) sign() {
	w.out.WriteString(w.signs[0].text)
	w.signs = w.signs[1:]
}
