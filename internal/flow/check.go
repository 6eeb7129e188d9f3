package flow

import (
	"slices"
	"strings"
)

// check finds the defects that need all flows at once.
func (p *parser) check() {
	for _, must := range []string{Home, Onboarding, Handoff} {
		if p.def.Flows[must] == nil {
			p.fault(must+".yaml", 1, "the flow %q is required", must)
		}
	}
	for _, id := range sortedKeys(p.def.Flows) {
		f := p.def.Flows[id]
		for _, sid := range f.Order {
			p.checkStep(f, f.Steps[sid])
		}
	}
	if len(p.faults) > 0 {
		return
	}
	p.checkReachable()
	p.checkLoops()
	if len(p.faults) > 0 {
		return // a loop without a person in it is a trap as well
	}
	p.checkTraps()
}

// actions names what the step does; a sound step has exactly one.
func (s *StepDef) actions() []string {
	var as []string
	for name, set := range map[string]bool{
		"say": s.Say != "", "ask": s.Ask != "", "article": s.Article != "", "contacts": s.Contacts != nil,
		"open-case": s.OpenCase != nil, "do": s.Do != "", "call": s.Call != "", "branch": s.Branch != nil,
	} {
		if set {
			as = append(as, name)
		}
	}
	if len(as) == 0 && s.Set != nil {
		as = append(as, "set")
	}
	slices.Sort(as)
	return as
}

func (p *parser) checkStep(f *Flow, s *StepDef) {
	bad := func(line int, format string, args ...any) {
		p.fault(f.File, line, "step %q: "+format, append([]any{s.ID}, args...)...)
	}
	switch as := s.actions(); len(as) {
	case 1:
	case 0:
		bad(s.Line, "it does nothing; give it one of say, ask, article, contacts, open-case, do, call, branch, set")
	default:
		bad(s.Line, "it does %s; split it into one step for each", strings.Join(as, " and "))
	}
	if s.waits() {
		p.checkAsk(f, s, bad)
	} else {
		if len(s.Buttons) > 0 || s.Options != "" || s.Input != "" || s.Save != "" || s.Remind != nil || s.Help != "" || s.Invalid != "" {
			bad(s.Line, "buttons, options, input, invalid, help, save and remind need an ask")
		}
		if s.Next == "" && s.Branch == nil {
			bad(s.Line, "dead end: it has no next; write next: end to leave the flow")
		}
	}
	if n := len(s.Branch); n > 0 {
		for i, b := range s.Branch {
			if (b.When == nil) != (i == n-1) {
				bad(b.Line, "every way of a branch but the last has a when, and the last has none")
			}
			if b.When != nil && slices.ContainsFunc(s.Branch[:i], func(a BranchDef) bool { return a.When != nil && a.When.Source == b.When.Source }) {
				bad(b.Line, "unreachable: the condition %q stands above already", b.When.Source)
			}
		}
		if s.Next != "" {
			bad(s.Line, "a branch has no next; its last way is taken otherwise")
		}
	}
	for _, t := range s.targets() {
		p.checkTarget(f, s, t, bad)
	}
	switch s.Do {
	case "", EffectDelete, EffectExport, EffectWithdraw:
	default:
		bad(s.Line, "unknown do: %q; there are %s, %s and %s", s.Do, EffectDelete, EffectExport, EffectWithdraw)
	}
	for _, m := range []map[string]string{s.With, s.Contacts, s.OpenCase, s.Set, {"article": s.Article}} {
		for _, v := range m {
			p.checkVar(f, s.Line, s.ID, v)
		}
	}
	for name := range s.Set {
		p.checkDeclared(f, s.Line, s.ID, name)
	}
	for _, b := range s.Buttons {
		for name, v := range b.Set {
			p.checkDeclared(f, b.Line, s.ID, name)
			p.checkVar(f, b.Line, s.ID, v)
		}
	}
	if s.Save != "" {
		p.checkDeclared(f, s.Line, s.ID, s.Save)
	}
}

