package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// Limits of sending.
const (
	// sweepEvery is how often the store is asked for chats whose messages wait
	// without a sender.
	sweepEvery = time.Second
	// sweepBatch is how many chats are taken over in one call.
	sweepBatch = 64
	// sendDeadline bounds one call to the platform.
	sendDeadline = 15 * time.Second
	// firstRetry and maxRetry bound the wait after failures, see [Backoff].
	firstRetry = time.Second
	maxRetry   = 5 * time.Minute
	// maxRest bounds the pause between two messages of a chat; the limit of a
	// group, 20 a minute, asks for 3 seconds.
	maxRest = 5 * time.Second
	// maxSenders is how many chats are sent to at once.
	maxSenders = 512
)

// Sender delivers the messages of each chat in order, many chats at once, and
// removes each from the outbox when the platform took it.
type Sender struct {
	store    Store
	channels map[string]Channel
	pacer    Pacer               // nil: none
	ref      func(ChatID) string // names a chat in the log
	log      *slog.Logger
	stats    *Stats
	slots    chan struct{}

	ctx    context.Context // ends when the drain is over
	cancel context.CancelFunc
	active sync.WaitGroup

	mu   sync.Mutex
	next map[ChatID]time.Time // when the next message may go, of chats over their limit
	wake chan struct{}
}

func newSender(store Store, channels map[string]Channel, pacer Pacer, ref func(ChatID) string, log *slog.Logger, stats *Stats) *Sender {
	ctx, cancel := context.WithCancel(context.Background())
	return &Sender{
		store: store, channels: channels, pacer: pacer, ref: ref, log: log, stats: stats,
		slots: make(chan struct{}, maxSenders), ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), next: map[ChatID]time.Time{},
	}
}

// start sends the waiting messages of a chat whose lease this process holds.
// It does not block.
func (s *Sender) start(l Lease, waiting []Queued) {
	s.active.Go(func() {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
			s.deliver(l, waiting)
		case <-s.ctx.Done():
			s.yield(l)
		}
	})
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
		case <-s.store.Freed():
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
	s.mu.Lock()
	maps.DeleteFunc(s.next, func(_ ChatID, at time.Time) bool { return time.Now().After(at) })
	s.mu.Unlock()
	// What has to wait for a slot here is left to a process that has one.
	free := cap(s.slots) - len(s.slots)
	for free > 0 {
		n := min(free, sweepBatch)
		taken, err := s.store.Due(ctx, n)
		if err != nil {
			if ctx.Err() == nil {
				s.log.Warn("cannot look for waiting messages", "error", err)
			}
			return
		}
		for _, t := range taken {
			s.start(t.Lease, t.Messages)
		}
		if len(taken) < n {
			return
		}
		free -= n
	}
}

// deliver sends the messages of one chat until none is left, the lease is
// lost, a failure makes the chat wait, or the process stops.
func (s *Sender) deliver(l Lease, waiting []Queued) {
	channel := s.channels[l.Chat.Channel()]
	err := s.rest(l.Chat)
	for err == nil && len(waiting) > 0 {
		if s.ctx.Err() != nil {
			s.yield(l)
			return
		}
		if l, err = s.hold(l); err != nil {
			break
		}
		m := waiting[0]
		paced := s.pace(l.Chat, len(waiting) > 1)
		var failure error
		if l, failure, err = s.send(channel, l, m.Message); err == nil {
			waiting, err = s.settle(l, m, waiting[1:], failure)
		}
		paced()
		if err == nil && len(waiting) > 0 {
			err = s.rest(l.Chat)
		}
	}
	switch {
	case err == nil, errors.Is(err, ErrLeaseLost):
	case errors.Is(err, errStopping):
		s.yield(l)
	default:
		s.log.Warn("the store does not answer; what is left is sent when the lease has run out", "error", err)
	}
}

// errStopping means that the drain is over and another process sends the rest.
var errStopping = errors.New("the sender stops")

// yield gives the lease back, so that another process sends what is left
// without waiting for the lease to run out.
func (s *Sender) yield(l Lease) {
	if err := s.store.Retry(context.WithoutCancel(s.ctx), l, "", 0); err != nil && !errors.Is(err, ErrLeaseLost) {
		s.log.Warn("cannot give back the right to send; it runs out by itself", "error", err)
	}
}

// hold makes sure that l is this process's for one send more. Between the call that
// gave a lease and a send may lie a wait, for a slot or for the platform's limits, or
// other sends, and a process that goes on after it has lost the lease sends what
// another has taken over. An error is ErrLeaseLost, or the store's as the process stops.
func (s *Sender) hold(l Lease) (Lease, error) {
	return Insist(s.ctx, func(ctx context.Context) (Lease, error) { return s.store.Hold(ctx, l, sendDeadline) })
}

