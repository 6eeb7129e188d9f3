package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/richtext"
	"iqbot/internal/telegram/botapitest"
)

func TestSendShowsWhatWasMeant(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	m := bot.Message{ID: "1", Text: richtext.Text{
		{Text: "Fees < 100 & more: "}, {Text: "see", Bold: true}, {Text: " "}, {Text: "here", Link: `https://a.de/?x=1&y="2"`},
		{Text: " or "}, {Text: "write", Link: "mailto:a@b.de"},
	}, Buttons: [][]bot.Button{{{Label: "<Menu>", Data: "m"}, {Label: "Page", URL: "https://a.de/"}}, {{Label: "Back", Data: "b"}}}}
	for _, p := range c.Prepare(m) {
		if err := c.Send(t.Context(), "telegram:7", p); err != nil {
			t.Fatal(err)
		}
	}
	want := botapitest.Message{
		ID: 2, Text: "Fees < 100 & more: see here or write (a@b.de)",
		Entities: []botapitest.Entity{{Type: "bold", Offset: 19, Length: 3}, {Type: "text_link", Offset: 23, Length: 4, URL: `https://a.de/?x=1&y="2"`}},
		Keyboard: [][]botapitest.Button{{{Text: "<Menu>", Data: "m"}, {Text: "Page", URL: "https://a.de/"}}, {{Text: "Back", Data: "b"}}},
	}
	got := u.Last()
	if diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool {
		return p.String() == "At" || p.String() == "fromUser"
	}, cmp.Ignore())); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if n := c.Stats().Sent; n != 1 {
		t.Errorf("%d messages counted as sent", n)
	}
}

func TestSendFile(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	m := bot.Message{ID: "1", Text: richtext.Text{{Text: "Your data", Bold: true}}, File: []byte(`{"a":1}`), FileName: `meine "Daten".json`}
	if err := c.Send(t.Context(), "telegram:7", m); err != nil {
		t.Fatal(err)
	}
	got := u.Last()
	if got.Text != "Your data" || !bytes.Equal(got.File, m.File) || got.FileName != m.FileName || len(got.Entities) != 1 {
		t.Errorf("got %+v", got)
	}
	s.Fail("sendDocument", 1, botapitest.Throttle) // the library gives no code for uploads
	if r := reasonOf(c.Send(t.Context(), "telegram:7", m)); r != bot.SendThrottled {
		t.Errorf("a throttled upload is %q", r)
	}
	s.Fail("sendDocument", 1, botapitest.Unauthorized)
	if r := reasonOf(c.Send(t.Context(), "telegram:7", m)); r != bot.SendForbidden {
		t.Errorf("a refused token is %q", r)
	}
}

func TestMarkReplacesTheButtonsOnce(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	send := func(m bot.Mark) {
		t.Helper()
		if err := c.Decorate(t.Context(), "telegram:7", bot.Decoration{Mark: &m}); err != nil {
			t.Fatal(err)
		}
	}
	which(t, c, bot.Message{ID: "1", Text: text("Which?"), Buttons: [][]bot.Button{{{Label: "A", Data: "a"}, {Label: "B", Data: "b"}}}})
	ref := bot.MessageRef(fmt.Sprint(u.Last().ID))
	mark := bot.Mark{Message: ref, Label: strings.Repeat("long ", 30)}
	send(mark)
	if got := u.Last(); len(got.Buttons()) != 1 || !strings.HasPrefix(got.Buttons()[0], "✓ long") || units(got.Buttons()[0]) > MaxLabel || got.Keyboard[0][0].Data != bot.NoOpData {
		t.Errorf("got %q", got.Buttons())
	}
	send(mark) // not modified
	send(bot.Mark{Message: ref})
	if got := u.Last().Buttons(); len(got) != 0 {
		t.Errorf("a mark without a label leaves %q", got)
	}
	u.Delete(u.Last().ID)
	send(mark)                                 // not found
	send(bot.Mark{Message: "1", Label: "own"}) // the person's own message
}

// which sends a message with buttons.
func which(t *testing.T, c *Client, m bot.Message) {
	t.Helper()
	if err := c.Send(t.Context(), "telegram:7", m); err != nil {
		t.Fatal(err)
	}
}

