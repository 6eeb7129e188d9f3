package bot

import (
	"slices"
	"time"
)

// Notification is the duty to tell one target about a case.
type Notification struct {
	ID       string // unique; a target may use it to recognise a repetition
	Target   string // stable name of the chat or mailbox that is told
	Case     Case
	Attempts int // failed tries so far
	// Withdrawn means that the person erased their data after the target may
	// have heard of the case: nobody may call them. Of Case only the ID is left.
	Withdrawn bool
	// Posted are the messages that the target has of a withdrawn case, as far as they
	// can be taken back.
	Posted []Posting
	// PersonTold means that the person knows that the case has reached nobody yet.
	PersonTold bool
	// Until is how long the notification is certainly its taker's, as in [Lease].
	Until time.Time
}

// Posting is a message about a case in the chat of a target.
type Posting struct {
	Chat    ChatID
	Message MessageRef
}

// Final says whether a target that refused for this reason will not take the same
// another time, unless somebody mends it: a group that is gone, a mailbox that does
// not exist.
func (r SendReason) Final() bool { return slices.Contains(FinalReasons(), r) }

// FinalReasons are those that are final.
func FinalReasons() []SendReason { return []SendReason{SendBlocked, SendRefused} }

// TargetState is how it stands with a target of notifications.
type TargetState struct {
	// Since is when the first failure since the last success was; zero if there was none.
	Since time.Time
	// Reason is why the last try failed.
	Reason SendReason
	// Began and Ended say that the target counts as failing from this look on, or did
	// until it. Of all looks of all processes one says so.
	Began, Ended bool
}

// WaitingNotification is a notification that its target has not taken yet, without
// anything of the case but its number.
type WaitingNotification struct {
	Case      CaseID     `json:"case"`
	Target    string     `json:"target"`
	Withdrawn bool       `json:"withdrawn"`
	Attempts  int        `json:"attempts"`         // one that is under way included
	Since     time.Time  `json:"since"`            // when the case was opened or withdrawn
	Reason    SendReason `json:"reason,omitempty"` // why the last try failed
	Due       time.Time  `json:"due"`              // when it is tried again
}
