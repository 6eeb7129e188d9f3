package library

import (
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"iqbot/internal/content"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// source and fact are the entries of facts.yaml.
type source struct {
	Label     string `yaml:"label"`
	URL       string `yaml:"url"`
	AsOf      string `yaml:"as_of"`
	Retrieved string `yaml:"retrieved"`
}

type fact struct {
	Kind     string `yaml:"kind"`
	Value    string `yaml:"value"`
	Min      string `yaml:"min"`
	Max      string `yaml:"max"`
	Currency string `yaml:"currency"`
	Unit     string `yaml:"unit"`
	Source   string `yaml:"source"`
	ReviewBy string `yaml:"review_by"`
	faulty   bool   // has been reported
}

type factFile struct {
	Sources map[string]source `yaml:"sources"`
	Facts   map[string]fact   `yaml:"facts"`
}

// readFacts reads facts.yaml. A fact that is not right is reported once, here.
func (ld *loader) readFacts() {
	ld.factsDoc = ld.YAML(factsFile, &ld.facts)
	if !ld.factsDoc.OK() && (len(ld.facts.Facts) == 0 || len(ld.facts.Sources) == 0) {
		ld.noFacts = true
		return
	}
	for id, s := range ld.facts.Sources {
		for _, reason := range s.faults() {
			ld.factsDoc.Fault(content.Path{"sources", id}, "source %q: %s", id, reason)
		}
	}
	for id, f := range ld.facts.Facts {
		reasons := f.faults()
		if _, ok := ld.facts.Sources[f.Source]; !ok {
			reasons = append(reasons, fmt.Sprintf("source %q is unknown", f.Source))
		}
		for _, reason := range reasons {
			ld.factsDoc.Fault(content.Path{"facts", id}, "fact %q: %s", id, reason)
		}
		if len(reasons) > 0 {
			f.faulty = true
			ld.facts.Facts[id] = f
		}
		ld.used["sources."+f.Source] = true
	}
}

// fields are what a fact of each kind consists of, beside source and review_by.
var fields = map[string][]string{
	"money":          {"value", "currency"},
	"money-range":    {"min", "max", "currency"},
	"number":         {"value"},
	"number-range":   {"min", "max"},
	"percent":        {"value"},
	"duration":       {"value", "unit"},
	"duration-range": {"min", "max", "unit"},
	"date":           {"value"},
	"year":           {"value"},
	"url":            {"value"},
	"email":          {"value"},
	"phone":          {"value"},
	"name":           {"value"},
}

var (
	units       = []string{"hour", "day", "week", "month", "year"}
	currencyRE  = regexp.MustCompile(`^[A-Z]{3}$`)
	yearRE      = regexp.MustCompile(`^\d{4}(-\d{4})?$`)
	phoneRE     = regexp.MustCompile(`^\+?\d[\d ()/-]*\d$`)
	asOfLayouts = []string{time.DateOnly, "2006-01", "2006"}
)

// faults returns what is wrong with s itself.
func (s source) faults() (out []string) {
	if s.Label == "" {
		out = append(out, "label is missing")
	}
	if s.URL != "" && !goodURL(s.URL) {
		out = append(out, fmt.Sprintf("url %q is no web address", s.URL))
	}
	if s.AsOf != "" && !yearRE.MatchString(s.AsOf) && !goodDate(s.AsOf, asOfLayouts...) {
		out = append(out, fmt.Sprintf("as_of %q is not like 2026-07-05, 2026-07, 2026 or 2015-2018", s.AsOf))
	}
	return append(out, dayFaults("retrieved", s.Retrieved)...)
}

// faults returns what is wrong with f itself.
func (f fact) faults() (out []string) {
	wants, ok := fields[f.Kind]
	if !ok {
		return []string{fmt.Sprintf("kind %q is unknown", f.Kind)}
	}
	for _, field := range []struct{ name, value string }{
		{"value", f.Value}, {"min", f.Min}, {"max", f.Max}, {"currency", f.Currency}, {"unit", f.Unit},
	} {
		switch {
		case slices.Contains(wants, field.name) && field.value == "":
			out = append(out, field.name+" is missing")
		case !slices.Contains(wants, field.name) && field.value != "":
			out = append(out, fmt.Sprintf("%s has no meaning for kind %s", field.name, f.Kind))
		}
	}
	if len(out) == 0 {
		if reason := f.wrong(); reason != "" {
			out = append(out, reason)
		}
	}
	return append(out, dayFaults("review_by", f.ReviewBy)...)
}

// wrong returns why the value does not fit the kind, or "".
func (f fact) wrong() string {
	switch f.Kind {
	case "date":
		return unless(goodDate(f.Value, time.DateOnly), "value %q is no day like 2026-07-05", f.Value)
	case "year":
		return unless(yearRE.MatchString(f.Value), "value %q is no year like 2026 or 2015-2018", f.Value)
	case "url":
		return unless(goodURL(f.Value), "value %q is no web address", f.Value)
	case "email":
		a, err := mail.ParseAddress(f.Value)
		return unless(err == nil && a.Address == f.Value, "value %q is no email address", f.Value)
	case "phone":
		return unless(phoneRE.MatchString(f.Value), "value %q is no telephone number", f.Value)
	case "name":
		return unless(!strings.ContainsAny(f.Value, "\n\r"), "value %q has more than one line", f.Value)
	}
	whole := strings.HasPrefix(f.Kind, "duration")
	for _, n := range []string{f.Value, f.Min, f.Max} {
		if n != "" && !goodNumber(n, whole) {
			return fmt.Sprintf("%q is not a number that kind %s takes", n, f.Kind)
		}
	}
	switch {
	case f.Min != "" && number(f.Min) >= number(f.Max):
		return fmt.Sprintf("min %s is not below max %s", f.Min, f.Max)
	case f.Currency != "" && !currencyRE.MatchString(f.Currency):
		return fmt.Sprintf("currency %q is not like EUR", f.Currency)
	case f.Unit != "" && !slices.Contains(units, f.Unit):
		return fmt.Sprintf("unit %q is none of %s", f.Unit, strings.Join(units, ", "))
	}
	return ""
}

func unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func goodDate(s string, layouts ...string) bool {
	return slices.ContainsFunc(layouts, func(layout string) bool {
		_, err := time.Parse(layout, s)
		return err == nil
	})
}

// dayFaults returns what is wrong with a field that must hold a day.
func dayFaults(field, value string) []string {
	switch {
	case value == "":
		return []string{field + " is missing"}
	case !goodDate(value, time.DateOnly):
		return []string{fmt.Sprintf("%s %q is no day like 2026-07-05", field, value)}
	}
	return nil
}

// day reads a day that dayFaults has accepted.
func day(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s)
	return t
}

