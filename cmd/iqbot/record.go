package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/transcript"
)

type recordCommand struct {
	contentFlag
	File string `arg:"" help:"Transcript to write; it must not exist yet."`
	Lang string `help:"Language to hold the conversation in." required:"" placeholder:"TAG"`
	Name string `help:"What the conversation is about. If empty, the name of the file." placeholder:"TEXT"`
}

// Help says what is written.
func (recordCommand) Help() string {
	return "Like iqbot chat, and at the end of the input the conversation is written to the file: what was typed and pressed, and what " +
		"the bot said, by message ids. iqbot test plays it."
}

// Run converses and writes.
func (cmd recordCommand) Run(ctx context.Context, w world) error {
	if _, err := os.Stat(cmd.File); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already; choose another name or remove it", cmd.File)
	}
	c, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	t := transcript.Transcript{File: cmd.File, Name: cmd.Name, Languages: []string{cmd.Lang}, At: time.Now().Truncate(time.Second)}
	if t.Name == "" {
		t.Name = cmd.File
	}
	heard := func(u bot.Update) { t.Turns = append(t.Turns, turnOf(u.Input)) }
	said := func(out bot.Outcome) {
		turn := &t.Turns[len(t.Turns)-1]
		turn.Expect = append([]string{}, out.Said...)
		if len(out.Cases) > 0 {
			turn.Case = map[string]string{"reach": out.Cases[0].Reach}
		}
	}
	if err := converse(ctx, w, c, content, cmd.Lang, said, heard); err != nil {
		return err
	}
	data, err := transcript.Write(t)
	if err != nil {
		return err
	}
	if err := os.WriteFile(cmd.File, data, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "written: %s, %d turns\n", cmd.File, len(t.Turns))
	return err
}

// turnOf writes down what a person did.
func turnOf(in flow.Input) transcript.Turn {
	words := transcript.Words{"*": in.Text}
	switch in.Kind {
	case flow.KindButton:
		return transcript.Turn{Press: words}
	case flow.KindCommand:
		words["*"] = "/" + in.Command
		if in.Text != "" {
			words["*"] += " " + in.Text
		}
	default:
	}
	return transcript.Turn{Say: words}
}
