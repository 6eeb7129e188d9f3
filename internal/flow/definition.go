// Package flow reads, checks and steps the conversation flows under flows/.
//
// A flow is a YAML file that staff can write: named steps, each of which says
// or asks something, does something, or decides where to go on. [Parse] turns
// the files into a [Definition] and reports every fault with file, line and
// reason; [Step] takes a dialogue one input further. Both are pure: no
// network, no clock, and the same arguments give the same result.
//
// flows/README.md is the manual of the format.
package flow

import (
	"fmt"
	"strings"
)

// Definition is all flows of an installation. It is immutable.
type Definition struct {
	Flows map[string]*Flow
	// Version tells these flows from others: a hash of all files.
	Version  string
	commands map[string]Frame // command -> where it leads
	links    map[string]Frame // deep-link key -> where it leads
	renamed  map[Frame]Frame  // a step that is gone -> its successor
	flags    []string         // that conditions may ask for
}

// Flow is one file: a conversation with a beginning and ends.
type Flow struct {
	ID    string
	File  string
	Start string
	// Interrupt says that the flow returns to what it interrupted, instead of replacing it.
	Interrupt bool
	// Vars are the variables this flow declares, by name.
	Vars  map[string]VarType
	Steps map[string]*StepDef
	// Order is the step ids as they stand in the file.
	Order []string
}

// StepDef is one step. Exactly one of its actions is set: Say, Ask, Article,
// Contacts, OpenCase, Do, Call, Branch, or none of them if it only sets variables.
type StepDef struct {
	ID   string
	Line int

	// Say and Ask are message ids. Ask waits for an answer, Say goes on.
	Say, Ask string
	// With fills the message's placeholders: name -> literal or $variable.
	With map[string]string
	// AllLanguages shows the message once in every language.
	AllLanguages bool

	// Input is what a typed answer must be. If empty, the step has buttons only.
	Input InputType
	// Min and Max bound a number. If nil, there is no bound.
	Min, Max *float64
	// Share offers to send the person's own location or telephone number
	// instead of typing it: [ShareLocation] or [ShareContact].
	Share string
	// Help is the message for a person who does not get on at this step. If empty, a general one.
	Help string
	// Invalid is the message for an answer that does not fit Input.
	Invalid string
	// Save is the variable that takes the answer.
	Save string
	// Buttons are fixed choices; Options names a list that the environment knows.
	Buttons []ButtonDef
	Options string
	// Columns is how many buttons stand side by side. If zero, one.
	Columns int
	// Quiet says that the prompt is not repeated after an interruption.
	Quiet bool
	// Anytime says that the step's buttons stay good after the dialogue has moved on.
	Anytime bool

	Article  string            // topic id or $variable
	Contacts map[string]string // query: topic, place, land, abroad
	OpenCase map[string]string // fields of the case
	Do       EffectKind        // an effect without arguments
	Call     string            // flow id
	// Remind is what happens when the person does not answer; nil if nothing.
	Remind *Reminder
	Branch []BranchDef
	Set    map[string]string

	Next string // target; required unless the step waits or branches
}

// ButtonDef is a fixed choice.
type ButtonDef struct {
	ID    string
	Line  int
	Label string // message id
	Goto  string // target
	Set   map[string]string
	// When is a condition; the button is left out where it is false. If nil, it always shows.
	When *Condition
}

// BranchDef is one way out of a branching step.
type BranchDef struct {
	When *Condition // nil for the last: always
	Goto string
	Line int
}

// InputType is what a typed answer must be.
type InputType string

// The types of typed answers.
const (
	InputText     InputType = "text"     // anything up to MaxAnswer characters
	InputEmail    InputType = "email"    // an email address
	InputPhone    InputType = "phone"    // a telephone number
	InputNumber   InputType = "number"   // a number, in the digits of any script
	InputDate     InputType = "date"     // a day, such as 24.11.2026, 24/11/2026 or 2026-11-24
	InputPostcode InputType = "postcode" // five digits
	InputPlace    InputType = "place"    // a town, district or postcode that the directory knows
	InputQuestion InputType = "question" // a question to be answered; the step goes on waiting
)

