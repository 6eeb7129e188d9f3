package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says for each package which others of this project its code may
// import. What is not listed may import none; cmd may import all.
var mayImport = map[string][]string{
	// The domain uses the pure packages directly; only what does I/O is behind an interface.
	"bot": {"internal/content", "internal/flow", "internal/answer", "internal/network", "internal/locale", "internal/redact", "internal/richtext"},

	// The contract of channels, for their tests.
	"bot/channeltest": {"bot", "internal/flow", "internal/richtext"},

	// Pure: no channel, no Redis, no clock of their own.
	"internal/content": nil,
	"internal/flow":    {"internal/content", "internal/locale"},
	"internal/answer":  {"internal/answer/follow", "internal/answer/hear", "internal/answer/library", "internal/answer/rank", "internal/answer/reading", "internal/answer/tongue", "internal/locale", "internal/richtext"},
	"internal/network": {"internal/content", "internal/locale"},
	"internal/locale":  {"internal/content", "internal/richtext"},
	"internal/redact":  {"internal/locale"},
	"internal/similar": {"internal/locale"},

	// The rooms behind answer; nobody else enters them.
	"internal/answer/reading": {"internal/locale"},
	"internal/answer/hear":    {"internal/answer/reading"},
	"internal/answer/follow":  {"internal/answer/reading", "internal/locale"},
	"internal/answer/tongue":  {"internal/answer/reading", "internal/locale"},
	"internal/answer/rank":    {"internal/answer/reading", "internal/locale"},
	"internal/answer/library": {"internal/answer/follow", "internal/answer/hear", "internal/answer/reading", "internal/content", "internal/locale", "internal/richtext"},

	// Adapters know the domain and its types, never each other.
	"internal/telegram":   {"bot", "internal/flow", "internal/richtext"},
	"internal/transcript": {"bot", "internal/content", "internal/flow"}, // plays the dialogue without any adapter

	"internal/terminal": {"bot", "internal/flow", "internal/locale", "internal/richtext"},
	"internal/store":    {"bot", "internal/flow"},
	"internal/handoff":  {"bot", "internal/locale", "internal/richtext"},
	"internal/assist":   {"bot"},
	"internal/desk":     {"bot", "internal/similar"}, // its faces and the store come to it
}

// pure are the packages that must do no I/O and know no clock.
var pure = []string{
	"internal/answer/reading", "internal/answer/hear", "internal/answer/follow", "internal/answer/tongue", "internal/answer/rank", "internal/answer/library",
	"internal/content", "internal/flow", "internal/answer", "internal/network", "internal/locale", "internal/redact", "internal/similar", "internal/richtext",
}

// impure are what a pure package must not import, each with its reason. It may
// read files that it is given as an fs.FS.
var impure = map[string]string{
	"net":       "it would do I/O",
	"net/http":  "it would do I/O",
	"os":        "it would do I/O",
	"log":       "it would do I/O",
	"log/slog":  "it would do I/O",
	"math/rand": "the same arguments must give the same result",
}

func TestImportsFollowTheDesign(t *testing.T) {
	root := os.DirFS("../..")
	checked := map[string]bool{}
	err := fs.WalkDir(root, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && strings.HasPrefix(e.Name(), ".") && file != "." || e.Name() == "testdata" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := path.Dir(file)
		checked[from] = true
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if reason, bad := impure[name]; bad && slices.Contains(pure, from) {
				t.Errorf("%s imports %s: %s is pure, %s", file, name, from, reason)
			}
			to, ours := strings.CutPrefix(name, "iqbot/")
			if !ours || strings.HasPrefix(from, "cmd/") || strings.HasPrefix(from, path.Dir(to)+"/"+path.Base(to)+"/") {
				continue
			}
			if !slices.Contains(mayImport[from], to) {
				t.Errorf("%s imports %s, which %s may not: see the map of packages in README.md", file, to, from)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for from := range mayImport {
		if !checked[from] {
			t.Errorf("the rules name %s, which is not there", from)
		}
	}
}
