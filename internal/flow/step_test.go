package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"iqbot/flows"
)

// testEnv is a world with two places, four languages and one known question.
func testEnv() Env {
	languages := []string{"de", "en", "ar", "uk"}
	places := map[string]Option{"mayen": {ID: "07137", Label: "Mayen", Certain: true}, "koblenz": {ID: "07111", Label: "Koblenz", Certain: true}, "mayn": {ID: "07137", Label: "Mayen"}}
	return Env{
		Guess:     "uk",
		Username:  "@olena",
		Languages: func(tag string) bool { return slices.Contains(languages, tag) },
		Flags:     map[string]bool{"advisors": true, "username": true},
		Options: func(string, State) []Option {
			return []Option{{ID: "uk", Label: "Українська"}, {ID: "de", Label: "Deutsch"}, {ID: "en", Label: "English"}, {ID: "ar", Label: "العربية"}}
		},
		Places: func(text string, _ State) []Option {
			text = strings.ToLower(text)
			if text == "neustadt" {
				return []Option{{ID: "07316", Label: "Neustadt an der Weinstraße"}, {ID: "07138", Label: "Neustadt (Wied)"}}
			}
			if p, ok := places[text]; ok {
				return []Option{p}
			}
			return nil
		},
		Word: func(text string) string {
			return map[string]string{"меню": "menu", "menu": "menu", "human": "human", "back": "back", "ja": "yes", "ні": "no"}[strings.ToLower(text)]
		},
		Knows: func(text string, _ State) bool { return text == "how much is it?" },
		Nearby: func(float64, float64) []Option {
			return []Option{{ID: "07111", Label: "Koblenz"}, {ID: "07137", Label: "Mayen"}}
		},
		Label: func(id string, _ State) string { return "label of " + id },
		Fold: func(s string) string {
			return strings.ToLower(digits(strings.TrimSpace(s)))
		},
		Urgent: func(text string) Urgency {
			if !strings.Contains(text, "crisis") {
				return Urgency{}
			}
			return Urgency{Kind: "suicide", Lang: "ar", Doubtful: strings.Contains(text, "perhaps")}
		},
		Place: func(id string) string { return map[string]string{"07111": "Koblenz", "07137": "Mayen"}[id] },
	}
}

func shipped(tb testing.TB) *Definition {
	tb.Helper()
	def, err := Parse(flows.FS, lists)
	if err != nil {
		tb.Fatal(err)
	}
	return def
}

// brief writes a result in one line: what is said and done, then where the dialogue stands.
func brief(r Result) string {
	var out []string
	for _, o := range r.Out {
		if o.Say != nil {
			out = append(out, o.Say.Message)
			continue
		}
		args := o.Effect.Args
		word := string(o.Effect.Kind)
		for _, k := range sortedKeys(args) {
			if args[k] != "" {
				word += " " + k + "=" + args[k]
			}
		}
		out = append(out, "<"+word+">")
	}
	at := "nowhere"
	if n := len(r.State.Stack); n > 0 {
		var frames []string
		for _, f := range r.State.Stack {
			frames = append(frames, f.Flow+"/"+f.Step)
		}
		at = strings.Join(frames, " > ")
	}
	return strings.Join(out, " ") + " = " + r.State.Language + " " + at
}

func text(s string) Input          { return Input{Kind: KindText, Text: s} }
func press(s string) Input         { return Input{Kind: KindButton, Text: s} }
func command(name, a string) Input { return Input{Kind: KindCommand, Command: name, Text: a} }

