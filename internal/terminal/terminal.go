// Package terminal is the channel of `iqbot chat`: a conversation on a
// terminal or, line by line, through a pipe, with the same flows, store and
// answers as everywhere else.
//
// Buttons are numbered; typing the number presses one. Lines that come through
// a pipe are repeated in the output after "> ", so that it reads as a transcript.
package terminal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
)

// Chat is the one dialogue of a terminal.
const Chat bot.ChatID = "terminal:local"

// Channel prints what the bot says. It implements [bot.Channel].
type Channel struct {
	out  io.Writer
	echo bool

	mu      sync.Mutex
	buttons []pressable // as numbered, from 1
	fresh   bool        // the next message begins a reply
	sent    int
	err     error
}

// pressable is a button that a number presses, and the message it stands under.
type pressable struct {
	bot.Button
	message string
}

// New returns a channel that prints to out. With echo it repeats what is
// entered, for input that does not show by itself.
func New(out io.Writer, echo bool) *Channel { return &Channel{out: out, echo: echo} }

// Name returns "terminal".
func (c *Channel) Name() string { return Chat.Channel() }

// Prepare returns m as it is: a terminal has no limits.
func (c *Channel) Prepare(m bot.Message) []bot.Message { return []bot.Message{m} }

// Decorate does nothing: a terminal answers at once, and what is printed stays as it is.
func (c *Channel) Decorate(context.Context, bot.ChatID, bot.Decoration) error { return nil }

// Send prints m. Buttons of the same reply are numbered through.
func (c *Channel) Send(_ context.Context, _ bot.ChatID, m bot.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	if c.fresh {
		c.buttons, c.fresh = nil, false
	}
	var b strings.Builder
	b.WriteString(m.Text.Plain())
	b.WriteByte('\n')
	for _, row := range m.Buttons {
		for _, button := range row {
			c.buttons = append(c.buttons, pressable{button, strconv.Itoa(c.sent)})
			fmt.Fprintf(&b, "  [%d] %s\n", len(c.buttons), isolate(button.Label))
		}
	}
	if m.File != nil {
		fmt.Fprintf(&b, "%s:\n%s\n", m.FileName, m.File)
	}
	b.WriteByte('\n')
	if _, err := io.WriteString(c.out, b.String()); err != nil {
		c.err = err
		return &bot.SendError{Method: "print", Reason: bot.SendRefused, Err: err}
	}
	return nil
}

// isolate keeps a right-to-left label from moving the number before it.
func isolate(label string) string {
	for _, r := range label {
		if unicode.In(r, unicode.Arabic, unicode.Hebrew) {
			return "\u2068" + label + "\u2069"
		}
	}
	return label
}

// Converse begins with /start and its payload start, then reads lines from in
// and hands each to handle as an update, until in or ctx ends. handle returns
// when the reply has been sent. language is what a platform would report of
// the person's app.
func (c *Channel) Converse(ctx context.Context, in io.Reader, language, start string, handle func(context.Context, bot.Update) error) error {
	n := 0
	input := func(i flow.Input) error {
		n++
		c.mu.Lock()
		c.fresh = true
		c.mu.Unlock()
		u := bot.Update{ID: bot.UpdateID("line:" + strconv.Itoa(n)), Chat: Chat, Input: i, Language: language}
		if err := handle(ctx, u); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.err
	}
	if err := input(flow.Input{Kind: flow.KindCommand, Command: "start", Text: start}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for ctx.Err() == nil && lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		if c.echo {
			if _, err := fmt.Fprintf(c.out, "> %s\n\n", line); err != nil {
				return err
			}
		}
		if err := input(c.read(line)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// read turns a line into an input: the number of a button presses it.
func (c *Channel) read(line string) flow.Input {
	c.mu.Lock()
	defer c.mu.Unlock()
	typed := locale.Fold(line)
	if n, err := strconv.Atoi(typed); err == nil && n >= 1 && n <= len(c.buttons) && typed == strconv.Itoa(n) {
		p := c.buttons[n-1]
		return flow.Input{Kind: flow.KindButton, Text: p.Data, Source: p.message}
	}
	return flow.ParseTyped(line)
}
