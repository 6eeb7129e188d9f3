package library

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"iqbot/internal/content"
	"iqbot/internal/richtext"
)

// draft is a text that is being read.
type draft struct {
	Article
	file string
	doc  *content.Document
}

// front is the front matter of a text.
type front struct {
	Title    string `yaml:"title"`
	Reviewed string `yaml:"reviewed"`
	Status   string `yaml:"status"`
}

// readDraft reads a text. sources are those of its statements.
func (s *shelf) readDraft(file, topic string, sources []string) *draft {
	d := &draft{file: file, Article: Article{Topic: topic, Lang: s.tag}}
	var f front
	page := s.Page(file, &f)
	d.doc = page.Document
	if page.BodyLine == 0 {
		return d
	}
	d.Title, d.Machine = strings.TrimSpace(f.Title), f.Status == "machine"
	if d.Title == "" {
		d.doc.Fault(content.Path{"title"}, "title is missing")
	} else if what := figure(d.Title); what != "" || strings.Contains(d.Title, "{{") {
		d.doc.Fault(content.Path{"title"}, "a title holds no figures and no facts")
	}
	for _, reason := range dayFaults("reviewed", f.Reviewed) {
		d.doc.Fault(content.Path{"reviewed"}, "%s", reason)
	}
	d.Reviewed = day(f.Reviewed)
	if f.Status != "machine" && f.Status != "reviewed" {
		d.doc.Fault(content.Path{"status"}, "status %q is neither machine nor reviewed", f.Status)
	}
	for _, id := range sources {
		s.addSource(d, id)
	}
	d.Body = s.body(d, page.Body, page.BodyLine)
	s.fillPeriods(d)
	return d
}

// addSource adds a source, which there is or which has been reported.
func (s *shelf) addSource(d *draft, id string) {
	src, ok := s.facts.Sources[id]
	if ok && !slices.ContainsFunc(d.Sources, func(s Source) bool { return s.ID == id }) {
		d.Sources = append(d.Sources, Source{ID: id, Label: src.Label, URL: src.URL, AsOf: src.AsOf, Retrieved: day(src.Retrieved)})
	}
}

var (
	actionRE = regexp.MustCompile(`\{\{.*?\}\}`)
	factRE   = regexp.MustCompile(`^\{\{\s*fact\s+"([^"]*)"\s*\}\}$`)
	linkRE   = regexp.MustCompile(`\]\((mailto:|tel:)?$`)
)

// body checks the lines of a body, fills in the facts and joins the lines of
// each paragraph and of each list item, so that an editor may break them anywhere.
func (s *shelf) body(d *draft, text string, first int) string {
	var out strings.Builder
	start := true // of a paragraph
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			start = true
			continue
		}
		if strings.HasPrefix(line, "#") {
			s.Fault(d.file, first+i, "there are no headings in an article")
		}
		if what := figure(withoutActions(line)); what != "" {
			s.Fault(d.file, first+i, "%q is written by hand: put it into %s and name it as a fact", what, factsFile)
		}
		item, isItem := strings.CutPrefix(line, "- ")
		switch {
		case out.Len() == 0:
		case start:
			out.WriteString("\n\n")
		case isItem:
			out.WriteString("\n")
		default:
			out.WriteString(" ")
		}
		if isItem {
			out.WriteString("• ")
			line = item
		}
		start = false
		out.WriteString(s.fill(d, line, first+i))
	}
	body := out.String()
	if body == "" {
		s.Fault(d.file, first, "there is no text")
	}
	if !strings.Contains(body, "**") && !strings.Contains(body, "](") {
		return body
	}
	for _, run := range richtext.Parse(body) {
		for _, sign := range []string{"**", "]("} {
			if strings.Contains(run.Text, sign) {
				s.Fault(d.file, first, "%q stands alone: the bold text or the link is not complete", sign)
			}
		}
	}
	return body
}

// withoutActions is a line with blanks in place of {{...}}.
func withoutActions(line string) string {
	if !strings.Contains(line, "{{") {
		return line
	}
	return actionRE.ReplaceAllString(line, " ")
}

