// Package reading takes a text apart into words, once, in all the forms in which
// the rooms of package answer compare words: what is heard in them, which
// language they are in, which topic they ask for, what they go on with.
//
// A word is letters and digits, with the marks and apostrophes within. So
// "Wasʼ" is the word "Was", "е-мейл" are two, and "16d" is one.
package reading

import (
	"hash/fnv"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"iqbot/internal/locale"
)

// Word is a word, and the forms in which it is compared. A form is made when it is
// first asked for; so words, like their [Reader], are for one goroutine at a time.
type Word struct {
	// ID is the number of the word, as it is written, among those of one [Reader], from 0.
	ID int

	raw      string
	grammar  *Grammar
	plain    string // "" if not made yet, like the others
	squeezed string
	letters  string
	lettered bool // letters are made
}

// Folded is [locale.Fold] of the word.
func (w *Word) Folded() string { return locale.Fold(w.raw) }

// Plain is Folded without apostrophes and without an article that is written
// onto the word, and in one of the two ways to type a German umlaut without its
// key.
func (w *Word) Plain() string {
	if w.plain == "" {
		w.plain = w.grammar.withoutArticle(umlauts.Replace(strings.ReplaceAll(locale.Fold(w.raw), " ", "")))
	}
	return w.plain
}

// Squeezed is Plain with letters that repeat made one, as in "hallooo".
func (w *Word) Squeezed() string {
	if w.squeezed == "" {
		w.squeezed = squeeze(w.Plain())
	}
	return w.squeezed
}

// Letters are the letters in lower case, without marks that stand above or
// below, as a language writes them. If empty, the word is a number.
func (w *Word) Letters() string {
	if !w.lettered {
		w.letters, w.lettered = letters(w.raw), true
	}
	return w.letters
}

// Token is a word of a text and its place there, in bytes.
type Token struct {
	*Word
	From, To int
}

// Text is a text that was read.
type Text struct {
	Raw    string
	Tokens []Token
}

// Cut returns the part of t from one token up to another, which is not in it.
func (t Text) Cut(from, to int) Text {
	if from >= to {
		return Text{}
	}
	tokens := make([]Token, to-from)
	start := t.Tokens[from].From
	for i, k := range t.Tokens[from:to] {
		tokens[i] = Token{k.Word, k.From - start, k.To - start}
	}
	return Text{Raw: t.Raw[start:t.Tokens[to-1].To], Tokens: tokens}
}

// Key is equal for texts of the same words in the same order, whatever their
// spelling. Of two others it is equal once in 2^64.
func (t Text) Key() uint64 {
	h := fnv.New64a()
	for _, k := range t.Tokens {
		_, _ = io.WriteString(h, k.Plain()+" ") // a hash takes everything
	}
	return h.Sum64()
}

// Grammar is what a reader must know of languages to tell the words of a text.
type Grammar struct {
	// Articles are written onto the word they belong to, such as "ال". The first
	// that fits is taken off, if at least three letters remain.
	Articles []string
	// Conjunctions are written onto the next word, such as "و".
	Conjunctions []string
}

// WithoutConjunction returns what remains of a word without a conjunction that is
// written onto it: at least two letters; "" if there is none. The nil Grammar has none.
func (g *Grammar) WithoutConjunction(word string) string {
	if g == nil {
		return ""
	}
	for _, c := range g.Conjunctions {
		if rest, ok := strings.CutPrefix(word, c); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	return ""
}

// minStem is how many letters remain of a word without its article.
const minStem = 3

func (g *Grammar) withoutArticle(word string) string {
	if g == nil {
		return word
	}
	for _, article := range g.Articles {
		if stem, ok := strings.CutPrefix(word, article); ok && utf8.RuneCountInString(stem) >= minStem {
			return stem
		}
	}
	return word
}

// Reader reads texts. Use one for many texts that share words: it takes each word
// apart only once, and keeps it. It is not safe for concurrent use.
type Reader struct {
	grammar *Grammar
	words   map[string]*Word
}

// New returns a reader. g may be nil.
func New(g *Grammar) *Reader {
	return &Reader{grammar: g, words: map[string]*Word{}}
}

// Read takes text apart.
func (r *Reader) Read(text string) Text {
	t := Text{Raw: text}
	start := -1
	for i, c := range text {
		switch {
		case isWord(c):
			if start < 0 {
				start = i
			}
		case start >= 0 && within(c):
		default:
			t.add(r, start, i)
			start = -1
		}
	}
	t.add(r, start, len(text))
	return t
}

func (t *Text) add(r *Reader, from, to int) {
	if from < 0 {
		return
	}
	if t.Tokens == nil {
		t.Tokens = make([]Token, 0, 1+(len(t.Raw)-from)/5) // words are a little longer than that
	}
	t.Tokens = append(t.Tokens, Token{r.word(t.Raw[from:to]), from, to})
}

// isWord says whether c makes a word. Most texts are in letters below U+0700.
func isWord(c rune) bool {
	if c < utf8.RuneSelf {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
	}
	return (unicode.IsLetter(c) || unicode.IsNumber(c)) && c != 'ʼ' && c != 'ـ'
}

// within says whether c may stand inside a word.
func within(c rune) bool {
	if c < utf8.RuneSelf {
		return c == '\'' || c == '`'
	}
	return unicode.Is(unicode.M, c) || unicode.Is(unicode.Cf, c) || strings.ContainsRune("ـ’‘ʼ´′", c)
}

func (r *Reader) word(raw string) *Word {
	w, ok := r.words[raw]
	if !ok {
		w = &Word{ID: len(r.words), raw: raw, grammar: r.grammar}
		r.words[raw] = w
	}
	return w
}

// umlauts also drops apostrophes.
var umlauts = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "'", "", "’", "", "ʼ", "", "`", "")

func squeeze(w string) string {
	var b strings.Builder
	last := rune(-1)
	for _, r := range w {
		if r != last || unicode.IsNumber(r) {
			b.WriteRune(r)
		}
		last = r
	}
	if b.Len() == len(w) {
		return w
	}
	return b.String()
}

func letters(raw string) string {
	if isPlainASCII(raw) {
		return raw
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, norm.NFC.String(raw))
}

// isPlainASCII says of a word that it is small letters of the Latin alphabet.
func isPlainASCII(raw string) bool {
	for i := range len(raw) {
		if raw[i] < 'a' || raw[i] > 'z' {
			return false
		}
	}
	return true
}
