package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree returns the files of a folder with their texts.
func tree(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWhatIsExportedIsTheSameContent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	out := must(t, nil, "content", "export", dir)
	for _, want := range []string{"written: " + filepath.Join(dir, "flows") + " (", "written: " + filepath.Join(dir, "locales") + " (", "written: " + filepath.Join(dir, "directory") + " (9 files)"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q does not say %q", out, want)
		}
	}
	from := builtIn()
	for name, fsys := range map[string]fs.FS{"flows": from.flows, "locales": from.locales, "directory": from.directory} {
		if d := cmp.Diff(tree(t, fsys), tree(t, os.DirFS(filepath.Join(dir, name)))); d != "" {
			t.Errorf("%s (-built in +written):\n%s", name, d)
		}
	}
	if got, want := must(t, nil, "check", "--content", dir), must(t, nil, "check"); got != want {
		t.Errorf("check says\n%s\nof what is written, and\n%s\nof what is built in", got, want)
	}

	// A second time nothing is overwritten, and nothing added.
	if err := os.Remove(filepath.Join(dir, "flows", "menu.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := command(t, nil, "content", "export", dir)
	wantError(t, err, "nothing was written: in "+dir+" there is flows/README.md, flows/advisor.yaml, flows/ask.yaml and ")
	if _, err := os.Stat(filepath.Join(dir, "flows", "menu.yaml")); err == nil {
		t.Error("a file was written beside others")
	}
}

// What a content folder lacks is built in: the directory by file, flows and locales by folder.
func TestWhatAFolderLacksIsBuiltIn(t *testing.T) {
	network := read(t, "../../internal/network/data/network.yaml")
	for name, tt := range map[string]struct {
		files map[string]string
		want  string // the error; "" if the content is right
	}{
		"one file of the directory": {map[string]string{"directory/network.yaml": network}, ""},
		"the directory is wrong": {map[string]string{"directory/network.yaml": strings.Replace(network, "    from_seed: true", "    from_sed: true", 1)},
			`directory/network.yaml:43: unknown key "from_sed"`},
		"a file nobody reads": {map[string]string{"directory/netwrok.yaml": network},
			"directory/netwrok.yaml: is read by nobody; the files are exonyms.yaml, "},
		"an empty directory":   {map[string]string{"directory/README.md": "nothing yet"}, ""},
		"one flow alone":       {map[string]string{"flows/help.yaml": "flow: help\nsteps:\n  show: {say: help.text, next: end}\n"}, `flows/handoff.yaml:1: the flow "handoff" is required`},
		"a text in its place":  {map[string]string{"flows": "x", "directory/README.md": "x"}, "flows is not a folder"},
		"none of the folders":  {map[string]string{"flow/help.yaml": "x"}, "none of the folders flows, locales and directory is in it; iqbot content export makes them"},
		"one language of many": {map[string]string{"locales/en/language.toml": "tag = 1\n"}, `locales/en/language.toml:1: key "tag": a whole number stands where a text is expected`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tt.files {
				path := filepath.Join(dir, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				write(t, path, text)
			}
			_, err := command(t, nil, "check", "--content", dir)
			if tt.want == "" && err != nil {
				t.Error(err)
			}
			if tt.want != "" {
				wantError(t, err, tt.want)
			}
		})
	}
}

// A new flow beside flows that are built in would be the only one.
func TestANewFlowNeedsTheOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := command(t, nil, "flows", "new", "tea", "--content", dir)
	wantError(t, err, "there is no folder flows in it; iqbot content export makes it")
}