// What a step may offer to share.
const (
	ShareLocation = "location" // with input: place
	ShareContact  = "contact"  // with input: phone
)

// Limits of a flow.
const (
	// MaxAnswer is the longest typed answer that is kept, in characters: the
	// longest message that a person can send. Source: Bot API, Message, field text.
	MaxAnswer = 4096
	// MaxHops is how many steps may follow each other without waiting; more
	// is a loop. The shipped flows need at most 6.
	MaxHops = 64
	// MaxHistory is how far back a person can go.
	MaxHistory = 16
	// PageSize is how many options of a long list are shown at once: a phone
	// shows about eight rows of buttons without scrolling.
	PageSize = 8
	// helpAfter and humanAfter are after how many inputs in a row that do not
	// fit a person is shown more help, and offered a human.
	helpAfter  = 2
	humanAfter = 3
	// MaxDepth is how many flows may interrupt or call each other. One more
	// drops the oldest.
	MaxDepth = 8
	// MaxData is the most that a button carries, in bytes. Source: Bot API,
	// InlineKeyboardButton, field callback_data.
	MaxData = 64
	// maxRated is how many ratings a dialogue remembers. A rated message loses the
	// buttons for it, so only a press that was under way can come again.
	maxRated = 32
	// maxOption is the longest id of an option that the environment supplies, in bytes.
	maxOption = 24
)

// Home is the flow that a dialogue comes back to when nothing else is under way.
const Home = "menu"

// Onboarding is the flow of a person whose language is not known.
const Onboarding = "onboarding"

// Handoff is the flow that leads to a human.
const Handoff = "handoff"

// Fault is a defect of a flow file.
type Fault struct {
	File   string
	Line   int
	Reason string
}

func (f Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason) }

// Faults is every defect that was found.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// waits says whether the dialogue stops at the step until the person answers.
func (s *StepDef) waits() bool { return s.Ask != "" }

// targets lists where the step can lead.
func (s *StepDef) targets() []string {
	var ts []string
	if s.Next != "" {
		ts = append(ts, s.Next)
	}
	for _, b := range s.Buttons {
		ts = append(ts, b.Goto)
	}
	for _, b := range s.Branch {
		ts = append(ts, b.Goto)
	}
	if s.Call != "" {
		ts = append(ts, s.Call+"/")
	}
	return ts
}

// Messages lists the message ids that the flows name, each once, in file order.
func (d *Definition) Messages() []string {
	var ids []string
	seen := map[string]bool{}
	add := func(id string) {
		if id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, id := range sortedKeys(d.Flows) {
		f := d.Flows[id]
		for _, sid := range f.Order {
			s := f.Steps[sid]
			add(s.Say)
			add(s.Ask)
			add(s.Invalid)
			add(s.Help)
			if s.Remind != nil {
				add(s.Remind.Say)
			}
			for _, b := range s.Buttons {
				add(b.Label)
			}
		}
	}
	return ids
}

// Commands lists the commands that lead into a flow.
func (d *Definition) Commands() []string { return sortedKeys(d.commands) }

// resolve turns a target named in flow f into a frame; ok is false for "end".
func (d *Definition) resolve(f *Flow, target string) (fr Frame, ok bool) {
	if target == End {
		return Frame{}, false
	}
	flowID, step, cross := strings.Cut(target, "/")
	if !cross {
		return Frame{Flow: f.ID, Step: target}, true
	}
	if step == "" {
		step = d.Flows[flowID].Start
	}
	return Frame{Flow: flowID, Step: step}, true
}

// End is the target that leaves a flow.
const End = "end"

// successor is where a stored frame stands today: at itself, or at what it was renamed to.
func (d *Definition) successor(fr Frame) Frame {
	if next, ok := d.renamed[fr]; ok && d.step(fr) == nil {
		return next
	}
	return fr
}

func (d *Definition) step(fr Frame) *StepDef {
	f := d.Flows[fr.Flow]
	if f == nil {
		return nil
	}
	return f.Steps[fr.Step]
}
