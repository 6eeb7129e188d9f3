package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
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

// keyIDs are what iqbot keys list shows, the oldest first.
func keyIDs(t *testing.T, file string) (ids []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^(\d+) +\S`).FindAllStringSubmatch(must(t, nil, "keys", "list", file), -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func TestALeakedKeyIsRetired(t *testing.T) {
	env, old := operated(t)
	file := env["KEYSET_FILE"]
	commit(t, old, bot.Commit{Chat: person, Outbox: []bot.Message{{ID: "m1"}}, Cases: []bot.Case{{ID: "IQ-1"}}})
	must(t, nil, "keys", "rotate", file)
	ids := keyIDs(t, file)
	list := must(t, nil, "keys", "list", file)
	if len(ids) != 3 || !regexp.MustCompile(ids[0]+" +only opens").MatchString(list) ||
		!regexp.MustCompile(ids[1]+" +seals what is stored from now on").MatchString(list) ||
		!regexp.MustCompile(ids[2]+" +seals after the next rotation").MatchString(list) {
		t.Errorf("listed:\n%s", list)
	}
	var fields struct {
		Secret string `json:"hash_secret"`
		Key    []struct{ KeyData struct{ Value string } }
	}
	if err := json.Unmarshal([]byte(read(t, file)), &fields); err != nil || len(fields.Key) != 3 || fields.Secret == "" {
		t.Fatal(len(fields.Key), err)
	}
	for _, material := range []string{fields.Secret, fields.Key[0].KeyData.Value, fields.Key[1].KeyData.Value, fields.Key[2].KeyData.Value} {
		if material == "" || strings.Contains(list, material) {
			t.Error("a secret is shown")
		}
	}

	for _, c := range []struct{ args, fault string }{
		{"", "--key"}, {"--key " + ids[1], "still needed"}, {"--key " + ids[2], "still needed"}, {"--key 1", "no key of the keyset has this id"},
		{"--oldest --key " + ids[0], "can't be used together"},
	} {
		was := read(t, file)
		_, err := command(t, nil, append([]string{"keys", "retire", file}, strings.Fields(c.args)...)...)
		wantError(t, err, c.fault)
		if read(t, file) != was {
			t.Errorf("%s: the file was changed", c.args)
		}
	}
	out := must(t, env, "keys", "reseal")
	if !strings.Contains(out, "looked at: 5; sealed anew: 4;") || !strings.Contains(out, "Nothing is left") {
		t.Errorf("it says %q", out)
	}
	if out := must(t, env, "keys", "reseal", "--json"); !strings.Contains(out, `"sealed": 0`) || !strings.Contains(out, `"left": 0`) {
		t.Errorf("it says %q", out)
	}
	if out := must(t, nil, "keys", "retire", file, "--oldest"); !strings.Contains(out, "Key "+ids[0]) || !strings.Contains(out, "can no longer be opened") {
		t.Errorf("it says %q", out)
	}
	if diff := cmp.Diff(ids[1:], keyIDs(t, file)); diff != "" {
		t.Error(diff)
	}
	_, err := command(t, nil, "keys", "retire", file, "--oldest")
	wantError(t, err, "still needed")
	if m := mode(t, file); m != 0o600 {
		t.Errorf("mode %v", m)
	}
	keyset := []byte(read(t, file))
	secret, err := store.HashSecret(keyset)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{URL: env["REDIS_URL"], HashSecret: secret, Sealer: sealerOf(t, string(keyset)), Targets: []string{"group"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e, err := s.Export(t.Context(), person)
	if err != nil || len(e.Unreadable) > 0 || e.Dialogue.Vars["words"] != "hunter2" || len(e.Cases) != 1 || len(e.Waiting) != 1 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestWithoutAKeysetNothingIsSealedAnew(t *testing.T) {
	_, err := command(t, nil, "keys", "reseal")
	wantError(t, err, "REDIS_URL is not set")
	_, err = command(t, map[string]string{"REDIS_URL": "redis://" + miniredis.RunT(t).Addr(), "INSECURE_STORE": "true"}, "keys", "reseal")
	wantError(t, err, "KEYSET is not set")
}

// Who runs the service, or a command on the keys, hears of a file that others may read; nobody is refused.
func TestAKeysetThatOthersMayReadIsTold(t *testing.T) {
	env, _ := operated(t)
	file := env["KEYSET_FILE"]
	for mode, told := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o444: true} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		for _, args := range []string{"keys list " + file, "keys rotate " + file, "outbox"} {
			var log bytes.Buffer
			err := run(t.Context(), strings.Fields(args), world{getenv: func(n string) string { return env[n] }, in: strings.NewReader(""), out: io.Discard, err: &log})
			if err != nil {
				t.Fatal(err)
			}
			if has := strings.Contains(log.String(), "chmod 600 "+file); has != told || !told && log.Len() > 0 {
				t.Errorf("%s with mode %v: it says %q", args, mode, log.String())
			}
		}
	}
}
