// Package locale turns message ids and values into the words of a person's
// language: texts with plural forms, dates, figures and money, and it keeps
// left-to-right and right-to-left text from disturbing each other.
//
// # Content
//
// A language is a folder of its own, named by its BCP 47 tag:
//
//	uk/language.toml     what the language needs to know of itself
//	uk/active.uk.toml    the messages of go-i18n
//
// Everything else in the folder belongs to others. A file language.toml holds
//
//	tag = "uk"                       # the name of the folder
//	name = "Українська"              # own name, own script
//	fallback = ["en", "de"]          # where a missing text is looked for, in order
//	status = "machine"               # or "reviewed"
//	direction = "ltr"                # or "rtl"
//	order = 4                        # place in the list; 1 is the reference language
//	months = ["січня", ...]          # as in a full date
//	months_alone = ["січень", ...]   # as in "січень 2026"
//	date = "{day} {month} {year}"
//	month_year = "{month} {year}"
//	range = "{from}–{to}"            # two figures
//	money = "{amount} {currency}"
//	currencies = {EUR = "євро"}      # optional: instead of the sign that CLDR gives
//	articles = ["ال", "لل"]          # optional: articles that are written onto the next word, the longest first
//	conjunctions = ["و"]             # optional: conjunctions that are
//
// The language with order 1 is the reference: it has every message, and the
// others are measured against it ([Catalog.Check]).
//
// A message is a table whose name is its id, dotted: ["menu.prompt"]. It has a
// description for translators and the text, as "other" and, if it counts
// something, in one form for each plural category of the language. Texts are
// Go templates, {{.Name}}, in the markup of package richtext. The messages
// "unit.hour", "unit.day", "unit.week", "unit.month" and "unit.year" are what
// [Printer.Duration] is made of.
//
// # Falling back
//
// A text that a language lacks is taken from the languages it names as its
// fallback, then from the reference, whole, with the figures of the language
// it is taken from; and it is counted ([Catalog.Missing]). A key is never
// shown. A language that we do not have matches none of ours ([Catalog.Match]):
// a Sorani speaker is not an Arabic speaker, whatever the tables of likely
// second languages say.
//
// # Two directions
//
// What comes from outside is put between a first-strong isolate and its end
// (U+2068, U+2069) where it could disturb its surroundings, and loses its own
// direction signs, so that a person's words cannot turn the rest around.
// [Printer.Finish] does the same for the Latin words, numbers and addresses in
// the prose of a right-to-left language.
package locale

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"

	"iqbot/internal/content"
)

// Language describes one language of a [Catalog].
type Language struct {
	Tag      string   // BCP 47, also the name of its folder
	Name     string   // its own name in its own script
	RTL      bool     // written from right to left
	Fallback []string // tags, in order; not to be changed
	Status   string   // "machine" or "reviewed": who last looked at its texts
	Order    int      // place in the list; 1 is the reference language
	// Articles and Conjunctions are those that are written onto the next word, such
	// as "ال" and "و": without them, a word is the one that it is.
	Articles, Conjunctions []string
}

// Catalog is the texts of all languages. Its content does not change after
// [Load]; it is safe for concurrent use.
type Catalog struct {
	printers []*Printer // by order
	byTag    map[string]*Printer
	matcher  language.Matcher

	mu      sync.Mutex
	missing map[string]int
}

// maxMissing bounds what [Catalog.Missing] remembers. Ids come from code and
// flows, so a few hundred in a few dozen languages is all there can be; the
// bound keeps a fault elsewhere from filling the memory.
const maxMissing = 10_000

// languageFile is the content of a language.toml.
type languageFile struct {
	Tag         string            `toml:"tag"`
	Name        string            `toml:"name"`
	Fallback    []string          `toml:"fallback"`
	Status      string            `toml:"status"`
	Direction   string            `toml:"direction"`
	Order       int               `toml:"order"`
	Months      []string          `toml:"months"`
	MonthsAlone []string          `toml:"months_alone"`
	Date        string            `toml:"date"`
	MonthYear   string            `toml:"month_year"`
	Range       string            `toml:"range"`
	Money       string            `toml:"money"`
	Currencies  map[string]string `toml:"currencies"`

	Articles     []string `toml:"articles"`
	Conjunctions []string `toml:"conjunctions"`
}

