package flow

// contactsStep shows the addresses of those who help.
type contactsStep struct {
	Query map[string]string `yaml:"contacts"` // topic, place, land, abroad -> literal or $variable
}

func (a *contactsStep) uses() uses {
	topic := a.Query["topic"]
	return uses{topics: []string{topic}, values: valuesOf(a.Query, 0), about: topic}
}

func (a *contactsStep) check(in *inStep) { in.needsNext() }

func (a *contactsStep) enter(r *run, s *StepDef) error {
	r.effect(EffectContacts, r.values(a.Query))
	return r.next(s)
}
