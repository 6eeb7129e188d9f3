package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/ops"
	"iqbot/internal/store"
)

type serveCommand struct{ contentFlag }

// Help lists the settings below the usage.
func (serveCommand) Help() string {
	return "Settings are environment variables. A secret may also stand in a file: NAME_FILE is its path.\n\n" + config.HelpText()
}

// Run serves until ctx ends.
func (cmd serveCommand) Run(ctx context.Context, w world) error {
	c, err := config.Load(w.getenv, time.Now())
	if err != nil {
		return err
	}
	log := ops.NewLogger(w.err, c.LogLevel.Level, c.LogFormat)
	ops.TakeOver(log)
	for _, warning := range c.Warnings() {
		log.Warn(warning)
	}
	for _, off := range c.Off() {
		log.Info("off: "+off.What, "turn on", off.Variable)
	}
	s := &service{c: c, log: log, getenv: w.getenv, source: cmd.contentFlag, changed: make(chan struct{}, 1)}
	return s.run(ctx)
}

// service is the running bot. Its parts start in the order of run and stop in
// the opposite one.
type service struct {
	c       config.Config
	log     *slog.Logger
	getenv  func(string) string
	source  contentFlag
	content atomic.Pointer[bot.Content] // in use; it changes, so nothing that is made of it is kept
	changed chan struct{}               // holds one token when the content has changed

	channels channels
	store    *store.Store
	engine   *bot.Engine
	worker   *handoff.Worker
	left     atomic.Int64 // messages about withdrawn cases that could not be taken back
}

func (s *service) run(ctx context.Context) (err error) {
	// First of all, so that an update that is delivered during a restart waits until
	// the service answers: a platform that is refused tries again much later.
	listener, err := ops.Listen(ctx, "LISTEN_ADDR", s.c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // again, if it was served
	if s.channels, err = openChannels(s.c, s.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.channels.Close()) }()
	err = s.open(ctx)
	if s.store != nil {
		defer func() { err = errors.Join(err, s.store.Close()) }()
	}
	if err != nil {
		return err
	}
	s.warnOfEviction(ctx)
	pacer := store.NewPacer(s.store, store.Rates{
		PerSecond: int(s.c.SendPerSecond), PerChat: int(s.c.SendPerChat), ChatBurst: int(s.c.SendBurst), GroupPerMinute: int(s.c.SendPerGroup),
	})
	advisors, err := s.notifiers(ctx, pacer)
	if err != nil {
		return err
	}

	s.worker = handoff.NewWorker(handoff.WorkerOptions{Queue: s.store, Notifiers: advisors, Logger: s.log, Late: s.late})
	s.engine = bot.NewEngine(bot.Options{
		Store: s.store, Channels: s.channels.forEngine(), Content: s.content.Load(), Log: s.log, Assistant: assistant(s.c, s.log),
		Advisors: len(advisors) > 0, OnNotify: s.worker.Wake, Export: exporter(s.store), Ref: s.store.Ref,
		Flood: bot.FloodLimit{PerMinute: s.c.FloodPerMinute, Burst: s.c.FloodBurst},
		Pacer: pacer,
	})

	// The sender and the worker outlive the receivers, so that what was
	// received last is still answered.
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	var senders sync.WaitGroup
	senders.Go(func() { s.engine.Run(sending, s.c.ShutdownTimeout.Duration()) })
	senders.Go(func() { s.worker.Run(sending) })

	senders.Go(func() { s.reload(ctx) })
	err = s.receive(ctx, listener)
	s.log.Info("stopping: no new updates; sending what is left")
	stopSending()
	senders.Wait()
	return err
}

// open opens the store while the content is read: the sooner it is open, the
// sooner is found what a process that died has left.
func (s *service) open(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		content, err := s.source.load(s.c)
		if err != nil {
			return err
		}
		ops.TuneMemory(s.getenv, len(content.Catalog.Languages()))
		s.content.Store(content)
		return nil
	})
	group.Go(func() (err error) {
		s.store, err = openStore(ctx, s.getenv, s.c, store.Options{Targets: s.targets()}, s.log)
		return err
	})
	return group.Wait()
}

// warnOfEviction tells operators of a Redis that may lose what is stored.
func (s *service) warnOfEviction(ctx context.Context) {
	switch policy, err := s.store.Evicts(ctx); {
	case err != nil:
		s.log.Warn("Redis does not say whether it drops keys when its memory is full; make sure that its maxmemory-policy is noeviction", "error", err)
	case policy != "":
		s.log.Error("Redis DROPS WHAT IS STORED when its memory is full: dialogues and waiting messages are lost in silence; set its maxmemory-policy to noeviction",
			"maxmemory-policy", policy)
	}
}

// receive takes updates, those by listener too, until ctx ends or a receiver fails for good.
func (s *service) receive(ctx context.Context, listener net.Listener) error {
	ready := ops.NewReadiness(map[string]ops.Check{"redis": s.store.Ping})
	server := ops.NewServer(s.log)
	server.Handle("GET /healthz", ops.Alive())
	server.Handle("GET /readyz", ready.Brief())
	shown := append(counters(s.engine.Stats()),
		ops.Counter{
			Name: "iqbot_notifications_not_recalled_total", Value: func() float64 { return float64(s.left.Load()) },
			Help: "Messages about withdrawn cases that could not be deleted in the advisors' chat; the log names the cases.",
		}, ops.Counter{
			Name: "iqbot_cases_late_total", Value: func() float64 { return float64(s.worker.PeopleTold()) },
			Help: "Cases of which the person was told that they have reached no advisor yet.",
		})
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range s.channels {
		shown = append(shown, c.Counters()...)
		for pattern, handler := range c.Routes(s.engine.Handle) {
			server.Handle(pattern, handler)
		}
		group.Go(func() error { return c.Receive(ctx, s.store, s.engine.Handle) })
	}
	group.Go(func() error { s.present(ctx); return nil })
	group.Go(func() error {
		s.operate(ctx, ready, ops.Metrics(s.log, shown, advisorMetrics{s.worker}, evicts(s.store)))
		return nil
	})
	group.Go(func() error { return server.Serve(ctx, listener, s.c.ShutdownTimeout.Duration()) })
	return group.Wait()
}

// operate answers operators at an address of their own until ctx ends. The
// service can do without.
func (s *service) operate(ctx context.Context, ready *ops.Readiness, metrics http.Handler) {
	if s.c.Ops == config.OpsOff {
		return
	}
	server := ops.NewServer(s.log)
	server.Handle("GET /readyz", ready.Detailed())
	server.Handle("GET /metrics", metrics)
	listener, err := ops.Listen(ctx, "OPS_ADDR", s.c.Ops)
	if err == nil {
		err = server.Serve(ctx, listener, s.c.ShutdownTimeout.Duration())
	}
	if err != nil {
		s.log.Warn("operators cannot ask this process: there are no metrics of it", "error", err)
	}
}

// present keeps what the platforms show of the bot as the content has it, until ctx ends.
func (s *service) present(ctx context.Context) {
	for ctx.Err() == nil {
		unchanged, stop := context.WithCancel(ctx)
		var group sync.WaitGroup
		for _, c := range s.channels {
			group.Go(func() {
				if err := c.Publish(unchanged, s.content.Load()); err != nil {
					s.log.Error("the content has a profile of the bot that the platform would refuse; it stays as it is", "channel", c.Name(), "error", err)
				}
			})
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
		}
		stop()
		group.Wait()
	}
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
