package botapitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"time"
)

// update is one update that waits for the bot.
type update struct {
	id    int64
	queue string // updates of one queue are delivered to a webhook in order
	body  json.RawMessage
}

// inbox is what the bot has not acknowledged yet.
type inbox struct {
	last      int64 // update id
	waiting   []update
	again     []update // acknowledged, but delivered once more
	allowed   []string // nil: all
	news      chan struct{}
	poll      chan *apiError // ends the poll under way
	hook      *hook
	duplicate float64
	total     int
}

// hook is a webhook that is set.
type hook struct {
	url, secret string
	slots       chan struct{}
	stop        chan struct{}
	queues      map[string]bool // being delivered
}

func (in *inbox) init() {
	in.last = 100
	in.news = make(chan struct{})
}

// wake tells whoever waits that something changed.
func (in *inbox) wake() {
	close(in.news)
	in.news = make(chan struct{})
}

// allow stores allowed_updates: absent or null leaves it, an empty list means the default.
func (in *inbox) allow(c *call) *apiError {
	v, ok := c.params["allowed_updates"]
	if !ok || v == "" || v == "null" {
		return nil
	}
	var list []string
	if json.Unmarshal([]byte(v), &list) != nil {
		return bad("can't parse allowed updates")
	}
	if len(list) == 0 {
		list = nil
	}
	in.allowed = list
	return nil
}

func (in *inbox) drop(c *call) {
	if v := c.params["drop_pending_updates"]; v == "true" || v == "True" || v == "1" {
		in.waiting, in.again = nil, nil
	}
}

// push queues an update of a kind. The lock is held.
func (s *Server) push(kind, queue string, content any) {
	if s.in.allowed != nil && !slices.Contains(s.in.allowed, kind) {
		return
	}
	s.in.last++
	body, err := json.Marshal(map[string]any{"update_id": s.in.last, kind: content})
	if err != nil {
		panic(err)
	}
	s.enqueue(update{s.in.last, queue, body})
}

func (s *Server) enqueue(u update) {
	s.in.waiting = append(s.in.waiting, u)
	s.in.total++
	s.in.wake()
	s.deliver()
}

// Inject queues an update as it stands, however wrong; it should contain the
// update_id that NextUpdateID returned.
func (s *Server) Inject(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var head struct {
		ID int64 `json:"update_id"`
	}
	_ = json.Unmarshal([]byte(raw), &head)
	s.in.last = max(s.in.last, head.ID)
	s.enqueue(update{head.ID, "injected", json.RawMessage(raw)})
}

// NextUpdateID is the id that the next update gets.
func (s *Server) NextUpdateID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in.last + 1
}

// Pending is how many updates the bot has not acknowledged.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.in.waiting) + len(s.in.again)
}

// Updates is how many updates there were in all.
func (s *Server) Updates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in.total
}

