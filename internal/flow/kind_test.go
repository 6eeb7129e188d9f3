package flow

import (
	"os"
	"strings"
	"testing"
)

// Authors read of every kind in the manual.
func TestEveryKindStandsInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../flows/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds {
		if !strings.Contains(string(manual), "| `"+k.key+": ") {
			t.Errorf("flows/README.md has no row for a step with %s", k.key)
		}
	}
}
