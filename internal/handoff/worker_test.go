package handoff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
)

// fakeQueue leaves a notification to its taker for 30 seconds, as the store does.
type fakeQueue struct {
	mu        sync.Mutex
	due       map[string]time.Time
	notes     map[string]bot.Notification
	done      []string
	postponed []time.Duration
	asked     []time.Time
	down      bool
	reasons   []bot.SendReason
	failing   map[string]bot.TargetState // what is known of targets
	told      map[bot.CaseID][]bot.Message
}

func newQueue(notes ...bot.Notification) *fakeQueue {
	q := &fakeQueue{due: map[string]time.Time{}, notes: map[string]bot.Notification{}}
	q.add(notes...)
	return q
}

func (q *fakeQueue) add(notes ...bot.Notification) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, n := range notes {
		q.notes[n.ID], q.due[n.ID] = n, time.Now()
	}
}

func (q *fakeQueue) Notifications(ctx context.Context, n int) ([]bot.Notification, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked = append(q.asked, time.Now())
	if q.down {
		return nil, errors.New("no connection")
	}
	var out []bot.Notification
	for id, due := range q.due {
		if len(out) < n && !due.After(time.Now()) {
			q.due[id] = time.Now().Add(30 * time.Second)
			taken := q.notes[id]
			taken.Until = q.due[id]
			out = append(out, taken)
		}
	}
	return out, ctx.Err()
}

func (q *fakeQueue) Notified(ctx context.Context, n bot.Notification) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down || ctx.Err() != nil {
		return errors.New("no connection")
	}
	delete(q.due, n.ID)
	q.done = append(q.done, n.ID)
	return nil
}

func (q *fakeQueue) Postpone(ctx context.Context, n bot.Notification, wait time.Duration, reason bot.SendReason) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down || ctx.Err() != nil {
		return errors.New("no connection")
	}
	n.Attempts++
	q.notes[n.ID], q.due[n.ID] = n, time.Now().Add(wait)
	q.postponed = append(q.postponed, wait)
	q.reasons = append(q.reasons, reason)
	return nil
}

// Late has one target for each case.
func (q *fakeQueue) Late(_ context.Context, n bot.Notification, over bool, messages []bot.Message) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.told[n.Case.ID] != nil || !over && !q.reasons[len(q.reasons)-1].Final() {
		return false, nil
	}
	if q.told == nil {
		q.told = map[bot.CaseID][]bot.Message{}
	}
	q.told[n.Case.ID] = messages
	return true, nil
}

func (q *fakeQueue) Took(_ context.Context, target string) (bot.TargetState, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down {
		return bot.TargetState{}, errors.New("no connection")
	}
	ended := q.failing[target].Began
	delete(q.failing, target)
	return bot.TargetState{Ended: ended}, nil
}

func (q *fakeQueue) Failed(ctx context.Context, target string, reason bot.SendReason, failing time.Duration) (bot.TargetState, error) {
	q.mu.Lock()
	if q.failing == nil {
		q.failing = map[string]bot.TargetState{}
	}
	state := q.failing[target]
	if state.Since.IsZero() {
		state.Since = time.Now()
	}
	state.Reason = reason
	q.failing[target] = state
	q.mu.Unlock()
	return q.Target(ctx, target, true, failing)
}

func (q *fakeQueue) Target(_ context.Context, target string, waits bool, failing time.Duration) (bot.TargetState, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	state, ok := q.failing[target]
	known := state.Began
	if ok && waits && time.Since(state.Since) >= failing {
		state.Began = true
		q.failing[target] = state
	}
	state.Began = state.Began && !known
	return state, nil
}

func (q *fakeQueue) WaitingNotifications(context.Context, int) ([]bot.WaitingNotification, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down {
		return nil, errors.New("no connection")
	}
	var out []bot.WaitingNotification
	for id, n := range q.notes {
		if due, ok := q.due[id]; ok {
			out = append(out, bot.WaitingNotification{Case: n.Case.ID, Target: n.Target, Due: due, Since: n.Case.Opened})
		}
	}
	slices.SortFunc(out, func(a, b bot.WaitingNotification) int { return a.Since.Compare(b.Since) })
	return out, nil
}

// fakeNotifier calls do.
type fakeNotifier struct {
	name string
	do   func(ctx context.Context, n bot.Notification) error
}

func (f fakeNotifier) Name() string                                         { return f.name }
func (f fakeNotifier) Notify(ctx context.Context, n bot.Notification) error { return f.do(ctx, n) }

// work starts a worker in a bubble; stop waits for it.
func work(t *testing.T, q *fakeQueue, log io.Writer, change func(*WorkerOptions), notifiers ...Notifier) (w *Worker, stop func()) {
	t.Helper()
	o := WorkerOptions{Queue: q, Notifiers: notifiers, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&o)
	}
	w = NewWorker(o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	return w, func() { cancel(); <-ended }
}

