package bot

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Limits of sending.
const (
	// sweepEvery is how often the store is asked for chats whose messages wait
	// without a sender. It is the longest that a message of a dead process
	// waits on top of the lease.
	sweepEvery = time.Second
	// sweepBatch is how many chats one sweep takes over.
	sweepBatch = 64
	// sendDeadline bounds one call to the platform.
	sendDeadline = 15 * time.Second
	// firstRetry and maxRetry bound the exponential wait after failures.
	firstRetry = time.Second
	maxRetry   = 5 * time.Minute
	// maxUnknown is how often a message is sent again whose fate is unknown.
	maxUnknown = 1
)

// Sender delivers the messages of each chat in order, many chats at once, and
// removes each from the outbox when the platform took it.
type Sender struct {
	store    Store
	channels map[string]Channel
	log      *slog.Logger
	stats    *Stats

	ctx    context.Context // ends when the drain is over
	cancel context.CancelFunc
	active sync.WaitGroup
	wake   chan struct{}
}

func newSender(store Store, channels map[string]Channel, log *slog.Logger, stats *Stats) *Sender {
	ctx, cancel := context.WithCancel(context.Background())
	return &Sender{store: store, channels: channels, log: log, stats: stats, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1)}
}

// start sends the waiting messages of a chat whose lease this process holds.
// It does not block.
func (s *Sender) start(l Lease, waiting []Queued) {
	s.active.Go(func() { s.deliver(l, waiting) })
}

// run sweeps until ctx ends, then waits for the sends under way, at most drain.
func (s *Sender) run(ctx context.Context, drain time.Duration) {
	defer s.cancel()
	for ctx.Err() == nil {
		s.sweep(ctx)
		// Jitter keeps replicas from asking all at once.
		timer := time.NewTimer(sweepEvery/2 + rand.N(sweepEvery))
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	idle := make(chan struct{})
	go func() {
		s.active.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(drain):
		s.log.Warn("stopped before all messages were sent; the next process sends them")
		s.cancel()
		<-idle
	}
}

func (s *Sender) sweep(ctx context.Context) {
	taken, err := s.store.Due(ctx, sweepBatch)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("cannot look for waiting messages", "error", err)
		}
		return
	}
	for _, t := range taken {
		s.start(t.Lease, t.Messages)
	}
}

// deliver sends the messages of one chat until none is left, the lease is
// lost, or a failure makes the chat wait.
func (s *Sender) deliver(l Lease, waiting []Queued) {
	channel := s.channels[l.Chat.Channel()]
	for len(waiting) > 0 && s.ctx.Err() == nil {
		m := waiting[0]
		failure := s.send(channel, l.Chat, m.Message)
		var err error
		if waiting, err = s.settle(l, m, failure); err != nil {
			if !errors.Is(err, ErrLeaseLost) {
				// The lease runs out by itself; the sweeper of any process goes on then.
				s.log.Warn("cannot record what was sent", "error", err)
			}
			return
		}
	}
}

func (s *Sender) send(channel Channel, chat ChatID, m Message) error {
	if channel == nil {
		return &SendError{Method: "send", Reason: SendRefused, Err: errors.New("the channel is not configured")}
	}
	ctx, cancel := context.WithTimeout(s.ctx, sendDeadline)
	defer cancel()
	return channel.Send(ctx, chat, m)
}

// settle records what became of the first message and returns what is to be
// sent next.
func (s *Sender) settle(l Lease, m Queued, failure error) ([]Queued, error) {
	// What the platform has taken is recorded even while the process stops.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), sendDeadline)
	defer cancel()
	if failure == nil {
		s.stats.Sent.Add(1)
		return s.store.Sent(ctx, l, m.ID)
	}
	var e *SendError
	if !errors.As(failure, &e) {
		e = &SendError{Method: "send", Reason: SendFailed, Err: failure}
	}
	wait := backoff(m.Attempts)
	switch e.Reason { //exhaustive:enforce
	case SendBlocked, SendRefused:
		return s.drop(ctx, l, m, e)
	case SendUnknown:
		s.stats.Unknown.Add(1)
		if m.Attempts >= maxUnknown {
			return s.drop(ctx, l, m, e)
		}
	case SendThrottled:
		wait = e.Wait
	case SendForbidden:
		s.log.Error("the platform does not accept the bot; messages wait", "error", e)
		wait = maxRetry
	case SendFailed, SendMoved:
	}
	s.stats.Retries.Add(1)
	s.log.Warn("message not sent, will be tried again", "attempt", m.Attempts+1, "wait", wait, "error", e)
	if err := s.store.Retry(ctx, l, m.ID, wait); err != nil {
		return nil, err
	}
	time.AfterFunc(wait, s.wakeUp)
	return nil, nil
}

func (s *Sender) drop(ctx context.Context, l Lease, m Queued, e *SendError) ([]Queued, error) {
	s.stats.Dropped.Add(1)
	s.log.Warn("message can never be delivered", "reason", e.Reason, "error", e)
	return s.store.Drop(ctx, l, m.ID, e.Reason)
}

func (s *Sender) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// backoff is the wait after a failed try: doubling, with half of it random.
func backoff(attempts int) time.Duration {
	wait := min(firstRetry<<min(attempts, 16), maxRetry)
	return wait/2 + rand.N(wait/2+1)
}
