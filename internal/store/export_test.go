package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// ofAPerson says of each kind of key where in an Export it is; after a "-" it
// says why it is in none.
var ofAPerson = map[string]string{
	"dialogue":     "Dialogue", // its fields are below
	"outbox":       "Waiting",
	"numbers":      "Cases",
	"opened":       "CasesToday",
	"caseOf":       "Cases", // its fields are below
	"questionOf":   "Questions",
	"asked":        "Questions",
	"timers":       "Timer",
	"letters":      "Undelivered",
	"metaKey":      "- about the database",
	"leaseKey":     "- about the processes",
	"processesKey": "- about the processes",
	"targetKey":    "- about the advisors' group and mailbox",
	"channelKey":   "- about all chats together",
	"questions":    "- the numbers of all questions, those of the person are in Questions",
	"ratings":      "- how many found an article helpful; nobody can tell who",
	"due":          "- when to look after the messages that are in Waiting",
	"notices":      "- when to tell advisors of the cases that are in Cases",
	"newID":        "- about the advisors' group",
	"paced":        "- when the next message may go; gone after some seconds",
	"readiness":    "- written to see whether the server takes writes",
}

// ofADialogue and ofACase say the same of the fields of a dialogue and of a case.
var (
	ofADialogue = map[string]string{
		"s": "Dialogue",
		"v": "Version",
		"u": "Updates",
		"f": "Dialogue",
		"i": "Chat",
		"t": "- the process that sends at the moment",
		"a": "- how often the platform did not take the first of the messages in Waiting",
		"w": "- since when the first of the messages in Waiting waits",
	}
	ofACase = map[string]string{
		"c": "Cases",
		"t": "- how often advisors were told of it", // and the target
		"e": "- why that failed last",               // and the target
		"m": "- which messages of the advisors' chat are about it",
		"l": "- the person was told that it has reached nobody; the words are in the chat",
		"o": "- when it was opened, which is in Cases",
		"w": "- of a case that was withdrawn nothing but the number is left",
	}
)

// What is newly stored for a chat must be thought of here: is it given to the
// person who asks for all that is stored?
func TestTheExportIsAskedForEachKindOfKey(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				kinds[v.Names[0].Name] = true
			}
		}
	}
	same(t, "kind of key in names.go", kinds, ofAPerson)

	r := newRig(t, "redis://"+miniredis.RunT(t).Addr())
	s := r.open(t)
	everything(t, s)
	dialogues, cases := map[string]bool{}, map[string]bool{}
	look := func() {
		for key := range r.keys(t) {
			for kind, fields := range map[string]map[string]bool{"}:" + dialogue: dialogues, "}:" + caseOf: cases} {
				if strings.Contains(key, kind) {
					for _, field := range r.db.HKeys(t.Context(), key).Val() {
						name, _, _ := strings.Cut(field, ":")
						fields[name] = true
					}
				}
			}
		}
	}
	look()
	n := claim(t, s) // so that advisors may have heard of the case
	for i := range n {
		if err := s.Postpone(t.Context(), n[i], time.Hour, bot.SendFailed); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Late(t.Context(), n[0], true, nil); err != nil {
		t.Fatal(err)
	}
	look()
	commit(t, s, bot.Commit{Update: "u2", Withdraw: true, Outbox: []bot.Message{text("m3", "x")}})
	look()
	commit(t, s, bot.Commit{Update: "u3", Erase: true, State: flow.State{Allowance: flow.Allowance{Used: 1}}})
	look()
	same(t, "field of a dialogue", dialogues, ofADialogue)
	same(t, "field of a case", cases, ofACase)
}

// same compares what is stored with what is said of it, and that with the Export.
func same(t *testing.T, what string, have map[string]bool, said map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(have)) {
		where, ok := said[name]
		_, inExport := reflect.TypeFor[Export]().FieldByName(where)
		if !ok || !strings.HasPrefix(where, "- ") && !inExport {
			t.Errorf("%s %s: it is not said where in the export it is (%q), or why in none", what, name, where)
		}
	}
	for name := range said {
		if !have[name] {
			t.Errorf("%s %s: nothing of that name is stored", what, name)
		}
	}
}
