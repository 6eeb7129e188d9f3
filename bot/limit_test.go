package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/store"
)

// request is all that somebody does who wants an advisor to call.
func request(t *testing.T, e *bot.Engine, chat bot.ChatID) {
	t.Helper()
	for _, line := range []string{"/human", "1", "my words", "Skip", "By email", "a@b.de", "1"} {
		handle(t, e, typed(chat, line))
	}
	e.Flush()
}

// notified counts what advisors would be told of.
func notified(t *testing.T, s *store.Store) int {
	t.Helper()
	due, err := s.Notifications(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(due)
}

// Beyond a few requests the person is told so plainly, with the addresses and the
// way to withdraw, and advisors hear nothing. It makes no difference which
// process they reach, or that they erase their data meanwhile.
func TestRequestsOfOnePersonAreBounded(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	const chat = bot.ChatID("test:1")
	s, err := store.OpenEmbedded(t.Context(), store.Options{HashSecret: []byte("0123456789abcdef"), Sealer: store.Plain{}, Targets: []string{"mail"}, CasesPerDay: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c := newChannel()
	engines := make([]*bot.Engine, 2)
	for i := range engines {
		engines[i] = running(t, bot.Options{Store: s, Channels: []bot.Channel{c}, Content: loaded})
	}
	read := func(from int) string {
		var all []string
		for _, m := range c.messages(chat)[from:] {
			all = append(all, m.Text.Plain())
		}
		return strings.Join(all, "\n")
	}
	handle(t, engines[0], typed(chat, "/start lang-en"))
	for i := range 2 {
		request(t, engines[i%2], chat)
	}
	if got := notified(t, s); got != 2 {
		t.Fatalf("advisors hear %d times of two requests", got)
	}
	for name, before := range map[string][]string{"as it is": nil, "withdrawn": {"/withdraw", "1"}, "erased": {"/delete", "1", "/start lang-en"}} {
		for _, line := range before {
			handle(t, engines[0], typed(chat, line))
		}
		engines[0].Flush()
		_ = notified(t, s) // of the withdrawal
		from := len(c.messages(chat))
		request(t, engines[1], chat)
		got := read(from)
		for _, want := range []string{"was not sent", "The most in one day: 2", "/withdraw", "Email:"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, got)
			}
		}
		if strings.Contains(got, "Your number") || notified(t, s) != 0 {
			t.Errorf("%s: advisors hear of it, or it seems so:\n%s", name, got)
		}
		session, err := s.Load(t.Context(), chat)
		if err != nil || session.State.Vars["words"] != "" || session.State.Stack[0].Flow != "menu" {
			t.Errorf("%s: the dialogue is %+v, %v", name, session.State, err)
		}
	}
	if cases, refused := engines[0].Stats().Cases.Load()+engines[1].Stats().Cases.Load(), engines[1].Stats().Refused.Load(); cases != 2 || refused != 3 {
		t.Errorf("%d cases and %d refused are counted", cases, refused)
	}
}

func TestOpenRequestsAreBounded(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenEmbedded(t.Context(), store.Options{HashSecret: []byte("0123456789abcdef"), Sealer: store.Plain{}, CasesPerDay: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c := newChannel()
	e := running(t, bot.Options{Store: s, Channels: []bot.Channel{c}, Content: loaded})
	said := func() string {
		var all []string
		for _, m := range c.messages("test:1") {
			all = append(all, m.Text.Plain())
		}
		return strings.Join(all, "\n")
	}
	handle(t, e, typed("test:1", "/start lang-uk"))
	handle(t, e, typed("test:1", "/start lang-en"))
	for range 4 {
		request(t, e, "test:1")
	}
	if got := said(); strings.Count(got, "Your number") != 3 || strings.Count(got, "The most at the same time: 3") != 1 {
		t.Errorf("of four requests:\n%s", got)
	}
	handle(t, e, typed("test:1", "/withdraw"), typed("test:1", "1"))
	request(t, e, "test:1")
	if got := said(); strings.Count(got, "Your number") != 4 {
		t.Errorf("after the withdrawal none can be opened:\n%s", got)
	}
}

// What costs more than an answer uses up more of what a person may send, and to
// erase everything does not give it back.
func TestWhatCostsMoreWeighsMore(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	const chat = bot.ChatID("test:1")
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	s, files := embedded(t), 0
	e := bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{newChannel()}, Content: loaded, Log: quiet, Now: func() time.Time { return now },
		Export:    func(context.Context, bot.ChatID) ([]byte, error) { files++; return []byte("{}"), nil },
		Assistant: says("costs", ""),
	})
	used := func() float64 {
		t.Helper()
		session, err := s.Load(t.Context(), chat)
		if err != nil {
			t.Fatal(err)
		}
		return session.State.Allowance.Used
	}
	for _, tt := range []struct {
		line string
		used float64
	}{
		{"/start lang-en", 1}, {"What does recognition cost?", 2}, {"What does recognition cost?", 5}, {"/export", 15},
		{"/delete", 16}, {"1", 17}, {"/start lang-en", 18}, {"/help", 19},
	} {
		handle(t, e, typed(chat, tt.line))
		if got := used(); got != tt.used {
			t.Errorf("after %s %.1f are used, want %.1f", tt.line, got, tt.used)
		}
	}
	for range 9 {
		now = now.Add(2 * time.Second)
		handle(t, e, typed(chat, "/export"))
	}
	if files != 2 {
		t.Errorf("%d files are sent, want the first and one more", files)
	}
}
