package flow

import "strings"

func (r *run) button(data string) error {
	if topic, ok := strings.CutPrefix(data, DataTopic); ok {
		r.chosen = &Choice{Data: data}
		r.effect(EffectArticle, map[string]string{"topic": topic})
		return r.resume()
	}
	if topic, ok := strings.CutPrefix(data, DataContacts); ok {
		r.chosen = &Choice{Data: data}
		r.effect(EffectContacts, map[string]string{"topic": topic, "place": r.st.Vars["place"], "land": LandHome})
		return r.resume()
	}
	if id, ok := strings.CutPrefix(data, DataFlow); ok {
		if f := r.def.Flows[id]; f != nil {
			r.chosen = &Choice{Data: data}
			return r.open(Frame{Flow: id, Step: f.Start})
		}
		return r.stale()
	}
	if rating, ok := strings.CutPrefix(data, DataRate); ok {
		return r.rate(rating)
	}
	if strings.HasPrefix(data, DataQuestion) {
		return r.keep(data)
	}
	if tag, ok := strings.CutPrefix(data, DataLanguage); ok {
		if !r.env.Languages(tag) {
			return r.stale()
		}
		r.chosen = &Choice{Data: data}
		r.save(VarLanguage, tag, "")
		r.say(Say{Message: MsgLanguage})
		return r.repeat()
	}
	flowID, rest, ok1 := strings.Cut(data, "/")
	stepID, id, ok2 := strings.Cut(rest, "/")
	fr := Frame{Flow: flowID, Step: stepID}
	s := r.def.step(fr)
	if !ok1 || !ok2 || s == nil {
		return r.stale()
	}
	if top, ok := r.top(); !ok || top != fr {
		if !s.Anytime {
			return r.stale()
		}
		r.st.Stack = nil
		r.push(fr)
	}
	return r.choose(fr, s, id)
}

// stale answers a button that is not good any more.
func (r *run) stale() error {
	r.say(Say{Message: MsgStale})
	return r.repeat()
}
