package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"iqbot/bot"
)

func aQuestion(id bot.QuestionID, chat bot.ChatID) bot.Question {
	return bot.Question{
		ID: id, Asked: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Language: "uk", Words: "моє питання", Kind: bot.QuestionUnknown, Chat: chat, Consent: "2026-01",
	}
}

func listed(t *testing.T, s *Store, n int) []bot.Question {
	t.Helper()
	list, unreadable, err := s.Questions(t.Context(), n)
	if err != nil || unreadable > 0 {
		t.Fatalf("%d unreadable, %v", unreadable, err)
	}
	var out []bot.Question
	for _, q := range list {
		out = append(out, q.Question)
	}
	return out
}

func one(t *testing.T, s *Store, id bot.QuestionID) bot.KeptQuestion {
	t.Helper()
	q, ok, err := s.Question(t.Context(), id)
	if err != nil || !ok {
		t.Fatalf("question %s: %v, %v", id, ok, err)
	}
	return q
}

func questionKept(t *testing.T, r *rig) {
	s := r.open(t, func(o *Options) { o.QuestionTTL = 10 * time.Hour })
	later := aQuestion("Q-2", "telegram:99")
	later.Asked = later.Asked.Add(time.Minute)
	commit(t, s, bot.Commit{Update: "u1", Questions: []bot.Question{aQuestion("Q-1", alice)}})
	commit(t, s, bot.Commit{Chat: "telegram:99", Update: "u1", Questions: []bot.Question{later}})
	if diff := cmp.Diff([]bot.Question{later, aQuestion("Q-1", alice)}, listed(t, s, 10)); diff != "" {
		t.Error(diff)
	}
	if got := listed(t, s, 1); len(got) != 1 || got[0].ID != "Q-2" {
		t.Errorf("the newest: %v", got)
	}
	if _, ok, err := s.Question(t.Context(), "Q-9"); ok || err != nil {
		t.Errorf("a number that nobody has: %v, %v", ok, err)
	}
	// A number that is taken, in the same shard, is a conflict: the step draws another.
	_, _, err := s.Commit(t.Context(), bot.Commit{Chat: alice, Update: "u2", Version: 1, Questions: []bot.Question{aQuestion("Q-1", alice)}})
	wantErr(t, err, bot.ErrVersionConflict)
	// One person cannot fill the list.
	for i := range keptQuestions + 3 {
		r.advance(time.Second)
		commit(t, s, bot.Commit{Update: bot.UpdateID(fmt.Sprint("more", i)), Questions: []bot.Question{aQuestion(bot.QuestionID(fmt.Sprint("Q-m", i)), alice)}})
	}
	if n := len(listed(t, s, 1000)); n != keptQuestions+1 {
		t.Errorf("%d questions are kept, want %d of one person and 1 of another", n, keptQuestions)
	}
	if _, ok, _ := s.Question(t.Context(), "Q-1"); ok {
		t.Error("the oldest did not make room")
	}
	// Another keyset's question does not hide the others.
	r.masters(t, func(c *redis.Client) error {
		for _, key := range c.Keys(context.Background(), "iq:*:q:Q-2").Val() {
			c.Set(context.Background(), key, "jnonsense", time.Hour)
		}
		return nil
	})
	if list, unreadable, err := s.Questions(t.Context(), 1000); err != nil || unreadable != 1 || len(list) != keptQuestions {
		t.Errorf("%d questions, %d unreadable, %v", len(list), unreadable, err)
	}
}

