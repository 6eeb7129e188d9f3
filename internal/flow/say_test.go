package flow

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSayGoesOnWithItsVariablesSet(t *testing.T) {
	d := play(t, `
vars: {x: text}
steps:
  first: {say: d.one, with: {Lang: $language, Word: w}, set: {x: new}, next: second}
  second: {say: d.two, with: {X: $x}, all-languages: true, next: end}
`)
	if got, want := brief(d.last), "d.one d.two m.ask = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want := []Out{
		{Say: &Say{Message: "d.one", With: map[string]string{"Lang": "en", "Word": "w"}}},
		{Say: &Say{Message: "d.two", With: map[string]string{"X": "new"}, AllLanguages: true}},
	}
	if diff := cmp.Diff(want, d.last.Out[:2]); diff != "" {
		t.Errorf("out (-want +got):\n%s", diff)
	}
}
