package bot

import (
	"time"

	"iqbot/internal/flow"
)

// FloodLimit is how much one person may send. It is kept in the dialogue's own
// state, so it is the same for all processes and costs no round trip; an erasure
// does not fill it up again.
//
// It bounds what one person can cost others: whatever they do is an update, and
// what costs more than an answer weighs more than one, see [Outcome.weight].
// Beyond that, each thing that stays or reaches somebody has a bound of its own:
// cases [CaseLimit]; questions for the editors 50 a person, the oldest makes
// room (package store); ratings one an answer, of those that are shown; files of
// /export and all other messages the pace of a chat ([Pacer]); and a language
// is learned once in a process, whoever changes to it.
type FloodLimit struct {
	// PerMinute is how many updates a minute are handled for long. If zero, 30:
	// nobody types or reads faster.
	PerMinute float64
	// Burst is how many may come at once. If zero, 20: a person who corrects
	// themselves in many short messages stays far below it.
	Burst float64
}

// noticeEvery is how often a person who floods is told so.
const noticeEvery = time.Minute

// What an update weighs that costs more than an answer does.
const (
	// exportWeight is for a file of all that is stored: some reads of the
	// database, one of them of the dead letters of others.
	exportWeight = 10
	// assistWeight is for a question to the language model, which somebody pays
	// for, and of which few are answered at once.
	assistWeight = 3
)

// weight is what the update of an outcome weighs beyond any other.
func (o Outcome) weight(u Update) float64 {
	switch {
	case o.Export:
		return exportWeight - 1
	case u.Assisted != nil:
		return assistWeight - 1
	}
	return 0
}

func (l FloodLimit) orDefault() FloodLimit {
	if l.PerMinute == 0 {
		l.PerMinute = 30
	}
	if l.Burst == 0 {
		l.Burst = 20
	}
	return l
}

// take counts one update at now. It returns the new allowance, whether the
// update is handled, and if not, whether the person is to be told.
func (l FloodLimit) take(a flow.Allowance, now time.Time) (_ flow.Allowance, handled, notice bool) {
	seconds := now.Unix()
	// A clock that went back must not lock anybody out.
	passed := max(0, min(seconds-a.At, int64(time.Hour/time.Second)))
	a.Used = max(0, a.Used-float64(passed)*l.PerMinute/60)
	a.At = seconds
	if a.Used+1 <= l.Burst {
		a.Used++
		return a, true, false
	}
	if since := seconds - a.Noticed; since >= 0 && since < int64(noticeEvery/time.Second) {
		return a, false, false
	}
	a.Noticed = seconds
	return a, false, true
}
