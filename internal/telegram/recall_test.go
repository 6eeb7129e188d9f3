package telegram

import (
	"errors"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/richtext"
	"iqbot/internal/telegram/botapitest"
)

func TestRecall(t *testing.T) {
	instead := richtext.Parse("**IQ-1** withdrawn")
	for name, tc := range map[string]struct {
		before func(*botapitest.Server, *botapitest.Group)
		want   bot.SendReason // "" if it is done
		left   string
		twice  bool
	}{
		"it is deleted":                       {nil, "", "", false},
		"once more changes nothing":           {nil, "", "", true},
		"after two days it is emptied":        {func(_ *botapitest.Server, g *botapitest.Group) { g.Age(49 * time.Hour) }, "", "IQ-1 withdrawn", false},
		"after two days, twice":               {func(_ *botapitest.Server, g *botapitest.Group) { g.Age(49 * time.Hour) }, "", "IQ-1 withdrawn", true},
		"the bot was thrown out":              {func(_ *botapitest.Server, g *botapitest.Group) { g.Kick() }, bot.SendBlocked, "secret words", false},
		"the server fails":                    {func(s *botapitest.Server, _ *botapitest.Group) { s.Fail("deleteMessage", 1, botapitest.BadGateway) }, bot.SendFailed, "secret words", false},
		"too many calls":                      {func(s *botapitest.Server, _ *botapitest.Group) { s.Fail("deleteMessage", 1, botapitest.Throttle) }, bot.SendThrottled, "secret words", false},
		"the group is a supergroup meanwhile": {func(_ *botapitest.Server, g *botapitest.Group) { g.Migrate(-1007) }, bot.SendMoved, "secret words", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := inProcess(t, botapitest.Options{})
			g := s.Group(-7, "Advisors")
			ref, err := c.Post(t.Context(), "telegram:-7", bot.Message{ID: "1", Text: richtext.Parse("secret words")})
			if err != nil || ref == "" {
				t.Fatalf("%q, %v", ref, err)
			}
			if tc.before != nil {
				tc.before(s, g)
			}
			err = c.Recall(t.Context(), "telegram:-7", ref, instead)
			if tc.twice && err == nil {
				err = c.Recall(t.Context(), "telegram:-7", ref, instead)
			}
			var failed *bot.SendError
			if (tc.want == "") != (err == nil) || err != nil && (!errors.As(err, &failed) || failed.Reason != tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			var left []string
			for _, m := range g.Messages() {
				left = append(left, m.Text)
			}
			if got := strings.Join(left, "|"); got != tc.left {
				t.Errorf("left: %q, want %q", got, tc.left)
			}
			if n := c.Stats().Sent; n != 1 {
				t.Errorf("%d messages counted as sent", n)
			}
		})
	}
}

func TestRecallOfNothing(t *testing.T) {
	_, c := inProcess(t, botapitest.Options{})
	for _, tc := range []struct {
		chat bot.ChatID
		ref  bot.MessageRef
	}{{"telegram:-7", ""}, {"telegram:-7", "x"}, {"web:7", "1"}} {
		var failed *bot.SendError
		if err := c.Recall(t.Context(), tc.chat, tc.ref, nil); !errors.As(err, &failed) || failed.Reason != bot.SendRefused {
			t.Errorf("%s, %q: %v", tc.chat, tc.ref, err)
		}
	}
}
