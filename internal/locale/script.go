package locale

import (
	"maps"
	"slices"
	"sync"
	"unicode"

	"golang.org/x/text/language"
)

// Script is a writing system: the letters of it. Each is one of [unicode.Scripts],
// so scripts can be compared; nil is none.
type Script = *unicode.RangeTable

// codes are the scripts of living languages by their names in ISO 15924, which
// language tags use. Mixed systems (Jpan, Kore) are their own letters.
var codes = map[string]Script{
	"Latn": unicode.Latin, "Arab": unicode.Arabic, "Cyrl": unicode.Cyrillic, "Grek": unicode.Greek, "Hebr": unicode.Hebrew,
	"Armn": unicode.Armenian, "Geor": unicode.Georgian, "Ethi": unicode.Ethiopic, "Syrc": unicode.Syriac, "Thaa": unicode.Thaana,
	"Tfng": unicode.Tifinagh, "Nkoo": unicode.Nko, "Adlm": unicode.Adlam, "Rohg": unicode.Hanifi_Rohingya,
	"Deva": unicode.Devanagari, "Beng": unicode.Bengali, "Guru": unicode.Gurmukhi, "Gujr": unicode.Gujarati, "Orya": unicode.Oriya,
	"Taml": unicode.Tamil, "Telu": unicode.Telugu, "Knda": unicode.Kannada, "Mlym": unicode.Malayalam, "Sinh": unicode.Sinhala,
	"Mymr": unicode.Myanmar, "Khmr": unicode.Khmer, "Laoo": unicode.Lao, "Thai": unicode.Thai, "Tibt": unicode.Tibetan,
	"Mong": unicode.Mongolian, "Hans": unicode.Han, "Hant": unicode.Han, "Hani": unicode.Han,
	"Jpan": unicode.Hiragana, "Kore": unicode.Hangul, "Hang": unicode.Hangul,
}

// ScriptOf returns what a language is written in, by its BCP 47 tag; nil if that
// is not known.
func ScriptOf(tag string) Script {
	t, err := language.Parse(tag)
	if err != nil {
		return nil
	}
	s, _ := t.Script()
	return codes[s.String()]
}

// LetterScript returns the script of a letter; nil if it is in none, or in many.
func LetterScript(r rune) Script {
	for _, s := range byFrequency() {
		if unicode.Is(s, r) {
			return s
		}
	}
	return nil
}

// byFrequency are all scripts that Unicode knows, those that people write to us in first.
var byFrequency = sync.OnceValue(func() []Script {
	all := []Script{unicode.Latin, unicode.Arabic, unicode.Cyrillic}
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		if s := unicode.Scripts[name]; s != unicode.Common && s != unicode.Inherited && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
})

// MainScript returns the script that most letters of text are in; nil if it has no letters.
func MainScript(text string) Script {
	n := map[Script]int{}
	var main Script
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		if s := LetterScript(r); s != nil {
			if n[s]++; n[s] > n[main] {
				main = s
			}
		}
	}
	return main
}
