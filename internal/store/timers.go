package store

import (
	"context"

	"iqbot/bot"
)

// Timers takes up to n timers that are due.
func (s *Store) Timers(context.Context, int) ([]bot.Timer, error) { return nil, nil }
