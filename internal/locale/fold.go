package locale

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings what people type into one form for comparing, never for showing:
//
//   - compatibility forms, upper case (also Turkish İ and ı), accents and points
//     of Latin, Greek, Hebrew and Arabic letters are gone; ß is ss;
//   - digits of every script are 0 to 9;
//   - Arabic: no tatweel; أ إ آ ٱ are ا, ة is ه, ى and Persian ی are ي, ک is ك,
//     and a letter that carries a hamza is the letter alone;
//   - Cyrillic: ё is е, while й and ї stay letters of their own; every apostrophe is ';
//   - signs that cannot be seen are gone, spaces are single, and there is no
//     punctuation at the ends.
//
// An umlaut becomes its base letter, so that "Müller" equals "Muller", which is
// what a phone without umlauts gives. To also meet "Mueller", compare by [FoldGerman].
// Fold(Fold(s)) is Fold(s).
func Fold(s string) string {
	if out, ok := foldSimple(s); ok {
		return out
	}
	return foldAny(s)
}

// simpleSigns are the signs below U+0700 (Latin, Greek, Cyrillic, Hebrew and
// Arabic) by what [Fold] makes of each. Those of which it depends on their
// neighbours are "".
var simpleSigns = sync.OnceValue(func() *[0x700]string {
	var table [0x700]string
	for r := rune('!'); r < rune(len(table)); r++ {
		// Between letters, because punctuation at an edge is cut off.
		folded := strings.TrimSuffix(strings.TrimPrefix(foldAny("x"+string(r)+"x"), "x"), "x")
		if !unicode.Is(unicode.Mn, r) && !strings.Contains(folded, " ") {
			table[r] = folded
		}
	}
	return &table
})

// foldSimple is Fold for what people mostly type, at a fraction of the work;
// false if s has other signs.
func foldSimple(s string) (string, bool) {
	table := simpleSigns()
	out := make([]byte, 0, len(s))
	space := false
	for _, r := range s {
		sign := "'"
		switch {
		case r == ' ' || r == '\n' || r == '\t' || r == '\r':
			space = len(out) > 0
			continue
		case int(r) < len(table) && table[r] != "":
			sign = table[r]
		case r != '’':
			return "", false
		}
		if space {
			out = append(out, ' ')
			space = false
		}
		out = append(out, sign...)
	}
	return strings.TrimFunc(string(out), atEdge), true
}

// foldAny is Fold for whatever there is.
func foldAny(s string) string {
	// The acute that stands alone is typed for an apostrophe; NFKD would make a space and an accent of it.
	s = norm.NFKD.String(strings.ReplaceAll(strings.ToValidUTF8(s, " "), "´", "'"))
	var b strings.Builder
	b.Grow(len(s))
	var base rune  // the letter that marks belong to
	space := false // a space is due before the next sign
	for _, r := range s {
		if unicode.Is(unicode.Cf, r) || r == 'ـ' {
			continue
		}
		if unicode.Is(unicode.Mn, r) {
			if bare(base) || base == 'е' && r == '\u0308' {
				continue
			}
		} else {
			base = fold(r)
			r = base
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if r == 'ß' {
			b.WriteString("ss")
		} else {
			b.WriteRune(r)
		}
	}
	return strings.TrimFunc(norm.NFC.String(b.String()), atEdge)
}

// atEdge says what Fold takes from the ends.
func atEdge(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) }

// FoldGerman is Fold, and then ae, oe and ue are a, o and u: "Müller",
// "Mueller" and "Muller" are one. It also makes a few different words equal
// ("neue" and "neu"), so it is for names, and for a second try.
func FoldGerman(s string) string { return transcribed.Replace(Fold(s)) }

var transcribed = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")

// bare says whether letters of r's script are compared without their marks.
// In others, such as Cyrillic or Devanagari, a mark makes another letter.
func bare(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Arabic, unicode.Hebrew)
}

// fold brings one letter or digit into its plain form.
func fold(r rune) rune {
	if r >= 0x80 && unicode.Is(unicode.Nd, r) {
		return '0' + digit(r)
	}
	switch r = unicode.ToLower(r); r {
	case '’', '‘', 'ʼ', '`', '′':
		return '\''
	case 'ı':
		return 'i'
	case 'ł':
		return 'l'
	case 'đ':
		return 'd'
	case 'ø':
		return 'o'
	case 'ς':
		return 'σ'
	case 'ٱ':
		return 'ا'
	case 'ة':
		return 'ه'
	case 'ى', 'ی':
		return 'ي'
	case 'ک':
		return 'ك'
	}
	return r
}

// Digits is s with the decimal digits of every script as 0 to 9, and nothing else changed.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && unicode.Is(unicode.Nd, r) {
			return '0' + digit(r)
		}
		return r
	}, s)
}

// digit returns the value of a decimal digit: Unicode keeps each script's ten
// together, zero first.
func digit(r rune) rune {
	for _, x := range unicode.Nd.R16 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) {
			return (r - rune(x.Lo)) % 10
		}
	}
	for _, x := range unicode.Nd.R32 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) {
			return (r - rune(x.Lo)) % 10
		}
	}
	return 0
}
