// Package redact takes out of a question what could tell who asked it, before
// editors see it: addresses, numbers, dates and names. It is pure.
//
// It goes by the form of words and cannot understand them. What it takes out:
//
//   - e-mail addresses, also with "(at)", web addresses, @names;
//   - telephone numbers, IBANs, and every number of four digits or more but a
//     year from 1900 to 2099 that is not a year of birth;
//   - numbers of passports, cases and files that mix letters and digits;
//   - days with month and year, in figures or with the month in words; years of birth;
//   - streets with a house number, and the postcode and town after them;
//   - names after "ich heiße", "my name is", "اسمي", "мене звати" and their like,
//     after a form of address such as "Frau" or "пан", and after a greeting at the end;
//     two words with capitals after "ich bin", "I am", "я" or "my daughter".
//
// What it cannot take out: a name that stands without such words ("Olena and I
// ask …"), a single one after "I am", which may as well be a profession or a
// country ("أنا محمد" is like "أنا طبيب"), a street without a number, a village, an employer, a rare profession
// or a story that only one person can tell, numbers written in words, and names
// in languages whose phrases it does not know. Of 32 sentences in four languages that
// were written after the rules, it found what tells the person in 29. So a question is only kept with
// consent, the person sees beforehand what is kept, and editors are told to drop
// what still names somebody.
package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/locale"
)

// Gap stands for what was taken out, in every language.
const Gap = "[…]"

// MaxText is the longest result in characters: a question of several sentences.
// What is longer is a letter, in which more would have to be found.
const MaxText = 500

// rule takes out what pattern matches: the group "x" if it has one, else all. keep, if
// set, leaves a match as it is. signs, if set, are those of which each match has one: most
// questions have none, and to look for the pattern takes a while.
type rule struct {
	signs   string
	pattern *regexp.Regexp
	keep    func(match string) bool
}

const (
	// before and after are the ends of a word; \b knows only ASCII letters.
	before = `(?:^|[^\p{L}\p{N}_@])`
	months = `(?:jan|feb|m(?:ä|ae|a)r|apr|ma[iy]|jun|jul|aug|sep|okt|oct|nov|de[cz]|січ|лют|бер|квіт|трав|черв|лип|серп|верес|жовт|листоп|груд|` +
		`янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|` +
		`كانون|شباط|آذار|اذار|نيسان|أيار|ايار|حزيران|تموز|آب|أيلول|ايلول|تشرين)`
	// born are the words that make a year one of birth.
	born = `(?:geb\.?|geboren|geburtsdatum|geburtsjahr|jahrgang|born|birth|birthday|dob|народ\p{L}*|рожд\p{L}*|родил\p{L}*|مواليد|ولدت|ولد|الميلاد|ميلادي)`
	// street are the words for a street, at the end of a German name or before any other.
	streetEnd   = `(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|ufer|damm|chaussee|promenade|steig|stieg)`
	streetAfter = `(?:street|road|avenue|lane|drive|square)`
	streetFirst = `(?:вул(?:иця|иці|\.)?|просп(?:ект|\.)?|бульвар|провулок|ул(?:ица|ице|\.)?|شارع|طريق|حي)`
	house       = `\p{Nd}{1,4}\s?[a-zа-я]?(?:\s?[-/]\s?\p{Nd}{1,4})?`
	town        = `(?:[\s,]+(?:D-)?\p{Nd}{5}(?:\s+\p{Lu}[\p{L}-]+)?)?`
)

