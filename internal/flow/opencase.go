package flow

import (
	"fmt"
	"slices"
	"strings"
)

// openCaseStep opens a case for the advisors.
type openCaseStep struct {
	Fields map[string]string `yaml:"open-case"` // topic, place, words, reach, address -> literal or $variable
}

func (a *openCaseStep) uses() uses { return uses{values: valuesOf(a.Fields, 0)} }

func (a *openCaseStep) check(in *inStep) {
	in.needsNext()
	for _, field := range sortedKeys(a.Fields) {
		if name, ok := strings.CutPrefix(a.Fields[field], "$"); ok && !slices.Contains(plainFields, field) {
			in.mustBePrivate(reference{name: name}, fmt.Sprintf("%s of the case is taken from", field))
		}
	}
}

func (a *openCaseStep) enter(r *run, s *StepDef) error {
	r.effect(EffectOpenCase, r.values(a.Fields))
	r.forgetFlow(s.flow.ID) // it is in the case now
	return r.next(s)
}
