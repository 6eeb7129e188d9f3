package locale

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/number"

	"iqbot/internal/richtext"
)

// decimal writes a number with the digits and signs of the language.
func (p *Printer) decimal(n any, opts ...number.Option) string {
	return p.numbers.Sprint(number.Decimal(n, opts...))
}

// digits writes a whole number without grouping, as years and days are.
func (p *Printer) digits(n int) string {
	if n < 0 {
		return p.decimal(n, number.NoSeparator())
	}
	var b strings.Builder
	for _, d := range strconv.Itoa(n) {
		b.WriteString(p.digit[d-'0'])
	}
	return b.String()
}

func (p *Printer) between(from, to string) string {
	return fill(p.def.Range, "{from}", from, "{to}", to)
}

// Number writes n, rounded to two decimals at most.
func (p *Printer) Number(n float64) string { return p.decimal(n, number.MaxFractionDigits(2)) }

// NumberRange writes both numbers, or one if they are equal.
func (p *Printer) NumberRange(min, max float64) string {
	if min == max {
		return p.Number(max)
	}
	return p.between(p.Number(min), p.Number(max))
}

// Percent writes n hundredths: Percent(45) is "45 %" in German.
func (p *Printer) Percent(n float64) string {
	return p.numbers.Sprint(number.Percent(n/100, number.MaxFractionDigits(2)))
}

// Money writes an amount without decimals if it is whole, else with two.
// The currency is an ISO 4217 code; one that is not known is shown as it is.
func (p *Printer) Money(amount float64, code string) string {
	return p.money(p.amount(amount, whole(amount)), code)
}

// MoneyRange writes both amounts and the currency once; with decimals if one
// of the two needs them. If they are equal, it is Money.
func (p *Printer) MoneyRange(min, max float64, code string) string {
	if min == max {
		return p.Money(max, code)
	}
	w := whole(min) && whole(max)
	return p.money(p.between(p.amount(min, w), p.amount(max, w)), code)
}

// whole says whether n has no cents.
func whole(n float64) bool { return math.Mod(math.Round(n*100), 100) == 0 }

func (p *Printer) amount(n float64, whole bool) string {
	if whole {
		return p.decimal(n, number.Scale(0))
	}
	return p.decimal(n, number.Scale(2))
}

func (p *Printer) money(amount, code string) string {
	sign := p.def.Currencies[code]
	if sign == "" {
		sign = richtext.Escape(p.Isolate(code))
		if unit, err := currency.ParseISO(code); err == nil {
			sign = p.numbers.Sprint(currency.NarrowSymbol(unit))
		}
	}
	// "€5", but "CHF 5": a sign of letters does not touch the number.
	if last, _ := utf8.DecodeLastRuneInString(sign); unicode.IsLetter(last) && strings.Contains(p.def.Money, "{currency}{amount}") {
		sign += "\u00a0"
	}
	return fill(p.def.Money, "{amount}", amount, "{currency}", sign)
}

// Duration writes n units: "hour", "day", "week", "month" or "year". It is the
// message "unit." + unit, with its fallbacks.
func (p *Printer) Duration(n int, unit string) string {
	return p.Text("unit."+unit, Params{"Count": n})
}

// DurationRange writes both numbers and the unit once, in the plural form of
// max: "3–4 Monate". If that form does not show its number (as Arabic
// has a word for two months), both durations are written out.
func (p *Printer) DurationRange(min, max int, unit string) string {
	if min == max {
		return p.Duration(max, unit)
	}
	both := p.between(p.decimal(min), p.decimal(max))
	if s := p.Text("unit."+unit, Params{"Count": span{max, both}}); s == "" || strings.Contains(s, both) {
		return s
	}
	return p.between(p.Duration(min, unit), p.Duration(max, unit))
}

// Period writes how long something lasts, so that people can be told: in years
// or days, or in hours if it is short; never shorter than it is.
func (p *Printer) Period(d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d >= year && d%year == 0:
		return p.Duration(up(year), "year")
	case d > 2*day || d%day == 0:
		return p.Duration(up(day), "day")
	default:
		return p.Duration(up(time.Hour), "hour")
	}
}

// Date writes the day on which t is in t's own time zone.
func (p *Printer) Date(t time.Time) string {
	year, month, day := t.Date()
	return fill(p.def.Date, "{day}", p.digits(day), "{month}", p.def.Months[month-1], "{year}", p.digits(year))
}

// Month writes a month of a year. A month that does not exist leaves the year alone.
func (p *Printer) Month(year int, m time.Month) string {
	if m < time.January || m > time.December {
		return p.digits(year)
	}
	return fill(p.def.MonthYear, "{month}", p.def.MonthsAlone[m-1], "{year}", p.digits(year))
}

// AsOf writes the date of a fact: "2026-07-05", "2026-07", "2026" or
// "2015-2018". Anything else is returned as it stands, isolated and escaped.
func (p *Printer) AsOf(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return p.Date(t)
	}
	if t, err := time.Parse("2006-01", s); err == nil {
		return p.Month(t.Year(), t.Month())
	}
	if t, err := time.Parse("2006", s); err == nil {
		return p.digits(t.Year())
	}
	if a, b, ok := strings.Cut(strings.Replace(s, "–", "-", 1), "-"); ok {
		from, err1 := time.Parse("2006", a)
		to, err2 := time.Parse("2006", b)
		if err1 == nil && err2 == nil {
			return p.between(p.digits(from.Year()), p.digits(to.Year()))
		}
	}
	return richtext.Escape(p.Isolate(s))
}
