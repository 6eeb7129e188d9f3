package flow

import "slices"

// Fate is what happens to a person who waits at a step when other flows are installed.
type Fate string

// The fates. In each, what the person has answered is kept, but for what is
// private to a flow that they leave by it.
const (
	FateStays   Fate = "stays"   // the step is still there and still asks
	FateMoves   Fate = "moves"   // the step was renamed; the person is at its successor
	FateGoesOn  Fate = "goes-on" // the step, or its successor, does not ask any more: their next input takes them on from there
	FateMenu    Fate = "menu"    // the step is gone: the person is told and taken to the menu
	FateReturns Fate = "returns" // people come back to the step after a flow that it calls, before and after
)

// StepFate is the fate of those who wait at one step of the old flows, or whose
// dialogue will come back to it.
type StepFate struct {
	Flow string `json:"flow"`
	Step string `json:"step"`
	Fate Fate   `json:"fate"`
	// To is the successor, as flow/step. If empty, there is none or the step itself is still there.
	To string `json:"to,omitempty"`
	// Gone are the ids of the buttons that the person may still see and that do
	// nothing any more; whoever presses one is told and asked again.
	Gone []string `json:"gone_buttons,omitempty"`
}

// Changes is what differs between two definitions for the people who talk.
type Changes struct {
	Steps    []StepFate `json:"steps"`
	Flows    Names      `json:"flows"`
	Commands Names      `json:"commands"`
	Links    Names      `json:"links"`
}

// Names is what came and went, sorted. Moved leads elsewhere than before.
type Names struct {
	New     []string `json:"new"`
	Removed []string `json:"removed"`
	Moved   []string `json:"moved"`
}

// Diff says what happens to the people at each step of old at which a dialogue
// can stand, when next is installed. Steps are in the order of the files.
func Diff(old, next *Definition) Changes {
	c := Changes{
		Steps:    []StepFate{},
		Flows:    names(old.Flows, next.Flows, func(_, _ *Flow) bool { return true }),
		Commands: names(old.commands, next.commands, func(a, b Frame) bool { return next.successor(a) == b }),
		Links:    names(old.links, next.links, func(a, b Frame) bool { return next.successor(a) == b }),
	}
	for s := range old.steps {
		if s.waits() || s.calls() {
			c.Steps = append(c.Steps, fate(next, s))
		}
	}
	return c
}

// fate follows the rules of Step for a dialogue that is stored at a step.
func fate(next *Definition, was *StepDef) StepFate {
	fr := was.frame()
	out := StepFate{Flow: fr.Flow, Step: fr.Step}
	to := next.successor(fr)
	now := next.step(to)
	if now == nil {
		out.Fate = FateMenu
		return out
	}
	moved := to != fr
	if moved {
		out.To = to.Flow + "/" + to.Step
	}
	switch {
	case was.calls() && now.calls() && !moved:
		out.Fate = FateReturns
	case !now.waits():
		out.Fate = FateGoesOn
	case moved:
		out.Fate = FateMoves
	default:
		out.Fate = FateStays
	}
	stay := now.buttons()
	for _, id := range was.buttons() {
		// The data of a button names its step, so those of a renamed one are all stale.
		if moved || !slices.Contains(stay, id) {
			out.Gone = append(out.Gone, id)
		}
	}
	return out
}

func names[V any](old, next map[string]V, same func(a, b V) bool) Names {
	n := Names{New: []string{}, Removed: []string{}, Moved: []string{}}
	for _, key := range sortedKeys(old) {
		now, ok := next[key]
		switch {
		case !ok:
			n.Removed = append(n.Removed, key)
		case !same(old[key], now):
			n.Moved = append(n.Moved, key)
		}
	}
	for _, key := range sortedKeys(next) {
		if _, ok := old[key]; !ok {
			n.New = append(n.New, key)
		}
	}
	return n
}
