package main

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"
)

// writeCSV writes lines for a spreadsheet, each cell as [harmless] leaves it.
func writeCSV(out io.Writer, lines [][]string) error {
	w := csv.NewWriter(out)
	for _, line := range lines {
		cells := make([]string, len(line))
		for i, cell := range line {
			cells[i] = harmless(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// harmless keeps a spreadsheet from carrying out what somebody wrote as a formula.
// Source: OWASP, "CSV Injection". A spreadsheet splits a line where its language or
// its user says, a German one at semicolons, and may not heed quotes; so each place
// in the text where a cell could begin is looked at, and not the first sign alone.
func harmless(cell string) string {
	var b strings.Builder
	begins := true // a cell could begin here, by one way of splitting
	for _, r := range cell {
		switch {
		case strings.ContainsRune(",;|:\t\r\n", r):
			begins = true
		case strings.ContainsRune("=+-@＝＋－＠", r): // the wide ones count as the others where Chinese or Japanese is spoken
			if begins {
				b.WriteByte('\'')
			}
			begins = false
		case r == '"' || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf):
			// Spreadsheets take these away before they look at a cell.
		default:
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
