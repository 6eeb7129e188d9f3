package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"iqbot/internal/telegram/botapitest"
)

// asked is a service whose person, in Koblenz, has just sent a request to the advisors.
func asked(t *testing.T, before func(*botapitest.Group)) (api *botapitest.Server, group *botapitest.Group, user *botapitest.User, logged *syncBuffer, operators, number string) {
	t.Helper()
	api = botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	group = api.Group(advisors, "Beratung")
	if before != nil {
		before(group)
	}
	operators = freeAddress(t)
	logged = serve(t, map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(), "LISTEN_ADDR": "127.0.0.1:0", "OPS_ADDR": operators, "ADVISOR_CHAT_ID": strconv.Itoa(advisors),
		"SEND_BURST": "1000", "SEND_PER_CHAT": "1000",
	})
	user = api.User(1, "en", "")
	for _, line := range []string{"/start lang-en", "human", "1", "my secret words", "Koblenz", "By email", "a@b.de", "1"} {
		user.Send(line)
	}
	number = caseNumber.FindString(heard(t, user, "is saved and goes to the advisors").Text)
	return api, group, user, logged, operators, number
}

// heard waits for a message to a person.
func heard(t *testing.T, user *botapitest.User, part string) botapitest.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := user.Expect(ctx, func(m botapitest.Message) bool { return strings.Contains(m.Text, part) })
	if err != nil {
		t.Fatalf("nobody hears %q: %v; the last is %q", part, err, user.Last().Text)
	}
	return m
}

// The questions before /delete and /withdraw, and the privacy notice, promise this.
func TestWhatAdvisorsHaveIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		command, yes string
		age          time.Duration
	}{
		"deleted":                 {"/delete", "Yes, delete everything", 0},
		"withdrawn":               {"/withdraw", "Yes, withdraw", 0},
		"deleted, two days old":   {"/delete", "Yes, delete everything", 49 * time.Hour},
		"withdrawn, two days old": {"/withdraw", "Yes, withdraw", 49 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			api, group, user, logged, _, number := asked(t, nil)
			eventually(t, "the advisors know of the case", func() bool {
				ms := group.Messages()
				return len(ms) == 1 && strings.Contains(ms[0].Text, "my secret words")
			})
			eventually(t, "the store knows it", func() bool { return strings.Contains(logged.String(), "advisors were told of a case") })
			group.Age(tc.age)
			user.Send(tc.command)
			question := heard(t, user, "open requests to the advisors").Text
			for _, promise := range []string{"Telegram group", "take back emails", "have written down is with them", "/human"} {
				if !strings.Contains(question, promise) {
					t.Errorf("the question does not say %q: %q", promise, question)
				}
			}
			if err := user.Press(tc.yes); err != nil {
				t.Fatal(err)
			}
			var left []string
			eventually(t, "the advisors know that it is withdrawn", func() bool {
				left = nil
				for _, m := range group.Messages() {
					left = append(left, m.Text)
				}
				return len(left) > 0 && strings.Contains(left[len(left)-1], "zurückgezogen\n")
			})
			notice := left[len(left)-1]
			if !strings.Contains(notice, "löschen Sie alles, was Sie zu diesem Fall noch haben: Nachrichten, E-Mails und Notizen") || strings.Contains(notice, "selbst") {
				t.Errorf("the notice is %q", notice)
			}
			want := []string{}
			if tc.age > 0 {
				want = []string{number + ": zurückgezogen"}
			}
			if got := left[:len(left)-1]; !slices.Equal(got, want) {
				t.Errorf("left in the group: %q, want %q", got, want)
			}
			// And the addresses are where the question says.
			user.Send("/human")
			heard(t, user, "pass your question on")
			if err := user.Press("No, only show addresses"); err != nil {
				t.Fatal(err, user.Last().Buttons())
			}
			heard(t, user, "Email: ")
			if faults := api.Faults(); len(faults) > 0 {
				t.Errorf("faults: %q", faults)
			}
		})
	}
}

var mailbox = regexp.MustCompile(`\S+@\S+\.de`)

func TestAPersonHearsThatNoAdvisorWasReached(t *testing.T) {
	t.Parallel()
	_, _, user, logged, operators, number := asked(t, func(g *botapitest.Group) { g.Kick() })
	opened := heard(t, user, "is saved and goes to the advisors")
	late := heard(t, user, "has not reached the advisors yet")
	if !strings.Contains(late.Text, number) || !strings.Contains(late.Text, "The bot keeps trying") {
		t.Errorf("they hear %q", late.Text)
	}
	addresses := mailbox.FindAllString(opened.Text, -1)
	if again := mailbox.FindAllString(late.Text, -1); len(addresses) == 0 || !slices.Equal(addresses, again) {
		t.Errorf("the addresses were %q and are %q", addresses, again)
	}
	var metrics string
	eventually(t, "the metrics tell it", func() bool {
		metrics = get(t, "http://"+operators+"/metrics")
		return strings.Contains(metrics, `iqbot_notifications_failed_total{target="telegram"} 1`) && strings.Contains(metrics, "iqbot_cases_late_total 1")
	})
	for _, line := range []string{`iqbot_target_failing{target="telegram"} 0`, `iqbot_notifications_sent_total{target="telegram"} 0`, `iqbot_notification_oldest_seconds{target="telegram"} `, "iqbot_notifications_not_recalled_total 0"} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %q", line)
		}
	}
	if status := status(t, "http://"+operators+"/readyz"); status != 200 {
		t.Errorf("/readyz says %d: it is about the service itself", status)
	}
	for _, said := range []string{"reason=blocked", fmt.Sprint("case=", number), "a person was told that their case has reached nobody yet"} {
		if !strings.Contains(logged.String(), said) {
			t.Errorf("the log lacks %q", said)
		}
	}
}
