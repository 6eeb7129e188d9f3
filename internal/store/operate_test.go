package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
)

// These belong to the contract, see TestContract.

func (r *rig) now() time.Time { return time.UnixMilli(r.clock.Load()).UTC() }

func withdrawOnly(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	commit(t, s, bot.Commit{Update: "u1", State: state("x"), Cases: []bot.Case{aCase("IQ-1", alice)}, Outbox: []bot.Message{text("m1", "a")}})
	claim(t, s)
	commit(t, s, bot.Commit{Update: "u2", State: state("y"), Withdraw: true, Cases: []bot.Case{aCase("IQ-2", alice)}})
	for id, want := range map[bot.CaseID]error{"IQ-1": ErrNoCase, "IQ-2": nil} {
		_, err := s.Case(ctx, id)
		wantErr(t, err, want)
	}
	session, err := s.Load(ctx, alice)
	if err != nil || session.State.Vars["words"] != "y" || session.Version != 2 {
		t.Errorf("the dialogue: %+v, %v", session, err)
	}
	r.advance(30 * time.Second)
	var told []string
	for _, n := range claim(t, s) {
		told = append(told, fmt.Sprintf("%s %s %t", n.Case.ID, n.Target, n.Withdrawn))
	}
	slices.Sort(told)
	if diff := cmp.Diff([]string{"IQ-1 group true", "IQ-1 mail true", "IQ-2 group false", "IQ-2 mail false"}, told); diff != "" {
		t.Error(diff)
	}
	if taken := dueChats(t, s); len(taken) != 1 || ids(taken[0].Messages) != "m1" {
		t.Errorf("what was to be sent: %v", taken)
	}
	// The same update once more withdraws nothing.
	_, _, err = s.Commit(ctx, bot.Commit{Chat: alice, Update: "u2", Version: 2, Withdraw: true})
	wantErr(t, err, bot.ErrDuplicate)
	if _, err := s.Case(ctx, "IQ-2"); err != nil {
		t.Error(err)
	}
}

