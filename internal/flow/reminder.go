package flow

import "time"

// Reminder is said once, before the step asks again, when the person has not
// answered for a while.
type Reminder struct {
	After time.Duration
	Say   string // message id
}

// Timer is after how long the dialogue goes on by itself in this state; zero if it does not.
func (d *Definition) Timer(st State) time.Duration {
	if n := len(st.Stack); n > 0 {
		if s := d.step(st.Stack[n-1]); s != nil && s.Remind != nil {
			return s.Remind.After
		}
	}
	return 0
}

// remind says the reminder of the current step and asks again.
func (r *run) remind() error {
	fr, ok := r.top()
	if !ok || r.st.Language == "" {
		return nil
	}
	s := r.def.step(fr)
	if s == nil || s.Remind == nil {
		return nil
	}
	r.say(Say{Message: s.Remind.Say})
	return r.enter()
}