func questionAnswered(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	commit(t, s, bot.Commit{Update: "u1", State: state("x"), Questions: []bot.Question{aQuestion("Q-1", alice), aQuestion("Q-2", alice), aQuestion("Q-3", alice)}})
	q := one(t, s, "Q-1")
	before, err := s.Load(ctx, alice)
	if err != nil {
		t.Fatal(err)
	}
	// Ten operators at once: one of them sends.
	var wg sync.WaitGroup
	results := make([]error, 10)
	sentBy := make([]bool, 10)
	for i := range results {
		wg.Go(func() {
			sentBy[i], results[i] = s.Answer(ctx, q, []bot.Message{text("answer:Q-1/0", "відповідь"), text("answer:Q-1/1", "b")})
		})
	}
	wg.Wait()
	done := 0
	for i, err := range results {
		if sentBy[i] && err == nil {
			done++
		} else if !errors.Is(err, bot.ErrNoQuestion) {
			t.Errorf("one who was late: %v, %v", sentBy[i], err)
		}
	}
	if done != 1 {
		t.Errorf("%d sent the answer", done)
	}
	after, err := s.Load(ctx, alice)
	if err != nil || !cmp.Equal(before, after) {
		t.Errorf("the dialogue was changed: %+v, %v", after, err)
	}
	taken := dueChats(t, s)
	if len(taken) != 1 || taken[0].Lease.Chat != alice {
		t.Fatalf("due: %v", taken)
	}
	wantIDs(t, taken[0].Messages, "answer:Q-1/0 answer:Q-1/1")
	wantIDs(t, sent(t, s, taken[0].Lease, "answer:Q-1/0"), "answer:Q-1/1")
	sent(t, s, taken[0].Lease, "answer:Q-1/1")
	if len(dueChats(t, s)) > 0 {
		t.Error("more is due")
	}
	// Dropped: nobody hears of it.
	if ok, err := s.Answer(ctx, one(t, s, "Q-2"), nil); ok || err != nil {
		t.Errorf("dropped: %v, %v", ok, err)
	}
	if len(dueChats(t, s)) > 0 {
		t.Error("who dropped sent")
	}
	if e, err := s.Export(ctx, alice); err != nil || len(e.Questions) != 1 || e.Questions[0].ID != "Q-3" {
		t.Errorf("export: %v, %v", e.Questions, err)
	}
	// Erased between listing and answering: nobody gets anything.
	q = one(t, s, "Q-3")
	commit(t, s, bot.Commit{Update: "u9", Erase: true})
	if ok, err := s.Answer(ctx, q, []bot.Message{text("answer:Q-3/0", "a")}); ok || !errors.Is(err, bot.ErrNoQuestion) {
		t.Errorf("erased: %v, %v", ok, err)
	}
	// Forgotten: the question outlives the dialogue, and is ended without an answer.
	commit(t, s, bot.Commit{Update: "v1", State: state("x"), Questions: []bot.Question{aQuestion("Q-4", alice)}})
	q = one(t, s, "Q-4")
	r.db.Del(ctx, s.place(alice).key(dialogue))
	if ok, err := s.Answer(ctx, q, []bot.Message{text("answer:Q-4/0", "a")}); ok || err != nil {
		t.Errorf("forgotten: %v, %v", ok, err)
	}
	if n := len(listed(t, s, 10)); n != 0 || len(dueChats(t, s)) > 0 {
		t.Errorf("%d questions left", n)
	}
}

func answerBehindSender(t *testing.T, r *rig) {
	s := r.open(t)
	l, _ := commit(t, s, bot.Commit{Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "a")}, Questions: []bot.Question{aQuestion("Q-1", alice)}})
	if ok, err := s.Answer(t.Context(), one(t, s, "Q-1"), []bot.Message{text("answer:Q-1/0", "b")}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if len(dueChats(t, s)) > 0 {
		t.Error("the lease of the sender was taken away")
	}
	wantIDs(t, sent(t, s, l, "m1"), "answer:Q-1/0")
	sent(t, s, l, "answer:Q-1/0")
}

func questionAlone(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", State: state("x"), Questions: []bot.Question{aQuestion("Q-1", "")}})
	if ok, err := s.Answer(t.Context(), one(t, s, "Q-1"), []bot.Message{text("answer:Q-1/0", "b")}); ok || err != nil {
		t.Errorf("answered to nobody: %v, %v", ok, err)
	}
	if n := len(listed(t, s, 10)); n != 0 || len(dueChats(t, s)) > 0 {
		t.Errorf("%d questions left", n)
	}
	if e, err := s.Export(t.Context(), alice); err != nil || len(e.Questions) > 0 {
		t.Errorf("export: %v, %v", e.Questions, err)
	}
}

func questionWithdrawn(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", State: state("x"), Questions: []bot.Question{aQuestion("Q-1", alice)}})
	commit(t, s, bot.Commit{Update: "u2", State: state("x"), Withdraw: true})
	if n := len(listed(t, s, 10)); n != 0 {
		t.Errorf("%d questions left", n)
	}
}

func rated(t *testing.T, r *rig) {
	s := r.open(t)
	yes, no := bot.Rating{Topic: "costs", Language: "uk", Helpful: true}, bot.Rating{Topic: "costs", Language: "uk"}
	commit(t, s, bot.Commit{Update: "u1", State: state("x"), Ratings: []bot.Rating{yes}})
	commit(t, s, bot.Commit{Update: "u2", State: state("x"), Ratings: []bot.Rating{no}})
	// Delivered again, it does not count again.
	_, _, err := s.Commit(t.Context(), bot.Commit{Chat: alice, Update: "u2", Version: 1, Ratings: []bot.Rating{no}})
	wantErr(t, err, bot.ErrDuplicate)
	for i := range 5 {
		commit(t, s, bot.Commit{Chat: bot.ChatID(fmt.Sprint("telegram:", i)), Update: "u1", State: state("x"), Ratings: []bot.Rating{yes}})
	}
	commit(t, s, bot.Commit{Chat: "telegram:1", Update: "u2", State: state("x"), Ratings: []bot.Rating{{Topic: "anabin", Language: "de"}}})
	got, err := s.Ratings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bot.Rated{{Topic: "anabin", Language: "de", Unhelpful: 1}, {Topic: "costs", Language: "uk", Helpful: 6, Unhelpful: 1}}, got); diff != "" {
		t.Error(diff)
	}
	for key, value := range r.keys(t) {
		if strings.HasSuffix(key, "}:r") && (strings.Contains(value, s.Ref(alice)) || strings.Contains(value, "4711")) {
			t.Errorf("%s = %s", key, value)
		}
	}
}
