package flow

import (
	"strings"
	"testing"
)

func TestRenamedStepsKeepTheDialogue(t *testing.T) {
	demo := "flow: demo\nrenamed: {old: second, gone/far: first}\nvars: {x: text, town: place}\nprivate: [x]\nsteps:\n" +
		"  first: {ask: d.first, input: text, save: x, next: second}\n  second: {ask: d.second, input: text, save: x, next: end}\n"
	def, err := Parse(files(demo), lists)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[Frame]string{
		{"demo", "old"}:   "demo/second",
		{"gone", "far"}:   "demo/first",
		{"demo", "first"}: "demo/first",
		{"demo", "lost"}:  "menu/choose",
	} {
		res, err := Step(def, State{Language: "en", Stack: []Frame{from}, Vars: map[string]string{"town": "kept"}}, Input{Kind: KindUnsupported}, testEnv())
		if got := brief(res); err != nil || !strings.HasSuffix(got, " "+want) || res.State.Vars["town"] != "kept" {
			t.Errorf("%v: %s, %v; want it at %s", from, got, err, want)
		}
	}
}

func TestAStepThatIsGoneLeadsKindlyToTheMenu(t *testing.T) {
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}, {"handoff", "was-removed"}}, Vars: map[string]string{"topic": "costs"}}
	res, err := Step(shipped(t), st, text("hello"), testEnv())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := brief(res), "engine.moved <answer question=hello> menu.prompt = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if res.State.Vars["topic"] != "costs" {
		t.Error("what the person told was lost")
	}
}

func TestTheDepthOfInterruptionsIsBounded(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}}}
	for i := range 40 {
		res, err := Step(def, st, command([]string{"language", "delete"}[i%2], ""), env)
		if err != nil {
			t.Fatal(err)
		}
		st = res.State
	}
	if len(st.Stack) > MaxDepth {
		t.Errorf("the stack is %d deep, the limit is %d", len(st.Stack), MaxDepth)
	}
}
