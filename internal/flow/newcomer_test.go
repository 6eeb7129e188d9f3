package flow

import (
	"testing"

	"iqbot/flows"
)

func TestWhatIsWrittenBeforeTheLanguageIsChosenIsAnsweredAfterwards(t *testing.T) {
	env := testEnv()
	env.Guess = "" // an app in a language that is not ours
	def := shipped(t)
	res, err := Step(def, State{}, text("how much?"), env)
	if err != nil || brief(res) != "onboarding.language =  onboarding/language" {
		t.Fatalf("%s, %v", brief(res), err)
	}
	res, err = Step(def, res.State, press("onboarding/language/uk"), env)
	if want := "onboarding.welcome onboarding.privacy <answer question=how much?> menu.prompt = uk menu/choose"; err != nil || brief(res) != want {
		t.Fatalf("got  %s, %v\nwant %s", brief(res), err, want)
	}
}

func FuzzDeepLink(f *testing.F) {
	def, err := Parse(flows.FS, lists)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"lang-uk", "topic-costs", "office-koblenz", "lang-ar_office-mayen-koblenz", "_-_", "lang-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		res, err := Step(def, State{}, command("start", payload), testEnv())
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Out) == 0 {
			t.Errorf("payload %q is answered with nothing", payload)
		}
	})
}
