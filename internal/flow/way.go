package flow

// Way is one way through a step: [WayEnter] is coming to it, and each way out
// is named by the button's id, by "branch" and its number, or by what was
// given: [WayTyped] or [WayOption].
type Way struct {
	Frame
	Out string
}

// The names of ways that are not a button's.
const (
	WayEnter  = "enter"
	WayTyped  = "(typed)"
	WayOption = "(option)"
	wayBranch = "(branch %d)"
)

// String is "flow/step" or "flow/step: out".
func (w Way) String() string {
	if w.Out == WayEnter {
		return w.Flow + "/" + w.Step
	}
	return w.Flow + "/" + w.Step + ": " + w.Out
}

// Ways lists all ways of all flows, which tests should take.
func (d *Definition) Ways() []Way {
	var ways []Way
	for s := range d.steps {
		add := func(out string) { ways = append(ways, Way{s.frame(), out}) }
		add(WayEnter)
		u := s.action.uses()
		for _, e := range u.exits {
			if e.way != "" {
				add(e.way)
			}
		}
		for _, way := range u.ways {
			add(way)
		}
	}
	return ways
}

func (r *run) visit(fr Frame, out string) { r.visited = append(r.visited, Way{fr, out}) }
