package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
)

func postedFound(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{aCase("IQ-1", alice)}})
	open := claim(t, s) // group and mail
	const advisors = bot.ChatID("telegram:-100200300")
	for _, id := range []bot.MessageRef{"11", "12", "11"} {
		if err := s.Posted(ctx, open[0], bot.Posting{Chat: advisors, Message: id}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Postpone(ctx, open[0], time.Minute, bot.SendUnknown); err != nil {
		t.Fatal(err)
	}
	if err := s.Notified(ctx, open[1]); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Minute)
	if again := claim(t, s); len(again) != 1 || again[0].Posted != nil {
		t.Fatalf("nothing is to be taken back yet: %+v", again)
	}
	commit(t, s, bot.Commit{Update: "u2", Erase: true})
	// It was posted by a try that was under way when the person left.
	if err := s.Posted(ctx, open[0], bot.Posting{Chat: advisors, Message: "13"}); err != nil {
		t.Fatal(err)
	}
	for key, value := range r.keys(t) {
		if strings.Contains(key+value, "100200300") {
			t.Errorf("the advisors' chat is in the clear: %s = %s", key, value)
		}
	}
	r.advance(30 * time.Second)
	got := claim(t, s)
	if len(got) != 2 || got[0].Target != "group" || got[1].Posted != nil {
		t.Fatalf("withdrawals: %+v", got)
	}
	found := map[bot.MessageRef]bot.ChatID{}
	for _, p := range got[0].Posted {
		found[p.Message] = p.Chat
	}
	if diff := cmp.Diff(map[bot.MessageRef]bot.ChatID{"11": advisors, "12": advisors, "13": advisors}, found); diff != "" {
		t.Error(diff)
	}
	for _, n := range got {
		if err := s.Notified(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	// All is over, and who comes late keeps nothing.
	if err := s.Posted(ctx, open[0], bot.Posting{Chat: advisors, Message: "14"}); err != nil {
		t.Fatal(err)
	}
	for key := range r.keys(t) {
		if strings.Contains(key, "IQ-1") {
			t.Errorf("left: %s", key)
		}
	}
	if err := s.Posted(ctx, bot.Notification{ID: "x", Withdrawn: true}, bot.Posting{}); err == nil {
		t.Error("something was posted for a withdrawal of nobody")
	}
}

func waitingNotifications(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	if got, err := s.WaitingNotifications(ctx, 10); err != nil || len(got) != 0 {
		t.Fatal(got, err)
	}
	opened := time.UnixMilli(r.clock.Load()).UTC()
	commit(t, s, bot.Commit{Update: "u1", Cases: []bot.Case{aCase("IQ-1", alice)}})
	for _, n := range claim(t, s) {
		reason := bot.SendBlocked
		if n.Target == "mail" {
			reason = bot.SendFailed
		}
		if err := s.Postpone(ctx, n, time.Hour, reason); err != nil {
			t.Fatal(err)
		}
	}
	r.advance(time.Minute)
	withdrawn := opened.Add(time.Minute)
	want := []bot.WaitingNotification{
		{Case: "IQ-1", Target: "group", Attempts: 1, Since: opened, Reason: bot.SendBlocked, Due: opened.Add(time.Hour)},
		{Case: "IQ-1", Target: "mail", Attempts: 1, Since: opened, Reason: bot.SendFailed, Due: opened.Add(time.Hour)},
	}
	got, err := s.WaitingNotifications(ctx, 10)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(diff, err)
	}
	if got, err := s.WaitingNotifications(ctx, 1); err != nil || !cmp.Equal(got, want[:1]) {
		t.Errorf("one: %+v, %v", got, err)
	}
	// A release before this one did not keep the time.
	key := shardKey(s.place(alice).shard, caseOf+"IQ-1")
	if err := r.db.HDel(ctx, key, "o").Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.WaitingNotifications(ctx, 1); err != nil || len(got) != 1 || got[0].Since.After(withdrawn.Add(time.Second)) || got[0].Since.Before(opened.Add(-time.Second)) {
		t.Errorf("of an earlier release: %+v, %v; want it since %v", got, err, opened)
	}
	commit(t, s, bot.Commit{Update: "u2", Withdraw: true})
	for i := range want {
		want[i].Withdrawn, want[i].Attempts, want[i].Since, want[i].Reason = true, 0, withdrawn, ""
	}
	got, err = s.WaitingNotifications(ctx, 10)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(diff, err)
	}
}

