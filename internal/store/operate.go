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

// What operators need. None of it opens what a person said.

// ErrNoChat means that nothing is stored of a chat, or nothing any more.
var ErrNoChat = errors.New("nothing is stored of this chat")

// Inspection is what is known of a chat without its content. A time that is
// zero means that there is no such thing.
type Inspection struct {
	Ref string `json:"ref"`
	// Version is how many steps the dialogue has taken.
	Version int64 `json:"version"`
	// Dialogue says whether a state is stored. There is none after an erasure or a reset.
	Dialogue bool `json:"dialogue"`
	// Active is when the person last did something, by the time to live of this
	// Store; zero if Dialogue is false.
	Active time.Time `json:"active,omitzero"`
	// Expires is when the dialogue will be forgotten.
	Expires time.Time `json:"expires,omitzero"`
	// Waiting is how many messages are to be sent, Since since when there are
	// any, and Attempts how often the first of them has failed.
	Waiting  int       `json:"waiting"`
	Since    time.Time `json:"since,omitzero"`
	Attempts int       `json:"attempts"`
	// Leased is until when a process has the right to send them. If it is over,
	// or there is none, another takes over at Due.
	Leased time.Time `json:"leased,omitzero"`
	Due    time.Time `json:"due,omitzero"`
	// Timer is when the dialogue goes on by itself.
	Timer time.Time `json:"timer,omitzero"`
	// Cases are the numbers of the open cases.
	Cases []bot.CaseID `json:"cases,omitempty"`
}

// FindRef returns the reference of a chat, given that reference or the number of
// one of its cases, in capital or small letters. The error is ErrNoCase if it is
// neither, and ErrManyCases if the number does not decide. It does not say whether
// anything is stored of the chat.
func (s *Store) FindRef(ctx context.Context, caseOrRef string) (string, error) {
	caseOrRef = strings.TrimSpace(caseOrRef)
	if p, ok := s.placeOf(strings.ToLower(caseOrRef)); ok {
		return p.ref, nil
	}
	k, err := s.Case(ctx, bot.CaseID(strings.ToUpper(caseOrRef)))
	if err != nil {
		return "", err
	}
	return s.Ref(k.Chat), nil
}

// Inspect returns what is known of the chat with a reference, or ErrNoChat. It
// reads in two round trips, so what is committed meanwhile may be in it or not.
func (s *Store) Inspect(ctx context.Context, ref string) (Inspection, error) {
	const op = "inspect a chat"
	p, ok := s.placeOf(ref)
	if !ok {
		return Inspection{}, ErrNoChat
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var (
		clock   *redis.TimeCmd
		fields  *redis.SliceCmd
		state   *redis.BoolCmd
		left    *redis.DurationCmd
		waiting *redis.IntCmd
		listed  *redis.FloatCmd
		timer   *redis.FloatCmd
		open    *redis.StringSliceCmd
	)
	cmds, err := s.db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		clock = pipe.Time(ctx)
		fields = pipe.HMGet(ctx, p.key(dialogue), "v", "t", "a", "w")
		state = pipe.HExists(ctx, p.key(dialogue), "s")
		left = pipe.PTTL(ctx, p.key(dialogue))
		waiting = pipe.LLen(ctx, p.key(outbox))
		listed = pipe.ZScore(ctx, shardKey(p.shard, due), p.ref)
		timer = pipe.ZScore(ctx, shardKey(p.shard, timers), p.ref)
		open = pipe.SUnion(ctx, s.lists(p).numbers, p.key(numbers)) // the second is of a release before this one
		return nil
	})
	if err := answered(cmds, err); err != nil {
		return Inspection{}, fmt.Errorf("store: %s: %w", op, err)
	}
	numbers, err := s.openCases(ctx, p.shard, open.Val())
	if err != nil {
		return Inspection{}, fmt.Errorf("store: %s: %w", op, err)
	}
	now := s.clock(clock)
	f := reply(fields.Val())
	i := Inspection{
		Ref: ref, Version: f.decimal(0), Dialogue: state.Val(), Waiting: int(waiting.Val()), Since: moment(f.decimal(3)),
		Attempts: int(f.decimal(2)), Timer: moment(int64(timer.Val())), Cases: numbers,
	}
	if left.Val() > 0 {
		i.Expires = now.Add(left.Val())
		if i.Dialogue {
			i.Active = i.Expires.Add(-s.o.StateTTL)
		}
	}
	i.Leased, i.Due = sending(f.text(1), listed.Val(), now)
	if i.Version == 0 && len(i.Cases) == 0 {
		return Inspection{}, ErrNoChat
	}
	return i, nil
}

