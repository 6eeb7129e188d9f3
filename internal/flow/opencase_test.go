package flow

import "testing"

func TestACaseHoldsWhatTheFlowGivesIt(t *testing.T) {
	d := play(t, `
vars: {words: text}
private: [words]
steps:
  first: {ask: d.ask, input: text, save: words, next: open}
  open: {open-case: {words: $words, address: $username, reach: telegram}, set: {words: ""}, next: end}
`)
	if got, want := d.give(text("hello")), "<open-case address=@olena reach=telegram words=hello> m.ask = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := d.last.State.Vars["words"]; got != "" {
		t.Errorf("the words are still kept: %q", got)
	}
}
