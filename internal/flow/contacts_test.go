package flow

import "testing"

func TestContactsAreAskedForByWhatIsKnown(t *testing.T) {
	d := play(t, `
vars: {where: place}
steps:
  first: {set: {where: koblenz}, next: cards}
  cards: {contacts: {topic: costs, place: $where, land: home}, next: end}
`)
	if got, want := brief(d.last), "<contacts land=home place=07111 topic=costs> m.ask = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
