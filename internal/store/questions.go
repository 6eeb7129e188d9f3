package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
)

// What people left for the editors. Nothing here says who asked, but where a
// question holds the chat that wants the answer.

// ratingField is what a rating is counted under. Topics and tags have no slash.
func ratingField(r bot.Rating) string {
	if r.Helpful {
		return r.Topic + "/" + r.Language + "/+"
	}
	return r.Topic + "/" + r.Language + "/-"
}

// Questions returns the newest questions, at most n, the newest first, in two
// round trips. unreadable is how many more cannot be opened.
func (s *Store) Questions(ctx context.Context, n int) (list []bot.KeptQuestion, unreadable int, err error) {
	if n < 1 {
		return nil, 0, nil
	}
	const op = "list questions"
	lists, err := s.each(ctx, op, func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.ZRevRange(ctx, shardKey(shard, questions), 0, int64(n-1))
	})
	if err != nil {
		return nil, 0, err
	}
	for shard, c := range lists {
		numbers, ok := c.(*redis.StringSliceCmd)
		if !ok {
			continue
		}
		found, bad, err := s.questionsOf(ctx, shard, numbers.Val())
		if err != nil {
			return nil, 0, fmt.Errorf("store: %s: %w", op, err)
		}
		unreadable += bad
		list = append(list, found...)
	}
	slices.SortFunc(list, func(a, b bot.KeptQuestion) int {
		return cmp.Or(b.Asked.Compare(a.Asked), strings.Compare(string(a.ID), string(b.ID)))
	})
	return list[:min(n, len(list))], unreadable, nil
}

// Question returns the question with a number; ok is false if there is none any more.
func (s *Store) Question(ctx context.Context, id bot.QuestionID) (q bot.KeptQuestion, ok bool, err error) {
	const op = "look for a question"
	cmds, err := s.each(ctx, op, func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.Get(ctx, shardKey(shard, questionOf+string(id)))
	})
	if err != nil {
		return q, false, err
	}
	for shard, c := range cmds {
		if sealed, isString := c.(*redis.StringCmd); isString && sealed.Val() != "" {
			q, err = s.question(shard, string(id), sealed.Val())
			if err != nil {
				return q, false, fmt.Errorf("store: %s: %w", op, err)
			}
			return q, true, nil
		}
	}
	return q, false, nil
}

// questionsOf reads questions of one shard. One that is over meanwhile is left out.
func (s *Store) questionsOf(ctx context.Context, shard int, numbers []string) (out []bot.KeptQuestion, unreadable int, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for batch := range slices.Chunk(numbers, pipelined) {
		cmds, err := s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, number := range batch {
				p.Get(ctx, shardKey(shard, questionOf+number))
			}
			return nil
		})
		wrong, err := forgiven(cmds, err)
		if err != nil {
			return nil, 0, err
		}
		unreadable += len(wrong)
		for i, c := range cmds {
			sealed, ok := c.(*redis.StringCmd)
			if !ok || sealed.Val() == "" {
				continue
			}
			q, err := s.question(shard, batch[i], sealed.Val())
			if err != nil {
				unreadable++
				continue
			}
			out = append(out, q)
		}
	}
	return out, unreadable, nil
}

func (s *Store) question(shard int, number, sealed string) (bot.KeptQuestion, error) {
	q := bot.KeptQuestion{Shard: shard}
	err := s.open(sealed, shardKey(shard, questionOf+number), &q.Question)
	return q, err
}

// Answer ends a question and, if messages are given and the person's dialogue is
// still kept, puts them into its outbox, in one script: the running service sends
// them, as it sends what another process left. sent says whether it was put there.
// Of several that answer at once one does; the others get bot.ErrNoQuestion.
func (s *Store) Answer(ctx context.Context, q bot.KeptQuestion, messages []bot.Message) (sent bool, err error) {
	p := place{shard: q.Shard} // of somebody who wants no answer, nothing is known
	if q.Chat != "" {
		p = s.place(q.Chat)
	}
	keys := []string{
		shardKey(q.Shard, questionOf+string(q.ID)), shardKey(q.Shard, questions), s.lists(p).asked,
		p.key(dialogue), p.key(outbox), shardKey(q.Shard, due),
	}
	chat, err := s.seal(q.Chat, p.key(dialogue))
	if err != nil {
		return false, err
	}
	if q.Chat == "" {
		messages = nil
	}
	args := []any{p.ref, string(q.ID), chat, len(messages)}
	for _, m := range messages {
		if m.ID == "" {
			return false, errors.New("store: answer a question: a message has no id")
		}
		sealed, err := s.seal(m, p.entry(m.ID))
		if err != nil {
			return false, err
		}
		args = append(args, append([]byte(word(m.ID)+" "), sealed...))
	}
	v, err := s.run(ctx, "answer a question", replyScript, keys, args...)
	switch {
	case err != nil:
		return false, err
	case v == "none":
		return false, bot.ErrNoQuestion
	}
	return v == "ok", nil
}

// Ratings returns the counts of all articles that were rated, by topic and language.
func (s *Store) Ratings(ctx context.Context) ([]bot.Rated, error) {
	cmds, err := s.each(ctx, "read the ratings", func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.HGetAll(ctx, shardKey(shard, ratings))
	})
	if err != nil {
		return nil, err
	}
	type article struct{ topic, language string }
	counts := map[article]bot.Rated{}
	for _, c := range cmds {
		fields, ok := c.(*redis.MapStringStringCmd)
		if !ok {
			continue
		}
		for field, count := range fields.Val() {
			f := strings.Split(field, "/")
			n, err := strconv.Atoi(count)
			if len(f) != 3 || err != nil {
				continue
			}
			r := counts[article{f[0], f[1]}]
			r.Topic, r.Language = f[0], f[1]
			if f[2] == "+" {
				r.Helpful += n
			} else {
				r.Unhelpful += n
			}
			counts[article{f[0], f[1]}] = r
		}
	}
	out := make([]bot.Rated, 0, len(counts))
	for _, r := range counts {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b bot.Rated) int {
		return cmp.Or(strings.Compare(a.Topic, b.Topic), strings.Compare(a.Language, b.Language))
	})
	return out, nil
}
