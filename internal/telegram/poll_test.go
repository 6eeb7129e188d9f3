package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/telegram/botapitest"
)

// answers is a transport that makes every answer by a function.
type answers func(*http.Request) *http.Response

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
	resp := a(r)
	resp.Request = r
	return resp, nil
}

func response(status int, h http.Header, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// polling runs Poll until stop is called, and gathers the texts it hands over.
type polling struct {
	t    *testing.T
	stop func() error
	mu   sync.Mutex
	seen []string
	fail error // what the handler returns
	log  syncBuffer
}

func poll(t *testing.T, s *botapitest.Server) (*polling, *Client) {
	t.Helper()
	p := &polling{t: t}
	c := newClient(t, s, Options{HTTPClient: s.Client(), Logger: slog.New(slog.NewTextHandler(&p.log, nil))})
	p.run(c)
	return p, c
}

func (p *polling) run(c *Client) {
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Poll(ctx, p.handle) }()
	p.stop = func() error { cancel(); return <-done }
}

func (p *polling) handle(_ context.Context, updates []bot.Update) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range updates {
		p.seen = append(p.seen, u.Input.Command+u.Input.Text)
	}
	return p.fail
}

func (p *polling) failWith(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = err
}

func (p *polling) want(texts ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if diff := cmp.Diff(texts, p.seen); diff != "" {
		p.t.Errorf("want -, got +\n%s", diff)
	}
	p.seen = nil
}

// settled waits in a bubble until all that can happen now has happened.
func settled(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestPollHandsOverInOrderAndAcknowledges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		u := s.User(7, "uk", "olena")
		u.Send("one")
		u.Send("two")
		p, c := poll(t, s)
		settled(time.Second)
		p.want("one", "two")
		if n := s.Pending(); n != 0 {
			t.Errorf("%d updates are not acknowledged", n)
		}
		settled(200 * time.Second) // several polls without news
		u.Send("three")
		settled(0)
		p.want("three")
		if got := s.Calls("getUpdates"); got > 8 {
			t.Errorf("%d polls in 200 s", got)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
		if got := c.Stats(); got.Updates != 3 || got.Ignored != 0 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestPollTakesMoreThanOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		var want []string
		for i := range 250 {
			s.User(int64(1+i), "", "").Send(fmt.Sprint(i))
			want = append(want, fmt.Sprint(i))
		}
		p, _ := poll(t, s)
		settled(time.Second)
		p.mu.Lock()
		slices.Sort(p.seen) // many people at once are served in any order
		p.mu.Unlock()
		slices.Sort(want)
		p.want(want...)
		if n := s.Pending(); n != 0 {
			t.Errorf("%d updates are not acknowledged", n)
		}
		_ = p.stop()
	})
}

func TestPollDoesNotAcknowledgeWhatTheHandlerRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		u := s.User(7, "", "")
		u.Send("one")
		p := &polling{t: t, fail: errors.New("the store is down")}
		c := newClient(t, s, Options{HTTPClient: s.Client(), Logger: slog.New(slog.NewTextHandler(&p.log, nil))})
		p.run(c)
		settled(time.Second)
		u.Send("two")
		if s.Pending() != 2 {
			t.Errorf("%d updates wait, want 2", s.Pending())
		}
		settled(100 * time.Second)
		if n := s.Calls("getUpdates"); n < 4 || n > 40 {
			t.Errorf("%d polls in 100 s", n)
		}
		if s.Pending() != 2 {
			t.Errorf("%d updates wait, want 2", s.Pending())
		}
		if n := strings.Count(p.log.String(), "level=WARN"); n != 1 {
			t.Errorf("the trouble is logged %d times:\n%s", n, p.log.String())
		}
		p.failWith(nil)
		p.mu.Lock()
		p.seen = nil
		p.mu.Unlock()
		settled(40 * time.Second)
		p.want("one", "two")
		if s.Pending() != 0 {
			t.Errorf("%d updates wait", s.Pending())
		}
		_ = p.stop()
		if !strings.Contains(p.log.String(), "updates are received again") {
			t.Error("the recovery is not logged")
		}
	})
}

func TestPollGetsPastMalformedAndForeignUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		u := s.User(7, "", "")
		s.Group(-5, "group").Send(u, "in a group")
		s.Inject(fmt.Sprintf(`{"update_id":%d,"message":"secret words"}`, s.NextUpdateID()))
		p, c := poll(t, s)
		settled(time.Second)
		p.want()
		if n := s.Pending(); n != 0 {
			t.Errorf("%d updates would come again and again", n)
		}
		u.Send("hello")
		settled(5 * time.Second)
		p.want("hello")
		if got := c.Stats(); got.Malformed != 1 || got.Ignored != 1 || got.Updates != 1 || s.Pending() != 0 {
			t.Errorf("counted %+v, %d wait", got, s.Pending())
		}
		if strings.Contains(p.log.String(), "secret") {
			t.Error("the log holds the content of an update")
		}
		_ = p.stop()
	})
}

