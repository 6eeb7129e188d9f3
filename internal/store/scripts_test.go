package store

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryScriptIsInTheList(t *testing.T) {
	source, err := os.ReadFile("scripts.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := []string{common}
	for _, m := range regexp.MustCompile(`= script\("(\w+)"\)`).FindAllSubmatch(source, -1) {
		listed = append(listed, string(m[1]))
	}
	files, err := fs.Glob(lua, "lua/*")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, file := range files {
		want = append(want, strings.TrimSuffix(strings.TrimPrefix(file, "lua/"), ".lua"))
	}
	slices.Sort(listed)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("the files under lua/ (-) and the scripts in scripts.go (+): %s", diff)
	}
}

// Each argument that a script reads by its name is told in its head, and the
// other way round.
func TestScriptsTellTheirArguments(t *testing.T) {
	told := regexp.MustCompile(`(?m)^-- {7}(\w[\w, ]*?) {2,}\S`)
	read := regexp.MustCompile(`given\.(\w+)`)
	files, err := fs.Glob(lua, "lua/*")
	if err != nil {
		t.Fatal(err)
	}
	named := 0 // scripts with names
	for _, file := range files {
		source, err := fs.ReadFile(lua, file)
		if err != nil {
			t.Fatal(err)
		}
		head, _, whole := strings.Cut(string(source), "\n-- Result")
		if !whole || !strings.Contains(string(source), "arguments({") {
			continue
		}
		named++
		var want, got []string
		_, head, _ = strings.Cut(head, "-- ARGV")
		for _, m := range told.FindAllStringSubmatch(head, -1) {
			want = append(want, strings.Split(m[1], ", ")...)
		}
		for _, m := range read.FindAllStringSubmatch(string(source), -1) {
			got = append(got, m[1])
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("%s: the head tells (-), the script reads (+): %s", file, diff)
		}
	}
	if named == 0 {
		t.Fatal("no script was looked at")
	}
}
