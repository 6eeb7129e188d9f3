package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	_ "time/tzdata" // a container from scratch has no time zones

	"iqbot/bot"
	"iqbot/internal/assist"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/locale"
	"iqbot/internal/store"
)

// redisRetry is how often a start asks again for a Redis that does not answer.
const redisRetry = 2 * time.Second

// openStore opens Redis, or the embedded store if none is set, with what the
// settings say in place of o's fields. A Redis that does not answer is waited for.
func openStore(
	ctx context.Context, getenv func(string) string, c config.Config, o store.Options, log *slog.Logger,
) (_ *store.Store, err error) {
	o.URL, o.Sealer = c.RedisURL.Reveal(), store.Plain{}
	o.StateTTL, o.CaseTTL, o.QuestionTTL = c.StateTTL.Duration(), c.CaseTTL.Duration(), c.QuestionTTL.Duration()
	o.CasesPerDay = int(c.CasesPerDay)
	if c.RedisURL == "" {
		o.HashSecret = []byte(rand.Text()) // the data do not outlive the process, nor need the secret
		log.Warn("embedded store: nothing survives a restart", "turn on", "REDIS_URL")
		return store.OpenEmbedded(ctx, o)
	}
	if o.HashSecret, o.Sealer, err = secrets(c); err != nil {
		return nil, err
	}
	if file := strings.TrimSpace(getenv("KEYSET_FILE")); file != "" {
		if mode, cure := exposed(file); cure != "" {
			log.Warn("the keyset can be read by others than its owner; if no container platform mounts it so, change that", "mode", mode, "with", cure)
		}
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

// assistant is the language model that the settings name, or nil; the log says
// plainly who gets people's questions.
func assistant(c config.Config, log *slog.Logger) bot.Assistant {
	to, ok := c.Assist()
	if !ok {
		return nil
	}
	level := slog.LevelWarn
	if to.Local {
		level = slog.LevelInfo
	}
	log.Log(context.Background(), level, to.String(), "model", c.AssistModel, "mode", c.AssistMode, "named to people as", to.Operator)
	return assist.New(assist.Options{
		URL: c.AssistURL, Model: c.AssistModel, Key: c.AssistKey.Reveal(), Mode: assist.Mode(c.AssistMode),
		Timeout: c.AssistTimeout.Duration(), AtOnce: int(c.AssistAtOnce), Recipient: to.Operator, Log: log,
	})
}

// renderer words notifications for advisors, who work in Germany, by the content
// that is in use at the time.
func renderer(content func() *bot.Content) *handoff.Renderer {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		zone = time.UTC // cannot happen: the zones are built in
	}
	return handoff.NewRenderer(func() *locale.Printer { return content().Catalog.Printer("de") }, func(topic string) string {
		a, _ := content().Articles.Article(topic, "de")
		return a.Title
	}, zone)
}

// targets are the names of the notifiers that the settings turn on.
func (s *service) targets() []string {
	var names []string
	for _, c := range s.channels {
		if chat, _ := c.AdvisorChat(); chat != "" {
			names = append(names, c.Name())
		}
	}
	if _, ok := s.c.SMTP(); ok {
		names = append(names, handoff.MailTarget)
	}
	return names
}

// notifiers builds those that targets names.
func (s *service) notifiers(ctx context.Context, pacer bot.Pacer) ([]handoff.Notifier, error) {
	words := renderer(s.content.Load)
	var all []handoff.Notifier
	for _, c := range s.channels {
		chat, channel := c.AdvisorChat()
		if chat == "" {
			continue
		}
		now, err := s.store.Moved(ctx, chat)
		if err != nil {
			return nil, fmt.Errorf("advisors' chat: %w", err)
		}
		moved := func(ctx context.Context, to bot.ChatID) {
			s.log.Warn("the advisors' chat has a new id, because it became a supergroup; it is followed. Set ADVISOR_CHAT_ID to what Telegram shows there now")
			if err := s.store.SetMoved(ctx, chat, to); err != nil {
				s.log.Warn("the new id of the advisors' chat is not kept; it is learned again after a restart", "error", err)
			}
		}
		all = append(all, handoff.NewChatNotifier(handoff.ChatOptions{
			Channel: channel, Chat: now, Moved: moved, Posted: s.posted, NotRecalled: s.notRecalled, Pacer: pacer,
		}, words))
	}
	if server, ok := s.c.SMTP(); ok {
		mail, err := handoff.NewMailNotifier(handoff.MailOptions{
			Host: server.Host, Port: server.Port, TLS: handoff.TLS(server.TLS), User: server.User, Password: server.Password.Reveal(),
			From: s.c.MailFrom, To: s.c.AdvisorEmail,
		}, words)
		if err != nil {
			return nil, fmt.Errorf("mail to advisors: %w", err)
		}
		all = append(all, mail)
	}
	return all, nil
}

// posted keeps where a message to advisors stands. If that fails, a withdrawal asks the
// advisors to delete it, as they are asked to delete all that they have.
func (s *service) posted(ctx context.Context, n bot.Notification, p bot.Posting) {
	_, err := bot.Insist(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.store.Posted(ctx, n, p) })
	if err != nil {
		s.log.Error("the store did not take where a message to advisors stands; the bot cannot take it back", "case", n.Case.ID, "error", err)
	}
}

// notRecalled tells of messages about a withdrawn case that still stand in the advisors' chat.
func (s *service) notRecalled(_ context.Context, c bot.CaseID, messages int, err error) {
	s.left.Add(int64(messages))
	s.log.Error("messages about a withdrawn case could not be deleted in the advisors' chat; the advisors were asked to do it", "case", c, "messages", messages, "error", err)
}

// late are the messages that tell a person that their case has reached nobody yet, in
// the language that they use now.
func (s *service) late(ctx context.Context, c bot.Case) ([]bot.Message, error) {
	session, err := s.store.Load(ctx, c.Chat)
	if err != nil && !errors.Is(err, bot.ErrUnreadable) { // then the language is that of the case
		return nil, err
	}
	var parts []bot.Message
	for _, m := range s.content.Load().Late(c, session.State.Language, time.Now()) {
		prepared, err := s.channels.prepare(c.Chat, m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, prepared...)
	}
	return parts, nil
}
