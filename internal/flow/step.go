package flow

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Errors of Step.
var (
	// ErrUnknownStep means that the state names a step that is not there.
	// Step itself recovers from it; only [Definition.Enter] returns it.
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
// kept. The only errors are [ErrLoop] and a condition that fails.
func Step(def *Definition, st State, in Input, env Env) (Result, error) {
	r := &run{def: def, env: env, st: st.clone(), source: in.Source}
	for i, fr := range r.st.Stack {
		r.st.Stack[i] = def.successor(fr)
	}
	r.from, _ = r.top()
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
	from     Frame // where the dialogue waited before the input
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
		return r.text(strings.TrimSpace(in.Text))
	case KindLocation, KindContact:
		return r.shared(in)
	default:
		return r.unsupported()
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
		r.st.Language = r.env.Guess
		r.say(Say{Message: MsgReturning})
		return r.home()
	}
	r.st.Stack = []Frame{{Flow: Onboarding, Step: r.def.Flows[Onboarding].Start}}
	return r.enter()
}

func (r *run) unsupported() error {
	r.say(Say{Message: MsgUnsupported})
	return r.resume()
}

// shared handles a location or a telephone number that the person sent by a button of their app.
func (r *run) shared(in Input) error {
	fr, ok := r.top()
	if !ok {
		return r.unsupported()
	}
	f, s := r.def.Flows[fr.Flow], r.def.step(fr)
	switch {
	case in.Kind == KindContact && s.Input == InputPhone:
		number, fits := s.normalise(in.Text)
		if !fits {
			return r.invalid(s, "")
		}
		r.save(s.Save, number, "")
		return r.follow(f, s.Next)
	case in.Kind == KindLocation && s.Input == InputPlace && r.env.Nearby != nil:
		latitude, longitude, _ := strings.Cut(in.Text, ",")
		lat, err1 := strconv.ParseFloat(latitude, 64)
		lon, err2 := strconv.ParseFloat(longitude, 64)
		if err1 != nil || err2 != nil {
			return r.invalid(s, "")
		}
		return r.choosePlace(f, s, fr, r.env.Nearby(lat, lon), "")
	default:
		return r.unsupported()
	}
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
	return r.open(fr)
}

// choose takes the button id of the step at fr.
func (r *run) choose(fr Frame, s *StepDef, id string) error {
	f := r.def.Flows[fr.Flow]
	for _, b := range s.Buttons {
		if b.ID != id {
			continue
		}
		ok, err := b.When.holds(r.def, r.st, r.env)
		if err != nil {
			return err
		}
		if !ok {
			return r.stale()
		}
		r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Label: b.Label}
		r.visit(fr, id)
		r.setAll(f, b.Set)
		return r.follow(f, b.Goto)
	}
	var options []Option
	if s.Options != "" {
		options = r.env.Options(s.Options, r.st)
	}
	if page, ok := strings.CutPrefix(id, dataPage); ok && s.Options != "" {
		n, err := strconv.Atoi(page)
		if err != nil || n < 0 || n*PageSize >= len(options) {
			return r.stale()
		}
		r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Label: MsgNext}
		if n < r.st.Page {
			r.chosen.Label = MsgPrevious
		}
		r.st.Page = n
		return r.enter()
	}
	for _, o := range options {
		if o.ID == id {
			r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Words: o.Label}
			r.visit(fr, WayOption)
			r.assign(f, s.Save, o.ID)
			return r.follow(f, s.Next)
		}
	}
	if s.Input == InputPlace {
		if name := r.env.Place(id); name != "" {
			r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Words: name}
			r.save(s.Save, id, name)
			return r.follow(f, s.Next)
		}
	}
	return r.stale()
}

// text handles typed words.
func (r *run) text(words string) error {
	fr, ok := r.top()
	if !ok {
		if command := r.wordCommand(words); command != "" {
			return r.command(Input{Command: command})
		}
		r.ask(words)
		return r.home()
	}
	s := r.def.step(fr)
	if taken, err := r.typedChoice(s, fr, words); taken || err != nil {
		return err
	}
	if command := r.wordCommand(words); command != "" {
		return r.command(Input{Command: command})
	}
	if q := r.st.Question; q != nil && q.Offered {
		switch r.env.Word(words) {
		case "yes": // it does not say that an answer is wanted, so less is kept
			return r.keep(Keep + q.Key())
		case "no":
			return r.keep(KeepNot + q.Key())
		}
	}
	f := r.def.Flows[fr.Flow]
	switch s.Input {
	case "":
		r.ask(words)
		return r.resume()
	case InputQuestion:
		r.visit(fr, WayTyped)
		r.ask(words)
		return nil
	case InputPlace:
		return r.choosePlace(f, s, fr, r.env.Places(words, r.st), words)
	}
	value, fits := s.normalise(words)
	if !fits {
		return r.invalid(s, words)
	}
	r.visit(fr, WayTyped)
	r.save(s.Save, value, "")
	return r.follow(f, s.Next)
}

