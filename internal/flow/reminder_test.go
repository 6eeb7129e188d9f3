package flow

import (
	"testing"
	"time"
)

func TestTimersAreSetWhereAReminderIs(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Language: "en", Stack: []Frame{{"handoff", "words"}}}
	for name, tt := range map[string]struct {
		in   Input
		want time.Duration
	}{
		"asking":         {command("help", ""), 24 * time.Hour},
		"a double no-op": {press(DataNone), 24 * time.Hour},
		"a reminder":     {Input{Kind: KindTimer}, 0},
		"leaving":        {command("cancel", ""), 0},
	} {
		res, err := Step(def, st, tt.in, env)
		if err != nil || res.Timer != tt.want {
			t.Errorf("%s: timer %v, %v; want %v", name, res.Timer, err, tt.want)
		}
	}
}
