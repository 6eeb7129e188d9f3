package flow

// openCaseStep opens a case for the advisors.
type openCaseStep struct {
	Fields map[string]string `yaml:"open-case"` // topic, place, words, reach, address -> literal or $variable
}

func (a *openCaseStep) uses() uses { return uses{values: valuesOf(a.Fields, 0)} }

func (a *openCaseStep) check(in *inStep) { in.needsNext() }

func (a *openCaseStep) enter(r *run, s *StepDef) error {
	r.effect(EffectOpenCase, r.values(a.Fields))
	return r.next(s)
}
