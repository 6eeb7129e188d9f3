package flow

import (
	"cmp"
	"strings"
)

// setStep does nothing but what every step can do besides: it sets variables.
type setStep struct {
	set map[string]string
}

func parseSet(in *inStep, _ *struct{}) action { return &setStep{in.step.Set} }

func (a *setStep) uses() uses {
	var parts []string
	for _, name := range sortedKeys(a.set) {
		parts = append(parts, name+" = "+cmp.Or(a.set[name], "(nothing)"))
	}
	return uses{about: strings.Join(parts, ", ")}
}

func (a *setStep) check(in *inStep) { in.needsNext() }

func (a *setStep) enter(r *run, s *StepDef) error { return r.next(s) }
