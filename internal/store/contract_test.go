package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
	"iqbot/internal/store/redistest"
)

// rig is one database with Stores on it.
type rig struct {
	url    string
	db     redis.UniversalClient
	keyset []byte
	clock  atomic.Int64 // ms
}

func newRig(t *testing.T, url string) *rig {
	t.Helper()
	keyset, err := NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	db, err := dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &rig{url: url, db: db, keyset: keyset}
	r.clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli())
	return r
}

func (r *rig) advance(d time.Duration) { r.clock.Add(d.Milliseconds()) }

func (r *rig) options() Options {
	sealer, err := LoadKeyset(r.keyset)
	if err != nil {
		panic(err)
	}
	return Options{
		URL: r.url, HashSecret: []byte("0123456789abcdef"), Sealer: sealer, Targets: []string{"group", "mail"},
		Now: func() time.Time { return time.UnixMilli(r.clock.Load()) }, Guest: true,
	}
}

// open opens a Store that keeps its leases without a heartbeat, which would be in the
// way of whoever looks at all keys and all calls.
func (r *rig) open(t *testing.T, change ...func(*Options)) *Store {
	t.Helper()
	o := r.options()
	for _, c := range change {
		c(&o)
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.heart.alone = true
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// masters runs f on every server that holds data.
func (r *rig) masters(t *testing.T, f func(*redis.Client) error) {
	t.Helper()
	var err error
	switch db := r.db.(type) {
	case *redis.ClusterClient:
		var mu sync.Mutex
		err = db.ForEachMaster(t.Context(), func(_ context.Context, c *redis.Client) error {
			mu.Lock()
			defer mu.Unlock()
			return f(c)
		})
	case *redis.Client:
		err = f(db)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) flush(t *testing.T) {
	r.masters(t, func(c *redis.Client) error { return c.FlushAll(t.Context()).Err() })
}

// keys returns all keys with their values in one string each.
func (r *rig) keys(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	r.masters(t, func(c *redis.Client) error {
		ctx := t.Context()
		for _, key := range c.Keys(ctx, "*").Val() {
			var v any
			switch kind := c.Type(ctx, key).Val(); kind {
			case "string":
				v = c.Get(ctx, key).Val()
			case "hash":
				v = c.HGetAll(ctx, key).Val()
			case "list":
				v = c.LRange(ctx, key, 0, -1).Val()
			case "set":
				v = c.SMembers(ctx, key).Val()
			case "zset":
				v = c.ZRangeWithScores(ctx, key, 0, -1).Val()
			default:
				return fmt.Errorf("key %s of unknown type %q", key, kind)
			}
			all[key] = fmt.Sprintf("%s", v)
		}
		return nil
	})
	return all
}

// TestContract is what every backend keeps to. It runs on miniredis always
// and on real servers where redis-server is installed.
func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("miniredis", func(t *testing.T) { t.Parallel(); contract(t, newRig(t, "redis://"+miniredis.RunT(t).Addr())) })
	t.Run("redis", func(t *testing.T) { t.Parallel(); contract(t, newRig(t, redistest.Start(t).URL())) })
	t.Run("cluster", func(t *testing.T) { t.Parallel(); contract(t, newRig(t, redistest.StartCluster(t).URL())) })
}

func contract(t *testing.T, r *rig) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *rig)
	}{
		{"a new chat has version 0", newChat},
		{"a commit is loaded again", roundTrip},
		{"an update takes effect once", duplicate},
		{"the last 64 updates are remembered", remembered},
		{"a commit on an old version changes nothing", conflict},
		{"a taken case number is a conflict", takenNumber},
		{"a call repeated after a lost reply does no harm", repeatedCall},
		{"a call without one of its arguments changes nothing", missingArgument},
		{"messages that the sender has are not read again", knownMessages},
		{"messages leave in order and the lease ends with the last", order},
		{"a message that waits is not appended twice", sameMessage},
		{"a long queue is read in windows", longQueue},
		{"one of many writers gets the lease", oneLease},
		{"writers and senders lose and repeat nothing", busyChat},
		{"a dead sender is replaced", deadSender},
		{"a commit takes over from a dead sender", deadSenderCommit},
		{"an extended lease is not taken over", extended},
		{"the holder of a lease knows when it ends", leaseEnds},
		{"a failed message waits its time", retry},
		{"an undeliverable message becomes a dead letter", drop},
		{"dead letters are limited in number and age", letterLimits},
		{"leases run by the server's clock", serverClock},
		{"an erased person leaves nothing", erase},
		{"an erasure under a sender leaves it the farewell", eraseUnderSender},
		{"a case is found by its number", caseByNumber},
		{"notifications are taken once", notifications},
		{"a withdrawn case is told to those who know of it", withdrawal},
		{"a person withdraws their cases and talks on", withdrawOnly},
		{"what was posted of a case is found when it is withdrawn", postedFound},
		{"operators see which notifications wait, and why", waitingNotifications},
		{"a target that takes nothing is told once, and so that it does again", targetFails},
		{"a person is told once that their case is late", lateCase},
		{"a timer goes off in time, for one process", timer},
		{"a timer of a dead process comes back", timerComesBack},
		{"a commit replaces or removes the timer", timerReplaced},
		{"the chat id is kept as long as it is needed", chatIDKept},
		{"an unreadable timer does not hold up others", timerUnreadable},
		{"one process polls", pollLease},
		{"a chat that moved is remembered", chatMoved},
		{"messages are counted by all processes together", pacedTogether},
		{"operators see a chat without its content", inspect},
		{"a reset frees a stuck person", reset},
		{"a chat is found by reference and by case", findRef},
		{"operators see which chats wait", waitingChats},
		{"a question is kept, found and bounded", questionKept},
		{"a question is answered once", questionAnswered},
		{"an answer waits its turn behind what is being sent", answerBehindSender},
		{"a question without a chat leads to nobody", questionAlone},
		{"who withdraws takes back their questions", questionWithdrawn},
		{"one person opens a few cases and no more", casesBounded},
		{"an erasure does not lift the limit of what one person sends", allowanceKept},
		{"nothing in the clear links a question to a case", listsApart},
		{"lists of an earlier release are found", oldLists},
		{"ratings are counted and say nothing else", rated},
		{"every key has a time to live", timeToLive},
		{"nothing personal is in the clear", sealed},
		{"a value that was moved does not open", moved},
		{"another keyset, secret or layout is refused", refused},
		{"a rotation disturbs nobody", rotation},
		{"all is sealed anew and an old key retired", resealed},
		{"what changes meanwhile is not overwritten", resealedMeanwhile},
		{"a process with an old keyset is told of", resealedTooEarly},
		{"what cannot be opened is counted and stays", resealedUnreadable},
		{"an unreadable chat does not hold up others", unreadable},
		{"an export has all that is stored", export},
		{"an export names what cannot be read", exportWithoutKey},
		{"a key of a wrong type is the trouble of one chat", wrongTypes},
		{"round trips", roundTrips},
		{"scripts are loaded again after a restart", scriptsLost},
		{"ids may hold any sign", oddIDs},
		{"a store that takes writes is ready", takesWrites},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.flush(t)
			c.test(t, r)
		})
	}
}

const alice = bot.ChatID("telegram:4711")

func text(id, words string) bot.Message {
	return bot.Message{ID: id, Text: richtext.Text{{Text: words}}}
}

func state(answer string) flow.State {
	return flow.State{Schema: 1, Language: "uk", Vars: map[string]string{"words": answer}}
}

// commit commits on the version that is stored.
func commit(t *testing.T, s *Store, c bot.Commit) (bot.Lease, []bot.Queued) {
	t.Helper()
	if c.Chat == "" {
		c.Chat = alice
	}
	session, err := s.Load(t.Context(), c.Chat)
	if err != nil {
		t.Fatal(err)
	}
	c.Version = session.Version
	l, q, err := s.Commit(t.Context(), c)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return l, q
}

func ids(q []bot.Queued) string {
	var out []string
	for _, m := range q {
		out = append(out, m.ID)
	}
	return strings.Join(out, " ")
}

