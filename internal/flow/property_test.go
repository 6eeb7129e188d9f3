package flow

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/locale"
	"iqbot/locales"
)

// randomFlow writes a flow of n steps. Step i leads on, so that all are
// reached; other ways lead anywhere, also back where the person is asked. The
// flow may call those with a smaller number.
func randomFlow(rnd *rand.Rand, number int) string {
	var b strings.Builder
	id := fmt.Sprintf("f%d", number)
	n := 2 + rnd.IntN(7)
	fmt.Fprintf(&b, "flow: %s\ncommands: {%s: s0}\nlinks: {%sx: s0}\nvars: {%sx: text, %sn: number, %sd: date, %sp: place}\nprivate: [%sx, %sd]\n", id, id, id, id, id, id, id, id, id)
	if rnd.IntN(3) == 0 {
		b.WriteString("interrupt: true\n")
	}
	b.WriteString("steps:\n")
	ahead := func(i int) string { // a step further on, or out
		if i+1 >= n || rnd.IntN(6) == 0 {
			return []string{"end", "menu/choose"}[rnd.IntN(2)]
		}
		return fmt.Sprintf("s%d", i+1+rnd.IntN(n-i-1))
	}
	anywhere := func() string {
		return []string{"end", "menu/choose", fmt.Sprintf("s%d", rnd.IntN(n)), fmt.Sprintf("f%d/s0", rnd.IntN(number+1))}[rnd.IntN(4)]
	}
	next := func(i int) string {
		if i+1 < n {
			return fmt.Sprintf("s%d", i+1)
		}
		return "end"
	}
	condition := func() string {
		return []string{"advisors", "not username", "advisors and username", fmt.Sprintf("%sx != ''", id), fmt.Sprintf("%sn > 3", id)}[rnd.IntN(5)]
	}
	for i := range n {
		fmt.Fprintf(&b, "  s%d:\n", i)
		switch kind := rnd.IntN(9); {
		case kind == 0 && number > 0:
			fmt.Fprintf(&b, "    call: f%d\n    next: %s\n", rnd.IntN(number), next(i))
		case kind == 1:
			fmt.Fprintf(&b, "    branch: [{when: \"%s\", goto: %s}, {goto: %s}]\n", condition(), ahead(i), next(i))
		case kind == 2:
			fmt.Fprintf(&b, "    set: {%sx: \"%s\"}\n    next: %s\n", id, []string{"", "v", "$language"}[rnd.IntN(3)], next(i))
		case kind == 3:
			fmt.Fprintf(&b, "    article: costs\n    next: %s\n", next(i))
		case kind <= 5:
			input := []string{"text x", "number n", "date d", "place p", "postcode x", "email x", "phone x"}[rnd.IntN(7)]
			kindOf, v, _ := strings.Cut(input, " ")
			fmt.Fprintf(&b, "    ask: a\n    input: %s\n    save: %s%s\n    next: %s\n    buttons: {a: {label: l, goto: %s, when: \"%s\"}}\n", kindOf, id, v, next(i), anywhere(), condition())
		default:
			fmt.Fprintf(&b, "    ask: a\n    buttons: {a: {label: l, goto: %s}, b: {label: l, goto: %s, when: \"%s\"}, c: {label: l, goto: %s, set: {%sx: \"1\"}}}\n",
				next(i), anywhere(), condition(), anywhere(), id)
		}
	}
	return b.String()
}

// randomFlows gives flows that Parse accepts.
func randomFlows(t *testing.T, rnd *rand.Rand) *Definition {
	t.Helper()
	for range 50 {
		fsys := files("flow: demo\nsteps:\n  first: {say: a, next: end}\n")
		for i := range 1 + rnd.IntN(5) {
			fsys[fmt.Sprintf("f%d.yaml", i)] = &fstest.MapFile{Data: []byte(randomFlow(rnd, i))}
		}
		if def, err := Parse(fsys, lists); err == nil {
			return def
		} else if strings.Contains(err.Error(), "not valid YAML") || strings.Contains(err.Error(), "condition") {
			t.Fatalf("the generator writes nonsense: %v", err)
		}
	}
	t.Fatal("the generator writes no sound flows")
	return nil
}

