package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/ops"
	"iqbot/internal/store"
)

// channelKinds are the channels of the service, one row each. A new one is one
// more row.
var channelKinds = []struct {
	name    string // what its chats' ids begin with
	setting string // that turns it on
	// open makes the channel, or returns nil if the settings leave it off. It makes no request.
	open func(c config.Config, log *slog.Logger) (channel, error)
}{
	{"telegram", "TELEGRAM_BOT_TOKEN", openTelegram},
}

// channel is a way by which people reach the bot, with what the service needs
// to know of it. Implementations are safe for concurrent use.
type channel interface {
	bot.Channel
	// Routes are what the channel answers at the address of the service, by
	// their patterns; updates go to handle. There may be none.
	Routes(handle handler) map[string]http.Handler
	// Receive makes updates come, to the routes or from elsewhere to handle. It
	// blocks until ctx ends, which is no error, or the platform does not accept the bot.
	Receive(ctx context.Context, s *store.Store, handle handler) error
	// Publish makes the platform present the bot in the words of content. It
	// blocks until that is done or ctx ends, which is no error; what fails is
	// tried again. The error is about the words.
	Publish(ctx context.Context, content *bot.Content) error
	// AdvisorChat is the chat here in which advisors hear of cases, and what writes to
	// it; "" and nil if there is none.
	AdvisorChat() (bot.ChatID, handoff.Channel)
	// Counters are what /metrics shows of the channel.
	Counters() []ops.Counter
	// Close ends what is under way; no other method is called afterwards.
	Close() error
}

// handler takes updates into the dialogue, see [bot.Engine.Handle].
type handler func(ctx context.Context, updates []bot.Update) error

// channels are those that the settings turn on.
type channels []channel

// openChannels makes them.
func openChannels(c config.Config, log *slog.Logger) (all channels, err error) {
	for _, kind := range channelKinds {
		one, err := kind.open(c, log)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", kind.name, err), all.Close())
		}
		if one != nil {
			all = append(all, one)
		}
	}
	return all, nil
}

// Close closes all.
func (cs channels) Close() (err error) {
	for _, c := range cs {
		err = errors.Join(err, c.Close())
	}
	return err
}

// forEngine are the same, as the engine takes them.
func (cs channels) forEngine() []bot.Channel {
	out := make([]bot.Channel, len(cs))
	for i, c := range cs {
		out[i] = c
	}
	return out
}

// prepare splits a message as the channel of the chat needs it; it sends nothing.
func (cs channels) prepare(chat bot.ChatID, m bot.Message) ([]bot.Message, error) {
	for _, c := range cs {
		if c.Name() == chat.Channel() {
			return c.Prepare(m), nil
		}
	}
	for _, kind := range channelKinds {
		if kind.name == chat.Channel() {
			return nil, fmt.Errorf("%s is not set: nothing can be made for %s", kind.setting, kind.name)
		}
	}
	return nil, fmt.Errorf("this program has no channel that is called %s", chat.Channel())
}
