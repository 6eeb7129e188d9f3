package bot_test

import (
	"math"
	"testing"
	"time"

	"iqbot/bot"
)

func TestBackoffDoublesUpToItsMost(t *testing.T) {
	for attempts, want := range map[int]time.Duration{
		0: time.Second, 1: 2 * time.Second, 2: 4 * time.Second, 8: 256 * time.Second,
		9: 5 * time.Minute, 62: 5 * time.Minute, 64: 5 * time.Minute, math.MaxInt: 5 * time.Minute,
	} {
		seen := map[time.Duration]bool{}
		for range 100 {
			got := bot.Backoff(attempts, time.Second, 5*time.Minute)
			if got > want || got < want*4/5 {
				t.Fatalf("after %d tries %v, want up to a fifth less than %v", attempts, got, want)
			}
			seen[got] = true
		}
		if len(seen) < 2 {
			t.Errorf("after %d tries there is no chance in the wait", attempts)
		}
	}
}
