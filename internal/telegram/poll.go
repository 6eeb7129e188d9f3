package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
)

// ErrTakenOver is a cause with which Poll's context may end (see
// [context.WithCancelCause]): another process may be polling by now.
var ErrTakenOver = errors.New("another process may be polling")

// Poll receives updates by long polling until ctx ends, and then returns nil.
// It calls handle with one update at a time of each chat, in order, and for many
// chats at once: one that is slow does not keep the others waiting. An update is
// acknowledged to Telegram only when handle has returned nil for it and for all
// before it; after an error, handle gets the same one again, with a growing pause.
// Handle may see an update again that it has taken already, and must recognise it.
// The waiting sign on a pressed button ends when handle has taken the press.
//
// A webhook that is set on the bot when it begins is removed; what waits there is kept.
//
// The one error that Poll gives up on is [ErrUnauthorized], when each request has met it for a
// minute. It goes on through
// everything else (no connection, errors of the server, too many requests, another
// receiver of the same bot's updates) and says in the log what is wrong, once for each change.
//
// When ctx ends, Poll waits for the calls of handle under way, and confirms what
// they took with one short last request. It does not when it is waiting for
// updates: the waiting request itself has confirmed all before it. Nor does it when the
// cause is [ErrTakenOver], because the request would disturb the other process.
func (c *Client) Poll(ctx context.Context, handle func(ctx context.Context, updates []bot.Update) error) error {
	p := poller{
		c: c, handle: handle, sent: -1,
		work: make(chan *received), handled: make(chan handled, batch), busy: map[bot.ChatID]bool{}, answers: make(chan answer, 1),
		backoff: &backoff.ExponentialBackOff{
			InitialInterval:     firstBackoff,
			RandomizationFactor: 0.5,
			Multiplier:          2,
			MaxInterval:         maxBackoff,
		},
	}
	err := p.run(ctx)
	p.drain(ctx)
	if p.offset != p.confirmed && err == nil && !errors.Is(context.Cause(ctx), ErrTakenOver) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
		defer cancel()
		if _, err := p.get(ctx, p.offset, 0, 1); err != nil {
			c.log.InfoContext(ctx, "the last updates could not be confirmed and will come again", "error", err)
		}
	}
	return err
}

// poller is the state of one Poll. All but the calls themselves is done by the
// goroutine of Poll.
//
// What Telegram has given out and we have not acknowledged is the window. To
// acknowledge is to ask with an offset: Telegram then forgets all updates below
// it. The offset only passes updates that are finished, each of them committed by
// handle, so that whatever dies, what is not committed comes again. As long as one
// is at work, Telegram gives the same updates again from it on, at most batch of
// them; those in the window are passed over and what is new joins them. That
// also bounds the window: when the update at its head is the oldest of batch ones,
// there is nothing new to be had, and all wait for it.
type poller struct {
	c      *Client
	handle func(context.Context, []bot.Update) error

	offset    int64 // the first update that is wanted
	confirmed int64 // the offset that Telegram has seen
	window    []*received
	work      chan *received      // to whom has nothing to do; closed in the end
	handled   chan handled        // has room for all of the window
	running   int                 // calls of handle
	waiting   int                 // updates that are neither finished nor running
	busy      map[bot.ChatID]bool // of begin, which empties it

	answers chan answer
	polling bool
	asked   time.Time // when the last request was made
	sent    int64     // its offset; -1 if there was none
	paused  time.Time // after a failed one, when to make the next
	ready   bool      // what was found in the way has been removed; belongs to the request under way

	backoff *backoff.ExponentialBackOff
	trouble string
	revoked struct { // since when the token is refused, and how often
		since time.Time
		tries int
	}
	refused bool // handle has failed, and what it failed on is not finished
}

// received is an update of the window.
type received struct {
	id      int64
	update  bot.Update
	query   string // id of the callback query to answer when it is done
	since   time.Time
	done    bool // nothing is left to do, or there never was
	running bool
	tries   int       // that failed
	retry   time.Time // after a failed one, when to try again
}

// handled is what came of a call of handle.
type handled struct {
	r   *received
	err error
}

// answer is what came of a request for updates.
type answer struct {
	raws []json.RawMessage
	err  error
}

