package flow

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is flows as they can be drawn. It holds message ids and no words;
// who draws it chooses the language.
type Graph struct {
	Flows []GraphFlow
	// Outside are the steps of other flows that an edge leads to, each once.
	Outside []Frame
	Edges   []Edge
}

// GraphFlow is one flow of a graph with its steps in file order.
type GraphFlow struct {
	ID        string
	Interrupt bool
	// Entries are the commands ("/menu") and links ("?start=topic-…") that lead into the flow.
	Entries []Entry
	Nodes   []Node
	// Ends says that an edge leads to the [End] of the flow.
	Ends bool
}

// Entry is a way into a flow from anywhere.
type Entry struct {
	Name string
	To   Frame
}

// Node is one step.
type Node struct {
	Frame
	// Action is what the step does, by its key in the file: "say", "ask", "branch" …
	Action string
	// Message is the id of what is said or asked. If empty, nothing is.
	Message string
	// Detail is what the step is about if it says nothing: a topic, an effect, a flow.
	Detail string
	// Waits says that the dialogue stops here until the person answers.
	Waits bool
}

// Edge is a way from one step to another.
type Edge struct {
	From, To Frame // To.Step is [End] for the end of From's flow
	// Label is the message id of the button. If empty, Text says what leads this way.
	Label string
	// Text is a condition, or what is given ("(text)"). It may stand beside Label
	// as the condition under which the button is shown.
	Text string
	// Call says that the flow comes back from there.
	Call bool
}

// Graph returns the named flows with the ways between their steps; all flows
// if none is named. The error names a flow that is not there.
func (d *Definition) Graph(ids ...string) (Graph, error) {
	if len(ids) == 0 {
		ids = sortedKeys(d.Flows)
	}
	var g Graph
	for _, id := range ids {
		f := d.Flows[id]
		if f == nil {
			return Graph{}, fmt.Errorf("there is no flow %q; there are %s", id, strings.Join(sortedKeys(d.Flows), ", "))
		}
		gf := GraphFlow{ID: id, Interrupt: f.Interrupt, Entries: d.entriesOf(id)}
		for _, sid := range f.Order {
			s := f.Steps[sid]
			gf.Nodes = append(gf.Nodes, s.node())
			for _, e := range d.edges(s) {
				g.Edges = append(g.Edges, e)
				switch {
				case e.To.Step == End:
					gf.Ends = true
				case !slices.Contains(ids, e.To.Flow) && !slices.Contains(g.Outside, e.To):
					g.Outside = append(g.Outside, e.To)
				}
			}
		}
		g.Flows = append(g.Flows, gf)
	}
	return g, nil
}

func (d *Definition) entriesOf(id string) (entries []Entry) {
	for _, command := range sortedKeys(d.commands) {
		if fr := d.commands[command]; fr.Flow == id {
			entries = append(entries, Entry{Name: "/" + command, To: fr})
		}
	}
	for _, link := range sortedKeys(d.links) {
		if fr := d.links[link]; fr.Flow == id {
			entries = append(entries, Entry{Name: "?start=" + link + "-…", To: fr})
		}
	}
	return entries
}

func (s *StepDef) node() Node {
	u := s.action.uses()
	return Node{Frame: s.frame(), Action: s.kind, Message: u.message, Detail: u.about, Waits: s.waits()}
}

// edges lists the ways out of a step, in the order of the file.
func (d *Definition) edges(s *StepDef) (edges []Edge) {
	for _, e := range s.exits() {
		to, ok := d.resolve(s.flow, e.to)
		if !ok {
			to = Frame{Flow: s.flow.ID, Step: End}
		}
		edges = append(edges, Edge{From: s.frame(), To: to, Label: e.label, Text: e.text, Call: e.call})
	}
	return edges
}
