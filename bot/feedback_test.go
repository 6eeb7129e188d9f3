package bot_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/store"
)

// press is a tap on the button with that label, in the message that the channel knows as ref.
func press(t testing.TB, chat bot.ChatID, ref bot.MessageRef, m bot.Message, label string) bot.Update {
	t.Helper()
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Label == label {
				return bot.Update{
					ID: bot.UpdateID(fmt.Sprint("u", updates.Add(1))), Chat: chat, Language: "en",
					Input: flow.Input{Kind: flow.KindButton, Text: b.Data, Source: string(ref)},
				}
			}
		}
	}
	t.Fatalf("no button %q under %v", label, m.Buttons)
	return bot.Update{}
}

func labels(rows [][]bot.Button) string {
	var all []string
	for _, row := range rows {
		for _, b := range row {
			all = append(all, b.Label)
		}
	}
	return strings.Join(all, " | ")
}

// last sends u and returns the last of the messages that came of it.
func last(t testing.TB, e *bot.Engine, c *channel, us ...bot.Update) bot.Message {
	t.Helper()
	handle(t, e, us...)
	e.Flush()
	all := c.messages(us[0].Chat)
	return all[len(all)-1]
}

func kept(t testing.TB, s *store.Store) (out []bot.Question) {
	t.Helper()
	list, _, err := s.Questions(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range list {
		out = append(out, q.Question)
	}
	return out
}

func TestAQuestionIsKeptOnlyWithConsent(t *testing.T) {
	const chat = bot.ChatID("test:1")
	const asked = "My name is Olena Kovalenko, 0151 2345678: what is the weather tomorrow?"
	const shown = "My name is […]: what is the weather tomorrow?"
	for _, tc := range []struct {
		name, label string
		want        []bot.Question
	}{
		{"the answer is wanted", "Yes, and send the answer here", []bot.Question{{Language: "en", Words: shown, Kind: bot.QuestionUnknown, Chat: chat}}},
		{"only kept", "Yes, only store it", []bot.Question{{Language: "en", Words: shown, Kind: bot.QuestionUnknown}}},
		{"refused", "No", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, c := embedded(t), newChannel()
			e := engine(t, s, c)
			offer := last(t, e, c, typed(chat, "/start lang-en"), typed(chat, asked))
			if !strings.Contains(offer.Text.Plain(), shown) || strings.Contains(offer.Text.Plain(), "Olena") {
				t.Errorf("it does not show what would be kept: %s", offer.Text.Plain())
			}
			if n := len(kept(t, s)); n != 0 {
				t.Fatalf("%d questions are kept before anybody agreed", n)
			}
			session, err := s.Load(t.Context(), chat)
			if err != nil || session.State.Question == nil || session.State.Question.Words != shown {
				t.Fatalf("waiting: %+v, %v", session.State.Question, err)
			}
			tap := press(t, chat, "7", offer, tc.label)
			last(t, e, c, tap)
			// The same tap again, and the other buttons: the question is gone.
			for _, label := range []string{tc.label, "Yes, only store it", "Yes, and send the answer here"} {
				handle(t, e, press(t, chat, "7", offer, label))
			}
			e.Flush()
			got := kept(t, s)
			for i := range got {
				if got[i].ID == "" || got[i].Asked.IsZero() || got[i].Consent == "" {
					t.Errorf("not all is there: %+v", got[i])
				}
				got[i].ID, got[i].Asked, got[i].Consent = "", time.Time{}, ""
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if session, err := s.Load(t.Context(), chat); err != nil || session.State.Question != nil {
				t.Errorf("it still waits: %+v, %v", session.State.Question, err)
			}
			if n := e.Stats().Questions.Load(); int(n) != len(tc.want) {
				t.Errorf("%d counted", n)
			}
			// After a no, the person is not asked each time; after a yes they are.
			again := last(t, e, c, typed(chat, "qwerty xyz abc"))
			if asks := strings.Contains(labels(again.Buttons), "Yes, only store it"); asks != (tc.want != nil) {
				t.Errorf("asked again: %v", asks)
			}
		})
	}
}

// A button must not agree to a question that was asked after what stands above it.
func TestConsentIsForTheQuestionShown(t *testing.T) {
	s, c := embedded(t), newChannel()
	e := engine(t, s, c)
	offer := last(t, e, c, typed("test:1", "/start lang-en"), typed("test:1", "qwerty xyz abc"))
	last(t, e, c, typed("test:1", "something secret of mine xyz"))
	last(t, e, c, press(t, "test:1", "7", offer, "Yes, only store it"))
	if got := kept(t, s); len(got) != 0 {
		t.Errorf("kept: %+v", got)
	}
}

func TestYesAndNoCanBeTyped(t *testing.T) {
	s, c := embedded(t), newChannel()
	e := engine(t, s, c)
	last(t, e, c, typed("test:1", "/start lang-en"), typed("test:1", "qwerty xyz abc"), typed("test:1", "no"))
	if got := kept(t, s); len(got) != 0 {
		t.Errorf("after no: %+v", got)
	}
	last(t, e, c, typed("test:2", "/start lang-en"), typed("test:2", "qwerty xyz abc"), typed("test:2", "yes"))
	if got := kept(t, s); len(got) != 1 || got[0].Chat != "" {
		t.Errorf("after yes, which wants no answer: %+v", got)
	}
}

func TestAnAnswerIsRatedOnce(t *testing.T) {
	const chat = bot.ChatID("test:1")
	s, c := embedded(t), newChannel()
	one, two := engine(t, s, c), engine(t, s, c)
	article := last(t, one, c, typed(chat, "/start lang-en"), typed(chat, "How much does recognition cost?"))
	// Taps on both buttons, in two processes at once: the first that takes effect counts.
	var group sync.WaitGroup
	for i := range 10 {
		tap := press(t, chat, "7", article, []string{"Helpful", "Not helpful"}[i%2])
		group.Go(func() { handle(t, []*bot.Engine{one, two}[i/2%2], tap) })
	}
	group.Wait()
	one.Flush()
	two.Flush()
	ratings, err := s.Ratings(t.Context())
	if err != nil || len(ratings) != 1 || ratings[0].Topic != "costs" || ratings[0].Language != "en" || ratings[0].Helpful+ratings[0].Unhelpful != 1 {
		t.Fatalf("rated: %+v, %v", ratings, err)
	}
	marks := c.marks[chat]
	if len(marks) != 1 || marks[0].Message != "7" {
		t.Fatalf("marks: %+v", marks)
	}
	// The buttons that lead on stay.
	if all := labels(article.Buttons); labels(marks[0].Buttons)+" | Helpful | Not helpful" != all {
		t.Errorf("of %q stay %q", all, labels(marks[0].Buttons))
	}
	// Another message with the same article may be rated too.
	again := last(t, one, c, typed(chat, "How much does recognition cost?"))
	handle(t, one, press(t, chat, "9", again, "Helpful"))
	if ratings, err = s.Ratings(t.Context()); err != nil || ratings[0].Helpful+ratings[0].Unhelpful != 2 {
		t.Errorf("rated: %+v, %v", ratings, err)
	}
	if n := one.Stats().Helpful.Load() + one.Stats().Unhelpful.Load() + two.Stats().Helpful.Load() + two.Stats().Unhelpful.Load(); n != 2 {
		t.Errorf("%d counted", n)
	}
	// A topic that is none is not counted: what comes back from a button is not to be trusted.
	handle(t, one, bot.Update{ID: "forged", Chat: chat, Input: flow.Input{Kind: flow.KindButton, Text: flow.RateData("no-such-topic", true), Source: "11"}})
	if ratings, err = s.Ratings(t.Context()); err != nil || len(ratings) != 1 {
		t.Errorf("rated: %+v, %v", ratings, err)
	}
}

func TestAnAnswerThatDidNotHelpLeadsToItsQuestion(t *testing.T) {
	const chat = bot.ChatID("test:1")
	s, c := embedded(t), newChannel()
	e := engine(t, s, c)
	article := last(t, e, c, typed(chat, "/start lang-en"), typed(chat, "How much does recognition cost?"))
	offer := last(t, e, c, press(t, chat, "7", article, "Not helpful"))
	last(t, e, c, press(t, chat, "8", offer, "Yes, only store it"))
	got := kept(t, s)
	if len(got) != 1 || got[0].Kind != bot.QuestionUnhelpful || got[0].Topic != "costs" || got[0].Words != "How much does recognition cost?" {
		t.Errorf("kept: %+v", got)
	}
	// An article that answers no question of the person's: there is nothing to keep.
	sorry := last(t, e, c, press(t, chat, "12", article, "Not helpful"))
	if labels(sorry.Buttons) != "Talk to a person | ☰ Menu" {
		t.Errorf("buttons: %s", labels(sorry.Buttons))
	}
}

func TestNoneOfTheTopicsOfferedLeadsToTheEditors(t *testing.T) {
	s, c := embedded(t), newChannel()
	e := engine(t, s, c)
	m := last(t, e, c, typed("test:1", "/start lang-en"), typed("test:1", "pay for it or free"))
	if !strings.Contains(labels(m.Buttons), "None of these | Talk to a person") {
		t.Fatalf("buttons %q; this test needs a question that leaves a choice", labels(m.Buttons))
	}
	m = last(t, e, c, press(t, "test:1", "7", m, "None of these"))
	if !strings.Contains(m.Text.Plain(), "pay for it or free") || !strings.HasPrefix(labels(m.Buttons), "Yes, and send the answer here") {
		t.Fatalf("got %q with %q", m.Text.Plain(), labels(m.Buttons))
	}
	handle(t, e, press(t, "test:1", "8", m, "Yes, only store it"))
	if q := kept(t, s); len(q) != 1 || q[0].Kind != bot.QuestionUnknown || q[0].Words != "pay for it or free" {
		t.Errorf("kept %+v", q)
	}
}

func TestDeleteAndWithdrawForgetQuestions(t *testing.T) {
	for command, yes := range map[string]string{"/delete": "Yes, delete everything", "/withdraw": "Yes, withdraw"} {
		t.Run(command, func(t *testing.T) {
			s, c := embedded(t), newChannel()
			e := engine(t, s, c)
			last(t, e, c, typed("test:1", "/start lang-en"), typed("test:1", "qwerty xyz abc"), typed("test:1", "yes"))
			if len(kept(t, s)) != 1 {
				t.Fatal("nothing to forget")
			}
			confirm := last(t, e, c, typed("test:1", command))
			last(t, e, c, press(t, "test:1", "9", confirm, yes))
			if got := kept(t, s); len(got) != 0 {
				t.Errorf("left: %+v", got)
			}
		})
	}
}

func TestReplyIsTheQuestionAndTheArticle(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	q := bot.Question{ID: "Q-7", Language: "uk", Words: "скільки *коштує* […]?", Chat: "test:1"}
	messages, err := loaded.Reply(q, "costs", "", time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
	if err != nil || len(messages) != 1 || messages[0].ID != "answer:Q-7/0" {
		t.Fatalf("%+v, %v", messages, err)
	}
	for _, want := range []string{"Ви запитували", "скільки *коштує* […]?", "IHK FOSA"} {
		if !strings.Contains(messages[0].Text.Plain(), want) {
			t.Errorf("it lacks %q: %s", want, messages[0].Text.Plain())
		}
	}
	if !strings.HasSuffix(labels(messages[0].Buttons), "Корисно | Не корисно") {
		t.Errorf("buttons: %s", labels(messages[0].Buttons))
	}
	if messages, err = loaded.Reply(q, "costs", "de", time.Now()); err != nil || !strings.Contains(messages[0].Text.Plain(), "Sie haben gefragt") {
		t.Errorf("in the language that the person speaks now: %+v, %v", messages, err)
	}
	if _, err = loaded.Reply(q, "nonsense", "", time.Now()); err == nil || !strings.Contains(err.Error(), "anabin") {
		t.Errorf("an unknown topic: %v", err)
	}
}
