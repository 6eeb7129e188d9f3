package bot

import (
	"context"
	"time"
)

// Channel is a messaging platform. Implementations are safe for concurrent use;
// package channeltest holds them to the contract.
type Channel interface {
	// Name is the part of a ChatID before the colon.
	Name() string
	// Prepare splits m into messages that each are one call to the platform
	// and within its limits, buttons on the last. It is pure. The IDs of the
	// parts are m.ID with a suffix.
	Prepare(m Message) []Message
	// Send delivers one prepared message. It blocks until the platform took
	// it, ctx ends, or it failed; a failure is a [*SendError].
	Send(ctx context.Context, chat ChatID, m Message) error
	// Decorate does what a platform can do of d, and nothing of what it cannot. It
	// blocks as Send does. What there is nothing left to do for, such as a mark on a message
	// that is gone, is no failure.
	Decorate(ctx context.Context, chat ChatID, d Decoration) error
}

// SendError tells what became of a failed Send.
type SendError struct {
	Method string // the platform's method, such as "sendMessage"
	Reason SendReason
	Wait   time.Duration // before the next try; meaningful for SendThrottled
	// Chat is the chat's new id; meaningful for SendMoved.
	Chat ChatID
	Err  error // never holds the token or the text
}

func (e *SendError) Error() string {
	if e.Err == nil {
		return e.Method + ": " + string(e.Reason)
	}
	return e.Method + ": " + string(e.Reason) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// SendReason is why a message was not taken, and so what to do with it.
type SendReason string

// The reasons. What is not known to be permanent is SendFailed.
const (
	SendFailed    SendReason = "failed"    // server error or no connection: certainly not delivered, try again
	SendUnknown   SendReason = "unknown"   // no answer in time: perhaps delivered, try again
	SendThrottled SendReason = "throttled" // too many: try again after Wait
	SendBlocked   SendReason = "blocked"   // the person blocked the bot or is gone: never
	SendRefused   SendReason = "refused"   // the platform will never take this message
	SendMoved     SendReason = "moved"     // the chat has a new id: try again there
	SendForbidden SendReason = "forbidden" // the bot itself is not accepted (bad token): an operator must act, try again later
)
