package flow

import (
	"slices"
	"strings"
	"testing"

	"iqbot/flows"
)

// testEnv is a world with two places, two trades, four languages and one known question.
func testEnv() Env {
	languages := []string{"de", "en", "ar", "uk"}
	places := map[string]Option{"mayen": {ID: "07137", Label: "Mayen", Certain: true}, "koblenz": {ID: "07111", Label: "Koblenz", Certain: true}, "mayn": {ID: "07137", Label: "Mayen"}}
	return Env{
		Guess:     "uk",
		Username:  "@olena",
		Languages: func(tag string) bool { return slices.Contains(languages, tag) },
		Flags:     map[string]bool{"advisors": true, "username": true},
		Options: func(string, State) []Option {
			return []Option{{ID: "uk", Label: "Українська"}, {ID: "de", Label: "Deutsch"}, {ID: "en", Label: "English"}, {ID: "ar", Label: "العربية"}}
		},
		Lookups: map[string]Lookup{
			"place": {
				Find: func(text, _ string) []Option {
					text = strings.ToLower(text)
					if text == "neustadt" {
						return []Option{{ID: "07316", Label: "Neustadt an der Weinstraße"}, {ID: "07138", Label: "Neustadt (Wied)"}}
					}
					if p, ok := places[text]; ok {
						return []Option{p}
					}
					return nil
				},
				Get: func(id, _ string) (Option, bool) {
					name, ok := map[string]string{"07111": "Koblenz", "07137": "Mayen"}[id]
					return Option{ID: id, Label: name}, ok
				},
				Nearby: func(float64, float64, string) []Option {
					return []Option{{ID: "07111", Label: "Koblenz"}, {ID: "07137", Label: "Mayen"}}
				},
			},
			"trade": trades(),
		},
		Word: func(text string) string {
			return map[string]string{"меню": "menu", "menu": "menu", "human": "human", "back": "back", "ja": "yes", "ні": "no"}[strings.ToLower(text)]
		},
		Knows: func(text string, _ State) bool { return text == "how much is it?" },
		Label: func(id string, _ State) string { return "label of " + id },
		Fold: func(s string) string {
			return strings.ToLower(digits(strings.TrimSpace(s)))
		},
		Urgent: func(text string) Urgency {
			if !strings.Contains(text, "crisis") {
				return Urgency{}
			}
			return Urgency{Kind: "suicide", Lang: "ar", Doubtful: strings.Contains(text, "perhaps")}
		},
	}
}

func shipped(tb testing.TB) *Definition {
	tb.Helper()
	def, err := Parse(flows.FS, lists)
	if err != nil {
		tb.Fatal(err)
	}
	return def
}

// brief writes a result in one line: what is said and done, then where the dialogue stands.
func brief(r Result) string {
	var out []string
	for _, o := range r.Out {
		if o.Say != nil {
			out = append(out, o.Say.Message)
			continue
		}
		args := o.Effect.Args
		word := string(o.Effect.Kind)
		for _, k := range sortedKeys(args) {
			if args[k] != "" {
				word += " " + k + "=" + args[k]
			}
		}
		out = append(out, "<"+word+">")
	}
	at := "nowhere"
	if n := len(r.State.Stack); n > 0 {
		var frames []string
		for _, f := range r.State.Stack {
			frames = append(frames, f.Flow+"/"+f.Step)
		}
		at = strings.Join(frames, " > ")
	}
	return strings.Join(out, " ") + " = " + r.State.Language + " " + at
}

func text(s string) Input          { return Input{Kind: KindText, Text: s} }
func press(s string) Input         { return Input{Kind: KindButton, Text: s} }
func command(name, a string) Input { return Input{Kind: KindCommand, Command: name, Text: a} }

// demo is a flow that is being played; last is what came of the last input.
type demo struct {
	t    *testing.T
	def  *Definition
	env  Env
	last Result
}

// play begins a flow that is written below its name.
func play(t *testing.T, flow string) *demo {
	t.Helper()
	def, err := Parse(files("flow: demo\n"+flow), lists)
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{t: t, def: def, env: testEnv(), last: Result{State: State{Language: "en"}}}
	d.give(press(FlowData("demo")))
	return d
}

// give gives an input and returns what came of it, as brief writes it.
func (d *demo) give(in Input) string {
	d.t.Helper()
	res, err := Step(d.def, d.last.State, in, d.env)
	if err != nil {
		d.t.Fatal(err)
	}
	d.last = res
	return brief(res)
}
