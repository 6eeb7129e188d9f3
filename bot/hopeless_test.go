package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/store"
)

// broken is a store in which the commits, or all calls, for one chat fail.
type broken struct {
	*store.Store
	chat    bot.ChatID
	load    error
	commit  error
	withOut bool // only commits with messages or cases fail
}

func (b *broken) Load(ctx context.Context, chat bot.ChatID) (bot.Session, error) {
	if chat == b.chat && b.load != nil {
		return bot.Session{}, b.load
	}
	return b.Store.Load(ctx, chat)
}

func (b *broken) Commit(ctx context.Context, c bot.Commit) (bot.Lease, []bot.Queued, error) {
	if c.Chat == b.chat && b.commit != nil && (!b.withOut || c.Withdraw) {
		return bot.Lease{}, nil, b.commit
	}
	return b.Store.Commit(ctx, c)
}

// troubled is an engine on a store that fails for the chat test:1, with a clock.
func troubled(t *testing.T, b *broken) (e *bot.Engine, c *channel, log *bytes.Buffer, pass func(time.Duration)) {
	t.Helper()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	b.Store, b.chat = embedded(t), "test:1"
	c, log = newChannel(), &bytes.Buffer{}
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	e = bot.NewEngine(bot.Options{
		Store: b, Channels: []bot.Channel{c}, Content: loaded, Advisors: true, Flood: bot.FloodLimit{Burst: 1e6},
		Log: slog.New(slog.NewTextHandler(log, nil)), Now: func() time.Time { return now },
		Ref: func(chat bot.ChatID) string { return "ref-of-" + chat.Native() },
	})
	return e, c, log, func(d time.Duration) { now = now.Add(d) }
}

func TestAChatThatCannotBeUsedStopsOnlyItself(t *testing.T) {
	for name, b := range map[string]*broken{
		"cannot be loaded":    {load: fmt.Errorf("load: %w", bot.ErrUnusable)},
		"cannot be committed": {commit: fmt.Errorf("commit: %w", bot.ErrUnusable)},
	} {
		t.Run(name, func(t *testing.T) {
			e, c, log, _ := troubled(t, b)
			handle(t, e, typed("test:1", "/start lang-en"), typed("test:2", "/start lang-en"))
			e.Flush()
			if n := e.Stats().Hopeless.Load(); n != 1 || !strings.Contains(log.String(), "ref-of-1") {
				t.Errorf("%d were given up; the log is %s", n, log)
			}
			if len(c.messages("test:1")) != 0 || len(c.messages("test:2")) != 1 {
				t.Errorf("got %v and %v", c.messages("test:1"), c.messages("test:2"))
			}
		})
	}
}

func TestThePersonIsToldIfItIsPossible(t *testing.T) {
	b := &broken{commit: bot.ErrUnusable, withOut: true}
	e, c, _, _ := troubled(t, b)
	handle(t, e, typed("test:1", "/start lang-en"), typed("test:1", "/withdraw"), typed("test:1", "1"))
	e.Flush()
	m := c.messages("test:1")
	if last := m[len(m)-1]; !strings.Contains(last.Text.Plain(), "something went wrong on my side") || len(last.Buttons) != 2 {
		t.Errorf("got %.80q", last.Text.Plain())
	}
	handle(t, e, typed("test:1", "/help"))
	if n := e.Stats().Hopeless.Load(); n != 1 {
		t.Errorf("%d were given up, want the one", n)
	}
}

func TestAFailureOfOneChatIsGivenUpWhenOthersAreAnswered(t *testing.T) {
	try := func(e *bot.Engine) error {
		return e.Handle(t.Context(), []bot.Update{typed("test:1", "/help")})
	}
	others := func(t *testing.T, e *bot.Engine, n int) {
		for range n {
			handle(t, e, typed("test:2", "/help"))
		}
	}
	const tries, minutes, people = 8, 3, 20
	t.Run("after a while", func(t *testing.T) {
		e, _, _, pass := troubled(t, &broken{commit: errors.New("a defect")})
		for range tries {
			if try(e) == nil {
				t.Fatal("given up at once")
			}
			pass(minutes * time.Minute / (tries - 1))
			others(t, e, people/tries+1)
		}
		if err := try(e); err != nil || e.Stats().Hopeless.Load() != 1 {
			t.Errorf("%v, %d given up", err, e.Stats().Hopeless.Load())
		}
	})
	for name, tt := range map[string]struct {
		err    error
		pause  time.Duration
		others int
	}{
		"not while nobody is answered":      {errors.New("a defect"), time.Minute, 0},
		"not at once":                       {errors.New("a defect"), time.Second, people},
		"not after a while of quiet":        {errors.New("a defect"), 2 * time.Hour, people},
		"not while the network is away":     {&net.OpError{Op: "dial", Err: errors.New("refused")}, time.Minute, people},
		"not while the connection breaks":   {fmt.Errorf("commit: %w", io.EOF), time.Minute, people},
		"not while the time is not enough":  {context.DeadlineExceeded, time.Minute, people},
		"not while the service is too busy": {bot.ErrBusy, time.Minute, people},
	} {
		t.Run(name, func(t *testing.T) {
			e, _, _, pass := troubled(t, &broken{commit: tt.err})
			for range 2 * tries {
				if try(e) == nil {
					t.Fatal("given up")
				}
				pass(tt.pause)
				others(t, e, tt.others)
			}
		})
	}
	t.Run("not what has passed", func(t *testing.T) {
		b := &broken{}
		e, _, _, pass := troubled(t, b)
		for range 3 * tries {
			b.commit = errors.New("a defect")
			if try(e) == nil {
				t.Fatal("given up")
			}
			pass(time.Minute)
			others(t, e, people)
			b.commit = nil
			if err := try(e); err != nil {
				t.Fatal(err)
			}
		}
	})
}
