package flow

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Env is what a step may know of the world. All its functions are pure.
type Env struct {
	// Guess is the language that the platform reports, if it is one of ours.
	Guess string
	// Languages says whether a tag is one of ours.
	Languages func(tag string) bool
	// Username is the person's public name on the platform; empty if there is none.
	Username string
	// Flags are facts about the installation and the channel that conditions may ask for.
	Flags map[string]bool
	// Options lists the choices of a source, in the order to be shown.
	Options func(source string, st State) []Option
	// Places finds the places that a typed text may mean, best first.
	Places func(text string, st State) []Option
	// Nearby lists the places around a point, the nearest first. If nil, none are known.
	Nearby func(latitude, longitude float64) []Option
	// Word says which command a typed word stands for in the dialogue's
	// language or any other ("menu", "меню"), or which of the buttons "yes" and
	// "no" ("ja", "так"), or "".
	Word func(text string) string
	// Knows says whether the answers know the text as a question.
	Knows func(text string, st State) bool
	// Label gives the words of a message id, to understand a typed label.
	Label func(id string, st State) string
	// Fold makes two spellings of the same word equal.
	Fold func(text string) string
	// Place is the name of a district, in German.
	Place func(id string) string
	// Urgent tells whether typed words speak of a crisis. If nil, none do.
	Urgent func(text string) Urgency
}

// Urgency is a crisis that words speak of: it is answered at every step, before
// the step sees the words.
type Urgency struct {
	Kind string // empty if there is no crisis
	Lang string // language of the words
	// Doubtful words are answered so, and then also taken for what they are otherwise.
	Doubtful bool
}

// Option is a choice that the environment supplies.
type Option struct {
	ID    string // at most 24 bytes of a-z, A-Z, 0-9, - and _
	Label string // in words, not a message id
	// Certain says of a place that the text can mean nothing else.
	Certain bool
}

// Result is what came of a step.
type Result struct {
	State State
	// Out is what to send and to carry out, in order.
	Out []Out
	// Chosen is the button that was pressed and taken; nil if none was.
	Chosen *Choice
	// Erase says that the person's data is to be deleted with this step.
	Erase bool
	// Withdraw says that the person's open cases are to be ended with this step.
	Withdraw bool
	// Timer is after how long the dialogue goes on by itself, with a
	// [KindTimer]. If zero, it does not.
	Timer time.Duration
	// Visited is the ways that were taken, in order; see [Definition.Ways].
	Visited []Way
}

// Way is one way through a step: [WayEnter] is coming to it, and each way out
// is named by the button's id, by "branch" and its number, or by what was
// given: [WayTyped] or [WayOption].
type Way struct {
	Frame
	Out string
}

// The names of ways that are not a button's.
const (
	WayEnter  = "enter"
	WayTyped  = "(typed)"
	WayOption = "(option)"
	wayBranch = "(branch %d)"
)

// String is "flow/step" or "flow/step: out".
func (w Way) String() string {
	if w.Out == WayEnter {
		return w.Flow + "/" + w.Step
	}
	return w.Flow + "/" + w.Step + ": " + w.Out
}

// Ways lists all ways of all flows, which tests should take.
func (d *Definition) Ways() []Way {
	var ways []Way
	for _, id := range sortedKeys(d.Flows) {
		f := d.Flows[id]
		for _, sid := range f.Order {
			s := f.Steps[sid]
			add := func(out string) { ways = append(ways, Way{Frame{Flow: id, Step: sid}, out}) }
			add(WayEnter)
			for _, b := range s.Buttons {
				add(b.ID)
			}
			for i := range s.Branch {
				add(fmt.Sprintf(wayBranch, i+1))
			}
			if s.Input != "" {
				add(WayTyped)
			}
			if s.Options != "" {
				add(WayOption)
			}
		}
	}
	return ways
}

// Out is one thing to send or to carry out. Exactly one field is set.
type Out struct {
	Say    *Say
	Effect *Effect
}

// Say is a message by its id.
type Say struct {
	Message      string
	With         map[string]string
	AllLanguages bool
	Choices      []Choice
	Columns      int
	// Share offers to send the own location or telephone number; see [ShareLocation] and [ShareContact].
	Share string
}

// Choice is a button. Either Label (a message id) or Words is set.
type Choice struct {
	Data  string
	Label string
	Words string
}

// Effect is something that the runtime does and answers.
type Effect struct {
	Kind EffectKind
	Args map[string]string
}

// EffectKind tells the effects apart.
type EffectKind string

// The effects.
const (
	EffectAnswer   EffectKind = "answer"         // Args: question
	EffectArticle  EffectKind = "article"        // Args: topic
	EffectTalk     EffectKind = "talk"           // Args: kind, lang (of the words)
	EffectContacts EffectKind = "contacts"       // Args: topic, place, land, abroad
	EffectOpenCase EffectKind = "open-case"      // Args: topic, place, words, reach, address
	EffectDelete   EffectKind = "delete-data"    // no Args
	EffectExport   EffectKind = "export-data"    // no Args
	EffectWithdraw EffectKind = "withdraw-cases" // no Args
	EffectRate     EffectKind = "rate"           // Args: topic, helpful ("yes" or "no")
	EffectKeep     EffectKind = "keep-question"  // Args: answer ("yes" if it is wanted)
	EffectNone     EffectKind = "none-of-these"  // no Args: the question fits no topic that was offered
)

