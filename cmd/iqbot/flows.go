package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/content"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
)

// flowsCommand is for those who write flows.
type flowsCommand struct {
	Graph flowsGraphCommand `cmd:"" help:"Draw flows as a diagram."`
	Diff  flowsDiffCommand  `cmd:"" help:"Say what happens to people who are talking when other flows are installed."`
	New   flowsNewCommand   `cmd:"" help:"Begin a new flow."`
}

type flowsGraphCommand struct {
	contentFlag
	Flows  []string `arg:"" optional:"" name:"flow" help:"Flows to draw. If none, all."`
	Lang   string   `help:"Language of the words." default:"de"`
	Format string   `help:"mermaid, dot (for Graphviz) or svg (needs a program built with -tags graphviz)." enum:"mermaid,dot,svg" default:"mermaid"`
	Out    string   `help:"File to write. If empty, the output." placeholder:"FILE"`
}

// Run draws.
func (cmd flowsGraphCommand) Run(ctx context.Context, w world) error {
	settings, err := config.Load(w.getenv, time.Now())
	if err != nil {
		return err
	}
	content, err := cmd.load(settings)
	if err != nil {
		return err
	}
	if !slices.Contains(content.LanguageTags(), cmd.Lang) {
		return fmt.Errorf("there is no language %q; there are %v", cmd.Lang, content.LanguageTags())
	}
	g, err := content.Flows.Graph(cmd.Flows...)
	if err != nil {
		return err
	}
	words := func(id string) string { return content.Words(id, cmd.Lang) }
	var drawn []byte
	switch cmd.Format {
	case "svg":
		if drawn, err = svg(ctx, dot(g, words)); err != nil {
			return err
		}
	case "dot":
		drawn = []byte(dot(g, words))
	default:
		drawn = []byte(mermaid(g, words))
	}
	if cmd.Out == "" {
		_, err = w.out.Write(drawn)
		return err
	}
	return os.WriteFile(cmd.Out, drawn, 0o644)
}

type flowsDiffCommand struct {
	Old  string `arg:"" help:"Folder with the flows in use: one with flows/ in it, or the flows themselves." type:"existingdir"`
	New  string `arg:"" help:"Folder with the flows to be installed." type:"existingdir"`
	JSON bool   `help:"Print JSON." name:"json"`
}

// Run compares.
func (cmd flowsDiffCommand) Run(w world) error {
	old, err := parseFlows(cmd.Old)
	if err != nil {
		return err
	}
	next, err := parseFlows(cmd.New)
	if err != nil {
		return err
	}
	changes := flow.Diff(old, next)
	if cmd.JSON {
		return printJSON(w.out, changes)
	}
	_, err = fmt.Fprint(w.out, describe(changes))
	return err
}

// parseFlows reads the flows of a content folder, or of a folder of flows.
func parseFlows(dir string) (*flow.Definition, error) {
	if info, err := os.Stat(filepath.Join(dir, "flows")); err == nil && info.IsDir() {
		dir = filepath.Join(dir, "flows")
	}
	def, err := flow.Parse(os.DirFS(dir), bot.FlowLists())
	if err != nil {
		return nil, fmt.Errorf("flows of %s:\n%w", dir, err)
	}
	return def, nil
}

// describe writes changes for people: what stays as it is is only counted.
func describe(c flow.Changes) string {
	var b strings.Builder
	list := func(what string, n flow.Names) {
		for _, part := range []struct {
			how   string
			names []string
		}{{"new", n.New}, {"removed", n.Removed}, {"leads elsewhere", n.Moved}} {
			for _, name := range part.names {
				_, _ = fmt.Fprintf(&b, "%s %s: %s\n", what, name, part.how) // a Builder takes everything
			}
		}
	}
	list("flow", c.Flows)
	list("command", c.Commands)
	list("link", c.Links)
	stay := 0
	for _, s := range c.Steps {
		fate := map[flow.Fate]string{
			flow.FateStays:   "stays",
			flow.FateReturns: "comes back here as before",
			flow.FateMoves:   "moves to " + s.To,
			flow.FateGoesOn:  "goes on from " + s.To + ", which does not ask",
			flow.FateMenu:    "is told that things have changed, and taken to the menu; a line under renamed: would lead them on",
		}[s.Fate]
		if s.Fate == flow.FateGoesOn && s.To == "" {
			fate = "goes on from here: the step does not ask any more"
		}
		unchanged := s.Fate == flow.FateStays || s.Fate == flow.FateReturns
		if unchanged && len(s.Gone) == 0 {
			stay++
			continue
		}
		if len(s.Gone) > 0 {
			fate += "; buttons that do nothing any more, the question is asked again: " + strings.Join(s.Gone, ", ")
		}
		_, _ = fmt.Fprintf(&b, "who waits at %s/%s: %s\n", s.Flow, s.Step, fate)
	}
	_, _ = fmt.Fprintf(&b, "at %d of %d steps nothing changes for those who wait\n", stay, len(c.Steps))
	return b.String()
}

