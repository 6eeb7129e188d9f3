package flow

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDoubleTapTakesEffectOnce(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}}}
	tap := Input{Kind: KindButton, Text: "menu/choose/offers", Source: "17"}
	first, err := Step(def, st, tap, env)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Step(def, first.State, tap, env)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Out) == 0 || len(second.Out) != 0 {
		t.Errorf("said %d and %d things, want some and none", len(first.Out), len(second.Out))
	}
	// Once the person has done something else, the same button is meant again.
	between, err := Step(def, first.State, command("menu", ""), env)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Step(def, between.State, tap, env); err != nil || len(again.Out) == 0 {
		t.Errorf("afterwards it says %d things, %v", len(again.Out), err)
	}
}

// A button that is not good any more stays where it is, so it may be pressed
// again, and silence would be no answer.
func TestAStaleButtonIsAnsweredEachTime(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}}}
	for range 3 {
		res, err := Step(def, st, Input{Kind: KindButton, Text: "handoff/reach/telegram", Source: "17"}, env)
		if err != nil || len(res.Out) == 0 || res.Out[0].Say == nil || res.Out[0].Say.Message != MsgStale {
			t.Fatalf("got %s, %v", brief(res), err)
		}
		st = res.State
	}
}

// The release before knew no source on Telegram: it remembered the topics that
// were rated, and no press.
func TestAStateOfTheReleaseBeforeTellsTapsApart(t *testing.T) {
	def, env := shipped(t), testEnv()
	var st State
	if err := json.Unmarshal([]byte(`{"s":1,"l":"en","k":[{"f":"menu","t":"choose"}],"r":["costs"]}`), &st); err != nil {
		t.Fatal(err)
	}
	rate := Input{Kind: KindButton, Text: RateData("costs", true), Source: "17"}
	for _, want := range []string{"<rate helpful=yes topic=costs> = en menu/choose", "= en menu/choose"} {
		res, err := Step(def, st, rate, env)
		if got := brief(res); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
		st = res.State
	}
}

func TestAButtonChangesTheLanguage(t *testing.T) {
	def := shipped(t)
	st := State{
		Language: "uk", Stack: []Frame{{"handoff", "words"}}, Vars: map[string]string{"topic": "costs"},
		Foreign: map[string]int{"de": 2},
	}
	r, err := Step(def, st, Input{Kind: KindButton, Text: LanguageData("de")}, testEnv())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := brief(r), "language.changed handoff.words = de handoff/words"; got != want {
		t.Errorf("the button gives %q, want %q", got, want)
	}
	if r.State.Foreign != nil || r.State.Vars["topic"] != "costs" || r.Chosen == nil {
		t.Errorf("afterwards the state is %+v, chosen %v", r.State, r.Chosen)
	}
	if st.Foreign["de"] != 2 {
		t.Error("the state that was given in has changed")
	}
	r, err = Step(def, st, Input{Kind: KindButton, Text: LanguageData("xx")}, testEnv())
	if got, want := brief(r), "engine.stale handoff.words = uk handoff/words"; err != nil || got != want {
		t.Errorf("a language that is gone gives %q, %v, want %q", got, err, want)
	}
	r, err = Step(def, State{}, Input{Kind: KindButton, Text: LanguageData("de")}, testEnv())
	if got, want := brief(r), "engine.returning language.changed menu.prompt = de menu/choose"; err != nil || got != want {
		t.Errorf("of a person of whom nothing is stored, it gives %q, %v, want %q", got, err, want)
	}
}