func targetFails(t *testing.T, r *rig) {
	s, other := r.open(t), r.open(t)
	ctx := t.Context()
	const failing = 10 * time.Minute
	var told []string
	note := func(x bot.TargetState, err error) bot.TargetState {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if x.Began || x.Ended {
			told = append(told, fmt.Sprint(x.Began, x.Ended))
		}
		return x
	}
	want := func(what string, n int) {
		t.Helper()
		if len(told) != n {
			t.Errorf("%s: told %v", what, told)
		}
		told = nil
	}
	since := time.UnixMilli(r.clock.Load()).UTC()
	note(s.Failed(ctx, "group", bot.SendFailed, failing))
	r.advance(failing - time.Millisecond)
	if x := note(other.Failed(ctx, "group", bot.SendBlocked, failing)); x.Since != since || x.Reason != bot.SendBlocked {
		t.Errorf("got %+v, want since %v", x, since)
	}
	want("before its time", 0)
	note(s.Took(ctx, "group")) // one of others was taken
	note(s.Failed(ctx, "group", bot.SendBlocked, failing))
	r.advance(failing - time.Millisecond)
	note(s.Target(ctx, "group", true, failing))
	want("a success came between", 0)
	r.advance(time.Millisecond)
	note(s.Target(ctx, "group", false, failing))
	note(s.Target(ctx, "mail", true, failing))
	want("nothing waits, and another target", 0)
	note(s.Target(ctx, "group", true, failing))
	want("ten minutes", 1)
	note(other.Target(ctx, "group", true, failing))
	note(other.Failed(ctx, "group", bot.SendBlocked, failing))
	want("it is known", 0)
	if x := note(other.Took(ctx, "group")); !x.Ended || !x.Since.IsZero() {
		t.Errorf("got %+v", x)
	}
	note(s.Took(ctx, "group"))
	want("it recovers", 1)
}

func lateCase(t *testing.T, r *rig) {
	for name, tc := range map[string]struct {
		group, mail bot.SendReason // "" if it took the case, "-" if it was not tried
		over        bool
		want        bool
	}{
		"both fail for long":                      {bot.SendFailed, bot.SendFailed, true, true},
		"both fail, not for long":                 {bot.SendFailed, bot.SendFailed, false, false},
		"both refuse for good":                    {bot.SendBlocked, bot.SendRefused, false, true},
		"one refuses, the other may take it":      {bot.SendBlocked, bot.SendFailed, false, false},
		"one refuses, the other was not tried":    {bot.SendBlocked, "-", false, false},
		"one refuses, and the other has taken it": {bot.SendBlocked, "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r.flush(t)
			s := r.open(t)
			ctx := t.Context()
			commit(t, s, bot.Commit{Update: "u1", State: state("x"), Cases: []bot.Case{aCase("IQ-1", alice)}})
			open := claim(t, s)
			for i, reason := range []bot.SendReason{tc.group, tc.mail} {
				var err error
				switch reason {
				case "-":
				case "":
					err = s.Notified(ctx, open[i])
				default:
					err = s.Postpone(ctx, open[i], time.Minute, reason)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			words := []bot.Message{text("late:IQ-1/0", "your case"), text("late:IQ-1/1", "addresses")}
			for range 2 { // two processes, or one twice
				told, err := s.Late(ctx, open[0], tc.over, words)
				if err != nil || told != tc.want {
					t.Fatalf("told: %v, %v", told, err)
				}
				tc.want = false
			}
			r.advance(time.Minute)
			for _, n := range claim(t, s) {
				if n.PersonTold != (name == "both fail for long" || name == "both refuse for good") {
					t.Errorf("%s: the person knows: %v", n.ID, n.PersonTold)
				}
			}
			if taken := dueChats(t, s); len(taken) > 0 {
				wantIDs(t, taken[0].Messages, "late:IQ-1/0 late:IQ-1/1")
			}
		})
	}
	t.Run("who is gone hears nothing", func(t *testing.T) {
		r.flush(t)
		s := r.open(t)
		commit(t, s, bot.Commit{Update: "u1", State: state("x"), Cases: []bot.Case{aCase("IQ-1", alice)}})
		open := claim(t, s)
		commit(t, s, bot.Commit{Update: "u2", Erase: true})
		if told, err := s.Late(t.Context(), open[0], true, []bot.Message{text("m", "x")}); err != nil || told || len(dueChats(t, s)) > 0 {
			t.Error(told, err)
		}
	})
}
