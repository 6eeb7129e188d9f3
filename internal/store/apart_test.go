package store

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// tooMany commits a case more and wants it to be refused.
func tooMany(t *testing.T, s *Store, c bot.Commit, want bot.CaseLimit) {
	t.Helper()
	session, err := s.Load(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	c.Chat, c.Version, c.State = alice, session.Version, state("never")
	c.Cases = []bot.Case{aCase("IQ-99", alice)}
	_, _, err = s.Commit(t.Context(), c)
	var limit bot.CaseLimit
	if !errors.As(err, &limit) || limit != want {
		t.Errorf("error %v, want %v", err, want)
	}
	if after, err := s.Load(t.Context(), alice); err != nil || !cmp.Equal(session, after) {
		t.Errorf("it changed the dialogue to %+v, %v", after, err)
	}
	if _, err := s.Case(t.Context(), "IQ-99"); !errors.Is(err, ErrNoCase) {
		t.Errorf("the case is there: %v", err)
	}
}

// One person cannot give all advisors work, whichever process they reach and
// whatever they erase meanwhile.
func casesBounded(t *testing.T, r *rig) {
	s := r.open(t)
	other := r.open(t, func(o *Options) { o.CasesPerDay = 5 })
	open := func(s *Store, id bot.CaseID) {
		t.Helper()
		commit(t, s, bot.Commit{Update: bot.UpdateID("u" + string(id)), State: state("x"), Cases: []bot.Case{aCase(id, alice)}})
	}
	for _, id := range []bot.CaseID{"IQ-1", "IQ-2", "IQ-3"} {
		open(s, id)
	}
	claim(t, s)
	tooMany(t, s, bot.Commit{Update: "u4"}, bot.CaseLimit{InADay: true, Most: 3})
	tooMany(t, other, bot.Commit{Update: "u4"}, bot.CaseLimit{Most: maxOpenCases}) // it may open more in a day, but not at once
	commit(t, s, bot.Commit{Chat: "telegram:99", Update: "u1", Cases: []bot.Case{aCase("IQ-9", "telegram:99")}})

	// Advisors have heard of those that are withdrawn or erased: they count on.
	commit(t, s, bot.Commit{Update: "u5", State: state("x"), Withdraw: true})
	tooMany(t, s, bot.Commit{Update: "u6"}, bot.CaseLimit{InADay: true, Most: 3})
	commit(t, s, bot.Commit{Update: "u7", Erase: true})
	tooMany(t, s, bot.Commit{Update: "u8"}, bot.CaseLimit{InADay: true, Most: 3})
	open(other, "IQ-4") // of the open ones, none is left
	open(other, "IQ-5")
	tooMany(t, other, bot.Commit{Update: "u9"}, bot.CaseLimit{InADay: true, Most: 5})

	// The next day begins a day after the first, not after the last.
	p := s.place(alice)
	if left := r.db.PTTL(t.Context(), s.lists(p).opened).Val(); left <= 0 || left > caseDay {
		t.Errorf("the count of the day lives %v", left)
	}
	r.db.Del(t.Context(), s.lists(p).opened)
	open(s, "IQ-6")
	tooMany(t, s, bot.Commit{Update: "u10"}, bot.CaseLimit{Most: maxOpenCases})
	r.db.Del(t.Context(), shardKey(p.shard, caseOf+"IQ-4")) // its time was over
	open(s, "IQ-7")
}

// What one person may send is not theirs anew because they have erased their data.
func allowanceKept(t *testing.T, r *rig) {
	s := r.open(t)
	left := flow.Allowance{Used: 12.5, At: 1_780_000_000, Noticed: 1_779_999_999}
	load := func() flow.State {
		t.Helper()
		session, err := s.Load(t.Context(), alice)
		if err != nil {
			t.Fatal(err)
		}
		return session.State
	}
	commit(t, s, bot.Commit{Update: "u1", State: state("x")})
	commit(t, s, bot.Commit{Update: "u2", Erase: true, State: flow.State{Language: "uk", Allowance: left}})
	if diff := cmp.Diff(flow.State{Allowance: left}, load()); diff != "" {
		t.Errorf("after the erasure (-want +got):\n%s", diff)
	}
	if e, err := s.Export(t.Context(), alice); err != nil || e.Dialogue.Allowance != left {
		t.Errorf("the export has %+v, %v", e.Dialogue, err)
	}
	if ttl := r.db.PTTL(t.Context(), s.place(alice).key(dialogue)).Val(); ttl > ErasedTTL {
		t.Errorf("it is kept for %v", ttl)
	}
	commit(t, s, bot.Commit{Update: "u3", State: state("anew")})
	if diff := cmp.Diff(state("anew"), load()); diff != "" {
		t.Errorf("begun anew (-want +got):\n%s", diff)
	}
	commit(t, s, bot.Commit{Update: "u4", Erase: true})
	if diff := cmp.Diff(flow.State{}, load()); diff != "" {
		t.Errorf("erased again (-want +got):\n%s", diff)
	}
}

// Who reads the database without its secrets cannot tell that a question, which
// names nobody, and a case, which leads to a name, are of one person.
func listsApart(t *testing.T, r *rig) {
	s := r.open(t)
	everything(t, s)
	commit(t, s, bot.Commit{Update: "u2", State: state("x"), Questions: []bot.Question{aQuestion("Q-2", "")}, Cases: []bot.Case{aCase("IQ-2", alice)}})
	p := s.place(alice)
	names := map[string][]string{} // what a number stands beside: names of keys and other members
	for key, value := range r.keys(t) {
		for _, number := range []string{"IQ-1", "IQ-2", "Q-1", "Q-2", p.ref} {
			if strings.Contains(strings.ReplaceAll(key+" "+value, "IQ-", "#"), strings.ReplaceAll(number, "IQ-", "#")) {
				names[number] = append(names[number], key)
			}
		}
	}
	for _, pair := range [][2]string{{"Q-1", p.ref}, {"Q-2", p.ref}, {"IQ-1", p.ref}, {"Q-1", "IQ-1"}, {"Q-2", "IQ-2"}} {
		for _, key := range names[pair[0]] {
			if slices.Contains(names[pair[1]], key) {
				t.Errorf("%s stands beside %s in %s", pair[0], pair[1], key)
			}
			_, kind, _ := strings.Cut(key, "}:")
			_, ref, _ := strings.Cut(kind, ":")
			for _, beside := range names[pair[1]] {
				if ref != "" && strings.HasSuffix(beside, ":"+ref) {
					t.Errorf("%s of %s is named as %s of %s", key, pair[0], beside, pair[1])
				}
			}
		}
	}
	if len(names["Q-2"]) == 0 || len(names["IQ-2"]) == 0 || len(names[p.ref]) == 0 {
		t.Fatalf("this test sees nothing: %v", names)
	}
	// Nor can the moment tell: that of the dialogue is known by when it expires.
	for _, z := range r.db.ZRangeWithScores(t.Context(), shardKey(p.shard, questions), 0, -1).Val() {
		if moment := int64(z.Score) % time.Hour.Milliseconds(); moment > 10 {
			t.Errorf("%v was kept %d ms after the hour", z.Member, moment)
		}
	}
}

// A release before this one kept the lists under the reference of the dialogue.
func oldLists(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	p := s.place(alice)
	of := s.lists(p)
	asStored := func() {
		t.Helper()
		for now, then := range map[string]string{of.numbers: p.key(numbers), of.asked: p.key(asked)} {
			if err := r.db.Rename(ctx, now, then).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	everything(t, s)
	asStored()
	got, err := s.Export(ctx, alice)
	if err != nil || len(got.Cases) != 1 || len(got.Questions) != 1 {
		t.Errorf("the export has %d cases and %d questions, %v", len(got.Cases), len(got.Questions), err)
	}
	if i, err := s.Inspect(ctx, p.ref); err != nil || len(i.Cases) != 1 {
		t.Errorf("operators see the cases %v, %v", i.Cases, err)
	}
	commit(t, s, bot.Commit{Update: "u2", State: state("x"), Cases: []bot.Case{aCase("IQ-2", alice)}, Questions: []bot.Question{aQuestion("Q-2", alice)}})
	var members []string
	for _, key := range []string{of.numbers, of.asked, p.key(numbers), p.key(asked)} {
		switch r.db.Type(ctx, key).Val() {
		case "set":
			members = append(members, slices.Sorted(slices.Values(r.db.SMembers(ctx, key).Val()))...)
		case "zset":
			members = append(members, r.db.ZRange(ctx, key, 0, -1).Val()...)
		default:
			continue
		}
		if ttl := r.db.PTTL(ctx, key).Val(); ttl < 179*24*time.Hour {
			t.Errorf("%s lives %v", key, ttl)
		}
	}
	if diff := cmp.Diff([]string{"IQ-1", "IQ-2", "Q-1", "Q-2"}, members); diff != "" {
		t.Errorf("in the new lists (-want +got):\n%s", diff)
	}
	// What such a release adds meanwhile goes with an erasure, too.
	r.db.SAdd(ctx, p.key(numbers), "IQ-3")
	r.db.HSet(ctx, shardKey(p.shard, caseOf+"IQ-3"), "c", "x")
	commit(t, s, bot.Commit{Update: "u3", Erase: true})
	left := slices.Sorted(maps.Keys(r.keys(t)))
	for _, key := range left {
		for _, part := range []string{"}:q:", "}:k:", "}:l:", "}:qc:"} {
			if strings.Contains(key, part) {
				t.Errorf("%s is left", key)
			}
		}
	}
}
