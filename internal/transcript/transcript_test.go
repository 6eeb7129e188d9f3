package transcript

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/network"
	"iqbot/locales"
)

var shipped = sync.OnceValues(func() (*bot.Content, error) {
	return bot.LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, nil)
})

func parse(text string) (Transcript, error) {
	return Read(fstest.MapFS{"t.yaml": {Data: []byte(text)}}, "t.yaml")
}

func play(t *testing.T, turns string) error {
	t.Helper()
	loaded, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := parse("name: x\nat: 2026-11-24T10:00:00+01:00\nturns:\n" + turns)
	if err != nil {
		return err
	}
	_, err = Play(loaded, tr, "en")
	return err
}

func TestAPlayThatDiffersSaysWhere(t *testing.T) {
	const start = "  - say: /start lang-en\n"
	for name, tt := range map[string]struct{ turns, want string }{
		"as written":        {start + "    expect: [onboarding.*, ..., menu.prompt]\n", ""},
		"nothing checked":   {start, ""},
		"other message":     {start + "    expect: [menu.prompt]\n", "t.yaml:4: [en] expect: want [menu.prompt], got [onboarding.welcome, onboarding.privacy, menu.prompt]"},
		"one too few":       {start + "    expect: [onboarding.welcome, onboarding.privacy]\n", "t.yaml:4: [en] expect: want [onboarding.welcome, onboarding.privacy], got [onboarding.welcome, onboarding.privacy, menu.prompt]"},
		"silence":           {start + "    expect: []\n", "t.yaml:4: [en] expect: want [], got [onboarding.welcome, onboarding.privacy, menu.prompt]"},
		"no such button":    {start + "  - press: common.skip\n", `t.yaml:5: [en] press: there is no button "common.skip"; there are "Ask a question" (menu/choose/ask),`},
		"other words":       {start + "    words: \"*Willkommen*\"\n", `t.yaml:4: [en] words: want "*Willkommen*", got "Welcome!`},
		"other state":       {start + "    state: {at: ask/question}\n", `t.yaml:4: [en] state: at is "menu/choose", want "ask/question"`},
		"no case":           {start + "    case: {}\n", "t.yaml:4: [en] case: 0 were opened, want one"},
		"bad wait":          {start + "  - wait: a day\n", `t.yaml:5: [en] wait: "a day" is no duration such as 24h`},
		"two things":        {"  - say: a\n    press: b\n", "t.yaml:4: a turn does one thing: say, press, send, location, contact or wait"},
		"unknown key":       {"  - say: a\n    expct: [b]\n", `t.yaml:5: unknown key "expct"`},
		"a text for a list": {"  - say: a\n    expect: b\n", `t.yaml:5: "b" stands where a list is expected`},
		"no turns":          {"  []\n", `t.yaml:1: a transcript needs name, at and turns`},
	} {
		t.Run(name, func(t *testing.T) {
			err := play(t, tt.turns)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestAnUnexpectedCaseIsAFailure(t *testing.T) {
	err := play(t, "  - say: /start lang-en\n  - say: human\n  - say: \"1\"\n  - say: words\n  - say: skip\n  - say: by email\n  - say: a@b.de\n  - say: \"1\"\n")
	var f Failure
	if !errors.As(err, &f) || f.Line != 11 || !strings.Contains(f.What, "a case was opened") {
		t.Errorf("err = %v", err)
	}
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		patterns, items []string
		want            bool
	}{
		{[]string{"a", "b"}, []string{"a", "b"}, true},
		{[]string{"a"}, []string{"a", "b"}, false},
		{[]string{"..."}, nil, true},
		{[]string{"..."}, []string{"a", "b"}, true},
		{[]string{"a", "...", "d"}, []string{"a", "b", "c", "d"}, true},
		{[]string{"a", "...", "d"}, []string{"a", "d"}, true},
		{[]string{"a", "...", "d"}, []string{"a", "b"}, false},
		{[]string{"a*", "<article *>"}, []string{"abc", "<article costs>"}, true},
		{[]string{"a.c"}, []string{"abc"}, false},
	} {
		if got := matches(tt.patterns, tt.items); got != tt.want {
			t.Errorf("%q on %q: %v", tt.patterns, tt.items, got)
		}
	}
}

func TestWrittenTranscriptsCanBeRead(t *testing.T) {
	in, err := parse("name: x\nlanguages: [uk]\nat: 2026-11-24T10:00:00+01:00\nturns:\n  - say: {de: a, en: b}\n    expect: [c]\n    state: {at: d}\n  - press: e\n    case: {}\n")
	if err != nil {
		t.Fatal(err)
	}
	data, err := Write(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := parse(string(data))
	if err != nil {
		t.Fatal(err)
	}
	for i := range out.Turns {
		out.Turns[i].line = in.Turns[i].line
	}
	if diff := cmp.Diff(in, out, cmp.AllowUnexported(Turn{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Case" }, cmp.Ignore())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("name: x\nat: 2026-11-24T10:00:00+01:00\nturns:\n  - say: a\n")
	f.Fuzz(func(t *testing.T, s string) {
		if tr, err := parse(s); err == nil && len(tr.Turns) == 0 {
			t.Error("a transcript without turns was read")
		}
	})
}
