package content

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Path is the way to a value in a file: names of keys, and positions in lists
// from 0. A text in place of a position finds the item that has this value.
type Path []any

// Document is a YAML or TOML file that was read, and where its values stand.
// It is for one goroutine at a time.
type Document struct {
	reader *Reader
	file   string
	ok     bool
	root   *yaml.Node            // of a YAML file; nil if it could not be parsed
	toml   func() map[string]int // of a TOML file: the lines of its keys
}

// File is the name of the file.
func (d *Document) File() string { return d.file }

// OK says that the file could be read and decoded without a fault.
func (d *Document) OK() bool { return d.ok }

// Root is the value of a YAML file, for those whose order matters or that are
// decoded part by part ([Document.Decode]); nil if the file could not be parsed.
func (d *Document) Root() *yaml.Node { return d.root }

// Fault adds a fault at the line of the value at path.
func (d *Document) Fault(path Path, format string, args ...any) {
	d.reader.Fault(d.file, d.Line(path...), format, args...)
}

// Line returns the line of the value at path, where its key stands if it has
// one. What is not there counts as where it would belong, with its parent.
func (d *Document) Line(path ...any) int {
	if d.toml != nil {
		return tomlLine(d.toml(), path)
	}
	if d.root == nil {
		return 1
	}
	n, line := d.root, d.root.Line
	for _, step := range path {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		next := -1
		switch step := step.(type) {
		case int:
			if n.Kind == yaml.SequenceNode && step < len(n.Content) {
				next = step
				line = n.Content[step].Line
			}
		case string:
			every, value := 1, 0 // of a list each item is looked at, of a mapping each key
			if n.Kind == yaml.MappingNode {
				every, value = 2, 1
			}
			for i := 0; i+value < len(n.Content); i += every {
				if n.Content[i].Value == step {
					next = i + value
					line = n.Content[i].Line
					break
				}
			}
		}
		if next < 0 {
			return line
		}
		n = n.Content[next]
	}
	return line
}

// YAML reads a file of one YAML document into v. Keys that v does not have,
// values of another kind and keys that stand twice are faults; v holds what could be read.
func (r *Reader) YAML(file string, v any) *Document {
	text, ok := r.Text(file)
	if !ok {
		return &Document{reader: r, file: file}
	}
	return r.document(file, text, emptyFile, v)
}

func (r *Reader) document(file, text, empty string, v any) *Document {
	d := &Document{reader: r, file: file}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var root yaml.Node
	err := decoder.Decode(&root)
	switch {
	case errors.Is(err, io.EOF), err == nil && blank(&root):
		r.Fault(file, 1, "%s", empty)
		return d
	case err != nil:
		d.report("", 1, err)
		return d
	}
	d.root = root.Content[0]
	d.ok = d.Decode(d.root, v, "")
	var more yaml.Node
	if err := decoder.Decode(&more); err == nil {
		r.Fault(file, more.Line, "a second document begins here, which nobody would read")
		d.ok = false
	} else if !errors.Is(err, io.EOF) {
		d.report("", 1, err)
		d.ok = false
	}
	return d
}

// blank says of a document that nothing is in it.
func blank(root *yaml.Node) bool {
	return len(root.Content) == 0 || root.Content[0].Kind == yaml.ScalarNode && root.Content[0].Tag == "!!null" && root.Content[0].Value == ""
}

// Decode decodes a part of the file into v as strictly as [Reader.YAML] does the
// whole. Where stands before each reason, such as `step "town": `; it may be empty. It says whether all was right.
func (d *Document) Decode(n *yaml.Node, v any, where string) bool {
	err := Strict(n, v)
	if err != nil {
		d.report(where, n.Line, err)
	}
	return err == nil
}

// report adds what the YAML library said; line is used where it names none.
func (d *Document) report(where string, line int, err error) {
	var typed *yaml.TypeError
	if !errors.As(err, &typed) {
		at, reason := cutLine(strings.TrimPrefix(err.Error(), "yaml: "))
		switch {
		case at == 0:
			at = line
		case parserSays(reason):
			at++
		}
		d.reader.Fault(d.file, at, "%snot valid YAML: %s", where, reason)
		return
	}
	for _, s := range typed.Errors {
		at, reason := cutLine(s)
		d.reader.Fault(d.file, at, "%s%s", where, yamlReason(reason))
	}
}

// parserSays tells the faults whose line the library counts from 0: those that its
// parser finds, and not its scanner.
func parserSays(reason string) bool {
	rest, ok := strings.CutPrefix(reason, "did not find expected ")
	return ok && slices.ContainsFunc([]string{"<", "','", "'-'", "key", "node content"}, func(s string) bool { return strings.HasPrefix(rest, s) })
}

// cutLine takes "line 7: reason" apart; the line is 0 if there is none.
func cutLine(s string) (line int, reason string) {
	if rest, ok := strings.CutPrefix(s, "line "); ok {
		if number, reason, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(number); err == nil {
				return line, reason
			}
		}
	}
	return 0, s
}

// yamlReason puts into plain words what the YAML library says of a value that
// does not fit: "cannot unmarshal !!str `abc` into int".
func yamlReason(s string) string {
	found, ok := strings.CutPrefix(s, "cannot unmarshal ")
	into := strings.LastIndex(found, " into ")
	if !ok || into < 0 {
		return s
	}
	found, goType := found[:into], found[into+len(" into "):]
	kind, value, _ := strings.Cut(found, " ")
	what := yamlKinds[kind]
	if what == "" {
		what = "this"
	}
	if value = strings.Trim(value, "`"); value != "" {
		what = strconv.Quote(value)
	}
	return what + " stands where " + kindWords(goType) + " is expected"
}

