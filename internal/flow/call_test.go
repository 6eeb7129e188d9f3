package flow

import (
	"testing"
	"testing/fstest"
)

func TestACalledFlowComesBack(t *testing.T) {
	fsys := files("flow: demo\nvars: {x: text}\nsteps:\n  first: {call: sub, set: {x: back}, next: second}\n  second: {say: d.two, next: third}\n  third: {ask: d.three, buttons: {b: {label: l, goto: end}}}\n")
	fsys["sub.yaml"] = &fstest.MapFile{Data: []byte("flow: sub\nsteps:\n  one: {ask: s.ask, buttons: {b: {label: l, goto: end}}}\n")}
	def, err := Parse(fsys, lists)
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{t: t, def: def, env: testEnv(), last: Result{State: State{Language: "en"}}}
	for _, turn := range []struct {
		in   Input
		want string
	}{
		{press(FlowData("demo")), "s.ask = en demo/first > sub/one"},
		{press("sub/one/b"), "d.two d.three = en demo/third"},
	} {
		if got := d.give(turn.in); got != turn.want {
			t.Errorf("got  %s\nwant %s", got, turn.want)
		}
	}
	if got := d.last.State.Vars["x"]; got != "back" {
		t.Errorf("afterwards x is %q; what stands beside a call is set when the flow has come back", got)
	}
}
