package flow

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSetReplacesAndForgets(t *testing.T) {
	d := play(t, `
vars: {a: text, b: text, where: place}
steps:
  first: {set: {a: one, b: $language, where: mayen}, next: second}
  second: {set: {a: "", language: de}, next: end}
`)
	if got, want := brief(d.last), "m.ask = de menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if diff := cmp.Diff(map[string]string{"b": "en", "where": "07137", "where_name": "Mayen"}, d.last.State.Vars); diff != "" {
		t.Errorf("vars (-want +got):\n%s", diff)
	}
}