var yamlKinds = map[string]string{
	"!!seq": "a list", "!!map": "a set of keys", "!!str": "a text", "!!int": "a whole number", "!!float": "a number",
	"!!bool": "true or false", "!!null": "nothing", "!!timestamp": "a date",
}

// kindWords is what an editor calls the values of a Go type, or of what the
// TOML library says in its place.
func kindWords(name string) string {
	name = strings.TrimLeft(name, "*")
	switch {
	case strings.HasPrefix(name, "["), name == "slice":
		return "a list"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"):
		return "a whole number"
	case strings.HasPrefix(name, "float"):
		return "a number"
	case strings.HasPrefix(name, "map"), name == "table":
		return "a set of keys"
	case strings.HasPrefix(name, "bool"):
		return "true or false"
	case name == "string":
		return "a text"
	case name == "time.Time":
		return "a date"
	}
	return "something else"
}

// Strict decodes a node into v; a key that v does not have is an error. It is
// for the method UnmarshalYAML of a type, which must not call itself:
//
//	func (t *Turn) UnmarshalYAML(n *yaml.Node) error {
//		type plain Turn
//		t.line = n.Line
//		return content.Strict(n, (*plain)(t))
//	}
//
// The library can be strict only with text, which would be parsed twice, and of
// which the parts would lose their lines.
func Strict(n *yaml.Node, v any) error {
	err := n.Decode(v)
	var typed *yaml.TypeError
	torn := err != nil && !errors.As(err, &typed)
	if torn && !strings.Contains(err.Error(), "invalid array") { // of that the line is not told, but found below
		return err
	}
	c := checker{following: map[*yaml.Node]bool{}}
	if typed != nil {
		c.wrong = typed.Errors
	}
	c.check(shapeOf(reflect.TypeOf(v)), n)
	switch {
	case len(c.wrong) > 0:
		return &yaml.TypeError{Errors: c.wrong}
	case torn:
		return err
	}
	return nil
}

// shape is what the library does not check of a Go type; nil if there is nothing.
type shape struct {
	fields map[string]*shape // of a struct
	elem   *shape            // of what a list or a map holds, or of other keys of the struct
	length int               // of an array; 0 if any
	whole  bool              // a whole number, of which the library would take the fraction away
	open   bool              // a struct that takes any other key
}

var shapes sync.Map // reflect.Type -> *shape

var (
	unmarshaler = reflect.TypeFor[yaml.Unmarshaler]()
	nodeType    = reflect.TypeFor[yaml.Node]()
)

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape) //nolint:forcetypeassert // nothing else is put into it
	}
	s := newShape(t, map[reflect.Type]*shape{})
	shapes.Store(t, s)
	return s
}

// newShape is given the types around t, for a type may hold itself.
func newShape(t reflect.Type, around map[reflect.Type]*shape) *shape {
	if t == nil || t == nodeType || t.Implements(unmarshaler) || reflect.PointerTo(t).Implements(unmarshaler) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return newShape(t.Elem(), around)
	case reflect.Int, reflect.Int64:
		return &shape{whole: true}
	case reflect.Slice, reflect.Map:
		if elem := newShape(t.Elem(), around); elem != nil {
			return &shape{elem: elem}
		}
	case reflect.Array:
		return &shape{elem: newShape(t.Elem(), around), length: t.Len()}
	case reflect.Struct:
		if s, ok := around[t]; ok {
			return s
		}
		s := &shape{fields: map[string]*shape{}}
		around[t] = s
		s.addFields(t, around)
		return s
	}
	return nil
}

// addFields follows the rules of the library: a field is called by its tag, or
// by its name in lower case, and an inline one stands for its own fields.
func (s *shape) addFields(t reflect.Type, around map[reflect.Type]*shape) {
	for f := range t.Fields() {
		tag := f.Tag.Get("yaml")
		if !f.IsExported() && !f.Anonymous || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if strings.Contains(options, "inline") {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Map {
				s.open, s.elem = true, newShape(inner.Elem(), around)
			} else {
				s.addFields(inner, around)
			}
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		s.fields[name] = newShape(f.Type, around)
	}
}

// checker gathers what does not fit.
type checker struct {
	wrong     []string
	following map[*yaml.Node]bool // anchors, for one may hold itself
}

func (c *checker) add(n *yaml.Node, format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf("line %d: ", n.Line)+fmt.Sprintf(format, args...))
}

// check looks at n and below it.
func (c *checker) check(s *shape, n *yaml.Node) {
	if s == nil {
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		if c.following[n.Alias] {
			c.add(n, "*%s stands within itself", n.Value)
			return
		}
		c.following[n.Alias] = true
		c.check(s, n.Alias)
		delete(c.following, n.Alias)
	case yaml.DocumentNode:
		for _, child := range n.Content {
			c.check(s, child)
		}
	case yaml.ScalarNode:
		if s.whole && n.ShortTag() == "!!float" {
			c.add(n, "%q stands where a whole number is expected", n.Value)
		}
	case yaml.SequenceNode:
		if s.length > 0 && len(n.Content) != s.length {
			c.add(n, "the list has %d items, it must have %d", len(n.Content), s.length)
		}
		below := s.elem
		if s.fields != nil { // the mappings that are merged into a struct; for all else a list is refused already
			below = s
		}
		for _, child := range n.Content {
			c.check(below, child)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			switch below, known := s.fields[key.Value]; {
			case key.Tag == "!!merge":
				c.check(s, value)
			case known:
				c.check(below, value)
			case s.fields == nil, s.open:
				c.check(s.elem, value)
			default:
				c.add(key, "unknown key %q", key.Value)
			}
		}
	}
}
