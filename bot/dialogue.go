package bot

import (
	"cmp"
	"strings"
	"time"

	"iqbot/internal/answer"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
)

// exportName is the name of the file that /export sends.
const exportName = "iqbot-export.json"

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
	b := d.reply(res.State, u, now)
	if !staysAbout(u.Input) { // unless the answer is about it again
		b.about, b.out.State.About = res.State.About, ""
	}
	b.p = b.printerOf(u.Input, st.Question)
	if res.Chosen != nil && u.Pressed != "" {
		b.out.Messages = append(b.out.Messages, Message{Mark: &Mark{
			Message: u.Pressed, Label: b.label(*res.Chosen), Buttons: b.staying(res.Chosen.Data),
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
	printer := func(st flow.State) *locale.Printer { return c.Catalog.Printer(cmp.Or(st.Language, guess)) }
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
		Places: func(text string, _ flow.State) []flow.Option { return c.places(text) },
		Place:  c.placeName,
		Nearby: func(latitude, longitude float64) []flow.Option {
			var options []flow.Option
			for _, d := range c.Directory.Nearby(latitude, longitude, maxNearby) {
				options = append(options, flow.Option{ID: d.ID, Label: d.Name})
			}
			return options
		},
		Word: func(text string) string { return c.words[locale.Fold(text)] },
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

// places lists what a typed place may mean. If exactly one meaning is exact, it is certain.
func (c *Content) places(text string) []flow.Option {
	var options, exact []flow.Option
	for _, p := range c.Directory.FindPlaces(text) {
		o := flow.Option{ID: cmp.Or(p.District, p.Land), Label: p.Name, Certain: p.Exact}
		if o.ID == "" {
			continue // somewhere, but nobody knows whose
		}
		options = append(options, o)
		if p.Exact {
			exact = append(exact, o)
		}
	}
	if len(exact) == 1 {
		return exact
	}
	return options
}

// placeName names a district by its AGS or a Land by its code; "" if there is none.
func (c *Content) placeName(id string) string {
	if d, ok := c.Directory.District(id); ok {
		return d.Name
	}
	return c.Directory.LandName(id)
}
