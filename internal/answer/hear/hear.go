// Package hear tells small talk and crises from questions, in all languages at once.
//
// Both are recognised by phrases that editors keep: a crisis wherever its words
// stand in a message, small talk only if the whole message is made of it. A
// phrase is written so:
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
//
// The last six but the brackets are for a crisis only.
package hear

import (
	"cmp"
	"unicode/utf8"

	"iqbot/internal/answer/reading"
)

// Kind is a kind of small talk, or of crisis.
type Kind struct {
	Name string
	// Crisis says that somebody may be in danger.
	Crisis bool
	// Polite words may stand beside a name, and beside a question.
	Polite bool
	// Rank decides between kinds that meet in one message: the highest counts.
	Rank int
}

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
	// MaxAlarmText is how much of a message is searched for a crisis, in
	// bytes: all that Telegram lets a person send at once (4096 characters).
	MaxAlarmText = 4 * 4096
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

// Ear recognises small talk and crises. It is safe for concurrent use once all
// phrases are in; the nil Ear recognises nothing.
type Ear struct {
	kinds   []Kind
	reader  *reading.Reader // of phrases, while they come in
	grammar *reading.Grammar
	phrases []phrase
	signs   map[rune]int       // emoji and the like -> kind
	fillers map[string]bool    // words that say nothing
	exact   map[string]int32   // word -> its number
	stems   map[string]int32   // beginning of a word -> its number
	long    map[rune][]inexact // words that may have a wrong letter, by the first one
	starts  map[int32][]int32  // word -> phrases that may begin with it
	usual   func(word string) bool
	numbers int32
}

// New returns an ear without phrases. usual says of a squeezed word whether people
// use it in questions, which therefore is no typing error and no name; it is
// asked only if that matters. g must be that of the texts to be heard.
func New(kinds []Kind, g *reading.Grammar, usual func(word string) bool) *Ear {
	return &Ear{
		kinds: kinds, reader: reading.New(g), grammar: g, usual: usual, signs: map[rune]int{}, fillers: map[string]bool{},
		exact: map[string]int32{}, stems: map[string]int32{}, long: map[rune][]inexact{}, starts: map[int32][]int32{},
	}
}

// AddFiller takes in words that mean nothing in small talk.
func (e *Ear) AddFiller(text string) {
	for _, k := range e.reader.Read(text).Tokens {
		e.fillers[k.Squeezed()] = true
	}
}

// Alarm looks for a crisis anywhere in a message, in any language; of a longer
// one only the first [MaxAlarmText] bytes should be read.
func (e *Ear) Alarm(text reading.Text) Alarm {
	if e == nil {
		return Alarm{}
	}
	tokens := text.Tokens
	exact, numbers := e.numbersOf(tokens)
	taken := make([]bool, len(numbers))
	e.each(exact, nil, func(p phrase, from, to int) {
		for i := from; i < to && p.class == harmless; i++ {
			taken[i] = true
		}
	})
	var best *phrase
	e.each(numbers, taken, func(p phrase, from, to int) {
		switch {
		case !e.kinds[p.kind].Crisis || p.class == harmless:
			return
		case to-from == 1 && len(exact[from]) == 0 && utf8.RuneCountInString(tokens[from].Squeezed()) < lonelyTypoFrom:
			return // "choosing" is not "choking"
		}
		// What is sure counts before what is doubtful, then the rank.
		if best == nil || cmp.Or(-cmp.Compare(p.class, best.class), cmp.Compare(e.kinds[p.kind].Rank, e.kinds[best.kind].Rank)) > 0 {
			best = &p
		}
	})
	if best == nil {
		return Alarm{}
	}
	return Alarm{Kind: e.kinds[best.kind].Name, Lang: best.lang, Doubtful: best.class == doubtful}
}
