package botapitest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Entity is a styled stretch of a message. Offset and Length count UTF-16 units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// tags are the supported tags and the entities they make.
// Source: Bot API, Formatting options, HTML style.
var tags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "a": "text_link", "code": "code",
	"pre": "pre", "span": "spoiler", "tg-spoiler": "spoiler", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}

// ParseHTML reads text in the HTML style as the server does. The error is the
// server's description without its prefix; offsets in it are bytes.
func ParseHTML(in string) (text string, entities []Entity, err error) {
	p := htmlParser{in: in}
	if e := p.run(); e != nil {
		return "", nil, e
	}
	return p.out.String(), sorted(p.entities), nil
}

type openTag struct {
	name   string
	from   int // UTF-16 offset
	href   string
	hasURL bool
	start  int // bytes in out
}

type htmlParser struct {
	in       string
	out      strings.Builder
	size     int // of out, in UTF-16 units
	open     []openTag
	entities []Entity
}

func (p *htmlParser) run() *apiError {
	for i := 0; i < len(p.in); {
		switch p.in[i] {
		case '&':
			r, n := decodeEntity(p.in[i:])
			p.write(r)
			i += n
		case '<':
			n, err := p.tag(i)
			if err != nil {
				return err
			}
			i = n
		default:
			r, n := utf8.DecodeRuneInString(p.in[i:])
			p.write(r)
			i += n
		}
	}
	if n := len(p.open); n > 0 {
		return unparsable("Can't find end tag corresponding to start tag %q", p.open[n-1].name)
	}
	return nil
}

func (p *htmlParser) write(r rune) {
	p.out.WriteRune(r)
	p.size++
	if r > 0xFFFF {
		p.size++
	}
}

func unparsable(format string, args ...any) *apiError {
	return bad("can't parse entities: "+format, args...)
}

// tag reads the tag at i and returns where it ends.
func (p *htmlParser) tag(i int) (int, *apiError) {
	begin := i
	i++
	if i < len(p.in) && p.in[i] == '/' {
		return p.endTag(begin)
	}
	for i < len(p.in) && !space(p.in[i]) && p.in[i] != '>' {
		i++
	}
	if i == len(p.in) {
		return 0, unparsable("Unclosed start tag at byte offset %d", begin)
	}
	t := openTag{name: strings.ToLower(p.in[begin+1 : i]), from: p.size, start: p.out.Len()}
	if _, ok := tags[t.name]; !ok {
		return 0, unparsable("Unsupported start tag %q at byte offset %d", t.name, begin)
	}
	class := ""
	for {
		for i < len(p.in) && space(p.in[i]) {
			i++
		}
		if i == len(p.in) {
			return 0, unparsable("Unclosed start tag at byte offset %d", begin)
		}
		if p.in[i] == '>' {
			break
		}
		name, value, next, err := p.attribute(i, begin, t.name)
		if err != nil {
			return 0, err
		}
		i = next
		switch {
		case t.name == "a" && name == "href":
			t.href, t.hasURL = value, true
		case t.name == "span" && name == "class":
			class = value
		}
	}
	if t.name == "span" && class != "tg-spoiler" {
		return 0, unparsable(`Tag "span" must have class "tg-spoiler" at byte offset %d`, begin)
	}
	p.open = append(p.open, t)
	return i + 1, nil
}

