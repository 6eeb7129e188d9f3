package bot

import (
	crand "crypto/rand"
	"fmt"
	"time"
)

// CaseID is what the person and the advisor call a case by, such as "IQ-7K2M9".
type CaseID string

// Case is a person's wish to be called by an advisor. It exists only after
// they agreed to it.
type Case struct {
	ID       CaseID    `json:"id"`
	Chat     ChatID    `json:"chat"`
	Opened   time.Time `json:"opened"`
	Language string    `json:"language"` // BCP 47 tag of the dialogue
	Topic    string    `json:"topic"`    // article topic id; may be empty
	Place    string    `json:"place"`    // German name of the district or what the person said; may be empty
	Words    string    `json:"words"`    // the person's own words
	Reach    string    `json:"reach"`    // how: "telegram", "phone", "email"
	Address  string    `json:"address"`  // the number, address or @name
	// Consent is the version of the privacy notice that the person agreed to.
	Consent string `json:"consent"`
}

// CaseLimit is why the store refuses a case: each is work for an advisor, and one
// person must not take all of it. It is an error of [Store.Commit].
type CaseLimit struct {
	// InADay says that too many were opened in the last 24 hours, and not that too
	// many are open at the moment.
	InADay bool
	// Most is how many there may be.
	Most int
}

func (l CaseLimit) Error() string {
	if l.InADay {
		return fmt.Sprintf("the person has opened as many cases today as they may: %d", l.Most)
	}
	return fmt.Sprintf("the person has as many open cases as they may: %d", l.Most)
}

// NewCaseID returns a random case number that can be read out on the telephone.
func NewCaseID() CaseID { return CaseID(randomID("IQ-")) }

// caseAlphabet leaves out what is easily confused when it is read aloud or
// written by hand: 0 O, 1 I L, 5 S, 8 B, U V, 2 Z.
const caseAlphabet = "34679ACDEFGHJKMNPQRTWXY"

// caseLength gives 23^7 = 3.4 thousand million numbers: with 100,000 cases kept, the
// chance that a new one meets an old one is 1 in 34,000.
const caseLength = 7

// randomID returns prefix and caseLength signs of caseAlphabet.
func randomID(prefix string) string {
	id := []byte(prefix)
	var b [1]byte
	for len(id) < len(prefix)+caseLength {
		_, _ = crand.Read(b[:]) // crypto/rand.Read never fails: it ends the program instead
		if n := int(b[0]); n < 256/len(caseAlphabet)*len(caseAlphabet) {
			id = append(id, caseAlphabet[n%len(caseAlphabet)])
		}
	}
	return string(id)
}
