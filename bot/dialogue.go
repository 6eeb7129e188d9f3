package bot

import (
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
	// Refused is why no case can be opened: the store has said so. If nil, one can.
	Refused *CaseLimit
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
	// Mark shows the button that was pressed. If nil, none was.
	Mark  *Mark
	Cases []Case
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
	v := d.Content.visit(u)
	res, err := flow.Step(d.Content.Flows, st, u.Input, d.env(v))
	if err != nil {
		return Outcome{}, err
	}
	said := res.State
	if res.Erase { // the last words are in the language that is forgotten with them
		said = flow.State{Language: st.Language}
	}
	b := d.reply(said, v, now)
	if len(res.Out) > 0 && !staysAbout(u.Input) { // unless the answer is about it again
		b.about, b.out.State.About = res.State.About, ""
	}
	b.p = b.printerOf(u.Input, st.Question)
	if res.Chosen != nil && u.Input.Source != "" {
		b.out.Mark = &Mark{Message: MessageRef(u.Input.Source), Label: b.label(*res.Chosen), Buttons: b.staying(res.Chosen.Data)}
	}
	for _, o := range res.Out {
		if o.Say != nil {
			b.say(*o.Say)
		} else {
			b.effect(*o.Effect)
		}
	}
	b.flush()
	b.out.State.Heard = heard(st.Heard, u)
	b.out.Erase, b.out.Withdraw, b.out.Timer, b.out.Visited = res.Erase, res.Withdraw, res.Timer, res.Visited
	b.number()
	if res.Erase { // nor is anything kept of what was said last, but how much it was
		b.out.State = flow.State{Allowance: st.Allowance}
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
	b := d.reply(st, d.Content.visit(u), now)
	b.paragraph(b.p.Text(msgError, nil))
	b.row(b.button(msgHuman, flow.FlowData("handoff")))
	b.row(b.button(msgMenu, flow.FlowData(flow.Home)))
	b.flush()
	b.number()
	return b.out
}

// slowDown is the outcome of an update of a person who has sent too much.
func (d *Dialogue) slowDown(st flow.State, u Update, now time.Time) Outcome {
	b := d.reply(st, d.Content.visit(u), now)
	b.paragraph(b.p.Text(msgFlood, nil))
	b.flush()
	b.number()
	return b.out
}

func (d *Dialogue) env(v *visit) flow.Env {
	c := d.Content
	return flow.Env{
		Guess:    v.guess,
		Username: v.Username,
		Languages: func(tag string) bool {
			_, ok := c.Catalog.Language(tag)
			return ok
		},
		Flags: map[string]bool{FlagAdvisors: d.Advisors, FlagUsername: v.Username != ""},
		Options: func(_ string, _ flow.State) []flow.Option {
			return c.languages(v.guess)
		},
		Lookups: c.lookups,
		Word:    func(text string) string { return c.words[locale.Fold(text)] },
		Knows: func(text string, st flow.State) bool {
			return v.question(text).Find(st.Language).Outcome == answer.Found
		},
		Label: func(id string, st flow.State) string {
			return c.label(v.printer(st), id)
		},
		Fold: c.fixed.fold,
		Urgent: func(text string) flow.Urgency {
			a := v.question(text).Alarm()
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
