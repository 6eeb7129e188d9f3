// Package transcript reads, plays and writes conversations: what a person does
// and what the bot must say, as a file that an advisor can read. `iqbot test`
// plays them, `iqbot record` writes one.
//
//	name: Somebody wants the addresses only
//	languages: [de, uk]              # played in each; all, if left out
//	at: 2026-11-24T10:00:00+01:00    # the clock, which stands still but for wait
//	username: "@olena"               # public name on the platform; none, if left out
//	turns:
//	  - say: /start lang-{lang}
//	    expect: [onboarding.welcome, onboarding.privacy, menu.prompt]
//	  - say: {de: Mensch, uk: людина}
//	    expect: [handoff.consent]
//	  - press: handoff.addresses-only
//	    expect: [handoff.addresses, <contacts>, ...]
//	    words: {de: "*iq@caritas-koblenz.de*"}
//	    state: {at: menu/choose, language: "{lang}"}
//
// A turn does one thing: say (type), press (a button of the last messages, by
// the message id of its label, its words or its data), send (picture, recording, sticker or any
// other thing that is not to be read; with say, those are the words under it), location, contact,
// or wait (such as 24h; the reminder comes if one is due). What follows is checked if it is written down:
// expect lists message ids and effects in order, with * for any part of one and
// ... for any number of them; words must be found in what the person reads;
// state holds variables and "at", the step where the dialogue waits; case holds
// fields of the case that was opened, and {} says that one was.
//
// Messages are named by their ids, so that a change of the conversation is one
// change here and not one for each language; what they say in each language is
// for the golden files.
package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"iqbot/bot"
	"iqbot/internal/content"
	"iqbot/internal/flow"
)

// Transcript is one conversation.
type Transcript struct {
	File      string    `yaml:"-"`
	Name      string    `yaml:"name"`
	Languages []string  `yaml:"languages,omitempty"`
	At        time.Time `yaml:"at"`
	App       string    `yaml:"app,omitempty"` // language of the app; that of the play, if empty
	Username  string    `yaml:"username,omitempty"`
	Alone     bool      `yaml:"alone,omitempty"` // nobody is told about cases
	Turns     []Turn    `yaml:"turns"`
}

// Turn is one thing that a person does and what comes of it.
type Turn struct {
	Say      Words             `yaml:"say,omitempty"`
	Press    Words             `yaml:"press,omitempty"`
	Send     string            `yaml:"send,omitempty"`
	Location string            `yaml:"location,omitempty"`
	Contact  string            `yaml:"contact,omitempty"`
	Wait     string            `yaml:"wait,omitempty"`
	Expect   []string          `yaml:"expect,omitempty,flow"`
	Words    Words             `yaml:"words,omitempty"`
	State    map[string]string `yaml:"state,omitempty,flow"`
	Case     map[string]string `yaml:"case,omitempty,flow"`

	line int
}

// Words are words in all languages ("*"), or by language.
type Words map[string]string

// in returns the words for a language.
func (w Words) in(lang string) string {
	if v, ok := w[lang]; ok {
		return v
	}
	return strings.ReplaceAll(w["*"], "{lang}", lang)
}

// UnmarshalYAML takes a text for all languages, or a mapping.
func (w *Words) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*w = Words{"*": n.Value}
		return nil
	}
	return n.Decode((*map[string]string)(w))
}

// MarshalYAML writes a text that is for all languages as such.
func (w Words) MarshalYAML() (any, error) {
	if v, ok := w["*"]; ok && len(w) == 1 {
		return v, nil
	}
	return map[string]string(w), nil
}

// UnmarshalYAML remembers the line.
func (t *Turn) UnmarshalYAML(n *yaml.Node) error {
	type plain Turn
	t.line = n.Line
	return content.Strict(n, (*plain)(t))
}

// Load reads the transcripts that match pattern, such as "*.yaml". The error is
// [content.Faults] with every fault of all of them.
func Load(fsys fs.FS, pattern string) ([]Transcript, error) {
	files, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, fmt.Errorf("list transcripts: %w", err)
	}
	r := content.NewReader(fsys)
	all := make([]Transcript, len(files))
	for i, file := range files {
		all[i] = read(r, file)
	}
	return all, r.Err()
}

// Read reads one transcript. The error is [content.Faults].
func Read(fsys fs.FS, file string) (Transcript, error) {
	r := content.NewReader(fsys)
	t := read(r, file)
	return t, r.Err()
}

