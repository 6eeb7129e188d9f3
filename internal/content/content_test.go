package content

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// shop is a type with one field of each kind that content has.
type shop struct {
	Name   string             `yaml:"name" toml:"name"`
	Seats  int                `yaml:"seats" toml:"seats"`
	Price  float64            `yaml:"price" toml:"price"`
	Open   bool               `yaml:"open" toml:"open"`
	Since  time.Time          `yaml:"since" toml:"since"`
	Tags   []string           `yaml:"tags" toml:"tags"`
	Point  [2]float64         `yaml:"point" toml:"point"`
	Rooms  []room             `yaml:"rooms" toml:"rooms"`
	Staff  map[string]*person `yaml:"staff" toml:"staff"`
	Steps  yaml.Node          `yaml:"steps" toml:"-"`
	common `yaml:",inline"`
}

type common struct {
	Note string `yaml:"note"`
}

type room struct {
	Name  string `yaml:"name" toml:"name"`
	Rooms []room `yaml:"rooms" toml:"rooms"` // a type may hold itself
}

// person remembers its line, as those do that decode themselves.
type person struct {
	Name string `yaml:"name" toml:"name"`
	line int
}

func (p *person) UnmarshalYAML(n *yaml.Node) error {
	type plain person
	p.line = n.Line
	return Strict(n, (*plain)(p))
}

func reader(file, text string) *Reader {
	return NewReader(fstest.MapFS{file: {Data: []byte(text)}})
}

