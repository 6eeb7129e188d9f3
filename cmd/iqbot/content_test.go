package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
