package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"iqbot/internal/flow"
)

// Limits of handling one update.
const (
	// updateDeadline bounds one update from its arrival to its commit. A
	// platform waits up to 60 s for the answer to a webhook (tdlib/telegram-bot-api#211).
	updateDeadline = 20 * time.Second
	// conflictPause bounds the random pause before a step is run again because
	// the dialogue changed meanwhile. Conflicts arise only between processes,
	// since one process handles a chat's updates in order; the pause keeps two
	// of them from meeting again and again.
	conflictPause = 20 * time.Millisecond
	// maxUnderWay is how many updates are handled at once. Each is mostly waiting
	// for Redis; 512 keep a server busy and bound the memory.
	maxUnderWay = 512
	// maxQueued is how many updates of one chat may wait for their turn. What is
	// beyond is a flood that even its notice has not stopped, and is not handled.
	maxQueued = 100
	// busyAfter is how long an update waits for a place before it is refused.
	busyAfter = 5 * time.Second
	// timersEvery is how often due timers are looked for; they are about hours.
	timersEvery = 10 * time.Second
	// timersBatch is how many of them are taken at once.
	timersBatch = 64
	// typingAfter is when a person who waits is shown that an answer is coming.
	typingAfter = 800 * time.Millisecond
	// expectAfter is how long after the start languages are learned that nobody has
	// asked in yet: it takes a processor some tenths of a second for each.
	expectAfter = 2 * time.Second
)

// Engine takes updates through the dialogue: load, step, commit, send. It is
// safe for concurrent use; updates of one chat are handled in the order in
// which Handle was called.
type Engine struct {
	store    Store
	channels map[string]Channel
	sender   *Sender
	content  atomic.Pointer[Content]
	log      *slog.Logger
	now      func() time.Time
	advisors bool
	newCase  func() CaseID
	onNotify func()
	flood    FloodLimit
	trace    func(Outcome)
	ref      func(ChatID) string
	export   func(context.Context, ChatID) ([]byte, error)
	helper   Assistant // nil if off
	slots    chan struct{}
	order    keyedOrder
	troubles troubles
	stats    Stats
	started  time.Time
}

// Options configure an Engine.
type Options struct {
	Store    Store
	Channels []Channel
	Content  *Content
	Log      *slog.Logger
	// Advisors says that notifiers are configured, so that a case reaches somebody.
	Advisors bool
	// Now is the clock. If nil, time.Now.
	Now func() time.Time
	// NewCase makes case numbers. If nil, random ones.
	NewCase func() CaseID
	// OnNotify is called after a commit that made notifications, so that they are sent without delay. It must not block.
	OnNotify func()
	// Flood limits what one person may send.
	Flood FloodLimit
	// Ref names a chat in the log, so that an operator can look after it, without
	// telling who it is. If nil, the log names no chat.
	Ref func(ChatID) string
	// Export returns all that is stored of a chat, readable, for /export.
	Export func(context.Context, ChatID) ([]byte, error)
	// Assistant is asked for help with answers. If nil, nobody is, and no
	// question leaves the process.
	Assistant Assistant
	// Trace is told of each outcome, for those who write flows; it must not
	// block. It sees what people write. If nil, nothing is.
	Trace func(Outcome)
	// Pacer keeps messages within the platform's limits. If nil, only the
	// platform's own refusals do.
	Pacer Pacer
}

// ErrBusy means that so many updates are being handled that no more are taken
// for the moment; the platform should deliver again later.
var ErrBusy = errors.New("too many updates at once")

