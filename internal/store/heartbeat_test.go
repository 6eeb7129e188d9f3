package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"iqbot/bot"
)

// wire is how far a process is from the database, which can be cut.
type wire struct {
	cut     atomic.Bool  // nothing gets through, and no error comes back
	latency atomic.Int64 // at most, ns
}

// wait is the time that a packet takes.
func (w *wire) wait() {
	time.Sleep(time.Duration(rand.Int64N(w.latency.Load() + 1)))
	for w.cut.Load() {
		time.Sleep(5 * time.Millisecond)
	}
}

type wired struct {
	net.Conn
	wire *wire
}

func (c wired) Write(b []byte) (int, error) {
	c.wire.wait()
	return c.Conn.Write(b)
}

func (c wired) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.wire.wait()
	return n, err
}

// replica opens a process's Store on m. It ends without saying so, as one that is killed does.
func replica(t *testing.T, m *miniredis.Miniredis, w *wire) *Store {
	t.Helper()
	db := connect(m)
	plain := db.Options().Dialer
	db = redis.NewClient(&redis.Options{
		Addr: "embedded",
		Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := plain(ctx, network, address)
			return wired{c, w}, err
		},
		ReadTimeout: 2 * time.Second, WriteTimeout: 2 * time.Second, ContextTimeoutEnabled: true, MaintNotificationsConfig: noMaintenance(),
	})
	s, err := start(t.Context(), Options{HashSecret: []byte("0123456789abcdef"), Sealer: Plain{}, Shards: 1}, db, func() {})
	if err != nil {
		t.Fatal(err)
	}
	s.heart.start(db)
	t.Cleanup(func() {
		w.cut.Store(false)
		kill(s)
		_ = s.db.Close()
	})
	return s
}

// kill ends the beating of a process without a word.
func kill(s *Store) {
	s.heart.cancel()
	<-s.heart.ended
}

// between runs a test on two processes in a bubble of time.
func between(t *testing.T, test func(t *testing.T, m *miniredis.Miniredis, one, two *Store, wires [2]*wire)) {
	synctest.Test(t, func(t *testing.T) {
		m := miniredis.NewMiniRedis()
		t.Cleanup(m.Close)
		wires := [2]*wire{{}, {}}
		one, two := replica(t, m, wires[0]), replica(t, m, wires[1])
		time.Sleep(beatEvery)
		test(t, m, one, two, wires)
	})
}

// sendingLease commits a message and returns the lease to send it.
func sendingLease(t *testing.T, s *Store) bot.Lease {
	t.Helper()
	l, _ := commit(t, s, bot.Commit{Update: "u1", Outbox: []bot.Message{text("m1", "a")}})
	if l == (bot.Lease{}) {
		t.Fatal("no lease")
	}
	return l
}

func TestWhatADeadProcessHeldIsTakenOverAtOnce(t *testing.T) {
	between(t, func(t *testing.T, _ *miniredis.Miniredis, one, two *Store, _ [2]*wire) {
		l := sendingLease(t, one)
		if _, err := one.Acquire(t.Context(), "poll", time.Minute); err != nil {
			t.Fatal(err)
		}
		kill(one)
		died := time.Now()
		<-two.Freed()
		if d := time.Since(died); d > deadAfter+2*beatEvery {
			t.Errorf("the death was noticed after %v", d)
		}
		taken := dueChats(t, two)
		if len(taken) != 1 || taken[0].Lease.Chat != l.Chat {
			t.Errorf("taken over: %v", taken)
		}
		if _, err := two.Acquire(t.Context(), "poll", time.Minute); err != nil {
			t.Errorf("the right to poll: %v", err)
		}
		_, err := one.Sent(t.Context(), l, "m1")
		wantErr(t, err, bot.ErrLeaseLost)
	})
}

// A process that starts takes over from one that died before.
func TestWhoStartsNoticesWhoDied(t *testing.T) {
	between(t, func(t *testing.T, m *miniredis.Miniredis, one, two *Store, _ [2]*wire) {
		sendingLease(t, one)
		kill(one)
		kill(two)
		time.Sleep(time.Second)
		next := replica(t, m, &wire{})
		started := time.Now()
		<-next.Freed()
		if d := time.Since(started); d > deadAfter+2*beatEvery {
			t.Errorf("the death was noticed after %v", d)
		}
		if taken := dueChats(t, next); len(taken) != 1 {
			t.Errorf("taken over: %v", taken)
		}
	})
}

func TestWhoStopsLeavesNothingToWaitFor(t *testing.T) {
	between(t, func(t *testing.T, _ *miniredis.Miniredis, one, two *Store, _ [2]*wire) {
		sendingLease(t, one)
		one.heart.stop()
		<-two.Freed()
		if taken := dueChats(t, two); len(taken) != 1 {
			t.Errorf("taken over: %v", taken)
		}
	})
}

