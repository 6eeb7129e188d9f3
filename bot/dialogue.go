package bot

import (
	"strconv"
	"strings"
	"time"

	"iqbot/internal/answer"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/network"
	"iqbot/internal/richtext"
)

// MenuCommands are the commands that a channel offers in its menu, in order.
// Their descriptions are the messages "command.<name>".
var MenuCommands = []string{"menu", "language", "help", "privacy", "export", "delete", "cancel"}

// The messages that this package itself uses.
const (
	msgError          = "engine.error"
	msgSeveral        = "answer.several"
	msgUnknown        = "answer.unknown"
	msgOther          = "answer.other"
	msgSource         = "answer.source"
	msgAsOf           = "answer.as-of"
	msgRetrieved      = "answer.retrieved"
	msgHuman          = "menu.human"
	msgMenu           = "common.menu"
	msgAddresses      = "answer.addresses"
	msgKept           = "answer.kept"
	msgContinue       = "language.continue"
	msgCaseOpened     = "handoff.opened"
	msgLocal          = "contacts.local"
	msgNationwide     = "contacts.nationwide"
	msgNationwideOnly = "contacts.nationwide-only"
	msgEmail          = "contacts.email"
	msgPhone          = "contacts.phone"
	msgWebsite        = "contacts.website"
	msgHours          = "contacts.hours"
	msgLanguages      = "contacts.languages"
	msgContactAsOf    = "contacts.as-of"
	msgContactOld     = "contacts.old"
	msgContactUndated = "contacts.undated"
	msgChecked        = "contacts.checked"
	msgExport         = "export.file"
	msgFlood          = "engine.flood"
	msgListSeparator  = "contacts.list-separator"
	msgMachine        = "status.machine"
	msgReviewed       = "status.reviewed"
	msgAssistNote     = "assistant.note"
	msgAssistFull     = "assistant.full"
	msgAssistPrivacy  = "assistant.privacy"
	msgAssistNotice   = "assistant.notice"
	msgAssistNumbers  = "assistant.numbers"
	msgAssistMoney    = "assistant.money"
	msgAssistFree     = "assistant.free"
)

// shareLabels are the labels of the buttons that share something, by what they share.
var shareLabels = map[string]string{flow.ShareLocation: "engine.share-location", flow.ShareContact: "engine.share-contact"}

// paramTextStatus is a placeholder that every message may have: whether a
// person has reviewed the texts of the language.
const paramTextStatus = "TextStatus"

var ownMessages = []string{
	shareLabels[flow.ShareLocation], shareLabels[flow.ShareContact],
	msgError, msgSeveral, msgUnknown, msgOther, msgSource, msgAsOf, msgRetrieved, msgHuman, msgMenu, msgAddresses, msgKept, msgContinue, msgCaseOpened,
	msgLocal, msgNationwide, msgNationwideOnly, msgEmail, msgPhone, msgWebsite, msgHours, msgLanguages,
	msgContactAsOf, msgContactOld, msgContactUndated, msgChecked, msgListSeparator, msgExport, msgFlood, msgMachine, msgReviewed, msgDescription, msgShortDescription,
	msgConsent, msgSorry, msgQuestionKept, msgKeptAnswer, msgAnswerToYou,
	msgAssistNote, msgAssistFull, msgAssistPrivacy, msgAssistNotice, msgAssistNumbers, msgAssistMoney, msgAssistFree,
}

// exportName is the name of the file that /export sends.
const exportName = "iqbot-export.json"

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

// Dialogue turns an update into its outcome in words. It is pure but for the
// numbers of new cases: it does no I/O and knows no clock. [Engine] runs it for
// real, package transcript for tests.
type Dialogue struct {
	Content *Content
	// Advisors says whether somebody is told about a case.
	Advisors bool
	// NewCase makes the number of a new case.
	NewCase func() CaseID
	// NewQuestion makes the number of a question for the editors. If nil, [NewQuestionID].
	NewQuestion func() QuestionID
	// Assistant names, for people, who gets their questions besides the bot. If
	// empty, nobody does.
	Assistant string
}

// Outcome is what one update changes, before it is committed.
type Outcome struct {
	State    flow.State
	Messages []Message
	Cases    []Case
	// Questions and Ratings are what the person left for the editors.
	Questions []Question
	Ratings   []Rating
	Erase     bool          // see [Commit]
	Withdraw  bool          // see [Commit]
	Timer     time.Duration // see [Commit]
	// Export says that a file with all that is stored is wanted; one of the
	// messages is its place.
	Export bool
	// Crisis says that the person was told where to get help in a crisis.
	Crisis bool
	// Said is what the messages are made of: message ids, and effects in
	// brackets such as "<article costs>", in order.
	Said []string
	// Visited is the ways through the flows that were taken.
	Visited []flow.Way
	// Ask is what a language model may be asked before this outcome is
	// committed, see [Update.Assisted]. If nil, nothing.
	Ask *AssistQuestion
}

