package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/ops"
	"iqbot/internal/store"
	"iqbot/internal/telegram"
)

// webhookConnections is how many deliveries Telegram may make at once. Each
// waits for two round trips to Redis, so 40 (Telegram's default) is ample.
const webhookConnections = 40

// pollLease is how long a poller that is cut off from Redis goes on, at most: of
// one that died, the store hears at once.
const pollLease = 15 * time.Second

// pollRenew is how often a poller asks whether it still may. Two that poll at the
// same time do no harm but that each gets some of Telegram's answers only at the second try.
const pollRenew = time.Second

// pollAsk is how often those who do not poll ask for the right to: it is what a
// rolling restart costs people.
const pollAsk = 100 * time.Millisecond

// telegramChannel is Telegram, by webhook if the settings name one, else by long polling.
type telegramChannel struct {
	*telegram.Client
	c   config.Config
	log *slog.Logger
}

func openTelegram(c config.Config, log *slog.Logger) (channel, error) {
	if c.TelegramToken == "" {
		return nil, nil
	}
	client, err := telegram.New(telegram.Options{Token: c.TelegramToken.Reveal(), APIURL: c.TelegramAPIURL, Logger: log})
	if err != nil {
		return nil, err
	}
	return telegramChannel{client, c, log}, nil
}

// Routes are the webhook, if there is one.
func (t telegramChannel) Routes(handle handler) map[string]http.Handler {
	address, err := url.Parse(t.c.WebhookURL)
	if t.c.WebhookURL == "" || err != nil { // Receive tells of the error
		return nil
	}
	pattern := "POST " + address.EscapedPath()
	if address.EscapedPath() == "" {
		pattern = "POST /{$}"
	}
	return map[string]http.Handler{pattern: t.Webhook(t.c.WebhookSecret.Reveal(), handle)}
}

// Receive polls, or has Telegram deliver to the webhook.
func (t telegramChannel) Receive(ctx context.Context, s *store.Store, handle handler) error {
	if t.c.WebhookURL == "" {
		t.log.Info("receiving from Telegram by long polling")
		return t.pollAlone(ctx, s, handle)
	}
	if _, err := url.Parse(t.c.WebhookURL); err != nil {
		return fmt.Errorf("TELEGRAM_WEBHOOK_URL: %w", err)
	}
	t.log.Info("receiving from Telegram by webhook")
	if err := t.setWebhook(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// pollAlone polls while this process is the one that may: Telegram answers only
// one poller of a bot. The others wait, and one takes over at once when the
// poller stops or dies.
func (t telegramChannel) pollAlone(ctx context.Context, s *store.Store, handle handler) error {
	for ctx.Err() == nil {
		asked := time.Now()
		lease, err := s.Acquire(ctx, "telegram-poll", pollLease)
		if err != nil {
			if !errors.Is(err, store.ErrHeld) && ctx.Err() == nil {
				t.log.Warn("cannot ask for the right to poll", "error", err)
			}
			pause(ctx, pollAsk)
			continue
		}
		t.log.Info("this process polls", "fence", lease.Fence)
		renew := func(ctx context.Context) error { return s.Renew(ctx, lease, pollLease) }
		err = whileHeld(ctx, asked, t.log, renew, func(ctx context.Context) error { return t.Poll(ctx, handle) })
		if releaseErr := s.Release(context.WithoutCancel(ctx), lease); releaseErr != nil {
			t.log.Warn("cannot give back the right to poll; it ends by itself", "error", releaseErr)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// whileHeld polls for as long as the right to, which was asked for at asked, is
// certainly this process's: until ctx ends, another process has it, or pollLease
// has passed since the last renewal that succeeded was begun. That end comes while
// a renewal waits for its answer, too. Poll is told by the cause of its context.
func whileHeld(ctx context.Context, asked time.Time, log *slog.Logger, renew, poll func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := func() { cancel(telegram.ErrTakenOver) }
	defer stop()
	end := time.AfterFunc(time.Until(asked.Add(pollLease)), func() {
		log.Warn("the right to poll could not be renewed in time; another process may have it")
		stop()
	})
	defer end.Stop()
	var renewer sync.WaitGroup
	defer renewer.Wait()
	renewer.Go(func() {
		defer stop()
		for {
			if pause(ctx, pollRenew); ctx.Err() != nil {
				return
			}
			asked := time.Now()
			switch err := renew(ctx); {
			case err == nil:
				end.Reset(time.Until(asked.Add(pollLease)))
			case errors.Is(err, bot.ErrLeaseLost):
				log.Warn("another process polls now")
				return
			}
		}
	})
	err := poll(ctx)
	stop()
	return err
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// setWebhook tells Telegram where to deliver, again and again until it is told.
func (t telegramChannel) setWebhook(ctx context.Context) error {
	for ctx.Err() == nil {
		err := t.SetWebhook(ctx, t.c.WebhookURL, t.c.WebhookSecret.Reveal(), webhookConnections)
		if err == nil || errors.Is(err, telegram.ErrUnauthorized) {
			return err
		}
		t.log.Warn("cannot set the webhook; trying again", "error", err)
		pause(ctx, 10*time.Second)
	}
	return nil
}

// Publish sets the menus and descriptions of the bot.
func (t telegramChannel) Publish(ctx context.Context, content *bot.Content) error {
	if err := t.SetUp(ctx, telegramProfiles(content)); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// telegramProfiles are what Telegram shows of the bot in each language.
func telegramProfiles(c *bot.Content) []telegram.Profile {
	var all []telegram.Profile
	for _, l := range c.Catalog.Languages() {
		p := c.Profile(l.Tag)
		tp := telegram.Profile{Language: l.Tag, Description: p.Description, ShortDescription: p.ShortDescription}
		for _, command := range p.Commands {
			tp.Commands = append(tp.Commands, telegram.Command(command))
		}
		all = append(all, tp)
	}
	// English is what most people can read whose language is not ours.
	for _, p := range all {
		if p.Language == "en" {
			p.Language = ""
			all = append(all, p)
		}
	}
	return all
}

// AdvisorChat is the group or the person that the settings name.
func (t telegramChannel) AdvisorChat() (bot.ChatID, handoff.Channel) {
	if t.c.AdvisorChat == 0 {
		return "", nil
	}
	return bot.ChatID(t.Name() + ":" + strconv.FormatInt(t.c.AdvisorChat, 10)), t
}

// Counters count what only Telegram does.
func (t telegramChannel) Counters() []ops.Counter {
	from := func(name, help string, n func(telegram.Stats) uint64) ops.Counter {
		return ops.Counter{Name: "iqbot_telegram_" + name + "_total", Help: help, Value: func() float64 { return float64(n(t.Stats())) }}
	}
	return []ops.Counter{
		from("ignored", "Updates that are not for the bot, such as those of groups.", func(s telegram.Stats) uint64 { return s.Ignored }),
		from("malformed", "Updates that could not be read and were skipped.", func(s telegram.Stats) uint64 { return s.Malformed }),
		from("plain", "Messages that were sent without markup because Telegram refused it.", func(s telegram.Stats) uint64 { return s.PlainText }),
		from("taps_unanswered", "Taps on buttons that could not be answered in time.", func(s telegram.Stats) uint64 { return s.Unanswered }),
		from("not_taken", "Deliveries that were not taken, so that Telegram repeats them.", func(s telegram.Stats) uint64 { return s.HandlerErrors }),
		from("forged", "Webhook requests without the right secret.", func(s telegram.Stats) uint64 { return s.Refused }),
	}
}
