package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/telegram/botapitest"
)

func TestWebhookRequests(t *testing.T) {
	hello := message(`"text":"hello"`)
	type answer struct {
		code    int
		handled int
	}
	for name, tc := range map[string]struct {
		method, secret, kind, body string
		fail                       error
		want                       answer
	}{
		"an update":                  {"POST", "s3cret", "application/json", hello, nil, answer{200, 1}},
		"charset named":              {"POST", "s3cret", "application/json; charset=utf-8", hello, nil, answer{200, 1}},
		"handler cannot take it":     {"POST", "s3cret", "application/json", hello, errors.New("down"), answer{503, 1}},
		"wrong secret":               {"POST", "s3cres", "application/json", hello, nil, answer{401, 0}},
		"no secret":                  {"POST", "", "application/json", hello, nil, answer{401, 0}},
		"longer secret":              {"POST", "s3cret1", "application/json", hello, nil, answer{401, 0}},
		"read by a browser":          {"GET", "s3cret", "", "", nil, answer{405, 0}},
		"a form":                     {"POST", "s3cret", "application/x-www-form-urlencoded", "a=b", nil, answer{415, 0}},
		"no type":                    {"POST", "s3cret", "", hello, nil, answer{415, 0}},
		"too large":                  {"POST", "s3cret", "application/json", `{"update_id":1,"x":"` + strings.Repeat("x", maxBody) + `"}`, nil, answer{413, 0}},
		"as large as allowed":        {"POST", "s3cret", "application/json", hello + strings.Repeat(" ", maxBody-len(hello)), nil, answer{200, 1}},
		"malformed is not repeated":  {"POST", "s3cret", "application/json", `{"update_id":1,"message":7}`, nil, answer{200, 0}},
		"nothing is not repeated":    {"POST", "s3cret", "application/json", "", nil, answer{200, 0}},
		"of a group":                 {"POST", "s3cret", "application/json", decodeCases["group"].in, nil, answer{200, 0}},
		"secret without the handler": {"PUT", "s3cret", "application/json", hello, nil, answer{405, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := inProcess(t, botapitest.Options{})
			handled := 0
			h := c.Webhook("s3cret", func(_ context.Context, us []bot.Update) error { handled += len(us); return tc.fail })
			r := httptest.NewRequest(tc.method, "/hook", strings.NewReader(tc.body))
			if tc.secret != "" {
				r.Header.Set(secretHeader, tc.secret)
			}
			r.Header.Set("Content-Type", tc.kind)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := (answer{w.Code, handled}); got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			if w.Code == 503 && w.Header().Get("Retry-After") == "" {
				t.Error("Telegram is not told when to come back")
			}
			if w.Code == 401 && c.Stats().Refused != 1 {
				t.Error("the refusal is not counted")
			}
			if w.Body.Len() > 0 {
				t.Errorf("the answer has a body: %q", w.Body)
			}
		})
	}
}

func TestAWebhookEndsTheWaitingSignWithItsAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		fail error
		want string
	}{
		"taken":           {body: tap(`"data":"a","message":{"message_id":44,"date":1,` + private + `}`), want: `{"callback_query_id":"99","method":"answerCallbackQuery"}`},
		"not for the bot": {body: decodeCases["button in a group"].in, want: `{"callback_query_id":"99","method":"answerCallbackQuery"}`},
		"comes again":     {body: decodeCases["button"].in, fail: errors.New("down")},
		"no button":       {body: message(`"text":"a"`)},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := inProcess(t, botapitest.Options{})
			h := c.Webhook("s3cret", func(context.Context, []bot.Update) error { return tc.fail })
			r := httptest.NewRequest("POST", "/hook", strings.NewReader(tc.body))
			r.Header.Set(secretHeader, "s3cret")
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			_ = c.Close()
			if w.Body.String() != tc.want || tc.want != "" && w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("answered %q as %q, want %q", w.Body, w.Header().Get("Content-Type"), tc.want)
			}
			if n := s.Calls("answerCallbackQuery"); n != 0 {
				t.Errorf("%d calls of its own for what the answer holds", n)
			}
		})
	}
}

