package reading

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"iqbot/internal/locale"
)

var arabic = &Grammar{Articles: []string{"وال", "بال", "ال", "لل"}, Conjunctions: []string{"و"}}

// places are the words of a text as they stand in it.
func places(t Text) []string {
	list := make([]string, len(t.Tokens))
	for i, k := range t.Tokens {
		list[i] = t.Raw[k.From:k.To]
	}
	return list
}

// forms are the words of a text in one of their forms.
func forms(t Text, form func(*Word) string) []string {
	list := make([]string, len(t.Tokens))
	for i, k := range t.Tokens {
		list[i] = form(k.Word)
	}
	return list
}

func TestReadFindsTheWords(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", []string{}},
		{"signs only", "?! – 👍🏽 …", []string{}},
		{"one word", "Kosten", []string{"Kosten"}},
		{"signs around words", "„Was“ kostet (das)?", []string{"Was", "kostet", "das"}},
		{"a hyphen parts", "A2-Kurs, е-мейл", []string{"A2", "Kurs", "е", "мейл"}},
		{"digits and letters together", "16d BQFG § 44", []string{"16d", "BQFG", "44"}},
		{"digits of other scripts", "١٢٣ ९१२ ½ Ⅳ", []string{"١٢٣", "९१२", "½", "Ⅳ"}},
		{"apostrophes within", "об'єднання об’єднання обʼєднання об`єднання об´єднання об′єднання об‘єднання",
			[]string{"об'єднання", "об’єднання", "обʼєднання", "об`єднання", "об´єднання", "об′єднання", "об‘єднання"}},
		{"an apostrophe before a word", "'was ʼwas", []string{"was", "was"}},
		{"an apostrophe behind a word is of it", "was' hast", []string{"was'", "hast"}},
		{"a zero-width joiner", "می\u200cخواهم", []string{"می\u200cخواهم"}},
		{"a soft hyphen", "Aner\u00adkennung", []string{"Aner\u00adkennung"}},
		{"a sign of direction before a word", "\u200fكم", []string{"كم"}},
		{"tatweel", "كـــم", []string{"كـــم"}},
		{"tatweel alone", "ـــ", []string{}},
		{"vowel marks", "هَلْ", []string{"هَلْ"}},
		{"a mark alone", "\u0301 a", []string{"a"}},
		{"letters taken apart", "u\u0308ber", []string{"u\u0308ber"}},
		{"broken bytes", "\xffab\xfec", []string{"ab", "c"}},
		{"a script without spaces", "これはいくらですか", []string{"これはいくらですか"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := places(New(nil).Read(tt.text)); !slices.Equal(got, tt.want) {
				t.Errorf("Read(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestFormsOfAWord(t *testing.T) {
	for _, tt := range []struct{ name, word, folded, plain, squeezed, letters string }{
		{"capitals", "KOSTEN", "kosten", "kosten", "kosten", "kosten"},
		{"umlaut", "Müller", "muller", "muller", "muler", "müller"},
		{"umlaut in two letters", "Mueller", "mueller", "muller", "muler", "mueller"},
		{"umlaut taken apart", "Mu\u0308ller", "muller", "muller", "muler", "müller"},
		{"sharp s", "Straße", "strasse", "strasse", "strase", "straße"},
		{"letters repeated", "hallooo", "hallooo", "hallooo", "halo", "hallooo"},
		{"digits repeated", "1100", "1100", "1100", "1100", ""},
		{"digits of another script", "١٢٣", "123", "123", "123", ""},
		{"digits and letters", "B1", "b1", "b1", "b1", "b"},
		{"Turkish", "KIMLIK", "kimlik", "kimlik", "kimlik", "kimlik"},
		{"Turkish without a point", "kımlık", "kimlik", "kimlik", "kimlik", "kımlık"},
		{"apostrophe", "об’єднання", "об'єднання", "обєднання", "обєднаня", "обєднання"},
		{"apostrophe, a letter by its kind", "обʼєднання", "об'єднання", "обєднання", "обєднаня", "обʼєднання"},
		{"Russian ё", "ещё", "еще", "еще", "еще", "ещё"},
		{"Ukrainian ї", "їжа", "їжа", "їжа", "їжа", "їжа"},
		{"tatweel", "كـــم", "كم", "كم", "كم", "كـــم"},
		{"vowel marks", "هَلْ", "هل", "هل", "هل", "هل"},
		{"a zero-width joiner", "می\u200cخواهم", "ميخواهم", "ميخواهم", "ميخواهم", "میخواهم"},
		{"Arabic article", "الشبكة", "الشبكه", "شبكه", "شبكه", "الشبكة"},
		{"Arabic article with a conjunction", "والرسوم", "والرسوم", "رسوم", "رسوم", "والرسوم"},
		{"the rest would be too short", "الى", "الي", "الي", "الي", "الى"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := New(arabic).Read(tt.word)
			if len(text.Tokens) != 1 {
				t.Fatalf("%q is %d words", tt.word, len(text.Tokens))
			}
			w := text.Tokens[0].Word
			for range 2 { // made, and kept
				if w.Folded() != tt.folded || w.Plain() != tt.plain || w.Squeezed() != tt.squeezed || w.Letters() != tt.letters {
					t.Errorf("%q: folded %q, plain %q, squeezed %q, letters %q; want %q, %q, %q, %q", tt.word,
						w.Folded(), w.Plain(), w.Squeezed(), w.Letters(), tt.folded, tt.plain, tt.squeezed, tt.letters)
				}
			}
		})
	}
}

// TestArticlesAreOfAGrammar: without one, or in one without them, a word is whole.
func TestArticlesAreOfAGrammar(t *testing.T) {
	for _, g := range []*Grammar{nil, {}} {
		if got := New(g).Read("الشبكة").Tokens[0].Plain(); got != "الشبكه" {
			t.Errorf("plain: %q", got)
		}
		if got := g.WithoutConjunction("وكم"); got != "" {
			t.Errorf("without a conjunction: %q", got)
		}
	}
	for word, want := range map[string]string{"وكم": "كم", "وم": "", "و": "", "كم": "", "": ""} {
		if got := arabic.WithoutConjunction(word); got != want {
			t.Errorf("%q without a conjunction is %q, want %q", word, got, want)
		}
	}
	// The first that fits counts, and no second one.
	g := &Grammar{Articles: []string{"der", "de"}}
	for word, want := range map[string]string{"derkurs": "kurs", "dekurs": "kurs", "derdekurs": "dekurs", "deren": "ren"} {
		if got := New(g).Read(word).Tokens[0].Plain(); got != want {
			t.Errorf("plain %q is %q, want %q", word, got, want)
		}
	}
}

func TestWordsAreReadOnce(t *testing.T) {
	r := New(nil)
	a, b := r.Read("was kostet was"), r.Read("Was kostet das")
	if a.Tokens[0].Word != a.Tokens[2].Word || a.Tokens[1].Word != b.Tokens[1].Word {
		t.Error("a word that comes again is another")
	}
	if a.Tokens[0].Word == b.Tokens[0].Word {
		t.Error("words that are written in two ways are one")
	}
	ids := []int{a.Tokens[0].ID, a.Tokens[1].ID, a.Tokens[2].ID, b.Tokens[0].ID, b.Tokens[1].ID, b.Tokens[2].ID}
	if want := []int{0, 1, 0, 2, 1, 3}; !slices.Equal(ids, want) {
		t.Errorf("numbers %v, want %v", ids, want)
	}
}

func TestCut(t *testing.T) {
	text := New(nil).Read("Hallo, was kostet das? Danke!")
	for _, tt := range []struct {
		from, to int
		raw      string
		words    []string
	}{
		{0, 5, "Hallo, was kostet das? Danke", []string{"Hallo", "was", "kostet", "das", "Danke"}},
		{1, 4, "was kostet das", []string{"was", "kostet", "das"}},
		{2, 3, "kostet", []string{"kostet"}},
		{4, 5, "Danke", []string{"Danke"}},
		{2, 2, "", []string{}},
		{3, 1, "", []string{}},
	} {
		got := text.Cut(tt.from, tt.to)
		if got.Raw != tt.raw || !slices.Equal(places(got), tt.words) {
			t.Errorf("Cut(%d, %d) = %q with %q, want %q with %q", tt.from, tt.to, got.Raw, places(got), tt.raw, tt.words)
		}
	}
	if again := text.Cut(1, 5).Cut(1, 3); again.Raw != "kostet das" || !slices.Equal(places(again), []string{"kostet", "das"}) {
		t.Errorf("cut twice: %q with %q", again.Raw, places(again))
	}
	if !slices.Equal(places(text), []string{"Hallo", "was", "kostet", "das", "Danke"}) {
		t.Errorf("the text is changed: %q", places(text))
	}
}

func TestKey(t *testing.T) {
	key := func(text string) uint64 { return New(arabic).Read(text).Key() }
	for _, same := range [][]string{
		{"Wie heißt die zuständige Behörde?", "wie heisst die zustaendige Behoerde", "WIE HEISST – DIE ZUSTANDIGE BEHORDE!"},
		{"إلى أي جهة أقدم شهادتي", "الى اي جهة اقدم شهادتي", "الی ای جهه اقدم شهادتی"},
		{"الرسوم", "رسوم", "والرسوم؟"},
		{"", "?!"},
	} {
		for _, text := range same[1:] {
			if got, want := key(text), key(same[0]); got != want {
				t.Errorf("the key of %q is %d, and of %q %d", text, got, same[0], want)
			}
		}
	}
	for _, other := range [][2]string{{"was kostet", "kostet was"}, {"was kostet", "waskostet"}, {"halo", "hallo"}, {"kosten", ""}} {
		if key(other[0]) == key(other[1]) {
			t.Errorf("%q and %q have the key %d", other[0], other[1], key(other[0]))
		}
	}
}

// oldWords are the words of a text as they were told before it was read in one go:
// folded whole, and then taken apart.
func oldWords(text string, g *Grammar) []string {
	list := strings.FieldsFunc(locale.Fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("'’ʼ`", r)
	})
	for i, w := range list {
		list[i] = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "'", "", "’", "", "ʼ", "", "`", "").Replace(w)
		for _, article := range g.Articles {
			if stem, ok := strings.CutPrefix(list[i], article); ok && utf8.RuneCountInString(stem) >= 3 {
				list[i] = stem
				break
			}
		}
	}
	return slices.DeleteFunc(list, func(w string) bool { return w == "" })
}

// oldToken is a word as small talk was heard in it, and its place.
type oldToken struct {
	word     string
	from, to int
}

// oldTokens took a text apart before its words were folded.
func oldTokens(text string, g *Grammar) (tokens []oldToken) {
	start := -1
	end := func(at int) {
		if start >= 0 {
			if w := strings.Join(oldWords(text[start:at], g), ""); w != "" {
				tokens = append(tokens, oldToken{w, start, at})
			}
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r):
			if start < 0 {
				start = i
			}
		case start >= 0 && (unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == 'ـ' || strings.ContainsRune("'’‘ʼ`´′", r)):
		default:
			end(i)
		}
	}
	end(len(text))
	return tokens
}

