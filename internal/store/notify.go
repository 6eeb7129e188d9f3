package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	n := bot.Notification{ID: number + "/" + r.text(1), Target: r.text(1), Attempts: int(r.number(3)), PersonTold: r.number(4) == 1}
	key := shardKey(shard, caseOf+number)
	if sealed != "" {
		if err := s.open(sealed, key, &n.Case); err != nil {
			return n, fmt.Errorf("store: take notifications: %w", err)
		}
		return n, nil
	}
	n.ID += withdrawn + strconv.Itoa(shard)
	n.Withdrawn, n.Case.ID = true, bot.CaseID(number)
	for i := 0; i < len(r.list(5)); i += 2 {
		p := bot.Posting{Message: bot.MessageRef(r.list(5).text(i))}
		// One that cannot be opened cannot be found either: it stays without a chat, and counts as one that cannot be taken back.
		if s.open(r.list(5).text(i+1), key, &p.Chat) != nil {
			p.Chat = ""
		}
		n.Posted = append(n.Posted, p)
	}
	return n, nil
}

// Posted keeps where a message about n's case stands, so that a withdrawal finds it.
func (s *Store) Posted(ctx context.Context, n bot.Notification, p bot.Posting) error {
	shard, err := s.shardOf(n)
	if err != nil {
		return err
	}
	key := shardKey(shard, caseOf+string(n.Case.ID))
	chat, err := s.seal(p.Chat, key)
	if err != nil {
		return err
	}
	_, err = s.run(ctx, "keep where a notification stands", postedScript, []string{key}, n.Target, word(string(p.Message)), chat)
	return err
}

// Notified ends n. If the case was withdrawn since n was taken, the
// notification of the withdrawal stays.
func (s *Store) Notified(ctx context.Context, n bot.Notification) error {
	return s.settle(ctx, "end a notification", n, "", "")
}

// Postpone makes n due again after wait, and keeps why it failed. The try was
// counted when n was taken.
func (s *Store) Postpone(ctx context.Context, n bot.Notification, wait time.Duration, reason bot.SendReason) error {
	return s.settle(ctx, "put a notification off", n, strconv.FormatInt(wait.Milliseconds(), 10), reason)
}

func (s *Store) settle(ctx context.Context, op string, n bot.Notification, wait string, reason bot.SendReason) error {
	shard, err := s.shardOf(n)
	if err != nil {
		return fmt.Errorf("store: %s: %w", op, err)
	}
	keys := []string{shardKey(shard, notices), shardKey(shard, caseOf+string(n.Case.ID))}
	_, err = s.run(ctx, op, settleScript, keys, string(n.Case.ID)+"/"+n.Target, n.Target, flag(n.Withdrawn), wait, string(reason))
	return err
}

// shardOf is where the case of n is.
func (s *Store) shardOf(n bot.Notification) (int, error) {
	if !n.Withdrawn {
		return s.place(n.Case.Chat).shard, nil
	}
	_, number, _ := strings.Cut(n.ID, withdrawn)
	shard, err := strconv.Atoi(number)
	if err != nil {
		return 0, errors.New("the id of a withdrawal is not one of this store")
	}
	return shard, nil
}

// Late puts messages into the outbox of the person whose case n is about, and
// says whether it did: if no target has taken the case yet, the person was not told
// before, and their dialogue is still kept. If over is false, the case is late only if
// all targets refuse it for good, see [bot.SendReason.Final].
func (s *Store) Late(ctx context.Context, n bot.Notification, over bool, messages []bot.Message) (told bool, err error) {
	p := s.place(n.Case.Chat)
	chat, err := s.seal(n.Case.Chat, p.key(dialogue))
	if err != nil {
		return false, err
	}
	args := []any{"ref", p.ref, "number", string(n.Case.ID), "chat", chat, "over", flag(over)}
	for _, r := range bot.FinalReasons() {
		args = append(args, "final", string(r))
	}
	for _, m := range messages {
		entry, err := s.appendSealed([]byte(word(m.ID)+" "), m, p.entry(m.ID))
		if err != nil {
			return false, err
		}
		args = append(args, "message", entry)
	}
	keys := []string{
		shardKey(p.shard, caseOf+string(n.Case.ID)), shardKey(p.shard, notices), p.key(dialogue), p.key(outbox), shardKey(p.shard, due),
	}
	v, err := s.run(ctx, "tell a person that a case is late", lateScript, keys, args...)
	return v == "ok", err
}