// NewEngine builds an engine. [Engine.Run] must run for messages to be sent
// again after a failure.
func NewEngine(o Options) *Engine {
	e := &Engine{
		store: o.Store, channels: map[string]Channel{}, log: o.Log, now: o.Now,
		advisors: o.Advisors, newCase: o.NewCase, onNotify: o.OnNotify,
		flood: o.Flood.orDefault(), export: o.Export, trace: o.Trace, helper: o.Assistant, slots: make(chan struct{}, maxUnderWay),
	}
	e.started = time.Now()
	if e.now == nil {
		e.now = time.Now
	}
	e.troubles.now = e.now
	if e.newCase == nil {
		e.newCase = NewCaseID
	}
	if e.onNotify == nil {
		e.onNotify = func() {}
	}
	for _, c := range o.Channels {
		e.channels[c.Name()] = c
	}
	e.ref = o.Ref
	if e.ref == nil {
		e.ref = func(ChatID) string { return "" }
	}
	e.content.Store(o.Content)
	e.sender = newSender(o.Store, e.channels, o.Pacer, e.ref, o.Log, &e.stats)
	return e
}

// SetContent makes e use other content from the next update on. Dialogues go
// on where they are.
func (e *Engine) SetContent(c *Content) { e.content.Store(c) }

// Stats returns the live counters.
func (e *Engine) Stats() *Stats { return &e.stats }

// Run sends what earlier processes left and what could not be sent at once,
// until ctx ends; then it waits for the sends under way, at most drain.
func (e *Engine) Run(ctx context.Context, drain time.Duration) {
	var timers sync.WaitGroup
	timers.Go(func() { e.runTimers(ctx) })
	e.sender.run(ctx, drain)
	timers.Wait()
}

// runTimers continues the dialogues whose time has come, by the same way as updates.
func (e *Engine) runTimers(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(timersEvery/2 + rand.N(timersEvery)):
		}
		due, err := e.store.Timers(ctx, timersBatch)
		if err != nil {
			if ctx.Err() == nil {
				e.log.Warn("cannot look for due timers", "error", err)
			}
			continue
		}
		var updates []Update
		for _, t := range due {
			updates = append(updates, Update{
				ID: UpdateID("timer:" + strconv.FormatInt(t.Version, 10)), Chat: t.Chat,
				Input: flow.Input{Kind: flow.KindTimer}, Version: t.Version,
			})
		}
		if err := e.Handle(ctx, updates); err != nil && ctx.Err() == nil {
			e.log.Warn("a timer was not handled and comes back", "error", err)
		}
	}
}

// Flush waits until no message is being sent, and no decoration made.
func (e *Engine) Flush() {
	e.sender.active.Wait()
	e.sender.decorating.Wait()
}

// Handle carries the updates through the dialogue and returns when all of them
// are committed: only then may the platform be told that they arrived. An
// error means that at least one was not committed; handling all of them again
// is safe, because an update takes effect once.
func (e *Engine) Handle(ctx context.Context, updates []Update) error {
	if len(updates) == 1 { // as a webhook delivers them: no other goroutine is needed
		u := updates[0]
		if e.flooded(u) {
			return nil
		}
		return e.order.queue(string(u.Chat))(func() error { return e.handle(ctx, u) })
	}
	waits := make([]func() error, len(updates))
	failed := map[ChatID]*error{}
	for i, u := range updates {
		if failed[u.Chat] == nil {
			failed[u.Chat] = new(error)
		}
		before := failed[u.Chat]
		if e.flooded(u) {
			waits[i] = func() error { return nil }
			continue
		}
		waits[i] = e.order.do(string(u.Chat), func() error {
			// What a person did after an update that was not committed must not
			// take effect before it: all of it comes again.
			if *before == nil {
				*before = e.handle(ctx, u)
			}
			return *before
		})
	}
	var errs []error
	for _, wait := range waits {
		errs = append(errs, wait())
	}
	return errors.Join(errs...)
}

// flooded says whether too many updates of the chat wait already.
func (e *Engine) flooded(u Update) bool {
	if e.order.queued(string(u.Chat)) < maxQueued {
		return false
	}
	e.stats.Floods.Add(1)
	return true
}