// Step takes the dialogue one update further.
func (d *Dialogue) Step(st flow.State, u Update, now time.Time) (Outcome, error) {
	res, err := flow.Step(d.Content.Flows, st, u.Input, d.env(u))
	if err != nil {
		return Outcome{}, err
	}
	said := res.State
	if res.Erase { // the last words are in the language that is forgotten with them
		said = flow.State{Language: st.Language}
	}
	b := d.reply(said, u, now)
	if len(res.Out) > 0 && !staysAbout(u.Input) { // unless the answer is about it again
		b.about, b.out.State.About = res.State.About, ""
	}
	b.p = b.printerOf(u.Input, st.Question)
	if res.Chosen != nil && u.Input.Source != "" {
		b.out.Messages = append(b.out.Messages, Message{Mark: &Mark{
			Message: MessageRef(u.Input.Source), Label: b.label(*res.Chosen), Buttons: b.staying(res.Chosen.Data),
		}})
	}
	for _, o := range res.Out {
		if o.Say != nil {
			b.say(*o.Say)
		} else {
			b.effect(*o.Effect)
		}
	}
	b.flush()
	b.out.Erase, b.out.Withdraw, b.out.Timer, b.out.Visited = res.Erase, res.Withdraw, res.Timer, res.Visited
	b.number()
	if res.Erase { // nor is anything kept of what was said last
		b.out.State = flow.State{}
	}
	return b.out, nil
}

// staysAbout says whether an input leaves what the dialogue is about as it is.
func staysAbout(in flow.Input) bool {
	return in.Kind == flow.KindTimer || isFeedback(in) || in.Kind == flow.KindButton && strings.HasPrefix(in.Text, flow.DataLanguage)
}

// apology is the outcome of an update that could not be handled because of a
// defect of ours: the person is told, and nothing they said is lost but this.
func (d *Dialogue) apology(st flow.State, u Update, now time.Time) Outcome {
	b := d.reply(st, u, now)
	b.paragraph(b.p.Text(msgError, nil))
	b.row(b.button(msgHuman, flow.FlowData("handoff")))
	b.row(b.button(msgMenu, flow.FlowData(flow.Home)))
	b.flush()
	b.number()
	return b.out
}

// slowDown is the outcome of an update of a person who has sent too much.
func (d *Dialogue) slowDown(st flow.State, u Update, now time.Time) Outcome {
	b := d.reply(st, u, now)
	b.paragraph(b.p.Text(msgFlood, nil))
	b.flush()
	b.number()
	return b.out
}

func (d *Dialogue) env(u Update) flow.Env {
	c := d.Content
	guess, _ := c.Catalog.Match(u.Language)
	printer := func(st flow.State) *locale.Printer { return c.Catalog.Printer(first(st.Language, guess)) }
	return flow.Env{
		Guess:    guess,
		Username: u.Username,
		Languages: func(tag string) bool {
			_, ok := c.Catalog.Language(tag)
			return ok
		},
		Flags: map[string]bool{FlagAdvisors: d.Advisors, FlagUsername: u.Username != ""},
		Options: func(_ string, _ flow.State) []flow.Option {
			return c.languages(guess)
		},
		Lookups: c.lookups,
		Word:    func(text string) string { return c.words[locale.Fold(text)] },
		Knows: func(text string, st flow.State) bool {
			return c.Find(text, st.Language).Outcome == answer.Found
		},
		Label: func(id string, st flow.State) string {
			return c.label(printer(st), id)
		},
		Fold: c.fixed.fold,
		Urgent: func(text string) flow.Urgency {
			a := c.Articles.Alarm(text)
			return flow.Urgency{Kind: a.Kind, Lang: a.Lang, Doubtful: a.Doubtful}
		},
	}
}

// languages lists the languages by their own names, the guess first.
func (c *Content) languages(guess string) []flow.Option {
	var options []flow.Option
	for _, l := range c.Catalog.Languages() {
		o := flow.Option{ID: l.Tag, Label: l.Name}
		if l.Tag == guess {
			options = append([]flow.Option{o}, options...)
		} else {
			options = append(options, o)
		}
	}
	return options
}

// reply builds the messages of one outcome. What is said in a row becomes one
// message, because every message costs a newcomer's phone a notification and
// the platform's limit a place.
type reply struct {
	d    *Dialogue
	u    Update
	p    *locale.Printer
	now  time.Time
	out  Outcome
	text []richtext.Text // paragraphs of the message being built
	keys [][]Button

	share, shareLabel string
	about             string // the topic with which a question may go on, "" if none
}

