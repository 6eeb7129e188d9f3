package answer

import (
	"math"
	"strings"
	"unicode"
)

// eachTrigram visits the pieces of three letters of text, by which a language is told.
func eachTrigram(text string, visit func(hash uint32)) {
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		marked := []rune("^" + w + "$")
		for i := 0; i+3 <= len(marked); i++ {
			visit(hash(marked[i : i+3]))
		}
	}
}

// language tells the language of text, or "" if none or more than one is likely.
func (x *Index) language(text string) (tag string) {
	sums, seen, all := make([]float64, len(x.langs)), make([]int, len(x.langs)), 0
	eachTrigram(text, func(h uint32) {
		all++
		for _, t := range x.trigrams[h] {
			sums[t.lang] += t.log - x.langs[t.lang].rare
			seen[t.lang]++
		}
	})
	best, second := math.Inf(-1), math.Inf(-1)
	for i, li := range x.langs {
		sum := sums[i] + float64(all)*li.rare
		switch {
		case all < 3 || seen[i]*5 < all*3: // too short, or strange to this language
		case sum > best:
			best, second, tag = sum, best, li.tag
		default:
			second = max(second, sum)
		}
	}
	if best-second < 2 {
		return ""
	}
	return tag
}
