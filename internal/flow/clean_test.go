package flow

import (
	"strings"
	"testing"
	"unicode"
)

func TestCleanTakesOutWhatCannotBeSeen(t *testing.T) {
	for in, want := range map[string]string{
		"Привіт":                          "Привіт",
		"a\nb":                            "a\nb",
		"a\r\nb\u2028c\td":                "a\nb\nc d",
		"\u202a\u200eKoblenz\u200f\u202c": "Koblenz",
		"\u2066Koblenz\u2069\ufeff":       "Koblenz",
		"Ko\u200bbl\u00adenz":             "Koblenz",
		"Koblenz\u00a0am\u202fRhein":      "Koblenz am Rhein",
		"Koblenz\x00\x1b\x7f\u0085":       "Koblenz",
		"می\u200cخواهم":                   "می\u200cخواهم", // Persian is spelled with it
		"👩\u200d⚕️":                       "👩\u200d⚕️",
		"0151\u200d123\u200c456":          "0151123456",
		"\u200dKoblenz\u200c\u200d":       "Koblenz",
		"?":                               "?",
		"\xff":                            "\ufffd",
		"\u2800":                          "", "\u200b\u200d": "", "\u3164": "", "\uffa0\u115f": "", "\ufffc": "", "\u0301": "", "\ufe0f": "", "\u180e\u034f": "", "\u2800\u200f \n": "",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a", "\u202aa\u202c", "\u2800", "می\u200cخواهم", "a\r\r\nb", "\xff\xfe", "\u3164a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if clean(got) != got {
			t.Fatalf("%q is %q, and that is %q", s, got, clean(got))
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			t.Fatalf("%q is %q", s, got)
		}
	})
}
