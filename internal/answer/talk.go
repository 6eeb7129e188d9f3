package answer

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TalkText is what is said to words that are no question: small talk, or a crisis.
type TalkText struct {
	// Article holds the text; its Topic is the kind.
	Article
	// Crisis says that somebody may be in danger.
	Crisis bool
	// Buttons are what is offered below the text: ButtonHuman, ButtonMenu.
	Buttons []string
	// rank decides between kinds that meet in one message: the highest counts.
	rank int
	// polite words may stand beside a name, and beside a question.
	polite bool
}

// The buttons below a text.
const (
	ButtonHuman = "human"
	ButtonMenu  = "menu"
)

// Alarm is a crisis that was heard in a message.
type Alarm struct {
	// Kind is empty if there is no crisis.
	Kind string
	// Lang is the language of the words that gave the alarm.
	Lang string
	// Doubtful says that the message may be about something else, so that it
	// should also be taken as what it would be without the alarm.
	Doubtful bool
}

// Limits of what is recognised.
const (
	// maxAlarmText is how much of a message is searched for a crisis, in
	// bytes: all that Telegram lets a person send at once (4096 characters).
	maxAlarmText = 4 * 4096
	// typoFrom is the length, in letters, from which a word may have one wrong
	// letter. Among shorter ones every second typing error is another word.
	typoFrom = 6
	// lonelyTypoFrom is that length for a word that is a phrase by itself, with
	// no other word to bear it out.
	lonelyTypoFrom = 10
	// maxGap is how many words may stand at the place of "...".
	maxGap = 3
	// maxSpan is in how many words all parts of a phrase must stand.
	maxSpan = 9
	// maxName is how many words a name beside a greeting has.
	maxName = 2
)

// class is what a phrase does.
type class uint8

const (
	sure     class = iota // the message is of this kind
	doubtful              // it may be; written "? phrase"
	harmless              // the words are no crisis here; written "! phrase"
)

// phrase is a way of saying something: parts that stand in any order, near each other.
type phrase struct {
	kind  int // in recogniser.kinds
	lang  string
	class class
	parts []part
}

// part is words that follow each other.
type part []element

// element is the place of one word.
type element struct {
	words    []int32 // any of them, ascending
	gap      bool    // up to maxGap other words may stand before it
	optional bool    // or it is not there
}

// recogniser tells small talk and crises from questions, in all languages at
// once. It is immutable; the nil recogniser recognises nothing.
type recogniser struct {
	kinds   []TalkText
	phrases []phrase
	signs   map[rune]int       // emoji and the like -> kind
	fillers map[string]bool    // words that say nothing
	exact   map[string]int32   // word -> its number
	stems   map[string]int32   // beginning of a word -> its number
	long    map[rune][]inexact // words that may have a wrong letter, by the first one
	starts  map[int32][]int32  // word -> phrases that may begin with it
	usual   map[string]bool    // words of questions, which therefore are no typing errors
	numbers int32
}

type inexact struct {
	letters []rune
	number  int32
	stem    bool
}

func newRecogniser(kinds []TalkText) *recogniser {
	return &recogniser{
		kinds: kinds, signs: map[rune]int{}, fillers: map[string]bool{}, exact: map[string]int32{},
		stems: map[string]int32{}, long: map[rune][]inexact{}, starts: map[int32][]int32{}, usual: map[string]bool{},
	}
}

// number gives a word of a phrase, or the stem of one, its number.
func (rc *recogniser) number(word string, stem bool) int32 {
	table := rc.exact
	if stem {
		table = rc.stems
	}
	n, ok := table[word]
	if !ok {
		rc.numbers++
		n = rc.numbers
		table[word] = n
		if letters := []rune(word); len(letters) >= typoFrom {
			rc.long[letters[0]] = append(rc.long[letters[0]], inexact{letters, n, stem})
		}
	}
	return n
}

// add takes in one line of a file of phrases; what is wrong with it comes back, or "".
//
//	kill myself         these words, in this order
//	suicid*             a word that begins so
//	husband|father      one of these words
//	you are (very) bad  the word in brackets may be missing
//	want ... die        up to three other words between
//	passport & took     both near each other, in any order
//	? violence          only perhaps a crisis
//	! die of laughter   no crisis, whatever else these words might be
//	👍                  signs, each by itself, in a message without words
func (rc *recogniser) add(kind int, lang, line string) string {
	p := phrase{kind: kind, lang: lang}
	crisis := rc.kinds[kind].Crisis
	if tokens := tokenise(line); len(tokens) == 0 {
		signs := signsOf(line)
		if len(signs) == 0 {
			return "the phrase has no words"
		}
		for _, r := range signs {
			rc.signs[r] = kind
		}
		return ""
	}
	if rest, ok := strings.CutPrefix(line, "? "); ok {
		p.class, line = doubtful, rest
	} else if rest, ok := strings.CutPrefix(line, "! "); ok {
		p.class, line = harmless, rest
	}
	if p.class != sure && !crisis {
		return "? and ! in front are for a crisis only"
	}
	for text := range strings.SplitSeq(line, "&") {
		part, reason := rc.part(text)
		if reason != "" {
			return reason
		}
		p.parts = append(p.parts, part)
	}
	if !crisis && (len(p.parts) > 1 || slices.ContainsFunc(p.parts[0], func(e element) bool { return e.gap })) {
		return "& and ... are for a crisis only"
	}
	rc.phrases = append(rc.phrases, p)
	for _, w := range p.parts[0][0].words {
		rc.starts[w] = append(rc.starts[w], int32(len(rc.phrases)-1))
	}
	return ""
}

