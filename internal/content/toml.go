package content

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

// TOML reads a TOML file into v, a pointer to a struct or a map. Keys that a
// struct does not have and values of another kind are faults; of a file with
// faults v may hold a part.
func (r *Reader) TOML(file string, v any) *Document {
	d := &Document{reader: r, file: file}
	text, ok := r.Text(file)
	if !ok {
		return d
	}
	d.toml = sync.OnceValue(func() map[string]int { return keyLines(text) })
	meta, err := toml.Decode(text, v)
	if err != nil {
		line, reason := tomlReason(err)
		r.Fault(file, line, "%s", reason)
		return d
	}
	d.ok = true
	into := reflect.TypeOf(v).Elem()
	if into.Kind() != reflect.Struct {
		return d // a map takes every key
	}
	for _, name := range mapsOf(into) { // which the library passes over if they are none
		if kind := meta.Type(name); kind != "" && kind != "Hash" {
			d.Fault(Path{name}, "key %q: a set of keys is expected here", name)
			d.ok = false
		}
	}
	for _, key := range meta.Undecoded() {
		name := strings.Join(key, ".")
		d.Fault(Path{name}, "unknown key %q", name)
		d.ok = false
	}
	return d
}

// mapsOf returns the keys of those fields of a struct that are maps.
func mapsOf(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		if f.Type.Kind() == reflect.Map {
			name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
			names = append(names, cmp.Or(name, f.Name))
		}
	}
	return names
}

// tomlReason puts into plain words what the TOML library says.
func tomlReason(err error) (line int, reason string) {
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return syntax.Position.Line, "not valid TOML: " + syntax.Message
	}
	// toml: line 6 (last key "order"): incompatible types: TOML value has type string; destination has type integer
	head, reason, _ := strings.Cut(strings.TrimPrefix(err.Error(), "toml: "), "): ")
	var key string
	if _, e := fmt.Sscanf(head, "line %d (last key %q", &line, &key); e != nil {
		return 0, strings.TrimPrefix(err.Error(), "toml: ")
	}
	var found string
	want := "table"
	if rest, ok := strings.CutPrefix(reason, "incompatible types: TOML value has type "); ok {
		found, want, _ = strings.Cut(rest, "; destination has type ")
	} else if _, rest, ok := strings.Cut(reason, ": expected table but found "); ok {
		found = rest
	} else {
		return line, fmt.Sprintf("key %q: %s", key, reason)
	}
	return line, fmt.Sprintf("key %q: %s stands where %s is expected", key, kindWords(found), kindWords(want))
}

// tomlLine is [Document.Line] for the keys of a file; positions do not count.
func tomlLine(lines map[string]int, path []any) int {
	var keys []string
	for _, step := range path {
		if key, ok := step.(string); ok {
			keys = append(keys, key)
		}
	}
	for ; len(keys) > 0; keys = keys[:len(keys)-1] {
		if line := lines[strings.Join(keys, ".")]; line > 0 {
			return line
		}
	}
	return 1
}

// keyLines finds where the tables and keys of a TOML file begin, which the
// library does not tell.
func keyLines(text string) map[string]int {
	lines := make(map[string]int, strings.Count(text, "\n"))
	table, within := "", "" // the quotation marks of a text of several lines that is open
	for n, rest := 1, text; rest != ""; n++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		if within != "" {
			if strings.Count(line, within)%2 == 1 {
				within = ""
			}
			continue
		}
		for _, marks := range []string{`"""`, "'''"} {
			if strings.Count(line, marks)%2 == 1 {
				within = marks
			}
		}
		var key string
		if name, ok := strings.CutPrefix(line, "["); ok {
			name, _, ok = strings.Cut(strings.TrimPrefix(name, "["), "]")
			if !ok {
				continue
			}
			key = bare(name)
			table = key + "."
		} else {
			name, _, ok := strings.Cut(line, "=")
			if !ok || strings.HasPrefix(line, "#") {
				continue
			}
			key = table + bare(name)
		}
		if _, known := lines[key]; !known {
			lines[key] = n
		}
	}
	return lines
}

// bare is a key without the quotation marks and spaces of its parts.
func bare(key string) string {
	if !strings.ContainsAny(key, `"' `) {
		return key
	}
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\'' || r == ' ' {
			return -1
		}
		return r
	}, key)
}
