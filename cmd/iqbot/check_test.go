package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/config"
	"iqbot/internal/content"
)

func TestFindingsKeepThePlaceOfEveryFault(t *testing.T) {
	err := errors.Join(
		config.Faults{{Variable: "REDIS_URL", Problem: "is no address", Cure: "write redis://host"}},
		fmt.Errorf("content: %w", errors.Join(
			content.In("flows", content.Faults{{File: "demo.yaml", Line: 9, Reason: "trap"}}),
			content.In("locales", content.Faults{
				{File: "de/active.de.toml", Line: 7, Reason: `message "x" is missing`, Hint: "translate it"},
				{File: "de/articles/costs.md", Reason: "the title is too long"},
			}),
			content.In("directory", content.Fault{File: "network.yaml", Line: 12, Reason: "no source"}),
		)),
		errors.New("something: else"),
	)
	want := []finding{
		{Level: "error", File: "flows/demo.yaml", Line: 9, Reason: "trap"},
		{Level: "error", File: "locales/de/active.de.toml", Line: 7, Reason: `message "x" is missing`, Hint: "translate it"},
		{Level: "error", File: "locales/de/articles/costs.md", Reason: "the title is too long"},
		{Level: "error", File: "directory/network.yaml", Line: 12, Reason: "no source"},
		{Level: "error", Reason: "REDIS_URL: is no address", Hint: "write redis://host"},
		{Level: "error", Reason: "something: else"},
	}
	if diff := cmp.Diff(want, findings(err)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func checkJSON(t *testing.T, args ...string) ([]finding, error) {
	t.Helper()
	out, err := command(t, nil, append([]string{"check", "--json"}, args...)...)
	var found []finding
	if e := json.Unmarshal([]byte(out), &found); e != nil {
		t.Fatalf("no JSON: %v\n%s", e, out)
	}
	return found, err
}

func TestCheckJSONListsDefectsOfFlowsAndTexts(t *testing.T) {
	t.Parallel()
	dir := copyContent(t)
	edit(t, dir, "flows/help.yaml", "next: end", "next: nowhere")
	found, err := checkJSON(t, "--content", dir)
	wantError(t, err, "1 defects")
	want := []finding{{Level: "error", File: "flows/help.yaml", Line: 5, Reason: `step "show": leads to unknown step "nowhere"`}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if code := exitCode(err); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	// Without --json the same, one a line.
	_, err = command(t, nil, "check", "--content", dir)
	wantError(t, err, `flows/help.yaml:5: step "show": leads to unknown step "nowhere"`)

	edit(t, dir, "flows/help.yaml", "next: nowhere", "next: end")
	edit(t, dir, "locales/uk/active.uk.toml", `["help.text"]`, `["help.txt"]`)
	found, err = checkJSON(t, "--content", dir)
	wantError(t, err, "defects")
	for _, f := range found {
		if f.File == "locales/uk/active.uk.toml" && strings.Contains(f.Reason, `"help.text" is missing`) {
			return
		}
	}
	t.Errorf("the missing text is not in %v", found)
}

func TestCheckFailsOnCareOnlyIfStrict(t *testing.T) {
	found, err := checkJSON(t)
	if err != nil || len(found) == 0 {
		t.Fatalf("%d findings, %v; contacts that need a check are care", len(found), err)
	}
	for _, f := range found {
		if f.Level != levelCare || f.Reason == "" {
			t.Errorf("%+v", f)
		}
	}
	// Whoever checks a contact need not look for it in a file.
	want := finding{
		Level: levelCare, File: "directory/network.yaml", Hint: "ask them, and put it into CONFIRMED_CONTACTS with the day",
		Reason: "add-trier is not shown until you have checked it: Aufsichts- und Dienstleistungsdirektion (ADD) Trier, +49 651 9494-0, poststelle@add.rlp.de, https://add.rlp.de",
	}
	at := slices.IndexFunc(found, func(f finding) bool { return strings.HasPrefix(f.Reason, "add-trier ") })
	if at < 0 {
		t.Fatalf("a contact that nobody has checked is not in %v", found)
	}
	want.Line = found[at].Line
	if diff := cmp.Diff(want, found[at]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if line := strings.Split(read(t, "../../internal/network/data/network.yaml"), "\n")[want.Line-1]; line != "  - id: add-trier" {
		t.Errorf("line %d is %q", want.Line, line)
	}
	strict, err := checkJSON(t, "--strict")
	if cmp.Diff(found, strict) != "" {
		t.Error("--strict finds something else")
	}
	wantError(t, err, "points need care")
	if code := exitCode(err); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}

func TestWrongUsageExitsWith2(t *testing.T) {
	for _, args := range [][]string{{"check", "--bogus"}, {"dance"}, {"flows", "graph", "--format", "png"}, {"check", "--content", filepath.Join(os.TempDir(), "not", "there")}} {
		_, err := command(t, nil, args...)
		if err == nil || exitCode(err) != 2 {
			t.Errorf("%v: %v", args, err)
		}
	}
}
