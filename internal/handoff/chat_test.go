package handoff

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"iqbot/bot"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// fakeChannel splits at every 100 characters and answers with fails, in turn.
type fakeChannel struct {
	mu    sync.Mutex
	fails []error
	moves map[bot.ChatID]bot.ChatID // chats that have a new id
	sent  []string                  // chat, message id and text of what was taken
	// recalled is chat and id of what was taken back, unless stays has an error for the id.
	recalled []string
	stays    map[bot.MessageRef]error
}

func (*fakeChannel) Name() string                                               { return "telegram" }
func (*fakeChannel) Decorate(context.Context, bot.ChatID, bot.Decoration) error { return nil }

func (*fakeChannel) Prepare(m bot.Message) []bot.Message {
	var parts []bot.Message
	for i, chunk := range slices.Collect(slices.Chunk([]rune(m.Text.Plain()), 100)) {
		parts = append(parts, bot.Message{ID: fmt.Sprint(m.ID, "#", i), Text: richtext.Text{{Text: string(chunk)}}})
	}
	return parts
}

func (f *fakeChannel) Send(_ context.Context, chat bot.ChatID, m bot.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.fails) > 0 {
		err := f.fails[0]
		f.fails = f.fails[1:]
		if err != nil {
			return err
		}
	}
	if to, ok := f.moves[chat]; ok {
		return moved(to)
	}
	f.sent = append(f.sent, string(chat)+" "+m.ID+" "+m.Text.Plain())
	return nil
}

// Post numbers the messages of all chats from 1.
func (f *fakeChannel) Post(ctx context.Context, chat bot.ChatID, m bot.Message) (bot.MessageRef, error) {
	if err := f.Send(ctx, chat, m); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return bot.MessageRef(fmt.Sprint(len(f.sent))), nil
}

func (f *fakeChannel) Recall(_ context.Context, chat bot.ChatID, m bot.MessageRef, instead richtext.Text) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.stays[m]; err != nil {
		return err
	}
	f.recalled = append(f.recalled, fmt.Sprint(chat, " ", m, " ", instead.Plain()))
	return nil
}

func (f *fakeChannel) text(chat bot.ChatID) string {
	var b strings.Builder
	for _, s := range f.sent {
		if rest, ok := strings.CutPrefix(s, string(chat)+" "); ok {
			_, text, _ := strings.Cut(rest, " ")
			b.WriteString(text)
		}
	}
	return b.String()
}

func moved(to bot.ChatID) error {
	return &bot.SendError{Method: "sendMessage", Reason: bot.SendMoved, Chat: to}
}

func TestChatNotifierSendsEveryPart(t *testing.T) {
	ch := &fakeChannel{}
	r := testRenderer(t)
	long := testCase
	long.Words = strings.Repeat("Ich suche Rat. ", 700)
	n := bot.Notification{ID: "IQ-7K2M9/telegram", Case: long}
	if err := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1"}, r).Notify(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if got, want := ch.text("telegram:-1"), r.Text(n).Plain(); got != want {
		t.Errorf("the parts do not make the text: %d and %d bytes", len(got), len(want))
	}
	if !strings.HasPrefix(ch.sent[0], "telegram:-1 IQ-7K2M9/telegram#0 ") {
		t.Errorf("first part: %q", ch.sent[0])
	}
}