// goodURL asks also that the address can stand in a link of the markup.
func goodURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, "() \n")
}

func goodNumber(s string, whole bool) bool {
	n, err := strconv.ParseFloat(s, 64)
	return err == nil && n >= 0 && n < 1e12 && (!whole || n == math.Trunc(n))
}

// number reads a number that goodNumber has accepted.
func number(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64)
	return n
}

// text writes f in the language of p, as markup.
func (f fact) text(p *locale.Printer) string {
	value, low, high := number(f.Value), number(f.Min), number(f.Max)
	switch f.Kind {
	case "money":
		return p.Money(value, f.Currency)
	case "money-range":
		return p.MoneyRange(low, high, f.Currency)
	case "number":
		return p.Number(value)
	case "number-range":
		return p.NumberRange(low, high)
	case "percent":
		return p.Percent(value)
	case "duration":
		return p.Duration(int(value), f.Unit)
	case "duration-range":
		return p.DurationRange(int(low), int(high), f.Unit)
	case "date", "year":
		return p.AsOf(f.Value)
	default: // foreign strings
		return p.Isolate(richtext.Escape(f.Value))
	}
}

// address returns f as it stands in the address part of a link behind scheme,
// which is "", "mailto:" or "tel:"; false if it makes no address.
func (f fact) address(scheme string) (string, bool) {
	switch {
	case f.Kind == "url" && scheme == "", f.Kind == "email" && scheme == "mailto:":
		return f.Value, true
	case f.Kind == "phone" && scheme == "tel:":
		return strings.Map(func(r rune) rune {
			if r == '+' || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, f.Value), true
	}
	return "", false
}