func (e *Engine) handle(ctx context.Context, u Update) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer func() { <-e.slots }()
	ctx, cancel := context.WithTimeout(ctx, updateDeadline)
	defer cancel()
	channel := e.channels[u.Chat.Channel()]
	if channel == nil {
		return fmt.Errorf("update of unknown channel %q", u.Chat.Channel())
	}
	err := e.take(ctx, channel, u)
	switch {
	case err == nil:
		e.troubles.succeeded(u.Chat)
	case e.troubles.hopeless(u.Chat, err):
		e.giveUp(ctx, channel, u, err)
		return nil
	}
	return err
}

// take carries an update through the dialogue until it has taken effect.
func (e *Engine) take(ctx context.Context, channel Channel, u Update) error {
	stop := e.typing(u.Chat)
	defer stop()
	var refused *CaseLimit
	for {
		session, err := e.store.Load(ctx, u.Chat)
		if errors.Is(err, ErrUnreadable) {
			// The person must not be stuck for ever: the dialogue begins anew.
			e.stats.Unreadable.Add(1)
			e.log.Error("a stored dialogue cannot be read and begins anew; was a key removed from the keyset?", "chat", e.ref(u.Chat))
			err = nil
		}
		if err != nil {
			return fmt.Errorf("load dialogue: %w", err)
		}
		if slices.Contains(session.Seen, u.ID) {
			e.stats.Duplicates.Add(1)
			return nil
		}
		if u.Version != 0 && u.Version != session.Version {
			return nil // the person was faster than the timer
		}
		if session.Version != 0 && session.State.Schema == 0 && e.content.Load().Flows.Erases(u.Input) {
			// A second tap on the button that erased the dialogue: there is nothing left
			// to erase, and nobody asks to be greeted. No state is stored for it, either.
			e.stats.Duplicates.Add(1)
			return nil
		}
		if passedOver(session.State.Heard, u) {
			e.stats.PassedOver.Add(1)
			return nil
		}
		c, mark, err := e.commitOf(ctx, session, &u, channel, refused)
		if err != nil {
			return err
		}
		lease, waiting, err := e.store.Commit(ctx, c)
		var limit CaseLimit
		switch {
		case errors.As(err, &limit) && refused == nil:
			e.stats.Refused.Add(1)
			refused = &limit // the step says so to the person
			continue
		case errors.Is(err, ErrDuplicate):
			e.stats.Duplicates.Add(1)
			return nil
		case errors.Is(err, ErrVersionConflict):
			e.stats.Conflicts.Add(1)
			select {
			case <-ctx.Done():
				return fmt.Errorf("commit dialogue: %w, again and again", ErrVersionConflict)
			case <-time.After(rand.N(conflictPause)):
			}
			continue
		case err != nil:
			return fmt.Errorf("commit dialogue: %w", err)
		}
		e.stats.Updates.Add(1)
		e.stats.Cases.Add(int64(len(c.Cases)))
		e.stats.feedback(c)
		if len(c.Cases) > 0 || c.Erase || c.Withdraw {
			e.onNotify()
		}
		e.sender.start(lease, waiting, u.Chat, mark)
		return nil
	}
}