// Data of the buttons that are good at any time, and of the one that does nothing.
const (
	DataTopic    = "t/" // + topic: show the article
	DataContacts = "c/" // + topic: show who helps with it
	DataFlow     = "f/" // + flow: start it
	DataRate     = "r/" // + "y/" or "n/" + topic: the article helped, or did not
	DataQuestion = "q/" // + "answer/", "keep/", "no/" or "none/" + [Question.Key]: what becomes of the question
	DataLanguage = "l/" // + tag: go on in that language
	DataNone     = "x"
)

// anytime are the beginnings of data that are good at any time.
var anytime = []string{DataTopic, DataContacts, DataFlow, DataLanguage, DataRate, DataQuestion}

// What may become of a question, as the data of a button begins; [Question.Key] follows.
const (
	KeepAnswer = DataQuestion + "answer/" // it is kept, and the answer is wanted
	Keep       = DataQuestion + "keep/"   // it is kept
	KeepNot    = DataQuestion + "no/"     // it is forgotten
	NoneOf     = DataQuestion + "none/"   // none of the topics that were offered is meant
)

// dataPage begins the id of a button that turns to another page of a list.
const dataPage = ">"

// commandBack is the one command besides /start that no flow defines.
const commandBack = "back"

// LandHome is the land of a contacts effect that stands for the Land that the
// service is made for.
const LandHome = "home"

// TopicData is the data of a button that shows an article.
func TopicData(topic string) string { return DataTopic + topic }

// ContactsData is the data of a button that shows who helps with a topic.
func ContactsData(topic string) string { return DataContacts + topic }

// RateData is the data of a button that rates the article of a topic.
func RateData(topic string, helpful bool) string {
	if helpful {
		return DataRate + "y/" + topic
	}
	return DataRate + "n/" + topic
}

// FlowData is the data of a button that starts a flow.
func FlowData(id string) string { return DataFlow + id }

// LanguageData is the data of a button that goes on in another language.
func LanguageData(tag string) string { return DataLanguage + tag }

func buttonData(flow, step, button string) string { return flow + "/" + step + "/" + button }

// Errors of Step.
var (
	// ErrUnknownStep means that the state names a step that is not there.
	// Step itself recovers from it; only [Definition.Enter] returns it.
	ErrUnknownStep = errors.New("unknown step")
	// ErrLoop means that the steps did not come to rest; a checked definition has no such loop.
	ErrLoop = errors.New("the steps do not come to rest")
)

// Step gives in to the dialogue and returns its next state, the messages to
// send and the effects to carry out. It does no I/O and changes none of its
// arguments: the same arguments give the same result.
//
// A person without a language is asked for it first; what they wrote is kept
// and taken up afterwards. If the flow changed under a live dialogue, so that
// its step is gone, the person is told and taken to the menu with all answers
// kept. The only errors are [ErrLoop] and a condition that fails.
func Step(def *Definition, st State, in Input, env Env) (Result, error) {
	r := &run{def: def, env: env, st: st.clone(), source: in.Source}
	for i, fr := range r.st.Stack {
		r.st.Stack[i] = def.successor(fr)
	}
	r.from, _ = r.top()
	if in.Kind != KindButton && in.Kind != KindTimer {
		r.st.Pressed = "" // the same button may well be meant again
	}
	if err := r.handle(in); err != nil {
		return Result{}, err
	}
	res := Result{Out: r.out, Chosen: r.chosen, Erase: r.erase, Withdraw: r.withdraw, Visited: r.visited}
	if in.Kind != KindTimer { // one reminder is enough
		res.Timer = def.Timer(r.st)
	}
	if !r.erase {
		r.st.Schema, r.st.Flows = StateSchema, def.Version
	}
	res.State = r.st
	return res, nil
}

