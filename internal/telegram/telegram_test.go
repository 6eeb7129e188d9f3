package telegram

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
	"iqbot/internal/telegram/botapitest"
)

// patience is how long what must happen is waited for; it is no measure of speed.
const patience = 2 * time.Minute

// newServer is a fake Bot API that ends with the test and fails it if the
// client did what the real one merely tolerates.
func newServer(t testing.TB, o botapitest.Options) *botapitest.Server {
	t.Helper()
	s := botapitest.New(o)
	t.Cleanup(func() {
		s.Close()
		for _, f := range s.Faults() {
			t.Errorf("the client made a mistake that Telegram tolerates: %s", f)
		}
	})
	return s
}

// inProcess is a fake without a network, fit for synctest, and a client for it.
func inProcess(t testing.TB, o botapitest.Options) (*botapitest.Server, *Client) {
	t.Helper()
	o.Addr = "-"
	s := newServer(t, o)
	return s, newClient(t, s, Options{HTTPClient: s.Client()})
}

func newClient(t testing.TB, s *botapitest.Server, o Options) *Client {
	t.Helper()
	o.Token, o.APIURL = s.Token(), s.URL()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func text(s string) richtext.Text { return richtext.Text{{Text: s}} }

// started is a person who has opened the chat.
func started(s *botapitest.Server, id int64) *botapitest.User {
	u := s.User(id, "en", "")
	u.Send("/start")
	return u
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestNewRefusesWrongOptionsAndNeedsNoNetwork(t *testing.T) {
	const token = botapitest.DefaultToken
	for name, tc := range map[string]struct {
		o    Options
		want string
	}{
		"no token":              {Options{}, "the Telegram bot token does not look like"},
		"a token with a slash":  {Options{Token: "1:a/b"}, "the Telegram bot token does not look like"},
		"a URL without scheme":  {Options{Token: token, APIURL: "api.telegram.org"}, "not an absolute http or https address"},
		"a URL of another kind": {Options{Token: token, APIURL: "ftp://x"}, "not an absolute http or https address"},
		"nothing but a token":   {Options{Token: token}, ""},
		"a server nobody has":   {Options{Token: token, APIURL: "http://127.0.0.1:1/"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(tc.o)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if err != nil && tc.o.Token != "" && strings.Contains(err.Error(), tc.o.Token) {
				t.Error("the error holds the token")
			}
		})
	}
}

func TestNoOpDataIsWhatTheFlowsIgnore(t *testing.T) {
	if bot.NoOpData != flow.DataNone {
		t.Errorf("a marked button carries %q, flows ignore %q", bot.NoOpData, flow.DataNone)
	}
}

func TestMeNamesTheBot(t *testing.T) {
	_, c := inProcess(t, botapitest.Options{})
	me, err := c.Me(t.Context())
	if err != nil || me.Username != "test_bot" || me.ID != 123456789 {
		t.Errorf("got %+v, %v", me, err)
	}
}

// leaky is a transport that puts the address, and so the token, wherever it can.
type leaky struct {
	status int
	body   string
	err    error
}

func (l leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
	if l.err != nil {
		return nil, errors.Join(l.err, errors.New("while talking to "+r.URL.String()))
	}
	return &http.Response{
		StatusCode: l.status, Header: http.Header{"Location": {r.URL.String()}}, Request: r,
		Body: io.NopCloser(strings.NewReader(strings.ReplaceAll(l.body, "URL", r.URL.String()))),
	}, nil
}

func TestTheTokenIsInNoErrorAndNoLog(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, o := range map[string]Options{
		"nobody listens":        {APIURL: "http://" + closed.Addr().String()},
		"no such host":          {APIURL: "http://host.invalid"},
		"transport error":       {HTTPClient: &http.Client{Transport: leaky{err: errors.New("broken")}}},
		"transport time-out":    {HTTPClient: &http.Client{Transport: leaky{err: context.DeadlineExceeded}}},
		"error as JSON":         {HTTPClient: &http.Client{Transport: leaky{status: 400, body: `{"ok":false,"error_code":400,"description":"Bad Request: URL"}`}}},
		"error as escaped JSON": {HTTPClient: &http.Client{Transport: leaky{status: 400, body: `{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: URL"}`}}},
		"words quoted":          {HTTPClient: &http.Client{Transport: leaky{status: 400, body: `{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: Unsupported start tag \"secret words\" at byte offset 3"}`}}},
		"conflict":              {HTTPClient: &http.Client{Transport: leaky{status: 409, body: `{"ok":false,"error_code":409,"description":"Conflict: URL"}`}}},
		"error page":            {HTTPClient: &http.Client{Transport: leaky{status: 502, body: `<html>URL</html>`}}},
		"page not found":        {HTTPClient: &http.Client{Transport: leaky{status: 404, body: `<html>URL</html>`}}},
		"redirect":              {HTTPClient: &http.Client{Transport: leaky{status: 307, body: `moved to URL`}}},
		"broken JSON":           {HTTPClient: &http.Client{Transport: leaky{status: 200, body: `{"ok":true,"result":URL`}}},
		"unexpected result":     {HTTPClient: &http.Client{Transport: leaky{status: 200, body: `{"ok":true,"result":"URL"}`}}},
		"unauthorized":          {HTTPClient: &http.Client{Transport: leaky{status: 401, body: `{"ok":false,"error_code":401,"description":"URL"}`}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log syncBuffer
			o.Token = botapitest.DefaultToken
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			var errs []error
			keep := func(err error) { errs = append(errs, err) }
			chat := bot.ChatID("telegram:7")
			keep(c.Send(ctx, chat, bot.Message{ID: "1", Text: text("secret words")}))
			keep(c.Send(ctx, chat, bot.Message{ID: "1", File: []byte("x"), FileName: "x"}))
			keep(c.Decorate(ctx, chat, bot.Decoration{Mark: &bot.Mark{Message: "1", Label: "secret words"}}))
			_, err = c.Me(ctx)
			keep(err)
			keep(c.SetWebhook(ctx, "https://example.org/hook", "s", 0))
			keep(c.SetChatCommands(ctx, chat, []Command{{"start", "begin"}}))
			keep(c.SetUp(ctx, []Profile{{Commands: []Command{{"start", "begin"}}, Description: "d"}}))
			keep(c.Poll(ctx, func(context.Context, []bot.Update) error { return nil }))
			keep(c.Decorate(ctx, chat, bot.Decoration{Typing: true}))
			c.callbacks.answer("1", time.Now())
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			all := log.String()
			for _, err := range errs {
				for e := err; e != nil; e = errors.Unwrap(e) {
					all += "\n" + e.Error()
				}
			}
			for _, secret := range []string{c.token, "TEST-token", "secret words"} {
				if strings.Contains(all, secret) {
					t.Errorf("%q is told:\n%s", secret, all)
				}
			}
			if name == "nobody listens" && (!strings.Contains(all, "no answer") || strings.Contains(all, "/getMe")) {
				t.Errorf("the errors do not say what happened:\n%s", all)
			}
		})
	}
}

func TestTooLargeAnswerIsRefused(t *testing.T) {
	c, err := New(Options{Token: botapitest.DefaultToken, HTTPClient: &http.Client{
		Transport: answers(func(*http.Request) *http.Response {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(
				strings.NewReader(`{"ok":true,"result":"`), io.LimitReader(endless{}, 2*maxAnswer)))}
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context()); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("got %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
