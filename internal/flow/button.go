package flow

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// buttons are fixed choices, in the order of the file.
type buttons []button

type button struct {
	id    string
	line  int
	label string // message id
	to    string // target
	set   map[string]string
	when  *Condition // the button is left out where it is false; nil: it always shows
}

type yamlButton struct {
	Label string            `yaml:"label"`
	Goto  string            `yaml:"goto"`
	Set   map[string]string `yaml:"set"`
	When  string            `yaml:"when"`
}

func parseButtons(in *inStep, node *yaml.Node) (bs buttons) {
	if node.Kind != yaml.MappingNode && !node.IsZero() {
		in.bad(node.Line, "buttons are ids, each with a label and a goto")
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, n := node.Content[i], node.Content[i+1]
		if seen[k.Value] {
			in.bad(k.Line, "button %q stands here for the second time", k.Value)
		}
		seen[k.Value] = true
		var y yamlButton
		if !in.doc.Decode(n, &y, fmt.Sprintf("step %q: button %q: ", in.step.ID, k.Value)) {
			continue
		}
		bs = append(bs, button{
			id: k.Value, line: k.Line, label: y.Label, to: y.Goto, set: y.Set,
			when: in.condition(k.Line, y.When),
		})
	}
	return bs
}

// use adds what the buttons refer to.
func (bs buttons) use(u *uses) {
	for _, b := range bs {
		u.messages = append(u.messages, reference{b.label, b.line})
		u.exits = append(u.exits, exit{way: b.id, to: b.to, line: b.line, label: b.label, text: b.when.source()})
		u.values = append(u.values, valuesOf(b.set, b.line)...)
		for _, name := range sortedKeys(b.set) {
			u.sets = append(u.sets, reference{name, b.line})
		}
	}
}

func (bs buttons) check(in *inStep) {
	for _, b := range bs {
		if b.label == "" || b.to == "" {
			in.bad(b.line, "button %q needs a label and a goto", b.id)
		}
		if !idPattern.MatchString(b.id) {
			in.bad(b.line, "button %q: an id is a-z, 0-9 and -", b.id)
		}
		if n := len(buttonData(in.step, b.id)); n > MaxData {
			in.bad(b.line, "button %q carries %d bytes, the limit is %d; shorten the ids", b.id, n, MaxData)
		}
		in.checkCopies(b.set, b.line)
	}
}

// choices are the buttons that show at the moment.
func (bs buttons) choices(r *run, s *StepDef) (choices []Choice, _ error) {
	for _, b := range bs {
		holds, err := b.when.holds(r.def, r.st, r.env)
		if err != nil {
			return nil, fmt.Errorf("flow %s, step %s, button %s: %w", s.flow.ID, s.ID, b.id, err)
		}
		if holds {
			choices = append(choices, Choice{Data: buttonData(s, b.id), Label: b.label})
		}
	}
	return choices, nil
}

// press takes the button with the id; ok is false if there is none.
func (bs buttons) press(r *run, s *StepDef, id string) (ok bool, _ error) {
	for _, b := range bs {
		if b.id != id {
			continue
		}
		holds, err := b.when.holds(r.def, r.st, r.env)
		if err != nil {
			return true, fmt.Errorf("flow %s, step %s, button %s: %w", s.flow.ID, s.ID, b.id, err)
		}
		if !holds {
			return true, r.stale()
		}
		r.chosen = &Choice{Data: buttonData(s, id), Label: b.label}
		r.visit(s.frame(), id)
		r.setAll(s.flow, b.set)
		return true, r.follow(s.flow, b.to)
	}
	return false, nil
}