// enter takes one of the places for updates under way.
func (e *Engine) enter(ctx context.Context) error {
	select {
	case e.slots <- struct{}{}:
		return nil
	default: // all are taken: only then is a timer needed
	}
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-time.After(busyAfter):
		e.stats.Busy.Add(1)
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commitOf runs the step, and returns what it changes and the button to mark, if
// any. A defect of ours becomes an apology to the person, because an update that
// fails for ever would stop all that come after it. What the assistant proposes is
// kept in u, so that it is asked once for an update, however often the step is run.
func (e *Engine) commitOf(ctx context.Context, session Session, u *Update, channel Channel, refused *CaseLimit) (Commit, *Mark, error) {
	d := &Dialogue{Content: e.content.Load(), Advisors: e.advisors, NewCase: e.newCase, Refused: refused}
	if e.helper != nil {
		d.Assistant = e.helper.Recipient()
	}
	out, err := e.outcomeOf(d, session.State, *u)
	if err == nil && out.Ask != nil {
		u.Assisted = e.assist(ctx, d.Content, *out.Ask)
		out, err = e.outcomeOf(d, session.State, *u)
	}
	var outbox []Message
	if err == nil && out.Export {
		if err := e.attach(ctx, u.Chat, out.Messages); err != nil {
			return Commit{}, nil, err
		}
	}
	if err == nil {
		outbox, err = prepared(channel, out.Messages)
	}
	if err != nil {
		e.stats.Apologies.Add(1)
		e.log.Error("step failed, the person was told", "chat", e.ref(u.Chat), "error", err)
		out = d.apology(d.Content.Flows.Forget(session.State), *u, e.now())
		if outbox, err = prepared(channel, out.Messages); err != nil {
			return Commit{}, nil, fmt.Errorf("prepare an apology: %w", err)
		}
	}
	if e.trace != nil {
		e.trace(out)
	}
	if out.Crisis {
		e.stats.Crises.Add(1)
	}
	return Commit{
		Chat: u.Chat, Update: u.ID, Version: session.Version, State: out.State, Outbox: outbox,
		Cases: out.Cases, Questions: out.Questions, Ratings: out.Ratings, Erase: out.Erase, Withdraw: out.Withdraw, Timer: out.Timer,
	}, out.Mark, nil
}

// outcomeOf runs the step, unless the person has sent too much.
func (e *Engine) outcomeOf(d *Dialogue, st flow.State, u Update) (Outcome, error) {
	if u.Input.Kind == flow.KindTimer {
		e.stats.Timers.Add(1)
		return d.safeStep(st, u, e.now())
	}
	allowance, handled, notice := e.flood.take(st.Allowance, e.now())
	if handled {
		st.Allowance = allowance
		out, err := d.safeStep(st, u, e.now())
		e.expect(out.State.Language)
		out.State.Allowance.Used += out.weight(u)
		return out, err
	}
	e.stats.Floods.Add(1)
	st = d.Content.Flows.Forget(st)
	out := Outcome{State: st}
	if notice {
		out = d.slowDown(st, u, e.now())
	}
	out.State.Allowance = allowance
	out.Timer = d.Content.Flows.Timer(st)
	return out, nil
}

// expect has a language learned, so that this person's first question need not
// wait; but not while those are answered who have waited for the process to start.
func (e *Engine) expect(language string) {
	learn := func() { e.content.Load().Index.Expect(language) }
	if wait := time.Until(e.started.Add(expectAfter)); wait > 0 {
		time.AfterFunc(wait, learn)
	} else {
		learn()
	}
}

// attach puts what is stored of the chat into the message that waits for it.
func (e *Engine) attach(ctx context.Context, chat ChatID, messages []Message) error {
	for i, m := range messages {
		if m.FileName != exportName {
			continue
		}
		file, err := e.export(ctx, chat)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		messages[i].File = file
	}
	return nil
}

// safeStep is Step of which a panic is an error.
func (d *Dialogue) safeStep(st flow.State, u Update, now time.Time) (out Outcome, err error) {
	err = safely(func() (err error) {
		out, err = d.Step(st, u, now)
		return err
	})
	return out, err
}

// prepared are the messages as the channel sends them.
func prepared(channel Channel, messages []Message) (out []Message, err error) {
	err = safely(func() error {
		for _, m := range messages {
			out = append(out, channel.Prepare(m)...)
		}
		return nil
	})
	return out, err
}

// typing shows that an answer is coming if it takes long. The returned
// function ends it.
func (e *Engine) typing(chat ChatID) func() {
	timer := time.AfterFunc(typingAfter, func() { e.sender.decorate(chat, Decoration{Typing: true}) })
	return func() { timer.Stop() }
}
