package flow

import (
	"strings"
	"unicode"
)

// Input is one thing that a person did, freed of its platform.
type Input struct {
	Kind InputKind
	// Text is the words of KindText, the data of KindButton, the argument of
	// KindCommand, or what was sent instead (such as "photo") for KindUnsupported.
	Text string
	// Command is the name of a KindCommand in lower case, without the slash.
	Command string
	// Source is the channel's id of the message whose button was pressed. If
	// empty, a double tap cannot be told from two presses.
	Source string
}

// ParseTyped reads what a person typed: a command, such as "/start lang-uk", or text.
// A command may name the bot ("/menu@iq_bot") and is read in any case.
func ParseTyped(text string) Input {
	trimmed := strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(trimmed, "/")
	if !ok {
		return Input{Kind: KindText, Text: text}
	}
	name, arg := rest, ""
	if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
		name, arg = rest[:i], rest[i:]
	}
	name, _, _ = strings.Cut(name, "@")
	name = strings.ToLower(name)
	if !commandName.MatchString(name) {
		return Input{Kind: KindText, Text: text}
	}
	return Input{Kind: KindCommand, Command: name, Text: strings.TrimSpace(arg)}
}

// InputKind tells the inputs apart.
type InputKind string

// The kinds of input.
const (
	KindText        InputKind = "text"
	KindButton      InputKind = "button"
	KindCommand     InputKind = "command"
	KindUnsupported InputKind = "unsupported"
)

// State is where a dialogue stands. It is data only; the zero State is a
// person who has never written.
type State struct {
	// Schema is the version of this structure, see [StateSchema].
	Schema int `json:"s"`
	// Language is the BCP 47 tag that the person chose. If empty, they have not.
	Language string `json:"l,omitempty"`
	// Stack is the flows that are under way, the current one last.
	Stack []Frame `json:"k,omitempty"`
	// Vars are the answers given so far.
	Vars map[string]string `json:"v,omitempty"`
	// Pressed is the message and data of the button pressed last, to recognise a double tap.
	Pressed string `json:"p,omitempty"`
	// Pending is what a person wrote before they chose a language; it is taken up afterwards.
	Pending *Input `json:"n,omitempty"`
}

// Frame is a flow that is under way and the step at which it waits.
type Frame struct {
	Flow string `json:"f"`
	Step string `json:"t"`
}

// StateSchema is the version of [State] that this program writes.
const StateSchema = 1

// digits turns the decimal digits of every script into ASCII ones.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 128 || !unicode.IsDigit(r) {
			return r
		}
		// The digits of a script stand in one row of ten that begins at a zero.
		zero := r
		for unicode.IsDigit(zero-1) && r-zero < 9 {
			zero--
		}
		return '0' + (r - zero)
	}, s)
}
