package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"iqbot/internal/config"
)

func TestReadmeIsTrue(t *testing.T) {
	readme := read(t, "../../README.md")
	if !strings.Contains(readme, strings.TrimSpace(config.MarkdownTable())) {
		t.Errorf("the settings table is not the one of the program, which is:\n%s", config.MarkdownTable())
	}
	var spoken string
	goldens, err := filepath.Glob("testdata/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range goldens {
		spoken += read(t, file)
	}
	transcripts := regexp.MustCompile("(?s)```transcript\n(.*?)\n```").FindAllStringSubmatch(readme, -1)
	if len(transcripts) < 2 {
		t.Errorf("%d transcripts, want two languages", len(transcripts))
	}
	for _, m := range transcripts {
		if !strings.Contains(spoken, m[1]) {
			t.Errorf("no conversation of testdata holds this transcript:\n%s", m[1])
		}
	}
	for from := range mayImport {
		if !strings.Contains(readme, "    "+from+" ") {
			t.Errorf("the map of packages lacks %s", from)
		}
	}
}

// CI must run what the README says.
func TestCIRunsTheReadme(t *testing.T) {
	readme, ci := read(t, "../../README.md"), read(t, "../../.ci/run")
	_, section, ok := strings.Cut(readme, "\n## Test it\n")
	section, _, _ = strings.Cut(section, "\n## ")
	commands := regexp.MustCompile(`(?m)^    (\S.*)$`).FindAllStringSubmatch(section, -1)
	if !ok || len(commands) != 2 {
		t.Fatalf("the section Test it has the commands %q, want two", commands)
	}
	for _, m := range commands {
		if !regexp.MustCompile("(?m)^" + regexp.QuoteMeta(m[1]) + "$").MatchString(ci) {
			t.Errorf(".ci/run does not run %q", m[1])
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
