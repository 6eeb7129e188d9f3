// Package bot is the domain: an [Update] comes in from a channel, the
// dialogue takes one step, and the answer goes out through the [Sender].
//
// The package knows no platform and no database. What it needs from outside
// are the interfaces [Channel], [Store] and [Notifier].
package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"iqbot/internal/flow"
	"iqbot/internal/richtext"
)

// ChatID names one private dialogue: the channel's name, a colon, and the
// channel's own id, such as "telegram:4711". It is personal data.
type ChatID string

// Channel returns the part before the colon.
func (c ChatID) Channel() string {
	name, _, _ := strings.Cut(string(c), ":")
	return name
}

// Native returns the channel's own id.
func (c ChatID) Native() string {
	_, id, _ := strings.Cut(string(c), ":")
	return id
}

// UpdateID is unique among all updates of a chat; a platform that delivers an
// update twice gives it the same id both times.
type UpdateID string

// MessageRef is a channel's id of a message it has sent or received.
type MessageRef string

// Update is one thing that a person did.
type Update struct {
	ID    UpdateID
	Chat  ChatID
	Input flow.Input
	// Language is what the platform reports of the person's app (an IETF tag). If empty, it is unknown.
	Language string
	// Username is the person's public name on the platform, by which an advisor could write to them. If empty, there is none.
	Username string
	// Version is that of the dialogue for which a timer was set. If zero, the
	// update is for the dialogue as it is.
	Version int64
	// Assisted is what a language model proposed for the question in Input. If nil,
	// none was asked; the step then says in [Outcome.Ask] what could be.
	Assisted *Assisted
}

// Button is a choice under a message. Exactly one of Data and URL is set.
type Button struct {
	Label string `json:"l"`
	// Data comes back as the input when the button is pressed: 1 to [MaxButtonData] bytes.
	Data string `json:"d,omitempty"`
	// URL is opened by the person's device; the bot never hears of it.
	URL string `json:"u,omitempty"`
}

// MaxButtonData is the most that a button may carry, in bytes.
// Source: Bot API, InlineKeyboardButton, field callback_data.
const MaxButtonData = 64

// NoOpData is the data of a button that only shows what was chosen, see
// [Mark]. Pressing it means nothing.
const NoOpData = flow.DataNone

// Message is one call to a channel: a new message, or a mark on an old one.
type Message struct {
	// ID is unique within the chat; a message that is committed twice is sent once.
	ID string `json:"i"`
	// Text is what is sent. Empty if Mark is set.
	Text    richtext.Text `json:"t,omitempty"`
	Buttons [][]Button    `json:"k,omitempty"`
	// Share asks the person's app to offer their own location or telephone
	// number, beside the buttons: flow.ShareLocation or flow.ShareContact.
	Share      string `json:"s,omitempty"`
	ShareLabel string `json:"sl,omitempty"` // words of that button
	// Mark replaces the buttons of an earlier message with the one that was pressed.
	Mark *Mark `json:"m,omitempty"`
	// File is sent as a document named FileName, with Text as its caption.
	File     []byte `json:"f,omitempty"`
	FileName string `json:"n,omitempty"`
}

// Mark says which button of an earlier message was pressed.
type Mark struct {
	Message MessageRef `json:"r"`
	Label   string     `json:"l"`
	// Buttons stay, above the one that shows Label.
	Buttons [][]Button `json:"k,omitempty"`
}

// Channel is a messaging platform. Implementations are safe for concurrent use.
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
	// Typing shows that an answer is being prepared. Best effort.
	Typing(ctx context.Context, chat ChatID)
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

// SendReason is why a message was not taken, and so what to do with it.
type SendReason string

