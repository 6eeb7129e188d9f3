package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/redis/go-redis/v9"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// Load returns the dialogue of a chat, in one round trip.
//
// An erased dialogue has a State in which nothing but the Allowance is set, and
// still its Version. If a key of the chat is not what it must be, the error is
// bot.ErrUnusable. If the state cannot be read, it is bot.ErrUnreadable and the
// Session has Version and Seen all the same: a caller that wants to start the
// dialogue anew can commit on it.
func (s *Store) Load(ctx context.Context, chat bot.ChatID) (bot.Session, error) {
	p := s.place(chat)
	key := p.key(dialogue)
	fields, err := s.calls.HMGet(ctx, key, "v", "s", "u", "f").Result()
	if err != nil {
		return bot.Session{}, fmt.Errorf("store: load a dialogue: %w", s.usable(ctx, p, err))
	}
	version, state, updates := reply(fields).text(0), reply(fields).text(1), words(reply(fields).text(2))
	var session bot.Session
	if version != "" {
		if session.Version, err = strconv.ParseInt(version, 10, 64); err != nil {
			return bot.Session{}, fmt.Errorf("store: load a dialogue: its version is no number: %w", bot.ErrUnusable)
		}
	}
	if len(updates) > 0 {
		session.Seen = make([]bot.UpdateID, len(updates))
	}
	for i, id := range updates {
		session.Seen[i] = bot.UpdateID(id)
	}
	if left := reply(fields).text(3); state == "" && left != "" {
		if s.open(left, key, &session.State.Allowance) != nil {
			session.State.Allowance = flow.Allowance{} // nobody is held up for it
		}
	}
	if state == "" {
		return session, nil
	}
	if err := s.open(state, key, &session.State); err != nil {
		return bot.Session{Version: session.Version, Seen: session.Seen}, fmt.Errorf("store: load a dialogue: %w", err)
	}
	return session, nil
}

// Commit applies c whole or not at all, in one round trip. See bot.Store.
//
// Beyond what one person may open, a case is refused with [bot.CaseLimit], and
// nothing is changed. The number of a case or question that is taken counts as a
// conflict, so that the step is run again and draws another. Erase also takes back what waits in the outbox from
// earlier steps, the dead letters of the chat, its timer, open notifications and
// questions; Withdraw takes back the questions too.
// Of a case that is erased or withdrawn, a target that has heard of it gets a
// notification; a case of the same commit is opened all the same. A Timer counts
// from now in milliseconds, not with Erase; one longer than StateTTL never goes
// off. An empty Update is never a duplicate.
func (s *Store) Commit(ctx context.Context, c bot.Commit) (bot.Lease, []bot.Queued, error) {
	p := s.place(c.Chat)
	lease := bot.Lease{Chat: c.Chat, Token: s.token()}
	args, err := s.commitArgs(p, lease, c)
	if err != nil {
		return bot.Lease{}, nil, fmt.Errorf("store: commit: %w", err)
	}
	// The same call until it is answered: a commit that took effect without our
	// knowing would leave its messages to the end of the lease.
	keys := s.commitKeys(p)
	lease.Until = s.leased(time.Now())
	v, err := backoff.Retry(ctx, func() (any, error) {
		v, err := s.run(ctx, "commit", commitScript, keys, args...)
		if refused := redis.Error(nil); errors.As(err, &refused) {
			err = backoff.Permanent(err) // nothing took effect
		}
		return v, err
	}, backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: firstRepeat, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxRepeat,
	}), backoff.WithMaxElapsedTime(commitTimeout))
	if err != nil {
		return bot.Lease{}, nil, s.usable(ctx, p, err)
	}
	r := asReply(v)
	switch status := r.text(0); {
	case status == "dup":
		return bot.Lease{}, nil, bot.ErrDuplicate
	case status == "stale":
		return bot.Lease{}, nil, bot.ErrVersionConflict
	case status == "open":
		return bot.Lease{}, nil, bot.CaseLimit{Most: maxOpenCases}
	case status == "day":
		return bot.Lease{}, nil, bot.CaseLimit{InADay: true, Most: s.o.CasesPerDay}
	case status != "ok":
		return bot.Lease{}, nil, errors.New("store: commit: the script gave no result")
	case r.number(1) == 0:
		return bot.Lease{}, nil, nil
	}
	if entries := r.list(3); len(entries) > 0 {
		queue, err := s.queue(p, entries, r.number(2))
		if err != nil {
			return bot.Lease{}, nil, nil //nolint:nilerr // the commit took effect; Due meets the fault again, and tells of it
		}
		return lease, queue, nil
	}
	queue := make([]bot.Queued, len(c.Outbox))
	for i, m := range c.Outbox {
		queue[i].Message = m
	}
	return lease, queue, nil
}

