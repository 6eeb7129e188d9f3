package flow

import (
	"slices"
	"strings"
)

// newcomer serves a person whose language is not known yet.
func (r *run) newcomer(in Input) error {
	fr, under := r.top()
	if !under && r.env.Guess != "" && in.Kind != KindCommand {
		return r.returning(in)
	}
	if s := r.def.step(fr); under && s != nil && fr.Flow == Onboarding {
		a, asks := s.action.(asking)
		switch {
		case in.Kind == KindButton && strings.HasPrefix(in.Text, buttonData(s, "")):
			return r.button(in.Text)
		case in.Kind == KindText && asks:
			// A typed number or name of a language; anything else is kept for later.
			if taken, err := r.typedChoice(s, a, in.Text); taken || err != nil {
				return err
			}
		}
	}
	switch {
	case in.Kind == KindText && in.Text != "":
		r.st.Pending = &in
	case in.Kind == KindCommand && r.def.commands[in.Command] != (Frame{}):
		r.st.Pending = &in
	}
	r.st.Stack = []Frame{{Flow: Onboarding, Step: r.def.Flows[Onboarding].Start}}
	return r.enter()
}

// returning serves a person of whom nothing is stored although they do not
// begin with /start, as everybody does the first time: they were here before.
func (r *run) returning(in Input) error {
	r.speak(r.env.Guess)
	r.say(Say{Message: MsgReturning})
	r.st.Stack = []Frame{{Flow: Home, Step: r.def.Flows[Home].Start}}
	switch in.Kind {
	case KindText:
		r.caption(in)
		if err := r.text(in.Text); err != nil {
			return err
		}
	case KindButton:
		if anytime(in.Text) {
			return r.button(in.Text)
		}
	case KindUnsupported, KindLocation, KindContact:
		r.say(Say{Message: unreadMessage(in)})
	case KindCommand, KindTimer: // come here by other ways, or not at all
	}
	if slices.ContainsFunc(r.out, func(o Out) bool { return o.Say != nil && len(o.Say.Choices) > 0 }) {
		return nil // the words led to a question, which was asked
	}
	return r.enter()
}

// start handles /start and its deep-link payload: parts joined by "_", each a
// key and a value joined by the first "-", such as "lang-uk_topic-costs".
func (r *run) start(payload string) error {
	fresh := len(r.st.Stack) == 0
	r.leaveAll()
	r.st.Question = nil // as in command
	var link *Frame
	for part := range strings.SplitSeq(payload, "_") {
		key, value, ok := strings.Cut(part, "-")
		if !ok || value == "" {
			continue
		}
		if key == "lang" {
			r.save(VarLanguage, value, "")
			continue
		}
		if fr, known := r.def.links[key]; known {
			link = &fr
			r.assign(r.def.Flows[fr.Flow], key, value)
		}
	}
	if r.st.Language == "" && link != nil {
		r.speak(r.env.Guess)
	}
	if r.st.Language == "" {
		if link != nil {
			r.st.Pending = &Input{Kind: KindCommand, Command: "start", Text: payload}
		}
		return r.newcomer(Input{Kind: KindCommand, Command: "start"})
	}
	if link != nil {
		r.push(*link)
		return r.enter()
	}
	if fresh {
		// The language came with the link: go on where its choice would have led.
		return r.afterLanguage()
	}
	return r.home()
}

// afterLanguage goes to where the onboarding leads when the language is chosen.
func (r *run) afterLanguage() error {
	f := r.def.Flows[Onboarding]
	next := f.Steps[f.Start].Next
	fr, ok := r.def.resolve(f, next)
	if !ok {
		return r.home()
	}
	r.push(fr)
	return r.enter()
}