// fill puts the facts into one line.
func (s *shelf) fill(d *draft, line string, at int) string {
	if !strings.Contains(line, "{{") && !strings.Contains(line, "}}") {
		return line
	}
	var out strings.Builder
	rest := line
	for {
		span := actionRE.FindStringIndex(rest)
		text := rest
		if span != nil {
			text = rest[:span[0]]
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
			s.Fault(d.file, at, "{{ and }} do not match")
		}
		out.WriteString(text)
		if span == nil {
			return out.String()
		}
		action := rest[span[0]:span[1]]
		rest = rest[span[1]:]
		if m := periodRE.FindStringSubmatch(action); m != nil {
			if _, known := DefaultPeriods()[m[1]]; !known {
				s.Fault(d.file, at, "period %q is unknown; there are %s", m[1], strings.Join(slices.Sorted(maps.Keys(DefaultPeriods())), ", "))
			}
			out.WriteString(action) // see fillPeriods
			continue
		}
		m := factRE.FindStringSubmatch(action)
		if m == nil {
			s.Fault(d.file, at, "%s is not like {{fact \"id\"}} or {{period \"id\"}}", action)
			continue
		}
		out.WriteString(s.fact(d, m[1], linkRE.FindStringSubmatch(text), at))
	}
}

// fact writes a fact for an article. link is nil unless it is the address of a link.
func (s *shelf) fact(d *draft, id string, link []string, at int) string {
	f, ok := s.facts.Facts[id]
	switch {
	case !ok && !s.noFacts:
		s.Fault(d.file, at, "fact %q is unknown", id)
	case link != nil && ok && !f.faulty:
		if address, ok := f.address(link[1]); ok {
			s.cite(d, id, f)
			return address
		}
		s.Fault(d.file, at, "fact %q of kind %s cannot be the address of this link", id, f.Kind)
	case ok && !f.faulty:
		s.cite(d, id, f)
		return f.text(s.cat.Printer(d.Lang))
	}
	s.use("facts", id)
	return "https://reported" // keeps the rest of the line readable as markup
}

// cite notes that an article uses a fact.
func (s *shelf) cite(d *draft, id string, f fact) {
	s.use("facts", id)
	if !slices.Contains(d.Facts, id) {
		d.Facts = append(d.Facts, id)
	}
	s.addSource(d, f.Source)
	if by := day(f.ReviewBy); d.ReviewBy.IsZero() || by.Before(d.ReviewBy) {
		d.ReviewBy = by
	}
}

var (
	signRE    = regexp.MustCompile(`[€$£%٪]`)
	addressRE = regexp.MustCompile(`(?i)(https?://|www\.)\S*|\S+@\S+|\b[a-z0-9-]+\.(de|org|com|net|eu|info)\b`)
	digitsRE  = regexp.MustCompile(`\+?\p{Nd}+([.,:/ \x{a0}-]?\p{Nd}+)*`)
)

// figure returns the first thing in s that belongs into facts.yaml: a sum, a
// percentage, a number, a date, a telephone number or an address. Digits that
// are part of a word (B1, 16d), of a section of a law (§ 44) or that number a
// line of a list are none.
func figure(s string) string {
	if !mayHaveFigure(s) {
		return ""
	}
	if m := addressRE.FindString(s); m != "" {
		return m
	}
	for _, span := range digitsRE.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:span[0]], " \u00a0"))
		adjacent, _ := utf8.DecodeLastRuneInString(s[:span[0]])
		after, _ := utf8.DecodeRuneInString(s[span[1]:])
		numbersLine := span[0] == 0 && strings.HasPrefix(s[span[1]:], ". ")
		if before != '§' && !numbersLine && !unicode.IsLetter(adjacent) && !unicode.IsLetter(after) {
			return s[span[0]:span[1]]
		}
	}
	return signRE.FindString(s)
}

// mayHaveFigure says whether a figure or an address may be in s. In most lines
// there is none, so that they need not be searched.
func mayHaveFigure(s string) bool {
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9', r == '@', r == '$', r == '%', r >= 0x80 && (unicode.Is(unicode.Nd, r) || strings.ContainsRune("€£٪", r)):
			return true
		case r == '.', r == ':': // within an address, a letter or a slash follows
			if next, _ := utf8.DecodeRuneInString(s[i+1:]); next == '/' || unicode.IsLetter(next) {
				return true
			}
		}
	}
	return false
}