func (p *parser) checkAsk(f *Flow, s *StepDef, bad func(int, string, ...any)) {
	if len(s.Buttons) == 0 && s.Options == "" && s.Input == "" {
		bad(s.Line, "dead end: it asks but takes no answer; give it buttons, options or input")
	}
	if (s.Input != "" && s.Input != InputQuestion || s.Options != "") && (s.Next == "" || s.Save == "") {
		bad(s.Line, "a typed or listed answer needs save (the variable) and next (the step that follows)")
	}
	switch s.Input {
	case "", InputText, InputEmail, InputPhone, InputNumber, InputDate, InputPostcode, InputPlace, InputQuestion:
	default:
		bad(s.Line, "unknown input %q; there are text, email, phone, number, date, postcode, place and question", s.Input)
	}
	p.checkTyped(f, s, bad)
	if s.Options != "" && !slices.Contains(p.lists.Options, s.Options) {
		bad(s.Line, "unknown options %q; there are %s", s.Options, strings.Join(p.lists.Options, ", "))
	}
	if s.Columns < 0 || s.Columns > 8 {
		bad(s.Line, "columns is 1 to 8, the most buttons that Telegram shows side by side")
	}
	for _, b := range s.Buttons {
		if b.Label == "" || b.Goto == "" {
			bad(b.Line, "button %q needs a label and a goto", b.ID)
		}
		if !idPattern.MatchString(b.ID) {
			bad(b.Line, "button %q: an id is a-z, 0-9 and -", b.ID)
		}
		if n := len(buttonData(f.ID, s.ID, b.ID)); n > MaxData {
			bad(b.Line, "button %q carries %d bytes, the limit is %d; shorten the ids", b.ID, n, MaxData)
		}
	}
	if s.Options != "" || s.Input == InputPlace {
		if n := len(buttonData(f.ID, s.ID, "")) + maxOption; n > MaxData {
			bad(s.Line, "its options carry up to %d bytes, the limit is %d; shorten the ids of flow or step", n, MaxData)
		}
	}
}

// saves says which type of variable takes an answer; what is not listed goes into text.
var saves = map[InputType]VarType{InputNumber: VarNumber, InputDate: VarDate, InputPlace: VarPlace}

// checkTyped finds what does not fit the kind of answer.
func (p *parser) checkTyped(f *Flow, s *StepDef, bad func(int, string, ...any)) {
	want := saves[s.Input]
	if want == "" {
		want = VarText
	}
	if have, ok := f.Vars[s.Save]; ok && s.Input != "" && have != want {
		bad(s.Line, "a %s is saved into %q, which is declared as %s; declare it as %s", s.Input, s.Save, have, want)
	}
	if (s.Min != nil || s.Max != nil) && s.Input != InputNumber {
		bad(s.Line, "min and max are for input: number")
	}
	if s.Min != nil && s.Max != nil && *s.Min > *s.Max {
		bad(s.Line, "min is above max: no answer fits")
	}
	switch {
	case s.Share == "":
	case s.Share == ShareLocation && s.Input == InputPlace, s.Share == ShareContact && s.Input == InputPhone:
	default:
		bad(s.Line, "share is location with input: place, or contact with input: phone")
	}
}

func (p *parser) checkTarget(f *Flow, s *StepDef, target string, bad func(int, string, ...any)) {
	if target == End || target == "" {
		return
	}
	flowID, step, cross := strings.Cut(target, "/")
	if !cross {
		flowID, step = f.ID, target
	}
	to := p.def.Flows[flowID]
	switch {
	case to == nil:
		bad(s.Line, "leads to unknown flow %q", flowID)
	case step == "" && s.Call != flowID:
		bad(s.Line, "target %q names no step", target)
	case step != "" && to.Steps[step] == nil:
		bad(s.Line, "leads to unknown step %q", target)
	}
}

// checkVar checks a value that may be a $variable.
func (p *parser) checkVar(f *Flow, line int, step, value string) {
	if name, ok := strings.CutPrefix(value, "$"); ok {
		p.checkDeclared(f, line, step, name)
	}
}

func (p *parser) checkDeclared(f *Flow, line int, step, name string) {
	if name == VarLanguage || name == VarUsername {
		return
	}
	base := strings.TrimSuffix(name, "_name")
	if _, ok := f.Vars[name]; ok {
		return
	}
	if f.Vars[base] == VarPlace {
		return
	}
	p.fault(f.File, line, "step %q: variable %q is not declared under vars", step, name)
}

// checkReachable reports steps that no way leads to.
func (p *parser) checkReachable() {
	reached := map[Frame]bool{}
	var visit func(Frame)
	visit = func(fr Frame) {
		if reached[fr] {
			return
		}
		reached[fr] = true
		s := p.def.step(fr)
		for _, t := range s.targets() {
			if next, ok := p.def.resolve(p.def.Flows[fr.Flow], t); ok {
				visit(next)
			}
		}
	}
	for _, f := range p.def.Flows {
		visit(Frame{Flow: f.ID, Step: f.Start})
	}
	for _, entry := range []map[string]Frame{p.def.commands, p.def.links} {
		for _, fr := range entry {
			visit(fr)
		}
	}
	for _, f := range p.def.Flows {
		for _, sid := range f.Order {
			if !reached[Frame{Flow: f.ID, Step: sid}] {
				p.fault(f.File, f.Steps[sid].Line, "step %q: unreachable, no step, command or link leads to it", sid)
			}
		}
	}
}

