package locale

import (
	"fmt"
	"strings"
	"unicode"

	"iqbot/internal/content"
)

// CheckPeriods returns a fault for each message that tells people how long
// something lasts and does not use the placeholder for it, or writes it by hand.
// promises gives the placeholder of each; a message that is nowhere is not
// reported.
func (c *Catalog) CheckPeriods(promises map[string]string) content.Faults {
	var faults content.Faults
	for _, p := range c.printers {
		for id, name := range promises {
			t := p.texts[id]
			if t == nil {
				continue
			}
			fail := func(hint, format string, args ...any) {
				faults = append(faults, content.Fault{File: p.active(), Line: t.line, Reason: fmt.Sprintf("message %q ", id) + fmt.Sprintf(format, args...), Hint: hint})
			}
			use := "write {{." + name + "}}: the settings say how long it is"
			for _, form := range pluralForms {
				s := t.forms[form]
				if s == "" {
					continue
				}
				if !strings.Contains(s, "{{."+name+"}}") {
					fail(use, "does not say how long it is kept")
				}
				if word := p.PeriodIn(placeholder.ReplaceAllString(s, " ")); word != "" {
					fail(use, "writes a period by hand: %q", word)
				}
			}
		}
	}
	return faults.Sorted()
}

// PeriodIn returns the first word of a text that is a figure, or a unit of time as
// the messages "unit." write it, whatever its ending; "" if there is none.
func (p *Printer) PeriodIn(text string) string {
	units := p.unitWords()
	for _, word := range wordsOf(text) {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			return word
		}
		folded := Fold(word)
		for _, unit := range units {
			if strings.HasPrefix(folded, unit) {
				return word
			}
		}
	}
	return ""
}

// unitWords are the words for hours, days, weeks, months and years. What stands in the
// forms of several, such as a word for "one", is none.
func (p *Printer) unitWords() (words []string) {
	in := map[string]string{} // word -> the unit it is of
	several := map[string]bool{}
	for _, id := range units {
		t := p.texts[id]
		if t == nil {
			continue
		}
		for _, s := range t.forms {
			for _, word := range wordsOf(placeholder.ReplaceAllString(s, " ")) {
				word = Fold(word)
				if of, known := in[word]; known && of != id {
					several[word] = true
				}
				in[word] = id
			}
		}
	}
	for word := range in {
		if !several[word] {
			words = append(words, word)
		}
	}
	return words
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
}
