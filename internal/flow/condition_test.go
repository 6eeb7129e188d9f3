package flow

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestButtonsHideWhereTheirConditionIsFalse(t *testing.T) {
	env := testEnv()
	env.Flags["username"] = false
	st := State{Language: "en", Stack: []Frame{{"handoff", "place"}}, Vars: map[string]string{"words": "x"}}
	res, err := Step(shipped(t), st, press("handoff/place/skip"), env)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, c := range res.Out[0].Say.Choices {
		labels = append(labels, c.Label)
	}
	if diff := cmp.Diff([]string{"handoff.by-phone", "handoff.by-email", "common.cancel"}, labels); diff != "" {
		t.Errorf("buttons (-want +got):\n%s", diff)
	}
	// Pressing it all the same, from an old message, does no harm.
	res, err = Step(shipped(t), res.State, press("handoff/reach/telegram"), env)
	if err != nil || res.Out[0].Say.Message != MsgStale {
		t.Errorf("got %s, %v", brief(res), err)
	}
}

func TestWithoutAdvisorsOnlyAddressesAreGiven(t *testing.T) {
	env := testEnv()
	delete(env.Flags, "advisors") // what is not said is not so
	res, err := Step(shipped(t), State{Language: "en", Stack: []Frame{{"menu", "choose"}}}, press("menu/choose/human"), env)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := brief(res), "handoff.addresses <contacts land=home topic=talk-to-human> menu.prompt = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Operators are told of a condition that fails; what it was about is nobody's business.
func TestAConditionThatFailsDoesNotQuoteTheAnswers(t *testing.T) {
	d := play(t, "vars: {x: text}\nprivate: [x]\nsteps:\n  first: {ask: d.ask, input: text, save: x, next: sort}\n"+
		"  sort: {branch: [{when: 'language matches x', goto: end}, {goto: end}]}\n")
	_, err := Step(d.def, d.last.State, text("(secret"), d.env)
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), `condition "language matches x"`) {
		t.Errorf("got %v", err)
	}
}
