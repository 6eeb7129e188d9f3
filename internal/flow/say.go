package flow

// sayStep sends a message and goes on.
type sayStep struct {
	Message string `yaml:"say"` // id
	wording `yaml:",inline"`
}

// wording is how a message is put.
type wording struct {
	// With fills the message's placeholders: name -> literal or $variable.
	With map[string]string `yaml:"with"`
	// AllLanguages shows the message once in every language.
	AllLanguages bool `yaml:"all-languages"`
}

func (a *sayStep) uses() uses { return uses{message: a.Message, with: a.With} }

func (a *sayStep) check(in *inStep) { in.needsNext() }

func (a *sayStep) enter(r *run, s *StepDef) error {
	r.say(Say{Message: a.Message, With: r.values(a.With), AllLanguages: a.AllLanguages})
	return r.next(s)
}
