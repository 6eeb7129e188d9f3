package network

import (
	"cmp"
	"slices"
	"unicode"
)

// Place is one meaning of what a person wrote.
type Place struct {
	// District is an AGS. If empty, the place is outside Rhineland-Palatinate or the district is open.
	District string
	// Land is an ISO 3166-2 code, such as "DE-RP".
	Land string
	// Name is the German name as to be shown, such as "Mayen (Landkreis Mayen-Koblenz)".
	Name string
	// Exact says that this is what was written. If false, it is a guess: a
	// typing error was put right, the postcode is known by its beginning only, or
	// the name usually means another place that is in the list too.
	Exact bool
}

// FindPlaces reads places out of what a person wrote: postcodes, towns,
// districts and Länder, the best meaning first, at most [MaxPlaces]. One that is
// Exact, when no other is, can be taken without asking back; anything else is a
// question to the person. Nothing found gives an empty list.
//
// A postcode decides where it can; one that several districts share, or that
// only its beginning is known of, is settled by a name beside it. Names come in
// the order of the text, the meanings of one name by size: towns that are
// districts, districts, towns, big towns elsewhere, villages. Typing errors are
// looked for only when nothing was written correctly.
func (d *Directory) FindPlaces(s string) []Place {
	t := split(s)
	content := 0
	var codes []string
	for i := range t.len() {
		w := t.gram(i, 1)
		switch {
		case w[0] < '0' || w[0] > '9':
			if !d.words.placeFillers[w] {
				content++
			}
		case len(w) == 5:
			codes = append(codes, w)
		}
	}
	names, lands := d.namesIn(t, content)
	if len(names)+len(lands) == 0 {
		if n := d.mistyped(t, content); len(n) > 0 {
			names = [][]Place{n}
		}
	}
	var found []Place
	for _, c := range codes {
		meanings := d.byPostcode(c)
		for i, n := range names {
			if both := narrow(meanings, n); len(both) > 0 {
				meanings = both
				names = slices.Delete(names, i, i+1) // it is about the same place
				break
			}
		}
		found = append(found, meanings...)
	}
	byCode := len(found) > 0
	for _, n := range names {
		if !byCode || n[0].Exact { // beside a postcode no guessing
			found = append(found, n...)
		}
	}
	return distinct(inLand(found, lands))
}

// narrow returns the meanings of a postcode that a name agrees with, shown under
// that name. If one is certain by its name, the others are left out.
func narrow(places, names []Place) []Place {
	var both []Place
	certain := false
	for _, n := range names {
		if i := slices.IndexFunc(places, func(p Place) bool { return samePlace(p, n) }); i >= 0 {
			n.Exact = n.Exact || len(places) == 1 && places[i].Exact
			certain = certain || n.Exact
			both = append(both, n)
		}
	}
	return slices.DeleteFunc(both, func(p Place) bool { return certain && !p.Exact })
}

// samePlace says that n lies in p: in its district, or in its Land if p has no district.
func samePlace(p, n Place) bool {
	return p.Land == n.Land && (p.District == n.District || p.District == "")
}

// inLand keeps the places in one of the Länder that were named too; if there
// are none, the Länder stand as places of their own.
func inLand(places, lands []Place) []Place {
	if len(lands) == 0 {
		return places
	}
	var in []Place
	for _, p := range places {
		if slices.ContainsFunc(lands, func(l Place) bool { return l.Land == p.Land }) {
			in = append(in, p)
		}
	}
	if len(in) > 0 {
		return in
	}
	return append(places, lands...)
}

// distinct drops repetitions and what is too much; a place that stands twice is
// exact if one of them is.
func distinct(places []Place) []Place {
	var out []Place
	for _, p := range places {
		i := slices.IndexFunc(out, func(o Place) bool {
			return o.Land == p.Land && o.District == p.District && (p.District != "" || o.Name == p.Name)
		})
		switch {
		case i >= 0:
			out[i].Exact = out[i].Exact || p.Exact
		case len(out) < MaxPlaces:
			out = append(out, p)
		}
	}
	return out
}

// namesIn finds the names that are written correctly, the longest at each
// point, with the meanings of each. A Land is given apart.
func (d *Directory) namesIn(t text, content int) (names [][]Place, lands []Place) {
	for i := 0; i < t.len(); {
		n := t.longest(i)
		for ; n > 0; n-- {
			e := d.places.byKey[t.gram(i, n)]
			if e == nil || !d.meant(e.refs[0], t, i, n, content) {
				continue
			}
			if e.refs[0].rank == rankLand {
				lands = appendPlaces(lands, e.refs, true)
			} else {
				names = append(names, appendPlaces(nil, e.refs, true))
			}
			break
		}
		i += max(n, 1)
	}
	return names, lands
}

// meant says whether the n words from i on are meant as the place: the name of a
// village, or one that is an everyday word too, can be something else in a long text.
func (d *Directory) meant(c candidate, t text, i, n, content int) bool {
	if i > 0 && d.words.beforePlace[t.gram(i-1, 1)] {
		return true
	}
	if n == 1 && d.words.common[t.gram(i, 1)] {
		return content == 1
	}
	return c.rank < rankVillage || content <= n+2
}

