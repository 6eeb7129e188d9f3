package flow

import "testing"

func TestParseTyped(t *testing.T) {
	for in, want := range map[string]Input{
		"/start lang-uk":      command("start", "lang-uk"),
		"/start\nlang-uk":     command("start", "lang-uk"),
		"/MENU@iq_bot":        command("menu", ""),
		"  /help  ":           command("help", ""),
		"/":                   text("/"),
		"/ menu":              text("/ menu"),
		"/нема":               text("/нема"),
		"what about 1/2?":     text("what about 1/2?"),
		"/topic-costs please": text("/topic-costs please"),
	} {
		if got := ParseTyped(in); got != want {
			t.Errorf("ParseTyped(%q) = %+v, want %+v", in, got, want)
		}
	}
}