var rules = []rule{
	{signs: ":", pattern: regexp.MustCompile(`(?i)(?:https?|tg|mailto):\S+`)},
	{signs: "@[({", pattern: regexp.MustCompile(`(?i)[^\s@<>()"',;:]+(?:@|\s?[\[({]at[\])}]\s?)[^\s@<>()"',;]+`)},
	{pattern: regexp.MustCompile(`(?i)\S+(?:\s(?:dot|punkt)\s\S+)*\s(?:at|ät)\s\S+(?:\s(?:dot|punkt)\s\S+)+`)},
	{signs: "@", pattern: regexp.MustCompile(`@[\p{L}\p{N}_.]+`)},
	{signs: ".", pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>(?:[\p{L}\p{N}_-]+\.)+(?:de|com|org|net|eu|info|ua|ru|me|at|ch|io|online|gov|edu)(?:/\S*)?)(?:$|[^\p{L}\p{N}_])`)},
	// The number of a case of ours, such as IQ-7K2M9AC.
	{signs: "-", pattern: regexp.MustCompile(before + `(?P<x>IQ-[0-9A-Z]{5,9})`)},
}

// figures are the rules that take out nothing that is without a digit. Most
// questions have none, and to look for all of this takes a while.
var figures = []rule{
	// An IBAN: country, check digits, groups of four. ISO 13616 allows 34 signs.
	{pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>[a-z]{2}\p{Nd}{2}(?:\s?[a-z0-9]{4}){2,7}(?:\s?[a-z0-9]{1,4})?)(?:$|[^\p{L}\p{N}_])`), keep: few(8)},
	// What is called a number: of a file, a passport, a customer. "§ 4 Nr. 2" is none.
	{pattern: regexp.MustCompile(`(?i)` + before + `(?:aktenzeichen|az\.?|\p{L}*nummer|\p{L}*nr\.?|number|no\.|номер|№|رقم)[\s:]+(?:[a-zа-я]{1,2}\s)?(?P<x>\S*\p{Nd}\S*)`), keep: few(3)},
	// Days: 24.11.2026, 2026-11-24, 3. März 1985, March 3, 1985.
	{pattern: regexp.MustCompile(`\p{Nd}{1,4}\s?[./-]\s?\p{Nd}{1,2}\s?[./-]\s?\p{Nd}{2,4}`)},
	{pattern: regexp.MustCompile(`(?i)\p{Nd}{1,2}(?:\.|st|nd|rd|th)?\s+(?:of\s+)?` + months + `\p{L}*\.?,?(?:\s+(?:ال)?\p{L}+)?\s+\p{Nd}{4}`)},
	{pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>` + months + `\p{L}*\.?\s+\p{Nd}{1,2}(?:st|nd|rd|th)?,?\s+\p{Nd}{4})`)},
	{pattern: regexp.MustCompile(`(?i)` + before + born + `[^\p{Nd}.!?\n]{0,24}(?P<x>\p{Nd}{2,4})`)},
	{pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>\p{Nd}{4})\s?(?:року народження|р\.\s?н\.|года рождения|г\.\s?р\.)`)},
	// Streets.
	{pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>(?:(?:am|an der|auf der|in der|zur|zum|im)\s+)?[\p{L}.-]*(?:[\p{L}-]\s)?` + streetEnd + `\s+` + house + town + `)(?:$|[^\p{L}\p{N}_])`), keep: wayOnly},
	{pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>` + house + `,?\s+(?:\p{L}+\s+){1,3}` + streetAfter + town + `)(?:$|[^\p{L}\p{N}_])`)},
	{pattern: regexp.MustCompile(`(?i)` + before + `(?P<x>` + streetFirst + `\s*(?:\p{L}[\p{L}'’.-]*\s*){1,3},?\s*(?:буд\.?|дом|д\.|رقم|بناء)?\s*` + house + `(?:,?\s*кв\.?\s*\p{Nd}+)?` + town + `)(?:$|[^\p{L}\p{N}_])`)},
	// Numbers that mix letters and digits: C01X00T47, LSJV-12/345.
	{pattern: regexp.MustCompile(before + `(?P<x>[\p{L}\p{N}]+(?:[/_-][\p{L}\p{N}]+)*)`), keep: noNumber},
	// Telephone numbers: six digits or more with what people put between them.
	{pattern: regexp.MustCompile(`(?:\+|\(\+?)?\p{Nd}[\p{Nd}\s()/.–-]{4,}\p{Nd}`), keep: yearsOrFew},
	{pattern: regexp.MustCompile(`\p{Nd}{4,}`), keep: isYear},
	{pattern: regexp.MustCompile(`\p{Nd}[\p{Nd}.,]{2,}\p{Nd}`), keep: amountOrYear},
}

