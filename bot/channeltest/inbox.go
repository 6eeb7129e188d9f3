package channeltest

import (
	"context"
	"sync"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// inbox is what the channel received, by chat. Openings of chats are left out.
type inbox struct {
	t      testing.TB
	refuse func(bot.Update) error // nil: nothing is refused

	mu      sync.Mutex
	updates map[bot.ChatID][]bot.Update
	news    chan struct{}
}

// receive has the channel receive until the check ends.
func receive(t testing.TB, p Platform, refuse func(bot.Update) error) *inbox {
	in := &inbox{t: t, refuse: refuse, updates: map[bot.ChatID][]bot.Update{}, news: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Receive(ctx, in.handle) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Receive returns %v, want nil when its context ends", err)
			}
		case <-time.After(patience):
			t.Error("Receive goes on although its context has ended")
		}
	})
	return in
}

func (in *inbox) handle(_ context.Context, updates []bot.Update) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, u := range updates {
		if in.refuse != nil {
			if err := in.refuse(u); err != nil {
				return err
			}
		}
		if u.Input.Kind == flow.KindCommand && u.Input.Command == "start" {
			continue
		}
		in.updates[u.Chat] = append(in.updates[u.Chat], u)
	}
	select {
	case in.news <- struct{}{}:
	default:
	}
	return nil
}

// wait returns the first n updates of a chat, or fails the check.
func (in *inbox) wait(chat bot.ChatID, n int) []bot.Update {
	in.t.Helper()
	end := time.After(patience)
	for {
		in.mu.Lock()
		got := append([]bot.Update(nil), in.updates[chat]...)
		in.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-in.news:
		case <-end:
			in.t.Fatalf("of %d things that the person did, %d arrived: %v", n, len(got), got)
		}
	}
}
