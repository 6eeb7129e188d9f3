package telegram

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/internal/telegram/botapitest"
)

var profiles = []Profile{
	{Commands: []Command{{"start", "Begin"}, {"menu", "Menu"}}, Description: "What it does", ShortDescription: "Short", Name: "IQ bot"},
	{Language: "uk", Commands: []Command{{"start", "Почати"}}, Description: "Що він робить"},
	{Language: "ckb", Description: "no two-letter code"},
}

func TestSetUpChangesOnlyWhatDiffers(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	if err := c.SetUp(t.Context(), profiles); err != nil {
		t.Fatal(err)
	}
	for _, tc := range [][3]string{
		{"commands", "", `[{"command":"start","description":"Begin"},{"command":"menu","description":"Menu"}]`},
		{"description", "", "What it does"},
		{"short_description", "", "Short"},
		{"name", "", "IQ bot"},
		{"commands", "uk", `[{"command":"start","description":"Почати"}]`},
		{"description", "uk", "Що він робить"},
		{"short_description", "uk", ""},
		{"description", "ckb", ""},
	} {
		if got := s.Profile(tc[0], "", tc[1]); got != tc[2] {
			t.Errorf("%s in %q is %q, want %q", tc[0], tc[1], got, tc[2])
		}
	}
	sets := func() (n int) {
		for _, m := range []string{"setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription"} {
			n += s.Calls(m)
		}
		return n
	}
	if sets() != 6 {
		t.Errorf("%d changes at first", sets())
	}
	if n := s.Calls("getMyDescription"); n != 2 {
		t.Errorf("asked for %d descriptions: a language without a two-letter code has none", n)
	}
	if err := c.SetUp(t.Context(), profiles); err != nil || sets() != 6 {
		t.Errorf("%d changes the second time, %v", sets()-6, err)
	}
	changed := profiles[0]
	changed.Description = "What it does now"
	if err := c.SetUp(t.Context(), []Profile{changed}); err != nil || sets() != 7 {
		t.Errorf("%d changes the third time, %v", sets()-6, err)
	}
}

func TestSetUpListsAllFaultsBeforeAnyCall(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	many := make([]Command, MaxCommands+1)
	for i := range many {
		many[i] = Command{"a", "b"}
	}
	err := c.SetUp(t.Context(), []Profile{
		{Commands: many, Name: strings.Repeat("ж", MaxBotName+1), Description: strings.Repeat("ж", MaxDescription+1), ShortDescription: strings.Repeat("ж", MaxShortDescription+1)},
		{Language: "uk", Commands: []Command{{"Start", "x"}, {"menu", ""}, {"help", strings.Repeat("ж", MaxCommandDescription+1)}}},
	})
	for _, want := range []string{
		"default profile: there are 101 commands, at most 100 are possible",
		"default profile: the name has 65 characters, at most 64 are possible",
		"default profile: the description has 513 characters, at most 512 are possible",
		"default profile: the short description has 121 characters, at most 120 are possible",
		`profile uk: command "Start": the name is not 1 to 32 of a-z 0-9 _`,
		`profile uk: command "menu": the description has 0 characters, 1 to 256 are possible`,
		`profile uk: command "help": the description has 257 characters, 1 to 256 are possible`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if s.Calls("") != 0 {
		t.Error("something was called")
	}
	err = c.SetUp(t.Context(), []Profile{{
		Commands: append(many[:MaxCommands-1:MaxCommands-1], Command{strings.Repeat("a", 32), strings.Repeat("ж", MaxCommandDescription)}),
		Name:     strings.Repeat("ж", MaxBotName), Description: strings.Repeat("ж", MaxDescription), ShortDescription: strings.Repeat("ж", MaxShortDescription),
	}})
	if err != nil || s.Profile("commands", "", "") == "" || s.Profile("name", "", "") == "" || s.Profile("short_description", "", "") == "" || s.Profile("description", "", "") == "" {
		t.Errorf("what is at the limits is refused: %v", err)
	}
}

func TestSetUpTriesAgainLater(t *testing.T) {
	for name, kind := range map[string]botapitest.Kind{
		"fault of the server": botapitest.Internal, "too many": botapitest.Throttle, "lost": botapitest.DropBefore, "token": botapitest.Unauthorized,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := inProcess(t, botapitest.Options{})
				s.Fail("getMyCommands", 2, kind)
				s.Fail("setMyDescription", 2, kind)
				start := time.Now()
				if err := c.SetUp(t.Context(), profiles); err != nil {
					t.Fatal(err)
				}
				if s.Profile("commands", "", "") == "" || s.Profile("description", "", "") == "" || s.Profile("commands", "", "uk") == "" {
					t.Error("not all is set")
				}
				if d := time.Since(start); d < setUpPause/2 || d > 10*time.Minute {
					t.Errorf("it took %s", d)
				}
			})
		})
	}
}

func TestSetUpLeavesWhatIsRefusedForGood(t *testing.T) {
	var log syncBuffer
	s := newServer(t, botapitest.Options{})
	c := newClient(t, s, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err := c.SetUp(t.Context(), []Profile{{Language: "uk", Commands: []Command{{"start", "x"}}}}); err != nil {
		t.Fatal(err)
	}
	s.Fail("setMyDescription", 1, botapitest.ParseError) // without parse_mode: nothing happens
	if err := c.set(t.Context(), setting{property: "Commands", field: "commands", commands: []Command{{"BAD", "x"}}}); err == nil {
		t.Error("the server takes a bad command")
	}
	left, _ := c.apply(t.Context(), []setting{
		{property: "Commands", field: "commands", commands: []Command{{"BAD", "x"}}},
		{property: "Description", field: "description", text: "x"},
	})
	if len(left) != 0 || s.Profile("description", "", "") != "x" || !strings.Contains(log.String(), "Telegram refuses a part of the bot's profile") {
		t.Errorf("%d left, log:\n%s", len(left), log.String())
	}
}

func TestSetUpEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := inProcess(t, botapitest.Options{})
		s.Fail("", 0, botapitest.Internal)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := c.SetUp(ctx, profiles); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSetChatCommands(t *testing.T) {
	s, c := inProcess(t, botapitest.Options{})
	started(s, 7)
	if err := c.SetChatCommands(t.Context(), "telegram:7", []Command{{"start", "Почати"}}); err != nil {
		t.Fatal(err)
	}
	if got := s.Profile("commands", "chat:7", ""); !strings.Contains(got, "Почати") {
		t.Errorf("the menu is %q", got)
	}
	if err := c.SetChatCommands(t.Context(), "telegram:7", nil); err != nil || s.Profile("commands", "chat:7", "") != "" {
		t.Errorf("the menu is still there, %v", err)
	}
	for name, err := range map[string]error{
		"another channel": c.SetChatCommands(t.Context(), "web:7", []Command{{"start", "x"}}),
		"a bad command":   c.SetChatCommands(t.Context(), "telegram:7", []Command{{"Start", "x"}}),
		"a stranger":      c.SetChatCommands(t.Context(), "telegram:8", []Command{{"start", "x"}}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
