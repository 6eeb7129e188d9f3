package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
	"iqbot/internal/telegram"
)

// The right to poll ends pollLease after it was asked for or renewed, whatever
// the store does meanwhile; until then it is used.
func TestNobodyPollsWithoutTheRight(t *testing.T) {
	const ever = 24 * time.Hour // what stands for "as long as nobody stops it"
	for name, tt := range map[string]struct {
		answered time.Duration // after it was asked for, the right was given
		renew    func(ctx context.Context, n int) error
		want     time.Duration // since it was asked for
	}{
		"renewed each time":      {0, func(context.Context, int) error { return nil }, ever},
		"given late":             {10 * time.Second, func(context.Context, int) error { return errors.New("away") }, pollLease},
		"given too late":         {20 * time.Second, func(context.Context, int) error { return errors.New("away") }, 20 * time.Second},
		"never renewed":          {0, func(context.Context, int) error { return errors.New("away") }, pollLease},
		"a renewal that hangs":   {0, func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }, pollLease},
		"taken over by another":  {0, func(context.Context, int) error { return bot.ErrLeaseLost }, pollRenew},
		"the third renewal late": {0, late(2), 2*pollRenew + pollLease},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), ever)
				defer stop()
				asked, n := time.Now(), -1
				time.Sleep(tt.answered)
				var polled time.Duration
				var cause error
				err := whileHeld(ctx, asked, slog.New(slog.DiscardHandler), func(ctx context.Context) error {
					n++
					return tt.renew(ctx, n)
				}, func(ctx context.Context) error {
					<-ctx.Done()
					polled, cause = time.Since(asked), context.Cause(ctx)
					return nil
				})
				if err != nil || polled != tt.want && tt.want != ever || tt.want == ever && polled < ever {
					t.Errorf("polled for %s, %v; want %s", polled, err, tt.want)
				}
				if errors.Is(cause, telegram.ErrTakenOver) != (tt.want != ever) {
					t.Errorf("it ended because %v", cause)
				}
			})
		})
	}
}

// late renews at once n times, and then answers after half a minute.
func late(n int) func(context.Context, int) error {
	return func(_ context.Context, i int) error {
		if i >= n {
			time.Sleep(30 * time.Second)
		}
		return nil
	}
}
