package redact

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQuestionsAreLeftAlone reads the ways in which people ask, which name
// nobody: taking something out of them makes a question useless for nothing.
func TestQuestionsAreLeftAlone(t *testing.T) {
	files, err := filepath.Glob("../../locales/*/articles/*.questions.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all, changed := 0, 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			line := strings.Join(strings.Fields(lines.Text()), " ")
			if line == "" {
				continue
			}
			all++
			if got := Text(line); got != line {
				changed++
				t.Logf("%s: %q becomes %q", filepath.Base(file), line, got)
			}
		}
		_ = f.Close()
	}
	if changed*1000 > all {
		t.Errorf("%d of %d questions were changed", changed, all)
	}
}
