package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

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

// pollLease is how long a poller that died keeps the others from polling.
const pollLease = 15 * time.Second

// pollAsk is how often those who do not poll ask for the right to: it is what a
// rolling restart costs people.
const pollAsk = 300 * time.Millisecond

type serveCommand struct{ contentFlag }

// Help lists the settings below the usage.
func (serveCommand) Help() string {
	return "Settings are environment variables. A secret may also stand in a file: NAME_FILE is its path.\n\n" + config.HelpText()
}

// Run serves until ctx ends.
func (cmd serveCommand) Run(ctx context.Context, w world) error {
	c, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	ops.TuneMemory(w.getenv)
	log := ops.NewLogger(w.err, c.LogLevel.Level, c.LogFormat)
	for _, warning := range c.Warnings() {
		log.Warn(warning)
	}
	for _, off := range c.Off() {
		log.Info("off: "+off.What, "turn on", off.Variable)
	}
	go content.Warm()
	s := &service{c: c, log: log, source: cmd.contentFlag, changed: make(chan struct{}, 1)}
	s.content.Store(content)
	return s.run(ctx)
}

// service is the running bot. Its parts start in the order of run and stop in
// the opposite one.
type service struct {
	c       config.Config
	log     *slog.Logger
	source  contentFlag
	content atomic.Pointer[bot.Content] // in use; it changes, so nothing that is made of it is kept
	changed chan struct{}               // holds one token when the content has changed

	telegram *telegram.Client // nil if off
	store    *store.Store
	engine   *bot.Engine
}

func (s *service) run(ctx context.Context) (err error) {
	var channels []bot.Channel
	if s.c.TelegramToken != "" {
		s.telegram, err = telegram.New(telegram.Options{Token: s.c.TelegramToken.Reveal(), APIURL: s.c.TelegramAPIURL, Logger: s.log})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.telegram.Close()) }()
		channels = append(channels, s.telegram)
	}
	s.store, err = openStore(ctx, s.c, targets(s.c), s.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	pacer := store.NewPacer(s.store, store.Rates{
		PerSecond: int(s.c.SendPerSecond), PerChat: int(s.c.SendPerChat), ChatBurst: int(s.c.SendBurst), GroupPerMinute: int(s.c.SendPerGroup),
	})
	advisors, err := s.notifiers(ctx, pacer)
	if err != nil {
		return err
	}

	worker := handoff.NewWorker(handoff.WorkerOptions{Queue: s.store, Notifiers: advisors, Logger: s.log})
	s.engine = bot.NewEngine(bot.Options{
		Store: s.store, Channels: channels, Content: s.content.Load(), Log: s.log, Assistant: assistant(s.c, s.log),
		Advisors: len(advisors) > 0, OnNotify: worker.Wake, Export: exporter(s.store), Ref: s.store.Ref,
		Flood: bot.FloodLimit{PerMinute: s.c.FloodPerMinute, Burst: s.c.FloodBurst},
		Pacer: pacer,
	})

	// The sender and the worker outlive the receivers, so that what was
	// received last is still answered.
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	var senders sync.WaitGroup
	senders.Go(func() { s.engine.Run(sending, s.c.ShutdownTimeout.Duration()) })
	senders.Go(func() { worker.Run(sending) })

	senders.Go(func() { s.reload(ctx) })
	err = s.receive(ctx)
	s.log.Info("stopping: no new updates; sending what is left")
	stopSending()
	senders.Wait()
	return err
}

// receive takes updates until ctx ends or a receiver fails for good.
func (s *service) receive(ctx context.Context) error {
	server := ops.NewServer(s.log, map[string]ops.Check{"redis": s.store.Ping})
	server.Handle("GET /metrics", ops.Metrics(s.log, counters(s.engine.Stats(), s.telegram)))
	group, ctx := errgroup.WithContext(ctx)
	if s.telegram != nil {
		if err := s.receiveTelegram(ctx, group, server); err != nil {
			return err
		}
	}
	group.Go(func() error { return server.Serve(ctx, s.c.Listen, s.c.ShutdownTimeout.Duration()) })
	return group.Wait()
}

// receiveTelegram adds the webhook to the server, or starts polling.
func (s *service) receiveTelegram(ctx context.Context, group *errgroup.Group, server *ops.Server) error {
	group.Go(func() error { s.present(ctx); return nil })
	if s.c.WebhookURL == "" {
		s.log.Info("receiving from Telegram by long polling")
		group.Go(func() error { return s.pollAlone(ctx) })
		return nil
	}
	address, err := url.Parse(s.c.WebhookURL)
	if err != nil {
		return fmt.Errorf("TELEGRAM_WEBHOOK_URL: %w", err)
	}
	secret := s.c.WebhookSecret.Reveal()
	pattern := "POST " + address.EscapedPath()
	if address.EscapedPath() == "" {
		pattern = "POST /{$}"
	}
	server.Handle(pattern, s.telegram.Webhook(secret, s.engine.Handle))
	s.log.Info("receiving from Telegram by webhook")
	group.Go(func() error { return s.setWebhook(ctx, secret) })
	return nil
}

// present keeps what Telegram shows of the bot as the content has it, until ctx ends.
func (s *service) present(ctx context.Context) {
	for ctx.Err() == nil {
		unchanged, stop := context.WithCancel(ctx)
		go func() {
			defer stop()
			select {
			case <-s.changed:
			case <-ctx.Done():
			}
		}()
		if err := s.telegram.SetUp(unchanged, profiles(s.content.Load())); err != nil && unchanged.Err() == nil {
			s.log.Error("the content has a profile of the bot that Telegram would refuse; it stays as it is", "error", err)
		}
		<-unchanged.Done()
	}
}

// pollAlone polls while this process is the one that may: Telegram answers only
// one poller of a bot. The others wait, and one takes over at once when the
// poller stops, or after pollLease when it dies.
func (s *service) pollAlone(ctx context.Context) error {
	for ctx.Err() == nil {
		asked := time.Now()
		lease, err := s.store.Acquire(ctx, "telegram-poll", pollLease)
		if err != nil {
			if !errors.Is(err, store.ErrHeld) && ctx.Err() == nil {
				s.log.Warn("cannot ask for the right to poll", "error", err)
			}
			pause(ctx, pollAsk)
			continue
		}
		s.log.Info("this process polls", "fence", lease.Fence)
		renew := func(ctx context.Context) error { return s.store.Renew(ctx, lease, pollLease) }
		err = whileHeld(ctx, asked, s.log, renew, func(ctx context.Context) error { return s.telegram.Poll(ctx, s.engine.Handle) })
		if releaseErr := s.store.Release(context.WithoutCancel(ctx), lease); releaseErr != nil {
			s.log.Warn("cannot give back the right to poll; it ends by itself", "error", releaseErr)
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
			if pause(ctx, pollLease/3); ctx.Err() != nil {
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
func (s *service) setWebhook(ctx context.Context, secret string) error {
	for ctx.Err() == nil {
		err := s.telegram.SetWebhook(ctx, s.c.WebhookURL, secret, webhookConnections)
		if err == nil || errors.Is(err, telegram.ErrUnauthorized) {
			return err
		}
		s.log.Warn("cannot set the webhook; trying again", "error", err)
		pause(ctx, 10*time.Second)
	}
	return nil
}

type healthCommand struct{}

// Run asks the service on this machine, at the address in LISTEN_ADDR.
func (healthCommand) Run(ctx context.Context, w world) error {
	c, err := config.Load(w.getenv, time.Now())
	if err != nil {
		return err
	}
	return ops.Probe(ctx, c.Listen)
}
