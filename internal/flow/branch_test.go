package flow

import "testing"

func TestABranchTakesTheFirstWayThatHolds(t *testing.T) {
	const flow = `
vars: {n: number, x: text}
steps:
  first: {ask: d.ask, input: number, save: n, next: sort}
  sort:
    branch:
      - {when: n > 10, goto: many}
      - {when: n > 5, goto: some}
      - {goto: few}
    set: {x: sorted}
  many: {say: d.many, next: end}
  some: {say: d.some, next: end}
  few: {say: d.few, next: end}
`
	for n, want := range map[string]string{"12": "(branch 1) d.many", "7": "(branch 2) d.some", "2": "(branch 3) d.few"} {
		d := play(t, flow)
		d.give(text(n))
		if got := d.last.Visited[2].Out + " " + d.last.Out[0].Say.Message; got != want {
			t.Errorf("%s: %s, want %s", n, got, want)
		}
		if got := d.last.State.Vars["x"]; got != "sorted" {
			t.Errorf("%s: x is %q; set may stand beside a branch", n, got)
		}
	}
}
