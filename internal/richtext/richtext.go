// Package richtext is the one form in which words travel from the catalogue of
// texts to a channel: runs of text that are plain, bold or a link.
//
// Translators and editors write a small part of Markdown:
//
//	**bold**    [label](https://example.org)    \* \[ \] \\ for the sign itself
//
// Everything else is text. A value that comes from outside (a person's own
// words, a name from the directory) passes through [Escape] before it is put
// into such a text, so that it can never add a style or a link. Channels turn
// the runs into what their platform wants; none of them parses markup again.
package richtext

import "strings"

// Text is a message body: runs in reading order. Line breaks are "\n" inside
// the runs, paragraphs are parted by an empty line.
type Text []Run

// Run is a stretch of text in one style.
type Run struct {
	Text string `json:"t"`
	Bold bool   `json:"b,omitempty"`
	// Link is an absolute http, https, mailto or tel address. If empty, the run is no link.
	Link string `json:"l,omitempty"`
}

// Plain returns the words alone. A link to a page whose label is not its own
// address is followed by the address in brackets, because plain text has no
// other place for it; mail addresses and telephone numbers are their own label.
func (t Text) Plain() string {
	var b strings.Builder
	for _, r := range t {
		b.WriteString(r.Text)
		if strings.HasPrefix(r.Link, "http") && r.Text != r.Link {
			b.WriteString(" (" + r.Link + ")")
		}
	}
	return b.String()
}

// Join returns texts as the paragraphs of one, as if it had been parsed as a
// whole. It changes none of them; empty ones are left out.
func Join(texts ...Text) Text {
	size := 0
	for _, t := range texts {
		size += len(t) + 1
	}
	out := make(Text, 0, size)
	for _, t := range texts {
		if len(t) == 0 {
			continue
		}
		if len(out) > 0 {
			out = out.add(Run{Text: "\n\n"})
		}
		for _, r := range t {
			out = out.add(r)
		}
	}
	return out
}

// add appends a run, to the last one if both are plain words in the same style.
func (t Text) add(r Run) Text {
	if n := len(t); n > 0 && r.Link == "" && t[n-1].Link == "" && t[n-1].Bold == r.Bold {
		t[n-1].Text += r.Text
		return t
	}
	return append(t, r)
}

// maxAddress is the longest address of a link, in bytes; it also keeps Parse
// from searching a long text again for each bracket. Browsers take about 2,000.
const maxAddress = 2048

const special = `\*[]`

// Escape returns s with every sign of the markup marked as text, so that
// Parse(Escape(s)) is one plain run holding exactly s.
func Escape(s string) string {
	if !strings.ContainsAny(s, special) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := range len(s) {
		if strings.IndexByte(special, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Parse reads markup. There is no wrong markup: a sign that opens nothing, or
// a link whose address is not one of the allowed kinds, is text as it stands.
func Parse(markup string) Text {
	p := parser{in: markup}
	p.run()
	return p.out
}

type parser struct {
	in   string
	out  Text
	text strings.Builder
	bold bool
}

func (p *parser) run() {
	for i := 0; i < len(p.in); {
		rest := p.in[i:]
		switch {
		case rest[0] == '\\' && len(rest) > 1 && strings.IndexByte(special, rest[1]) >= 0:
			p.text.WriteByte(rest[1])
			i += 2
		case strings.HasPrefix(rest, "**") && (p.bold || closes(rest[2:])):
			p.flush("")
			p.bold = !p.bold
			i += 2
		case rest[0] == '[':
			label, address, n := link(rest)
			if n == 0 {
				p.text.WriteByte('[')
				i++
				continue
			}
			p.flush("")
			p.text.WriteString(label)
			p.flush(address)
			i += n
		default:
			n := 1 // the first sign opens nothing, and up to the next one there is only text
			if next := strings.IndexAny(rest[1:], `\*[`); next >= 0 {
				n += next
			} else {
				n = len(rest)
			}
			p.text.WriteString(rest[:n])
			i += n
		}
	}
	p.flush("")
}

func (p *parser) flush(address string) {
	if p.text.Len() == 0 {
		return
	}
	r := Run{Text: p.text.String(), Bold: p.bold, Link: address}
	p.text.Reset()
	p.out = p.out.add(r)
}

// closes says whether s holds a "**" that is not marked as text.
func closes(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] == '*' && s[i+1] == '*' {
			return true
		}
	}
	return false
}

// link reads "[label](address)" at the start of s; n is its length, 0 if there is none.
func link(s string) (label, address string, n int) {
	var b strings.Builder
	i := 1
	for ; i < len(s) && s[i] != ']'; i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte(special, s[i+1]) >= 0:
			i++
		case s[i] == '[' || s[i] == '\n':
			return "", "", 0
		}
		b.WriteByte(s[i])
	}
	if b.Len() == 0 || i+1 >= len(s) || s[i+1] != '(' {
		return "", "", 0
	}
	end := strings.IndexAny(s[i+2:min(len(s), i+2+maxAddress)], ")\n ")
	if end < 0 || s[i+2+end] != ')' {
		return "", "", 0
	}
	address = s[i+2 : i+2+end]
	if !Linkable(address) {
		return "", "", 0
	}
	return b.String(), address, i + 2 + end + 1
}

// Linkable says whether address is of a kind that a run may link to.
func Linkable(address string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if len(address) > len(scheme) && strings.HasPrefix(address, scheme) {
			return true
		}
	}
	return false
}
