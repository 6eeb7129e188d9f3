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
	// Postpone counts a failed try, for reason, and makes n due again after wait.
	Postpone(ctx context.Context, n bot.Notification, wait time.Duration, reason bot.SendReason) error
	// Late puts messages into the outbox of the person whose case n is about, and says
	// whether it did: once for a case, and only if no target has taken it yet. If over
	// is false, moreover only if all targets have refused it for good.
	Late(ctx context.Context, n bot.Notification, over bool, messages []bot.Message) (told bool, err error)

	// Took, Failed and Target keep and return how it stands with a target: that it took
	// a notification, that it did not, or as it is while something waits for it or
	// nothing does. It counts as failing when failing has passed since its first
	// failure without a success in between.
	Took(ctx context.Context, target string) (bot.TargetState, error)
	Failed(ctx context.Context, target string, reason bot.SendReason, failing time.Duration) (bot.TargetState, error)
	Target(ctx context.Context, target string, waits bool, failing time.Duration) (bot.TargetState, error)
	// WaitingNotifications returns up to n notifications that wait, the longest waiting first.
	WaitingNotifications(ctx context.Context, n int) ([]bot.WaitingNotification, error)
}

// WorkerOptions say how a [Worker] works.
type WorkerOptions struct {
	Queue     Queue
	Notifiers []Notifier // each with a name of its own
	Logger    *slog.Logger
	// Late are the messages, ready to be sent, that tell a person that no advisor has
	// heard of their case yet. If nil, nobody is told.
	Late func(ctx context.Context, c bot.Case) ([]bot.Message, error)
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
	// finalWait is between two tries of a target that refuses for good: only an operator
	// can mend that, and then nobody should have to wait for the next day.
	finalWait = time.Hour
	// lateAfter is how long a case may wait for its first advisor until the person is
	// told. Most outages of a mail server or of Telegram are over by then, and who was
	// told that advisors will call expects them no sooner; a day later they would have waited in vain.
	lateAfter = time.Hour
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
	targets   targets
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
	busy.Go(func() { w.watch(ctx) })
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
		w.postpone(ctx, log, n, maxWait, reasonNotSet)
		return
	}
	err := w.notify(ctx, notifier, n)
	if err == nil {
		log.InfoContext(ctx, "advisors were told of a case")
		w.settle(ctx, log, func(ctx context.Context) error { return w.o.Queue.Notified(ctx, n) })
		w.tried(ctx, n.Target, "")
		return
	}
	reason, wait := reasonOf(err), retryAfter(n.Attempts, err)
	level := slog.LevelWarn
	if n.Attempts+1 >= loudAfter || reason.Final() {
		level = slog.LevelError
	}
	log.Log(ctx, level, "advisors could not be told of a case", slog.String("reason", string(reason)), slog.Duration("next_try", wait), slog.Any("err", err))
	w.postpone(ctx, log, n, wait, reason)
	if ctx.Err() == nil { // else this process gave up, and not the target
		w.tried(ctx, n.Target, reason)
	}
}

// reasonNotSet is why a notification waits whose target the settings do not have any more.
const reasonNotSet bot.SendReason = "not in the settings"

// reasonOf names why a try failed.
func reasonOf(err error) bot.SendReason {
	if failed := (*bot.SendError)(nil); errors.As(err, &failed) {
		return failed.Reason
	}
	return bot.SendFailed
}

// postpone puts a notification off and, if its case has reached nobody for long, tells the person.
func (w *Worker) postpone(ctx context.Context, log *slog.Logger, n bot.Notification, wait time.Duration, reason bot.SendReason) {
	w.settle(ctx, log, func(ctx context.Context) error { return w.o.Queue.Postpone(ctx, n, wait, reason) })
	over := time.Since(n.Case.Opened) >= lateAfter
	if n.Withdrawn || n.PersonTold || w.o.Late == nil || !over && !reason.Final() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	messages, err := w.o.Late(ctx, n.Case)
	told := false
	if err == nil {
		told, err = w.o.Queue.Late(ctx, n, over, messages)
	}
	switch {
	case err != nil:
		log.WarnContext(ctx, "a person could not be told that their case is late; it is tried again with the notification", slog.Any("err", err))
	case told:
		w.targets.late.Add(1)
		log.WarnContext(ctx, "a person was told that their case has reached nobody yet")
	}
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
// attempts before. A platform that says how long is obeyed, and one that refuses for
// good is asked seldom.
func retryAfter(attempts int, err error) time.Duration {
	var failed *bot.SendError
	switch {
	case !errors.As(err, &failed):
	case failed.Reason == bot.SendThrottled && failed.Wait > 0:
		return failed.Wait
	case failed.Reason.Final():
		return bot.Backoff(0, finalWait, finalWait)
	}
	return bot.Backoff(attempts, firstWait, maxWait)
}
