package flow

import "testing"

// Questions in another language are counted against the dialogue's, so the
// count ends with it, however it is changed.
func TestEveryWayToChangeTheLanguageForgetsTheForeignQuestions(t *testing.T) {
	set := "flow: demo\nlinks: {demo: first}\nsteps:\n  first: {set: {language: de}, next: second}\n  second: {say: d.second, next: end}\n"
	demo, err := Parse(files(set), lists)
	if err != nil {
		t.Fatal(err)
	}
	choosing := []Frame{{"language", "choose"}}
	for name, tt := range map[string]struct {
		def  *Definition
		st   State
		in   Input
		lang string
	}{
		"a button that is good at any time": {shipped(t), State{Language: "uk"}, press(LanguageData("de")), "de"},
		"a button of the list":              {shipped(t), State{Language: "uk", Stack: choosing}, press("language/choose/de"), "de"},
		"its number":                        {shipped(t), State{Language: "uk", Stack: choosing}, text("2"), "de"},
		"its name":                          {shipped(t), State{Language: "uk", Stack: choosing}, text("Deutsch"), "de"},
		"a link":                            {shipped(t), State{Language: "uk"}, command("start", "lang-de"), "de"},
		"a link to a topic":                 {shipped(t), State{Language: "uk"}, command("start", "lang-de_topic-costs"), "de"},
		"a flow":                            {demo, State{Language: "uk"}, command("start", "demo-x"), "de"},
		"the app, at the first link":        {shipped(t), State{}, command("start", "topic-costs"), "uk"},
		"the app, at words":                 {shipped(t), State{}, text("hello"), "uk"},
		"the app, in a crisis":              {shipped(t), State{}, text("crisis"), "uk"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.st.Foreign = map[string]int{"de": 2}
			r, err := Step(tt.def, tt.st, tt.in, testEnv())
			if err != nil || r.State.Language != tt.lang || r.State.Foreign != nil {
				t.Errorf("afterwards the language is %q, want %q, and the foreign ones are %v; %v", r.State.Language, tt.lang, r.State.Foreign, err)
			}
		})
	}
}
