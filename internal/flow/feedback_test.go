package flow

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRatingsAreRememberedForAWhile(t *testing.T) {
	def, env := shipped(t), testEnv()
	st := State{Schema: StateSchema, Language: "en", Stack: []Frame{{Flow: Home, Step: "choose"}}}
	for i := range maxRated + 5 {
		res, err := Step(def, st, Input{Kind: KindButton, Text: RateData("costs", i%2 == 0), Source: fmt.Sprint(i)}, env)
		if err != nil || len(res.Out) != 1 || res.Out[0].Effect == nil || res.Out[0].Effect.Kind != EffectRate || res.Out[0].Effect.Args["helpful"] != yesNo(i%2 == 0) {
			t.Fatalf("%d: %+v, %v", i, res.Out, err)
		}
		if !cmp.Equal(res.State.Stack, st.Stack) {
			t.Fatalf("a rating moved the dialogue to %v", res.State.Stack)
		}
		encoded, err := json.Marshal(res.State)
		if err != nil {
			t.Fatal(err)
		}
		st = State{}
		if err := json.Unmarshal(encoded, &st); err != nil {
			t.Fatal(err)
		}
		// The other button of the same message, whatever was pressed in between.
		again, err := Step(def, st, Input{Kind: KindButton, Text: RateData("costs", i%2 != 0), Source: fmt.Sprint(i)}, env)
		if err != nil || len(again.Out) != 0 || again.Chosen != nil {
			t.Fatalf("%d: a second tap gives %+v, %v", i, again.Out, err)
		}
	}
	if len(st.Rated) != maxRated {
		t.Errorf("%d are remembered", len(st.Rated))
	}
}

func TestWhatIsNoRatingIsStale(t *testing.T) {
	def, env := shipped(t), testEnv()
	q := &Question{Words: "why", Topics: []string{"costs"}, Offered: true}
	st := State{Schema: StateSchema, Language: "en", Stack: []Frame{{Flow: Home, Step: "choose"}}, Question: q}
	for _, data := range []string{"r/", "r/y", "r/y/", "r/x/costs", "q/", "q/keep", "q/keep/", "q/keep/other", "q/all/" + q.Key(), Keep + (*Question)(nil).Key()} {
		res, err := Step(def, st, Input{Kind: KindButton, Text: data, Source: "1"}, env)
		if err != nil || len(res.Out) == 0 || res.Out[0].Say == nil || res.Out[0].Say.Message != MsgStale || res.State.Question == nil || len(res.State.Rated) > 0 {
			t.Errorf("%q gives %+v, %v", data, res.Out, err)
		}
	}
	for _, data := range []string{Keep, KeepAnswer, KeepNot} {
		if n := len(data + q.Key()); n > MaxData {
			t.Errorf("%q has %d bytes", data+q.Key(), n)
		}
	}
	if _, err := Step(def, st, Input{Kind: KindButton, Text: KeepNot + q.Key(), Source: "1"}, env); err != nil || st.Question != q || q.Words == "" {
		t.Error("a step changed its argument")
	}
}
