package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Lists names what the flows may refer to outside themselves; Parse checks against it.
type Lists struct {
	Options []string // sources of options, such as "languages"
	Flags   []string // facts about the installation that conditions may ask for
	Lookups []string // the names of [Env.Lookups], such as "place"
	Nearby  []string // those of Lookups that know what is around a point
}

// Parse reads every *.yaml file at the root of fsys. The error is [Faults]
// with all defects of all files, or what fsys said.
func Parse(fsys fs.FS, lists Lists) (*Definition, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no flow files (*.yaml) found")
	}
	p := &parser{
		lists: lists,
		def: &Definition{
			Flows:    map[string]*Flow{},
			commands: map[string]Frame{},
			links:    map[string]Frame{},
			renamed:  map[Frame]Frame{},
			flags:    lists.Flags,
			lookups:  lists.Lookups,
			vars:     map[string]VarType{},
		},
	}
	hash := sha256.New()
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read flow %s: %w", name, err)
		}
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", name, len(data), data) // a hash takes everything
		p.file(name, data)
	}
	p.def.Version = hex.EncodeToString(hash.Sum(nil))[:12]
	p.compile()
	if len(p.faults) == 0 {
		p.check()
	}
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b Fault) int {
			if c := strings.Compare(a.File, b.File); c != 0 {
				return c
			}
			return a.Line - b.Line
		})
		return nil, p.faults
	}
	return p.def, nil
}

// The YAML shapes. Mappings whose order matters are nodes.
type (
	yamlFlow struct {
		Flow      string            `yaml:"flow"`
		Start     string            `yaml:"start"`
		Interrupt bool              `yaml:"interrupt"`
		Commands  map[string]string `yaml:"commands"`
		Links     map[string]string `yaml:"links"`
		Vars      map[string]string `yaml:"vars"`
		Renamed   map[string]string `yaml:"renamed"`
		Steps     yaml.Node         `yaml:"steps"`
	}
	// yamlStep is what every step may have; all other keys are those of its kind.
	yamlStep struct {
		Set  map[string]string `yaml:"set"`
		Next string            `yaml:"next"`
	}
)

type parser struct {
	lists  Lists
	def    *Definition
	faults Faults
	conds  []pendingCondition
}

