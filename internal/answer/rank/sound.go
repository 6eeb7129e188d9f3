package rank

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/locale"
)

// Some people have no keyboard for their script, or type faster without it.
// They write Ukrainian, Russian and Arabic with Latin letters, each in their
// own way ("shcho", "wo", "sho"; "shahada", "chahada", "chehede"). So a word is
// also compared by its sound: a form so coarse that most of the ways to spell
// it, in both scripts, fall together. It also brings together German words in
// Cyrillic letters and in their own.

func isCyrillic(w string) bool { return inScript(w, unicode.Cyrillic) }
func isArabic(w string) bool   { return inScript(w, unicode.Arabic) }

// inScript tells the script of a word by its first letter.
func inScript(w string, script *unicode.RangeTable) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.Is(script, r)
}

// soundOf returns the sound of a folded word, or "" if the word is Latin and
// the script is, too. script is that of the dialogue.
func soundOf(w string, script locale.Script) string {
	switch {
	case isCyrillic(w):
		return cyrillicSound(w)
	case isArabic(w):
		return arabicSound(w)
	case script == unicode.Cyrillic:
		return cyrillicSound(romanCyrillic.Replace(w))
	case script == unicode.Arabic:
		return arabicSound(romanArabic.Replace(w))
	}
	return ""
}

// romanCyrillic writes the Latin letters that together stand for one Cyrillic letter as one.
var romanCyrillic = strings.NewReplacer(
	"shch", "s", "sch", "s", "sh", "s", "kh", "h", "zh", "z", "ch", "c", "ts", "c", "tz", "c", "ph", "f",
	"yu", "u", "ju", "u", "ya", "a", "ja", "a", "ye", "e", "je", "e", "yo", "o", "jo", "o", "yi", "i", "ji", "i",
)

// cyrillicLetters are the sounds of single letters, Latin ones too. Ukrainian
// and Russian letters for one sound are one; signs that are silent are "".
var cyrillicLetters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "h", 'ґ': "h", 'д': "d", 'е': "e", 'є': "e", 'ж': "z", 'з': "z", 'и': "i", 'і': "i",
	'ї': "i", 'й': "i", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u",
	'ф': "f", 'х': "h", 'ц': "c", 'ч': "c", 'ш': "s", 'щ': "s", 'ъ': "", 'ы': "i", 'ь': "", 'э': "e", 'ю': "u", 'я': "a",
	'g': "h", 'j': "i", 'q': "k", 'w': "v", 'x': "ks", 'y': "i",
}

// cyrillicSound is the sound of a Cyrillic word, or of a Latin one after romanCyrillic.
func cyrillicSound(w string) string {
	var b strings.Builder
	last := ""
	for _, r := range w {
		s, ok := cyrillicLetters[r]
		if !ok {
			s = string(r)
		}
		if s == "" || s == last { // doubled letters are heard as one
			continue
		}
		if last != "i" || !strings.ContainsAny(s, "aeou") { // "ia" and "ya" are one: an i before a vowel is not heard
			b.WriteString(last)
		}
		last = s
	}
	b.WriteString(last)
	return b.String()
}

// romanArabic writes the Latin letters and digits that stand for one Arabic letter as one.
var romanArabic = strings.NewReplacer(
	"kh", "x", "sh", "S", "ch", "S", "gh", "g", "th", "s", "dh", "d", "ou", "", "g", "j",
	"2", "", "5", "x", "6", "t", "7", "h", "8", "g", "9", "s", "q", "k", "c", "k", "p", "b", "v", "f",
)

// arabicLetters are the sounds of single letters. Vowels, long or short, and
// the hamza are silent: they are written in too many ways.
var arabicLetters = map[rune]string{
	'ا': "", 'أ': "", 'إ': "", 'آ': "", 'ى': "", 'و': "", 'ي': "", 'ء': "", 'ئ': "", 'ؤ': "",
	'ب': "b", 'پ': "b", 'ت': "t", 'ط': "t", 'ث': "s", 'س': "s", 'ص': "s", 'ج': "j", 'چ': "S", 'ح': "h", 'ه': "h", 'ة': "h",
	'خ': "x", 'د': "d", 'ض': "d", 'ذ': "z", 'ظ': "z", 'ز': "z", 'ر': "r", 'ش': "S", 'ع': "3", 'غ': "g", 'گ': "j", 'ف': "f",
	'ق': "k", 'ك': "k", 'ل': "l", 'م': "m", 'ن': "n",
	'a': "", 'e': "", 'i': "", 'o': "", 'u': "", 'y': "", 'w': "",
}

// arabicSound is the sound of an Arabic word, or of a Latin one after romanArabic: its consonants.
func arabicSound(w string) string {
	var b strings.Builder
	last := ""
	for _, r := range w {
		s, ok := arabicLetters[r]
		if !ok {
			s = string(r)
		}
		if s != last {
			b.WriteString(s)
		}
		last = s
	}
	sound := b.String()
	if len(sound) > 1 {
		sound = strings.TrimSuffix(sound, "h") // the ending -a, written or not
	}
	return sound
}
