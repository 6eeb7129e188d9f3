package telegram

import (
	"strings"

	"iqbot/internal/richtext"
)

var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

// html writes prepared text in Telegram's HTML style.
func html(t richtext.Text) string {
	size := 0
	for _, r := range t {
		size += len(r.Text) + len(r.Link) + len(`<b><a href=""></a></b>`)
	}
	var b strings.Builder
	b.Grow(size)
	for _, r := range t {
		if r.Bold {
			b.WriteString("<b>")
		}
		if r.Link != "" {
			b.WriteString(`<a href="`)
			b.WriteString(escapeAttr.Replace(r.Link))
			b.WriteString(`">`)
		}
		b.WriteString(escapeText.Replace(r.Text))
		if r.Link != "" {
			b.WriteString("</a>")
		}
		if r.Bold {
			b.WriteString("</b>")
		}
	}
	return b.String()
}

// words returns the text of the runs without any style.
func words(t richtext.Text) string {
	var b strings.Builder
	for _, r := range t {
		b.WriteString(r.Text)
	}
	return b.String()
}

// blank says whether nothing of t can be seen.
func blank(t richtext.Text) bool {
	for _, r := range t {
		if strings.TrimSpace(r.Text) != "" {
			return false
		}
	}
	return true
}

// writable returns t as Telegram can show it. Links are kept for http and https
// only: of an email address or a phone number the address itself is
// written, which phones make tappable. Empty runs and invalid UTF-8 are gone.
func writable(t richtext.Text) richtext.Text {
	out := make(richtext.Text, 0, len(t))
	for _, r := range t {
		r.Text = strings.ReplaceAll(strings.ToValidUTF8(r.Text, "\uFFFD"), "\r", "") // Telegram drops \r too
		r.Link = strings.ToValidUTF8(r.Link, "")
		if address, ok := bare(r.Link); ok {
			r.Link = ""
			if label := withoutMarks(r.Text); label != address && dialled(label) != dialled(address) {
				if hasRTL(t) {
					address = "\u2066" + address + "\u2069" // left-to-right isolate
				}
				r.Text += " (" + address + ")"
			}
		}
		if len(r.Link) > maxLink {
			r.Link = ""
		}
		if r.Text != "" {
			out = append(out, r)
		}
	}
	return out
}

// bare returns the address of a mailto or tel link.
func bare(link string) (string, bool) {
	for _, scheme := range []string{"mailto:", "tel:"} {
		if address, ok := strings.CutPrefix(link, scheme); ok {
			return address, true
		}
	}
	return "", false
}

// dialled returns the telephone number in s as a phone dials it, however it is
// parted by blanks and signs; of anything else s itself.
func dialled(s string) string {
	number := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -/().", r) {
			return -1
		}
		return r
	}, s)
	if strings.Trim(number, "+0123456789") != "" {
		return s
	}
	return number
}

// withoutMarks takes the directional isolates and marks out of s.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C {
			return -1
		}
		return r
	}, s)
}

// hasRTL says whether t holds letters of a right-to-left script.
func hasRTL(t richtext.Text) bool {
	for _, r := range t {
		for _, c := range r.Text {
			if c >= 0x0590 && c <= 0x08FF || c >= 0xFB1D && c <= 0xFDFF || c >= 0xFE70 && c <= 0xFEFC {
				return true
			}
		}
	}
	return false
}