type flowsNewCommand struct {
	Name    string `arg:"" help:"Name of the flow: a-z, 0-9 and -."`
	Content string `help:"Folder with flows/ to write to, as iqbot content export makes it." placeholder:"DIR" type:"existingdir" default:"."`
}

// Help says what is made.
func (flowsNewCommand) Help() string {
	return "Writes flows/NAME.yaml, a question with two buttons, and its transcript, and prints the messages to add to each " +
		"language. With those in place, iqbot check and iqbot test pass, and you can change it into what you need."
}

// Run makes the files and prints the messages.
func (cmd flowsNewCommand) Run(w world) error {
	from, err := contentFlag{Content: cmd.Content}.open()
	if err != nil {
		return err
	}
	// Beside flows that are built in, a new one alone would be all there is.
	if info, err := os.Stat(filepath.Join(cmd.Content, bot.FolderFlows)); err != nil || !info.IsDir() {
		return fmt.Errorf("--content %s: there is no folder %s in it; iqbot content export makes it", cmd.Content, bot.FolderFlows)
	}
	catalog, err := locale.Load(from.locales)
	if err != nil {
		return content.In(bot.FolderLocales, err)
	}
	replace := strings.NewReplacer("NAME", cmd.Name, "COMMAND", strings.ReplaceAll(cmd.Name, "-", "_"))
	file := cmd.Name + ".yaml"
	made := []struct{ file, text string }{
		{file, replace.Replace(newFlow)},
		{"transcripts/" + file, replace.Replace(newTranscript)},
	}
	for _, m := range made {
		if _, err := fs.Stat(from.flows, m.file); err == nil {
			return fmt.Errorf("there is flows/%s already", m.file)
		}
	}
	// The parser refuses bad names, long ones and commands that are taken, before anything is written.
	if _, err := flow.Parse(withFile{from.flows, file, []byte(made[0].text)}, bot.FlowLists()); err != nil {
		return fmt.Errorf("flow %q cannot be added:\n%w", cmd.Name, err)
	}
	for _, m := range made {
		if err := create(filepath.Join(cmd.Content, "flows", filepath.FromSlash(m.file)), m.text); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w.out, "# made: flows/%s\n", m.file); err != nil {
			return err
		}
	}
	for _, l := range catalog.Languages() {
		if _, err := fmt.Fprintf(w.out, "\n# add to locales/%[1]s/active.%[1]s.toml, with words in place of the ids\n%s", l.Tag, replace.Replace(newMessages)); err != nil {
			return err
		}
	}
	return nil
}

// create writes a file that must not be there yet.
func create(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// withFile is a folder with one more file.
type withFile struct {
	fs.FS
	name string
	data []byte
}

// Glob implements fs.GlobFS for the files at the root.
func (w withFile) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(w.FS, pattern)
	return append(names, w.name), err
}

// ReadFile implements fs.ReadFileFS.
func (w withFile) ReadFile(name string) ([]byte, error) {
	if name == w.name {
		return w.data, nil
	}
	return fs.ReadFile(w.FS, name)
}

// What iqbot flows new writes.
const (
	newFlow = `# yaml-language-server: $schema=./schema.json
# NAME: say here in one line what the flow is for.
flow: NAME
commands: {COMMAND: question}   # /COMMAND starts it; leave this out if only other flows lead here
steps:
  question:                     # the first step is the beginning
    ask: NAME.question          # a message of locales/*/active.*.toml; the dialogue waits for the answer
    buttons:                    # id: {label: message, goto: the step that follows}
      "yes": {label: NAME.yes, goto: answer}
      "no": {label: NAME.no, goto: end}      # end: back to what was interrupted, or to the menu
  answer:
    say: NAME.answer            # sent without waiting
    next: end
`
	newTranscript = `name: NAME, with yes and with no
at: 2026-11-24T10:00:00+01:00
turns:
  - say: /start lang-{lang}
  - say: /COMMAND
    expect: [NAME.question]
  - press: NAME/question/yes
    expect: [NAME.answer, menu.prompt]
  - say: /COMMAND
  - press: NAME/question/no
    expect: [menu.prompt]
    state: {at: menu/choose}
`
	newMessages = `
["NAME.question"]
description = "What the flow asks first."
other = "NAME.question"

["NAME.yes"]
description = "Button below NAME.question: the person wants it. At most 64 characters."
other = "NAME.yes"

["NAME.no"]
description = "Button below NAME.question: the person does not want it. At most 64 characters."
other = "NAME.no"

["NAME.answer"]
description = "Said after the button NAME.yes."
other = "NAME.answer"
`
)
