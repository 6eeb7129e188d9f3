package flow

import (
	"slices"
	"strings"
)

// Erases says whether in presses a button behind which, before anything else is
// asked or decided, all data is deleted.
func (d *Definition) Erases(in Input) bool {
	if in.Kind != KindButton {
		return false
	}
	id, rest, _ := strings.Cut(in.Text, "/")
	step, button, _ := strings.Cut(rest, "/")
	s := d.step(Frame{Flow: id, Step: step})
	if s == nil {
		return false
	}
	exits := s.action.uses().exits
	i := slices.IndexFunc(exits, func(e exit) bool { return e.label != "" && e.way == button })
	if i < 0 {
		return false
	}
	target := exits[i].to
	for range MaxHops {
		fr, ok := d.resolve(s.flow, target)
		if !ok {
			return false
		}
		s = d.step(fr)
		if a, ok := s.action.(*doStep); ok && a.Do == EffectDelete {
			return true
		}
		if s.waits() || len(s.action.uses().exits) > 0 {
			return false
		}
		target = s.Next
	}
	return false
}

// checkErased reports what stands behind an erasure and needs somebody to be
// known: when everything is deleted nobody is asked, no flow comes back and no
// advisor can be told of anybody.
func (p *parser) checkErased() {
	for s := range p.def.steps {
		if a, ok := s.action.(*doStep); !ok || a.Do != EffectDelete {
			continue
		}
		in, seen := &inStep{p, s}, map[Frame]bool{}
		var visit func(*StepDef)
		visit = func(at *StepDef) {
			for _, e := range at.exits() {
				to, ok := p.def.resolve(at.flow, e.to)
				if !ok || seen[to] {
					continue
				}
				seen[to] = true
				next := p.def.step(to)
				if does := next.needsSomebody(); does != "" {
					in.bad(0, "behind %s comes %s/%s, which %s: by then the person is forgotten; only what is said may follow, and then end", EffectDelete, to.Flow, to.Step, does)
					continue
				}
				visit(next)
			}
		}
		visit(s)
	}
}

// needsSomebody says what a step does that it cannot do for a person of whom
// nothing is stored any more; "" if there is nothing.
func (s *StepDef) needsSomebody() string {
	_, opens := s.action.(*openCaseStep)
	switch {
	case s.waits():
		return "asks"
	case s.calls():
		return "calls a flow that would never come back"
	case opens:
		return "opens a case"
	}
	return ""
}
