package bot

import (
	"fmt"
	"path"
	"slices"

	"iqbot/internal/answer"
	"iqbot/internal/content"
	"iqbot/internal/locale"
)

// How long what is stored is kept is a setting, and people are told: under
// /privacy and where they are asked for their consent. Texts get the periods as
// values, so that what they promise is what happens.

// The placeholders of periods, which every message of a flow may have.
const (
	paramDialoguePeriod = "DialoguePeriod"
	paramCasePeriod     = "CasePeriod"
	paramQuestionPeriod = "QuestionPeriod"
)

var periodOf = map[string]string{
	paramDialoguePeriod: answer.PeriodDialogue, paramCasePeriod: answer.PeriodCase, paramQuestionPeriod: answer.PeriodQuestion,
}

// promises are the messages that ask for a consent, by which placeholder tells
// how long what is consented to is kept; and promised are the periods that the
// privacy notice tells.
var (
	promises = map[string]string{"handoff.consent": paramCasePeriod, msgConsent: paramQuestionPeriod}
	promised = []string{answer.PeriodDialogue, answer.PeriodCase, answer.PeriodQuestion}
)

// WithPeriods is the same content with the periods that hold. Both have one index.
func (c *Content) WithPeriods(p answer.Periods) *Content {
	with := c.copied()
	with.Articles, with.periods = c.Articles.WithPeriods(p), p
	return with
}

// addPeriods puts the periods among the values of a message.
func (c *Content) addPeriods(p *locale.Printer, params locale.Params) locale.Params {
	for name, of := range periodOf {
		params[name] = locale.Markup(p.Period(c.periods[of]))
	}
	return params
}

// checkPeriods finds promises that leave a period out or write one by hand.
func (c *Content) checkPeriods() content.Faults {
	faults := c.Catalog.CheckPeriods(promises)
	for _, l := range c.Catalog.Languages() {
		a, ok := c.Articles.Article(privacyTopic, l.Tag)
		if !ok || a.Lang != l.Tag {
			continue
		}
		file := path.Join(l.Tag, "articles", privacyTopic+".md")
		for _, name := range promised {
			if !slices.Contains(a.Periods, name) {
				faults = append(faults, content.Fault{File: file, Reason: fmt.Sprintf("does not say how long a %s is kept", name), Hint: fmt.Sprintf("write {{period %q}}", name)})
			}
		}
		if word := c.Catalog.Printer(l.Tag).PeriodIn(a.WithoutPeriods()); word != "" {
			faults = append(faults, content.Fault{File: file, Reason: fmt.Sprintf("writes a period by hand: %q", word), Hint: `write {{period "dialogue"}}: the settings say how long it is`})
		}
	}
	return faults
}
