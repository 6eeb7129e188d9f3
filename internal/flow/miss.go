package flow

import "cmp"

// miss answers what does not fit a step that waits: typed words as a question if
// they are one, else it says so; the second time with more help, and from the
// third on with the offer of a human. words are what was typed, "" if nothing was.
func (r *run) miss(s *StepDef, words string) error {
	if words != "" && r.env.Knows(words, r.st) {
		r.ask(words)
		return r.repeat()
	}
	r.st.Misses++
	switch w := s.waiting(); {
	case r.st.Misses >= humanAfter:
		r.say(Say{Message: MsgHuman, Choices: []Choice{{Data: FlowData(Handoff), Label: MsgTalk}}})
	case r.st.Misses >= helpAfter:
		r.say(Say{Message: cmp.Or(w.Help, MsgHelp)})
	default:
		r.say(Say{Message: cmp.Or(w.Invalid, MsgInvalid)})
	}
	return r.repeat()
}
