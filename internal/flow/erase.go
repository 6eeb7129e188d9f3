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
	s := d.step(Frame{Flow: id, Step: step})
	if s == nil {
		return false
	}
	exits := s.action.uses().exits
	i := slices.IndexFunc(exits, func(e exit) bool { return e.label != "" && e.way == button })
	if i < 0 {
		return false
	}
	target := exits[i].to
	for range MaxHops {
		fr, ok := d.resolve(s.flow, target)
		if !ok {
			return false
		}
		s = d.step(fr)
		if a, ok := s.action.(*doStep); ok && a.Do == EffectDelete {
			return true
		}
		if s.waits() || len(s.action.uses().exits) > 0 {
			return false
		}
		target = s.Next
	}
	return false
}
