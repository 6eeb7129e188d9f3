package store

import (
	"context"
	"fmt"

	"iqbot/bot"
)

// Timers takes up to n timers that are due, in any order. If nothing is due,
// that is one round trip. They are the caller's for LeaseTTL and come back
// unless a commit for the chat, even one that was run for something else, has
// set another timer or none. Passing over works as in Due.
func (s *Store) Timers(ctx context.Context, n int) ([]bot.Timer, error) {
	const op = "take timers"
	return gather(ctx, s, op, timers, ringScript, n,
		func(shard, n int) []any { return []any{s.o.LeaseTTL.Milliseconds(), n, shardKey(shard, dialogue)} },
		func(shard int, r reply) (bot.Timer, error) {
			// Each commit sets the timer anew, and a reset removes it: its version is the dialogue's.
			t := bot.Timer{Version: r.number(2)}
			if err := s.open(r.text(1), place{r.text(0), shard}.key(dialogue), &t.Chat); err != nil {
				return t, fmt.Errorf("store: %s: %w", op, err)
			}
			return t, nil
		})
}
