package flow

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"iqbot/internal/locale"
)

// digits brings what is written in digits into one form: [compact], with the decimal
// digits of every script as ASCII ones, and every dash and minus as "-".
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\u2212' || unicode.Is(unicode.Pd, r) {
			return '-'
		}
		return r
	}, locale.Digits(compact(s)))
}

var groups = regexp.MustCompile(`^[+-]?[0-9]{1,3}([ .,'\x{2019}][0-9]{3})+$`)

// number reads "1200", "1.200", "1 200", "2,5" and "2.5", in the digits of any
// script. One sign before exactly three digits groups thousands, as people
// here write salaries and years of work, not thousandths.
func number(s string) (float64, bool) {
	s = strings.NewReplacer("\u066B", ",", "\u066C", ".").Replace(digits(s))
	if groups.MatchString(s) {
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune(" .,'\u2019", r) {
				return -1
			}
			return r
		}, s)
	}
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	if strings.Trim(s, "+-.0123456789") != "" { // no "Inf", "0x1p4" or "1_000"
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

var datePattern = regexp.MustCompile(`^([0-9]{1,4})[ ./-]+([0-9]{1,2})[ ./-]+([0-9]{1,4})\.?$`)

// date reads a day as 24.11.2026, 24/11/2026, 24-11-2026 or 2026-11-24, in the
// digits of any script, and gives the last form. The day comes before the
// month, as in the languages of the service; a year has four digits.
func date(s string) (string, bool) {
	m := datePattern.FindStringSubmatch(digits(s))
	if m == nil {
		return "", false
	}
	year, month, day := m[3], m[2], m[1]
	if len(m[1]) == 4 {
		year, day = m[1], m[3]
	}
	if len(year) != 4 || len(day) > 2 {
		return "", false
	}
	t, err := time.Parse("2006-1-2", year+"-"+strings.TrimLeft(month, "0")+"-"+strings.TrimLeft(day, "0"))
	if err != nil {
		return "", false
	}
	return t.Format(time.DateOnly), true
}
