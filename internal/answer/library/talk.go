package library

import (
	"maps"
	"path"
	"slices"
	"strings"

	"iqbot/internal/answer/hear"
	"iqbot/internal/content"
	"iqbot/internal/locale"
)

// talkKinds is talk.yaml: what is the same of small talk and crises in all languages.
type talkKinds struct {
	Kinds map[string]talkKind `yaml:"kinds"`
}

// talkKind is a kind of small talk, or a crisis.
type talkKind struct {
	Crisis bool `yaml:"crisis"`
	Polite bool `yaml:"polite"`
	Rank   int  `yaml:"rank"`
	// Buttons are what is offered below the text.
	Buttons []string `yaml:"buttons"`
	Sources []string `yaml:"sources"`
}

func (ld *loader) readKinds() {
	if !ld.Exists(talkFile) {
		return
	}
	ld.kindsDoc = ld.YAML(talkFile, &ld.kinds)
	for name, k := range ld.kinds.Kinds {
		at := content.Path{"kinds", name}
		for _, b := range k.Buttons {
			if b != ButtonHuman && b != ButtonMenu {
				ld.kindsDoc.Fault(append(at, "buttons", b), "button %q is neither %s nor %s", b, ButtonHuman, ButtonMenu)
			}
		}
		if k.Crisis && !slices.Contains(k.Buttons, ButtonHuman) {
			ld.kindsDoc.Fault(append(at, "crisis"), "a crisis offers a human: buttons: [human, menu]")
		}
		ld.checkSources(ld.kindsDoc, append(at, "sources"), k.Sources)
	}
}

// readTalks reads <lang>/talk.
func (s *shelf) readTalks() {
	dir := path.Join(s.tag, "talk")
	for _, e := range s.Dir(dir) {
		file := path.Join(dir, e.Name())
		if e.Name() == fillersFile {
			s.fillers = s.Lines(file)
		} else if kind, ok := strings.CutSuffix(e.Name(), articleSuffix); ok {
			s.checkName(file, "a kind", kind)
			s.talks[kind] = s.readDraft(file, kind, s.kinds.Kinds[kind].Sources)
		} else if kind, ok := strings.CutSuffix(e.Name(), phrasesSuffix); ok {
			s.phrases[kind] = s.Lines(file)
		} else {
			s.Fault(file, 1, "is neither <kind>%s nor <kind>%s nor %s", articleSuffix, phrasesSuffix, fillersFile)
		}
	}
	s.checkPairs(dir, s.talks, s.phrases, phrasesSuffix, "text")
}

// checkTalks compares the texts of the languages with talk.yaml.
func (ld *loader) checkTalks() {
	original := ld.original().talks
	for _, s := range ld.shelves {
		for kind, d := range s.talks {
			if original[kind] == nil {
				ld.Fault(d.file, 1, "there is no %s, which every kind needs", path.Join(ld.reference, "talk", kind+articleSuffix))
			} else if _, ok := ld.kinds.Kinds[kind]; !ok && (ld.kindsDoc == nil || ld.kindsDoc.OK()) {
				ld.Fault(d.file, 1, "the kind %q is not in %s", kind, talkFile)
			}
		}
	}
	for kind := range ld.kinds.Kinds {
		if original[kind] == nil {
			ld.kindsDoc.Fault(content.Path{"kinds", kind}, "there is no %s", path.Join(ld.reference, "talk", kind+articleSuffix))
		}
	}
}

// ear makes what recognises small talk and crises, and finds phrases that are not
// right; nil if there are none.
func (ld *loader) ear(l *Library) *hear.Ear {
	if len(ld.kinds.Kinds) == 0 {
		return nil
	}
	var kinds []hear.Kind
	numbers := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(ld.kinds.Kinds)) {
		k := ld.kinds.Kinds[name]
		numbers[name] = len(kinds)
		kinds = append(kinds, hear.Kind{Name: name, Crisis: k.Crisis, Polite: k.Polite, Rank: k.Rank})
	}
	ear := hear.New(kinds, ld.grammar, l.usual())
	type home struct{ kind, file string }
	seen := map[string]home{}
	for _, s := range ld.shelves {
		for _, kind := range slices.Sorted(maps.Keys(s.phrases)) {
			number, ok := numbers[kind]
			if !ok {
				continue // is reported
			}
			file := path.Join(s.tag, "talk", kind+phrasesSuffix)
			for _, line := range s.phrases[kind] {
				if reason := ear.Add(number, s.tag, line.Text); reason != "" {
					ld.Fault(file, line.Number, "%s", reason)
				}
				key := phraseKey(line.Text)
				if other, ok := seen[key]; ok && other.kind != kind {
					ld.Fault(file, line.Number, "phrase %q belongs to %s already, in %s", line.Text, other.kind, other.file)
				}
				seen[key] = home{kind, file}
			}
		}
		for _, line := range s.fillers {
			ear.AddFiller(line.Text)
		}
	}
	return ear
}

// phraseKey is the same for phrases that are recognised by the same words.
func phraseKey(phrase string) string {
	key := locale.Fold(phrase)
	switch {
	case key == "": // signs
		return phrase
	case strings.HasPrefix(phrase, "? "), strings.HasPrefix(phrase, "! "):
		return phrase[:2] + key
	}
	return key
}
