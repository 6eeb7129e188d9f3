package flow

import "strconv"

// page is the part of a long list that is shown, with buttons to the parts beside it.
func (r *run) page(s *StepDef, options []Option) []Choice {
	first := r.st.Page * PageSize
	if first >= len(options) { // the list has become shorter
		first = 0
	}
	turn := func(page int, label string) Choice {
		return Choice{Data: buttonData(s, dataPage+strconv.Itoa(page)), Label: label}
	}
	var choices []Choice
	for _, o := range options[first:min(first+PageSize, len(options))] {
		choices = append(choices, Choice{Data: buttonData(s, Short(o.ID)), Words: o.words()})
	}
	if first > 0 {
		choices = append(choices, turn(first/PageSize-1, MsgPrevious))
	}
	if first+PageSize < len(options) {
		choices = append(choices, turn(first/PageSize+1, MsgNext))
	}
	return choices
}

// turn shows another page of a list of so many options.
func (r *run) turn(s *StepDef, page string, options int) error {
	n, err := strconv.Atoi(page)
	if err != nil || n < 0 || n*PageSize >= options {
		return r.stale()
	}
	r.chosen = &Choice{Data: buttonData(s, dataPage+page), Label: MsgNext}
	if n < r.st.Page {
		r.chosen.Label = MsgPrevious
	}
	r.st.Page = n
	return r.enter()
}