// TestACrisisIsAnsweredAtEveryStep: nothing is kept of the words, nothing else
// is done, and the dialogue stays where it is.
func TestACrisisIsAnsweredAtEveryStep(t *testing.T) {
	def := shipped(t)
	steps := 0
	for _, f := range def.Flows {
		for _, s := range f.Steps {
			if !s.waits() {
				continue
			}
			steps++
			st := State{Language: "en", Stack: []Frame{{f.ID, s.ID}}, Vars: map[string]string{"topic": "costs"}, Misses: 1}
			r, err := Step(def, st, text("this is a crisis"), testEnv())
			if err != nil {
				t.Fatal(err)
			}
			want := st
			want.Schema, want.Flows = StateSchema, def.Version
			if diff := cmp.Diff(want, r.State); diff != "" {
				t.Errorf("%s/%s: the state changed (-want +got):\n%s", f.ID, s.ID, diff)
			}
			for i, o := range r.Out {
				if talk := o.Effect != nil && o.Effect.Kind == EffectTalk; talk != (i == 0) || !talk && (o.Say == nil || o.Say.Message != s.Ask) {
					t.Errorf("%s/%s: %s", f.ID, s.ID, brief(r))
				}
			}
			if len(r.Out) == 0 || s.Input != "" && !s.Quiet && len(r.Out) != 2 {
				t.Errorf("%s/%s is not asked again: %s", f.ID, s.ID, brief(r))
			}
		}
	}
	t.Logf("%d steps", steps)
}

