package flow

import (
	"cmp"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"iqbot/internal/content"
)

// branchStep takes the first of its ways whose condition holds.
type branchStep struct {
	ways []branchWay
}

type branchWay struct {
	when *Condition // nil for the last: always
	to   string     // target
	line int
}

// The shape of a branch in YAML.
type (
	yamlBranch struct {
		Ways []yamlWay `yaml:"branch"`
	}
	yamlWay struct {
		When string `yaml:"when"`
		Goto string `yaml:"goto"`
		line int
	}
)

func (w *yamlWay) UnmarshalYAML(n *yaml.Node) error {
	type plain yamlWay
	w.line = n.Line
	return content.Strict(n, (*plain)(w))
}

func parseBranch(in *inStep, y *yamlBranch) action {
	a := &branchStep{}
	for _, w := range y.Ways {
		a.ways = append(a.ways, branchWay{when: in.condition(w.line, w.When), to: w.Goto, line: w.line})
	}
	return a
}

func (a *branchStep) uses() uses {
	var u uses
	for i, w := range a.ways {
		u.exits = append(u.exits, exit{way: fmt.Sprintf(wayBranch, i+1), to: w.to, line: w.line, text: cmp.Or(w.when.source(), "else")})
	}
	return u
}

func (a *branchStep) check(in *inStep) {
	for i, w := range a.ways {
		if w.to == "" {
			in.bad(w.line, "a way of a branch needs a goto")
		}
		if (w.when == nil) != (i == len(a.ways)-1) {
			in.bad(w.line, "every way of a branch but the last has a when, and the last has none")
		}
		if w.when != nil && slices.ContainsFunc(a.ways[:i], func(b branchWay) bool { return b.when.source() == w.when.Source }) {
			in.bad(w.line, "unreachable: the condition %q stands above already", w.when.Source)
		}
	}
	if in.step.Next != "" {
		in.bad(0, "a branch has no next; its last way is taken otherwise")
	}
}

func (a *branchStep) enter(r *run, s *StepDef) error {
	for i, w := range a.ways {
		holds, err := w.when.holds(r.def, r.st, r.env)
		if err != nil {
			return fmt.Errorf("flow %s, step %s: %w", s.flow.ID, s.ID, err)
		}
		if holds {
			r.visit(s.frame(), fmt.Sprintf(wayBranch, i+1))
			return r.leaveBy(s, w.to)
		}
	}
	return r.next(s) // not reached: the last way always holds
}
