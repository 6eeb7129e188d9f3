package flow

// callStep runs another flow and goes on when the dialogue comes back from it.
type callStep struct {
	Flow string `yaml:"call"` // id
}

func (a *callStep) uses() uses {
	return uses{exits: []exit{{to: a.Flow + "/", call: true}}, about: a.Flow}
}

func (a *callStep) check(in *inStep) { in.needsNext() }

func (a *callStep) enter(r *run, _ *StepDef) error {
	return r.begin(Frame{Flow: a.Flow, Step: r.def.Flows[a.Flow].Start})
}

func (a *callStep) resume(r *run, s *StepDef) error { return r.next(s) }
