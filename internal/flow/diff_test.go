package flow

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const before = `flow: demo
commands: {demo: first, gone: second}
links: {x: second}
vars: {x: text}
private: [x]
steps:
  first: {ask: a, buttons: {a: {label: l, goto: second}, b: {label: l, goto: third}}}
  second: {ask: a, input: text, save: x, next: third, buttons: {stop: {label: l, goto: end}}}
  third: {ask: a, buttons: {a: {label: l, goto: fourth}}}
  fourth: {ask: a, buttons: {a: {label: l, goto: fifth}}}
  fifth: {say: a, next: sixth}
  sixth: {call: lost, next: seventh}
  seventh: {call: handoff, next: end}
`

const after = `flow: demo
commands: {demo: first, fresh: first}
links: {x: first}
vars: {x: text}
private: [x]
renamed: {second: zweiter, sixth: last, lost/show: first}
steps:
  first: {ask: a, buttons: {a: {label: l, goto: zweiter}}}
  zweiter: {ask: a, input: text, save: x, next: third, buttons: {stop: {label: l, goto: end}}}
  third: {say: a, next: seventh}
  seventh: {call: handoff, next: last}
  last: {say: a, next: end}
`

func changed(t *testing.T) (old, next *Definition) {
	t.Helper()
	fsys := files(before)
	fsys["lost.yaml"] = &fstest.MapFile{Data: []byte("flow: lost\nsteps:\n  show: {ask: a, buttons: {b: {label: l, goto: end}}}\n  left: {ask: a, buttons: {b: {label: l, goto: end}}}\ncommands: {left: left}\n")}
	old, err := Parse(fsys, lists)
	if err != nil {
		t.Fatal(err)
	}
	fsys = files(after)
	fsys["new.yaml"] = &fstest.MapFile{Data: []byte("flow: new\nsteps:\n  show: {say: a, next: end}\n")}
	if next, err = Parse(fsys, lists); err != nil {
		t.Fatal(err)
	}
	return old, next
}

func TestDiffSaysWhatHappensAtEachStep(t *testing.T) {
	old, next := changed(t)
	want := Changes{
		Steps: []StepFate{
			{Flow: "demo", Step: "first", Fate: FateStays, Gone: []string{"b"}},
			{Flow: "demo", Step: "second", Fate: FateMoves, To: "demo/zweiter", Gone: []string{"stop"}},
			{Flow: "demo", Step: "third", Fate: FateGoesOn, Gone: []string{"a"}},
			{Flow: "demo", Step: "fourth", Fate: FateMenu},
			{Flow: "demo", Step: "sixth", Fate: FateGoesOn, To: "demo/last"},
			{Flow: "demo", Step: "seventh", Fate: FateReturns},
			{Flow: "lost", Step: "show", Fate: FateMoves, To: "demo/first", Gone: []string{"b"}},
			{Flow: "lost", Step: "left", Fate: FateMenu},
			{Flow: "menu", Step: "choose", Fate: FateStays},
			{Flow: "onboarding", Step: "language", Fate: FateStays},
		},
		Flows:    Names{New: []string{"new"}, Removed: []string{"lost"}, Moved: []string{}},
		Commands: Names{New: []string{"fresh"}, Removed: []string{"gone", "left"}, Moved: []string{}},
		Links:    Names{New: []string{}, Removed: []string{}, Moved: []string{"x"}},
	}
	if diff := cmp.Diff(want, Diff(old, next)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// What Diff foretells is what Step does with a person who waits there.
func TestDiffForetellsStep(t *testing.T) {
	old, next := changed(t)
	for _, s := range Diff(old, next).Steps {
		if s.Fate == FateReturns || s.Flow == Onboarding {
			continue // nobody waits there with an answer to give
		}
		res, err := Step(next, State{Language: "de", Stack: []Frame{{s.Flow, s.Step}}}, Input{Kind: KindUnsupported}, testEnv())
		if err != nil {
			t.Fatal(err)
		}
		moved := res.Out[0].Say.Message == MsgMoved
		at := res.State.Stack[len(res.State.Stack)-1]
		here := Frame{s.Flow, s.Step}
		switch s.Fate {
		case FateMenu:
			if !moved || at.Flow != Home {
				t.Errorf("%v: is at %v, told of it: %v", s, at, moved)
			}
		case FateStays:
			if moved || at != here {
				t.Errorf("%v: is at %v", s, at)
			}
		case FateMoves:
			if moved || at.Flow+"/"+at.Step != s.To {
				t.Errorf("%v: is at %v", s, at)
			}
		case FateGoesOn:
			if moved || at == here {
				t.Errorf("%v: is at %v", s, at)
			}
		case FateReturns: // left out above
		}
	}
}

func TestDiffOfTheSameFlowsChangesNothing(t *testing.T) {
	def := shipped(t)
	c := Diff(def, def)
	for _, s := range c.Steps {
		if s.Fate != FateStays && s.Fate != FateReturns || s.Gone != nil || s.To != "" {
			t.Errorf("%v", s)
		}
	}
	for _, n := range []Names{c.Flows, c.Commands, c.Links} {
		if len(n.New)+len(n.Removed)+len(n.Moved) > 0 {
			t.Errorf("%v", n)
		}
	}
}
