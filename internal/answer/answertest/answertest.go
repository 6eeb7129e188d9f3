// Package answertest makes content that is learned at once. With the shipped
// ways of asking a language takes the better part of a second, with the race
// detector several: too long for a test that starts the program, or reads
// changed content, again and again, and that does not judge answers.
package answertest

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// Brief is a copy of the folder of languages in which each file of ways of
// asking has only its first lines. All articles and texts are there, and are
// found by their titles.
func Brief(t testing.TB, languages fs.FS) fs.FS {
	t.Helper()
	const lines = 4
	brief := fstest.MapFS{}
	err := fs.WalkDir(languages, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(languages, name)
		if strings.HasSuffix(name, ".questions.txt") {
			if all := bytes.SplitAfter(text, []byte("\n")); len(all) > lines {
				text = bytes.Join(all[:lines], nil)
			}
		}
		brief[name] = &fstest.MapFile{Data: text, Mode: 0o644}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return brief
}