func TestYAML(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"all kinds":                {"name: a\nseats: 3\nprice: 1.5\nopen: true\nsince: 2026-11-24\ntags: [a]\npoint: [1, 2]\nrooms: [{name: a, rooms: [{name: b}]}]\nstaff: {a: {name: b}}\nsteps: {x: {y: z}}\nnote: x\n", ""},
		"a merged mapping":         {"rooms:\n  - &a {name: a}\n  - <<: *a\n  - *a\n", ""},
		"empty":                    {"", "a.yaml:1: the file is empty"},
		"a comment only":           {"# nothing\n", "a.yaml:1: the file is empty"},
		"begun and empty":          {"---\n", "a.yaml:1: the file is empty"},
		"unknown key":              {"name: a\nsaets: 3\n", `a.yaml:2: unknown key "saets"`},
		"unknown key in a list":    {"rooms:\n  - name: a\n    nam: b\n", `a.yaml:3: unknown key "nam"`},
		"unknown key far below":    {"rooms:\n  - rooms:\n    - {nam: b}\n", `a.yaml:3: unknown key "nam"`},
		"unknown key of its own":   {"staff:\n  a:\n    nmae: b\n", `a.yaml:3: unknown key "nmae"`},
		"unknown key, merged":      {"rooms:\n  - &a {nam: a}\n  - <<: *a\n", `a.yaml:2: unknown key "nam"`},
		"a field of the program":   {"staff: {a: {line: 3}}\n", `a.yaml:1: unknown key "line"`},
		"key twice":                {"name: a\nname: b\n", `a.yaml:2: mapping key "name" already defined at line 1`},
		"a list for a text":        {"name: [a]\n", "a.yaml:1: a list stands where a text is expected"},
		"keys for a list":          {"tags: {a: b}\n", "a.yaml:1: a set of keys stands where a list is expected"},
		"a text for a list":        {"tags: a\n", `a.yaml:1: "a" stands where a list is expected`},
		"a text for a number":      {"seats: three\n", `a.yaml:1: "three" stands where a whole number is expected`},
		"half a seat":              {"seats: 1.5\n", `a.yaml:1: "1.5" stands where a whole number is expected`},
		"a long text for a number": {"price: about twenty euros\n", `a.yaml:1: "about t..." stands where a number is expected`},
		"a text for yes":           {"open: sometimes\n", `a.yaml:1: "sometimes" stands where true or false is expected`},
		"a list for a room":        {"rooms: [[a]]\n", "a.yaml:1: a list stands where something else is expected"},
		"a text for the file":      {"shop\n", `a.yaml:1: "shop" stands where something else is expected`},
		"a list too long":          {"name: a\npoint: [1, 2, 3]\n", "a.yaml:2: the list has 3 items, it must have 2"},
		"all faults at once":       {"seats: x\nopne: true\nrooms:\n  - nam: a\n", "a.yaml:1: \"x\" stands where a whole number is expected\na.yaml:2: unknown key \"opne\"\na.yaml:4: unknown key \"nam\""},
		"torn":                     {"name: a\ntags: [a\nopen: true\n", "a.yaml:2: not valid YAML: did not find expected ',' or ']'"},
		"an anchor in itself":      {"rooms:\n  - &a {name: x, rooms: [*a]}\n", "a.yaml:1: not valid YAML: anchor 'a' value contains itself"},
		"merged with itself":       {"rooms:\n  - &a {<<: *a}\n", "a.yaml:1: not valid YAML: anchor 'a' value contains itself"},
		"an anchor not there":      {"name: *b\n", "a.yaml:1: not valid YAML: unknown anchor 'b' referenced"},
		"two documents":            {"name: a\n---\nname: b\n", "a.yaml:2: a second document begins here, which nobody would read"},
		"torn behind the document": {"name: a\n---\nname: [\n", "a.yaml:4: not valid YAML: did not find expected node content"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reader("a.yaml", tt.text)
			var s shop
			doc := r.YAML("a.yaml", &s)
			if got := message(r.Err()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if doc.OK() != (tt.want == "") {
				t.Errorf("OK is %v", doc.OK())
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestYAMLDecodesAsTheLibraryDoes(t *testing.T) {
	const text = "name: a\nseats: 3\nsince: 2026-11-24\nrooms: [{name: a}, {name: b, rooms: [{name: c}]}]\nstaff: {x: {name: y}}\nnote: z\n"
	var got, want shop
	r := reader("a.yaml", text)
	r.YAML("a.yaml", &got)
	if err := errors.Join(r.Err(), yaml.Unmarshal([]byte(text), &want)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(shop{}, person{})); d != "" {
		t.Error(d)
	}
	if got.Staff["x"].line != 5 || got.Note != "z" {
		t.Errorf("staff in line %d, note %q", got.Staff["x"].line, got.Note)
	}
}

func TestLinesOfValuesInYAML(t *testing.T) {
	r := reader("a.yaml", "# head\nname: a\nrooms:\n  - name: b\n  - {name: c,\n     rooms: []}\ntags:\n  - red\n  - green\nstaff:\n  ann:\n    name: d\n")
	doc := r.YAML("a.yaml", &shop{})
	for _, tt := range []struct {
		path Path
		want int
	}{
		{nil, 2},
		{Path{"rooms"}, 3},
		{Path{"rooms", 0}, 4},
		{Path{"rooms", 1}, 5},
		{Path{"rooms", 1, "rooms"}, 6},
		{Path{"rooms", 1, "seats"}, 5}, // not there: where it would be
		{Path{"rooms", 7, "name"}, 3},
		{Path{"rooms", "name"}, 3},
		{Path{"tags", 1}, 9},
		{Path{"tags", "green"}, 9}, // by its value
		{Path{"staff", "ann", "name"}, 12},
		{Path{"staff", "bob"}, 10},
		{Path{"nowhere"}, 2},
	} {
		if got := doc.Line(tt.path...); got != tt.want {
			t.Errorf("%v is in line %d, want %d", tt.path, got, tt.want)
		}
	}
	doc.Fault(Path{"staff", "ann"}, "%s is on leave", "ann")
	if got, want := message(r.Err()), "a.yaml:11: ann is on leave"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPartsAreDecodedWithTheirLines(t *testing.T) {
	r := reader("a.yaml", "steps:\n  one:\n    name: a\n  two:\n    nmae: b\n    seats: [1]\n")
	var s shop
	doc := r.YAML("a.yaml", &s)
	var part shop
	for i := 0; i < len(s.Steps.Content); i += 2 {
		doc.Decode(s.Steps.Content[i+1], &part, fmt.Sprintf("step %q: ", s.Steps.Content[i].Value))
	}
	want := "a.yaml:5: step \"two\": unknown key \"nmae\"\na.yaml:6: step \"two\": a list stands where a whole number is expected"
	if got := message(r.Err()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if part.Name != "a" || doc.Root().Kind != yaml.MappingNode || doc.File() != "a.yaml" {
		t.Errorf("decoded %+v of %s", part, doc.File())
	}
}

func TestTOML(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"right":                 {"name = \"a\"\nseats = 3\n[staff.x]\nname = \"y\"\n", ""},
		"empty":                 {"", ""}, // no key is missing that was not asked for
		"unknown key":           {"name = \"a\"\ncolour = 1\n", `a.toml:2: unknown key "colour"`},
		"unknown key in a list": {"[[rooms]]\nname = \"a\"\nnam = \"b\"\n", `a.toml:3: unknown key "rooms.nam"`},
		"unknown table":         {"[\"a.b\"]\nx = 1\n", "a.toml:1: unknown key \"a.b\"\na.toml:2: unknown key \"a.b.x\""},
		"key twice":             {"name = \"a\"\nname = \"b\"\n", "a.toml:2: not valid TOML: Key 'name' has already been defined."},
		"no value":              {"name = \n", "a.toml:1: not valid TOML: expected value but found '\\n' instead"},
		"a number for a text":   {"seats = 1\nname = 2\n", `a.toml:2: key "name": a whole number stands where a text is expected`},
		"a text for a number":   {"seats = \"three\"\n", `a.toml:1: key "seats": a text stands where a whole number is expected`},
		"a text for a list":     {"tags = \"a\"\n", `a.toml:1: key "tags": a text stands where a list is expected`},
		"a list for a text":     {"name = [1]\n", `a.toml:1: key "name": a list stands where a text is expected`},
		"a table for yes":       {"[open]\nx = 1\n", `a.toml:1: key "open": a set of keys stands where true or false is expected`},
		"a text for a table":    {"staff = \"a\"\n", `a.toml:1: key "staff": a set of keys is expected here`},
		"a text for a room":     {"rooms = [\"a\"]\n", `a.toml:1: key "rooms": a text stands where a set of keys is expected`},
	} {
		t.Run(name, func(t *testing.T) {
			r := reader("a.toml", tt.text)
			doc := r.TOML("a.toml", &shop{})
			if got := message(r.Err()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if doc.OK() != (tt.want == "") {
				t.Errorf("OK is %v", doc.OK())
			}
		})
	}
}

func TestLinesOfKeysInTOML(t *testing.T) {
	const text = "# head = 1\nname = \"a\"\n  seats=3\nnote = \"\"\"\n[x]\ny = 1\n\"\"\"\n\n[\"menu.prompt\"]\nother = \"x = y\"\n\n[ staff . ann ]\nname = \"b\"\n\n[[rooms]]\nname = \"c\"\n[[rooms]]\nname = \"d\"\n"
	r := reader("a.toml", text)
	var all map[string]any
	doc := r.TOML("a.toml", &all)
	if err := r.Err(); err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, tt := range []struct {
		path Path
		want int
	}{
		{Path{"name"}, 2},
		{Path{"seats"}, 3},
		{Path{"note"}, 4},
		{Path{"x", "y"}, 1}, // words in a text are no keys
		{Path{"menu.prompt"}, 9},
		{Path{"menu.prompt", "other"}, 10},
		{Path{"menu.prompt", "few"}, 9},
		{Path{"staff", "ann"}, 12},
		{Path{"staff.ann.name"}, 13},
		{Path{"rooms", 1, "name"}, 16}, // the first of them: positions are not told apart
		{Path{"nowhere"}, 1},
		{nil, 1},
	} {
		if got := doc.Line(tt.path...); got != tt.want {
			t.Errorf("%v is in line %d, want %d", tt.path, got, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
		rows       []string
	}{
		"right":             {"id,name\na,\"b,\nc\"\nd,e\n", "", []string{"2: a=b,\nc", "4: d=e"}},
		"another order":     {"name,id\nb,a\n", "", []string{"2: a=b"}},
		"empty":             {"", "a.csv:1: the file is empty", nil},
		"unknown column":    {"id,nmae\n", "a.csv:1: column \"name\" is missing\na.csv:1: column \"nmae\" is unknown or stands here twice; there are id, name", nil},
		"column twice":      {"id,name,id\n", `a.csv:1: column "id" is unknown or stands here twice; there are id, name`, nil},
		"a cell too few":    {"id,name\na\nb,c\n", "a.csv:2: 1 fields, there must be 2", []string{"3: b=c"}},
		"torn":              {"id,name\na,\"b\nc,d\n", `a.csv:2: not a valid table: extraneous or missing " in quoted-field`, nil},
		"torn columns":      {"\"id,name\n", `a.csv:1: not a valid table: extraneous or missing " in quoted-field`, nil},
		"an open quotation": {"id,name\nx,y\na,b\"c\n", `a.csv:3: not a valid table: bare " in non-quoted-field`, []string{"2: x=y"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := reader("a.csv", tt.text)
			var rows []string
			for _, row := range r.Table("a.csv", ',', "id", "name") {
				rows = append(rows, fmt.Sprintf("%d: %s=%s", row.Line, row.Cell("id"), row.Cell("name")))
			}
			if got := message(r.Err()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if d := cmp.Diff(tt.rows, rows); d != "" {
				t.Error(d)
			}
		})
	}
	row := reader("a.tsv", "id\tname\na\tb\n").Table("a.tsv", '\t', "id", "name")[0]
	defer func() {
		if r := recover(); r != "content: there is no column nmae" {
			t.Errorf("recovered %v", r)
		}
	}()
	row.Cell("nmae")
}

func TestLines(t *testing.T) {
	r := reader("a.txt", "# how people ask\n\n  one # two \nthree")
	want := []Line{{3, "one # two"}, {4, "three"}}
	if d := cmp.Diff(want, r.Lines("a.txt")); d != "" {
		t.Error(d)
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	r = reader("a.txt", "# nothing\n\n")
	if lines := r.Lines("a.txt"); len(lines) > 0 || message(r.Err()) != "a.txt:1: the file is empty" {
		t.Errorf("%v, %v", lines, r.Err())
	}
}

func TestPage(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want, body string
		line             int
	}{
		"right":                 {"---\nname: a\ntags:\n  - b\n---\nOne.\n\nTwo.\n", "", "One.\n\nTwo.\n", 6},
		"no body":               {"---\nname: a\n---\n", "", "", 4},
		"a line in the body":    {"---\nname: a\n---\none\n---\ntwo\n", "", "one\n---\ntwo\n", 4},
		"unknown key":           {"---\nname: a\nnmae: b\n---\nOne.\n", `a.md:3: unknown key "nmae"`, "One.\n", 5},
		"torn":                  {"---\nname: [\n---\nOne.\n", "a.md:3: not valid YAML: did not find expected node content", "One.\n", 4},
		"nothing between":       {"---\n---\nOne.\n", "a.md:1: the front matter is empty", "One.\n", 3},
		"no front matter":       {"One.\n", "a.md:1: the front matter between two lines --- is missing", "", 0},
		"front matter not shut": {"---\nname: a\n", "a.md:1: the front matter between two lines --- is missing", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := reader("a.md", tt.text)
			p := r.Page("a.md", &shop{})
			if got := message(r.Err()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if p.Body != tt.body || p.BodyLine != tt.line || p.OK() != (tt.want == "") {
				t.Errorf("body %q in line %d, OK %v", p.Body, p.BodyLine, p.OK())
			}
		})
	}
	p := reader("a.md", "---\nname: a\ntags: [b]\n---\n").Page("a.md", &shop{})
	if got := p.Line("tags", "b"); got != 3 {
		t.Errorf("tags are in line %d, want 3", got)
	}
}

// Editors leave their marks: a byte order mark, other ends of line, another encoding.
func TestTextIsTakenFromAnyEditor(t *testing.T) {
	r := NewReader(fstest.MapFS{
		"a.txt": {Data: []byte("\ufeffone\r\ntwo\r")},
		"b.txt": {Data: []byte("gr\u00fc\u00dfe\nGr\xfc\xdfe\n")},
	})
	if text, ok := r.Text("a.txt"); text != "one\ntwo\n" || !ok {
		t.Errorf("%q, %v", text, ok)
	}
	for _, file := range []string{"b.txt", "c.txt"} {
		if text, ok := r.Text(file); text != "" || ok {
			t.Errorf("%s: %q, %v", file, text, ok)
		}
	}
	want := "b.txt:2: is not UTF-8\nc.txt: cannot be read: file does not exist"
	if got := message(r.Err()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for name, read := range map[string]func(*Reader){
		"YAML":  func(r *Reader) { r.YAML("c.txt", &shop{}) },
		"TOML":  func(r *Reader) { r.TOML("c.txt", &shop{}) },
		"Table": func(r *Reader) { r.Table("c.txt", ',', "a") },
		"Lines": func(r *Reader) { r.Lines("c.txt") },
		"Page":  func(r *Reader) { r.Page("c.txt", &shop{}) },
	} {
		r := NewReader(fstest.MapFS{})
		read(r)
		if got := message(r.Err()); got != "c.txt: cannot be read: file does not exist" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestFolders(t *testing.T) {
	r := reader("de/a.txt", "x")
	if got := r.Dir("de"); len(got) != 1 || got[0].Name() != "a.txt" {
		t.Errorf("%v", got)
	}
	if got := r.Dir("uk"); got != nil || r.Err() != nil {
		t.Errorf("%v, %v", got, r.Err())
	}
	if !r.Exists("de/a.txt") || !r.Exists("de") || r.Exists("uk") {
		t.Error("Exists is wrong")
	}
	r = NewReader(refusing{})
	r.Dir("de")
	if got := message(r.Err()); got != "de: cannot be read: permission denied" {
		t.Error(got)
	}
}

// refusing is a folder that may not be read.
type refusing struct{}

func (refusing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: "/srv/" + name, Err: fs.ErrPermission}
}

func TestFaults(t *testing.T) {
	one := Fault{File: "a.yaml", Line: 2, Reason: "one", Hint: "do it"}
	two := Fault{File: "a.yaml", Line: 10, Reason: "two"}
	three := Fault{File: "b.yaml", Reason: "three"}
	none := Fault{Reason: "of no file"}
	other := errors.New("other")

	err := fmt.Errorf("content: %w", errors.Join(fmt.Errorf("load: %w", Faults{three, two}), one, other, two, none))
	faults, others := Split(err)
	if d := cmp.Diff(Faults{three, two, one, two, none}, faults); d != "" {
		t.Error(d)
	}
	if len(others) != 1 || !errors.Is(others[0], other) {
		t.Errorf("others: %v", others)
	}
	if got, want := message(In("flows", err)), "of no file\nflows/a.yaml:2: one (do it)\nflows/a.yaml:10: two\nflows/b.yaml: three\nother"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Join(nil, In("flows", nil), Faults(nil)); got != nil {
		t.Errorf("nothing is wrong, and the error is %v", got)
	}
	joined := Join(Faults{two}, other)
	var fault Fault
	var list Faults
	if !errors.As(joined, &fault) || fault != two || !errors.As(joined, &list) || len(list) != 1 || !errors.Is(joined, other) {
		t.Errorf("%v, %v of %v", fault, list, joined)
	}
	if faults, others := Split(other); len(faults) > 0 || len(others) != 1 {
		t.Errorf("%v, %v", faults, others)
	}
	wrapped := fmt.Errorf("open the shop: %w", other)
	if _, others := Split(wrapped); len(others) != 1 || others[0] != wrapped { //nolint:errorlint // the very wrapper, with its words
		t.Errorf("the words of the wrapper are lost: %v", others)
	}
}

func TestManyReadAtOnce(t *testing.T) {
	r := reader("a.yaml", "nmae: a\n")
	done := make(chan bool)
	for range 8 {
		go func() {
			r.YAML("a.yaml", &shop{})
			r.Fault("b.yaml", 1, "x")
			done <- true
		}()
	}
	for range 8 {
		<-done
	}
	if got, want := message(r.Err()), "a.yaml:1: unknown key \"nmae\"\nb.yaml:1: x"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever stands in a file: nothing breaks, and no fault names the program's types.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "name: a\n", "---\nname: [\n---\nx\n", "a,b\n\"", "x = \"\"\"\n", "staff: {a: [b]}", "rooms: [&a {<<: *a}]", "point: [1]", "? [a]\n: b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := reader("a", s)
		lines := 1 // as YAML counts them
		for _, c := range s {
			if strings.ContainsRune("\n\r\u0085\u2028\u2029", c) {
				lines++
			}
		}
		r.YAML("a", &shop{})
		r.TOML("a", &shop{})
		r.Page("a", &shop{})
		r.Table("a", ',', "id")
		r.Lines("a")
		var faults Faults
		if err := r.Err(); err == nil || !errors.As(err, &faults) {
			t.Fatalf("no text is good for all: %v", err)
		}
		for _, fault := range faults {
			if fault.File != "a" || fault.Line < 0 || fault.Line > lines+1 || strings.Contains(fault.Reason, "content.") {
				t.Errorf("%+v", fault)
			}
		}
	})
}

func BenchmarkShippedArticles(b *testing.B) {
	fsys := os.DirFS("../../locales")
	pages, err := fs.Glob(fsys, "*/articles/*.md")
	if err != nil || len(pages) == 0 {
		b.Fatal(pages, err)
	}
	b.Run("pages", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := NewReader(fsys)
			for _, file := range pages {
				var front struct {
					Title, Reviewed, Status string
					Sources, Related        []string
				}
				r.Page(file, &front)
			}
			if err := r.Err(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(pages)), "µs/file")
	})
	b.Run("lines", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := NewReader(fsys)
			for _, file := range pages {
				r.Lines(strings.TrimSuffix(file, ".md") + ".questions.txt")
			}
			if err := r.Err(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(pages)), "µs/file")
	})
}