func wantIDs(t *testing.T, q []bot.Queued, want string) {
	t.Helper()
	if got := ids(q); got != want {
		t.Fatalf("messages %q, want %q", got, want)
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func sent(t *testing.T, s *Store, l bot.Lease, id string) []bot.Queued {
	t.Helper()
	q, err := s.Sent(t.Context(), l, id)
	if err != nil {
		t.Fatalf("sent %s: %v", id, err)
	}
	return q
}

func dueChats(t *testing.T, s *Store) []bot.Taken {
	t.Helper()
	taken, err := s.Due(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func claim(t *testing.T, s *Store) []bot.Notification {
	t.Helper()
	n, err := s.Notifications(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(n, func(a, b bot.Notification) int { return strings.Compare(a.ID, b.ID) })
	return n
}

func newChat(t *testing.T, r *rig) {
	got, err := r.open(t).Load(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bot.Session{}, got); diff != "" {
		t.Error(diff)
	}
}

func roundTrip(t *testing.T, r *rig) {
	s := r.open(t)
	l, q := commit(t, s, bot.Commit{Update: "u1", State: state("перше")})
	if l != (bot.Lease{}) || q != nil {
		t.Errorf("a commit without messages gave %v, %v", l, q)
	}
	message := bot.Message{
		ID: "m1", Text: richtext.Text{{Text: "fett", Bold: true}}, Buttons: [][]bot.Button{{{Label: "так", Data: "yes"}}},
		Mark: &bot.Mark{Message: "9", Label: "ні"}, File: []byte{0, 1, 255}, FileName: "a.json",
	}
	l, q = commit(t, s, bot.Commit{Update: "u2", State: state("друге"), Outbox: []bot.Message{message}})
	if l.Chat != alice || l.Token == "" {
		t.Errorf("lease %v", l)
	}
	want := []bot.Queued{{Message: message}}
	if diff := cmp.Diff(want, q); diff != "" {
		t.Error(diff)
	}
	got, err := r.open(t).Load(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bot.Session{State: state("друге"), Version: 2, Seen: []bot.UpdateID{"u1", "u2"}}, got); diff != "" {
		t.Error(diff)
	}
	// What another process reads from the outbox is the same message.
	r.advance(time.Minute)
	taken := dueChats(t, s)
	if len(taken) != 1 {
		t.Fatalf("due: %v", taken)
	}
	if diff := cmp.Diff(want, taken[0].Messages); diff != "" {
		t.Error(diff)
	}
}

func duplicate(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", State: state("a")})
	before := r.keys(t)
	_, _, err := s.Commit(t.Context(), bot.Commit{
		Chat: alice, Update: "u1", Version: 1, State: state("b"), Outbox: []bot.Message{text("m", "x")}, Cases: []bot.Case{{ID: "IQ-1"}},
	})
	wantErr(t, err, bot.ErrDuplicate)
	// A repetition that a slow process still runs on the old version is one as well.
	_, _, err = s.Commit(t.Context(), bot.Commit{Chat: alice, Update: "u1", Version: 0, State: state("b")})
	wantErr(t, err, bot.ErrDuplicate)
	if diff := cmp.Diff(before, r.keys(t)); diff != "" {
		t.Error(diff)
	}
	// An id that is a part of another is another.
	commit(t, s, bot.Commit{Update: "u", State: state("c")})
	commit(t, s, bot.Commit{Update: "1", State: state("d")})
	// The erasure is remembered, too.
	commit(t, s, bot.Commit{Update: "u9", Erase: true})
	_, _, err = s.Commit(t.Context(), bot.Commit{Chat: alice, Update: "u9", Version: 4, Erase: true})
	wantErr(t, err, bot.ErrDuplicate)
	// Without an id nothing is a repetition.
	commit(t, s, bot.Commit{State: state("e")})
	commit(t, s, bot.Commit{State: state("e")})
}

func remembered(t *testing.T, r *rig) {
	s := r.open(t)
	for i := range keptUpdates + 1 {
		c := bot.Commit{Chat: alice, Update: bot.UpdateID(fmt.Sprint("u", i)), Version: int64(i), State: state("x")}
		if _, _, err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	session, err := s.Load(t.Context(), alice)
	if err != nil || len(session.Seen) != keptUpdates || session.Seen[0] != "u1" || session.Seen[keptUpdates-1] != "u64" {
		t.Fatalf("seen %v, %v", session.Seen, err)
	}
	_, _, err = s.Commit(t.Context(), bot.Commit{Chat: alice, Update: "u1", Version: keptUpdates + 1, State: state("x")})
	wantErr(t, err, bot.ErrDuplicate)
	commit(t, s, bot.Commit{Update: "u0", State: state("forgotten")})
}

func conflict(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", State: state("a")})
	before := r.keys(t)
	for _, version := range []int64{0, 2, -1} {
		_, _, err := s.Commit(t.Context(), bot.Commit{
			Chat: alice, Update: "u2", Version: version, State: state("b"), Outbox: []bot.Message{text("m", "x")}, Cases: []bot.Case{{ID: "IQ-1"}},
		})
		wantErr(t, err, bot.ErrVersionConflict)
	}
	if diff := cmp.Diff(before, r.keys(t)); diff != "" {
		t.Error(diff)
	}
}

func takenNumber(t *testing.T, r *rig) {
	s := r.open(t)
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{{ID: "IQ-1", Chat: alice, Words: "first"}}})
	before := r.keys(t)
	_, _, err := s.Commit(t.Context(), bot.Commit{Chat: alice, Update: "u2", Version: 1, Cases: []bot.Case{{ID: "IQ-1", Chat: alice, Words: "second"}}})
	wantErr(t, err, bot.ErrVersionConflict)
	if diff := cmp.Diff(before, r.keys(t)); diff != "" {
		t.Error(diff)
	}
	for _, id := range []bot.CaseID{"", "a/b"} {
		if _, _, err := s.Commit(t.Context(), bot.Commit{Chat: alice, Version: 1, Cases: []bot.Case{{ID: id}}}); err == nil {
			t.Errorf("the case number %q was taken", id)
		}
	}
}

// knownMessages are not read again, but only those that wait in truth count.
func knownMessages(t *testing.T, r *rig) {
	s := r.open(t)
	l, q := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a"), text("m 2", "b"), text("m3", "c")}})
	commit(t, s, bot.Commit{Update: "u2", Version: 1, Outbox: []bot.Message{text("m4", "d")}})
	want := []bot.Queued{q[1], q[2], {Message: text("m4", "d")}}
	// What is known wrongly shows where a message comes from.
	known := bot.Queued{Message: text("m 2", "known")}
	for _, c := range []struct {
		known []bot.Queued
		first string
	}{
		{nil, "b"}, {q[1:], "b"}, {[]bot.Queued{known, {Message: text("gone", "x")}}, "known"},
	} {
		got, err := s.Sent(t.Context(), l, "m1", c.known...)
		if err != nil {
			t.Fatal(err)
		}
		want[0].Message = text("m 2", c.first)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with %d known: %s", len(c.known), diff)
		}
	}
}

// missingArgument leaves out each argument of a commit that opens a case, in turn.
func missingArgument(t *testing.T, r *rig) {
	s := r.open(t)
	p := s.place(alice)
	args, err := s.commitArgs(p, bot.Lease{Chat: alice, Token: s.token()}, bot.Commit{
		Chat: alice, Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "a")}, Timer: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(args); i += 2 {
		if args[i] == "message" || args[i] == "target" {
			continue // any number, so none too
		}
		_, err := s.run(t.Context(), "commit", commitScript, s.commitKeys(p), slices.Concat(args[:i], args[i+2:])...)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint("no argument is called ", args[i])) {
			t.Errorf("without %v: %v", args[i], err)
		}
		if session, err := s.Load(t.Context(), alice); err != nil || session.Version != 0 {
			t.Fatalf("without %v the dialogue is %v, %v", args[i], session, err)
		}
	}
}

// repeatedCall plays a client that lost the reply and sends the same script again.
func repeatedCall(t *testing.T, r *rig) {
	s := r.open(t)
	p := s.place(alice)
	l := bot.Lease{Chat: alice, Token: s.token()}
	args, err := s.commitArgs(p, l, bot.Commit{Chat: alice, Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "a"), text("m2", "b")}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{0, 2} { // the second time the messages are read back
		v, err := s.run(t.Context(), "commit", commitScript, s.commitKeys(p), args...)
		if got := asReply(v); err != nil || got.text(0) != "ok" || got.number(1) != 1 || len(got.list(3)) != want {
			t.Fatalf("call %d: %v, %v", i+1, v, err)
		}
	}
	sent(t, s, l, "m1")
	wantIDs(t, sent(t, s, l, "m1"), "m2")
	if err := s.Retry(t.Context(), l, "m2", time.Second); err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.Retry(t.Context(), l, "m2", time.Second), bot.ErrLeaseLost)
	r.advance(time.Second)
	taken := dueChats(t, s)
	if len(taken) != 1 || taken[0].Messages[0].Attempts != 1 {
		t.Fatalf("due: %v", taken)
	}
	sent(t, s, taken[0].Lease, "m2")
	_, err = s.Sent(t.Context(), taken[0].Lease, "m2")
	wantErr(t, err, bot.ErrLeaseLost)
}

func order(t *testing.T, r *rig) {
	s := r.open(t)
	l, q := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a"), text("m2", "b")}})
	wantIDs(t, q, "m1 m2")
	other, q := commit(t, r.open(t), bot.Commit{Update: "u2", Outbox: []bot.Message{text("m3", "c")}})
	if other != (bot.Lease{}) || q != nil {
		t.Fatalf("a second lease: %v %v", other, q)
	}
	wantIDs(t, sent(t, s, l, "m1"), "m2 m3")
	wantIDs(t, sent(t, s, l, "m2"), "m3")
	wantIDs(t, sent(t, s, l, "m3"), "")
	_, err := s.Sent(t.Context(), l, "m3")
	wantErr(t, err, bot.ErrLeaseLost)
	r.advance(time.Hour)
	if taken := dueChats(t, s); len(taken) != 0 {
		t.Errorf("due although all is sent: %v", taken)
	}
	next, q := commit(t, s, bot.Commit{Update: "u3", Outbox: []bot.Message{text("m4", "d")}})
	if next == (bot.Lease{}) || next.Token == l.Token {
		t.Errorf("lease %v after %v", next, l)
	}
	wantIDs(t, q, "m4")
}

func sameMessage(t *testing.T, r *rig) {
	s := r.open(t)
	l, q := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a"), text("m1", "a"), text("m2", "b")}})
	wantIDs(t, q, "m1 m2")
	commit(t, s, bot.Commit{Update: "u2", Outbox: []bot.Message{text("m2", "b"), text("m3", "c")}})
	wantIDs(t, sent(t, s, l, "m1"), "m2 m3")
}

func longQueue(t *testing.T, r *rig) {
	s := r.open(t)
	var messages []bot.Message
	for i := range window + 4 {
		messages = append(messages, text(fmt.Sprint("m", i), "x"))
	}
	commit(t, s, bot.Commit{Update: "u1", Outbox: messages})
	r.advance(time.Minute)
	taken := dueChats(t, s)
	if len(taken) != 1 || len(taken[0].Messages) != window {
		t.Fatalf("due: %v", taken)
	}
	q := taken[0].Messages
	for i := range messages {
		if len(q) == 0 || q[0].ID != messages[i].ID {
			t.Fatalf("message %d: %v", i, ids(q))
		}
		q = sent(t, s, taken[0].Lease, q[0].ID)
	}
	if len(q) != 0 {
		t.Errorf("left over: %v", ids(q))
	}
}

// commitLatest commits c on whatever version is there, as the engine does.
func commitLatest(ctx context.Context, s *Store, c bot.Commit) (bot.Lease, []bot.Queued, error) {
	for {
		session, err := s.Load(ctx, c.Chat)
		if err != nil {
			return bot.Lease{}, nil, err
		}
		c.Version = session.Version
		l, q, err := s.Commit(ctx, c)
		if !errors.Is(err, bot.ErrVersionConflict) {
			return l, q, err
		}
	}
}

func oneLease(t *testing.T, r *rig) {
	stores := []*Store{r.open(t), r.open(t)}
	const writers = 12
	var leases atomic.Int64
	var held bot.Lease
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			l, _, err := commitLatest(t.Context(), stores[i%2], bot.Commit{
				Chat: alice, Update: bot.UpdateID(fmt.Sprint("u", i)), Outbox: []bot.Message{text(fmt.Sprint("m", i), "x")},
			})
			if err != nil {
				t.Error(err)
			}
			if l != (bot.Lease{}) && leases.Add(1) == 1 {
				held = l
			}
		})
	}
	wg.Wait()
	if leases.Load() != 1 {
		t.Fatalf("%d leases", leases.Load())
	}
	session, err := stores[0].Load(t.Context(), alice)
	if err != nil || session.Version != writers {
		t.Fatalf("version %d, %v", session.Version, err)
	}
	// The messages wait in the order in which the updates took effect.
	q, err := stores[1].Sent(t.Context(), held, "none")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range q {
		if want := strings.Replace(string(session.Seen[i]), "u", "m", 1); m.ID != want {
			t.Errorf("message %d is %s, want %s", i, m.ID, want)
		}
	}
}