// TestChatNotifierRepeatsTheWhole: part 2 failed after part 1 went out.
func TestChatNotifierRepeatsTheWhole(t *testing.T) {
	down := &bot.SendError{Method: "sendMessage", Reason: bot.SendFailed}
	ch := &fakeChannel{fails: []error{nil, down}}
	c := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1"}, testRenderer(t))
	n := bot.Notification{ID: "x", Case: testCase}

	var failed *bot.SendError
	if err := c.Notify(t.Context(), n); !errors.As(err, &failed) || failed != down {
		t.Fatalf("got %v", err)
	}
	ch.sent = nil
	n.Attempts = 1
	if err := c.Notify(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if text := ch.text("telegram:-1"); !strings.Contains(text, "Zustellversuch 2: Haben Sie IQ-7K2M9 schon") || !strings.HasPrefix(text, "Neuer Beratungswunsch IQ-7K2M9") {
		t.Errorf("got %q", text)
	}
}

func TestChatNotifierFollowsTheChat(t *testing.T) {
	ch := &fakeChannel{fails: []error{nil, moved("telegram:-1002")}}
	var told []bot.ChatID
	r := testRenderer(t)
	c := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1", Moved: func(_ context.Context, chat bot.ChatID) { told = append(told, chat) }}, r)
	n := bot.Notification{ID: "x", Case: testCase}
	if err := c.Notify(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	// The part that was refused and all behind it are in the new chat, in the same call.
	if got, want := ch.text("telegram:-1")+ch.text("telegram:-1002"), r.Text(n).Plain(); got != want {
		t.Errorf("got %q", got)
	}
	ch.sent = nil
	if err := c.Notify(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if got := ch.text("telegram:-1"); got != "" {
		t.Errorf("the old chat was tried again: %q", got)
	}
	if !slices.Equal(told, []bot.ChatID{"telegram:-1002"}) {
		t.Errorf("told %q", told)
	}
}

func TestChatNotifierGivesUpOnAChatThatNeverRests(t *testing.T) {
	ch := &fakeChannel{fails: []error{moved("telegram:-2"), moved("telegram:-3"), moved("telegram:-4"), moved("telegram:-5")}}
	err := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1"}, testRenderer(t)).Notify(t.Context(), bot.Notification{Case: testCase})
	if err == nil || err.Error() != "write to the advisors' chat: the chat moved again and again" {
		t.Errorf("got %v", err)
	}
	ch = &fakeChannel{fails: []error{moved("")}}
	err = NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1"}, testRenderer(t)).Notify(t.Context(), bot.Notification{Case: testCase})
	if err == nil || len(ch.sent) > 0 {
		t.Errorf("a move to nowhere: %v", err)
	}
}

func TestChatNotifierTellsOfAMoveOnce(t *testing.T) {
	ch := &fakeChannel{moves: map[bot.ChatID]bot.ChatID{"telegram:-1": "telegram:-2"}}
	told := make(chan bot.ChatID, 1000)
	c := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1", Moved: func(_ context.Context, chat bot.ChatID) { told <- chat }}, testRenderer(t))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := c.Notify(t.Context(), bot.Notification{Case: testCase}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(told) != 1 {
		t.Errorf("told %d times", len(told))
	}
}

func TestNotifiersSendNothingWithoutTexts(t *testing.T) {
	catalog, err := locale.Load(fstest.MapFS{"de/language.toml": {Data: must(os.ReadFile("testdata/de/language.toml"))}, "de/active.de.toml": {}})
	if err != nil {
		t.Fatal(err)
	}
	r := NewRenderer(func() *locale.Printer { return catalog.Printer("de") }, func(string) string { return "" }, time.UTC)
	m, err := NewMailNotifier(MailOptions{Host: "127.0.0.1", Port: 1, From: "a@b.de", To: "a@b.de"}, r)
	if err != nil {
		t.Fatal(err)
	}
	n := bot.Notification{Case: bot.Case{ID: "IQ-1"}, Withdrawn: true}
	for _, notifier := range []Notifier{m, NewChatNotifier(ChatOptions{Channel: &fakeChannel{}, Chat: "telegram:-1"}, r)} {
		if err := notifier.Notify(t.Context(), n); !errors.Is(err, errNoText) {
			t.Errorf("%s: %v", notifier.Name(), err)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// pacer lets a message go every 3 seconds, as the limit of a group does.
type pacer struct{ counted []bot.ChatID }

func (p *pacer) Pace(_ context.Context, chat bot.ChatID) (time.Duration, error) {
	p.counted = append(p.counted, chat)
	return 3 * time.Second, nil
}

func TestChatNotifierKeepsTheLimitOfTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch, p := &fakeChannel{}, &pacer{}
		c := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1", Pacer: p}, testRenderer(t))
		begin := time.Now()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := c.Notify(t.Context(), bot.Notification{Case: testCase}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := len(ch.sent) // a notification has several parts
		if d := time.Since(begin); n < 4 || d != time.Duration(n-1)*3*time.Second || len(p.counted) != n || p.counted[0] != "telegram:-1" {
			t.Errorf("4 notifications took %v, %d messages sent, counted %q; want 3s between two messages", d, n, p.counted)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Notify(ctx, bot.Notification{Case: testCase}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without time left: %v", err)
		}
	})
}

func TestChatNotifierTellsWhereItsMessagesStand(t *testing.T) {
	ch := &fakeChannel{moves: map[bot.ChatID]bot.ChatID{"telegram:-1": "telegram:-1002"}}
	var posted []string
	c := NewChatNotifier(ChatOptions{Channel: ch, Chat: "telegram:-1", Posted: func(_ context.Context, n bot.Notification, p bot.Posting) {
		posted = append(posted, fmt.Sprint(n.ID, " ", p.Chat, " ", p.Message))
	}}, testRenderer(t))
	if err := c.Notify(t.Context(), bot.Notification{ID: "x", Case: testCase}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range ch.sent {
		want = append(want, fmt.Sprint("x telegram:-1002 ", i+1))
	}
	if len(want) < 2 || !slices.Equal(posted, want) {
		t.Errorf("posted %q, want %q", posted, want)
	}
	posted = nil
	if err := c.Notify(t.Context(), bot.Notification{ID: "y", Case: bot.Case{ID: "IQ-1"}, Withdrawn: true}); err != nil || posted != nil {
		t.Errorf("the notice of a withdrawal is to be found again: %q, %v", posted, err)
	}
}

func TestAWithdrawalTakesBackWhatWasPosted(t *testing.T) {
	refuses := func(r bot.SendReason) error { return &bot.SendError{Method: "deleteMessage", Reason: r} }
	const current, earlier = bot.ChatID("telegram:-1"), bot.ChatID("telegram:-9")
	posted := []bot.Posting{{Chat: current, Message: "11"}, {Chat: earlier, Message: "12"}, {Chat: current, Message: "13"}}
	for name, tc := range map[string]struct {
		stays    map[bot.MessageRef]error
		posted   []bot.Posting
		recalled string
		left     int
		fails    bool // it is tried again, and nobody is told yet
	}{
		"all is deleted":                      {nil, posted, "11 12 13", 0, false},
		"nothing was posted":                  {nil, nil, "", 0, false},
		"one can never be deleted":            {map[bot.MessageRef]error{"11": refuses(bot.SendRefused)}, posted, "12 13", 1, false},
		"one stood in a group that moved":     {map[bot.MessageRef]error{"13": refuses(bot.SendMoved)}, posted, "11 12", 1, false},
		"the bot has left an earlier group":   {map[bot.MessageRef]error{"12": refuses(bot.SendBlocked)}, posted, "11 13", 1, false},
		"the bot was thrown out":              {map[bot.MessageRef]error{"11": refuses(bot.SendBlocked)}, posted, "", 0, true},
		"the platform fails for a while":      {map[bot.MessageRef]error{"13": refuses(bot.SendFailed)}, posted, "11 12", 0, true},
		"it is not known where it stands":     {nil, []bot.Posting{{Message: "11"}, posted[2]}, "13", 1, false},
		"the platform wants to be left alone": {map[bot.MessageRef]error{"12": refuses(bot.SendThrottled)}, posted, "11", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			ch := &fakeChannel{stays: tc.stays}
			left := 0
			c := NewChatNotifier(ChatOptions{Channel: ch, Chat: current, NotRecalled: func(_ context.Context, id bot.CaseID, n int, err error) {
				if left += n; id != "IQ-1" || err == nil {
					t.Errorf("told of case %s, %v", id, err)
				}
			}}, testRenderer(t))
			err := c.Notify(t.Context(), bot.Notification{ID: "x", Case: bot.Case{ID: "IQ-1"}, Withdrawn: true, Posted: tc.posted})
			if (err != nil) != tc.fails || tc.fails && len(ch.sent) > 0 {
				t.Errorf("error %v, sent %q", err, ch.sent)
			}
			var numbers []string
			for _, r := range ch.recalled {
				f := strings.Fields(r)
				numbers = append(numbers, f[1])
				if instead := strings.Join(f[2:], " "); instead != "IQ-1: zurückgezogen" {
					t.Errorf("in its place stands %q", instead)
				}
			}
			if got := strings.Join(numbers, " "); got != tc.recalled || left != tc.left {
				t.Errorf("taken back: %q, left %d; want %q, %d", got, left, tc.recalled, tc.left)
			}
			text := ch.text(current)
			if !tc.fails && (!strings.Contains(text, "keinen Kontakt mehr auf") || !strings.Contains(text, "löschen Sie alles, was Sie zu diesem Fall noch haben")) {
				t.Errorf("advisors read %q", text)
			}
			if told := strings.Contains(text, "Bitte löschen Sie sie selbst"); told != (tc.left > 0) {
				t.Errorf("advisors read %q", text)
			}
		})
	}
}

// A message that waits for its turn is no failure of the platform.
func TestNoTurnIsNoFailureOfTheTarget(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := NewChatNotifier(ChatOptions{Channel: &fakeChannel{}, Chat: "telegram:-1"}, testRenderer(t)).Notify(ctx, note("IQ-1"))
	if reasonOf(err) != bot.SendThrottled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