func read(r *content.Reader, file string) Transcript {
	t := Transcript{File: file}
	doc := r.YAML(file, &t)
	if !doc.OK() {
		return t
	}
	if t.Name == "" || len(t.Turns) == 0 || t.At.IsZero() {
		doc.Fault(nil, "a transcript needs name, at and turns")
	}
	for _, turn := range t.Turns {
		n := 0
		for _, set := range []bool{turn.Say != nil, turn.Press != nil, turn.Send != "" && turn.Say == nil, turn.Location != "", turn.Contact != "", turn.Wait != ""} {
			if set {
				n++
			}
		}
		if n != 1 {
			r.Fault(file, turn.line, "a turn does one thing: say, press, send, location, contact or wait")
		}
	}
	return t
}

// Failure is where a play differs from its transcript.
type Failure struct {
	File string
	Line int
	Lang string
	What string
}

func (f Failure) Error() string {
	return fmt.Sprintf("%s:%d: [%s] %s", f.File, f.Line, f.Lang, f.What)
}

// Play holds the conversation in one language and returns the ways that it
// took through the flows. The error is a [Failure], or a defect of the bot.
func Play(c *bot.Content, t Transcript, lang string) ([]flow.Way, error) {
	p := &player{t: t, lang: lang, now: t.At}
	p.dialogue = &bot.Dialogue{Content: c, Advisors: !t.Alone, NewCase: func() bot.CaseID {
		p.cases++
		return bot.CaseID(fmt.Sprintf("IQ-TEST%03d", p.cases))
	}}
	for i, turn := range t.Turns {
		out, err := p.turn(i, turn)
		if err == nil {
			err = p.check(turn, out)
		}
		if err != nil {
			return p.ways, fail(t, turn, lang, err)
		}
	}
	return p.ways, nil
}

func fail(t Transcript, turn Turn, lang string, err error) error {
	return Failure{File: t.File, Line: turn.line, Lang: lang, What: err.Error()}
}

// player is a conversation under way.
type player struct {
	t        Transcript
	lang     string
	dialogue *bot.Dialogue
	now      time.Time
	state    flow.State
	timer    time.Time // zero: none
	cases    int
	buttons  []bot.Button // of the messages since the last turn that had any
	last     string
	ways     []flow.Way
}

// turn does what the person does and returns what came of it.
func (p *player) turn(i int, turn Turn) (bot.Outcome, error) {
	u := bot.Update{
		ID: bot.UpdateID(fmt.Sprint("turn:", i)), Chat: "transcript:1", Username: p.t.Username,
		Language: p.t.App,
	}
	if u.Language == "" {
		u.Language = p.lang
	}
	switch {
	case turn.Say != nil:
		u.Input = flow.ParseTyped(turn.Say.in(p.lang))
		u.Input.With = turn.Send
	case turn.Press != nil:
		b, err := p.find(turn.Press.in(p.lang))
		if err != nil {
			return bot.Outcome{}, err
		}
		u.Input = flow.Input{Kind: flow.KindButton, Text: b.Data, Source: p.last}
	case turn.Send != "":
		u.Input = flow.Input{Kind: flow.KindUnsupported, Text: turn.Send}
	case turn.Location != "":
		u.Input = flow.Input{Kind: flow.KindLocation, Text: turn.Location}
	case turn.Contact != "":
		u.Input = flow.Input{Kind: flow.KindContact, Text: turn.Contact}
	default:
		d, err := time.ParseDuration(turn.Wait)
		if err != nil || d <= 0 {
			return bot.Outcome{}, fmt.Errorf("wait: %q is no duration such as 24h", turn.Wait)
		}
		p.now = p.now.Add(d)
		if p.timer.IsZero() || p.now.Before(p.timer) {
			return bot.Outcome{State: p.state}, nil
		}
		u.Input = flow.Input{Kind: flow.KindTimer}
	}
	out, err := p.dialogue.Step(p.state, u, p.now)
	if err != nil {
		return bot.Outcome{}, err
	}
	p.ways = append(p.ways, out.Visited...)
	p.timer = time.Time{}
	if out.Timer > 0 {
		p.timer = p.now.Add(out.Timer)
	}
	// Between two turns the state lies in the store.
	stored, err := json.Marshal(out.State)
	if err != nil {
		return bot.Outcome{}, err
	}
	p.state = flow.State{}
	if err := json.Unmarshal(stored, &p.state); err != nil {
		return bot.Outcome{}, err
	}
	var buttons []bot.Button
	for _, m := range out.Messages {
		for _, row := range m.Buttons {
			buttons = append(buttons, row...)
		}
	}
	if len(buttons) > 0 {
		p.buttons, p.last = buttons, fmt.Sprint("message ", i)
	}
	return out, nil
}

