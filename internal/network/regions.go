package network

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"iqbot/internal/content"
)

// The values of a district's kind.
const (
	kindCity  = "kreisfreie-stadt"
	kindRural = "landkreis"
)

// landOfAGS tells the Land by the first two digits of a key.
// Source: Destatis, Gemeindeverzeichnis.
var landOfAGS = map[string]string{
	"01": "DE-SH", "02": "DE-HH", "03": "DE-NI", "04": "DE-HB", "05": "DE-NW", "06": "DE-HE", "07": "DE-RP", "08": "DE-BW",
	"09": "DE-BY", "10": "DE-SL", "11": "DE-BE", "12": "DE-BB", "13": "DE-MV", "14": "DE-SN", "15": "DE-ST", "16": "DE-TH",
}

// sorted yields a map in the order of its keys, so that faults come in a fixed order.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

func (d *Directory) loadRegions(r *content.Reader) {
	doc := r.YAML("regions-rlp.yaml", &d.regions)
	d.byAGS = make(map[string]District, len(d.regions.Districts))
	for i, x := range d.regions.Districts {
		if _, twice := d.byAGS[x.AGS]; twice || len(x.AGS) != 5 || x.Name == "" {
			doc.Fault(content.Path{"districts", i, "ags"}, "district %q: the AGS %q must have five digits and stand once, with a name", x.Name, x.AGS)
		}
		if x.Kind != kindCity && x.Kind != kindRural {
			doc.Fault(content.Path{"districts", i, "kind"}, "district %s: kind is %q, it must be %s or %s", x.Name, x.Kind, kindRural, kindCity)
		}
		d.byAGS[x.AGS] = District{ID: x.AGS, Name: x.Name, Seat: x.Seat, Chambers: x.Chambers, City: x.Kind == kindCity}
	}
	d.districts = slices.SortedFunc(maps.Values(d.byAGS), func(a, b District) int {
		return cmp.Or(cmp.Compare(key(a.Name), key(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	if doc.OK() { // else every place would be missing somewhere
		d.checkRegions(doc)
		d.indexPostcodes(doc)
		d.indexNames()
		d.loadElsewhere(r)
		d.settleNames()
		d.loadExonyms(r)
	}

	var w struct {
		BeforePlace       []string `yaml:"before_place"`
		PlaceFillers      []string `yaml:"place_fillers"`
		CommonWords       []string `yaml:"common_words"`
		ProfessionFillers []string `yaml:"profession_fillers"`
		ProfessionEndings []string `yaml:"profession_endings"`
	}
	r.YAML("words.yaml", &w)
	d.words = words{wordSet(w.BeforePlace), wordSet(w.PlaceFillers), wordSet(w.CommonWords), wordSet(w.ProfessionFillers), keys(w.ProfessionEndings)}
}

// checkRegions checks that what the parts of the file say of each other is true.
func (d *Directory) checkRegions(doc *content.Document) {
	r := &d.regions
	district := func(ags string, path ...any) {
		if _, ok := d.byAGS[ags]; !ok {
			doc.Fault(path, "there is no district with the AGS %q", ags)
		}
	}
	land := func(id string, path ...any) {
		if r.LandNames[id] == "" {
			doc.Fault(path, "there is no Land %q in laender_names", id)
		}
	}
	for name, list := range sorted(r.Ambiguous) {
		for _, ags := range list {
			district(ags, "ambiguous_place_names", name)
			if !slices.ContainsFunc(r.Districts, func(a area) bool { return a.AGS == ags && slices.Contains(a.Places, name) }) {
				doc.Fault(content.Path{"ambiguous_place_names", name}, "the district %s has no place %s", ags, name)
			}
		}
	}
	for i, h := range r.Homonyms {
		if len(h.CouldBe)+len(h.Elsewhere) == 0 {
			doc.Fault(content.Path{"homonyms", i}, "there must be could_be or elsewhere")
		}
		for _, ags := range h.CouldBe {
			district(ags, "homonyms", i, "could_be")
		}
		if h.Default != "" && !slices.Contains(h.CouldBe, h.Default) {
			doc.Fault(content.Path{"homonyms", i, "default"}, "the default %s must be one of could_be", h.Default)
		}
		for j, e := range h.Elsewhere {
			land(e.Land, "homonyms", i, "elsewhere", j, "land")
		}
	}
	for prefix, list := range sorted(r.Prefixes.Shared) {
		for _, id := range list {
			land(id, "rlp_prefixes3", "shared_with_other_laender", prefix)
		}
	}
	for prefix, x := range sorted(r.TwoDigits) {
		for _, id := range slices.Concat(x.Lands, x.Rare) {
			land(id, "laender_by_two_digits", prefix)
		}
	}
	for code, ags := range sorted(r.SharedDefault) {
		district(ags, "shared_postcode_defaults", code)
	}
}

// indexPostcodes builds what byPostcode looks up, and checks that every
// postcode belongs to one district or is shared in the eyes of all of them.
func (d *Directory) indexPostcodes(doc *content.Document) {
	r := &d.regions
	r.byCode, r.byPrefix = map[string][]Place{}, map[string]string{}
	owner := map[string]string{}
	shared := map[string][]string{}  // postcode -> AGS, in the order of the file
	outside := map[string][]string{} // postcode -> other Länder that use it too
	for i, x := range r.Districts {
		for _, code := range x.Codes {
			if err := checkPostcode(code); err != nil {
				doc.Fault(content.Path{"districts", i, "postcodes"}, "district %s: %v", x.Name, err)
			}
			if other := owner[code]; other != "" {
				doc.Fault(content.Path{"districts", i, "postcodes"}, "district %s: the postcode %s belongs to %s already; if both use it, it is shared", x.Name, code, d.byAGS[other].Name)
			}
			owner[code] = x.AGS
			r.byCode[code] = []Place{{District: x.AGS, Land: homeLand, Name: x.show(code), Exact: true}}
		}
		for code := range sorted(x.Shared) {
			shared[code] = append(shared[code], x.AGS)
		}
		for _, prefix := range x.Prefixes {
			if other := r.byPrefix[prefix]; other != "" {
				doc.Fault(content.Path{"districts", i, "prefixes_exclusive"}, "district %s: the prefix %s belongs to %s already", x.Name, prefix, d.byAGS[other].Name)
			}
			r.byPrefix[prefix] = x.AGS
		}
	}
	for i, x := range r.Districts {
		for code, others := range sorted(x.Shared) {
			path := content.Path{"districts", i, "postcodes_shared", code}
			if owner[code] != "" {
				doc.Fault(path, "district %s: the shared postcode %s belongs to %s alone in another line", x.Name, code, d.byAGS[owner[code]].Name)
			}
			var missing []string
			for _, ags := range others {
				if land := landOfAGS[ags[:min(2, len(ags))]]; land != "" && land != homeLand {
					outside[code] = append(outside[code], land)
				} else if !slices.Contains(shared[code], ags) {
					missing = append(missing, ags)
				}
			}
			for _, ags := range shared[code] {
				if ags != x.AGS && !slices.Contains(others, ags) {
					missing = append(missing, ags)
				}
			}
			if len(missing) > 0 {
				doc.Fault(path, "district %s: the postcode %s is shared by this district and %s in one of them only", x.Name, code, strings.Join(missing, ", "))
			}
			def := r.SharedDefault[code]
			p := Place{District: x.AGS, Land: homeLand, Name: x.show(code), Exact: def == "" || def == x.AGS}
			if def == x.AGS {
				r.byCode[code] = slices.Insert(r.byCode[code], 0, p)
			} else {
				r.byCode[code] = append(r.byCode[code], p)
			}
		}
	}
	for code, lands := range outside {
		for _, land := range slices.Compact(slices.Sorted(slices.Values(lands))) {
			r.byCode[code] = append(r.byCode[code], d.landPlace(land, true))
		}
	}
	for _, h := range r.Homonyms {
		for _, e := range h.Elsewhere {
			for _, code := range e.Codes {
				r.byCode[code] = []Place{{Land: e.Land, Name: within(e.Name, r.LandNames[e.Land]), Exact: true}}
			}
		}
	}
}

// show names the place that has the postcode: the only town that does, else the district.
func (a *area) show(code string) string {
	if a.Kind == kindCity {
		return a.Name
	}
	name := ""
	for _, t := range a.Towns {
		if slices.Contains(t.Codes, code) {
			if name != "" {
				return a.Name
			}
			name = t.Name
		}
	}
	if name == "" {
		return a.Name
	}
	return within(name, a.Name)
}

// within is how a place is shown together with what it lies in.
func within(name, whole string) string {
	switch {
	case name == whole:
		return name
	case strings.Contains(name+whole, "("):
		return name + ", " + whole
	}
	return name + " (" + whole + ")"
}

// additions part the short form of a name from what is added to tell it from others.
var additions = []string{" (", "/", " am ", " an der ", " in der ", " im ", " bei ", " vor der "}

// short is the name without its addition, such as "Bingen" of "Bingen am Rhein";
// empty if it has none.
func short(name string) string {
	for _, a := range additions {
		if before, _, ok := strings.Cut(name, a); ok {
			return before
		}
	}
	return ""
}

// learn adds a meaning of a name and of its short form.
func (d *Directory) learn(name string, r rank, p Place) {
	for _, n := range []string{name, short(name)} {
		if k := key(n); k != "" {
			e := d.places.at(k)
			e.refs = append(e.refs, candidate{p, r})
		}
	}
}

func (d *Directory) indexNames() {
	for _, x := range d.regions.Districts {
		whole := Place{District: x.AGS, Land: homeLand, Name: x.Name, Exact: true}
		byName, byAlias := rankDistrict, rankAlias
		if x.Kind == kindCity {
			byName, byAlias = rankCity, rankCity
		}
		d.learn(x.Name, byName, whole)
		if rest, ok := strings.CutPrefix(x.Name, "Landkreis "); ok {
			d.learn("Kreis "+rest, rankDistrict, whole)
			d.learn("LK "+rest, rankDistrict, whole)
		}
		for _, a := range x.Aliases {
			d.learn(a, byAlias, whole)
		}
		if x.Kind == kindCity {
			continue
		}
		for _, t := range x.Towns {
			whole.Name = within(t.Name, x.Name)
			d.learn(t.Name, rankTown, whole)
		}
		for _, p := range x.Places {
			whole.Name = within(p, x.Name)
			d.learn(p, rankVillage, whole)
			if rest, ok := strings.CutPrefix(p, "Bad "); ok && short(rest) == "" {
				d.learn(rest, rankVillage, whole)
			}
		}
	}
	for land, name := range sorted(d.regions.LandNames) {
		d.learn(name, rankLand, d.landPlace(land, true))
	}
}

// loadElsewhere adds the towns of germany.yaml.
func (d *Directory) loadElsewhere(r *content.Reader) {
	var file struct {
		Lands []struct {
			Land   string   `yaml:"land"`
			Cities []string `yaml:"cities"`
		} `yaml:"laender"`
	}
	doc := r.YAML("germany.yaml", &file)
	for i, x := range file.Lands {
		whole := d.regions.LandNames[x.Land]
		if whole == "" || x.Land == homeLand {
			doc.Fault(content.Path{"laender", i, "land"}, "%q is not one of the other Länder in laender_names of regions-rlp.yaml", x.Land)
		}
		for _, c := range x.Cities {
			d.learn(c, rankElsewhere, Place{Land: x.Land, Name: within(c, whole), Exact: true})
		}
	}
}

// settleNames orders the meanings of every name, drops repetitions, and marks
// as unlikely what the homonyms say is seldom meant.
func (d *Directory) settleNames() {
	for _, e := range d.places.byKey {
		slices.SortStableFunc(e.refs, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
		var once []candidate
		for _, c := range e.refs {
			if !slices.ContainsFunc(once, func(o candidate) bool {
				return o.place.Land == c.place.Land && o.place.District == c.place.District && (c.place.District != "" || o.place.Name == c.place.Name)
			}) {
				once = append(once, c)
			}
		}
		e.refs = once
	}
	for _, h := range d.regions.Homonyms {
		for _, say := range h.Say {
			e := d.places.at(key(say))
			var refs []candidate
			take := func(ags string) {
				c := candidate{Place{District: ags, Land: homeLand, Name: d.byAGS[ags].Name}, rankAlias}
				if i := slices.IndexFunc(e.refs, func(c candidate) bool { return c.place.District == ags }); i >= 0 {
					c = e.refs[i]
					e.refs = slices.Delete(e.refs, i, i+1)
				}
				c.place.Exact = ags == h.Default
				refs = append(refs, c)
			}
			if h.Default != "" {
				take(h.Default)
			}
			for _, ags := range h.CouldBe {
				if ags != h.Default {
					take(ags)
				}
			}
			for _, x := range h.Elsewhere {
				// A name that can be nothing in Rhineland-Palatinate is certain.
				refs = append(refs, candidate{Place{Land: x.Land, Name: within(x.Name, d.regions.LandNames[x.Land]), Exact: len(h.CouldBe) == 0}, rankElsewhere})
			}
			for _, c := range e.refs {
				c.place.Exact = false
				refs = append(refs, c)
			}
			e.refs = refs
		}
	}
}
