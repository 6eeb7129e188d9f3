package follow

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"iqbot/internal/answer/reading"
)

var (
	lists = Lists{
		Openings: []string{"und", "danke und"}, Attached: []string{"و"}, Articles: []string{"ال", "لل"},
		Pointers: []string{"das", "dort"}, Fillers: []string{"was", "am ende", "كم"},
		Aspects: map[string][]string{"costs": {"kost*", "wie teuer", "تكاليف", "رسوم"}, "place": {"wo"}},
	}
	ids = map[string]int{"costs": 0, "place": 1}
)

func read(text string) reading.Text { return reading.New(nil).Read(text) }

func TestRead(t *testing.T) {
	cues, problems := New(lists, ids)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, tt := range []struct {
		name, question string
		want           Question
	}{
		{"nothing", "", Question{}},
		{"an opening, an aspect and a pointer", "Und was kostet das?", Question{Words: 4, Opening: true, Pointer: true, Aspects: []int{0}}},
		{"an opening counts at the beginning only", "was und kosten", Question{Words: 3, Aspects: []int{0}}},
		{"the longest opening", "danke und wo", Question{Words: 3, Opening: true, Aspects: []int{1}}},
		{"an entry of two words", "wie teuer am Ende", Question{Words: 4, Aspects: []int{0}}},
		{"half of an entry of two words", "wie gut", Question{Words: 2, Rest: []string{"wie", "gut"}}},
		{"any ending", "Kostenübernahme", Question{Words: 1, Aspects: []int{0}}},
		{"no other ending", "dorthin", Question{Words: 1, Rest: []string{"dorthin"}}},
		{"aspects in their order, each once", "wo kostet es, wo Kosten", Question{Words: 5, Aspects: []int{1, 0}, Rest: []string{"es"}}},
		{"a pointer before a word is an article", "was kostet das Diplom", Question{Words: 4, Aspects: []int{0}, Rest: []string{"diplom"}}},
		{"a pointer before something known", "das kostet", Question{Words: 2, Pointer: true, Aspects: []int{0}}},
		{"another word", "und in Mainz", Question{Words: 3, Opening: true, Rest: []string{"in", "mainz"}}},
		{"an opening in one with the next word", "وكم", Question{Words: 1, Opening: true}},
		{"an opening and an article in one with the next word", "والتكاليف", Question{Words: 1, Opening: true, Aspects: []int{0}}},
		{"an attached opening further on", "كم والرسوم", Question{Words: 2, Aspects: []int{0}}},
		{"an article in one with an unknown word", "المدينة", Question{Words: 1, Rest: []string{"المدينه"}}},
		{"as many words as may be", strings.Repeat("das ", MaxWords-1) + "kostet", Question{Words: MaxWords, Pointer: true, Aspects: []int{0}}},
		{"too many words", strings.Repeat("das ", MaxWords) + "kostet", Question{Words: MaxWords + 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cues.Read(read(tt.question)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Read(%q) = %+v, want %+v", tt.question, got, tt.want)
			}
		})
	}
}

func TestNewNamesProblems(t *testing.T) {
	_, problems := New(Lists{
		Openings: []string{"und", "?"}, Pointers: []string{"das"}, Fillers: []string{"Und", "das"},
		Aspects: map[string][]string{"costs": {"*", "kost*", "kost*"}, "time": {"das"}},
	}, ids)
	want := []string{
		"[openings] openings: an entry has no words",
		`[fillers] "und" is in openings and in fillers`,
		`[fillers] "das" is in pointers and in fillers`,
		"[aspects costs] aspects.costs: an entry has no words",
		`[aspects time] there is no aspect "time"`,
		`[aspects time] "das" is in fillers and in aspects.time`,
		`[aspects] there are no words for the aspect "place"`,
	}
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%v %s", p.Path, p.Reason))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// FuzzRead: whatever is kept and asked, each word is accounted for.
func FuzzRead(f *testing.F) {
	f.Add("und", "و", "ال", "das", "was", "kost*", "Und was kostet das Diplom?")
	f.Add("", "", "", "", "", "", "")
	f.Add("a*", "a", "a", "*", "a b* c", "\xff", "aaa a b c \xff")
	f.Fuzz(func(t *testing.T, opening, attached, article, pointer, filler, costs, question string) {
		cues, _ := New(Lists{
			Openings: []string{opening}, Attached: []string{attached}, Articles: []string{article},
			Pointers: []string{pointer}, Fillers: []string{filler}, Aspects: map[string][]string{"costs": {costs}},
		}, map[string]int{"costs": 0})
		q := cues.Read(read(question))
		if q.Words != len(read(question).Tokens) || len(q.Rest) > q.Words || len(q.Aspects) > 1 {
			t.Errorf("Read(%q) = %+v", question, q)
		}
		if again := cues.Read(read(question)); !reflect.DeepEqual(again, q) {
			t.Errorf("Read(%q) = %+v, then %+v", question, q, again)
		}
	})
}
