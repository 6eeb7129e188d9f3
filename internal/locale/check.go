package locale

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"iqbot/internal/content"
	"iqbot/internal/richtext"
)

// pluralForms are the categories of CLDR in their usual order.
var pluralForms = []string{"zero", "one", "two", "few", "many", "other"}

// units are the messages that the package itself needs.
var units = []string{"unit.hour", "unit.day", "unit.week", "unit.month", "unit.year"}

// Check returns what is incomplete, by file and line: a message of the
// reference language that another lacks, or has with other placeholders or
// without a plural form that CLDR asks of the language; a message that the
// reference lacks; an id of used that a language lacks; a message without
// description; bold that is not closed. Of used, what flows and code ask for,
// nothing is reported twice.
func (c *Catalog) Check(used []string) content.Faults {
	reference := c.printers[0]
	needed := map[string]bool{}
	for _, id := range slices.Concat(used, units, slices.Collect(maps.Keys(reference.texts))) {
		needed[id] = true
	}
	var faults content.Faults
	for _, p := range c.printers {
		for id := range needed {
			if !p.Has(id) {
				f := content.Fault{File: p.active(), Line: p.texts[id].at(), Reason: fmt.Sprintf("message %q is missing", id)}
				if r := reference.texts[id]; r != nil && p != reference {
					f.Hint = fmt.Sprintf("see %s:%d", reference.active(), r.line)
				}
				faults = append(faults, f)
			}
		}
		forms := formsOf(p.tag)
		for id, t := range p.texts {
			for _, f := range p.checkText(t, reference.texts[id], forms) {
				f.File, f.Line = p.active(), t.line
				f.Reason = fmt.Sprintf("message %q %s", id, f.Reason)
				faults = append(faults, f)
			}
		}
	}
	return faults.Sorted()
}

// checkText compares one message with the same in the reference language, nil if it is not there.
func (p *Printer) checkText(t, ref *text, forms map[string]string) (faults content.Faults) {
	fail := func(hint, format string, args ...any) {
		faults = append(faults, content.Fault{Reason: fmt.Sprintf(format, args...), Hint: hint})
	}
	if strings.TrimSpace(t.description) == "" {
		fail("", "has no description")
	}
	if ref == nil {
		fail("the reference language has every message", "is not in %s", p.catalog.printers[0].active())
		ref = t
	}
	if len(t.forms) > 0 && (ref.plural() || t.plural()) {
		for _, form := range pluralForms {
			if examples, asked := forms[form]; asked && t.forms[form] == "" {
				fail(form+" is for "+examples, "has no plural form %s", form)
			} else if !asked && t.forms[form] != "" {
				fail("", "has a plural form %s that the language does not know", form)
			}
		}
	}
	for _, form := range pluralForms {
		s := t.forms[form]
		if s == "" {
			continue
		}
		names, _ := placeholders(s) // Load has seen to the error
		for _, name := range ref.params {
			// A form that is for one number only, such as "a day", need not show it.
			single := name == "Count" && !strings.Contains(forms[form], ", ")
			if !slices.Contains(names, name) && !single {
				fail("", "lacks {{.%s}} in form %s", name, form)
			}
		}
		for _, name := range names {
			if !slices.Contains(ref.params, name) {
				fail("", "has {{.%s}} in form %s, which the reference has not", name, form)
			}
		}
		if !balanced(s) {
			fail("", "opens or closes ** without its other half in form %s", form)
		}
	}
	return faults
}

// CheckLengths returns a fault for each form of a message that is longer than
// its limit, in UTF-16 units, as Telegram counts. Placeholders do not count.
func (c *Catalog) CheckLengths(limits map[string]int) content.Faults {
	var faults content.Faults
	for _, p := range c.printers {
		for id, limit := range limits {
			t := p.texts[id]
			if t == nil {
				continue
			}
			for _, form := range pluralForms {
				words := richtext.Parse(placeholder.ReplaceAllString(t.forms[form], "")).Plain()
				if n := len(utf16.Encode([]rune(words))); n > limit {
					faults = append(faults, content.Fault{
						File: p.active(), Line: t.line, Reason: fmt.Sprintf("message %q has %d characters, at most %d fit", id, n, limit),
						Hint: "it is shown where there is no more room",
					})
				}
			}
		}
	}
	return faults.Sorted()
}

// placeholder is a template action.
var placeholder = regexp.MustCompile(`\{\{.*?\}\}`)

// Placeholders returns the names that a message of the reference language wants to be filled, sorted.
func (c *Catalog) Placeholders(id string) []string {
	if t := c.printers[0].texts[id]; t != nil {
		return t.params
	}
	return nil
}

// Unused returns a fault for each message of the reference language that is
// not in used, the ids that flows and code ask for.
func (c *Catalog) Unused(used []string) content.Faults {
	p := c.printers[0]
	var faults content.Faults
	for id, t := range p.texts {
		if !slices.Contains(used, id) && !slices.Contains(units, id) {
			faults = append(faults, content.Fault{File: p.active(), Line: t.line, Reason: fmt.Sprintf("message %q is never used", id)})
		}
	}
	return faults.Sorted()
}

// active names the file of the messages.
func (p *Printer) active() string {
	return path.Join(p.language.Tag, "active."+p.language.Tag+".toml")
}

// formsOf returns the plural categories of a language with numbers that are of
// them. go-i18n keeps its rules to itself, so it is asked: a message of all
// forms answers each number with the name of its form. The numbers reach every
// rule of CLDR; the million is for the Romance languages, the fractions for Slavic ones.
func formsOf(tag language.Tag) map[string]string {
	bundle := i18n.NewBundle(tag)
	probe := &i18n.Message{ID: "probe", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}
	if err := bundle.AddMessages(tag, probe); err != nil {
		return map[string]string{"other": "every number"}
	}
	numbers := make([]string, 0, 205)
	for n := range 201 {
		numbers = append(numbers, strconv.Itoa(n))
	}
	localizer := i18n.NewLocalizer(bundle, tag.String())
	examples := map[string][]string{}
	for _, n := range append(numbers, "1000", "1000000", "0.5", "1.5") {
		if form, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: "probe", PluralCount: n}); err == nil && len(examples[form]) < 4 {
			examples[form] = append(examples[form], n)
		}
	}
	out := map[string]string{}
	for form, e := range examples {
		out[form] = strings.Join(e, ", ")
	}
	return out
}

// balanced says whether every ** that is not marked as text has its other half.
func balanced(s string) bool {
	open := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "**"):
			open = !open
			i++
		}
	}
	return !open
}
