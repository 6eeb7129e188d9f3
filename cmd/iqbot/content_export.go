package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"iqbot/bot"
)

// contentCommand is for those who change the content.
type contentCommand struct {
	Export contentExportCommand `cmd:"" help:"Write out the content that is built in, to begin from."`
}

type contentExportCommand struct {
	Dir string `arg:"" help:"Folder to write to; it is made if it is not there."`
}

// Help says what comes next.
func (contentExportCommand) Help() string {
	return "Writes flows/ with their transcripts, locales/ and directory/ into the folder, for iqbot serve --content DIR and the " +
		"other commands that take it. Change what you need and delete the rest: what the folder lacks is built in, flows/ and " +
		"locales/ as a whole and directory/ file by file. No file is overwritten: if any is there, nothing is written."
}

// Run writes if nothing is in the way.
func (cmd contentExportCommand) Run(w world) error {
	from := builtIn()
	type file struct{ name, text string }
	var files []file
	var there []string
	count := map[string]int{}
	for _, f := range []struct {
		name string
		fsys fs.FS
	}{{bot.FolderFlows, from.flows}, {bot.FolderLocales, from.locales}, {bot.FolderDirectory, from.directory}} {
		err := fs.WalkDir(f.fsys, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := fs.ReadFile(f.fsys, name)
			if err != nil {
				return err
			}
			name = path.Join(f.name, name)
			files = append(files, file{name, string(text)})
			count[f.name]++
			if _, err := os.Lstat(filepath.Join(cmd.Dir, filepath.FromSlash(name))); err == nil {
				there = append(there, name)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the content that is built in: %w", err)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("nothing was written: in %s there is %s already, and no file is overwritten", cmd.Dir, some(there))
	}
	for _, f := range files {
		if err := create(filepath.Join(cmd.Dir, filepath.FromSlash(f.name)), f.text); err != nil {
			return fmt.Errorf("write the content: %w", err)
		}
	}
	for _, name := range []string{bot.FolderFlows, bot.FolderLocales, bot.FolderDirectory} {
		if _, err := fmt.Fprintf(w.out, "written: %s (%d files)\n", filepath.Join(cmd.Dir, name), count[name]); err != nil {
			return err
		}
	}
	return nil
}

// some names the first of many.
func some(names []string) string {
	const most = 3
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more files", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}
