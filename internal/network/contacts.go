package network

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"iqbot/internal/content"
)

// Contact is an office that a person can turn to.
type Contact struct {
	// ID is stable; operators confirm an entry by it.
	ID, Name string
	// Kind is one of meta.kinds in network.yaml, such as "iq-counselling".
	Kind string
	// Land is an ISO 3166-2 code, or "DE" for all of Germany.
	Land string
	// Districts are the AGS of the districts served. If empty, all of the Land
	// (outside Rhineland-Palatinate always, because districts are not known there).
	Districts []string
	// Topics are the ids of the articles that the office helps with.
	Topics []string
	// Any of these may be empty: it was not found in a source.
	Street, Postcode, City, Email, Phone, Website, OpeningHours string
	// Languages are BCP 47 tags. If empty, they are not known.
	Languages []string
	// AsOf is the date of the newest source: a year, month, day, a period of
	// years such as "2015-2018", or "undated".
	AsOf string
	// Confidence speaks of the source: high, medium or low.
	Confidence string
	// FromSeed says that the address stands in the project's founding document.
	FromSeed bool
	// Checked is when an operator confirmed the entry. If zero, never.
	Checked time.Time
	// Note is for operators, in English.
	Note string
	// Line is where the entry begins in network.yaml.
	Line int
}

// freshFor is how long a dated or confirmed entry counts as current. Two years
// are two thirds of a funding round, after which carriers change.
const freshFor = 2 // years

// Old says whether the entry may no longer hold at now, so that its date has to
// be shown with a warning: it is undated, of a past period, or dated more than
// two years ago, and was not confirmed within two years. A date that names only
// a year or month counts from its beginning.
func (c Contact) Old(now time.Time) bool {
	since := now.AddDate(-freshFor, 0, 0)
	if !c.Checked.IsZero() && !c.Checked.Before(since) {
		return false
	}
	from, to, err := parseAsOf(c.AsOf)
	switch {
	case err != nil || from.IsZero():
		return true
	case !to.IsZero():
		return !now.Before(to)
	}
	return from.Before(since)
}

// parseAsOf reads AsOf; to is the end of a period of years. Undated is zero.
func parseAsOf(s string) (from, to time.Time, err error) {
	if s == "undated" {
		return from, to, nil
	}
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if len(s) != len(layout) { // an error of Parse costs more than to parse
			continue
		}
		if from, err = time.Parse(layout, s); err == nil {
			return from, to, nil
		}
	}
	first, last, _ := strings.Cut(s, "-")
	a, errA := time.Parse("2006", first)
	b, errB := time.Parse("2006", last)
	if errA != nil || errB != nil || b.Before(a) {
		return time.Time{}, to, fmt.Errorf("the date %q is none of 2024, 2024-03, 2024-03-09, 2023-2025, undated", s)
	}
	return a, b.AddDate(1, 0, 0), nil
}

// Query says which contacts are wanted.
type Query struct {
	// Topics are article ids, the most important first. If empty, any topic fits.
	Topics []string
	// Kinds restricts to these kinds. If empty, any kind fits. It does not
	// restrict the fallback list, so that there is always somebody to turn to.
	Kinds []string
	// District is an AGS; it implies the Land. If empty, only offices that serve the whole Land are local.
	District string
	// Land is an ISO 3166-2 code. If empty and without District, nothing is local.
	Land string
	// Abroad says that the person does not live in Germany yet.
	Abroad bool
	// Limit is the most entries in each of the two lists; the seed's
	// counselling addresses come on top of it. If zero, there is no limit.
	Limit int
}

// Result is what fits, the best first. No contact is in it twice.
type Result struct{ Local, Nationwide []Contact }

