//go:build graphviz

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFlowsGraphDrawsSVG(t *testing.T) {
	out := must(t, nil, "flows", "graph", "handoff", "--lang", "uk", "--format", "svg")
	words := false
	for d := xml.NewDecoder(strings.NewReader(out)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not an SVG: %v\n%s", err, out)
		}
		if text, ok := token.(xml.CharData); ok && strings.Contains(string(text), "Скасувати") {
			words = true
		}
	}
	if !words {
		t.Errorf("the words of the buttons are not in\n%s", out)
	}
}
