package library

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestPeriodsComeFromTheSettings(t *testing.T) {
	files := folder(t)
	const file = "de/articles/costs.md"
	text := string(files[file].Data)
	files[file] = &fstest.MapFile{Data: []byte(text + "\nGelöscht: {{period \"case\"}}, und {{ period \"dialogue\" }}, und {{period \"case\"}}.\n")}
	const units = "\n[\"unit.day\"]\ndescription = \"d\"\none = \"{{.Count}} Tag\"\nother = \"{{.Count}} Tage\"\n" +
		"[\"unit.hour\"]\ndescription = \"d\"\none = \"{{.Count}} Stunde\"\nother = \"{{.Count}} Stunden\"\n"
	files["de/active.de.toml"] = &fstest.MapFile{Data: append(files["de/active.de.toml"].Data, units...)}
	l, err := Load(files, catalog(t, files))
	if err != nil {
		t.Fatal(err)
	}
	body := func(l *Library) string {
		a, _ := l.Article("costs", "de")
		if want := []string{PeriodCase, PeriodDialogue}; !slices.Equal(a.Periods, want) {
			t.Errorf("the periods are %q, want %q", a.Periods, want)
		}
		if strings.ContainsAny(a.WithoutPeriods(), "{}") || strings.Contains(a.WithoutPeriods(), "180") {
			t.Errorf("without periods it is %q", a.WithoutPeriods())
		}
		return a.Body
	}
	other := l.WithPeriods(Periods{PeriodCase: 24 * time.Hour, PeriodDialogue: 2 * time.Hour})
	for name, tt := range map[string]struct {
		l    *Library
		want string
	}{
		"if they say nothing": {l, "Gelöscht: 180 Tage, und 90 Tage, und 180 Tage."},
		"others":              {other, "Gelöscht: 1 Tag, und 2 Stunden, und 1 Tag."},
	} {
		if got := body(tt.l); !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: %q does not end in %q", name, got, tt.want)
		}
	}
}
