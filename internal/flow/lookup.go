package flow

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// Lookup finds things of one kind that people name in their own words: places,
// professions. Its name is a type of answer and a type of variable; such a
// variable x holds the id, and x_name what was said to the person.
type Lookup struct {
	// Find lists what words may mean, the best first.
	Find func(words, lang string) []Option
	// Get gives what has the id, or the [Short] form of it, with its name in the language.
	Get func(id, lang string) (Option, bool)
	// Nearby lists what is around a point, the nearest first. If nil, the things
	// are nowhere in particular.
	Nearby func(latitude, longitude float64, lang string) []Option
}

// Option is a choice that the environment supplies.
type Option struct {
	ID    string // of a-z, A-Z, 0-9, - and _
	Label string // in words, not a message id
	// Button is what a button says that chooses it, where room is short. If empty, Label.
	Button string
	// Certain says of what was looked up that the words can mean nothing else.
	Certain bool
}

// Short is an id as a button carries it: itself, or, if it is longer than 24
// bytes, its beginning and a hash.
func Short(id string) string {
	if len(id) <= maxOption {
		return id
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	hash := fmt.Sprintf("_%08x", h.Sum32())
	return id[:maxOption-len(hash)] + hash
}

// words are those of a button that chooses it.
func (o Option) words() string { return cmp.Or(o.Button, o.Label) }

// get is Get of the look-up with that name.
func (r *run) get(lookup, id string) (Option, bool) {
	l := r.env.Lookups[lookup]
	if l.Get == nil {
		return Option{}, false
	}
	return l.Get(id, r.language())
}

// find is Find of the look-up with that name.
func (r *run) find(lookup, words string) []Option {
	l := r.env.Lookups[lookup]
	if l.Find == nil {
		return nil
	}
	return l.Find(words, r.language())
}

// language is the one in which the person reads.
func (r *run) language() string { return cmp.Or(r.st.Language, r.env.Guess) }

// isLookup says whether a variable of the type holds what was looked up.
func (d *Definition) isLookup(t VarType) bool { return slices.Contains(d.lookups, string(t)) }

// lookupInput is the type of answer that is looked up.
func lookupInput(name string, nearby bool) inputType {
	t := inputType{name: InputType(name), into: VarType(name), take: takeLookup, pick: pickLookup}
	if nearby {
		t.share = ShareLocation
	}
	return t
}

// takeLookup looks up what was typed, or what is around the point that was sent.
func takeLookup(r *run, s *StepDef, a *askStep, in Input) error {
	if in.Kind == KindText {
		return a.chooseFound(r, s, r.find(string(a.Input), in.Text), in.Text)
	}
	nearby := r.env.Lookups[string(a.Input)].Nearby
	if nearby == nil {
		return r.unread(in)
	}
	latitude, longitude, _ := strings.Cut(in.Text, ",")
	lat, err1 := strconv.ParseFloat(latitude, 64)
	lon, err2 := strconv.ParseFloat(longitude, 64)
	if err1 != nil || err2 != nil {
		return r.miss(s, "")
	}
	return a.chooseFound(r, s, nearby(lat, lon, r.language()), "")
}

// chooseFound takes the one thing that is meant, or asks which of several.
// words are what was typed, "" if nothing was.
func (a *askStep) chooseFound(r *run, s *StepDef, found []Option, words string) error {
	switch {
	case len(found) == 0:
		return r.miss(s, words)
	case len(found) == 1 && found[0].Certain:
		r.visit(s.frame(), WayTyped)
		return a.saveAnswer(r, s, found[0].ID, found[0].Label)
	default:
		say := Say{Message: MsgChoose}
		for _, o := range found {
			say.Choices = append(say.Choices, Choice{Data: buttonData(s, Short(o.ID)), Words: o.words()})
		}
		r.say(say)
		return nil
	}
}

// pickLookup takes one of the choices that chooseFound has offered.
func pickLookup(r *run, s *StepDef, a *askStep, id string) error {
	o, ok := r.get(string(a.Input), id)
	if !ok {
		return r.stale()
	}
	r.chosen = &Choice{Data: buttonData(s, id), Words: o.words()}
	return a.saveAnswer(r, s, o.ID, o.Label)
}