// answers are things that a person could do at the step where they are.
func answers(res Result) []Input {
	inputs := []Input{{Kind: KindText, Text: "7"}, {Kind: KindText, Text: "24.12.2026"}, {Kind: KindText, Text: "mayen"}, {Kind: KindText, Text: "56068"}, {Kind: KindText, Text: "a@example.org"}, {Kind: KindText, Text: "+49 261 123456"}}
	for _, o := range res.Out {
		if o.Say != nil {
			for _, c := range o.Say.Choices {
				inputs = append(inputs, Input{Kind: KindButton, Text: c.Data})
			}
		}
	}
	return inputs
}

// stored is a state as it comes back from the store.
func stored(t *testing.T, st State) State {
	t.Helper()
	data, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var back State
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(data) {
		t.Fatalf("a state is %s and comes back as %s, %v", data, again, err)
	}
	return back
}

func atHome(st State) bool { return len(st.Stack) == 1 && st.Stack[0].Flow == Home }

// From wherever a person gets to, answers alone lead to the menu: nobody needs
// to know a command. The facts of conditions may change on the way.
func leadsHome(t *testing.T, def *Definition, env Env, st State) bool {
	t.Helper()
	queue, seen := []State{st}, map[string]bool{}
	for len(queue) > 0 && len(seen) < 5000 {
		at := queue[0]
		queue = queue[1:]
		if n := len(at.Stack); n > 0 && at.Stack[n-1].Flow == Home { // perhaps above a flow that called one that led here
			return true
		}
		for _, facts := range []map[string]bool{{"advisors": true, "username": true}, {"advisors": false, "username": false}} {
			env.Flags = facts
			shown, err := Step(def, at, Input{Kind: KindUnsupported}, env)
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range answers(shown) {
				next, err := Step(def, at, in, env)
				if err != nil {
					t.Fatal(err)
				}
				next.State.History, next.State.Misses = nil, 0
				key := fmt.Sprint(next.State.Stack, next.State.Vars)
				if !seen[key] {
					seen[key] = true
					queue = append(queue, next.State)
				}
			}
		}
	}
	return false
}

func TestRandomSoundFlowsNeverTrapAnybody(t *testing.T) {
	const definitions, parts = 150, 6
	var mu sync.Mutex
	waited := map[Frame]bool{}
	t.Run("seeds", func(t *testing.T) { // ends when all of them have
		for part := range uint64(parts) {
			t.Run(strconv.FormatUint(part, 10), func(t *testing.T) {
				t.Parallel()
				for seed := part; seed < definitions; seed += parts {
					for _, frame := range walkRandomFlows(t, seed) {
						mu.Lock()
						waited[frame] = true
						mu.Unlock()
					}
				}
			})
		}
	})
	if len(waited) < 30 {
		t.Errorf("the walks came to %d different steps only", len(waited))
	}
}

// walkRandomFlows goes through sound flows as a person may who does anything,
// and gives the steps at which they were waited for.
func walkRandomFlows(t *testing.T, seed uint64) (waited []Frame) {
	t.Helper()
	const walks, length = 2, 25
	rnd := rand.New(rand.NewPCG(seed, 4))
	def := randomFlows(t, rnd)
	commands := def.Commands()
	for range walks {
		env := testEnv()
		st := State{Language: "de"}
		var res Result
		for i := range length {
			env.Flags = map[string]bool{"advisors": rnd.IntN(2) == 0, "username": rnd.IntN(2) == 0}
			possible := append(answers(res),
				Input{Kind: KindCommand, Command: commands[rnd.IntN(len(commands))]},
				Input{Kind: KindCommand, Command: "back"}, Input{Kind: KindUnsupported}, Input{Kind: KindTimer},
				Input{Kind: KindText, Text: "back"}, Input{Kind: KindLocation, Text: "50.3,7.6"}, Input{Kind: KindContact, Text: "+49 30 1"},
				Input{Kind: KindCommand, Command: "start", Text: "lang-uk_f0x-hello"}, Input{Kind: KindButton, Text: "f9/s9/a"})
			in := possible[rnd.IntN(len(possible))]
			if i == 0 {
				in = Input{Kind: KindCommand, Command: commands[rnd.IntN(len(commands))]}
			}
			var err error
			if res, err = Step(def, st, in, env); err != nil {
				t.Fatalf("seed %d: %v at %v: %v", seed, in, st.Stack, err)
			}
			again, err := Step(def, st, in, env)
			if err != nil || !cmp.Equal(res, again) {
				t.Fatalf("seed %d: the same step gives another result", seed)
			}
			st = stored(t, res.State)
			top := st.Stack[len(st.Stack)-1]
			if s := def.step(top); s == nil || !s.waits() || len(st.Stack) > MaxDepth || len(st.History) > MaxHistory {
				t.Fatalf("seed %d: %v leads to %v", seed, in, st.Stack)
			}
			if of, name := keptTooLong(def, st); name != "" {
				t.Fatalf("seed %d: after %v at %v, %q of the flow %s is still known", seed, in, st.Stack, name, of)
			}
			waited = append(waited, top)
			if home, err := Step(def, st, Input{Kind: KindCommand, Command: "menu"}, env); err != nil || !atHome(home.State) {
				t.Fatalf("seed %d: /menu at %v leads to %v, %v", seed, st.Stack, home.State.Stack, err)
			}
		}
		if !leadsHome(t, def, env, st) {
			t.Fatalf("seed %d: no answers lead from %v to the menu", seed, st.Stack)
		}
	}
	return waited
}

