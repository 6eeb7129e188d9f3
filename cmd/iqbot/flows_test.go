package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"iqbot/internal/answer/answertest"
	"iqbot/internal/flow"
)

// copyContent copies the shipped content, with few ways of asking, to a folder
// that a test may change.
func copyContent(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for part, files := range map[string]fs.FS{"flows": os.DirFS("../../flows"), "locales": answertest.Brief(t, os.DirFS("../../locales"))} {
		if err := os.CopyFS(filepath.Join(dir, part), files); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// withoutAnswers takes the transcripts away that judge what is off the subject,
// which needs all ways of asking.
func withoutAnswers(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"feedback", "follow-ups", "language-of-questions"} {
		if err := os.Remove(filepath.Join(dir, "flows/transcripts", name+".yaml")); err != nil {
			t.Fatal(err)
		}
	}
}

// edit replaces the first old in a file of the content.
func edit(t *testing.T, dir, file, old, with string) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(file))
	text := read(t, name)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	write(t, name, strings.Replace(text, old, with, 1))
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFlowsReadmeShowsWhatTheProgramDraws(t *testing.T) {
	m := regexp.MustCompile("(?s)`iqbot (flows graph [^`]*)`[^`]*```mermaid\n(.*?)```").FindStringSubmatch(read(t, "../../flows/README.md"))
	if m == nil {
		t.Fatal("flows/README.md shows no diagram after its command")
	}
	if got := must(t, nil, strings.Fields(m[1])...); got != m[2] {
		t.Errorf("iqbot %s draws\n%s", m[1], got)
	}
}

func TestFlowsGraphSpeaksTheChosenLanguage(t *testing.T) {
	for lang, want := range map[string]string{"de": "Menü", "uk": "Меню", "ar": "القائمة"} {
		out := must(t, nil, "flows", "graph", "offers", "--lang", lang)
		if !strings.Contains(out, want) {
			t.Errorf("%s: %q is not in\n%s", lang, want, out)
		}
	}
	file := filepath.Join(t.TempDir(), "menu.dot")
	if out := must(t, nil, "flows", "graph", "menu", "--format", "dot", "--out", file); out != "" {
		t.Errorf("--out prints %q as well", out)
	}
	if text := read(t, file); !strings.Contains(text, `"menu__choose"`) {
		t.Errorf("the diagram is\n%s", text)
	}
	_, err := command(t, nil, "flows", "graph", "--lang", "fr")
	wantError(t, err, `no language "fr"`)
	_, err = command(t, nil, "flows", "graph", "dance")
	wantError(t, err, `no flow "dance"`)
}

