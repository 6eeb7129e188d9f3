package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"iqbot/internal/locale"
	"iqbot/internal/redact"
)

// Breach is why a model's words are not shown. It is a name of a rule and holds
// no words.
type Breach string

func (b Breach) Error() string { return string(b) }

// The breaches.
const (
	breachTopic    Breach = "an article that was not found"
	breachEmpty    Breach = "empty"
	breachLong     Breach = "too long"
	breachMarkup   Breach = "markup or signs that do not belong there"
	breachLanguage Breach = "another language or script"
	breachLink     Breach = "an address or a link that is not in the article"
	breachPhone    Breach = "a telephone number or a date that is not in the article"
	breachFigure   Breach = "a figure that is not so in the article"
	breachNumber   Breach = "a number in words that is not in the article"
	breachMoney    Breach = "a sum that is not in the article"
	breachFree     Breach = "free of charge, which is not in the article"
	breachStray    Breach = "too many words that are not in the article"
)

// Limits of a model's words.
const (
	// maxAssisted is their longest length, in characters: two screens of a
	// phone; the articles have up to 1,500.
	maxAssisted = 800
	// ownScript is the share of letters that must be of the language's script.
	// The rest is German terms and names.
	ownScript = 0.6
	// ownWords is the share of long words that must begin as a word of the
	// article does. Texts on the article's subject, in words of their own, have 0.6 and more.
	ownWords = 0.5
	// longWord and stem are in letters: shorter words are in every text, and
	// endings change with the sentence.
	longWord, stem = 6, 4
)

// Vet passes a reply that may be shown: the article is one of those that were
// found, and every figure, sum, date, address and link of the words stands in
// that article, each figure before the same word or sign as there. The error is
// a [Breach]; nothing of the reply is to be used then.
//
// The words may still put the article's figures together wrongly, or leave out
// something that matters. That is why they carry a note and a button to the article.
func (c *Content) Vet(q AssistQuestion, r AssistReply) (*Assisted, error) {
	as := &Assisted{question: q.asked, lang: q.Lang, topic: r.Topic}
	if r.Topic == "" {
		return as, nil
	}
	i := slices.IndexFunc(q.Articles, func(a AssistArticle) bool { return a.Topic == r.Topic })
	if i < 0 {
		return nil, breachTopic
	}
	if r.Text == "" {
		return as, nil
	}
	a := q.Articles[i]
	words, breach := tidy(r.Text)
	if breach == "" && (a.lang != q.Lang || !inScript(words, q.Lang) || c.Index.Find(words, q.Lang).Lang != q.Lang) {
		breach = breachLanguage
	}
	if breach == "" {
		p := c.Catalog.Printer(q.Lang)
		v := vetting{numbers: wordSet(p, msgAssistNumbers), money: wordSet(p, msgAssistMoney), free: wordSet(p, msgAssistFree)}
		breach = v.breach(words, a)
	}
	if breach != "" {
		return nil, breach
	}
	as.words, as.from = words, a.Text
	return as, nil
}

var (
	bulletRE = regexp.MustCompile(`(?m)^[ \t]*[-*•] +`)
	blankRE  = regexp.MustCompile(`\n\s*\n+`)
	// Headings, quotations, tables, rules and numbered lists of Markdown, HTML
	// entities, code and templates.
	foreignRE = regexp.MustCompile("(?m)^\\s*(?:#|>|\\||---)|^\\s*\\p{Nd}+[.)]\\s|&#?\\w+;|__|[`<>\\[\\]\\\\{}]")
)

// tidy returns words in our markup: text, bold, and lines that begin with "• ".
func tidy(words string) (string, Breach) {
	words = strings.TrimSpace(strings.ReplaceAll(words, "\r\n", "\n"))
	words = bulletRE.ReplaceAllString(words, "• ")
	words = blankRE.ReplaceAllString(words, "\n\n")
	bold := strings.Count(words, "**")
	switch {
	case words == "":
		return "", breachEmpty
	case utf8.RuneCountInString(words) > maxAssisted:
		return "", breachLong
	case !utf8.ValidString(words), foreignRE.MatchString(words), bold%2 != 0, strings.Count(words, "*") != 2*bold, strings.ContainsFunc(words, hidden):
		return "", breachMarkup
	}
	return words, ""
}

// hidden says of a sign that it cannot be seen or is a picture. The joiner of
// Persian spelling is the exception; locale.Fold drops it.
func hidden(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || r != '\u200c' && unicode.Is(unicode.Cf, r) || unicode.In(r, unicode.Co, unicode.So, unicode.Zl, unicode.Zp)
}