func TestWebhookWithoutASecretRefusesEverything(t *testing.T) {
	_, c := inProcess(t, botapitest.Options{})
	h := c.Webhook("", func(context.Context, []bot.Update) error { t.Error("handled"); return nil })
	r := httptest.NewRequest("POST", "/", strings.NewReader(message(`"text":"hello"`)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 401 {
		t.Errorf("got %d", w.Code)
	}
}

func TestSetWebhookChecksItsArguments(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	for name, tc := range map[string]struct {
		url, secret string
		n           int
		want        string
	}{
		"fine":                 {"https://example.org/hook", "a-B_9", 100, ""},
		"again":                {"https://example.org/hook", "a-B_9", 100, ""},
		"no host":              {"https:///hook", "s", 0, "not an absolute https address"},
		"no scheme":            {"example.org", "s", 0, "not an absolute https address"},
		"no secret":            {"https://example.org", "", 0, "the webhook secret is not"},
		"secret too long":      {"https://example.org", strings.Repeat("a", 257), 0, "the webhook secret is not"},
		"secret with a space":  {"https://example.org", "a b", 0, "the webhook secret is not"},
		"too many connections": {"https://example.org", "s", MaxWebhookConnections + 1, "connections are not 1 to 100"},
		"plain http elsewhere": {"http://example.org", "s", 0, "An HTTPS URL must be provided"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.SetWebhook(t.Context(), tc.url, tc.secret, tc.n)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	info, err := c.WebhookInfo(t.Context())
	if err != nil || !info.Set {
		t.Errorf("got %+v, %v", info, err)
	}
	s.Inject(`{"update_id":999}`)
	if info, _ = c.WebhookInfo(t.Context()); info.Pending != 1 {
		t.Errorf("%d updates wait", info.Pending)
	}
	public, _ := New(Options{Token: botapitest.DefaultToken})
	if err := public.SetWebhook(t.Context(), "http://127.0.0.1/", "s", 0); err == nil {
		t.Error("plain http is offered to Telegram itself")
	}
}

func TestWebhookEndToEnd(t *testing.T) {
	s := newServer(t, botapitest.Options{WebhookRetry: 10 * time.Millisecond})
	c := newClient(t, s, Options{})
	var mu sync.Mutex
	got := map[bot.ChatID][]string{}
	refused := 0
	hook := httptest.NewServer(c.Webhook("s3cret", func(ctx context.Context, us []bot.Update) error {
		mu.Lock()
		if refused < 3 {
			refused++
			mu.Unlock()
			return errors.New("the store is down")
		}
		u := us[0]
		got[u.Chat] = append(got[u.Chat], u.Input.Command+u.Input.Text)
		mu.Unlock()
		return c.Send(ctx, u.Chat, bot.Message{ID: "1", Text: text("answer"), Buttons: [][]bot.Button{{{Label: "More", Data: "more"}}}})
	}))
	defer hook.Close()
	// The first delivery comes again after Retry-After, which is in seconds.
	s.User(1, "", "").Send("/start")
	if err := c.SetWebhook(t.Context(), hook.URL, "s3cret", 10); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 50 {
		u := s.User(int64(100+i), "uk", "")
		wg.Go(func() {
			for j := range 3 {
				u.Send(fmt.Sprint("text ", j))
			}
			if _, err := u.WaitMessages(ctx, 3); err != nil {
				t.Error(err)
				return
			}
			if err := u.Press("More"); err != nil {
				t.Error(err)
			}
			if _, err := u.WaitMessages(ctx, 4); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := s.User(1, "", "").WaitMessages(ctx, 1); err != nil {
		t.Error(err)
	}
	_ = c.Close()
	mu.Lock()
	defer mu.Unlock()
	for i := range 50 {
		if got := strings.Join(got[chatID(int64(100+i))], ","); got != "text 0,text 1,text 2,more" {
			t.Errorf("person %d: %s", i, got)
		}
	}
	// The end of the waiting sign travels with the answer to the delivery, behind the message.
	for tick := time.NewTicker(time.Millisecond); s.Unanswered() > 0; <-tick.C {
		if ctx.Err() != nil {
			t.Fatalf("%d presses still show the waiting sign", s.Unanswered())
		}
	}
	if refused != 3 || c.Stats().HandlerErrors != 3 {
		t.Errorf("refused %d, counted %d", refused, c.Stats().HandlerErrors)
	}
}

func TestWebhookOfAnotherSecretGetsNothing(t *testing.T) {
	s := newServer(t, botapitest.Options{WebhookRetry: time.Millisecond})
	c := newClient(t, s, Options{})
	tried := make(chan struct{}, 1)
	inner := c.Webhook("right", func(context.Context, []bot.Update) error { t.Error("handled"); return nil })
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		select {
		case tried <- struct{}{}:
		default:
		}
	}))
	defer hook.Close()
	if err := c.SetWebhook(t.Context(), hook.URL, "wrong", 1); err != nil {
		t.Fatal(err)
	}
	s.User(1, "", "").Send("hello")
	<-tried
	<-tried
	if s.Pending() != 1 {
		t.Error("the update is gone")
	}
}
