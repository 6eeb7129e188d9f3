package library

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"iqbot/internal/locale"
)

// Periods are how long what is stored of people is kept, by what it is. They are
// facts like those of facts.yaml, but come from the settings, so that a text never
// promises another period than the one that holds: {{period "dialogue"}}.
type Periods map[string]time.Duration

// What a period is of.
const (
	PeriodDialogue = "dialogue" // an idle dialogue
	PeriodCase     = "case"     // a case for the advisors
	PeriodQuestion = "question" // a question for the editors
	PeriodErased   = "erased"   // what remains of an erased dialogue
)

// DefaultPeriods are those of settings that say nothing.
func DefaultPeriods() Periods {
	const day = 24 * time.Hour
	return Periods{PeriodDialogue: 90 * day, PeriodCase: 180 * day, PeriodQuestion: 180 * day, PeriodErased: 2 * day}
}

var periodRE = regexp.MustCompile(`\{\{\s*period\s+"([^"]*)"\s*\}\}`)

// WithPeriods is the same library with other periods in its texts.
func (l *Library) WithPeriods(p Periods) *Library {
	with := *l
	with.articles, with.talks = maps.Clone(l.articles), maps.Clone(l.talks)
	for id, a := range with.articles {
		if len(a.Periods) > 0 {
			a.Body = fillPeriods(a.Unfilled, l.cat.Printer(id.Lang), p)
			with.articles[id] = a
		}
	}
	for id, t := range with.talks {
		if len(t.Periods) > 0 {
			t.Body = fillPeriods(t.Unfilled, l.cat.Printer(id.Lang), p)
			with.talks[id] = t
		}
	}
	return &with
}

// WithoutPeriods is the text of an article in which the periods are left out.
func (a Article) WithoutPeriods() string {
	if a.Unfilled == "" {
		return a.Body
	}
	return periodRE.ReplaceAllString(a.Unfilled, " ")
}

func fillPeriods(body string, printer *locale.Printer, p Periods) string {
	return periodRE.ReplaceAllStringFunc(body, func(action string) string {
		return printer.Period(p[periodRE.FindStringSubmatch(action)[1]])
	})
}

// fillPeriods fills in the periods that the settings give if they say nothing,
// and keeps the text without them for others.
func (s *shelf) fillPeriods(d *draft) {
	for _, m := range periodRE.FindAllStringSubmatch(d.Body, -1) {
		if !slices.Contains(d.Periods, m[1]) {
			d.Periods = append(d.Periods, m[1])
		}
	}
	if len(d.Periods) > 0 {
		d.Unfilled = d.Body
		d.Body = fillPeriods(d.Body, s.cat.Printer(d.Lang), DefaultPeriods())
	}
}
