package flow

import "slices"

// doStep has an effect for which nothing else needs to be said.
type doStep struct {
	Do EffectKind `yaml:"do"`
}

// deed is an effect that a flow asks for by its name.
type deed struct {
	kind EffectKind
	then func(r *run) // what it means for the dialogue; nil if nothing
}

var deeds = []deed{
	{EffectDelete, func(r *run) {
		r.erase = true
		r.st.Vars = map[string]string{}
		r.st.Pending = nil
	}},
	{EffectExport, nil},
	{EffectWithdraw, func(r *run) { r.withdraw, r.st.Question = true, nil }},
}

func (a *doStep) uses() uses { return uses{about: string(a.Do)} }

func (a *doStep) check(in *inStep) {
	in.needsNext()
	var names []string
	for _, d := range deeds {
		names = append(names, string(d.kind))
	}
	if !slices.Contains(names, string(a.Do)) {
		in.bad(0, "unknown do: %q; there are %s", a.Do, enumerate(names))
	}
}

func (a *doStep) enter(r *run, s *StepDef) error {
	r.effect(a.Do, nil)
	for _, d := range deeds {
		if d.kind == a.Do && d.then != nil {
			d.then(r)
		}
	}
	return r.next(s)
}