func (st State) clone() State {
	st.Stack = slices.Clone(st.Stack)
	st.Vars = maps.Clone(st.Vars)
	st.History = slices.Clone(st.History)
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

// run is one call of Step.
type run struct {
	def      *Definition
	env      Env
	st       State
	out      []Out
	chosen   *Choice
	erase    bool
	withdraw bool
	hops     int
	from     Frame // where the dialogue waited before the input
	visited  []Way
	back     bool   // the person is going back, which is no step forward to come back to
	source   string // see [Input]
}

func (r *run) top() (Frame, bool) {
	if len(r.st.Stack) == 0 {
		return Frame{}, false
	}
	return r.st.Stack[len(r.st.Stack)-1], true
}

func (r *run) handle(in Input) error {
	if in.Kind == KindTimer {
		return r.remind()
	}
	if in.Kind == KindButton {
		if in.Text == DataNone {
			return nil
		}
		if in.Source != "" {
			pressed := in.Source + " " + in.Text
			if r.st.Pressed == pressed {
				return nil // a double tap
			}
			r.st.Pressed = pressed
		}
	}
	if in.Kind == KindCommand && in.Command == "start" {
		return r.start(in.Text)
	}
	if r.urgent(in) {
		return r.stay()
	}
	if r.st.Language == "" {
		return r.newcomer(in)
	}
	if fr, ok := r.top(); ok && r.def.step(fr) == nil {
		r.say(Say{Message: MsgMoved})
		r.st.Stack = nil
		switch in.Kind {
		case KindCommand:
			return r.command(in)
		case KindText:
			r.ask(in.Text)
		}
		return r.home()
	}
	switch in.Kind {
	case KindCommand:
		return r.command(in)
	case KindButton:
		return r.button(in.Text)
	case KindText:
		return r.text(strings.TrimSpace(in.Text))
	case KindLocation, KindContact:
		return r.shared(in)
	default:
		return r.unsupported()
	}
}

// urgent answers words that speak of a crisis. It reports whether that is all
// that they are: then no step sees them, and they are neither kept nor passed on.
func (r *run) urgent(in Input) bool {
	words := in.Text
	switch {
	case r.env.Urgent == nil:
		return false
	case in.Kind == KindCommand:
		words = in.Command + " " + in.Text
	case in.Kind != KindText:
		return false
	}
	u := r.env.Urgent(words)
	if u.Kind == "" {
		return false
	}
	r.effect(EffectTalk, map[string]string{"kind": u.Kind, "lang": u.Lang})
	return !u.Doubtful && in.Kind == KindText
}

// stay asks again what was asked, after words that were not meant for it.
func (r *run) stay() error {
	fr, under := r.top()
	if under && r.def.step(fr) == nil {
		r.say(Say{Message: MsgMoved})
		return r.home()
	}
	if r.st.Language != "" || under {
		return r.resume()
	}
	if r.env.Guess != "" { // as in returning
		r.speak(r.env.Guess)
		r.say(Say{Message: MsgReturning})
		return r.home()
	}
	r.st.Stack = []Frame{{Flow: Onboarding, Step: r.def.Flows[Onboarding].Start}}
	return r.enter()
}

func (r *run) unsupported() error {
	r.say(Say{Message: MsgUnsupported})
	return r.resume()
}

// shared handles a location or a telephone number that the person sent by a button of their app.
func (r *run) shared(in Input) error {
	fr, ok := r.top()
	if !ok {
		return r.unsupported()
	}
	f, s := r.def.Flows[fr.Flow], r.def.step(fr)
	switch {
	case in.Kind == KindContact && s.Input == InputPhone:
		number, fits := s.normalise(in.Text)
		if !fits {
			return r.invalid(s, "")
		}
		r.save(s.Save, number, "")
		return r.follow(f, s.Next)
	case in.Kind == KindLocation && s.Input == InputPlace && r.env.Nearby != nil:
		latitude, longitude, _ := strings.Cut(in.Text, ",")
		lat, err1 := strconv.ParseFloat(latitude, 64)
		lon, err2 := strconv.ParseFloat(longitude, 64)
		if err1 != nil || err2 != nil {
			return r.invalid(s, "")
		}
		return r.choosePlace(f, s, fr, r.env.Nearby(lat, lon), "")
	default:
		return r.unsupported()
	}
}

// remind says the reminder of the current step and asks again.
func (r *run) remind() error {
	fr, ok := r.top()
	if !ok || r.st.Language == "" {
		return nil
	}
	s := r.def.step(fr)
	if s == nil || s.Remind == nil {
		return nil
	}
	r.say(Say{Message: s.Remind.Say})
	return r.enter()
}

// newcomer serves a person whose language is not known yet.
func (r *run) newcomer(in Input) error {
	fr, under := r.top()
	if !under && r.env.Guess != "" && in.Kind != KindCommand {
		return r.returning(in)
	}
	if under && fr.Flow == Onboarding && r.def.step(fr) != nil {
		switch in.Kind {
		case KindButton:
			if strings.HasPrefix(in.Text, buttonData(fr.Flow, fr.Step, "")) {
				return r.button(in.Text)
			}
		case KindText:
			// A typed number or name of a language; anything else is kept for later.
			if taken, err := r.typedChoice(r.def.step(fr), fr, strings.TrimSpace(in.Text)); taken || err != nil {
				return err
			}
		}
	}
	switch {
	case in.Kind == KindText && strings.TrimSpace(in.Text) != "":
		r.st.Pending = &in
	case in.Kind == KindCommand && r.def.commands[in.Command] != (Frame{}):
		r.st.Pending = &in
	}
	r.st.Stack = []Frame{{Flow: Onboarding, Step: r.def.Flows[Onboarding].Start}}
	return r.enter()
}

// returning serves a person of whom nothing is stored although they do not
// begin with /start, as everybody does the first time: they were here before.
func (r *run) returning(in Input) error {
	r.speak(r.env.Guess)
	r.say(Say{Message: MsgReturning})
	r.st.Stack = []Frame{{Flow: Home, Step: r.def.Flows[Home].Start}}
	switch in.Kind {
	case KindText:
		if err := r.text(strings.TrimSpace(in.Text)); err != nil {
			return err
		}
	case KindButton:
		if slices.ContainsFunc(anytime, func(prefix string) bool { return strings.HasPrefix(in.Text, prefix) }) {
			return r.button(in.Text)
		}
	case KindUnsupported, KindLocation, KindContact:
		r.say(Say{Message: MsgUnsupported})
	case KindCommand, KindTimer: // come here by other ways, or not at all
	}
	if slices.ContainsFunc(r.out, func(o Out) bool { return o.Say != nil && len(o.Say.Choices) > 0 }) {
		return nil // the words led to a question, which was asked
	}
	return r.enter()
}

// start handles /start and its deep-link payload: parts joined by "_", each a
// key and a value joined by the first "-", such as "lang-uk_topic-costs".
func (r *run) start(payload string) error {
	var link *Frame
	for part := range strings.SplitSeq(payload, "_") {
		key, value, ok := strings.Cut(part, "-")
		if !ok || value == "" {
			continue
		}
		if key == "lang" {
			if r.env.Languages(value) {
				r.speak(value)
			}
			continue
		}
		if fr, known := r.def.links[key]; known {
			link = &fr
			r.assign(r.def.Flows[fr.Flow], key, value)
		}
	}
	if r.st.Language == "" && link != nil {
		r.speak(r.env.Guess)
	}
	fresh := len(r.st.Stack) == 0
	r.st.Stack = nil
	if r.st.Language == "" {
		if link != nil {
			r.st.Pending = &Input{Kind: KindCommand, Command: "start", Text: payload}
		}
		return r.newcomer(Input{Kind: KindCommand, Command: "start"})
	}
	if link != nil {
		r.push(*link)
		return r.enter()
	}
	if fresh {
		// The language came with the link: go on where its choice would have led.
		return r.afterLanguage()
	}
	return r.home()
}

// afterLanguage goes to where the onboarding leads when the language is chosen.
func (r *run) afterLanguage() error {
	f := r.def.Flows[Onboarding]
	next := f.Steps[f.Start].Next
	fr, ok := r.def.resolve(f, next)
	if !ok {
		return r.home()
	}
	r.push(fr)
	return r.enter()
}

func (r *run) command(in Input) error {
	if in.Command == commandBack {
		return r.goBack()
	}
	fr, ok := r.def.commands[in.Command]
	if !ok {
		r.effect(EffectAnswer, map[string]string{"question": in.Command + " " + in.Text})
		return r.resume()
	}
	return r.open(fr)
}

// goBack returns to where the dialogue waited before, with all answers kept.
func (r *run) goBack() error {
	n := len(r.st.History)
	for n > 0 && r.def.step(r.def.successor(r.st.History[n-1])) == nil {
		n-- // that step is gone
	}
	if n == 0 {
		r.st.History = nil
		r.say(Say{Message: MsgNoBack})
		return r.repeat()
	}
	fr := r.def.successor(r.st.History[n-1])
	r.st.History = r.st.History[:n-1]
	r.back = true
	r.moved()
	if len(r.st.Stack) > 0 {
		r.st.Stack = r.st.Stack[:len(r.st.Stack)-1]
	}
	r.push(fr)
	return r.enter()
}

// moved forgets what belongs to the step that the dialogue leaves.
func (r *run) moved() { r.st.Misses, r.st.Page = 0, 0 }

// open starts a flow from outside: an interrupting one on top, any other instead of all.
func (r *run) open(fr Frame) error {
	if !r.def.Flows[fr.Flow].Interrupt {
		r.st.Stack = nil
	}
	r.push(fr)
	return r.enter()
}

// push puts a frame on the stack; a flow that is on it already is taken up there.
func (r *run) push(fr Frame) {
	for i, f := range r.st.Stack {
		if f.Flow == fr.Flow {
			r.st.Stack = r.st.Stack[:i]
			break
		}
	}
	r.st.Stack = append(r.st.Stack, fr)
	if n := len(r.st.Stack) - MaxDepth; n > 0 {
		r.st.Stack = slices.Delete(r.st.Stack, 0, n)
	}
}

func (r *run) button(data string) error {
	if topic, ok := strings.CutPrefix(data, DataTopic); ok {
		r.chosen = &Choice{Data: data}
		r.effect(EffectArticle, map[string]string{"topic": topic})
		return r.resume()
	}
	if topic, ok := strings.CutPrefix(data, DataContacts); ok {
		r.chosen = &Choice{Data: data}
		r.effect(EffectContacts, map[string]string{"topic": topic, "place": r.st.Vars["place"], "land": LandHome})
		return r.resume()
	}
	if id, ok := strings.CutPrefix(data, DataFlow); ok {
		if f := r.def.Flows[id]; f != nil {
			r.chosen = &Choice{Data: data}
			return r.open(Frame{Flow: id, Step: f.Start})
		}
		return r.stale()
	}
	if rating, ok := strings.CutPrefix(data, DataRate); ok {
		return r.rate(rating)
	}
	if strings.HasPrefix(data, DataQuestion) {
		return r.keep(data)
	}
	if tag, ok := strings.CutPrefix(data, DataLanguage); ok {
		if !r.env.Languages(tag) {
			return r.stale()
		}
		r.chosen = &Choice{Data: data}
		r.save(VarLanguage, tag, "")
		r.say(Say{Message: MsgLanguage})
		return r.repeat()
	}
	flowID, rest, ok1 := strings.Cut(data, "/")
	stepID, id, ok2 := strings.Cut(rest, "/")
	fr := Frame{Flow: flowID, Step: stepID}
	s := r.def.step(fr)
	if !ok1 || !ok2 || s == nil {
		return r.stale()
	}
	if top, ok := r.top(); !ok || top != fr {
		if !s.Anytime {
			return r.stale()
		}
		r.st.Stack = nil
		r.push(fr)
	}
	return r.choose(fr, s, id)
}

// rate takes what a person thinks of an answer. What they are asked at the
// moment is not repeated: they look at the answer.
func (r *run) rate(rating string) error {
	helpful, topic, _ := strings.Cut(rating, "/")
	label, known := map[string]string{"y": MsgHelpful, "n": MsgUnhelpful}[helpful]
	if !known || topic == "" {
		return r.stale()
	}
	rated := r.source
	if rated == "" {
		rated = topic
	}
	if slices.Contains(r.st.Rated, rated) {
		return nil // a second tap, perhaps on the other button: the first one counts
	}
	r.st.Rated = append(r.st.Rated, rated)
	if n := len(r.st.Rated) - maxRated; n > 0 {
		r.st.Rated = slices.Delete(r.st.Rated, 0, n)
	}
	r.chosen = &Choice{Data: DataRate + rating, Label: label}
	r.effect(EffectRate, map[string]string{"topic": topic, "helpful": yesNo(helpful == "y")})
	return nil
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// keep takes what may become of the last question.
func (r *run) keep(data string) error {
	q := r.st.Question
	verb, known := strings.CutSuffix(data, q.Key())
	label := map[string]string{KeepAnswer: MsgKeepAnswer, Keep: MsgKeep, KeepNot: MsgKeepNot, NoneOf: MsgNoneOf}[verb]
	if q == nil || !known || label == "" {
		return r.stale() // another question has been asked since
	}
	r.chosen = &Choice{Data: data, Label: label}
	if verb == NoneOf {
		r.effect(EffectNone, nil)
		return nil
	}
	r.st.Unasked = verb == KeepNot
	if verb == KeepNot {
		r.st.Question = nil
		return nil
	}
	r.effect(EffectKeep, map[string]string{"answer": yesNo(verb == KeepAnswer)})
	return nil
}

// choose takes the button id of the step at fr.
func (r *run) choose(fr Frame, s *StepDef, id string) error {
	f := r.def.Flows[fr.Flow]
	for _, b := range s.Buttons {
		if b.ID != id {
			continue
		}
		ok, err := b.When.holds(r.def, r.st, r.env)
		if err != nil {
			return err
		}
		if !ok {
			return r.stale()
		}
		r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Label: b.Label}
		r.visit(fr, id)
		r.setAll(f, b.Set)
		return r.follow(f, b.Goto)
	}
	var options []Option
	if s.Options != "" {
		options = r.env.Options(s.Options, r.st)
	}
	if page, ok := strings.CutPrefix(id, dataPage); ok && s.Options != "" {
		n, err := strconv.Atoi(page)
		if err != nil || n < 0 || n*PageSize >= len(options) {
			return r.stale()
		}
		r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Label: MsgNext}
		if n < r.st.Page {
			r.chosen.Label = MsgPrevious
		}
		r.st.Page = n
		return r.enter()
	}
	for _, o := range options {
		if o.ID == id {
			r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Words: o.Label}
			r.visit(fr, WayOption)
			r.assign(f, s.Save, o.ID)
			return r.follow(f, s.Next)
		}
	}
	if s.Input == InputPlace {
		if name := r.env.Place(id); name != "" {
			r.chosen = &Choice{Data: buttonData(fr.Flow, fr.Step, id), Words: name}
			r.save(s.Save, id, name)
			return r.follow(f, s.Next)
		}
	}
	return r.stale()
}

