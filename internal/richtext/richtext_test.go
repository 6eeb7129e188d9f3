package richtext

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want Text
	}{
		"plain":                 {"Guten Tag", Text{{Text: "Guten Tag"}}},
		"empty":                 {"", nil},
		"bold":                  {"a **b** c", Text{{Text: "a "}, {Text: "b", Bold: true}, {Text: " c"}}},
		"link":                  {"see [BQFG](https://example.org/a_b)", Text{{Text: "see "}, {Text: "BQFG", Link: "https://example.org/a_b"}}},
		"bold link":             {"**[x](http://e.org)**", Text{{Text: "x", Bold: true, Link: "http://e.org"}}},
		"mail":                  {"[a@b.de](mailto:a@b.de)", Text{{Text: "a@b.de", Link: "mailto:a@b.de"}}},
		"unsafe link is text":   {"[x](javascript:alert)", Text{{Text: "[x](javascript:alert)"}}},
		"open bold is text":     {"2 ** 3", Text{{Text: "2 ** 3"}}},
		"open link is text":     {"[x](https://e.org", Text{{Text: "[x](https://e.org"}}},
		"brackets are text":     {"a [b] c", Text{{Text: "a [b] c"}}},
		"escaped":               {`\*\*a\*\* \[b\] \\`, Text{{Text: `**a** [b] \`}}},
		"backslash before text": {`C:\dir`, Text{{Text: `C:\dir`}}},
		"escaped in label":      {`[a\]b](https://e.org)`, Text{{Text: "a]b", Link: "https://e.org"}}},
		"underscore is text":    {"snake_case_", Text{{Text: "snake_case_"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Parse(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainShowsAddresses(t *testing.T) {
	got := Parse("[IQ](https://e.org) [a@b.de](mailto:a@b.de) [0151](tel:+49151) **x**").Plain()
	if want := "IQ (https://e.org) a@b.de 0151 x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Foreign words can never add a style or a link.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "**a**", "[x](https://e.org)", `\`, `\*`, "ж[**"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, r := range Parse("x" + Escape(a) + "y" + Escape(b)) {
			if r.Bold || r.Link != "" {
				t.Fatalf("Escape(%q), Escape(%q) gave the run %+v", a, b, r)
			}
		}
		if got := Parse("x" + Escape(a)).Plain(); got != "x"+a {
			t.Fatalf("got %q, want %q", got, "x"+a)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("a **b** [c](https://e.org) \\")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Parse(s) {
			if r.Text == "" {
				t.Fatal("an empty run")
			}
			if utf8.ValidString(s) && !utf8.ValidString(r.Text) {
				t.Fatal("a run cuts a character")
			}
		}
	})
}

// Texts that are joined are what their markup is, parsed as a whole.
func TestJoin(t *testing.T) {
	for _, parts := range [][]string{
		{},
		{""},
		{"one"},
		{"one", "two"},
		{"**bold**", "plain", "", "**bold**"},
		{"a **b**", "**c** d"},
		{"[l](https://a.example)", "[m](https://b.example)", "x"},
		{"x [l](tel:1)", "**[m](tel:2)**"},
	} {
		var texts []Text
		var full []string
		for _, p := range parts {
			texts = append(texts, Parse(p))
			if p != "" {
				full = append(full, p)
			}
		}
		before := fmt.Sprint(texts)
		got, want := Join(texts...), Parse(strings.Join(full, "\n\n"))
		if !slices.Equal(got, want) {
			t.Errorf("%q: joined to %+v, want %+v", parts, got, want)
		}
		if after := fmt.Sprint(texts); after != before {
			t.Errorf("%q: the parts changed to %s", parts, after)
		}
	}
}
