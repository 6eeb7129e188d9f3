package bot

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"maps"
	"sync"
	"time"
)

// Decoration is what makes a chat nicer to use and what nobody misses an answer
// for. It is no message: it is not stored, has no place in an outbox, comes after
// what answers the person, is tried once, and is left out when it cannot be had.
// Exactly one field is set.
type Decoration struct {
	// Mark shows which button of an earlier message was pressed.
	Mark *Mark
	// Typing shows that an answer is being prepared.
	Typing bool
}

// Mark replaces the buttons of an earlier message with the one that was pressed.
type Mark struct {
	Message MessageRef `json:"r"`
	Label   string     `json:"l"`
	// Buttons stay, above the one that shows Label.
	Buttons [][]Button `json:"k,omitempty"`
}

// Limits of decorations.
const (
	// perSecond is how many decorations of a channel a process begins in a second, and at
	// once. It is as many as Telegram takes messages from a bot in a second: more would
	// be refused, and only take time from the messages.
	perSecond = 30
	// lanes is how many are under way at once: at 100 ms a call, perSecond and some more.
	lanes = 4
	// laneLength is how many wait in a lane: about a second's. A mark that comes
	// later shows nobody any more that the press was heard.
	laneLength = 16
	// decorationDeadline bounds one of them; the typing sign itself lasts 5 s.
	decorationDeadline = 5 * time.Second
	// hush is how long all chats of a channel go without after the platform asked
	// one of them to wait: it does not say whether the limit is the chat's or the bot's.
	hush = time.Second
	// decorationDrain is how long a process that stops waits for those under way.
	decorationDrain = time.Second
)

// decorator does the decorations of one channel beside its messages. Those of a chat
// keep their order.
//
// They are not counted by a [Pacer]. Telegram limits how many messages a chat and a bot
// may send; it counts edits and typing signs apart from them, by no published
// figure. So its refusals rule them, and those hold back decorations only.
type decorator struct {
	channel Channel
	ref     func(ChatID) string
	log     *slog.Logger
	stats   *Stats
	seed    maphash.Seed

	ctx    context.Context // ends with the process
	active *sync.WaitGroup

	mu     sync.Mutex
	lanes  [lanes]lane
	full   time.Time            // when what was begun is paid for, at perSecond
	until  time.Time            // hush
	paused map[ChatID]time.Time // chats for which the platform asked for a longer pause
}

// lane is what waits behind one decoration under way.
type lane struct {
	waiting []adorned
	busy    bool
}

// adorned is a decoration and its chat.
type adorned struct {
	chat ChatID
	Decoration
}

func newDecorator(ctx context.Context, active *sync.WaitGroup, channel Channel, ref func(ChatID) string, log *slog.Logger, stats *Stats) *decorator {
	return &decorator{
		channel: channel, ref: ref, log: log, stats: stats, seed: maphash.MakeSeed(),
		ctx: ctx, active: active, paused: map[ChatID]time.Time{},
	}
}

// add does a decoration soon, or drops it. It does not block.
func (d *decorator) add(chat ChatID, what Decoration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := &d.lanes[maphash.String(d.seed, string(chat))%lanes]
	if len(l.waiting) >= laneLength || d.hushed(chat) || !d.take() || d.ctx.Err() != nil {
		d.stats.DecorationsDropped.Add(1)
		return
	}
	l.waiting = append(l.waiting, adorned{chat, what})
	if !l.busy {
		l.busy = true
		d.active.Go(func() { d.drive(l) })
	}
}

// drive does what waits in a lane until nothing does.
func (d *decorator) drive(l *lane) {
	for {
		d.mu.Lock()
		if len(l.waiting) == 0 {
			l.waiting, l.busy = nil, false
			d.mu.Unlock()
			return
		}
		next := l.waiting[0]
		l.waiting = l.waiting[1:]
		hushed := d.hushed(next.chat) || d.ctx.Err() != nil
		d.mu.Unlock()
		if hushed {
			d.stats.DecorationsDropped.Add(1)
			continue
		}
		d.do(next)
	}
}

func (d *decorator) do(a adorned) {
	ctx, cancel := context.WithTimeout(d.ctx, decorationDeadline)
	defer cancel()
	err := d.channel.Decorate(ctx, a.chat, a.Decoration)
	if err == nil {
		return
	}
	d.stats.DecorationsFailed.Add(1)
	d.log.Debug("a decoration failed and is left out", "chat", d.ref(a.chat), "error", err)
	var e *SendError
	if errors.As(err, &e) && e.Reason == SendThrottled {
		d.pause(a.chat, e.Wait)
	}
}

// pause leaves the decorations of a chat out for wait, and those of all for a moment.
func (d *decorator) pause(chat ChatID, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.until = now.Add(min(wait, hush))
	maps.DeleteFunc(d.paused, func(_ ChatID, until time.Time) bool { return until.Before(now) })
	d.paused[chat] = now.Add(wait)
}

// take counts a decoration, unless there were too many lately. The lock is held.
func (d *decorator) take() bool {
	now := time.Now()
	if d.full.Sub(now) > time.Second-time.Second/perSecond {
		return false
	}
	if d.full.Before(now) {
		d.full = now
	}
	d.full = d.full.Add(time.Second / perSecond)
	return true
}

// hushed says whether the platform asked for a pause. The lock is held.
func (d *decorator) hushed(chat ChatID) bool {
	if len(d.paused) == 0 {
		return false
	}
	now := time.Now()
	return now.Before(d.until) || now.Before(d.paused[chat])
}