var (
	conflictWebhook    = &apiError{code: 409, description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}
	conflictPoll       = &apiError{code: 409, description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
	conflictWebhookSet = &apiError{code: 409, description: "Conflict: terminated by setWebhook request"}
)

func (s *Server) getUpdates(c *call) (any, *apiError) {
	offset, err := c.number("offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 100)
	if err != nil {
		return nil, err
	}
	if limit < 1 || limit > 100 {
		limit = 100
	}
	timeout, err := c.number("timeout", 0)
	if err != nil {
		return nil, err
	}
	timeout = max(0, min(timeout, 50))

	s.mu.Lock()
	if s.in.hook != nil {
		s.mu.Unlock()
		return nil, conflictWebhook
	}
	if err := s.in.allow(c); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.abortPoll(conflictPoll)
	if offset < 0 {
		keep := min(int(-offset), len(s.in.waiting))
		s.in.waiting = s.in.waiting[len(s.in.waiting)-keep:]
	} else {
		s.confirm(offset)
	}
	aborted := make(chan *apiError, 1)
	s.in.poll = aborted
	deadline := time.NewTimer(time.Duration(timeout) * time.Second)
	defer deadline.Stop()
	for {
		if batch := s.batch(int(limit)); len(batch) > 0 || timeout == 0 {
			s.in.poll = nil
			s.mu.Unlock()
			return batch, nil
		}
		news := s.in.news
		s.mu.Unlock()
		select {
		case err := <-aborted:
			return nil, err
		case <-news:
		case <-deadline.C:
			timeout = 0
		case <-c.gone:
			timeout = 0
		case <-s.ctx.Done():
			timeout = 0
		}
		s.mu.Lock()
		if s.in.poll != aborted {
			s.mu.Unlock()
			return nil, <-aborted
		}
	}
}

// abortPoll ends the poll under way. The lock is held.
func (s *Server) abortPoll(why *apiError) {
	if s.in.poll != nil {
		s.in.poll <- why
		s.in.poll = nil
	}
}

// confirm forgets what is before offset. The lock is held.
func (s *Server) confirm(offset int64) {
	s.in.again = nil
	kept := s.in.waiting[:0:0]
	for _, u := range s.in.waiting {
		switch {
		case u.id >= offset:
			kept = append(kept, u)
		case s.rand.Float64() < s.in.duplicate:
			s.in.again = append(s.in.again, u)
		}
	}
	s.in.waiting = kept
}

// batch is what a poll gets. The lock is held.
func (s *Server) batch(limit int) []json.RawMessage {
	out := []json.RawMessage{}
	for _, us := range [][]update{s.in.again, s.in.waiting} {
		for _, u := range us {
			if len(out) == limit {
				return out
			}
			out = append(out, u.body)
		}
	}
	return out
}

// unhook ends the webhook. The lock is held.
func (s *Server) unhook() {
	if s.in.hook != nil {
		close(s.in.hook.stop)
		s.in.hook = nil
	}
}

// deliver starts a worker for each queue that has updates and none. The lock is held.
func (s *Server) deliver() {
	h := s.in.hook
	if h == nil {
		return
	}
	for _, u := range s.in.waiting {
		if !h.queues[u.queue] {
			h.queues[u.queue] = true
			go s.deliverQueue(h, u.queue)
		}
	}
}

// deliverQueue delivers the updates of one queue in order until there are none.
func (s *Server) deliverQueue(h *hook, queue string) {
	for {
		s.mu.Lock()
		i := slices.IndexFunc(s.in.waiting, func(u update) bool { return u.queue == queue })
		if i < 0 || s.in.hook != h {
			delete(h.queues, queue)
			s.mu.Unlock()
			return
		}
		u := s.in.waiting[i]
		s.mu.Unlock()

		pause := s.o.WebhookRetry
		for {
			taken, wait := s.post(h, u)
			if taken {
				break
			}
			if wait <= 0 {
				wait = pause
				pause = min(2*pause, time.Minute)
			}
			t := time.NewTimer(wait)
			select {
			case <-t.C:
			case <-h.stop:
				t.Stop()
				return
			case <-s.ctx.Done():
				t.Stop()
				return
			}
		}
		s.mu.Lock()
		s.in.waiting = slices.DeleteFunc(s.in.waiting, func(v update) bool { return v.id == u.id })
		again := s.rand.Float64() < s.in.duplicate
		s.mu.Unlock()
		if again {
			s.post(h, u)
		}
	}
}

// post makes one delivery. It says whether the bot took the update and, if not, when it wants it again.
func (s *Server) post(h *hook, u update) (bool, time.Duration) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-s.ctx.Done():
		return false, 0
	}
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, h.url, bytes.NewReader(u.body))
	if err != nil {
		return false, 0
	}
	r.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := s.o.WebhookClient.Do(r)
	if err != nil {
		return false, 0
	}
	defer resp.Body.Close()
	body := io.LimitReader(resp.Body, 1<<20)
	if resp.StatusCode/100 == 2 && resp.Header.Get("Content-Type") == "application/json" {
		s.callOf(body)
	}
	_, _ = io.Copy(io.Discard, body)
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return resp.StatusCode/100 == 2, time.Duration(min(seconds, 3600)) * time.Second
}

// callOf makes the call that the answer to a webhook's request may hold. The bot
// does not learn what becomes of it.
func (s *Server) callOf(body io.Reader) {
	params, err := object(body)
	if err != nil || params["method"] == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.fault("the answer of a webhook is no call")
		return
	}
	address := "/bot" + s.token + "/" + params["method"]
	delete(params, "method")
	raw, err := json.Marshal(params)
	if err != nil {
		return // cannot be: these are strings
	}
	r := httptest.NewRequestWithContext(s.ctx, http.MethodPost, address, bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler { //nolint:errorlint // it is not wrapped
			panic(v)
		}
	}()
	http.Handler(s).ServeHTTP(httptest.NewRecorder(), r)
}
