package flow

import "slices"

// commandBack is the one command besides /start that no flow defines.
const commandBack = "back"

// goBack returns to where the dialogue waited before, with all answers kept.
func (r *run) goBack() error {
	n := len(r.st.History)
	for n > 0 && r.def.step(r.def.successor(r.st.History[n-1])) == nil {
		n-- // that step is gone
	}
	if n == 0 {
		r.st.History = nil
		r.say(Say{Message: MsgNoBack})
		return r.repeat()
	}
	fr := r.def.successor(r.st.History[n-1])
	r.st.History = r.st.History[:n-1]
	r.back = true
	r.moved()
	if len(r.st.Stack) > 0 {
		r.st.Stack = r.st.Stack[:len(r.st.Stack)-1]
	}
	r.push(fr)
	return r.enter()
}

// remember notes where the dialogue came from, for the way back.
func (r *run) remember(to Frame) {
	from := r.def.step(r.from)
	if r.back || from == nil || !from.waits() || r.from == to || r.from.Flow == Onboarding {
		return
	}
	if n := len(r.st.History); n > 0 && r.st.History[n-1] == to {
		r.st.History = r.st.History[:n-1] // a button led back; another "back" must not lead forward again
		r.from = to
		return
	}
	r.st.History = append(r.st.History, r.from)
	if n := len(r.st.History) - MaxHistory; n > 0 {
		r.st.History = slices.Delete(r.st.History, 0, n)
	}
	r.from = to
}

// moved forgets what belongs to the step that the dialogue leaves.
func (r *run) moved() { r.st.Misses, r.st.Page = 0, 0 }
