package bot_test

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// unprepared is a channel that breaks when it has to send some words.
type unprepared struct {
	*channel
	words string
}

func (c unprepared) Prepare(m bot.Message) []bot.Message {
	if strings.Contains(m.Text.Plain(), c.words) {
		panic(m.Text.Plain())
	}
	return c.channel.Prepare(m)
}

// A defect is told to operators by its place. What it was about may be what a
// person wrote, and is told to nobody.
func TestTheLogTellsWhereADefectIsAndNotWhoseWords(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	const secret = "Olena Kovalenko"
	empty := []string{}
	for name, tt := range map[string]struct {
		newCase func() bot.CaseID
		breaks  string // words that the channel cannot send
		log     string
	}{
		"a value":    {func() bot.CaseID { panic(secret) }, "nothing", `panicked at \S*panic_test\.go:\d+: string`},
		"an index":   {func() bot.CaseID { return bot.CaseID(empty[len(secret)]) }, "nothing", `panicked at \S*panic_test\.go:\d+: runtime error: index out of range`},
		"in channel": {nil, secret, `panicked at \S*panic_test\.go:\d+: string`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c := newChannel()
			e := bot.NewEngine(bot.Options{
				Store: embedded(t), Channels: []bot.Channel{unprepared{c, tt.breaks}}, Content: loaded, Advisors: true, NewCase: tt.newCase,
				Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
			})
			for _, line := range []string{"/start lang-en", "human", "1", secret, "Skip", "By email", "a@b.de", "1"} {
				handle(t, e, typed("test:1", line))
			}
			e.Flush()
			log := out.String()
			if strings.Contains(log, secret) || !regexp.MustCompile(tt.log).MatchString(log) {
				t.Errorf("the log is\n%s", log)
			}
			if n := e.Stats().Apologies.Load(); n == 0 {
				t.Error("the person was not told")
			}
		})
	}
}

// What an earlier release has kept for too long goes with the next update, also
// with one that is not stepped.
func TestWhatWasKeptForTooLongGoesWithTheNextUpdate(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	const chat = bot.ChatID("test:1")
	now := func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
	for name, flood := range map[string]bot.FloodLimit{"stepped": {}, "too many": {Burst: 1, PerMinute: 0.001}} {
		for apology, newCase := range map[bool]func() bot.CaseID{false: nil, true: func() bot.CaseID { panic("a defect") }} {
			s := embedded(t)
			st := flow.State{Language: "en", Stack: []flow.Frame{{Flow: "menu", Step: "choose"}}, Allowance: flow.Allowance{Used: 1, At: now().Unix()}}
			st.Vars = map[string]string{"words": "my secret", "address": "0261 1", "reach": "phone", "topic": "costs"}
			line := "/help"
			if apology {
				st.Stack[0] = flow.Frame{Flow: "handoff", Step: "confirm"}
				st.Vars, line = map[string]string{"words": "my secret", "address": "0261 1"}, "1"
			}
			if _, _, err := s.Commit(t.Context(), bot.Commit{Chat: chat, Update: "old", State: st}); err != nil {
				t.Fatal(err)
			}
			e := bot.NewEngine(bot.Options{
				Store: s, Channels: []bot.Channel{newChannel()}, Content: loaded, Log: quiet, Advisors: true, NewCase: newCase, Flood: flood, Now: now,
			})
			handle(t, e, typed(chat, line))
			e.Flush()
			session, err := s.Load(t.Context(), chat)
			kept := session.State.Vars["words"] != ""
			if err != nil || kept != apology || !apology && session.State.Vars["topic"] != "costs" {
				t.Errorf("%s, apology %t: kept is %v, %v", name, apology, session.State.Vars, err)
			}
		}
	}
}
