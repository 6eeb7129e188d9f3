package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"iqbot/internal/answer"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/redact"
)

// What people think of answers, and the questions that have none yet. A
// question waits, without what could tell who asked it, in the sealed dialogue
// until the person says what may become of it; only then is it a [Question].

// answerOfEditors begins the ids of messages that answer a question later.
const answerOfEditors = "answer:"

// isFeedback says whether an input rates an answer or says what may become of a question.
func isFeedback(in flow.Input) bool {
	return in.Kind == flow.KindButton && (strings.HasPrefix(in.Text, flow.DataRate) || strings.HasPrefix(in.Text, flow.DataQuestion))
}

// ratedTopic is the article that a button rates; false if it rates none.
func ratedTopic(data string) (topic string, ok bool) {
	rating, ok := strings.CutPrefix(data, flow.DataRate)
	_, topic, _ = strings.Cut(rating, "/")
	return topic, ok
}

// printerOf is for what follows an input: feedback is answered in the language
// of the question that it is about, which need not be that of the dialogue.
func (b *reply) printerOf(in flow.Input, q *flow.Question) *locale.Printer {
	topic, rated := ratedTopic(in.Text)
	if q == nil || !isFeedback(in) || rated && !q.About(topic) {
		return b.p
	}
	return b.d.Content.Catalog.Printer(q.Language)
}

// asked notes the question and the articles that answer it, in place of the one before.
func (b *reply) asked(question string, topics ...string) {
	b.out.State.Question = nil
	if b.out.Crisis {
		return // what somebody says in need is no question for editors
	}
	if words := redact.Text(question); strings.ContainsFunc(strings.ReplaceAll(words, redact.Gap, ""), unicode.IsLetter) {
		b.out.State.Question = &flow.Question{Words: words, Language: b.p.Language().Tag, Topics: topics}
	}
}

// offer asks whether the editors may see the question, and shows what they would see.
func (b *reply) offer() {
	q := b.out.State.Question
	q.Offered = true
	b.said("offer", "")
	b.paragraph(b.p.Text(msgConsent, b.d.Content.addPeriods(b.p, locale.Params{paramQuestion: q.Words})))
	for _, o := range [][2]string{{flow.MsgKeepAnswer, flow.KeepAnswer}, {flow.MsgKeep, flow.Keep}, {flow.MsgKeepNot, flow.KeepNot}} {
		b.row(b.button(o[0], o[1]+q.Key()))
	}
}

// waysOn are the buttons under a message that could not help.
func (b *reply) waysOn() [][]Button {
	return [][]Button{{b.button(msgHuman, flow.FlowData("handoff")), b.button(msgMenu, flow.FlowData(flow.Home))}}
}

// ratingRow are the buttons that rate an article.
func (b *reply) ratingRow(topic string) []Button {
	return []Button{b.button(flow.MsgHelpful, flow.RateData(topic, true)), b.button(flow.MsgUnhelpful, flow.RateData(topic, false))}
}

// articleRows are the other buttons under an article.
func (b *reply) articleRows(a answer.Article) (rows [][]Button) {
	for i, related := range a.Related {
		if r, ok := b.d.Content.Articles.Article(related, b.p.Language().Tag); ok && i < maxRelated {
			rows = append(rows, []Button{{Label: r.Title, Data: flow.TopicData(related)}})
		}
	}
	return append(rows, b.topicRows(a.Topic)...)
}

// topicRows are the buttons under whatever is said on a topic.
func (b *reply) topicRows(topic string) [][]Button {
	return [][]Button{
		{b.button(msgAddresses, flow.ContactsData(topic)), b.button(msgHuman, flow.FlowData("handoff"))},
		{b.button(msgMenu, flow.FlowData(flow.Home))},
	}
}

// staying are the buttons that stay when data was pressed: a rating or a consent
// is no choice of the way on.
func (b *reply) staying(data string) [][]Button {
	if topic, rated := ratedTopic(data); rated {
		if a, ok := b.d.Content.Articles.Article(topic, b.p.Language().Tag); ok {
			return b.articleRows(a)
		}
	}
	if strings.HasPrefix(data, flow.DataQuestion) {
		return b.waysOn()
	}
	return nil
}

// rate counts a rating. The mark on the button thanks; only who was not helped
// gets a message, with the way on.
func (b *reply) rate(topic string, helpful bool) {
	a, ok := b.d.Content.Articles.Article(topic, b.p.Language().Tag)
	if !ok {
		b.paragraph(b.p.Text(flow.MsgStale, nil))
		return
	}
	b.out.Ratings = append(b.out.Ratings, Rating{Topic: a.Topic, Language: a.Lang, Helpful: helpful})
	q := b.out.State.Question
	switch {
	case helpful && q.About(topic):
		b.out.State.Question = nil // it is answered
	case helpful:
	case q.About(topic):
		q.Unhelpful = topic
		b.offer()
		b.keys = append(b.keys, b.waysOn()...)
	default:
		b.paragraph(b.p.Text(msgSorry, nil))
		b.keys = append(b.keys, b.waysOn()...)
	}
}

// keep makes a Question of the one that waits.
func (b *reply) keep(answer bool) {
	q := b.out.State.Question
	b.out.State.Question = nil
	kept := Question{
		ID: b.d.newQuestion(), Asked: b.now, Language: q.Language, Words: q.Words,
		Kind: QuestionUnknown, Topic: q.Unhelpful, Consent: b.d.Content.consent(b.p.Language().Tag),
	}
	if q.Unhelpful != "" {
		kept.Kind = QuestionUnhelpful
	}
	said := msgQuestionKept
	if answer {
		kept.Chat, said = b.u.Chat, msgKeptAnswer
	}
	b.out.Questions = append(b.out.Questions, kept)
	b.paragraph(b.p.Text(said, nil))
}

func (d *Dialogue) newQuestion() QuestionID {
	if d.NewQuestion == nil {
		return NewQuestionID()
	}
	return d.NewQuestion()
}

// consent is the version of the privacy notice: the day on which its text was reviewed.
func (c *Content) consent(lang string) string {
	if a, ok := c.Articles.Article("privacy", lang); ok {
		return a.Reviewed.Format(time.DateOnly)
	}
	return ""
}

// Reply is what a person gets who wanted the answer to q: their question and the
// article of a topic, in a language (that of q, if it is empty). It is pure. The
// ids of the messages are those of the question, so that the answer is sent once.
func (c *Content) Reply(q Question, topic, lang string, now time.Time) ([]Message, error) {
	d := &Dialogue{Content: c}
	b := d.reply(flow.State{Language: cmp.Or(lang, q.Language)}, d.Content.visit(Update{ID: UpdateID(answerOfEditors + string(q.ID)), Chat: q.Chat}), now)
	if _, ok := c.Articles.Article(topic, b.p.Language().Tag); !ok {
		return nil, fmt.Errorf("there is no article on %q; the topics are %s", topic, strings.Join(slices.Sorted(slices.Values(c.Articles.Topics())), ", "))
	}
	b.paragraph(b.p.Text(msgAnswerToYou, locale.Params{paramQuestion: q.Words}))
	b.article(topic)
	b.flush()
	b.number()
	return b.out.Messages, nil
}
