package flow

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// maxEmail and maxLocal are the longest address and the longest part of it before the @, in bytes.
// Source: RFC 5321, sections 4.5.3.1.3 (a path, without its angle brackets) and 4.5.3.1.1.
const (
	maxEmail = 254
	maxLocal = 64
)

// topLevel is the end of a domain: letters, also as an encoded international domain has them.
var topLevel = regexp.MustCompile(`^([a-z]{2,}|xn--[a-z0-9-]+)$`)

// domains checks a domain as it is checked before it is looked up.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// email reads an email address as people type it, or paste it from a web page
// ("mailto:…") or an address book ("Name <…>"), and gives it alone.
func email(words string) (string, bool) {
	words = compact(words)
	const scheme = "mailto:"
	if len(words) > len(scheme) && strings.EqualFold(words[:len(scheme)], scheme) {
		words, _, _ = strings.Cut(words[len(scheme):], "?")
		if plain, err := url.PathUnescape(words); err == nil {
			words = compact(plain)
		}
	}
	a, err := mail.ParseAddress(words)
	if err != nil {
		return "", false
	}
	local, domain := a.Address[:strings.LastIndexByte(a.Address, '@')], a.Address[strings.LastIndexByte(a.Address, '@')+1:]
	// What the standard allows in quotation marks nobody has, but typing errors have it.
	if len(local) > maxLocal || strings.ContainsAny(local, "\" @\\<>()[],;:") || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", false
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || len(local)+1+len(ascii) > maxEmail {
		return "", false
	}
	dot := strings.LastIndexByte(ascii, '.')
	if dot < 0 || !topLevel.MatchString(ascii[dot+1:]) {
		return "", false
	}
	return local + "@" + domain, true
}

// minDigits and maxDigits bound a telephone number: a short local one, and the longest
// international one (15, ITU-T E.164) with the 00 before it and the (0) in it.
const (
	minDigits = 5
	maxDigits = 18
)

var phonePattern = regexp.MustCompile(`^\+?[0-9(][0-9 ()/.-]{4,28}$`)

// phone reads a telephone number as people type or paste it, and gives it in ASCII signs.
func phone(words string) (string, bool) {
	words = digits(words)
	const scheme = "tel:"
	if len(words) > len(scheme) && strings.EqualFold(words[:len(scheme)], scheme) {
		words = strings.TrimSpace(words[len(scheme):])
	}
	if !phonePattern.MatchString(words) {
		return "", false
	}
	n := 0
	for _, r := range words {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return words, n >= minDigits && n <= maxDigits
}
