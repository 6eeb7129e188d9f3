package locale

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/bidi"

	"iqbot/internal/richtext"
)

func TestIsolate(t *testing.T) {
	c := load(t)
	tests := map[string]struct{ in, rtl, ltr string }{
		"a name":                     {"Müller", "\u2068Müller\u2069", "Müller"},
		"an Arabic name":             {"علي", "علي", "\u2068علي\u2069"},
		"both":                       {"علي Müller", "\u2068علي Müller\u2069", "\u2068علي Müller\u2069"},
		"a phone number":             {"+49 651 97-0", "\u2068+49 651 97-0\u2069", "+49 651 97-0"},
		"an email":                   {"a@b.de", "\u2068a@b.de\u2069", "a@b.de"},
		"a plain number":             {"5", "5", "5"},
		"Arabic digits":              {"٠٦٥١ ٩٧", "٠٦٥١ ٩٧", "٠٦٥١ ٩٧"},
		"a house number":             {"شارع 5", "شارع 5", "\u2068شارع 5\u2069"},
		"nothing":                    {"", "", ""},
		"signs only":                 {"?!", "?!", "?!"},
		"an override":                {"\u202egnp.exe", "\u2068gnp.exe\u2069", "gnp.exe"},
		"isolates without their end": {"\u2066a\u2067b\u200f\u061c\u202c", "\u2068ab\u2069", "ab"},
		"ends without their isolate": {"\u2069\u2069a\u202c", "\u2068a\u2069", "a"},
		"its own result":             {"\u2068Müller\u2069", "\u2068Müller\u2069", "Müller"},
		"each line for itself":       {"Müller\nعلي\r\n+49 1\n", "\u2068Müller\u2069\nعلي\r\n\u2068+49 1\u2069\n", "Müller\n\u2068علي\u2069\r\n+49 1\n"},
		"broken bytes":               {"a\xffb", "\u2068a\ufffdb\u2069", "a\ufffdb"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := c.Printer("ar").Isolate(tt.in); got != tt.rtl {
				t.Errorf("ar: got %+q, want %+q", got, tt.rtl)
			}
			if got := c.Printer("de").Isolate(tt.in); got != tt.ltr {
				t.Errorf("de: got %+q, want %+q", got, tt.ltr)
			}
		})
	}
}