// inScript says whether words are mostly in the script of a language.
func inScript(words, tag string) bool {
	script := locale.ScriptOf(tag)
	var own, all float64
	for _, r := range words {
		if unicode.IsLetter(r) {
			all++
			if script != nil && unicode.Is(script, r) {
				own++
			}
		}
	}
	return all > 0 && own >= ownScript*all
}

func wordSet(p *locale.Printer, id string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.SplitSeq(p.Text(id, nil), "|") {
		if word = locale.Fold(word); word != "" {
			set[word] = true
		}
	}
	return set
}

// vetting compares words with the article that they are to be from.
type vetting struct {
	numbers, money, free map[string]bool // folded words for numbers, for money, and for "free of charge"
}

func (v vetting) breach(words string, a AssistArticle) Breach {
	said, known := read(words), read(a.Title+".\n"+a.Text+"\n"+strings.Join(a.links, "\n"))
	for link := range said.links {
		if !known.hasLink(link) {
			return breachLink
		}
	}
	for phone := range said.phones {
		if !known.phones[phone] {
			return breachPhone
		}
	}
	return v.tokens(said.tokens, known.tokens)
}

func (v vetting) tokens(said, known tokens) Breach {
	words, pairs, free := map[string]bool{}, map[[2]string]bool{}, false
	for i, t := range known {
		words[t] = true
		free = free || v.free[t]
		pairs[[2]string{known.at(i - 1), t}] = true
	}
	for i, t := range said {
		switch {
		case figure(t):
			if !slices.ContainsFunc(known.places(t), func(k int) bool { return said.setting(i).fits(known.setting(k)) }) {
				return breachFigure
			}
		case strings.ContainsFunc(t, unicode.IsDigit) || sign(t):
			if !words[t] {
				return breachFigure
			}
		case v.free[t]:
			if !free {
				return breachFree
			}
		case v.number(t) && !words[t]:
			return breachNumber
		case v.money[t] && !pairs[[2]string{said.at(i - 1), t}] && !pairs[[2]string{t, said.at(i + 1)}]:
			return breachMoney
		}
	}
	return stray(said, words)
}

// number says whether a word is a number, or numbers written as one word.
func (v vetting) number(word string) bool {
	if v.numbers[word] {
		return true
	}
	for i := range word {
		if i > 0 && v.numbers[word[:i]] {
			rest := word[i:]
			for _, and := range []string{"und", "and"} {
				if after, ok := strings.CutPrefix(rest, and); ok && after != "" && v.number(after) {
					return true
				}
			}
			if v.number(rest) {
				return true
			}
		}
	}
	return false
}

// stray says whether words talk of something else than the article.
func stray(said tokens, known map[string]bool) Breach {
	stems := map[string]bool{}
	for w := range known {
		stems[head(w)] = true
	}
	var long, own float64
	for _, t := range said {
		if utf8.RuneCountInString(t) >= longWord {
			long++
			if stems[head(t)] {
				own++
			}
		}
	}
	if own < ownWords*long {
		return breachStray
	}
	return ""
}

func head(word string) string {
	if r := []rune(word); len(r) > stem {
		return string(r[:stem])
	}
	return word
}

// text is what is compared of a text.
type text struct {
	links, phones map[string]bool
	tokens        tokens
}

// tokens are words, figures and signs in reading order, folded.
type tokens []string

var (
	groupRE = regexp.MustCompile(`(\p{Nd})[\x{A0}\x{202F}\x{2009} ](\p{Nd}{3})\b`)
	// Addresses, @names, and what an app makes a link of.
	linkRE = regexp.MustCompile(`(?i)(?:https?://|www\.|mailto:|tel:)\S+|\S*@\S+|[\p{L}\p{Nd}][\p{L}\p{Nd}-]*(?:\.[\p{L}\p{Nd}-]+)*\.\p{L}{2,}(?:/\S*)?`)
	// Telephone numbers and whole dates: 7 digits and more, perhaps in groups.
	phoneRE = regexp.MustCompile(`\+?\p{Nd}[\p{Nd}\s()./-]{5,}\p{Nd}`)
	tokenRE = regexp.MustCompile(`[\p{L}\p{M}\p{Nd}]+(?:['.,:٫٬][\p{L}\p{M}\p{Nd}]+)*|[^\s\p{L}\p{M}\p{Nd}]`)
)

const phoneDigits = 7

