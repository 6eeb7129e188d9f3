package main

import (
	"encoding/csv"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

func TestACellIsNoFormula(t *testing.T) {
	for words, want := range map[string]string{
		"Was kostet das?":         "Was kostet das?",
		"e-mail an a@b, C++":      "e-mail an a@b, C++",
		"Köln - Bonn = weit":      "Köln - Bonn = weit",
		"=1+1":                    "'=1+1",
		"  @SUM(A1)":              "  '@SUM(A1)",
		"Hallo;=1+1":              "Hallo;'=1+1",
		"Hallo, -1":               "Hallo, '-1",
		"Hallo|\"+1":              "Hallo|\"'+1",
		"Hallo\t\u200b＝1":         "Hallo\t\u200b'＝1",
		"Hallo\n=HYPERLINK(\"\")": "Hallo\n'=HYPERLINK(\"\")",
	} {
		if got := harmless(words); got != want {
			t.Errorf("%q becomes %q, want %q", words, got, want)
		}
	}
}

// However a program splits a line, at any sign, with heed to quotes or without:
// no cell is a formula. And who reads the file as it is meant reads the same words.
func TestNoWayOfSplittingMakesAFormula(t *testing.T) {
	const seed = 20261201
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // the same each time
	pieces := []string{"=", "+", "-", "@", ";", ",", "|", "\t", ":", "\n", "\r", "\"", "'", " ", "\u00a0", "\u200b", "＝", "a", "cmd|' /C calc'!A0", "ж"}
	formulas, changed := 0, 0
	for range 20_000 {
		line := make([]string, 1+random.IntN(3))
		for i := range line {
			for range random.IntN(8) {
				line[i] += pieces[random.IntN(len(pieces))]
			}
		}
		var b strings.Builder
		if err := writeCSV(&b, [][]string{line}); err != nil {
			t.Fatal(err)
		}
		for _, separators := range []string{",", ";", "|", "\t", ":", ",;|:\t"} {
			for _, cell := range append(strings.FieldsFunc(b.String(), func(r rune) bool { return strings.ContainsRune(separators+"\r\n", r) }), quoted(b.String(), separators)...) {
				if isFormula(cell) {
					t.Fatalf("%q is written as %q, and split at %q the cell %q is a formula", line, b.String(), separators, cell)
				}
			}
		}
		back, err := csv.NewReader(strings.NewReader(b.String())).Read()
		if blank := len(line) == 1 && strings.Trim(line[0], "\r\n") == ""; err != nil && !blank {
			t.Fatalf("%q: %v", line, err)
		}
		for i, cell := range back {
			if isFormula(line[i]) {
				formulas++
			}
			want := strings.ReplaceAll(line[i], "\r\n", "\n") // the reader of the library does that
			if strings.ReplaceAll(cell, "'", "") != strings.ReplaceAll(want, "'", "") {
				t.Fatalf("%q is read as %q", line, back)
			}
			if cell != want {
				changed++
			}
		}
	}
	if formulas == 0 || changed <= formulas {
		t.Errorf("%d cells were formulas, %d were changed: the test tries too little", formulas, changed)
	}
}

// quoted splits as a reader that heeds quotes wherever they stand.
func quoted(text, separators string) (cells []string) {
	var cell strings.Builder
	inside := false
	for _, r := range text {
		switch {
		case r == '"':
			inside = !inside
		case !inside && strings.ContainsRune(separators+"\r\n", r):
			cells = append(cells, cell.String())
			cell.Reset()
		default:
			cell.WriteRune(r)
		}
	}
	return append(cells, cell.String())
}

// isFormula says whether a spreadsheet would carry a cell out.
func isFormula(cell string) bool {
	cell = strings.TrimLeftFunc(cell, func(r rune) bool { return r == '"' || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) })
	return cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0])
}
