package handoff

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"iqbot/bot"
)

// ChatNotifier writes to the advisors' chat. It is safe for concurrent use.
type ChatNotifier struct {
	o      ChatOptions
	render *Renderer

	turn chan struct{} // holds one token: one message at a time, so that they keep the limit of the chat
	next time.Time     // when the next message may go; belongs to whoever holds the token

	mu   sync.Mutex
	chat bot.ChatID
}

// ChatOptions say where and how a [ChatNotifier] writes.
type ChatOptions struct {
	Channel bot.Channel
	Chat    bot.ChatID
	// Moved is called when the platform gave the chat a new id (a Telegram group
	// that became a supergroup), so that the id can be kept. If nil, the id is
	// remembered until the process ends, and the platform tells it again.
	Moved func(ctx context.Context, chat bot.ChatID)
	// Pacer keeps the messages within the platform's limits. If nil, only the
	// platform's own refusals do.
	Pacer bot.Pacer
}

// NewChatNotifier returns a notifier that writes what render says.
func NewChatNotifier(o ChatOptions, render *Renderer) *ChatNotifier {
	c := &ChatNotifier{o: o, render: render, chat: o.Chat, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// Name returns the name of the chat's channel.
func (c *ChatNotifier) Name() string { return c.o.Channel.Name() }

// Notify sends the notification in as many messages as it needs. If one of
// them fails, the next try begins with the first again. The error wraps the
// [*bot.SendError] of the channel.
func (c *ChatNotifier) Notify(ctx context.Context, n bot.Notification) error {
	text := c.render.Text(n)
	if len(text) == 0 {
		return errNoText
	}
	for _, part := range c.o.Channel.Prepare(bot.Message{ID: n.ID, Text: text}) {
		if err := c.send(ctx, part); err != nil {
			return fmt.Errorf("write to the advisors' chat: %w", err)
		}
	}
	return nil
}

// errNoText keeps a case from being ticked off unsent when the catalogue is broken.
var errNoText = errors.New("the catalogue has no text for a notification")

// maxMoves bounds how often one message follows a chat that moves; a real one moves once.
const maxMoves = 3

func (c *ChatNotifier) send(ctx context.Context, m bot.Message) error {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-time.After(time.Until(c.next)):
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // a turn may come at the same moment
		return ctx.Err()
	}
	c.mu.Lock()
	chat := c.chat
	c.mu.Unlock()
	for range maxMoves {
		err := c.o.Channel.Send(ctx, chat, m)
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Reason != bot.SendMoved || failed.Chat == "" || failed.Chat == chat {
			c.pace(ctx, chat)
			return err
		}
		c.follow(ctx, chat, failed.Chat)
		chat = failed.Chat
	}
	return errors.New("the chat moved again and again")
}

// pace counts a message. If that fails, the platform's own limit holds.
func (c *ChatNotifier) pace(ctx context.Context, chat bot.ChatID) {
	if c.o.Pacer == nil {
		return
	}
	if wait, err := c.o.Pacer.Pace(ctx, chat); err == nil {
		c.next = time.Now().Add(wait)
	}
}

// follow remembers where the chat went, unless another call already did.
func (c *ChatNotifier) follow(ctx context.Context, from, to bot.ChatID) {
	c.mu.Lock()
	first := c.chat == from
	if first {
		c.chat = to
	}
	c.mu.Unlock()
	if first && c.o.Moved != nil {
		c.o.Moved(ctx, to)
	}
}
