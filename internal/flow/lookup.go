package flow

import (
	"strconv"
	"strings"
)

// takePlace takes the one place that is meant, or asks which of several.
func takePlace(r *run, s *StepDef, a *askStep, in Input) error {
	if in.Kind == KindText {
		return a.choosePlace(r, s, r.env.Places(in.Text, r.st), in.Text)
	}
	if r.env.Nearby == nil {
		return r.unsupported()
	}
	latitude, longitude, _ := strings.Cut(in.Text, ",")
	lat, err1 := strconv.ParseFloat(latitude, 64)
	lon, err2 := strconv.ParseFloat(longitude, 64)
	if err1 != nil || err2 != nil {
		return r.miss(s, "")
	}
	return a.choosePlace(r, s, r.env.Nearby(lat, lon), "")
}

// choosePlace takes the one place that is meant, or asks which of several.
// words are what was typed, "" if nothing was.
func (a *askStep) choosePlace(r *run, s *StepDef, places []Option, words string) error {
	switch {
	case len(places) == 0:
		return r.miss(s, words)
	case len(places) == 1 && places[0].Certain:
		r.visit(s.frame(), WayTyped)
		return a.saveAnswer(r, s, places[0].ID, places[0].Label)
	default:
		say := Say{Message: MsgChoose}
		for _, p := range places {
			say.Choices = append(say.Choices, Choice{Data: buttonData(s, p.ID), Words: p.Label})
		}
		r.say(say)
		return nil
	}
}

// pickPlace takes one of the places that choosePlace has offered.
func pickPlace(r *run, s *StepDef, a *askStep, id string) error {
	name := r.env.Place(id)
	if name == "" {
		return r.stale()
	}
	r.chosen = &Choice{Data: buttonData(s, id), Words: name}
	return a.saveAnswer(r, s, id, name)
}
