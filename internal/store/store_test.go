package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
	"iqbot/internal/store/redistest"
)

// patience is how long what must happen is waited for; it is no measure of speed.
const patience = 2 * time.Minute

// The Store is what the bot asks for.
var _ bot.Store = (*Store)(nil)

func TestEmbedded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := OpenEmbedded(t.Context(), Options{Targets: []string{"mail"}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		everything(t, s)
		if n := claim(t, s); len(n) != 1 {
			t.Errorf("notifications: %v", n)
		}
		taken := dueChats(t, s)
		if len(taken) != 1 {
			t.Fatalf("due: %v", taken)
		}
		big := bot.Message{ID: "big", File: make([]byte, 1<<20), FileName: "export.json"}
		commit(t, s, bot.Commit{Update: "u2", State: state("x"), Outbox: []bot.Message{big}})
		if q := sent(t, s, taken[0].Lease, "m2"); len(q) != 1 || len(q[0].File) != 1<<20 {
			t.Errorf("the big message: %d messages", len(q))
		}
		// Keys expire as time goes by.
		time.Sleep(90*24*time.Hour + time.Second)
		if session, err := s.Load(t.Context(), alice); err != nil || session.Version != 0 {
			t.Errorf("after 90 days: %+v, %v", session, err)
		}
		if _, err := s.Case(t.Context(), "IQ-1"); err != nil {
			t.Errorf("after 90 days: %v", err)
		}
		time.Sleep(90 * 24 * time.Hour)
		if _, err := s.Case(t.Context(), "IQ-1"); !errors.Is(err, ErrNoCase) {
			t.Errorf("after 180 days: %v", err)
		}
	})
}

func TestAddresses(t *testing.T) {
	for url, want := range map[string]string{
		"redis://localhost:6379/2":                              "*redis.Client",
		"rediss://user:pass@localhost":                          "*redis.Client",
		"unix:///run/redis.sock":                                "*redis.Client",
		"redis://localhost:1?cluster=true":                      "*redis.ClusterClient",
		"redis://localhost:1?addr=localhost:2&addr=localhost:3": "*redis.ClusterClient",
		"redis://localhost:1?master_name=main&addr=localhost:2": "*redis.Client", // through Sentinel
		"":                                                           "",
		"localhost:6379":                                             "",
		"http://s3cret@localhost":                                    "",
		"redis://:s3cret/s3cret@localhost":                           "",
		"redis://u:s3cret@localhost/s3cret":                          "",
		"redis://localhost?s3cret=1":                                 "",
		"redis://localhost?cluster=true&s3cret=1":                    "",
		"redis://localhost?master_name=x&s3cret=1":                   "",
		"redis://s3cret\x7f@localhost":                               "",
		"redis://localhost:6379/0?dial_timeout=s3cret":               "",
		"redis://localhost:6379/0?read_timeout=5s&max_retries=1":     "*redis.Client",
		"redis://localhost:6379?cluster=true&client_name=iqbot":      "*redis.ClusterClient",
		"redis://localhost:6379?cluster=false&write_timeout=100ms":   "*redis.Client",
		"redis://[::1]:6379/0":                                       "*redis.Client",
		"redis://localhost:26379/1?master_name=main&username=worker": "*redis.Client",
	} {
		db, err := dial(url)
		if want == "" {
			if !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q: error %v", url, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", url, err)
			continue
		}
		if got := fmt.Sprintf("%T", db); got != want {
			t.Errorf("%q: %s, want %s", url, got, want)
		}
		_ = db.Close()
	}
}

// TestSilentServer has a server that takes connections and never answers.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err = Open(ctx, Options{URL: "redis://" + l.Addr().String(), Sealer: Plain{}, HashSecret: make([]byte, 16)})
	if err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("error %v", err)
	}
	if d := time.Since(start); d >= callTimeout { // the limit of the store itself, not that of the caller
		t.Errorf("it took %v", d)
	}
}