// text is one message as the language's file has it.
type text struct {
	line        int
	description string
	forms       map[string]string // by plural category; only those that are not empty
	params      []string          // names of the placeholders of all forms, sorted
	// pieces are the only form, taken apart; nil if it takes more than putting
	// values in. go-i18n would run a template for each of the dozens of texts of
	// an answer with its sources.
	pieces []piece
}

// piece is a stretch of a text, or the name of a value to be put in.
type piece struct{ text, name string }

func (t *text) plural() bool { return len(t.forms) > 1 || t.forms["other"] == "" }

// at returns the line of t, 0 if there is no t.
func (t *text) at() int {
	if t == nil {
		return 0
	}
	return t.line
}

// Load reads the languages below the root of fsys. If anything is wrong, the
// error is [content.Faults] and there is no Catalog. What is merely missing is no
// error here, see [Catalog.Check].
func Load(fsys fs.FS) (*Catalog, error) {
	r := content.NewReader(fsys)
	c := &Catalog{byTag: map[string]*Printer{}, missing: map[string]int{}}
	entries := r.Dir(".")
	printers := make([]*Printer, len(entries))
	var group sync.WaitGroup
	for i, e := range entries {
		if e.IsDir() {
			group.Go(func() { printers[i] = loadLanguage(r, e.Name()) })
		}
	}
	group.Wait()
	for _, p := range printers {
		if p != nil {
			p.catalog = c
			c.printers = append(c.printers, p)
			c.byTag[p.language.Tag] = p
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if len(c.printers) == 0 {
		return nil, errors.New("read the languages: there is no folder with a language.toml")
	}
	c.link()
	if err := r.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// link orders the languages and ties each to those it falls back to.
func (c *Catalog) link() {
	slices.SortFunc(c.printers, func(a, b *Printer) int { return a.language.Order - b.language.Order })
	var tags []language.Tag
	for i, p := range c.printers {
		tags = append(tags, p.tag)
		if i == 0 && p.language.Order != 1 {
			p.file.Fault(content.Path{"order"}, "no language has order 1, so there is no reference")
		}
		if i > 0 && p.language.Order == c.printers[i-1].language.Order {
			p.file.Fault(content.Path{"order"}, "order %d is taken by %s", p.language.Order, c.printers[i-1].language.Tag)
		}
		p.chain = []*Printer{p}
		for _, tag := range p.language.Fallback {
			q := c.byTag[tag]
			if q == nil || slices.Contains(p.chain, q) {
				p.file.Fault(content.Path{"fallback"}, "fallback %q is not another language, or named twice", tag)
				continue
			}
			p.chain = append(p.chain, q)
		}
		if !slices.Contains(p.chain, c.printers[0]) {
			p.chain = append(p.chain, c.printers[0])
		}
	}
	c.matcher = language.NewMatcher(tags)
}

// loadLanguage reads one folder; nil if it holds no language, or has faults.
func loadLanguage(r *content.Reader, dir string) *Printer {
	name, active := path.Join(dir, "language.toml"), path.Join(dir, "active."+dir+".toml")
	hasActive, hasAny := false, false
	for _, e := range r.Dir(dir) {
		if path.Ext(e.Name()) != ".toml" {
			continue
		}
		hasAny = true
		switch f := path.Join(dir, e.Name()); f {
		case name:
		case active:
			hasActive = true
		default:
			r.Add(content.Fault{File: f, Reason: "is neither language.toml nor active." + dir + ".toml",
				Hint: "the language of a file is taken from its name"})
		}
	}
	if !hasAny {
		return nil
	}
	p := &Printer{texts: map[string]*text{}}
	p.file = r.TOML(name, &p.def)
	if !p.file.OK() {
		return nil
	}
	p.validate(dir)
	if hasActive {
		p.loadTexts(r, active)
	}
	p.numbers = message.NewPrinter(p.tag)
	for n := range p.digit {
		p.digit[n] = p.decimal(n)
	}
	p.names = display.Tags(p.tag)
	return p
}

// validate checks what language.toml says and takes it over.
func (p *Printer) validate(dir string) {
	d := &p.def
	fail := func(key, format string, args ...any) { p.file.Fault(content.Path{key}, format, args...) }
	if d.Tag != dir {
		fail("tag", "tag %q is not the name of the folder, %q", d.Tag, dir)
	}
	var err error
	if p.tag, err = language.Parse(d.Tag); err != nil || p.tag.String() != d.Tag {
		fail("tag", "%q is not a language tag in its usual form", d.Tag)
	}
	if d.Name == "" {
		fail("name", "the language has no name")
	}
	if d.Status != "machine" && d.Status != "reviewed" {
		fail("status", `status %q is neither "machine" nor "reviewed"`, d.Status)
	}
	if d.Direction != "ltr" && d.Direction != "rtl" {
		fail("direction", `direction %q is neither "ltr" nor "rtl"`, d.Direction)
	}
	if d.Order < 1 {
		fail("order", "order %d is less than 1", d.Order)
	}
	if len(d.Months) != 12 || slices.Contains(d.Months, "") {
		fail("months", "months does not name 12 months")
	}
	if len(d.MonthsAlone) != 12 || slices.Contains(d.MonthsAlone, "") {
		fail("months_alone", "months_alone does not name 12 months")
	}
	patterns := []struct{ key, pattern, want string }{
		{"date", d.Date, "{day} {month} {year}"},
		{"month_year", d.MonthYear, "{month} {year}"},
		{"range", d.Range, "{from} {to}"},
		{"money", d.Money, "{amount} {currency}"},
	}
	for _, x := range patterns {
		for want := range strings.FieldsSeq(x.want) {
			if strings.Count(x.pattern, want) != 1 {
				fail(x.key, "%s does not hold %s once", x.key, want)
			}
		}
	}
	for key, list := range map[string][]string{"articles": d.Articles, "conjunctions": d.Conjunctions} {
		for _, w := range list {
			if w == "" || Fold(w) != w {
				fail(key, "%q of %s is not written as words are compared: %q", w, key, Fold(w))
			}
		}
	}
	p.language = Language{Tag: d.Tag, Name: d.Name, RTL: d.Direction == "rtl", Fallback: d.Fallback, Status: d.Status, Order: d.Order,
		Articles: d.Articles, Conjunctions: d.Conjunctions}
}

// loadTexts reads the messages into a bundle of the language's own, in which
// go-i18n can fall back to nothing: falling back is the Printer's business.
func (p *Printer) loadTexts(r *content.Reader, file string) {
	var raw map[string]any
	doc := r.TOML(file, &raw)
	if !doc.OK() {
		return
	}
	bundle := i18n.NewBundle(p.tag)
	bundle.RegisterUnmarshalFunc("toml", func(_ []byte, v any) error {
		*v.(*any) = raw //nolint:forcetypeassert // what go-i18n gives, and it has been decoded already
		return nil
	})
	parsed, err := bundle.ParseMessageFileBytes([]byte{' '}, file) // it asks for the contents if there are any
	if err != nil {
		r.Fault(file, 0, "%v", err)
		return
	}
	if parsed.Tag != p.tag {
		r.Fault(file, 0, "was read as language %q, not %q", parsed.Tag, p.tag)
		return
	}
	p.localizer = i18n.NewLocalizer(bundle, p.tag.String())
	for _, m := range parsed.Messages {
		t := &text{line: doc.Line(m.ID), description: m.Description, forms: map[string]string{}}
		for form, s := range map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other} {
			if s == "" {
				continue
			}
			t.forms[form] = s
			names, err := placeholders(s)
			if err != nil || m.LeftDelim != "" || m.RightDelim != "" {
				r.Add(content.Fault{File: file, Line: t.line, Reason: fmt.Sprintf("message %q, form %s is not a template", m.ID, form),
					Hint: "a placeholder is written {{.Name}}"})
			}
			t.params = append(t.params, names...)
		}
		slices.Sort(t.params)
		t.params = slices.Compact(t.params)
		p.texts[m.ID] = t
		if !t.plural() {
			t.pieces = pieces(t.forms["other"])
		}
	}
}

// placeholders returns the names that a template takes from its Params.
func placeholders(src string) (names []string, err error) {
	if !strings.Contains(src, "{{") { // as most texts
		return nil, nil
	}
	t, err := template.New("").Parse(src)
	if err != nil || t.Tree == nil {
		return nil, err
	}
	var walk func(parse.Node)
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, n := range l.Nodes {
				walk(n)
			}
		}
	}
	pipe := func(p *parse.PipeNode) {
		for _, cmd := range p.Cmds {
			for _, arg := range cmd.Args {
				walk(arg)
			}
		}
	}
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ActionNode:
			pipe(n.Pipe)
		case *parse.PipeNode:
			pipe(n)
		case *parse.FieldNode:
			names = append(names, n.Ident[0])
		case *parse.IfNode:
			pipe(n.Pipe)
			list(n.List)
			list(n.ElseList)
		case *parse.TextNode:
		default:
			// Anything cleverer is beyond a translator, and beyond our comparing.
			err = errors.New("not a placeholder")
		}
	}
	list(t.Root)
	return names, err
}

