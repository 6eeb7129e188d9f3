package flow

import (
	"slices"
	"strings"

	"iqbot/internal/content"
)

// check finds the defects that need all flows at once.
func (p *parser) check() {
	for _, must := range []string{Home, Onboarding, Handoff} {
		if p.def.Flows[must] == nil {
			p.reader.Fault(must+".yaml", 1, "the flow %q is required", must)
		}
	}
	p.checkPrivate()
	for s := range p.def.steps {
		p.checkStep(s)
	}
	if !p.sound() {
		return
	}
	p.checkReachable()
	p.checkErased()
	p.checkLoops()
	if !p.sound() {
		return // a loop without a person in it is a trap as well
	}
	p.checkTraps()
}

func (p *parser) checkStep(s *StepDef) {
	in := &inStep{parser: p, step: s}
	s.action.check(in)
	for _, e := range s.exits() {
		in.checkTarget(e)
	}
	u := s.action.uses()
	for _, v := range slices.Concat(valuesOf(u.with, 0), u.values, valuesOf(s.Set, 0)) {
		if name, ok := strings.CutPrefix(v.name, "$"); ok {
			in.checkDeclared(reference{name, v.line})
		}
	}
	for _, name := range sortedKeys(s.Set) {
		in.checkDeclared(reference{name: name})
	}
	in.checkCopies(s.Set, 0)
	for _, topic := range u.topics {
		if name, ok := strings.CutPrefix(topic, "$"); ok && in.def.private[name] != nil {
			in.bad(0, "the topic $%s is private, but what the dialogue was about last stays known", name)
		}
	}
	for _, v := range u.sets {
		in.checkDeclared(v)
	}
}

// enumerate is a list in words: "a, b and c".
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func (in *inStep) checkTarget(e exit) {
	if e.to == End || e.to == "" {
		return
	}
	flowID, step, cross := strings.Cut(e.to, "/")
	if !cross {
		flowID, step = in.step.flow.ID, e.to
	}
	to := in.def.Flows[flowID]
	switch {
	case to == nil:
		in.bad(e.line, "leads to unknown flow %q", flowID)
	case step == "" && !e.call:
		in.bad(e.line, "target %q names no step", e.to)
	case step != "" && to.Steps[step] == nil:
		in.bad(e.line, "leads to unknown step %q", e.to)
	}
}

// valuesOf lists the values of a mapping in a line.
func valuesOf(m map[string]string, line int) (values []reference) {
	for _, name := range sortedKeys(m) {
		values = append(values, reference{m[name], line})
	}
	return values
}

func (in *inStep) checkDeclared(v reference) {
	if v.name == VarLanguage || v.name == VarUsername {
		return
	}
	vars := in.step.flow.Vars
	if _, ok := vars[v.name]; ok {
		return
	}
	for of, t := range vars {
		if in.def.isLookup(t) && companion(of) == v.name {
			return
		}
	}
	in.bad(v.line, "variable %q is not declared under vars", v.name)
}

// checkReachable reports steps that no way leads to.
func (p *parser) checkReachable() {
	reached := map[Frame]bool{}
	var visit func(Frame)
	visit = func(fr Frame) {
		if reached[fr] {
			return
		}
		reached[fr] = true
		s := p.def.step(fr)
		for _, e := range s.exits() {
			if next, ok := p.def.resolve(s.flow, e.to); ok {
				visit(next)
			}
		}
	}
	for _, f := range p.def.Flows {
		visit(Frame{Flow: f.ID, Step: f.Start})
	}
	for _, entry := range []map[string]Frame{p.def.commands, p.def.links} {
		for _, fr := range entry {
			visit(fr)
		}
	}
	for s := range p.def.steps {
		if !reached[s.frame()] {
			(&inStep{p, s}).bad(0, "unreachable, no step, command or link leads to it")
		}
	}
}

