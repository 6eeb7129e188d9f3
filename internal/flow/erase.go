package flow

import (
	"slices"
	"strings"
)

// Erases says whether in presses a button behind which, before anything else is
// asked or decided, all data is deleted.
func (d *Definition) Erases(in Input) bool {
	if in.Kind != KindButton {
		return false
	}
	id, rest, _ := strings.Cut(in.Text, "/")
	step, button, _ := strings.Cut(rest, "/")
	f, s := d.Flows[id], d.step(Frame{Flow: id, Step: step})
	if s == nil {
		return false
	}
	i := slices.IndexFunc(s.Buttons, func(b ButtonDef) bool { return b.ID == button })
	if i < 0 {
		return false
	}
	target := s.Buttons[i].Goto
	for range MaxHops {
		fr, ok := d.resolve(f, target)
		if !ok {
			return false
		}
		f, s = d.Flows[fr.Flow], d.step(fr)
		switch {
		case s.Do == EffectDelete:
			return true
		case s.waits(), s.Branch != nil, s.Call != "":
			return false
		}
		target = s.Next
	}
	return false
}
