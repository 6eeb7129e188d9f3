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
	// Unreadable names what else is stored and cannot be read: it is damaged, or
	// sealed with a key that was removed. If empty, the export is whole.
	Unreadable []string `json:"unreadable,omitempty"`
}

// ExportedLetter is a dead letter as the person it was meant for may see it.
type ExportedLetter struct {
	Message string         `json:"message"`
	Reason  bot.SendReason `json:"reason"`
	At      time.Time      `json:"at"`
}

// Export returns all that is stored about a chat. It reads in four round
// trips, so what is committed meanwhile may be in it or not. What cannot be read is
// named in it: the rest is the person's all the same.
func (s *Store) Export(ctx context.Context, chat bot.ChatID) (Export, error) {
	const op = "export a chat"
	var e Export
	session, err := s.Load(ctx, chat)
	if errors.Is(err, bot.ErrUnreadable) {
		e.Unreadable = append(e.Unreadable, "dialogue")
		err = nil
	}
	if err != nil {
		return Export{}, err
	}
	e.Chat, e.Version, e.Dialogue, e.Updates = chat, session.Version, session.State, session.Seen

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
	wrong, err := forgiven(cmds, err)
	if err != nil {
		return Export{}, fmt.Errorf("store: %s: %w", op, err)
	}
	if n, err := strconv.Atoi(today.Val()); err == nil {
		e.CasesToday = n
	}
	for _, i := range wrong {
		e.Unreadable = append(e.Unreadable, []string{"waiting messages", "cases", "questions", "cases of today", "undelivered messages", "timer"}[i])
	}
	e.Timer = moment(int64(timer.Val()))
	for _, entry := range waiting.Val() {
		queue, err := s.queue(p, reply{entry}, 0)
		if err != nil {
			e.Unreadable = append(e.Unreadable, "a waiting message")
			continue
		}
		e.Waiting = append(e.Waiting, queue[0].Message)
	}
	for _, z := range dead.Val() {
		if d, ok := s.letter(p.shard, z); ok && d.Ref == p.ref {
			e.Undelivered = append(e.Undelivered, ExportedLetter{d.Message, d.Reason, d.At.UTC()})
		}
	}
	var lost []string
	if e.Cases, lost, err = s.cases(ctx, p.shard, open.Val()); err != nil {
		return Export{}, fmt.Errorf("store: %s: %w", op, err)
	}
	for _, number := range lost {
		e.Unreadable = append(e.Unreadable, "case "+number)
	}
	questions, unreadable, err := s.questionsOf(ctx, p.shard, kept.Val())
	if err != nil {
		return Export{}, fmt.Errorf("store: %s: %w", op, err)
	}
	for range unreadable {
		e.Unreadable = append(e.Unreadable, "a question")
	}
	for _, q := range questions {
		e.Questions = append(e.Questions, q.Question)
	}
	slices.Sort(e.Unreadable)
	return e, nil
}

// cases reads cases of one shard, the oldest first, and names those that cannot be
// read. One that is over meanwhile is left out.
func (s *Store) cases(ctx context.Context, shard int, numbers []string) (out []bot.Case, lost []string, err error) {
	if len(numbers) == 0 {
		return nil, nil, nil
	}
	cmds, err := s.db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, n := range numbers {
			pipe.HGet(ctx, shardKey(shard, caseOf+n), "c")
		}
		return nil
	})
	wrong, err := forgiven(cmds, err)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range wrong {
		lost = append(lost, numbers[i])
	}
	for i, c := range cmds {
		sealed := c.(*redis.StringCmd).Val()
		if sealed == "" {
			continue
		}
		var k bot.Case
		if s.open(sealed, shardKey(shard, caseOf+numbers[i]), &k) != nil {
			lost = append(lost, numbers[i])
			continue
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b bot.Case) int {
		return cmp.Or(a.Opened.Compare(b.Opened), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out, lost, nil
}
