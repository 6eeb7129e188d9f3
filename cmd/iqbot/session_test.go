package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
	"iqbot/internal/store"
)

const person, somebodyElse = bot.ChatID("telegram:4711"), bot.ChatID("telegram:99")

// operated is a service's database with its settings, and a store as the service has it.
func operated(t *testing.T) (env map[string]string, s *store.Store) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keyset.json")
	must(t, nil, "keys", "new", "--out", file)
	keyset := []byte(read(t, file))
	secret, err := store.HashSecret(keyset)
	if err != nil {
		t.Fatal(err)
	}
	address := "redis://" + miniredis.RunT(t).Addr()
	s, err = store.Open(t.Context(), store.Options{URL: address, HashSecret: secret, Sealer: sealerOf(t, string(keyset)), Targets: []string{"group"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return map[string]string{"REDIS_URL": address, "KEYSET_FILE": file}, s
}

// commit commits what a step could; the words are never to be seen by operators.
func commit(t *testing.T, s *store.Store, c bot.Commit) bot.Lease {
	t.Helper()
	session, err := s.Load(t.Context(), c.Chat)
	if err != nil {
		t.Fatal(err)
	}
	c.Version, c.State = session.Version, flow.State{Language: "uk", Vars: map[string]string{"words": "hunter2"}}
	for i := range c.Cases {
		c.Cases[i].Chat, c.Cases[i].Words = c.Chat, "hunter2"
	}
	for i := range c.Outbox {
		c.Outbox[i].Text = richtext.Text{{Text: "hunter2"}}
	}
	lease, _, err := s.Commit(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

var (
	exactTime = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+Z|Z| [A-Z0-9+-]+)`)
	seconds   = regexp.MustCompile(`\d+ seconds`)
)

// timeless replaces what differs from run to run.
func timeless(s string) string {
	return seconds.ReplaceAllString(exactTime.ReplaceAllString(s, "<time>"), "<n> seconds")
}

func TestAStuckPersonIsFreed(t *testing.T) {
	env, s := operated(t)
	commit(t, s, bot.Commit{Chat: person, Update: "1"})
	lease := commit(t, s, bot.Commit{
		Chat: person, Update: "2", Outbox: []bot.Message{{ID: "2.0"}, {ID: "2.1"}}, Cases: []bot.Case{{ID: "IQ-7K"}, {ID: "IQ-3A"}}, Timer: 4 * time.Hour,
	})
	ref := s.Ref(person)
	shown := must(t, env, "session", "show", ref)
	want := "chat        " + ref + "\n" +
		"dialogue    2 steps; the person last did something <n> seconds ago (<time>); forgotten in 90 days (<time>)\n" +
		"messages    2 to be sent, the first since <time>; failed tries: 0; being sent\n" +
		"timer       goes on by itself in 4 hours (<time>)\n" +
		"open cases  IQ-3A, IQ-7K\n"
	if diff := cmp.Diff(want, timeless(shown)); diff != "" {
		t.Error(diff)
	}
	if byCase := must(t, env, "session", "show", "iq-3a"); timeless(byCase) != want {
		t.Errorf("by its case: %s", byCase)
	}
	if err := s.Retry(t.Context(), lease, "2.0", time.Hour); err != nil {
		t.Fatal(err)
	}
	if shown = must(t, env, "session", "show", ref); !strings.Contains(timeless(shown), "failed tries: 1; next try in 60 minutes (<time>)") {
		t.Errorf("after a failure: %s", shown)
	}

	reset := must(t, env, "session", "reset", "IQ-7K")
	if want := ref + " begins anew with the person's next message. Cases and waiting messages are kept.\n"; reset != want {
		t.Errorf("it says %q, want %q", reset, want)
	}
	session, err := s.Load(t.Context(), person)
	if err != nil || session.Version != 3 || session.State.Language != "" {
		t.Errorf("session %+v, %v", session, err)
	}
	shown += must(t, env, "session", "show", ref)
	want = "chat        " + ref + "\n" +
		"dialogue    begins anew, after a deletion or a reset; its number of steps (3) is forgotten in 90 days (<time>)\n" +
		"messages    2 to be sent, the first since <time>; failed tries: 1; next try at once\n" +
		"timer       none\n" +
		"open cases  IQ-3A, IQ-7K\n"
	if got := must(t, env, "session", "show", ref); timeless(got) != want {
		t.Errorf("after the reset:\n%s", cmp.Diff(want, timeless(got)))
	}

	asJSON := must(t, env, "session", "show", ref, "--json")
	var i store.Inspection
	if err := json.Unmarshal([]byte(asJSON), &i); err != nil || i.Ref != ref || i.Version != 3 || i.Waiting != 2 || i.Attempts != 1 || len(i.Cases) != 2 {
		t.Errorf("as JSON: %s, %v", asJSON, err)
	}
	for _, secret := range []string{"hunter2", "4711"} {
		if strings.Contains(shown+reset+asJSON, secret) {
			t.Errorf("an operator sees %q", secret)
		}
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	env, s := operated(t)
	commit(t, s, bot.Commit{Chat: person, Update: "1", Cases: []bot.Case{{ID: "IQ-1"}}})
	// Within a shard the store gives a number once; the secret that spreads the chats is random.
	for i, taken := 0, true; taken; i++ {
		_, _, err := s.Commit(t.Context(), bot.Commit{Chat: bot.ChatID(fmt.Sprint(somebodyElse, i)), Update: "1", Cases: []bot.Case{{ID: "IQ-1"}}})
		if taken = errors.Is(err, bot.ErrVersionConflict); err != nil && !taken {
			t.Fatal(err)
		}
	}
	for _, verb := range []string{"show", "reset"} {
		for _, name := range []string{"IQ-2", string(person), s.Ref("telegram:1")} {
			_, err := command(t, env, "session", verb, name)
			wantError(t, err, name+": not found", "IQ-7K2M9AC")
		}
		_, err := command(t, env, "session", verb, "IQ-1")
		wantError(t, err, "IQ-1: two people have this case number")
		_, err = command(t, env, "session", verb)
		wantError(t, err, "<id>")
	}
}

func TestWithoutRedisThereIsNothingToLookInto(t *testing.T) {
	for _, args := range [][]string{{"session", "show", "IQ-1"}, {"session", "reset", "IQ-1"}, {"outbox"}, {"outbox", "delete", "--all"}, {"questions"}, {"questions", "ratings"}, {"questions", "drop", "Q-1"}} {
		_, err := command(t, nil, args...)
		wantError(t, err, "REDIS_URL is not set")
	}
}

func TestOperatorsDoNotWaitForEver(t *testing.T) {
	env := map[string]string{"REDIS_URL": "redis://" + freeAddress(t), "INSECURE_STORE": "true"}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := command(t, env, "outbox")
		wantError(t, err, "waited for Redis")
		if d := time.Since(start); d < operatorPatience/2 || d > operatorPatience {
			t.Errorf("it took %v", d)
		}
	})
}

func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", 119 * time.Second: "119 seconds", 2 * time.Minute: "2 minutes", 119 * time.Minute: "119 minutes",
		47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 100*24*time.Hour - 1: "100 days", 60*time.Hour - 1: "2 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestOperatorsHaveHelp(t *testing.T) {
	for _, args := range [][]string{
		{"keys"}, {"keys", "new"}, {"keys", "rotate"}, {"session"}, {"session", "show"}, {"session", "reset"}, {"outbox"}, {"outbox", "list"}, {"outbox", "delete"},
		{"questions"}, {"questions", "list"}, {"questions", "answer"}, {"questions", "drop"}, {"questions", "ratings"},
	} {
		if out := must(t, nil, append(args, "--help")...); !strings.Contains(out, "Usage: iqbot "+args[0]) {
			t.Errorf("%s --help says %s", strings.Join(args, " "), out)
		}
	}
}
