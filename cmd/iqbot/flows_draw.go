package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"iqbot/internal/flow"
)

// maxWords is how much of a message a node shows, in characters: about three
// lines, enough to know it by.
const maxWords = 72

// first shortens a message to its beginning, in one line.
func first(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	for n, g := 0, uniseg.NewGraphemes(s); g.Next(); n++ {
		if n == maxWords {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteString(g.Str())
	}
	return b.String()
}

// lines are what a node shows: its name, then what it says or is about.
func lines(n flow.Node, words func(string) string) []string {
	out := []string{n.Step}
	if n.Action != "say" && n.Action != "ask" {
		out[0] += " · " + n.Action
	}
	if n.Message != "" {
		out = append(out, first(words(n.Message)))
	}
	if n.Detail != "" {
		out = append(out, first(n.Detail))
	}
	return out
}

// title is what stands above the steps of a flow.
func title(f flow.GraphFlow) string {
	if f.Interrupt {
		return f.ID + " ↩ comes back to what it interrupted"
	}
	return f.ID
}

// label is what stands beside an edge.
func label(e flow.Edge, words func(string) string) string {
	switch {
	case e.Call:
		return "call ⇄"
	case e.Label != "" && e.Text != "":
		return first(words(e.Label)) + " [" + e.Text + "]"
	case e.Label != "":
		return first(words(e.Label))
	default:
		return e.Text
	}
}

// nodeID names a step in a diagram. Ids hold neither _ nor --, so no two steps share one.
func nodeID(fr flow.Frame) string {
	return strings.ReplaceAll(fr.Flow, "-", "_") + "__" + strings.ReplaceAll(fr.Step, "-", "_")
}

// mermaid writes a flowchart in the language of Mermaid, which GitHub, GitLab and many editors draw.
func mermaid(g flow.Graph, words func(string) string) string {
	var b strings.Builder
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) } // a Builder takes everything
	quoted := func(lines ...string) string {
		for i, l := range lines {
			lines[i] = mermaidText(l)
		}
		return `"` + strings.Join(lines, "<br>") + `"`
	}
	p("flowchart TD")
	for _, f := range g.Flows {
		p("  subgraph %s[%s]", "flow_"+strings.ReplaceAll(f.ID, "-", "_"), quoted(title(f)))
		for _, n := range f.Nodes {
			shape := [2]string{"[", "]"}
			switch {
			case n.Action == "branch":
				shape = [2]string{"{", "}"}
			case n.Waits:
				shape = [2]string{"(", ")"}
			case n.Action == "call":
				shape = [2]string{"[[", "]]"}
			}
			p("    %s%s%s%s", nodeID(n.Frame), shape[0], quoted(lines(n, words)...), shape[1])
		}
		if f.Ends {
			p("    %s((%s))", nodeID(flow.Frame{Flow: f.ID, Step: flow.End}), quoted(flow.End))
		}
		p("  end")
		for _, e := range f.Entries {
			p("  %s>%s] -.-> %s", entryID(f, e), quoted(e.Name), nodeID(e.To))
		}
	}
	for _, fr := range g.Outside {
		p("  %s([%s]):::outside", nodeID(fr), quoted(fr.Flow+"/"+fr.Step))
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Call {
			arrow = "-.->"
		}
		if l := label(e, words); l != "" {
			arrow += "|" + quoted(l) + "|"
		}
		p("  %s %s %s", nodeID(e.From), arrow, nodeID(e.To))
	}
	if len(g.Outside) > 0 {
		p("  classDef outside stroke-dasharray:4")
	}
	return b.String()
}

func entryID(f flow.GraphFlow, e flow.Entry) string {
	return fmt.Sprintf("entry_%s_%d", strings.ReplaceAll(f.ID, "-", "_"), slices.Index(f.Entries, e)+1)
}

// mermaidText writes s so that Mermaid reads nothing in it but text: what is
// neither a letter, a digit nor common punctuation becomes a character code.
// So does a sign that would begin a list.
func mermaidText(s string) string {
	var b strings.Builder
	number := true // there are only digits so far
	for i, r := range s {
		plain := unicode.In(r, unicode.L, unicode.M, unicode.N) || strings.ContainsRune(" ,:?!()/…·'’–→↩⇄=", r) || r == '.' && !number || r == '-' && i > 0
		if plain {
			b.WriteRune(r)
		} else {
			_, _ = fmt.Fprintf(&b, "#%d;", r) // a Builder takes everything
		}
		number = number && unicode.IsDigit(r)
	}
	return b.String()
}

// dot writes the same diagram in the language of Graphviz.
func dot(g flow.Graph, words func(string) string) string {
	var b strings.Builder
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) } // a Builder takes everything
	p("digraph flows {")
	p(`  graph [rankdir=TB, fontname="sans-serif"]; node [shape=box, fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif", fontsize=9];`)
	for _, f := range g.Flows {
		p("  subgraph %s { label=%s;", dotText("cluster_"+f.ID), dotText(title(f)))
		for _, n := range f.Nodes {
			style := "shape=box"
			switch {
			case n.Action == "branch":
				style = "shape=diamond"
			case n.Waits:
				style = `shape=box, style=rounded`
			case n.Action == "call":
				style = "shape=box, peripheries=2"
			}
			p("    %s [%s, label=%s];", dotText(nodeID(n.Frame)), style, dotText(wrap(lines(n, words))))
		}
		if f.Ends {
			p("    %s [shape=circle, label=%s];", dotText(nodeID(flow.Frame{Flow: f.ID, Step: flow.End})), dotText(flow.End))
		}
		p("  }")
		for _, e := range f.Entries {
			p("  %s [shape=cds, label=%s];", dotText(entryID(f, e)), dotText(e.Name))
			p("  %s -> %s [style=dashed];", dotText(entryID(f, e)), dotText(nodeID(e.To)))
		}
	}
	for _, fr := range g.Outside {
		p("  %s [style=dashed, label=%s];", dotText(nodeID(fr)), dotText(fr.Flow+"/"+fr.Step))
	}
	for _, e := range g.Edges {
		style := "solid"
		if e.Call {
			style = "dashed"
		}
		p("  %s -> %s [style=%s, label=%s];", dotText(nodeID(e.From)), dotText(nodeID(e.To)), style, dotText(label(e, words)))
	}
	p("}")
	return b.String()
}

// dotText quotes s for Graphviz, which reads escapes in labels.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// wrap breaks long lines, because Graphviz does not.
func wrap(lines []string) string {
	const width = 28 // characters; a box of three lines is about as wide as it is high
	var out []string
	for _, l := range lines {
		line := ""
		for word := range strings.FieldsSeq(l) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
				out, line = append(out, line), ""
			}
			line = strings.TrimSpace(line + " " + word)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