func note(id string) bot.Notification {
	return bot.Notification{ID: id + "/t", Target: "t", Case: bot.Case{ID: bot.CaseID(id), Chat: "telegram:4711", Words: "secret words", Address: "0261 1"}}
}

func TestWorkerWaitsLongerAfterEachFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		var log bytes.Buffer
		tries := 0
		_, stop := work(t, q, &log, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			tries++
			if tries <= 12 {
				return &bot.SendError{Method: "m", Reason: bot.SendFailed}
			}
			return nil
		}})
		time.Sleep(3 * time.Hour)
		stop()

		want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second,
			160 * time.Second, 320 * time.Second, 640 * time.Second, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute}
		if len(q.postponed) != len(want) {
			t.Fatalf("waits: %v", q.postponed)
		}
		for i, w := range q.postponed {
			if w > want[i] || w < want[i]*4/5 {
				t.Errorf("wait %d: %v, want up to a fifth less than %v", i+1, w, want[i])
			}
		}
		if slices.Equal(q.postponed[8:10], q.postponed[10:12]) {
			t.Error("no chance in the waits")
		}
		if !slices.Equal(q.done, []string{"IQ-1/t"}) {
			t.Errorf("done %v", q.done)
		}

		// Loud from the tenth failure on; never a word, number or chat of the person.
		text := log.String()
		if got := strings.Count(text, "level=ERROR msg=\"advisors could not"); got != 3 {
			t.Errorf("%d loud lines", got)
		}
		if !strings.Contains(text, "level=ERROR msg=\"advisors could not be told of a case\" case=IQ-1 target=t attempt=10 ") ||
			!strings.Contains(text, "level=WARN msg=\"advisors could not be told of a case\" case=IQ-1 target=t attempt=9 ") {
			t.Error(text)
		}
		for _, personal := range []string{"secret", "4711", "0261"} {
			if strings.Contains(text, personal) {
				t.Errorf("the log tells %q", personal)
			}
		}
	})
}

func TestWorkerObeysAThrottlingTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		var tries []time.Time
		_, stop := work(t, q, new(bytes.Buffer), nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			tries = append(tries, time.Now())
			if len(tries) == 1 {
				return fmt.Errorf("wrapped: %w", &bot.SendError{Reason: bot.SendThrottled, Wait: 37 * time.Second})
			}
			return nil
		}})
		time.Sleep(time.Minute)
		stop()
		if len(tries) != 2 || tries[1].Sub(tries[0]) != 37*time.Second || q.postponed[0] != 37*time.Second {
			t.Errorf("tries %v, waits %v", tries, q.postponed)
		}
	})
}

func TestWorkerKeepsWhatWaitsForAnUnknownTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		var log bytes.Buffer
		_, stop := work(t, q, &log, nil)
		time.Sleep(time.Minute)
		stop()
		if !slices.Equal(q.postponed, []time.Duration{15 * time.Minute}) || len(q.due) != 1 || !strings.Contains(log.String(), "level=WARN") {
			t.Errorf("waits %v, log %s", q.postponed, &log)
		}
	})
}

func TestWorkerWakesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		at := make(chan time.Time, 1)
		w, stop := work(t, q, new(bytes.Buffer), func(o *WorkerOptions) { o.Poll = time.Hour },
			fakeNotifier{"t", func(context.Context, bot.Notification) error { at <- time.Now(); return nil }})
		time.Sleep(time.Minute)
		q.add(note("IQ-1"))
		start := time.Now()
		w.Wake()
		w.Wake() // never blocks
		if got := <-at; got != start {
			t.Errorf("delivered after %v", got.Sub(start))
		}
		stop()
	})
}

// TestWorkerBounds: forty notifications, four at a time, and a slow target does not keep the others waiting for a poll.
func TestWorkerBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for i := range 40 {
			q.add(note(fmt.Sprint("IQ-", i)))
		}
		var mu sync.Mutex
		busy, most := 0, 0
		start := time.Now()
		_, stop := work(t, q, new(bytes.Buffer), nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			time.Sleep(3 * time.Second)
			mu.Lock()
			busy--
			mu.Unlock()
			return nil
		}})
		for len(q.snapshot()) < 40 {
			time.Sleep(time.Second)
		}
		took := time.Since(start)
		stop()
		if most != 4 || took > 31*time.Second {
			t.Errorf("%d at a time, took %v", most, took)
		}
	})
}

func (q *fakeQueue) snapshot() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.done)
}

func TestWorkerLimitsOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		start := time.Now()
		var took time.Duration
		_, stop := work(t, q, new(bytes.Buffer), nil, fakeNotifier{"t", func(ctx context.Context, n bot.Notification) error {
			if n.Attempts == 0 {
				<-ctx.Done()
				took = time.Since(start)
			}
			return ctx.Err()
		}})
		time.Sleep(time.Minute)
		stop()
		if took != 20*time.Second || len(q.done) != 1 {
			t.Errorf("took %v, done %v", took, q.done)
		}
	})
}