func (d *Dialogue) reply(st flow.State, u Update, now time.Time) *reply {
	guess, _ := d.Content.Catalog.Match(u.Language)
	if st.Vars == nil { // of a person of whom nothing is stored, or is any more
		st.Vars = map[string]string{}
	}
	return &reply{
		d: d, u: u, now: now,
		p:   d.Content.Catalog.Printer(first(st.Language, guess)),
		out: Outcome{State: st},
	}
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
	params := locale.Params{paramTextStatus: locale.Markup(b.p.Text(b.status(), nil))}
	for k, v := range s.With {
		params[k] = v
	}
	if !s.AllLanguages {
		b.paragraph(b.p.Text(s.Message, params))
		return
	}
	var lines []string
	for _, o := range b.d.Content.languages(b.guess()) {
		p := b.d.Content.Catalog.Printer(o.ID)
		lines = append(lines, p.Finish(p.Text(s.Message, params)))
	}
	b.paragraph(strings.Join(lines, "\n"))
}

func (b *reply) said(what, about string) {
	b.out.Said = append(b.out.Said, "<"+strings.TrimSpace(what+" "+about)+">")
}

func (b *reply) guess() string {
	guess, _ := b.d.Content.Catalog.Match(b.u.Language)
	return first(b.out.State.Language, guess)
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
		b.talk(e.Args["kind"], first(b.out.State.Language, e.Args["lang"], b.p.Language().Tag))
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

// contacts shows the addresses that fit, and always the nationwide ones beside them.
func (b *reply) contacts(args map[string]string) {
	q := network.Query{Topics: []string{args["topic"]}, Land: args["land"], Abroad: args["abroad"] != "", Limit: maxCards}
	if args["topic"] == "" {
		q.Topics = []string{"talk-to-human"}
	}
	if place := args["place"]; strings.HasPrefix(place, "DE-") {
		q.Land = place
	} else if place != "" {
		q.District, q.Land = place, flow.LandHome
	}
	if q.Land == flow.LandHome {
		q.Land = b.d.Content.Directory.HomeLand()
	}
	found := b.d.Content.Directory.Contacts(q)
	if len(found.Local) > 0 {
		b.message(msgLocal)
		for _, c := range found.Local {
			b.card(c)
		}
		b.message(msgNationwide)
	} else {
		b.message(msgNationwideOnly)
	}
	for _, c := range found.Nationwide[:min(len(found.Nationwide), maxNationwide)] {
		b.card(c)
	}
}

func (b *reply) card(c network.Contact) {
	b.finished(b.d.Content.card(b.p, c, c.Old(b.now)))
}

// card is one contact: what is known of it, a line each, and how old it is.
func card(p *locale.Printer, c network.Contact, old bool) string {
	lines := []string{"**" + richtext.Escape(p.Isolate(c.Name)) + "**"}
	add := func(id string, params locale.Params) { lines = append(lines, p.Text(id, params)) }
	if address := strings.TrimSpace(join(", ", c.Street, join(" ", c.Postcode, c.City))); address != "" && c.Street != "" {
		lines = append(lines, richtext.Escape(p.Isolate(address)))
	} else if c.City != "" {
		lines = append(lines, richtext.Escape(p.Isolate(c.City)))
	}
	if c.Email != "" {
		add(msgEmail, locale.Params{"Email": link(c.Email, "mailto:"+c.Email)})
	}
	if c.Phone != "" {
		add(msgPhone, locale.Params{"Phone": link(c.Phone, "tel:"+dial(c.Phone))})
	}
	if c.Website != "" {
		add(msgWebsite, locale.Params{"Website": link(c.Website, c.Website)})
	}
	if c.OpeningHours != "" {
		add(msgHours, locale.Params{"Hours": c.OpeningHours})
	}
	if len(c.Languages) > 0 {
		var names []string
		for _, tag := range c.Languages {
			names = append(names, p.LanguageName(tag))
		}
		add(msgLanguages, locale.Params{"Languages": locale.Markup(strings.Join(names, p.Text(msgListSeparator, nil)))})
	}
	switch {
	case !c.Checked.IsZero():
		add(msgChecked, locale.Params{"Date": locale.Markup(p.Date(c.Checked))})
	case c.AsOf == "" || c.AsOf == "undated":
		add(msgContactUndated, nil)
	case old:
		add(msgContactOld, locale.Params{"Date": locale.Markup(p.AsOf(c.AsOf))})
	default:
		add(msgContactAsOf, locale.Params{"Date": locale.Markup(p.AsOf(c.AsOf))})
	}
	return strings.Join(lines, "\n")
}

// link is a tappable address. Isolates are left to Finish, which keeps a label
// equal to its address.
func link(label, address string) locale.Markup {
	return locale.Markup("[" + richtext.Escape(label) + "](" + address + ")")
}

// dial is a phone number as a device dials it.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

func (b *reply) openCase(args map[string]string) {
	c := Case{
		ID: b.d.NewCase(), Chat: b.u.Chat, Opened: b.now, Language: b.p.Language().Tag,
		Topic: args["topic"], Place: args["place"], Words: args["words"],
		Reach: args["reach"], Address: args["address"], Consent: b.d.Content.consent(b.p.Language().Tag),
	}
	b.out.Cases = append(b.out.Cases, c)
	b.paragraph(b.p.Text(msgCaseOpened, locale.Params{"Number": string(c.ID)}))
}

// first returns the first of s that is not empty.
func first(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
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
