package flow

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"iqbot/flows"
	"iqbot/internal/content"
)

var lists = Lists{Options: []string{"languages"}, Flags: []string{"advisors", "username"}, Lookups: []string{"place", "trade"}, Nearby: []string{"place"}}

// base is the least that a definition needs.
const (
	menuYAML = "flow: menu\ncommands: {menu: choose}\nsteps:\n  choose:\n    ask: m.ask\n    quiet: true\n    anytime: true\n    buttons:\n      go: {label: m.go, goto: demo/first}\n"
	langYAML = "flow: onboarding\nsteps:\n  language:\n    ask: o.ask\n    options: languages\n    save: language\n    next: welcome\n  welcome:\n    say: o.welcome\n    next: end\n"
)

func files(demo string) fstest.MapFS {
	return fstest.MapFS{
		"handoff.yaml":    {Data: []byte("flow: handoff\nsteps:\n  begin: {say: h.say, next: end}\n")},
		"menu.yaml":       {Data: []byte(menuYAML)},
		"onboarding.yaml": {Data: []byte(langYAML)},
		"demo.yaml":       {Data: []byte(demo)},
	}
}

func TestParseReportsEveryDefectWithFileLineAndReason(t *testing.T) {
	for name, tt := range map[string]struct {
		demo string
		want string
	}{
		"not yaml":            {"flow: demo\nsteps: [\n", `demo.yaml:3: not valid YAML: did not find expected node content`},
		"empty":               {"", `demo.yaml:1: the file is empty`},
		"misnamed":            {"flow: other\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:1: flow "other" must be named like its file, in a-z, 0-9 and -`},
		"no steps":            {"flow: demo\n", `demo.yaml:1: flow "demo" has no steps`},
		"unknown key":         {"flow: demo\nsteps:\n  first:\n    say: a\n    nxt: end\n", `demo.yaml:5: step "first": unknown key "nxt"`},
		"key twice":           {"flow: demo\nsteps:\n  first:\n    say: a\n    next: end\n    next: end\n", `demo.yaml:6: step "first": the key "next" stands here for the second time`},
		"key of another":      {"flow: demo\nsteps:\n  first: {article: a, with: {A: b}, next: end}\n", `demo.yaml:3: step "first": "with" belongs to say and ask, not to article`},
		"no mapping":          {"flow: demo\nsteps:\n  first: hello\n", `demo.yaml:3: step "first": it does nothing; give it one of say, ask, article, contacts, open-case, do, call, branch, set`},
		"a fault alone":       {"flow: demo\ncommands: {demo: first}\nsteps:\n  first: {say: a, nxt: end}\n", `demo.yaml:4: step "first": unknown key "nxt"`},
		"set beside ask":      {"flow: demo\nvars: {x: text}\nsteps:\n  first: {ask: a, set: {x: b}, buttons: {b: {label: l, goto: end}}}\n", `demo.yaml:4: step "first": set does nothing beside an ask; put it at the buttons, or in a step of its own`},
		"unknown step":        {"flow: demo\nsteps:\n  first: {say: a, next: second}\n", `demo.yaml:3: step "first": leads to unknown step "second"`},
		"unknown flow":        {"flow: demo\nsteps:\n  first: {say: a, next: nowhere/x}\n", `demo.yaml:3: step "first": leads to unknown flow "nowhere"`},
		"no step named":       {"flow: demo\nsteps:\n  first: {say: a, next: menu/}\n", `demo.yaml:3: step "first": target "menu/" names no step`},
		"dead end":            {"flow: demo\nsteps:\n  first: {say: a}\n", `demo.yaml:3: step "first": dead end: it has no next; write next: end to leave the flow`},
		"deaf question":       {"flow: demo\nsteps:\n  first: {ask: a}\n", `demo.yaml:3: step "first": dead end: it asks but takes no answer; give it buttons, options or input`},
		"answer nowhere":      {"flow: demo\nsteps:\n  first: {ask: a, input: text}\n", `demo.yaml:3: step "first": a typed or listed answer needs save (the variable) and next (the step that follows)`},
		"unreachable":         {"flow: demo\nsteps:\n  first: {say: a, next: end}\n  lost: {say: b, next: end}\n", `demo.yaml:4: step "lost": unreachable, no step, command or link leads to it`},
		"loop":                {"flow: demo\nsteps:\n  first: {say: a, next: second}\n  second: {say: b, next: first}\n", `demo.yaml:4: step "second": goes round in a loop that never waits for the person`},
		"nothing to do":       {"flow: demo\nsteps:\n  first: {next: end}\n", `demo.yaml:3: step "first": it does nothing; give it one of say, ask, article, contacts, open-case, do, call, branch, set`},
		"two actions":         {"flow: demo\nsteps:\n  first: {say: a, article: b, next: end}\n", `demo.yaml:3: step "first": it does article and say; split it into one step for each`},
		"buttons on a say":    {"flow: demo\nsteps:\n  first: {say: a, next: end, save: x}\nvars: {x: text}\n", `demo.yaml:3: step "first": "save" belongs to ask, not to say`},
		"undeclared":          {"flow: demo\nsteps:\n  first: {set: {x: y}, next: end}\n", `demo.yaml:3: step "first": variable "x" is not declared under vars`},
		"undeclared use":      {"flow: demo\nsteps:\n  first: {article: $x, next: end}\n", `demo.yaml:3: step "first": variable "x" is not declared under vars`},
		"bad type":            {"flow: demo\nvars: {x: colour}\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: variable "x" has unknown type "colour"; there are text, number, date, place and trade`},
		"bad condition":       {"flow: demo\nsteps:\n  first:\n    branch:\n      - {when: \"nonsense +\", goto: end}\n      - {goto: end}\n", `demo.yaml:5: condition "nonsense +": unexpected token EOF (1:10)`},
		"unknown flag":        {"flow: demo\nsteps:\n  first:\n    branch:\n      - {when: weather, goto: end}\n      - {goto: end}\n", `demo.yaml:5: condition "weather": unknown name weather (1:1)`},
		"open branch":         {"flow: demo\nsteps:\n  first:\n    branch:\n      - {when: advisors, goto: end}\n", `demo.yaml:5: step "first": every way of a branch but the last has a when, and the last has none`},
		"unknown input":       {"flow: demo\nvars: {x: text}\nsteps:\n  first: {ask: a, input: colour, save: x, next: end}\n", `demo.yaml:4: step "first": unknown input "colour"; there are text, email, phone, number, date, postcode, question, place and trade`},
		"unknown options":     {"flow: demo\nvars: {x: text}\nsteps:\n  first: {ask: a, options: colours, save: x, next: end}\n", `demo.yaml:4: step "first": unknown options "colours"; there are languages`},
		"unknown do":          {"flow: demo\nsteps:\n  first: {do: dance, next: end}\n", `demo.yaml:3: step "first": unknown do: "dance"; there are delete-data, export-data and withdraw-cases`},
		"long data":           {"flow: demo\nsteps:\n  first:\n    ask: a\n    buttons:\n      " + strings.Repeat("long-", 11) + "x: {label: l, goto: end}\n", `demo.yaml:6: step "first": button "` + strings.Repeat("long-", 11) + `x" carries 67 bytes, the limit is 64; shorten the ids`},
		"bare button":         {"flow: demo\nsteps:\n  first:\n    ask: a\n    buttons:\n      b: {goto: end}\n", `demo.yaml:6: step "first": button "b" needs a label and a goto`},
		"taken command":       {"flow: demo\ncommands: {menu: first}\nsteps:\n  first: {say: a, next: end}\n", `menu.yaml:2: command "menu" is taken by flow "demo"`},
		"lost command":        {"flow: demo\ncommands: {go: nowhere}\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: command "go" leads to unknown step "nowhere"`},
		"branch with next":    {"flow: demo\nsteps:\n  first:\n    branch: [{goto: end}]\n    next: end\n", `demo.yaml:3: step "first": a branch has no next; its last way is taken otherwise`},
		"many columns":        {"flow: demo\nsteps:\n  first: {ask: a, columns: 9, buttons: {b: {label: l, goto: end}}}\n", `demo.yaml:3: step "first": columns is 1 to 8, the most buttons that Telegram shows side by side`},
		"way to nowhere":      {"flow: demo\nsteps:\n  first:\n    branch: [{}]\n", `demo.yaml:4: step "first": a way of a branch needs a goto`},
		"lost start":          {"flow: demo\nstart: nowhere\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: start: there is no step "nowhere"`},
		"trap":                {"flow: demo\nvars: {x: text}\nprivate: [x]\nsteps:\n  first: {ask: a, input: text, save: x, next: second}\n  second: {ask: b, buttons: {again: {label: l, goto: first}}}\n", `demo.yaml:5: step "first": trap, no way leads from it to the end of the flow or to the menu`},
		"constant":            {"flow: demo\nsteps:\n  first:\n    branch:\n      - {when: \"1 < 2\", goto: end}\n      - {goto: end}\n", `demo.yaml:5: condition "1 < 2" asks for no variable or fact: it is always the same`},
		"same condition":      {"flow: demo\nsteps:\n  first:\n    branch:\n      - {when: advisors, goto: end}\n      - {when: advisors, goto: end}\n      - {goto: end}\n", `demo.yaml:6: step "first": unreachable: the condition "advisors" stands above already`},
		"wrong type":          {"flow: demo\nvars: {x: place}\nsteps:\n  first:\n    branch:\n      - {when: \"x > 3\", goto: end}\n      - {goto: end}\n", `demo.yaml:6: condition "x > 3": invalid operation: > (mismatched types string and int) (1:3)`},
		"wrong variable":      {"flow: demo\nvars: {x: text}\nsteps:\n  first: {ask: a, input: number, save: x, next: end}\n", `demo.yaml:4: step "first": a number is saved into "x", which is declared as text; declare it as number`},
		"min of words":        {"flow: demo\nvars: {x: text}\nprivate: [x]\nsteps:\n  first: {ask: a, input: text, min: 3, save: x, next: end}\n", `demo.yaml:5: step "first": min and max are for input: number`},
		"min above max":       {"flow: demo\nvars: {x: number}\nsteps:\n  first: {ask: a, input: number, min: 3, max: 2, save: x, next: end}\n", `demo.yaml:4: step "first": min is above max: no answer fits`},
		"bad share":           {"flow: demo\nvars: {x: text}\nprivate: [x]\nsteps:\n  first: {ask: a, input: text, share: contact, save: x, next: end}\n", `demo.yaml:5: step "first": share is location with input: place, or contact with input: phone`},
		"own command":         {"flow: demo\ncommands: {back: first}\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: command "back" is the program's own`},
		"bad reminder":        {"flow: demo\nsteps:\n  first: {ask: a, remind: {after: 1d, say: b}, buttons: {b: {label: l, goto: end}}}\n", `demo.yaml:3: step "first": remind needs after (a duration of a minute or more, such as 24h) and say`},
		"renamed in place":    {"flow: demo\nrenamed: {first: first}\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: renamed: step "first" is still there`},
		"renamed to lost":     {"flow: demo\nrenamed: {old: lost}\nsteps:\n  first: {say: a, next: end}\n", `demo.yaml:2: renamed: step "old" leads to unknown step "lost"`},
		"step twice":          {"flow: demo\nsteps:\n  first: {say: a, next: end}\n  first: {say: b, next: end}\n", `demo.yaml:4: step "first" stands here for the second time`},
		"button twice":        {"flow: demo\nsteps:\n  first:\n    ask: a\n    buttons:\n      b: {label: l, goto: end}\n      b: {label: m, goto: end}\n", `demo.yaml:7: step "first": button "b" stands here for the second time`},
		"list of buttons":     {"flow: demo\nsteps:\n  first:\n    ask: a\n    buttons: [b, {label: l, goto: end}]\n", `demo.yaml:5: step "first": buttons are ids, each with a label and a goto`},
		"list for a step":     {"flow: demo\nsteps:\n  first: [say, a, next, end]\n", `demo.yaml:3: step "first": it does nothing; give it one of say, ask, article, contacts, open-case, do, call, branch, set`},
		"list for a name":     {"flow: demo\nsteps:\n  first:\n    say:\n      - a\n    next: end\n", `demo.yaml:5: step "first": a list stands where a text is expected`},
		"words for number":    {"flow: demo\nsteps:\n  first:\n    ask: a\n    columns: two\n    buttons: {b: {label: l, goto: end}}\n", `demo.yaml:5: step "first": "two" stands where a whole number is expected`},
		"odd key of way":      {"flow: demo\nsteps:\n  first:\n    branch:\n      - when: advisors\n        gotto: end\n      - {goto: end}\n", `demo.yaml:6: step "first": unknown key "gotto"`},
		"odd key of a button": {"flow: demo\nsteps:\n  first:\n    ask: a\n    buttons:\n      b:\n        label: l\n        gotto: end\n", `demo.yaml:8: step "first": button "b": unknown key "gotto"`},
		"bad step id":         {"flow: demo\nsteps:\n  end: {say: a, next: end}\n  first: {say: a, next: end}\n", `demo.yaml:3: step "end": an id is a-z, 0-9 and -, and not "end"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(files(tt.demo), lists)
			var faults content.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("err = %v, want content.Faults", err)
			}
			if faults[0].Error() != tt.want {
				t.Errorf("got  %s\nwant %s", faults[0], tt.want)
			}
		})
	}
}

func TestParseReportsAllFilesAtOnce(t *testing.T) {
	fsys := files("flow: demo\nsteps:\n  first: {say: a}\n")
	fsys["other.yaml"] = &fstest.MapFile{Data: []byte("flow: other\nsteps:\n  x: {ask: a}\n")}
	_, err := Parse(fsys, lists)
	var faults content.Faults
	if !errors.As(err, &faults) || len(faults) != 2 {
		t.Fatalf("err = %v, want a fault in each of two files", err)
	}
}

// A chain of steps is counted whole, a called flow with it, so that none is cut off under a person.
func TestParseReportsAChainThatIsTooLong(t *testing.T) {
	chain := func(n int) string {
		b := &strings.Builder{}
		b.WriteString("flow: demo\nsteps:\n  first: {call: sub, next: s2}\n")
		for i := 2; i <= n; i++ {
			_, _ = fmt.Fprintf(b, "  s%d: {say: a, next: s%d}\n", i, i+1)
		}
		_, _ = fmt.Fprintf(b, "  s%d: {say: a, next: end}\n", n+1)
		return b.String()
	}
	parse := func(n int) (*Definition, error) {
		fsys := files(chain(n))
		fsys["sub.yaml"] = &fstest.MapFile{Data: []byte("flow: sub\nsteps:\n  one: {say: b, next: end}\n")}
		return Parse(fsys, lists)
	}
	// Beside the n+1 steps there are that of the called flow and the menu in the end, each counted twice for safety.
	n := MaxHops - 4
	def, err := parse(n)
	if err != nil {
		t.Fatalf("the longest chain is refused: %v", err)
	}
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}}}
	if _, err := Step(def, st, press("menu/choose/go"), testEnv()); err != nil {
		t.Errorf("a chain that was accepted: %v", err)
	}
	_, err = parse(n + 1)
	want := `demo.yaml:3: step "first": 64 steps or more can follow it without waiting for the person, at most 63; let one of them ask something`
	if err == nil || err.Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
}

func TestParseNeedsTheFlowsItStandsOn(t *testing.T) {
	_, err := Parse(fstest.MapFS{"demo.yaml": {Data: []byte("flow: demo\nsteps:\n  first: {say: a, next: end}\n")}}, lists)
	want := "handoff.yaml:1: the flow \"handoff\" is required\nmenu.yaml:1: the flow \"menu\" is required\nonboarding.yaml:1: the flow \"onboarding\" is required"
	if err == nil || err.Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
	if _, err := Parse(fstest.MapFS{}, lists); err == nil {
		t.Error("an empty folder is accepted")
	}
}

func TestCheckReferencesNamesFileAndLine(t *testing.T) {
	def, err := Parse(files("flow: demo\nvars: {x: text}\nsteps:\n  first:\n    ask: d.ask\n    buttons:\n      b: {label: d.label, goto: second}\n  second: {article: no-such, next: third}\n  third: {say: d.third, with: {Nmae: x}, next: end}\n"), lists)
	if err != nil {
		t.Fatal(err)
	}
	got := def.CheckReferences(References{
		Message: func(id string) bool { return id != "d.ask" && id != "d.label" },
		Topic:   func(string) bool { return false },
		Placeholders: func(id string) []string {
			return map[string][]string{"d.third": {"Name", "Given"}}[id]
		},
		Given: []string{"Given"},
	})
	want := content.Faults{
		{File: "demo.yaml", Line: 4, Reason: `step "first": message "d.ask" is not in locales/`},
		{File: "demo.yaml", Line: 7, Reason: `step "first": message "d.label" is not in locales/`},
		{File: "demo.yaml", Line: 8, Reason: `step "second": there is no article "no-such" in locales/`},
		{File: "demo.yaml", Line: 9, Reason: `step "third": message "d.third" wants Name; fill it under with`},
		{File: "demo.yaml", Line: 9, Reason: `step "third": message "d.third" has no place for Nmae`},
	}
	if diff := cmp.Diff(want.Err(), got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestShippedFlowsAreSound(t *testing.T) {
	if _, err := Parse(flows.FS, lists); err != nil {
		t.Error(err)
	}
}

// What a person reads of a flow file must not crash the program, whatever it holds.
func FuzzParse(f *testing.F) {
	f.Add("flow: demo\nsteps:\n  first: {say: a, next: end}\n")
	f.Add("flow: demo\nvars: {x: place}\nsteps:\n  first:\n    ask: a\n    input: place\n    save: x\n    next: end\n")
	f.Add("flow: demo\nsteps:\n  first:\n    branch: [{}]\n")
	f.Add("flow: demo\nsteps:\n  first:\n    branch: [{when: advisors, goto: end}, {goto: end}]\n")
	f.Add("flow: demo\nsteps:\n  first: &a {ask: a, buttons: {b: {label: l, goto: end}, <<: *a}}\n")
	f.Add("flow: demo\nsteps:\n  first: {set: [], next: {}}\n  first: [say, a]\n")
	f.Fuzz(func(t *testing.T, demo string) {
		def, err := Parse(files(demo), lists)
		if err != nil {
			faults, others := content.Split(err)
			if len(others) > 0 {
				t.Errorf("no faults: %v", others)
			}
			for _, f := range faults {
				if f.File == "" || f.Line < 1 || f.Reason == "" || strings.Contains(f.Reason, "flow.yaml") {
					t.Errorf("%+v", f)
				}
			}
			return
		}
		// What is accepted can be walked through from its start without an error.
		st := State{Language: "en", Stack: []Frame{{Flow: "demo", Step: def.Flows["demo"].Start}}}
		if _, err := Step(def, st, Input{Kind: KindUnsupported}, testEnv()); err != nil {
			t.Errorf("step: %v", err)
		}
	})
}