func TestWorkerStops(t *testing.T) {
	tests := []struct {
		name     string
		needs    time.Duration // of the notification that is under way
		took     time.Duration
		finished bool
	}{
		{"after what is under way", 4 * time.Second, 4 * time.Second, true},
		{"without what takes too long, which stays due", time.Hour, 10 * time.Second, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(note("IQ-1"))
				begun := make(chan struct{})
				_, stop := work(t, q, new(bytes.Buffer), nil, fakeNotifier{"t", func(ctx context.Context, _ bot.Notification) error {
					close(begun)
					select {
					case <-time.After(tt.needs):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}})
				<-begun
				q.add(note("IQ-2")) // too late: it is left for another process
				start := time.Now()
				stop()
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v", took)
				}
				if finished := len(q.done) == 1; finished != tt.finished || len(q.postponed) == 1 == tt.finished {
					t.Errorf("done %v, postponed %v", q.done, q.postponed)
				}
			})
		})
	}
}

func TestWorkerOutlivesAnOutageOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		q.down = true
		var log bytes.Buffer
		_, stop := work(t, q, &log, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error { return nil }})
		time.Sleep(5 * time.Minute)
		q.mu.Lock()
		q.down = false
		asked := len(q.asked)
		q.mu.Unlock()
		time.Sleep(time.Minute)
		stop()
		// 1, 2, 4, 8, 16, then every 30 seconds.
		if asked > 16 || strings.Count(log.String(), "level=ERROR") != asked || len(q.done) != 1 {
			t.Errorf("asked %d times, done %v, log:\n%s", asked, q.done, &log)
		}
	})
}

func TestWorkerTellsTheStoreUntilItIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		tries := 0
		_, stop := work(t, q, io.Discard, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			tries++
			q.mu.Lock()
			q.down = true
			q.mu.Unlock()
			return nil
		}})
		time.Sleep(20 * time.Second)
		q.mu.Lock()
		q.down = false
		q.mu.Unlock()
		time.Sleep(time.Minute)
		stop()
		if tries != 1 || len(q.done) != 1 {
			t.Errorf("%d tries, done %v; the advisors must hear of the case once", tries, q.done)
		}
	})
}

func TestWorkerSaysWhatTheStoreDidNotHearOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		var log bytes.Buffer
		_, stop := work(t, q, &log, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			q.mu.Lock()
			q.down = true
			q.mu.Unlock()
			return nil
		}})
		time.Sleep(20 * time.Second)
		stop()
		if len(q.done) != 0 || !strings.Contains(log.String(), "it will be repeated") {
			t.Errorf("done %v, log %s", q.done, &log)
		}
	})
}

// slowQueue answers so late that what it gives is nobody's any more, or nearly so.
type slowQueue struct {
	*fakeQueue
	delay time.Duration
}

func (q slowQueue) Notifications(ctx context.Context, n int) ([]bot.Notification, error) {
	out, err := q.fakeQueue.Notifications(ctx, n)
	time.Sleep(q.delay)
	return out, err
}

// A notification is left to its taker for 30 seconds; after that another may be
// sending it.
func TestWorkerSendsNothingThatMayBeAnothers(t *testing.T) {
	for delay, want := range map[time.Duration]time.Duration{
		0:                20 * time.Second, // the time limit of a notification
		15 * time.Second: 15 * time.Second,
		29 * time.Second: time.Second,
		30 * time.Second: 0,
		40 * time.Second: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			q := newQueue(note("IQ-1"))
			var started, limit time.Duration
			begin := time.Now()
			_, stop := work(t, q, io.Discard, func(o *WorkerOptions) { o.Queue = slowQueue{q, delay} }, fakeNotifier{"t", func(ctx context.Context, _ bot.Notification) error {
				if limit == 0 {
					deadline, _ := ctx.Deadline()
					started, limit = time.Since(begin), time.Until(deadline)
				}
				return errors.New("not now")
			}})
			time.Sleep(delay + time.Second)
			stop()
			if limit != want || want > 0 && started != delay {
				t.Errorf("after %s in the queue a notification may take %s, want %s", delay, limit, want)
			}
		})
	}
}

// A message whose turn comes when the time is over is not sent.
func TestChatNotifierSendsNothingAfterItsTime(t *testing.T) {
	for range 50 { // a select between the two is chance
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		channel := &fakeChannel{}
		err := NewChatNotifier(ChatOptions{Channel: channel, Chat: "fake:-1"}, testRenderer(t)).Notify(ctx, note("IQ-1"))
		if err == nil || len(channel.sent) > 0 {
			t.Fatalf("sent %v, %v", channel.sent, err)
		}
	}
}