func TestServerTrouble(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	r := newRig(t, server.URL())
	s := r.open(t)
	ctx := t.Context()
	l, _ := commit(t, s, bot.Commit{Update: "u1", State: state("x"), Outbox: []bot.Message{text("m1", "x")}, Timer: time.Minute})

	// A primary that has lost its replicas, or a replica: reads work, writes do not.
	admin := server.Client()
	if err := admin.ConfigSet(ctx, "min-replicas-to-write", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(ctx, alice); err != nil {
		t.Errorf("load: %v", err)
	}
	if err := s.Ping(ctx); err == nil {
		t.Error("a server that takes no writes is ready")
	}
	_, _, err := s.Commit(ctx, bot.Commit{Chat: alice, Update: "u2", Version: 1})
	if err == nil || errors.Is(err, bot.ErrVersionConflict) {
		t.Errorf("commit: %v", err)
	}
	if err := admin.ConfigSet(ctx, "min-replicas-to-write", "0").Err(); err != nil {
		t.Fatal(err)
	}

	server.Kill()
	for name, call := range map[string]func() error{
		"ping": func() error { return s.Ping(ctx) },
		"load": func() error { _, err := s.Load(ctx, alice); return err },
		"commit": func() error {
			_, _, err := s.Commit(ctx, bot.Commit{Chat: alice, Update: "u2", Version: 1})
			return err
		},
		"due": func() error { _, err := s.Due(ctx, 1); return err },
	} {
		start := time.Now()
		err := call()
		if err == nil || !strings.HasPrefix(err.Error(), "store: ") || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s on a dead server: %v", name, err)
		}
		if d := time.Since(start); d > patience {
			t.Errorf("%s took %v", name, d)
		}
	}
	server.Restart()
	session, err := s.Load(ctx, alice)
	// After many refusals the client tries to connect only once a second.
	for end := time.Now().Add(patience); err != nil && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
		session, err = s.Load(ctx, alice)
	}
	if err != nil || session.Version != 1 || len(session.Seen) != 1 {
		t.Fatalf("after the restart: %+v, %v", session, err)
	}
	wantIDs(t, sent(t, s, l, "m1"), "") // the lease has survived, too
	r.advance(time.Minute)
	wantTimers(t, s, bot.Timer{Chat: alice, Version: 1})

	// Restarted empty: the step that was under way is run again on nothing.
	r.flush(t)
	_, _, err = s.Commit(ctx, bot.Commit{Chat: alice, Update: "u2", Version: 1})
	wantErr(t, err, bot.ErrVersionConflict)
	commit(t, s, bot.Commit{Update: "u2", State: state("x")})
	r.open(t)
}

func TestReadOnlyReplicaIsNotReady(t *testing.T) {
	t.Parallel()
	first, second := redistest.Start(t), redistest.Start(t)
	r := newRig(t, first.URL())
	s := r.open(t)
	host, port, _ := net.SplitHostPort(second.Addr)
	if err := first.Client().Do(t.Context(), "replicaof", host, port).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a replica is ready")
	}
	if err := first.Client().Do(t.Context(), "replicaof", "no", "one").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClusterNodeDown(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	r := newRig(t, c.URL())
	s := r.open(t)
	c.Nodes[2].Kill()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Ping(ctx); err == nil {
		t.Error("a cluster that serves two thirds of the chats is ready")
	}
}

func TestShardsAreSpread(t *testing.T) {
	s := newStore(Options{HashSecret: []byte("0123456789abcdef"), Shards: 64})
	count := make([]int, 64)
	refs := map[string]bool{}
	const chats = 6400
	for i := range chats {
		p := s.place(bot.ChatID(fmt.Sprint("telegram:", i)))
		count[p.shard]++
		refs[p.ref] = true
	}
	for shard, n := range count {
		if n < 50 || n > 150 {
			t.Errorf("shard %d has %d of %d chats", shard, n, chats)
		}
	}
	if len(refs) != chats {
		t.Errorf("%d references for %d chats", len(refs), chats)
	}
	other := newStore(Options{HashSecret: []byte("another secret!!"), Shards: 64})
	if s.Ref(alice) == other.Ref(alice) || len(s.Ref(alice)) != 26 {
		t.Error("the reference does not depend on the secret")
	}
}