// busyChat has writers in two stores, and whoever gets the lease sends until
// nothing is left. A wake-up that is lost would leave messages behind.
func busyChat(t *testing.T, r *rig) {
	stores := []*Store{r.open(t), r.open(t)}
	const writers, each = 6, 8
	var sending atomic.Int32
	var mu sync.Mutex
	var delivered []string
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			s := stores[w%2]
			for i := range each {
				id := fmt.Sprint(w, ".", i)
				l, q, err := commitLatest(t.Context(), s, bot.Commit{Chat: alice, Update: bot.UpdateID(id), Outbox: []bot.Message{text(id, "x")}})
				if err != nil {
					t.Error(err)
					return
				}
				if l == (bot.Lease{}) {
					continue
				}
				for len(q) > 0 {
					if sending.Add(1) != 1 {
						t.Error("two send at once")
					}
					mu.Lock()
					delivered = append(delivered, q[0].ID)
					mu.Unlock()
					sending.Add(-1)
					if q, err = s.Sent(t.Context(), l, q[0].ID); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	session, err := stores[0].Load(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, u := range session.Seen {
		want = append(want, string(u))
	}
	if len(want) != writers*each {
		t.Fatalf("%d updates", len(want))
	}
	if diff := cmp.Diff(want, delivered); diff != "" {
		t.Error(diff)
	}
}

func deadSender(t *testing.T, r *rig) {
	s, other := r.open(t), r.open(t)
	old, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a"), text("m2", "b")}})
	r.advance(29 * time.Second)
	if taken := dueChats(t, other); len(taken) != 0 {
		t.Fatalf("taken over from a living sender: %v", taken)
	}
	r.advance(time.Second)
	taken := dueChats(t, other)
	if len(taken) != 1 || taken[0].Lease.Chat != alice || taken[0].Messages[0].Attempts != 0 {
		t.Fatalf("due: %v", taken)
	}
	wantIDs(t, taken[0].Messages, "m1 m2")
	if again := dueChats(t, s); len(again) != 0 {
		t.Errorf("taken over twice: %v", again)
	}
	ctx := t.Context()
	_, err := s.Sent(ctx, old, "m1")
	wantErr(t, err, bot.ErrLeaseLost)
	_, err = s.Drop(ctx, old, "m1", bot.SendBlocked)
	wantErr(t, err, bot.ErrLeaseLost)
	wantErr(t, s.Retry(ctx, old, "m1", 0), bot.ErrLeaseLost)
	_, err = s.Hold(ctx, old, longer)
	wantErr(t, err, bot.ErrLeaseLost)
	wantErr(t, s.Retry(ctx, old, "", 0), bot.ErrLeaseLost)
	wantIDs(t, sent(t, other, taken[0].Lease, "m1"), "m2")
	if err := other.Retry(ctx, taken[0].Lease, "", 0); err != nil {
		t.Fatal(err)
	}
	taken = dueChats(t, s)
	if len(taken) != 1 || taken[0].Messages[0].Attempts != 0 {
		t.Fatalf("due after a lease was given back: %v", taken)
	}
	wantIDs(t, taken[0].Messages, "m2")
}

func deadSenderCommit(t *testing.T, r *rig) {
	s := r.open(t)
	old, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	if err := s.Retry(t.Context(), old, "m1", time.Second); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Second)
	l, q := commit(t, s, bot.Commit{Update: "u2", Outbox: []bot.Message{text("m2", "b")}})
	wantIDs(t, q, "m1 m2")
	if l == (bot.Lease{}) || q[0].Attempts != 1 || q[1].Attempts != 0 {
		t.Errorf("lease %v, messages %v", l, q)
	}
	r.advance(time.Minute)
	if l, _ := commit(t, s, bot.Commit{Update: "u3"}); l != (bot.Lease{}) {
		t.Error("a commit without messages took the lease")
	}
}

// longer is for how long a lease is not certain yet.
const longer = time.Hour

func extended(t *testing.T, r *rig) {
	s := r.open(t)
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	r.advance(20 * time.Second)
	if _, err := s.Hold(t.Context(), l, longer); err != nil {
		t.Fatal(err)
	}
	r.advance(20 * time.Second)
	if taken := dueChats(t, s); len(taken) != 0 {
		t.Errorf("taken over: %v", taken)
	}
	r.advance(10 * time.Second)
	if taken := dueChats(t, s); len(taken) != 1 {
		t.Errorf("not taken over: %v", taken)
	}
}

// The holder knows until when a lease is its own, in whichever way it got it: by
// its own clock, and never longer than it is.
func leaseEnds(t *testing.T, r *rig) {
	s, ctx := r.open(t), t.Context()
	within := func(what string, before, until time.Time) {
		t.Helper()
		if from := until.Add(-s.o.LeaseTTL); from.Before(before) || from.After(time.Now()) {
			t.Errorf("%s: the lease is reckoned from %s, the call was from %s on", what, from, before)
		}
	}
	before := time.Now()
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}, Cases: []bot.Case{{ID: "IQ-1", Chat: alice}}})
	within("commit", before, l.Until)
	before = time.Now()
	l, err := s.Hold(ctx, l, longer)
	if err != nil {
		t.Fatal(err)
	}
	within("hold", before, l.Until)
	r.advance(time.Minute)
	before = time.Now()
	taken := dueChats(t, s)
	if len(taken) != 1 {
		t.Fatalf("due: %v", taken)
	}
	within("take over", before, taken[0].Lease.Until)
	before = time.Now()
	told, err := s.Notifications(ctx, 10)
	if err != nil || len(told) == 0 {
		t.Fatalf("notifications: %v, %v", told, err)
	}
	within("notification", before, told[0].Until)
}

