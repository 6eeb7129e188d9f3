package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const evalTable = "id\tlang\tquestion\ttopic\tstyle\n" +
	"# a note\n" +
	"a1\tde\tWas kostet die Anerkennung?\tcosts\tplain\n" +
	"a2\ten\tWas kostet die Anerkennung?\tduration|objection\tplain\n" +
	"a3\tde\twie wird das wetter\tnone\tkeywords\n" +
	"a4\tuk\tпривіт\tsmalltalk\n"

func TestEval(t *testing.T) {
	dir := t.TempDir()
	table, results := filepath.Join(dir, "table.tsv"), filepath.Join(dir, "results.tsv")
	write(t, table, evalTable)
	out, err := command(t, nil, "eval", table, "--out", results)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"      all      2   50.0      50.0   50.0   50.0      0.0    2       0.0      0.0",
		"       en      1    0.0       0.0    0.0  100.0      0.0    0         -        -",
		" keywords      0      -         -      -      -        -    1       0.0      0.0",
		"1      duration|objection  costs",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no line %q in\n%s", want, out)
		}
	}
	data, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for i, want := range []string{"id\ttopic1\ttopic2\ttopic3\tanswered", "a1\tcosts\t", "a2\tcosts\t", "a3\t", "a4\t", ""} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want %q", i+1, lines[i], want)
		}
	}
	for i, want := range []string{"yes", "yes", "no", "no"} {
		if cells := strings.Split(lines[i+1], "\t"); len(cells) != 5 || cells[4] != want {
			t.Errorf("%q: answered should be %s", lines[i+1], want)
		}
	}
}

func TestEvalNamesBadLines(t *testing.T) {
	table := filepath.Join(t.TempDir(), "table.tsv")
	write(t, table, "a1\tde\tkosten\tcost\na1\tde\n")
	_, err := command(t, nil, "eval", table)
	want := table + ":1: there is no topic \"cost\"\n" + table + ":2: 2 columns; they are id, lang, question, topic and perhaps style, with tabs between them"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
