package flow

import (
	"cmp"
	"fmt"
	"testing"
)

func TestLongListsHavePages(t *testing.T) {
	def, err := Parse(files("flow: demo\nvars: {x: text}\nsteps:\n  first: {ask: d.ask, options: languages, save: x, next: end}\n"), lists)
	if err != nil {
		t.Fatal(err)
	}
	env := testEnv()
	env.Options = func(string, State) []Option {
		var all []Option
		for i := range 20 {
			all = append(all, Option{ID: fmt.Sprint("o", i), Label: fmt.Sprint("Option ", i)})
		}
		return all
	}
	st := State{Language: "en", Stack: []Frame{{"demo", "first"}}}
	show := func(in Input) []string {
		t.Helper()
		res, err := Step(def, st, in, env)
		if err != nil {
			t.Fatal(err)
		}
		st = res.State
		var labels []string
		for _, o := range res.Out {
			if o.Say != nil && o.Say.Message == "d.ask" {
				for _, c := range o.Say.Choices {
					labels = append(labels, cmp.Or(c.Words, c.Label))
				}
			}
		}
		return labels
	}
	if got := show(press("demo/first/>1")); len(got) != 10 || got[0] != "Option 8" || got[8] != MsgPrevious || got[9] != MsgNext {
		t.Errorf("page 1 shows %q", got)
	}
	if got := show(press("demo/first/>2")); len(got) != 5 || got[0] != "Option 16" || got[4] != MsgPrevious {
		t.Errorf("page 2 shows %q", got)
	}
	if got := show(press("demo/first/>3")); len(got) != 5 {
		t.Errorf("a page that is not there shows %q", got)
	}
	if show(text("option 17")); st.Vars["x"] != "o17" {
		t.Errorf("an option typed by its words gives %q", st.Vars["x"])
	}
}
