package telegram

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
	"iqbot/internal/telegram/botapitest"
)

// pressable lets a person see a button A and returns them.
func pressable(t *testing.T, s *botapitest.Server, c *Client, id int64) *botapitest.User {
	t.Helper()
	u := s.User(id, "", "")
	u.Send("/start")
	if err := c.Send(t.Context(), chatID(id), bot.Message{ID: "1", Text: text("Which?"), Buttons: [][]bot.Button{{{Label: "A", Data: "a"}}}}); err != nil {
		t.Fatal(err)
	}
	return u
}

func press(t *testing.T, u *botapitest.User) {
	t.Helper()
	if err := u.Press("A"); err != nil {
		t.Fatal(err)
	}
}

func TestPressedButtonIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, botapitest.Options{Addr: "-"})
		p, c := poll(t, s)
		u := pressable(t, s, c, 7)
		press(t, u)
		settled(time.Second)
		p.want("start", "a")
		if n := s.Unanswered(); n != 0 {
			t.Errorf("%d presses still show the waiting sign", n)
		}
		// An answer that fails comes again a moment later.
		for _, kind := range []botapitest.Kind{botapitest.Internal, botapitest.Throttle, botapitest.DropBefore} {
			s.Fail("answerCallbackQuery", answerTries-1, kind)
			press(t, u)
			settled(5 * time.Second)
			p.want("a")
			if n := s.Unanswered(); n != 0 {
				t.Errorf("after failure %v %d presses still show the waiting sign", kind, n)
			}
		}
		// One that fails each time harms nobody.
		s.Fail("answerCallbackQuery", 0, botapitest.Internal)
		before := s.Calls("answerCallbackQuery")
		press(t, u)
		settled(time.Minute)
		p.want("a")
		if n, tries := c.Stats().Unanswered, s.Calls("answerCallbackQuery")-before; n != 1 || tries != answerTries {
			t.Errorf("%d counted as unanswered after %d tries", n, tries)
		}
		_ = p.stop()
		_ = c.Close()
	})
}

// The reply goes first, so a press is answered when it has taken effect, and not before.
// One that cannot be taken yet is answered when it comes again.
func TestAPressIsAnsweredAfterItTookEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := inProcess(t, botapitest.Options{})
		u := pressable(t, s, client, 7)
		c, stop := pollChats(t, client)
		settled(time.Second)
		release := c.hold("telegram:7")
		press(t, u)
		settled(time.Second)
		if n := s.Calls("answerCallbackQuery"); n != 0 {
			t.Errorf("it is answered %d times before it took effect", n)
		}
		c.refuse("telegram:7", true) // from the next try on
		release()
		settled(time.Second)
		press(t, u)
		settled(10 * time.Second)
		if n := s.Unanswered(); n != 1 {
			t.Errorf("%d presses show the waiting sign, want the one that is refused", n)
		}
		c.refuse("telegram:7", false)
		settled(time.Minute)
		if got := c.of("telegram:7"); got != "start a a" || s.Unanswered() != 0 {
			t.Errorf("taken is %q, and %d presses show the waiting sign", got, s.Unanswered())
		}
		stop(nil)
		_ = client.Close()
	})
}

// A press of which the reply failed by a webhook is answered with its redelivery.
func TestAPressThatAWebhookDidNotTakeIsAnsweredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hook := &deliveries{}
		s, c := inProcess(t, botapitest.Options{WebhookClient: &http.Client{Transport: hook}})
		u := pressable(t, s, c, 7)
		handler := &chats{t: t, held: map[bot.ChatID]chan struct{}{}, refused: map[bot.ChatID]bool{"telegram:7": true}, taken: map[bot.ChatID][]string{}, running: map[bot.ChatID]bool{}}
		hook.to = c.Webhook("s3cret", handler.handle)
		if err := c.SetWebhook(t.Context(), "https://bot.invalid/hook", "s3cret", 0); err != nil {
			t.Fatal(err)
		}
		press(t, u)
		settled(5 * time.Second)
		if s.Unanswered() != 1 {
			t.Error("a press that was not taken is answered")
		}
		handler.refuse("telegram:7", false)
		settled(time.Minute)
		if n := s.Unanswered(); n != 0 {
			t.Errorf("%d presses show the waiting sign", n)
		}
	})
}