// Text returns the question without what could tell who asked it, in one line
// of at most MaxText characters. Text(Text(s)) is Text(s).
func Text(question string) string {
	s := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(question, " "), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // what cannot be seen could part a number
			return -1
		}
		return r
	}, s)
	// What one rule takes out may bring together what another looks for.
	for range maxRounds {
		next := once(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

// maxRounds bounds the repetition; each round takes something out or is the last.
const maxRounds = 8

func once(s string) string {
	for _, r := range rules {
		s = r.apply(s)
	}
	if strings.ContainsFunc(s, unicode.IsDigit) {
		for _, r := range figures {
			s = r.apply(s)
		}
	}
	s = names(s)
	s = gaps.ReplaceAllString(s, Gap)
	return cut(strings.Join(strings.Fields(s), " "))
}

// gaps are several in a row.
var gaps = regexp.MustCompile(`\[…\](?:[\s,;/.–-]*\[…\])+`)

// cut shortens s at a word.
func cut(s string) string {
	if utf8.RuneCountInString(s) <= MaxText {
		return s
	}
	s = string([]rune(s)[:MaxText])
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

func (r rule) apply(s string) string {
	if r.signs != "" && !strings.ContainsAny(s, r.signs) {
		return s
	}
	group := max(r.pattern.SubexpIndex("x"), 0)
	var b strings.Builder
	for at := 0; at <= len(s); {
		m := r.pattern.FindStringSubmatchIndex(s[at:])
		if m == nil || m[2*group+1] == m[2*group] {
			b.WriteString(s[at:])
			break
		}
		from, to := at+m[2*group], at+m[2*group+1]
		if match := s[from:to]; r.keep != nil && r.keep(match) || strings.Contains(Gap, match) {
			b.WriteString(s[at:to])
		} else {
			b.WriteString(s[at:from])
			b.WriteString(Gap)
		}
		at = to // what bounds the next match may bound this one too
	}
	return b.String()
}

// CountDigits counts the decimal digits of any script.
func CountDigits(s string) (n int) {
	for _, r := range s {
		if unicode.Is(unicode.Nd, r) {
			n++
		}
	}
	return n
}

// few keeps what has less than n digits.
func few(n int) func(string) bool {
	return func(s string) bool { return CountDigits(s) < n }
}

var year = regexp.MustCompile(`^(?:19|20)[0-9]{2}$`)

// isYear says whether s is a year in which somebody of today did something, in the digits of any script.
func isYear(s string) bool { return year.MatchString(locale.Digits(s)) }

// euAct is the number of a directive or regulation, such as 2005/36.
var euAct = regexp.MustCompile(`^(?:19|20)[0-9]{2}/[0-9]{2,3}$`)

// yearsOrFew keeps "2015-2018", "2005/36", and what has too few digits for a telephone number.
func yearsOrFew(s string) bool {
	if CountDigits(s) < 6 || euAct.MatchString(locale.Digits(s)) {
		return true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return !unicode.Is(unicode.Nd, r) })
	return !slices.ContainsFunc(parts, func(p string) bool { return !isYear(p) })
}

// amountOrYear keeps "1.200" and "12,50", of less than four digits in a row, up to six in all.
func amountOrYear(s string) bool { return CountDigits(s) < 6 || yearsOrFew(s) }

// noNumber keeps a word unless it looks like the number of a document: six signs
// or more, letters and at least three digits that are no year ("Covid-19", "B2-Kurs" and
// "BQFG-2012" are none). In Arabic in Latin letters, digits stand for letters, each alone
// among small ones ("7a2i2i").
func noNumber(s string) bool {
	if chatAlphabet.MatchString(s) {
		return true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '_' })
	n := 0
	for _, p := range parts {
		if !isYear(p) {
			n += CountDigits(p)
		}
	}
	return utf8.RuneCountInString(s) < 6 || n < 3 || n == utf8.RuneCountInString(s)
}

var chatAlphabet = regexp.MustCompile(`^[235679]?(?:[a-z]+[235679])*[a-z]*$`)

// wayOnly keeps "auf dem Weg 2", which is no street.
func wayOnly(s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	return first == "weg" || first == "platz" || first == "ring"
}