func (r *run) ask(words string) {
	r.effect(EffectAnswer, map[string]string{"question": words})
}

// choosePlace takes the one place that is meant, or asks which of several.
// words are what was typed, "" if nothing was.
func (r *run) choosePlace(f *Flow, s *StepDef, fr Frame, places []Option, words string) error {
	switch {
	case len(places) == 0:
		return r.invalid(s, words)
	case len(places) == 1 && places[0].Certain:
		r.visit(fr, WayTyped)
		r.save(s.Save, places[0].ID, places[0].Label)
		return r.follow(f, s.Next)
	default:
		say := Say{Message: MsgChoose}
		for _, p := range places {
			say.Choices = append(say.Choices, Choice{Data: buttonData(fr.Flow, fr.Step, p.ID), Words: p.Label})
		}
		r.say(say)
		return nil
	}
}

// wordCommand is the command that a typed word stands for, "" if it is none.
func (r *run) wordCommand(words string) string {
	word := r.env.Word(words)
	if _, ok := r.def.commands[word]; ok || word == commandBack {
		return word
	}
	return ""
}

var (
	emailPattern    = regexp.MustCompile(`^[^\s@<>"]+@[^\s@<>"]+\.[\p{L}]{2,}$`)
	postcodePattern = regexp.MustCompile(`^[0-9]{5}$`)
	phonePattern    = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{4,24}$`)
)

// normalise checks a typed answer and brings it into its usual form.
func (s *StepDef) normalise(words string) (string, bool) {
	switch s.Input {
	case InputNumber:
		n, ok := number(words)
		fits := ok && (s.Min == nil || n >= *s.Min) && (s.Max == nil || n <= *s.Max)
		return strconv.FormatFloat(n, 'f', -1, 64), fits
	case InputDate:
		return date(words)
	case InputPostcode:
		words = strings.TrimPrefix(digits(words), "D-")
		return words, postcodePattern.MatchString(words)
	case InputEmail:
		return words, len(words) <= 254 && emailPattern.MatchString(words) // RFC 5321, section 4.5.3.1.3
	case InputPhone:
		words = digits(words)
		return words, phonePattern.MatchString(words)
	default:
		return words, words != "" && utf8.RuneCountInString(words) <= MaxAnswer
	}
}

// act carries out a step that does not wait and names the target that follows.
func (r *run) act(f *Flow, s *StepDef) (string, error) {
	switch {
	case s.Say != "":
		r.say(Say{Message: s.Say, With: r.values(s.With), AllLanguages: s.AllLanguages})
	case s.Article != "":
		r.effect(EffectArticle, map[string]string{"topic": r.value(s.Article)})
	case s.Contacts != nil:
		r.effect(EffectContacts, r.values(s.Contacts))
	case s.OpenCase != nil:
		r.effect(EffectOpenCase, r.values(s.OpenCase))
	case s.Do == EffectDelete:
		r.effect(s.Do, nil)
		r.erase = true
		r.st.Vars = map[string]string{}
		r.st.Pending = nil
	case s.Do != "":
		r.effect(s.Do, nil)
		r.withdraw = r.withdraw || s.Do == EffectWithdraw
	case s.Branch != nil:
		for i, b := range s.Branch {
			ok, err := b.When.holds(r.def, r.st, r.env)
			if err != nil {
				return "", fmt.Errorf("flow %s, step %s: %w", f.ID, s.ID, err)
			}
			if ok {
				fr, _ := r.top()
				r.visit(fr, fmt.Sprintf(wayBranch, i+1))
				return b.Goto, nil
			}
		}
	}
	r.setAll(f, s.Set)
	return s.Next, nil
}

// prompt is the message of a step that waits, with its buttons.
func (r *run) prompt(fr Frame, s *StepDef) (Say, error) {
	say := Say{Message: s.Ask, With: r.values(s.With), AllLanguages: s.AllLanguages, Columns: s.Columns, Share: s.Share}
	if s.Options != "" {
		say.Choices = r.page(fr, r.env.Options(s.Options, r.st))
	}
	for _, b := range s.Buttons {
		ok, err := b.When.holds(r.def, r.st, r.env)
		if err != nil {
			return Say{}, fmt.Errorf("flow %s, step %s, button %s: %w", fr.Flow, fr.Step, b.ID, err)
		}
		if ok {
			say.Choices = append(say.Choices, Choice{Data: buttonData(fr.Flow, fr.Step, b.ID), Label: b.Label})
		}
	}
	return say, nil
}

func (r *run) say(s Say) { r.out = append(r.out, Out{Say: &s}) }