// checkTraps reports steps from which no way leads to the end of a flow or to
// the menu. Commands would free the person, but who is stressed does not know them.
func (p *parser) checkTraps() {
	free := map[Frame]bool{}
	for changed := true; changed; {
		changed = false
		for _, id := range sortedKeys(p.def.Flows) {
			f := p.def.Flows[id]
			for _, sid := range f.Order {
				fr := Frame{Flow: id, Step: sid}
				if !free[fr] && p.leadsOut(f, f.Steps[sid], free) {
					free[fr], changed = true, true
				}
			}
		}
	}
	for _, id := range sortedKeys(p.def.Flows) {
		f := p.def.Flows[id]
		for _, sid := range f.Order {
			if !free[Frame{Flow: id, Step: sid}] {
				p.fault(f.File, f.Steps[sid].Line, "step %q: trap, no way leads from it to the end of the flow or to the menu", sid)
			}
		}
	}
}

// leadsOut says whether a target of s is the end, the menu, or free already.
func (p *parser) leadsOut(f *Flow, s *StepDef, free map[Frame]bool) bool {
	if f.ID == Home {
		return true
	}
	for _, t := range s.targets() {
		if s.Call != "" && t == s.Call+"/" {
			continue // the called flow comes back
		}
		to, ok := p.def.resolve(f, t)
		if !ok || to.Flow == Home || free[to] {
			return true
		}
	}
	return false
}

// checkLoops reports steps that can follow each other for ever without waiting
// for the person, and chains of them that are too long to be carried out.
func (p *parser) checkLoops() {
	const open = -1
	chains := map[Frame]int{} // the most steps that follow each other from here on
	var visit func(Frame) int
	visit = func(fr Frame) int {
		chains[fr] = open
		f, s := p.def.Flows[fr.Flow], p.def.step(fr)
		longest, called := 0, 0
		if !s.waits() {
			longest = 1 // at an end: the prompt that the dialogue comes back to
		}
		for _, t := range s.targets() {
			next, ok := p.def.resolve(f, t)
			if s.waits() || !ok {
				continue
			}
			chain, seen := chains[next]
			if !seen {
				chain = visit(next)
			}
			switch {
			case chain == open:
				p.fault(f.File, s.Line, "step %q: goes round in a loop that never waits for the person", s.ID)
			case s.Call != "" && next.Flow == s.Call:
				called = chain // and then comes what is next
			default:
				longest = max(longest, chain)
			}
		}
		chain := 1 + called + longest
		if chain > MaxHops {
			p.fault(f.File, s.Line, "step %q: %d steps or more can follow it without waiting for the person, at most %d; let one of them ask something", s.ID, chain-1, MaxHops-1)
			chain = 0 // one fault is enough
		}
		chains[fr] = chain
		return chain
	}
	for _, id := range sortedKeys(p.def.Flows) {
		f := p.def.Flows[id]
		for _, sid := range f.Order {
			fr := Frame{Flow: id, Step: sid}
			if _, seen := chains[fr]; !seen {
				visit(fr)
			}
		}
	}
}

// checkPlaceholders compares what a step fills with what its message wants.
func (p *parser) checkPlaceholders(f *Flow, s *StepDef, r References) {
	id := s.Say + s.Ask
	if id == "" || !r.Message(id) {
		return
	}
	wants := r.Placeholders(id)
	for _, name := range wants {
		if _, ok := s.With[name]; !ok && !slices.Contains(r.Given, name) {
			p.fault(f.File, s.Line, "step %q: message %q wants %s; fill it under with", s.ID, id, name)
		}
	}
	for _, name := range sortedKeys(s.With) {
		if !slices.Contains(wants, name) {
			p.fault(f.File, s.Line, "step %q: message %q has no place for %s", s.ID, id, name)
		}
	}
}

// References is what flows may refer to outside themselves.
type References struct {
	Message func(id string) bool
	Topic   func(id string) bool
	// Placeholders are the names that a message wants to be filled; Given those
	// that the program fills by itself.
	Placeholders func(id string) []string
	Given        []string
}

// CheckReferences reports, with file and line, every message and article topic
// that the flows name and that does not exist, and every placeholder that is
// not filled or filled in vain.
func (d *Definition) CheckReferences(r References) Faults {
	p := &parser{def: d}
	message := func(f *Flow, line int, step, id string) {
		if id != "" && !r.Message(id) {
			p.fault(f.File, line, "step %q: message %q is not in locales/", step, id)
		}
	}
	for _, id := range sortedKeys(d.Flows) {
		f := d.Flows[id]
		for _, sid := range f.Order {
			s := f.Steps[sid]
			for _, m := range []string{s.Say, s.Ask, s.Invalid, s.Help} {
				message(f, s.Line, sid, m)
			}
			if s.Remind != nil {
				message(f, s.Line, sid, s.Remind.Say)
			}
			for _, b := range s.Buttons {
				message(f, b.Line, sid, b.Label)
			}
			p.checkPlaceholders(f, s, r)
			for _, topic := range []string{s.Article, s.Contacts["topic"]} {
				if topic != "" && !strings.HasPrefix(topic, "$") && !r.Topic(topic) {
					p.fault(f.File, s.Line, "step %q: there is no article %q in locales/", sid, topic)
				}
			}
		}
	}
	return p.faults
}
