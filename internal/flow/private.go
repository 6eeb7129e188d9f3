package flow

import (
	"maps"
	"slices"
	"strings"

	"iqbot/internal/content"
)

// What people write of themselves for one purpose, such as a request to an
// advisor, is kept only as long as the flow that asked for it is under way. A
// variable that takes such an answer by typing is private by itself; a flow names
// others under private. An author cannot forget it, because a case that is opened
// with something that is not private is a fault, and so is a copy.

// plainFields are the fields of a case that say nothing of who the person is: what they
// hold may be known of them for longer.
var plainFields = []string{"topic", "place"}

// Forget is a state without what is kept no longer: private answers of flows
// that are not under way, and answers for which no flow has a variable any more.
// [Step] sees to it by itself; it is for those who store a state that was not
// stepped.
func (d *Definition) Forget(st State) State {
	st = st.clone()
	d.forget(&st)
	return st
}

func (d *Definition) forget(st *State) {
	maps.DeleteFunc(st.Vars, func(name, _ string) bool {
		if of, private := d.private[name]; private {
			return !slices.ContainsFunc(of, func(flow string) bool { return d.underWay(st, flow) })
		}
		_, declared := d.vars[name]
		return !declared && !slices.Contains(d.own, name)
	})
	st.History = slices.DeleteFunc(st.History, func(fr Frame) bool {
		of := d.successor(fr).Flow
		return d.hasPrivate(of) && !d.underWay(st, of) // there is nothing to come back to
	})
}

// underWay says whether a flow is on the stack.
func (d *Definition) underWay(st *State, flow string) bool {
	return slices.ContainsFunc(st.Stack, func(fr Frame) bool { return d.successor(fr).Flow == flow })
}

// hasPrivate says whether a flow has private variables.
func (d *Definition) hasPrivate(flow string) bool {
	f := d.Flows[flow]
	return f != nil && len(f.Private) > 0
}

// forget forgets what has become private to nobody since the step before. What
// was private to a flow that is left does not go over to another with the same variable.
func (r *run) forget() {
	for _, flow := range r.active {
		if !r.def.underWay(&r.st, flow) {
			maps.DeleteFunc(r.st.Vars, func(name, _ string) bool { return slices.Contains(r.def.private[name], flow) })
		}
	}
	r.active = r.active[:0]
	for _, fr := range r.st.Stack {
		r.active = append(r.active, fr.Flow)
	}
	r.def.forget(&r.st)
	if r.def.hasPrivate(r.from.Flow) && !r.def.underWay(&r.st, r.from.Flow) {
		r.from = Frame{}
	}
}

// forgetFlow forgets what is private to a flow although it is under way: it
// begins anew, or what it asked for has been done.
func (r *run) forgetFlow(flow string) {
	if !r.def.hasPrivate(flow) {
		return
	}
	maps.DeleteFunc(r.st.Vars, func(name, _ string) bool { return slices.Contains(r.def.private[name], flow) })
	r.st.History = slices.DeleteFunc(r.st.History, func(fr Frame) bool { return r.def.successor(fr).Flow == flow })
	if r.from.Flow == flow {
		r.from = Frame{}
	}
}

// private files the private variables that a flow names.
func (p *parser) private(f *Flow, names []string) {
	for i, name := range names {
		t, declared := f.Vars[name]
		switch {
		case !declared:
			p.doc.Fault(content.Path{"private"}, "private: there is no variable %q under vars", name)
		case slices.Contains(names[:i], name):
			p.doc.Fault(content.Path{"private"}, "private: %q stands there for the second time", name)
		}
		if p.def.makePrivate(f, name); p.def.isLookup(t) {
			p.def.makePrivate(f, companion(name))
		}
	}
	f.Private = slices.Clone(names)
}

func (d *Definition) makePrivate(f *Flow, name string) {
	if !slices.Contains(d.private[name], f.ID) {
		d.private[name] = append(d.private[name], f.ID)
	}
}

// makePrivate files a variable of the flow as private to it, if the flow has not named it so.
func (in *inStep) makePrivate(name string) {
	f := in.step.flow
	if _, declared := f.Vars[name]; declared && !slices.Contains(f.Private, name) {
		in.def.makePrivate(f, name)
		f.Private = append(f.Private, name)
	}
}

// checkPrivate reports variables that are private to some flows and known to another.
func (p *parser) checkPrivate() {
	for _, id := range sortedKeys(p.def.Flows) {
		f := p.def.Flows[id]
		for _, name := range sortedKeys(f.Vars) {
			if of, private := p.def.private[name]; private && !slices.Contains(of, id) {
				p.reader.Fault(f.File, f.varLines[name], "variable %q is private to the flow %q; give it another name here, or make it private, too", name, of[0])
			}
		}
	}
	for _, c := range p.conds {
		for _, name := range namesIn(c.cond.Source) {
			if of, private := p.def.private[name]; private && !slices.Contains(of, c.flow.ID) {
				p.reader.Fault(c.flow.File, c.line, "condition %q: %q is private to the flow %q", c.cond.Source, name, of[0])
			}
		}
	}
}

// mustBePrivate reports a variable that takes something that tells of the person
// and is kept for longer than the flow lasts. what says what it takes.
func (in *inStep) mustBePrivate(v reference, what string) {
	if _, declared := in.step.flow.Vars[v.name]; declared && !slices.Contains(in.def.private[v.name], in.step.flow.ID) {
		in.bad(v.line, "%s %q, which is not private: name it under private at the top of the flow, so that it is forgotten when the flow is over", what, v.name)
	}
}

// checkCopies reports a set that puts something private where it stays.
func (in *inStep) checkCopies(set map[string]string, line int) {
	for _, name := range sortedKeys(set) {
		from, ok := strings.CutPrefix(set[name], "$")
		if ok && (in.def.private[from] != nil || from == VarUsername) {
			in.mustBePrivate(reference{name, line}, "set copies $"+from+" into")
		}
	}
}