func TestAMarkKeepsTheButtonsThatStay(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	send := func(m bot.Mark) error { return c.Decorate(t.Context(), "telegram:7", bot.Decoration{Mark: &m}) }
	menu, long := []bot.Button{{Label: "Menu", Data: "f/menu"}}, []bot.Button{{Label: strings.Repeat("long ", 30), Data: "t/x"}}
	which(t, c, bot.Message{ID: "1", Text: text("Which?"), Buttons: [][]bot.Button{long, menu, {{Label: "Helpful", Data: "r/y/x"}, {Label: "Not", Data: "r/n/x"}}}})
	ref := bot.MessageRef(fmt.Sprint(u.Last().ID))
	if err := send(bot.Mark{Message: ref, Label: "Helpful", Buttons: [][]bot.Button{long, menu}}); err != nil {
		t.Fatal(err)
	}
	got := u.Last()
	if b := got.Buttons(); len(b) != 3 || units(b[0]) > MaxLabel || b[1] != "Menu" || b[2] != "✓ Helpful" || got.Keyboard[1][0].Data != "f/menu" || got.Keyboard[2][0].Data != bot.NoOpData {
		t.Errorf("got %q", b)
	}
	err := send(bot.Mark{Message: ref, Label: "x", Buttons: [][]bot.Button{{{Label: "y", Data: strings.Repeat("z", 65)}}}})
	if reasonOf(err) != bot.SendRefused {
		t.Errorf("a button that Telegram would refuse gives %v", err)
	}
}

func reasonOf(err error) bot.SendReason {
	var e *bot.SendError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Reason
}

// dead is an address where nobody listens.
func dead(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return "http://" + l.Addr().String()
}

func TestSendFailures(t *testing.T) {
	s := newServer(t, botapitest.Options{})
	started(s, 7)
	started(s, 8).Block()
	started(s, 9).Deactivate()
	s.User(10, "", "")
	s.Group(-5, "Advisors").Migrate(-1005)
	s.Group(-6, "Advisors").Kick()
	c, hasty := newClient(t, s, Options{Timeout: patience}), newClient(t, s, Options{Timeout: 100 * time.Millisecond})
	hello := bot.Message{ID: "1", Text: text("hello")}
	button := func(b bot.Button) bot.Message {
		return bot.Message{ID: "1", Text: text("hello"), Buttons: [][]bot.Button{{b}}}
	}
	for name, tc := range map[string]struct {
		chat bot.ChatID
		m    bot.Message
		fail botapitest.Kind
		want bot.SendError
	}{
		"too many":                   {"telegram:7", hello, botapitest.Throttle, bot.SendError{Reason: bot.SendThrottled, Wait: time.Second}},
		"fault of the server":        {"telegram:7", hello, botapitest.Internal, bot.SendError{Reason: bot.SendFailed}},
		"a proxy's page":             {"telegram:7", hello, botapitest.BadGateway, bot.SendError{Reason: bot.SendFailed}},
		"connection lost before":     {"telegram:7", hello, botapitest.DropBefore, bot.SendError{Reason: bot.SendUnknown}},
		"connection lost after":      {"telegram:7", hello, botapitest.DropAfter, bot.SendError{Reason: bot.SendUnknown}},
		"no answer in time":          {"telegram:7", hello, botapitest.Slow, bot.SendError{Reason: bot.SendUnknown}},
		"token revoked":              {"telegram:7", hello, botapitest.Unauthorized, bot.SendError{Reason: bot.SendForbidden}},
		"blocked":                    {"telegram:8", hello, 0, bot.SendError{Reason: bot.SendBlocked}},
		"account closed":             {"telegram:9", hello, 0, bot.SendError{Reason: bot.SendBlocked}},
		"never wrote":                {"telegram:10", hello, 0, bot.SendError{Reason: bot.SendBlocked}},
		"no such person":             {"telegram:11", hello, 0, bot.SendError{Reason: bot.SendBlocked}},
		"group became a supergroup":  {"telegram:-5", hello, 0, bot.SendError{Reason: bot.SendMoved, Chat: "telegram:-1005"}},
		"thrown out of the group":    {"telegram:-6", hello, 0, bot.SendError{Reason: bot.SendBlocked}},
		"chat of another channel":    {"web:7", hello, 0, bot.SendError{Reason: bot.SendRefused}},
		"chat by name":               {"telegram:@olena", hello, 0, bot.SendError{Reason: bot.SendRefused}},
		"no text":                    {"telegram:7", bot.Message{ID: "1"}, 0, bot.SendError{Reason: bot.SendRefused}},
		"blank text":                 {"telegram:7", bot.Message{ID: "1", Text: text(" \n")}, 0, bot.SendError{Reason: bot.SendRefused}},
		"text that was not prepared": {"telegram:7", bot.Message{ID: "1", Text: text(strings.Repeat("x", MaxText+1))}, 0, bot.SendError{Reason: bot.SendRefused}},
		"too much button data":       {"telegram:7", button(bot.Button{Label: "a", Data: strings.Repeat("ж", 33)}), 0, bot.SendError{Reason: bot.SendRefused}},
		"button without data":        {"telegram:7", button(bot.Button{Label: "a"}), 0, bot.SendError{Reason: bot.SendRefused}},
		"button with data and URL":   {"telegram:7", button(bot.Button{Label: "a", Data: "a", URL: "https://a.de"}), 0, bot.SendError{Reason: bot.SendRefused}},
		"button without a label":     {"telegram:7", button(bot.Button{Label: " ", Data: "a"}), 0, bot.SendError{Reason: bot.SendRefused}},
		"button to another scheme":   {"telegram:7", button(bot.Button{Label: "a", URL: "mailto:a@b.de"}), 0, bot.SendError{Reason: bot.SendRefused}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.fail != 0 {
				s.Fail("", 1, tc.fail)
			}
			from := c
			if tc.fail == botapitest.Slow {
				from = hasty
			}
			err := from.Send(t.Context(), tc.chat, tc.m)
			var e *bot.SendError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Reason != tc.want.Reason || e.Wait != tc.want.Wait || e.Chat != tc.want.Chat || e.Method == "" || e.Err == nil {
				t.Errorf("got %+v (%v), want %+v", e, e, tc.want)
			}
		})
	}
	if got := c.Stats().Failed; got[bot.SendUnknown] != 2 || got[bot.SendBlocked] != 5 || hasty.Stats().Failed[bot.SendUnknown] != 1 {
		t.Errorf("counted %v, %v", got, hasty.Stats().Failed)
	}
}

