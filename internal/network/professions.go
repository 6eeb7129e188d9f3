package network

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"iqbot/internal/content"
)

// Profession is an occupation as Germany knows it.
type Profession struct {
	// ID is stable, such as "general-nurse".
	ID string
	// NameM, NameF are the German names for men and women, NameEN the English one.
	NameM, NameF, NameEN string
	// Kind is how it is learnt: dual-training, school-training, university, craft or civil-service.
	Kind string
	// Regulated is federal, land, title-only, self-employment-only or no;
	// data/README.md says what each means.
	Regulated string
	// BodyType is the type of authority that decides, such as "ihk-fosa". If empty, it was not found.
	BodyType string
	// BodyRLP is the German name of the authority for Rhineland-Palatinate. If empty, it was not found.
	BodyRLP string
	// LegalBasis is the short name of the German act. If empty, it was not found.
	LegalBasis string
	// LanguageLevel is a CEFR level such as "B2", with "-Fachsprache" for a test
	// of specialist language, or "none-required". If empty, it differs by Land or was not found.
	LanguageLevel string
	// Aliases are other German and English names.
	Aliases []string
	// Confidence is high, medium or low. Below high, the Recognition Finder should be shown too.
	Confidence string
	// Source is a web address, or "general knowledge".
	Source string
}

// title is one name of a profession.
type title struct {
	at    int // position in Directory.professions
	alias bool
}

// head is a word of a German name; compounds carry their meaning at its end.
type head struct {
	word string
	at   int
}

// broadFrom is in how many other names a word must be the last part to count as a
// broad one: "Lehrer" is, "Ärztin" (with "Zahnärztin", "Tierärztin") is not.
const broadFrom = 5

// Profession returns the profession with this id.
func (d *Directory) Profession(id string) (Profession, bool) {
	i, ok := d.professionIDs[id]
	if !ok {
		return Profession{}, false
	}
	return d.professions[i], true
}

// Professions yields all professions.
func (d *Directory) Professions(yield func(Profession) bool) {
	for _, p := range d.professions {
		if !yield(p) {
			return
		}
	}
}

// Name is what the profession is called in a language: the English name in
// English, and in any other the German ones, which stand in official letters.
func (p Profession) Name(lang string) string {
	switch {
	case lang == "en":
		return p.NameEN
	case p.NameM == p.NameF:
		return p.NameM
	default:
		return p.NameM + " / " + p.NameF
	}
}

// ShortName is Name where room is short, as on a button: if that has more than
// so many characters, both names are told in one, as job advertisements do:
// "Zahnmedizinische/r Fachangestellte/r", "Kaufmann/-frau für Marketingkommunikation".
// Of names that are not built alike there is no shorter one.
func (p Profession) ShortName(lang string, most int) string {
	name := p.Name(lang)
	men, women := strings.Fields(p.NameM), strings.Fields(p.NameF)
	if utf8.RuneCountInString(name) <= most || lang == "en" || len(men) != len(women) {
		return name
	}
	for i, m := range men {
		men[i] = both(m, women[i])
	}
	return strings.Join(men, " ")
}

// sharedStem is how many letters two words must have in common at their beginning to be one
// word with two endings: "Facharzt/-ärztin", but "Koch/Köchin".
const sharedStem = 4

// both is a word in its two forms.
func both(m, f string) string {
	stem := 0
	for i, r := range m {
		if !strings.HasPrefix(f[i:], string(r)) {
			break
		}
		stem = i + utf8.RuneLen(r)
	}
	switch {
	case m == f:
		return m
	case stem == len(m):
		return m + "/" + f[stem:]
	case stem == len(f):
		return f + "/" + m[stem:]
	case utf8.RuneCountInString(m[:stem]) >= sharedStem:
		return m + "/-" + f[stem:]
	}
	return m + "/" + f
}

// FoundProfession is one meaning of what a person wrote.
type FoundProfession struct {
	Profession
	// Exact says that this is what was written. If false, it is a guess: a typing
	// error was put right, or only a part of the name was written.
	Exact bool
}

