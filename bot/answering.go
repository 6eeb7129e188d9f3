package bot

import (
	"strings"

	"iqbot/internal/answer"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// offerEvery is after how many questions in another language than the
// dialogue's that language is offered again. The first offer comes at once.
const offerEvery = 5

// answer answers a typed question: with an article, with a few to choose from,
// or by saying honestly that it does not know. If it is in another of our
// languages than the dialogue, so are the answer and its buttons; the dialogue
// stays in its language until the person presses the button that changes it.
func (b *reply) answer(question string) {
	dialogue := b.p
	res := b.u.question(question).FindAfter(dialogue.Language().Tag, b.about)
	other, known := b.d.Content.Catalog.Language(res.Lang)
	if !known || other.Tag == dialogue.Language().Tag {
		b.result(question, res)
		b.notice(res)
		return
	}
	b.flush() // what was said before is in the dialogue's language
	b.p = b.d.Content.Catalog.Printer(other.Tag)
	b.said("in", other.Tag)
	b.result(question, res)
	if b.offers(other.Tag) {
		b.said("switch", other.Tag)
		b.row(b.button(msgContinue, flow.LanguageData(other.Tag)))
	}
	b.notice(res)
	b.flush()
	b.p = dialogue
}

// offers counts a question in another language and says whether it is the turn
// to offer that language.
func (b *reply) offers(tag string) bool {
	st := &b.out.State
	if st.Foreign == nil {
		st.Foreign = map[string]int{}
	}
	n := st.Foreign[tag]
	st.Foreign[tag] = (n + 1) % offerEvery
	return n == 0
}

// result says what was found. A question that was not understood does not end
// the topic that the dialogue is about.
func (b *reply) result(question string, res answer.Result) {
	b.out.State.Question = nil // addresses are not rated
	if place := b.place(res.Place); place != "" {
		b.keeps(b.about)
		b.addresses(b.about, place)
		return
	}
	if res.Kept != "" {
		b.keeps(res.Kept)
		if res.Contacts {
			b.addresses(res.Kept, b.out.State.Vars["place"])
			return
		}
		b.asked(question, res.Candidates[0].Topic)
		b.article(res.Candidates[0].Topic)
		b.turnsTo(res.Kept) // and not to the costs in general, if those were asked for
		return
	}
	b.out.State.About = b.about
	res, words := b.assisted(question, res)
	switch res.Outcome {
	case answer.Talk:
		b.talk(res.Talk, b.p.Language().Tag)
	case answer.Found:
		b.asked(question, res.Candidates[0].Topic)
		if !b.rephrased(res.Candidates[0].Topic, words) {
			b.article(res.Candidates[0].Topic)
		}
	case answer.Several:
		var topics []string
		for _, c := range res.Candidates {
			topics = append(topics, c.Topic)
		}
		b.asked(question, topics...)
		b.said("several", strings.Join(topics, " "))
		b.paragraph(b.p.Text(msgSeveral, nil))
		for _, c := range res.Candidates {
			if a, ok := b.d.Content.Articles.Article(c.Topic, b.p.Language().Tag); ok {
				b.row(Button{Label: a.Title, Data: flow.TopicData(c.Topic)})
			}
		}
		if q := b.out.State.Question; q != nil {
			b.row(b.button(flow.MsgNoneOf, flow.NoneOf+q.Key()))
		}
		b.row(b.button(msgHuman, flow.FlowData("handoff")))
	default:
		b.asked(question)
		if res.Other {
			b.said("other", "")
			b.paragraph(b.p.Text(msgOther, nil))
			b.leave()
		} else {
			b.said("unknown", "")
			b.unknown()
		}
	}
}

// unknown says that there is no answer to the question that was asked.
func (b *reply) unknown() {
	b.paragraph(b.p.Text(msgUnknown, nil))
	b.leave()
}

// leave offers to leave the question to the editors, and the ways on. It does
// so for what seems to be off the subject, too: editors want to see above all
// where that is wrong.
func (b *reply) leave() {
	if b.out.State.Question != nil && !b.out.State.Unasked {
		b.offer()
	}
	b.keys = append(b.keys, b.waysOn()...)
}

// keeps tells the person with which topic the answer goes on.
func (b *reply) keeps(topic string) {
	a, ok := b.d.Content.Articles.Article(topic, b.p.Language().Tag)
	if ok {
		b.said("kept", topic)
		b.paragraph(b.p.Text(msgKept, locale.Params{"Topic": a.Title}))
	}
}

// addresses shows who helps with a topic, at a place if one is known.
func (b *reply) addresses(topic, place string) {
	b.turnsTo(topic)
	b.said(string(flow.EffectContacts), "")
	b.contacts(map[string]string{"topic": topic, "place": place, "land": flow.LandHome})
	b.keys = append(b.keys, b.waysOn()...)
}

// place is the one place that words can mean; "" if they mean none or may mean several.
func (b *reply) place(words string) string {
	if words == "" {
		return ""
	}
	if places := b.d.Content.lookups[lookupPlace].Find(words, b.p.Language().Tag); len(places) == 1 && places[0].Certain {
		return places[0].ID
	}
	return ""
}

// turnsTo notes what the dialogue is about from now on: the next question may
// go on with it, and an advisor is told of it.
func (b *reply) turnsTo(topic string) {
	b.out.State.About = topic
	b.out.State.Vars["topic"] = topic
}

// talk answers small talk or a crisis.
func (b *reply) talk(kind, lang string) {
	t, ok := b.d.Content.Articles.Talk(kind, lang)
	if !ok {
		b.paragraph(b.p.Text(flow.MsgStale, nil))
		return
	}
	if t.Crisis {
		if b.out.Crisis {
			return // the step has heard it already
		}
		b.out.Crisis = true
	}
	b.said("talk", kind)
	b.paragraph(t.Body)
	var row []Button
	for _, button := range t.Buttons {
		switch button {
		case answer.ButtonHuman:
			row = append(row, b.button(msgHuman, flow.FlowData("handoff")))
		case answer.ButtonMenu:
			row = append(row, b.button(msgMenu, flow.FlowData(flow.Home)))
		}
	}
	if len(row) > 0 {
		b.row(row...)
	}
	if t.Crisis {
		b.flush() // a message of its own, that nothing is hidden among other words
	}
}

func (b *reply) article(topic string) {
	lang := b.p.Language().Tag
	a, ok := b.d.Content.Articles.Article(topic, lang)
	if !ok {
		missing := msgLink // a flow shows an article that is not there only if a link from outside names it
		if b.u.Input.Kind == flow.KindButton && strings.HasPrefix(b.u.Input.Text, flow.DataTopic) {
			missing = flow.MsgStale
		}
		b.out.Said = append(b.out.Said, missing)
		b.paragraph(b.p.Text(missing, nil))
		return
	}
	b.said("article", topic)
	b.turnsTo(topic)
	b.finished(b.d.Content.article(b.p, a))
	if topic == privacyTopic && b.d.Assistant != "" {
		b.paragraph(b.p.Text(msgAssistPrivacy, locale.Params{paramAssistant: b.d.Assistant}))
	}
	b.finished(b.d.Content.sources(b.p, a))
	b.keys = append(b.keys, b.articleRows(a)...)
	b.row(b.ratingRow(topic)...)
}

// sources is one line a source, each with its date.
func sources(p *locale.Printer, sources []answer.Source) string {
	var lines []string
	for _, s := range sources {
		date := p.Text(msgRetrieved, locale.Params{"Date": locale.Markup(p.Date(s.Retrieved))})
		if s.AsOf != "" {
			date = p.Text(msgAsOf, locale.Params{"Date": locale.Markup(p.AsOf(s.AsOf))})
		}
		label := locale.Markup(richtext.Escape(p.Isolate(s.Label)))
		if s.URL != "" {
			label = "[" + label + "](" + locale.Markup(s.URL) + ")"
		}
		lines = append(lines, p.Text(msgSource, locale.Params{"Source": label, "Date": locale.Markup(date)}))
	}
	return strings.Join(lines, "\n")
}
