package flow

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/content"
)

// secret is what somebody wrote for the advisors.
const secret = "Olena Kovalenko, passport AB1234567"

// inRequest is a dialogue in the middle of a request to the advisors.
func inRequest(stack ...Frame) State {
	return State{
		Language: "en", Stack: stack, Misses: 1,
		History: []Frame{{"menu", "choose"}, {"handoff", "consent"}, {"handoff", "words"}},
		Vars:    map[string]string{"words": secret, "reach": "phone", "address": secret, "topic": "costs", "place": "07111", "place_name": "Koblenz"},
	}
}

// However a flow is left, what is private to it is forgotten, nobody can go back
// into its middle, and the next time it asks anew.
func TestWhatIsPrivateIsForgottenWhenTheFlowIsLeft(t *testing.T) {
	confirm := Frame{"handoff", "confirm"}
	def := shipped(t)
	for name, tt := range map[string]struct {
		st State
		in Input
	}{
		"cancelled by command":       {inRequest(confirm), command("cancel", "")},
		"cancelled by button":        {inRequest(confirm), press("handoff/confirm/cancel")},
		"menu":                       {inRequest(confirm), command("menu", "")},
		"menu, typed":                {inRequest(confirm), text("меню")},
		"start":                      {inRequest(confirm), command("start", "")},
		"a link":                     {inRequest(confirm), command("start", "topic-costs")},
		"another command":            {inRequest(confirm), command("offers", "")},
		"begun anew":                 {inRequest(confirm), command("human", "")},
		"begun anew by a button":     {inRequest(confirm), press(FlowData(Handoff))},
		"an old button":              {inRequest(confirm), press("menu/choose/offers")},
		"sent":                       {inRequest(confirm), press("handoff/confirm/send")},
		"its step is gone":           {inRequest(Frame{"handoff", "was-removed"}), text("hello")},
		"the flow is gone":           {inRequest(Frame{"contact-us", "confirm"}), text("hello")},
		"back, out of it":            {State{Language: "en", Stack: []Frame{{"handoff", "consent"}}, History: []Frame{{"menu", "choose"}}, Vars: map[string]string{"words": secret}}, command("back", "")},
		"left by an earlier release": {inRequest(Frame{"menu", "choose"}), text("how much is it?")},
		"the same, into the flow":    {inRequest(Frame{"menu", "choose"}), press("menu/choose/human")},
		"the same, and a timer":      {inRequest(Frame{"menu", "choose"}), Input{Kind: KindTimer}},
		"the same, and a double tap": {func() State { st := inRequest(Frame{"menu", "choose"}); st.Pressed = "7 t/costs"; return st }(), Input{Kind: KindButton, Text: "t/costs", Source: "7"}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Step(def, tt.st, tt.in, testEnv())
			if err != nil {
				t.Fatal(err)
			}
			left, _ := json.Marshal(res.State)
			if strings.Contains(string(left), secret) || res.State.Vars["reach"] != "" {
				t.Errorf("the state is %s", left)
			}
			if tt.st.Vars["topic"] != res.State.Vars["topic"] && tt.in.Text != "topic-costs" {
				t.Errorf("the topic is forgotten, too: %s", left)
			}
			if back, err := Step(def, res.State, command("back", ""), testEnv()); err != nil || back.State.Stack[0].Flow == Handoff && back.State.Stack[0].Step != "consent" {
				t.Errorf("the way back leads to %v, %v", back.State.Stack, err)
			}
			again, err := Step(def, res.State, command("human", ""), testEnv())
			for _, in := range []Input{press("handoff/consent/yes"), text("my new words"), press("handoff/place/skip")} {
				if err == nil {
					again, err = Step(def, again.State, in, testEnv())
				}
			}
			if at := again.State.Stack; err != nil || at[0].Step == "confirm" {
				t.Errorf("the next request stands at %v, %v", at, err)
			}
		})
	}
}

