package flow

import "time"

// reminder is said once, before the step asks again, when the person has not
// answered for a while.
type reminder struct {
	After string `yaml:"after"` // a duration
	Say   string `yaml:"say"`   // message id
	after time.Duration
}

// parse reports a reminder that is not whole.
func (m *reminder) parse(in *inStep) {
	var err error
	m.after, err = time.ParseDuration(m.After)
	if err != nil || m.after < time.Minute || m.Say == "" {
		in.bad(0, "remind needs after (a duration of a minute or more, such as 24h) and say")
	}
}

// Timer is after how long the dialogue goes on by itself in this state; zero if it does not.
func (d *Definition) Timer(st State) time.Duration {
	if n := len(st.Stack); n > 0 {
		if s := d.step(st.Stack[n-1]); s != nil && s.waiting().Remind != nil {
			return s.waiting().Remind.after
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
	if s == nil || s.waiting().Remind == nil {
		return nil
	}
	r.say(Say{Message: s.waiting().Remind.Say})
	return r.enter()
}
