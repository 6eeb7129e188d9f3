package bot

import (
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
)

// MessageRef is a channel's id of a message it has sent or received.
type MessageRef string

// Message is one call to a channel.
type Message struct {
	// ID is unique within the chat; a message that is committed twice is sent once.
	ID      string        `json:"i"`
	Text    richtext.Text `json:"t,omitempty"`
	Buttons [][]Button    `json:"k,omitempty"`
	// Share asks the person's app to offer their own location or telephone
	// number, beside the buttons: flow.ShareLocation or flow.ShareContact.
	Share      string `json:"s,omitempty"`
	ShareLabel string `json:"sl,omitempty"` // words of that button
	// Mark is set in what an earlier release stored: it had marks in the outbox, where
	// they are [Decoration]s now. Such a message has nothing else, and no channel gets it.
	Mark *Mark `json:"m,omitempty"`
	// File is sent as a document named FileName, with Text as its caption.
	File     []byte `json:"f,omitempty"`
	FileName string `json:"n,omitempty"`
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
