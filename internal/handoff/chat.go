package handoff

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"iqbot/bot"
)

// ChatNotifier writes to the advisors' chat. It is safe for concurrent use.
type ChatNotifier struct {
	channel bot.Channel
	render  *Renderer
	moved   func(ctx context.Context, chat bot.ChatID)

	mu   sync.Mutex
	chat bot.ChatID
}

// NewChatNotifier returns a notifier that writes to chat through channel.
// moved is called when the platform gave the chat a new id (a Telegram group
// that became a supergroup), so that the id can be kept; if nil, the id is
// remembered until the process ends, and the platform tells it again.
func NewChatNotifier(channel bot.Channel, chat bot.ChatID, render *Renderer, moved func(ctx context.Context, chat bot.ChatID)) *ChatNotifier {
	return &ChatNotifier{channel: channel, chat: chat, render: render, moved: moved}
}

// Name returns [ChatTarget].
func (*ChatNotifier) Name() string { return ChatTarget }

// Notify sends the notification in as many messages as it needs. If one of
// them fails, the next try begins with the first again. The error wraps the
// [*bot.SendError] of the channel.
func (c *ChatNotifier) Notify(ctx context.Context, n bot.Notification) error {
	text := c.render.Text(n)
	if len(text) == 0 {
		return errNoText
	}
	for _, part := range c.channel.Prepare(bot.Message{ID: n.ID, Text: text}) {
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
	c.mu.Lock()
	chat := c.chat
	c.mu.Unlock()
	for range maxMoves {
		err := c.channel.Send(ctx, chat, m)
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Reason != bot.SendMoved || failed.Chat == "" || failed.Chat == chat {
			return err
		}
		c.follow(ctx, chat, failed.Chat)
		chat = failed.Chat
	}
	return errors.New("the chat moved again and again")
}

// follow remembers where the chat went, unless another call already did.
func (c *ChatNotifier) follow(ctx context.Context, from, to bot.ChatID) {
	c.mu.Lock()
	first := c.chat == from
	if first {
		c.chat = to
	}
	c.mu.Unlock()
	if first && c.moved != nil {
		c.moved(ctx, to)
	}
}
