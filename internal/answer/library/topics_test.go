package library

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const someAspects = "aspects:\n  - id: costs\n    article: costs\n    facts: [fee.]\n  - id: place\n    contacts: true\n"

const somePhrases = "openings: [und]\npointers: [das]\nfillers: [was]\naspects:\n  costs: [kost*]\n  place: [wo]\n"

// withFollowups returns testdata/content with aspects below its topics, from line 9 on.
func withFollowups(t testing.TB, aspects, phrases string) fstest.MapFS {
	t.Helper()
	files := folder(t)
	files[topicsFile].Data = append(files[topicsFile].Data, aspects...)
	files["de/"+followupsFile] = &fstest.MapFile{Data: []byte(phrases)}
	return files
}

func TestLoadNamesFaultsOfFollowups(t *testing.T) {
	for _, tt := range []struct{ name, file, old, new, want string }{
		{"right", topicsFile, "", "", ""},
		{"no article", topicsFile, "article: costs", "article: gone", `topics.yaml:10: aspect "costs": there is no article "gone"`},
		{"no fact", topicsFile, "fee.", "fees.", `topics.yaml:10: aspect "costs": no fact begins with "fees."`},
		{"instead of nothing", topicsFile, "facts:", "instead: {gone: costs}\n    facts:", `topics.yaml:10: aspect "costs": there is no article "gone"`},
		{"nothing instead", topicsFile, "facts:", "instead: {costs: gone}\n    facts:", `topics.yaml:10: aspect "costs": there is no article "gone"`},
		{"neither article nor contacts", topicsFile, "contacts: true", "contacts: false", `topics.yaml:13: aspect "place": it has either an article or contacts: true`},
		{"both article and contacts", topicsFile, "article: costs", "article: costs\n    contacts: true", `topics.yaml:10: aspect "costs": it has either an article or contacts: true`},
		{"id twice", topicsFile, "id: place\n    contacts: true", "id: costs\n    article: costs",
			`de/followups.yaml:6: there is no aspect "place"
topics.yaml:13: the id "costs" is there already, or not lower-case words joined by hyphens`},
		{"id with capitals", topicsFile, "id: place", "id: Place", `de/followups.yaml:4: there are no words for the aspect "Place"
de/followups.yaml:6: there is no aspect "place"
topics.yaml:13: the id "Place" is there already, or not lower-case words joined by hyphens`},
		{"unknown field", topicsFile, "facts:", "figures:", `topics.yaml:12: unknown key "figures"`},
		{"unknown aspect", followupsFile, "place:", "places:", `de/followups.yaml:4: there are no words for the aspect "place"
de/followups.yaml:6: there is no aspect "places"`},
		{"no words", followupsFile, "[kost*]", "[]", `de/followups.yaml:4: there are no words for the aspect "costs"`},
		{"an entry without words", followupsFile, "[was]", `["?"]`, "de/followups.yaml:3: fillers: an entry has no words"},
		{"an entry in two lists", followupsFile, "[was]", "[was, Und]", `de/followups.yaml:3: "und" is in openings and in fillers`},
		{"an entry of an aspect in another list", followupsFile, "[wo]", "[wo, das]", `de/followups.yaml:6: "das" is in pointers and in aspects.place`},
		{"no YAML", followupsFile, "[was]", "[was", "de/followups.yaml:3: not valid YAML: did not find expected ',' or ']'"},
		{"unknown list", followupsFile, "fillers:", "filler:", `de/followups.yaml:3: unknown key "filler"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			aspects, phrases := someAspects, somePhrases
			if tt.file == topicsFile {
				aspects = strings.Replace(aspects, tt.old, tt.new, 1)
			} else {
				phrases = strings.Replace(phrases, tt.old, tt.new, 1)
			}
			files := withFollowups(t, aspects, phrases)
			_, err := Load(files, catalog(t, files))
			if got := strings.Join(lines(err), "\n"); got != tt.want {
				t.Errorf("Load: %s\nwant: %s", got, tt.want)
			}
		})
	}
}

// TestTopicsOfTheContent: what topics.yaml says of a topic, its articles have in every language.
func TestTopicsOfTheContent(t *testing.T) {
	l := small(t)
	for _, tag := range []string{"de", "en", "uk"} {
		a, _ := l.Article("costs", tag)
		if a.Lang != tag || !slices.Equal(a.Related, []string{"what-is-iq"}) || len(a.Sources) == 0 || a.Sources[0].ID != "law" {
			t.Errorf("costs in %s: related %v, sources %v", tag, a.Related, a.Sources)
		}
	}
	if got := l.Languages(); !slices.Equal(got, []string{"ar", "de", "en", "uk"}) {
		t.Errorf("languages: %v", got)
	}
	if got := l.Reference(); got != "de" {
		t.Errorf("reference: %s", got)
	}
}

func TestAspectsOfTheContent(t *testing.T) {
	files := withFollowups(t, someAspects, somePhrases)
	l, err := Load(files, catalog(t, files))
	if err != nil {
		t.Fatal(err)
	}
	want := []Aspect{{ID: "costs", Article: "costs", Facts: []string{"fee."}}, {ID: "place", Contacts: true}}
	if diff := cmp.Diff(want, l.Aspects()); diff != "" {
		t.Errorf("aspects (-want +got):\n%s", diff)
	}
	q := l.Cues("de").Read(l.Read("Und was kosten das und wo, Herr Meier?", 100))
	if !q.Opening || !q.Pointer || !slices.Equal(q.Aspects, []int{0, 1}) || !slices.Equal(q.Rest, []string{"herr", "meier"}) || q.Words != 8 {
		t.Errorf("read: %+v", q)
	}
	if l.Cues("uk") != nil {
		t.Error("a language without the file has cues")
	}
}