func TestSendWithoutAConnectionIsKnownNotToHaveArrived(t *testing.T) {
	c, err := New(Options{Token: botapitest.DefaultToken, APIURL: dead(t)})
	if err != nil {
		t.Fatal(err)
	}
	if r := reasonOf(c.Send(t.Context(), "telegram:7", bot.Message{ID: "1", Text: text("x")})); r != bot.SendFailed {
		t.Errorf("got %q", r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = c.Send(ctx, "telegram:7", bot.Message{ID: "1", Text: text("x")})
	if reasonOf(err) != bot.SendFailed || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAnswersOfGateways(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		header http.Header
		body   string
		want   bot.SendReason
		wait   time.Duration
	}{
		"a gateway that gave up waiting leaves it open": {504, nil, "<html>", bot.SendUnknown, 0},
		"service unavailable":                           {503, nil, "", bot.SendFailed, 0},
		"a gateway's own JSON":                          {502, nil, `{"message":"bad gateway"}`, bot.SendFailed, 0},
		"a success nobody can read leaves it open":      {200, nil, `{"ok":true,"resu`, bot.SendUnknown, 0},
		"a gateway's limit":                             {429, http.Header{"Retry-After": {"7"}}, "slow down", bot.SendThrottled, 7 * time.Second},
		"too large for a gateway":                       {413, nil, "<html>", bot.SendRefused, 0},
		"a redirect is not followed":                    {302, http.Header{"Location": {"http://127.0.0.1:1/"}}, "", bot.SendFailed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Options{Token: botapitest.DefaultToken, HTTPClient: &http.Client{Transport: answers(func(*http.Request) *http.Response {
				return response(tc.status, tc.header, tc.body)
			})}})
			if err != nil {
				t.Fatal(err)
			}
			err = c.Send(t.Context(), "telegram:7", bot.Message{ID: "1", Text: text("x")})
			var e *bot.SendError
			if !errors.As(err, &e) || e.Reason != tc.want || e.Wait != tc.wait {
				t.Errorf("got %+v", err)
			}
		})
	}
}

