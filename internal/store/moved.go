package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
)

// maxMoves bounds how far Moved follows a chat; a real one moves once.
const maxMoves = 4

// Moved returns where a chat has moved to, as SetMoved recorded it, step by
// step; that is from itself if it did not move.
func (s *Store) Moved(ctx context.Context, from bot.ChatID) (bot.ChatID, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for range maxMoves {
		key := s.place(from).key(newID)
		var sealed *redis.StringCmd
		_, err := s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
			sealed = p.Get(ctx, key)
			p.Expire(ctx, key, movedTTL)
			return nil
		})
		if errors.Is(err, redis.Nil) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("store: look for a chat that moved: %w", err)
		}
		if err := s.open(sealed.Val(), key, &from); err != nil {
			return "", fmt.Errorf("store: look for a chat that moved: %w", err)
		}
	}
	return from, nil
}

// SetMoved records that the platform gave a chat a new id. It is kept for a
// year after it was last asked for.
func (s *Store) SetMoved(ctx context.Context, from, to bot.ChatID) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	key := s.place(from).key(newID)
	sealed, err := s.seal(to, key)
	if err != nil {
		return err
	}
	if err := s.db.Set(ctx, key, sealed, movedTTL).Err(); err != nil {
		return fmt.Errorf("store: record that a chat moved: %w", err)
	}
	return nil
}
