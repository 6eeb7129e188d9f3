package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// The times of heartbeats.
const (
	// beatEvery is how often a process says that it lives: ten small calls a second.
	beatEvery = 100 * time.Millisecond
	// deadAfter is how long a process may be silent. It is how long people wait
	// for what a dead one has left, and what a living one may lose to a collection
	// of garbage, a full processor or a slow network before others take over from it.
	deadAfter = 500 * time.Millisecond
	// suspectAfter is how long a process may be silent until another may do in its
	// place what does no harm if both do it.
	suspectAfter = 250 * time.Millisecond
	// outOfContact is after how long without an answer a process knows nothing of
	// others, and backInContact how much longer than usual they may be silent
	// afterwards: not all come back to a server at the same time, and what one of them
	// has sent meanwhile would be sent again if it counted as dead.
	outOfContact  = deadAfter / 2
	backInContact = 3 * time.Second
	// aheadOfDeath is how long before that a process stops to begin anything.
	aheadOfDeath = deadAfter / 5
	// tireless is the size of the pool of connections for heartbeats, of which there is
	// one. A client of go-redis that could not connect as often as its pool is large
	// looks only once a second whether the server is back: too late for a heartbeat.
	tireless = 1000
)

// heartbeat tells other processes that this one lives, and finds out which of them do not.
//
// Each process counts up a number in one hash. Who sees the number of another
// stand still for deadAfter, by the own clock and in unbroken contact with Redis,
// writes there that it is dead, if it has not beaten meanwhile. From then on its
// leases are anybody's, and the entry stands for good: a process that finds itself
// called dead has lost all that it held, and goes on under a new name. A process
// holds what it holds for deadAfter from when its last beat that was answered began.
// Others have seen that beat later than it began, so they wait longer than that: the
// one has ended before the others begin, whatever their clocks show, as long as
// these run equally fast. What is left is a send that began before and lasts longer.
//
// It takes nothing of the server but a script and a hash, which the most
// restricted of managed ones have, and it does not matter whether the
// connection of a dead process is seen to break. When Redis stands still or is
// away, nobody beats and nobody is called dead for it: who was out of contact
// begins to watch anew.
type heartbeat struct {
	s     *Store
	db    redis.UniversalClient // of its own, see tireless; nil if there is no heartbeat
	alone bool                  // no other process can use the database, so that nobody asks
	// freed is told when a process has died, so that what it held is free.
	freed chan struct{}

	beating chan struct{} // has room for one: one beat at a time

	mu       sync.Mutex
	name     string
	names    int       // how many it had
	number   int64     // of the last beat
	until    time.Time // this process certainly counts as living until then
	answered time.Time // when the last beat was
	others   map[string]*other
	dead     []string

	cancel context.CancelFunc
	ended  chan struct{}
}

// other is another process.
type other struct {
	beat  string
	since time.Time // from when on it counts as silent if it does not beat again
}

func newHeartbeat(s *Store) *heartbeat {
	h := &heartbeat{s: s, freed: make(chan struct{}, 1), beating: make(chan struct{}, 1), others: map[string]*other{}}
	h.rename()
	return h
}

// rename begins a new life.
func (h *heartbeat) rename() {
	h.names++
	h.name, h.number, h.until = h.s.owner+"~"+strconv.Itoa(h.names), 0, time.Time{}
}

// start beats on db until stop is called, which closes it.
func (h *heartbeat) start(db redis.UniversalClient) {
	h.db = db
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel, h.ended = cancel, make(chan struct{})
	go func() {
		defer close(h.ended)
		for ctx.Err() == nil {
			_ = h.beat(ctx) // who needs the beat asks for it, and hears of the error
			select {
			case <-ctx.Done():
			case <-time.After(h.pause()):
			}
		}
	}()
}

// pause is the time to the next beat: less than usual if another process counts as dead before.
func (h *heartbeat) pause() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	pause := beatEvery
	for _, o := range h.others {
		if d := time.Until(o.since.Add(deadAfter)); d > 0 {
			pause = min(pause, d)
		}
	}
	return pause
}

// stop ends the beating and says so, so that nobody waits to find out.
func (h *heartbeat) stop() {
	if h.cancel == nil {
		return
	}
	h.cancel()
	<-h.ended
	ctx, cancel := context.WithTimeout(context.Background(), deadAfter)
	defer cancel()
	_, _ = h.call(ctx, h.current(), 0, nil) // if it cannot be said, it is noticed
	_ = h.db.Close()                        // nothing is under way
}