// stale answers a button that is not good any more.
func (r *run) stale() error {
	r.st.Pressed = "" // it stays there, and silence would be no answer the next time
	r.say(Say{Message: MsgStale})
	return r.repeat()
}

// text handles typed words.
func (r *run) text(words string) error {
	fr, ok := r.top()
	if !ok {
		if command := r.wordCommand(words); command != "" {
			return r.command(Input{Command: command})
		}
		r.ask(words)
		return r.home()
	}
	s := r.def.step(fr)
	if taken, err := r.typedChoice(s, fr, words); taken || err != nil {
		return err
	}
	if command := r.wordCommand(words); command != "" {
		return r.command(Input{Command: command})
	}
	if q := r.st.Question; q != nil && q.Offered {
		switch r.env.Word(words) {
		case "yes": // it does not say that an answer is wanted, so less is kept
			return r.keep(Keep + q.Key())
		case "no":
			return r.keep(KeepNot + q.Key())
		}
	}
	f := r.def.Flows[fr.Flow]
	switch s.Input {
	case "":
		r.ask(words)
		return r.resume()
	case InputQuestion:
		r.visit(fr, WayTyped)
		r.ask(words)
		return nil
	case InputPlace:
		return r.choosePlace(f, s, fr, r.env.Places(words, r.st), words)
	}
	value, fits := s.normalise(words)
	if !fits {
		return r.invalid(s, words)
	}
	r.visit(fr, WayTyped)
	r.save(s.Save, value, "")
	return r.follow(f, s.Next)
}

