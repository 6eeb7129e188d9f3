package handoff

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"iqbot/bot"
	"iqbot/internal/richtext"
)

// Channel is a platform with a chat of advisors, in which what was written can be
// taken back.
type Channel interface {
	bot.Channel
	// Post is Send for a message that may have to be taken back. It returns by which
	// id it is found again, "" if the platform tells none.
	Post(ctx context.Context, chat bot.ChatID, m bot.Message) (bot.MessageRef, error)
	// Recall deletes a message of the bot or, where the platform refuses that, puts
	// instead in the place of its text. One that is gone is no failure; with
	// SendRefused or SendMoved the message stays as it is for ever.
	Recall(ctx context.Context, chat bot.ChatID, m bot.MessageRef, instead richtext.Text) error
}

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
	Channel Channel
	Chat    bot.ChatID
	// Moved is called when the platform gave the chat a new id (a Telegram group
	// that became a supergroup), so that the id can be kept. If nil, the id is
	// remembered until the process ends, and the platform tells it again.
	Moved func(ctx context.Context, chat bot.ChatID)
	// Posted is told where a message about a case stands, as soon as it does, so that a
	// withdrawal finds it. If nil, nothing is ever taken back.
	Posted func(ctx context.Context, n bot.Notification, p bot.Posting)
	// NotRecalled is told how many messages about a withdrawn case could not be taken
	// back, and why the last of them could not. If nil, only the advisors are told.
	NotRecalled func(ctx context.Context, c bot.CaseID, messages int, err error)
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
// them fails, the next try begins with the first again. Before a withdrawal is told,
// all that was posted of the case is taken back. The error wraps the
// [*bot.SendError] of the channel.
func (c *ChatNotifier) Notify(ctx context.Context, n bot.Notification) error {
	text := c.render.Text(n)
	if len(text) == 0 {
		return errNoText
	}
	left, why, err := c.recall(ctx, n)
	if err != nil {
		return fmt.Errorf("take back messages in the advisors' chat: %w", err)
	}
	if left > 0 {
		text = richtext.Join(text, c.render.NotRecalled())
	}
	for _, part := range c.o.Channel.Prepare(bot.Message{ID: n.ID, Text: text}) {
		posting, err := c.send(ctx, part)
		if err != nil {
			return fmt.Errorf("write to the advisors' chat: %w", err)
		}
		if posting.Message != "" && !n.Withdrawn && c.o.Posted != nil {
			c.o.Posted(ctx, n, posting)
		}
	}
	if left > 0 && c.o.NotRecalled != nil {
		c.o.NotRecalled(ctx, n.Case.ID, left, why)
	}
	return nil
}

// recall takes back what was posted of a withdrawn case. It returns how many messages
// stay for ever, and why; the error is what may pass.
func (c *ChatNotifier) recall(ctx context.Context, n bot.Notification) (left int, why, err error) {
	for _, p := range n.Posted {
		if p.Chat == "" {
			left, why = left+1, errors.New("it is not known any more in which chat they stand")
			continue
		}
		err := c.o.Channel.Recall(ctx, p.Chat, p.Message, c.render.Emptied(n.Case.ID))
		var failed *bot.SendError
		switch {
		case err == nil:
		case !errors.As(err, &failed):
			return left, why, err
		case failed.Reason == bot.SendRefused, failed.Reason == bot.SendMoved, // after a move, ids begin anew
			failed.Reason == bot.SendBlocked && p.Chat != c.current(): // an earlier chat, which the bot has left
			left, why = left+1, err
		default:
			return left, why, err
		}
	}
	return left, why, nil
}

// current is where the chat is now.
func (c *ChatNotifier) current() bot.ChatID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chat
}

// errNoText keeps a case from being ticked off unsent when the catalogue is broken.
var errNoText = errors.New("the catalogue has no text for a notification")

// maxMoves bounds how often one message follows a chat that moves; a real one moves once.
const maxMoves = 3

// noTurn is the failure of a message that did not get its turn in time: our own
// limit held it up, and the platform was not asked.
func noTurn(err error) error {
	return &bot.SendError{Method: "wait", Reason: bot.SendThrottled, Err: err}
}

// send returns where the message stands.
func (c *ChatNotifier) send(ctx context.Context, m bot.Message) (bot.Posting, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return bot.Posting{}, noTurn(ctx.Err())
	}
	select {
	case <-time.After(time.Until(c.next)):
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // a turn may come at the same moment
		return bot.Posting{}, noTurn(ctx.Err())
	}
	chat := c.current()
	for range maxMoves {
		ref, err := c.o.Channel.Post(ctx, chat, m)
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Reason != bot.SendMoved || failed.Chat == "" || failed.Chat == chat {
			c.pace(ctx, chat)
			return bot.Posting{Chat: chat, Message: ref}, err
		}
		c.follow(ctx, chat, failed.Chat)
		chat = failed.Chat
	}
	return bot.Posting{}, errors.New("the chat moved again and again")
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
