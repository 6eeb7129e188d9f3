package redact

import (
	_ "embed" // what is known of names and words
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"iqbot/internal/locale"
)

// What is known of names and words; each file tells of itself.
var (
	//go:embed cues.txt
	cuesFile string
	//go:embed given.txt
	givenFile string
	//go:embed common.txt
	commonFile string
)

// cue says what a phrase does: see cues.txt.
type cue int

const (
	none cue = iota
	introduction
	presence
	being
	title
	rank
	relative
	greeting
	farewell
	thanks
	particle
	institutionBehind
	institution
	place
	deed
	town
	never
	ending
)

var sections = map[string]cue{
	"introduction": introduction, "presence": presence, "being": being, "title": title, "rank": rank, "relative": relative,
	"greeting": greeting, "farewell": farewell, "thanks": thanks, "particle": particle, "institution": institution,
	"institution behind": institutionBehind, "place": place, "town": town, "deed": deed, "never": never, "ending": ending,
}

// phrase is what cues may follow word by word.
type phrase struct {
	next map[string]*phrase
	cues []cue
}

func (p *phrase) add(text string, c cue) {
	for _, w := range strings.Fields(text) {
		if p.next == nil {
			p.next = map[string]*phrase{}
		}
		n := p.next[w]
		if n == nil {
			n = &phrase{}
			p.next[w] = n
		}
		p = n
	}
	p.cues = append(p.cues, c)
}

// doubt is why a given name does not tell somebody by itself.
type doubt int

const (
	certain   doubt = iota
	short           // only with a capital
	ambiguous       // it is a word as well
)

// lexicon is what the files say, folded.
type lexicon struct {
	phrases phrase
	is      map[cue]map[string]bool // single words
	endings []string
	given   map[string]doubt
	common  map[string]bool
	stems   map[string]bool // of common words of Cyrillic and Latin letters
}

var knowledge = sync.OnceValue(func() *lexicon {
	l := &lexicon{is: map[cue]map[string]bool{}, given: map[string]doubt{}, common: map[string]bool{}, stems: map[string]bool{}}
	var section cue
	for line := range entries(cuesFile) {
		if name, found := strings.CutPrefix(line, "["); found {
			section = sections[strings.TrimSuffix(name, "]")]
			l.is[section] = map[string]bool{}
			continue
		}
		for text := range strings.SplitSeq(line, ",") {
			text = fold(text)
			switch {
			case text == "":
			case section == ending:
				l.endings = append(l.endings, text)
			default:
				l.phrases.add(text, section)
				l.is[section][text] = true
			}
		}
	}
	for line := range entries(givenFile) {
		for name := range strings.FieldsSeq(line) {
			bare := strings.TrimRight(name, "?~")
			switch name[len(bare):] {
			case "?":
				l.given[bare] = ambiguous
			case "~":
				l.given[bare] = short
			default:
				l.given[bare] = certain
			}
		}
	}
	for line := range entries(commonFile) {
		for w := range strings.FieldsSeq(line) {
			l.common[w] = true
			if s := stem(w); s != "" {
				l.stems[s] = true
			}
		}
	}
	return l
})

// entries are the lines of a file that are no comments.
func entries(file string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(file) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}

// letters that keyboards and spellings take for one another, beyond locale.Fold.
var letters = strings.NewReplacer("’", "'", "ʼ", "'", "`", "'", "ё", "е", "ı", "i", "ə", "a", "đ", "d", "ł", "l", "ø", "o",
	"أ", "ا", "إ", "ا", "آ", "ا", "ى", "ي", "ی", "ي", "ک", "ك", "ة", "ه", "ؤ", "و", "ئ", "ي")

func fold(s string) string { return letters.Replace(locale.Fold(s)) }

const stemLetters = 5

// stem is the beginning that the forms of a word share, or "" if it is too short to tell.
func stem(w string) string {
	if first, _ := utf8.DecodeRuneInString(w); first >= '\u0600' {
		return ""
	}
	n := utf8.RuneCountInString(w)
	if n <= stemLetters {
		return ""
	}
	cut := min(3, n-stemLetters)
	end := len(w)
	for range cut {
		_, size := utf8.DecodeLastRuneInString(w[:end])
		end -= size
	}
	return w[:end]
}

// known says whether a folded word is one that people use otherwise, or a form of one.
func (l *lexicon) known(w string) bool {
	if l.common[w] || l.is[never][w] {
		return true
	}
	first, _ := utf8.DecodeRuneInString(w)
	if first >= '\u0600' {
		return l.knownArabic(w)
	}
	if i := strings.LastIndexByte(w, '-'); i >= 0 { // Konrad-Adenauer-Stiftung
		last := w[i+1:]
		return l.known(last) || l.is[institutionBehind][last]
	}
	if s := stem(w); s != "" && l.stems[s] {
		return true
	}
	// A German noun may be composed of anything.
	if first < utf8.RuneSelf {
		for i := 3; i+5 <= len(w); i++ {
			if l.common[w[i:]] {
				return true
			}
		}
	}
	return false
}

