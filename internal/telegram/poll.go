package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
)

// Poll receives updates by long polling until ctx ends, and then returns nil.
// It calls handle with the updates of one poll, oldest first, one batch at a
// time. Only when handle returns nil is the batch acknowledged to Telegram; after
// an error the same batch is asked for again, with a growing pause. Handle may
// see an update again that it has taken already, and must recognise it.
//
// A webhook that is set on the bot is removed first; what waits there is kept.
//
// The one error that Poll gives up on is [ErrUnauthorized]. It goes on through
// everything else (no connection, errors of the server, too many requests, another
// receiver of the same bot's updates) and says in the log what is wrong, once for each change.
//
// When ctx ends while handle is at work and handle still succeeds, Poll
// confirms that batch with one short last request. It does not when it is
// waiting for updates: the waiting request itself has confirmed all before it,
// and another process may be polling by now, which the extra request would disturb.
func (c *Client) Poll(ctx context.Context, handle func(ctx context.Context, updates []bot.Update) error) error {
	p := poller{c: c, backoff: &backoff.ExponentialBackOff{
		InitialInterval:     500 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         maxBackoff,
	}}
	for ctx.Err() == nil {
		asked, before := time.Now(), p.offset
		err := p.round(ctx, handle)
		if ctx.Err() != nil {
			break
		}
		if errors.Is(err, ErrUnauthorized) {
			return err
		}
		pause := p.judge(ctx, err)
		if p.offset == before && p.answered {
			pause = max(pause, repeatAfter-time.Since(asked))
		}
		sleep(ctx, pause)
	}
	if p.offset != p.confirmed {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
		defer cancel()
		if _, err := p.get(ctx, 0, 1); err != nil {
			c.log.InfoContext(ctx, "the last updates could not be confirmed and will come again", "error", err)
		}
	}
	return nil
}

// poller is the state of one Poll.
type poller struct {
	c         *Client
	backoff   *backoff.ExponentialBackOff
	ready     bool  // no webhook is in the way
	answered  bool  // the last getUpdates was answered with updates or none
	offset    int64 // the first update that is wanted
	confirmed int64 // the offset that Telegram has seen
	trouble   string
}

// handlerError is what the caller's handler returned. It does not unwrap: a
// refused token that the handler met while sending is no end of the polling.
type handlerError struct{ error }

// round is one poll and its handling.
func (p *poller) round(ctx context.Context, handle func(context.Context, []bot.Update) error) error {
	p.answered = false
	if !p.ready {
		if err := p.c.get(ctx, "deleteWebhook", tgbotapi.Params{"drop_pending_updates": "false"}, nil); err != nil {
			return err
		}
		p.ready = true
	}
	raws, err := p.get(ctx, p.c.pollTimeout, batch)
	if err != nil {
		return err
	}
	p.answered, p.confirmed = true, p.offset
	next := p.offset
	var updates []bot.Update
	for _, raw := range raws {
		d, err := p.c.receive(ctx, raw)
		if d.query != "" {
			p.c.answer(ctx, d.query)
		}
		next = max(next, d.id+1)
		if err == nil && d.mine {
			updates = append(updates, d.update)
		}
	}
	if len(updates) > 0 {
		if err := handle(ctx, updates); err != nil {
			p.c.stats.handlerErrors.Add(1)
			return handlerError{err}
		}
	}
	p.offset = next
	return nil
}

// get asks for the updates from p.offset on.
func (p *poller) get(ctx context.Context, timeout time.Duration, limit int) ([]json.RawMessage, error) {
	params := tgbotapi.Params{
		"timeout":         strconv.Itoa(int(timeout.Seconds())),
		"limit":           strconv.Itoa(limit),
		"allowed_updates": allowedUpdates,
	}
	params.AddNonZero64("offset", p.offset)
	raw, cerr := p.c.call(ctx, timeout+p.c.timeout, "getUpdates", params)
	if cerr != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", cerr)
	}
	var raws []json.RawMessage
	if json.Unmarshal(raw, &raws) != nil {
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
	var h handlerError
	var e *callError
	switch {
	case errors.As(err, &h):
		trouble = "updates cannot be taken now; they stay at Telegram"
	case !errors.As(err, &e):
	case e.code == http.StatusConflict && strings.Contains(e.description, "webhook"):
		trouble = "a webhook is set for this bot: another deployment receives its updates"
	case e.code == http.StatusConflict:
		trouble = "another process polls for this bot: only one may run"
	case e.code == http.StatusTooManyRequests:
		trouble = "Telegram asks for a pause"
		pause = max(e.wait, time.Second)
	case e.code >= 500:
		trouble = "Telegram has a fault"
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
