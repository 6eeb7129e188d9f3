package flow

import (
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

	"iqbot/internal/content"
)

// Lists names what the flows may refer to outside themselves; Parse checks against it.
type Lists struct {
	Options []string // sources of options, such as "languages"
	Flags   []string // facts about the installation that conditions may ask for
	Lookups []string // the names of [Env.Lookups], such as "place"
	Nearby  []string // those of Lookups that know what is around a point
	Vars    []string // variables of a state that no flow declares, because the program itself sets them
}

// Parse reads every *.yaml file at the root of fsys. The error is
// [content.Faults] with all defects of all files, or that there is no file.
func Parse(fsys fs.FS, lists Lists) (*Definition, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no flow files (*.yaml) found")
	}
	p := &parser{
		reader: content.NewReader(fsys),
		lists:  lists,
		def: &Definition{
			Flows:    map[string]*Flow{},
			commands: map[string]Frame{},
			links:    map[string]Frame{},
			renamed:  map[Frame]Frame{},
			flags:    lists.Flags,
			lookups:  lists.Lookups,
			vars:     map[string]VarType{},
			private:  map[string][]string{},
			own:      lists.Vars,
		},
	}
	hash := sha256.New()
	for _, name := range names {
		if text, ok := p.reader.Text(name); ok {
			_, _ = fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text) // a hash takes everything
			p.file(name)
		}
	}
	p.def.Version = hex.EncodeToString(hash.Sum(nil))[:12]
	p.compile()
	if p.sound() {
		p.check()
	}
	if err := p.reader.Err(); err != nil {
		return nil, err
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
		Private   []string          `yaml:"private"`
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
	reader *content.Reader // which gathers the faults
	lists  Lists
	def    *Definition
	doc    *content.Document // the file that is being read
	conds  []pendingCondition
}

// sound says that no fault was found so far.
func (p *parser) sound() bool { return p.reader.Err() == nil }

var (
	idPattern   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	varPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
)

func (p *parser) file(name string) {
	var y yamlFlow
	p.doc = p.reader.YAML(name, &y)
	if !p.doc.OK() {
		return
	}
	f := &Flow{ID: y.Flow, File: name, Start: y.Start, Interrupt: y.Interrupt, Vars: map[string]VarType{}, Steps: map[string]*StepDef{}, varLines: map[string]int{}}
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); f.ID != want || !idPattern.MatchString(f.ID) {
		p.doc.Fault(content.Path{"flow"}, "flow %q must be named like its file, in a-z, 0-9 and -", f.ID)
		return
	}
	for v, t := range y.Vars {
		switch {
		case !varPattern.MatchString(v):
			p.doc.Fault(content.Path{"vars", v}, "variable %q: a name is a-z, 0-9 and _", v)
		case !slices.Contains(p.lists.varTypes(), t):
			p.doc.Fault(content.Path{"vars", v}, "variable %q has unknown type %q; there are %s", v, t, enumerate(p.lists.varTypes()))
		}
		f.Vars[v] = VarType(t)
		f.varLines[v] = p.doc.Line("vars", v)
		p.def.vars[v] = VarType(t)
		if p.def.isLookup(VarType(t)) {
			p.def.vars[companion(v)] = VarText
		}
	}
	p.private(f, y.Private)
	if y.Steps.Kind != yaml.MappingNode || len(y.Steps.Content) == 0 {
		p.doc.Fault(content.Path{"steps"}, "flow %q has no steps", f.ID)
		return
	}
	for i := 0; i+1 < len(y.Steps.Content); i += 2 {
		p.step(f, y.Steps.Content[i], y.Steps.Content[i+1])
	}
	if f.Start == "" && len(f.Order) > 0 {
		f.Start = f.Order[0]
	} else if f.Start != "" && f.Steps[f.Start] == nil {
		p.doc.Fault(content.Path{"start"}, "start: there is no step %q", f.Start)
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
		p.doc.Fault(content.Path{"renamed", old}, "renamed: step %q is still there", old)
	case f.Steps[successor] == nil:
		p.doc.Fault(content.Path{"renamed", old}, "renamed: step %q leads to unknown step %q", old, successor)
	}
	p.def.renamed[from] = Frame{Flow: f.ID, Step: successor}
}

// entries files the commands or links of a flow.
func (p *parser) entries(f *Flow, what string, pattern *regexp.Regexp, from map[string]string, into map[string]Frame) {
	for _, key := range sortedKeys(from) {
		at := content.Path{what + "s", key}
		if !pattern.MatchString(key) {
			p.doc.Fault(at, "%s %q: a name is a-z, 0-9 and _", what, key)
		}
		if what == "command" && (key == "start" || key == commandBack) {
			p.doc.Fault(at, "command %q is the program's own", key)
			continue
		}
		if other, taken := into[key]; taken {
			p.doc.Fault(at, "%s %q is taken by flow %q", what, key, other.Flow)
			continue
		}
		if f.Steps[from[key]] == nil {
			p.doc.Fault(at, "%s %q leads to unknown step %q", what, key, from[key])
			continue
		}
		into[key] = Frame{Flow: f.ID, Step: from[key]}
	}
}

func (p *parser) step(f *Flow, key, node *yaml.Node) {
	id, line := key.Value, key.Line
	if !idPattern.MatchString(id) || id == End {
		p.reader.Fault(f.File, line, "step %q: an id is a-z, 0-9 and -, and not %q", id, End)
		return
	}
	if f.Steps[id] != nil {
		p.reader.Fault(f.File, line, "step %q stands here for the second time", id)
		return
	}
	s := &StepDef{ID: id, Line: line, flow: f}
	f.Steps[id] = s // even if it is faulty: what leads to it is not
	f.Order = append(f.Order, id)
	(&inStep{parser: p, step: s}).parse(node)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
