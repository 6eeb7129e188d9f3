package store

import (
	"context"
	"errors"
	"time"

	"iqbot/bot"
)

// leased is the end, by the clock of this process, of a lease that a call gives
// which begins at asked. The store may have given it later, never earlier.
func (s *Store) leased(asked time.Time) time.Time { return asked.Add(s.o.LeaseTTL) }

// ErrHeld means that another process has the lease.
var ErrHeld = errors.New("another process has the lease")

// PollLease is the right to do something that only one process should do at a
// time, such as to poll a platform for updates. It does no harm if two do for a
// moment: so another has it as soon as the holder misses a beat or two.
type PollLease struct {
	Name string
	// Fence grows with each new holder: of two that believe to have the lease,
	// the one with the higher number is right.
	Fence int64
	token string
}

// Acquire takes the lease name for ttl, or returns ErrHeld: until then, or until
// its holder gives it back or is dead, nobody else has it. It does not wait.
func (s *Store) Acquire(ctx context.Context, name string, ttl time.Duration) (PollLease, error) {
	l := PollLease{Name: name, token: s.token()}
	fence, err := s.hold(ctx, "acquire", l, ttl)
	if err == nil && fence == 0 {
		err = ErrHeld
	}
	if err != nil {
		return PollLease{}, err
	}
	l.Fence = fence
	return l, nil
}

// Renew makes l last for ttl from now. If another process took it over, the
// error is bot.ErrLeaseLost and the holder must stop at once. On any other
// error it must stop when its last ttl is over.
func (s *Store) Renew(ctx context.Context, l PollLease, ttl time.Duration) error {
	fence, err := s.hold(ctx, "renew", l, ttl)
	if err == nil && fence == 0 {
		err = bot.ErrLeaseLost
	}
	return err
}

// Release gives l back, so that another process need not wait for its end. If
// it is lost already, that is no error.
func (s *Store) Release(ctx context.Context, l PollLease) error {
	_, err := s.hold(ctx, "release", l, 0)
	return err
}

func (s *Store) hold(ctx context.Context, what string, l PollLease, ttl time.Duration) (int64, error) {
	args := []any{what, l.token, ttl.Milliseconds(), max(leaseRecord, ttl).Milliseconds()}
	for _, name := range s.heart.absent() {
		args = append(args, name)
	}
	v, err := s.run(ctx, what+" a lease", holdScript, []string{leaseKey + l.Name}, args...)
	fence, _ := v.(int64)
	return fence, err
}
