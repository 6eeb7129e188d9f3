package bot

import "context"

// Notification is the duty to tell one target about a case.
type Notification struct {
	ID       string // unique; a target may use it to recognise a repetition
	Target   string // name of the Notifier
	Case     Case
	Attempts int // failed tries so far
	// Withdrawn means that the person erased their data after the target may
	// have heard of the case: nobody may call them. Of Case only the ID is left.
	Withdrawn bool
}

// Notifier tells advisors about a case: a Telegram chat or a mailbox.
type Notifier interface {
	// Name is stable; it is stored with the notifications that wait for it.
	Name() string
	// Notify blocks until the notification is delivered or has failed. A
	// failure may be a [*SendError]; any other is tried again.
	Notify(ctx context.Context, n Notification) error
}
