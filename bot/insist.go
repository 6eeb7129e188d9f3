package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// firstRepeat and maxRepeat bound the exponential wait between two tries to
// tell the store what became of a message. They are short, because a chat, or an
// advisor, waits.
const (
	firstRepeat = 50 * time.Millisecond
	maxRepeat   = 2 * time.Second
)

// Insist repeats a call of the store until it is answered, because what was sent
// and the store does not know of is sent again. [ErrLeaseLost] is an answer. Only
// the end of ctx ends it; then one call more is tried. The call's own context
// outlives ctx: what was sent last is recorded even while the process stops.
func Insist[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	lasting := context.WithoutCancel(ctx)
	once := func() (T, error) {
		v, err := call(lasting)
		if errors.Is(err, ErrLeaseLost) {
			err = backoff.Permanent(err)
		}
		return v, err
	}
	v, err := once()
	if err == nil || errors.Is(err, ErrLeaseLost) {
		return v, err
	}
	v, err = backoff.Retry(ctx, once,
		backoff.WithBackOff(&backoff.ExponentialBackOff{InitialInterval: firstRepeat, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxRepeat}),
		backoff.WithMaxElapsedTime(0), // none: who calls bounds how many wait
	)
	if err != nil && !errors.Is(err, ErrLeaseLost) {
		return once()
	}
	return v, err
}

// Backoff is how long to wait after a failed try of something that is kept in the
// store, of which there were attempts before: least, doubled with each of them, at
// most most. Up to a fifth, by chance, is taken off, so that what failed together
// does not come back together.
func Backoff(attempts int, least, most time.Duration) time.Duration {
	wait := most
	if attempts = max(attempts, 0); attempts < 30 && most>>attempts > least { // a shift of least cannot overflow then
		wait = least << attempts
	}
	return wait - rand.N(wait/5)
}
