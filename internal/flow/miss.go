package flow

// invalid answers what does not fit: typed words as a question if they are one,
// else it says so; the second time with more help, and from the third on with
// the offer of a human.
func (r *run) invalid(s *StepDef, words string) error {
	if words != "" && r.env.Knows(words, r.st) {
		r.ask(words)
		return r.repeat()
	}
	r.st.Misses++
	switch {
	case r.st.Misses >= humanAfter:
		r.say(Say{Message: MsgHuman, Choices: []Choice{{Data: FlowData(Handoff), Label: MsgTalk}}})
	case r.st.Misses >= helpAfter:
		r.say(Say{Message: either(s.Help, MsgHelp)})
	default:
		r.say(Say{Message: either(s.Invalid, MsgInvalid)})
	}
	return r.repeat()
}

func either(id, general string) string {
	if id != "" {
		return id
	}
	return general
}
