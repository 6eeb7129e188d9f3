package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"iqbot/bot"
	"iqbot/internal/similar"
)

// maxQuestions is how many questions are read, the newest: more than that nobody
// works through, and grouping them takes seconds.
const maxQuestions = 20_000

// groupPrefix and questionPrefix begin the names of a group and of a question;
// a group has the rest of its name from its first question, whatever joins it later.
const (
	groupPrefix    = "G-"
	questionPrefix = "Q-"
)

// Errors of what somebody at the desk asked for.
var (
	// ErrUnknownID means that a name is not, or not any more, that of a question or a group.
	ErrUnknownID = errors.New("there is no such question or group, or not any more")
	// ErrNoArticle means that there is no article on a topic.
	ErrNoArticle = errors.New("there is no such article")
)

// Question is what staff see of a question.
type Question struct {
	ID   bot.QuestionID   `json:"id"`
	Kind bot.QuestionKind `json:"kind"`
	// Topic is the article that did not help, if there was one.
	Topic string `json:"topic,omitempty"`
	// Asked is the day, in UTC; the time of day could tell who asked.
	Asked string `json:"asked"`
	// Wanted says that the person wants the answer.
	Wanted bool   `json:"answer_wanted"`
	Words  string `json:"words"`

	kept bot.KeptQuestion
}

// Group is questions of one language that are alike, the oldest first. There is one at least.
type Group struct {
	ID        string     `json:"id"`
	Language  string     `json:"language"`
	Questions []Question `json:"questions"`
}

// Newest is the day of the newest question.
func (g Group) Newest() string { return g.last().Asked }

func (g Group) last() Question { return g.Questions[len(g.Questions)-1] }

// Wanted is how many want the answer.
func (g Group) Wanted() (n int) {
	for _, q := range g.Questions {
		if q.Wanted {
			n++
		}
	}
	return n
}

// Reasons count why the questions are there: unknown of them had no answer, and
// unhelpful ones had an article, of topics, that did not help.
func (g Group) Reasons() (unknown, unhelpful int, topics []string) {
	for _, q := range g.Questions {
		if q.Kind == bot.QuestionUnhelpful {
			unhelpful++
			topics = append(topics, q.Topic)
		} else {
			unknown++
		}
	}
	slices.Sort(topics)
	return unknown, unhelpful, slices.Compact(topics)
}

// Groups returns all questions, those of a language that are alike together, the
// biggest group first. Unreadable is how many more questions cannot be opened.
// However little of them is shown, the groups are made of all questions, so that each
// keeps its name and its questions.
func (d *Desk) Groups(ctx context.Context) (groups []Group, unreadable int, err error) {
	all, unreadable, err := d.o.Store.Questions(ctx, maxQuestions)
	if err != nil {
		return nil, 0, fmt.Errorf("list the questions: %w", err)
	}
	byLanguage := map[string][]Question{}
	for _, q := range slices.Backward(all) { // the oldest first
		byLanguage[q.Language] = append(byLanguage[q.Language], listed(q))
	}
	content := d.o.Content()
	for lang, list := range byLanguage {
		texts := make([]string, len(list))
		for i, q := range list {
			texts[i] = q.Words
		}
		for _, members := range d.rarity(content, lang).Groups(texts, similar.Threshold) {
			g := Group{Language: lang}
			for _, i := range members {
				g.Questions = append(g.Questions, list[i])
			}
			g.ID = groupPrefix + strings.TrimPrefix(string(g.Questions[0].ID), questionPrefix)
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(len(b.Questions)-len(a.Questions), b.last().kept.Asked.Compare(a.last().kept.Asked), strings.Compare(a.ID, b.ID))
	})
	return groups, unreadable, nil
}

func listed(q bot.KeptQuestion) Question {
	return Question{
		ID: q.ID, Kind: q.Kind, Topic: q.Topic, Asked: q.Asked.UTC().Format(time.DateOnly), Wanted: q.Chat != "", Words: q.Words, kept: q,
	}
}

