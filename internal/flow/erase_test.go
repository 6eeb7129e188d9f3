package flow

import (
	"testing"
	"testing/fstest"
)

func TestErasesKnowsTheButtonsThatDelete(t *testing.T) {
	def, err := Parse(files("flow: demo\ncommands: {demo: first}\nsteps:\n"+
		"  first: {ask: d.first, buttons: {soon: {label: d.a, goto: words}, asked: {label: d.b, goto: sure}, shown: {label: d.c, goto: article}}}\n"+
		"  words: {say: d.words, next: erase}\n  article: {article: costs, next: end}\n"+
		"  sure: {ask: d.sure, buttons: {\"yes\": {label: d.d, goto: erase}, \"no\": {label: d.e, goto: end}}}\n"+
		"  erase: {do: delete-data, next: end}\n"), lists)
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]bool{
		"demo/first/soon": true, "demo/sure/yes": true,
		"demo/first/asked": false, "demo/first/shown": false, "demo/sure/no": false, "demo/sure/maybe": false,
		"demo/lost/yes": false, "lost/sure/yes": false, "demo": false, "": false, DataNone: false, TopicData("costs"): false,
	} {
		if got := def.Erases(press(data)); got != want {
			t.Errorf("%q: %t, want %t", data, got, want)
		}
	}
	if def.Erases(text("demo/sure/yes")) {
		t.Error("words that look like the data of a button delete nothing")
	}
}

// When everything is deleted nobody is there who could answer, come back or be told of.
func TestParseReportsWhatNeedsSomebodyBehindAnErasure(t *testing.T) {
	for name, tt := range map[string]struct{ steps, want string }{
		"words only":     {"  first: {do: delete-data, next: said}\n  said: {say: a, next: read}\n  read: {article: costs, next: sort}\n  sort: {branch: [{when: advisors, goto: end}, {goto: cards}]}\n  cards: {contacts: {topic: a}, next: end}\n", ""},
		"a question":     {"  first: {do: delete-data, next: said}\n  said: {say: a, next: ask}\n  ask: {ask: a, buttons: {b: {label: l, goto: end}}}\n", "demo/ask, which asks"},
		"the menu":       {"  first: {do: delete-data, next: menu/choose}\n", "menu/choose, which asks"},
		"behind a way":   {"  first: {do: delete-data, next: sort}\n  sort: {branch: [{when: advisors, goto: ask}, {goto: end}]}\n  ask: {ask: a, buttons: {b: {label: l, goto: end}}}\n", "demo/ask, which asks"},
		"a called flow":  {"  first: {do: delete-data, next: other}\n  other: {call: other, next: said}\n  said: {say: a, next: end}\n", "demo/other, which calls a flow that would never come back"},
		"a case":         {"  first: {do: delete-data, next: open}\n  open: {open-case: {words: a}, next: end}\n", "demo/open, which opens a case"},
		"a call of it":   {"  first: {call: other, next: ask}\n  ask: {ask: a, buttons: {b: {label: l, goto: end}}}\n", ""},
		"before it asks": {"  first: {ask: a, buttons: {b: {label: l, goto: erase}}}\n  erase: {do: delete-data, next: end}\n", ""},
	} {
		fsys := files("flow: demo\nsteps:\n" + tt.steps)
		fsys["other.yaml"] = &fstest.MapFile{Data: []byte("flow: other\nsteps:\n  first: {do: delete-data, next: end}\n")}
		_, err := Parse(fsys, lists)
		want := `demo.yaml:3: step "first": behind delete-data comes ` + tt.want + ": by then the person is forgotten; only what is said may follow, and then end"
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (err == nil || err.Error() != want):
			t.Errorf("%s\ngot  %v\nwant %s", name, err, want)
		}
	}
}
