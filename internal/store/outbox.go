package store

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
)

// entry is what a message in the outbox is bound to when it is sealed.
func (p place) entry(id string) string { return p.key(outbox) + " " + id }

// queue opens entries of an outbox; only the first message was tried before. Of
// known messages, an entry may be the id alone.
func (s *Store) queue(p place, entries reply, attempts int64, known ...bot.Queued) ([]bot.Queued, error) {
	out := make([]bot.Queued, len(entries))
	for i := range entries {
		id, sealed, _ := strings.Cut(entries.text(i), " ")
		if w := words(id); len(w) == 1 {
			id = w[0]
		}
		if k := slices.IndexFunc(known, func(q bot.Queued) bool { return q.ID == id }); k >= 0 && sealed == "" {
			out[i].Message = known[k].Message
			continue
		}
		if err := s.open(sealed, p.entry(id), &out[i].Message); err != nil {
			return nil, fmt.Errorf("store: read an outbox: %w", err)
		}
	}
	if len(out) > 0 {
		out[0].Attempts = int(attempts)
	}
	return out, nil
}

// Sent removes the first message, which the channel has taken, and returns
// the next ones that wait: up to 16. After the last message the lease has ended.
// Of the known ones, which the caller got from this Store, only the ids are read.
//
// If id is not the first message, nothing is removed: Sent was carried out
// before and only its reply lost, or the person erased the outbox meanwhile.
func (s *Store) Sent(ctx context.Context, l bot.Lease, id string, known ...bot.Queued) ([]bot.Queued, error) {
	return s.finish(ctx, "remove a sent message", l, id, "", known...)
}

// Drop is Sent for a message that can never be delivered. The dead letter has
// its id and the reason, and nothing of its content.
func (s *Store) Drop(ctx context.Context, l bot.Lease, id string, reason bot.SendReason) ([]bot.Queued, error) {
	return s.finish(ctx, "drop a message", l, id, cmp.Or(word(string(reason)), "unknown"))
}

func (s *Store) finish(ctx context.Context, op string, l bot.Lease, id, reason string, known ...bot.Queued) ([]bot.Queued, error) {
	p := s.place(l.Chat)
	at := &s.shards[p.shard]
	keys := []string{p.key(dialogue), p.key(outbox), at.due, at.letters, at.timers}
	args := append(make([]any, 0, 14+2*len(known)),
		"ref", p.ref, "token", l.Token, "id", word(id), "reason", reason,
		"window", window, "letter_life", s.fixed.letters, "letters", keptLetters)
	for _, k := range known {
		args = append(args, "known", word(k.ID))
	}
	v, err := s.run(ctx, op, finishScript, keys, args...)
	if err != nil {
		return nil, err
	}
	r := asReply(v)
	if r.text(0) != "ok" {
		return nil, bot.ErrLeaseLost
	}
	return s.queue(p, r.list(2), r.number(1), known...)
}

// Retry counts a failed try of the first message and gives the lease back.
// Until wait is over no commit and no Due hands the chat out.
func (s *Store) Retry(ctx context.Context, l bot.Lease, id string, wait time.Duration) error {
	p := s.place(l.Chat)
	keys := []string{p.key(dialogue), p.key(outbox), shardKey(p.shard, due)}
	return held(s.run(ctx, "put a message off", retryScript, keys, p.ref, l.Token, word(id), wait.Milliseconds()))
}

// Hold makes sure that l is the caller's for another d, as long as this process
// lives; where leases are shorter, for one lease. It asks Redis only if that is not
// certain, and then a lease that has run out is good, too, if nobody has taken the
// chat over. It is lost when this process was taken for dead, even for a moment.
func (s *Store) Hold(ctx context.Context, l bot.Lease, d time.Duration) (bot.Lease, error) {
	if time.Until(l.Until) < d {
		p := s.place(l.Chat)
		keys := []string{p.key(dialogue), shardKey(p.shard, due)}
		until := s.leased(time.Now())
		if err := held(s.run(ctx, "extend a lease", extendScript, keys, p.ref, l.Token, s.o.LeaseTTL.Milliseconds())); err != nil {
			return l, err
		}
		l.Until = until
	}
	for holder := holder(l.Token); !s.heart.lives(holder); {
		if s.heart.current() != holder {
			return l, bot.ErrLeaseLost
		}
		if err := s.heart.beat(ctx); err != nil {
			return l, err
		}
	}
	return l, nil
}

func held(v any, err error) error {
	if err == nil && v != "ok" {
		return bot.ErrLeaseLost
	}
	return err
}

// Freed tells that a process has died, so that chats may be due that it was sending to.
func (s *Store) Freed() <-chan struct{} { return s.heart.freed }

