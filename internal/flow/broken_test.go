package flow

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"iqbot/flows"
	"iqbot/internal/content"
)

// slips are what happens to a line in an editor. They return the lines in its place.
var slips = map[string]func(line string) []string{
	"deleted":         func(string) []string { return nil },
	"doubled":         func(line string) []string { return []string{line, line} },
	"in by a space":   func(line string) []string { return []string{" " + line} },
	"in by a step":    func(line string) []string { return []string{"  " + line} },
	"out by a step":   func(line string) []string { return []string{strings.TrimPrefix(line, "  ")} },
	"out to the edge": func(line string) []string { return []string{strings.TrimLeft(line, " ")} },
	"in by a tab":     func(line string) []string { return []string{"\t" + line} },
	"cut in half":     func(line string) []string { return []string{line[:len(line)/2]} },
	"a list item":     func(line string) []string { return []string{"- " + line} },
	"emptied":         emptied,
}

// emptied is a line whose key has lost its value.
func emptied(line string) []string {
	if key, _, ok := strings.Cut(line, ":"); ok {
		return []string{key + ":"}
	}
	return []string{line}
}

// says reports whether a line of a flow holds anything.
func says(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && !strings.HasPrefix(line, "#")
}

// holdsOrTells breaks each line of a file in so many of the ways, in turn, and
// checks that what is read is either a definition that can be stepped or faults that say where.
// The file in fsys is left broken.
func holdsOrTells(t *testing.T, fsys fstest.MapFS, file string, ways int) (told int) {
	t.Helper()
	whole := fsys[file]
	lines := strings.Split(strings.TrimSuffix(string(whole.Data), "\n"), "\n")
	names := sortedKeys(slips)
	for i, line := range lines {
		if !says(line) {
			continue
		}
		for n := range ways {
			name := names[(i*ways+n)%len(names)]
			broken := slices.Concat(lines[:i], slips[name](line), lines[i+1:])
			text := strings.Join(broken, "\n") + "\n"
			if text == string(whole.Data) {
				continue
			}
			fsys[file] = &fstest.MapFile{Data: []byte(text)}
			where := fmt.Sprintf("%s:%d %s (%s)", file, i+1, name, line)
			def, err := Parse(fsys, lists)
			if err == nil {
				if name == "doubled" {
					t.Errorf("%s: is accepted", where)
				}
				for id, f := range def.Flows {
					st := State{Language: "en", Stack: []Frame{{Flow: id, Step: f.Start}}}
					if _, err := Step(def, st, Input{Kind: KindUnsupported}, testEnv()); err != nil {
						t.Errorf("%s: is accepted, and then %v", where, err)
					}
				}
				continue
			}
			told++
			var faults content.Faults
			if def != nil || !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("%s: %v", where, err)
			}
			for _, f := range faults {
				in := fsys[f.File]
				switch {
				case in == nil:
					t.Errorf("%s: the fault %q is in no file", where, f)
				case f.Line < 1 || f.Line > 1+strings.Count(string(in.Data), "\n"):
					t.Errorf("%s: the fault %q is in no line", where, f)
				case f.Reason == "":
					t.Errorf("%s: a fault without words", where)
				}
			}
		}
	}
	return told
}

// A line that is lost, twice there or moved in one of the shipped flows is told
// with its place, or leaves flows that are sound.
func TestOneBrokenLineIsToldWithItsPlace(t *testing.T) {
	fsys := fstest.MapFS{}
	names, err := fs.Glob(flows.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if told := holdsOrTells(t, maps.Clone(fsys), name, 2); told == 0 {
				t.Errorf("nothing that was broken in %s was told", name)
			}
		})
	}
}

func TestOneBrokenLineOfRandomFlowsIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	sound := 0
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		fsys := files("flow: demo\nsteps:\n  first: {say: a, next: end}\n")
		text := randomFlow(rnd, 0)
		fsys["f0.yaml"] = &fstest.MapFile{Data: []byte(text)}
		if _, err := Parse(fsys, lists); err != nil {
			continue // the generator writes traps, too
		}
		sound++
		holdsOrTells(t, fsys, "f0.yaml", len(slips))
	}
	if sound == 0 {
		t.Error("the generator writes no sound flows")
	}
}
