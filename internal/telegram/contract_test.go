package telegram

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"

	"iqbot/bot"
	"iqbot/bot/channeltest"
	"iqbot/internal/telegram/botapitest"
)

// The client passes the contract of channels, by long polling and by webhook.
func TestTheContractOfChannels(t *testing.T) {
	for how, open := range map[string]func(testing.TB) channeltest.Platform{"polling": byPolling, "webhook": byWebhook} {
		t.Run(how, func(t *testing.T) {
			for _, check := range channeltest.Checks() {
				t.Run(check.Name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { check.Run(t, open(t)) })
				})
			}
		})
	}
}

func byPolling(t testing.TB) channeltest.Platform {
	s, c := inProcess(t, botapitest.Options{})
	p := platform(t, s, c)
	p.Receive = func(ctx context.Context, handle channeltest.Handler) error { return c.Poll(ctx, handle) }
	return p
}

func byWebhook(t testing.TB) channeltest.Platform {
	hook := &deliveries{}
	s, c := inProcess(t, botapitest.Options{WebhookClient: &http.Client{Transport: hook}})
	p := platform(t, s, c)
	p.Receive = func(ctx context.Context, handle channeltest.Handler) error {
		const secret = "s3cret"
		hook.to = c.Webhook(secret, handle)
		if err := c.SetWebhook(ctx, "https://bot.invalid/hook", secret, 0); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	return p
}

// deliveries hands what Telegram sends to the webhook, without a network.
type deliveries struct{ to http.Handler }

func (d *deliveries) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.to.ServeHTTP(w, r)
	return w.Result(), nil
}

// platform is Telegram as the contract sees it.
func platform(t testing.TB, s *botapitest.Server, c *Client) channeltest.Platform {
	failing := func(kind botapitest.Kind) channeltest.Fault {
		return func(p channeltest.Person) bot.ChatID {
			s.Fail("sendMessage", 1, kind)
			return p.Chat()
		}
	}
	failingMark := func(kind botapitest.Kind) channeltest.Fault {
		return func(p channeltest.Person) bot.ChatID {
			s.Fail("editMessageReplyMarkup", 1, kind)
			return p.Chat()
		}
	}
	const first = 7000
	people := map[int]*botapitest.User{}
	return channeltest.Platform{
		Channel: c, Marks: true, Repeats: true,
		Person: func(n int) channeltest.Person {
			if people[n] == nil {
				people[n] = started(s, int64(first+n))
			}
			return person{t, people[n]}
		},
		Faults: map[bot.SendReason]channeltest.Fault{
			bot.SendFailed:    failing(botapitest.Internal),
			bot.SendUnknown:   failing(botapitest.DropAfter),
			bot.SendThrottled: failing(botapitest.Throttle),
			bot.SendForbidden: failing(botapitest.Unauthorized),
			bot.SendBlocked: func(p channeltest.Person) bot.ChatID {
				p.(person).u.Block()
				return p.Chat()
			},
			bot.SendRefused: func(channeltest.Person) bot.ChatID { return "telegram:nobody" },
			bot.SendMoved: func(channeltest.Person) bot.ChatID {
				s.Group(-5, "Advisors").Migrate(-1005)
				return "telegram:-5"
			},
		},
		Marked: func() int { return s.Calls("editMessageReplyMarkup") },
		MarkFaults: map[bot.SendReason]channeltest.Fault{
			bot.SendFailed:    failingMark(botapitest.Internal),
			bot.SendUnknown:   failingMark(botapitest.Slow),
			bot.SendThrottled: failingMark(botapitest.Throttle),
			bot.SendForbidden: failingMark(botapitest.Unauthorized),
			bot.SendRefused:   func(channeltest.Person) bot.ChatID { return "telegram:nobody" },
		},
	}
}

type person struct {
	t testing.TB
	u *botapitest.User
}

func (p person) Chat() bot.ChatID   { return chatID(p.u.ID) }
func (p person) Write(words string) { p.u.Send(words) }

func (p person) Press(label string) {
	if err := p.u.Press(label); err != nil {
		p.t.Fatalf("press %q: %v", label, err)
	}
}

func (p person) Shown() (out []channeltest.Shown) {
	for _, m := range p.u.Messages() {
		out = append(out, channeltest.Shown{
			Ref: bot.MessageRef(strconv.Itoa(m.ID)), Text: m.Text, Buttons: m.Buttons(), File: m.File, FileName: m.FileName,
		})
	}
	return out
}