func TestRefusedMarkupIsSentAsPlainTextOnce(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	s.Fail("sendMessage", 0, botapitest.ParseError)
	s.Fail("sendDocument", 0, botapitest.ParseError)
	m := bot.Message{ID: "1", Text: richtext.Text{{Text: "a < b", Bold: true}, {Text: " "}, {Text: "page", Link: "https://a.de/"}}}
	if err := c.Send(t.Context(), "telegram:7", m); err != nil {
		t.Fatal(err)
	}
	if got := u.Last(); got.Text != "a < b page (https://a.de/)" || got.Entities != nil {
		t.Errorf("got %q %v", got.Text, got.Entities)
	}
	m.Text[2].Link = "https://a.de/" + strings.Repeat("x", MaxCaption)
	m.File, m.FileName = []byte("x"), "x"
	if err := c.Send(t.Context(), "telegram:7", m); err != nil {
		t.Fatal(err)
	}
	if got := u.Last(); got.Text != "a < b page" { // the address has no room
		t.Errorf("got %q", got.Text)
	}
	if n := c.Stats().PlainText; n != 2 || s.Calls("sendMessage") != 2 {
		t.Errorf("counted %d, called %d", n, s.Calls("sendMessage"))
	}
	s.Recover()
	s.Fail("sendMessage", 2, botapitest.ParseError)
	s.Fail("sendMessage", 1, botapitest.Internal)
	m.File = nil
	if err := c.Send(t.Context(), "telegram:7", m); err != nil {
		t.Fatal(err) // the ParseError that is left over does not touch plain text
	}
}

func TestTypingIsSeen(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	for chat, want := range map[bot.ChatID]bot.SendReason{"telegram:7": "", "telegram:99": bot.SendBlocked, "web:7": bot.SendRefused} {
		if err := c.Decorate(t.Context(), chat, bot.Decoration{Typing: true}); reasonOf(err) != want {
			t.Errorf("typing in %s gives %v, want %q", chat, err, want)
		}
	}
	if u.Typing() != 1 {
		t.Errorf("typing seen %d times", u.Typing())
	}
}

// What decorates fails as a message does: who called knows why, and how long to wait.
func TestAFailedMarkTellsWhy(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	started(s, 7)
	for name, tc := range map[string]struct {
		mark bot.MessageRef
		fail botapitest.Kind
		want bot.SendReason
	}{
		"of nothing":             {"x", 0, bot.SendRefused},
		"too many":               {"1", botapitest.Throttle, bot.SendThrottled},
		"while the server fails": {"1", botapitest.Internal, bot.SendFailed},
		"no answer":              {"1", botapitest.DropAfter, bot.SendUnknown},
	} {
		if tc.fail != 0 {
			s.Fail("editMessageReplyMarkup", 1, tc.fail)
		}
		err := c.Decorate(t.Context(), "telegram:7", bot.Decoration{Mark: &bot.Mark{Message: tc.mark, Label: "A"}})
		var e *bot.SendError
		if !errors.As(err, &e) || e.Reason != tc.want || e.Method != "editMessageReplyMarkup" || (tc.want == bot.SendThrottled) != (e.Wait == time.Second) {
			t.Errorf("%s: %+v", name, err)
		}
	}
	if n := c.Stats().Failed; len(n) > 0 {
		t.Errorf("counted as failed messages: %v", n)
	}
}

