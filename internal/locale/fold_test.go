package locale

import (
	"testing"
	"unicode/utf8"
)

func TestDigitsOfEveryScriptAreASCII(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"Straße 12½ ②": "Straße 12½ ②",
		"٠١٢٣٤٥٦٧٨٩":   "0123456789",
		"نمرة ۴۵۶, १९ ২০২৪ 𝟗":               "نمرة 456, 19 2024 9",
		"\U0001E950\U0001E959 \uFF10\uFF19": "09 09",
	} {
		if got := Digits(in); got != want {
			t.Errorf("Digits(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"  Was   kostet\tdas?! ":  "was kostet das",
		"MÜLLER":                  "muller",
		"Mu\u0308ller":            "muller",
		"Straße STRAẞE":           "strasse strasse",
		"İstanbul ISPARTA ışık":   "istanbul isparta isik",
		"Łódź Đorđe Ørsted Ţ":     "lodz dorde orsted t",
		"ﬁnden Ａｂｃ１２":             "finden abc12",
		"٠١٢٣٤٥٦٧٨٩ ۴۵۶ ५ 𝟗":      "0123456789 456 5 9",
		"العَرَبِيّـــة":          "العربيه",
		"أإآٱا":                   "ااااا",
		"مستشفى کتاب\u200cی":      "مستشفي كتابي",
		"مسؤول شؤون ئ":            "مسوول شوون ي",
		"Ёлка ещё":                "елка еще",
		"Київ Йод їжак ґанок":     "київ йод їжак ґанок",
		"п’ять п`ять п´ять пʼять": "п'ять п'ять п'ять п'ять",
		"ΟΔΌΣ οδος":               "οδοσ οδοσ",
		"שָׁלוֹם":                 "שלום",
		"हिन्दी":                  "हिन्दी",
		"Tiếng Việt":              "tieng viet",
		"\u202eabc\u200b\u00add":  "abcd",
		"«Hallo», (IQ).":          "hallo», (iq",
		"¿Qué?":                   "que",
		"???":                     "",
		"a\xffb":                  "a b",
		"x\u00a0y\u2003z\x00w":    "x y z w",
		"C++ 50 €":                "c++ 50 €",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q (%+q, %+q)", in, got, want, got, want)
		}
	}
}

func TestFoldGermanMeetsAllSpellings(t *testing.T) {
	for _, same := range [][]string{{"Müller", "Mueller", "MULLER"}, {"Köln", "Koeln", "Koln"}, {"Bäcker", "Baecker", "backer"}} {
		for _, s := range same[1:] {
			if FoldGerman(s) != FoldGerman(same[0]) {
				t.Errorf("%s is %s, but %s is %s", s, FoldGerman(s), same[0], FoldGerman(same[0]))
			}
		}
	}
	if FoldGerman("Maler") == FoldGerman("Muller") {
		t.Error("different names are one")
	}
}

// TestFoldTheShortWay: what a table knows of a sign is what the long way makes of it, wherever it stands.
func TestFoldTheShortWay(t *testing.T) {
	short := 0
	for r := range rune(0x800) {
		sign := string(r)
		for _, s := range []string{sign, "x" + sign + "x", "я " + sign + "я", sign + "\u0301", "e" + sign, "  a" + sign + sign + " b  "} {
			got, ok := foldSimple(s)
			if want := foldAny(s); ok && got != want {
				t.Errorf("%+q: %+q, the long way %+q", s, got, want)
			}
			if ok {
				short++
			}
		}
	}
	if short < 4000 {
		t.Errorf("only %d of the texts go the short way", short)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"İıẞß", "´a`", "\u0345ͅα", "Å\u0301", "أـإ", "\u1e9e?", "٪٣", "a\u200d\u0308", "е\u0308\u0308", "ﷺ", "\u0300x", "ǅ", "한글", "?\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Fold(s)
		if !utf8.ValidString(got) {
			t.Errorf("%+q is not valid", got)
		}
		if want := foldAny(s); got != want {
			t.Errorf("Fold(%+q) = %+q, the long way %+q", s, got, want)
		}
		if again := Fold(got); again != got {
			t.Errorf("Fold(%+q) = %+q, and of that %+q", s, got, again)
		}
		german := FoldGerman(s)
		if Fold(german) != german {
			t.Errorf("FoldGerman(%+q) = %+q is not folded", s, german)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Fold("Wie viel kostet die Anerkennung für Müller?")
	}
}
