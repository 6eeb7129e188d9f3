package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
	"iqbot/internal/store"
	"iqbot/internal/telegram/botapitest"
)

// chats is a handler that notes what it is given, holds a person's updates
// back as long as their channel is open, or refuses them.
type chats struct {
	t       *testing.T
	mu      sync.Mutex
	held    map[bot.ChatID]chan struct{}
	refused map[bot.ChatID]bool
	taken   map[bot.ChatID][]string
	running map[bot.ChatID]bool
	most    int // chats at once
	calls   int
}

func (c *chats) handle(ctx context.Context, updates []bot.Update) error {
	u := updates[0]
	if len(updates) != 1 {
		c.t.Errorf("%d updates at once", len(updates))
	}
	c.mu.Lock()
	c.calls++
	if c.running[u.Chat] {
		c.t.Errorf("two updates of %s are handled at once", u.Chat)
	}
	c.running[u.Chat] = true
	c.most = max(c.most, len(c.running))
	hold, refused := c.held[u.Chat], c.refused[u.Chat]
	c.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			refused = true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, u.Chat)
	if refused {
		return errors.New("not now")
	}
	c.taken[u.Chat] = append(c.taken[u.Chat], u.Input.Command+u.Input.Text)
	return nil
}

// hold keeps what a chat sends from being taken until the returned function is called.
func (c *chats) hold(chat bot.ChatID) (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hold := make(chan struct{})
	c.held[chat] = hold
	return func() { close(hold) }
}

func (c *chats) refuse(chat bot.ChatID, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[chat] = refused
}

func (c *chats) of(chat bot.ChatID) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.taken[chat], " ")
}

func (c *chats) total() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, texts := range c.taken {
		n += len(texts)
	}
	return n
}

// pollChats polls until stop, which gives the cause.
func pollChats(t *testing.T, client *Client) (c *chats, stop func(cause error)) {
	t.Helper()
	c = &chats{t: t, held: map[bot.ChatID]chan struct{}{}, refused: map[bot.ChatID]bool{}, taken: map[bot.ChatID][]string{}, running: map[bot.ChatID]bool{}}
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() { done <- client.Poll(ctx, c.handle) }()
	return c, func(cause error) {
		cancel(cause)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestOneSlowChatDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := inProcess(t, botapitest.Options{})
		slow, other := s.User(1, "", ""), s.User(2, "", "")
		c, stop := pollChats(t, client)
		release := c.hold("telegram:1")
		for _, n := range []string{"1", "2", "3", "4"} {
			slow.Send("a" + n)
			other.Send("b" + n)
			settled(askAgain)
			if got := c.of("telegram:2"); !strings.HasSuffix(got, "b"+n) {
				t.Errorf("b%s waits for somebody else; taken is %q", n, got)
			}
		}
		settled(10 * time.Second)
		if got := c.of("telegram:1"); got != "" || s.Pending() != 8 {
			t.Errorf("of the slow one %q was taken; %d updates are not acknowledged, want 8: what is not committed must come again", got, s.Pending())
		}
		if n := s.Calls("getUpdates"); n > 25 {
			t.Errorf("%d polls in 13 s", n)
		}
		release()
		settled(time.Second)
		if got := c.of("telegram:1") + " " + c.of("telegram:2"); got != "a1 a2 a3 a4 b1 b2 b3 b4" || s.Pending() != 0 {
			t.Errorf("afterwards %q was taken, %d updates are not acknowledged", got, s.Pending())
		}
		stop(nil)
		if n := client.Stats().Updates; n != 8 || c.calls != 8 {
			t.Errorf("%d updates are counted, and handle was called %d times, for 8", n, c.calls)
		}
	})
}

// What is received beyond what is not acknowledged is bounded: then all wait
// for the oldest, and nothing is lost or taken twice.
func TestAFullWindowWaitsForItsOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := inProcess(t, botapitest.Options{})
		c, stop := pollChats(t, client)
		release := c.hold("telegram:1")
		s.User(1, "", "").Send("stuck")
		for i := range 250 {
			s.User(int64(2+i), "", "").Send("x")
		}
		settled(10 * time.Second)
		polls := s.Calls("getUpdates")
		if n := c.total(); n != batch-1 || s.Pending() != 251 {
			t.Errorf("%d were taken, want %d; %d are not acknowledged", n, batch-1, s.Pending())
		}
		settled(time.Minute)
		if n := s.Calls("getUpdates"); n != polls {
			t.Errorf("%d polls for what cannot come", n-polls)
		}
		release()
		settled(time.Second)
		if n := c.total(); n != 251 || s.Pending() != 0 || c.calls != 251 {
			t.Errorf("%d were taken by %d calls; %d are not acknowledged", n, c.calls, s.Pending())
		}
		stop(nil)
		if c.most > batch {
			t.Errorf("%d chats were at work at once", c.most)
		}
	})
}

func TestAnUpdateThatIsRefusedStopsItsChatOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := inProcess(t, botapitest.Options{})
		c, stop := pollChats(t, client)
		c.refuse("telegram:1", true)
		one, two := s.User(1, "", ""), s.User(2, "", "")
		one.Send("a1")
		one.Send("a2")
		for _, text := range []string{"b1", "b2", "b3"} {
			two.Send(text)
			settled(repeatAfter)
			if got := c.of("telegram:2"); !strings.HasSuffix(got, text) {
				t.Errorf("%s waits for somebody else; taken is %q", text, got)
			}
		}
		settled(time.Minute)
		if c.calls < 6 || c.calls > 20 {
			t.Errorf("in a minute %d calls of handle, 3 of which are the others'", c.calls)
		}
		c.refuse("telegram:1", false)
		settled(maxBackoff)
		if got := c.of("telegram:1"); got != "a1 a2" || s.Pending() != 0 {
			t.Errorf("afterwards %q was taken, %d updates are not acknowledged", got, s.Pending())
		}
		stop(nil)
	})
}

