package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/desk"
	"iqbot/internal/flow"
	"iqbot/internal/network"
	"iqbot/internal/store"
	"iqbot/locales"
)

// The dialogues in the tests.
const (
	olena bot.ChatID = "telegram:4711"
	samir bot.ChatID = "telegram:99"
	quiet bot.ChatID = "telegram:5" // wants no answers
)

var content = sync.OnceValues(func() (*bot.Content, error) {
	return bot.LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, nil)
})

// opened is a desk with three people who ask for dogs, and other questions.
func opened(t *testing.T, change func(*desk.Options)) (*desk.Desk, *store.Store) {
	t.Helper()
	c, err := content()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenEmbedded(t.Context(), store.Options{HashSecret: []byte("0123456789abcdef"), Sealer: store.Plain{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	for i, q := range []bot.Question{
		{ID: "Q-1", Chat: olena, Language: "de", Words: "Darf ich meinen Hund mitbringen?", Kind: bot.QuestionUnknown},
		{ID: "Q-2", Chat: samir, Language: "de", Words: "darf ich meinen hund mit bringen", Kind: bot.QuestionUnhelpful, Topic: "visa-for-recognition"},
		{ID: "Q-3", Language: "de", Words: "Hund mitbringen, darf ich das", Kind: bot.QuestionUnknown},
		{ID: "Q-4", Chat: olena, Language: "de", Words: "Gibt es eine App für den Führerschein", Kind: bot.QuestionUnknown},
		{ID: "Q-5", Chat: samir, Language: "uk", Words: "чи можна взяти собаку?", Kind: bot.QuestionUnknown},
	} {
		q.Asked = at.Add(time.Duration(i) * 24 * time.Hour)
		chat := q.Chat
		if chat == "" {
			chat = quiet
		}
		commit(t, s, bot.Commit{Chat: chat, Update: bot.UpdateID(q.ID), State: flow.State{Schema: flow.StateSchema, Language: "uk"}, Questions: []bot.Question{q}})
	}
	o := desk.Options{
		Store: s, Content: func() *bot.Content { return c },
		Prepare: func(_ bot.ChatID, m bot.Message) ([]bot.Message, error) { return []bot.Message{m}, nil },
	}
	if change != nil {
		change(&o)
	}
	return desk.New(o), s
}

func commit(t *testing.T, s *store.Store, c bot.Commit) {
	t.Helper()
	session, err := s.Load(t.Context(), c.Chat)
	if err != nil {
		t.Fatal(err)
	}
	c.Version = session.Version
	if _, _, err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// onTheWay are the messages that wait to be sent, by chat.
func onTheWay(t *testing.T, s *store.Store) map[bot.ChatID][]bot.Queued {
	t.Helper()
	taken, err := s.Due(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	out := map[bot.ChatID][]bot.Queued{}
	for _, x := range taken {
		out[x.Lease.Chat] = x.Messages
	}
	return out
}

// left are the questions that are still there, by their groups.
func left(t *testing.T, d *desk.Desk) string {
	t.Helper()
	groups, unreadable, err := d.Groups(t.Context())
	if err != nil || unreadable > 0 {
		t.Fatalf("%d unreadable, %v", unreadable, err)
	}
	var out []string
	for _, g := range groups {
		line := g.ID + " " + g.Language
		for _, q := range g.Questions {
			line += " " + string(q.ID)
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

func TestQuestionsAreGroupedTheBiggestFirst(t *testing.T) {
	d, _ := opened(t, nil)
	if got, want := left(t, d), "G-1 de Q-1 Q-2 Q-3, G-5 uk Q-5, G-4 de Q-4"; got != want {
		t.Errorf("groups: %s, want %s", got, want)
	}
	groups, _, err := d.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g := groups[0]
	want := desk.Question{ID: "Q-2", Kind: bot.QuestionUnhelpful, Topic: "visa-for-recognition", Asked: "2026-11-21", Wanted: true, Words: "darf ich meinen hund mit bringen"}
	if diff := cmp.Diff(want, g.Questions[1], cmpopts.IgnoreUnexported(desk.Question{})); diff != "" {
		t.Error(diff)
	}
	unknown, unhelpful, topics := g.Reasons()
	if g.Wanted() != 2 || g.Newest() != "2026-11-22" || unknown != 2 || unhelpful != 1 || !cmp.Equal(topics, []string{"visa-for-recognition"}) {
		t.Errorf("the group: wanted %d, newest %s, unknown %d, unhelpful %d %q", g.Wanted(), g.Newest(), unknown, unhelpful, topics)
	}
}

func TestNothingThatIsListedLeadsToAPerson(t *testing.T) {
	d, s := opened(t, nil)
	groups, _, err := d.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown, err := json.Marshal(groups)
	if err != nil || !strings.Contains(string(shown), "Hund") {
		t.Fatalf("%s, %v", shown, err)
	}
	for _, secret := range []string{"4711", "99", "telegram", s.Ref(olena), s.Ref(samir), "09:30"} {
		if strings.Contains(string(shown), secret) {
			t.Errorf("staff see %q", secret)
		}
	}
}

func TestAnswerReachesWhoWantsItOnce(t *testing.T) {
	d, s := opened(t, nil)
	var group sync.WaitGroup // ten editors at the same time, and a group and one of its questions
	done := make([]desk.Answered, 10)
	errs := make([]error, 10)
	for i := range done {
		group.Go(func() { done[i], errs[i] = d.Answer(t.Context(), []string{" g-1", "Q-2"}, "visa-for-recognition") })
	}
	group.Wait()
	var all desk.Answered
	for i, one := range done {
		if errs[i] != nil && !errors.Is(errs[i], desk.ErrUnknownID) { // who came when all was done
			t.Error(errs[i])
		}
		all.Sent, all.Unwanted, all.Away = all.Sent+one.Sent, all.Unwanted+one.Unwanted, all.Away+one.Away
	}
	if want := (desk.Answered{Sent: 2, Unwanted: 1}); all != want {
		t.Errorf("together they did %+v, want %+v", all, want)
	}
	sent := onTheWay(t, s)
	for chat, words := range map[bot.ChatID]string{olena: "Darf ich meinen Hund mitbringen?", samir: "darf ich meinen hund mit bringen"} {
		text := ""
		for _, m := range sent[chat] {
			text += m.Text.Plain()
		}
		// Both speak Ukrainian by now.
		if strings.Count(text, words) != 1 || strings.Count(text, "Ви запитували") != 1 {
			t.Errorf("%s gets %s", chat, text)
		}
	}
	if len(sent) != 2 {
		t.Errorf("%d people get something", len(sent))
	}
	if got, want := left(t, d), "G-5 uk Q-5, G-4 de Q-4"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
}

func TestAnswerCountsThoseWhoAreAway(t *testing.T) {
	forgotten := &forgetful{}
	d, s := opened(t, func(o *desk.Options) { forgotten.Store, o.Store = o.Store, forgotten })
	done, err := d.Answer(t.Context(), []string{"Q-1", "Q-4", "Q-5"}, "costs")
	if want := (desk.Answered{Sent: 1, Away: 1, Gone: 1}); err != nil || done != want {
		t.Errorf("%+v, %v; want %+v", done, err, want)
	}
	if sent := onTheWay(t, s); len(sent) != 1 || len(sent[samir]) == 0 {
		t.Errorf("sent: %v", sent)
	}
}

// forgetful has lost Q-1's dialogue, and somebody else has answered Q-4.
type forgetful struct{ desk.Store }

func (f *forgetful) Answer(ctx context.Context, q bot.KeptQuestion, m []bot.Message) (bool, error) {
	switch q.ID {
	case "Q-1":
		return f.Store.Answer(ctx, q, nil)
	case "Q-4":
		return false, bot.ErrNoQuestion
	}
	return f.Store.Answer(ctx, q, m)
}

func TestAFailedAnswerLeavesTheRest(t *testing.T) {
	closed := errors.New("this channel is closed")
	d, s := opened(t, func(o *desk.Options) {
		o.Prepare = func(chat bot.ChatID, m bot.Message) ([]bot.Message, error) {
			if chat == samir {
				return nil, closed
			}
			return []bot.Message{m}, nil
		}
	})
	done, err := d.Answer(t.Context(), []string{"G-1"}, "costs")
	if !errors.Is(err, closed) || !strings.HasPrefix(fmt.Sprint(err), "Q-2: ") || done != (desk.Answered{Sent: 1}) {
		t.Errorf("%+v, %v", done, err)
	}
	if got, want := left(t, d), "G-2 de Q-2 Q-3, G-5 uk Q-5, G-4 de Q-4"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
	if sent := onTheWay(t, s); len(sent) != 1 || len(sent[olena]) == 0 {
		t.Errorf("sent: %v", sent)
	}
}

func TestWhatIsNotThereChangesNothing(t *testing.T) {
	d, s := opened(t, nil)
	before := left(t, d)
	if _, err := d.Answer(t.Context(), []string{"Q-1"}, "nonsense"); !errors.Is(err, desk.ErrNoArticle) || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("an article that is not there: %v", err)
	}
	if _, err := d.Answer(t.Context(), []string{"Q-1", "G-9"}, "costs"); !errors.Is(err, desk.ErrUnknownID) || !strings.Contains(err.Error(), "G-9") {
		t.Errorf("a group that is not there: %v", err)
	}
	if n, err := d.Drop(t.Context(), []string{"Q-1", "Q-9"}); !errors.Is(err, desk.ErrUnknownID) || n != 0 {
		t.Errorf("a question that is not there: %d, %v", n, err)
	}
	if after := left(t, d); after != before {
		t.Errorf("left: %s, want %s", after, before)
	}
	if sent := onTheWay(t, s); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
}

func TestDroppedQuestionsTellNobody(t *testing.T) {
	d, s := opened(t, nil)
	if n, err := d.Drop(t.Context(), []string{"G-1", "q-1", "Q-5"}); err != nil || n != 4 {
		t.Errorf("dropped %d, %v", n, err)
	}
	if got, want := left(t, d), "G-4 de Q-4"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
	if sent := onTheWay(t, s); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
}

func TestRatingsAreListedTheWorstFirst(t *testing.T) {
	d, s := opened(t, nil)
	commit(t, s, bot.Commit{Chat: olena, Update: "r", Ratings: []bot.Rating{
		{Topic: "anabin", Language: "de", Helpful: true}, {Topic: "costs", Language: "uk"}, {Topic: "costs", Language: "uk", Helpful: true},
	}})
	got, err := d.Ratings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []bot.Rated{{Topic: "costs", Language: "uk", Helpful: 1, Unhelpful: 1}, {Topic: "anabin", Language: "de", Helpful: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
