package flow

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"

	jsonv2 "github.com/go-json-experiment/json"
)

// State is where a dialogue stands. It is data only; the zero State is a
// person who has never written.
type State struct {
	// Schema is the version of this structure, see [StateSchema].
	Schema int `json:"s"`
	// Language is the BCP 47 tag that the person chose. If empty, they have not.
	Language string `json:"l,omitempty"`
	// Stack is the flows that are under way, the current one last.
	Stack []Frame `json:"k,omitempty"`
	// Vars are the answers given so far; what is private to a flow is among them
	// only while that flow is on the Stack.
	Vars map[string]string `json:"v,omitempty"`
	// Pressed is the message and data of the button that was pressed, if nothing
	// else was done since, to recognise a double tap.
	Pressed string `json:"p,omitempty"`
	// History is where the dialogue has waited before, the newest last; "back" goes there.
	History []Frame `json:"h,omitempty"`
	// Misses counts the inputs in a row that did not fit the current step.
	Misses int `json:"m,omitempty"`
	// Page is the page of a long list that is shown, from 0.
	Page int `json:"g,omitempty"`
	// Flows is the [Definition.Version] of the flows that were stepped last.
	Flows string `json:"w,omitempty"`
	// Allowance is how much the person may still send at the moment.
	Allowance Allowance `json:"a,omitzero"`
	// About is the topic of what the bot showed last, an article or addresses, so
	// that "and how much is that?" can be understood; package bot sets it. If
	// empty, something else was shown since.
	About string `json:"b,omitempty"`
	// Foreign counts the questions that came in another language than the
	// dialogue's, by language; package bot counts. Choosing a language clears it.
	Foreign map[string]int `json:"o,omitempty"`
	// Pending is what a person wrote before they chose a language; it is taken up afterwards.
	Pending *Input `json:"n,omitempty"`
	// Question is what the person asked last, until they say what may become of
	// it, ask something else or turn to something else by a command; nil if they
	// did not ask.
	Question *Question `json:"q,omitempty"`
	// Rated are the sources of the last presses that rated an answer, the newest
	// last: an answer is rated once.
	Rated []string `json:"r,omitempty"`
	// Unasked says that the person did not want to have a question kept: they are
	// not asked again each time that nothing is known.
	Unasked bool `json:"d,omitempty"`
	// Heard is the message that the person wrote last; package bot sets it.
	Heard Heard `json:"e,omitzero"`
}

// Heard tells a message from others, without its words.
type Heard struct {
	// Message is the channel's id of it.
	Message string `json:"m,omitempty"`
	// Words is a short hash of what it said: enough to see that it was changed, and
	// too short to tell words from it.
	Words string `json:"w,omitempty"`
	// Album is that of the last message that was one of several sent at once.
	Album string `json:"a,omitempty"`
	// Sent and At are what the last message without words held, and when it was
	// sent, in seconds since 1970.
	Sent string `json:"s,omitempty"`
	At   int64  `json:"t,omitempty"`
}

// Question is a question that may be kept for the editors if the person agrees.
type Question struct {
	// Words are the question, without what could tell who asked it.
	Words string `json:"w"`
	// Language is the one in which it was answered; it may be another than the dialogue's.
	Language string `json:"l"`
	// Topics are the articles that answered it; empty if nothing did.
	Topics []string `json:"t,omitempty"`
	// Unhelpful is the one of them that the person found of no help; empty if none was.
	Unhelpful string `json:"u,omitempty"`
	// Offered says that the person has been asked whether it may be kept.
	Offered bool `json:"o,omitempty"`
}

// Key tells the question from others, so that a button agrees to keep what was
// shown above it, and not what was asked since.
func (q *Question) Key() string {
	if q == nil {
		return "-"
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(q.Words)) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// About says whether the article was an answer to the question.
func (q *Question) About(topic string) bool { return q != nil && slices.Contains(q.Topics, topic) }

// Frame is a flow that is under way and the step at which it waits.
type Frame struct {
	Flow string `json:"f"`
	Step string `json:"t"`
}

// Allowance is the state of a person's limit; package bot does the sums.
type Allowance struct {
	// Used is how many updates count at the moment At.
	Used float64 `json:"u,omitempty"`
	// At and Noticed are in seconds since 1970. Noticed is when the person was last told to slow down.
	At      int64 `json:"t,omitempty"`
	Noticed int64 `json:"n,omitempty"`
}

// StateSchema is the version of [State] that this program writes.
const StateSchema = 1

// UnmarshalJSON reads a stored state of any schema up to [StateSchema]. One
// that a newer program wrote is read as far as this one understands it, so that
// two versions can serve the same people during a deployment.
func (st *State) UnmarshalJSON(data []byte) error {
	type plain State
	if err := jsonv2.Unmarshal(data, (*plain)(st)); err != nil {
		return err
	}
	for st.Schema < StateSchema {
		if err := migrate(st); err != nil {
			return err
		}
		st.Schema++
	}
	return nil
}

// migrate takes a state from its schema to the next: one case a schema, each
// with a stored example in the tests.
func migrate(st *State) error {
	switch st.Schema {
	case 0: // the zero state, of a person of whom nothing is stored
		return nil
	default:
		return fmt.Errorf("a state of schema %d", st.Schema)
	}
}

// clone is a copy that shares nothing with st: [Step] changes none of its arguments.
func (st State) clone() State {
	st.Stack = slices.Clone(st.Stack)
	st.History = slices.Clone(st.History)
	st.Vars = maps.Clone(st.Vars)
	st.Rated = slices.Clone(st.Rated)
	if st.Pending != nil {
		in := *st.Pending
		st.Pending = &in
	}
	if st.Question != nil {
		q := *st.Question
		q.Topics = slices.Clone(q.Topics)
		st.Question = &q
	}
	st.Foreign = maps.Clone(st.Foreign)
	if st.Vars == nil {
		st.Vars = map[string]string{}
	}
	return st
}
