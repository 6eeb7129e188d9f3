package flow

import (
	"strconv"
	"strings"
)

// typedChoice understands the number or label of a choice that was typed.
func (r *run) typedChoice(s *StepDef, a asking, words string) (taken bool, _ error) {
	say, err := a.prompt(r, s)
	if err != nil || len(say.Choices) == 0 {
		return false, err
	}
	typed := r.env.Fold(words)
	pick := func(c Choice) (bool, error) {
		return true, a.answer(r, s, Input{Kind: KindButton, Text: strings.TrimPrefix(c.Data, buttonData(s, ""))})
	}
	// Where own words are asked for, a number is one of them.
	if n, err := strconv.Atoi(typed); err == nil && typed == strconv.Itoa(n) && !a.waits().ownWords {
		if n >= 1 && n <= len(say.Choices) {
			return pick(say.Choices[n-1])
		}
		return false, nil
	}
	word := r.env.Word(words)
	for _, c := range say.Choices {
		if (word == "yes" || word == "no") && c.Data == buttonData(s, word) {
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