// The limits of this package are those of the platform: at the limit the
// server takes a message as it is, beyond it Prepare makes it fit or the send is refused here.
func TestLimits(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	u := started(s, 7)
	emoji := func(units int) string { return strings.Repeat("😀", units/2) }
	for name, tc := range map[string]struct {
		m     bot.Message
		parts int
	}{
		"text at the limit":       {bot.Message{ID: "1", Text: text(emoji(MaxText))}, 1},
		"text beyond the limit":   {bot.Message{ID: "1", Text: text(emoji(MaxText + 2))}, 2},
		"escaped text":            {bot.Message{ID: "1", Text: text(strings.Repeat("&", MaxText))}, 1},
		"caption at the limit":    {bot.Message{ID: "1", File: []byte("x"), FileName: "x", Text: text(emoji(MaxCaption))}, 1},
		"caption beyond":          {bot.Message{ID: "1", File: []byte("x"), FileName: "x", Text: text(emoji(MaxCaption + 2))}, 2},
		"label beyond the limit":  {bot.Message{ID: "1", Text: text("x"), Buttons: [][]bot.Button{{{Label: emoji(MaxLabel + 2), Data: "a"}}}}, 1},
		"data at the limit":       {bot.Message{ID: "1", Text: text("x"), Buttons: [][]bot.Button{{{Label: "a", Data: strings.Repeat("ж", 32)}}}}, 1},
		"entities at the limit":   {bot.Message{ID: "1", Text: bolds(maxEntities)}, 1},
		"entities beyond":         {bot.Message{ID: "1", Text: bolds(maxEntities + 1)}, 2},
		"link at the limit":       {bot.Message{ID: "1", Text: links(1, maxLink)}, 1},
		"markup at the limit":     {bot.Message{ID: "1", Text: links(8, 984)}, 1},
		"markup beyond the limit": {bot.Message{ID: "1", Text: links(8, 985)}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			parts := c.Prepare(tc.m)
			if len(parts) != tc.parts {
				t.Fatalf("%d parts, want %d", len(parts), tc.parts)
			}
			before := len(u.Messages())
			for _, p := range parts {
				if err := c.Send(t.Context(), "telegram:7", p); err != nil {
					t.Fatal(err)
				}
			}
			if got := len(u.Messages()) - before; got != tc.parts {
				t.Errorf("%d messages arrived", got)
			}
		})
	}
}

func bolds(n int) (out richtext.Text) {
	for range n {
		out = append(out, richtext.Run{Text: "b", Bold: true}, richtext.Run{Text: " "})
	}
	return out
}

func links(n, size int) (out richtext.Text) {
	const start = "https://a.de/"
	for range n {
		out = append(out, richtext.Run{Text: "link ", Link: start + strings.Repeat("x", size-len(start))})
	}
	return out
}

func TestSendsOfManyPeopleAtOnce(t *testing.T) {
	s := newServer(t, botapitest.Options{})
	c := newClient(t, s, Options{})
	var wg sync.WaitGroup
	for i := range 200 {
		u := started(s, int64(1000+i))
		wg.Go(func() {
			for j := range 3 {
				if err := c.Send(t.Context(), chatID(u.ID), bot.Message{ID: "1", Text: text(fmt.Sprint(j))}); err != nil {
					t.Error(err)
				}
			}
			var got []string
			for _, m := range u.Messages() {
				got = append(got, m.Text)
			}
			if diff := cmp.Diff([]string{"0", "1", "2"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	wg.Wait()
	if n := c.Stats().Sent; n != 600 {
		t.Errorf("%d counted as sent", n)
	}
}

func TestFloodLimitSaysHowLongToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := inProcess(t, botapitest.Options{Flood: true})
		u := started(s, 7)
		sent, waited := 0, 0
		for sent < 10 {
			err := c.Send(t.Context(), "telegram:7", bot.Message{ID: "1", Text: text("x")})
			var e *bot.SendError
			if errors.As(err, &e) {
				if e.Reason != bot.SendThrottled {
					t.Fatal(err)
				}
				waited++
				time.Sleep(e.Wait)
				continue
			}
			sent++
		}
		if waited == 0 || len(u.Messages()) != 10 {
			t.Errorf("waited %d times, %d messages", waited, len(u.Messages()))
		}
	})
}

func BenchmarkSend(b *testing.B) {
	s, c := inProcess(b, botapitest.Options{})
	started(s, 7)
	m := bot.Message{ID: "1", Text: richtext.Parse("Die **Anerkennung** kostet [mehr](https://a.de/)."), Buttons: [][]bot.Button{{{Label: "Menü", Data: "m"}}}}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Send(b.Context(), "telegram:7", m); err != nil {
			b.Fatal(err)
		}
	}
}
