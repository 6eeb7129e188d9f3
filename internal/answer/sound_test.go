package answer

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/language"
)

func TestWordsThatSoundAlike(t *testing.T) {
	for _, tt := range []struct {
		script language.Script
		word   string
		others []string
	}{
		{cyrillic, "скільки", []string{"skilky", "skil'ky", "скилки"}},
		{cyrillic, "працювати", []string{"pratsyuvaty", "pratsiuvaty", "pracuvaty"}},
		{cyrillic, "щось", []string{"shchos", "schos"}},
		{cyrillic, "визнання", []string{"vyznannya", "viznannja"}},
		{cyrillic, "анеркеннунг", []string{"anerkennung", "анеркенунг"}},
		{cyrillic, "підтвердження", []string{"pidtverdzhennya"}},
		{arabic, "شهادة", []string{"shahada", "chahada", "shehade"}},
		{arabic, "رسوم", []string{"rusum", "rosoum"}},
		{arabic, "معادلة", []string{"mo3adale", "mu3adala"}},
		{arabic, "اعتراف", []string{"e3teraf", "i3tiraf"}},
		{arabic, "خبرة", []string{"khebra", "5ebra"}},
	} {
		sound := func(w string) string { return soundOf(words(w)[0], tt.script) }
		for _, other := range tt.others {
			if got, want := sound(other), sound(tt.word); got != want {
				t.Errorf("%s sounds as %q, and %s as %q", other, got, tt.word, want)
			}
		}
	}
	if got := soundOf("kosten", scriptOf("de")); got != "" {
		t.Errorf("a Latin word in a Latin dialogue sounds as %q", got)
	}
}

// FuzzSplit: whatever is typed, the terms are sorted, each once, with a finite
// positive count, and the same for the same text.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"", "?!", "Was kostet die Anerkennung?", "كم تكلفة الـ Anerkennung", "skilky koshtuye", "kam el rusum 3andkom",
		"ё е ї й ґ", "ıI İ ß ẞ ﬁ", "\xff\xfe", "a\u0301\u0301\u0301", "ة ه ى ي ک", "''''", "\u202eabc", "９１２ ١٢٣", "Anerkennungsberatungsstelle",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words(text) {
			if w == "" || !utf8.ValidString(w) {
				t.Errorf("word %q of %q", w, text)
			}
		}
		for _, script := range []language.Script{cyrillic, arabic, {}} {
			terms, again := split(text, script), split(text, script)
			if len(terms) != len(again) {
				t.Fatalf("%d terms, then %d", len(terms), len(again))
			}
			for i, term := range terms {
				if term != again[i] {
					t.Errorf("term %v, then %v", term, again[i])
				}
				if !(term.count > 0 && term.count < 1e9) || i > 0 && term.hash <= terms[i-1].hash {
					t.Errorf("term %d is %v", i, term)
				}
			}
		}
	})
}
