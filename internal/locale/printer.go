package locale

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	gotemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"

	"iqbot/internal/content"
	"iqbot/internal/richtext"
)

// Params are the values of a message's placeholders, by name. Strings are
// isolated and escaped; whole numbers, other numbers and [time.Time] (as a
// date) are written as the language writes them; a [Markup] goes in as it
// stands. "Count", if it is a whole number, also picks the plural form. A year
// or an id is a string: a number would be grouped.
type Params map[string]any

// Markup is a text in the markup of package richtext, ready to be part of
// another one. Never make one from what a person wrote.
type Markup string

// Printer writes in one language. It is safe for concurrent use.
//
// What its methods for figures, dates and names return is plain words that
// hold no signs of the markup: it is put into a text as [Markup].
type Printer struct {
	catalog  *Catalog
	language Language
	tag      language.Tag
	def      languageFile
	file     *content.Document // language.toml

	texts     map[string]*text
	localizer *i18n.Localizer // nil if the language has no messages
	numbers   *message.Printer
	digit     [10]string    // the language's own
	names     display.Namer // nil if x/text has no names in this language
	chain     []*Printer    // where a text is looked for: itself, fallbacks, reference
}

// span is a count that is shown as a range: its plural form is that of n.
type span struct {
	n    int
	text string
}

// missingIsEmpty makes a placeholder without value an empty text; the default is "<no value>".
var missingIsEmpty = &gotemplate.TextParser{Option: "missingkey=zero"}

// Text returns a message as markup. A text that the language lacks is taken
// from its fallbacks and counted, see [Catalog.Missing]; if it is nowhere, Text
// returns "", never the id.
func (p *Printer) Text(id string, params Params) string {
	for _, q := range p.chain {
		if s, ok := q.render(id, params); ok {
			if q != p {
				p.catalog.miss(p.language.Tag + "/" + id)
			}
			return s
		}
	}
	p.catalog.miss(p.language.Tag + "/" + id)
	return ""
}

// Fixed returns a message as markup if it is the same whatever the parameters:
// ok is false if it has placeholders or plural forms, or if the language lacks it.
func (p *Printer) Fixed(id string) (markup string, ok bool) {
	t := p.texts[id]
	if t == nil || len(t.pieces) != 1 || t.pieces[0].name != "" {
		return "", false
	}
	return t.pieces[0].text, true
}

// Has says whether the language itself has the message, so that Text would not fall back.
func (p *Printer) Has(id string) bool {
	t := p.texts[id]
	return t != nil && len(t.forms) > 0
}

// Language returns the language that the printer writes in.
func (p *Printer) Language() Language { return p.language }

func (p *Printer) render(id string, params Params) (string, bool) {
	t := p.texts[id]
	if t == nil {
		return "", false
	}
	if markup, ok := p.Fixed(id); ok {
		return markup, true
	}
	if t.pieces != nil {
		var b strings.Builder
		for _, x := range t.pieces {
			b.WriteString(x.text)
			if x.name != "" {
				b.WriteString(p.param(id, x.name, params))
			}
		}
		return b.String(), true
	}
	config := i18n.LocalizeConfig{MessageID: id, TemplateParser: missingIsEmpty}
	if len(t.params) > 0 {
		data := make(map[string]string, len(t.params))
		for _, name := range t.params {
			data[name] = p.param(id, name, params)
		}
		config.TemplateData = data
	}
	// A text with one form for all counts is not asked for the count's own form.
	if n, ok := count(params["Count"]); ok && t.plural() {
		config.PluralCount = n
	}
	s, err := p.localizer.Localize(&config)
	return s, err == nil
}

// param writes the value of a placeholder, "" if it has none.
func (p *Printer) param(id, name string, params Params) string {
	v, given := params[name]
	if !given {
		p.catalog.miss(p.language.Tag + "/" + id + "{" + name + "}")
	}
	return p.value(v)
}

// count returns v as a number that picks a plural form.
func count(v any) (int, bool) {
	if s, ok := v.(span); ok {
		return s.n, true
	}
	switch r := reflect.ValueOf(v); {
	case v == nil:
		return 0, false
	case r.CanInt():
		return int(r.Int()), true
	case r.CanUint():
		return int(r.Uint()), true
	}
	return 0, false
}

// value writes one parameter as markup.
func (p *Printer) value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case Markup:
		return string(v)
	case string:
		return richtext.Escape(p.Isolate(v))
	case span:
		return v.text
	case time.Time:
		return p.Date(v)
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return p.decimal(r.Int())
	case r.CanUint():
		return p.decimal(r.Uint())
	case r.CanFloat():
		return p.Number(r.Float())
	}
	return richtext.Escape(p.Isolate(fmt.Sprint(v)))
}

// LanguageName returns what another language is called in this one, as within
// a sentence: in German, "ar" is "Arabisch". If this language has no name for
// it, LanguageName returns the other's own name, isolated, or "".
func (p *Printer) LanguageName(tag string) string {
	if t, err := language.Parse(tag); err == nil && p.names != nil && t != language.Und {
		if name := p.names.Name(t); name != "" {
			return name
		}
	}
	other, _ := p.catalog.Language(tag)
	return p.Isolate(other.Name)
}

// fill puts values into the {places} of a pattern of language.toml.
func fill(pattern string, places ...string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(pattern, '{')
		if open < 0 {
			b.WriteString(pattern)
			return b.String()
		}
		b.WriteString(pattern[:open])
		pattern = pattern[open:]
		place, value := pattern[:1], pattern[:1] // a bracket that opens no place is text
		for i := 0; i < len(places); i += 2 {
			if strings.HasPrefix(pattern, places[i]) {
				place, value = places[i], places[i+1]
			}
		}
		b.WriteString(value)
		pattern = pattern[len(place):]
	}
}
