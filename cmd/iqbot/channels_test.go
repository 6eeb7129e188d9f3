package main

import (
	"log/slog"
	"testing"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/telegram/botapitest"
)

func TestAChannelIsCalledAsItsRowSays(t *testing.T) {
	on := config.Config{TelegramToken: botapitest.DefaultToken}
	for _, kind := range channelKinds {
		c, err := kind.open(on, slog.New(slog.DiscardHandler))
		if err != nil || c == nil {
			t.Errorf("%s: %v, %v", kind.name, c, err)
			continue
		}
		if c.Name() != kind.name {
			t.Errorf("the row of %s opens %s", kind.name, c.Name())
		}
		if err := c.Close(); err != nil {
			t.Errorf("%s: %v", kind.name, err)
		}
		if c, err := kind.open(config.Config{}, slog.New(slog.DiscardHandler)); err != nil || c != nil {
			t.Errorf("%s without %s: %v, %v", kind.name, kind.setting, c, err)
		}
	}
}

func TestMessagesArePreparedByTheirChannel(t *testing.T) {
	cs, err := openChannels(config.Config{TelegramToken: botapitest.DefaultToken}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if parts, err := cs.prepare("telegram:7", bot.Message{ID: "1"}); err != nil || len(parts) == 0 {
		t.Errorf("for Telegram: %v, %v", parts, err)
	}
	_, err = cs.prepare("pigeon:7", bot.Message{ID: "1"})
	wantError(t, err, "no channel that is called pigeon")
	_, err = channels(nil).prepare("telegram:7", bot.Message{ID: "1"})
	wantError(t, err, "TELEGRAM_BOT_TOKEN is not set")
}