func tokensOf(t Text) (tokens []oldToken) {
	for _, k := range t.Tokens {
		tokens = append(tokens, oldToken{k.Plain(), k.From, k.To})
	}
	return tokens
}

// comparable says whether all letters of a text are of the scripts that there are
// articles in, and written as people type them; marks by themselves may stand anywhere.
func comparable(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Arabic) || unicode.Is(unicode.Mn, r) || norm.NFKC.String(string(r)) != string(r) {
			return false
		}
	}
	return true
}

// usual are texts as people write them, and odd ones.
var usual = []string{
	"", "?!", "Was kostet die Anerkennung?", "كم تكلفة الـ Anerkennung", "skilky koshtuye", "kam el rusum 3andkom",
	"Müller Mueller MÜLLER Mu\u0308ller Straße", "إلى أي جهة أقدم شهادتي", "الی ای جهه اقدم شهادتی", "ещё нет ответа", "об'єднання об’єднання",
	"DİPLOMA KİMLİK dıploma", "hallooo!!! 👋🏽", "می\u200cخواهم بدانم", "هَلْ أَحْتَاجُ إِلَى ذٰلِكَ", "١٢٣ ۱۲۳ 1.200 €", "A2-Kurs § 16d", "これはいくらですか",
}

// TestWordsAreTheOldOnes: how words are compared decides what is found; reading
// them another way must not change it.
func TestWordsAreTheOldOnes(t *testing.T) {
	for _, text := range usual {
		got := New(arabic).Read(text)
		if plain, want := forms(got, (*Word).Plain), oldWords(text, arabic); !slices.Equal(plain, want) {
			t.Errorf("the words of %q are %q, they were %q", text, plain, want)
		}
		if tokens, old := tokensOf(got), oldTokens(text, arabic); !slices.Equal(tokens, old) {
			t.Errorf("the tokens of %q are %v, they were %v", text, tokens, old)
		}
	}
}