func TestConversations(t *testing.T) {
	type turn struct {
		in   Input
		want string
	}
	start := turn{command("start", "lang-en"), "onboarding.welcome onboarding.privacy menu.prompt = en menu/choose"}
	for name, turns := range map[string][]turn{
		"a newcomer chooses a language": {
			{command("start", ""), "onboarding.language =  onboarding/language"},
			{press("onboarding/language/ar"), "onboarding.welcome onboarding.privacy menu.prompt = ar menu/choose"},
		},
		"a language is typed by name or number": {
			{command("start", ""), "onboarding.language =  onboarding/language"},
			{text("english"), "onboarding.welcome onboarding.privacy menu.prompt = en menu/choose"},
			{command("language", ""), "onboarding.language = en menu/choose > language/choose"},
			{text("٢"), "language.changed menu.prompt = de menu/choose"},
		},
		"a person of whom nothing is stored any more just goes on": {
			{text("скільки це коштує"), "engine.returning <answer question=скільки це коштує> menu.prompt = uk menu/choose"},
		},
		"a person of whom nothing is stored any more writes the word for the menu": {
			{text("меню"), "engine.returning menu.prompt = uk menu/choose"},
		},
		"a person of whom nothing is stored any more sends a photo": {
			{Input{Kind: KindUnsupported}, "engine.returning engine.unsupported menu.prompt = uk menu/choose"},
		},
		"a person of whom nothing is stored any more presses an answer's button": {
			{press("t/costs"), "engine.returning <article topic=costs> = uk menu/choose"},
		},
		"a command before the language is chosen is carried out afterwards": {
			{command("help", ""), "onboarding.language =  onboarding/language"},
			{press("onboarding/language/uk"), "onboarding.welcome onboarding.privacy help.text menu.prompt = uk menu/choose"},
		},
		"a crisis before a language is chosen is answered, and the words are not kept": {
			{command("start", ""), "onboarding.language =  onboarding/language"},
			{text("a crisis"), "<talk kind=suicide lang=ar> onboarding.language =  onboarding/language"},
			{press("onboarding/language/uk"), "onboarding.welcome onboarding.privacy menu.prompt = uk menu/choose"},
		},
		"a crisis of a person of whom nothing is stored any more": {
			{text("a crisis"), "<talk kind=suicide lang=ar> engine.returning menu.prompt = uk menu/choose"},
		},
		"what is only perhaps a crisis is also taken for what it is": {
			start,
			{text("perhaps a crisis"), "<talk kind=suicide lang=ar> <answer question=perhaps a crisis> = en menu/choose"},
		},
		"a crisis behind a command does not stop the command": {
			start,
			{command("human", "it is a crisis"), "<talk kind=suicide lang=ar> handoff.consent = en handoff/consent"},
			{command("crisis", ""), "<talk kind=suicide lang=ar> <answer question=crisis > handoff.consent = en handoff/consent"},
		},
		"export and withdrawal go back to the settings": {
			start,
			{command("settings", ""), "settings.prompt = en settings/choose"},
			{press("settings/choose/export"), "<export-data> settings.prompt = en settings/choose"},
			{press("settings/choose/withdraw"), "withdraw.confirm = en settings/withdraw > withdraw/confirm"},
			{press("withdraw/confirm/yes"), "<withdraw-cases> withdraw.done settings.prompt = en settings/choose"},
		},
		"a person who does not answer is reminded once": {
			start,
			{Input{Kind: KindTimer}, " = en menu/choose"},
			{press("f/handoff"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{Input{Kind: KindTimer}, "handoff.reminder handoff.words = en handoff/words"},
		},
		"a deep link with a language skips the first screen": {start},
		"a deep link to a topic takes the language of the app": {
			{command("start", "topic-costs"), "<article topic=costs> menu.prompt = uk menu/choose"},
		},
		"a deep link may name language and topic": {
			{command("start", "lang-ar_topic-what-is-iq"), "<article topic=what-is-iq> menu.prompt = ar menu/choose"},
		},
		"a deep link to an office shows its contacts": {
			{command("start", "lang-de_office-koblenz"), "<contacts place=07111 topic=iq-counselling> advisor.more = de advisor/more"},
		},
		"a broken deep link leads to the menu": {
			{command("start", "lang-xx_-_office"), "onboarding.language =  onboarding/language"},
			{press("onboarding/language/de"), "onboarding.welcome onboarding.privacy menu.prompt = de menu/choose"},
		},
		"a question in the middle is answered and the step asked again": {
			start,
			{press("menu/choose/human"), "handoff.consent = en handoff/consent"},
			{text("how much is it?"), "<answer question=how much is it?> handoff.consent = en handoff/consent"},
		},
		"an answer at the menu does not repeat the menu": {
			start,
			{text("anything"), "<answer question=anything> = en menu/choose"},
		},
		"switching the language in the middle keeps the answers": {
			start,
			{press("menu/choose/human"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{text("my diploma is from Kyiv"), "handoff.place = en handoff/place"},
			{command("language", ""), "onboarding.language = en handoff/place > language/choose"},
			{press("language/choose/uk"), "language.changed handoff.place = uk handoff/place"},
			{text("Koblenz"), "handoff.reach = uk handoff/reach"},
			{press("handoff/reach/email"), "handoff.email = uk handoff/email"},
			{text("not an address"), "handoff.email-invalid handoff.email = uk handoff/email"},
			{text("how much is it?"), "<answer question=how much is it?> handoff.email = uk handoff/email"},
			{text("o@example.org"), "handoff.confirm = uk handoff/confirm"},
			{press("handoff/confirm/send"), "<open-case address=o@example.org place=Koblenz reach=email words=my diploma is from Kyiv> handoff.meanwhile <contacts land=home place=07111 topic=talk-to-human> menu.prompt = uk menu/choose"},
		},
		"the public name is offered as a way to be reached": {
			start,
			{press("f/handoff"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{text("hello"), "handoff.place = en handoff/place"},
			{press("handoff/place/skip"), "handoff.reach = en handoff/reach"},
			{press("handoff/reach/telegram"), "handoff.confirm = en handoff/confirm"},
			{press("handoff/confirm/send"), "<open-case address=@olena reach=telegram words=hello> handoff.meanwhile <contacts land=home topic=talk-to-human> menu.prompt = en menu/choose"},
		},
		"cancelling forgets the own words": {
			start,
			{press("f/handoff"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{text("secret"), "handoff.place = en handoff/place"},
			{press("handoff/place/cancel"), "handoff.discarded menu.prompt = en menu/choose"},
		},
		"an ambiguous place is asked back": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{press("advisor/area/recognition"), "advisor.where = en advisor/where"},
			{text("Neustadt"), "engine.choose = en advisor/where"},
			{press("advisor/where/07137"), "<contacts place=07137 topic=iq-counselling> advisor.more = en advisor/more"},
		},
		"a misspelt place is asked back": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{press("advisor/area/recognition"), "advisor.where = en advisor/where"},
			{text("Mayn"), "engine.choose = en advisor/where"},
		},
		"an unknown place is met with help": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{press("advisor/area/recognition"), "advisor.where = en advisor/where"},
			{text("Atlantis"), "advisor.place-unknown advisor.where = en advisor/where"},
			{text("Atlantis again"), "advisor.place-help advisor.where = en advisor/where"},
			{text("Atlantis!"), "engine.human advisor.where = en advisor/where"},
			{text("how much is it?"), "<answer question=how much is it?> advisor.where = en advisor/where"},
			{text("Mayen"), "<contacts place=07137 topic=iq-counselling> advisor.more = en advisor/more"},
		},
		"a stale button is answered kindly": {
			start,
			{press("menu/choose/human"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/no"), "handoff.addresses <contacts land=home topic=talk-to-human> menu.prompt = en menu/choose"},
			{press("handoff/consent/yes"), "engine.stale menu.prompt = en menu/choose"},
			{press("no/such/button"), "engine.stale menu.prompt = en menu/choose"},
			{press("garbage"), "engine.stale menu.prompt = en menu/choose"},
		},
		"a menu button is good at any time": {
			start,
			{press("menu/choose/human"), "handoff.consent = en handoff/consent"},
			{press("menu/choose/offers"), "offers.focus = en offers/focus"},
		},
		"a photo is refused and the step asked again": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: "photo"}, "engine.unsupported advisor.area = en advisor/area"},
		},
		"typed words lead where commands lead": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{text("Меню"), "menu.prompt = en menu/choose"},
			{text("human"), "handoff.consent = en handoff/consent"},
		},
		"an offer is shown with its contacts": {
			start,
			{press("menu/choose/offers"), "offers.focus = en offers/focus"},
			{press("offers/focus/qualification"), "offers.qualification-prompt = en offers/qualification"},
			{text("4"), "<article topic=medici-in-posterum> <contacts land=home topic=medici-in-posterum> offers.more = en offers/more"},
		},
		"help in the middle returns to the step": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{command("help", ""), "help.text advisor.area = en advisor/area"},
			{command("privacy", ""), "<article topic=privacy> advisor.area = en advisor/area"},
		},
		"back goes where the dialogue was before, with the answers kept": {
			start,
			{press("menu/choose/advisor"), "advisor.area = en advisor/area"},
			{press("advisor/area/recognition"), "advisor.where = en advisor/where"},
			{command("help", ""), "help.text advisor.where = en advisor/where"},
			{text("back"), "advisor.area = en advisor/area"},
			{text("back"), "menu.prompt = en menu/choose"},
			{command("back", ""), "engine.no-back menu.prompt = en menu/choose"},
		},
		"a place is shared from the map": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{Input{Kind: KindLocation, Text: "50.3,7.5"}, "engine.unsupported advisor.area = en advisor/area"},
			{press("advisor/area/recognition"), "advisor.where = en advisor/where"},
			{Input{Kind: KindLocation, Text: "50.3,7.5"}, "engine.choose = en advisor/where"},
			{Input{Kind: KindLocation, Text: "north"}, "advisor.place-unknown advisor.where = en advisor/where"},
		},
		"a telephone number is shared": {
			start,
			{press("f/handoff"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{text("hello"), "handoff.place = en handoff/place"},
			{press("handoff/place/skip"), "handoff.reach = en handoff/reach"},
			{press("handoff/reach/phone"), "handoff.phone = en handoff/phone"},
			{Input{Kind: KindContact, Text: "+49151123456"}, "handoff.confirm = en handoff/confirm"},
		},
		"yes and no are typed": {
			start,
			{text("ja"), "<answer question=ja> = en menu/choose"},
			{press("f/handoff"), "handoff.consent = en handoff/consent"},
			{text("ja"), "handoff.words = en handoff/words"},
			{command("delete", ""), "delete.confirm = en handoff/words > delete/confirm"},
			{text("ні"), "delete.kept handoff.words = en handoff/words"},
		},
		"cancel leads to the menu from anywhere": {
			start,
			{press("f/handoff"), "handoff.consent = en handoff/consent"},
			{command("cancel", ""), "menu.cancelled menu.prompt = en menu/choose"},
		},
		"deleting leaves nothing": {
			start,
			{command("delete", ""), "delete.confirm = en menu/choose > delete/confirm"},
			{press("delete/confirm/yes"), "<delete-data> delete.done =  nowhere"},
		},
		"keeping returns to the step": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{command("delete", ""), "delete.confirm = en advisor/area > delete/confirm"},
			{press("delete/confirm/no"), "delete.kept advisor.area = en advisor/area"},
		},
		"settings call the language flow and go on": {
			start,
			{command("settings", ""), "settings.prompt = en settings/choose"},
			{press("settings/choose/language"), "onboarding.language = en settings/language > language/choose"},
			{press("language/choose/de"), "language.changed settings.prompt = de settings/choose"},
		},
		"a button from a person of whom nothing is stored any more": {
			{press("menu/choose/offers"), "engine.returning menu.prompt = uk menu/choose"},
		},
		"an unknown command is read as a question": {
			start,
			{command("kosten", ""), "<answer question=kosten > = en menu/choose"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			def, st := shipped(t), State{}
			for i, turn := range turns {
				before, _ := json.Marshal(st)
				res, err := Step(def, st, turn.in, testEnv())
				if err != nil {
					t.Fatalf("turn %d: %v", i, err)
				}
				if got := brief(res); got != turn.want {
					t.Errorf("turn %d, %+v\ngot  %s\nwant %s", i, turn.in, got, turn.want)
				}
				if after, _ := json.Marshal(st); string(after) != string(before) {
					t.Errorf("turn %d: the state that was passed in changed", i)
				}
				// Between two turns the state lies in the store.
				encoded, err := json.Marshal(res.State)
				if err != nil {
					t.Fatal(err)
				}
				st = State{}
				if err := json.Unmarshal(encoded, &st); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestOwnWordsAreForgottenOnceTheCaseIsOpen(t *testing.T) {
	st := State{Language: "en", Stack: []Frame{{"handoff", "confirm"}}, Vars: map[string]string{"words": "secret", "reach": "email", "address": "a@b.de", "topic": "costs"}}
	res, err := Step(shipped(t), st, press("handoff/confirm/send"), testEnv())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"topic": "costs"}, res.State.Vars); diff != "" {
		t.Errorf("vars (-want +got):\n%s", diff)
	}
}

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

func TestTimersAreSetWhereAReminderIs(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Language: "en", Stack: []Frame{{"handoff", "words"}}}
	for name, tt := range map[string]struct {
		in   Input
		want time.Duration
	}{
		"asking":         {command("help", ""), 24 * time.Hour},
		"a double no-op": {press(DataNone), 24 * time.Hour},
		"a reminder":     {Input{Kind: KindTimer}, 0},
		"leaving":        {command("cancel", ""), 0},
	} {
		res, err := Step(def, st, tt.in, env)
		if err != nil || res.Timer != tt.want {
			t.Errorf("%s: timer %v, %v; want %v", name, res.Timer, err, tt.want)
		}
	}
}

func TestRenamedStepsKeepTheDialogue(t *testing.T) {
	demo := "flow: demo\nrenamed: {old: second, gone/far: first}\nvars: {x: text}\nsteps:\n" +
		"  first: {ask: d.first, input: text, save: x, next: second}\n  second: {ask: d.second, input: text, save: x, next: end}\n"
	def, err := Parse(files(demo), lists)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[Frame]string{
		{"demo", "old"}:   "demo/second",
		{"gone", "far"}:   "demo/first",
		{"demo", "first"}: "demo/first",
		{"demo", "lost"}:  "menu/choose",
	} {
		res, err := Step(def, State{Language: "en", Stack: []Frame{from}, Vars: map[string]string{"x": "kept"}}, Input{Kind: KindUnsupported}, testEnv())
		if got := brief(res); err != nil || !strings.HasSuffix(got, " "+want) || res.State.Vars["x"] != "kept" {
			t.Errorf("%v: %s, %v; want it at %s", from, got, err, want)
		}
	}
}

func TestStoredStatesOfEverySchemaCanBeRead(t *testing.T) {
	for stored, want := range map[string]State{
		`{}`: {Schema: StateSchema},
		`{"s":1,"l":"uk","k":[{"f":"menu","t":"choose"}],"v":{"topic":"costs"},"p":"7 t/costs"}`: {
			Schema: 1, Language: "uk", Stack: []Frame{{"menu", "choose"}}, Vars: map[string]string{"topic": "costs"}, Pressed: "7 t/costs",
		},
		`{"s":99,"l":"uk","new":"of a newer program"}`: {Schema: 99, Language: "uk"},
	} {
		var got State
		if err := json.Unmarshal([]byte(stored), &got); err != nil {
			t.Errorf("%s: %v", stored, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", stored, diff)
		}
	}
	var st State
	if err := json.Unmarshal([]byte(`{"s":-1}`), &st); err == nil {
		t.Error("a state of schema -1 was read")
	}
}

func FuzzStateDecoding(f *testing.F) {
	f.Add([]byte(`{"s":1,"l":"uk","k":[{"f":"menu","t":"choose"}],"v":{"topic":"costs"},"n":{"Kind":"text","Text":"x"}}`))
	f.Add([]byte(`{"s":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		var st State
		if json.Unmarshal(stored, &st) != nil {
			return
		}
		again, err := json.Marshal(st)
		if err != nil {
			t.Fatal(err)
		}
		var back State
		if err := json.Unmarshal(again, &back); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if st.Schema < StateSchema {
			t.Fatalf("schema %d", st.Schema)
		}
	})
}

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

func TestAStepThatIsGoneLeadsKindlyToTheMenu(t *testing.T) {
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}, {"handoff", "was-removed"}}, Vars: map[string]string{"topic": "costs"}}
	res, err := Step(shipped(t), st, text("hello"), testEnv())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := brief(res), "engine.moved <answer question=hello> menu.prompt = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if res.State.Vars["topic"] != "costs" {
		t.Error("what the person told was lost")
	}
}

func TestButtonsHideWhereTheirConditionIsFalse(t *testing.T) {
	env := testEnv()
	env.Flags["username"] = false
	st := State{Language: "en", Stack: []Frame{{"handoff", "place"}}, Vars: map[string]string{"words": "x"}}
	res, err := Step(shipped(t), st, press("handoff/place/skip"), env)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, c := range res.Out[0].Say.Choices {
		labels = append(labels, c.Label)
	}
	if diff := cmp.Diff([]string{"handoff.by-phone", "handoff.by-email", "common.cancel"}, labels); diff != "" {
		t.Errorf("buttons (-want +got):\n%s", diff)
	}
	// Pressing it all the same, from an old message, does no harm.
	res, err = Step(shipped(t), res.State, press("handoff/reach/telegram"), env)
	if err != nil || res.Out[0].Say.Message != MsgStale {
		t.Errorf("got %s, %v", brief(res), err)
	}
}

func TestWithoutAdvisorsOnlyAddressesAreGiven(t *testing.T) {
	env := testEnv()
	delete(env.Flags, "advisors") // what is not said is not so
	res, err := Step(shipped(t), State{Language: "en", Stack: []Frame{{"menu", "choose"}}}, press("menu/choose/human"), env)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := brief(res), "handoff.addresses <contacts land=home topic=talk-to-human> menu.prompt = en menu/choose"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheDepthOfInterruptionsIsBounded(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}}}
	for i := range 40 {
		res, err := Step(def, st, command([]string{"language", "delete"}[i%2], ""), env)
		if err != nil {
			t.Fatal(err)
		}
		st = res.State
	}
	if len(st.Stack) > MaxDepth {
		t.Errorf("the stack is %d deep, the limit is %d", len(st.Stack), MaxDepth)
	}
}

func TestTypedAnswersAreChecked(t *testing.T) {
	for in, want := range map[string]struct {
		t  InputType
		ok bool
	}{
		"a@b.de": {InputEmail, true}, "a b@c.de": {InputEmail, false}, "a@b": {InputEmail, false}, "@b.de": {InputEmail, false},
		strings.Repeat("a", 250) + "@b.de": {InputEmail, false},
		"0151 12345678":                    {InputPhone, true}, "+49 (0) 261/106-0": {InputPhone, true}, "٠١٥١ ١٢٣٤٥٦٧٨": {InputPhone, true}, "call me": {InputPhone, false}, "12": {InputPhone, false},
		"": {InputText, false}, "x": {InputText, true}, strings.Repeat("ж", MaxAnswer): {InputText, true}, strings.Repeat("ж", MaxAnswer+1): {InputText, false},
	} {
		if _, ok := (&StepDef{Input: want.t}).normalise(in); ok != want.ok {
			t.Errorf("%s %.40q: %v, want %v", want.t, in, ok, want.ok)
		}
	}
}

func TestNumbersAndDatesOfEveryScript(t *testing.T) {
	for in, want := range map[string]string{
		"12": "12", "٢٥": "25", "۲۵": "25", "2,5": "2.5", "2.5": "2.5", "1.200": "1200", "1 200 000": "1200000", "1’200": "1200", "-3": "-3", "٢٫٥": "2.5",
		"": "", "zwei": "", "1e3": "", "Inf": "", "0x10": "", "1.2.3": "", "--1": "",
	} {
		if n, ok := number(in); ok != (want != "") || ok && strconv.FormatFloat(n, 'f', -1, 64) != want {
			t.Errorf("number(%q) = %v, %v; want %q", in, n, ok, want)
		}
	}
	for in, want := range map[string]string{
		"24.11.2026": "2026-11-24", "1.2.1990": "1990-02-01", "24/11/2026": "2026-11-24", "2026-11-24": "2026-11-24", "٢٤/١١/٢٠٢٦": "2026-11-24", "24 11 2026": "2026-11-24", "24. 11. 2026": "2026-11-24",
		"31.2.2026": "", "24.11.26": "", "heute": "", "13/13/2026": "", "": "", "0.0.2026": "",
	} {
		if got, ok := date(in); got != want || ok != (want != "") {
			t.Errorf("date(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	low, high := 1.0, 5.0
	for in, ok := range map[string]bool{"0": false, "1": true, "5": true, "5,1": false} {
		if _, got := (&StepDef{Input: InputNumber, Min: &low, Max: &high}).normalise(in); got != ok {
			t.Errorf("%s between 1 and 5: %v", in, got)
		}
	}
	for in, ok := range map[string]bool{"56068": true, "٥٦٠٦٨": true, "D-56068": true, "5606": false, "560681": false} {
		if _, got := (&StepDef{Input: InputPostcode}).normalise(in); got != ok {
			t.Errorf("postcode %s: %v", in, got)
		}
	}
}

func TestLongListsHavePages(t *testing.T) {
	def, err := Parse(files("flow: demo\nvars: {x: text}\nsteps:\n  first: {ask: d.ask, options: languages, save: x, next: end}\n"), lists)
	if err != nil {
		t.Fatal(err)
	}
	env := testEnv()
	env.Options = func(string, State) []Option {
		var all []Option
		for i := range 20 {
			all = append(all, Option{ID: fmt.Sprint("o", i), Label: fmt.Sprint("Option ", i)})
		}
		return all
	}
	st := State{Language: "en", Stack: []Frame{{"demo", "first"}}}
	show := func(in Input) []string {
		t.Helper()
		res, err := Step(def, st, in, env)
		if err != nil {
			t.Fatal(err)
		}
		st = res.State
		var labels []string
		for _, o := range res.Out {
			if o.Say != nil && o.Say.Message == "d.ask" {
				for _, c := range o.Say.Choices {
					labels = append(labels, either(c.Words, c.Label))
				}
			}
		}
		return labels
	}
	if got := show(press("demo/first/>1")); len(got) != 10 || got[0] != "Option 8" || got[8] != MsgPrevious || got[9] != MsgNext {
		t.Errorf("page 1 shows %q", got)
	}
	if got := show(press("demo/first/>2")); len(got) != 5 || got[0] != "Option 16" || got[4] != MsgPrevious {
		t.Errorf("page 2 shows %q", got)
	}
	if got := show(press("demo/first/>3")); len(got) != 5 {
		t.Errorf("a page that is not there shows %q", got)
	}
	if show(text("option 17")); st.Vars["x"] != "o17" {
		t.Errorf("an option typed by its words gives %q", st.Vars["x"])
	}
}

func TestParseTyped(t *testing.T) {
	for in, want := range map[string]Input{
		"/start lang-uk":      command("start", "lang-uk"),
		"/start\nlang-uk":     command("start", "lang-uk"),
		"/MENU@iq_bot":        command("menu", ""),
		"  /help  ":           command("help", ""),
		"/":                   text("/"),
		"/ menu":              text("/ menu"),
		"/нема":               text("/нема"),
		"what about 1/2?":     text("what about 1/2?"),
		"/topic-costs please": text("/topic-costs please"),
	} {
		if got := ParseTyped(in); got != want {
			t.Errorf("ParseTyped(%q) = %+v, want %+v", in, got, want)
		}
	}
}

// Whatever comes in, the dialogue stands at a known step or nowhere, the state
// survives the store, and what is sent is bounded.
func FuzzStep(f *testing.F) {
	def, err := Parse(flows.FS, lists)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint8(0), "hello", "menu", "choose")
	f.Add(uint8(1), "menu/choose/human", "handoff", "reach")
	f.Add(uint8(2), "start lang-uk_topic-costs", "advisor", "where")
	f.Add(uint8(1), "advisor/where/07111", "advisor", "where")
	f.Fuzz(func(t *testing.T, kind uint8, words, flowID, step string) {
		if !utf8.ValidString(flowID) || !utf8.ValidString(step) {
			t.Skip("a stored state is JSON, and so valid UTF-8")
		}
		st := State{Language: "en", Stack: []Frame{{flowID, step}}}
		in := Input{Kind: []InputKind{KindText, KindButton, KindCommand, KindUnsupported}[kind%4], Text: words}
		if in.Kind == KindCommand {
			in.Command, in.Text, _ = strings.Cut(words, " ")
		}
		for range 3 {
			res, err := Step(def, st, in, testEnv())
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Out) > MaxHops {
				t.Fatalf("%d things to send", len(res.Out))
			}
			for _, fr := range res.State.Stack {
				if fr.Flow == flowID && fr.Step == step {
					continue
				}
				if def.step(fr) == nil {
					t.Fatalf("unknown step %v", fr)
				}
			}
			encoded, err := json.Marshal(res.State)
			if err != nil {
				t.Fatal(err)
			}
			st = State{}
			if err := json.Unmarshal(encoded, &st); err != nil {
				t.Fatal(err)
			}
		}
	})
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

func BenchmarkStep(b *testing.B) {
	def, env := shipped(b), testEnv()
	st := State{Language: "en", Stack: []Frame{{"menu", "choose"}}, Vars: map[string]string{"topic": "costs"}}
	in := press("menu/choose/human")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Step(def, st, in, env); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleStep() {
	def, err := Parse(flows.FS, Lists{Options: []string{"languages"}, Flags: []string{"advisors", "username"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := Step(def, State{}, Input{Kind: KindCommand, Command: "start", Text: "lang-uk"}, testEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range res.Out {
		fmt.Println(o.Say.Message)
	}
	// Output:
	// onboarding.welcome
	// onboarding.privacy
	// menu.prompt
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