// Contacts returns the offices that fit to q and may be handed out.
//
// Local are those of the person's Land that fit by topic and kind, never one
// that serves other districts only. Their order: by the first topic of
// q.Topics that they serve; those for this district before those for the whole
// Land; by the order of the kinds in network.yaml; by their order in the file.
// In Rhineland-Palatinate the seed's addresses of IQ counselling are always
// among them, unless q.Kinds leaves their kind out. They rank as one: by what
// any of them serves.
//
// Nationwide are first those that fit by topic or kind (by first topic, place in
// the fallback list, order in the file), then the fallback list itself: of
// labour law or discrimination if a topic is about that, else for people abroad
// or in Germany. It is never empty.
func (d *Directory) Contacts(q Query) Result {
	land := q.Land
	if _, ok := d.byAGS[q.District]; ok {
		land = homeLand
	} else {
		q.District = ""
	}
	abroad := q.Abroad || slices.Contains(q.Topics, topicAbroad)
	base := d.fallback.of(q.Topics, abroad)

	type ranked struct {
		at    int // position in d.entries
		order [3]int
	}
	var local, wide []ranked
	for i := range d.entries {
		e := &d.entries[i]
		if !e.shown() || e.only == onlyAbroad && !abroad || e.only == onlyGermany && abroad {
			continue
		}
		kind := len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)
		topic := d.firstTopic(q.Topics, e)
		fits := kind && (topic < len(q.Topics) || len(q.Topics) == 0)
		switch {
		case e.Land == nationwide:
			if fits && len(q.Topics)+len(q.Kinds) > 0 {
				place := slices.Index(base, e.ID)
				if place < 0 {
					place = len(base)
				}
				wide = append(wide, ranked{i, [3]int{topic, place, i}})
			}
		case e.Land == land && (fits || kind && e.seedCounselling()) && e.serves(q.District):
			far := 1
			if q.District != "" && (slices.Contains(e.Districts, q.District) || slices.Contains(e.firstIn, q.District)) {
				far = 0
			}
			local = append(local, ranked{i, [3]int{topic, far, slices.Index(d.kinds, e.Kind)}})
		}
	}
	for _, list := range [][]ranked{local, wide} {
		slices.SortStableFunc(list, func(a, b ranked) int { return slices.Compare(a.order[:], b.order[:]) })
	}

	var r Result
	others := 0
	for _, x := range local {
		e := &d.entries[x.at]
		if !e.seedCounselling() {
			if others++; q.Limit > 0 && others > q.Limit {
				continue
			}
		}
		r.Local = append(r.Local, e.Contact)
	}
	ids := make([]string, 0, len(wide)+len(base))
	for _, x := range wide {
		ids = append(ids, d.entries[x.at].ID)
	}
	for _, id := range base {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if q.Limit > 0 && len(ids) > q.Limit {
		ids = ids[:q.Limit]
	}
	for _, id := range ids {
		r.Nationwide = append(r.Nationwide, d.entries[d.byID[id]].Contact)
	}
	return r
}

// firstTopic is the position of the first topic that e serves; len(topics) if none.
func (d *Directory) firstTopic(topics []string, e *entry) int {
	for i, t := range topics {
		if slices.Contains(e.Topics, t) || e.seedCounselling() && d.seedTopic[t] {
			return i
		}
	}
	return len(topics)
}

// Contact returns the entry with this id, also one that may not be handed out:
// it is for operators.
func (d *Directory) Contact(id string) (Contact, bool) {
	i, ok := d.byID[id]
	if !ok {
		return Contact{}, false
	}
	return d.entries[i].Contact, true
}

// Confirm returns a copy of d in which the entries with these ids were confirmed
// by an operator at the given time. The error names every id that is unknown,
// must never be handed out, or has no time; d itself stays as it is.
func (d *Directory) Confirm(checked map[string]time.Time) (*Directory, error) {
	c := *d
	c.entries = slices.Clone(d.entries)
	var bad []string
	for id, at := range checked {
		i, ok := d.byID[id]
		switch {
		case !ok:
			bad = append(bad, id+" (unknown)")
		case d.entries[i].handout == handoutNo:
			bad = append(bad, id+" (not to be handed out: it has no way to reach a person)")
		case at.IsZero():
			bad = append(bad, id+" (no date)")
		default:
			c.entries[i].Checked = at
		}
	}
	if len(bad) > 0 {
		slices.Sort(bad)
		return nil, fmt.Errorf("confirm contacts: %s", strings.Join(bad, ", "))
	}
	return &c, nil
}

// NeedsCheck returns the entries that are hidden until an operator confirms
// them, in the order of the file.
func (d *Directory) NeedsCheck() []Contact {
	var list []Contact
	for i := range d.entries {
		if e := &d.entries[i]; !e.shown() && e.handout != handoutNo {
			list = append(list, e.Contact)
		}
	}
	return list
}

// The values of fields in network.yaml; their meaning stands at its head.
const (
	handoutOK    = "ok"
	handoutCheck = "check-first"
	handoutNo    = "no"

	confidenceLow = "low"

	onlyAbroad  = "abroad"
	onlyGermany = "germany"

	kindCounselling = "iq-counselling"

	topicAbroad         = "apply-from-abroad"
	topicLabourLaw      = "fair-integration"
	topicDiscrimination = "discrimination-help"
)

// entry is a contact with what decides about showing it.
type entry struct {
	Contact
	handout, only string
	firstIn       []string // AGS
}

