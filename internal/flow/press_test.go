package flow

import "testing"

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