// usable returns err, with bot.ErrUnusable if the reason is a key of the chat that
// is of another type than it must be. A key that many chats share is no such reason.
func (s *Store) usable(ctx context.Context, p place, err error) error {
	if !wrongType(err) {
		return err
	}
	want := s.types(p)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	types := map[string]*redis.StatusCmd{}
	if _, failed := s.db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for key := range want {
			types[key] = pipe.Type(ctx, key)
		}
		return nil
	}); failed != nil {
		return err
	}
	for key, kind := range want {
		if is := types[key].Val(); is != kind && is != "none" {
			return fmt.Errorf("%w: the key %s is a %s and not a %s: %w", bot.ErrUnusable, key, is, kind, err)
		}
	}
	return err
}

// types are the keys that belong to one chat alone, and what each is.
func (s *Store) types(p place) map[string]string {
	of := s.lists(p)
	return map[string]string{
		p.key(dialogue): "hash", p.key(outbox): "list", of.numbers: "set", of.opened: "string", of.asked: "zset",
		p.key(numbers): "set", p.key(asked): "zset", // of a release before this one
	}
}

// wrongType says whether Redis refused a command because of the type of a key.
// Within a script, servers before 7 put other words before it.
func wrongType(err error) bool {
	var refused redis.Error
	return errors.As(err, &refused) && strings.Contains(refused.Error(), "WRONGTYPE")
}

// commitKeys are the keys of commit.lua.
func (s *Store) commitKeys(p place) []string {
	at, of := &s.shards[p.shard], s.lists(p)
	return []string{
		p.key(dialogue), p.key(outbox), at.due, of.numbers, at.notices, at.letters, at.timers, at.questions, of.asked, at.ratings,
		of.opened, p.key(numbers), p.key(asked),
	}
}

// commitArgs are the arguments of commit.lua after the time.
func (s *Store) commitArgs(p place, lease bot.Lease, c bot.Commit) ([]any, error) {
	update := ""
	if c.Update != "" {
		update = word(string(c.Update))
	}
	var state, left, chat []byte
	var err error
	ttl, key := s.fixed.state, p.key(dialogue)
	if c.Erase {
		ttl = s.fixed.erased
		if c.State.Allowance != (flow.Allowance{}) {
			if left, err = s.seal(c.State.Allowance, key); err != nil {
				return nil, err
			}
		}
	} else if state, err = s.seal(c.State, key); err != nil {
		return nil, err
	}
	if len(c.Outbox) > 0 || c.Timer > 0 {
		if chat, err = s.seal(c.Chat, key); err != nil {
			return nil, err
		}
	}
	at := &s.shards[p.shard]
	args := make([]any, 0, 52+2*(len(c.Outbox)+len(c.Ratings)+len(s.o.Targets))+4*(len(c.Cases)+len(c.Questions)))
	args = append(args,
		"ref", p.ref, "token", lease.Token, "lease", s.fixed.lease, "window", window,
		"version", c.Version, "update", update, "keep", keptUpdates,
		"state", state, "left", left, "life", ttl, "chat", chat, "timer", c.Timer.Milliseconds(), "withdraw", flag(c.Withdraw),
		"cases", at.cases, "questions", at.question, "most_asked", keptQuestions,
		"most_open", maxOpenCases, "most_a_day", s.o.CasesPerDay, "day", s.fixed.day,
		"due_life", s.fixed.due, "case_life", s.fixed.cases, "withdrawal_life", s.fixed.withdrawn,
		"notice_life", s.fixed.notices, "question_life", s.fixed.questions, "rating_life", s.fixed.ratings)
	for _, m := range c.Outbox {
		if m.ID == "" {
			return nil, errors.New("a message has no id")
		}
		entry, err := s.appendSealed([]byte(word(m.ID)+" "), m, p.entry(m.ID))
		if err != nil {
			return nil, err
		}
		args = append(args, "message", entry)
	}
	for _, k := range c.Cases {
		if k.ID == "" || strings.Contains(string(k.ID), "/") {
			return nil, errors.New("a case number is empty or holds a slash")
		}
		sealed, err := s.seal(k, shardKey(p.shard, caseOf+string(k.ID)))
		if err != nil {
			return nil, err
		}
		args = append(args, "case", string(k.ID), "sealed_case", sealed)
	}
	for _, q := range c.Questions {
		if q.ID == "" {
			return nil, errors.New("a question has no number")
		}
		sealed, err := s.seal(q, shardKey(p.shard, questionOf+string(q.ID)))
		if err != nil {
			return nil, err
		}
		args = append(args, "question", string(q.ID), "sealed_question", sealed)
	}
	for _, r := range c.Ratings {
		args = append(args, "rating", ratingField(r))
	}
	for _, t := range s.o.Targets {
		args = append(args, "target", t)
	}
	return args, nil
}

// flag is a yes or no as the scripts take it.
func flag(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}
