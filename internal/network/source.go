package network

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// loader reads files and gathers their faults.
type loader struct {
	fsys   fs.FS
	faults []error
}

func (l *loader) fault(file string, line int, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...)))
}

func (l *loader) read(file string) []byte {
	data, err := fs.ReadFile(l.fsys, file)
	if err != nil {
		l.faults = append(l.faults, fmt.Errorf("read %s: %w", file, err))
	}
	return data
}

// document is a YAML file together with the lines on which its values stand.
type document struct {
	*loader
	file string
	data []byte
	root yaml.Node // parsed when the first fault needs a line
}

// yamlFault takes the line out of what the YAML library says; the Go type that
// it may name at the end is of no use to an editor.
var yamlFault = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*?)(?: in type .*)?$`)

// yaml reads a file into v; a field that v does not have is a fault.
func (l *loader) yaml(file string, v any) *document {
	doc := &document{loader: l, file: file}
	if doc.data = l.read(file); doc.data == nil {
		return doc
	}
	dec := yaml.NewDecoder(bytes.NewReader(doc.data))
	dec.KnownFields(true)
	err := dec.Decode(v)
	var many *yaml.TypeError
	switch {
	case err == nil:
		return doc
	case errors.As(err, &many):
		for _, s := range many.Errors {
			doc.complain(s)
		}
	default:
		doc.complain(err.Error())
	}
	return doc
}

func (doc *document) complain(s string) {
	m := yamlFault.FindStringSubmatch(s)
	if m == nil {
		doc.fault(doc.file, 1, "%s", s)
		return
	}
	line, _ := strconv.Atoi(m[1]) // the pattern allows digits only
	doc.fault(doc.file, line, "%s", m[2])
}

// wrong reports a fault of the value at path, whose steps are keys (string)
// and positions (int). A step that is not there ends the path: its parent's line counts.
func (doc *document) wrong(path []any, format string, args ...any) {
	if doc.root.IsZero() {
		_ = yaml.Unmarshal(doc.data, &doc.root) // it was decoded before, or is reported already
	}
	n := &doc.root
	if len(n.Content) > 0 {
		n = n.Content[0]
	}
	line := n.Line
walk:
	for _, step := range path {
		switch step := step.(type) {
		case int:
			if step >= len(n.Content) {
				break walk
			}
			n = n.Content[step]
			line = n.Line
		case string:
			found := false
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					line, n, found = n.Content[i].Line, n.Content[i+1], true
					break
				}
			}
			if !found {
				break walk
			}
		}
	}
	doc.fault(doc.file, line, format, args...)
}

// row is a line of a table, its fields by the names in the table's head.
type row struct {
	line   int
	fields map[string]string
}

// table reads a file of comma- or tab-separated values whose first line names the columns.
func (l *loader) table(file string, comma rune, columns ...string) []row {
	r := csv.NewReader(bytes.NewReader(l.read(file)))
	r.Comma = comma
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			l.fault(file, 1, "%v", err)
		}
		return nil
	}
	if got, want := strings.Join(head, ","), strings.Join(columns, ","); got != want {
		l.fault(file, 1, "the columns are %s, they must be %s", got, want)
		return nil
	}
	var rows []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			l.fault(file, bad.Line, "%v", bad.Err)
			return rows // what follows a torn quotation cannot be trusted
		}
		if err != nil {
			l.fault(file, 1, "%v", err)
			return rows
		}
		line, _ := r.FieldPos(0)
		if len(record) != len(columns) {
			l.fault(file, line, "%d fields, there must be %d", len(record), len(columns))
			continue
		}
		fields := make(map[string]string, len(columns))
		for i, c := range columns {
			fields[c] = record[i]
		}
		rows = append(rows, row{line, fields})
	}
}
