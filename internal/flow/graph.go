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
			gf.Nodes = append(gf.Nodes, s.node(id))
			for _, e := range d.edges(f, s) {
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

// node describes a step; a sound one has exactly one action.
func (s *StepDef) node(flowID string) Node {
	n := Node{Frame: Frame{Flow: flowID, Step: s.ID}, Action: strings.Join(s.actions(), " "), Message: s.Say + s.Ask, Waits: s.waits()}
	switch {
	case s.Article != "":
		n.Detail = s.Article
	case s.Contacts != nil:
		n.Detail = s.Contacts["topic"]
	case s.Do != "":
		n.Detail = string(s.Do)
	case s.Call != "":
		n.Detail = s.Call
	case n.Action == "set":
		var parts []string
		for _, name := range sortedKeys(s.Set) {
			parts = append(parts, name+" = "+either(s.Set[name], "(nothing)"))
		}
		n.Detail = strings.Join(parts, ", ")
	}
	return n
}

// edges lists the ways out of a step, in the order of the file.
func (d *Definition) edges(f *Flow, s *StepDef) (edges []Edge) {
	add := func(target string, e Edge) {
		to, ok := d.resolve(f, target)
		if !ok {
			to = Frame{Flow: f.ID, Step: End}
		}
		e.From, e.To = Frame{Flow: f.ID, Step: s.ID}, to
		edges = append(edges, e)
	}
	for _, b := range s.Buttons {
		add(b.Goto, Edge{Label: b.Label, Text: b.When.source()})
	}
	for _, b := range s.Branch {
		add(b.Goto, Edge{Text: either(b.When.source(), "else")})
	}
	if s.Call != "" {
		add(s.Call+"/", Edge{Call: true})
	}
	if s.Next != "" {
		given := ""
		switch {
		case s.Input != "":
			given = "(" + string(s.Input) + ")"
		case s.Options != "":
			given = "(" + s.Options + ")"
		}
		add(s.Next, Edge{Text: given})
	}
	return edges
}
