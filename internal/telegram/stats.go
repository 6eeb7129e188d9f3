package telegram

import (
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"iqbot/bot"
)

// Stats counts what happened since the client was made.
type Stats struct {
	Updates   uint64 // decoded and handed over
	Ignored   uint64 // from groups, channels and bots, and service messages
	Malformed uint64 // not understood at all
	Sent      uint64 // messages that Telegram took
	// Failed counts the failed sends by their reason.
	Failed map[bot.SendReason]uint64
	// PlainText counts the messages that were sent again without markup.
	PlainText uint64
	// Unanswered counts the callback queries that could not be answered.
	Unanswered uint64
	// HandlerErrors counts the polled batches and webhook requests that the
	// handler did not take.
	HandlerErrors uint64
	// Refused counts the webhook requests without the right secret.
	Refused uint64
}

type counters struct {
	updates, ignored, malformed, sent, plainText, unanswered, handlerErrors, refused atomic.Uint64

	mu     sync.Mutex
	failed map[bot.SendReason]uint64
}

// sending counts the outcome of a send.
func (n *counters) sending(err error) {
	var e *bot.SendError
	if !errors.As(err, &e) {
		n.sent.Add(1)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failed == nil {
		n.failed = map[bot.SendReason]uint64{}
	}
	n.failed[e.Reason]++
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	n := &c.stats
	n.mu.Lock()
	failed := maps.Clone(n.failed)
	n.mu.Unlock()
	return Stats{
		Updates: n.updates.Load(), Ignored: n.ignored.Load(), Malformed: n.malformed.Load(),
		Sent: n.sent.Load(), Failed: failed, PlainText: n.plainText.Load(), Unanswered: n.unanswered.Load(),
		HandlerErrors: n.handlerErrors.Load(), Refused: n.refused.Load(),
	}
}
