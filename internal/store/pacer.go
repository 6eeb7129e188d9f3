package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"iqbot/bot"
)

// Rates are how fast messages may go out, of all processes together. The
// defaults are what Telegram asks of bots. Source: Telegram, Bots FAQ, section
// "My bot is hitting limits, how do I avoid this?".
type Rates struct {
	// PerSecond is for all chats of one channel. As many may go at once. If zero, 30.
	PerSecond int
	// PerChat is for one private chat, in messages a second. If zero, 1.
	PerChat int
	// ChatBurst is how many may go to one chat at once when it was quiet
	// before, in groups too. If zero, 5: as many as a step seldom sends.
	ChatBurst int
	// GroupPerMinute is for one group. If zero, 20.
	GroupPerMinute int
}

// maxAhead bounds how far messages may be counted ahead of the rate. Beyond it
// they are not counted any more, so that an hour of too many is not followed
// by an hour of silence; the platform's own refusals do the rest.
const maxAhead = 10 * time.Second

// lotsPerSecond is in how many lots the messages of a second to a whole channel
// are counted, and maxLot the most that one holds: the count of all processes is
// behind or ahead by less than a lot of each, which is a tenth of a second.
const (
	lotsPerSecond = 10
	maxLot        = 10
)

// Pacer implements bot.Pacer with counters in Redis that all processes share. It
// is safe for concurrent use.
type Pacer struct {
	s        *Store
	counters *redis_rate.Limiter
	r        Rates

	mu       sync.Mutex
	channels map[string]*lot
}

// lot is what this process has counted of a channel's messages.
type lot struct {
	left int       // of the lot that is counted already
	free time.Time // when the next message may go, as the last lot told
}

// NewPacer returns a Pacer on the database of s, of which it is a part: it ends with s.
func NewPacer(s *Store, r Rates) *Pacer {
	r.PerSecond, r.PerChat = cmp.Or(r.PerSecond, 30), cmp.Or(r.PerChat, 1)
	r.ChatBurst, r.GroupPerMinute = cmp.Or(r.ChatBurst, 5), cmp.Or(r.GroupPerMinute, 20)
	return &Pacer{s: s, counters: redis_rate.NewLimiter(s.calls), r: r, channels: map[string]*lot{}}
}

// Pace counts a message to the chat and returns how long the next one to the
// same chat has to wait: for the chat, or for all chats of its channel, whichever
// is longer. A chat whose native id is negative is a group. It takes one or two
// round trips, and belongs beside the sending of the message that it counts.
func (p *Pacer) Pace(ctx context.Context, chat bot.ChatID) (time.Duration, error) {
	rate, period := p.r.PerChat, time.Second
	if strings.HasPrefix(chat.Native(), "-") {
		rate, period = p.r.GroupPerMinute, time.Minute
	}
	one, err := p.count(ctx, p.s.place(chat).key(paced), 1, rate, p.r.ChatBurst, period)
	if err != nil {
		return 0, err
	}
	all, err := p.countChannel(ctx, chat.Channel())
	if err != nil {
		return 0, err
	}
	return max(one, all), nil
}

// countChannel counts one message of a channel, and those that come next with
// it: one round trip is for a whole lot.
func (p *Pacer) countChannel(ctx context.Context, channel string) (time.Duration, error) {
	size := min(max(p.r.PerSecond/lotsPerSecond, 1), maxLot)
	p.mu.Lock()
	l := p.channels[channel]
	if l == nil {
		l = &lot{}
		p.channels[channel] = l
	}
	if l.left > 0 {
		l.left--
		defer p.mu.Unlock()
		return max(0, time.Until(l.free)), nil
	}
	l.left = size - 1
	p.mu.Unlock()
	wait, err := p.count(ctx, channelKey+channel, size, p.r.PerSecond, p.r.PerSecond, time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		l.left = 0
		return 0, err
	}
	l.free = time.Now().Add(wait)
	return wait, nil
}

// count counts n messages and returns how long the next one has to wait.
//
// The limiter would leave out what is over its limit, but the message is on its
// way. So it is told a higher burst, and the wait is taken from how far the
// counter runs ahead of the clock (ResetAfter): a message has to wait until that
// is less than what the true burst allows.
func (p *Pacer) count(ctx context.Context, key string, n, rate, burst int, period time.Duration) (time.Duration, error) {
	interval := max(1, period/time.Duration(rate))
	r, err := p.counters.AllowN(ctx, key, redis_rate.Limit{Rate: rate, Period: period, Burst: burst + n + int(maxAhead/interval)}, n)
	if err != nil {
		return 0, fmt.Errorf("store: count a message: %w", err)
	}
	return max(0, r.ResetAfter-time.Duration(burst-1)*interval), nil
}
