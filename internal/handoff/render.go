package handoff

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	"iqbot/bot"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// The messages of the catalogue that a notification is made of.
const (
	msgSubject          = "advisor.case.subject"           // Case
	msgSubjectWithdrawn = "advisor.case.subject-withdrawn" // Case
	msgTitle            = "advisor.case.title"             // Case
	msgRepeated         = "advisor.case.repeated"          // Case, Attempt
	msgOpened           = "advisor.case.opened"            // Date, Time
	msgLanguage         = "advisor.case.language"          // Language
	msgTopic            = "advisor.case.topic"             // Topic
	msgPlace            = "advisor.case.place"             // Place
	msgReachPhone       = "advisor.case.reach-phone"       // Address
	msgReachEmail       = "advisor.case.reach-email"       // Address
	msgReachTelegram    = "advisor.case.reach-telegram"    // Address
	msgReachOther       = "advisor.case.reach-other"       // Address
	msgReachNone        = "advisor.case.reach-none"
	msgWords            = "advisor.case.words"
	msgQuote            = "advisor.case.quote"     // Line
	msgWithdrawn        = "advisor.case.withdrawn" // Case
	msgNotRecalled      = "advisor.case.not-recalled"
	msgEmptied          = "advisor.case.emptied" // Case
)

// MessageIDs returns the messages that the package needs in the catalogue, for
// the check of its completeness.
func MessageIDs() []string {
	return []string{
		msgSubject, msgSubjectWithdrawn, msgTitle, msgRepeated, msgOpened, msgLanguage, msgTopic, msgPlace,
		msgReachPhone, msgReachEmail, msgReachTelegram, msgReachOther, msgReachNone, msgWords, msgQuote, msgWithdrawn,
		msgNotRecalled, msgEmptied,
	}
}

// Renderer puts a notification into words. It is safe for concurrent use.
type Renderer struct {
	printer func() *locale.Printer
	title   func(topic string) string
	zone    *time.Location
}

// NewRenderer returns a Renderer. For each notification it asks printer for the
// words, which may change while the service runs; they are in one language.
// topicTitle gives the title of the article of a topic in that language, "" if
// there is none. Both are called concurrently. Times are shown in zone.
func NewRenderer(printer func() *locale.Printer, topicTitle func(topic string) string, zone *time.Location) *Renderer {
	return &Renderer{printer, topicTitle, zone}
}

// Subject returns the subject of a mail: the case number and nothing personal,
// because subjects show on locked screens and stand in mail logs.
func (r *Renderer) Subject(n bot.Notification) string {
	id := msgSubject
	if n.Withdrawn {
		id = msgSubjectWithdrawn
	}
	return oneLine(richtext.Parse(r.printer().Text(id, locale.Params{"Case": string(n.Case.ID)})).Plain())
}

// Text returns the notification. What the person wrote is quoted line by line,
// each line isolated, and the other fields are kept to one line, so that no
// words of theirs can pass for a field or turn the text around. Nothing is cut.
func (r *Renderer) Text(n bot.Notification) richtext.Text {
	var lines []string
	printer := r.printer()
	add := func(id string, params locale.Params) {
		lines = append(lines, printer.Text(id, params))
	}
	field := func(id, name, value string) {
		if value = oneLine(value); value != "" {
			add(id, locale.Params{name: value})
		}
	}

	c, number := n.Case, string(n.Case.ID)
	if n.Withdrawn {
		add(msgWithdrawn, locale.Params{"Case": number})
	} else {
		add(msgTitle, locale.Params{"Case": number})
	}
	if n.Attempts > 0 {
		add(msgRepeated, locale.Params{"Case": number, "Attempt": n.Attempts + 1})
	}
	if n.Withdrawn {
		return richtext.Parse(strings.Join(lines, "\n"))
	}

	lines = append(lines, "")
	opened := c.Opened.In(r.zone)
	add(msgOpened, locale.Params{"Date": opened, "Time": opened.Format("15:04")})
	field(msgLanguage, "Language", printer.LanguageName(c.Language))
	topic := r.title(c.Topic)
	if topic == "" {
		topic = c.Topic
	}
	field(msgTopic, "Topic", topic)
	field(msgPlace, "Place", c.Place)
	id, address := r.reach(c)
	add(id, locale.Params{"Address": address})

	if words := textLines(c.Words); len(words) > 0 {
		lines = append(lines, "")
		add(msgWords, nil)
		for _, line := range words {
			add(msgQuote, locale.Params{"Line": line})
		}
	}
	return richtext.Parse(strings.Join(lines, "\n"))
}

