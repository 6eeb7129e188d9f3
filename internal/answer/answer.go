// Package answer holds what the bot knows: articles in several languages, the
// facts they are built on, and an [Index] that finds the article for a
// question in somebody's own words.
//
// # Content
//
// A [Library] is loaded from a folder that staff and translators keep:
//
//	facts.yaml                          figures, addresses and names, each with its source
//	<lang>/articles/<topic>.md          front matter and a short body
//	<lang>/articles/<topic>.questions.txt   ways of asking for it, one a line
//	<lang>/talk/<kind>.md               what is said to small talk, or in a crisis
//	<lang>/talk/<kind>.phrases.txt      the words by which it is recognised, one a line
//	<lang>/talk/fillers.txt             words that mean nothing in small talk
//
// An article is front matter and the small markup of package richtext:
//
//	---
//	title: "Was kostet die Anerkennung?"
//	reviewed: 2026-11-24
//	status: machine            # or reviewed, once a person has checked it
//	sources: [bqfg]            # of statements; figures bring their own
//	related: [documents-needed]
//	---
//	Die Gebühr liegt bei **{{fact "fee.ihk-fosa"}}**. Lines of a paragraph
//	are joined; an empty line ends it.
//	- A line of a list.
//	- [The finder]({{fact "url.recognition-finder"}}) is a link.
//
// A figure that can change stands once, in facts.yaml, and is written in the
// way of each language. No other digits, sums and addresses stand in a text,
// but those within a word (B1), of a law (§ 44) and in front of a list line (1.).
// [Load] is strict: it reports every fault at once, with file and line, so
// that a wrong figure or a broken link is found before anybody reads it.
//
// Body is finished but for the direction of foreign words: the caller passes
// the whole message through locale.Printer.Finish.
//
// # Finding
//
// [Index.Find] compares a question with the ways of asking in every language
// and gives one topic, a few to choose from, or an honest "unknown". It never
// makes up an answer. The index is built once and then only read.
//
// Small talk and crises are asked for before, see [Library.Alarm]: a crisis is
// heard wherever its words stand, small talk only if the whole message is that.
package answer

import "time"

// Article is what is said on one topic in one language.
type Article struct {
	Topic string
	// Lang is the language of the texts; it may be another than was asked for.
	Lang string
	// Title is plain text, no markup.
	Title string
	// Body is richtext markup with the facts filled in.
	Body string
	// Questions are ways of asking for the article, in Lang.
	Questions []string
	// Sources are those of the statements, then those of the figures, none twice.
	Sources []Source
	// Facts are the ids of its figures, none twice, in the order of the text.
	Facts []string
	// Related are topics to read next; each has an article.
	Related []string
	// Reviewed is the day on which the text was last checked.
	Reviewed time.Time
	// Machine says that no person has checked the text yet.
	Machine bool
	// ReviewBy is the earliest day on which one of its figures must be
	// checked. If zero, it has none that ages.
	ReviewBy time.Time
}

// Source is where a statement or a figure comes from.
type Source struct {
	ID    string
	Label string
	// URL is an absolute web address. If empty, the source has none.
	URL string
	// AsOf is the state of the source: "2026-07-05", "2026-07", "2026" or
	// "2015-2018". If empty, the source does not say.
	AsOf string
	// Retrieved is the day on which the source was read.
	Retrieved time.Time
}

// Outcome is what a search came to.
type Outcome string

// The outcomes of a search.
const (
	Found   Outcome = "found"   // the first candidate answers the question
	Several Outcome = "several" // the person should choose among the candidates
	Unknown Outcome = "unknown" // nothing here answers the question
	Talk    Outcome = "talk"    // it is no question but small talk, or a crisis
)

// Result is what was found for a question.
type Result struct {
	Outcome Outcome
	// Candidates are at most three, best first. Empty if Outcome is Unknown.
	Candidates []Candidate
	// Lang is the language of the library that the question seems to be in; it
	// may be another than that of the dialogue. If empty, it cannot be told.
	Lang string
	// Kept is the topic that the question goes on with, see [Index.FindAfter].
	// If empty, the question stands for itself.
	Kept string
	// Contacts says that the question asks for the addresses of Kept.
	Contacts bool
	// Place is words that may name a place, of a question that may go on with the
	// topic: somebody else knows places. If they do, addresses there are the
	// answer; if not, the rest of the Result is. If empty, there are none.
	Place string
	// Talk is the kind of small talk or crisis. If the outcome is not Talk, it is
	// empty, or a crisis that is only perhaps one.
	Talk string
}

// Candidate is a topic that may answer a question.
type Candidate struct {
	Topic string
	// Score is how sure it is, 0 to 1: of the development set, about this share
	// of the questions with such a score were answered rightly.
	Score float64
}
