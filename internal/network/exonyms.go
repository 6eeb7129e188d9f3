package network

import (
	"slices"
	"strings"
	"unicode/utf8"

	"iqbot/internal/content"
)

// inflection is what a language does to a name in a sentence. The zero value
// leaves it as it is.
type inflection struct {
	// Endings are put behind a name.
	Endings []string `yaml:"endings"`
	// NotAfter are the letters behind which no ending stands, such as vowels.
	NotAfter string `yaml:"not_after"`
}

// keys are the keys of all forms of a name, itself first; none if nothing of it can be written.
func (f inflection) keys(name string) []string {
	k := key(name)
	if k == "" {
		return nil
	}
	keys := []string{k}
	if last, _ := utf8.DecodeLastRuneInString(k); strings.ContainsRune(key(f.NotAfter), last) {
		return keys
	}
	for _, ending := range f.Endings {
		keys = append(keys, k+key(ending))
	}
	return keys
}

// loadExonyms adds the spellings of exonyms.yaml: what a place is called in
// which language, and how that language inflects it, is known there only.
func (d *Directory) loadExonyms(r *content.Reader) {
	type spellings map[string][]string // language -> how the name is written
	var file struct {
		Languages map[string]inflection `yaml:"languages"`
		Towns     []struct {
			Name      string    `yaml:"name"`
			Spellings spellings `yaml:",inline"`
		} `yaml:"towns"`
		Lands map[string]spellings `yaml:"laender"`
	}
	doc := r.YAML("exonyms.yaml", &file)
	add := func(of spellings, refs []candidate, at ...any) {
		for lang, names := range sorted(of) {
			f, ok := file.Languages[lang]
			if !ok {
				doc.Fault(append(at, lang), "%q is none of the languages of this file: %s", lang, known(file.Languages))
			}
			for _, name := range names {
				for _, k := range f.keys(name) {
					d.spell(k, refs)
				}
			}
		}
	}
	for i, t := range file.Towns {
		target := d.places.byKey[key(t.Name)]
		if target == nil {
			doc.Fault(content.Path{"towns", i, "name"}, "there is no place %q in regions-rlp.yaml or germany.yaml", t.Name)
			continue
		}
		add(t.Spellings, target.refs, "towns", i)
	}
	for land, of := range sorted(file.Lands) {
		if d.regions.LandNames[land] == "" {
			doc.Fault(content.Path{"laender", land}, "there is no Land %q in laender_names of regions-rlp.yaml", land)
		}
		add(of, []candidate{{d.landPlace(land, true), rankLand}}, "laender", land)
	}
}

// spell adds a key under which the meanings of a name are found too.
func (d *Directory) spell(key string, refs []candidate) {
	e := d.places.at(key)
	for _, c := range refs {
		if !slices.Contains(e.refs, c) {
			e.refs = append(e.refs, c)
		}
	}
}
