package bot

import "iqbot/internal/flow"

// UpdateID is unique among all updates of a chat; a platform that delivers an
// update twice gives it the same id both times.
type UpdateID string

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
	// Message is the channel's id of the message that the person wrote, by which
	// a later change of it is known. If empty, it cannot be changed.
	Message MessageRef
	// Edited says that the person has changed the message: Input is what it says now.
	Edited bool
	// Album names the messages in which the platform delivers what was sent at
	// once, such as ten pictures. If empty, the message stands alone.
	Album string
	// Sent is when the person sent it, in seconds since 1970 by the platform's clock. If zero, it is not known.
	Sent int64
	// Assisted is what a language model proposed for the question in Input. If nil,
	// none was asked; the step then says in [Outcome.Ask] what could be.
	Assisted *Assisted
}