// Took tells that a target took a notification.
func (s *Store) Took(ctx context.Context, target string) (bot.TargetState, error) {
	return s.target(ctx, target, "took", "", 0)
}

// Failed tells that a target did not take one. It counts as failing once failing has
// passed since the first failure, without a success in between.
func (s *Store) Failed(ctx context.Context, target string, reason bot.SendReason, failing time.Duration) (bot.TargetState, error) {
	return s.target(ctx, target, "failed", reason, failing)
}

// Target returns how it stands with a target for which something waits, or nothing: then it does not begin to fail.
func (s *Store) Target(ctx context.Context, target string, waits bool, failing time.Duration) (bot.TargetState, error) {
	if waits {
		return s.target(ctx, target, "waits", "", failing)
	}
	return s.target(ctx, target, "rests", "", failing)
}

func (s *Store) target(ctx context.Context, target, what string, reason bot.SendReason, failing time.Duration) (bot.TargetState, error) {
	v, err := s.run(ctx, "look after a target", targetScript, []string{targetKey + target}, what, string(reason), failing.Milliseconds(), s.fixed.notices)
	if err != nil {
		return bot.TargetState{}, err
	}
	r := asReply(v)
	return bot.TargetState{Since: moment(r.number(0)), Reason: bot.SendReason(r.text(1)), Began: r.text(2) == "began", Ended: r.text(2) == "ended"}, nil
}

// WaitingNotifications returns notifications that wait, the longest waiting first: at
// most n, chosen from the n of each shard that are due first. It opens no case,
// and reads in two round trips.
func (s *Store) WaitingNotifications(ctx context.Context, n int) ([]bot.WaitingNotification, error) {
	if n < 1 {
		return nil, nil
	}
	const op = "list waiting notifications"
	lists, err := s.each(ctx, op, func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.ZRangeWithScores(ctx, shardKey(shard, notices), 0, int64(n-1))
	})
	if err != nil {
		return nil, err
	}
	var out []bot.WaitingNotification
	var keys []string
	for shard, c := range lists {
		z, ok := c.(*redis.ZSliceCmd)
		if !ok {
			continue
		}
		for _, l := range z.Val() {
			member, _ := l.Member.(string)
			number, target, _ := strings.Cut(member, "/")
			out = append(out, bot.WaitingNotification{Case: bot.CaseID(number), Target: target, Due: moment(int64(l.Score))})
			keys = append(keys, shardKey(shard, caseOf+number))
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	fields, lives := make([]*redis.SliceCmd, len(out)), make([]*redis.DurationCmd, len(out))
	var clock *redis.TimeCmd
	cmds, err := s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
		clock = p.Time(ctx)
		for i, w := range out {
			fields[i] = p.HMGet(ctx, keys[i], "t:"+w.Target, "w", "o", "e:"+w.Target)
			lives[i] = p.PTTL(ctx, keys[i])
		}
		return nil
	})
	if _, err := forgiven(cmds, err); err != nil {
		return nil, fmt.Errorf("store: %s: %w", op, err)
	}
	now := s.clock(clock)
	kept := out[:0]
	for i, w := range out {
		f := reply(fields[i].Val())
		if f.text(0) == "" {
			continue // it ended meanwhile, or its case is over
		}
		w.Attempts, w.Withdrawn, w.Since, w.Reason = int(f.decimal(0)), f.text(1) != "", moment(f.decimal(2)), bot.SendReason(f.text(3))
		if w.Since.IsZero() { // of a release that did not keep it
			life := s.o.CaseTTL
			if w.Withdrawn {
				life = withdrawnTTL
			}
			w.Since = now.Add(lives[i].Val() - life).UTC()
		}
		kept = append(kept, w)
	}
	slices.SortFunc(kept, func(a, b bot.WaitingNotification) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Case, b.Case), cmp.Compare(a.Target, b.Target))
	})
	return kept[:min(n, len(kept))], nil
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
