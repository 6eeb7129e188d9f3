package telegram

import (
	"context"
	"net/http"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Limits of answering callback queries.
const (
	// maxAnswers is how many are answered at once. With 40 ms a call these are three
	// thousand a second, a hundred times what a bot may send: what the window
	// of a poller lets through does not pile up.
	maxAnswers = 128
	// maxUnanswered is how many may wait for that, as while Telegram does not answer.
	maxUnanswered = 4096
	// answerTimeout bounds one call, and how long a client that is closed goes on.
	answerTimeout = 10 * time.Second
	// answerTries is how often one is tried; phones stop their waiting sign by themselves.
	answerTries = 3
	// answerAgain is how long after a failed try the next one comes.
	answerAgain = time.Second
	// queryLife is how long Telegram takes an answer.
	// Source: tdlib/telegram-bot-api, Client.cpp, the life of updates with callback queries.
	queryLife = 150 * time.Second
)

// callbacks ends the waiting signs on pressed buttons for a poller; a webhook does it in
// its answer. The calls are made in the background, after what the person waits
// for: an update is handled first, which begins the reply to it.
type callbacks struct {
	c      *Client
	ctx    context.Context // of all calls
	cancel context.CancelFunc
	closed chan struct{}
	once   sync.Once
	group  sync.WaitGroup

	mu      sync.Mutex
	waiting []callback
	length  int // of waiting, and those that wait for another try
	workers int
}

// callback is a query to be answered.
type callback struct {
	id    string
	since time.Time // when it was received
	tries int       // that failed
}

func newCallbacks(c *Client) *callbacks {
	ctx, cancel := context.WithCancel(context.Background())
	return &callbacks{c: c, ctx: ctx, cancel: cancel, closed: make(chan struct{})}
}

// answer takes a query that was received at since. It does not block.
func (q *callbacks) answer(id string, since time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.length >= maxUnanswered {
		q.c.stats.unanswered.Add(1)
		return
	}
	q.length++
	q.enqueue(callback{id: id, since: since})
}

// enqueue has a worker take b. The lock is held.
func (q *callbacks) enqueue(b callback) {
	q.waiting = append(q.waiting, b)
	if q.workers < maxAnswers {
		q.workers++
		q.group.Go(q.work)
	}
}

func (q *callbacks) work() {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.workers--
			q.mu.Unlock()
			return
		}
		b := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		q.try(b)
	}
}

// try makes the call. To answer twice does no harm, so whatever fails is tried again,
// unless Telegram says that it will never be taken.
func (q *callbacks) try(b callback) {
	if q.ctx.Err() != nil || time.Since(b.since) >= queryLife {
		q.end(true)
		return
	}
	err := q.c.order(q.ctx, answerTimeout, "answerCallbackQuery", tgbotapi.Params{"callback_query_id": b.id})
	if err == nil {
		q.end(false)
		return
	}
	b.tries++
	q.c.log.DebugContext(q.ctx, "a callback query was not answered", "try", b.tries, "error", err)
	final := err.code >= 400 && err.code < 500 && err.code != http.StatusTooManyRequests
	wait := max(err.wait, answerAgain)
	if final || b.tries >= answerTries || time.Since(b.since)+wait >= queryLife {
		q.end(true)
		return
	}
	q.group.Go(func() {
		select {
		case <-q.closed:
			q.end(true)
		case <-time.After(wait):
			q.mu.Lock()
			defer q.mu.Unlock()
			q.enqueue(b)
		}
	})
}

// end forgets a query.
func (q *callbacks) end(unanswered bool) {
	if unanswered {
		q.c.stats.unanswered.Add(1)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.length--
}

// close answers what waits, and returns at the latest after answerTimeout.
func (q *callbacks) close() {
	q.once.Do(func() { close(q.closed) })
	end := time.AfterFunc(answerTimeout, q.cancel)
	defer end.Stop()
	q.group.Wait()
	q.cancel()
}
