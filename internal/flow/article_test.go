package flow

import "testing"

func TestArticleIsNamedOrInAVariable(t *testing.T) {
	d := play(t, `
vars: {topic: text}
steps:
  first: {article: costs, set: {topic: anabin}, next: second}
  second: {article: $topic, next: end}
`)
	if got, want := brief(d.last), "<article topic=costs> <article topic=anabin> m.ask = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