func TestWhatIsPrivateIsKeptWhileTheFlowIsUnderWay(t *testing.T) {
	def := shipped(t)
	st := inRequest(Frame{"handoff", "confirm"})
	for _, in := range []Input{
		text("how much is it?"), press(TopicData("costs")), command("help", ""), command("language", ""), press("language/choose/de"),
		command("withdraw", ""), press("withdraw/confirm/no"), text("crisis"), {Kind: KindUnsupported}, {Kind: KindTimer}, press("gone/gone/a"),
		press("handoff/confirm/words"), command("back", ""),
	} {
		res, err := Step(def, st, in, testEnv())
		if err != nil {
			t.Fatal(err)
		}
		st = stored(t, res.State)
		if st.Vars["words"] != secret || st.Vars["address"] != secret {
			t.Fatalf("after %v at %v: %v", in, st.Stack, st.Vars)
		}
	}
	if len(st.Stack) != 1 || st.Stack[0].Flow != Handoff {
		t.Errorf("the dialogue stands at %v", st.Stack)
	}
}

// What is private is forgotten at the moment at which it is of no use any more,
// also if the flow is under way again when the step ends.
func TestAFlowThatBeginsAnewAsksAnew(t *testing.T) {
	const flow = `
commands: {demo: first}
links: {ref: linked}
vars: {x: text, ref: text}
private: [x, ref]
steps:
  first: {ask: d.first, input: text, save: x, next: second}
  second:
    ask: d.second
    buttons:
      open: {label: d.a, goto: open}
      away: {label: d.b, goto: other/first}
  open: {open-case: {words: $x}, next: third}
  third: {ask: d.third, buttons: {b: {label: l, goto: end}}}
  linked: {ask: d.linked, buttons: {b: {label: l, goto: end}}}
`
	const other = "flow: other\nsteps:\n  first: {say: o.first, next: demo/third}\n"
	for name, tt := range map[string]struct {
		top string // of the file
		in  Input
		at  Frame
		ref string
	}{
		"by its command":           {"", command("demo", ""), Frame{"demo", "first"}, ""},
		"above what it interrupts": {"interrupt: true\n", command("demo", ""), Frame{"demo", "first"}, ""},
		"by a link":                {"", command("start", "ref-x"), Frame{"demo", "linked"}, "x"},
		"its case is opened":       {"", press("demo/second/open"), Frame{"demo", "third"}, ""},
		"away and back":            {"", press("demo/second/away"), Frame{"demo", "third"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := files("flow: demo\n" + tt.top + flow)
			fsys["other.yaml"] = &fstest.MapFile{Data: []byte(other)}
			def, err := Parse(fsys, lists)
			if err != nil {
				t.Fatal(err)
			}
			st := State{Language: "en", Stack: []Frame{{"demo", "first"}}}
			for _, in := range []Input{text(secret), tt.in} {
				res, err := Step(def, st, in, testEnv())
				if err != nil {
					t.Fatal(err)
				}
				st = res.State
			}
			if st.Vars["x"] != "" || st.Vars["ref"] != tt.ref || len(st.History) > 0 {
				t.Errorf("known are %v and the way back to %v", st.Vars, st.History)
			}
			if n := len(st.Stack); n != 1 || st.Stack[0] != tt.at {
				t.Errorf("the dialogue stands at %v, want %v", st.Stack, tt.at)
			}
		})
	}
}

