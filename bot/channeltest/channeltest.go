// Package channeltest is the contract of [bot.Channel] as tests. Every channel
// passes them, on whatever stands in for its platform; who writes a new channel
// describes that as a [Platform] and calls [Run].
//
// The checks know no platform. They send what the bot sends, look at what a
// person would see, let people write and press, and look at the updates that come
// of it. What a platform cannot do, its Platform says, and is not asked for.
package channeltest

import (
	"context"
	"testing"
	"time"

	"iqbot/bot"
)

// Platform is a channel with a fake of what is behind it, for one check.
type Platform struct {
	Channel bot.Channel
	// Receive takes updates from the platform and hands them to handle until ctx
	// ends, and then returns nil.
	Receive func(ctx context.Context, handle Handler) error
	// Person returns the n-th person, counted from 1, who has opened the chat with
	// the bot; the same for the same n. Opening may be an update with the command start.
	Person func(n int) Person
	// People is how many there can be. If zero, any number.
	People int
	// Marks says that the platform can change a message that it shows, see [bot.Mark].
	Marks bool
	// Repeats says that the platform gives an update again that was not taken.
	Repeats bool
	// Faults are the ways in which a send can fail here. Those of which the
	// platform knows nothing are left out.
	Faults map[bot.SendReason]Fault
	// MarkFaults are the ways in which a mark can fail. With SendUnknown the next mark
	// hangs until its caller leaves.
	MarkFaults map[bot.SendReason]Fault
	// Marked is how many marks the platform was asked for. Required if a mark can hang.
	Marked func() int
}

// Handler takes updates, as [bot.Engine.Handle] does.
type Handler func(ctx context.Context, updates []bot.Update) error

// Fault lets the next send to a chat, or mark in it, fail, and returns the chat: that of p or another.
// After it, sends succeed again, unless the reason is one that lasts (SendBlocked,
// SendRefused, SendMoved).
type Fault func(p Person) bot.ChatID

// Person is somebody on the platform. Methods are called by one goroutine at a time.
type Person interface {
	// Chat is their chat with the bot.
	Chat() bot.ChatID
	// Shown is what the bot has sent to them, as they see it now, oldest first.
	Shown() []Shown
	// Write sends words to the bot.
	Write(words string)
	// Press presses the newest button with a label. It fails the test if there is none.
	Press(label string)
}

// Shown is a message of the bot as a person sees it.
type Shown struct {
	Ref      bot.MessageRef // what the platform calls the message
	Text     string         // without markup
	Buttons  []string       // labels, in reading order
	File     []byte
	FileName string
}

// patience is how long something may take that must happen. It is no limit of speed.
const patience = time.Minute

// Check is one part of the contract.
type Check struct {
	Name string
	Run  func(t testing.TB, p Platform)
}

// Checks returns the contract, for tests that need more around each check than
// [Run] gives, such as a bubble of synctest.
func Checks() []Check {
	return []Check{
		{"a chat is called after its channel", names},
		{"a message is prepared the same each time", prepares},
		{"a long text arrives whole and in order, with its buttons at the end", long},
		{"signs of markup are shown as they are written", literal},
		{"messages of a chat are shown in order", order},
		{"many goroutines may send", together},
		{"who leaves while a message is sent knows whether it arrived", leaving},
		{"what people write arrives in order, each once", written},
		{"an update that is not taken comes again, before what follows", repeated},
		{"buttons come back as their data", buttons},
		{"a mark shows what was pressed", marks},
		{"a decoration that fails says so and holds back no message", markFaults},
		{"a file arrives with its name and its text", files},
		{"an offer to share is shown with its text and buttons", shares},
		{"a failed send tells what became of the message", faults},
	}
}

// Run holds a channel to the contract. It calls open for each check.
func Run(t *testing.T, open func(t testing.TB) Platform) {
	t.Helper()
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, open(t)) })
	}
}
