package flow

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// askStep asks with a message and waits for a button, a choice of a list, or
// something typed.
type askStep struct {
	yamlAsk
	buttons buttons
	input   *inputType // nil if nothing is to be typed
}

type yamlAsk struct {
	Message string `yaml:"ask"` // id
	wording `yaml:",inline"`
	waiting `yaml:",inline"`

	// Input is what a typed answer must be. If empty, the step has buttons only.
	Input InputType `yaml:"input"`
	// Min and Max bound a number. If nil, there is no bound.
	Min *float64 `yaml:"min"`
	Max *float64 `yaml:"max"`
	// Share offers to send it from the person's app instead of typing it:
	// [ShareLocation] or [ShareContact].
	Share string `yaml:"share"`
	// Save is the variable that takes the answer.
	Save string `yaml:"save"`
	// Buttons are fixed choices; Options names a list that the environment knows.
	Buttons yaml.Node `yaml:"buttons"` // a node, because their order matters
	Options string    `yaml:"options"`
	// Columns is how many buttons stand side by side. If zero, one.
	Columns int `yaml:"columns"`
}

func parseAsk(in *inStep, y *yamlAsk) action {
	a := &askStep{yamlAsk: *y, buttons: parseButtons(in, &y.Buttons), input: in.lists.inputType(y.Input)}
	a.parseReminder(in)
	a.ownWords = a.input != nil && a.input.ownWords
	if a.input != nil && a.input.tells && a.Save != "" {
		in.makePrivate(a.Save)
	}
	return a
}

func (a *askStep) uses() uses {
	u := uses{message: a.Message, with: a.With, messages: a.messages()}
	a.buttons.use(&u)
	if a.Save != "" {
		u.sets = append(u.sets, reference{name: a.Save})
	}
	if a.Input != "" {
		u.ways, u.given = append(u.ways, WayTyped), "("+string(a.Input)+")"
	}
	if a.Options != "" {
		u.ways = append(u.ways, WayOption)
		if a.Input == "" {
			u.given = "(" + a.Options + ")"
		}
	}
	return u
}

func (a *askStep) check(in *inStep) {
	s := in.step
	if len(a.buttons) == 0 && a.Options == "" && a.Input == "" {
		in.bad(0, "dead end: it asks but takes no answer; give it buttons, options or input")
	}
	if (a.Input != "" && (a.input == nil || !a.input.stays) || a.Options != "") && (s.Next == "" || a.Save == "") {
		in.bad(0, "a typed or listed answer needs save (the variable) and next (the step that follows)")
	}
	if s.Set != nil {
		in.bad(0, "set does nothing beside an ask; put it at the buttons, or in a step of its own")
	}
	a.checkInput(in)
	if a.Options != "" && !slices.Contains(in.lists.Options, a.Options) {
		in.bad(0, "unknown options %q; there are %s", a.Options, strings.Join(in.lists.Options, ", "))
	}
	if a.Columns < 0 || a.Columns > 8 {
		in.bad(0, "columns is 1 to 8, the most buttons that Telegram shows side by side")
	}
	a.buttons.check(in)
	if a.Options != "" || a.input != nil && a.input.pick != nil {
		if n := len(buttonData(s, "")) + maxOption; n > MaxData {
			in.bad(0, "its options carry up to %d bytes, the limit is %d; shorten the ids of flow or step", n, MaxData)
		}
	}
}

func (a *askStep) enter(r *run, s *StepDef) error { return r.wait(s, a) }

func (a *askStep) prompt(r *run, s *StepDef) (Say, error) {
	say := Say{Message: a.Message, With: r.values(a.With), AllLanguages: a.AllLanguages, Columns: a.Columns, Share: a.Share}
	if a.Options != "" {
		say.Choices = r.page(s, r.env.Options(a.Options, r.st))
	}
	buttons, err := a.buttons.choices(r, s)
	say.Choices = append(say.Choices, buttons...)
	return say, err
}

func (a *askStep) answer(r *run, s *StepDef, in Input) error {
	switch {
	case in.Kind == KindButton:
		return a.press(r, s, in.Text)
	case in.Kind != KindText && (a.input == nil || a.input.share != shareOf[in.Kind]):
		return r.unread(in)
	case a.input == nil:
		r.ask(in.Text)
		return r.resume()
	default:
		return a.input.take(r, s, a, in)
	}
}

// press takes a button, a choice of the list, or another page of it.
func (a *askStep) press(r *run, s *StepDef, id string) error {
	if ok, err := a.buttons.press(r, s, id); ok {
		return err
	}
	if a.Options != "" {
		options := r.env.Options(a.Options, r.st)
		if page, ok := strings.CutPrefix(id, dataPage); ok {
			return r.turn(s, page, len(options))
		}
		for _, o := range options {
			if Short(o.ID) == id {
				r.chosen = &Choice{Data: buttonData(s, id), Words: o.words()}
				r.visit(s.frame(), WayOption)
				r.assign(s.flow, a.Save, o.ID)
				return r.next(s)
			}
		}
	}
	if a.input != nil && a.input.pick != nil {
		return a.input.pick(r, s, a, id)
	}
	return r.stale()
}

// saveAnswer takes an answer that fits, and goes on.
func (a *askStep) saveAnswer(r *run, s *StepDef, value, label string) error {
	r.save(a.Save, value, label)
	return r.next(s)
}
