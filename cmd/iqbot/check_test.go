package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/config"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
)

func TestFindingsKeepThePlaceOfEveryFault(t *testing.T) {
	err := errors.Join(
		config.Faults{{Variable: "REDIS_URL", Problem: "is no address", Cure: "write redis://host"}},
		fmt.Errorf("content: %w", errors.Join(
			flow.Faults{{File: "demo.yaml", Line: 3, Reason: "dead end"}, {File: "demo.yaml", Line: 9, Reason: "trap"}},
			locale.Fault{File: "de/active.de.toml", Line: 7, Reason: `message "x" is missing`, Hint: "translate it"},
			locale.Fault{File: "facts.yaml", Line: 2, Reason: "no date"},
			fmt.Errorf("load the directory: %w", errors.Join(errors.New("contacts.yaml:12: no source"), errors.New("regions.yaml:1: is empty"))),
			errors.New("locales/de/articles/costs.md: the title is too long"),
		)),
		errors.New("something: else"),
	)
	want := []finding{
		{Level: "error", Reason: "REDIS_URL: is no address", Hint: "write redis://host"},
		{Level: "error", File: "flows/demo.yaml", Line: 3, Reason: "dead end"},
		{Level: "error", File: "flows/demo.yaml", Line: 9, Reason: "trap"},
		{Level: "error", File: "locales/de/active.de.toml", Line: 7, Reason: `message "x" is missing`, Hint: "translate it"},
		{Level: "error", File: "locales/facts.yaml", Line: 2, Reason: "no date"},
		{Level: "error", File: "contacts.yaml", Line: 12, Reason: "no source"},
		{Level: "error", File: "regions.yaml", Line: 1, Reason: "is empty"},
		{Level: "error", File: "locales/de/articles/costs.md", Reason: "the title is too long"},
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
