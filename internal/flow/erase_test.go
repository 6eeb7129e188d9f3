package flow

import "testing"

func TestErasesKnowsTheButtonsThatDelete(t *testing.T) {
	def, err := Parse(files("flow: demo\ncommands: {demo: first}\nsteps:\n"+
		"  first: {ask: d.first, buttons: {soon: {label: d.a, goto: words}, asked: {label: d.b, goto: sure}, shown: {label: d.c, goto: article}}}\n"+
		"  words: {say: d.words, next: erase}\n  article: {article: costs, next: end}\n"+
		"  sure: {ask: d.sure, buttons: {\"yes\": {label: d.d, goto: erase}, \"no\": {label: d.e, goto: end}}}\n"+
		"  erase: {do: delete-data, next: end}\n"), lists)
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]bool{
		"demo/first/soon": true, "demo/sure/yes": true,
		"demo/first/asked": false, "demo/first/shown": false, "demo/sure/no": false, "demo/sure/maybe": false,
		"demo/lost/yes": false, "lost/sure/yes": false, "demo": false, "": false, DataNone: false, TopicData("costs"): false,
	} {
		if got := def.Erases(press(data)); got != want {
			t.Errorf("%q: %t, want %t", data, got, want)
		}
	}
	if def.Erases(text("demo/sure/yes")) {
		t.Error("words that look like the data of a button delete nothing")
	}
}
