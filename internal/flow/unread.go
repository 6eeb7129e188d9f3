package flow

import "cmp"

// unreadMessages is what is said of each thing that is not to be read.
var unreadMessages = map[string]string{
	SentPicture: MsgPicture, SentRecording: MsgRecording, SentSticker: MsgSticker, SentLocation: MsgLocation, SentContact: MsgContact,
}

// unreadMessage is what is said of an input that is of no use where it came.
func unreadMessage(in Input) string {
	switch in.Kind {
	case KindLocation:
		return MsgLocation
	case KindContact:
		return MsgContact
	default:
		return cmp.Or(unreadMessages[in.Text], MsgUnsupported)
	}
}

// unread says that an input is of no use, and goes on where the dialogue is. There is always a
// button: if the step that waits shows none, those to a human and to the menu.
func (r *run) unread(in Input) error {
	at := len(r.out)
	r.say(Say{Message: unreadMessage(in)})
	if err := r.resume(); err != nil {
		return err
	}
	if !r.offers(at) {
		r.out[at].Say.Choices = []Choice{{Data: FlowData(Handoff), Label: MsgTalk}, {Data: FlowData(Home), Label: MsgMenu}}
	}
	return nil
}

// offers says whether anything that was said from the place at on has buttons.
func (r *run) offers(at int) bool {
	for _, o := range r.out[at:] {
		if o.Say != nil && len(o.Say.Choices) > 0 {
			return true
		}
	}
	return false
}

// caption says of words that came with something, that only they are read.
func (r *run) caption(in Input) {
	if in.With != "" {
		r.say(Say{Message: MsgOnlyWords})
	}
}
