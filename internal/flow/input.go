package flow

import (
	"strings"
	"unicode"
)

// Input is one thing that a person did, freed of its platform.
type Input struct {
	Kind InputKind
	// Text is the words of KindText, the data of KindButton, the argument of
	// KindCommand, or what was sent instead, such as [SentPicture], for KindUnsupported.
	Text string
	// Command is the name of a KindCommand in lower case, without the slash.
	Command string
	// Source is the channel's id of the message whose button was pressed. A channel
	// must set it for KindButton: without it, a double tap cannot be told from two
	// presses, and the message is not marked.
	Source string
	// With is what words came with that cannot be read, such as [SentPicture]: then
	// they are its caption. If empty, they came alone.
	With string
}

// What a person can send that is not to be read. Anything else is answered in general words.
const (
	SentPicture   = "picture"   // a picture or a file, perhaps of a paper
	SentRecording = "recording" // something to hear or to watch
	SentSticker   = "sticker"   // or a game, a dice, a gift: nothing that asks for an answer
	SentLocation  = "location"  // where no place is asked for
	SentContact   = "contact"   // somebody else's, or where no number is asked for
)

// ParseTyped reads what a person typed: a command, such as "/start lang-uk", or text.
// A command may name the bot ("/menu@iq_bot") and is read in any case.
func ParseTyped(text string) Input {
	rest, ok := strings.CutPrefix(clean(text), "/")
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
