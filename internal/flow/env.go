package flow

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
	// Lookups are what people can be asked for by name, such as places; see [Lists].
	Lookups map[string]Lookup
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