func ring(t *testing.T, s *Store) []bot.Timer {
	t.Helper()
	due, err := s.Timers(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func wantTimers(t *testing.T, s *Store, want ...bot.Timer) {
	t.Helper()
	if got := ring(t, s); !slices.Equal(got, want) {
		t.Fatalf("timers %v, want %v", got, want)
	}
}

func timer(t *testing.T, r *rig) {
	s, other := r.open(t), r.open(t)
	commit(t, s, bot.Commit{Update: "u1", State: state("x")})
	commit(t, s, bot.Commit{Update: "u2", State: state("x"), Timer: time.Hour})
	r.advance(time.Hour - time.Millisecond)
	wantTimers(t, s)
	r.advance(time.Millisecond)
	want := bot.Timer{Chat: alice, Version: 2}
	wantTimers(t, other, want)
	wantTimers(t, s)
	wantTimers(t, other)
	// It has taken effect.
	commit(t, s, bot.Commit{Update: "timer:2", State: state("y")})
	r.advance(time.Hour)
	wantTimers(t, s)
	if got, err := s.Timers(t.Context(), 0); err != nil || got != nil {
		t.Error(got, err)
	}
}

func timerComesBack(t *testing.T, r *rig) {
	few := func(o *Options) { o.Shards = 2 } // each has several timers
	s := r.open(t, few)
	const chats = 12
	for i := range chats {
		commit(t, s, bot.Commit{Chat: bot.ChatID(fmt.Sprint("telegram:", i)), Update: "u1", State: state("x"), Timer: time.Minute})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = r.open(t, few) // the process was restarted, with no other memory than the database
	r.advance(time.Minute)
	for range 2 {
		seen := map[bot.ChatID]bool{}
		for _, n := range []int{10, 2, 0} {
			due := ring(t, s)
			if len(due) != n {
				t.Fatalf("%d timers, want %d", len(due), n)
			}
			for _, d := range due {
				seen[d.Chat] = true
			}
		}
		if len(seen) != chats {
			t.Fatalf("%d of %d chats", len(seen), chats)
		}
		r.advance(30*time.Second - time.Millisecond)
		wantTimers(t, s)
		r.advance(time.Millisecond) // it died with them
	}
}

func timerReplaced(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", State: state("x"), Timer: time.Minute})
	r.advance(30 * time.Second)
	commit(t, s, bot.Commit{Update: "u2", State: state("x"), Timer: time.Minute})
	r.advance(30 * time.Second)
	wantTimers(t, s)
	r.advance(30 * time.Second)
	wantTimers(t, s, bot.Timer{Chat: alice, Version: 2})
	// A commit that conflicts or repeats does not touch it.
	before := r.keys(t)
	for _, c := range []bot.Commit{{Update: "u2", Version: 2}, {Update: "u3", Version: 1, Timer: time.Hour}} {
		c.Chat = alice
		if _, _, err := s.Commit(t.Context(), c); err == nil {
			t.Fatal("it took effect")
		}
	}
	if diff := cmp.Diff(before, r.keys(t)); diff != "" {
		t.Error(diff)
	}
	// The person answers while another process has the timer: that one is told
	// by the version, and the timer does not come back.
	commit(t, s, bot.Commit{Update: "u3", State: state("x")})
	session, err := s.Load(t.Context(), alice)
	if err != nil || session.Version != 3 {
		t.Fatal(session, err)
	}
	r.advance(time.Hour)
	wantTimers(t, s)
	// One that is longer than the dialogue lives ends with it.
	commit(t, s, bot.Commit{Update: "u4", State: state("x"), Timer: time.Hour})
	p := s.place(alice)
	r.db.Del(t.Context(), p.key(dialogue))
	r.advance(time.Hour)
	wantTimers(t, s)
	if n := r.db.ZCard(t.Context(), shardKey(p.shard, timers)).Val(); n != 0 {
		t.Errorf("%d timers of nobody are still listed", n)
	}
}

func chatIDKept(t *testing.T, r *rig) {
	s := r.open(t)
	kept := func() bool {
		t.Helper()
		return r.db.HExists(t.Context(), s.place(alice).key(dialogue), "i").Val()
	}
	l, _ := commit(t, s, bot.Commit{Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "a")}, Timer: time.Minute})
	sent(t, s, l, "m1")
	if !kept() {
		t.Fatal("lost with the last message, though a timer needs it")
	}
	l, _ = commit(t, s, bot.Commit{Update: "u2", State: state("x"), Outbox: []bot.Message{text("m2", "a")}})
	if !kept() {
		t.Fatal("lost with the timer, though a message needs it")
	}
	sent(t, s, l, "m2")
	if kept() {
		t.Error("still there after the last message")
	}
	commit(t, s, bot.Commit{Update: "u3", State: state("x"), Timer: time.Minute})
	commit(t, s, bot.Commit{Update: "u4", State: state("x")})
	if kept() {
		t.Error("still there after the timer")
	}
	l, _ = commit(t, s, bot.Commit{Update: "u5", State: state("x"), Outbox: []bot.Message{text("m5", "a")}, Timer: time.Minute})
	commit(t, s, bot.Commit{Update: "u6", Erase: true})
	if _, err := s.Sent(t.Context(), l, "m5"); err == nil || kept() {
		t.Errorf("still there after the erasure; %v", err)
	}
}

func timerUnreadable(t *testing.T, r *rig) {
	s := r.open(t)
	const bob = bot.ChatID("telegram:99")
	for _, chat := range []bot.ChatID{alice, bob} {
		commit(t, s, bot.Commit{Chat: chat, Update: "u1", State: state("x"), Timer: time.Minute})
	}
	if err := r.db.HSet(t.Context(), s.place(alice).key(dialogue), "i", "garbage").Err(); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Minute)
	wantTimers(t, s, bot.Timer{Chat: bob, Version: 1})
	commit(t, s, bot.Commit{Chat: bob, Update: "u2"})
	r.advance(time.Minute)
	_, err := s.Timers(t.Context(), 10)
	wantErr(t, err, bot.ErrUnreadable)
}