// mistyped finds names with typing errors: those with the fewest, of these the
// biggest places.
func (d *Directory) mistyped(t text, content int) []Place {
	type hit struct {
		*named[candidate]
		errors int
	}
	var hits []hit
	least := maxName
	for i := range t.len() {
		if w := t.gram(i, 1); unicode.IsDigit(rune(w[0])) || d.words.placeFillers[w] {
			continue
		}
		if content > 4 && (i == 0 || !d.words.beforePlace[t.gram(i-1, 1)]) {
			continue
		}
		for n := min(3, t.longest(i)); n > 0; n-- {
			gram := t.gram(i, n)
			if d.words.placeFillers[t.gram(i+n-1, 1)] || d.words.common[gram] {
				continue
			}
			d.places.near(gram, func(e *named[candidate], errors int) {
				if errors <= least && !d.words.common[e.key] {
					least = errors
					hits = append(hits, hit{e, errors})
				}
			})
		}
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.errors > least })
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(
			cmp.Compare(a.refs[0].rank, b.refs[0].rank),
			cmp.Compare(len(b.key), len(a.key)), // the longer, the less by chance
			cmp.Compare(a.key, b.key),
		)
	})
	var names []Place
	for _, h := range hits {
		if h.refs[0].rank >= rankVillage && hits[0].refs[0].rank < rankVillage {
			break
		}
		names = appendPlaces(names, h.refs, false)
	}
	return names
}

func appendPlaces(places []Place, refs []candidate, exact bool) []Place {
	for _, c := range refs {
		c.place.Exact = c.place.Exact && exact
		places = append(places, c.place)
	}
	return places
}

// byPostcode follows the rules at the head of regions-rlp.yaml; the first digit
// alone never decides.
func (d *Directory) byPostcode(code string) []Place {
	r := &d.regions
	if p, ok := r.byCode[code]; ok {
		return p
	}
	for n := 4; n >= 3; n-- {
		if ags := r.byPrefix[code[:n]]; ags != "" {
			return []Place{{District: ags, Land: homeLand, Name: d.byAGS[ags].Name}}
		}
	}
	prefix := code[:3]
	if slices.Contains(r.Prefixes.Only, prefix) {
		return []Place{d.landPlace(homeLand, true)}
	}
	var places []Place
	if shared := r.Prefixes.Shared[prefix]; len(shared) > 0 {
		for _, land := range shared {
			places = append(places, d.landPlace(land, false))
		}
		return places
	}
	two := r.TwoDigits[code[:2]]
	lands := two.Lands
	if len(lands) > 1 { // every prefix of Rhineland-Palatinate is listed above, so it is not meant here
		lands = slices.DeleteFunc(slices.Clone(lands), func(l string) bool { return l == homeLand })
	}
	for _, land := range lands {
		places = append(places, d.landPlace(land, len(lands) == 1))
	}
	for _, land := range two.Rare {
		if land != homeLand {
			places = append(places, d.landPlace(land, false))
		}
	}
	return places
}

func (d *Directory) landPlace(land string, exact bool) Place {
	return Place{Land: land, Name: d.regions.LandNames[land], Exact: exact}
}

// candidate is a meaning of a name. Exact in its place is false if the name
// usually means something else.
type candidate struct {
	place Place
	rank  rank
}

// rank orders the meanings of one name.
type rank uint8

const (
	rankCity     rank = iota // a town that is a district of its own
	rankDistrict             // by its official name
	rankTown
	rankElsewhere // a big town of another Land
	rankAlias     // another name of a district
	rankLand
	rankVillage
)

// regions is regions-rlp.yaml; what each field means stands at its head.
type regions struct {
	Districts []area              `yaml:"districts"`
	Ambiguous map[string][]string `yaml:"ambiguous_place_names"`
	Homonyms  []struct {
		Say       []string `yaml:"say"`
		CouldBe   []string `yaml:"could_be"`
		Default   string   `yaml:"default"`
		Elsewhere []struct {
			Name  string   `yaml:"name"`
			Land  string   `yaml:"land"`
			Codes []string `yaml:"postcodes"`
		} `yaml:"elsewhere"`
	} `yaml:"homonyms"`
	Prefixes struct {
		Only   []string            `yaml:"only_rlp"`
		Shared map[string][]string `yaml:"shared_with_other_laender"`
	} `yaml:"rlp_prefixes3"`
	TwoDigits map[string]struct {
		Lands []string `yaml:"laender"`
		Rare  []string `yaml:"rare"`
	} `yaml:"laender_by_two_digits"`
	SharedDefault map[string]string `yaml:"shared_postcode_defaults"`
	LandNames     map[string]string `yaml:"laender_names"`

	byCode   map[string][]Place
	byPrefix map[string]string // prefixes_exclusive -> AGS
}

// area is a district with all that lies in it.
type area struct {
	AGS      string              `yaml:"ags"`
	AGS8     string              `yaml:"ags8"`
	Name     string              `yaml:"name"`
	Kind     string              `yaml:"kind"`
	Seat     string              `yaml:"seat"`
	Aliases  []string            `yaml:"aliases"`
	Chambers string              `yaml:"chambers"`
	Towns    []town              `yaml:"towns"`
	Codes    []string            `yaml:"postcodes"`
	Shared   map[string][]string `yaml:"postcodes_shared"`
	Prefixes []string            `yaml:"prefixes_exclusive"`
	Places   []string            `yaml:"places"`
}

type town struct {
	Name  string   `yaml:"name"`
	Codes []string `yaml:"postcodes"`
}

// words is words.yaml, folded.
type words struct {
	beforePlace, placeFillers, common, professionFillers map[string]bool
	professionEndings                                    []string
}
