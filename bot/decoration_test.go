package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
)

// decorated is a channel that notes what is sent and decorated, in order, and makes of
// each decoration what decorate says.
type decorated struct {
	*channel
	decorate func(ctx context.Context, chat bot.ChatID) error

	mu        sync.Mutex
	calls     []string
	now, most int // decorations
}

func (c *decorated) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, fmt.Sprintf(format, args...))
}

func (c *decorated) Send(ctx context.Context, chat bot.ChatID, m bot.Message) error {
	c.note("send")
	return c.channel.Send(ctx, chat, m)
}

func (c *decorated) Decorate(ctx context.Context, chat bot.ChatID, d bot.Decoration) error {
	if d.Mark != nil {
		c.note("mark %s", d.Mark.Message)
	} else {
		c.note("typing")
	}
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now--
	}()
	if c.decorate == nil {
		return nil
	}
	return c.decorate(ctx, chat)
}

func (c *decorated) count(what string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, call := range c.calls {
		if strings.HasPrefix(call, what) {
			n++
		}
	}
	return n
}

// decorating starts an engine on c. People have a dialogue when tap presses the menu's button
// in a message.
func decorating(t *testing.T, c *decorated, pacer bot.Pacer) (e *bot.Engine, tap func(chat bot.ChatID, message string)) {
	t.Helper()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	e = running(t, bot.Options{Store: embedded(t), Channels: []bot.Channel{c}, Content: loaded, Pacer: pacer})
	menus := map[bot.ChatID]bot.Message{}
	return e, func(chat bot.ChatID, message string) {
		t.Helper()
		menu, ok := menus[chat]
		if !ok {
			handle(t, e, typed(chat, "/start lang-en"))
			menu = c.wait(t, chat, 1)[0]
			menus[chat] = menu
		}
		handle(t, e, press(t, chat, bot.MessageRef(message), menu, menu.Buttons[0][0].Label))
	}
}

// However the platform takes marks, each tap is answered, in no time, and the marks come
// after that, are tried once, and are counted when they fail.
func TestAMarkHoldsBackNoAnswer(t *testing.T) {
	for name, decorate := range map[string]func(context.Context, bot.ChatID) error{
		"taken": nil,
		"refused": func(context.Context, bot.ChatID) error {
			return &bot.SendError{Method: "mark", Reason: bot.SendRefused}
		},
		"throttled for an hour": func(context.Context, bot.ChatID) error {
			return &bot.SendError{Method: "mark", Reason: bot.SendThrottled, Wait: time.Hour}
		},
		"hanging": func(ctx context.Context, _ bot.ChatID) error {
			<-ctx.Done()
			return &bot.SendError{Method: "mark", Reason: bot.SendUnknown, Err: ctx.Err()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := &decorated{channel: newChannel(), decorate: decorate}
			e, tap := decorating(t, c, nil)
			const taps = 5
			for i := range taps {
				tap("test:1", fmt.Sprint(i))
				c.wait(t, "test:1", 2+i) // while a mark before it may hang
			}
			if name == "hanging" {
				if n := c.count("mark"); n > 1 {
					t.Errorf("%d marks although the first of the chat hangs", n)
				}
				return
			}
			e.Flush()
			marks, failed, dropped := c.count("mark"), int(e.Stats().DecorationsFailed.Load()), int(e.Stats().DecorationsDropped.Load())
			if marks+dropped != taps || marks == 0 || (failed > 0) != (decorate != nil) || failed > 0 && failed != marks {
				t.Errorf("%d taps: %d marks, %d counted as failed, %d as dropped", taps, marks, failed, dropped)
			}
			if name == "throttled for an hour" && marks != 1 {
				t.Errorf("%d marks although the platform asks for an hour's pause", marks)
			}
			if sent, retries := e.Stats().Sent.Load(), e.Stats().Retries.Load(); sent != 1+taps || retries != 0 {
				t.Errorf("%d messages sent, %d retries", sent, retries)
			}
			answers := -1 // the greeting is none
			for _, call := range c.calls {
				var n int
				if call == "send" {
					answers++
				} else if _, err := fmt.Sscanf(call, "mark %d", &n); err != nil || n >= answers {
					t.Errorf("%s comes before the answer: %q", call, c.calls)
				}
			}
		})
	}
}

// A message that the platform puts off takes the mark with it no more than the mark takes the message.
func TestAMarkComesAlthoughTheAnswerIsPutOff(t *testing.T) {
	c := &decorated{channel: newChannel()}
	e, tap := decorating(t, c, nil)
	tap("test:1", "7")
	c.wait(t, "test:1", 2)
	c.channel.mu.Lock()
	c.fail = func(bot.ChatID, bot.Message) error {
		return &bot.SendError{Method: "send", Reason: bot.SendThrottled, Wait: time.Hour}
	}
	c.channel.mu.Unlock()
	tap("test:1", "8")
	e.Flush()
	if c.count("mark") != 2 {
		t.Errorf("calls: %q", c.calls)
	}
}

