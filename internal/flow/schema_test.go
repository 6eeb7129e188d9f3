package flow

import (
	"encoding/json"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"iqbot/flows"
)

const schemaFile = "../../flows/schema.json"

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate reads YAML as an editor would and holds it against the schema.
func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(v) // numbers become what the library expects
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestSchemaAcceptsTheShippedFlows(t *testing.T) {
	s := compileSchema(t)
	files, err := fs.Glob(flows.FS, "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d flows, %v", len(files), err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(flows.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compileSchema(t)
	if err := validate(t, s, []byte("flow: demo\nsteps: {first: {say: a, next: end}}")); err != nil {
		t.Fatalf("the base of the examples is refused: %v", err)
	}
	for name, text := range map[string]string{
		"an unknown key":            "flow: demo\ncolour: red\nsteps: {first: {say: a, next: end}}",
		"an unknown key of a step":  "flow: demo\nsteps: {first: {say: a, nxt: end}}",
		"an unknown input":          "flow: demo\nsteps: {first: {ask: a, input: colour}}",
		"a button without a goto":   "flow: demo\nsteps: {first: {ask: a, buttons: {b: {label: l}}}}",
		"a step named end":          "flow: demo\nsteps: {end: {say: a, next: end}}",
		"a flow without steps":      "flow: demo",
		"a variable of no type":     "flow: demo\nvars: {x: colour}\nsteps: {first: {say: a, next: end}}",
		"a variable private twice":  "flow: demo\nvars: {x: text}\nprivate: [x, x]\nsteps: {first: {say: a, next: end}}",
		"nine columns":              "flow: demo\nsteps: {first: {ask: a, columns: 9, buttons: {b: {label: l, goto: end}}}}",
		"a reminder after one day":  "flow: demo\nsteps: {first: {ask: a, remind: {after: 1d, say: b}}}",
		"a command of the program":  "flow: demo\ncommands: {start: first}\nsteps: {first: {say: a, next: end}}",
		"contacts for an odd field": "flow: demo\nsteps: {first: {contacts: {town: x}, next: end}}",
	} {
		if validate(t, s, []byte(text)) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestSchemaAndParserKnowTheSameKeys(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]any `json:"properties"`
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	step := yamlKeys(reflect.TypeFor[yamlStep]())
	for _, k := range kinds {
		step = append(append(step, k.key), k.keys...)
	}
	for name, pair := range map[string]struct {
		schema object
		parser []string
	}{
		"flow":     {schema.object, yamlKeys(reflect.TypeFor[yamlFlow]())},
		"step":     {schema.Defs["step"], step},
		"button":   {schema.Defs["button"], yamlKeys(reflect.TypeFor[yamlButton]())},
		"way":      {schema.Defs["way"], yamlKeys(reflect.TypeFor[yamlWay]())},
		"reminder": {schema.Defs["reminder"], yamlKeys(reflect.TypeFor[reminder]())},
	} {
		slices.Sort(pair.parser)
		if diff := cmp.Diff(slices.Compact(pair.parser), sortedKeys(pair.schema.Properties)); diff != "" {
			t.Errorf("%s: keys of the parser (-) and of the schema (+):\n%s", name, diff)
		}
	}
}
