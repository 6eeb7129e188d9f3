package bot_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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

	mu      sync.Mutex
	tokens  int
	dropped int
	chats   map[bot.ChatID]*leased
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

func (s *leaseStore) Retry(_ context.Context, l bot.Lease, id string, wait time.Duration) error {
	return s.held(l, func(c *leased) {
		if id != "" {
			c.left[0].Attempts++
		}
		c.token, c.until = "", time.Now().Add(wait)
	})
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
	s.mu.Lock()
	s.dropped++
	s.mu.Unlock()
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
// other. Each message is sent once all the same, and once more each time that nobody
// knows what became of it.
func TestNothingIsSentByALeaseThatRanOut(t *testing.T) {
	for name, tt := range map[string]struct {
		ttl  time.Duration
		want int // how often each message is sent: until it is known what became of it
	}{
		"sent":                     {30 * time.Second, 1},
		"unknown":                  {30 * time.Second, 2},
		"unknown twice":            {30 * time.Second, 3},
		"sent with short leases":   {20 * time.Second, 1},
		"unknown, with short ones": {20 * time.Second, 2},
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
					n := times[m.ID]
					mu.Unlock()
					time.Sleep(14 * time.Second) // just within the time limit of a send
					if n < tt.want {
						return &bot.SendError{Method: "send", Reason: bot.SendUnknown}
					}
					return nil
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

// sending runs an engine on a store with one message for each of n chats, and sends them by send.
func sending(t *testing.T, n int, send func(m bot.Message) error) (*leaseStore, *bot.Engine) {
	t.Helper()
	s := &leaseStore{ttl: 30 * time.Second, chats: map[bot.ChatID]*leased{}}
	for i := range n {
		id := bot.ChatID(fmt.Sprint("test:", i))
		s.chats[id] = &leased{left: []bot.Queued{{Message: bot.Message{ID: string(id)}}}}
	}
	return s, running(t, bot.Options{Store: s, Channels: []bot.Channel{slowChannel{newChannel(), send}}})
}

// tries notes when a message was tried.
type tries struct {
	mu sync.Mutex
	at []time.Time
}

func (s *tries) add() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Now())
	return len(s.at)
}

func TestAFailedSendIsTriedAgainInTime(t *testing.T) {
	for name, tt := range map[string]struct {
		failure     bot.SendError
		least, most time.Duration // from the first try to the second
	}{
		"a fault of the server": {bot.SendError{Method: "send", Reason: bot.SendFailed}, 10 * time.Millisecond, 200 * time.Millisecond},
		"no answer":             {bot.SendError{Method: "send", Reason: bot.SendUnknown}, 10 * time.Millisecond, 200 * time.Millisecond},
		"too many":              {bot.SendError{Method: "send", Reason: bot.SendThrottled, Wait: 7 * time.Second}, 7 * time.Second, 7*time.Second + 50*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tried tries
				s, e := sending(t, 1, func(bot.Message) error {
					if tried.add() == 1 {
						return &tt.failure
					}
					return nil
				})
				time.Sleep(time.Minute)
				synctest.Wait()
				if s.left() != 0 || len(tried.at) != 2 || e.Stats().Retries.Load() != 1 {
					t.Fatalf("%d messages are left after %d tries, %d retries counted", s.left(), len(tried.at), e.Stats().Retries.Load())
				}
				if d := tried.at[1].Sub(tried.at[0]); d < tt.least || d > tt.most {
					t.Errorf("the second try came after %v, want %v to %v", d, tt.least, tt.most)
				}
			})
		})
	}
}

// The platform is away for 40 s, in whatever way: all messages arrive, soon after, and
// none again that is known to have arrived.
func TestAnOutageLosesNoAnswer(t *testing.T) {
	for name, send := range map[string]func() error{
		"no connection": func() error { return &bot.SendError{Method: "send", Reason: bot.SendFailed} },
		"no answer": func() error {
			time.Sleep(15 * time.Second)
			return &bot.SendError{Method: "send", Reason: bot.SendUnknown}
		},
		"answers that cannot be read": func() error { return &bot.SendError{Method: "send", Reason: bot.SendUnknown} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var mu sync.Mutex
				arrived := map[string]int{}
				s, _ := sending(t, 1000, func(m bot.Message) error {
					if time.Since(begin) < 40*time.Second {
						return send()
					}
					mu.Lock()
					defer mu.Unlock()
					arrived[m.ID]++
					return nil
				})
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if s.left() > 0 || s.dropped > 0 || len(arrived) != 1000 {
					t.Errorf("%d messages are left, %d are given up, %d arrived", s.left(), s.dropped, len(arrived))
				}
				for id, n := range arrived {
					if n != 1 {
						t.Errorf("%s arrived %d times", id, n)
					}
				}
			})
		})
	}
}

// A message of which nobody ever learns whether it arrived is given up, after hours and not
// after copies without end.
func TestAMessageOfUnknownFateIsGivenUpAfterHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tried tries
		s, e := sending(t, 1, func(bot.Message) error {
			tried.add()
			return &bot.SendError{Method: "send", Reason: bot.SendUnknown}
		})
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		n := len(tried.at)
		if s.left() != 0 || s.dropped != 1 || e.Stats().Dropped.Load() != 1 || e.Stats().Unknown.Load() != int64(n) {
			t.Errorf("%d left, %d given up, %d counted as unknown after %d tries", s.left(), s.dropped, e.Stats().Unknown.Load(), n)
		}
		if d := tried.at[n-1].Sub(tried.at[0]); d < 4*time.Hour || n > 40 {
			t.Errorf("%d tries in %v", n, d)
		}
		for i := 2; i < n; i++ {
			if before, d := tried.at[i-1].Sub(tried.at[i-2]), tried.at[i].Sub(tried.at[i-1]); d < before*3/4 {
				t.Errorf("try %d came after %v, the one before after %v", i, d, before)
			}
		}
	})
}

// After a long time in which nothing could be delivered, one outcome that is not known
// is no reason to give up.
func TestAnUnknownOutcomeAfterAnHourOfFailuresIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var unknown atomic.Int64
		s, _ := sending(t, 1, func(bot.Message) error {
			switch {
			case time.Since(begin) < time.Hour:
				return &bot.SendError{Method: "send", Reason: bot.SendFailed}
			case unknown.Add(1) <= 3:
				return &bot.SendError{Method: "send", Reason: bot.SendUnknown}
			}
			return nil
		})
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if s.left() != 0 || s.dropped != 0 {
			t.Errorf("%d left, %d given up", s.left(), s.dropped)
		}
	})
}
