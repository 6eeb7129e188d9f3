package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
)

func TestLateSaysWhomToAsk(t *testing.T) {
	c, err := content()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	k := bot.Case{ID: "IQ-7K2M9AC", Chat: "test:1", Language: "en", Place: "Koblenz"}
	words := map[string]string{"de": "nicht bei der Beratung angekommen", "en": "has not reached the advisors", "ar": "لم يصل طلبك", "uk": "ще не надійшов"}
	for lang, part := range words {
		messages := c.Late(k, lang, now)
		text := ""
		for _, m := range messages {
			text += m.Text.Plain()
			if m.ID != "late:IQ-7K2M9AC/0" {
				t.Errorf("%s: the id is %s", lang, m.ID)
			}
		}
		for _, want := range []string{part, "IQ-7K2M9AC", "https://www.caritas-koblenz.de", "https://www.anerkennung-in-deutschland.de"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %q", lang, text, want)
			}
		}
		if again := c.Late(k, lang, now.Add(time.Hour)); !cmp.Equal(messages, again) {
			t.Errorf("%s: another time they are others", lang)
		}
	}
	// Who has no dialogue any more is told in the language of the case; without a place there are all addresses of the Land.
	k.Place = "Bayern"
	if text := c.Late(k, "", now)[0].Text.Plain(); strings.Contains(text, "schneider-beratung.de") {
		t.Errorf("in another Land: %q", text)
	}
	k.Place = "Atlantis"
	text := c.Late(k, "", now)[0].Text.Plain()
	if !strings.Contains(text, words["en"]) || !strings.Contains(text, "schneider-beratung.de") || !strings.Contains(text, "anerkennung-in-deutschland") {
		t.Errorf("%q", text)
	}
}
