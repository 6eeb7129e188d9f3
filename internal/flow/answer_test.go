package flow

import (
	"strings"
	"testing"
)

// readAs reads words as a type of answer.
func readAs(name InputType, a *askStep, words string) (string, bool) {
	return lists.inputType(name).read(a, words)
}

func TestTypedAnswersAreChecked(t *testing.T) {
	for name, tt := range map[InputType]struct {
		good map[string]string // by what is stored
		bad  []string
	}{
		InputText: {
			map[string]string{"x": "x", "👍": "👍", strings.Repeat("ж", MaxAnswer): strings.Repeat("ж", MaxAnswer)},
			[]string{"", strings.Repeat("ж", MaxAnswer+1), "…", "?!", "\u0301"},
		},
		InputEmail: {
			map[string]string{
				"a@b.de": "a@b.de", "o.k-l+m@mail.example.org": "o.k-l+m@mail.example.org", "A@B.DE": "A@B.DE",
				"\u202aa@b.de\u202c": "a@b.de", "\u200ea@b.de\u200f": "a@b.de", "\u2068a@b.de\u2069": "a@b.de", "\ufeffa@b.de\u00a0": "a@b.de",
				"a\u200b@b\u200d.de": "a@b.de", "a@\u00adb.de": "a@b.de", "a＠b．de": "a@b.de", "a@b.de\x00\n": "a@b.de",
				"mailto:a@b.de": "a@b.de", "MAILTO:a@b.de?subject=x": "a@b.de", "mailto:a%40b.de": "a@b.de",
				"<a@b.de>": "a@b.de", "Olena K <a@b.de>": "a@b.de",
				"ж@пошта.укр": "ж@пошта.укр", "a@müller.de": "a@müller.de", "a@xn--mller-kva.de": "a@xn--mller-kva.de", "أ@مثال.إختبار": "أ@مثال.إختبار",
			},
			[]string{
				"", "a b@c.de", "a@b", "@b.de", "a@", "a@@b.de", "a@b..de", "a..b@c.de", ".a@b.de", "a.@b.de", "a@b.de.", "a@.de", "a@-b.de", "a@b_c.de", "a@b.1", "a@1.2.3.4", "a@[1.2.3.4]",
				`"a b"@c.de`, "a@b.de, c@d.de", "mailto:", "mailto:a", "a@b.d", strings.Repeat("a", 65) + "@b.de", "a@" + strings.Repeat("b.", 126) + "de", "a at b.de", "https://b.de/@a",
			},
		},
		InputPhone: {
			map[string]string{
				"0151 12345678": "0151 12345678", "+49 (0) 261/106-0": "+49 (0) 261/106-0", "٠١٥١ ١٢٣٤٥٦٧٨": "0151 12345678", "(0151) 123456": "(0151) 123456",
				"\u202a+49 151 123456\u202c": "+49 151 123456", "\u200e+49151123456\u200f": "+49151123456", "\u2066+49151123456\u2069": "+49151123456", "\u206749151\u200b123456\u2069": "49151123456",
				"+49\u00a0151\u00a0123456": "+49 151 123456", "\ufeff0151123456": "0151123456", "0151–123456": "0151-123456", "0151‑123456": "0151-123456", "+４９１５１": "+49151", "tel:+49151123456": "+49151123456", "0151\x07123456": "0151123456",
			},
			[]string{"", "call me", "12", "1----", "+", "()", "123456789012345678901", "0151 123456 home", "0151\n123456"},
		},
		InputNumber:   {map[string]string{"\u200f٢٥\u200f": "25", "−3": "-3", "1\u202f200": "1200", "\u202a2,5\u202c": "2.5"}, []string{"\u200b"}},
		InputDate:     {map[string]string{"\u200e24.11.2026\u200e": "2026-11-24", "24–11–2026": "2026-11-24", "٢٤\u200f/١١\u200f/٢٠٢٦": "2026-11-24"}, []string{"\u200b"}},
		InputPostcode: {map[string]string{"\u202a56068\u202c": "56068", "D–56068": "56068"}, []string{"\u200b"}},
	} {
		for in, want := range tt.good {
			if got, ok := readAs(name, &askStep{}, in); !ok || got != want {
				t.Errorf("%s %.60q: %.60q, %v; want %.60q", name, in, got, ok, want)
			}
		}
		for _, in := range tt.bad {
			if got, ok := readAs(name, &askStep{}, in); ok {
				t.Errorf("%s %.60q is taken for %.60q", name, in, got)
			}
		}
	}
}

// What is stored of an address is what can be seen, and is read again as the same.
func fuzzAddress(f *testing.F, read func(string) (string, bool), seeds ...string) {
	for _, s := range seeds {
		for _, around := range []string{"%", "\u202a%\u202c", "\u200f%\u200f", "\u2066%\u2069", "\u200b%\u00a0", "\ufeff%\x00"} {
			f.Add(strings.ReplaceAll(around, "%", s))
		}
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := read(typed)
		if !ok {
			return
		}
		if clean(got) != got || strings.ContainsAny(got, "\n") {
			t.Fatalf("%q is stored as %q, which has what cannot be seen", typed, got)
		}
		if again, ok := read(got); !ok || again != got {
			t.Fatalf("%q is stored as %q, which is read as %q, %v", typed, got, again, ok)
		}
	})
}

func FuzzEmail(f *testing.F) {
	fuzzAddress(f, email, "a@b.de", "mailto:a@b.de?subject=x", "O K <a@b.de>", "a@müller.de", "a@xn--mller-kva.de", `"a b"@c.de`, "a@b..de", "a@[1.2.3.4]", "=?utf-8?q?x?= <a@b.de>", "a@b.de (x)")
}

func FuzzPhone(f *testing.F) {
	fuzzAddress(f, phone, "0151 12345678", "+49 (0) 261/106-0", "٠١٥١ ١٢٣٤٥٦٧٨", "tel:+49151", "tel:tel:49151", "+４９１５１", "0151–1234")
}