// FuzzRead: whatever is written, the words stand in the text one after the other,
// and reading a word by itself, or again, gives the same.
func FuzzRead(f *testing.F) {
	for _, text := range usual {
		f.Add(text)
	}
	for _, text := range []string{"\xff\xfe", "a\u0301\u0301\u0301", "ة ه ى ي ک", "''''", "\u202eabc", "９１２ ١٢٣", "ﬁ ẞ ß ½ ㎏ ﷺ", "ʼʼaʼ", "ـaـ", "º ª ¼a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := New(arabic)
		got := r.Read(text)
		if got.Raw != text {
			t.Fatalf("the text is %q, want %q", got.Raw, text)
		}
		end := 0
		for i, k := range got.Tokens {
			if k.From < end || k.To <= k.From || k.To > len(text) {
				t.Fatalf("word %d of %q stands from %d to %d, the one before ends at %d", i, text, k.From, k.To, end)
			}
			end = k.To
			for _, form := range []string{k.Folded(), k.Plain(), k.Squeezed(), k.Letters()} {
				if !utf8.ValidString(form) {
					t.Errorf("%q has the form %q", text[k.From:k.To], form)
				}
			}
			alone := New(arabic).Read(text[k.From:k.To])
			if len(alone.Tokens) != 1 || alone.Tokens[0].To != k.To-k.From || alone.Tokens[0].Plain() != k.Plain() {
				t.Errorf("%q by itself is %v", text[k.From:k.To], alone.Tokens)
			}
			cut := got.Cut(i, i+1)
			if cut.Raw != text[k.From:k.To] || cut.Tokens[0].Word != k.Word {
				t.Errorf("cut out, word %d of %q is %q", i, text, cut.Raw)
			}
		}
		if old := oldTokens(text, arabic); comparable(text) && !slices.Equal(tokensOf(got), old) {
			t.Errorf("the tokens of %q are %v, they were %v", text, tokensOf(got), old)
		}
		if again := r.Read(text); fmt.Sprint(again) != fmt.Sprint(got) || again.Key() != got.Key() {
			t.Errorf("%v, then %v", got, again)
		}
	})
}