// read takes a text apart. Links and telephone numbers are no tokens.
func read(s string) text {
	t := text{links: map[string]bool{}, phones: map[string]bool{}}
	s = linkRE.ReplaceAllStringFunc(s, func(m string) string {
		t.links[strings.ToLower(strings.Trim(m, `.,;:!?()"'«»„“”*`))] = true
		return " "
	})
	s = norm.NFKC.String(groupRE.ReplaceAllString(s, "$1$2"))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Pd, r), r == '\u2212':
			return '-'
		case strings.ContainsRune("’‘ʼ`", r):
			return '\''
		case unicode.Is(unicode.Cf, r), r == '*':
			return -1
		}
		return r
	}, s)
	s = phoneRE.ReplaceAllStringFunc(s, func(m string) string {
		if redact.CountDigits(m) < phoneDigits {
			return m
		}
		t.phones[strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, locale.Fold(m))] = true
		return " "
	})
	for _, token := range tokenRE.FindAllString(s, -1) {
		if folded := locale.Fold(token); folded != "" {
			token = folded
		}
		t.tokens = append(t.tokens, token)
	}
	return t
}

// hasLink says whether a text has a link, or one to its very host.
func (t text) hasLink(link string) bool {
	for have := range t.links {
		bare := have
		for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
			bare = strings.TrimPrefix(bare, scheme)
		}
		host, _, _ := strings.Cut(bare, "/")
		if link == have || link == bare || link == host && !strings.Contains(host, "@") || "www."+link == host {
			return true
		}
	}
	return false
}

func (ts tokens) at(i int) string {
	if i < 0 || i >= len(ts) {
		return ""
	}
	return ts[i]
}

func (ts tokens) places(token string) (at []int) {
	for i, t := range ts {
		if t == token {
			at = append(at, i)
		}
	}
	return at
}

// setting is what stands around a figure and says what it counts.
type setting struct {
	figure, before, after string
	// phrase is a word and a figure that follow, as in "30 June 2027". It may be empty.
	phrase string
	// end says that a full stop follows that may end the sentence.
	end bool
}

// setting of the figure at i. In a range, "100–600 €" or "100 to 600 €", what
// stands after the last figure is said of the first as well.
func (ts tokens) setting(i int) setting {
	c := setting{figure: ts[i], before: ts.at(i - 1)}
	next := i + 1
	if ts.at(next) == "." && len(ts[i]) <= 2 && word(ts.at(next+1)) { // the 31. of December, in German
		next++
		c.end = true
	}
	switch {
	case figure(ts.at(next+1)) && (ts.at(next) == "-" || word(ts.at(next))):
		c.after, c.phrase = ts.setting(next+1).after, ts.at(next)+" "+ts.at(next+1)
	case word(ts.at(next)) || sign(ts.at(next)) || figure(ts.at(next)):
		c.after = ts.at(next)
	}
	if figure(ts.at(i-2)) && (c.before == "-" || word(c.before)) && sign(ts.at(i-3)) { // "€100–600"
		c.before = ts.at(i - 3)
	}
	if !word(c.before) && !sign(c.before) {
		c.before = ""
	}
	return c
}

// fits says whether c, of a text, says the same of the figure as k of the
// article: the same follows or is counted, or, where the sentence may end or the figure be a
// year, the same precedes it. A sign such as € or % beside it is never another one.
func (c setting) fits(k setting) bool {
	if c.sign() != k.sign() {
		return false
	}
	return c.sign() != "" || c.after != "" && alike(c.after, k.after) || c.phrase != "" && c.phrase == k.phrase ||
		(c.after == "" || c.end || len(c.figure) == 4) && c.before != "" && alike(c.before, k.before)
}

func (c setting) sign() string {
	if sign(c.after) {
		return c.after
	}
	if sign(c.before) {
		return c.before
	}
	return ""
}

func word(token string) bool {
	r, _ := utf8.DecodeRuneInString(token)
	return unicode.IsLetter(r)
}

// figure says whether a token is digits, perhaps grouped: "1.200", "2,5".
func figure(token string) bool {
	return token != "" && strings.Trim(token, "0123456789.,:٫٬'") == "" && strings.ContainsFunc(token, unicode.IsDigit)
}

// sign says whether a token says by itself what a figure beside it counts.
func sign(token string) bool {
	r, n := utf8.DecodeRuneInString(token)
	return n == len(token) && (unicode.Is(unicode.Sc, r) || strings.ContainsRune("%٪‰§°", r))
}

// alike says whether two words are the same or differ in their endings only.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	return same >= 3 && same == min(len(x), len(y)) || same > stem
}
