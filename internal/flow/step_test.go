package flow

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"iqbot/flows"
)

// TestACrisisIsAnsweredAtEveryStep: nothing is kept of the words, nothing else
// is done, and the dialogue stays where it is.
func TestACrisisIsAnsweredAtEveryStep(t *testing.T) {
	def := shipped(t)
	steps := 0
	for _, f := range def.Flows {
		for _, s := range f.Steps {
			a, asks := s.action.(*askStep)
			if !asks {
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
				if talk := o.Effect != nil && o.Effect.Kind == EffectTalk; talk != (i == 0) || !talk && (o.Say == nil || o.Say.Message != a.Message) {
					t.Errorf("%s/%s: %s", f.ID, s.ID, brief(r))
				}
			}
			if len(r.Out) == 0 || a.Input != "" && !a.Quiet && len(r.Out) != 2 {
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
		"what is not to be read is refused and the step asked again": {
			start,
			{command("advisor", ""), "advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: SentPicture}, "engine.picture advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: SentRecording}, "engine.recording advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: SentSticker}, "engine.sticker advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: SentContact}, "engine.contact advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: SentLocation}, "engine.location advisor.area = en advisor/area"},
			{Input{Kind: KindUnsupported, Text: "of a later version"}, "engine.unsupported advisor.area = en advisor/area"},
			{Input{Kind: KindContact, Text: "+49151"}, "engine.contact advisor.area = en advisor/area"},
		},
		"a caption is words": {
			start,
			{Input{Kind: KindText, Text: "how much is it?", With: SentPicture}, "engine.only-words <answer question=how much is it?> = en menu/choose"},
			{Input{Kind: KindText, Text: "crisis", With: SentRecording}, "<talk kind=suicide lang=ar> = en menu/choose"},
			{Input{Kind: KindCommand, Command: "human", With: SentPicture}, "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{Input{Kind: KindText, Text: "my own words", With: SentPicture}, "engine.only-words handoff.place = en handoff/place"},
		},
		"a caption of a person of whom nothing is stored any more is words": {
			{Input{Kind: KindText, Text: "how much is it?", With: SentPicture}, "engine.returning engine.only-words <answer question=how much is it?> menu.prompt = uk menu/choose"},
		},
		"words of which nothing can be seen are none": {
			start,
			{text("\u200b\u200d"), "engine.invalid menu.prompt = en menu/choose"},
			{press("menu/choose/human"), "handoff.consent = en handoff/consent"},
			{press("handoff/consent/yes"), "handoff.words = en handoff/words"},
			{text("\u2800"), "engine.invalid handoff.words = en handoff/words"},
			{text("\u3164"), "engine.help handoff.words = en handoff/words"},
			{text(" … "), "engine.human handoff.words = en handoff/words"},
			{text("\u202awords\u202c"), "handoff.place = en handoff/place"},
		},
		"marks of direction do not hide a command, a word or a button": {
			start,
			{text("\u200fменю\u200f"), "menu.prompt = en menu/choose"},
			{ParseTyped("\u200f/human\u2069"), "handoff.consent = en handoff/consent"},
			{text("\u2067ja\u2069"), "handoff.words = en handoff/words"},
			{command("human", ""), "handoff.consent = en handoff/consent"},
			{text("\u20681\u2069"), "handoff.words = en handoff/words"},
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
			{Input{Kind: KindLocation, Text: "50.3,7.5"}, "engine.location advisor.area = en advisor/area"},
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
	def, err := Parse(flows.FS, Lists{Options: []string{"languages"}, Flags: []string{"advisors", "username"}, Lookups: []string{"place"}, Nearby: []string{"place"}})
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