func (r *run) visit(fr Frame, out string) { r.visited = append(r.visited, Way{fr, out}) }

func (r *run) ask(words string) {
	r.effect(EffectAnswer, map[string]string{"question": words})
}

// choosePlace takes the one place that is meant, or asks which of several.
// words are what was typed, "" if nothing was.
func (r *run) choosePlace(f *Flow, s *StepDef, fr Frame, places []Option, words string) error {
	switch {
	case len(places) == 0:
		return r.invalid(s, words)
	case len(places) == 1 && places[0].Certain:
		r.visit(fr, WayTyped)
		r.save(s.Save, places[0].ID, places[0].Label)
		return r.follow(f, s.Next)
	default:
		say := Say{Message: MsgChoose}
		for _, p := range places {
			say.Choices = append(say.Choices, Choice{Data: buttonData(fr.Flow, fr.Step, p.ID), Words: p.Label})
		}
		r.say(say)
		return nil
	}
}

// invalid answers what does not fit: typed words as a question if they are one,
// else it says so; the second time with more help, and from the third on with
// the offer of a human.
func (r *run) invalid(s *StepDef, words string) error {
	if words != "" && r.env.Knows(words, r.st) {
		r.ask(words)
		return r.repeat()
	}
	r.st.Misses++
	switch {
	case r.st.Misses >= humanAfter:
		r.say(Say{Message: MsgHuman, Choices: []Choice{{Data: FlowData(Handoff), Label: MsgTalk}}})
	case r.st.Misses >= helpAfter:
		r.say(Say{Message: either(s.Help, MsgHelp)})
	default:
		r.say(Say{Message: either(s.Invalid, MsgInvalid)})
	}
	return r.repeat()
}

