package flow

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// inStep is the parser at one step: what it reports is of that step.
type inStep struct {
	*parser
	step *StepDef
}

// bad reports a fault in a line of the step; in its first if line is zero.
func (in *inStep) bad(line int, format string, args ...any) {
	in.reader.Fault(in.step.flow.File, cmp.Or(line, in.step.Line), "step %q: "+format, append([]any{in.step.ID}, args...)...)
}

// needsNext reports a step that leads nowhere.
func (in *inStep) needsNext() {
	if in.step.Next == "" {
		in.bad(0, "dead end: it has no next; write next: end to leave the flow")
	}
}

// decode reads the keys of a node into a shape, and reports what does not fit.
func (in *inStep) decode(node *yaml.Node, into any) bool {
	return in.doc.Decode(node, into, fmt.Sprintf("step %q: ", in.step.ID))
}

func (in *inStep) condition(line int, source string) *Condition {
	return in.parser.condition(in.step.flow, line, source)
}

// parse reads the step: what every step may have, and by its kind the rest. If
// there is a fault, the step has no action.
func (in *inStep) parse(node *yaml.Node) {
	does, ok := in.does(node)
	if !ok {
		return
	}
	shared, own := in.parted(node, does)
	var y yamlStep
	if shared == nil || !in.decode(shared, &y) {
		return
	}
	in.step.Set, in.step.Next, in.step.kind = y.Set, y.Next, does.key
	in.step.action = does.parse(in, own)
}

// does finds out the kind of the step.
func (in *inStep) does(node *yaml.Node) (kind, bool) {
	var keys []string
	known := true
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i].Value, node.Content[i+1]
		if len(kindsWith(key)) == 0 && !slices.Contains(stepKeys, key) {
			in.bad(node.Content[i].Line, "unknown key %q", key)
			known = false
		}
		if _, is := kindByKey(key); is && given(value) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if !known {
		return kind{}, false
	}
	if len(keys) > 1 { // set may stand beside any other
		keys = slices.DeleteFunc(keys, func(key string) bool { return key == "set" })
	}
	switch len(keys) {
	case 1:
		return kindByKey(keys[0])
	case 0:
		for _, k := range kinds {
			keys = append(keys, k.key)
		}
		in.bad(0, "it does nothing; give it one of %s", strings.Join(keys, ", "))
	default:
		slices.Sort(keys)
		in.bad(0, "it does %s; split it into one step for each", strings.Join(keys, " and "))
	}
	return kind{}, false
}

// parted parts the keys that every step may have from those of its kind; both
// are nil if there are others.
func (in *inStep) parted(node *yaml.Node, k kind) (shared, own *yaml.Node) {
	part := func() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: node.Line} }
	shared, own = part(), part()
	seen, sound := map[string]bool{}, true
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		into := own
		switch {
		case seen[key.Value]:
			in.bad(key.Line, "the key %q stands here for the second time", key.Value)
			sound = false
		case slices.Contains(stepKeys, key.Value):
			into = shared
		case !slices.Contains(k.keys, key.Value):
			in.bad(key.Line, "%q belongs to %s, not to %s", key.Value, enumerate(kindsWith(key.Value)), k.key)
			sound = false
		}
		seen[key.Value] = true
		into.Content = append(into.Content, key, value)
	}
	if !sound {
		return nil, nil
	}
	return shared, own
}

// stepKeys are the keys of yamlStep.
var stepKeys = yamlKeys(reflect.TypeFor[yamlStep]())

// given says whether a value is there and not empty.
func given(value *yaml.Node) bool {
	switch value.Kind {
	case yaml.ScalarNode:
		return value.Value != "" && value.Tag != "!!null"
	case yaml.SequenceNode:
		return len(value.Content) > 0
	default:
		return true
	}
}
