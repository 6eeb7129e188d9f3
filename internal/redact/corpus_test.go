package redact

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestQuestionsAreLeftAlone reads the ways in which people ask, which name
// nobody: taking something out of them makes a question useless for nothing.
func TestQuestionsAreLeftAlone(t *testing.T) {
	files, err := filepath.Glob("../../locales/*/articles/*.questions.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all, changed atomic.Int64
	t.Run("files", func(t *testing.T) { // ends when all of them are read
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				f, err := os.Open(file)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				lines := bufio.NewScanner(f)
				for lines.Scan() {
					line := strings.Join(strings.Fields(lines.Text()), " ")
					if line == "" {
						continue
					}
					all.Add(1)
					if got := Text(line); got != line {
						changed.Add(1)
						t.Logf("%q becomes %q", line, got)
					}
				}
			})
		}
	})
	if changed.Load()*1000 > all.Load() {
		t.Errorf("%d of %d questions were changed", changed.Load(), all.Load())
	}
}
