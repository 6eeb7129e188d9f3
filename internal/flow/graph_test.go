package flow

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const drawn = `flow: demo
interrupt: true
commands: {demo: first}
links: {x: first}
vars: {x: text}
private: [x]
steps:
  first:
    ask: d.ask
    input: text
    save: x
    next: sort
    buttons:
      a: {label: d.a, goto: tell}
      b: {label: d.b, goto: menu/choose, when: advisors}
  sort:
    branch:
      - {when: 'x != ""', goto: tell}
      - {goto: end}
  tell: {call: other, next: clear}
  clear: {set: {x: ""}, next: end}
`

const other = "flow: other\nsteps:\n  show: {article: $language, next: end}\n"

func drawnFlows(t *testing.T) *Definition {
	t.Helper()
	fsys := files(drawn)
	fsys["other.yaml"] = &fstest.MapFile{Data: []byte(other)}
	def, err := Parse(fsys, lists)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func TestGraphHoldsEveryStepAndWay(t *testing.T) {
	g, err := drawnFlows(t).Graph("demo")
	if err != nil {
		t.Fatal(err)
	}
	at := func(step string) Frame { return Frame{Flow: "demo", Step: step} }
	want := Graph{
		Flows: []GraphFlow{{
			ID: "demo", Interrupt: true, Ends: true,
			Entries: []Entry{{"/demo", at("first")}, {"?start=x-…", at("first")}},
			Nodes: []Node{
				{Frame: at("first"), Action: "ask", Message: "d.ask", Waits: true},
				{Frame: at("sort"), Action: "branch"},
				{Frame: at("tell"), Action: "call", Detail: "other"},
				{Frame: at("clear"), Action: "set", Detail: "x = (nothing)"},
			},
		}},
		Outside: []Frame{{"menu", "choose"}, {"other", "show"}},
		Edges: []Edge{
			{From: at("first"), To: at("tell"), Label: "d.a"},
			{From: at("first"), To: Frame{"menu", "choose"}, Label: "d.b", Text: "advisors"},
			{From: at("first"), To: at("sort"), Text: "(text)"},
			{From: at("sort"), To: at("tell"), Text: `x != ""`},
			{From: at("sort"), To: at(End), Text: "else"},
			{From: at("tell"), To: Frame{"other", "show"}, Call: true},
			{From: at("tell"), To: at("clear")},
			{From: at("clear"), To: at(End)},
		},
	}
	if diff := cmp.Diff(want, g); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
}

func TestGraphOfAllFlowsHasNothingOutside(t *testing.T) {
	def := shipped(t)
	g, err := def.Graph()
	if err != nil || len(g.Flows) != len(def.Flows) || len(g.Outside) != 0 {
		t.Errorf("%d flows of %d, outside %v, %v", len(g.Flows), len(def.Flows), g.Outside, err)
	}
	if _, err := def.Graph("menu", "dance"); err == nil {
		t.Error("a flow that is not there is drawn")
	}
}