// attribute reads one attribute at i.
func (p *htmlParser) attribute(i, begin int, tag string) (name, value string, next int, err *apiError) {
	from := i
	for i < len(p.in) && !space(p.in[i]) && !strings.ContainsRune(`=>/"'`, rune(p.in[i])) {
		i++
	}
	name = strings.ToLower(p.in[from:i])
	if name == "" {
		return "", "", 0, unparsable("Empty attribute name in the tag %q at byte offset %d", tag, begin)
	}
	for i < len(p.in) && space(p.in[i]) {
		i++
	}
	if i < len(p.in) && p.in[i] != '=' {
		return name, "", i, nil // such as "expandable"
	}
	i++
	for i < len(p.in) && space(p.in[i]) {
		i++
	}
	if i >= len(p.in) {
		return "", "", 0, unparsable("Unclosed start tag %q at byte offset %d", tag, begin)
	}
	quote := p.in[i]
	if quote != '"' && quote != '\'' {
		from = i
		for i < len(p.in) && (alnum(p.in[i]) || p.in[i] == '.' || p.in[i] == '-') {
			i++
		}
		if i < len(p.in) && !space(p.in[i]) && p.in[i] != '>' {
			return "", "", 0, unparsable("Unexpected end of name token at byte offset %d", from)
		}
		return name, strings.ToLower(p.in[from:i]), i, nil
	}
	var v strings.Builder
	for i++; i < len(p.in) && p.in[i] != quote; {
		r, n := utf8.DecodeRuneInString(p.in[i:])
		if p.in[i] == '&' {
			r, n = decodeEntity(p.in[i:])
		}
		v.WriteRune(r)
		i += n
	}
	if i == len(p.in) {
		return "", "", 0, unparsable("Unclosed start tag at byte offset %d", begin)
	}
	return name, v.String(), i + 1, nil
}

func (p *htmlParser) endTag(begin int) (int, *apiError) {
	if len(p.open) == 0 {
		return 0, unparsable("Unexpected end tag at byte offset %d", begin)
	}
	i := begin + 2
	from := i
	for i < len(p.in) && !space(p.in[i]) && p.in[i] != '>' {
		i++
	}
	name := strings.ToLower(p.in[from:i])
	for i < len(p.in) && space(p.in[i]) {
		i++
	}
	if i >= len(p.in) || p.in[i] != '>' {
		return 0, unparsable("Unclosed end tag at byte offset %d", begin)
	}
	t := p.open[len(p.open)-1]
	if name != "" && name != t.name {
		return 0, unparsable("Unmatched end tag at byte offset %d, expected %q, found %q", begin, "</"+t.name+">", "</"+name+">")
	}
	p.open = p.open[:len(p.open)-1]
	if p.size > t.from {
		e := Entity{Type: tags[t.name], Offset: t.from, Length: p.size - t.from}
		if t.name == "a" {
			e.URL = t.href
			if !t.hasURL {
				e.URL = p.out.String()[t.start:]
			}
			if !validURL(e.URL) {
				return i + 1, nil // the server keeps the words and drops the link
			}
		}
		p.entities = append(p.entities, e)
	}
	return i + 1, nil
}

// decodeEntity reads a character reference at the start of s. What is none, is
// the sign "&" itself.
func decodeEntity(s string) (rune, int) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if strings.HasPrefix(s, "&#") {
		digits, base := s[2:], 10
		if strings.HasPrefix(digits, "x") {
			digits, base = digits[1:], 16
		}
		n := 0
		for n < len(digits) && n < 8 && hexDigit(digits[n], base) {
			n++
		}
		code, err := strconv.ParseUint(digits[:n], base, 32)
		if err != nil || code == 0 || code >= 0x10FFFF || !utf8.ValidRune(rune(code)) {
			return '&', 1
		}
		used := len(s) - len(digits) + n
		if used < len(s) && s[used] == ';' {
			used++
		}
		return rune(code), used
	}
	if end > 0 {
		switch s[:end+1] {
		case "&lt;":
			return '<', 4
		case "&gt;":
			return '>', 4
		case "&amp;":
			return '&', 5
		case "&quot;":
			return '"', 6
		}
	}
	return '&', 1
}

func hexDigit(c byte, base int) bool {
	return c >= '0' && c <= '9' || base == 16 && (c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
}

func space(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 || c == '\v'
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func sorted(es []Entity) []Entity {
	slices.SortStableFunc(es, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
	})
	return es
}

// units is the length of s in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// trim takes the white space round a text away, as the server does, and moves the entities along.
func trim(text string, es []Entity) (string, []Entity) {
	const cut = " \t\r\n\v\f"
	right := strings.TrimRight(text, cut)
	left := strings.TrimLeft(right, cut)
	off, size := units(right)-units(left), units(left)
	var kept []Entity
	for _, e := range es {
		from, to := max(e.Offset-off, 0), min(e.Offset+e.Length-off, size)
		if from < to {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	return left, kept
}
