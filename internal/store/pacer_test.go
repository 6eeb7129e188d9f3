package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"iqbot/bot"
	"iqbot/internal/store/redistest"
)

// The Pacer is what the bot asks for.
var _ bot.Pacer = (*Pacer)(nil)

func TestPacer(t *testing.T) {
	type call struct {
		at   time.Duration
		chat bot.ChatID
		want time.Duration
	}
	const ms, group, site = time.Millisecond, bot.ChatID("telegram:-1001"), bot.ChatID("web:-")
	burst := func(chat bot.ChatID, n int) (calls []call) {
		for range n {
			calls = append(calls, call{0, chat, 0})
		}
		return calls
	}
	// many are messages to as many chats at one moment.
	many := func(n int) (calls []call) {
		for i := range n {
			calls = append(calls, call{0, bot.ChatID(fmt.Sprint("telegram:", i)), 0})
		}
		return calls
	}
	for name, c := range map[string]struct {
		rates Rates
		calls []call
	}{
		"a burst, then one a second": {Rates{}, append(burst(alice, 4), call{0, alice, time.Second}, call{1000 * ms, alice, time.Second}, call{2300 * ms, alice, 700 * ms})},
		"a message that did not wait is counted all the same": {Rates{}, append(burst(alice, 4),
			call{0, alice, time.Second}, call{0, alice, 2 * time.Second}, call{0, alice, 3 * time.Second}, call{3000 * ms, alice, time.Second})},
		"a quiet chat has its burst again": {Rates{}, append(burst(alice, 4), call{0, alice, time.Second},
			call{5000 * ms, alice, 0}, call{5000 * ms, alice, 0}, call{5000 * ms, alice, 0}, call{5000 * ms, alice, 0}, call{5000 * ms, alice, time.Second})},
		"a group at 20 a minute":                   {Rates{}, append(burst(group, 4), call{0, group, 3 * time.Second}, call{3000 * ms, group, 3 * time.Second})},
		"rates of one's own":                       {Rates{PerChat: 4, ChatBurst: 1, GroupPerMinute: 60}, []call{{0, alice, 250 * ms}, {250 * ms, alice, 250 * ms}, {250 * ms, group, time.Second}}},
		"all chats together":                       {Rates{PerSecond: 10}, append(many(9), call{0, alice, 100 * ms}, call{0, "telegram:5", 200 * ms}, call{200 * ms, alice, 100 * ms})},
		"another channel has its own limit":        {Rates{PerSecond: 10}, append(many(9), call{0, alice, 100 * ms}, call{0, "web:5", 0})},
		"the longer of both waits":                 {Rates{PerSecond: 2, PerChat: 4, ChatBurst: 1}, []call{{0, alice, 250 * ms}, {0, group, 3 * time.Second}, {0, "telegram:1", time.Second}}},
		"a web chat is a group by its own id only": {Rates{GroupPerMinute: 1, ChatBurst: 1}, []call{{0, "web-x:1", time.Second}, {0, site, time.Minute}}},
	} {
		t.Run(name, func(t *testing.T) {
			m := miniredis.RunT(t)
			p := NewPacer(newRig(t, "redis://"+m.Addr()).open(t), c.rates)
			start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			last := time.Duration(0)
			for i, call := range c.calls {
				m.SetTime(start.Add(call.at))
				m.FastForward(call.at - last)
				last = call.at
				got, err := p.Pace(t.Context(), call.chat)
				if err != nil {
					t.Fatal(err)
				}
				// The counter is a floating point number, of some 100 ns.
				if (got - call.want).Abs() > ms {
					t.Errorf("call %d, to %s at %v: wait %v, want %v", i, call.chat, call.at, got, call.want)
				}
			}
		})
	}
}

// A flood that ran past the limits is not followed by an equal silence.
func TestPacerForgivesAFlood(t *testing.T) {
	m := miniredis.RunT(t)
	m.SetTime(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := NewPacer(newRig(t, "redis://"+m.Addr()).open(t), Rates{})
	for _, chat := range []bot.ChatID{alice, "telegram:-1001"} {
		var wait time.Duration
		for range 500 {
			var err error
			if wait, err = p.Pace(t.Context(), chat); err != nil {
				t.Fatal(err)
			}
		}
		if wait < maxAhead || wait > maxAhead+6*time.Second { // two messages of a group more
			t.Errorf("%s: after 500 messages at once the next waits %v", chat, wait)
		}
	}
}

// The messages of a channel are counted in lots: at 30 a second three at once.
// Two processes that send to ever other people may be ahead of the truth, or
// behind it, by less than a lot each.
func TestPacerCountsAChannelInLots(t *testing.T) {
	m := miniredis.RunT(t)
	m.SetTime(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	r := newRig(t, "redis://"+m.Addr())
	one, two := NewPacer(r.open(t), Rates{}), NewPacer(r.open(t), Rates{})
	key := "rate:" + channelKey + "telegram"
	const lot, interval = 3, time.Second / 30
	for i := range 90 {
		p := one
		if i%2 == 1 {
			p = two
		}
		wait, err := p.Pace(t.Context(), bot.ChatID(fmt.Sprint("telegram:", i)))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && !m.Exists(key) {
			t.Fatal("the first message of a channel is not counted")
		}
		if want := max(0, time.Duration(i+1-29)*interval); (wait - want).Abs() > 2*lot*interval {
			t.Errorf("after %d messages the next waits %v, want about %v", i+1, wait, want)
		}
	}
}

// TestPacerInTime sends as the waits say, by the clock of a real server.
func TestPacerInTime(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := NewPacer(newRig(t, server.URL()).open(t), Rates{PerChat: 20, ChatBurst: 2})
	start := time.Now()
	for i := range 12 {
		wait, err := p.Pace(t.Context(), alice)
		if err != nil {
			t.Fatal(err)
		}
		if wait > 60*time.Millisecond { // who has waited is at most one message ahead
			t.Errorf("message %d waits %v", i, wait)
		}
		if i < 11 {
			<-time.After(wait)
		}
	}
	// Ten after the burst, at 20 a second.
	if d := time.Since(start); d < 450*time.Millisecond {
		t.Errorf("12 messages took %v", d)
	}
	server.Kill()
	_, err := p.Pace(t.Context(), alice)
	if err == nil || !strings.HasPrefix(err.Error(), "store: count a message: ") || strings.Contains(err.Error(), "4711") {
		t.Errorf("without Redis: %v", err)
	}
}