func TestMermaidReadsNothingButText(t *testing.T) {
	for in, want := range map[string]string{
		`say "yes" & <b>`:    "say #34;yes#34; #38; #60;b#62;",
		"`code` *bold* _x_":  "#96;code#96; #42;bold#42; #95;x#95;",
		"1. first":           "1#46; first",
		"- first":            "#45; first",
		"v1.2 #35; [x] {y}|": "v1.2 #35;35#59; #91;x#93; #123;y#125;#124;",
		"Що? مرحبًا!":        "Що? مرحبًا!",
	} {
		if got := mermaidText(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	if got := dotText("a\n\"b\" \\N"); got != `"a\n\"b\" \\N"` {
		t.Errorf("dot: %s", got)
	}
	if got := first(strings.Repeat("é", maxWords+1)); got != strings.Repeat("é", maxWords)+"…" {
		t.Errorf("first: %s", got)
	}
}

func TestFlowsDiffSaysWhatHappensToPeople(t *testing.T) {
	t.Parallel()
	dir := copyContent(t)
	edit(t, dir, "flows/withdraw.yaml", "flow: withdraw\n", "flow: withdraw\nrenamed: {confirm: asked}\n")
	text := read(t, filepath.Join(dir, "flows/withdraw.yaml"))
	write(t, filepath.Join(dir, "flows/withdraw.yaml"), strings.NewReplacer("  confirm:\n", "  asked:\n", "commands: {withdraw: confirm}", "commands: {withdraw: asked}").Replace(text))
	settings := read(t, filepath.Join(dir, "flows/settings.yaml"))
	write(t, filepath.Join(dir, "flows/settings.yaml"), strings.ReplaceAll(settings, "withdraw/confirm", "withdraw/asked"))

	out := must(t, nil, "flows", "diff", "../..", dir)
	if !strings.Contains(out, "who waits at withdraw/confirm: moves to withdraw/asked; buttons that do nothing any more") ||
		!strings.Contains(out, "nothing changes for those who wait\n") {
		t.Errorf("diff says\n%s", out)
	}
	var changes flow.Changes
	// Folders of flows are compared like folders of content.
	if err := json.Unmarshal([]byte(must(t, nil, "flows", "diff", "--json", "../../flows", dir)), &changes); err != nil {
		t.Fatal(err)
	}
	if len(changes.Steps) == 0 || changes.Flows.New == nil {
		t.Errorf("changes are %+v", changes)
	}
	edit(t, dir, "flows/withdraw.yaml", "renamed: {confirm: asked}\n", "")
	if out := must(t, nil, "flows", "diff", "../..", dir); !strings.Contains(out, "who waits at withdraw/confirm: is told that things have changed, and taken to the menu") {
		t.Errorf("diff says\n%s", out)
	}
	write(t, filepath.Join(dir, "flows/withdraw.yaml"), "flow: withdraw\n")
	_, err := command(t, nil, "flows", "diff", "../..", dir)
	wantError(t, err, `withdraw.yaml:1: flow "withdraw" has no steps`)
}

// What flows new makes is sound as soon as the messages are where it says.
func TestFlowsNewMakesAFlowThatPassesCheckAndTest(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "all") // what is written out, whole, so that all transcripts can be played
	must(t, nil, "content", "export", dir)
	out := must(t, nil, "flows", "new", "job-fair", "--content", dir)
	if _, err := command(t, nil, "check", "--content", dir); err == nil {
		t.Error("the check passes without the messages")
	}
	addMessages(t, dir, out, "")
	must(t, nil, "check", "--content", dir)
	if out := must(t, nil, "test", "--content", dir); strings.Contains(out, "not taken: job-fair") || !strings.Contains(out, "transcripts") {
		t.Errorf("the transcripts were not played, or leave ways out:\n%s", out)
	}
	if diff := must(t, nil, "flows", "diff", "../..", dir); !strings.Contains(diff, "flow job-fair: new\ncommand job_fair: new\n") {
		t.Errorf("diff says\n%s", diff)
	}
}

// addMessages puts what flows new printed where it says; words replace it if not empty.
func addMessages(t *testing.T, dir, printed, words string) {
	t.Helper()
	parts := regexp.MustCompile(`(?m)^# add to (\S+),.*$`).FindAllStringSubmatchIndex(printed, -1)
	if len(parts) < 4 {
		t.Fatalf("messages for %d languages in\n%s", len(parts), printed)
	}
	for i, p := range parts {
		end := len(printed)
		if i+1 < len(parts) {
			end = parts[i+1][0]
		}
		text := printed[p[1]:end]
		if words != "" {
			text = words
		}
		name := filepath.Join(dir, printed[p[2]:p[3]])
		write(t, name, read(t, name)+"\n"+text)
	}
}

// The tutorial says the truth: what it shows is sound, tested and complete.
func TestFlowsReadmeTutorial(t *testing.T) {
	t.Parallel()
	dir := copyContent(t)
	withoutAnswers(t, dir)
	printed := must(t, nil, "flows", "new", "job-fair", "--content", dir)
	_, tutorial, _ := strings.Cut(read(t, "../../flows/README.md"), "\n## Your first flow in ten minutes\n")
	tutorial, _, _ = strings.Cut(tutorial, "\n## ")
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^   ```(?:yaml|toml)\n(.*?)^   ```$").FindAllStringSubmatch(tutorial, -1) {
		blocks = append(blocks, strings.ReplaceAll("\n"+m[1], "\n   ", "\n"))
	}
	if len(blocks) != 3 {
		t.Fatalf("the tutorial has %d files, want flow, messages and transcript", len(blocks))
	}
	addMessages(t, dir, printed, blocks[1])
	write(t, filepath.Join(dir, "flows/job-fair.yaml"), blocks[0])
	must(t, nil, "check", "--content", dir)
	file := filepath.Join(dir, "flows/transcripts/job-fair.yaml") // as a person can open it
	_, err := command(t, nil, "test", "--content", dir)
	wantError(t, err, file+":")
	write(t, file, "nmae: x\n")
	_, err = command(t, nil, "test", "--content", dir)
	wantError(t, err, file+`:1: unknown key "nmae"`)
	write(t, file, blocks[2])
	if out := must(t, nil, "test", "--content", dir); strings.Contains(out, "not taken: job-fair") {
		t.Errorf("the transcript leaves ways out:\n%s", out)
	}
}

func TestFlowsNewRefuses(t *testing.T) {
	t.Parallel()
	dir := copyContent(t)
	write(t, filepath.Join(dir, "flows/transcripts/kept.yaml"), "kept")
	for name, want := range map[string]string{
		"menu":                    "there is flows/menu.yaml already",
		"kept":                    "there is flows/transcripts/kept.yaml already",
		"Job":                     `flow "Job" must be named like its file, in a-z, 0-9 and -`,
		"../evil":                 "must be named like its file",
		"a_b":                     "must be named like its file",
		"start":                   `command "start" is the program's own`,
		strings.Repeat("long", 9): "a name is a-z, 0-9 and _",
	} {
		_, err := command(t, nil, "flows", "new", name, "--content", dir)
		wantError(t, err, want)
	}
	left, err := filepath.Glob(filepath.Join(dir, "flows", "*.yaml"))
	shipped, err2 := filepath.Glob("../../flows/*.yaml")
	if err != nil || err2 != nil || len(left) != len(shipped) || read(t, filepath.Join(dir, "flows/transcripts/kept.yaml")) != "kept" {
		t.Errorf("something was written: %v", left)
	}
}