// find returns the questions that are named by their own names or those of their
// groups, in capital or small letters, each once.
func (d *Desk) find(ctx context.Context, ids []string) ([]bot.KeptQuestion, error) {
	groups, _, err := d.Groups(ctx)
	if err != nil {
		return nil, err
	}
	var out []bot.KeptQuestion
	for _, id := range ids {
		id = strings.ToUpper(strings.TrimSpace(id))
		found := false
		for _, g := range groups {
			for _, q := range g.Questions {
				if g.ID != id && string(q.ID) != id {
					continue
				}
				found = true
				if !slices.ContainsFunc(out, func(have bot.KeptQuestion) bool { return have.ID == q.ID }) {
					out = append(out, q.kept)
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("%s: %w", id, ErrUnknownID)
		}
	}
	return out, nil
}

// Answered counts what became of questions.
type Answered struct {
	Sent     int // the answer is on its way
	Unwanted int // nobody wanted one
	Away     int // the person is not there any more
	Gone     int // somebody else was faster, or the person deleted it
}

// Answer sends the article of a topic to those of the named questions, see
// [Group], who wanted the answer: in the language that they speak by now, if
// their dialogue is still kept. Then the questions are removed, also those of
// people who wanted no answer. Nobody gets an answer twice, however many people answer at
// once. The error is ErrUnknownID or ErrNoArticle, of which nothing is sent; or
// it names the question at which the work ended: what was done until then is counted,
// and what follows was left as it is.
func (d *Desk) Answer(ctx context.Context, ids []string, topic string) (done Answered, err error) {
	content := d.o.Content()
	if _, ok := content.Articles.Article(topic, content.LanguageTags()[0]); !ok {
		return done, fmt.Errorf("%s: %w", topic, ErrNoArticle)
	}
	questions, err := d.find(ctx, ids)
	if err != nil {
		return done, err
	}
	for _, q := range questions {
		if err := d.answer(ctx, content, q, topic, &done); err != nil {
			return done, fmt.Errorf("%s: %w; what follows was left as it is, and may be answered again", q.ID, err)
		}
	}
	return done, nil
}

func (d *Desk) answer(ctx context.Context, content *bot.Content, q bot.KeptQuestion, topic string, done *Answered) error {
	messages, err := d.messages(ctx, content, q, topic)
	if err != nil {
		return err
	}
	sent, err := d.o.Store.Answer(ctx, q, messages)
	switch {
	case errors.Is(err, bot.ErrNoQuestion):
		done.Gone++
	case err != nil:
		return err
	case sent:
		done.Sent++
	case q.Chat == "":
		done.Unwanted++
	default:
		done.Away++
	}
	return nil
}

// messages are what the person gets; none if they want nothing.
func (d *Desk) messages(ctx context.Context, content *bot.Content, q bot.KeptQuestion, topic string) ([]bot.Message, error) {
	if q.Chat == "" {
		return nil, nil
	}
	session, err := d.o.Store.Load(ctx, q.Chat)
	if err != nil && !errors.Is(err, bot.ErrUnreadable) { // then the language is that of the question
		return nil, err
	}
	whole, err := content.Reply(q.Question, topic, session.State.Language, d.o.Now())
	if err != nil {
		return nil, err
	}
	var parts []bot.Message
	for _, m := range whole {
		prepared, err := d.o.Prepare(q.Chat, m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, prepared...)
	}
	return parts, nil
}

// Drop removes the named questions without an answer, and says how many; those
// who asked hear nothing of it. The error is ErrUnknownID, of which none is removed.
func (d *Desk) Drop(ctx context.Context, ids []string) (dropped int, err error) {
	questions, err := d.find(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, q := range questions {
		switch _, err := d.o.Store.Answer(ctx, q, nil); {
		case err == nil:
			dropped++
		case !errors.Is(err, bot.ErrNoQuestion):
			return dropped, fmt.Errorf("%s: %w", q.ID, err)
		}
	}
	return dropped, nil
}
