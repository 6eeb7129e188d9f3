package flow

import (
	"errors"
)

// Errors of Step.
var (
	// ErrUnknownStep means that a step leads to one that is not there. A checked
	// definition has no such step, and Step recovers from a stored dialogue at one.
	ErrUnknownStep = errors.New("unknown step")
	// ErrLoop means that the steps did not come to rest; a checked definition has no such loop.
	ErrLoop = errors.New("the steps do not come to rest")
)

// Step gives in to the dialogue and returns its next state, the messages to
// send and the effects to carry out. It does no I/O and changes none of its
// arguments: the same arguments give the same result.
//
// A person without a language is asked for it first; what they wrote is kept
// and taken up afterwards. If the flow changed under a live dialogue, so that
// its step is gone, the person is told and taken to the menu with all answers
// kept but the private ones. The only errors are [ErrLoop] and a condition that fails.
func Step(def *Definition, st State, in Input, env Env) (Result, error) {
	in = in.cleaned()
	r := &run{def: def, env: env, st: st.clone(), source: in.Source}
	for i, fr := range r.st.Stack {
		r.st.Stack[i] = def.successor(fr)
	}
	r.from, _ = r.top()
	r.forget() // what a release before this one kept for longer
	if in.Kind != KindButton && in.Kind != KindTimer {
		r.st.Pressed = "" // the same button may well be meant again
	}
	if err := r.handle(in); err != nil {
		return Result{}, err
	}
	res := Result{Out: r.out, Chosen: r.chosen, Erase: r.erase, Withdraw: r.withdraw, Visited: r.visited}
	if in.Kind != KindTimer { // one reminder is enough
		res.Timer = def.Timer(r.st)
	}
	if !r.erase {
		r.st.Schema, r.st.Flows = StateSchema, def.Version
	}
	res.State = r.st
	return res, nil
}

// run is one call of Step.
type run struct {
	def      *Definition
	env      Env
	st       State
	out      []Out
	chosen   *Choice
	erase    bool
	withdraw bool
	hops     int
	from     Frame    // where the dialogue waited before the input
	active   []string // the flows that were under way when forget was called last
	visited  []Way
	back     bool   // the person is going back, which is no step forward to come back to
	source   string // see [Input]
}

func (r *run) handle(in Input) error {
	if in.Kind == KindTimer {
		return r.remind()
	}
	if in.Kind == KindButton {
		if in.Text == DataNone {
			return nil
		}
		if in.Source != "" {
			pressed := in.Source + " " + in.Text
			if r.st.Pressed == pressed {
				return nil // a double tap
			}
			r.st.Pressed = pressed
		}
	}
	if in.Kind == KindCommand && in.Command == "start" {
		return r.start(in.Text)
	}
	if r.urgent(in) {
		return r.stay()
	}
	if r.st.Language == "" {
		return r.newcomer(in)
	}
	if fr, ok := r.top(); ok && r.def.step(fr) == nil {
		r.say(Say{Message: MsgMoved})
		r.st.Stack = nil
		switch in.Kind {
		case KindCommand:
			return r.command(in)
		case KindText:
			r.ask(in.Text)
		}
		return r.home()
	}
	switch in.Kind {
	case KindCommand:
		return r.command(in)
	case KindButton:
		return r.button(in.Text)
	case KindText:
		r.caption(in)
		return r.text(in.Text)
	case KindLocation, KindContact:
		return r.shared(in)
	default:
		return r.unread(in)
	}
}

// urgent answers words that speak of a crisis. It reports whether that is all
// that they are: then no step sees them, and they are neither kept nor passed on.
func (r *run) urgent(in Input) bool {
	words := in.Text
	switch {
	case r.env.Urgent == nil:
		return false
	case in.Kind == KindCommand:
		words = in.Command + " " + in.Text
	case in.Kind != KindText:
		return false
	}
	u := r.env.Urgent(words)
	if u.Kind == "" {
		return false
	}
	r.effect(EffectTalk, map[string]string{"kind": u.Kind, "lang": u.Lang})
	return !u.Doubtful && in.Kind == KindText
}

// stay asks again what was asked, after words that were not meant for it.
func (r *run) stay() error {
	fr, under := r.top()
	if under && r.def.step(fr) == nil {
		r.say(Say{Message: MsgMoved})
		return r.home()
	}
	if r.st.Language != "" || under {
		return r.resume()
	}
	if r.env.Guess != "" { // as in returning
		r.speak(r.env.Guess)
		r.say(Say{Message: MsgReturning})
		return r.home()
	}
	r.st.Stack = []Frame{{Flow: Onboarding, Step: r.def.Flows[Onboarding].Start}}
	return r.enter()
}

// shared handles what the person sent by a button of their app.
func (r *run) shared(in Input) error {
	fr, ok := r.top()
	if !ok {
		return r.unread(in)
	}
	s := r.def.step(fr)
	if a, asks := s.action.(asking); asks {
		return a.answer(r, s, in)
	}
	return r.unread(in)
}

func (r *run) command(in Input) error {
	if in.Command == commandBack {
		return r.goBack()
	}
	fr, ok := r.def.commands[in.Command]
	if !ok {
		r.effect(EffectAnswer, map[string]string{"question": in.Command + " " + in.Text})
		return r.resume()
	}
	if !r.def.Flows[fr.Flow].Interrupt {
		r.st.Question = nil // they are at something else
	}
	return r.open(fr)
}

// text handles typed words.
func (r *run) text(words string) error {
	fr, ok := r.top()
	if !ok && words == "" {
		return r.unread(Input{Kind: KindUnsupported})
	}
	if !ok {
		if command := r.wordCommand(words); command != "" {
			return r.command(Input{Command: command})
		}
		r.ask(words)
		return r.home()
	}
	s := r.def.step(fr)
	a, asks := s.action.(asking)
	if words == "" {
		return r.miss(s, "")
	}
	if asks {
		if taken, err := r.typedChoice(s, a, words); taken || err != nil {
			return err
		}
	}
	if command := r.wordCommand(words); command != "" {
		return r.command(Input{Command: command})
	}
	if q := r.st.Question; q != nil && q.Offered {
		switch r.env.Word(words) {
		case "yes": // it does not say that an answer is wanted, so less is kept
			return r.button(Keep + q.Key())
		case "no":
			return r.button(KeepNot + q.Key())
		}
	}
	if !asks {
		r.ask(words)
		return r.resume()
	}
	return a.answer(r, s, Input{Kind: KindText, Text: words})
}

func (r *run) ask(words string) {
	r.effect(EffectAnswer, map[string]string{"question": words})
}

// wordCommand is the command that a typed word stands for, "" if it is none.
func (r *run) wordCommand(words string) string {
	word := r.env.Word(words)
	if _, ok := r.def.commands[word]; ok || word == commandBack {
		return word
	}
	return ""
}

func (r *run) say(s Say) { r.out = append(r.out, Out{Say: &s}) }
