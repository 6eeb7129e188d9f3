package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
)

// Notifications takes up to n notifications that are due, in any order. They
// are the caller's for LeaseTTL. A try that was never ended, because its
// process died, counts among Attempts. Passing over works as in Due.
func (s *Store) Notifications(ctx context.Context, n int) ([]bot.Notification, error) {
	var until time.Time
	return gather(ctx, s, "take notifications", notices, claimScript, n,
		func(shard, n int) []any {
			until = s.leased(time.Now())
			return []any{s.o.LeaseTTL.Milliseconds(), n, shardKey(shard, caseOf)}
		},
		func(shard int, r reply) (bot.Notification, error) {
			n, err := s.notification(shard, r)
			n.Until = until
			return n, err
		})
}

// withdrawn stands in the ID of a withdrawal, before the shard: of the case
// only the number is left, and that does not tell where it was.
const withdrawn = "/withdrawn#"

func (s *Store) notification(shard int, r reply) (bot.Notification, error) {
	number, sealed := r.text(0), r.text(2)
	n := bot.Notification{ID: number + "/" + r.text(1), Target: r.text(1), Attempts: int(r.number(3))}
	if sealed == "" {
		n.ID += withdrawn + strconv.Itoa(shard)
		n.Withdrawn, n.Case.ID = true, bot.CaseID(number)
		return n, nil
	}
	if err := s.open(sealed, shardKey(shard, caseOf+number), &n.Case); err != nil {
		return n, fmt.Errorf("store: take notifications: %w", err)
	}
	return n, nil
}

// Notified ends n. If the case was withdrawn since n was taken, the
// notification of the withdrawal stays.
func (s *Store) Notified(ctx context.Context, n bot.Notification) error {
	return s.settle(ctx, "end a notification", n, "")
}

// Postpone makes n due again after wait. The try was counted when n was taken.
func (s *Store) Postpone(ctx context.Context, n bot.Notification, wait time.Duration) error {
	return s.settle(ctx, "put a notification off", n, strconv.FormatInt(wait.Milliseconds(), 10))
}

func (s *Store) settle(ctx context.Context, op string, n bot.Notification, wait string) error {
	var shard int
	if n.Withdrawn {
		var err error
		_, number, _ := strings.Cut(n.ID, withdrawn)
		if shard, err = strconv.Atoi(number); err != nil {
			return fmt.Errorf("store: %s: its id is not one of this store", op)
		}
	} else {
		shard = s.place(n.Case.Chat).shard
	}
	keys := []string{shardKey(shard, notices), shardKey(shard, caseOf+string(n.Case.ID))}
	_, err := s.run(ctx, op, settleScript, keys, string(n.Case.ID)+"/"+n.Target, n.Target, flag(n.Withdrawn), wait)
	return err
}

// Errors of Case.
var (
	// ErrNoCase means that no case has this number, or has it any more.
	ErrNoCase = errors.New("no case has this number")
	// ErrManyCases means that two chats drew the same number. Which is meant
	// only the advisor can tell, by the notification.
	ErrManyCases = errors.New("more than one case has this number")
)

// Case returns the case with a number, whichever chat it belongs to. It asks
// all shards, in one round trip.
func (s *Store) Case(ctx context.Context, id bot.CaseID) (bot.Case, error) {
	cmds, err := s.each(ctx, "look for a case", func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.HGet(ctx, shardKey(shard, caseOf+string(id)), "c")
	})
	if err != nil {
		return bot.Case{}, err
	}
	var found bot.Case
	for shard, c := range cmds {
		h, ok := c.(*redis.StringCmd)
		if !ok || h.Val() == "" {
			continue
		}
		if found.ID != "" {
			return bot.Case{}, ErrManyCases
		}
		if err := s.open(h.Val(), shardKey(shard, caseOf+string(id)), &found); err != nil {
			return bot.Case{}, fmt.Errorf("store: read a case: %w", err)
		}
	}
	if found.ID == "" {
		return bot.Case{}, ErrNoCase
	}
	return found, nil
}