func TestFinishRightToLeft(t *testing.T) {
	p := load(t).Printer("ar")
	tests := map[string]struct{ in, want string }{
		"nothing to do":                          {"مرحبًا بك", "مرحبًا بك"},
		"empty":                                  {"", ""},
		"a word":                                 {"شبكة IQ اليوم", "شبكة \u2068IQ\u2069 اليوم"},
		"a phrase is one":                        {"في Arbeit und Leben gGmbH.", "في \u2068Arbeit und Leben gGmbH\u2069."},
		"a phrase that is bold in part is one":   {"في **IQ** Netzwerk هنا", "في **\u2068IQ** Netzwerk\u2069 هنا"},
		"all of it bold":                         {"في **IQ Netzwerk** هنا", "في **\u2068IQ Netzwerk\u2069** هنا"},
		"an Arabic comma parts two words":        {"مع IQ، BAMF هنا", "مع \u2068IQ\u2069، \u2068BAMF\u2069 هنا"},
		"an email":                               {"اكتب إلى info@iq-rlp.de.", "اكتب إلى \u2068info@iq-rlp.de\u2069."},
		"a URL with its slash":                   {"انظر https://www.iq.de/a/ هنا", "انظر \u2068https://www.iq.de/a/\u2069 هنا"},
		"a phone number":                         {"هاتف: +49 (651) 97-0", "هاتف: \u2068+49 (651) 97-0\u2069"},
		"a phone number that begins in brackets": {"هاتف: (0651) 97", "هاتف: \u2068(0651) 97\u2069"},
		"a phone number alone in its line":       {"هاتف:\n+49 651", "هاتف:\n\u2068+49 651\u2069"},
		"a command keeps its slash":              {"اكتب /delete الآن", "اكتب \u2068/delete\u2069 الآن"},
		"a slash between two words is not one":   {"خدمة/IQ", "خدمة/\u2068IQ\u2069"},
		"brackets around a word stay outside":    {"الاعتراف (Anerkennung) هنا", "الاعتراف (\u2068Anerkennung\u2069) هنا"},
		"brackets within a phrase stay inside":   {"قانون Gesetz (BQFG) هنا", "قانون \u2068Gesetz (BQFG)\u2069 هنا"},
		"a word with signs":                      {"لغة C++ هنا", "لغة \u2068C++\u2069 هنا"},
		"a plain number":                         {"في 2026 كان", "في 2026 كان"},
		"two numbers":                            {"في 5, 7 كان", "في 5, 7 كان"},
		"a percentage":                           {"حتى 50% فقط", "حتى \u206850%\u2069 فقط"},
		"figures of the language":                {"من ٢٠٠ إلى ٦٠٠ يورو", "من ٢٠٠ إلى ٦٠٠ يورو"},
		"isolated already":                       {"شبكة \u2068IQ Netz\u2069 هنا", "شبكة \u2068IQ Netz\u2069 هنا"},
		"isolated next to not":                   {"شبكة \u2068IQ\u2069 Netz", "شبكة \u2068IQ\u2069 \u2068Netz\u2069"},
		"a Latin word first":                     {"IQ شبكة", "\u200f\u2068IQ\u2069 شبكة"},
		"an isolated Latin word first":           {"\u2068IQ\u2069 شبكة", "\u200f\u2068IQ\u2069 شبكة"},
		"a sign and a Latin word first":          {"- IQ شبكة", "\u200f- \u2068IQ\u2069 شبكة"},
		"each line for itself":                   {"شبكة\nIQ شبكة\nGuten Tag.\n", "شبكة\n\u200f\u2068IQ\u2069 شبكة\nGuten Tag.\n"},
		"a bold Latin word first":                {"**IQ** شبكة", "**\u200f\u2068IQ\u2069** شبكة"},
		"a link of another label":                {"[IQ](https://a.de/b) شبكة", "\u200f\u2068[IQ](https://a.de/b)\u2069 شبكة"},
		"a link that shows its address":          {"انظر [https://a.de](https://a.de) هنا", "انظر \u2068[https://a.de](https://a.de)\u2069 هنا"},
		"a link that shows an email":             {"إلى [a@b.de](mailto:a@b.de)", "إلى \u2068[a@b.de](mailto:a@b.de)\u2069"},
		"a link in a phrase":                     {"هو Das [anabin](https://a.de) Portal هنا", "هو \u2068Das [anabin](https://a.de) Portal\u2069 هنا"},
		"an Arabic label":                        {"[صفحة IQ هنا](https://a.de)", "[صفحة \u2068IQ\u2069 هنا](https://a.de)"},
		"signs marked as text":                   {`شبكة A\*B \[هنا\]`, "شبكة \u2068A\\*B\u2069 \\[هنا\\]"},
		"German in an Arabic dialogue":           {"**Guten Tag**, 5 % und (mehr)\n[Seite](https://a.de)", "**Guten Tag**, 5 % und (mehr)\n[Seite](https://a.de)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := p.Finish(tt.in)
			if got != tt.want {
				t.Errorf("got  %+q\nwant %+q", got, tt.want)
			}
			if again := p.Finish(got); again != got {
				t.Errorf("a second pass gives %+q", again)
			}
		})
	}
}

func TestFinishLeftToRight(t *testing.T) {
	p := load(t).Printer("de")
	for in, want := range map[string]string{
		"Das **ist** ] so":                "Das **ist** ] so",
		"Das heißt اعتراف auf Arabisch":   "Das heißt اعتراف auf Arabisch",
		"اعتراف ist Arabisch":             "\u200eاعتراف ist Arabisch",
		"\u2068علي\u2069 hat geschrieben": "\u200e\u2068علي\u2069 hat geschrieben",
		"ok\n**علي** schreibt\nعلي":       "ok\n**\u200eعلي** schreibt\nعلي",
	} {
		got := p.Finish(in)
		if got != want {
			t.Errorf("%q: got %+q, want %+q", in, got, want)
		}
		if again := p.Finish(got); again != got {
			t.Errorf("a second pass gives %+q", again)
		}
	}
}