// Due takes over up to n chats. If nothing is due and no process has died
// lately, that is one round trip.
//
// A chat whose values cannot be opened is passed over, and comes up again when
// its lease ends; the error says so only when there is nothing else to return.
func (s *Store) Due(ctx context.Context, n int) ([]bot.Taken, error) {
	if err := s.heart.free(ctx); err != nil {
		return nil, err
	}
	token := s.token()
	var until time.Time
	return gather(ctx, s, "take over waiting messages", due, takeScript, n,
		func(shard, n int) []any {
			until = s.leased(time.Now())
			return []any{
				"token", token, "lease", s.fixed.lease, "most", n, "window", window,
				"dialogues", shardKey(shard, dialogue), "outboxes", shardKey(shard, outbox),
			}
		},
		func(shard int, r reply) (bot.Taken, error) {
			p := place{r.text(0), shard}
			t := bot.Taken{Lease: bot.Lease{Token: token, Until: until}}
			if err := s.open(r.text(1), p.key(dialogue), &t.Lease.Chat); err != nil {
				return t, fmt.Errorf("store: take over waiting messages: %w", err)
			}
			var err error
			t.Messages, err = s.queue(p, r.list(3), r.number(2))
			return t, err
		})
}

// gather takes up to n things whose time has come, from one shard after the
// other: script hands out what zset lists, given args, which are made just
// before the script runs, and read opens each.
// What cannot be opened is passed over; the error tells of it, or of a shard
// that did not answer, only if there is nothing else to return.
func gather[T any](
	ctx context.Context, s *Store, op, zset string, script *redis.Script, n int,
	args func(shard, n int) []any, read func(shard int, r reply) (T, error),
) ([]T, error) {
	shards, err := s.ready(ctx, op, zset)
	if err != nil {
		return nil, err
	}
	var out []T
	var passed error
	for _, shard := range shards {
		if len(out) >= n {
			break
		}
		v, err := s.run(ctx, op, script, []string{shardKey(shard, zset)}, args(shard, n-len(out))...)
		if err != nil {
			passed = err
			break
		}
		for i := range asReply(v) {
			one, err := read(shard, asReply(v).list(i))
			if err != nil {
				passed = err
				continue
			}
			out = append(out, one)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, passed
}

// ready returns the shards in whose zset name something is due, in random
// order, so that no shard is served last each time.
func (s *Store) ready(ctx context.Context, op, name string) ([]int, error) {
	now := s.now()
	var clock *redis.TimeCmd
	cmds, err := s.each(ctx, op, func(p redis.Pipeliner, shard int) redis.Cmder {
		if shard == 0 && now == 0 {
			clock = p.Time(ctx)
		}
		return p.ZRangeWithScores(ctx, shardKey(shard, name), 0, 0)
	})
	if err != nil {
		return nil, err
	}
	if clock != nil {
		now = clock.Val().UnixMilli()
		cmds = cmds[1:]
	}
	var shards []int
	for shard, c := range cmds {
		if z, ok := c.(*redis.ZSliceCmd); ok && len(z.Val()) > 0 && int64(z.Val()[0].Score) <= now {
			shards = append(shards, shard)
		}
	}
	rand.Shuffle(len(shards), func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
	return shards, nil
}

// DeadLetter is a message that could not be delivered. Its content is gone.
type DeadLetter struct {
	Ref     string         `json:"ref"`     // the keyed hash that stands for the chat
	Chat    bot.ChatID     `json:"-"`       // empty if it cannot be opened; not for logs
	Message string         `json:"message"` // the message's ID
	Reason  bot.SendReason `json:"reason"`
	At      time.Time      `json:"at"`

	member string
	shard  int
}

// DeadLetters returns the newest dead letters, at most n, the newest first.
func (s *Store) DeadLetters(ctx context.Context, n int) ([]DeadLetter, error) {
	if n < 1 {
		return nil, nil
	}
	cmds, err := s.each(ctx, "list dead letters", func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.ZRevRangeWithScores(ctx, shardKey(shard, letters), 0, int64(n-1))
	})
	if err != nil {
		return nil, err
	}
	var out []DeadLetter
	for shard, c := range cmds {
		z, ok := c.(*redis.ZSliceCmd)
		if !ok {
			continue
		}
		for _, l := range z.Val() {
			if d, ok := s.letter(shard, l); ok {
				out = append(out, d)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b DeadLetter) int { return b.At.Compare(a.At) })
	return out[:min(n, len(out))], nil
}

func (s *Store) letter(shard int, z redis.Z) (DeadLetter, bool) {
	member, _ := z.Member.(string)
	f := strings.SplitN(member, " ", 4)
	if len(f) != 4 {
		return DeadLetter{}, false
	}
	d := DeadLetter{
		Ref: f[0], Message: strings.Join(words(f[1]), ""), Reason: bot.SendReason(strings.Join(words(f[2]), "")),
		At: time.UnixMilli(int64(z.Score)), member: member, shard: shard,
	}
	if err := s.open(f[3], place{d.Ref, shard}.key(dialogue), &d.Chat); err != nil {
		d.Chat = ""
	}
	return d, true
}

// DeleteDeadLetters removes letters that DeadLetters returned. One that is gone
// already is no error.
func (s *Store) DeleteDeadLetters(ctx context.Context, ds ...DeadLetter) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for batch := range slices.Chunk(ds, pipelined) {
		if _, err := s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, d := range batch {
				p.ZRem(ctx, shardKey(d.shard, letters), d.member)
			}
			return nil
		}); err != nil {
			return fmt.Errorf("store: delete dead letters: %w", err)
		}
	}
	return nil
}
