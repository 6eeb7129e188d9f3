package bot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// step takes a dialogue one typed message further.
func step(t *testing.T, st flow.State, text, app string) bot.Outcome {
	t.Helper()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	d := &bot.Dialogue{Content: loaded, Advisors: true, NewCase: func() bot.CaseID { return "IQ-3333333" }}
	out, err := d.Step(st, bot.Update{ID: "1", Chat: "test:1", Language: app, Input: flow.ParseTyped(text)}, time.Unix(1.8e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACrisisIsAnsweredInTheLanguageOfThePerson(t *testing.T) {
	for _, tt := range []struct{ chosen, app, text, want string }{
		{"uk", "de", "Ich will nicht mehr leben", "Добре, що ви про це пишете."}, // what was chosen
		{"", "", "أريد أن أموت", "من الجيد أنك كتبت هذا."},                       // else what is written
		{"", "de", "не хочу жити", "Es ist gut, dass Sie das schreiben."},        // or what the app says, if they were here before
	} {
		st := flow.State{Language: tt.chosen}
		if tt.chosen != "" {
			st.Stack = []flow.Frame{{Flow: "menu", Step: "choose"}}
		}
		out := step(t, st, tt.text, tt.app)
		if !out.Crisis || len(out.Cases) > 0 || out.Said[0] != "<talk suicide>" {
			t.Errorf("%q: crisis %t, said %v, cases %v", tt.text, out.Crisis, out.Said, out.Cases)
		}
		first := out.Messages[0]
		if !strings.HasPrefix(first.Text.Plain(), tt.want) || !strings.Contains(first.Text.Plain(), "112") {
			t.Errorf("%q is answered with %q", tt.text, first.Text.Plain())
		}
		var data []string
		for _, row := range first.Buttons {
			for _, b := range row {
				data = append(data, b.Data)
			}
		}
		if !slices.Equal(data, []string{"f/handoff", "f/menu"}) {
			t.Errorf("%q: buttons %v", tt.text, data)
		}
		state, err := json.Marshal(out.State)
		if err != nil || strings.Contains(string(state), tt.text) {
			t.Errorf("%q is kept: %s %v", tt.text, state, err)
		}
	}
}

func TestWordsForAdvisorsWithACrisisAreNotKept(t *testing.T) {
	st := flow.State{Language: "en", Stack: []flow.Frame{{Flow: "handoff", Step: "words"}}}
	out := step(t, st, "my husband beats me", "en")
	if out.State.Vars["words"] != "" || !slices.Equal(out.Said, []string{"<talk violence>", "handoff.words"}) {
		t.Errorf("said %v, kept %v", out.Said, out.State.Vars)
	}
	// Perhaps a crisis: the numbers, and the words are taken.
	out = step(t, st, "my employer keeps my passport", "en")
	if out.State.Vars["words"] == "" || !out.Crisis || out.Said[0] != "<talk violence>" {
		t.Errorf("said %v, kept %v", out.Said, out.State.Vars)
	}
}

func TestADoubtfulCrisisIsAnsweredOnceAndThenTheQuestion(t *testing.T) {
	out := step(t, flow.State{Language: "de", Stack: []flow.Frame{{Flow: "menu", Step: "choose"}}}, "chef behält meinen pass", "de")
	if len(out.Said) != 2 || out.Said[0] != "<talk violence>" || !strings.HasPrefix(out.Said[1], "<article") && !strings.HasPrefix(out.Said[1], "<several") {
		t.Errorf("said %v", out.Said)
	}
}

func TestACrisisBehindAnUnknownCommandIsAnsweredOnce(t *testing.T) {
	out := step(t, flow.State{Language: "en", Stack: []flow.Frame{{Flow: "menu", Step: "choose"}}}, "/please I want to die", "en")
	if !slices.Equal(out.Said, []string{"<talk suicide>"}) {
		t.Errorf("said %v", out.Said)
	}
}

func TestSmallTalkIsNoCrisis(t *testing.T) {
	out := step(t, flow.State{Language: "de", Stack: []flow.Frame{{Flow: "menu", Step: "choose"}}}, "Hallo 👋", "de")
	if out.Crisis || !slices.Equal(out.Said, []string{"<talk greeting>"}) || out.Messages[0].Text.Plain() == "" {
		t.Errorf("said %v, crisis %t", out.Said, out.Crisis)
	}
}

func TestWordsThatArePerhapsACrisisAreNotOfferedToEditors(t *testing.T) {
	for words, said := range map[string]string{
		"Ich suche eine Wohnung, sonst bin ich obdachlos": "<other>",
		"xyz qwertz obdachlos asdfgh":                     "<unknown>",
	} {
		out := step(t, flow.State{Language: "de", Stack: []flow.Frame{{Flow: "menu", Step: "choose"}}}, words, "de")
		if !slices.Equal(out.Said, []string{"<talk homeless>", said}) || out.State.Question != nil {
			t.Errorf("%s: said %v, kept %v", words, out.Said, out.State.Question)
		}
	}
}