// part reads the words between two "&".
func (rc *recogniser) part(text string) (part, string) {
	var out part
	gap := false
	for field := range strings.FieldsSeq(text) {
		if field == "..." {
			if len(out) == 0 {
				return nil, "... must stand between two words"
			}
			gap = true
			continue
		}
		e := element{gap: gap}
		gap = false
		inner, opened := strings.CutPrefix(field, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		if opened != closed || opened && len(out) == 0 {
			return nil, "\"" + field + "\": brackets are around one word, which is not the first"
		}
		e.optional = opened
		for alternative := range strings.SplitSeq(inner, "|") {
			word, stem := strings.CutSuffix(alternative, "*")
			tokens := tokenise(word)
			if len(tokens) != 1 {
				return nil, "\"" + alternative + "\" is not one word"
			}
			if stem && utf8.RuneCountInString(tokens[0].word) < 3 {
				return nil, "\"" + alternative + "\" is too short for the beginning of a word"
			}
			e.words = append(e.words, rc.number(tokens[0].word, stem))
		}
		slices.Sort(e.words)
		out = append(out, e)
	}
	switch {
	case len(out) == 0:
		return nil, "words are missing beside &"
	case gap:
		return nil, "... must stand between two words"
	}
	return out, ""
}

// token is a word of a message in the form in which it is compared, and its
// place in the message, in bytes.
type token struct {
	word     string
	from, to int
}

// tokenise takes a message apart. It is like words, and remembers the places.
func tokenise(text string) (tokens []token) {
	start := -1
	end := func(at int) {
		if start >= 0 {
			if w := strings.Join(words(text[start:at]), ""); w != "" {
				tokens = append(tokens, token{squeeze(w), start, at})
			}
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r):
			if start < 0 {
				start = i
			}
		case start >= 0 && (unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == 'ـ' || strings.ContainsRune("'’‘ʼ`´′", r)):
		default:
			end(i)
		}
	}
	end(len(text))
	return tokens
}

