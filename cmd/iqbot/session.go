package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/ops"
	"iqbot/internal/store"
)

// operatorPatience is how long an operator's command may take, a Redis that
// does not answer included.
const operatorPatience = 15 * time.Second

// ofTheService is part of the help of each command that looks into the store.
const ofTheService = "It needs the settings of the service, above all REDIS_URL and KEYSET."

type sessionCommand struct {
	Show  showCommand  `cmd:"" help:"Show what is known of a dialogue: its age, waiting messages, timer and cases."`
	Reset resetCommand `cmd:"" help:"Let a dialogue begin anew, for somebody who is stuck."`
}

// named is a chat as operators name it.
type named struct {
	ID string `arg:"" help:"The reference of the chat, as in the log, or the number of one of its cases."`
}

// find returns the reference of the chat, or an error that says what was looked for.
func (n named) find(ctx context.Context, s *store.Store) (string, error) {
	ref, err := s.FindRef(ctx, n.ID)
	return ref, n.explain(err)
}

// explain adds to the store's error what the operator can do.
func (n named) explain(err error) error {
	switch {
	case errors.Is(err, store.ErrNoCase), errors.Is(err, store.ErrNoChat):
		return fmt.Errorf("%s: not found: neither the reference of a chat of which something is stored, 26 letters and digits, "+
			"nor the number of a case, such as IQ-7K2M9AC", n.ID)
	case errors.Is(err, store.ErrManyCases):
		return fmt.Errorf("%s: two people have this case number; name the chat by its reference, which is in the log", n.ID)
	}
	return err
}

type showCommand struct {
	named
	JSON bool `help:"Print JSON, for a script."`
}

// Help says what is not shown.
func (showCommand) Help() string {
	return "Nothing of what was said is shown, nor who the person is. " + ofTheService
}

// Run prints the inspection.
func (cmd showCommand) Run(ctx context.Context, w world) error {
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		ref, err := cmd.find(ctx, s)
		if err != nil {
			return err
		}
		i, err := s.Inspect(ctx, ref)
		if err != nil {
			return cmd.explain(err)
		}
		if cmd.JSON {
			return printJSON(w.out, i)
		}
		return printInspection(w.out, i, time.Now())
	})
}

type resetCommand struct{ named }

// Help says what is lost and what is kept.
func (resetCommand) Help() string {
	return "The language and the answers given so far are forgotten. Cases and waiting messages are kept, and the messages are sent at once. " + ofTheService
}

// Run resets the dialogue.
func (cmd resetCommand) Run(ctx context.Context, w world) error {
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		ref, err := cmd.find(ctx, s)
		if err != nil {
			return err
		}
		if err := s.Reset(ctx, ref); err != nil {
			return cmd.explain(err)
		}
		_, err = fmt.Fprintf(w.out, "%s begins anew with the person's next message. Cases and waiting messages are kept.\n", ref)
		return err
	})
}

// operate gives f the store of the service, for as long as an operator waits.
func operate(ctx context.Context, w world, f func(context.Context, *store.Store) error) error {
	ctx, cancel := context.WithTimeout(ctx, operatorPatience)
	defer cancel()
	return operateAtLength(ctx, w, f)
}

// operateAtLength is operate for what may take its time once Redis has answered.
func operateAtLength(ctx context.Context, w world, f func(context.Context, *store.Store) error) (err error) {
	c, err := config.Load(w.getenv, time.Now())
	if err != nil {
		return err
	}
	if c.RedisURL == "" {
		return errors.New("REDIS_URL is not set: there is nothing to look into; an embedded store lies inside the process that serves, and ends with it")
	}
	opening, cancel := context.WithTimeout(ctx, operatorPatience)
	defer cancel()
	log := ops.NewLogger(w.err, max(c.LogLevel.Level, slog.LevelWarn), c.LogFormat)
	s, err := openStore(opening, w.getenv, c, store.Options{Guest: true}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return f(ctx, s)
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printInspection(out io.Writer, i store.Inspection, now time.Time) error {
	dialogue := "forgotten"
	switch {
	case i.Dialogue:
		dialogue = fmt.Sprintf("%d steps; the person last did something %s; forgotten %s", i.Version, when(now, i.Active), when(now, i.Expires))
	case i.Version > 0:
		dialogue = fmt.Sprintf("begins anew, after a deletion or a reset; its number of steps (%d) is forgotten %s", i.Version, when(now, i.Expires))
	}
	messages, timer, cases := "none waits", "none", "none"
	if i.Waiting > 0 {
		messages = fmt.Sprintf("%d to be sent, the first since %s; failed tries: %d; %s", i.Waiting, moment(i.Since), i.Attempts, next(now, i.Leased, i.Due))
	}
	if !i.Timer.IsZero() {
		timer = "goes on by itself " + when(now, i.Timer)
	}
	if len(i.Cases) > 0 {
		cases = join(i.Cases)
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{{"chat", i.Ref}, {"dialogue", dialogue}, {"messages", messages}, {"timer", timer}, {"open cases", cases}} {
		if _, err := fmt.Fprintf(t, "%s\t%s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	return t.Flush()
}

func join(ids []bot.CaseID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return strings.Join(names, ", ")
}

// next says who sends the messages of a chat, or when.
func next(now, leased, due time.Time) string {
	switch {
	case leased.After(now):
		return "being sent"
	case due.After(now):
		return "next try " + when(now, due)
	}
	return "next try at once"
}

// when tells a time as people do, and exactly.
func when(now, t time.Time) string {
	d, form := t.Sub(now), "in %s (%s)"
	if d < 0 {
		d, form = -d, "%s ago (%s)"
	}
	return fmt.Sprintf(form, span(d), moment(t))
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// span is a duration, rounded, in its greatest unit that counts to two.
func span(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if d >= 2*u.unit {
			return fmt.Sprintf("%d %s", (d+u.unit/2)/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}
