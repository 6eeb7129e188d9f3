package flow

import (
	"testing"

	"iqbot/flows"
)

// Whatever is refused, wherever the dialogue stands: there is a button that leads on.
func TestEveryRefusalHasAWayOn(t *testing.T) {
	def, err := Parse(flows.FS, lists)
	if err != nil {
		t.Fatal(err)
	}
	inputs := []Input{{Kind: KindLocation, Text: "50.3,7.5"}, {Kind: KindContact, Text: "+49"}, {Kind: KindUnsupported}}
	for what := range unreadMessages {
		inputs = append(inputs, Input{Kind: KindUnsupported, Text: what})
	}
	for _, f := range def.Flows {
		for _, s := range f.Steps {
			if !s.waits() {
				continue
			}
			for _, in := range inputs {
				res, err := Step(def, State{Schema: StateSchema, Language: "en", Stack: []Frame{s.frame()}, Vars: map[string]string{}}, in, testEnv())
				if err != nil {
					t.Fatalf("%s/%s: %v", f.ID, s.ID, err)
				}
				if r := (&run{out: res.Out}); !r.offers(0) {
					t.Errorf("%s/%s: %+v has no button after it", f.ID, s.ID, in)
				}
			}
		}
	}
}
