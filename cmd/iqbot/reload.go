package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the content must have rested before it is read again, so
// that a copy or a checkout under way is not read half done.
const settle = 500 * time.Millisecond

// reload reads the content anew on SIGHUP, and when a file of --content
// changes, until ctx ends. Content with a defect is not used: the old one stays.
func (s *service) reload(ctx context.Context) {
	if s.source.Content == "" {
		return
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		s.log.Error("cannot watch the content; restart to use changed content", "error", err)
		return
	}
	defer func() { _ = watcher.Close() }()
	s.watch(watcher)
	var rested <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-watcher.Events:
			rested = time.After(settle)
		case err := <-watcher.Errors:
			s.log.Warn("watching the content", "error", err)
		case <-hangup:
			rested = time.After(0)
		case <-rested:
			rested = nil
			s.watch(watcher) // there may be new folders
			s.replace()
		}
	}
}

// watch adds every folder of the content to the watcher.
func (s *service) watch(watcher *fsnotify.Watcher) {
	err := filepath.WalkDir(s.source.Content, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return watcher.Add(path)
	})
	if err != nil {
		s.log.Warn("cannot watch all of the content", "error", err)
	}
}

func (s *service) replace() {
	content, err := s.source.load(s.c)
	if err != nil {
		s.log.Error("the changed content has defects; the old one stays in use", "error", err)
		return
	}
	content.Index.Succeed(s.content.Load().Index)
	s.content.Store(content)
	s.engine.SetContent(content)
	select {
	case s.changed <- struct{}{}:
	default: // who waits for a change will see this one, too
	}
	s.log.Info("the changed content is in use", "flows", content.Flows.Version)
}