func either(id, general string) string {
	if id != "" {
		return id
	}
	return general
}

// wordCommand is the command that a typed word stands for, "" if it is none.
func (r *run) wordCommand(words string) string {
	word := r.env.Word(words)
	if _, ok := r.def.commands[word]; ok || word == commandBack {
		return word
	}
	return ""
}

// typedChoice understands a button's number or label that was typed.
func (r *run) typedChoice(s *StepDef, fr Frame, words string) (bool, error) {
	say, err := r.prompt(fr, s)
	if err != nil || len(say.Choices) == 0 {
		return false, err
	}
	typed := r.env.Fold(words)
	pick := func(c Choice) (bool, error) {
		_, id, _ := strings.Cut(strings.TrimPrefix(c.Data, fr.Flow+"/"), "/")
		return true, r.choose(fr, s, id)
	}
	// Where own words are asked for, a number is one of them.
	if n, err := strconv.Atoi(typed); err == nil && typed == strconv.Itoa(n) && s.Input != InputText {
		if n >= 1 && n <= len(say.Choices) {
			return pick(say.Choices[n-1])
		}
		return false, nil
	}
	word := r.env.Word(words)
	for _, c := range say.Choices {
		if (word == "yes" || word == "no") && c.Data == buttonData(fr.Flow, fr.Step, word) {
			return pick(c)
		}
		label := c.Words
		if c.Label != "" {
			label = r.env.Label(c.Label, r.st)
		}
		if typed != "" && r.env.Fold(label) == typed {
			return pick(c)
		}
	}
	return false, nil
}

