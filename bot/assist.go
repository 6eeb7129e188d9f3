package bot

import (
	"context"
	"slices"

	"iqbot/internal/answer"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/redact"
	"iqbot/internal/richtext"
)

// Assistant is a language model outside the process that helps with answers.
// Implementations are safe for concurrent use.
//
// It is asked only for a free question to which articles were found, of a person
// who was told of it with an earlier answer, between
// two runs of the step: the first says in [Outcome.Ask] what could be asked,
// the second gets what came of it as data of the update. So the step stays a
// function of its arguments, and what needs no answer from an article (a
// button, an answer to the bot's own question, a request to an advisor, small
// talk, a crisis) never gets there.
type Assistant interface {
	// Recipient names who gets the questions, in words for people: it stands
	// in the privacy notice. It is never empty.
	Recipient() string
	// Assist blocks until there is a reply, ctx ends or it failed. What it
	// returns is not trusted, see [Content.Vet]. The error holds no words of q.
	Assist(ctx context.Context, q AssistQuestion) (AssistReply, error)
}

// AssistQuestion is all that an [Assistant] learns of a person.
type AssistQuestion struct {
	// Words is the question without what could tell who asked it, see package redact.
	Words string
	// Lang is the BCP 47 tag of the language in which to answer.
	Lang string
	// Articles are those that were found, best first; at least one.
	Articles []AssistArticle

	asked string // the question as it was written
}

// AssistArticle is an article in plain words.
type AssistArticle struct {
	Topic, Title, Text string

	lang  string // of the texts; it may be another than that of the question
	links []string
}

// AssistReply is what an [Assistant] says.
type AssistReply struct {
	// Topic is the article that answers the question. If empty, none of them does.
	Topic string
	// Text is a short answer from that article. If empty, the article itself is shown.
	Text string
}

// Assisted is a reply that [Content.Vet] has passed, or, as zero value, none. It
// counts for the question, language and articles only for which it was given.
type Assisted struct {
	question, lang string
	topic          string
	words          string // markup
	from           string // the text of the article that words were checked against
}

// privacyTopic is the article with the privacy notice.
const privacyTopic = "privacy"

// varAssistant holds who the person was told gets their questions besides the
// bot. Nothing is sent before they were, and nothing to anybody else.
const varAssistant = "assistant"

// paramAssistant is the placeholder for it.
const paramAssistant = "Assistant"

// ask is what the assistant may be asked about a question.
func (b *reply) ask(question string, res answer.Result) *AssistQuestion {
	q := &AssistQuestion{Words: anonymous(question), Lang: b.p.Language().Tag, asked: question}
	for _, c := range res.Candidates {
		if a, ok := b.d.Content.Articles.Article(c.Topic, q.Lang); ok {
			q.Articles = append(q.Articles, assistArticle(a))
		}
	}
	return q
}

func assistArticle(a answer.Article) AssistArticle {
	text := richtext.Parse(a.Body)
	out := AssistArticle{Topic: a.Topic, Title: a.Title, Text: text.Plain(), lang: a.Lang}
	for _, run := range text {
		if run.Link != "" {
			out.links = append(out.links, run.Link)
		}
	}
	return out
}

// assisted is res as the assistant sees it, and a short answer from the first
// candidate; "" if there is none. If the assistant says that none of the found
// articles answers the question, that takes the finder's own word down by one
// step only, from the answer to a choice, or from a choice to "I do not know":
// neither of them alone hides an article of which the other is sure.
func (b *reply) assisted(question string, res answer.Result) (answer.Result, string) {
	if b.d.Assistant == "" || res.Talk != "" || res.Outcome != answer.Found && res.Outcome != answer.Several {
		return res, ""
	}
	as := b.u.Assisted
	if as == nil {
		if b.out.State.Vars[varAssistant] == b.d.Assistant {
			b.out.Ask = b.ask(question, res)
		}
		return res, ""
	}
	if as.question != question || as.lang != b.p.Language().Tag {
		return res, ""
	}
	if as.topic == "" {
		if res.Outcome == answer.Found {
			res.Outcome = answer.Several
		} else {
			res.Outcome, res.Candidates = answer.Unknown, nil
		}
		return res, ""
	}
	i := slices.IndexFunc(res.Candidates, func(c answer.Candidate) bool { return c.Topic == as.topic })
	if i < 0 {
		return res, "" // the content has changed meanwhile
	}
	res.Outcome = answer.Found
	rest := slices.Delete(slices.Clone(res.Candidates), i, i+1)
	res.Candidates = append([]answer.Candidate{res.Candidates[i]}, rest...)
	return res, as.words
}

// notice tells once who gets the person's questions from the next one on. It is
// no time for it when somebody only talks, let alone in a crisis.
func (b *reply) notice(res answer.Result) {
	if res.Talk != "" || b.d.Assistant == "" || b.out.State.Vars[varAssistant] == b.d.Assistant {
		return
	}
	b.out.State.Vars[varAssistant] = b.d.Assistant
	b.out.Said = append(b.out.Said, msgAssistNotice)
	b.paragraph(b.p.Text(msgAssistNotice, locale.Params{paramAssistant: b.d.Assistant}))
}

// rephrased shows a short answer that a model has worded from an article, and a
// button to the article; false if there is no such answer.
func (b *reply) rephrased(topic, words string) bool {
	a, ok := b.d.Content.Articles.Article(topic, b.p.Language().Tag)
	if words == "" || !ok || assistArticle(a).Text != b.u.Assisted.from {
		return false
	}
	b.said("rephrased", topic)
	b.turnsTo(topic)
	b.paragraph("**" + richtext.Escape(a.Title) + "**")
	b.paragraph(words)
	b.finished(b.d.Content.sources(b.p, a))
	b.paragraph(b.p.Text(msgAssistNote, nil))
	b.row(b.button(msgAssistFull, flow.TopicData(topic)))
	b.keys = append(b.keys, b.topicRows(topic)...)
	b.row(b.ratingRow(topic)...)
	return true
}

// assist asks the assistant once. Whatever goes wrong, the person gets the
// answer that they would get without it.
func (e *Engine) assist(ctx context.Context, c *Content, q AssistQuestion) (a *Assisted) {
	defer func() {
		if r := recover(); r != nil {
			e.log.Error("the assistant's reply was not handled, the plain answer is given", "error", panicked(r))
			a = &Assisted{}
		}
	}()
	e.stats.Asked.Add(1)
	reply, err := e.helper.Assist(ctx, q)
	if err != nil {
		e.stats.Unassisted.Add(1)
		e.log.Debug("no help from the assistant, the plain answer is given", "error", err)
		return &Assisted{}
	}
	if a, err = c.Vet(q, reply); err != nil {
		e.stats.Breaches.Add(1)
		e.log.Info("a reply of the assistant is not kept to the article, the plain answer is given", "why", err)
		return &Assisted{}
	}
	return a
}

// anonymous is what of a question is sent: at most redact.MaxText characters.
func anonymous(question string) string { return redact.Text(question) }
