package answer

import (
	"io/fs"

	"iqbot/internal/answer/hear"
	"iqbot/internal/answer/library"
	"iqbot/internal/locale"
)

// What others see of the rooms.
type (
	// Library is all articles of all languages.
	Library = library.Library
	// Article is what is said on one topic in one language.
	Article = library.Article
	// Source is where a statement or a figure comes from.
	Source = library.Source
	// TalkText is what is said to words that are no question: small talk, or a crisis.
	TalkText = library.Talk
	// Stale is content that somebody must look at again.
	Stale = library.Stale
	// Periods are how long what is stored of people is kept.
	Periods = library.Periods
	// Alarm is a crisis that was heard in a message.
	Alarm = hear.Alarm
)

// The buttons below a [TalkText].
const (
	ButtonHuman = library.ButtonHuman
	ButtonMenu  = library.ButtonMenu
)

// What a period is of.
const (
	PeriodDialogue = library.PeriodDialogue
	PeriodCase     = library.PeriodCase
	PeriodQuestion = library.PeriodQuestion
	PeriodErased   = library.PeriodErased
)

// DefaultPeriods are those of settings that say nothing.
func DefaultPeriods() Periods { return library.DefaultPeriods() }

// Load reads the content from fsys, with the languages of cat; see [library.Load].
func Load(fsys fs.FS, cat *locale.Catalog) (*Library, error) { return library.Load(fsys, cat) }

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
	// Candidates are what is shown, best first: one if Outcome is Found, two or
	// three if it is Several, none if it is Unknown.
	Candidates []Candidate
	// Ranked are the likeliest topics, best first, whatever the outcome: for
	// those who measure the search. Empty if no piece of the question is known.
	Ranked []Candidate
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
	// Other says of an Unknown question that it seems to be off the subject.
	Other bool
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
