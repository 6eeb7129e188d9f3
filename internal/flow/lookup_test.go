package flow

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const longTrade = "agricultural-machinery-mechatronics-technician"

// trades is a look-up with names in two languages, long ids and no places.
func trades() Lookup {
	names := map[string]map[string]string{
		"de": {"baker": "Bäcker", longTrade: "Landmaschinenmechatroniker"},
		"en": {"baker": "baker", longTrade: "farm machinery technician"},
	}
	get := func(id, lang string) (Option, bool) {
		for full, name := range names[lang] {
			if id == full || id == Short(full) {
				return Option{ID: full, Label: name, Button: strings.TrimPrefix(name, "farm ")}, true
			}
		}
		return Option{}, false
	}
	return Lookup{
		Get: get,
		Find: func(words, lang string) (found []Option) {
			for _, id := range []string{"baker", longTrade} {
				o, _ := get(id, lang)
				if o.Certain = strings.EqualFold(words, o.Label); o.Certain || words == "machines and bread" {
					found = append(found, o)
				}
			}
			return found
		},
	}
}

const askTrade = `
vars: {work: trade, had: text}
links: {work: linked}
steps:
  first: {ask: d.ask, input: trade, save: work, next: branch}
  linked: {say: d.linked, with: {Work: $work_name}, next: end}
  branch:
    branch:
      - {when: 'work == "baker" and work_name != ""', goto: bread}
      - {goto: other}
  bread: {say: d.bread, set: {had: $work_name}, next: end}
  other: {say: d.other, set: {had: $work_name}, next: end}
`

func TestWhatIsLookedUpIsSavedWithItsName(t *testing.T) {
	machines := map[string]string{"work": longTrade, "work_name": "farm machinery technician", "had": "farm machinery technician"}
	for name, tt := range map[string]struct {
		turns []Input
		want  string
		vars  map[string]string
	}{
		"certain":             {[]Input{text("Baker")}, "d.bread m.ask = en menu/choose", map[string]string{"work": "baker", "work_name": "baker", "had": "baker"}},
		"several":             {[]Input{text("machines and bread")}, "engine.choose = en demo/first", nil},
		"one of several":      {[]Input{text("machines and bread"), press("demo/first/" + Short(longTrade))}, "d.other m.ask = en menu/choose", machines},
		"nothing":             {[]Input{text("astronaut")}, "engine.invalid d.ask = en demo/first", nil},
		"a button of nothing": {[]Input{press("demo/first/astronaut")}, "engine.stale d.ask = en demo/first", nil},
		"a place":             {[]Input{{Kind: KindLocation, Text: "50,7"}}, "engine.location d.ask = en demo/first", nil},
		"a link with its id":  {[]Input{command("start", "work-"+longTrade)}, "d.linked m.ask = en menu/choose", map[string]string{"work": longTrade, "work_name": "farm machinery technician"}},
		"a link in words":     {[]Input{command("start", "work-farm-machinery-technician")}, "d.linked m.ask = en menu/choose", map[string]string{"work": longTrade, "work_name": "farm machinery technician"}},
		"a link to nothing":   {[]Input{command("start", "work-astronaut")}, "d.linked m.ask = en menu/choose", nil},
	} {
		d := play(t, askTrade)
		got := ""
		for _, in := range tt.turns {
			got = d.give(in)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if !maps.Equal(d.last.State.Vars, tt.vars) {
			t.Errorf("%s: the variables are %v, want %v", name, d.last.State.Vars, tt.vars)
		}
	}
}

func TestChoicesThatWereLookedUpFitAButton(t *testing.T) {
	d := play(t, askTrade)
	d.give(text("machines and bread"))
	want := []Choice{{Data: "demo/first/baker", Words: "baker"}, {Data: "demo/first/" + Short(longTrade), Words: "machinery technician"}}
	if diff := cmp.Diff(want, d.last.Out[0].Say.Choices); diff != "" {
		t.Errorf("choices (-want +got):\n%s", diff)
	}
	d.give(press(want[1].Data))
	if diff := cmp.Diff(&want[1], d.last.Chosen); diff != "" {
		t.Errorf("the button that was pressed (-want +got):\n%s", diff)
	}
	for _, id := range []string{"", "07137", strings.Repeat("x", maxOption), strings.Repeat("x", maxOption+1), longTrade} {
		if short := Short(id); len(short) > maxOption || len(id) <= maxOption && short != id || Short(short) != short {
			t.Errorf("Short(%q) = %q", id, short)
		}
	}
	if Short(longTrade) == Short(longTrade+"s") {
		t.Error("two ids that begin alike are one")
	}
}

func TestAnotherLanguageHasOtherNames(t *testing.T) {
	d := play(t, askTrade)
	d.give(text("Baker"))
	d.give(press(LanguageData("de")))
	if got := d.last.State.Vars["work_name"]; got != "Bäcker" {
		t.Errorf("the baker is called %q in German", got)
	}
	// A village is shown by the name that was found, not by that of its district.
	d = play(t, "vars: {town: place}\nsteps:\n  first: {ask: d.ask, input: place, save: town, next: end}\n")
	d.last.State.Vars = map[string]string{"town": "07137", "town_name": "Mayen (Landkreis Mayen-Koblenz)"}
	d.give(press(LanguageData("de")))
	if got := d.last.State.Vars["town_name"]; got != "Mayen (Landkreis Mayen-Koblenz)" {
		t.Errorf("the town is called %q now", got)
	}
}

// An environment that lacks a look-up knows nothing of its kind.
func TestALookupThatIsNotThereFindsNothing(t *testing.T) {
	d := play(t, askTrade)
	d.env.Lookups = nil
	for _, in := range []Input{text("baker"), press("demo/first/baker"), {Kind: KindLocation, Text: "50,7"}, command("start", "work-baker")} {
		if d.give(in); d.last.State.Vars["work"] != "" {
			t.Errorf("%+v: work is %q", in, d.last.State.Vars["work"])
		}
	}
}
