package flow

import (
	"slices"
	"strings"
)

// anytimeButton is a button that is good at any time: what its data begins with,
// and what it does with the rest.
type anytimeButton struct {
	prefix string
	press  func(r *run, rest string) error
}

// anytimeButtons is every such button. It is a function, because what they do
// can lead to other buttons.
func anytimeButtons() []anytimeButton {
	return []anytimeButton{
		{DataTopic, (*run).pressTopic},
		{DataContacts, (*run).pressContacts},
		{DataFlow, (*run).pressFlow},
		{DataLanguage, (*run).pressLanguage},
		{DataRate, (*run).rate},
		{DataQuestion, (*run).keep},
	}
}

func anytime(data string) bool {
	return slices.ContainsFunc(anytimeButtons(), func(b anytimeButton) bool { return strings.HasPrefix(data, b.prefix) })
}

// button takes the button with the data.
func (r *run) button(data string) error {
	for _, b := range anytimeButtons() {
		if rest, ok := strings.CutPrefix(data, b.prefix); ok {
			return b.press(r, rest)
		}
	}
	flowID, rest, ok1 := strings.Cut(data, "/")
	stepID, id, ok2 := strings.Cut(rest, "/")
	fr := Frame{Flow: flowID, Step: stepID}
	s := r.def.step(fr)
	if !ok1 || !ok2 || s == nil {
		return r.stale()
	}
	a, asks := s.action.(asking)
	if !asks {
		return r.stale()
	}
	if top, ok := r.top(); !ok || top != fr {
		if !a.waits().Anytime {
			return r.stale()
		}
		r.st.Stack = nil
		r.push(fr)
	}
	return a.answer(r, s, Input{Kind: KindButton, Text: id})
}

func (r *run) pressTopic(topic string) error {
	r.chosen = &Choice{Data: TopicData(topic)}
	r.effect(EffectArticle, map[string]string{"topic": topic})
	return r.resume()
}

func (r *run) pressContacts(topic string) error {
	r.chosen = &Choice{Data: ContactsData(topic)}
	r.effect(EffectContacts, map[string]string{"topic": topic, "place": r.st.Vars["place"], "land": LandHome})
	return r.resume()
}

func (r *run) pressFlow(id string) error {
	f := r.def.Flows[id]
	if f == nil {
		return r.stale()
	}
	r.chosen = &Choice{Data: FlowData(id)}
	return r.open(Frame{Flow: id, Step: f.Start})
}

func (r *run) pressLanguage(tag string) error {
	if !r.env.Languages(tag) {
		return r.stale()
	}
	r.chosen = &Choice{Data: LanguageData(tag)}
	r.save(VarLanguage, tag, "")
	r.say(Say{Message: MsgLanguage})
	return r.repeat()
}

// stale answers a button that is not good any more.
func (r *run) stale() error {
	r.st.Pressed = "" // it stays there, and silence would be no answer the next time
	r.say(Say{Message: MsgStale})
	return r.repeat()
}
