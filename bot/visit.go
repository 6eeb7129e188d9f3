package bot

import (
	"cmp"

	"iqbot/internal/answer"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
)

// visit is an update at the door: what is known of the person and of their words
// is found out once and handed on to all that takes part in the answer.
type visit struct {
	Update
	content *Content
	// guess is the language that the platform reports, if it is one of ours.
	guess string
	asked string           // the words that question was made of
	read  *answer.Question // nil if no words were read yet
}

func (c *Content) visit(u Update) *visit {
	guess, _ := c.Catalog.Match(u.Language)
	return &visit{Update: u, content: c, guess: guess}
}

// language is that of the dialogue or, before one is chosen, the guess; "" if there is neither.
func (v *visit) language(st flow.State) string { return cmp.Or(st.Language, v.guess) }

func (v *visit) printer(st flow.State) *locale.Printer {
	return v.content.Catalog.Printer(v.language(st))
}

// question reads words. The same words are heard for a crisis, tried as a question
// and answered, but read once.
func (v *visit) question(words string) *answer.Question {
	if v.read == nil || v.asked != words {
		v.asked, v.read = words, v.content.Index.Read(words)
	}
	return v.read
}
