package bot

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"iqbot/flows"
	"iqbot/internal/answer/answertest"
	"iqbot/internal/flow"
	"iqbot/internal/network"
	"iqbot/locales"
)

// career is a flow that asks for a profession. It borrows messages of others.
const career = `flow: career
commands: {career: work}
vars: {work: profession}
steps:
  work: {ask: advisor.where, input: profession, save: work, next: show}
  show:
    ask: handoff.confirm
    with: {Words: $work_name, Place: "", Address: ""}
    buttons: {menu: {label: common.menu, goto: menu/choose}}
`

// withFlow is the shipped content with one more flow.
func withFlow(t *testing.T, id, text string) *Content {
	t.Helper()
	fsys := fstest.MapFS{id + ".yaml": {Data: []byte(text)}}
	shipped, err := fs.Glob(flows.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range shipped {
		data, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	c, err := LoadContent(fsys, answertest.Brief(t, locales.FS), network.BuiltIn(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFlowAsksForAProfession(t *testing.T) {
	d := &Dialogue{Content: withFlow(t, "career", career)}
	step := func(st flow.State, in flow.Input) Outcome {
		t.Helper()
		out, err := d.Step(st, Update{ID: "1", Chat: "test:1", Input: in}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, tt := range map[string]struct {
		lang, words, press string
		id, shown          string // what is kept, and what the person reads of it
		choices            int
	}{
		"in German":              {lang: "de", words: "Krankenschwester", id: "general-nurse", shown: "Pflegefachmann / Pflegefachfrau"},
		"in English":             {lang: "en", words: "I am a nurse", id: "general-nurse", shown: "nurse (general care)"},
		"in another language":    {lang: "uk", words: "Hebamme", id: "midwife", shown: "Hebamme"},
		"with a long id":         {lang: "en", words: "Kfz-Mechatroniker", id: "motor-vehicle-mechatronics-technician", shown: "motor vehicle"},
		"a guess is asked about": {lang: "de", words: "Ingeneur", choices: 1},
		"a guess that is right":  {lang: "de", words: "Ingeneur", press: "Ingenieur / Ingenieurin", id: "engineer", shown: "Ingenieur / Ingenieurin"},
		"a broad one":            {lang: "de", words: "Lehrerin", choices: 5},
		"one of several, whose id does not fit a button": {
			lang: "de", words: "Programmierer", press: "Fachinformatiker/in Anwendungsentwicklung",
			id: "it-specialist-application-development", shown: "Fachinformatiker Anwendungsentwicklung / Fachinformatikerin Anwendungsentwicklung",
		},
		"none": {lang: "de", words: "медсестра"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := step(flow.State{Language: tt.lang}, flow.Input{Kind: flow.KindCommand, Command: "career"})
			out := step(asked.State, flow.Input{Kind: flow.KindText, Text: tt.words})
			buttons := out.Messages[len(out.Messages)-1].Buttons
			if tt.choices > 0 && (!slices.Equal(out.Said, []string{flow.MsgChoose}) || len(buttons) != tt.choices) {
				t.Fatalf("said %v with %v, want %d choices", out.Said, buttons, tt.choices)
			}
			for _, row := range buttons {
				if len(row[0].Data) > flow.MaxData {
					t.Errorf("the button %q carries %d bytes", row[0].Label, len(row[0].Data))
				}
				if row[0].Label == tt.press {
					out = step(out.State, flow.Input{Kind: flow.KindButton, Text: row[0].Data})
				}
			}
			if got := out.State.Vars["work"]; got != tt.id {
				t.Errorf("the profession is %q, want %q; said %v", got, tt.id, out.Said)
			}
			if text := out.Messages[len(out.Messages)-1].Text.Plain(); !strings.Contains(text, tt.shown) {
				t.Errorf("the person reads %q, want %q in it", text, tt.shown)
			}
		})
	}
}

// Every id is found again in the form in which a button carries it, and no name
// is cut on one, in whatever language.
func TestEveryProfessionFitsAButton(t *testing.T) {
	c := withFlow(t, "career", career)
	taken := map[string]string{}
	for p := range c.Directory.Professions {
		short := flow.Short(p.ID)
		if other := taken[short]; other != "" {
			t.Errorf("%s and %s are both %s on a button", other, p.ID, short)
		}
		taken[short] = p.ID
		for _, id := range []string{p.ID, short} {
			if o, ok := c.lookups["profession"].Get(id, "en"); !ok || o.ID != p.ID || o.Label != p.NameEN {
				t.Errorf("%s gives %+v, %v", id, o, ok)
			}
		}
		for _, l := range c.Catalog.Languages() {
			o, _ := c.lookups["profession"].Get(p.ID, l.Tag)
			if n := utf8.RuneCountInString(o.Button); n == 0 || n > maxTitle {
				t.Errorf("the button of %s in %s has %d characters: %s", p.ID, l.Tag, n, o.Button)
			}
		}
	}
}

// A row is all that a look-up needs: it says itself whether it knows what is
// nearby, and authors' editors complete its name.
func TestEveryLookupIsWhole(t *testing.T) {
	text, err := os.ReadFile("../flows/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Vars struct {
				AdditionalProperties struct {
					Enum []string
				}
			}
		}
		Defs struct {
			Step struct {
				Properties struct {
					Input struct {
						Enum []string
					}
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	c := withFlow(t, "career", career)
	for _, l := range lookups {
		made := c.lookups[l.name]
		if made.Find == nil || made.Get == nil || (made.Nearby != nil) != l.nearby {
			t.Errorf("%s: Find %t, Get %t, Nearby %t, said to know what is nearby: %t", l.name, made.Find != nil, made.Get != nil, made.Nearby != nil, l.nearby)
		}
		if o, ok := made.Get("no such id", "en"); ok {
			t.Errorf("%s: an id that is none gives %+v", l.name, o)
		}
		if !slices.Contains(schema.Properties.Vars.AdditionalProperties.Enum, l.name) || !slices.Contains(schema.Defs.Step.Properties.Input.Enum, l.name) {
			t.Errorf("flows/schema.json does not know %s as a variable and as an input", l.name)
		}
	}
}
