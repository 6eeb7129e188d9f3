package bot

import (
	"cmp"

	"iqbot/internal/flow"
	"iqbot/internal/network"
)

// lookups is what a flow can ask people for by name: each row is an `input:` and
// a type under `vars:`. The words of a new one belong into flows/schema.json too.
var lookups = []struct {
	name   string
	nearby bool // it knows what is around a point
	of     func(*network.Directory) flow.Lookup
}{
	{lookupPlace, true, places},
	{"profession", false, professions},
}

// lookupPlace is the one that is also used outside flows: people name a place in a question.
const lookupPlace = "place"

// FlowLists is what flow files may refer to of this package.
func FlowLists() flow.Lists {
	lists := flow.Lists{Options: []string{OptionLanguages}, Flags: []string{FlagAdvisors, FlagUsername}, Vars: []string{varAssistant}}
	for _, l := range lookups {
		lists.Lookups = append(lists.Lookups, l.name)
		if l.nearby {
			lists.Nearby = append(lists.Nearby, l.name)
		}
	}
	return lists
}

// lookupsOf makes the look-ups of a directory, by name.
func lookupsOf(d *network.Directory) map[string]flow.Lookup {
	made := make(map[string]flow.Lookup, len(lookups))
	for _, l := range lookups {
		made[l.name] = l.of(d)
	}
	return made
}

// places are districts by their AGS, and Länder by their code. Their names are
// German in every language, as they stand on the signs.
func places(d *network.Directory) flow.Lookup {
	return flow.Lookup{
		Find: func(words, _ string) []flow.Option {
			var options, exact []flow.Option
			for _, p := range d.FindPlaces(words) {
				o := flow.Option{ID: cmp.Or(p.District, p.Land), Label: p.Name, Certain: p.Exact}
				if o.ID == "" {
					continue // somewhere, but nobody knows whose
				}
				options = append(options, o)
				if p.Exact {
					exact = append(exact, o)
				}
			}
			if len(exact) == 1 { // the others are only guesses
				return exact
			}
			return options
		},
		Get: func(id, _ string) (flow.Option, bool) {
			name := d.LandName(id)
			if district, ok := d.District(id); ok {
				name = district.Name
			}
			return flow.Option{ID: id, Label: name}, name != ""
		},
		Nearby: func(latitude, longitude float64, _ string) (options []flow.Option) {
			for _, district := range d.Nearby(latitude, longitude, maxNearby) {
				options = append(options, flow.Option{ID: district.ID, Label: district.Name})
			}
			return options
		},
	}
}

// professions are those of the directory, by their ids.
func professions(d *network.Directory) flow.Lookup {
	ids := map[string]string{} // as a button carries them
	for p := range d.Professions {
		ids[flow.Short(p.ID)] = p.ID
	}
	return flow.Lookup{
		Find: func(words, lang string) (options []flow.Option) {
			for _, p := range d.FindProfessions(words) {
				options = append(options, flow.Option{ID: p.ID, Label: p.Name(lang), Button: p.ShortName(lang, maxTitle), Certain: p.Exact})
			}
			return options
		},
		Get: func(id, lang string) (flow.Option, bool) {
			p, ok := d.Profession(cmp.Or(ids[id], id))
			return flow.Option{ID: p.ID, Label: p.Name(lang), Button: p.ShortName(lang, maxTitle)}, ok
		},
	}
}
