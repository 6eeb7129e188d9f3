package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"iqbot/internal/telegram/botapitest"
)

// A person who taps twice, because the phone was slow, means it once: on the
// whole way, from Telegram through the store and back.
func TestADoubleTapOnTelegramIsOneTap(t *testing.T) {
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	operators := freeAddress(t)
	serve(t, map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(), "LISTEN_ADDR": "127.0.0.1:0", "OPS_ADDR": operators,
		"FLOOD_BURST": "1000", "SEND_BURST": "1000", "SEND_PER_CHAT": "1000",
	})
	if code := status(t, "http://"+operators+"/readyz"); code != http.StatusOK {
		t.Fatalf("readyz answers %d", code)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	user := api.User(1, "en", "")
	// says sends words and returns the first message that follows.
	says := func(words string) botapitest.Message {
		t.Helper()
		before := len(user.Messages())
		user.Send(words)
		messages, err := user.WaitMessages(ctx, before+1)
		if err != nil {
			t.Fatal(err)
		}
		return messages[before]
	}
	// taps presses what carries data, one right after the other, as on a phone that
	// does not show yet what came of the first. Then it says words, whose answer has
	// the text end; updates of a chat are handled in order, so that is the last.
	taps := func(m botapitest.Message, words, end string, data ...string) (texts []string) {
		t.Helper()
		before := len(user.Messages())
		for _, d := range data {
			user.PressData(m.ID, d)
		}
		user.Send(words)
		for n := before + 1; len(texts) == 0 || !strings.Contains(texts[len(texts)-1], end); n++ {
			messages, err := user.WaitMessages(ctx, n)
			if err != nil {
				t.Fatalf("%v; so far %q", err, texts)
			}
			texts = append(texts, messages[n-1].Text)
		}
		return texts
	}
	const help = "What you can do here"
	says("/start lang-en")

	menu := says("/menu")
	if got := taps(menu, "/help", help, "menu/choose/offers", "menu/choose/offers"); len(got) != 2 {
		t.Errorf("two taps on the menu and /help are answered with %d messages, want 2: %q", len(got), got)
	}
	says("/menu") // which asks nothing again after an answer
	article := says("How much does recognition cost?")
	if got := taps(article, "/help", help, "t/duration", "t/duration"); len(got) != 2 {
		t.Errorf("two taps on an article and /help are answered with %d messages, want 2: %q", len(got), got)
	}
	// Nor does the second tap end the topic with which a question goes on.
	article = says("How much does recognition cost?")
	if got := taps(article, "and in Mainz?", "on this topic: How long does recognition take?", "t/duration", "t/duration"); len(got) != 2 {
		t.Errorf("two taps on an article and a question that goes on are answered with %q", got)
	}
	// An article that is shown again may be rated again, each message once.
	for range 2 {
		article = says("How much does recognition cost?")
		taps(article, "/help", help, "r/y/costs", "r/y/costs", "r/n/costs")
	}
	if page := get(t, "http://"+operators+"/metrics"); !strings.Contains(page, "iqbot_ratings_helpful_total 2\n") || !strings.Contains(page, "iqbot_ratings_unhelpful_total 0\n") {
		t.Errorf("two ratings are not two:\n%s", page)
	}
	// Who has deleted everything is not greeted.
	confirm := says("/delete")
	got := taps(confirm, "/start lang-en", "Welcome", "delete/confirm/yes", "delete/confirm/yes")
	if len(got) != 2 || !strings.Contains(got[0], "Everything is deleted") {
		t.Errorf("two taps on the deletion and /start are answered with %q", got)
	}
	if faults := api.Faults(); len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
}