// withoutEnd compares notifications but for the end of their lease.
var withoutEnd = cmpopts.IgnoreFields(bot.Notification{}, "Until")

func retry(t *testing.T, r *rig) {
	s := r.open(t)
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	if err := s.Retry(t.Context(), l, "m1", time.Minute); err != nil {
		t.Fatal(err)
	}
	if l, q := commit(t, s, bot.Commit{Update: "u2", Outbox: []bot.Message{text("m2", "b")}}); l != (bot.Lease{}) || q != nil {
		t.Fatalf("a commit did not wait: %v %v", l, q)
	}
	r.advance(time.Minute - time.Millisecond)
	if taken := dueChats(t, s); len(taken) != 0 {
		t.Fatalf("too early: %v", taken)
	}
	r.advance(time.Millisecond)
	taken := dueChats(t, s)
	if len(taken) != 1 || taken[0].Messages[0].Attempts != 1 {
		t.Fatalf("due: %v", taken)
	}
	q := sent(t, s, taken[0].Lease, "m1")
	wantIDs(t, q, "m2")
	if q[0].Attempts != 0 {
		t.Error("the failures of the first message stick to the second")
	}
	r.advance(time.Minute) // the next sender is told the same
	if taken = dueChats(t, s); len(taken) != 1 || taken[0].Messages[0].Attempts != 0 {
		t.Errorf("the failures of the first message stick to the second: %v", taken)
	}
	// Nor do they stick to what follows an erasure, however it is read.
	if err := s.Retry(t.Context(), taken[0].Lease, "m2", 0); err != nil {
		t.Fatal(err)
	}
	bye := text("bye", "bye")
	_, q = commit(t, s, bot.Commit{Update: "u3", Erase: true, Outbox: []bot.Message{bye, bye}})
	if len(q) != 1 || q[0].Attempts != 0 {
		t.Errorf("after the erasure: %v", q)
	}
	r.advance(time.Minute)
	if taken = dueChats(t, s); len(taken) != 1 || taken[0].Messages[0].Attempts != 0 {
		t.Errorf("after the erasure: %v", taken)
	}
}

func drop(t *testing.T, r *rig) {
	s := r.open(t)
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "secret words"), text("m2", "b")}})
	q, err := s.Drop(t.Context(), l, "m1", bot.SendBlocked)
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, q, "m2")
	r.advance(time.Second)
	if q, err = s.Drop(t.Context(), l, "m2", bot.SendRefused); err != nil || len(q) != 0 {
		t.Fatal(q, err)
	}
	_, err = s.Sent(t.Context(), l, "m2")
	wantErr(t, err, bot.ErrLeaseLost)

	got, err := s.DeadLetters(t.Context(), 10)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if d := got[0]; d.Chat != alice || d.Message != "m2" || d.Reason != bot.SendRefused || d.Ref != s.Ref(alice) || d.At.UnixMilli() != r.clock.Load() {
		t.Errorf("dead letter %+v", d)
	}
	if got, err := s.DeadLetters(t.Context(), 1); err != nil || len(got) != 1 || got[0].Message != "m2" {
		t.Errorf("the newest: %v, %v", got, err)
	}
	for range 2 {
		if err := s.DeleteDeadLetters(t.Context(), got[0], got[0]); err != nil {
			t.Fatal(err)
		}
	}
	if got, err = s.DeadLetters(t.Context(), 10); err != nil || len(got) != 1 || got[0].Message != "m1" {
		t.Errorf("after the deletion: %v, %v", got, err)
	}
}

func letterLimits(t *testing.T, r *rig) {
	s := r.open(t)
	p := s.place(alice)
	key := shardKey(p.shard, letters)
	var full []redis.Z
	for i := range keptLetters {
		full = append(full, redis.Z{Score: float64(r.clock.Load()), Member: fmt.Sprintf("x %05d blocked y", i)})
	}
	if err := r.db.ZAdd(t.Context(), key, full...).Err(); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Millisecond)
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	if _, err := s.Drop(t.Context(), l, "m1", bot.SendBlocked); err != nil {
		t.Fatal(err)
	}
	if n := r.db.ZCard(t.Context(), key).Val(); n != keptLetters {
		t.Errorf("%d letters", n)
	}
	got, err := s.DeadLetters(t.Context(), keptLetters+1)
	if err != nil || len(got) != keptLetters || got[0].Message != "m1" || got[keptLetters-1].Message != "00001" {
		t.Errorf("%d letters, %v", len(got), err)
	}
	r.advance(letterTTL)
	l, _ = commit(t, s, bot.Commit{Update: "u2", Outbox: []bot.Message{text("m2", "a")}})
	if _, err := s.Drop(t.Context(), l, "m2", bot.SendBlocked); err != nil {
		t.Fatal(err)
	}
	if got, err = s.DeadLetters(t.Context(), 10); err != nil || len(got) != 1 || got[0].Message != "m2" {
		t.Errorf("after 30 days: %v, %v", got, err)
	}
}

func serverClock(t *testing.T, r *rig) {
	s := r.open(t, func(o *Options) { o.Now, o.LeaseTTL = nil, 300*time.Millisecond })
	start := time.Now()
	commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}, Cases: []bot.Case{{ID: "IQ-1", Chat: alice}}})
	if n := claim(t, s); len(n) != 2 {
		t.Fatalf("notifications: %v", n)
	}
	for len(dueChats(t, s)) == 0 {
		if time.Since(start) > patience {
			t.Fatal("the lease does not end")
		}
	}
	if d := time.Since(start); d < 200*time.Millisecond {
		t.Errorf("the lease ended after %v", d)
	}
}

func aCase(id bot.CaseID, chat bot.ChatID) bot.Case {
	return bot.Case{
		ID: id, Chat: chat, Opened: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Language: "uk", Topic: "costs", Place: "Koblenz",
		Words: "моя історія", Reach: "phone", Address: "+49 261 000", Consent: "2026-01",
	}
}

