package answer

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Case is a question whose right answer somebody has written down.
type Case struct {
	ID       string
	Lang     string // of the dialogue; the question may be in another language
	Question string
	// Topics are the right answers. If empty, the question is off the subject
	// or small talk, and no article is right.
	Topics []string
	// Style is the way of writing, such as "typo" or "keywords". If empty, it is not told.
	Style string
}

// The words that stand in the place of a topic when there is no right one.
const (
	caseNone      = "none"
	caseSmallTalk = "smalltalk"
)

// ReadCases reads a table with tabs between the columns: id, language of the
// dialogue, question, right topics with | between them (or none, or smalltalk),
// and perhaps the style. Lines that begin with # and a first line of column names are
// skipped. file is for the errors, which name every bad line; topics are
// those that there are.
func ReadCases(r io.Reader, file string, topics []string) ([]Case, error) {
	var cases []Case
	var faults []error
	seen := map[string]bool{}
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for line := 1; s.Scan(); line++ {
		text := strings.TrimSuffix(strings.TrimPrefix(s.Text(), "\ufeff"), "\r")
		if strings.TrimSpace(text) == "" || text[0] == '#' || len(cases) == 0 && strings.HasPrefix(text, "id\tlang") {
			continue
		}
		c, err := readCase(text, topics)
		if err == nil && seen[c.ID] {
			err = fmt.Errorf("there is an id %q already", c.ID)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", file, line, err))
		}
		seen[c.ID] = true
		cases = append(cases, c)
	}
	if err := s.Err(); err != nil {
		faults = append(faults, fmt.Errorf("%s: %w", file, err))
	}
	if len(faults) == 0 && len(cases) == 0 {
		faults = append(faults, fmt.Errorf("%s: there is no question", file))
	}
	return cases, errors.Join(faults...)
}

func readCase(text string, topics []string) (Case, error) {
	cells := strings.Split(text, "\t")
	if len(cells) != 4 && len(cells) != 5 {
		return Case{}, fmt.Errorf("%d columns; they are id, lang, question, topic and perhaps style, with tabs between them", len(cells))
	}
	c := Case{ID: cells[0], Lang: cells[1], Question: cells[2]}
	if len(cells) == 5 {
		c.Style = cells[4]
	}
	if c.ID == "" || c.Lang == "" || c.Question == "" {
		return c, errors.New("id, lang or question is empty")
	}
	if cells[3] == caseNone || cells[3] == caseSmallTalk {
		return c, nil
	}
	for topic := range strings.SplitSeq(cells[3], "|") {
		if !slices.Contains(topics, topic) {
			return c, fmt.Errorf("there is no topic %q", topic)
		}
		c.Topics = append(c.Topics, topic)
	}
	return c, nil
}

// Tally counts what became of questions.
type Tally struct {
	Asked int // questions with a right topic
	First int // of them, the likeliest topic is right
	Three int // of them, one of the three likeliest is right
	Right int // of them, answered at once and rightly
	Wrong int // of them, answered at once and wrongly
	Offer int // of them, the right topic was one to choose from

	Off         int // questions without a right topic
	OffAnswered int // of them, an article was shown at once
	OffOffered  int // of them, topics to choose from were shown
}

func (t *Tally) add(c Case, r Result) {
	if len(c.Topics) == 0 {
		t.Off++
		t.OffAnswered += count(r.Outcome == Found)
		t.OffOffered += count(r.Outcome == Several)
		return
	}
	right := func(k Candidate) bool { return slices.Contains(c.Topics, k.Topic) }
	rank := slices.IndexFunc(r.Ranked, right)
	t.Asked++
	t.First += count(rank == 0)
	t.Three += count(rank >= 0)
	t.Right += count(r.Outcome == Found && rank == 0)
	t.Wrong += count(r.Outcome == Found && rank != 0)
	t.Offer += count(r.Outcome == Several && slices.ContainsFunc(r.Candidates, right))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Confusion is a topic that was taken for another.
type Confusion struct {
	Want, Got string // Got is the likeliest topic
	Times     int
}

// Evaluation is how well questions were answered.
type Evaluation struct {
	All             Tally
	ByLang, ByStyle map[string]*Tally // ByStyle is without questions of no style
	Confusions      []Confusion       // most frequent first
	Results         []Result          // one a case, in their order
}

// Evaluate asks every question.
func Evaluate(find func(question, lang string) Result, cases []Case) Evaluation {
	e := Evaluation{ByLang: map[string]*Tally{}, ByStyle: map[string]*Tally{}}
	confused := map[Confusion]int{}
	for _, c := range cases {
		r := find(c.Question, c.Lang)
		e.Results = append(e.Results, r)
		e.All.add(c, r)
		tallyOf(e.ByLang, c.Lang).add(c, r)
		if c.Style != "" {
			tallyOf(e.ByStyle, c.Style).add(c, r)
		}
		if len(c.Topics) > 0 && len(r.Ranked) > 0 && !slices.Contains(c.Topics, r.Ranked[0].Topic) {
			confused[Confusion{Want: strings.Join(c.Topics, "|"), Got: r.Ranked[0].Topic}]++
		}
	}
	for k, n := range confused {
		k.Times = n
		e.Confusions = append(e.Confusions, k)
	}
	slices.SortFunc(e.Confusions, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Want, b.Want), cmp.Compare(a.Got, b.Got))
	})
	return e
}

func tallyOf(m map[string]*Tally, key string) *Tally {
	if m[key] == nil {
		m[key] = &Tally{}
	}
	return m[key]
}

// maxConfusions is how many of them are printed.
const maxConfusions = 15

// Write prints the evaluation as tables. All figures but the counts are percentages.
func (e Evaluation) Write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // the error comes from Flush
	row := func(name string, t Tally) {
		p("%s\t%d\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t\n", name, t.Asked, percent(t.First, t.Asked), percent(t.Three, t.Asked),
			percent(t.Right, t.Asked), percent(t.Wrong, t.Asked), percent(t.Offer, t.Asked), t.Off, percent(t.OffAnswered, t.Off), percent(t.OffOffered, t.Off))
	}
	p("\tasked\tfirst\tin three\tright\twrong\toffered\toff\tanswered\toffered\t\n")
	row("all", e.All)
	for _, by := range []map[string]*Tally{e.ByLang, e.ByStyle} {
		for _, key := range slices.Sorted(maps.Keys(by)) {
			row(key, *by[key])
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(e.Confusions) > 0 {
		p("\ntimes\twanted\tlikeliest\n")
	}
	for _, k := range e.Confusions[:min(len(e.Confusions), maxConfusions)] {
		p("%d\t%s\t%s\n", k.Times, k.Want, k.Got)
	}
	return w.Flush()
}

// percent is n of all, or a hyphen if there is nothing to take a share of.
func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", 100*float64(n)/float64(of))
}