// FindProfessions reads professions out of what a person wrote in German or
// English, the best first, at most [MaxProfessions]. One that is Exact and alone
// can be taken without asking back; more than one is a question to the person:
// the name is ambiguous or broad. Nothing found gives an empty list.
//
// Names written correctly come first, in the order of the text; a broad one
// ("Ingenieur") is followed by those that end in it ("Bauingenieur"). If there
// is none, typing errors are looked for, and then names that begin or end with a
// word of the text, or that a word begins or ends with.
func (d *Directory) FindProfessions(s string) []FoundProfession {
	t := split(s)
	var words []string // that can name something
	for i := range t.len() {
		if w := t.gram(i, 1); !d.words.professionFillers[w] {
			words = append(words, w)
		}
	}
	found := d.titlesIn(t)
	exact := len(found) > 0
	if len(found) == 0 {
		found = d.mistypedTitles(t, len(words))
	}
	if len(found) == 0 {
		found = d.partsOfTitles(words)
	}
	out := make([]FoundProfession, 0, min(len(found), MaxProfessions))
	for _, at := range found[:min(len(found), MaxProfessions)] {
		out = append(out, FoundProfession{d.professions[at], exact})
	}
	return out
}

// titlesIn finds the names that are written correctly, the longest at each point.
func (d *Directory) titlesIn(t text) (found []int) {
	var broad []string
	for i := 0; i < t.len(); {
		n := t.longest(i)
		for ; n > 0; n-- {
			gram := t.gram(i, n)
			if n == 1 && d.words.professionFillers[gram] {
				continue
			}
			e := d.titles.byKey[gram]
			for _, ending := range d.words.professionEndings {
				if stem, ok := strings.CutSuffix(gram, ending); e == nil && ok && utf8.RuneCountInString(stem) >= 4 {
					e = d.titles.byKey[stem]
				}
			}
			if e != nil {
				for _, r := range e.refs {
					found = append(found, r.at)
				}
				broad = append(broad, e.key)
				break
			}
		}
		i += max(n, 1)
	}
	for _, word := range broad {
		more := slices.DeleteFunc(d.endingIn(word), func(at int) bool { return slices.Contains(found, at) })
		if len(more) >= broadFrom {
			found = append(found, more...)
		}
	}
	return unique(found)
}

// endingIn returns the professions a word of whose name ends in word, the
// shortest names first.
func (d *Directory) endingIn(word string) (found []int) {
	if utf8.RuneCountInString(word) < 5 {
		return nil
	}
	for _, h := range d.heads { // by length
		if strings.HasSuffix(h.word, word) {
			found = append(found, h.at)
		}
	}
	return unique(found)
}

// mistypedTitles finds names with typing errors, those with the fewest only. In
// a long text short words are left alone: too many of them look like something.
func (d *Directory) mistypedTitles(t text, content int) []int {
	shortest := 4
	if content > 4 {
		shortest = 8
	}
	type hit struct {
		*named[title]
		errors int
	}
	var hits []hit
	least := maxName
	for i := range t.len() {
		if d.words.professionFillers[t.gram(i, 1)] {
			continue
		}
		for n := min(3, t.longest(i)); n > 0; n-- {
			gram := t.gram(i, n)
			if len(gram) < shortest || d.words.professionFillers[t.gram(i+n-1, 1)] {
				continue
			}
			d.titles.near(gram, func(e *named[title], errors int) {
				if errors <= least {
					least = errors
					hits = append(hits, hit{e, errors})
				}
			})
		}
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.errors > least })
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(len(b.key), len(a.key)), cmp.Compare(a.key, b.key))
	})
	var found []int
	for _, h := range hits {
		for _, r := range h.refs {
			found = append(found, r.at)
		}
	}
	return unique(found)
}

// borders says whether whole begins or ends with part.
func borders(whole, part string) bool {
	return strings.HasPrefix(whole, part) || strings.HasSuffix(whole, part)
}

// partsOfTitles finds names that begin or end with one of the words, or the
// other way round, the least different in length first.
func (d *Directory) partsOfTitles(words []string) []int {
	type part struct{ at, rest int }
	var parts []part
	for _, w := range words {
		if len(w) < 5 {
			continue
		}
		for _, h := range d.heads {
			if borders(h.word, w) || borders(w, h.word) {
				parts = append(parts, part{h.at, abs(len(h.word) - len(w))})
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.rest, b.rest) })
	found := make([]int, len(parts))
	for i, p := range parts {
		found[i] = p.at
	}
	return unique(found)
}

