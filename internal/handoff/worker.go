package handoff

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"iqbot/bot"
)

// Queue is where the notifications wait that commits have made. Implementations
// are safe for concurrent use, and every method may block on the network until ctx ends.
type Queue interface {
	// Notifications takes up to n notifications that are due. Each is this
	// caller's for a while; it ends with Notified or comes back.
	Notifications(ctx context.Context, n int) ([]bot.Notification, error)
	// Notified ends a notification.
	Notified(ctx context.Context, n bot.Notification) error
	// Postpone counts a failed try and makes n due again after wait.
	Postpone(ctx context.Context, n bot.Notification, wait time.Duration) error
}

// WorkerOptions say how a [Worker] works.
type WorkerOptions struct {
	Queue     Queue
	Notifiers []Notifier // each with a name of its own
	Logger    *slog.Logger
	// Poll is how often the queue is asked for what is due. If zero, 1 second.
	Poll time.Duration
	// Parallel is how many notifications are under way at a time. If zero, 4.
	Parallel int
	// Timeout is for one notification. It should be below the time for which the
	// queue leaves a notification to its taker, whose end ends it too. If zero, 20 seconds.
	Timeout time.Duration
	// Drain is how long notifications that are under way may go on after Run was
	// told to stop. If zero, 10 seconds.
	Drain time.Duration
}

// The waiting times after a failed try, see [bot.Backoff]. Advisors work by the
// hour, so a quarter of one is soon enough.
const (
	firstWait = 5 * time.Second
	maxWait   = 15 * time.Minute
	// loudAfter is the failed try from which on the log calls for help: with
	// the waits above, nearly an hour after the first.
	loudAfter = 10
	// settleTimeout is for one try to tell the queue how a notification went.
	settleTimeout = 5 * time.Second
	// maxOutage bounds the wait after the queue itself failed.
	maxOutage = 30 * time.Second
)

// Worker delivers notifications. Any number of workers, in any number of
// processes, can share a queue.
type Worker struct {
	o         WorkerOptions
	notifiers map[string]Notifier
	wake      chan struct{}
}

// NewWorker returns a worker; it does nothing before Run.
func NewWorker(o WorkerOptions) *Worker {
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	if o.Drain == 0 {
		o.Drain = 10 * time.Second
	}
	w := &Worker{o: o, notifiers: map[string]Notifier{}, wake: make(chan struct{}, 1)}
	for _, n := range o.Notifiers {
		w.notifiers[n.Name()] = n
	}
	return w
}

// Wake makes the worker look for notifications now; it is called after a
// commit that opened a case. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run delivers notifications until ctx ends, then lets those under way finish,
// for at most Drain, and returns. It is called once.
func (w *Worker) Run(ctx context.Context) {
	// Work under way outlives ctx, but not by more than Drain.
	work, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()

	var busy sync.WaitGroup
	slots := make(chan struct{}, w.o.Parallel)
	outage := time.Duration(0)
	for ctx.Err() == nil {
		select {
		case slots <- struct{}{}: // one is free; it is taken for good below
			<-slots
		case <-ctx.Done():
			continue
		}
		free := cap(slots) - len(slots)
		batch, err := w.o.Queue.Notifications(ctx, free)
		for _, n := range batch {
			slots <- struct{}{}
			busy.Go(func() {
				defer func() { <-slots }()
				w.deliver(work, n)
			})
		}
		switch {
		case err != nil && ctx.Err() == nil:
			outage = min(max(2*outage, w.o.Poll), maxOutage)
			w.o.Logger.LogAttrs(ctx, slog.LevelError, "notifications cannot be taken from the store", slog.Duration("next_try", outage), slog.Any("err", err))
			w.pause(ctx, outage)
		case len(batch) < free:
			outage = 0
			w.pause(ctx, w.o.Poll)
		default: // there may be more
			outage = 0
		}
	}

	timer := time.AfterFunc(w.o.Drain, abort)
	defer timer.Stop()
	busy.Wait()
}

// pause waits until d has passed, somebody calls Wake, or ctx ends.
func (w *Worker) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.wake:
	case <-ctx.Done():
	}
}

// deliver makes one try and tells the queue how it went.
func (w *Worker) deliver(ctx context.Context, n bot.Notification) {
	log := w.o.Logger.With(slog.String("case", string(n.Case.ID)), slog.String("target", n.Target), slog.Int("attempt", n.Attempts+1))
	if time.Until(n.Until) <= 0 {
		log.WarnContext(ctx, "a notification waited too long and is left to whoever takes it next")
		return
	}
	notifier, known := w.notifiers[n.Target]
	if !known {
		log.WarnContext(ctx, "a case waits for a target that the settings do not have any more")
		w.settle(ctx, log, func(ctx context.Context) error { return w.o.Queue.Postpone(ctx, n, maxWait) })
		return
	}
	if err := w.notify(ctx, notifier, n); err != nil {
		wait := retryAfter(n.Attempts, err)
		level := slog.LevelWarn
		if n.Attempts+1 >= loudAfter {
			level = slog.LevelError
		}
		log.Log(ctx, level, "advisors could not be told of a case", slog.Duration("next_try", wait), slog.Any("err", err))
		w.settle(ctx, log, func(ctx context.Context) error { return w.o.Queue.Postpone(ctx, n, wait) })
		return
	}
	log.InfoContext(ctx, "advisors were told of a case")
	w.settle(ctx, log, func(ctx context.Context) error { return w.o.Queue.Notified(ctx, n) })
}

// settle tells the queue how a notification went, again and again until it is
// heard: otherwise the notification comes back, and advisors hear of the case
// twice. When ctx ends it tries once more.
func (w *Worker) settle(ctx context.Context, log *slog.Logger, tell func(context.Context) error) {
	_, err := bot.Insist(ctx, func(ctx context.Context) (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, settleTimeout)
		defer cancel()
		return struct{}{}, tell(ctx)
	})
	if err != nil {
		log.ErrorContext(ctx, "the store did not take how a notification went; it will be repeated", slog.Any("err", err))
	}
}

func (w *Worker) notify(ctx context.Context, notifier Notifier, n bot.Notification) error {
	// Nothing more is sent once another process may have taken the notification.
	deadline := time.Now().Add(w.o.Timeout)
	if n.Until.Before(deadline) {
		deadline = n.Until
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return notifier.Notify(ctx, n)
}

// retryAfter returns how long to wait after a failed try, of which there were
// attempts before. A platform that says how long is obeyed.
func retryAfter(attempts int, err error) time.Duration {
	var failed *bot.SendError
	if errors.As(err, &failed) && failed.Reason == bot.SendThrottled && failed.Wait > 0 {
		return failed.Wait
	}
	return bot.Backoff(attempts, firstWait, maxWait)
}
