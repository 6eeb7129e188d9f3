package flow

import (
	"strconv"
	"strings"
)

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
