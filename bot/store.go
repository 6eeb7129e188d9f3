package bot

import (
	"context"
	"errors"
	"time"

	"iqbot/internal/flow"
)

// Store keeps dialogues and outgoing messages, and what a commit makes of cases,
// notifications, questions and ratings; whoever works on these has an interface
// of their own, such as handoff.Queue.
// Implementations are safe for concurrent use, and every method may block on
// the network until ctx ends. They bound each call themselves, to some seconds:
// not every ctx ends.
type Store interface {
	// Load returns the dialogue of a chat; a chat without one has Version 0.
	Load(ctx context.Context, chat ChatID) (Session, error)
	// Commit applies c, or returns ErrVersionConflict, ErrDuplicate or a CaseLimit
	// and changes nothing. If the chat's outbox was idle and c has messages, it
	// also gives the caller the lease to send them (zero Lease if another holds
	// it) and the waiting messages, oldest first.
	Commit(ctx context.Context, c Commit) (Lease, []Queued, error)

	// Sent removes the first message, which must be id, from the outbox, and
	// returns what waits behind it. If nothing does, the lease ends with it.
	// Known are those of the next messages that the caller has, if any: the store
	// need not read them again.
	Sent(ctx context.Context, l Lease, id string, known ...Queued) ([]Queued, error)
	// Drop is Sent for a message that can never be delivered; it is kept as a
	// dead letter with its reason.
	Drop(ctx context.Context, l Lease, id string, reason SendReason) ([]Queued, error)
	// Retry counts a failed try of the first message and gives the lease back;
	// the chat becomes due again after wait. With no id, it gives the lease back
	// and counts nothing.
	Retry(ctx context.Context, l Lease, id string, wait time.Duration) error
	// Hold makes sure that l is the caller's for another d, and returns it with
	// its end. It is called before each send, so it does not ask anybody if that is certain.
	Hold(ctx context.Context, l Lease, d time.Duration) (Lease, error)
	// Due takes over up to n chats whose messages wait although nobody is
	// sending them: their sender died, or their time to try again has come.
	Due(ctx context.Context, n int) ([]Taken, error)
	// Freed tells when chats may have become due because their sender died.
	Freed() <-chan struct{}

	// Timers takes up to n timers that are due. Each is this caller's for a
	// while; it ends with the next commit for its chat or comes back.
	Timers(ctx context.Context, n int) ([]Timer, error)
}

// Session is a dialogue as the store has it.
type Session struct {
	State flow.State
	// Version counts the commits; 0 means that nothing is stored.
	Version int64
	// Seen are the ids of the updates that took effect last, newest last.
	Seen []UpdateID
}

// Commit is all that one update changes. It is applied whole or not at all.
type Commit struct {
	Chat    ChatID
	Update  UpdateID
	Version int64 // of the Session that the step was run on
	State   flow.State
	Outbox  []Message // appended in order
	Cases   []Case    // opened by this step; each starts one notification per target
	// Questions are kept for the editors, and Ratings are counted, without the chat.
	Questions []Question
	Ratings   []Rating
	// Erase deletes state, cases and questions of the chat instead of writing State,
	// of which nothing but the Allowance is kept for a while; what is in Outbox is still sent.
	Erase bool
	// Withdraw ends the open cases of the chat, of which advisors who heard of one
	// are told, and removes its questions: it takes back every consent.
	Withdraw bool
	// Timer is after how long the dialogue goes on by itself if the person does
	// nothing. It replaces the timer that was set before; if zero, there is none any more.
	Timer time.Duration
}

// Errors of [Store] that callers decide on.
var (
	// ErrVersionConflict means that another update was committed since Load.
	ErrVersionConflict = errors.New("the dialogue changed since it was loaded")
	// ErrDuplicate means that this update has taken effect already.
	ErrDuplicate = errors.New("the update has taken effect already")
	// ErrUnreadable means that what is stored is damaged, or sealed with a key
	// that is not in the keyset. Load returns it together with the Session's
	// Version and Seen, so that the dialogue can begin anew.
	ErrUnreadable = errors.New("a stored value cannot be opened and read")
	// ErrUnusable means that what is stored of this one chat is in such a state that
	// nothing can be done with it, however often it is tried. Of other chats it says nothing.
	ErrUnusable = errors.New("what is stored of this chat cannot be used")
	// ErrLeaseLost means that another process sends this chat's messages now.
	ErrLeaseLost = errors.New("the right to send was taken over")
)

// Queued is a message in the outbox of a chat.
type Queued struct {
	Message
	Attempts int // failed tries so far
}

// Lease is the right to send one chat's messages; a process that does not
// finish in time loses it to another.
type Lease struct {
	Chat  ChatID
	Token string // fences off a holder whose lease has run out
	// Until is how long the lease lasts if its holder lives, by the holder's own
	// clock: it is reckoned from before the call that gave the lease.
	Until time.Time
}

// Taken is a chat whose sending was taken over, with what waits there.
type Taken struct {
	Lease    Lease
	Messages []Queued
}

// Timer is a timer that is due.
type Timer struct {
	Chat ChatID
	// Version is that of the dialogue when the timer was set. If the dialogue has
	// moved on since, the timer means nothing any more.
	Version int64
}
