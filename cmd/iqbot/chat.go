package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/ops"
	"iqbot/internal/store"
	"iqbot/internal/terminal"
)

type chatCommand struct {
	contentFlag
	Lang  string `help:"Language to begin in, such as ar. If empty, the bot asks first, as it asks a newcomer." placeholder:"TAG"`
	Trace bool   `help:"Show after each reply what was said, by message ids, where the dialogue waits, and its variables."`
}

// Help explains the conversation.
func (chatCommand) Help() string {
	return "Type a question, a command such as /menu, or the number of a button; the end of the input ends the conversation. " +
		"Nothing is kept, and no advisor is told: notifications are printed instead."
}

// Run converses until the input or ctx ends.
func (cmd chatCommand) Run(ctx context.Context, w world) error {
	c, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	var trace func(bot.Outcome)
	if cmd.Trace {
		trace = func(out bot.Outcome) { printTrace(w, out) }
	}
	return converse(ctx, w, c, content, cmd.Lang, trace, nil)
}

// converse holds a conversation in the terminal. trace and heard may be nil;
// heard is told of each update before it is handled.
func converse(ctx context.Context, w world, c config.Config, content *bot.Content, lang string, trace func(bot.Outcome), heard func(bot.Update)) (err error) {
	log := ops.NewLogger(w.err, max(c.LogLevel.Level, slog.LevelWarn), c.LogFormat)
	start := ""
	if lang != "" {
		tag, ok := content.Catalog.Match(lang)
		if !ok {
			return fmt.Errorf("--lang %s: not one of our languages: %s", lang, content.LanguageTags())
		}
		start = "lang-" + tag
	}
	advisors := printNotifier{render: renderer(func() *bot.Content { return content }), w: w}
	s, err := store.OpenEmbedded(ctx, store.Options{
		HashSecret: []byte(rand.Text()), Sealer: store.Plain{}, Targets: []string{advisors.Name()}, CasesPerDay: int(c.CasesPerDay),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	channel := terminal.New(w.out, !interactive(w.in))
	engine := bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{channel}, Content: content, Log: log, Advisors: true, Export: exporter(s), Trace: trace,
		Assistant: assistant(c, log),
		Flood:     bot.FloodLimit{Burst: 1e9}, // a script may type as fast as it likes
	})
	return channel.Converse(ctx, w.in, lang, start, func(ctx context.Context, u bot.Update) error {
		if heard != nil {
			heard(u)
		}
		if err := engine.Handle(ctx, []bot.Update{u}); err != nil {
			return err
		}
		engine.Flush()
		return notify(ctx, s, advisors)
	})
}

// printTrace shows what a person who writes flows wants to see.
func printTrace(w world, out bot.Outcome) {
	at := "nowhere"
	if n := len(out.State.Stack); n > 0 {
		at = out.State.Stack[n-1].Flow + "/" + out.State.Stack[n-1].Step
	}
	_, _ = fmt.Fprintf(w.err, "--- said %v; at %s; vars %v\n", out.Said, at, out.State.Vars)
}

// notify delivers what is due now, so that a notification stands with the reply it belongs to.
func notify(ctx context.Context, queue handoff.Queue, to handoff.Notifier) error {
	due, err := queue.Notifications(ctx, 16)
	for _, n := range due {
		err = errors.Join(err, to.Notify(ctx, n), queue.Notified(ctx, n))
	}
	return err
}

// interactive says whether in is a terminal, where what is typed shows.
func interactive(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// printNotifier shows what an advisor would be told.
type printNotifier struct {
	render *handoff.Renderer
	w      world
}

// Name is the target that the store keeps with the notification.
func (printNotifier) Name() string { return "terminal" }

// Notify prints the notification to the error output, apart from the conversation.
func (p printNotifier) Notify(_ context.Context, n bot.Notification) error {
	_, err := fmt.Fprintf(p.w.err, "--- %s ---\n%s\n---\n", p.render.Subject(n), p.render.Text(n).Plain())
	return err
}
