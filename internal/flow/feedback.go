package flow

import (
	"slices"
	"strings"
)

// rate takes what a person thinks of an answer. What they are asked at the
// moment is not repeated: they look at the answer.
func (r *run) rate(rating string) error {
	helpful, topic, _ := strings.Cut(rating, "/")
	label, known := map[string]string{"y": MsgHelpful, "n": MsgUnhelpful}[helpful]
	if !known || topic == "" {
		return r.stale()
	}
	rated := r.source
	if rated == "" {
		rated = topic
	}
	if slices.Contains(r.st.Rated, rated) {
		return nil // a second tap, perhaps on the other button: the first one counts
	}
	r.st.Rated = append(r.st.Rated, rated)
	if n := len(r.st.Rated) - maxRated; n > 0 {
		r.st.Rated = slices.Delete(r.st.Rated, 0, n)
	}
	r.chosen = &Choice{Data: DataRate + rating, Label: label}
	r.effect(EffectRate, map[string]string{"topic": topic, "helpful": yesNo(helpful == "y")})
	return nil
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// keep takes what may become of the last question.
func (r *run) keep(rest string) error {
	data := DataQuestion + rest
	q := r.st.Question
	verb, known := strings.CutSuffix(data, q.Key())
	label := map[string]string{KeepAnswer: MsgKeepAnswer, Keep: MsgKeep, KeepNot: MsgKeepNot, NoneOf: MsgNoneOf}[verb]
	if q == nil || !known || label == "" {
		return r.stale() // another question has been asked since
	}
	r.chosen = &Choice{Data: data, Label: label}
	if verb == NoneOf {
		r.effect(EffectNone, nil)
		return nil
	}
	r.st.Unasked = verb == KeepNot
	if verb == KeepNot {
		r.st.Question = nil
		return nil
	}
	r.effect(EffectKeep, map[string]string{"answer": yesNo(verb == KeepAnswer)})
	return nil
}