// send delivers one message. If its fate is unknown, it is sent once more and
// never again after that: a repetition is better than a loss, once. The failure
// is the channel's; with an error, the lease is gone and nothing is to be recorded.
func (s *Sender) send(channel Channel, l Lease, m Message) (_ Lease, failure, err error) {
	if channel == nil {
		return l, &SendError{Method: "send", Reason: SendRefused, Err: errors.New("the channel is not configured")}, nil
	}
	once := func() error {
		ctx, cancel := context.WithTimeout(s.ctx, sendDeadline)
		defer cancel()
		return channel.Send(ctx, l.Chat, m)
	}
	failure = once()
	var e *SendError
	if !errors.As(failure, &e) || e.Reason != SendUnknown || s.ctx.Err() != nil {
		return l, failure, nil
	}
	s.stats.Unknown.Add(1)
	s.log.Warn("it is not known whether a message arrived; sending it once more", "chat", s.ref(l.Chat), "error", e)
	if l, err = s.hold(l); err != nil {
		return l, failure, err
	}
	return l, once(), nil
}

// pace counts a message to chat; the returned function returns when it is
// counted. If more messages wait, it is counted while it is being sent, so that
// the count costs the person no time; if not, only afterwards, when nobody waits.
func (s *Sender) pace(chat ChatID, more bool) (counted func()) {
	switch {
	case s.pacer == nil:
		return func() {}
	case !more:
		return func() { s.count(chat) }
	}
	done := make(chan struct{})
	go func() { // deliver waits for it
		defer close(done)
		s.count(chat)
	}()
	return func() { <-done }
}

// count counts a message to chat and notes how long the next one has to wait.
func (s *Sender) count(chat ChatID) {
	d, err := s.pacer.Pace(s.ctx, chat)
	if err != nil && s.ctx.Err() == nil {
		s.log.Warn("cannot count a message; the platform's own limit holds", "error", err)
	}
	if d > 0 {
		s.mu.Lock()
		s.next[chat] = time.Now().Add(min(d, maxRest))
		s.mu.Unlock()
	}
}

// rest waits until the next message may be sent.
func (s *Sender) rest(chat ChatID) error {
	s.mu.Lock()
	wait := time.Until(s.next[chat])
	delete(s.next, chat)
	s.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	select {
	case <-s.ctx.Done():
		return errStopping
	case <-time.After(wait):
		return nil
	}
}

// settle records what became of the first message, m, behind which others are
// known to wait, and returns what is to be sent next.
func (s *Sender) settle(l Lease, m Queued, known []Queued, failure error) ([]Queued, error) {
	if s.ctx.Err() != nil && failure != nil {
		return nil, errStopping // another process sends the message
	}
	if failure == nil {
		s.stats.Sent.Add(1)
		return Insist(s.ctx, func(ctx context.Context) ([]Queued, error) { return s.store.Sent(ctx, l, m.ID, known...) })
	}
	var e *SendError
	if !errors.As(failure, &e) {
		e = &SendError{Method: "send", Reason: SendFailed, Err: failure}
	}
	wait := Backoff(m.Attempts, firstRetry, maxRetry)
	switch e.Reason { //exhaustive:enforce
	case SendUnknown: // twice now
		s.stats.Unknown.Add(1)
		return s.drop(l, m, e)
	case SendBlocked, SendRefused:
		return s.drop(l, m, e)
	case SendThrottled:
		wait = e.Wait
	case SendForbidden:
		s.log.Error("the platform does not accept the bot; messages wait", "chat", s.ref(l.Chat), "error", e)
		wait = maxRetry
	case SendFailed, SendMoved:
	}
	s.stats.Retries.Add(1)
	s.log.Warn("message not sent, will be tried again", "chat", s.ref(l.Chat), "attempt", m.Attempts+1, "wait", wait, "error", e)
	if _, err := Insist(s.ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.store.Retry(ctx, l, m.ID, wait) }); err != nil {
		return nil, err
	}
	time.AfterFunc(wait, s.wakeUp)
	return nil, nil
}

func (s *Sender) drop(l Lease, m Queued, e *SendError) ([]Queued, error) {
	s.stats.Dropped.Add(1)
	s.log.Warn("message can never be delivered", "chat", s.ref(l.Chat), "reason", e.Reason, "error", e)
	return Insist(s.ctx, func(ctx context.Context) ([]Queued, error) { return s.store.Drop(ctx, l, m.ID, e.Reason) })
}

func (s *Sender) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