// When Poll ends in the middle, what was taken up to the first that was not is
// confirmed, and all that comes after it comes again to the next.
func TestWhatWasNotTakenComesAgainToTheNext(t *testing.T) {
	for name, tt := range map[string]struct {
		cause   error
		pending int
	}{
		"stopped":    {nil, 3},
		"taken over": {ErrTakenOver, 4}, // one request more would disturb the other process
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, client := inProcess(t, botapitest.Options{})
				c, stop := pollChats(t, client)
				release := c.hold("telegram:1")
				c.hold("telegram:2")
				s.User(1, "", "").Send("a1")
				s.User(2, "", "").Send("b1")
				s.User(2, "", "").Send("b2")
				s.User(3, "", "").Send("c1")
				settled(askAgain / 2)
				release()
				settled(0)
				stop(tt.cause)
				if s.Pending() != tt.pending {
					t.Errorf("%d updates are not acknowledged, want %d", s.Pending(), tt.pending)
				}
				if got := c.of("telegram:1") + c.of("telegram:2") + c.of("telegram:3"); got != "a1c1" {
					t.Errorf("%q was taken", got)
				}
				c, stop = pollChats(t, client)
				settled(time.Second)
				if got := c.of("telegram:2"); got != "b1 b2" || s.Pending() != 0 {
					t.Errorf("the next took %q, %d updates are not acknowledged", got, s.Pending())
				}
				stop(nil)
			})
		})
	}
}

// After a week without updates Telegram's numbers may begin anew, anywhere.
// Source: Bot API, Update, field update_id.
func TestNumbersThatFallAreAcknowledgedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		waiting := []int64{500, 501}
		var offsets []string
		client, err := New(Options{Token: botapitest.DefaultToken, HTTPClient: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if !strings.HasSuffix(r.URL.Path, "/getUpdates") {
				return response(200, nil, `{"ok":true,"result":true}`), nil
			}
			var params map[string]string
			if err := json.NewDecoder(bytes.NewReader(body)).Decode(&params); err != nil {
				return nil, err
			}
			mu.Lock()
			defer mu.Unlock()
			offsets = append(offsets, params["offset"])
			// An offset beyond all numbers is taken for none (tdlib, TQueue::get).
			if n, _ := strconv.ParseInt(params["offset"], 10, 64); len(waiting) > 0 && n <= waiting[len(waiting)-1]+1 {
				waiting = slices.DeleteFunc(waiting, func(id int64) bool { return id < n })
			}
			var raws []string
			for _, id := range waiting {
				raws = append(raws, fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"%d"}}`, id, id, id))
			}
			if len(offsets) == 4 {
				waiting = []int64{3, 4}
			}
			return response(200, nil, `{"ok":true,"result":[`+strings.Join(raws, ",")+`]}`), nil
		})}})
		if err != nil {
			t.Fatal(err)
		}
		c, stop := pollChats(t, client)
		settled(time.Minute)
		stop(nil)
		if got := c.of("telegram:7"); got != "500 501 3 4" {
			t.Errorf("taken is %q", got)
		}
		if len(waiting) > 0 {
			t.Errorf("%d come again and again; the offsets were %q", waiting, offsets)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// damaged is a store in which nothing can be done with one chat.
type damaged struct {
	*store.Store
	chat bot.ChatID
}

func (d damaged) Load(ctx context.Context, chat bot.ChatID) (bot.Session, error) {
	if chat == d.chat {
		return bot.Session{}, fmt.Errorf("load: %w", bot.ErrUnusable)
	}
	return d.Store.Load(ctx, chat)
}

// More people than fit into the window write after one whose update can never be
// handled: all of them are answered, and nothing stays at Telegram.
func TestAChatThatCannotBeUsedHoldsNobodyUp(t *testing.T) {
	content, err := loadContent()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := store.OpenEmbedded(t.Context(), store.Options{HashSecret: []byte("0123456789abcdef"), Sealer: store.Plain{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	s, client := inProcess(t, botapitest.Options{})
	engine := bot.NewEngine(bot.Options{
		Store: damaged{kept, "telegram:1"}, Channels: []bot.Channel{client}, Content: content, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var group sync.WaitGroup
	group.Go(func() { engine.Run(ctx, patience) })
	polled := make(chan error, 1)
	group.Go(func() { polled <- client.Poll(ctx, engine.Handle) })
	s.User(1, "en", "").Send("/start")
	for i := range batch + 50 {
		u := s.User(int64(2+i), "en", "")
		u.Send("/start lang-en")
		if _, err := u.WaitMessages(ctx, 1); err != nil {
			t.Fatalf("person %d is not answered: %v", i, err)
		}
	}
	cancel()
	group.Wait()
	if err := <-polled; err != nil || s.Pending() != 0 || engine.Stats().Hopeless.Load() != 1 {
		t.Errorf("%v; %d updates stay at Telegram, %d were given up", err, s.Pending(), engine.Stats().Hopeless.Load())
	}
}
