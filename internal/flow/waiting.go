package flow

// asking is an action at which the dialogue waits for the person.
type asking interface {
	action
	// waits is how it waits.
	waits() *waiting
	// prompt is what is asked, with the choices that there are at the moment.
	prompt(r *run, s *StepDef) (Say, error)
	// answer takes what the person did: words, something that their app sent, or,
	// of the kind [KindButton], one of the choices; its text is the choice's id.
	answer(r *run, s *StepDef, in Input) error
}

// waiting is what every kind that waits for the person can have.
type waiting struct {
	// Quiet says that the prompt is not repeated after an interruption.
	Quiet bool `yaml:"quiet"`
	// Anytime says that the step's buttons stay good after the dialogue has moved on.
	Anytime bool `yaml:"anytime"`
	// Invalid is the message for an answer that does not fit, Help for a person
	// who does not get on at this step. If empty, there are general ones.
	Invalid string `yaml:"invalid"`
	Help    string `yaml:"help"`
	// Remind is what happens when the person does not answer; nil if nothing.
	Remind *reminder `yaml:"remind"`

	ownWords bool // a typed number is an answer in itself, and no choice
}

func (w *waiting) waits() *waiting { return w }

// parseReminder reads what the keys alone do not give.
func (w *waiting) parseReminder(in *inStep) {
	if w.Remind != nil {
		w.Remind.parse(in)
	}
}

// messages lists the message ids that are said while it waits.
func (w *waiting) messages() []reference {
	ids := []reference{{name: w.Invalid}, {name: w.Help}}
	if w.Remind != nil {
		ids = append(ids, reference{name: w.Remind.Say})
	}
	return ids
}

// waiting is how the step waits; zero if it does not.
func (s *StepDef) waiting() waiting {
	if a, ok := s.action.(asking); ok {
		return *a.waits()
	}
	return waiting{}
}

// wait asks, and leaves the dialogue at the step.
func (r *run) wait(s *StepDef, a asking) error {
	say, err := a.prompt(r, s)
	if err != nil {
		return err
	}
	r.say(say)
	r.remember(s.frame())
	return nil
}