func erase(t *testing.T, r *rig) {
	s := r.open(t, func(o *Options) { o.Sealer = Plain{} }) // whatever is left is in the clear
	ctx := t.Context()
	const bob = bot.ChatID("telegram:99")
	l, _ := commit(t, s, bot.Commit{Update: "u1", State: state("мої слова"), Outbox: []bot.Message{text("m1", "на добраніч"), text("m2", "b")}})
	if _, err := s.Drop(ctx, l, "m1", bot.SendRefused); err != nil {
		t.Fatal(err)
	}
	commit(t, s, bot.Commit{Update: "u2", State: state("мої слова"), Cases: []bot.Case{aCase("IQ-1", alice)}, Questions: []bot.Question{aQuestion("Q-71", alice), aQuestion("Q-73", "")}, Timer: time.Hour})
	commit(t, s, bot.Commit{Chat: bob, Update: "u1", State: state("bob's"), Timer: time.Hour, Outbox: []bot.Message{text("m1", "bob's")}, Cases: []bot.Case{aCase("IQ-2", bob)}, Questions: []bot.Question{aQuestion("Q-2", bob)}})
	claim(t, s)
	others := r.keys(t)
	commit(t, s, bot.Commit{Update: "u3", Erase: true, Timer: time.Hour})

	all := r.keys(t)
	ref, bobs := s.Ref(alice), s.Ref(bob)
	of := s.lists(s.place(alice))
	if all[of.opened] != "1" {
		t.Errorf("%q cases of the day are counted on", all[of.opened])
	}
	for key, value := range all {
		if key == of.numbers || key == of.asked {
			t.Errorf("left of the chat: %s = %s", key, value)
		}
		if strings.Contains(key, ref) {
			if !strings.Contains(key, "}:c:") || value != "map[u: u1 u2 u3 v:3]" {
				t.Errorf("left of the chat: %s = %s", key, value)
			}
			continue
		}
		if strings.Contains(key, bobs) || strings.Contains(key, "IQ-2") {
			if others[key] != value {
				t.Errorf("another chat's %s was changed", key)
			}
			continue
		}
		for _, personal := range []string{string(alice), "4711", "слова", "історія", "добраніч", "+49", ref, "Koblenz", "Q-71", "Q-73"} {
			if strings.Contains(value, personal) {
				t.Errorf("%q is still in %s = %s", personal, key, value)
			}
		}
	}
	for key := range others {
		if _, ok := all[key]; !ok && strings.Contains(key, bobs) {
			t.Errorf("another chat's %s is gone", key)
		}
	}
	r.advance(time.Hour)
	if due := ring(t, s); len(due) != 1 || due[0].Chat != bob {
		t.Errorf("timers after the erasure: %v", due)
	}
	wantErr(t, s.Retry(ctx, l, "m2", 0), bot.ErrLeaseLost)
	_, err := s.Hold(ctx, l, longer)
	wantErr(t, err, bot.ErrLeaseLost)
	if list, _, err := s.Questions(ctx, 10); err != nil || len(list) != 1 || list[0].ID != "Q-2" {
		t.Errorf("questions: %v, %v", list, err)
	}
	if _, err := s.Case(ctx, "IQ-1"); !errors.Is(err, ErrNoCase) {
		t.Errorf("the case: %v", err)
	}
	session, err := s.Load(ctx, alice)
	if err != nil || session.Version != 3 || !cmp.Equal(session.State, flow.State{}) {
		t.Errorf("loaded %+v, %v", session, err)
	}
	// The person begins again, and the record lives as long as a dialogue again.
	lease, q := commit(t, s, bot.Commit{Update: "u4", State: state("neu"), Outbox: []bot.Message{text("m9", "x")}})
	if lease == (bot.Lease{}) {
		t.Error("no lease after an erasure")
	}
	wantIDs(t, q, "m9")
}

func eraseUnderSender(t *testing.T, r *rig) {
	s := r.open(t)
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a"), text("m2", "b")}})
	if l2, _ := commit(t, s, bot.Commit{Update: "u2", Erase: true, Outbox: []bot.Message{text("bye", "bye")}}); l2 != (bot.Lease{}) {
		t.Fatal("two senders")
	}
	wantIDs(t, sent(t, s, l, "m1"), "bye") // m1 was on its way when the outbox was erased
	wantIDs(t, sent(t, s, l, "bye"), "")
	for key, value := range r.keys(t) {
		if strings.Contains(key, s.Ref(alice)) && value != "map[u: u1 u2 v:2]" {
			t.Errorf("left: %s = %s", key, value)
		}
	}
}

func caseByNumber(t *testing.T, r *rig) {
	s := r.open(t)
	want := aCase("IQ-1", alice)
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{want, aCase("IQ-2", alice)}})
	got, err := s.Case(t.Context(), "IQ-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = s.Case(t.Context(), "IQ-3")
	wantErr(t, err, ErrNoCase)
	for i := 0; ; i++ { // the same number in another shard
		chat := bot.ChatID(fmt.Sprint("telegram:", i))
		if s.place(chat).shard != s.place(alice).shard {
			commit(t, s, bot.Commit{Chat: chat, Update: "u1", Cases: []bot.Case{aCase("IQ-1", chat)}})
			break
		}
	}
	_, err = s.Case(t.Context(), "IQ-1")
	wantErr(t, err, ErrManyCases)
}

func notifications(t *testing.T, r *rig) {
	s, other := r.open(t), r.open(t)
	ctx := t.Context()
	if n := claim(t, s); len(n) != 0 {
		t.Fatalf("from nothing: %v", n)
	}
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{aCase("IQ-1", alice)}})
	var mu sync.Mutex
	var got []bot.Notification
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			n, err := []*Store{s, other}[i%2].Notifications(ctx, 10)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			got = append(got, n...)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.SortFunc(got, func(a, b bot.Notification) int { return strings.Compare(a.ID, b.ID) })
	want := []bot.Notification{
		{ID: "IQ-1/group", Target: "group", Case: aCase("IQ-1", alice)},
		{ID: "IQ-1/mail", Target: "mail", Case: aCase("IQ-1", alice)},
	}
	if diff := cmp.Diff(want, got, withoutEnd); diff != "" {
		t.Fatal(diff)
	}
	if err := s.Notified(ctx, got[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Postpone(ctx, got[1], time.Hour, bot.SendFailed); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Hour - time.Millisecond)
	if n := claim(t, other); len(n) != 0 {
		t.Fatalf("too early: %v", n)
	}
	r.advance(time.Millisecond)
	n := claim(t, other)
	if len(n) != 1 || n[0].ID != "IQ-1/mail" || n[0].Attempts != 1 {
		t.Fatalf("postponed: %v", n)
	}
	r.advance(30 * time.Second) // the process dies
	if n = claim(t, s); len(n) != 1 || n[0].Attempts != 2 {
		t.Fatalf("from a dead process: %v", n)
	}
	if err := s.Notified(ctx, n[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Postpone(ctx, n[0], 0, bot.SendFailed); err != nil { // the dead process was alive after all
		t.Fatal(err)
	}
	r.advance(time.Hour)
	if n := claim(t, s); len(n) != 0 {
		t.Errorf("ended, but still there: %v", n)
	}
	if n, err := s.Notifications(ctx, 0); err != nil || n != nil {
		t.Error(n, err)
	}
}

func withdrawal(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	// Nobody has heard of the first case yet. It is gone without a trace.
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{aCase("IQ-0", alice)}})
	commit(t, s, bot.Commit{Update: "u2", Erase: true})
	if n := claim(t, s); len(n) != 0 {
		t.Fatalf("told of nothing: %v", n)
	}
	for key := range r.keys(t) {
		if strings.Contains(key, "IQ-0") {
			t.Errorf("left: %s", key)
		}
	}
	// The second has reached the group, and is on its way to the mailbox.
	commit(t, s, bot.Commit{Update: "u3", Cases: []bot.Case{aCase("IQ-1", alice)}})
	open := claim(t, s)
	if err := s.Notified(ctx, open[0]); err != nil {
		t.Fatal(err)
	}
	commit(t, s, bot.Commit{Update: "u4", Erase: true})
	shard := s.place(alice).shard
	want := []bot.Notification{{ID: fmt.Sprintf("IQ-1/group/withdrawn#%d", shard), Target: "group", Case: bot.Case{ID: "IQ-1"}, Withdrawn: true}}
	got := claim(t, s)
	if diff := cmp.Diff(want, got, withoutEnd); diff != "" {
		t.Fatal(diff)
	}
	if err := s.Notified(ctx, got[0]); err != nil {
		t.Fatal(err)
	}
	// The sender of the first mail knows nothing of it and ends its own notification.
	if err := s.Notified(ctx, open[1]); err != nil {
		t.Fatal(err)
	}
	if err := s.Postpone(ctx, open[1], 24*time.Hour, bot.SendFailed); err != nil {
		t.Fatal(err)
	}
	r.advance(30 * time.Second)
	got = claim(t, s)
	want[0].ID, want[0].Target = fmt.Sprintf("IQ-1/mail/withdrawn#%d", shard), "mail"
	if diff := cmp.Diff(want, got, withoutEnd); diff != "" {
		t.Fatal(diff)
	}
	if err := s.Postpone(ctx, got[0], time.Minute, bot.SendFailed); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Minute)
	if got = claim(t, s); len(got) != 1 || got[0].Attempts != 1 {
		t.Fatalf("postponed: %v", got)
	}
	if err := s.Notified(ctx, got[0]); err != nil {
		t.Fatal(err)
	}
	for key, value := range r.keys(t) {
		if strings.Contains(key+value, "IQ-1") {
			t.Errorf("left: %s = %s", key, value)
		}
	}
	if err := s.Notified(ctx, bot.Notification{ID: "x", Withdrawn: true}); err == nil {
		t.Error("a withdrawal of nobody was ended")
	}
}

