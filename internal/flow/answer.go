package flow

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// InputType is what a typed answer must be: the name of an [inputType], or of a [Lookup].
type InputType string

// The types of typed answers.
const (
	InputText     InputType = "text"     // anything up to MaxAnswer characters
	InputEmail    InputType = "email"    // an email address
	InputPhone    InputType = "phone"    // a telephone number
	InputNumber   InputType = "number"   // a number, in the digits of any script
	InputDate     InputType = "date"     // a day, such as 24.11.2026, 24/11/2026 or 2026-11-24
	InputPostcode InputType = "postcode" // five digits
	InputQuestion InputType = "question" // a question to be answered; the step goes on waiting
)

// What a step may offer to share.
const (
	ShareLocation = "location"
	ShareContact  = "contact"
)

// shareOf tells what an app sent.
var shareOf = map[InputKind]string{KindLocation: ShareLocation, KindContact: ShareContact}

// inputType is one type of typed answer.
type inputType struct {
	name     InputType
	into     VarType // of the variable that takes it
	share    string  // what an app can send instead; empty if nothing
	bounded  bool    // it may have a min and a max
	ownWords bool    // see [waiting]
	tells    bool    // it may tell who the person is: the variable that takes it is private to the flow
	stays    bool    // the step goes on waiting, and needs neither save nor next
	// read checks what was typed and brings it into its usual form; nil if take does without.
	read func(a *askStep, words string) (value string, fits bool)
	// take takes what was typed or sent.
	take func(r *run, s *StepDef, a *askStep, in Input) error
	// pick takes a choice that take has offered, by its id; nil if it offers none.
	pick func(r *run, s *StepDef, a *askStep, id string) error
}

// inputTypes is every type of typed answer that is not looked up, in the order
// in which authors are told of them.
var inputTypes = []inputType{
	{name: InputText, into: VarText, read: readText, take: takeRead, ownWords: true, tells: true},
	{name: InputEmail, into: VarText, read: readEmail, take: takeRead, tells: true},
	{name: InputPhone, into: VarText, read: readPhone, take: takeRead, share: ShareContact, tells: true},
	{name: InputNumber, into: VarNumber, read: readNumber, take: takeRead, bounded: true},
	{name: InputDate, into: VarDate, read: readDate, take: takeRead, tells: true},
	{name: InputPostcode, into: VarText, read: readPostcode, take: takeRead},
	{name: InputQuestion, into: VarText, take: takeQuestion, stays: true},
}

// inputTypes is every type of typed answer, with those that are looked up.
func (l Lists) inputTypes() []inputType {
	types := slices.Clone(inputTypes)
	for _, name := range l.Lookups {
		types = append(types, lookupInput(name, slices.Contains(l.Nearby, name)))
	}
	return types
}

// inputType is the type of that name; nil if there is none.
func (l Lists) inputType(name InputType) *inputType {
	for _, t := range l.inputTypes() {
		if t.name == name {
			return &t
		}
	}
	return nil
}

// checkInput finds what does not fit the type of answer.
func (a *askStep) checkInput(in *inStep) {
	t := a.input
	if a.Input != "" && t == nil {
		var names []string
		for _, t := range in.lists.inputTypes() {
			names = append(names, string(t.name))
		}
		in.bad(0, "unknown input %q; there are %s", a.Input, enumerate(names))
	}
	if have, ok := in.step.flow.Vars[a.Save]; ok && t != nil && have != t.into {
		in.bad(0, "a %s is saved into %q, which is declared as %s; declare it as %s", a.Input, a.Save, have, t.into)
	}
	if (a.Min != nil || a.Max != nil) && (t == nil || !t.bounded) {
		in.bad(0, "min and max are for input: number")
	}
	if a.Min != nil && a.Max != nil && *a.Min > *a.Max {
		in.bad(0, "min is above max: no answer fits")
	}
	if a.Share != "" && (t == nil || a.Share != t.share) {
		var with []string
		for _, share := range []string{ShareLocation, ShareContact} {
			for _, t := range in.lists.inputTypes() {
				if t.share == share {
					with = append(with, fmt.Sprintf("%s with input: %s", share, t.name))
				}
			}
		}
		in.bad(0, "share is %s", strings.Join(with, ", or "))
	}
}

// takeRead saves an answer that can be read, and says so of any other.
func takeRead(r *run, s *StepDef, a *askStep, in Input) error {
	value, fits := a.input.read(a, in.Text)
	typed := in.Kind == KindText
	switch {
	case !fits && typed:
		return r.miss(s, in.Text)
	case !fits:
		return r.miss(s, "")
	case typed:
		r.visit(s.frame(), WayTyped)
	}
	return a.saveAnswer(r, s, value, "")
}

// takeQuestion answers a question and asks nothing: the person may go on asking.
func takeQuestion(r *run, s *StepDef, _ *askStep, in Input) error {
	r.visit(s.frame(), WayTyped)
	r.ask(in.Text)
	return nil
}

var postcodePattern = regexp.MustCompile(`^[0-9]{5}$`)

func readText(_ *askStep, words string) (string, bool) {
	return words, hasWords(words) && utf8.RuneCountInString(words) <= MaxAnswer
}

func readEmail(_ *askStep, words string) (string, bool) { return email(words) }

func readPhone(_ *askStep, words string) (string, bool) { return phone(words) }

func readNumber(a *askStep, words string) (string, bool) {
	n, ok := number(words)
	fits := ok && (a.Min == nil || n >= *a.Min) && (a.Max == nil || n <= *a.Max)
	return strconv.FormatFloat(n, 'f', -1, 64), fits
}

func readDate(_ *askStep, words string) (string, bool) { return date(words) }

func readPostcode(_ *askStep, words string) (string, bool) {
	words = strings.TrimPrefix(digits(words), "D-")
	return words, postcodePattern.MatchString(words)
}