// squeeze makes one of letters that repeat, as in "hallooo". Phrases are
// squeezed too, so that those that belong there do no harm.
func squeeze(w string) string {
	var b strings.Builder
	last := rune(-1)
	for _, r := range w {
		if r != last || unicode.IsNumber(r) {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// signsOf lists the emoji of a text, and question marks.
func signsOf(text string) (signs []rune) {
	for _, r := range text {
		if unicode.Is(unicode.So, r) || r == '?' || r == '؟' {
			signs = append(signs, r)
		}
	}
	return signs
}

// numbersOf returns for each word of a message the numbers of the words of
// phrases that it is, and of those that it may be with a typing error; ascending.
// A word that is written as in a phrase or in a question is no typing error.
func (rc *recogniser) numbersOf(tokens []token) (exact, all [][]int32) {
	exact, all = make([][]int32, len(tokens)), make([][]int32, len(tokens))
	for i, t := range tokens {
		exact[i] = rc.lookUp(nil, t.word)
		rest, and := strings.CutPrefix(t.word, "و")
		if and = and && utf8.RuneCountInString(rest) >= 2; and { // "and" is written onto the word
			exact[i] = rc.lookUp(exact[i], rest)
		}
		slices.Sort(exact[i])
		all[i] = exact[i]
		if len(exact[i]) > 0 || rc.usual[t.word] {
			continue
		}
		all[i] = rc.nearby(nil, t.word)
		if and && !rc.usual[rest] {
			all[i] = rc.nearby(all[i], rest)
		}
		slices.Sort(all[i])
	}
	return exact, all
}

// lookUp adds the words and the beginnings of words that word is.
func (rc *recogniser) lookUp(numbers []int32, word string) []int32 {
	if n, ok := rc.exact[word]; ok {
		numbers = append(numbers, n)
	}
	for at := range word {
		if n, ok := rc.stems[word[:at]]; ok {
			numbers = append(numbers, n)
		}
	}
	if n, ok := rc.stems[word]; ok {
		numbers = append(numbers, n)
	}
	return numbers
}

// nearby adds those that word is with one wrong letter, which is not the first.
func (rc *recogniser) nearby(numbers []int32, word string) []int32 {
	letters := []rune(word)
	if len(letters) < typoFrom-1 {
		return numbers
	}
	for _, x := range rc.long[letters[0]] {
		if x.meets(letters) {
			numbers = append(numbers, x.number)
		}
	}
	return numbers
}

// meets says whether word is x with at most one wrong letter.
func (x inexact) meets(word []rune) bool {
	n := len(x.letters)
	if !x.stem {
		return near(word, x.letters)
	}
	for size := n - 1; size <= n+1 && size <= len(word); size++ {
		if near(word[:size], x.letters) {
			return true
		}
	}
	return false
}

// near says whether one letter too many, too few or wrong, or two swapped, is
// all that a and b differ in.
func near(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) {
		return true
	}
	if len(a) < len(b) {
		return slices.Equal(a[i:], b[i+1:])
	}
	return slices.Equal(a[i+1:], b[i+1:]) ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}

// end matches p's elements from at on, where every word must be free, and
// returns the first place behind them, or -1. The first element stands at at.
func (p part) end(numbers [][]int32, taken []bool, at int) int {
	skip := 0
	if p[0].gap {
		skip = maxGap
	}
	for i := at; i <= at+skip && i < len(numbers); i++ {
		if taken != nil && taken[i] || !meet(numbers[i], p[0].words) {
			continue
		}
		if len(p) == 1 {
			return i + 1
		}
		if end := p[1:].end(numbers, taken, i+1); end >= 0 {
			return end
		}
	}
	switch {
	case !p[0].optional:
		return -1
	case len(p) == 1:
		return at
	}
	return p[1:].end(numbers, taken, at)
}

// meet says whether two ascending lists have a number in common.
func meet(a, b []int32) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			return true
		case a[0] < b[0]:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

// span returns where p stands if its first part begins at at.
func (p phrase) span(numbers [][]int32, taken []bool, at int) (from, to int, ok bool) {
	to = p.parts[0].end(numbers, taken, at)
	if to < 0 {
		return 0, 0, false
	}
	from = at
next:
	for _, part := range p.parts[1:] {
		for i := max(0, to-maxSpan); i < min(len(numbers), from+maxSpan); i++ {
			if end := part.end(numbers, taken, i); end >= 0 && max(end, to)-min(i, from) <= maxSpan {
				from, to = min(i, from), max(end, to)
				continue next
			}
		}
		return 0, 0, false
	}
	return from, to, true
}

// each visits the phrases that the message holds.
func (rc *recogniser) each(numbers [][]int32, taken []bool, visit func(p phrase, from, to int)) {
	for at, ns := range numbers {
		for _, n := range ns {
			for _, i := range rc.starts[n] {
				if from, to, ok := rc.phrases[i].span(numbers, taken, at); ok {
					visit(rc.phrases[i], from, to)
				}
			}
		}
	}
}

// alarm looks for a crisis anywhere in a message.
func (rc *recogniser) alarm(text string) Alarm {
	if rc == nil {
		return Alarm{}
	}
	if len(text) > maxAlarmText {
		text = strings.ToValidUTF8(text[:maxAlarmText], "")
	}
	tokens := tokenise(text)
	exact, numbers := rc.numbersOf(tokens)
	taken := make([]bool, len(numbers))
	rc.each(exact, nil, func(p phrase, from, to int) {
		for i := from; i < to && p.class == harmless; i++ {
			taken[i] = true
		}
	})
	var best *phrase
	rc.each(numbers, taken, func(p phrase, from, to int) {
		switch {
		case !rc.kinds[p.kind].Crisis || p.class == harmless:
			return
		case to-from == 1 && len(exact[from]) == 0 && utf8.RuneCountInString(tokens[from].word) < lonelyTypoFrom:
			return // "choosing" is not "choking"
		}
		// What is sure counts before what is doubtful, then the rank.
		if best == nil || cmp.Or(-cmp.Compare(p.class, best.class), cmp.Compare(rc.kinds[p.kind].rank, rc.kinds[best.kind].rank)) > 0 {
			best = &p
		}
	})
	if best == nil {
		return Alarm{}
	}
	return Alarm{Kind: rc.kinds[best.kind].Topic, Lang: best.lang, Doubtful: best.class == doubtful}
}

// smallTalk returns the kind of a message that is nothing but small talk, or "".
// A name may stand beside polite words: words that no question uses.
func (rc *recogniser) smallTalk(text string) string {
	if rc == nil {
		return ""
	}
	tokens := tokenise(text)
	if len(tokens) == 0 {
		return rc.kindOf(rc.ofSigns(text))
	}
	best := rc.phrasesAt(tokens)
	n := len(tokens)
	// From the end to the beginning: whether all the rest is small talk.
	type step struct{ next, kind int }
	steps := make([]step, n+1)
	whole := make([]bool, n+1)
	whole[n] = true
	for i := n - 1; i >= 0; i-- {
		for _, f := range best[i] {
			if whole[f.to] {
				whole[i], steps[i] = true, step{f.to, f.kind}
				break
			}
			if rc.kinds[f.kind].polite {
				at := f.to
				for at < n && rc.fillers[tokens[at].word] { // "good morning, Mrs"
					at++
				}
				if rc.name(tokens[at:]) {
					whole[i], steps[i] = true, step{n, f.kind}
					break
				}
			}
		}
		if !whole[i] && whole[i+1] && rc.fillers[tokens[i].word] {
			whole[i], steps[i] = true, step{i + 1, -1}
		}
	}
	if !whole[0] {
		return ""
	}
	var kinds []int
	for i := 0; i < n; i = steps[i].next {
		if k := steps[i].kind; k >= 0 {
			kinds = append(kinds, k)
		}
	}
	return rc.kindOf(kinds)
}

// name says whether the words may be a name.
func (rc *recogniser) name(tokens []token) bool {
	if len(tokens) == 0 || len(tokens) > maxName {
		return false
	}
	for _, t := range tokens {
		if rc.usual[t.word] || strings.ContainsFunc(t.word, unicode.IsNumber) || utf8.RuneCountInString(t.word) < 2 {
			return false
		}
	}
	return true
}

// found is a phrase of small talk.
type found struct{ kind, to int }

// phrasesAt lists the phrases of small talk at each place, the longest first.
func (rc *recogniser) phrasesAt(tokens []token) [][]found {
	at := make([][]found, len(tokens))
	_, numbers := rc.numbersOf(tokens)
	rc.each(numbers, nil, func(p phrase, from, to int) {
		if !rc.kinds[p.kind].Crisis {
			at[from] = append(at[from], found{p.kind, to})
		}
	})
	for _, list := range at {
		slices.SortStableFunc(list, func(a, b found) int {
			return cmp.Or(cmp.Compare(b.to, a.to), cmp.Compare(rc.kinds[b.kind].rank, rc.kinds[a.kind].rank))
		})
	}
	return at
}

func (rc *recogniser) ofSigns(text string) (kinds []int) {
	for _, r := range signsOf(text) {
		if k, ok := rc.signs[r]; ok {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// kindOf chooses among kinds that meet: the highest rank, then the last.
func (rc *recogniser) kindOf(kinds []int) string {
	if len(kinds) == 0 {
		return ""
	}
	best := kinds[0]
	for _, k := range kinds[1:] {
		if rc.kinds[k].rank >= rc.kinds[best].rank {
			best = k
		}
	}
	return rc.kinds[best].Topic
}

// question cuts off the words of politeness around a question.
func (rc *recogniser) question(text string) string {
	if rc == nil {
		return text
	}
	tokens := tokenise(text)
	from, to := 0, len(tokens)
	at := rc.phrasesAt(tokens)
	polite := func(f found) bool { return rc.kinds[f.kind].polite }
	for from < to {
		i := slices.IndexFunc(at[from], polite)
		if i < 0 {
			break
		}
		from = at[from][i].to
	}
	for i := to - 1; i > from; i-- {
		if slices.ContainsFunc(at[i], func(f found) bool { return polite(f) && f.to == to }) {
			to = i
		}
	}
	if from >= to {
		return text
	}
	if from == 0 && to == len(tokens) {
		return text
	}
	return text[tokens[from].from:tokens[to-1].to]
}

// Alarm looks for a crisis in a message in any language. It needs no [Index].
func (l *Library) Alarm(text string) Alarm { return l.recogniser.alarm(text) }

// Talk returns what is said to words of a kind, with the fallbacks of
// [Library.Article]. It is false if there is no such kind.
func (l *Library) Talk(kind, lang string) (TalkText, bool) {
	chain, ok := l.chains[lang]
	if !ok {
		chain = l.chains[""]
	}
	for _, tag := range chain {
		if t, ok := l.talks[articleID{tag, kind}]; ok {
			return t, true
		}
	}
	return TalkText{}, false
}

// TalkKinds returns the kinds of small talk and crises, sorted.
func (l *Library) TalkKinds() []string {
	kinds := map[string]bool{}
	for id := range l.talks {
		kinds[id.topic] = true
	}
	return slices.Sorted(maps.Keys(kinds))
}

// MissingTalk returns the kinds that have no text in lang itself, sorted.
func (l *Library) MissingTalk(lang string) []string {
	return slices.DeleteFunc(l.TalkKinds(), func(kind string) bool {
		_, ok := l.talks[articleID{lang, kind}]
		return ok
	})
}
