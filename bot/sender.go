package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
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
	// againAfter and maxAgain are about how long after the first try that failed the second
	// comes, and after that the third: most failures are of one connection or one
	// server, and a person waits.
	againAfter = 100 * time.Millisecond
	maxAgain   = 3 * againAfter
	// firstRetry and maxRetry bound the wait after those, see [Backoff].
	firstRetry = 500 * time.Millisecond
	maxRetry   = 5 * time.Minute
	// maxUnknownRetry is maxRetry where the outcome is not known: each of those tries
	// may be one more copy of the message in the chat.
	maxUnknownRetry = 15 * time.Minute
	// maxUnknown is after how many failed tries a message is given up whose last
	// outcome is not known. With the waits above that is nearly two hours of an outage of any
	// kind at least, and five when no outcome is known: an outage of the
	// platform ends in less, and more copies than these help nobody if it
	// takes the messages and only its answers are lost.
	maxUnknown = 32
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
	idle     chan delivery // to whom has nothing to do
	chats    atomic.Int64  // that are sent to, or wait for a slot

	ctx    context.Context // ends when the drain is over
	cancel context.CancelFunc
	active sync.WaitGroup

	decorators map[string]*decorator // by channel
	decorating sync.WaitGroup

	mu     sync.Mutex
	next   map[ChatID]time.Time // when the next message may go, of chats over their limit
	behind map[ChatID][]func()  // what waits for the end of the sending to a chat
	wake   chan struct{}
}

func newSender(store Store, channels map[string]Channel, pacer Pacer, ref func(ChatID) string, log *slog.Logger, stats *Stats) *Sender {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sender{
		store: store, channels: channels, pacer: pacer, ref: ref, log: log, stats: stats,
		slots: make(chan struct{}, maxSenders), idle: make(chan delivery), ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), next: map[ChatID]time.Time{}, behind: map[ChatID][]func(){},
		decorators: map[string]*decorator{},
	}
	for name, c := range channels {
		s.decorators[name] = newDecorator(ctx, &s.decorating, c, ref, log, stats)
	}
	return s
}

// start sends the waiting messages of a chat by the lease l, if this process
// holds it, and marks the pressed button, if there is one, when the first of them
// has been handed to the platform. It does not block.
func (s *Sender) start(l Lease, waiting []Queued, chat ChatID, mark *Mark) {
	after := func() {}
	if mark != nil {
		after = func() { s.decorate(chat, Decoration{Mark: mark}) }
	}
	if l == (Lease{}) {
		if mark != nil {
			s.afterwards(chat, after)
		}
		return
	}
	s.chats.Add(1)
	s.active.Add(1)
	d := delivery{l, waiting, sync.OnceFunc(after)}
	select {
	case s.idle <- d:
	default:
		go s.serve(d)
	}
}

// delivery is what is to be sent to a chat.
type delivery struct {
	lease   Lease
	waiting []Queued
	after   func() // see deliver
}

// serve does d, and then what it is given until the sender stops. It stays, because a
// new goroutine for each message would have its stack grown each time.
func (s *Sender) serve(d delivery) {
	for {
		select {
		case s.slots <- struct{}{}:
			s.begin(d.lease.Chat)
			s.deliver(d.lease, d.waiting, d.after)
			s.end(d.lease.Chat)
			<-s.slots
		case <-s.ctx.Done():
			s.yield(d.lease)
		}
		s.chats.Add(-1)
		s.active.Done()
		select {
		case d = <-s.idle:
		case <-s.ctx.Done():
			return
		}
	}
}

// begin and end frame the sending to a chat.
func (s *Sender) begin(chat ChatID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.behind[chat]; !ok {
		s.behind[chat] = nil
	}
}

func (s *Sender) end(chat ChatID) {
	s.mu.Lock()
	behind := s.behind[chat]
	delete(s.behind, chat)
	s.mu.Unlock()
	for _, after := range behind {
		after()
	}
}

// afterwards calls after when the sending to the chat that is under way has ended: it
// takes along what was committed meanwhile. If there is none, because there is nothing
// to be sent or another process sends it, that is at once.
func (s *Sender) afterwards(chat ChatID, after func()) {
	s.mu.Lock()
	behind, ok := s.behind[chat]
	if ok {
		s.behind[chat] = append(behind, after)
	}
	s.mu.Unlock()
	if !ok {
		after()
	}
}

// decorate does d soon, beside the messages, or not at all.
func (s *Sender) decorate(chat ChatID, d Decoration) {
	if decorator := s.decorators[chat.Channel()]; decorator != nil {
		decorator.add(chat, d)
	}
}

