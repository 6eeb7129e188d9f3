package bot

import (
	"hash/fnv"
	"strconv"

	"iqbot/internal/flow"
)

// sameAction is for how many seconds things without words of one kind count as
// sent at once: what is forwarded together comes one by one, each with the time of the forwarding.
const sameAction = 2

// heard is h after the message of u.
func heard(h flow.Heard, u Update) flow.Heard {
	if u.Message == "" {
		return h
	}
	h.Message, h.Words = string(u.Message), hashOf(u)
	if u.Album != "" {
		h.Album = u.Album
	}
	h.Sent, h.At = "", 0
	if wordless(u.Input) {
		h.Sent, h.At = u.Input.Text, u.Sent
	}
	return h
}

// hashOf is a hash of what the message of u says, bound to the chat and the message.
func hashOf(u Update) string {
	h := fnv.New32a()
	for _, s := range []string{string(u.Chat), string(u.Message), string(u.Input.Kind), u.Input.Command, u.Input.Text} {
		_, _ = h.Write([]byte(s)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

func wordless(in flow.Input) bool { return in.Kind == flow.KindUnsupported }

// passedOver says whether u is nothing that a person waits for an answer to: a change of
// another message than their last, or of something other than its words; or
// one more of the pictures of which the first was answered.
func passedOver(h flow.Heard, u Update) bool {
	switch {
	case u.Edited:
		return u.Message == "" || string(u.Message) != h.Message || hashOf(u) == h.Words
	case !wordless(u.Input):
		return false
	case u.Album != "" && u.Album == h.Album:
		return true
	default:
		since := u.Sent - h.At
		return h.At != 0 && u.Input.Text == h.Sent && 0 <= since && since <= sameAction
	}
}
