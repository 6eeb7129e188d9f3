package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"iqbot/bot"
	"iqbot/internal/desk"
	"iqbot/internal/store"
)

// What editors do with the questions that people left for them.

type questionsCommand struct {
	List    questionsListCommand   `cmd:"" default:"withargs" help:"List the questions, those that are alike together."`
	Answer  questionsAnswerCommand `cmd:"" help:"Send an article to those who want the answer, and remove the questions."`
	Drop    questionsDropCommand   `cmd:"" help:"Remove questions without an answer."`
	Ratings ratingsCommand         `cmd:"" help:"Show how often each article was rated as helpful or not."`
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
		groups, unreadable, err := newDesk(s, content, nil).Groups(ctx)
		if err != nil {
			return err
		}
		if cmd.Lang != "" {
			groups = slices.DeleteFunc(groups, func(g desk.Group) bool { return g.Language != cmd.Lang })
		}
		if unreadable > 0 {
			_, _ = fmt.Fprintf(w.err, "%d questions cannot be read; was a key removed from the keyset?\n", unreadable)
		}
		listed := groups[:min(cmd.Limit, len(groups))]
		switch {
		case cmd.CSV:
			return printQuestionsCSV(w.out, listed)
		case cmd.JSON:
			return printJSON(w.out, append([]desk.Group{}, listed...))
		}
		return cmd.print(w.out, listed, len(groups))
	})
}

func (cmd questionsListCommand) print(out io.Writer, groups []desk.Group, all int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Groups of questions: %d", all)
	if all > len(groups) {
		fmt.Fprintf(&b, ", of which %d are listed", len(groups))
	}
	b.WriteByte('\n')
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s  %s  questions: %d  want the answer: %d  newest: %s  %s\n",
			g.ID, g.Language, len(g.Questions), g.Wanted(), g.Newest(), reasons(g))
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

// reasons tells why the questions are there, such as "unknown 2, not helpful 1 (costs)".
func reasons(g desk.Group) string {
	var parts []string
	unknown, unhelpful, topics := g.Reasons()
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("unknown %d", unknown))
	}
	if unhelpful > 0 {
		parts = append(parts, fmt.Sprintf("not helpful %d (%s)", unhelpful, strings.Join(topics, ", ")))
	}
	return strings.Join(parts, ", ")
}

func printQuestionsCSV(out io.Writer, groups []desk.Group) error {
	lines := [][]string{{"group", "in_group", "id", "language", "kind", "topic", "asked", "answer_wanted", "words"}}
	for _, g := range groups {
		for _, q := range g.Questions {
			lines = append(lines, []string{
				g.ID, strconv.Itoa(len(g.Questions)), string(q.ID), g.Language, string(q.Kind), q.Topic, q.Asked, strconv.FormatBool(q.Wanted), q.Words,
			})
		}
	}
	return writeCSV(out, lines)
}

// chosen are questions and groups by their names.
type chosen struct {
	IDs []string `arg:"" name:"id" help:"A question (Q-…) or a group (G-…), as iqbot questions lists them."`
}

// explain adds to an error of the desk what the editor can do.
func (chosen) explain(err error) error {
	if errors.Is(err, desk.ErrUnknownID) {
		return fmt.Errorf("%w; iqbot questions lists them", err)
	}
	return err
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
func (cmd questionsAnswerCommand) Run(ctx context.Context, w world) (err error) {
	settings, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	cs, err := openChannels(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cs.Close()) }()
	return operate(ctx, w, func(ctx context.Context, s *store.Store) error {
		done, err := newDesk(s, content, cs).Answer(ctx, cmd.IDs, cmd.Topic)
		if errors.Is(err, desk.ErrNoArticle) {
			return fmt.Errorf("--topic %w; the topics are the names of the files under locales/*/articles", err)
		}
		if errors.Is(err, desk.ErrUnknownID) {
			return cmd.explain(err)
		}
		_, printed := fmt.Fprintf(w.out, "answers on their way: %d; nobody wanted one: %d; the person is not there any more: %d; somebody was faster, or it was deleted: %d\n",
			done.Sent, done.Unwanted, done.Away, done.Gone)
		return errors.Join(err, printed)
	})
}

// newDesk is the desk of an editor, with the content as it is when the command
// starts. With no channels it cannot answer.
func newDesk(s *store.Store, content *bot.Content, cs channels) *desk.Desk {
	return desk.New(desk.Options{Store: s, Content: func() *bot.Content { return content }, Prepare: cs.prepare})
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
		dropped, err := newDesk(s, content, nil).Drop(ctx, cmd.IDs)
		if err != nil {
			return cmd.explain(err)
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
		rated, err := desk.New(desk.Options{Store: s}).Ratings(ctx)
		if err != nil {
			return err
		}
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
