package flow

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// action is what a step does. A kind of step is one type in a file of its own
// that implements it (say.go, branch.go …), and a row of [kinds].
type action interface {
	// uses tells what the step refers to. All that looks at flows as a whole (the
	// checks, the drawings, the comparison of two versions) looks at this, and
	// knows no kinds.
	uses() uses
	// check reports what is wrong with the step by itself. That what it uses is
	// there is checked for all kinds alike.
	check(in *inStep)
	// enter carries the step out, and takes the dialogue on until it waits for the
	// person: most kinds end with [run.next].
	enter(r *run, s *StepDef) error
}

// resuming is an action that the dialogue comes back to when the flow above it
// ends. Any other is entered again.
type resuming interface {
	action
	resume(r *run, s *StepDef) error
}

// uses is what a step refers to. The zero value is a step that stands for itself.
type uses struct {
	// message is the id of what is said or asked, with what fills its placeholders.
	message string
	with    map[string]string
	// messages are the ids of all other messages.
	messages []reference
	// topics are the articles that are named, perhaps by a $variable.
	topics []string
	// values are literals or $variables, and sets the variables that are set.
	values, sets []reference
	// exits are the ways out but for next.
	exits []exit
	// given says what leads on to next, such as "(text)", if not the step by itself.
	given string
	// ways are the names of ways that are taken without an exit, such as [WayTyped].
	ways []string
	// about is what a drawing shows of a step that has no message.
	about string
}

// reference is something that is named in a line of a flow file.
type reference struct {
	name string
	line int // if zero, that of the step
}

// exit is a way out of a step.
type exit struct {
	way   string // its name, see [Way]; empty if none is noted
	to    string // target
	line  int    // if zero, that of the step
	label string // message id of the button; empty if it is none
	text  string // the condition, or what is given
	call  bool   // the flow comes back from there
}

// kinds is every kind of step, in the order in which authors are told of them.
var kinds = []kind{
	plain[sayStep]("say"),
	kindOf("ask", parseAsk),
	plain[articleStep]("article"),
	plain[contactsStep]("contacts"),
	plain[openCaseStep]("open-case"),
	plain[doStep]("do"),
	plain[callStep]("call"),
	kindOf("branch", parseBranch),
	kindOf("set", parseSet),
}

// kind is a row of [kinds].
type kind struct {
	key string // that a step of this kind has, and no other
	// keys are all that such a step may have, besides those of [yamlStep].
	keys  []string
	parse func(in *inStep, node *yaml.Node) action // nil if it reported a fault
}

// kindOf is the row of a kind that is made of Y, its shape in YAML.
func kindOf[Y any](key string, parse func(*inStep, *Y) action) kind {
	return kind{key: key, keys: yamlKeys(reflect.TypeFor[Y]()), parse: func(in *inStep, node *yaml.Node) action {
		y := new(Y)
		if !in.decode(node, y) {
			return nil
		}
		return parse(in, y)
	}}
}

// plain is the row of a kind whose shape in YAML is all that it is.
func plain[A any, P interface {
	*A
	action
}](key string) kind {
	return kindOf(key, func(_ *inStep, a *A) action { return P(a) })
}

// yamlKeys lists the keys of a shape.
func yamlKeys(t reflect.Type) (keys []string) {
	for _, f := range reflect.VisibleFields(t) {
		if key, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

func kindByKey(key string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.key == key })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// kindsWith names the kinds whose steps may have the key.
func kindsWith(key string) (names []string) {
	for _, k := range kinds {
		if slices.Contains(k.keys, key) {
			names = append(names, k.key)
		}
	}
	return names
}

// exits lists the ways out of the step, in the order of the file.
func (s *StepDef) exits() []exit {
	u := s.action.uses()
	if s.Next == "" {
		return u.exits
	}
	return append(u.exits, exit{to: s.Next, text: u.given})
}

// buttons lists the ids of the step's fixed choices.
func (s *StepDef) buttons() (ids []string) {
	for _, e := range s.action.uses().exits {
		if e.label != "" {
			ids = append(ids, e.way)
		}
	}
	return ids
}

// waits says whether the dialogue stops at the step until the person answers.
func (s *StepDef) waits() bool {
	_, ok := s.action.(asking)
	return ok
}

// calls says whether people come back to the step from another flow.
func (s *StepDef) calls() bool {
	return slices.ContainsFunc(s.action.uses().exits, func(e exit) bool { return e.call })
}

// frame is where a dialogue stands that is at the step.
func (s *StepDef) frame() Frame { return Frame{Flow: s.flow.ID, Step: s.ID} }
