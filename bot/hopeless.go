package bot

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"iqbot/internal/flow"
)

// When an update that failed is given up although nobody knows that its trouble is
// only its own chat's: the store has long answered others. Telegram
// gives out nothing new while a hundred updates wait behind one, so it must
// be sooner than a hundred people write.
const (
	hopelessTries  = 8
	hopelessAfter  = 3 * time.Minute
	hopelessOthers = 20 // updates of others that took effect meanwhile
	// maxTroubles bounds the chats that are remembered.
	maxTroubles = 1000
	// troubleOver is after how long without a failure an earlier one counts no more.
	troubleOver = time.Hour
)

// troubles tells the chats whose updates fail from a store that is away.
type troubles struct {
	now func() time.Time

	mu    sync.Mutex
	taken int64 // updates that took effect
	of    map[ChatID]*trouble
}

type trouble struct {
	tries       int
	since, last time.Time
	taken       int64 // when it began
}

// succeeded notes an update of a chat that was handled.
func (t *troubles) succeeded(chat ChatID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken++
	delete(t.of, chat)
}

// hopeless notes an update of a chat that failed, and says whether it is of no use
// to try again.
func (t *troubles) hopeless(chat ChatID, err error) bool {
	if errors.Is(err, ErrUnusable) || errors.Is(err, ErrUnreadable) {
		return true
	}
	if passing(err) {
		return false
	}
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.of[chat]
	if x == nil || now.Sub(x.last) > troubleOver {
		if len(t.of) >= maxTroubles {
			clear(t.of) // something else is wrong than a chat
		}
		if t.of == nil {
			t.of = map[ChatID]*trouble{}
		}
		x = &trouble{since: now, taken: t.taken}
		t.of[chat] = x
	}
	x.tries++
	x.last = now
	return x.tries >= hopelessTries && now.Sub(x.since) >= hopelessAfter && t.taken-x.taken >= hopelessOthers
}

// passing says whether a failure is certainly none of the chat's: the service
// stops or is busy, or the way to the store is broken.
func passing(err error) bool {
	var network net.Error
	for _, e := range []error{ErrBusy, ErrVersionConflict, context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.As(err, &network)
}

// giveUp ends an update that can never be handled: so that it is not repeated for
// ever, and holds nobody else up. If what is stored of the chat still allows it, the
// person is told, and a timer is gone.
func (e *Engine) giveUp(ctx context.Context, channel Channel, u Update, why error) {
	e.stats.Hopeless.Add(1)
	e.log.Error("an update can never be handled and is passed over; what is stored of its chat is damaged, and iqbot session reset lets it begin anew", "chat", e.ref(u.Chat), "error", why)
	session, err := e.store.Load(ctx, u.Chat)
	if err != nil {
		return
	}
	d := &Dialogue{Content: e.content.Load(), Advisors: e.advisors}
	c := Commit{Chat: u.Chat, Update: u.ID, Version: session.Version, State: d.Content.Flows.Forget(session.State)}
	if u.Input.Kind != flow.KindTimer {
		if c.Outbox, err = prepared(channel, d.apology(c.State, u, e.now()).Messages); err != nil {
			return
		}
	}
	lease, waiting, err := e.store.Commit(ctx, c)
	if err == nil {
		e.sender.start(lease, waiting, u.Chat, nil)
	}
}