func pollLease(t *testing.T, r *rig) {
	a, b := r.open(t), r.open(t)
	ctx := t.Context()
	first, err := a.Acquire(ctx, "telegram", time.Minute)
	if err != nil || first.Fence != 1 {
		t.Fatal(first, err)
	}
	for _, s := range []*Store{a, b} {
		_, err = s.Acquire(ctx, "telegram", time.Minute)
		wantErr(t, err, ErrHeld)
	}
	if _, err := b.Acquire(ctx, "another", time.Minute); err != nil {
		t.Fatal(err)
	}
	r.advance(40 * time.Second)
	if err := a.Renew(ctx, first, time.Minute); err != nil {
		t.Fatal(err)
	}
	r.advance(40 * time.Second)
	_, err = b.Acquire(ctx, "telegram", time.Minute)
	wantErr(t, err, ErrHeld)
	r.advance(20 * time.Second)
	second, err := b.Acquire(ctx, "telegram", time.Minute)
	if err != nil || second.Fence != 2 {
		t.Fatal(second, err)
	}
	wantErr(t, a.Renew(ctx, first, time.Minute), bot.ErrLeaseLost)
	if err := a.Release(ctx, first); err != nil { // too late, and harmless
		t.Fatal(err)
	}
	_, err = a.Acquire(ctx, "telegram", time.Minute)
	wantErr(t, err, ErrHeld)
	if err := b.Release(ctx, second); err != nil {
		t.Fatal(err)
	}
	third, err := a.Acquire(ctx, "telegram", time.Minute)
	if err != nil || third.Fence != 3 {
		t.Fatal(third, err)
	}
	// One of many that start at once.
	var wg sync.WaitGroup
	var won atomic.Int32
	for i := range 8 {
		wg.Go(func() {
			if _, err := []*Store{a, b}[i%2].Acquire(ctx, "race", time.Minute); err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d hold one lease", won.Load())
	}
}

// everything leaves something of each kind in the database.
func everything(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	l, _ := commit(t, s, bot.Commit{
		Update: "u1", State: state("мої слова"), Outbox: []bot.Message{text("m1", "на добраніч"), text("m2", "на добраніч")}, Cases: []bot.Case{aCase("IQ-1", alice)},
		Questions: []bot.Question{aQuestion("Q-1", alice)}, Ratings: []bot.Rating{{Topic: "costs", Language: "uk", Helpful: true}},
		Timer: time.Hour,
	})
	if _, err := s.Drop(ctx, l, "m1", bot.SendRefused); err != nil {
		t.Fatal(err)
	}
	if err := s.Retry(ctx, l, "m2", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acquire(ctx, "poll", time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.SetMoved(ctx, alice, "telegram:-1004711"); err != nil {
		t.Fatal(err)
	}
	if err := s.Posted(ctx, bot.Notification{Target: "group", Case: aCase("IQ-1", alice)}, bot.Posting{Chat: "telegram:-1004711", Message: "7"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Failed(ctx, "group", bot.SendBlocked, time.Minute); err != nil {
		t.Fatal(err)
	}
}

func timeToLive(t *testing.T, r *rig) {
	s := r.open(t)
	everything(t, s)
	const day = 24 * time.Hour
	check := func(want map[string]time.Duration) {
		t.Helper()
		seen := map[string]bool{}
		for key := range r.keys(t) {
			ttl := r.db.PTTL(t.Context(), key).Val()
			if key == metaKey {
				if ttl >= 0 {
					t.Errorf("%s lives %v", key, ttl)
				}
				continue
			}
			_, kind, _ := strings.Cut(key, "}:")
			kind, _, _ = strings.Cut(kind, ":")
			seen[kind] = true
			within := time.Minute
			if kind == "q" {
				within = time.Hour // in which it was kept
			}
			if limit, ok := want[kind]; ok && (ttl > limit || ttl < limit-within) || ttl <= 0 {
				t.Errorf("%s lives %v, want %v", key, ttl, limit)
			}
		}
		for kind := range want {
			if !seen[kind] {
				t.Errorf("no key of kind %q", kind)
			}
		}
	}
	check(map[string]time.Duration{
		"q": 180 * day, "qs": 180 * day, "qc": 180 * day, "r": 365 * day, "c": 90 * day, "o": 90 * day, "due": 90 * day, "t": 90 * day, "m": 365 * day, "k": 180 * day, "l": 180 * day, "lo": day, "n": 180 * day, "d": 30 * day, "poll": 90 * day, "ping": time.Minute,
	})
	claim(t, s)
	commit(t, s, bot.Commit{Update: "u2", Erase: true, Outbox: []bot.Message{text("bye", "bye")}})
	check(map[string]time.Duration{"c": 2 * day, "o": 2 * day, "k": 30 * day, "n": 180 * day, "lo": day})
	// Short lives are kept to as well, and what lists others outlives them.
	r.flush(t)
	s = r.open(t, func(o *Options) { o.StateTTL, o.CaseTTL, o.QuestionTTL = time.Hour, 2*time.Hour, 3*time.Hour })
	everything(t, s)
	check(map[string]time.Duration{"q": 3 * time.Hour, "qs": 3 * time.Hour, "qc": 3 * time.Hour, "c": time.Hour, "o": time.Hour, "due": 2 * day, "t": 2 * day, "k": 2 * time.Hour, "l": 2 * time.Hour, "n": 30 * day})
}

func sealed(t *testing.T, r *rig) {
	s := r.open(t)
	everything(t, s)
	for key, value := range r.keys(t) {
		for _, personal := range []string{string(alice), "4711", "слова", "історія", "добраніч", "питання", "+49", "Koblenz", "2026-01", "uk"} {
			if strings.Contains(key, personal) || strings.Contains(strings.ToLower(value), personal) && len(personal) > 2 {
				t.Errorf("%q is in the clear in %s = %q", personal, key, value)
			}
		}
	}
}

func moved(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	commit(t, s, bot.Commit{Update: "u1", State: state("alice's"), Outbox: []bot.Message{text("m1", "first"), text("m2", "second")}})
	const bob = bot.ChatID("telegram:99")
	commit(t, s, bot.Commit{Chat: bob, Update: "u1", State: state("bob's")})
	from, to := s.place(alice).key(dialogue), s.place(bob).key(dialogue)
	if err := r.db.HSet(ctx, to, "s", r.db.HGet(ctx, from, "s").Val()).Err(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Load(ctx, bob)
	wantErr(t, err, bot.ErrUnreadable)
	// Within an outbox, too.
	key := s.place(alice).key(outbox)
	second := r.db.LIndex(ctx, key, 1).Val()
	if err := r.db.LSet(ctx, key, 0, strings.Replace(second, "m2", "m1", 1)).Err(); err != nil {
		t.Fatal(err)
	}
	e, err := s.Export(ctx, alice)
	if err != nil || len(e.Waiting) != 1 || !slices.Equal(e.Unreadable, []string{"a waiting message"}) {
		t.Errorf("export: %v, %q, %v", e.Waiting, e.Unreadable, err)
	}
}

// Whichever key of one chat is of a wrong type: that is told as this chat's
// trouble, and nobody else meets it.
func wrongTypes(t *testing.T, r *rig) {
	const bob = bot.ChatID("telegram:99")
	ctx := t.Context()
	put := func(key, kind string) error {
		if err := r.db.Del(ctx, key).Err(); err != nil {
			return err
		}
		if kind == "string" {
			return r.db.Set(ctx, key, "x", 0).Err()
		}
		return r.db.SAdd(ctx, key, "x").Err()
	}
	for kind, name := range map[string]string{dialogue: "string", outbox: "set", numbers: "string", asked: "string"} {
		t.Run(kind, func(t *testing.T) {
			r.flush(t)
			s := r.open(t, func(o *Options) { o.Shards = 1 })
			everything(t, s)
			commit(t, s, bot.Commit{Chat: bob, Update: "v1", State: state("x"), Outbox: []bot.Message{text("m1", "a")}, Cases: []bot.Case{aCase("IQ-9", bob)}, Timer: time.Minute})
			p := s.place(alice)
			key := map[string]string{dialogue: p.key(dialogue), outbox: p.key(outbox), numbers: s.lists(p).numbers, asked: s.lists(p).asked}[kind]
			if err := put(key, name); err != nil {
				t.Fatal(err)
			}
			session, err := s.Load(ctx, alice)
			if kind == dialogue {
				wantErr(t, err, bot.ErrUnusable)
			} else if err != nil {
				t.Fatal(err)
			}
			_, _, err = s.Commit(ctx, bot.Commit{Chat: alice, Version: session.Version, Update: "u9", State: state("x"), Outbox: []bot.Message{text("m9", "x")}, Withdraw: true})
			wantErr(t, err, bot.ErrUnusable)
			if kind != dialogue {
				if e, err := s.Export(ctx, alice); err != nil || len(e.Unreadable) != 1 {
					t.Errorf("export: %q, %v", e.Unreadable, err)
				}
			}
			r.advance(time.Hour)
			if taken := dueChats(t, s); !slices.ContainsFunc(taken, func(x bot.Taken) bool { return x.Lease.Chat == bob }) {
				t.Errorf("the other's messages wait: %v", taken)
			}
			if timers, err := s.Timers(ctx, 10); err != nil || !slices.ContainsFunc(timers, func(x bot.Timer) bool { return x.Chat == bob }) {
				t.Errorf("timers: %v, %v", timers, err)
			}
			if err := s.Reset(ctx, s.Ref(alice)); err != nil {
				t.Fatal(err)
			}
			commit(t, s, bot.Commit{Update: "u9", State: state("anew"), Outbox: []bot.Message{text("m9", "x")}, Withdraw: true})
		})
	}
	t.Run("a case", func(t *testing.T) {
		r.flush(t)
		s := r.open(t, func(o *Options) { o.Shards = 1 })
		everything(t, s)
		commit(t, s, bot.Commit{Chat: bob, Update: "v1", State: state("x"), Cases: []bot.Case{aCase("IQ-9", bob)}})
		if err := put(shardKey(0, caseOf+"IQ-1"), "string"); err != nil {
			t.Fatal(err)
		}
		if e, err := s.Export(ctx, alice); err != nil || !slices.Equal(e.Unreadable, []string{"case IQ-1"}) {
			t.Errorf("export: %q, %v", e.Unreadable, err)
		}
		if n := claim(t, s); len(n) != 2 {
			t.Errorf("notifications: %v", n)
		}
	})
	t.Run("what many share", func(t *testing.T) {
		r.flush(t)
		s := r.open(t, func(o *Options) { o.Shards = 1 })
		if err := put(shardKey(0, due), "string"); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Commit(ctx, bot.Commit{Chat: alice, Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "x")}})
		if err == nil || errors.Is(err, bot.ErrUnusable) {
			t.Errorf("%v: it is not this chat's trouble", err)
		}
	})
	t.Run("a version that is no number", func(t *testing.T) {
		r.flush(t)
		s := r.open(t)
		commit(t, s, bot.Commit{Update: "u1", State: state("x")})
		if err := r.db.HSet(ctx, s.place(alice).key(dialogue), "v", "many").Err(); err != nil {
			t.Fatal(err)
		}
		_, err := s.Load(ctx, alice)
		wantErr(t, err, bot.ErrUnusable)
		if err := s.Reset(ctx, s.Ref(alice)); err != nil {
			t.Fatal(err)
		}
		commit(t, s, bot.Commit{Update: "u2", State: state("anew")})
	})
}

// What an old key sealed stays in the store when the key is removed: who asks
// for an export gets the rest, and is told what is missing.
func exportWithoutKey(t *testing.T, r *rig) {
	s := r.open(t)
	everything(t, s)
	for _, k := range []struct{ key, field string }{
		{s.place(alice).key(dialogue), "s"}, {shardKey(s.place(alice).shard, caseOf+"IQ-1"), "c"},
	} {
		if err := r.db.HSet(t.Context(), k.key, k.field, "jsealed with a key that was removed").Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.db.Set(t.Context(), shardKey(s.place(alice).shard, questionOf+"Q-1"), "jsealed", 0).Err(); err != nil {
		t.Fatal(err)
	}
	e, err := s.Export(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a question", "case IQ-1", "dialogue"}; !slices.Equal(e.Unreadable, want) || len(e.Waiting) != 1 || len(e.Undelivered) != 1 {
		t.Errorf("%q cannot be read, want %q; %v wait, %v were not delivered", e.Unreadable, want, e.Waiting, e.Undelivered)
	}
}

func refused(t *testing.T, r *rig) {
	r.open(t)
	foreign, err := NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := LoadKeyset(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want   string
		change func(*Options)
	}{
		{"the store does not start: no key of the keyset opens the data", func(o *Options) { o.Sealer = sealer }},
		{"the store does not start: no key of the keyset opens the data", func(o *Options) { o.Sealer = Plain{} }},
		{"the store does not start: no sealer is set", func(o *Options) { o.Sealer = nil }},
		{"the store does not start: the data were stored with another hash secret", func(o *Options) { o.HashSecret = []byte("another secret!!") }},
		{"the store does not start: the hash secret has less than 16 bytes", func(o *Options) { o.HashSecret = []byte("short") }},
		{"the store does not start: the data are laid out in 64 shards, not in 32", func(o *Options) { o.Shards = 32 }},
		{"the store does not start: a number of shards or of cases, or a time to live is not positive", func(o *Options) { o.Shards = -1 }},
		{"the store does not start: a number of shards or of cases, or a time to live is not positive", func(o *Options) { o.CasesPerDay = -1 }},
	} {
		o := r.options()
		c.change(&o)
		s, err := Open(t.Context(), o)
		if !errors.Is(err, ErrRefused) || err.Error() != c.want {
			t.Errorf("error %q, want %q", err, c.want)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

func rotation(t *testing.T, r *rig) {
	load := func(keyset []byte) func(*Options) {
		sealer, err := LoadKeyset(keyset)
		if err != nil {
			t.Fatal(err)
		}
		return func(o *Options) { o.Sealer = sealer }
	}
	old := r.keyset
	rotated, err := Rotate(old)
	if err != nil {
		t.Fatal(err)
	}
	before := r.open(t, load(old))
	commit(t, before, bot.Commit{Update: "u1", State: state("old key"), Outbox: []bot.Message{text("m1", "x")}})
	after := r.open(t, load(rotated))
	if got, err := after.Load(t.Context(), alice); err != nil || got.State.Vars["words"] != "old key" {
		t.Fatal(got, err)
	}
	key := after.place(alice).key(dialogue)
	was := r.db.HGet(t.Context(), key, "s").Val()
	commit(t, after, bot.Commit{Update: "u2", State: state("new key")})
	// Tink puts the id of the key before the text, in 5 bytes.
	if is := r.db.HGet(t.Context(), key, "s").Val(); was[:6] == is[:6] {
		t.Error("not sealed anew")
	}
	// A process that still has the old keyset reads it, starts and writes on.
	commit(t, before, bot.Commit{Update: "u3", State: state("old again")})
	r.open(t, load(old))
	// Twice rotated, the first key still opens.
	twice, err := Rotate(rotated)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.open(t, load(twice)).Load(t.Context(), alice); err != nil || got.State.Vars["words"] != "old again" {
		t.Fatal(got, err)
	}
}

func unreadable(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	const bob = bot.ChatID("telegram:99")
	for _, chat := range []bot.ChatID{alice, bob} {
		commit(t, s, bot.Commit{Chat: chat, Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "x")}})
	}
	p := s.place(alice)
	if err := r.db.LSet(ctx, p.key(outbox), 0, "m1 jgarbage").Err(); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Minute)
	taken, err := s.Due(ctx, 10)
	if err != nil || len(taken) != 1 || taken[0].Lease.Chat != bob {
		t.Fatal(taken, err)
	}
	wantIDs(t, sent(t, s, taken[0].Lease, "m1"), "")
	r.advance(time.Minute)
	_, err = s.Due(ctx, 10)
	wantErr(t, err, bot.ErrUnreadable)
	// A commit takes effect all the same, and the person can be helped out.
	if err := r.db.HSet(ctx, p.key(dialogue), "s", "garbage").Err(); err != nil {
		t.Fatal(err)
	}
	session, err := s.Load(ctx, alice)
	wantErr(t, err, bot.ErrUnreadable)
	if session.Version != 1 || len(session.Seen) != 1 {
		t.Errorf("session %+v", session)
	}
	r.advance(time.Minute)
	l, _, err := s.Commit(ctx, bot.Commit{Chat: alice, Update: "u2", Version: session.Version, State: state("anew"), Outbox: []bot.Message{text("m2", "x")}})
	if err != nil || l != (bot.Lease{}) {
		t.Fatal(l, err)
	}
	// A waiting chat whose record is gone is dropped from the list.
	r.db.Del(ctx, p.key(dialogue))
	r.advance(time.Minute)
	if taken := dueChats(t, s); len(taken) != 0 {
		t.Errorf("due: %v", taken)
	}
	if n := r.db.ZCard(ctx, shardKey(p.shard, due)).Val(); n != 0 {
		t.Errorf("%d chats are still listed", n)
	}
	// A notification whose case is over, likewise.
	r.db.ZAdd(ctx, shardKey(0, notices), redis.Z{Member: "IQ-9/mail"})
	if n := claim(t, s); len(n) != 0 || r.db.ZCard(ctx, shardKey(0, notices)).Val() != 0 {
		t.Errorf("notifications: %v", n)
	}
}

func export(t *testing.T, r *rig) {
	s := r.open(t)
	everything(t, s)
	later := aCase("IQ-0", alice)
	later.Opened = later.Opened.Add(time.Hour)
	commit(t, s, bot.Commit{Update: "u2", State: state("мої слова"), Cases: []bot.Case{later}, Timer: time.Minute})
	got, err := s.Export(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	want := Export{
		Chat: alice, Version: 2, Dialogue: state("мої слова"), Updates: []bot.UpdateID{"u1", "u2"},
		Waiting: []bot.Message{text("m2", "на добраніч")}, Cases: []bot.Case{aCase("IQ-1", alice), later}, CasesToday: 2,
		Questions:   []bot.Question{aQuestion("Q-1", alice)},
		Timer:       time.UnixMilli(r.clock.Load()).UTC().Add(time.Minute),
		Undelivered: []ExportedLetter{{Message: "m1", Reason: bot.SendRefused, At: time.UnixMilli(r.clock.Load()).UTC()}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
	empty, err := s.Export(t.Context(), "telegram:99")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Export{Chat: "telegram:99"}, empty); diff != "" {
		t.Error(diff)
	}
}

// counter counts the round trips of a client.
type counter struct{ n atomic.Int64 }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}

func roundTrips(t *testing.T, r *rig) {
	s := r.open(t)
	everything(t, s) // the server has the scripts now
	claim(t, s)
	dueChats(t, s)
	r.advance(time.Hour)
	dueChats(t, s)
	claim(t, s)
	ring(t, s)
	if err := s.Reset(t.Context(), s.Ref(alice)); err != nil {
		t.Fatal(err)
	}
	if _, err := NewPacer(s, Rates{}).Pace(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	dueChats(t, s)
	c := &counter{}
	s.db.AddHook(c)
	ctx := t.Context()
	const bob = bot.ChatID("telegram:99")
	var l bot.Lease
	for _, step := range []struct {
		name string
		want int64
		call func() error
	}{
		{"load", 1, func() error { _, err := s.Load(ctx, bob); return err }},
		{"commit", 1, func() (err error) {
			l, _, err = s.Commit(ctx, bot.Commit{
				Chat: bob, Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "a"), text("m2", "b")}, Cases: []bot.Case{aCase("IQ-9", bob)},
			})
			return err
		}},
		{"sent", 1, func() error { _, err := s.Sent(ctx, l, "m1"); return err }},
		{"drop", 1, func() error { _, err := s.Drop(ctx, l, "m2", bot.SendBlocked); return err }},
		{"due, nothing", 1, func() error { _, err := s.Due(ctx, 10); return err }},
		{"notifications, one shard", 2, func() error { _, err := s.Notifications(ctx, 10); return err }},
		{"timers, nothing", 1, func() error { _, err := s.Timers(ctx, 10); return err }},
		{"inspect", 2, func() error { _, err := s.Inspect(ctx, s.Ref(bob)); return err }},
		{"reset", 1, func() error { return s.Reset(ctx, s.Ref(bob)) }},
		{"waiting chats", 2, func() error { _, err := s.WaitingChats(ctx, 10); return err }},
		{"moved", 2, func() error { _, err := s.Moved(ctx, alice); return err }},
		{"pace", 2, func() error { _, err := NewPacer(s, Rates{}).Pace(ctx, bob); return err }},
		{"case", 1, func() error { _, err := s.Case(ctx, "IQ-9"); return err }},
		{"ping", 1, func() error { return s.Ping(ctx) }},
		{"export", 3, func() error { _, err := s.Export(ctx, bob); return err }},
	} {
		before := c.n.Load()
		if err := step.call(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := c.n.Load() - before; got != step.want {
			t.Errorf("%s: %d round trips, want %d", step.name, got, step.want)
		}
	}
}

func scriptsLost(t *testing.T, r *rig) {
	s := r.open(t)
	r.masters(t, func(c *redis.Client) error { return c.ScriptFlush(t.Context()).Err() })
	everything(t, s)
}

func oddIDs(t *testing.T, r *rig) {
	s := r.open(t)
	const odd = " a b%+\n\x00ö/"
	chat := bot.ChatID("web:" + odd)
	l, _ := commit(t, s, bot.Commit{Chat: chat, Update: odd, State: state(odd), Outbox: []bot.Message{text(odd, "x")}, Cases: []bot.Case{{ID: "I Q", Chat: chat}}})
	session, err := s.Load(t.Context(), chat)
	if err != nil || len(session.Seen) != 1 || session.Seen[0] != odd {
		t.Fatalf("%+v, %v", session, err)
	}
	_, _, err = s.Commit(t.Context(), bot.Commit{Chat: chat, Update: odd, Version: 1})
	wantErr(t, err, bot.ErrDuplicate)
	if _, err := s.Drop(t.Context(), l, odd, "a reason"); err != nil {
		t.Fatal(err)
	}
	d, err := s.DeadLetters(t.Context(), 1)
	if err != nil || len(d) != 1 || d[0].Message != odd || d[0].Reason != "a reason" || d[0].Chat != chat {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := s.Case(t.Context(), "I Q"); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Commit(t.Context(), bot.Commit{Chat: chat, Version: 1, Outbox: []bot.Message{text("", "x")}}); err == nil {
		t.Error("a message without an id was taken")
	}
}

func takesWrites(t *testing.T, r *rig) {
	s := r.open(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a closed store is ready")
	}
}
