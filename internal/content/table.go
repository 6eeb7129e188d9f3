package content

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// Row is a line of a table.
type Row struct {
	Line  int
	cells []string
	at    map[string]int // column -> position
}

// Cell returns what stands in a column. The column must be one of those that
// the table was read with.
func (r Row) Cell(column string) string {
	i, ok := r.at[column]
	if !ok {
		panic("content: there is no column " + column) // a slip in the program, not in the file
	}
	return r.cells[i]
}

// Table reads a file of values that are parted by comma, which may be a
// tabulator. Its first line names the columns, which are these, in any order.
// Rows with faults are left out.
func (r *Reader) Table(file string, comma rune, columns ...string) []Row {
	text, ok := r.Text(file)
	if !ok {
		return nil
	}
	cr := csv.NewReader(strings.NewReader(text))
	cr.Comma = comma
	cr.FieldsPerRecord = -1
	head, err := cr.Read()
	if errors.Is(err, io.EOF) {
		r.Fault(file, 1, emptyFile)
		return nil
	}
	if err != nil {
		r.torn(file, err)
		return nil
	}
	at := make(map[string]int, len(head))
	ok = true
	for i, name := range head {
		if _, twice := at[name]; twice || !slices.Contains(columns, name) {
			r.Fault(file, 1, "column %q is unknown or stands here twice; there are %s", name, strings.Join(columns, ", "))
			ok = false
		}
		at[name] = i
	}
	for _, name := range columns {
		if _, there := at[name]; !there {
			r.Fault(file, 1, "column %q is missing", name)
			ok = false
		}
	}
	if !ok {
		return nil
	}
	var rows []Row
	for {
		cells, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			r.torn(file, err)
			return rows // what follows a torn quotation cannot be trusted
		}
		line, _ := cr.FieldPos(0)
		if len(cells) != len(head) {
			r.Fault(file, line, "%d fields, there must be %d", len(cells), len(head))
			continue
		}
		rows = append(rows, Row{line, cells, at})
	}
}

func (r *Reader) torn(file string, err error) {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		r.Fault(file, bad.StartLine, "not a valid table: %v", bad.Err)
		return
	}
	r.Fault(file, 0, "not a valid table: %v", err)
}