// However many people press buttons, marks are no more than the platform takes.
func TestDecorationsAreNoMoreThanThePlatformTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &decorated{channel: newChannel()}
		s := &leaseStore{ttl: 30 * time.Second, chats: map[bot.ChatID]*leased{}}
		e := running(t, bot.Options{Store: s, Channels: []bot.Channel{c}})
		for range 10 { // seconds
			s.mu.Lock()
			for i := range 100 {
				chat := bot.ChatID(fmt.Sprint("test:", i))
				s.chats[chat] = &leased{left: []bot.Queued{{Message: bot.Message{ID: "m", Mark: &bot.Mark{Message: "1"}}}}}
			}
			s.mu.Unlock()
			time.Sleep(time.Second)
		}
		synctest.Wait()
		marks, dropped := c.count("mark"), int(e.Stats().DecorationsDropped.Load())
		if marks < 200 || marks > 11*30 || marks+dropped > 1000 {
			t.Errorf("of 1000 marks in 10 s, %d were made, %d dropped", marks, dropped)
		}
	})
}

func TestDecorationsAreFewAtOnceAndBounded(t *testing.T) {
	hold := make(chan struct{})
	c := &decorated{channel: newChannel(), decorate: func(ctx context.Context, _ bot.ChatID) error {
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return nil
	}}
	e, tap := decorating(t, c, nil)
	const people = 200
	for i := range people {
		chat := bot.ChatID(fmt.Sprint("test:", i))
		tap(chat, "1")
		c.wait(t, chat, 2)
	}
	for end := time.Now().Add(patience); e.Stats().DecorationsDropped.Load() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	e.Flush()
	var marks, dropped int
	for end := time.Now().Add(patience); marks+dropped < people && time.Now().Before(end); time.Sleep(time.Millisecond) {
		marks, dropped = c.count("mark"), int(e.Stats().DecorationsDropped.Load())
	}
	if marks+dropped != people || dropped == 0 || marks < 4 {
		t.Errorf("%d people: %d marks, %d counted as dropped", people, marks, dropped)
	}
	if c.most > 4 {
		t.Errorf("%d at once", c.most)
	}
}

// One person whom the platform wants to be left alone costs others a moment of marks only.
func TestAPauseOfMarksIsForOneChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &decorated{channel: newChannel(), decorate: func(_ context.Context, chat bot.ChatID) error {
			if chat == "test:1" {
				return &bot.SendError{Method: "mark", Reason: bot.SendThrottled, Wait: time.Minute}
			}
			return nil
		}}
		// What an earlier release left in an outbox are marks before their answers.
		mark := func(chat bot.ChatID, n int) []bot.Queued {
			var q bot.Queued
			stored := fmt.Sprintf(`{"i":"%s/%d","m":{"r":"%d","l":"A"}}`, chat, n, n)
			if err := json.Unmarshal([]byte(stored), &q.Message); err != nil {
				t.Fatal(err)
			}
			return []bot.Queued{q, {Message: bot.Message{ID: fmt.Sprintf("%s/%d.answer", chat, n)}}}
		}
		s := &leaseStore{ttl: 30 * time.Second, chats: map[bot.ChatID]*leased{}}
		e := running(t, bot.Options{Store: s, Channels: []bot.Channel{c}})
		leave := func(n int, chats ...bot.ChatID) {
			s.mu.Lock()
			for _, chat := range chats {
				s.chats[chat] = &leased{left: mark(chat, n)}
			}
			s.mu.Unlock()
			time.Sleep(3 * time.Second)
		}
		leave(1, "test:1")
		leave(2, "test:1", "test:2")
		time.Sleep(time.Minute)
		leave(3, "test:1")
		synctest.Wait()
		if got := strings.Join(c.calls, ", "); s.left() != 0 || c.count("send") != 4 || c.count("mark 1") != 1 || c.count("mark 2") != 1 || c.count("mark 3") != 1 {
			t.Errorf("%d left; calls: %s", s.left(), got)
		}
		if n := e.Stats().DecorationsDropped.Load(); n != 1 {
			t.Errorf("%d dropped", n)
		}
	})
}

// countingPacer counts what is counted.
type countingPacer struct {
	mu sync.Mutex
	n  int
}

func (p *countingPacer) Pace(context.Context, bot.ChatID) (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	return 0, nil
}

func TestAMarkIsNoMessage(t *testing.T) {
	c, p := &decorated{channel: newChannel()}, &countingPacer{}
	e, tap := decorating(t, c, p)
	tap("test:1", "7")
	c.wait(t, "test:1", 2)
	e.Flush()
	if sent := e.Stats().Sent.Load(); p.n != 2 || sent != 2 || c.count("mark 7") != 1 {
		t.Errorf("%d messages counted against the limit, %d as sent; calls: %q", p.n, sent, c.calls)
	}
}
