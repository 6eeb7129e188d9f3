package bot

import "time"

// Notification is the duty to tell one target about a case.
type Notification struct {
	ID       string // unique; a target may use it to recognise a repetition
	Target   string // stable name of the chat or mailbox that is told
	Case     Case
	Attempts int // failed tries so far
	// Withdrawn means that the person erased their data after the target may
	// have heard of the case: nobody may call them. Of Case only the ID is left.
	Withdrawn bool
	// Until is how long the notification is certainly its taker's, as in [Lease].
	Until time.Time
}