// keptTooLong is something of a flow that is not under way and that the state
// still holds: a private variable, or a step within it to go back to.
func keptTooLong(def *Definition, st State) (flow, what string) {
	for _, id := range sortedKeys(def.Flows) {
		f := def.Flows[id]
		if len(f.Private) == 0 || slices.ContainsFunc(st.Stack, func(fr Frame) bool { return fr.Flow == id }) {
			continue
		}
		for _, name := range f.Private {
			if _, kept := st.Vars[name]; kept {
				return id, name
			}
		}
		for _, fr := range st.History {
			if fr.Flow == id {
				return id, "the way back to " + fr.Step
			}
		}
	}
	return "", ""
}

// twelveLanguages are the shipped ones, and eight that have the texts of
// English, whose plural forms they share.
func twelveLanguages(b *testing.B) fstest.MapFS {
	b.Helper()
	fsys := fstest.MapFS{}
	take := func(from, tag string, order int) {
		for _, name := range []string{"language.toml", "active." + from + ".toml"} {
			text, err := locales.FS.ReadFile(from + "/" + name)
			if err != nil {
				b.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			for i, line := range lines {
				switch {
				case name == "language.toml" && strings.HasPrefix(line, "tag ="):
					lines[i] = fmt.Sprintf("tag = %q", tag)
				case name == "language.toml" && strings.HasPrefix(line, "order ="):
					lines[i] = fmt.Sprintf("order = %d", order)
				}
			}
			fsys[tag+"/"+strings.Replace(name, "."+from+".", "."+tag+".", 1)] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
		}
	}
	for i, tag := range []string{"de", "en", "ar", "uk"} {
		take(tag, tag, i+1)
	}
	for i, tag := range []string{"nl", "sv", "da", "nb", "fi", "et", "hu", "el"} {
		take("en", tag, i+5)
	}
	return fsys
}

func BenchmarkLoad100FlowsIn12Languages(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 4))
	fsys := files("flow: demo\nsteps:\n  first: {say: a, next: end}\n")
	for len(fsys) < 100 {
		name := fmt.Sprintf("f%d.yaml", len(fsys)-4)
		fsys[name] = &fstest.MapFile{Data: []byte(randomFlow(rnd, len(fsys)-4))}
		if _, err := Parse(fsys, lists); err != nil {
			delete(fsys, name)
		}
	}
	languages := twelveLanguages(b)
	b.ReportAllocs()
	for b.Loop() {
		def, err := Parse(fsys, lists)
		if err != nil {
			b.Fatal(err)
		}
		catalog, err := locale.Load(languages)
		if err != nil {
			b.Fatal(err)
		}
		if n := len(catalog.Languages()); n != 12 {
			b.Fatalf("%d languages", n)
		}
		// The random flows name messages that no catalogue has: every one is looked up and reported.
		def.CheckReferences(References{
			Message: catalog.Printer("").Has, Topic: func(string) bool { return true }, Placeholders: catalog.Placeholders,
		})
	}
}