// find returns the button that is meant by the message id of its label, its words or its data.
func (p *player) find(want string) (bot.Button, error) {
	label := p.dialogue.Content.Words(want, p.state.Language)
	for _, b := range p.buttons {
		if b.Data == want || b.Label == want || label != "" && b.Label == label {
			return b, nil
		}
	}
	var have []string
	for _, b := range p.buttons {
		have = append(have, fmt.Sprintf("%q (%s)", b.Label, b.Data))
	}
	return bot.Button{}, fmt.Errorf("press: there is no button %q; there are %s", want, strings.Join(have, ", "))
}

// check compares what came of a turn with what was expected.
func (p *player) check(turn Turn, out bot.Outcome) error {
	if turn.Expect != nil && !matches(turn.Expect, out.Said) {
		return fmt.Errorf("expect: want [%s], got [%s]", strings.Join(turn.Expect, ", "), strings.Join(out.Said, ", "))
	}
	if want := turn.Words.in(p.lang); want != "" {
		var read []string
		for _, m := range out.Messages {
			read = append(read, m.Text.Plain())
		}
		if text := strings.Join(read, "\n\n"); !like(want, text) {
			return fmt.Errorf("words: want %q, got %q", want, text)
		}
	}
	for name, want := range turn.State {
		if got := p.variable(name); !like(strings.ReplaceAll(want, "{lang}", p.lang), got) {
			return fmt.Errorf("state: %s is %q, want %q", name, got, want)
		}
	}
	return p.checkCase(turn.Case, out.Cases)
}

func (p *player) variable(name string) string {
	switch name {
	case "at":
		if n := len(p.state.Stack); n > 0 {
			return p.state.Stack[n-1].Flow + "/" + p.state.Stack[n-1].Step
		}
		return ""
	case flow.VarLanguage:
		return p.state.Language
	default:
		return p.state.Vars[name]
	}
}

func (p *player) checkCase(want map[string]string, opened []bot.Case) error {
	if want == nil {
		if len(opened) > 0 {
			return errors.New("a case was opened; write case: {} if that is meant")
		}
		return nil
	}
	if len(opened) != 1 {
		return fmt.Errorf("case: %d were opened, want one", len(opened))
	}
	encoded, err := json.Marshal(opened[0])
	if err != nil {
		return err
	}
	got := map[string]string{}
	if err := json.Unmarshal(encoded, &got); err != nil {
		return err
	}
	for field, value := range want {
		if !like(strings.ReplaceAll(value, "{lang}", p.lang), got[field]) {
			return fmt.Errorf("case: %s is %q, want %q", field, got[field], value)
		}
	}
	return nil
}

// matches says whether the items are as the patterns say; "..." stands for any number of items.
func matches(patterns, items []string) bool {
	if len(patterns) == 0 {
		return len(items) == 0
	}
	if patterns[0] == "..." {
		for i := range len(items) + 1 {
			if matches(patterns[1:], items[i:]) {
				return true
			}
		}
		return false
	}
	return len(items) > 0 && like(patterns[0], items[0]) && matches(patterns[1:], items[1:])
}

// like says whether text is as the pattern says; * stands for any part of it.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	re, err := regexp.Compile(`(?s)\A` + strings.Join(parts, ".*") + `\z`)
	return err == nil && re.MatchString(text)
}

// Coverage says which ways through the flows were taken.
type Coverage struct {
	taken map[flow.Way]bool
}

// Add counts the ways of a play.
func (c *Coverage) Add(ways []flow.Way) {
	if c.taken == nil {
		c.taken = map[flow.Way]bool{}
	}
	for _, w := range ways {
		c.taken[w] = true
	}
}

// Of compares with all ways there are and returns those that were not taken.
func (c *Coverage) Of(all []flow.Way) (missed []flow.Way) {
	for _, w := range all {
		if !c.taken[w] {
			missed = append(missed, w)
		}
	}
	return missed
}

// Write encodes a transcript as a file.
func Write(t Transcript) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(t), enc.Close()); err != nil {
		return nil, fmt.Errorf("write transcript %s: %w", path.Base(t.File), err)
	}
	return b.Bytes(), nil
}
