package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iqbot/internal/store"
)

// command runs one command line and returns what it prints.
func command(t *testing.T, env map[string]string, args ...string) (string, error) {
	t.Helper()
	var out, log bytes.Buffer
	err := run(t.Context(), args, world{getenv: func(n string) string { return env[n] }, in: strings.NewReader(""), out: &out, err: &log})
	return out.String(), err
}

// must is command for one that is expected to succeed.
func must(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	out, err := command(t, env, args...)
	if err != nil {
		t.Fatalf("iqbot %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func sealerOf(t *testing.T, keyset string) store.Sealer {
	t.Helper()
	s, err := store.LoadKeyset([]byte(keyset))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mode(t *testing.T, file string) os.FileMode {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestNewKeysArePrinted(t *testing.T) {
	one, other := must(t, nil, "keys", "new"), must(t, nil, "keys", "new")
	sealerOf(t, one) // nothing but the keyset is printed
	if one == other {
		t.Error("the same keys twice")
	}
}

func TestNewKeysGoToAFileThatOnlyTheOwnerReads(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keyset.json")
	out := must(t, nil, "keys", "new", "--out", file)
	keyset := read(t, file)
	sealerOf(t, keyset)
	if m := mode(t, file); m != 0o600 {
		t.Errorf("mode %v", m)
	}
	if !strings.Contains(out, "KEYSET_FILE="+file) || strings.Contains(out, "primaryKeyId") {
		t.Errorf("it says %q", out)
	}
	_, err := command(t, nil, "keys", "new", "--out", file)
	wantError(t, err, file, "is there already")
	if read(t, file) != keyset {
		t.Error("the keys were overwritten")
	}
	_, err = command(t, nil, "keys", "new", "--out", filepath.Join(t.TempDir(), "none", "keyset.json"))
	wantError(t, err, "make the file for the keys", "no such file")
}

func TestRotatedKeysOpenWhatTheOldOnesSealed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "keyset.json")
	must(t, nil, "keys", "new", "--out", file)
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	old := read(t, file)
	box, err := sealerOf(t, old).Seal([]byte("words"), nil)
	if err != nil {
		t.Fatal(err)
	}
	out := must(t, nil, "keys", "rotate", link)
	if !strings.Contains(out, "restart all processes") {
		t.Errorf("it says %q", out)
	}
	rotated := read(t, file)
	if rotated == old {
		t.Error("nothing was rotated")
	}
	if plain, err := sealerOf(t, rotated).Open(box, nil); err != nil || string(plain) != "words" {
		t.Errorf("opened %q, %v", plain, err)
	}
	newBox, err := sealerOf(t, rotated).Seal([]byte("words"), nil)
	if err != nil || bytes.Equal(newBox[:5], box[:5]) {
		t.Errorf("the same key goes on sealing; %v", err)
	}
	if plain, err := sealerOf(t, old).Open(newBox, nil); err != nil || string(plain) != "words" {
		t.Errorf("a process that was not restarted yet opened %q, %v", plain, err)
	}
	if m := mode(t, file); m != 0o640 {
		t.Errorf("mode %v", m)
	}
	if to, err := os.Readlink(link); err != nil || to != file {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhatIsNoKeysetIsNotRotated(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "keyset.json")
	if err := os.WriteFile(file, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := command(t, nil, "keys", "rotate", file)
	wantError(t, err, file, "not a keyset")
	if strings.Contains(err.Error(), "hunter2") || read(t, file) != "hunter2" {
		t.Errorf("err %v; the file holds %q", err, read(t, file))
	}
	_, err = command(t, nil, "keys", "rotate", filepath.Join(dir, "none"))
	wantError(t, err, "find the keys", "no such file")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The names that the README gives to secrets get neither into a commit nor into an image.
func TestSecretsStayOutOfCommitsAndImages(t *testing.T) {
	for file, names := range map[string][]string{
		"../../.gitignore":    {"keyset*.json", ".env"},
		"../../.dockerignore": {"**/keyset*.json", "**/.env"}, // a pattern without ** is for the topmost folder only
	} {
		lines := strings.Split(read(t, file), "\n")
		for _, name := range names {
			if !slices.Contains(lines, name) {
				t.Errorf("%s lacks %s", file, name)
			}
		}
	}
}
