package flow

import (
	"strings"
	"testing"
)

// readAs reads words as a type of answer.
func readAs(name InputType, a *askStep, words string) (string, bool) {
	return lists.inputType(name).read(a, words)
}

func TestTypedAnswersAreChecked(t *testing.T) {
	for in, want := range map[string]struct {
		t  InputType
		ok bool
	}{
		"a@b.de": {InputEmail, true}, "a b@c.de": {InputEmail, false}, "a@b": {InputEmail, false}, "@b.de": {InputEmail, false},
		strings.Repeat("a", 250) + "@b.de": {InputEmail, false},
		"0151 12345678":                    {InputPhone, true}, "+49 (0) 261/106-0": {InputPhone, true}, "٠١٥١ ١٢٣٤٥٦٧٨": {InputPhone, true}, "call me": {InputPhone, false}, "12": {InputPhone, false},
		"": {InputText, false}, "x": {InputText, true}, strings.Repeat("ж", MaxAnswer): {InputText, true}, strings.Repeat("ж", MaxAnswer+1): {InputText, false},
	} {
		if _, ok := readAs(want.t, &askStep{}, in); ok != want.ok {
			t.Errorf("%s %.40q: %v, want %v", want.t, in, ok, want.ok)
		}
	}
}
