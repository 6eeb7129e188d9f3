package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// Export is everything that is stored about a chat, ready to be written as
// JSON for the person it is about.
type Export struct {
	Chat    bot.ChatID `json:"chat"`
	Version int64      `json:"version"` // how many steps the dialogue has taken
	// Dialogue is where it stands, with the language and the answers given.
	Dialogue flow.State `json:"dialogue"`
	// Updates are the ids of the last messages received, to recognise repetitions.
	Updates []bot.UpdateID `json:"updates,omitempty"`
	// Waiting are the messages that are still to be sent.
	Waiting []bot.Message `json:"waiting,omitempty"`
	// Timer is when the dialogue goes on by itself; zero if it does not.
	Timer time.Time `json:"timer,omitzero"`
	// Cases are the wishes to be called, each with the consent it was opened with.
	Cases []bot.Case `json:"cases,omitempty"`
	// CasesToday is how many cases were opened in the last 24 hours, those counted
	// that are withdrawn or erased since.
	CasesToday int `json:"cases_today,omitempty"`
	// Questions are those that the editors may see, each with the consent it was kept with.
	Questions []bot.Question `json:"questions,omitempty"`
	// Undelivered are the messages that could not be sent.
	Undelivered []ExportedLetter `json:"undelivered,omitempty"`
}

// ExportedLetter is a dead letter as the person it was meant for may see it.
type ExportedLetter struct {
	Message string         `json:"message"`
	Reason  bot.SendReason `json:"reason"`
	At      time.Time      `json:"at"`
}

// Export returns all that is stored about a chat. It reads in four round
// trips, so what is committed meanwhile may be in it or not.
func (s *Store) Export(ctx context.Context, chat bot.ChatID) (Export, error) {
	const op = "export a chat"
	session, err := s.Load(ctx, chat)
	if err != nil {
		return Export{}, err
	}
	e := Export{Chat: chat, Version: session.Version, Dialogue: session.State, Updates: session.Seen}

	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	p := s.place(chat)
	of := s.lists(p)
	var today *redis.StringCmd
	var waiting, open, kept *redis.StringSliceCmd
	var dead *redis.ZSliceCmd
	var timer *redis.FloatCmd
	cmds, err := s.db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		waiting = pipe.LRange(ctx, p.key(outbox), 0, -1)
		// The second key of each is of a release before this one.
		open = pipe.SUnion(ctx, of.numbers, p.key(numbers))
		kept = pipe.ZUnion(ctx, redis.ZStore{Keys: []string{of.asked, p.key(asked)}, Aggregate: "MAX"})
		today = pipe.Get(ctx, of.opened)
		dead = pipe.ZRangeWithScores(ctx, shardKey(p.shard, letters), 0, -1)
		timer = pipe.ZScore(ctx, shardKey(p.shard, timers), p.ref)
		return nil
	})
	if err := answered(cmds, err); err != nil {
		return Export{}, fmt.Errorf("store: %s: %w", op, err)
	}
	if n, err := strconv.Atoi(today.Val()); err == nil {
		e.CasesToday = n
	}
	e.Timer = moment(int64(timer.Val()))
	entries := make(reply, len(waiting.Val()))
	for i, entry := range waiting.Val() {
		entries[i] = entry
	}
	queue, err := s.queue(p, entries, 0)
	if err != nil {
		return Export{}, err
	}
	for _, q := range queue {
		e.Waiting = append(e.Waiting, q.Message)
	}
	for _, z := range dead.Val() {
		if d, ok := s.letter(p.shard, z); ok && d.Ref == p.ref {
			e.Undelivered = append(e.Undelivered, ExportedLetter{d.Message, d.Reason, d.At.UTC()})
		}
	}
	e.Cases, err = s.cases(ctx, p.shard, open.Val())
	if err != nil {
		return Export{}, fmt.Errorf("store: %s: %w", op, err)
	}
	questions, unreadable, err := s.questionsOf(ctx, p.shard, kept.Val())
	if err == nil && unreadable > 0 {
		err = bot.ErrUnreadable // an export that leaves something out would not be true
	}
	if err != nil {
		return Export{}, fmt.Errorf("store: %s: %w", op, err)
	}
	for _, q := range questions {
		e.Questions = append(e.Questions, q.Question)
	}
	return e, nil
}

// cases reads cases of one shard, the oldest first. One that is over meanwhile is left out.
func (s *Store) cases(ctx context.Context, shard int, numbers []string) ([]bot.Case, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	cmds, err := s.db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, n := range numbers {
			pipe.HGet(ctx, shardKey(shard, caseOf+n), "c")
		}
		return nil
	})
	if err := answered(cmds, err); err != nil {
		return nil, err
	}
	var out []bot.Case
	for i, c := range cmds {
		sealed := c.(*redis.StringCmd).Val()
		if sealed == "" {
			continue
		}
		var k bot.Case
		if err := s.open(sealed, shardKey(shard, caseOf+numbers[i]), &k); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b bot.Case) int {
		return cmp.Or(a.Opened.Compare(b.Opened), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out, nil
}
