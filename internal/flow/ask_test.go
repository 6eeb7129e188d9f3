package flow

import "testing"

func TestAskTakesButtonsAListAndWords(t *testing.T) {
	const flow = `
vars: {x: text}
private: [x]
steps:
  first:
    ask: d.ask
    options: languages
    input: text
    save: x
    columns: 2
    next: second
    buttons:
      a: {label: d.a, goto: second, set: {x: pressed}}
      b: {label: d.b, goto: end, when: not advisors}
  second: {ask: d.again, input: question, buttons: {back: {label: d.back, goto: first}}}
`
	for name, tt := range map[string]struct {
		in      Input
		want, x string
	}{
		"a button":           {press("demo/first/a"), "d.again = en demo/second", "pressed"},
		"its words":          {text("Label of d.a"), "d.again = en demo/second", "pressed"},
		"a hidden button":    {press("demo/first/b"), "engine.stale d.ask = en demo/first", ""},
		"no button":          {press("demo/first/c"), "engine.stale d.ask = en demo/first", ""},
		"an option":          {press("demo/first/uk"), "d.again = en demo/second", "uk"},
		"an option's words":  {text("deutsch"), "d.again = en demo/second", "de"},
		"own words":          {text("none of these"), "d.again = en demo/second", "none of these"},
		"a number, in words": {text("2"), "d.again = en demo/second", "2"},
		"nothing":            {text("  "), "engine.invalid d.ask = en demo/first", ""},
		"a contact":          {Input{Kind: KindContact, Text: "+49 1"}, "engine.contact d.ask = en demo/first", ""},
	} {
		d := play(t, flow)
		if say := d.last.Out[0].Say; len(say.Choices) != 5 || say.Columns != 2 {
			t.Errorf("%d choices are shown in %d columns", len(say.Choices), say.Columns)
		}
		if got := d.give(tt.in); got != tt.want || d.last.State.Vars["x"] != tt.x {
			t.Errorf("%s: %s with x = %q, want %s with %q", name, got, d.last.State.Vars["x"], tt.want, tt.x)
		}
	}
}

func TestAQuestionIsAnsweredAndTheStepWaitsOn(t *testing.T) {
	d := play(t, "steps:\n  first: {ask: d.ask, input: question, buttons: {b: {label: l, goto: end}}}\n")
	for range 2 {
		if got, want := d.give(text("and how much?")), "<answer question=and how much?> = en demo/first"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
