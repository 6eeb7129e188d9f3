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
	// Source is the channel's id of the message whose button was pressed. A channel
	// must set it for KindButton: without it, a double tap cannot be told from two
	// presses, and the message is not marked.
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
	KindLocation    InputKind = "location" // Text is "latitude,longitude" in degrees
	KindContact     InputKind = "contact"  // Text is the telephone number that the person shared
	KindTimer       InputKind = "timer"    // the person has not answered for as long as the step's remind says
)