// Emptied returns what takes the place of a message about a case that was withdrawn.
func (r *Renderer) Emptied(c bot.CaseID) richtext.Text {
	return richtext.Parse(r.printer().Text(msgEmptied, locale.Params{"Case": string(c)}))
}

// NotRecalled returns what advisors are told beside a withdrawal if messages about the
// case still stand in their chat.
func (r *Renderer) NotRecalled() richtext.Text {
	return richtext.Parse(r.printer().Text(msgNotRecalled, nil))
}

// reach returns the message and its parameter that tell how to reach the
// person: a link where the address is one that can be linked to, or else the
// person's words.
func (r *Renderer) reach(c bot.Case) (id string, address any) {
	text := oneLine(c.Address)
	if text == "" {
		return msgReachNone, ""
	}
	link := func(label, href string) locale.Markup {
		return locale.Markup("[" + richtext.Escape(label) + "](" + href + ")")
	}
	switch c.Reach {
	case "phone":
		if number, ok := phone(text); ok {
			return msgReachPhone, link(number, "tel:"+number)
		}
		return msgReachPhone, text
	case "email":
		if a, err := mail.ParseAddress(text); err == nil && a.Address == text && plainMailbox.MatchString(text) {
			return msgReachEmail, link(text, "mailto:"+text)
		}
		return msgReachEmail, text
	case "telegram":
		if name := strings.TrimPrefix(text, "@"); username.MatchString(name) {
			return msgReachTelegram, link("@"+name, "https://t.me/"+name)
		}
		return msgReachTelegram, text
	}
	return msgReachOther, text
}

var (
	// plainMailbox has no sign that would need escaping in a mailto address.
	plainMailbox = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$`)
	// username: 5 to 32 of these, 4 for those sold on Fragment. Source: core.telegram.org/method/account.checkUsername.
	username = regexp.MustCompile(`^[A-Za-z0-9_]{4,32}$`)
)

// phone returns a number without the signs that people part its digits with,
// and in the digits of German keypads. ok is false if there is more in text
// than a number of 5 to 15 digits, the most there are (ITU-T E.164).
func phone(text string) (number string, ok bool) {
	digits := 0
	number = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			digits++
			return r
		case r == '(' || r == ')' || r == '+':
			return r
		case unicode.IsSpace(r) || strings.ContainsRune("-/.–‑", r):
			return -1
		}
		return unicode.ReplacementChar
	}, locale.Digits(text))
	// In "+49 (0)261" the zero is for callers within the country only.
	if strings.HasPrefix(number, "+") || strings.HasPrefix(number, "00") {
		number = strings.Replace(number, "(0)", "", 1)
	}
	number = strings.NewReplacer("(", "", ")", "").Replace(number)
	tail := strings.TrimPrefix(number, "+")
	return number, digits >= 5 && digits <= 15 && strings.Trim(tail, "0123456789") == ""
}

// oneLine returns s with every run of white space, line ends included, as one blank.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// lineEnds are the signs other than "\n" at which a text is broken, or a channel might break it.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// textLines returns the lines of s without empty ones at its start and end.
func textLines(s string) []string {
	s = strings.TrimSpace(lineEnds.Replace(s))
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
