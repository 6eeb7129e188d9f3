package handoff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
)

// failure is a notifier's answer.
func failure(r bot.SendReason) error {
	return &bot.SendError{Method: "m", Reason: r, Wait: time.Minute}
}

// syncLog is a log that is read while it is written.
type syncLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const (
	beginsToFail = "has taken no notification for ten minutes"
	recovers     = "takes notifications again"
)

func TestAFailingTargetIsToldOnceAndItsRecoveryToo(t *testing.T) {
	for _, reason := range []bot.SendReason{bot.SendFailed, bot.SendBlocked, bot.SendForbidden} { // tried again soon, in an hour, soon
		synctest.Test(t, func(t *testing.T) {
			q := newQueue(note("IQ-1"))
			log := &syncLog{}
			var down atomic.Bool
			down.Store(true)
			w, stop := work(t, q, log, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
				if down.Load() {
					return failure(reason)
				}
				return nil
			}})
			defer stop()
			state := func() Target { return w.Targets()[0] }
			time.Sleep(9 * time.Minute)
			if s := state(); s.Failing || s.Waiting != 1 || s.Failed == 0 || strings.Contains(log.String(), beginsToFail) {
				t.Errorf("%s, after nine minutes: %+v", reason, s)
			}
			time.Sleep(90 * time.Second)
			if s := state(); !s.Failing {
				t.Errorf("%s, after ten minutes: %+v", reason, s)
			}
			time.Sleep(5 * time.Hour)
			if n := strings.Count(log.String(), beginsToFail); n != 1 {
				t.Errorf("%s: the log tells it %d times:\n%s", reason, n, log)
			}
			down.Store(false)
			time.Sleep(time.Hour + time.Minute)
			if s := state(); s.Failing || s.Waiting != 0 || s.Took != 1 || strings.Count(log.String(), recovers) != 1 {
				t.Errorf("%s, at the end: %+v\n%s", reason, s, log)
			}
		})
	}
}

// What is no failure of the target must not look like one.
func TestATargetThatIsHeldUpDoesNotFail(t *testing.T) {
	for name, answer := range map[string]func(n bot.Notification) error{
		"the platform throttles": func(bot.Notification) error { return failure(bot.SendThrottled) },
		"one of two is refused": func(n bot.Notification) error {
			if n.Case.ID == "IQ-1" {
				return failure(bot.SendFailed)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(note("IQ-1"))
				log := &syncLog{}
				w, stop := work(t, q, log, nil, fakeNotifier{"t", func(_ context.Context, n bot.Notification) error { return answer(n) }})
				defer stop()
				for i := range 20 {
					time.Sleep(2 * time.Minute)
					if name == "one of two is refused" {
						q.add(note(fmt.Sprint("IQ-1", i)))
					}
					if s := w.Targets()[0]; s.Failing {
						t.Fatalf("after %d minutes: %+v", 2*i+2, s)
					}
				}
				if strings.Contains(log.String(), beginsToFail) {
					t.Error(log)
				}
			})
		})
	}
}

func TestAnOutageOfTheStoreIsNoFailureOfATarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		log := &syncLog{}
		w, stop := work(t, q, log, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			q.mu.Lock()
			q.down = true
			q.mu.Unlock()
			return nil
		}})
		defer stop()
		time.Sleep(time.Hour)
		q.mu.Lock()
		q.down = false
		q.mu.Unlock()
		time.Sleep(10 * time.Minute)
		if s := w.Targets()[0]; s.Failing || s.Waiting != 0 || s.Failed != 0 || strings.Contains(log.String(), beginsToFail) {
			t.Errorf("%+v\n%s", s, log)
		}
	})
}

func TestATargetThatRefusesForGoodIsAskedOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(note("IQ-1"))
		tries := 0
		_, stop := work(t, q, &syncLog{}, nil, fakeNotifier{"t", func(context.Context, bot.Notification) error {
			tries++
			return fmt.Errorf("wrapped: %w", failure(bot.SendRefused))
		}})
		time.Sleep(24 * time.Hour)
		stop()
		if tries < 24 || tries > 31 || len(q.due) != 1 {
			t.Errorf("%d tries in a day, %d wait", tries, len(q.due))
		}
	})
}

func TestAPersonIsToldThatTheirCaseIsLate(t *testing.T) {
	words := func(context.Context, bot.Case) ([]bot.Message, error) { return []bot.Message{{ID: "late"}}, nil }
	for name, tc := range map[string]struct {
		reason bot.SendReason
		after  time.Duration // when the person is told, at most a quarter of an hour later
		late   func(context.Context, bot.Case) ([]bot.Message, error)
		told   bool
	}{
		"after an hour":                   {bot.SendFailed, time.Hour, words, true},
		"at once if refused for good":     {bot.SendBlocked, 0, words, true},
		"not if nobody has words":         {bot.SendFailed, time.Hour, nil, false},
		"later if the words fail at once": {bot.SendFailed, time.Hour, func(context.Context, bot.Case) ([]bot.Message, error) { return nil, errors.New("no dialogue") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := note("IQ-1")
				n.Case.Opened = time.Now()
				q := newQueue(n)
				w, stop := work(t, q, &syncLog{}, func(o *WorkerOptions) { o.Late = tc.late }, fakeNotifier{"t", func(context.Context, bot.Notification) error { return failure(tc.reason) }})
				defer stop()
				told := func() bool {
					q.mu.Lock()
					defer q.mu.Unlock()
					return q.told["IQ-1"] != nil
				}
				time.Sleep(tc.after - time.Second)
				if tc.after > 0 && told() {
					t.Error("too early")
				}
				time.Sleep(15*time.Minute + 2*time.Second)
				if told() != tc.told {
					t.Errorf("told: %v", told())
				}
				time.Sleep(24 * time.Hour)
				if n := w.PeopleTold(); (n == 1) != tc.told || n > 1 {
					t.Errorf("told %d times", n)
				}
			})
		})
	}
}

func TestAWithdrawalTellsThePersonNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := note("IQ-1")
		n.Case, n.Withdrawn = bot.Case{ID: "IQ-1"}, true
		q := newQueue(n)
		_, stop := work(t, q, &syncLog{}, func(o *WorkerOptions) {
			o.Late = func(context.Context, bot.Case) ([]bot.Message, error) { t.Error("asked for words"); return nil, nil }
		}, fakeNotifier{"t", func(context.Context, bot.Notification) error { return failure(bot.SendBlocked) }})
		time.Sleep(3 * time.Hour)
		stop()
	})
}
