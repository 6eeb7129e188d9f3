package flow

import (
	"fmt"
	"slices"
)

func (r *run) top() (Frame, bool) {
	if len(r.st.Stack) == 0 {
		return Frame{}, false
	}
	return r.st.Stack[len(r.st.Stack)-1], true
}

// open starts a flow from outside: an interrupting one on top, any other instead of all.
func (r *run) open(fr Frame) error {
	if !r.def.Flows[fr.Flow].Interrupt {
		r.leaveAll()
	}
	return r.begin(fr)
}

// leaveAll ends all flows that are under way.
func (r *run) leaveAll() {
	r.st.Stack = nil
	r.forget()
}

// begin starts a flow anew, on top of what is under way.
func (r *run) begin(fr Frame) error {
	r.forgetFlow(fr.Flow)
	r.push(fr)
	return r.enter()
}

// push puts a frame on the stack; a flow that is on it already is taken up there.
func (r *run) push(fr Frame) {
	for i, f := range r.st.Stack {
		if f.Flow == fr.Flow {
			r.st.Stack = r.st.Stack[:i]
			break
		}
	}
	r.st.Stack = append(r.st.Stack, fr)
	if n := len(r.st.Stack) - MaxDepth; n > 0 {
		r.st.Stack = slices.Delete(r.st.Stack, 0, n)
	}
}

// enter carries out the step at the top of the stack, and those that follow until one waits.
func (r *run) enter() error {
	if r.hops++; r.hops > MaxHops {
		return ErrLoop
	}
	r.forget()
	fr, ok := r.top()
	if !ok {
		return r.home()
	}
	s := r.def.step(fr)
	if s == nil {
		return fmt.Errorf("flow %s, step %s: %w", fr.Flow, fr.Step, ErrUnknownStep)
	}
	r.visit(fr, WayEnter)
	return s.action.enter(r, s)
}

// next goes on from a step that has done its own.
func (r *run) next(s *StepDef) error { return r.leaveBy(s, s.Next) }

// leaveBy goes from a step that has done its own to a target.
func (r *run) leaveBy(s *StepDef, target string) error {
	r.setAll(s.flow, s.Set)
	return r.follow(s.flow, target)
}

// follow goes to a target from flow f and on until the dialogue waits.
func (r *run) follow(f *Flow, target string) error {
	fr, ok := r.def.resolve(f, target)
	if !ok {
		return r.leave()
	}
	r.moved()
	if fr.Flow != f.ID {
		r.st.Stack = slices.DeleteFunc(r.st.Stack, func(x Frame) bool { return x.Flow == fr.Flow })
	}
	if n := len(r.st.Stack); n > 0 {
		r.st.Stack[n-1] = fr
	} else {
		r.st.Stack = []Frame{fr}
	}
	return r.enter()
}

// leave ends the current flow and goes back to what is under it.
func (r *run) leave() error {
	if n := len(r.st.Stack); n > 0 {
		r.st.Stack = r.st.Stack[:n-1]
	}
	if r.erase {
		return r.home()
	}
	if p := r.st.Pending; p != nil && r.st.Language != "" {
		r.st.Pending = nil
		r.leaveAll()
		return r.handle(*p)
	}
	fr, ok := r.top()
	if !ok {
		return r.home()
	}
	s := r.def.step(fr)
	if s == nil {
		r.say(Say{Message: MsgMoved})
		r.st.Stack = nil
		return r.home()
	}
	if a, ok := s.action.(resuming); ok {
		return a.resume(r, s)
	}
	return r.enter()
}

func (r *run) home() error {
	if r.erase { // nothing is kept, so nothing can be asked
		r.st = State{}
		return nil
	}
	r.st.Stack = []Frame{{Flow: Home, Step: r.def.Flows[Home].Start}}
	return r.enter()
}

// resume shows the current prompt again after an interruption, unless it is a quiet one.
func (r *run) resume() error {
	fr, ok := r.top()
	if !ok {
		return r.home()
	}
	if s := r.def.step(fr); s != nil && s.waiting().Quiet {
		return nil
	}
	return r.enter()
}

// repeat shows the current prompt again, quiet or not.
func (r *run) repeat() error {
	if _, ok := r.top(); !ok {
		return r.home()
	}
	return r.enter()
}
