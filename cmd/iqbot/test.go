package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"iqbot/internal/content"
	"iqbot/internal/transcript"
)

// transcripts is where the content's own transcripts lie, below flows/.
const transcripts = "transcripts/*.yaml"

type testCommand struct {
	contentFlag
	Files    []string `arg:"" optional:"" help:"Transcripts to play. If none, those of the content: flows/transcripts/*.yaml." type:"existingfile"`
	Coverage float64  `help:"Fail below this percentage of steps and ways taken." default:"0" placeholder:"PERCENT"`
}

// Help says what a transcript is.
func (testCommand) Help() string {
	return "Plays conversations that are written down, in every language they name, and says where the bot answers otherwise. " +
		"Lists the steps and ways that none of them takes. flows/README.md shows how to write one; iqbot record writes one for you."
}

// Run plays.
func (cmd testCommand) Run(_ context.Context, w world) error {
	_, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	all, err := cmd.read()
	if err != nil {
		return err
	}
	var coverage transcript.Coverage
	var failures []error
	plays := 0
	for _, t := range all {
		languages := t.Languages
		if len(languages) == 0 {
			languages = content.LanguageTags()
		}
		for _, lang := range languages {
			plays++
			ways, err := transcript.Play(content, t, lang)
			coverage.Add(ways)
			failures = append(failures, err)
		}
	}
	ways := content.Flows.Ways()
	missed := coverage.Of(ways)
	for _, way := range missed {
		_, _ = fmt.Fprintf(w.out, "not taken: %s\n", way)
	}
	percent := 100 * float64(len(ways)-len(missed)) / float64(len(ways))
	_, err = fmt.Fprintf(w.out, "%d transcripts, %d plays; %d of %d steps and ways taken (%.1f %%)\n", len(all), plays, len(ways)-len(missed), len(ways), percent)
	if percent < cmd.Coverage {
		failures = append(failures, fmt.Errorf("%.1f %% of the steps and ways are taken, %.1f %% are asked for", percent, cmd.Coverage))
	}
	return errors.Join(append(failures, err)...)
}

func (cmd testCommand) read() ([]transcript.Transcript, error) {
	if len(cmd.Files) == 0 {
		from, err := cmd.open()
		if err != nil {
			return nil, err
		}
		all, err := transcript.Load(from.flows, transcripts)
		for i := range all {
			all[i].File = filepath.Join(from.flowsAt, all[i].File)
		}
		return all, content.In(from.flowsAt, err)
	}
	var all []transcript.Transcript
	var faults []error
	for _, file := range cmd.Files {
		dir, name := filepath.Split(file)
		t, err := transcript.Read(os.DirFS(filepath.Join(dir, ".")), name)
		t.File = file
		all, faults = append(all, t), append(faults, content.In(dir, err))
	}
	return all, content.Join(faults...)
}