// run sweeps until ctx ends, then waits for the sends under way, at most drain.
func (s *Sender) run(ctx context.Context, drain time.Duration) {
	defer s.cancel()
	for ctx.Err() == nil {
		if s.sweep(ctx) {
			continue
		}
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
	time.AfterFunc(decorationDrain, s.cancel)
	s.decorating.Wait()
}

// sweep takes over chats whose messages wait. It says whether there may be more of them.
func (s *Sender) sweep(ctx context.Context) (more bool) {
	s.mu.Lock()
	maps.DeleteFunc(s.next, func(_ ChatID, at time.Time) bool { return time.Now().After(at) })
	s.mu.Unlock()
	// What has to wait for a slot here is left to a process that has one.
	free := min(cap(s.slots)-int(s.chats.Load()), sweepBatch)
	if free <= 0 {
		return false
	}
	taken, err := s.store.Due(ctx, free)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("cannot look for waiting messages", "error", err)
		}
		return false
	}
	for _, t := range taken {
		s.start(t.Lease, t.Messages, t.Lease.Chat, nil)
	}
	return len(taken) == free
}

// deliver sends the messages of one chat until none is left, the lease is
// lost, a failure makes the chat wait, or the process stops. It calls after when the
// first was handed to the platform, whatever came of it, and at the latest in the end.
func (s *Sender) deliver(l Lease, waiting []Queued, after func()) {
	defer after()
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
		if m.Mark != nil { // of an earlier release
			s.decorate(l.Chat, Decoration{Mark: m.Mark})
			waiting, err = s.sent(l, m, waiting[1:])
			continue
		}
		paced := s.pace(l.Chat, len(waiting) > 1)
		var failure error
		if l, failure, err = s.send(channel, l, m); err == nil {
			after()
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

// send tries to deliver one message. A message that was not tried before and fails by the
// network or by the server is tried again here, a moment later and once more; all others
// wait their turn in the store, as does what took long to fail. The failure is the
// channel's; with an error, the lease is gone and nothing is to be recorded.
func (s *Sender) send(channel Channel, l Lease, m Queued) (_ Lease, failure, err error) {
	if channel == nil {
		return l, &SendError{Method: "send", Reason: SendRefused, Err: errors.New("the channel is not configured")}, nil
	}
	for wait := againAfter; ; wait *= 3 {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(s.ctx, sendDeadline)
		failure = channel.Send(ctx, l.Chat, m.Message)
		cancel()
		var e *SendError
		if m.Attempts > 0 || wait > maxAgain || !errors.As(failure, &e) || e.Reason != SendFailed && e.Reason != SendUnknown || time.Since(begin) > firstRetry {
			return l, failure, nil
		}
		wait := wait/2 + rand.N(wait)
		s.retrying(l, m, e, wait)
		select {
		case <-s.ctx.Done():
			return l, failure, nil
		case <-time.After(wait):
		}
		if l, err = s.hold(l); err != nil {
			return l, failure, err
		}
	}
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
		return s.sent(l, m, known)
	}
	var e *SendError
	if !errors.As(failure, &e) {
		e = &SendError{Method: "send", Reason: SendFailed, Err: failure}
	}
	wait := Backoff(m.Attempts, firstRetry, maxRetry)
	switch e.Reason { //exhaustive:enforce
	case SendUnknown:
		if m.Attempts+1 >= maxUnknown {
			s.stats.Unknown.Add(1)
			return s.drop(l, m, e)
		}
		wait = Backoff(m.Attempts, firstRetry, maxUnknownRetry)
	case SendBlocked, SendRefused:
		return s.drop(l, m, e)
	case SendThrottled:
		wait = e.Wait
	case SendForbidden:
		s.log.Error("the platform does not accept the bot; messages wait", "chat", s.ref(l.Chat), "error", e)
		wait = maxRetry
	case SendFailed, SendMoved:
	}
	s.retrying(l, m, e, wait)
	if _, err := Insist(s.ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.store.Retry(ctx, l, m.ID, wait) }); err != nil {
		return nil, err
	}
	time.AfterFunc(wait, s.wakeUp)
	return nil, nil
}

// retrying notes that m is tried again after wait because of e.
func (s *Sender) retrying(l Lease, m Queued, e *SendError, wait time.Duration) {
	s.stats.Retries.Add(1)
	text := "message not sent, will be tried again"
	if e.Reason == SendUnknown {
		s.stats.Unknown.Add(1)
		text = "it is not known whether a message arrived; it will be sent again"
	}
	s.log.Warn(text, "chat", s.ref(l.Chat), "attempt", m.Attempts+1, "wait", wait, "error", e)
}

// sent removes the message that was sent.
func (s *Sender) sent(l Lease, m Queued, known []Queued) ([]Queued, error) {
	return Insist(s.ctx, func(ctx context.Context) ([]Queued, error) { return s.store.Sent(ctx, l, m.ID, known...) })
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