// checkTraps reports steps from which no way leads to the end of a flow or to
// the menu. Commands would free the person, but who is stressed does not know them.
func (p *parser) checkTraps() {
	free := map[Frame]bool{}
	for changed := true; changed; {
		changed = false
		for s := range p.def.steps {
			if fr := s.frame(); !free[fr] && p.leadsOut(s, free) {
				free[fr], changed = true, true
			}
		}
	}
	for s := range p.def.steps {
		if !free[s.frame()] {
			(&inStep{p, s}).bad(0, "trap, no way leads from it to the end of the flow or to the menu")
		}
	}
}

// leadsOut says whether a target of s is the end, the menu, or free already.
func (p *parser) leadsOut(s *StepDef, free map[Frame]bool) bool {
	if s.flow.ID == Home {
		return true
	}
	for _, e := range s.exits() {
		if e.call {
			continue // the called flow comes back
		}
		to, ok := p.def.resolve(s.flow, e.to)
		if !ok || to.Flow == Home || free[to] {
			return true
		}
	}
	return false
}

// checkLoops reports steps that can follow each other for ever without waiting
// for the person, and chains of them that are too long to be carried out.
func (p *parser) checkLoops() {
	const open = -1
	chains := map[Frame]int{} // the most steps that follow each other from here on
	var visit func(Frame) int
	visit = func(fr Frame) int {
		chains[fr] = open
		s := p.def.step(fr)
		in := &inStep{p, s}
		longest, called := 0, 0
		if !s.waits() {
			longest = 1 // at an end: the prompt that the dialogue comes back to
		}
		for _, e := range s.exits() {
			next, ok := p.def.resolve(s.flow, e.to)
			if s.waits() || !ok {
				continue
			}
			chain, seen := chains[next]
			if !seen {
				chain = visit(next)
			}
			switch {
			case chain == open:
				in.bad(0, "goes round in a loop that never waits for the person")
			case e.call:
				called = chain // and then comes what is next
			default:
				longest = max(longest, chain)
			}
		}
		chain := 1 + called + longest
		if chain > MaxHops {
			in.bad(0, "%d steps or more can follow it without waiting for the person, at most %d; let one of them ask something", chain-1, MaxHops-1)
			chain = 0 // one fault is enough
		}
		chains[fr] = chain
		return chain
	}
	for s := range p.def.steps {
		if _, seen := chains[s.frame()]; !seen {
			visit(s.frame())
		}
	}
}

// checkPlaceholders compares what a step fills with what its message wants.
func (in *inStep) checkPlaceholders(u uses, r References) {
	if u.message == "" || !r.Message(u.message) {
		return
	}
	wants := r.Placeholders(u.message)
	for _, name := range wants {
		if _, ok := u.with[name]; !ok && !slices.Contains(r.Given, name) {
			in.bad(0, "message %q wants %s; fill it under with", u.message, name)
		}
	}
	for _, name := range sortedKeys(u.with) {
		if !slices.Contains(wants, name) {
			in.bad(0, "message %q has no place for %s", u.message, name)
		}
	}
}

// References is what flows may refer to outside themselves.
type References struct {
	Message func(id string) bool
	Topic   func(id string) bool
	// Placeholders are the names that a message wants to be filled; Given those
	// that the program fills by itself.
	Placeholders func(id string) []string
	Given        []string
}

// CheckReferences reports, with file and line, every message and article topic
// that the flows name and that does not exist, and every placeholder that is
// not filled or filled in vain. The error is [content.Faults].
func (d *Definition) CheckReferences(r References) error {
	p := &parser{def: d, reader: content.NewReader(nil)} // nothing is read, faults are gathered
	for s := range d.steps {
		in, u := &inStep{p, s}, s.action.uses()
		for _, m := range append([]reference{{name: u.message}}, u.messages...) {
			if m.name != "" && !r.Message(m.name) {
				in.bad(m.line, "message %q is not in locales/", m.name)
			}
		}
		in.checkPlaceholders(u, r)
		for _, topic := range u.topics {
			if topic != "" && !strings.HasPrefix(topic, "$") && !r.Topic(topic) {
				in.bad(0, "there is no article %q in locales/", topic)
			}
		}
	}
	return p.reader.Err()
}