func (e *entry) shown() bool {
	switch {
	case e.handout == handoutNo:
		return false
	case !e.Checked.IsZero():
		return true
	}
	return e.handout == handoutOK && e.Confidence != confidenceLow
}

func (e *entry) serves(district string) bool {
	return len(e.Districts) == 0 || district != "" && slices.Contains(e.Districts, district)
}

func (e *entry) seedCounselling() bool { return e.FromSeed && e.Kind == kindCounselling }

// fallbackOrder lists nationwide contacts by situation.
type fallbackOrder struct {
	Inside         []string `yaml:"inside_germany"`
	Outside        []string `yaml:"outside_germany"`
	LabourLaw      []string `yaml:"labour_law"`
	Discrimination []string `yaml:"discrimination"`
}

func (f *fallbackOrder) of(topics []string, abroad bool) []string {
	for _, t := range topics {
		switch t {
		case topicLabourLaw:
			return f.LabourLaw
		case topicDiscrimination:
			return f.Discrimination
		}
	}
	if abroad {
		return f.Outside
	}
	return f.Inside
}

// contactFile is network.yaml.
type contactFile struct {
	Meta struct {
		Kinds    []string      `yaml:"kinds"`
		Fallback fallbackOrder `yaml:"fallback_order"`
	} `yaml:"meta"`
	Entries []struct {
		ID           string   `yaml:"id"`
		Name         string   `yaml:"name"`
		Kind         string   `yaml:"kind"`
		Land         string   `yaml:"land"`
		Districts    []string `yaml:"districts"`
		FirstIn      []string `yaml:"first_in"`
		Only         string   `yaml:"only"`
		Topics       []string `yaml:"topics"`
		Street       string   `yaml:"street"`
		Postcode     string   `yaml:"postcode"`
		City         string   `yaml:"city"`
		Email        string   `yaml:"email"`
		Phone        string   `yaml:"phone"`
		Website      string   `yaml:"website"`
		OpeningHours string   `yaml:"opening_hours"`
		Languages    []string `yaml:"languages"`
		Sources      []string `yaml:"sources"`
		AsOf         string   `yaml:"as_of"`
		Confidence   string   `yaml:"confidence"`
		Handout      string   `yaml:"handout"`
		FromSeed     bool     `yaml:"from_seed"`
		Note         string   `yaml:"note"`
	} `yaml:"entries"`
}

func (d *Directory) loadContacts(r *content.Reader) {
	topics := map[string]bool{}
	for _, row := range r.Table("topics.tsv", '\t', "id", "group", "what the article answers") {
		id := row.Cell("id")
		if topics[id] {
			r.Fault("topics.tsv", row.Line, "the topic %s stands here for the second time", id)
		}
		topics[id] = true
	}
	// A file that could not be read is one fault, not one for each name that stands in it.
	agsOf := make(map[string]string, len(d.byAGS))
	for _, x := range d.byAGS {
		agsOf[x.Name] = x.ID
	}

	var file contactFile
	doc := r.YAML("network.yaml", &file)
	d.kinds, d.fallback = file.Meta.Kinds, file.Meta.Fallback
	d.byID = make(map[string]int, len(file.Entries))
	d.seedTopic = map[string]bool{}
	for i, x := range file.Entries {
		wrong := func(field, format string, args ...any) {
			doc.Fault(content.Path{"entries", i, field}, "entry %s: %s", x.ID, fmt.Sprintf(format, args...))
		}
		oneOf := func(field, got string, allowed ...string) {
			if !slices.Contains(allowed, got) {
				wrong(field, "%s is %q, it must be one of %s", field, got, strings.Join(allowed, ", "))
			}
		}
		districts := func(field string, names []string) (ags []string) {
			if x.Land != homeLand {
				return nil
			}
			for _, name := range names {
				if agsOf[name] == "" && len(agsOf) > 0 {
					wrong(field, "there is no district %q in regions-rlp.yaml", name)
				}
				ags = append(ags, agsOf[name])
			}
			return ags
		}

		if x.ID == "" || x.Name == "" {
			wrong("id", "id and name must not be empty")
		}
		if _, twice := d.byID[x.ID]; twice {
			wrong("id", "the id stands here for the second time")
		}
		oneOf("kind", x.Kind, d.kinds...)
		oneOf("confidence", x.Confidence, "high", "medium", confidenceLow)
		oneOf("handout", x.Handout, handoutOK, handoutCheck, handoutNo)
		oneOf("only", x.Only, "", onlyAbroad, onlyGermany)
		if x.Land != nationwide && d.regions.LandNames[x.Land] == "" && len(d.regions.LandNames) > 0 {
			wrong("land", "there is no Land %q, it must be %s or one of %s", x.Land, nationwide, known(d.regions.LandNames))
		}
		for _, t := range x.Topics {
			if !topics[t] && len(topics) > 0 {
				wrong("topics", "there is no topic %q in topics.tsv", t)
			}
		}
		for _, check := range []struct {
			field string
			err   error
		}{
			{"email", checkEmail(x.Email)},
			{"phone", checkPhone(x.Phone)},
			{"website", checkURL(x.Website)},
			{"postcode", checkPostcode(x.Postcode)},
		} {
			if check.err != nil {
				wrong(check.field, "%v", check.err)
			}
		}
		for _, tag := range x.Languages {
			if _, err := language.Parse(tag); err != nil {
				wrong("languages", "%q is no language tag", tag)
			}
		}
		if _, _, err := parseAsOf(x.AsOf); err != nil {
			wrong("as_of", "%v", err)
		}
		if len(x.Sources) == 0 {
			wrong("sources", "there must be a source")
		}
		if x.Handout != handoutNo && x.Email+x.Phone+x.Website+x.Street == "" {
			wrong("handout", "there is no email, phone, website or street, so handout must be no")
		}

		e := entry{
			Contact: Contact{
				ID: x.ID, Name: x.Name, Kind: x.Kind, Land: x.Land, Topics: x.Topics, Districts: districts("districts", x.Districts),
				Street: x.Street, Postcode: x.Postcode, City: x.City, Email: x.Email, Phone: x.Phone, Website: x.Website,
				OpeningHours: x.OpeningHours, Languages: x.Languages, AsOf: x.AsOf, Confidence: x.Confidence,
				FromSeed: x.FromSeed, Note: x.Note, Line: doc.Line("entries", i),
			},
			handout: x.Handout, only: x.Only, firstIn: districts("first_in", x.FirstIn),
		}
		if e.seedCounselling() {
			for _, t := range x.Topics {
				d.seedTopic[t] = true
			}
		}
		d.byID[x.ID] = i
		d.entries = append(d.entries, e)
	}
	if doc.OK() {
		d.checkFallback(doc)
	}
}

