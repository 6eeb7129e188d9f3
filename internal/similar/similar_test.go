package similar

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// phrasings are the ways in which people ask, with the topic of each.
func phrasings(t testing.TB, lang string) (texts, topics []string) {
	t.Helper()
	files, err := filepath.Glob("../../locales/" + lang + "/articles/*.questions.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				texts, topics = append(texts, line), append(topics, filepath.Base(f))
			}
		}
	}
	return texts, topics
}

// slip exchanges two letters in the middle of the longest word and adds a small
// one, as people do who ask the same in a hurry.
func slip(text string) string {
	words := strings.Fields(text)
	longest := 0
	for i, w := range words {
		if len([]rune(w)) > len([]rune(words[longest])) {
			longest = i
		}
	}
	w := []rune(words[longest])
	if m := len(w) / 2; m > 0 && m+1 < len(w) {
		w[m], w[m+1] = w[m+1], w[m]
	}
	words[longest] = string(w)
	return strings.Join(words, " ") + " ?"
}

// TestThreshold measures on the phrasings, of which each topic has many that
// are meant to differ, and topics lie close together: it is much harder than a
// list of unanswered questions.
func TestThreshold(t *testing.T) {
	for _, lang := range []string{"de", "en", "ar", "uk"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			texts, topics := phrasings(t, lang)
			r := NewRarity(texts)
			joined, right := 0, 0
			for _, g := range r.Groups(texts, Threshold) {
				for _, i := range g[1:] {
					joined++
					if topics[i] == topics[g[0]] {
						right++
					}
				}
			}
			met := 0
			for _, text := range texts {
				if r.Likeness(text, slip(text)) >= Threshold {
					met++
				}
			}
			same, again := float64(right)/float64(joined), float64(met)/float64(len(texts))
			t.Logf("of %d texts %d join a group, %.2f of them one of their own topic; with a slip %.2f meet themselves", len(texts), joined, same, again)
			if same < 0.55 || again < 0.7 {
				t.Error("worse than Threshold was chosen for")
			}
		})
	}
}

func TestGroupsAreOfWhatIsAlike(t *testing.T) {
	r := NewRarity([]string{"Was kostet die Anerkennung?", "Wie lange dauert die Anerkennung?", "Wo ist die Beratung?", "Was ist die IQ Beratung?"})
	texts := []string{
		"Darf ich meinen Hund mitbringen?", "Kann man den Führerschein umschreiben?", "darf ich meinen hund mit bringen", "Hund mitbringen, darf ich das?", "", "führerschein umschreiben", "", "[…]",
	}
	got := r.Groups(texts, Threshold)
	if want := [][]int{{0, 2, 3}, {1, 5}, {4}, {6}, {7}}; !cmp.Equal(want, got) {
		t.Errorf("groups %v, want %v", got, want)
	}
	if l := r.Likeness(texts[0], texts[0]); l < 0.999 || l > 1.001 {
		t.Errorf("a text is like itself by %v", l)
	}
	if l := r.Likeness("abc", ""); l != 0 {
		t.Errorf("like nothing by %v", l)
	}
}

// A group is named by its first text, so what comes later must change none.
func TestMoreTextsOnlyAddToGroups(t *testing.T) {
	texts, _ := phrasings(t, "de")
	texts = texts[:600]
	r := NewRarity(texts)
	before, after := r.Groups(texts[:300], Threshold), r.Groups(texts, Threshold)
	for i, g := range before {
		if !cmp.Equal(g, after[i][:len(g)]) {
			t.Fatalf("group %v became %v", g, after[i])
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	texts, _ := phrasings(b, "uk")
	r := NewRarity(texts)
	texts = texts[:2000]
	for b.Loop() {
		r.Groups(texts, Threshold)
	}
}
