package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
	_ "time/tzdata" // a container from scratch has no time zones

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/store"
	"iqbot/internal/telegram"
	"iqbot/locales"
)

// redisRetry is how often a start asks again for a Redis that does not answer.
const redisRetry = 2 * time.Second

// loadContent reads the content that is built into the program.
func loadContent(c config.Config) (*bot.Content, error) {
	return bot.LoadContent(flows.FS, locales.FS, c.ConfirmedContact, handoff.MessageIDs())
}

// openStore opens Redis, or the embedded store if none is set. A Redis that
// does not answer is waited for.
func openStore(ctx context.Context, c config.Config, targets []string, log *slog.Logger) (_ *store.Store, err error) {
	o := store.Options{
		URL: c.RedisURL.Reveal(), Sealer: store.Plain{}, Targets: targets,
		StateTTL: c.StateTTL.Duration(), CaseTTL: c.CaseTTL.Duration(),
	}
	if c.RedisURL == "" {
		o.HashSecret = []byte(rand.Text()) // the data do not outlive the process, nor need the secret
		log.Warn("embedded store: nothing survives a restart", "turn on", "REDIS_URL")
		return store.OpenEmbedded(ctx, o)
	}
	if o.HashSecret, o.Sealer, err = secrets(c); err != nil {
		return nil, err
	}
	for {
		s, err := store.Open(ctx, o)
		if err == nil || errors.Is(err, store.ErrRefused) {
			return s, err
		}
		log.Warn("Redis does not answer yet; waiting for it", "error", err)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waited for Redis: %w", err)
		case <-time.After(redisRetry):
		}
	}
}

// secrets are what the chats are hashed with and what seals their data.
func secrets(c config.Config) ([]byte, store.Sealer, error) {
	if c.Keyset == "" {
		// INSECURE_STORE: the data lie in the clear, and a hash hides nothing then.
		return []byte("insecure store: chats are hashed with this"), store.Plain{}, nil
	}
	keyset := []byte(c.Keyset.Reveal())
	secret, err := store.HashSecret(keyset)
	if err != nil {
		return nil, nil, fmt.Errorf("KEYSET: %w", err)
	}
	sealer, err := store.LoadKeyset(keyset)
	if err != nil {
		return nil, nil, fmt.Errorf("KEYSET: %w", err)
	}
	return secret, sealer, nil
}

// exporter gives a person what is stored of them as readable JSON.
func exporter(s *store.Store) func(context.Context, bot.ChatID) ([]byte, error) {
	return func(ctx context.Context, chat bot.ChatID) ([]byte, error) {
		all, err := s.Export(ctx, chat)
		if err != nil {
			return nil, err
		}
		return json.MarshalIndent(all, "", "  ")
	}
}

// renderer words notifications for advisors, who work in Germany.
func renderer(content *bot.Content) *handoff.Renderer {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		zone = time.UTC // cannot happen: the zones are built in
	}
	return handoff.NewRenderer(content.Catalog.Printer("de"), func(topic string) string {
		a, _ := content.Articles.Article(topic, "de")
		return a.Title
	}, zone)
}

// notifiers are those that the settings turn on.
func notifiers(c config.Config, content *bot.Content, tg *telegram.Client, log *slog.Logger) ([]bot.Notifier, error) {
	words := renderer(content)
	var all []bot.Notifier
	if c.AdvisorChat != 0 && tg != nil {
		chat := bot.ChatID(tg.Name() + ":" + strconv.FormatInt(c.AdvisorChat, 10))
		all = append(all, handoff.NewChatNotifier(tg, chat, words, func(context.Context, bot.ChatID) {
			log.Warn("the advisors' chat has a new id, because it became a supergroup: set ADVISOR_CHAT_ID to what Telegram shows there now")
		}))
	}
	if server, ok := c.SMTP(); ok {
		mail, err := handoff.NewMailNotifier(handoff.MailOptions{
			Host: server.Host, Port: server.Port, TLS: handoff.TLS(server.TLS), User: server.User, Password: server.Password.Reveal(),
			From: c.MailFrom, To: c.AdvisorEmail,
		}, words)
		if err != nil {
			return nil, fmt.Errorf("mail to advisors: %w", err)
		}
		all = append(all, mail)
	}
	return all, nil
}

func targets(ns []bot.Notifier) []string {
	var names []string
	for _, n := range ns {
		names = append(names, n.Name())
	}
	return names
}

// profiles are what Telegram shows of the bot in each language.
func profiles(c *bot.Content) []telegram.Profile {
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
