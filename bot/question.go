package bot

import (
	"errors"
	"time"
)

// QuestionID is what editors call a question by, such as "Q-7K2M9AC".
type QuestionID string

// Question is a question for the editors. It exists only after the person
// agreed to it, and never says who asked.
type Question struct {
	ID       QuestionID   `json:"id"`
	Asked    time.Time    `json:"asked"`    // when the person agreed
	Language string       `json:"language"` // BCP 47 tag of the dialogue
	Words    string       `json:"words"`    // without what could tell who asked, see package redact
	Kind     QuestionKind `json:"kind"`
	Topic    string       `json:"topic,omitempty"` // the article that was of no help
	// Chat is where the answer is to be sent. If empty, none is wanted, and
	// nothing in the question leads to a person.
	Chat ChatID `json:"chat,omitempty"`
	// Consent is the version of the privacy notice that the person agreed to.
	Consent string `json:"consent"`
}

// QuestionKind is why the editors get a question.
type QuestionKind string

// The kinds of questions.
const (
	QuestionUnknown   QuestionKind = "unknown"     // no article answered it
	QuestionUnhelpful QuestionKind = "not-helpful" // the article of Topic did not
)

// NewQuestionID returns a random number for a question.
func NewQuestionID() QuestionID { return QuestionID(randomID("Q-")) }

// KeptQuestion is a question as the store has it.
type KeptQuestion struct {
	Question
	Shard int // where it is kept; for the store only
}

// ErrNoQuestion means that a question is there no more: somebody else answered
// or dropped it, the person erased it, or its time was over.
var ErrNoQuestion = errors.New("the question is there no more")

// Rating is what a person thinks of an article. It does not say who.
type Rating struct {
	Topic    string
	Language string // of the article
	Helpful  bool
}

// Rated is what people think of an article in a language.
type Rated struct {
	Topic     string `json:"topic"`
	Language  string `json:"language"`
	Helpful   int    `json:"helpful"`
	Unhelpful int    `json:"not_helpful"`
}