var (
	arabicBefore = []string{"وال", "بال", "لل", "ال", "عال", "هال", "و", "ب", "ل", "ف", "ك", "ع"}
	arabicAfter  = []string{"ها", "هم", "كم", "نا", "ات", "ين", "ون", "ان", "تي", "ي", "ك", "ه", "و", "ا", "ت"}
)

func (l *lexicon) knownArabic(w string) bool {
	for _, p := range append([]string{""}, arabicBefore...) {
		base, found := strings.CutPrefix(w, p)
		if !found || len(base) < 6 {
			continue
		}
		if len(base) < 8 && strings.HasSuffix(p, "ال") && p != "" {
			continue // "Al-Ali" is not "to me"
		}
		if l.common[base] || l.common["ال"+base] {
			return true
		}
		for _, a := range arabicAfter {
			if b, found := strings.CutSuffix(base, a); found && len(b) >= 6 && (l.common[b] || l.common[b+"ه"] || l.common["ال"+b]) {
				return true
			}
		}
	}
	return false
}

// name says whether a folded word is a given name, and whether it is nothing else.
func (l *lexicon) name(w string, capital bool) (given, sure bool) {
	look := func(w string) (given, sure bool) {
		d, given := l.given[w]
		return given, given && !l.common[w] && (d == certain || d == short && capital)
	}
	if given, sure = look(w); given {
		return given, sure
	}
	if strings.IndexByte(w, '-') >= 0 {
		for part := range strings.SplitSeq(w, "-") {
			if _, sure := look(part); sure && !l.known(w) {
				return true, true
			}
		}
		return false, false
	}
	if base, found := strings.CutSuffix(w, "'s"); found {
		return look(base)
	}
	if l.known(w) {
		return false, false
	}
	first, _ := utf8.DecodeRuneInString(w)
	switch {
	case first >= '\u0600': // "and", "to", "with" are written together with the name
		for _, p := range []string{"و", "ل", "ب", "ف"} {
			if base, found := strings.CutPrefix(w, p); found && len(base) >= 6 {
				if given, sure = look(base); sure {
					return given, sure
				}
			}
		}
	case first >= '\u0400':
		for _, base := range firstCases(w) {
			if d, found := l.given[base]; found && capital {
				given, sure = true, sure || d != ambiguous
			}
		}
		return given, sure
	case capital:
		if _, sure = look(strings.TrimSuffix(w, "s")); sure {
			return true, true
		}
	}
	return false, false
}

// declension is how Ukrainian and Russian names end in other cases, and how the first case ends.
var declension = []struct {
	end   string
	bases []string
}{
	{"ові", []string{"", "о"}}, {"еві", []string{"", "ь", "й"}}, {"єві", []string{"й"}}, {"ою", []string{"а"}}, {"єю", []string{"я"}}, {"ею", []string{"я", "а"}},
	{"ой", []string{"а"}}, {"ей", []string{"я", "а"}}, {"ом", []string{"", "о"}}, {"ем", []string{"", "ь", "й"}}, {"єм", []string{"й"}},
	{"ці", []string{"ка", "а"}}, {"зі", []string{"га"}}, {"сі", []string{"ха"}}, {"ка", []string{"а", "я"}}, {"ку", []string{"ка", "ко", "к", "а"}}, {"ки", []string{"ка", "а"}},
	{"а", []string{"", "о"}}, {"у", []string{"", "а", "о"}}, {"и", []string{"а"}}, {"ы", []string{"а"}}, {"і", []string{"а", "я", "", "ь"}}, {"ї", []string{"я"}},
	{"о", []string{"а"}}, {"е", []string{"а", "я", ""}}, {"є", []string{"я", "й"}}, {"я", []string{"й", "ь"}}, {"ю", []string{"я", "й", "ь"}},
}

func firstCases(w string) (bases []string) {
	for _, d := range declension {
		if start, found := strings.CutSuffix(w, d.end); found && len(start) >= 6 {
			for _, b := range d.bases {
				bases = append(bases, start+b)
			}
		}
	}
	return bases
}

// family says whether a folded word ends as family names do.
func (l *lexicon) family(w string) bool {
	if strings.HasPrefix(w, "al-") || strings.HasPrefix(w, "el-") {
		return true
	}
	return slices.ContainsFunc(l.endings, func(e string) bool { return len(w) > len(e)+1 && strings.HasSuffix(w, e) })
}
