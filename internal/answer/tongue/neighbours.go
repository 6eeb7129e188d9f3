package tongue

import (
	_ "embed"
	"slices"
	"strings"

	"iqbot/internal/answer/reading"
)

//go:embed neighbours.txt
var neighbourWords string

// maxNeighbours is how many languages neighbours.txt may have: each is a bit of a word.
const maxNeighbours = 64

// neighbours are languages that have no articles.
type neighbours struct {
	words   map[string][]int // word -> numbers of the languages that have it
	letters []map[rune]bool  // of each language
}

// readNeighbours reads what is known of languages besides those that there are.
func readNeighbours(but []Language) *neighbours {
	ns := &neighbours{words: map[string][]int{}}
	r := reading.New(nil)
	for line := range strings.Lines(neighbourWords) {
		tag, words, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") || slices.ContainsFunc(but, func(l Language) bool { return l.Tag == tag }) {
			continue
		}
		n, letters := len(ns.letters), map[rune]bool{}
		for _, w := range lettersOf(r.Read(words)) {
			if !slices.Contains(ns.words[w], n) {
				ns.words[w] = append(ns.words[w], n)
			}
			for _, r := range w {
				letters[r] = true
			}
		}
		ns.letters = append(ns.letters, letters)
	}
	return ns
}