// pieces takes a template apart; nil if it holds more than placeholders.
func pieces(src string) (out []piece) {
	if src != "" && !strings.Contains(src, "{{") {
		return []piece{{text: src}}
	}
	t, err := template.New("").Parse(src)
	if err != nil || t.Tree == nil {
		return nil
	}
	for _, n := range t.Root.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			out = append(out, piece{text: string(n.Text)})
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 || len(n.Pipe.Cmds[0].Args) != 1 {
				return nil
			}
			field, ok := n.Pipe.Cmds[0].Args[0].(*parse.FieldNode)
			if !ok || len(field.Ident) != 1 {
				return nil
			}
			out = append(out, piece{name: field.Ident[0]})
		default:
			return nil
		}
	}
	return out
}

// Languages returns all languages by order, the reference first.
func (c *Catalog) Languages() []Language {
	out := make([]Language, len(c.printers))
	for i, p := range c.printers {
		out[i] = p.language
	}
	return out
}

// Language returns the language with exactly this tag.
func (c *Catalog) Language(tag string) (Language, bool) {
	p := c.byTag[tag]
	if p == nil {
		return Language{}, false
	}
	return p.language, true
}

// Match returns the language of ours that meets the first of the wishes that
// any of ours meets. Wishes are IETF tags as apps and browsers report them;
// "uk-UA" and "uk_UA" are met by "uk". A wish that is no tag, is empty or names
// a language that we do not have is met by none.
func (c *Catalog) Match(wishes ...string) (tag string, ok bool) {
	for _, wish := range wishes {
		if c.byTag[wish] != nil { // a match with itself is the best there is
			return wish, true
		}
		t, err := language.All.Parse(wish)
		if err != nil {
			continue
		}
		_, i, confidence := c.matcher.Match(t)
		ours, _ := language.All.Canonicalize(c.printers[i].tag)
		// The matcher also offers a language that speakers of the wished one often
		// know: English for Pashto, Arabic for Sorani, both "with high confidence".
		// Base would also guess, "und" to be English.
		wished, certain := t.Base()
		have, _ := ours.Base()
		if confidence >= language.High && certain == language.Exact && wished == have {
			return c.printers[i].language.Tag, true
		}
	}
	return "", false
}

// Printer returns the printer of the language that matches tag, or else of the
// reference language. It is cheap: there is one printer for each language.
func (c *Catalog) Printer(tag string) *Printer {
	if p := c.byTag[tag]; p != nil {
		return p
	}
	if match, ok := c.Match(tag); ok {
		return c.byTag[match]
	}
	return c.printers[0]
}

// Missing returns how often a text had to be taken from another language or
// was nowhere, by "tag/id", and how often a placeholder had no value, by
// "tag/id{Name}". The map is the caller's.
func (c *Catalog) Missing() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.missing)
}

func (c *Catalog) miss(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.missing[key]; known || len(c.missing) < maxMissing {
		c.missing[key]++
	}
}

// IDs returns the ids of a language's own messages, sorted; none if there is no such language.
func (c *Catalog) IDs(tag string) []string {
	p := c.byTag[tag]
	if p == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.texts))
}
