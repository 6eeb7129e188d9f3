package rank

import (
	"testing"
	"unicode"

	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

var arabic = &reading.Grammar{Articles: []string{"وال", "بال", "ال", "لل"}, Conjunctions: []string{"و"}}

func read(text string) reading.Text { return reading.New(arabic).Read(text) }

func TestWordsThatSoundAlike(t *testing.T) {
	for _, tt := range []struct {
		script locale.Script
		word   string
		others []string
	}{
		{unicode.Cyrillic, "скільки", []string{"skilky", "skil'ky", "скилки"}},
		{unicode.Cyrillic, "працювати", []string{"pratsyuvaty", "pratsiuvaty", "pracuvaty"}},
		{unicode.Cyrillic, "щось", []string{"shchos", "schos"}},
		{unicode.Cyrillic, "визнання", []string{"vyznannya", "viznannja"}},
		{unicode.Cyrillic, "анеркеннунг", []string{"anerkennung", "анеркенунг"}},
		{unicode.Cyrillic, "підтвердження", []string{"pidtverdzhennya"}},
		{unicode.Arabic, "شهادة", []string{"shahada", "chahada", "shehade"}},
		{unicode.Arabic, "رسوم", []string{"rusum", "rosoum"}},
		{unicode.Arabic, "معادلة", []string{"mo3adale", "mu3adala"}},
		{unicode.Arabic, "اعتراف", []string{"e3teraf", "i3tiraf"}},
		{unicode.Arabic, "خبرة", []string{"khebra", "5ebra"}},
	} {
		sound := func(w string) string { return soundOf(read(w).Tokens[0].Plain(), tt.script) }
		for _, other := range tt.others {
			if got, want := sound(other), sound(tt.word); got != want {
				t.Errorf("%s sounds as %q, and %s as %q", other, got, tt.word, want)
			}
		}
	}
	if got := soundOf("kosten", locale.ScriptOf("de")); got != "" {
		t.Errorf("a Latin word in a Latin dialogue sounds as %q", got)
	}
}

// FuzzTerms: whatever is typed, the terms are sorted, each once, with a finite
// positive count, and the same for the same text.
func FuzzTerms(f *testing.F) {
	for _, seed := range []string{
		"", "?!", "Was kostet die Anerkennung?", "كم تكلفة الـ Anerkennung", "skilky koshtuye", "kam el rusum 3andkom",
		"ё е ї й ґ", "ıI İ ß ẞ ﬁ", "\xff\xfe", "a\u0301\u0301\u0301", "ة ه ى ي ک", "''''", "\u202eabc", "９１２ ١٢٣", "Anerkennungsberatungsstelle",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, script := range []locale.Script{unicode.Cyrillic, unicode.Arabic, nil} {
			terms, again := termsOf(read(text), script), termsOf(read(text), script)
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
