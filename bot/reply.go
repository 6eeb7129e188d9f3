package bot

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// Limits of what one message shows.
const (
	// maxCards is how many local contact cards are shown at once; more than
	// that is a list nobody reads on a phone.
	maxCards = 6
	// maxNationwide is how many nationwide cards follow them.
	maxNationwide = 4
	// maxNearby is how many districts are offered around a shared location.
	maxNearby = 4
	// maxRelated is how many related topics stand under an answer.
	maxRelated = 3
)

// reply builds the messages of one outcome. What is said in a row becomes one
// message, because every message costs a newcomer's phone a notification and
// the platform's limit a place.
type reply struct {
	d    *Dialogue
	u    *visit
	p    *locale.Printer
	now  time.Time
	out  Outcome
	text []richtext.Text // paragraphs of the message being built
	keys [][]Button

	share, shareLabel string
	about             string // the topic with which a question may go on, "" if none
}

func (d *Dialogue) reply(st flow.State, v *visit, now time.Time) *reply {
	if st.Vars == nil { // of a person of whom nothing is stored, or is any more
		st.Vars = map[string]string{}
	}
	return &reply{d: d, u: v, now: now, p: v.printer(st), out: Outcome{State: st}}
}

func (b *reply) paragraph(markup string) {
	b.finished(finished(b.p, markup))
}

// finished adds paragraphs that are ready to be sent.
func (b *reply) finished(t richtext.Text) {
	if len(b.keys) > 0 {
		b.flush()
	}
	if len(t) > 0 {
		b.text = append(b.text, t)
	}
}

// message adds a message of the catalogue as a paragraph.
func (b *reply) message(id string) {
	if t, ok := b.d.Content.message(b.p, id); ok {
		b.finished(t)
		return
	}
	b.paragraph(b.p.Text(id, nil))
}

func (b *reply) row(buttons ...Button) { b.keys = append(b.keys, buttons) }

// flush ends the message being built.
func (b *reply) flush() {
	if len(b.text) > 0 {
		b.out.Messages = append(b.out.Messages, Message{
			Text:    richtext.Join(b.text...),
			Buttons: b.keys, Share: b.share, ShareLabel: b.shareLabel,
		})
	}
	b.text, b.keys, b.share, b.shareLabel = nil, nil, "", ""
}

// number gives the messages their ids: the same update gives the same ids, so
// that a commit that is tried again adds nothing twice.
func (b *reply) number() {
	for i := range b.out.Messages {
		b.out.Messages[i].ID = string(b.u.ID) + "/" + strconv.Itoa(i)
	}
}

func (b *reply) button(id, data string) Button {
	return Button{Label: b.d.Content.label(b.p, id), Data: data}
}

func (b *reply) label(c flow.Choice) string {
	switch {
	case c.Label != "":
		return b.button(c.Label, "").Label
	case c.Words != "":
		return c.Words
	}
	if topic, ok := strings.CutPrefix(c.Data, flow.DataTopic); ok {
		if a, ok := b.d.Content.Articles.Article(topic, b.p.Language().Tag); ok {
			return a.Title
		}
	}
	if strings.HasPrefix(c.Data, flow.DataContacts) {
		return b.button(msgAddresses, "").Label
	}
	if strings.HasPrefix(c.Data, flow.DataLanguage) {
		return b.button(msgContinue, "").Label
	}
	if c.Data == flow.FlowData("handoff") {
		return b.button(msgHuman, "").Label
	}
	return b.button(msgMenu, "").Label
}

func (b *reply) say(s flow.Say) {
	b.out.Said = append(b.out.Said, s.Message)
	b.words(s)
	columns := max(s.Columns, 1)
	var row []Button
	for _, c := range s.Choices {
		row = append(row, Button{Label: b.label(c), Data: c.Data})
		if len(row) == columns {
			b.row(row...)
			row = nil
		}
	}
	if len(row) > 0 {
		b.row(row...)
	}
	if id := shareLabels[s.Share]; id != "" {
		b.share, b.shareLabel = s.Share, b.button(id, "").Label
		b.flush()
	}
}

// words adds the text of what a flow says.
func (b *reply) words(s flow.Say) {
	if t, ok := b.d.Content.message(b.p, s.Message); ok && !s.AllLanguages {
		b.finished(t)
		return
	}
	params := b.d.Content.addPeriods(b.p, locale.Params{paramTextStatus: locale.Markup(b.p.Text(b.status(), nil))})
	for k, v := range s.With {
		params[k] = v
	}
	if !s.AllLanguages {
		b.paragraph(b.p.Text(s.Message, params))
		return
	}
	var lines []string
	for _, o := range b.d.Content.languages(b.u.language(b.out.State)) {
		p := b.d.Content.Catalog.Printer(o.ID)
		lines = append(lines, p.Finish(p.Text(s.Message, params)))
	}
	b.paragraph(strings.Join(lines, "\n"))
}

func (b *reply) said(what, about string) {
	b.out.Said = append(b.out.Said, "<"+strings.TrimSpace(what+" "+about)+">")
}

func (b *reply) status() string {
	if b.p.Language().Status == "reviewed" {
		return msgReviewed
	}
	return msgMachine
}

func (b *reply) effect(e flow.Effect) {
	if e.Kind != flow.EffectAnswer && e.Kind != flow.EffectArticle && e.Kind != flow.EffectTalk { // those say what came of it
		b.said(string(e.Kind), "")
	}
	switch e.Kind {
	case flow.EffectAnswer:
		b.answer(e.Args["question"])
	case flow.EffectArticle:
		b.article(e.Args["topic"])
	case flow.EffectTalk:
		// Who has not chosen a language is answered in that of the words.
		b.talk(e.Args["kind"], cmp.Or(b.out.State.Language, e.Args["lang"], b.p.Language().Tag))
	case flow.EffectContacts:
		b.contacts(e.Args)
		b.out.State.About = e.Args["topic"]
	case flow.EffectOpenCase:
		b.openCase(e.Args)
	case flow.EffectExport:
		b.out.Export = true
		b.flush()
		b.out.Messages = append(b.out.Messages, Message{
			FileName: exportName, Text: richtext.Parse(b.p.Finish(b.p.Text(msgExport, nil))),
		})
	case flow.EffectRate:
		b.rate(e.Args["topic"], e.Args["helpful"] == "yes")
	case flow.EffectNone:
		b.unknown()
	case flow.EffectKeep:
		b.keep(e.Args["answer"] == "yes")
	case flow.EffectDelete, flow.EffectWithdraw:
		// The commit does it; there is nothing to say here.
	}
}

func (b *reply) openCase(args map[string]string) {
	if limit := b.d.Refused; limit != nil {
		id := msgTooManyOpen
		if limit.InADay {
			id = msgTooManyToday
		}
		b.out.Said = append(b.out.Said, id)
		b.paragraph(b.p.Text(id, locale.Params{"Most": limit.Most}))
		return
	}
	c := Case{
		ID: b.d.NewCase(), Chat: b.u.Chat, Opened: b.now, Language: b.p.Language().Tag,
		Topic: args["topic"], Place: args["place"], Words: args["words"],
		Reach: args["reach"], Address: args["address"], Consent: b.d.Content.consent(b.p.Language().Tag),
	}
	b.out.Cases = append(b.out.Cases, c)
	b.paragraph(b.p.Text(msgCaseOpened, locale.Params{"Number": string(c.ID)}))
}

// join joins what is not empty.
func join(sep string, parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, sep)
}