// checkFallback makes sure that the promise of Contacts, never to return
// nothing, can be kept.
func (d *Directory) checkFallback(doc *content.Document) {
	for _, list := range []struct {
		name   string
		ids    []string
		unfit  string
		abroad bool
	}{
		{"inside_germany", d.fallback.Inside, onlyAbroad, false},
		{"outside_germany", d.fallback.Outside, onlyGermany, true},
		{"labour_law", d.fallback.LabourLaw, "-", true},
		{"discrimination", d.fallback.Discrimination, "-", true},
	} {
		path := content.Path{"meta", "fallback_order", list.name}
		if len(list.ids) == 0 {
			doc.Fault(path, "fallback_order: %s must name at least one contact", list.name)
		}
		for i, id := range list.ids {
			at, ok := d.byID[id]
			switch {
			case !ok:
				doc.Fault(append(path, i), "fallback_order: there is no contact %s", id)
			case d.entries[at].Land != nationwide || !d.entries[at].shown():
				doc.Fault(append(path, i), "fallback_order: %s must be nationwide, with handout ok and without low confidence", id)
			case d.entries[at].only == list.unfit || list.unfit == "-" && d.entries[at].only != "":
				doc.Fault(append(path, i), "fallback_order: %s is for others only (only: %s)", id, d.entries[at].only)
			case slices.Index(list.ids, id) < i:
				doc.Fault(append(path, i), "fallback_order: %s stands here for the second time", id)
			}
		}
	}
}

func checkEmail(s string) error {
	if s == "" {
		return nil
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") || strings.HasPrefix(s, "bzw.") {
		return fmt.Errorf("%q is no email address", s)
	}
	return nil
}

// checkPhone wants what a person can dial: digits, and signs between them. The
// shortest is 115, the longest allowed by E.164 has 15 digits.
func checkPhone(s string) error {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -/()", r):
		default:
			return fmt.Errorf("%q is no phone number", s)
		}
	}
	if s != "" && (digits < 3 || digits > 15) {
		return fmt.Errorf("%q is no phone number", s)
	}
	return nil
}

func checkURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Host, ".") || strings.ContainsAny(s, " \n") {
		return fmt.Errorf("%q is no web address", s)
	}
	return nil
}

func checkPostcode(s string) error {
	if s == "" {
		return nil
	}
	if n, err := strconv.ParseUint(s, 10, 32); err != nil || len(s) != 5 || n == 0 {
		return fmt.Errorf("%q is no German postcode", s)
	}
	return nil
}
