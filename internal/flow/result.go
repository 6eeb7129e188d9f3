package flow

import "time"

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
