package locale

import (
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