// The reasons. What is not known to be permanent is SendFailed.
const (
	SendFailed    SendReason = "failed"    // server error or no connection: certainly not delivered, try again
	SendUnknown   SendReason = "unknown"   // no answer in time: perhaps delivered, try again once
	SendThrottled SendReason = "throttled" // too many: try again after Wait
	SendBlocked   SendReason = "blocked"   // the person blocked the bot or is gone: never
	SendRefused   SendReason = "refused"   // the platform will never take this message
	SendMoved     SendReason = "moved"     // the chat has a new id: try again there
	SendForbidden SendReason = "forbidden" // the bot itself is not accepted (bad token): an operator must act, try again later
)

func (e *SendError) Error() string {
	if e.Err == nil {
		return e.Method + ": " + string(e.Reason)
	}
	return e.Method + ": " + string(e.Reason) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

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
	// Erase deletes state, cases and questions of the chat instead of writing State;
	// what is in Outbox is still sent.
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
	// Until is how long the lease is certainly the holder's, by the holder's own
	// clock: it is reckoned from before the call that gave the lease. Nothing is
	// sent by a lease that may have run out.
	Until time.Time
}

// Store keeps dialogues, outgoing messages, cases and notifications.
// Implementations are safe for concurrent use, and every method may block on
// the network until ctx ends. They bound each call themselves, to some seconds:
// not every ctx ends.
type Store interface {
	// Load returns the dialogue of a chat; a chat without one has Version 0.
	Load(ctx context.Context, chat ChatID) (Session, error)
	// Commit applies c, or returns ErrVersionConflict or ErrDuplicate and
	// changes nothing. If the chat's outbox was idle and c has messages, it
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
	// the chat becomes due again after wait.
	Retry(ctx context.Context, l Lease, id string, wait time.Duration) error
	// Yield gives a lease back with messages unsent; the chat is due at once.
	Yield(ctx context.Context, l Lease) error
	// Extend keeps a lease that is in use, and returns it with its new end.
	Extend(ctx context.Context, l Lease) (Lease, error)
	// Due takes over up to n chats whose messages wait although nobody is
	// sending them: their sender died, or their time to try again has come.
	Due(ctx context.Context, n int) ([]Taken, error)

	// Timers takes up to n timers that are due. Each is this caller's for a
	// while; it ends with the next commit for its chat or comes back.
	Timers(ctx context.Context, n int) ([]Timer, error)

	// Notifications takes up to n notifications that are due. Each is this
	// caller's for a while; it ends with Notified or comes back.
	Notifications(ctx context.Context, n int) ([]Notification, error)
	// Notified ends a notification.
	Notified(ctx context.Context, n Notification) error
	// Postpone counts a failed try and makes n due again after wait.
	Postpone(ctx context.Context, n Notification, wait time.Duration) error
}

// Timer is a timer that is due.
type Timer struct {
	Chat ChatID
	// Version is that of the dialogue when the timer was set. If the dialogue has
	// moved on since, the timer means nothing any more.
	Version int64
}

// Pacer keeps the messages of all processes within the platform's limits.
// Implementations are safe for concurrent use.
type Pacer interface {
	// Pace counts a message to the chat and returns how long the next one to
	// the same chat has to wait. It may block on the network.
	Pace(ctx context.Context, chat ChatID) (time.Duration, error)
}

// Taken is a chat whose sending was taken over, with what waits there.
type Taken struct {
	Lease    Lease
	Messages []Queued
}

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

// Notification is the duty to tell one target about a case.
type Notification struct {
	ID       string // unique; a target may use it to recognise a repetition
	Target   string // name of the Notifier
	Case     Case
	Attempts int // failed tries so far
	// Withdrawn means that the person erased their data after the target may
	// have heard of the case: nobody may call them. Of Case only the ID is left.
	Withdrawn bool
	// Until is how long the notification is certainly its taker's, as in [Lease].
	Until time.Time
}

// Notifier tells advisors about a case: a Telegram chat or a mailbox.
type Notifier interface {
	// Name is stable; it is stored with the notifications that wait for it.
	Name() string
	// Notify blocks until the notification is delivered or has failed. A
	// failure may be a [*SendError]; any other is tried again.
	Notify(ctx context.Context, n Notification) error
}