// openCases returns those of the numbers that still have a case, in order.
func (s *Store) openCases(ctx context.Context, shard int, numbers []string) ([]bot.CaseID, error) {
	cmds, err := s.db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, n := range numbers {
			pipe.HExists(ctx, shardKey(shard, caseOf+n), "c")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []bot.CaseID
	for i, c := range cmds {
		if b, ok := c.(*redis.BoolCmd); ok && b.Val() {
			out = append(out, bot.CaseID(numbers[i]))
		}
	}
	slices.Sort(out)
	return out, nil
}

// sending tells a lease that is held from a chat that waits for a sender.
func sending(token string, listed float64, now time.Time) (leased, due time.Time) {
	at := moment(int64(listed))
	if token != "" && at.After(now) {
		return at, time.Time{}
	}
	return time.Time{}, at
}

// moment is a time in ms as the scripts store it; 0 is none.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// decimal reads a number that is stored as text.
func (r reply) decimal(i int) int64 {
	n, err := strconv.ParseInt(r.text(i), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Reset lets the dialogue of a chat begin anew with the person's next message:
// its state and timer are gone, and a step that is under way conflicts. Cases
// and waiting messages stay; whoever was sending loses the lease, and the messages
// are due at once. What makes the chat unusable (bot.ErrUnusable) is gone, with all
// that was in that key. The error is ErrNoChat if there is no such dialogue.
func (s *Store) Reset(ctx context.Context, ref string) error {
	p, ok := s.placeOf(ref)
	if !ok {
		return ErrNoChat
	}
	keys, args := []string{p.key(dialogue), p.key(outbox), shardKey(p.shard, due), shardKey(p.shard, timers)}, []any{p.ref}
	for key, kind := range s.types(p) {
		if key != keys[0] && key != keys[1] {
			keys, args = append(keys, key), append(args, kind)
		}
	}
	v, err := s.run(ctx, "reset a dialogue", resetScript, keys, args...)
	if err == nil && v != "ok" {
		err = ErrNoChat
	}
	return err
}

// WaitingChat is a chat that has messages to be sent.
type WaitingChat struct {
	Ref      string    `json:"ref"`
	Messages int       `json:"messages"`
	Attempts int       `json:"attempts"`        // failed tries of the first message
	Since    time.Time `json:"since,omitzero"`  // when the first of those that wait without a break was committed
	Leased   time.Time `json:"leased,omitzero"` // until when a process has the right to send them
	Due      time.Time `json:"due,omitzero"`    // when they are sent or taken over, if nobody has
}

// WaitingChats returns chats whose messages wait, the longest waiting first: at
// most n, chosen from the n of each shard that are due first. It is for
// operators, and reads in two round trips.
func (s *Store) WaitingChats(ctx context.Context, n int) ([]WaitingChat, error) {
	if n < 1 {
		return nil, nil
	}
	const op = "list waiting messages"
	var clock *redis.TimeCmd
	lists, err := s.each(ctx, op, func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.ZRangeWithScores(ctx, shardKey(shard, due), 0, int64(n-1))
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	type question struct {
		place  place
		listed float64
		fields *redis.SliceCmd
		length *redis.IntCmd
	}
	var questions []question
	if _, err := s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
		clock = p.Time(ctx)
		for shard, c := range lists {
			z, ok := c.(*redis.ZSliceCmd)
			if !ok {
				continue
			}
			for _, l := range z.Val() {
				ref, _ := l.Member.(string)
				at := place{ref, shard}
				questions = append(questions, question{
					at, l.Score, p.HMGet(ctx, at.key(dialogue), "t", "a", "w"), p.LLen(ctx, at.key(outbox)),
				})
			}
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: %s: %w", op, err)
	}
	now := s.clock(clock)
	var out []WaitingChat
	for _, q := range questions {
		if q.length.Val() == 0 {
			continue // sent meanwhile, or forgotten
		}
		f := reply(q.fields.Val())
		w := WaitingChat{Ref: q.place.ref, Messages: int(q.length.Val()), Attempts: int(f.decimal(1)), Since: moment(f.decimal(2))}
		w.Leased, w.Due = sending(f.text(0), q.listed, now)
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b WaitingChat) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Ref, b.Ref)) })
	return out[:min(n, len(out))], nil
}
