package handoff

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"iqbot/bot"
)

const (
	// failingAfter is how long a target must have taken nothing, since a try that
	// failed, until it counts as failing: a restart or a short outage is over by then.
	failingAfter = 10 * time.Minute
	// watchEvery is how often is looked how it stands with the targets.
	watchEvery = 15 * time.Second
	// mostWatched bounds how many waiting notifications are counted.
	mostWatched = 10_000
)

// Target is how it stands with a target, by all processes that share the queue,
// but for the counts of tries.
type Target struct {
	Name string
	// Waiting is how many notifications wait for it, and Oldest since when the first of them does.
	Waiting int
	Oldest  time.Time
	// Failing means that something waits, a try failed [failingAfter] ago, and none succeeded since.
	Failing bool
	// Took and Failed count the tries of this process.
	Took, Failed int64
}

// targets is what a worker knows of its targets.
type targets struct {
	late atomic.Int64

	mu  sync.Mutex
	all map[string]Target
}

// change changes what is known of a target.
func (t *targets) change(name string, change func(*Target)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]Target{}
	}
	one := t.all[name]
	one.Name = name
	change(&one)
	t.all[name] = one
}

// Targets returns how it stands with each target, as it was seen last.
func (w *Worker) Targets() []Target {
	w.targets.mu.Lock()
	defer w.targets.mu.Unlock()
	var all []Target
	for _, name := range slices.Sorted(maps.Keys(w.targets.all)) {
		all = append(all, w.targets.all[name])
	}
	return all
}

// PeopleTold is how many people this process has told that their case is late.
func (w *Worker) PeopleTold() int64 { return w.targets.late.Load() }

// tried keeps how a try went: reason is why it failed, "" if it did not. What the
// platform puts off is no failure of the target, nor a success.
func (w *Worker) tried(ctx context.Context, target string, reason bot.SendReason) {
	w.targets.change(target, func(t *Target) {
		switch reason {
		case "":
			t.Took++
		default:
			t.Failed++
		}
	})
	log := w.o.Logger.With(slog.String("target", target))
	switch reason {
	case bot.SendThrottled:
	case "":
		w.settle(ctx, log, func(ctx context.Context) error {
			state, err := w.o.Queue.Took(ctx, target)
			w.tell(ctx, log, state)
			return err
		})
	default:
		w.settle(ctx, log, func(ctx context.Context) error {
			state, err := w.o.Queue.Failed(ctx, target, reason, failingAfter)
			w.tell(ctx, log, state)
			return err
		})
	}
}

// tell logs that a target begins to fail, or does so no more.
func (w *Worker) tell(ctx context.Context, log *slog.Logger, state bot.TargetState) {
	if state.Began {
		log.ErrorContext(ctx, "this target has taken no notification for ten minutes or more; advisors do not hear of cases there",
			slog.Time("since", state.Since), slog.String("reason", string(state.Reason)))
	}
	if state.Ended {
		log.InfoContext(ctx, "this target takes notifications again")
	}
}

// watch looks how it stands with the targets until ctx ends: a target that is asked
// once an hour fails before anybody asks again.
func (w *Worker) watch(ctx context.Context) {
	for name := range w.notifiers {
		w.targets.change(name, func(*Target) {})
	}
	for ctx.Err() == nil {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.o.Logger.WarnContext(ctx, "it cannot be seen how it stands with the targets of notifications", slog.Any("err", err))
		}
		select {
		case <-time.After(watchEvery):
		case <-ctx.Done():
		}
	}
}

func (w *Worker) look(ctx context.Context) error {
	waiting, err := w.o.Queue.WaitingNotifications(ctx, mostWatched)
	if err != nil {
		return err
	}
	number, oldest := map[string]int{}, map[string]time.Time{}
	for _, n := range waiting { // the oldest first
		if number[n.Target]++; number[n.Target] == 1 {
			oldest[n.Target] = n.Since
		}
		w.targets.change(n.Target, func(*Target) {}) // perhaps one that the settings do not have any more
	}
	for _, t := range w.Targets() {
		state, err := w.o.Queue.Target(ctx, t.Name, number[t.Name] > 0, failingAfter)
		if err != nil {
			return err
		}
		w.tell(ctx, w.o.Logger.With(slog.String("target", t.Name)), state)
		w.targets.change(t.Name, func(t *Target) {
			t.Waiting, t.Oldest = number[t.Name], oldest[t.Name]
			t.Failing = t.Waiting > 0 && !state.Since.IsZero() && time.Since(state.Since) >= failingAfter
		})
	}
	return nil
}