// unique drops repetitions and keeps the order.
func unique(list []int) []int {
	out := list[:0]
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// bodyTypes are the types of authority, as the texts of the bot name them.
var bodyTypes = strings.Fields(`
	auditor-chamber baf bar-association bas bsh chamber-of-agriculture chamber-of-architects chamber-of-engineers
	chamber-of-pharmacists dental-chamber driving-licence-authority eisenbahn-bundesamt federal-employer
	federal-employment-agency higher-regional-court hwk ihk ihk-fosa land-employer land-ministry-education
	land-ministry-justice land-school-authority luftfahrt-bundesamt medical-chamber nursing-chamber
	patent-attorney-chamber public-health-office public-service-authority state-food-authority
	state-health-authority state-veterinary-authority tax-adviser-chamber trade-office university
	veterinary-chamber zab`)

func (d *Directory) loadProfessions(r *content.Reader) {
	const file = "professions.csv"
	rows := r.Table(file, ',', "id", "name_de_m", "name_de_f", "name_en", "isco08", "kind", "regulated", "competent_body_type",
		"competent_body_rlp", "legal_basis", "language_level", "aliases_de", "aliases_en", "confidence", "source")
	d.professionIDs = make(map[string]int, len(rows))
	for at, row := range rows {
		f := row.Cell
		p := Profession{
			ID: f("id"), NameM: f("name_de_m"), NameF: f("name_de_f"), NameEN: f("name_en"),
			Kind: f("kind"), Regulated: f("regulated"), BodyType: f("competent_body_type"), BodyRLP: f("competent_body_rlp"),
			LegalBasis: f("legal_basis"), LanguageLevel: f("language_level"),
			Aliases:    slices.Concat(list(f("aliases_de")), list(f("aliases_en"))),
			Confidence: f("confidence"), Source: f("source"),
		}
		oneOf := func(field string, allowed ...string) {
			if !slices.Contains(allowed, f(field)) {
				r.Fault(file, row.Line, "profession %s: %s is %q, it must be one of %s", p.ID, field, f(field), strings.Join(allowed, ", "))
			}
		}
		oneOf("kind", "dual-training", "school-training", "university", "craft", "civil-service")
		oneOf("regulated", "federal", "land", "title-only", "self-employment-only", "no")
		oneOf("confidence", "high", "medium", confidenceLow)
		oneOf("language_level", "", "none-required", "A1", "A2", "B1", "B2", "C1", "C2", "C1-Fachsprache", "C2-Fachsprache")
		if p.BodyType != "" {
			oneOf("competent_body_type", bodyTypes...)
		}
		if p.Source != "general knowledge" {
			if err := checkURL(p.Source); err != nil || p.Source == "" {
				r.Fault(file, row.Line, "profession %s: the source must be a web address or general knowledge", p.ID)
			}
		}
		if p.ID == "" || p.NameM == "" || p.NameF == "" || p.NameEN == "" {
			r.Fault(file, row.Line, "profession %s: the id and the three names must not be empty", p.ID)
		}
		if _, twice := d.professionIDs[p.ID]; twice {
			r.Fault(file, row.Line, "profession %s: the id stands here for the second time", p.ID)
		}
		d.professionIDs[p.ID] = at
		d.professions = append(d.professions, p)
		d.learnTitles(at, p)
	}
	for _, e := range d.titles.byKey { // a name proper before an alias
		slices.SortStableFunc(e.refs, func(a, b title) int {
			if a.alias == b.alias {
				return cmp.Compare(a.at, b.at)
			} else if a.alias {
				return 1
			}
			return -1
		})
	}
	slices.SortStableFunc(d.heads, func(a, b head) int { return cmp.Compare(len(a.word), len(b.word)) })
}

func (d *Directory) learnTitles(at int, p Profession) {
	add := func(name string, alias bool) {
		k := key(name)
		if k == "" {
			return
		}
		e := d.titles.at(k)
		if !slices.ContainsFunc(e.refs, func(t title) bool { return t.at == at }) {
			e.refs = append(e.refs, title{at, alias})
		}
	}
	for _, name := range []string{p.NameM, p.NameF, p.NameEN} {
		add(name, false)
		add(short(name), false)
		t := split(name)
		for i := range t.len() {
			if w := t.gram(i, 1); len(w) >= 5 && name != p.NameEN {
				d.heads = append(d.heads, head{w, at})
			}
		}
	}
	for _, name := range p.Aliases {
		add(name, true)
	}
}

// list cuts a cell into its parts.
func list(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, "|")
}