// withoutControls returns s without bidi controls.
func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s)
}

// isBalanced says whether every isolate of s ends in its own line.
func isBalanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch class(r) {
		case bidi.LRI, bidi.RLI, bidi.FSI:
			depth++
		case bidi.PDI:
			depth--
		case bidi.B:
			if depth != 0 {
				return false
			}
		}
		if depth < 0 || depth > 1 {
			return false
		}
	}
	return depth == 0
}

// words returns the visible text, without the addresses behind labels.
func words(text richtext.Text) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(r.Text)
	}
	return b.String()
}

// merged returns the runs without controls, and equal neighbours as one: a sign
// outside of a link is a run of its own.
func merged(text richtext.Text) (out richtext.Text) {
	for _, r := range text {
		r.Text = withoutControls(r.Text)
		if r.Text == "" {
			continue
		}
		if n := len(out); n > 0 && r.Link == "" && out[n-1].Link == "" && out[n-1].Bold == r.Bold {
			out[n-1].Text += r.Text
		} else {
			out = append(out, r)
		}
	}
	return out
}

func seeds(f *testing.F) {
	for _, s := range []string{"", "IQ شبكة", "**a** [b ج](https://x.de) (0651) 97", "\u202eabc\u2066", "[https://مثال.de](https://مثال.de) و",
		"a\xff\u2029b", "[**ج](mailto:a@b)**x**", `\\**ج\[a](`, "***ا***a**", "[[a](https://b) ج", "1️⃣ و +49 (1", "x\r\nج"} {
		f.Add(s)
	}
}

func FuzzIsolate(f *testing.F) {
	seeds(f)
	c := load(f)
	f.Fuzz(func(t *testing.T, s string) {
		for _, tag := range []string{"de", "ar"} {
			p := c.Printer(tag)
			got := p.Isolate(s)
			if !utf8.ValidString(got) || !isBalanced(got) {
				t.Errorf("%s: %+q is not valid and balanced", tag, got)
			}
			if withoutControls(got) != withoutControls(strings.ToValidUTF8(s, "\ufffd")) {
				t.Errorf("%s: %+q changed the words", tag, got)
			}
			if again := p.Isolate(got); again != got {
				t.Errorf("%s: again gives %+q, not %+q", tag, again, got)
			}
		}
	})
}

func FuzzFinish(f *testing.F) {
	seeds(f)
	c := load(f)
	f.Fuzz(func(t *testing.T, s string) {
		clean := withoutControls(strings.ToValidUTF8(s, "\ufffd"))
		for _, tag := range []string{"de", "ar"} {
			p := c.Printer(tag)
			got := p.Finish(s)
			if !utf8.ValidString(got) {
				t.Errorf("%s: %+q is not valid", tag, got)
			}
			// What had no controls has balanced ones now, and the same words, styles and links.
			got = p.Finish(clean)
			want, have := richtext.Parse(clean), richtext.Parse(got)
			if !isBalanced(words(have)) {
				t.Errorf("%s: %+q is not balanced", tag, got)
			}
			if withoutControls(have.Plain()) != want.Plain() {
				t.Errorf("%s: %+q became %+q", tag, want.Plain(), have.Plain())
			}
			if d := cmp.Diff(merged(want), merged(have)); d != "" {
				t.Errorf("%s: styles or links changed: %s", tag, d)
			}
			if again := p.Finish(got); again != got {
				t.Errorf("%s: again gives %+q, not %+q", tag, again, got)
			}
			// A person's words that were put in stay one piece.
			got = p.Finish("و " + richtext.Escape(p.Isolate(s)) + " و")
			if !isBalanced(words(richtext.Parse(got))) {
				t.Errorf("%s: %+q is not balanced", tag, got)
			}
		}
	})
}