// current is the name of this process.
func (h *heartbeat) current() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.name
}

// lives says whether the process of that name, which is or was this one's, counts
// as living for long enough to begin something.
func (h *heartbeat) lives(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.alone || name == h.name && time.Until(h.until) > aheadOfDeath
}

// gone are the names of processes that are dead.
func (h *heartbeat) gone() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dead
}

// absent are the names of processes that are dead or seem to be so.
func (h *heartbeat) absent() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names, now := slices.Clone(h.dead), time.Now()
	if now.Sub(h.answered) > outOfContact {
		return names
	}
	for name, o := range h.others {
		if h.answered.Sub(o.since) >= suspectAfter {
			names = append(names, name)
		}
	}
	return names
}

// beat says that this process lives. It is one round trip, and two if the process was taken for dead.
func (h *heartbeat) beat(ctx context.Context) error {
	select {
	case h.beating <- struct{}{}:
		defer func() { <-h.beating }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		asked := time.Now()
		h.mu.Lock()
		h.number++
		name, number, silent := h.name, h.number, h.silent(asked)
		h.mu.Unlock()
		told, err := h.call(ctx, name, number, silent)
		if err != nil {
			return err
		}
		if h.learn(asked, told) {
			return nil
		}
	}
}

func (h *heartbeat) call(ctx context.Context, name string, number int64, silent []any) (reply, error) {
	if h.db == nil {
		return nil, errors.New("store: a guest has no leases")
	}
	ctx, cancel := context.WithTimeout(ctx, deadAfter)
	defer cancel()
	// As long as a lease of a dead process may last, its name is told.
	args := append([]any{name, number, h.s.o.LeaseTTL.Milliseconds(), leaseRecord.Milliseconds()}, silent...)
	v, err := h.s.runOn(ctx, h.db, "say that this process lives", beatScript, []string{processesKey}, args...)
	return asReply(v), err
}

// silent are the names and last beats of those that have not beaten for deadAfter.
// When this process was out of contact, it cannot tell.
func (h *heartbeat) silent(now time.Time) []any {
	var names []any
	if now.Sub(h.answered) > outOfContact {
		return nil
	}
	for name, o := range h.others {
		if now.Sub(o.since) >= deadAfter {
			names = append(names, name, o.beat)
		}
	}
	return names
}

// learn takes in what a beat that began at asked was told, and says whether this process counts as living.
func (h *heartbeat) learn(asked time.Time, told reply) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	since := now
	if !h.answered.IsZero() && now.Sub(h.answered) > outOfContact {
		// The server was away, or stood still and has taken no beat of theirs, either.
		clear(h.others)
		since = now.Add(backInContact)
	}
	h.answered = now
	others, dead := map[string]*other{}, []string(nil)
	for i := 1; i+1 < len(told); i += 2 {
		name, beat := told.text(i), told.text(i+1)
		switch o := h.others[name]; {
		case strings.HasPrefix(beat, "dead"):
			dead = append(dead, name)
		case name == h.name:
		case o != nil && o.beat == beat:
			others[name] = o
		default:
			others[name] = &other{beat, since}
		}
	}
	news := slices.ContainsFunc(dead, func(name string) bool { return !slices.Contains(h.dead, name) })
	h.others, h.dead = others, dead
	if news {
		select {
		case h.freed <- struct{}{}:
		default:
		}
	}
	if told.number(0) != 1 {
		h.rename()
		return false
	}
	h.until = asked.Add(deadAfter)
	return true
}

// free makes all chats due whose sender is dead. If nobody is, it asks nothing.
func (h *heartbeat) free(ctx context.Context) error {
	dead := h.gone()
	if len(dead) == 0 {
		return nil
	}
	s := h.s
	_, err := s.each(ctx, "free what dead processes hold", func(p redis.Pipeliner, shard int) redis.Cmder {
		args := []any{s.now(), s.o.LeaseTTL.Milliseconds(), shardKey(shard, dialogue)}
		for _, name := range dead {
			args = append(args, name)
		}
		return freeScript.Eval(ctx, p, []string{s.shards[shard].due}, args...)
	})
	return err
}
