package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"iqbot/bot"
	"iqbot/internal/store"
)

type outboxCommand struct {
	List   listCommand   `cmd:"" default:"withargs" help:"List the messages that wait or could not be delivered."`
	Delete deleteCommand `cmd:"" help:"Remove messages that could not be delivered from the list."`
}

type listCommand struct {
	JSON  bool `help:"Print JSON, for a script."`
	Limit int  `help:"How many chats, notifications and undelivered messages, each, to list at most." default:"100" placeholder:"N"`
}

// Help explains the lists.
func (listCommand) Help() string {
	return "Three lists: the chats whose messages wait, the longest waiting first; the cases of which advisors could not be told yet, " +
		"with the reason; and the messages that could never be delivered, the newest first, which are kept for 30 days, without their words. " + ofTheService
}

// Run prints the lists.
func (cmd listCommand) Run(ctx context.Context, w world) error {
	if cmd.Limit < 1 {
		return fmt.Errorf("--limit %d: want at least 1", cmd.Limit)
	}
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		waiting, err := s.WaitingChats(ctx, cmd.Limit)
		if err != nil {
			return err
		}
		advisors, err := s.WaitingNotifications(ctx, cmd.Limit)
		if err != nil {
			return err
		}
		dead, err := s.DeadLetters(ctx, cmd.Limit)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(w.out, struct {
				Waiting       []store.WaitingChat       `json:"waiting"`
				Notifications []bot.WaitingNotification `json:"notifications"`
				Undelivered   []store.DeadLetter        `json:"undelivered"`
			}{append([]store.WaitingChat{}, waiting...), append([]bot.WaitingNotification{}, advisors...), append([]store.DeadLetter{}, dead...)})
		}
		return cmd.print(w.out, waiting, advisors, dead, time.Now())
	})
}

func (cmd listCommand) print(out io.Writer, waiting []store.WaitingChat, advisors []bot.WaitingNotification, dead []store.DeadLetter, now time.Time) error {
	t := &table{w: tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	t.head("Chats with waiting messages", len(waiting), cmd.Limit)
	if len(waiting) > 0 {
		t.row("chat", "messages", "first since", "failed tries", "state")
	}
	for _, c := range waiting {
		t.row(c.Ref, c.Messages, moment(c.Since), c.Attempts, next(now, c.Leased, c.Due))
	}
	t.row()
	t.head("Cases that wait for advisors to be told", len(advisors), cmd.Limit)
	if len(advisors) > 0 {
		t.row("case", "target", "since", "tries", "reason", "state")
	}
	for _, n := range advisors {
		number := string(n.Case)
		if n.Withdrawn {
			number += " (withdrawn)"
		}
		t.row(number, n.Target, moment(n.Since), n.Attempts, cmp.Or(string(n.Reason), "-"), next(now, time.Time{}, n.Due))
	}
	t.row()
	t.head("Messages that could not be delivered", len(dead), cmd.Limit)
	if len(dead) > 0 {
		t.row("chat", "message", "reason", "time")
	}
	for _, d := range dead {
		t.row(d.Ref, d.Message, d.Reason, moment(d.At))
	}
	return cmp.Or(t.err, t.w.Flush())
}

// table writes rows and keeps the first error.
type table struct {
	w   *tabwriter.Writer
	err error
}

// head is the line above a list of n.
func (t *table) head(what string, n, limit int) {
	switch n {
	case 0:
		t.row(what + ": none")
	case limit:
		t.row(fmt.Sprintf("%s: %d or more, of which %d are listed", what, n, n))
	default:
		t.row(fmt.Sprintf("%s: %d", what, n))
	}
}

func (t *table) row(cells ...any) {
	format := strings.TrimSuffix(strings.Repeat("%v\t", len(cells)), "\t") + "\n"
	_, err := fmt.Fprintf(t.w, format, cells...)
	t.err = cmp.Or(t.err, err)
}

type deleteCommand struct {
	Chat    string `arg:"" optional:"" help:"The reference of the chat, as in the list, or the number of one of its cases."`
	Message string `arg:"" optional:"" help:"The message. If empty, all that could not be delivered to the chat."`
	All     bool   `help:"Remove all of all chats."`
}

// Help says what is left alone.
func (deleteCommand) Help() string {
	return "Messages that still wait to be sent are left alone. " + ofTheService
}

// Run removes dead letters and says how many.
func (cmd deleteCommand) Run(ctx context.Context, w world) error {
	if cmd.All == (cmd.Chat != "") {
		return errors.New("name the chat as iqbot outbox lists it, and perhaps the message, or give --all")
	}
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		ref := ""
		if !cmd.All {
			var err error
			if ref, err = (named{cmd.Chat}).find(ctx, s); err != nil {
				return err
			}
		}
		letters, err := s.DeadLetters(ctx, math.MaxInt)
		if err != nil {
			return err
		}
		var chosen []store.DeadLetter
		for _, d := range letters {
			if cmd.All || d.Ref == ref && (cmd.Message == "" || d.Message == cmd.Message) {
				chosen = append(chosen, d)
			}
		}
		if len(chosen) == 0 && !cmd.All {
			return errors.New("no such message is among those that could not be delivered; iqbot outbox lists them")
		}
		if err := s.DeleteDeadLetters(ctx, chosen...); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.out, "removed from the list: %d\n", len(chosen))
		return err
	})
}
