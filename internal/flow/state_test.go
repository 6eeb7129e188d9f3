package flow

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStoredStatesOfEverySchemaCanBeRead(t *testing.T) {
	for stored, want := range map[string]State{
		`{}`: {Schema: StateSchema},
		`{"s":1,"l":"uk","k":[{"f":"menu","t":"choose"}],"v":{"topic":"costs"},"p":"7 t/costs"}`: {
			Schema: 1, Language: "uk", Stack: []Frame{{"menu", "choose"}}, Vars: map[string]string{"topic": "costs"}, Pressed: "7 t/costs",
		},
		`{"s":99,"l":"uk","new":"of a newer program"}`: {Schema: 99, Language: "uk"},
	} {
		var got State
		if err := json.Unmarshal([]byte(stored), &got); err != nil {
			t.Errorf("%s: %v", stored, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", stored, diff)
		}
	}
	var st State
	if err := json.Unmarshal([]byte(`{"s":-1}`), &st); err == nil {
		t.Error("a state of schema -1 was read")
	}
}

func FuzzStateDecoding(f *testing.F) {
	f.Add([]byte(`{"s":1,"l":"uk","k":[{"f":"menu","t":"choose"}],"v":{"topic":"costs"},"n":{"Kind":"text","Text":"x"}}`))
	f.Add([]byte(`{"s":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		var st State
		if json.Unmarshal(stored, &st) != nil {
			return
		}
		again, err := json.Marshal(st)
		if err != nil {
			t.Fatal(err)
		}
		var back State
		if err := json.Unmarshal(again, &back); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if st.Schema < StateSchema {
			t.Fatalf("schema %d", st.Schema)
		}
	})
}
