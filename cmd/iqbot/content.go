package main

import (
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/config"
	"iqbot/internal/handoff"
	"iqbot/locales"
)

// contentFlag lets content live outside the program.
type contentFlag struct {
	Content string `help:"Folder with flows/ and locales/ to use in place of those that are built in." placeholder:"DIR" type:"existingdir"`
}

// open returns the flows and the locales.
func (c contentFlag) open() (flowFS, localeFS fs.FS, err error) {
	if c.Content == "" {
		return flows.FS, locales.FS, nil
	}
	root := os.DirFS(c.Content)
	if flowFS, err = fs.Sub(root, "flows"); err != nil {
		return nil, nil, err
	}
	if localeFS, err = fs.Sub(root, "locales"); err != nil {
		return nil, nil, err
	}
	for _, dir := range []string{"flows", "locales"} {
		if info, err := fs.Stat(root, dir); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("--content %s: there is no folder %s in it", c.Content, dir)
		}
	}
	return flowFS, localeFS, nil
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
	return bot.LoadContent(flows.FS, locales.FS, nil, handoff.MessageIDs())
})

// load reads and checks the content.
func (c contentFlag) load(settings config.Config) (*bot.Content, error) {
	if c.Content == "" {
		content, err := shipped()
		if err != nil {
			return nil, err
		}
		return content.Confirm(settings.ConfirmedContact)
	}
	flowFS, localeFS, err := c.open()
	if err != nil {
		return nil, err
	}
	return bot.LoadContent(flowFS, localeFS, settings.ConfirmedContact, handoff.MessageIDs())
}
