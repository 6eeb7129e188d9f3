package flow

import "strconv"

// page is the part of a long list that is shown, with buttons to the parts beside it.
func (r *run) page(fr Frame, options []Option) []Choice {
	first := r.st.Page * PageSize
	if first >= len(options) { // the list has become shorter
		first = 0
	}
	turn := func(page int, label string) Choice {
		return Choice{Data: buttonData(fr.Flow, fr.Step, dataPage+strconv.Itoa(page)), Label: label}
	}
	var choices []Choice
	for _, o := range options[first:min(first+PageSize, len(options))] {
		choices = append(choices, Choice{Data: buttonData(fr.Flow, fr.Step, o.ID), Words: o.Label})
	}
	if first > 0 {
		choices = append(choices, turn(first/PageSize-1, MsgPrevious))
	}
	if first+PageSize < len(options) {
		choices = append(choices, turn(first/PageSize+1, MsgNext))
	}
	return choices
}
