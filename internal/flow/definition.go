// Package flow reads, checks and steps the conversation flows under flows/.
//
// A flow is a YAML file that staff can write: named steps, each of which says
// or asks something, does something, or decides where to go on. [Parse] turns
// the files into a [Definition] and reports every fault with file, line and
// reason; [Step] takes a dialogue one input further. Both are pure: no
// network, no clock, and the same arguments give the same result.
//
// What a step does is its kind, one file each (say.go, ask.go, branch.go …) in
// the table kinds; what may be typed is a row of inputTypes or a [Lookup]. All
// else knows steps only by what they refer to.
//
// flows/README.md is the manual of the format.
package flow

import "strings"

// Definition is all flows of an installation. It is immutable.
type Definition struct {
	Flows map[string]*Flow
	// Version tells these flows from others: a hash of all files.
	Version  string
	commands map[string]Frame // command -> where it leads
	links    map[string]Frame // deep-link key -> where it leads
	renamed  map[Frame]Frame  // a step that is gone -> its successor
	flags    []string         // that conditions may ask for
	lookups  []string         // types of variables that are looked up
	// vars is the variables of all flows, which know of each other's, with the names of what was looked up.
	vars    map[string]VarType
	private map[string][]string // variable, with the names of what was looked up -> the flows that it is private to
	own     []string            // variables that the program sets and no flow declares
}

// Flow is one file: a conversation with a beginning and ends.
type Flow struct {
	ID    string
	File  string
	Start string
	// Interrupt says that the flow returns to what it interrupted, instead of replacing it.
	Interrupt bool
	// Vars are the variables this flow declares, by name.
	Vars map[string]VarType
	// Private are those of Vars that are forgotten when the flow is over, named as such or
	// taking an answer that tells of the person. No other flow knows them.
	Private []string
	Steps   map[string]*StepDef
	// Order is the step ids as they stand in the file.
	Order []string

	varLines map[string]int // of the variables in the file
}

// StepDef is one step: what every step has, and the action that is its own.
type StepDef struct {
	ID   string
	Line int
	// Set are variables that are set when the step has done its own: name -> literal or $variable.
	Set map[string]string
	// Next is the target that follows. Steps that wait or branch may have other ways out.
	Next string

	flow   *Flow
	kind   string // the key of its action, such as "say"
	action action
}

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
	for s := range d.steps {
		u := s.action.uses()
		add(u.message)
		for _, m := range u.messages {
			add(m.name)
		}
	}
	return ids
}

// Commands lists the commands that lead into a flow.
func (d *Definition) Commands() []string { return sortedKeys(d.commands) }

// Labels lists the message ids that stand on buttons of the flows, as often as they do.
func (d *Definition) Labels() (ids []string) {
	for s := range d.steps {
		for _, e := range s.action.uses().exits {
			if e.label != "" {
				ids = append(ids, e.label)
			}
		}
	}
	return ids
}

// steps yields every step, by flow and in the order of its file.
func (d *Definition) steps(yield func(*StepDef) bool) {
	for _, id := range sortedKeys(d.Flows) {
		f := d.Flows[id]
		for _, sid := range f.Order {
			if !yield(f.Steps[sid]) {
				return
			}
		}
	}
}

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
