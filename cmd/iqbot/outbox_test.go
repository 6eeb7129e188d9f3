package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/store"
)

// undelivered has one chat with a message that waits and two that were given
// up, and another chat with one of those.
func undelivered(t *testing.T, s *store.Store) {
	t.Helper()
	lease := commit(t, s, bot.Commit{Chat: person, Update: "1", Outbox: []bot.Message{{ID: "1.0"}, {ID: "1.1"}, {ID: "1.2"}}, Cases: []bot.Case{{ID: "IQ-3A"}}})
	other := commit(t, s, bot.Commit{Chat: somebodyElse, Update: "1", Outbox: []bot.Message{{ID: "1.0"}}})
	for _, d := range []struct {
		lease bot.Lease
		id    string
		why   bot.SendReason
	}{{lease, "1.0", bot.SendRefused}, {lease, "1.1", bot.SendUnknown}, {other, "1.0", bot.SendBlocked}} {
		if _, err := s.Drop(t.Context(), d.lease, d.id, d.why); err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * time.Millisecond) // the list is in the order of the milliseconds
	}
	if err := s.Retry(t.Context(), lease, "1.2", time.Hour); err != nil {
		t.Fatal(err)
	}
}

func TestTheOutboxIsListed(t *testing.T) {
	env, s := operated(t)
	if got, want := must(t, env, "outbox"), "Chats with waiting messages: none\n\nCases that wait for advisors to be told: none\n\nMessages that could not be delivered: none\n"; got != want {
		t.Errorf("of nothing: %q, want %q", got, want)
	}
	if got, want := must(t, env, "outbox", "--json"), "{\n  \"waiting\": [],\n  \"notifications\": [],\n  \"undelivered\": []\n}\n"; got != want {
		t.Errorf("of nothing: %q, want %q", got, want)
	}
	undelivered(t, s)
	waiting, err := s.Notifications(t.Context(), 1) // a case is of undelivered, too
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	if err := s.Postpone(t.Context(), waiting[0], time.Hour, bot.SendBlocked); err != nil {
		t.Fatal(err)
	}
	ref, others := s.Ref(person), s.Ref(somebodyElse)
	lines := func(s string) (out []string) { // the width of a time depends on the zone
		for line := range strings.Lines(timeless(s)) {
			out = append(out, strings.Join(strings.Fields(line), " "))
		}
		return out
	}
	listed := must(t, env, "outbox")
	want := []string{
		"Chats with waiting messages: 1",
		"chat messages first since failed tries state",
		ref + " 1 <time> 1 next try in 60 minutes (<time>)",
		"",
		"Cases that wait for advisors to be told: 1",
		"case target since tries reason state",
		"IQ-3A group <time> 1 blocked next try in 60 minutes (<time>)",
		"",
		"Messages that could not be delivered: 3",
		"chat message reason time",
		others + " 1.0 blocked <time>",
		ref + " 1.1 unknown <time>",
		ref + " 1.0 refused <time>",
	}
	if diff := cmp.Diff(want, lines(listed)); diff != "" {
		t.Error(diff)
	}
	want[0] = "Chats with waiting messages: 1 or more, of which 1 are listed"
	want[4] = "Cases that wait for advisors to be told: 1 or more, of which 1 are listed"
	want[8] = "Messages that could not be delivered: 1 or more, of which 1 are listed"
	if diff := cmp.Diff(want[:11], lines(must(t, env, "outbox", "list", "--limit", "1"))); diff != "" {
		t.Error(diff)
	}
	asJSON := must(t, env, "outbox", "--json")
	var got struct {
		Waiting     []store.WaitingChat
		Undelivered []store.DeadLetter
		Advisors    []bot.WaitingNotification `json:"notifications"`
	}
	if err := json.Unmarshal([]byte(asJSON), &got); err != nil || len(got.Waiting) != 1 || len(got.Undelivered) != 3 {
		t.Fatalf("as JSON: %s, %v", asJSON, err)
	}
	if len(got.Advisors) != 1 || got.Advisors[0].Case != "IQ-3A" || got.Advisors[0].Reason != bot.SendBlocked || got.Advisors[0].Since.IsZero() {
		t.Errorf("as JSON: %+v", got.Advisors)
	}
	if w, d := got.Waiting[0], got.Undelivered[0]; w.Ref != ref || w.Messages != 1 || w.Attempts != 1 || w.Since.IsZero() ||
		d.Ref != others || d.Message != "1.0" || d.Reason != bot.SendBlocked || d.At.IsZero() {
		t.Errorf("as JSON: %s", asJSON)
	}
	for _, secret := range []string{"hunter2", "4711", "telegram"} {
		if strings.Contains(listed+asJSON, secret) {
			t.Errorf("an operator sees %q", secret)
		}
	}
	_, err = command(t, env, "outbox", "--limit", "0")
	wantError(t, err, "--limit 0")
}

func TestUndeliverableMessagesAreRemoved(t *testing.T) {
	env, s := operated(t)
	ref, others := s.Ref(person), s.Ref(somebodyElse)
	left := func() string {
		t.Helper()
		letters, err := s.DeadLetters(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, l := range letters {
			names = append(names, fmt.Sprint(l.Chat, " ", l.Message))
		}
		return strings.Join(names, ", ")
	}
	all := "telegram:99 1.0, telegram:4711 1.1, telegram:4711 1.0"
	for _, c := range []struct {
		args  []string
		fault string
		says  string
		left  string
	}{
		{[]string{}, "or give --all", "", all},
		{[]string{ref, "--all"}, "or give --all", "", all},
		{[]string{ref, "1.2"}, "no such message", "", all}, // it waits
		{[]string{s.Ref("telegram:1")}, "no such message", "", all},
		{[]string{"IQ-4"}, "IQ-4: not found", "", all},
		{[]string{ref, "1.0"}, "", "removed from the list: 1\n", "telegram:99 1.0, telegram:4711 1.1"},
		{[]string{"IQ-3A"}, "", "removed from the list: 1\n", "telegram:99 1.0"},
		{[]string{others}, "", "removed from the list: 1\n", ""},
		{[]string{others}, "no such message", "", ""},
		{[]string{"--all"}, "", "removed from the list: 0\n", ""},
	} {
		if len(c.args) == 0 {
			undelivered(t, s)
		}
		out, err := command(t, env, append([]string{"outbox", "delete"}, c.args...)...)
		if c.fault != "" {
			wantError(t, err, c.fault)
		} else if err != nil || out != c.says {
			t.Errorf("delete %q says %q, %v; want %q", c.args, out, err, c.says)
		}
		if got := left(); got != c.left {
			t.Errorf("delete %q leaves %q, want %q", c.args, got, c.left)
		}
	}
	if waiting, err := s.WaitingChats(t.Context(), 10); err != nil || len(waiting) != 1 {
		t.Errorf("what waits was touched: %v, %v", waiting, err)
	}
	lease := commit(t, s, bot.Commit{Chat: somebodyElse, Update: "2", Outbox: []bot.Message{{ID: "2.0"}}})
	if _, err := s.Drop(t.Context(), lease, "2.0", bot.SendBlocked); err != nil {
		t.Fatal(err)
	}
	if out := must(t, env, "outbox", "delete", "--all"); out != "removed from the list: 1\n" || left() != "" {
		t.Errorf("it says %q and leaves %q", out, left())
	}
}