var (
	emailPattern    = regexp.MustCompile(`^[^\s@<>"]+@[^\s@<>"]+\.[\p{L}]{2,}$`)
	postcodePattern = regexp.MustCompile(`^[0-9]{5}$`)
	phonePattern    = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{4,24}$`)
)

// normalise checks a typed answer and brings it into its usual form.
func (s *StepDef) normalise(words string) (string, bool) {
	switch s.Input {
	case InputNumber:
		n, ok := number(words)
		fits := ok && (s.Min == nil || n >= *s.Min) && (s.Max == nil || n <= *s.Max)
		return strconv.FormatFloat(n, 'f', -1, 64), fits
	case InputDate:
		return date(words)
	case InputPostcode:
		words = strings.TrimPrefix(digits(words), "D-")
		return words, postcodePattern.MatchString(words)
	case InputEmail:
		return words, len(words) <= 254 && emailPattern.MatchString(words) // RFC 5321, section 4.5.3.1.3
	case InputPhone:
		words = digits(words)
		return words, phonePattern.MatchString(words)
	default:
		return words, words != "" && utf8.RuneCountInString(words) <= MaxAnswer
	}
}

// follow goes to a target from flow f and on until the dialogue waits.
func (r *run) follow(f *Flow, target string) error {
	fr, ok := r.def.resolve(f, target)
	if !ok {
		return r.leave()
	}
	r.moved()
	if fr.Flow != f.ID {
		r.st.Stack = slices.DeleteFunc(r.st.Stack, func(x Frame) bool { return x.Flow == fr.Flow })
	}
	if n := len(r.st.Stack); n > 0 {
		r.st.Stack[n-1] = fr
	} else {
		r.st.Stack = []Frame{fr}
	}
	return r.enter()
}

// leave ends the current flow and goes back to what is under it.
func (r *run) leave() error {
	if n := len(r.st.Stack); n > 0 {
		r.st.Stack = r.st.Stack[:n-1]
	}
	if r.erase {
		return r.home()
	}
	if p := r.st.Pending; p != nil && r.st.Language != "" {
		r.st.Pending = nil
		r.st.Stack = nil
		return r.handle(*p)
	}
	fr, ok := r.top()
	if !ok {
		return r.home()
	}
	s := r.def.step(fr)
	if s == nil {
		r.say(Say{Message: MsgMoved})
		r.st.Stack = nil
		return r.home()
	}
	if s.Call != "" {
		return r.follow(r.def.Flows[fr.Flow], s.Next)
	}
	return r.enter()
}

func (r *run) home() error {
	if r.erase { // nothing is kept, so nothing can be asked
		r.st = State{}
		return nil
	}
	r.st.Stack = []Frame{{Flow: Home, Step: r.def.Flows[Home].Start}}
	return r.enter()
}

// resume shows the current prompt again after an interruption, unless it is a quiet one.
func (r *run) resume() error {
	fr, ok := r.top()
	if !ok {
		return r.home()
	}
	if s := r.def.step(fr); s != nil && s.Quiet {
		return nil
	}
	return r.enter()
}

// repeat shows the current prompt again, quiet or not.
func (r *run) repeat() error {
	if _, ok := r.top(); !ok {
		return r.home()
	}
	return r.enter()
}

// enter carries out the steps from the top of the stack on until one waits.
func (r *run) enter() error {
	for {
		if r.hops++; r.hops > MaxHops {
			return ErrLoop
		}
		fr, ok := r.top()
		if !ok {
			return r.home()
		}
		f, s := r.def.Flows[fr.Flow], r.def.step(fr)
		if s == nil {
			return fmt.Errorf("flow %s, step %s: %w", fr.Flow, fr.Step, ErrUnknownStep)
		}
		r.visit(fr, WayEnter)
		if s.waits() {
			say, err := r.prompt(fr, s)
			if err != nil {
				return err
			}
			r.say(say)
			r.remember(fr)
			return nil
		}
		if s.Call != "" {
			r.push(Frame{Flow: s.Call, Step: r.def.Flows[s.Call].Start})
			continue
		}
		next, err := r.act(f, s)
		if err != nil {
			return err
		}
		return r.follow(f, next)
	}
}

// remember notes where the dialogue came from, for the way back.
func (r *run) remember(to Frame) {
	from := r.def.step(r.from)
	if r.back || from == nil || !from.waits() || r.from == to || r.from.Flow == Onboarding {
		return
	}
	if n := len(r.st.History); n > 0 && r.st.History[n-1] == to {
		r.st.History = r.st.History[:n-1] // a button led back; another "back" must not lead forward again
		r.from = to
		return
	}
	r.st.History = append(r.st.History, r.from)
	if n := len(r.st.History) - MaxHistory; n > 0 {
		r.st.History = slices.Delete(r.st.History, 0, n)
	}
	r.from = to
}

// act carries out a step that does not wait and names the target that follows.
func (r *run) act(f *Flow, s *StepDef) (string, error) {
	switch {
	case s.Say != "":
		r.say(Say{Message: s.Say, With: r.values(s.With), AllLanguages: s.AllLanguages})
	case s.Article != "":
		r.effect(EffectArticle, map[string]string{"topic": r.value(s.Article)})
	case s.Contacts != nil:
		r.effect(EffectContacts, r.values(s.Contacts))
	case s.OpenCase != nil:
		r.effect(EffectOpenCase, r.values(s.OpenCase))
	case s.Do == EffectDelete:
		r.effect(s.Do, nil)
		r.erase = true
		r.st.Vars = map[string]string{}
		r.st.Pending = nil
	case s.Do != "":
		r.effect(s.Do, nil)
		r.withdraw = r.withdraw || s.Do == EffectWithdraw
	case s.Branch != nil:
		for i, b := range s.Branch {
			ok, err := b.When.holds(r.def, r.st, r.env)
			if err != nil {
				return "", fmt.Errorf("flow %s, step %s: %w", f.ID, s.ID, err)
			}
			if ok {
				fr, _ := r.top()
				r.visit(fr, fmt.Sprintf(wayBranch, i+1))
				return b.Goto, nil
			}
		}
	}
	r.setAll(f, s.Set)
	return s.Next, nil
}

// prompt is the message of a step that waits, with its buttons.
func (r *run) prompt(fr Frame, s *StepDef) (Say, error) {
	say := Say{Message: s.Ask, With: r.values(s.With), AllLanguages: s.AllLanguages, Columns: s.Columns, Share: s.Share}
	if s.Options != "" {
		say.Choices = r.page(fr, r.env.Options(s.Options, r.st))
	}
	for _, b := range s.Buttons {
		ok, err := b.When.holds(r.def, r.st, r.env)
		if err != nil {
			return Say{}, fmt.Errorf("flow %s, step %s, button %s: %w", fr.Flow, fr.Step, b.ID, err)
		}
		if ok {
			say.Choices = append(say.Choices, Choice{Data: buttonData(fr.Flow, fr.Step, b.ID), Label: b.Label})
		}
	}
	return say, nil
}

// page is the part of a long list that is shown, with buttons to the parts beside it.
func (r *run) page(fr Frame, options []Option) []Choice {
	first := r.st.Page * PageSize
	if first >= len(options) { // the list has become shorter
		first = 0
	}
	turn := func(page int, label string) Choice {
		return Choice{Data: buttonData(fr.Flow, fr.Step, dataPage+strconv.Itoa(page)), Label: label}
	}
	var choices []Choice
	for _, o := range options[first:min(first+PageSize, len(options))] {
		choices = append(choices, Choice{Data: buttonData(fr.Flow, fr.Step, o.ID), Words: o.Label})
	}
	if first > 0 {
		choices = append(choices, turn(first/PageSize-1, MsgPrevious))
	}
	if first+PageSize < len(options) {
		choices = append(choices, turn(first/PageSize+1, MsgNext))
	}
	return choices
}

func (r *run) say(s Say) { r.out = append(r.out, Out{Say: &s}) }

func (r *run) effect(kind EffectKind, args map[string]string) {
	r.out = append(r.out, Out{Effect: &Effect{Kind: kind, Args: args}})
}

// value resolves a literal or $variable.
func (r *run) value(v string) string {
	name, ok := strings.CutPrefix(v, "$")
	switch {
	case !ok:
		return v
	case name == VarLanguage:
		return r.st.Language
	case name == VarUsername:
		return r.env.Username
	default:
		return r.st.Vars[name]
	}
}

func (r *run) values(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = r.value(v)
	}
	return out
}

func (r *run) setAll(f *Flow, set map[string]string) {
	for _, name := range sortedKeys(set) {
		r.assign(f, name, r.value(set[name]))
	}
}

// assign gives a variable a value from a flow file, an option or a link; a
// place is looked up, because those name it in words.
func (r *run) assign(f *Flow, name, value string) {
	if f.Vars[name] == VarPlace && value != "" {
		if label := r.env.Place(value); label != "" {
			r.save(name, value, label)
			return
		}
		if places := r.env.Places(strings.ReplaceAll(value, "-", " "), r.st); len(places) > 0 {
			r.save(name, places[0].ID, places[0].Label)
			return
		}
		value = ""
	}
	r.save(name, value, "")
}

// speak makes tag the dialogue's language, in whatever way it was chosen. What
// was foreign to the one before need not be to this one.
func (r *run) speak(tag string) {
	r.st.Language = tag
	r.st.Foreign = nil
}

// save sets a variable; an empty value removes it.
func (r *run) save(name, value, label string) {
	if name == VarLanguage {
		if r.env.Languages(value) {
			r.speak(value)
		}
		return
	}
	if value == "" {
		delete(r.st.Vars, name)
		delete(r.st.Vars, name+"_name")
		return
	}
	r.st.Vars[name] = value
	if label != "" {
		r.st.Vars[name+"_name"] = label
	}
}

// Reply tells what the person is being asked at the moment; ok is false if nothing is.
func (d *Definition) Reply(st State) (s *StepDef, ok bool) {
	if len(st.Stack) == 0 {
		return nil, false
	}
	s = d.step(st.Stack[len(st.Stack)-1])
	return s, s != nil
}