// run goes on until ctx ends or the token is refused.
func (p *poller) run(ctx context.Context) error {
	for ctx.Err() == nil {
		p.acknowledge()
		next := p.begin(ctx)
		if !p.polling {
			due, ever := p.due()
			if ever && !due.After(time.Now()) {
				p.poll(ctx)
			} else if ever && (next.IsZero() || due.Before(next)) {
				next = due
			}
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case <-timer:
		case h := <-p.handled:
			p.finish(ctx, h)
			for more := true; more; { // all that are there cost one look at the window
				select {
				case h := <-p.handled:
					p.finish(ctx, h)
				default:
					more = false
				}
			}
		case a := <-p.answers:
			if err := p.take(ctx, a); p.givesUp(err) {
				return err
			}
		}
	}
	return nil
}

// givesUp says whether a request's outcome shows that the token is not accepted any more.
func (p *poller) givesUp(err error) bool {
	r := &p.revoked
	if !errors.Is(err, ErrUnauthorized) {
		r.tries = 0
		return false
	}
	if r.tries == 0 {
		r.since = time.Now()
	}
	r.tries++
	return r.tries >= revokedTries && time.Since(r.since) >= revokedAfter
}

// begin calls handle with the first update of each chat that is not finished,
// unless that has failed lately. It returns when the next of those is to be tried
// again; zero if there is none.
func (p *poller) begin(ctx context.Context) (next time.Time) {
	if p.waiting == 0 {
		return next
	}
	clear(p.busy)
	for _, r := range p.window {
		if r.done || p.busy[r.update.Chat] {
			continue
		}
		p.busy[r.update.Chat] = true
		switch {
		case r.running:
		case r.retry.After(time.Now()):
			if next.IsZero() || r.retry.Before(next) {
				next = r.retry
			}
		default:
			r.running = true
			p.running++
			p.waiting--
			select {
			case p.work <- r:
			default:
				go p.serve(ctx, r)
			}
		}
	}
	return next
}

// serve handles r, and then what it is given. It stays, because a new goroutine for each update
// would have its stack grown each time.
func (p *poller) serve(ctx context.Context, r *received) {
	for ok := true; ok; r, ok = <-p.work {
		p.handled <- handled{r, p.handle(ctx, []bot.Update{r.update})}
	}
}

// finish notes what came of a call of handle.
func (p *poller) finish(ctx context.Context, h handled) {
	h.r.running = false
	p.running--
	if h.err == nil {
		h.r.done = true
		p.answer(h.r)
	} else {
		p.waiting++
		p.c.stats.handlerErrors.Add(1)
		wait := min(firstBackoff<<min(h.r.tries, 16), maxBackoff)
		h.r.retry = time.Now().Add(wait/2 + rand.N(wait/2))
		h.r.tries++
	}
	if ctx.Err() != nil {
		return // it may be because of that
	}
	failed := slices.ContainsFunc(p.window, func(r *received) bool { return !r.done && r.tries > 0 })
	switch {
	case failed && !p.refused:
		p.c.log.WarnContext(ctx, "updates cannot be taken now; they stay at Telegram", "error", h.err)
	case !failed && p.refused:
		p.c.log.InfoContext(ctx, "updates are received again")
	}
	p.refused = failed
}

// acknowledge moves the offset past what is finished at the head of the window.
func (p *poller) acknowledge() {
	n := 0
	for n < len(p.window) && p.window[n].done {
		n++
	}
	if n == 0 {
		return
	}
	p.offset = p.window[n-1].id + 1
	p.window = slices.Delete(p.window, 0, n)
	for _, r := range p.window {
		// Telegram's numbers may begin anew after a week without updates, and then
		// those behind are below.
		p.offset = min(p.offset, r.id)
	}
}

// due says when to ask for updates; never while there can be none.
func (p *poller) due() (at time.Time, ever bool) {
	switch {
	case !p.paused.IsZero():
		return p.paused, true
	case len(p.window) >= batch:
		return time.Time{}, false
	case len(p.window) == 0 && p.offset != p.sent:
		return time.Time{}, true
	case p.running > 0:
		return p.asked.Add(askAgain), true
	default: // no news, or only what handle refuses
		return p.asked.Add(repeatAfter), true
	}
}

// poll asks for updates.
func (p *poller) poll(ctx context.Context) {
	p.polling, p.asked, p.sent, p.paused = true, time.Now(), p.offset, time.Time{}
	go func(offset int64) {
		raws, err := p.ask(ctx, offset)
		p.answers <- answer{raws, err}
	}(p.offset)
}