func chatMoved(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	const a, b, c = bot.ChatID("telegram:-1"), bot.ChatID("telegram:-1001"), bot.ChatID("telegram:-1002")
	where := func(s *Store, from, want bot.ChatID) {
		t.Helper()
		if got, err := s.Moved(ctx, from); err != nil || got != want {
			t.Errorf("%s is at %s, want %s; %v", from, got, want, err)
		}
	}
	where(s, a, a)
	if err := s.SetMoved(ctx, a, b); err != nil {
		t.Fatal(err)
	}
	if err := r.db.Expire(ctx, s.place(a).key(newID), time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	where(r.open(t), a, b)
	where(s, b, b)
	if ttl := r.db.TTL(ctx, s.place(a).key(newID)).Val(); ttl < movedTTL-time.Hour {
		t.Errorf("asked for, but it lives only %v more", ttl)
	}
	if err := s.SetMoved(ctx, b, c); err != nil {
		t.Fatal(err)
	}
	where(s, a, c)
	if err := s.SetMoved(ctx, a, a); err != nil { // the platform talks nonsense
		t.Fatal(err)
	}
	where(s, a, a)
	if err := r.db.Set(ctx, s.place(a).key(newID), "jgarbage", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Moved(ctx, a)
	wantErr(t, err, bot.ErrUnreadable)
}

func inspect(t *testing.T, r *rig) {
	s := r.open(t, func(o *Options) { o.CasesPerDay = 10 })
	ctx := t.Context()
	ref := s.Ref(alice)
	for _, nobody := range []string{ref, "", "x", ref + "A", ref[:25] + "\n"} {
		_, err := s.Inspect(ctx, nobody)
		wantErr(t, err, ErrNoChat)
		wantErr(t, s.Reset(ctx, nobody), ErrNoChat)
	}
	look := func() Inspection {
		t.Helper()
		i, err := s.Inspect(ctx, ref)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	commit(t, s, bot.Commit{Update: "u1", State: state("мої слова")})
	if err := r.db.PExpire(ctx, s.place(alice).key(dialogue), 80*24*time.Hour).Err(); err != nil { // ten days ago
		t.Fatal(err)
	}
	got := look()
	const day = 24 * time.Hour
	near := func(at time.Time, d time.Duration) bool { return at.Sub(r.now().Add(d)).Abs() < time.Minute }
	if !near(got.Active, -10*day) || !near(got.Expires, 80*day) {
		t.Errorf("active %v, expires %v, now %v", got.Active, got.Expires, r.now())
	}
	got.Active, got.Expires = time.Time{}, time.Time{}
	if diff := cmp.Diff(Inspection{Ref: ref, Version: 1, Dialogue: true}, got); diff != "" {
		t.Error(diff)
	}

	began := r.now()
	l, _ := commit(t, s, bot.Commit{
		Update: "u2", State: state("мої слова"), Outbox: []bot.Message{text("m1", "a"), text("m2", "b")},
		Cases: []bot.Case{aCase("IQ-2", alice), aCase("IQ-1", alice), aCase("IQ-3", alice)}, Timer: time.Hour,
	})
	r.db.Del(ctx, shardKey(s.place(alice).shard, caseOf+"IQ-3")) // its time was over
	want := Inspection{
		Ref: ref, Version: 2, Dialogue: true, Waiting: 2, Since: began, Leased: began.Add(30 * time.Second),
		Timer: began.Add(time.Hour), Cases: []bot.CaseID{"IQ-1", "IQ-2"},
	}
	check := func(name string) {
		t.Helper()
		got := look()
		got.Active, got.Expires = time.Time{}, time.Time{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	check("being sent")
	r.advance(time.Second)
	sent(t, s, l, "m1")
	if err := s.Retry(ctx, l, "m2", time.Minute); err != nil {
		t.Fatal(err)
	}
	want.Waiting, want.Attempts, want.Leased, want.Due = 1, 1, time.Time{}, r.now().Add(time.Minute)
	check("failed once")
	r.advance(time.Minute)
	taken := dueChats(t, s)
	want.Leased, want.Due = r.now().Add(30*time.Second), time.Time{}
	check("taken over")
	r.advance(time.Minute)
	want.Leased, want.Due = time.Time{}, want.Leased
	check("its sender died")
	sent(t, s, taken[0].Lease, "m2")
	want.Waiting, want.Attempts, want.Since, want.Due = 0, 0, time.Time{}, time.Time{}
	check("all is sent")
	commit(t, s, bot.Commit{Update: "u3", Erase: true})
	want = Inspection{Ref: ref, Version: 3}
	check("erased")
	for key, value := range r.keys(t) {
		if strings.Contains(fmt.Sprintf("%+v", got), value) && !strings.Contains(key, "}:"+opened) { // a small number
			t.Errorf("the inspection holds the value of %s", key)
		}
	}
	// A case outlives its dialogue.
	commit(t, s, bot.Commit{Update: "u4", Cases: []bot.Case{aCase("IQ-4", alice)}})
	r.db.Del(ctx, s.place(alice).key(dialogue))
	want = Inspection{Ref: ref, Cases: []bot.CaseID{"IQ-4"}}
	check("only a case is left")
	wantErr(t, s.Reset(ctx, ref), ErrNoChat)
}

func reset(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	ref := s.Ref(alice)
	l, _ := commit(t, s, bot.Commit{
		Update: "u1", State: state("stuck"), Outbox: []bot.Message{text("m1", "a")}, Cases: []bot.Case{aCase("IQ-1", alice)}, Timer: time.Minute,
	})
	if err := s.Reset(ctx, ref); err != nil {
		t.Fatal(err)
	}
	// A step that was under way conflicts, and is run again on nothing.
	_, _, err := s.Commit(ctx, bot.Commit{Chat: alice, Update: "u2", Version: 1, State: state("stuck")})
	wantErr(t, err, bot.ErrVersionConflict)
	session, err := s.Load(ctx, alice)
	if err != nil || session.Version != 2 || len(session.Seen) != 1 || session.State.Vars != nil {
		t.Errorf("session %+v, %v", session, err)
	}
	if _, err := s.Case(ctx, "IQ-1"); err != nil {
		t.Errorf("the case: %v", err)
	}
	// The sender that was stuck gives way at once.
	_, err = s.Hold(ctx, l, longer)
	wantErr(t, err, bot.ErrLeaseLost)
	taken := dueChats(t, s)
	if len(taken) != 1 || taken[0].Lease.Chat != alice || ids(taken[0].Messages) != "m1" {
		t.Fatalf("due: %v", taken)
	}
	sent(t, s, taken[0].Lease, "m1")
	r.advance(time.Hour)
	wantTimers(t, s)
	// A state that nobody can read is no obstacle, nor that nothing waits.
	commit(t, s, bot.Commit{Update: "u3", State: state("x"), Timer: time.Minute})
	if err := r.db.HSet(ctx, s.place(alice).key(dialogue), "s", "garbage").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Reset(ctx, ref); err != nil {
		t.Fatal(err)
	}
	if session, err := s.Load(ctx, alice); err != nil || session.Version != 4 {
		t.Errorf("session %+v, %v", session, err)
	}
	for key, value := range r.keys(t) {
		if strings.Contains(key, "}:c:"+ref) && value != "map[u: u1 u3 v:4]" || strings.HasSuffix(key, "}:t") || strings.HasSuffix(key, "}:due") {
			t.Errorf("left: %s = %s", key, value)
		}
	}
}

func findRef(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{aCase("IQ-1", alice)}})
	ref := s.Ref(alice)
	for _, name := range []string{ref, "IQ-1", "iq-1", " IQ-1\n", " " + strings.ToUpper(ref)} {
		if got, err := s.FindRef(t.Context(), name); err != nil || got != ref {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "IQ-2", ref[:25], ref + "a", string(alice), ref[:25] + "1", ref[:25] + "b"} {
		_, err := s.FindRef(t.Context(), name)
		wantErr(t, err, ErrNoCase)
	}
}

func waitingChats(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	list := func(n int) []WaitingChat {
		t.Helper()
		w, err := s.WaitingChats(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	if got := list(10); len(got) != 0 {
		t.Fatalf("from nothing: %v", got)
	}
	const bob, eve = bot.ChatID("telegram:99"), bot.ChatID("telegram:5")
	t0 := r.now()
	first, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a"), text("m2", "b")}})
	if err := s.Retry(ctx, first, "m1", time.Hour); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Second)
	commit(t, s, bot.Commit{Update: "u2", Outbox: []bot.Message{text("m3", "c")}})
	commit(t, s, bot.Commit{Chat: bob, Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	l, _ := commit(t, s, bot.Commit{Chat: eve, Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	sent(t, s, l, "m1")
	want := []WaitingChat{
		{Ref: s.Ref(alice), Messages: 3, Attempts: 1, Since: t0, Due: t0.Add(time.Hour)},
		{Ref: s.Ref(bob), Messages: 1, Since: t0.Add(time.Second), Leased: t0.Add(31 * time.Second)},
	}
	if diff := cmp.Diff(want, list(10)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[:1], list(1)); diff != "" {
		t.Error(diff)
	}
	// Once all is sent, waiting begins anew.
	r.advance(time.Hour)
	for _, taken := range dueChats(t, s) {
		for q := taken.Messages; len(q) > 0; {
			q = sent(t, s, taken.Lease, q[0].ID)
		}
	}
	if got := list(10); len(got) != 0 {
		t.Errorf("all is sent: %v", got)
	}
	commit(t, s, bot.Commit{Update: "u3", Outbox: []bot.Message{text("m4", "d")}})
	if got := list(10); len(got) != 1 || !got[0].Since.Equal(r.now()) {
		t.Errorf("waits since %v, want %v", got, r.now())
	}
	// One whose record is gone is not listed.
	r.db.Del(ctx, s.place(alice).key(outbox))
	if got := list(10); len(got) != 0 {
		t.Errorf("forgotten: %v", got)
	}
}

func pacedTogether(t *testing.T, r *rig) {
	rates := Rates{PerSecond: 1000, PerChat: 2, ChatBurst: 3}
	pacers := []*Pacer{NewPacer(r.open(t), rates), NewPacer(r.open(t), rates)}
	start := time.Now()
	var wait time.Duration
	for i := range 6 {
		var err error
		if wait, err = pacers[i%2].Pace(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
	}
	// Six at 2 a second, of which three are the burst: the seventh has to wait
	// 2 seconds, less what the calls took.
	if spent := time.Since(start); wait > 2*time.Second || wait < 2*time.Second-spent-10*time.Millisecond {
		t.Errorf("wait %v, %v after the first", wait, spent)
	}
	found := 0
	for key := range r.keys(t) {
		if !strings.HasPrefix(key, "rate:") {
			continue
		}
		found++
		if strings.Contains(key, "4711") || !strings.HasPrefix(key, "rate:iq:{") {
			t.Errorf("key %s", key)
		}
		if ttl := r.db.PTTL(t.Context(), key).Val(); ttl == -1 || ttl > time.Minute {
			t.Errorf("%s lives %v", key, ttl)
		}
	}
	if found == 0 {
		t.Error("no counter was found")
	}
}
