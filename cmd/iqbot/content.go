package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/answer"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/internal/network"
	"iqbot/internal/store"
	"iqbot/locales"
)

// contentFlag lets content live outside the program.
type contentFlag struct {
	Content string `help:"Folder with flows/, locales/ and directory/ to use in place of what is built in; what it lacks is built in." placeholder:"DIR" type:"existingdir"`
}

// folders is the content as files.
type folders struct {
	flows, locales, directory fs.FS
	// flowsAt is where a person finds the flows; for those that are built in, in the source code.
	flowsAt string
}

// builtIn is the content as it was when the program was built.
func builtIn() folders {
	return folders{flows: flows.FS, locales: locales.FS, directory: network.BuiltIn(), flowsAt: bot.FolderFlows}
}

// open returns the folders. Flows belong together, and so do the languages: each
// of these folders is used as a whole, or that which is built in. Of the
// directory each file that is not there is built in: an operator who corrects
// an address need not keep the postcodes of a whole Land.
func (c contentFlag) open() (folders, error) {
	from := builtIn()
	if c.Content == "" {
		return from, nil
	}
	found := false
	for _, f := range []struct {
		name string
		use  func(fs.FS)
	}{
		{bot.FolderFlows, func(own fs.FS) { from.flows, from.flowsAt = own, filepath.Join(c.Content, bot.FolderFlows) }},
		{bot.FolderLocales, func(own fs.FS) { from.locales = own }},
		{bot.FolderDirectory, func(own fs.FS) { from.directory = overlay{own, from.directory} }},
	} {
		dir := filepath.Join(c.Content, f.name)
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return folders{}, fmt.Errorf("--content: %w", err)
		case !info.IsDir():
			return folders{}, fmt.Errorf("--content %s: %s is not a folder", c.Content, f.name)
		}
		f.use(os.DirFS(dir))
		found = true
	}
	if !found {
		return folders{}, fmt.Errorf("--content %s: none of the folders %s, %s and %s is in it; iqbot content export makes them",
			c.Content, bot.FolderFlows, bot.FolderLocales, bot.FolderDirectory)
	}
	return from, nil
}

// overlay is a folder whose files stand in place of those of another.
type overlay struct{ own, below fs.FS }

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.own.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.below.Open(name)
	}
	return f, err
}

// ReadDir implements fs.ReadDirFS: the files of both.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	own, err := fs.ReadDir(o.own, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	below, belowErr := fs.ReadDir(o.below, name)
	if err != nil || belowErr != nil && !errors.Is(belowErr, fs.ErrNotExist) {
		return below, belowErr
	}
	all := slices.Concat(own, below)
	slices.SortStableFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return slices.CompactFunc(all, func(a, b fs.DirEntry) bool { return a.Name() == b.Name() }), nil
}

// start reads the settings and the content, as every command that talks does.
func (c contentFlag) start(w world) (config.Config, *bot.Content, error) {
	settings, err := config.Load(w.getenv, time.Now())
	if err != nil {
		return settings, nil, err
	}
	content, err := c.load(settings)
	return settings, content, err
}

// shipped is the content that is built in. It never changes, and is read once
// in a process: tests run many commands in one, and to learn the questions takes
// a second, with the race detector twenty.
var shipped = sync.OnceValues(func() (*bot.Content, error) {
	from := builtIn()
	return bot.LoadContent(from.flows, from.locales, from.directory, nil, handoff.MessageIDs())
})

// load reads and checks the content.
func (c contentFlag) load(settings config.Config) (*bot.Content, error) {
	content, err := c.read(settings)
	if err != nil {
		return nil, err
	}
	return content.WithPeriods(periods(settings)), nil
}

func (c contentFlag) read(settings config.Config) (*bot.Content, error) {
	if c.Content == "" {
		content, err := shipped()
		if err != nil {
			return nil, err
		}
		return content.Confirm(settings.ConfirmedContact)
	}
	from, err := c.open()
	if err != nil {
		return nil, err
	}
	return bot.LoadContent(from.flows, from.locales, from.directory, settings.ConfirmedContact, handoff.MessageIDs())
}

// periods are how long the store keeps what people are told of.
func periods(c config.Config) answer.Periods {
	return answer.Periods{
		answer.PeriodDialogue: c.StateTTL.Duration(), answer.PeriodCase: c.CaseTTL.Duration(),
		answer.PeriodQuestion: c.QuestionTTL.Duration(), answer.PeriodErased: store.ErasedTTL,
	}
}
