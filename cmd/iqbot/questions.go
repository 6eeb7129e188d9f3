package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/similar"
	"iqbot/internal/store"
	"iqbot/internal/telegram"
)

// What editors do with the questions that people left for them.

type questionsCommand struct {
	List    questionsListCommand   `cmd:"" default:"withargs" help:"List the questions, those that are alike together."`
	Answer  questionsAnswerCommand `cmd:"" help:"Send an article to those who want the answer, and remove the questions."`
	Drop    questionsDropCommand   `cmd:"" help:"Remove questions without an answer."`
	Ratings ratingsCommand         `cmd:"" help:"Show how often each article was rated as helpful or not."`
}

// maxQuestions is how many questions are read, the newest: more than that nobody
// works through, and grouping them takes seconds.
const maxQuestions = 20_000

// groupPrefix and questionPrefix begin the names of a group and of a question;
// a group has the rest of its name from its first question, whatever joins it later.
const (
	groupPrefix    = "G-"
	questionPrefix = "Q-"
)

// questionGroup is questions of one language that are alike, the oldest first.
type questionGroup struct {
	ID        string             `json:"id"`
	Language  string             `json:"language"`
	Questions []bot.KeptQuestion `json:"questions"`
}

func (g questionGroup) newest() time.Time { return g.Questions[len(g.Questions)-1].Asked }

// wanted is how many want the answer.
func (g questionGroup) wanted() (n int) {
	for _, q := range g.Questions {
		if q.Chat != "" {
			n++
		}
	}
	return n
}

// reasons tells why the questions are there, such as "unknown 2, not helpful 1 (costs)".
func (g questionGroup) reasons() string {
	unknown, topics, unhelpful := 0, []string{}, 0
	for _, q := range g.Questions {
		if q.Kind == bot.QuestionUnhelpful {
			unhelpful++
			topics = append(topics, q.Topic)
		} else {
			unknown++
		}
	}
	var parts []string
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("unknown %d", unknown))
	}
	if unhelpful > 0 {
		slices.Sort(topics)
		parts = append(parts, fmt.Sprintf("not helpful %d (%s)", unhelpful, strings.Join(slices.Compact(topics), ", ")))
	}
	return strings.Join(parts, ", ")
}

// questionGroups reads all questions and groups them, the biggest group first.
// The groups are the same whatever is listed of them.
func questionGroups(ctx context.Context, s *store.Store, content *bot.Content) (groups []questionGroup, unreadable int, err error) {
	all, unreadable, err := s.Questions(ctx, maxQuestions)
	if err != nil {
		return nil, 0, err
	}
	byLanguage := map[string][]bot.KeptQuestion{}
	for _, q := range slices.Backward(all) { // the oldest first
		byLanguage[q.Language] = append(byLanguage[q.Language], q)
	}
	for lang, list := range byLanguage {
		texts := make([]string, len(list))
		for i, q := range list {
			texts[i] = q.Words
		}
		for _, members := range similar.NewRarity(content.Phrasings(lang)).Groups(texts, similar.Threshold) {
			g := questionGroup{Language: lang}
			for _, i := range members {
				g.Questions = append(g.Questions, list[i])
			}
			g.ID = groupPrefix + strings.TrimPrefix(string(g.Questions[0].ID), questionPrefix)
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b questionGroup) int {
		return cmp.Or(len(b.Questions)-len(a.Questions), b.newest().Compare(a.newest()), strings.Compare(a.ID, b.ID))
	})
	return groups, unreadable, nil
}

type questionsListCommand struct {
	contentFlag
	CSV      bool   `help:"Print CSV, one line a question, for a spreadsheet." xor:"form"`
	JSON     bool   `help:"Print JSON, for a script." xor:"form"`
	Lang     string `help:"Only questions in this language, such as de." placeholder:"TAG"`
	Limit    int    `help:"How many groups to list at most." default:"50" placeholder:"N"`
	Examples int    `help:"How many questions of each group to show; 0 for all." default:"3" placeholder:"N"`
}

// Help explains what is listed.
func (questionsListCommand) Help() string {
	return "Questions that nothing answered, or that an article answered badly, of people who agreed that editors see them. " +
		"Names, numbers and addresses are taken out as far as a program finds them: drop what still tells who asked. " +
		"Questions of one language are grouped by their letters, the biggest group first; look at each before you answer a group. " + ofTheService
}

// Run prints the list.
func (cmd questionsListCommand) Run(ctx context.Context, w world) error {
	if cmd.Limit < 1 || cmd.Examples < 0 {
		return errors.New("--limit: want at least 1; --examples: want at least 0")
	}
	_, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	if cmd.Lang != "" && !slices.Contains(content.LanguageTags(), cmd.Lang) {
		return fmt.Errorf("--lang %s: not one of our languages: %s", cmd.Lang, content.LanguageTags())
	}
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		groups, unreadable, err := questionGroups(ctx, s, content)
		if err != nil {
			return err
		}
		if cmd.Lang != "" {
			groups = slices.DeleteFunc(groups, func(g questionGroup) bool { return g.Language != cmd.Lang })
		}
		if unreadable > 0 {
			_, _ = fmt.Fprintf(w.err, "%d questions cannot be read; was a key removed from the keyset?\n", unreadable)
		}
		listed := groups[:min(cmd.Limit, len(groups))]
		switch {
		case cmd.CSV:
			return printQuestionsCSV(w.out, listed)
		case cmd.JSON:
			return printQuestionsJSON(w.out, listed)
		}
		return cmd.print(w.out, listed, len(groups))
	})
}