func TestALivingProcessKeepsWhatItHolds(t *testing.T) {
	between(t, func(t *testing.T, m *miniredis.Miniredis, one, two *Store, _ [2]*wire) {
		l := sendingLease(t, one)
		for range 50 {
			time.Sleep(beatEvery)
			if taken := dueChats(t, two); len(taken) != 0 {
				t.Fatalf("taken over from a living process: %v", taken)
			}
		}
		if _, err := one.Hold(t.Context(), l, time.Second); err != nil {
			t.Error(err)
		}
		if ttl := m.TTL(processesKey); ttl <= 0 || ttl > leaseRecord {
			t.Errorf("the list of processes lives %v", ttl)
		}
	})
}

// Who is cut off for long enough has lost everything, and goes on anew.
func TestACutOffProcessStopsInTime(t *testing.T) {
	between(t, func(t *testing.T, _ *miniredis.Miniredis, one, two *Store, wires [2]*wire) {
		l := sendingLease(t, one)
		wires[0].cut.Store(true)
		time.Sleep(deadAfter)
		if one.heart.lives(holder(l.Token)) {
			t.Error("it believes that it lives")
		}
		time.Sleep(time.Second)
		if taken := dueChats(t, two); len(taken) != 1 {
			t.Fatalf("taken over: %v", taken)
		}
		wires[0].cut.Store(false)
		_, err := one.Hold(t.Context(), l, time.Second)
		for err != nil && !errors.Is(err, bot.ErrLeaseLost) { // connections that were cut come to their time limits first
			time.Sleep(beatEvery)
			_, err = one.Hold(t.Context(), l, time.Second)
		}
		wantErr(t, err, bot.ErrLeaseLost)
		k, _ := commit(t, one, bot.Commit{Update: "u2", Chat: "telegram:99", Outbox: []bot.Message{text("m1", "b")}})
		if _, err := one.Hold(t.Context(), k, time.Second); err != nil {
			t.Errorf("its new life: %v", err)
		}
	})
}

// A server that stands still has heard nobody, and nobody is dead for it.
func TestNobodyDiesOfAServerThatStandsStill(t *testing.T) {
	between(t, func(t *testing.T, _ *miniredis.Miniredis, one, two *Store, wires [2]*wire) {
		l := sendingLease(t, one)
		for range 10 { // within the time of a lease
			for _, w := range wires {
				w.cut.Store(true)
			}
			time.Sleep(deadAfter + rand.N(time.Second))
			for _, w := range wires {
				w.cut.Store(false)
			}
			time.Sleep(rand.N(time.Second))
		}
		time.Sleep(2 * time.Second)
		if taken := dueChats(t, two); len(taken) != 0 {
			t.Errorf("taken over: %v", taken)
		}
		if _, err := one.Hold(t.Context(), l, time.Second); err != nil {
			t.Error(err)
		}
	})
}

// A database that has lost the processes has perhaps lost their leases, too.
func TestAProcessThatRedisForgotBeginsAnew(t *testing.T) {
	between(t, func(t *testing.T, m *miniredis.Miniredis, one, two *Store, _ [2]*wire) {
		l := sendingLease(t, one)
		m.Del(processesKey)
		time.Sleep(4 * beatEvery) // each beats, and hears of the other
		_, err := one.Hold(t.Context(), l, time.Second)
		wantErr(t, err, bot.ErrLeaseLost)
		if taken := dueChats(t, two); len(taken) != 1 {
			t.Errorf("taken over: %v", taken)
		}
	})
}

// Whatever the network does: once another has taken over, the first begins nothing more.
func TestNothingIsHeldByTwo(t *testing.T) {
	for range 20 {
		between(t, func(t *testing.T, _ *miniredis.Miniredis, one, two *Store, wires [2]*wire) {
			for _, w := range wires {
				w.latency.Store(int64(beatEvery / 10))
			}
			l := sendingLease(t, one)
			done, stop := context.WithCancel(t.Context())
			var cutter sync.WaitGroup
			cutter.Go(func() {
				for done.Err() == nil {
					w := wires[rand.N(2)]
					w.cut.Store(true)
					time.Sleep(rand.N(time.Second))
					w.cut.Store(false)
					time.Sleep(rand.N(2 * time.Second))
				}
				for _, w := range wires {
					w.cut.Store(false)
				}
			})
			for range 200 {
				taken, _ := two.Due(done, 10) // an error is one more way of being cut off
				if len(taken) > 0 {
					if one.heart.lives(holder(l.Token)) {
						t.Error("two hold the same chat")
					}
					break
				}
				time.Sleep(beatEvery / 2)
			}
			stop()
			cutter.Wait()
		})
	}
}
