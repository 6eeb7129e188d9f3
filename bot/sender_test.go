package bot_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
)

// leaseStore is the outbox of many chats, of which it gives leases as the store
// does. Its methods take no time.
type leaseStore struct {
	bot.Store // what a sender does not need
	ttl       time.Duration

	mu     sync.Mutex
	tokens int
	chats  map[bot.ChatID]*leased
}

type leased struct {
	token string
	until time.Time
	left  []bot.Queued
}

func (s *leaseStore) Timers(context.Context, int) ([]bot.Timer, error) { return nil, nil }

func (s *leaseStore) Due(_ context.Context, n int) (taken []bot.Taken, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
	for id, c := range s.chats {
		if len(taken) < n && len(c.left) > 0 && !c.until.After(time.Now()) {
			c.token, c.until = fmt.Sprint(s.tokens), time.Now().Add(s.ttl)
			taken = append(taken, bot.Taken{Lease: bot.Lease{Chat: id, Token: c.token, Until: c.until}, Messages: c.left})
		}
	}
	return taken, nil
}

// held calls f with the chat of a lease that nobody has taken over.
func (s *leaseStore) held(l bot.Lease, f func(c *leased)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[l.Chat]
	if c.token != l.Token {
		return bot.ErrLeaseLost
	}
	f(c)
	return nil
}

func (s *leaseStore) Hold(_ context.Context, l bot.Lease, d time.Duration) (bot.Lease, error) {
	if time.Until(l.Until) >= d {
		return l, nil
	}
	err := s.held(l, func(c *leased) {
		c.until = time.Now().Add(s.ttl)
		l.Until = c.until
	})
	return l, err
}

func (s *leaseStore) Freed() <-chan struct{} { return nil }

func (s *leaseStore) Retry(_ context.Context, l bot.Lease, _ string, _ time.Duration) error {
	return s.held(l, func(c *leased) { c.token, c.until = "", time.Time{} })
}

func (s *leaseStore) Sent(_ context.Context, l bot.Lease, id string, _ ...bot.Queued) (left []bot.Queued, _ error) {
	err := s.held(l, func(c *leased) {
		if c.left[0].ID == id {
			c.left = c.left[1:]
		}
		left = c.left
	})
	return left, err
}

func (s *leaseStore) Drop(ctx context.Context, l bot.Lease, id string, _ bot.SendReason) ([]bot.Queued, error) {
	return s.Sent(ctx, l, id)
}

func (s *leaseStore) left() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.chats {
		n += len(c.left)
	}
	return n
}

// With more chats than slots and a platform that takes its time, chats wait for
// a slot for longer than their lease; the processes take them over from each
// other. Each message is sent once all the same and, if nobody knows what became
// of it, once more and never again.
func TestNothingIsSentByALeaseThatRanOut(t *testing.T) {
	for name, tt := range map[string]struct {
		ttl     time.Duration
		outcome error
		want    int // how often each message is sent
	}{
		"sent":                     {30 * time.Second, nil, 1},
		"unknown":                  {30 * time.Second, &bot.SendError{Method: "send", Reason: bot.SendUnknown}, 2},
		"sent with short leases":   {20 * time.Second, nil, 1},
		"unknown, with short ones": {20 * time.Second, &bot.SendError{Method: "send", Reason: bot.SendUnknown}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &leaseStore{ttl: tt.ttl, chats: map[bot.ChatID]*leased{}}
				for i := range 4000 {
					id := bot.ChatID(fmt.Sprint("test:", i))
					s.chats[id] = &leased{left: []bot.Queued{{Message: bot.Message{ID: string(id) + "/0"}}, {Message: bot.Message{ID: string(id) + "/1"}}}}
				}
				var mu sync.Mutex
				times := map[string]int{}
				c := newChannel()
				slow := slowChannel{c, func(m bot.Message) error {
					mu.Lock()
					times[m.ID]++
					mu.Unlock()
					time.Sleep(14 * time.Second) // just within the time limit of a send
					return tt.outcome
				}}
				ctx, stop := context.WithCancel(t.Context())
				var processes sync.WaitGroup
				for range 2 {
					e := bot.NewEngine(bot.Options{Store: s, Channels: []bot.Channel{slow}, Log: quiet})
					processes.Go(func() { e.Run(ctx, time.Minute) })
				}
				for begin := time.Now(); s.left() > 0 && time.Since(begin) < time.Hour; {
					time.Sleep(time.Second)
				}
				stop()
				processes.Wait()
				if n := s.left(); n > 0 {
					t.Errorf("%d messages are left after an hour", n)
				}
				wrong := 0
				for _, n := range times {
					if n != tt.want {
						wrong++
					}
				}
				if wrong > 0 || len(times) != 8000 {
					t.Errorf("of %d messages, %d were not sent %d times", len(times), wrong, tt.want)
				}
			})
		})
	}
}

// slowChannel hands each message to send.
type slowChannel struct {
	*channel
	send func(bot.Message) error
}

func (c slowChannel) Send(_ context.Context, _ bot.ChatID, m bot.Message) error { return c.send(m) }

// A process does not take over more than it can send to.
func TestAFullSenderLeavesTheRestToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leaseStore{ttl: 30 * time.Second, chats: map[bot.ChatID]*leased{}}
		for i := range 2000 {
			id := bot.ChatID(fmt.Sprint("test:", i))
			s.chats[id] = &leased{left: []bot.Queued{{Message: bot.Message{ID: string(id)}}}}
		}
		platform := make(chan struct{})
		slow := slowChannel{newChannel(), func(bot.Message) error { <-platform; return nil }}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			bot.NewEngine(bot.Options{Store: s, Channels: []bot.Channel{slow}, Log: quiet}).Run(ctx, time.Minute)
		}()
		time.Sleep(29 * time.Second)
		taken := 0
		s.mu.Lock()
		for _, c := range s.chats {
			if c.token != "" {
				taken++
			}
		}
		s.mu.Unlock()
		if taken != 512 {
			t.Errorf("%d chats were taken over, want as many as there are slots, 512", taken)
		}
		close(platform)
		stop()
		<-done
	})
}
