package terminal

import (
	"context"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"iqbot/bot"
	"iqbot/bot/channeltest"
)

func TestTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t testing.TB) channeltest.Platform {
		in, typed := io.Pipe()
		s := &screen{}
		c := New(s, false)
		return channeltest.Platform{
			Channel: c, People: 1,
			Person: func(int) channeltest.Person { return person{t, s, typed} },
			Receive: func(ctx context.Context, handle channeltest.Handler) error {
				defer context.AfterFunc(ctx, func() { _ = typed.Close() })() // the end of the input
				return c.Converse(ctx, in, "en", "", func(ctx context.Context, u bot.Update) error { return handle(ctx, []bot.Update{u}) })
			},
			Faults: map[bot.SendReason]channeltest.Fault{
				bot.SendRefused: func(p channeltest.Person) bot.ChatID {
					s.fail()
					return p.Chat()
				},
			},
		}
	})
}

// screen is what was printed; each message of the bot is one write.
type screen struct {
	mu     sync.Mutex
	prints []string
	broken bool
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return 0, io.ErrClosedPipe
	}
	s.prints = append(s.prints, string(b))
	return len(b), nil
}

// fail makes all further writes fail, as into a pipe that nobody reads any more.
func (s *screen) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = true
}

// person sits at the terminal.
type person struct {
	t     testing.TB
	s     *screen
	typed io.Writer
}

func (person) Chat() bot.ChatID { return Chat }

func (p person) Write(words string) {
	if _, err := io.WriteString(p.typed, words+"\n"); err != nil {
		p.t.Fatalf("type %q: %v", words, err)
	}
}

// printed is a message as [Channel.Send] prints it: text, buttons, file.
var printed = regexp.MustCompile(`(?s)^(.*?)\n((?:  \[\d+\] [^\n]*\n)*)(?:([\w-]+\.\w+):\n(.*)\n)?\n$`)

var button = regexp.MustCompile(`(?m)^  \[(\d+)\] \x{2068}?(.*?)\x{2069}?$`)

func (p person) Shown() (out []channeltest.Shown) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for i, print := range p.s.prints {
		m := printed.FindStringSubmatch(print)
		if m == nil {
			p.t.Fatalf("printed is %q", print)
		}
		shown := channeltest.Shown{Ref: bot.MessageRef(strconv.Itoa(i + 1)), Text: m[1], FileName: m[3]}
		if m[3] != "" {
			shown.File = []byte(m[4])
		}
		for _, b := range button.FindAllStringSubmatch(m[2], -1) {
			shown.Buttons = append(shown.Buttons, b[2])
		}
		out = append(out, shown)
	}
	return out
}

// Press types the number that stands before the label.
func (p person) Press(label string) {
	p.s.mu.Lock()
	buttons := button.FindAllStringSubmatch(strings.Join(p.s.prints, ""), -1)
	p.s.mu.Unlock()
	for i := len(buttons) - 1; i >= 0; i-- {
		if buttons[i][2] == label {
			p.Write(buttons[i][1])
			return
		}
	}
	p.t.Fatalf("no button is called %q", label)
}