// hook sets a webhook, as another deployment has left it.
func hook(t *testing.T, s *botapitest.Server) {
	t.Helper()
	if err := newClient(t, s, Options{HTTPClient: s.Client()}).SetWebhook(t.Context(), "https://example.org/hook", "s", 0); err != nil {
		t.Fatal(err)
	}
}

func TestPollTellsTroublesApart(t *testing.T) {
	for name, tc := range map[string]struct {
		disturb func(s *botapitest.Server)
		log     string
		cured   time.Duration // after which the update arrives
	}{
		"too many requests":  {func(s *botapitest.Server) { s.Fail("getUpdates", 3, botapitest.Throttle) }, "Telegram asks for a pause", 4 * time.Second},
		"fault of server":    {func(s *botapitest.Server) { s.Fail("getUpdates", 3, botapitest.Internal) }, "Telegram has a fault", 12 * time.Second},
		"page of a proxy":    {func(s *botapitest.Server) { s.Fail("getUpdates", 3, botapitest.BadGateway) }, "Telegram has a fault", 12 * time.Second},
		"connection lost":    {func(s *botapitest.Server) { s.Fail("getUpdates", 3, botapitest.DropBefore) }, "Telegram cannot be reached", 12 * time.Second},
		"answer lost":        {func(s *botapitest.Server) { s.Fail("getUpdates", 3, botapitest.DropAfter) }, "Telegram cannot be reached", 12 * time.Second},
		"no answer, webhook": {func(s *botapitest.Server) { s.Fail("deleteWebhook", 1, botapitest.Slow) }, "Telegram cannot be reached", 40 * time.Second},
		"fault, webhook":     {func(s *botapitest.Server) { s.Fail("deleteWebhook", 3, botapitest.Internal) }, "Telegram has a fault", 12 * time.Second},
		"throttled, webhook": {func(s *botapitest.Server) { s.Fail("deleteWebhook", 1, botapitest.Throttle) }, "Telegram asks for a pause", 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, botapitest.Options{Addr: "-", WebhookClient: s503()})
				if strings.Contains(name, "webhook") {
					hook(t, s)
				}
				tc.disturb(s)
				s.User(7, "", "").Send("hello")
				p, _ := poll(t, s)
				settled(tc.cured)
				p.want("hello")
				if err := p.stop(); err != nil {
					t.Error(err)
				}
				if log := p.log.String(); strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, tc.log) {
					t.Errorf("the log should say %q once:\n%s", tc.log, log)
				}
			})
		})
	}
}

func TestPollWaitsAtMostHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		s.Fail("", 0, botapitest.Internal)
		p, _ := poll(t, s)
		settled(time.Hour)
		if n := s.Calls(""); n < 120 || n > 240 { // 15 to 30 s each
			t.Errorf("%d tries in an hour", n)
		}
		_ = p.stop()
	})
}

func TestPollGivesUpOnAWrongToken(t *testing.T) {
	for _, method := range []string{"deleteWebhook", "getUpdates"} {
		synctest.Test(t, func(t *testing.T) {
			s, c := inProcess(t, botapitest.Options{WebhookClient: s503()})
			hook(t, s)
			s.Fail(method, 0, botapitest.Unauthorized)
			began := time.Now()
			err := c.Poll(t.Context(), func(context.Context, []bot.Update) error { return nil })
			if took := time.Since(began); took < revokedAfter || took > revokedAfter+maxBackoff+time.Second {
				t.Errorf("%s: it gave up after %v", method, took)
			}
			if !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "check TELEGRAM_BOT_TOKEN") {
				t.Errorf("%s: got %v", method, err)
			}
		})
	}
	t.Run("not for a moment", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, botapitest.Options{Addr: "-"})
			p, _ := poll(t, s)
			for range 10 {
				s.Fail("getUpdates", 4, botapitest.Unauthorized)
				settled(time.Minute)
				s.User(7, "", "").Send("one")
				settled(2 * MaxPollTimeout)
				p.want("one")
			}
			if err := p.stop(); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("not when the handler met it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, botapitest.Options{Addr: "-"})
			s.User(7, "", "").Send("one")
			p := &polling{t: t, fail: ErrUnauthorized}
			p.run(newClient(t, s, Options{HTTPClient: s.Client()}))
			settled(time.Minute)
			if err := p.stop(); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestPollRemovesAWebhookAndKeepsItsUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-", WebhookClient: &http.Client{Transport: answers(func(*http.Request) *http.Response {
			return response(503, http.Header{}, "")
		})}})
		c := newClient(t, s, Options{HTTPClient: s.Client()})
		if err := c.SetWebhook(t.Context(), "https://example.org/hook", "s", 0); err != nil {
			t.Fatal(err)
		}
		s.User(7, "", "").Send("one")
		settled(time.Second)
		p, _ := poll(t, s)
		settled(time.Second)
		p.want("one")
		_ = p.stop()
	})
}

func TestPollSaysWhoElseReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-", WebhookClient: s503()})
		p, c := poll(t, s)
		settled(time.Second)
		if err := c.SetWebhook(t.Context(), "https://example.org/hook", "s", 0); err != nil {
			t.Fatal(err)
		}
		settled(20 * time.Second)
		if log := p.log.String(); strings.Count(log, "a webhook is set for this bot") != 1 {
			t.Errorf("the webhook is not named once:\n%s", log)
		}
		if err := c.get(t.Context(), "deleteWebhook", nil, nil); err != nil {
			t.Fatal(err)
		}
		settled(40 * time.Second)
		other, _ := poll(t, s)
		settled(10 * time.Second)
		if log := p.log.String() + other.log.String(); !strings.Contains(log, "another process polls for this bot") {
			t.Errorf("the other poller is not named:\n%s", log)
		}
		_ = p.stop()
		settled(40 * time.Second)
		s.User(7, "", "").Send("one") // the one that is left works on
		settled(time.Second)
		other.want("one")
		_ = other.stop()
	})
}

func s503() *http.Client {
	return &http.Client{Transport: answers(func(*http.Request) *http.Response { return response(503, http.Header{}, "") })}
}

func TestPollStopsPromptly(t *testing.T) {
	t.Run("while it waits for updates", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, botapitest.Options{Addr: "-"})
			p, _ := poll(t, s)
			settled(10 * time.Second)
			start, polls := time.Now(), s.Calls("getUpdates")
			if err := p.stop(); err != nil {
				t.Error(err)
			}
			if d := time.Since(start); d > 0 {
				t.Errorf("it took %s", d)
			}
			if s.Calls("getUpdates") != polls {
				t.Error("it polled once more, which would disturb another poller")
			}
		})
	})
	t.Run("while it pauses", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, botapitest.Options{Addr: "-"})
			s.Fail("", 0, botapitest.Internal)
			p, _ := poll(t, s)
			settled(time.Minute)
			start := time.Now()
			_ = p.stop()
			if d := time.Since(start); d > 0 {
				t.Errorf("it took %s", d)
			}
		})
	})
	for name, tc := range map[string]struct {
		result  error
		pending int
	}{
		"a batch that was taken is confirmed":            {nil, 0},
		"a batch that was not taken is left to Telegram": {errors.New("stopped"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, botapitest.Options{Addr: "-"})
				c := newClient(t, s, Options{HTTPClient: s.Client()})
				s.User(7, "", "").Send("one")
				ctx, cancel := context.WithCancel(t.Context())
				if err := c.Poll(ctx, func(context.Context, []bot.Update) error { cancel(); return tc.result }); err != nil {
					t.Error(err)
				}
				if s.Pending() != tc.pending {
					t.Errorf("%d updates wait, want %d", s.Pending(), tc.pending)
				}
			})
		})
	}
	t.Run("even if the confirmation gets no answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, botapitest.Options{Addr: "-"})
			c := newClient(t, s, Options{HTTPClient: s.Client()})
			s.User(7, "", "").Send("one")
			ctx, cancel := context.WithCancel(t.Context())
			start := time.Now()
			_ = c.Poll(ctx, func(context.Context, []bot.Update) error {
				s.Fail("getUpdates", 0, botapitest.Slow)
				cancel()
				return nil
			})
			if d := time.Since(start); d > confirmTimeout {
				t.Errorf("it took %s", d)
			}
		})
	})
}

func TestPollDoesNotSpinOnAServerThatAnswersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		c, err := New(Options{Token: botapitest.DefaultToken, HTTPClient: &http.Client{Transport: answers(func(*http.Request) *http.Response {
			n.Add(1)
			return response(200, nil, `{"ok":true,"result":[]}`)
		})}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_ = c.Poll(ctx, func(context.Context, []bot.Update) error { return nil })
		if n.Load() > 12 {
			t.Errorf("%d requests in 30 s", n.Load())
		}
	})
}

func TestPollHandsOverDuplicatesWithTheSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		s.Duplicate(1)
		u := s.User(7, "", "")
		u.Send("one")
		var ids []bot.UpdateID
		ctx, cancel := context.WithCancel(t.Context())
		c := newClient(t, s, Options{HTTPClient: s.Client()})
		done := make(chan error)
		go func() {
			done <- c.Poll(ctx, func(_ context.Context, us []bot.Update) error {
				for _, u := range us {
					ids = append(ids, u.ID)
				}
				return nil
			})
		}()
		settled(10 * time.Second)
		u.Send("two")
		settled(10 * time.Second)
		cancel()
		<-done
		seen := map[bot.UpdateID]int{}
		for _, id := range ids {
			seen[id]++
		}
		if len(seen) != 2 || seen[ids[0]] != 2 {
			t.Errorf("got %v", ids)
		}
	})
}