func (p *poller) ask(ctx context.Context, offset int64) ([]json.RawMessage, error) {
	raws, err := p.get(ctx, offset, p.c.pollTimeout, batch)
	var e *callError
	if !p.ready && errors.As(err, &e) && hooked(e) {
		if err := p.c.get(ctx, "deleteWebhook", tgbotapi.Params{"drop_pending_updates": "false"}, nil); err != nil {
			return nil, err
		}
		raws, err = p.get(ctx, offset, p.c.pollTimeout, batch)
	}
	// A conflict that follows is with somebody who came later.
	p.ready = p.ready || err == nil || errors.As(err, &e) && e.code == http.StatusConflict
	return raws, err
}

// hooked says whether updates are refused because a webhook is set.
func hooked(e *callError) bool {
	return e.code == http.StatusConflict && strings.Contains(e.description, "webhook")
}

// take puts what is new of an answer into the window.
func (p *poller) take(ctx context.Context, a answer) error {
	p.polling = false
	if a.err == nil || ctx.Err() != nil { // a request that waited when ctx ended has been seen, too
		p.confirmed = p.sent
	}
	if ctx.Err() != nil {
		return nil //nolint:nilerr // what was answered comes again
	}
	if pause := p.judge(ctx, a.err); a.err != nil {
		p.paused = time.Now().Add(pause)
		return a.err
	}
	for _, raw := range a.raws {
		d, err := decode(raw)
		if p.known(d.id) {
			continue
		}
		p.c.count(ctx, d, err)
		r := &received{id: d.id, update: d.update, query: d.query, since: time.Now(), done: err != nil || !d.mine}
		if r.done {
			p.answer(r)
		} else {
			p.waiting++
		}
		if d.id != 0 { // what has no number cannot be acknowledged, either
			p.window = append(p.window, r)
		}
	}
	return nil
}

// answer ends the waiting sign of a pressed button, now that the press has taken effect:
// the reply to it is on its way. If the process dies before, the press comes again.
func (p *poller) answer(r *received) {
	if r.query != "" {
		p.c.callbacks.answer(r.query, r.since)
	}
}

// known says whether an update is in the window, or was finished while the answer was under way.
func (p *poller) known(id int64) bool {
	return p.sent <= id && id < p.offset || slices.ContainsFunc(p.window, func(r *received) bool { return r.id == id })
}

// drain waits for all that is under way.
func (p *poller) drain(ctx context.Context) {
	close(p.work)
	for p.running > 0 {
		p.finish(ctx, <-p.handled)
	}
	if p.polling {
		_ = p.take(ctx, <-p.answers)
	}
	p.acknowledge()
}

// get asks for the updates from offset on.
func (p *poller) get(ctx context.Context, offset int64, timeout time.Duration, limit int) ([]json.RawMessage, error) {
	params := tgbotapi.Params{
		"timeout":         strconv.Itoa(int(timeout.Seconds())),
		"limit":           strconv.Itoa(limit),
		"allowed_updates": allowedUpdates,
	}
	params.AddNonZero64("offset", offset)
	raw, cerr := p.c.call(ctx, timeout+p.c.timeout, "getUpdates", params)
	if cerr != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", cerr)
	}
	var raws []json.RawMessage
	if unmarshal(raw, &raws) != nil {
		return nil, errors.New("telegram getUpdates: the result is not a list")
	}
	return raws, nil
}

// judge says how long to pause after a round, and tells the operator when the
// kind of trouble changes.
func (p *poller) judge(ctx context.Context, err error) time.Duration {
	if err == nil {
		if p.trouble != "" {
			p.c.log.InfoContext(ctx, "updates are received again")
		}
		p.trouble = ""
		p.backoff.Reset()
		return 0
	}
	pause := min(p.backoff.NextBackOff(), maxBackoff)
	trouble := "Telegram cannot be reached"
	var e *callError
	switch {
	case !errors.As(err, &e):
	case hooked(e):
		trouble = "a webhook is set for this bot: another deployment receives its updates"
	case e.code == http.StatusConflict:
		trouble = "another process polls for this bot: only one may run"
	case e.code == http.StatusTooManyRequests:
		trouble = "Telegram asks for a pause"
		pause = max(e.wait, time.Second)
	case e.code >= 500:
		trouble = "Telegram has a fault"
	case errors.Is(e, ErrUnauthorized):
		trouble = "Telegram does not accept the bot token; polling ends if it stays so"
	case e.code != 0:
		trouble = "Telegram refuses to give updates"
	}
	if trouble != p.trouble {
		p.trouble = trouble
		p.c.log.WarnContext(ctx, trouble, "error", err)
	}
	return pause
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