func (cmd questionsListCommand) print(out io.Writer, groups []questionGroup, all int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Groups of questions: %d", all)
	if all > len(groups) {
		fmt.Fprintf(&b, ", of which %d are listed", len(groups))
	}
	b.WriteByte('\n')
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s  %s  questions: %d  want the answer: %d  newest: %s  %s\n",
			g.ID, g.Language, len(g.Questions), g.wanted(), day(g.newest()), g.reasons())
		for i, q := range g.Questions {
			if cmd.Examples > 0 && i == cmd.Examples {
				fmt.Fprintf(&b, "    and %d more; --examples 0 shows all\n", len(g.Questions)-i)
				break
			}
			fmt.Fprintf(&b, "    %s  %s\n", q.ID, q.Words)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// day is as exact as an editor needs it: the time of day could tell who asked.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// listedQuestion is what a file tells of a question: not the chat.
type listedQuestion struct {
	ID     bot.QuestionID   `json:"id"`
	Kind   bot.QuestionKind `json:"kind"`
	Topic  string           `json:"topic,omitempty"`
	Asked  string           `json:"asked"`
	Wanted bool             `json:"answer_wanted"`
	Words  string           `json:"words"`
}

func (g questionGroup) list() (out []listedQuestion) {
	for _, q := range g.Questions {
		out = append(out, listedQuestion{q.ID, q.Kind, q.Topic, day(q.Asked), q.Chat != "", q.Words})
	}
	return out
}

func printQuestionsJSON(out io.Writer, groups []questionGroup) error {
	type listedGroup struct {
		ID        string           `json:"id"`
		Language  string           `json:"language"`
		Questions []listedQuestion `json:"questions"`
	}
	listed := make([]listedGroup, len(groups))
	for i, g := range groups {
		listed[i] = listedGroup{g.ID, g.Language, g.list()}
	}
	return printJSON(out, listed)
}

func printQuestionsCSV(out io.Writer, groups []questionGroup) error {
	lines := [][]string{{"group", "in_group", "id", "language", "kind", "topic", "asked", "answer_wanted", "words"}}
	for _, g := range groups {
		for _, q := range g.list() {
			lines = append(lines, []string{
				g.ID, strconv.Itoa(len(g.Questions)), string(q.ID), g.Language, string(q.Kind), q.Topic, q.Asked, strconv.FormatBool(q.Wanted), cell(q.Words),
			})
		}
	}
	return csv.NewWriter(out).WriteAll(lines)
}

// cell keeps a spreadsheet from carrying out what somebody wrote as a formula.
// Source: OWASP, "CSV Injection".
func cell(words string) string {
	if strings.ContainsAny(words[:min(1, len(words))], "=+-@\t\r") {
		return "'" + words
	}
	return words
}

// chosen are questions and groups by their names.
type chosen struct {
	IDs []string `arg:"" name:"id" help:"A question (Q-…) or a group (G-…), as iqbot questions lists them."`
}

// find returns what is named, each once.
func (c chosen) find(ctx context.Context, s *store.Store, content *bot.Content) ([]bot.KeptQuestion, error) {
	groups, _, err := questionGroups(ctx, s, content)
	if err != nil {
		return nil, err
	}
	var out []bot.KeptQuestion
	for _, id := range c.IDs {
		id = strings.ToUpper(strings.TrimSpace(id))
		found := false
		for _, g := range groups {
			for _, q := range g.Questions {
				if g.ID != id && string(q.ID) != id {
					continue
				}
				found = true
				if !slices.ContainsFunc(out, func(have bot.KeptQuestion) bool { return have.ID == q.ID }) {
					out = append(out, q)
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("%s: there is no such question or group, or not any more; iqbot questions lists them", id)
		}
	}
	return out, nil
}

type questionsAnswerCommand struct {
	contentFlag
	chosen
	Topic string `required:"" help:"The article that answers." placeholder:"TOPIC"`
}

// Help says who gets what.
func (questionsAnswerCommand) Help() string {
	return "Those who wanted the answer get their question and the article, in their language, if their dialogue is still kept; the running service sends it. " +
		"Then the questions are removed, also of those who wanted no answer. However many people answer at once, nobody gets an answer twice. " +
		"Let the service use the new article first. " + ofTheService
}

// Run answers.
func (cmd questionsAnswerCommand) Run(ctx context.Context, w world) error {
	settings, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	if _, ok := content.Articles.Article(cmd.Topic, content.LanguageTags()[0]); !ok {
		return fmt.Errorf("--topic %s: there is no such article; the topics are the names of the files under locales/*/articles", cmd.Topic)
	}
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		questions, err := cmd.find(ctx, s, content)
		if err != nil {
			return err
		}
		a := answering{store: s, content: content, topic: cmd.Topic, prepare: preparer(settings)}
		for _, q := range questions {
			if err = a.answer(ctx, q); err != nil {
				err = fmt.Errorf("%s: %w; what follows was left as it is, and may be answered again", q.ID, err)
				break
			}
		}
		_, printed := fmt.Fprintf(w.out, "answers on their way: %d; nobody wanted one: %d; the person is not there any more: %d; somebody was faster, or it was deleted: %d\n",
			a.sent, a.unwanted, a.away, a.gone)
		return errors.Join(err, printed)
	})
}

// answering is one run of iqbot questions answer, with its counts.
type answering struct {
	store   *store.Store
	content *bot.Content
	topic   string
	prepare func(bot.ChatID, bot.Message) ([]bot.Message, error)

	sent, unwanted, away, gone int
}

func (a *answering) answer(ctx context.Context, q bot.KeptQuestion) error {
	messages, err := a.messages(ctx, q)
	if err != nil {
		return err
	}
	sent, err := a.store.Answer(ctx, q, messages)
	switch {
	case errors.Is(err, bot.ErrNoQuestion):
		a.gone++
	case err != nil:
		return err
	case sent:
		a.sent++
	case q.Chat == "":
		a.unwanted++
	default:
		a.away++
	}
	return nil
}

// messages are what the person gets; none if they want nothing.
func (a *answering) messages(ctx context.Context, q bot.KeptQuestion) ([]bot.Message, error) {
	if q.Chat == "" {
		return nil, nil
	}
	session, err := a.store.Load(ctx, q.Chat)
	if err != nil && !errors.Is(err, bot.ErrUnreadable) { // then the language is that of the question
		return nil, err
	}
	whole, err := a.content.Reply(q.Question, a.topic, session.State.Language, time.Now())
	if err != nil {
		return nil, err
	}
	var parts []bot.Message
	for _, m := range whole {
		prepared, err := a.prepare(q.Chat, m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, prepared...)
	}
	return parts, nil
}

// preparer splits messages as the channel of a chat needs it; it sends nothing.
func preparer(c config.Config) func(bot.ChatID, bot.Message) ([]bot.Message, error) {
	var channel bot.Channel
	return func(chat bot.ChatID, m bot.Message) ([]bot.Message, error) {
		if channel == nil {
			if c.TelegramToken == "" {
				return nil, errors.New("TELEGRAM_BOT_TOKEN is not set: the answer cannot be made for Telegram")
			}
			client, err := telegram.New(telegram.Options{Token: c.TelegramToken.Reveal(), APIURL: c.TelegramAPIURL})
			if err != nil {
				return nil, err
			}
			channel = client
		}
		if chat.Channel() != channel.Name() {
			return nil, fmt.Errorf("the person asked through a channel that this program does not have: %s", chat.Channel())
		}
		return channel.Prepare(m), nil
	}
}

type questionsDropCommand struct {
	contentFlag
	chosen
}

// Help says that nobody hears of it.
func (questionsDropCommand) Help() string {
	return "The people who asked are not told. " + ofTheService
}

// Run removes the questions.
func (cmd questionsDropCommand) Run(ctx context.Context, w world) error {
	_, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		questions, err := cmd.find(ctx, s, content)
		if err != nil {
			return err
		}
		dropped := 0
		for _, q := range questions {
			switch _, err := s.Answer(ctx, q, nil); {
			case err == nil:
				dropped++
			case !errors.Is(err, bot.ErrNoQuestion):
				return err
			}
		}
		_, err = fmt.Fprintf(w.out, "removed: %d\n", dropped)
		return err
	})
}

type ratingsCommand struct {
	JSON bool `help:"Print JSON, for a script."`
}

// Help explains the counts.
func (ratingsCommand) Help() string {
	return "One line an article and language, those that most people did not find helpful first. Nothing tells who rated. " + ofTheService
}

// Run prints the ratings.
func (cmd ratingsCommand) Run(ctx context.Context, w world) error {
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		rated, err := s.Ratings(ctx)
		if err != nil {
			return err
		}
		slices.SortStableFunc(rated, func(a, b bot.Rated) int { return b.Unhelpful - a.Unhelpful })
		if cmd.JSON {
			return printJSON(w.out, rated)
		}
		t := &table{w: tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)}
		t.row("article", "language", "helpful", "not helpful", "of all")
		for _, r := range rated {
			t.row(r.Topic, r.Language, r.Helpful, r.Unhelpful, fmt.Sprintf("%d %%", 100*r.Helpful/(r.Helpful+r.Unhelpful)))
		}
		return cmp.Or(t.err, t.w.Flush())
	})
}