// A state that is stored without a step, because the person sends too much or
// something went wrong, keeps no more than one that was stepped.
func TestForgetLeavesWhatIsNotPrivate(t *testing.T) {
	def := shipped(t)
	public := map[string]string{"topic": "costs", "place": "07111", "place_name": "Koblenz"}
	st := inRequest(Frame{"menu", "choose"})
	before := maps.Clone(st.Vars)
	got := def.Forget(st)
	if diff := cmp.Diff(public, got.Vars); diff != "" {
		t.Errorf("vars (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Frame{{"menu", "choose"}}, got.History); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, st.Vars); diff != "" {
		t.Errorf("the state that was given has changed:\n%s", diff)
	}
	if got := def.Forget(inRequest(Frame{"menu", "choose"}, Frame{"handoff", "words"})); got.Vars["words"] != secret {
		t.Error("the flow is under way, and its words are forgotten")
	}
}

// When content no longer has a flow, nobody knows what was private to it.
func TestAnswersThatNoFlowKnowsAreForgotten(t *testing.T) {
	old := files("flow: demo\nvars: {notes: text, town: place}\nprivate: [notes]\nsteps:\n" +
		"  first: {ask: a, input: text, save: notes, next: second}\n  second: {ask: a, buttons: {b: {label: l, goto: end}}}\n")
	def, err := Parse(old, lists)
	if err != nil {
		t.Fatal(err)
	}
	st := State{Language: "en", Stack: []Frame{{"demo", "first"}}, Vars: map[string]string{"town": "07111", "town_name": "Koblenz", "own": "x"}}
	res, err := Step(def, st, text(secret), testEnv())
	if err != nil || res.State.Vars["notes"] != secret {
		t.Fatalf("%v, %v", res.State.Vars, err)
	}
	old["demo.yaml"] = &fstest.MapFile{Data: []byte("flow: demo\nvars: {town: place}\nsteps:\n  first: {say: a, next: end}\n")}
	with := lists
	with.Vars = []string{"own"}
	if def, err = Parse(old, with); err != nil {
		t.Fatal(err)
	}
	res.State.Vars["own"] = "x"
	res, err = Step(def, res.State, text("hello"), testEnv())
	if diff := cmp.Diff(map[string]string{"town": "07111", "town_name": "Koblenz", "own": "x"}, res.State.Vars); err != nil || diff != "" {
		t.Errorf("%v, vars (-want +got):\n%s", err, diff)
	}
}

// The last question waits for a rating or a consent, and not for ever.
func TestTheLastQuestionIsForgottenWhenThePersonTurnsToSomethingElse(t *testing.T) {
	def := shipped(t)
	for name, tt := range map[string]struct {
		at   Frame
		in   Input
		kept bool
	}{
		"menu":            {Frame{"offers", "focus"}, command("menu", ""), false},
		"cancel":          {Frame{"offers", "focus"}, command("cancel", ""), false},
		"a typed command": {Frame{"offers", "focus"}, text("menu"), false},
		"start":           {Frame{"offers", "focus"}, command("start", ""), false},
		"withdrawn":       {Frame{"withdraw", "confirm"}, press("withdraw/confirm/yes"), false},
		"help":            {Frame{"offers", "focus"}, command("help", ""), true},
		"a button":        {Frame{"menu", "choose"}, press("menu/choose/offers"), true},
		"a timer":         {Frame{"handoff", "words"}, Input{Kind: KindTimer}, true},
	} {
		st := State{Language: "en", Stack: []Frame{tt.at}, Question: &Question{Words: secret, Language: "en"}}
		res, err := Step(def, st, tt.in, testEnv())
		if kept := res.State.Question != nil; err != nil || kept != tt.kept {
			t.Errorf("%s: the question is kept: %t, %v", name, kept, err)
		}
	}
}

func TestParseReportsWhatIsNotPrivate(t *testing.T) {
	const asks = "steps:\n  first: {ask: a, input: %, save: x, next: end}\n"
	must := func(line, step, what string) string {
		return "demo.yaml:" + line + `: step "` + step + `": ` + what + `, which is not private: name it under private at the top of the flow, so that it is forgotten when the flow is over`
	}
	for name, tt := range map[string]struct{ demo, want string }{
		"words":               {"vars: {x: text}\n" + strings.ReplaceAll(asks, "%", "text"), ""},
		"a number":            {"vars: {x: number}\n" + strings.ReplaceAll(asks, "%", "number"), ""},
		"a place":             {"vars: {x: place}\n" + strings.ReplaceAll(asks, "%", "place"), ""},
		"private words":       {"vars: {x: text}\nprivate: [x]\n" + strings.ReplaceAll(asks, "%", "text"), ""},
		"passed on":           {"vars: {x: text}\nsteps:\n  first: {open-case: {reach: $x}, next: end}\n", must("4", "first", `reach of the case is taken from "x"`)},
		"a place, passed on":  {"vars: {x: place}\nsteps:\n  first: {open-case: {place: $x_name, topic: costs, address: $username}, next: end}\n", ""},
		"copied":              {"vars: {x: text, y: text}\nprivate: [x]\nsteps:\n  first: {set: {y: $x}, next: end}\n", must("5", "first", `set copies $x into "y"`)},
		"copied by a button":  {"vars: {x: text, y: text}\nprivate: [x]\nsteps:\n  first:\n    ask: a\n    buttons:\n      b: {label: l, goto: end, set: {y: $x}}\n", must("8", "first", `set copies $x into "y"`)},
		"a name, copied":      {"vars: {y: text}\nsteps:\n  first: {set: {y: $username}, next: end}\n", must("4", "first", `set copies $username into "y"`)},
		"a topic":             {"vars: {x: text}\nprivate: [x]\nsteps:\n  first: {contacts: {topic: $x}, next: end}\n", `demo.yaml:5: step "first": the topic $x is private, but what the dialogue was about last stays known`},
		"words, copied":       {"vars: {x: text, y: text}\nsteps:\n  first: {ask: a, input: text, save: x, next: second}\n  second: {set: {y: $x}, next: end}\n", must("5", "second", `set copies $x into "y"`)},
		"private to both":     {"vars: {hers: text}\nsteps:\n  first: {ask: a, input: text, save: hers, next: end}\n", ""},
		"not declared":        {"private: [x]\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: private: there is no variable "x" under vars`},
		"named twice":         {"vars: {x: text}\nprivate: [x, x]\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:3: private: "x" stands there for the second time`},
		"of another flow":     {"vars:\n  mine: text\n  hers: text\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:4: variable "hers" is private to the flow "other"; give it another name here, or make it private, too`},
		"the name of a place": {"vars:\n  town_name: text\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:3: variable "town_name" is private to the flow "other"; give it another name here, or make it private, too`},
		"asked for elsewhere": {"steps:\n  first:\n    branch:\n      - {when: 'town_name != \"\"', goto: end}\n      - {goto: end}\n", `demo.yaml:5: condition "town_name != \"\"": "town_name" is private to the flow "other"`},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := files("flow: demo\n" + tt.demo)
			fsys["other.yaml"] = &fstest.MapFile{Data: []byte("flow: other\nvars: {hers: text, town: place}\nprivate: [hers, town]\nsteps:\n  first: {say: a, next: end}\n")}
			_, err := Parse(fsys, lists)
			if err == nil && tt.want == "" {
				return
			}
			var faults content.Faults
			if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// A name that is private to two flows is no way from one to the other.
func TestWhatIsPrivateToTwoFlowsIsNotHandedOn(t *testing.T) {
	fsys := files(`flow: demo
commands: {one: first}
vars: {words: text}
steps:
  first: {ask: a, input: text, save: words, next: second}
  second: {ask: a, buttons: {on: {label: b, goto: two/first}}}
`)
	fsys["two.yaml"] = &fstest.MapFile{Data: []byte(`flow: two
vars: {words: text}
steps:
  first:
    branch: [{when: 'words != ""', goto: leaked}, {goto: ask}]
  ask: {ask: a, input: text, save: words, next: end}
  leaked: {say: b, next: end}
`)}
	def, err := Parse(fsys, lists)
	if err != nil {
		t.Fatal(err)
	}
	st := State{Language: "en", Stack: []Frame{{"demo", "second"}}, Vars: map[string]string{"words": "mine"}}
	res, err := Step(def, st, press("demo/second/on"), testEnv())
	if err != nil || res.State.Stack[len(res.State.Stack)-1] != (Frame{"two", "ask"}) || res.State.Vars["words"] != "" {
		t.Errorf("%+v, %v", res.State, err)
	}
}