// slowAnswers is a platform whose answers take 40 ms.
type slowAnswers struct {
	mu              sync.Mutex
	now, most, made int
}

func (a *slowAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.now++
	a.made++
	a.most = max(a.most, a.now)
	a.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body)
	time.Sleep(40 * time.Millisecond)
	a.mu.Lock()
	a.now--
	a.mu.Unlock()
	return response(http.StatusOK, http.Header{}, `{"ok":true,"result":true}`), nil
}

func TestAllPressesAreAnsweredSomeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &slowAnswers{}
		s := newServer(t, botapitest.Options{Addr: "-"})
		c := newClient(t, s, Options{HTTPClient: &http.Client{Transport: a}})
		for i := range 1000 {
			c.callbacks.answer(fmt.Sprint(i), time.Now())
		}
		_ = c.Close()
		if a.made != 1000 || a.most != maxAnswers || c.Stats().Unanswered != 0 {
			t.Errorf("%d answered, at most %d at once, %d counted as unanswered", a.made, a.most, c.Stats().Unanswered)
		}
	})
}

func TestUnansweredPressesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := inProcess(t, botapitest.Options{})
		s.Fail("answerCallbackQuery", 0, botapitest.Slow)
		for i := range 2 * maxUnanswered {
			c.callbacks.answer(fmt.Sprint(i), time.Now())
		}
		synctest.Wait()
		if n := s.Calls("answerCallbackQuery"); n != maxAnswers {
			t.Errorf("%d at once", n)
		}
		if n := c.Stats().Unanswered; n != maxUnanswered {
			t.Errorf("%d are given up at once, want what is beyond the queue", n)
		}
		start := time.Now()
		_ = c.Close()
		if d := time.Since(start); d > answerTimeout {
			t.Errorf("Close took %s", d)
		}
		if n := c.Stats().Unanswered; n != 2*maxUnanswered {
			t.Errorf("%d counted as unanswered", n)
		}
	})
}

// What Telegram takes no answer to any more is not answered.
func TestAnOldPressIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := inProcess(t, botapitest.Options{})
		c.callbacks.answer("1", time.Now().Add(-queryLife))
		c.callbacks.answer("2", time.Now()) // which the server does not know: it will not know it later
		settled(time.Minute)
		if n := s.Calls("answerCallbackQuery"); n != 1 || c.Stats().Unanswered != 2 {
			t.Errorf("%d calls, %d counted as unanswered", n, c.Stats().Unanswered)
		}
		_ = c.Close()
	})
}

// Only a whole answer that says yes is one.
func TestAnOrderIsReadAsACallIs(t *testing.T) {
	for body, want := range map[string]error{
		`{"ok":true,"result":true}`:                            nil,
		`{"ok":true,"result":{"message_id":7}}` + "\n":         nil,
		` { "result": true, "ok": true }`:                      nil,
		`{"ok":true,"result":{"message_id":`:                   errors.New("reached"),
		`{"ok":true`:                                           errors.New("reached"),
		`{"ok":false,"error_code":400,"description":"refuse"}`: errors.New("refuse"),
	} {
		s := newServer(t, botapitest.Options{Addr: "-"})
		c := newClient(t, s, Options{HTTPClient: &http.Client{Transport: answers(func(*http.Request) *http.Response {
			return response(http.StatusOK, http.Header{}, body)
		})}})
		err := c.order(t.Context(), time.Minute, "sendMessage", nil)
		switch {
		case want == nil && err != nil, want != nil && err == nil:
			t.Errorf("%s: %v", body, err)
		case want != nil && (want.Error() != "reached" || !err.reached) && !strings.Contains(err.description, want.Error()):
			t.Errorf("%s: %+v, want %v", body, err, want)
		}
	}
}