func TestKeysets(t *testing.T) {
	keyset, err := NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := HashSecret(keyset)
	if err != nil {
		t.Fatal(err)
	}
	seal := func(keyset []byte) Sealer {
		s, err := LoadKeyset(keyset)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	box, err := seal(keyset).Seal([]byte("words"), []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(box), "words") {
		t.Error("sealed, but readable")
	}
	for range 3 { // the old keys stay
		if keyset, err = Rotate(keyset); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := HashSecret(keyset); err != nil || string(again) != string(secret) || len(secret) < minSecret {
		t.Errorf("the hash secret has %d bytes and is not the same after a rotation: %v", len(again), err)
	}
	if other, err := NewKeyset(); err != nil {
		t.Fatal(err)
	} else if theirs, err := HashSecret(other); err != nil || string(theirs) == string(secret) {
		t.Errorf("two keysets give the same hash secret: %v", err)
	}
	if plain, err := seal(keyset).Open(box, []byte("key")); err != nil || string(plain) != "words" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if _, err := seal(keyset).Open(box, []byte("another key")); err == nil {
		t.Error("it opens elsewhere")
	}
	for _, bad := range []string{"", "{}", `{"primaryKeyId":1}`, strings.Replace(string(keyset), "ENABLED", "DISABLED", 1), "s3cret"} {
		_, err := LoadKeyset([]byte(bad))
		if bad != "" && strings.Contains(bad, "DISABLED") && err == nil {
			continue // one of several keys may be off
		}
		if !errors.Is(err, ErrKeyset) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.20q: %v", bad, err)
		}
		if _, err := Rotate([]byte(bad)); !errors.Is(err, ErrKeyset) && !strings.Contains(bad, "DISABLED") {
			t.Errorf("rotate %.20q: %v", bad, err)
		}
	}
}

// FuzzStored gives the decoders what a damaged or hostile database could hold.
func FuzzStored(f *testing.F) {
	s := newStore(Options{Sealer: Plain{}, HashSecret: []byte("0123456789abcdef"), Shards: 64})
	for _, v := range []any{state("x"), text("m1", "x"), aCase("IQ-1", alice), alice} {
		blob, err := s.seal(v, "k")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(blob))
		f.Add("m1 " + string(blob))
		f.Add("ref m1 blocked " + string(blob))
	}
	for _, seed := range []string{s.Ref(alice), "", "j", "j{", " ", "%zz j{}", "j{\"i\":7}", "jnull", "x{}"} {
		f.Add(seed)
	}
	sealer := func() Sealer {
		keyset, err := NewKeyset()
		if err != nil {
			f.Fatal(err)
		}
		k, err := LoadKeyset(keyset)
		if err != nil {
			f.Fatal(err)
		}
		return k
	}()
	tight := newStore(Options{Sealer: sealer, HashSecret: s.o.HashSecret, Shards: 64})
	p := s.place(alice)
	f.Fuzz(func(t *testing.T, stored string) {
		var m bot.Message
		if err := tight.open(stored, "k", &m); !errors.Is(err, bot.ErrUnreadable) {
			t.Fatalf("opened what was never sealed: %v", err)
		}
		var session bot.Session
		if err := s.open(stored, "k", &session.State); err == nil {
			if !json.Valid([]byte(stored[1:])) {
				t.Fatal("opened what is no JSON")
			}
			if _, err := s.seal(session.State, "k"); err != nil {
				t.Fatalf("opened, but cannot be sealed again: %v", err)
			}
		} else if !errors.Is(err, bot.ErrUnreadable) {
			t.Fatal(err)
		}
		if q, err := s.queue(p, reply{stored}, 1); err == nil && len(q) != 1 || err != nil && !errors.Is(err, bot.ErrUnreadable) {
			t.Fatal(q, err)
		}
		if q, err := s.queue(p, reply{int64(7), nil}, 1); err == nil {
			t.Fatal(q)
		}
		if d, ok := s.letter(0, redis.Z{Member: stored}); ok && d.member != stored {
			t.Fatal(d)
		}
		if p, ok := s.placeOf(stored); ok && (p.ref != stored || p.shard < 0 || p.shard >= 64) {
			t.Fatalf("%q is at %+v", stored, p)
		}
		for _, id := range words(stored) {
			if back := words(word(id)); id != "" && (len(back) != 1 || back[0] != id) {
				t.Fatalf("%q became %q", id, back)
			}
		}
		_, _ = s.notification(0, reply{stored, stored, stored, stored})
	})
}