func (p *parser) fault(file string, line int, format string, args ...any) {
	p.faults = append(p.faults, Fault{File: file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

var (
	idPattern   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	varPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	yamlLine    = regexp.MustCompile(`line (\d+): `)
	unknownKey  = regexp.MustCompile(`field (\S+) not found in type \S+`)
	commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
)

// strict decodes n and refuses unknown keys. yaml.v3 checks keys only when it
// reads text, so the node is written out again; its lines are put back by file.
func strict(n *yaml.Node, into any) error {
	text, err := yaml.Marshal(n)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	return dec.Decode(into)
}

// yamlFault reports what the YAML library said; where names the step or button, if it is in one.
func (p *parser) yamlFault(file string, line int, where string, err error) {
	var te *yaml.TypeError
	if !errors.As(err, &te) {
		reason := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatch(reason); m != nil {
			_, _ = fmt.Sscan(m[1], &line)
			reason = yamlLine.ReplaceAllString(reason, "")
		}
		p.fault(file, line, "%snot valid YAML: %s", where, reason)
		return
	}
	for _, msg := range te.Errors {
		msg = yamlLine.ReplaceAllString(msg, "")
		p.fault(file, line, "%s%s", where, unknownKey.ReplaceAllString(msg, `unknown key "$1"`))
	}
}

func (p *parser) file(name string, data []byte) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		p.yamlFault(name, 1, "", err)
		return
	}
	if len(root.Content) == 0 {
		p.fault(name, 1, "the file is empty")
		return
	}
	var y yamlFlow
	if err := strict(root.Content[0], &y); err != nil {
		p.yamlFault(name, root.Content[0].Line, "", err)
		return
	}
	// Decode again from the node itself, which keeps the lines of the file.
	if err := root.Content[0].Decode(&y); err != nil {
		p.yamlFault(name, 1, "", err)
		return
	}
	f := &Flow{ID: y.Flow, File: name, Start: y.Start, Interrupt: y.Interrupt, Vars: map[string]VarType{}, Steps: map[string]*StepDef{}}
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); f.ID != want || !idPattern.MatchString(f.ID) {
		p.fault(name, 1, "flow %q must be named like its file, in a-z, 0-9 and -", f.ID)
		return
	}
	for v, t := range y.Vars {
		switch {
		case !varPattern.MatchString(v):
			p.fault(name, 1, "variable %q: a name is a-z, 0-9 and _", v)
		case !slices.Contains(p.lists.varTypes(), t):
			p.fault(name, 1, "variable %q has unknown type %q; there are %s", v, t, enumerate(p.lists.varTypes()))
		}
		f.Vars[v] = VarType(t)
		p.def.vars[v] = VarType(t)
		if p.def.isLookup(VarType(t)) {
			p.def.vars[companion(v)] = VarText
		}
	}
	if y.Steps.Kind != yaml.MappingNode || len(y.Steps.Content) == 0 {
		p.fault(name, 1, "flow %q has no steps", f.ID)
		return
	}
	for i := 0; i+1 < len(y.Steps.Content); i += 2 {
		p.step(f, y.Steps.Content[i], y.Steps.Content[i+1])
	}
	if f.Start == "" && len(f.Order) > 0 {
		f.Start = f.Order[0]
	} else if f.Start != "" && f.Steps[f.Start] == nil {
		p.fault(name, 1, "start: there is no step %q", f.Start)
	}
	p.def.Flows[f.ID] = f
	for _, old := range sortedKeys(y.Renamed) {
		p.renamed(f, old, y.Renamed[old])
	}
	p.entries(f, "command", commandName, y.Commands, p.def.commands)
	p.entries(f, "link", varPattern, y.Links, p.def.links)
}

// renamed files the successor of a step that is gone; old is "step", or
// "flow/step" if it was in a flow of another name.
func (p *parser) renamed(f *Flow, old, successor string) {
	from := Frame{Flow: f.ID, Step: old}
	if flowID, step, cross := strings.Cut(old, "/"); cross {
		from = Frame{Flow: flowID, Step: step}
	}
	switch {
	case from.Flow == f.ID && f.Steps[from.Step] != nil:
		p.fault(f.File, 1, "renamed: step %q is still there", old)
	case f.Steps[successor] == nil:
		p.fault(f.File, 1, "renamed: step %q leads to unknown step %q", old, successor)
	}
	p.def.renamed[from] = Frame{Flow: f.ID, Step: successor}
}

// entries files the commands or links of a flow.
func (p *parser) entries(f *Flow, what string, pattern *regexp.Regexp, from map[string]string, into map[string]Frame) {
	for _, key := range sortedKeys(from) {
		if !pattern.MatchString(key) {
			p.fault(f.File, 1, "%s %q: a name is a-z, 0-9 and _", what, key)
		}
		if what == "command" && (key == "start" || key == commandBack) {
			p.fault(f.File, 1, "command %q is the program's own", key)
			continue
		}
		if other, taken := into[key]; taken {
			p.fault(f.File, 1, "%s %q is taken by flow %q", what, key, other.Flow)
			continue
		}
		if f.Steps[from[key]] == nil {
			p.fault(f.File, 1, "%s %q leads to unknown step %q", what, key, from[key])
			continue
		}
		into[key] = Frame{Flow: f.ID, Step: from[key]}
	}
}

func (p *parser) step(f *Flow, key, node *yaml.Node) {
	id, line := key.Value, key.Line
	if !idPattern.MatchString(id) || id == End {
		p.fault(f.File, line, "step %q: an id is a-z, 0-9 and -, and not %q", id, End)
		return
	}
	s := &StepDef{ID: id, Line: line, flow: f}
	f.Steps[id] = s // even if it is faulty: what leads to it is not
	f.Order = append(f.Order, id)
	(&inStep{parser: p, step: s}).parse(node)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
