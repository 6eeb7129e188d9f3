package bot_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/answer"
	"iqbot/internal/answer/answertest"
	"iqbot/internal/network"
	"iqbot/locales"
)

// What people are told of how long something is kept is what the settings say, in
// every language, where they agree to it and under /privacy.
func TestPeopleAreToldThePeriodsOfTheSettings(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	other := loaded.WithPeriods(answer.Periods{
		answer.PeriodDialogue: 21 * day, answer.PeriodCase: 365 * day, answer.PeriodQuestion: 36 * time.Hour, answer.PeriodErased: day,
	})
	type words struct{ dialogue, request, question string }
	for lang, wants := range map[string][2]words{
		"de": {{"90 Tage", "180 Tage", "180 Tage"}, {"21 Tage", "1 Jahr", "36 Stunden"}},
		"en": {{"90 days", "180 days", "180 days"}, {"21 days", "1 year", "36 hours"}},
		"ar": {{"٩٠ يومًا", "١٨٠ يومًا", "١٨٠ يومًا"}, {"٢١ يومًا", "سنة واحدة", "٣٦ ساعة"}},
		"uk": {{"90 днів", "180 днів", "180 днів"}, {"21 день", "1 рік", "36 годин"}},
	} {
		for i, c := range []*bot.Content{loaded, other} {
			want, ch := wants[i], newChannel()
			e := running(t, bot.Options{Store: embedded(t), Channels: []bot.Channel{ch}, Content: c})
			read := func(line string) string {
				t.Helper()
				before := len(ch.messages("test:1"))
				handle(t, e, typed("test:1", line))
				e.Flush()
				var all []string
				for _, m := range ch.messages("test:1")[before:] {
					all = append(all, m.Text.Plain())
				}
				return strings.NewReplacer("\u2066", "", "\u2068", "", "\u2069", "").Replace(strings.Join(all, "\n"))
			}
			read("/start lang-" + lang)
			for line, periods := range map[string][]string{
				"/privacy":     {want.dialogue, want.request, want.question},
				"/human":       {want.request},
				"zzz qqq xxxx": {want.question},
			} {
				got := read(line)
				for _, period := range periods {
					if !strings.Contains(got, period) {
						t.Errorf("%s, %s does not say %q:\n%s", lang, line, period, got)
					}
				}
			}
		}
	}
}

// Nobody writes by hand what the settings say.
func TestAPromiseWithoutItsPeriodIsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ file, old, new, want string }{
		"left out":              {"de/active.de.toml", "{{.CasePeriod}}", "einer Weile", `message "handoff.consent" does not say how long it is kept (write {{.CasePeriod}}: the settings say how long it is)`},
		"in figures":            {"en/active.en.toml", "deleted here after: {{.CasePeriod}}", "deleted after 180 days, see {{.CasePeriod}}", `message "handoff.consent" writes a period by hand: "180"`},
		"in words":              {"de/active.de.toml", "nach einer Frist gelöscht: {{.CasePeriod}}", "gelöscht nach drei Monaten ({{.CasePeriod}})", `message "handoff.consent" writes a period by hand: "Monaten"`},
		"in words, in uk":       {"uk/active.uk.toml", "через: {{.QuestionPeriod}}", "через пів року ({{.QuestionPeriod}})", `message "feedback.consent" writes a period by hand: "року"`},
		"of an article":         {"de/articles/privacy.md", `{{period "case"}}`, "einer Weile", `locales/de/articles/privacy.md: does not say how long a case is kept (write {{period "case"}})`},
		"of an article, in ar":  {"ar/articles/privacy.md", `{{period "dialogue"}}`, `ثلاثة أشهر {{period "dialogue"}}`, `locales/ar/articles/privacy.md: writes a period by hand: "أشهر"`},
		"of a period not known": {"de/articles/privacy.md", `{{period "case"}}`, `{{period "cases"}}`, `period "cases" is unknown; there are case, dialogue, erased, question`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := answertest.Brief(t, locales.FS).(fstest.MapFS)
			text := string(changed[tt.file].Data)
			if !strings.Contains(text, tt.old) {
				t.Fatalf("%s does not say %q", tt.file, tt.old)
			}
			changed[tt.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, tt.old, tt.new, 1))}
			_, err := bot.LoadContent(flows.FS, changed, network.BuiltIn(), nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
