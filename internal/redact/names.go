package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a word of a text, with what stands between it and the word before.
type word struct {
	from, to int
	between  string
	fold     string
	capital  bool
	arabic   bool
	// What is known of it.
	given, sure bool // a given name; nothing else
	known       bool // people use it otherwise
	family      bool // it ends as family names do
	cue         bool // it is a title, a relative, a greeting: no name
	plain       bool // it has letters only
}

// initial says whether w is a capital alone, or a letter of Arabic but "and".
func (w *word) initial() bool {
	return (w.capital || w.arabic) && utf8.RuneCountInString(strings.TrimSuffix(w.fold, "ـ")) == 1 && w.fold != "و" || w.capital && shortened[w.fold]
}

// shortened are given names that people cut off.
var shortened = map[string]bool{"md": true, "mohd": true, "muhd": true, "chr": true, "joh": true, "wm": true}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == 'ـ'
}

// inner are the signs that join the parts of a word.
const inner = "'’ʼ`-‐‑"

// wordsOf parts a text into words.
func (l *lexicon) wordsOf(s string) []word {
	var all []word
	end := 0
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if !inWord(r) {
			at += size
			continue
		}
		from := at
		plain := true
		for at < len(s) {
			r, size := utf8.DecodeRuneInString(s[at:])
			if !inWord(r) {
				next, _ := utf8.DecodeRuneInString(s[at+size:])
				if !strings.ContainsRune(inner, r) || !inWord(next) {
					break
				}
			}
			plain = plain && !unicode.IsDigit(r)
			at += size
		}
		first, _ := utf8.DecodeRuneInString(s[from:])
		w := word{from: from, to: at, between: s[end:from], fold: fold(s[from:at]), capital: unicode.IsUpper(first), arabic: unicode.Is(unicode.Arabic, first), plain: plain}
		if plain {
			w.given, w.sure = l.name(w.fold, w.capital)
			w.known = l.known(w.fold)
			w.family = l.family(w.fold)
			if l.cue(w.fold) && (!w.sure || !w.capital) {
				w.given, w.sure, w.known, w.cue = false, false, true, true
			}
			if n := len(all); n > 0 && w.between == " " && (all[n-1].fold == "ابو" || all[n-1].fold == "ام") && w.given && !w.known {
				all[n-1].given, all[n-1].sure, w.sure, all[n-1].known = true, true, true, false // "father of …"
			}
			if n := len(all); n > 0 && all[n-1].fold == "عبد" && strings.HasPrefix(w.fold, "ال") && w.between == " " {
				all[n-1].given, all[n-1].sure, w.given, w.sure, w.known = true, true, true, true, false
			}
		}
		all = append(all, w)
		end = at
	}
	return all
}

// cue says whether a folded word alone is a cue that is no part of a name.
func (l *lexicon) cue(w string) bool {
	for _, c := range []cue{title, rank, relative, greeting, farewell, thanks, introduction} {
		if l.is[c][w] {
			return true
		}
	}
	return false
}

// reader looks for names in one text.
type reader struct {
	*lexicon
	text  string
	words []word
	taken []bool
}

// names takes out the names.
func names(s string) string {
	l := knowledge()
	r := &reader{lexicon: l, text: s, words: l.wordsOf(s)}
	r.taken = make([]bool, len(r.words))
	for i := range r.words {
		r.follow(i, func(c cue, next int) {
			for j := i; next-i > 1 && j < next && c != place && c != being && c != presence && c != institution; j++ {
				r.words[j].cue, r.words[j].given, r.words[j].sure, r.words[j].known = true, false, false, true
			}
		})
	}
	for i := range r.words {
		if !r.taken[i] {
			r.initials(i)
		}
		r.townBehind(i)
	}
	for i := range r.words {
		r.afterCues(i)
	}
	for i := range r.words {
		r.alone(i)
	}
	r.named()
	for i := range r.words {
		r.joined(i)
	}
	r.signed()
	return r.gapped()
}

// naming are words of a text that is about what somebody is called.
var naming = wordSet(`name names surname nickname maiden married marriage wedding alias aka spelled spelling nachname nachnamen vorname familienname namen madchenname geburtsname hochzeit heirat
	geheiratet eheschließung eheschliessung прізвище прізвища прізвищем ім'я ім'ям заміж весілля шлюб одружилась одружилася імя фамилия фамилии фамилию имя замуж свадьбы брак`)

// named takes single words with a capital that are not known otherwise, in a text that is about names.
func (r *reader) named() {
	if !slices.ContainsFunc(r.words, func(w word) bool { return naming[w.fold] }) {
		return
	}
	for i := range r.words {
		w := &r.words[i]
		if r.taken[i] || !w.plain || !w.capital || w.cue || r.is[never][w.fold] || r.is[particle][w.fold] || r.shouted(i) || utf8.RuneCountInString(w.fold) < 4 {
			continue
		}
		changed := i > 2 && w.between == " " && r.words[i-1].fold == "ich" && r.words[i-2].fold == "bin" && wedding[r.words[i-3].fold] // "seit der Hochzeit bin ich …"
		if i > 0 && w.between == " " && r.is[place][r.words[i-1].fold] || (i == 0 || strings.ContainsAny(w.between, ".!?")) && !w.given || w.known && !changed || r.noun(w) || r.institution(i, 1) {
			continue
		}
		r.take(i, 1)
	}
}

// wedding is what changes a name.
var wedding = map[string]bool{"hochzeit": true, "heirat": true, "eheschließung": true, "eheschliessung": true, "scheidung": true}

// maxSigned is how many words a signature has.
const maxSigned = 3

// signed takes one to three words behind the end of the last sentence that look like a name.
func (r *reader) signed() {
	from := len(r.words) - 1
	for from > 0 && len(r.words)-from <= maxSigned && !strings.ContainsAny(r.words[from].between, ".!?…؟)") {
		from--
	}
	if from > 0 && (r.is[rank][r.words[from-1].fold] || r.is[title][r.words[from-1].fold]) { // "Dipl. Pharm."
		return
	}
	if from < 3 || len(r.words)-from > maxSigned || strings.Contains(r.words[from].between, Gap) || strings.ContainsAny(r.text[r.words[len(r.words)-1].to:], "?؟:") {
		return
	}
	if r.signature(from) {
		r.take(from, len(r.words)-from)
	}
}

// signature says whether all words from i on look like a name: with capitals, and none known otherwise.
func (r *reader) signature(from int) bool {
	letters := false
	for i := from; i < len(r.words); i++ {
		w := &r.words[i]
		switch {
		case r.taken[i] || !w.plain || w.cue || i > from && !isSpace(w.between):
			return false
		case w.initial() && (i > from || len(r.words)-from > 1):
		case r.is[never][w.fold] || r.is[town][w.fold] || r.is[institutionBehind][w.fold] || w.known && !r.has(w.fold):
			return false
		case w.arabic:
			if !w.given {
				return false
			}
			letters = true
		case !w.capital || r.shouted(i) || r.noun(w) || !w.given && utf8.RuneCountInString(w.fold) < 4:
			return false
		default:
			letters = true
		}
	}
	return letters
}

// signature says whether a line is a name and nothing else.
func signature(line string) bool {
	l := knowledge()
	r := &reader{lexicon: l, text: line, words: l.wordsOf(line)}
	r.taken = make([]bool, len(r.words))
	return len(r.words) > 0 && len(r.words) <= maxSigned && r.signature(0) && strings.Trim(line[r.words[len(r.words)-1].to:], " .!") == ""
}

// townBehind takes a town behind a street that was taken out.
func (r *reader) townBehind(i int) {
	w := &r.words[i]
	if strings.HasSuffix(w.between, Gap+", ") || w.arabic && strings.HasSuffix(w.between, Gap+" ") || strings.HasSuffix(w.between, Gap+"، ") {
		switch {
		case r.is[town][w.fold]:
			r.take(i, 1)
		case i+1 < len(r.words) && r.words[i+1].between == " " && r.is[town][w.fold+" "+r.words[i+1].fold]:
			r.take(i, 2)
		}
	}
}

// gapped is the text with a gap for each run of taken words.
func (r *reader) gapped() string {
	var b strings.Builder
	at := 0
	for i := 0; i < len(r.words); i++ {
		if !r.taken[i] {
			continue
		}
		b.WriteString(r.text[at:r.words[i].from])
		b.WriteString(Gap)
		for i+1 < len(r.words) && r.taken[i+1] && isSpace(r.words[i+1].between) {
			i++
		}
		at = r.words[i].to
		if strings.HasPrefix(r.text[at:], ".") && r.words[i].initial() {
			at++
		}
	}
	b.WriteString(r.text[at:])
	return b.String()
}

func isSpace(s string) bool { return strings.Trim(s, " .-") == "" }

func (r *reader) take(from, n int) {
	for i := from; i < from+n; i++ {
		r.taken[i] = true
	}
}

// start says that a text goes on with a word after a cue: nothing but these signs is between them.
func start(between string, signs string) bool {
	return strings.Trim(between, " "+signs) == ""
}

// follow calls do for each cue phrase that begins with word i; next is the word behind it.
func (r *reader) follow(i int, do func(c cue, next int)) {
	p := &r.phrases
	for j := i; j < len(r.words); j++ {
		w := &r.words[j]
		if j > i && strings.Trim(w.between, " -/.") != "" {
			return
		}
		next := p.next[w.fold]
		if next == nil && j == i && w.arabic {
			next = p.next[strings.TrimPrefix(w.fold, "و")]
		}
		if next == nil {
			return
		}
		p = next
		for _, c := range p.cues {
			do(c, j+1)
		}
	}
}

const (
	// maxName is how many words a name may have, titles, initials and particles not counted.
	maxName = 4
	// signs may stand between a cue and the name.
	signs = ":,.–—-(\"'„“”«»،*"
)

// afterCues takes the names after the cues that begin with word i.
func (r *reader) afterCues(i int) {
	if r.taken[i] {
		return
	}
	r.follow(i, func(c cue, next int) {
		if next >= len(r.words) || r.taken[next] {
			return
		}
		between := r.words[next].between
		if strings.Contains(between, "…") || !start(between, signs+"!?؟\U0001F64F\U0001F60A") {
			return
		}
		comma := strings.ContainsAny(between, ",،:(!.–-*")
		switch c {
		case introduction:
			if start(between, ":–—-\"'„“”«» ") {
				next = r.skipTitles(next)
				n := r.length(next, maxName, loose)
				if w := &r.words[next]; n == 0 && strings.Contains(between, ":") && w.plain && (w.capital || w.arabic) && !w.cue && !r.is[never][w.fold] && len(w.fold) > 3 {
					n = 1 // behind a label, whatever it means
				}
				r.take(next, n)
			}
		case title:
			r.title(i, next)
		case rank:
			if start(between, ".,:") && !strings.Contains(between, ",") {
				r.certain(r.skipTitles(next), false)
			}
		case relative:
			r.relative(i, next, between)
		case presence, being:
			if start(between, ",–—-:") || r.words[next].sure {
				r.present(i, c, next, between)
			}
		case greeting:
			if start(between, ",:") {
				next = r.skipTitles(next)
				r.greeted(next)
			}
		case farewell, thanks:
			r.farewell(c, next, comma)
		}
	})
}

// skipTitles is the first word from i that is no form of address, rank or farewell.
func (r *reader) skipTitles(i int) int {
	for i < len(r.words)-1 {
		w := &r.words[i]
		if !r.is[title][w.fold] && !r.is[rank][w.fold] {
			break
		}
		if r.words[i+1].between == "" || !start(r.words[i+1].between, ".-") {
			break
		}
		i++
	}
	return i
}

// How much is taken for a name.
type manner int

const (
	strict  manner = iota // names that are known, and words with a capital that are not known otherwise
	address               // the first word with a capital is a name, whatever it means
	loose                 // also small letters and words of Arabic that are not known otherwise
)

// stopped says whether a full stop is behind word i.
func (r *reader) stopped(i int) bool { return strings.HasPrefix(r.text[r.words[i].to:], ".") }

// length is how many words from i on are one name.
func (r *reader) length(i, most int, m manner) int {
	end, count := i, 0
	cased, named := false, false // the name has capitals; a given name was among its words
	for j := i; j < len(r.words) && count < most; j++ {
		w := &r.words[j]
		if j > i {
			before := &r.words[j-1]
			switch {
			case w.between == " ", w.between == "-", w.between == "'":
			case before.initial() && start(w.between, "."), r.is[title][before.fold] && w.between == ". ":
			case (w.between == "." || w.between == " . ") && before.arabic:
			default:
				return end - i
			}
		}
		if !w.plain || r.taken[j] {
			return end - i
		}
		if r.is[particle][w.fold] && (!w.capital || end > i || !w.given) && j+1 < len(r.words) && (r.words[j+1].between == " " || r.words[j+1].between == "-") {
			if w.arabic && end > i && strings.HasPrefix(w.fold, "ال") || w.fold == "الله" {
				end = j + 1
			}
			if w.capital {
				cased = true
			}
			if next := &r.words[j+1]; r.fits(next, j+1, cased || w.capital, named, end > i, m) || r.is[particle][next.fold] {
				continue
			}
			if !w.given || r.is[never][w.fold] {
				return end - i
			}
		}
		if w.initial() && (end > i && (r.stopped(j) || !r.is[never][w.fold] && !w.arabic) || end == i && (r.stopped(j) || shortened[w.fold]) && j+1 < len(r.words) && r.fits(&r.words[j+1], j+1, true, false, true, m)) {
			end = j + 1
			cased = cased || w.capital
			continue
		}
		if !r.fits(w, j, cased, named, end > i, m) {
			return end - i
		}
		count++
		cased = cased || w.capital
		named = named || w.given
		end = j + 1
	}
	return end - i
}

// fits says whether a word is part of a name. cased: of one with capitals; named: a
// given name went before; further: it is not the first.
func (r *reader) fits(w *word, at int, cased, named, further bool, m manner) bool {
	if !w.plain || r.taken[at] || r.is[never][w.fold] && !w.sure || w.cue || utf8.RuneCountInString(w.fold) < 2 || further && r.is[institutionBehind][w.fold] {
		return false
	}
	if at > 0 && further && r.is[particle][r.words[at-1].fold] && (w.capital && !w.known || !german[r.words[at-1].fold]) && (w.capital == r.words[at-1].capital || w.capital) && !w.arabic && m != strict {
		return true
	}
	if w.sure && (w.capital || w.arabic || !cased) {
		return true
	}
	switch {
	case w.arabic:
		if w.given && (further && named || m != strict || !w.known) {
			return true
		}
		if further && named && strings.HasPrefix(w.fold, "ال") && strings.HasSuffix(w.fold, "ي") && r.words[at-1].given && (m == loose || at > 1 && r.is[being][r.words[at-2].fold]) {
			return true // "of Aleppo", behind a given name
		}
		if w.known || !further && strings.ContainsRune("يتو", first(w.fold)) { // verbs, and "and"
			return false
		}
		if further && r.words[at-1].given && strings.HasPrefix(w.fold, "ال") {
			return true
		}
		return m == loose || named || m == address
	case w.capital:
		if m == address && !further {
			return true
		}
		if w.given && (further && cased || m != strict) || w.family {
			return true
		}
		return !w.known || further && named && !r.noun(w)
	case cased:
		return false
	default:
		if w.known && (m != loose || !further || !r.is[town][w.fold]) {
			return false
		}
		return w.given && m != strict || m == loose || named
	}
}

// german are particles that mean something else before a small letter.
var german = map[string]bool{"von": true, "der": true, "den": true, "zu": true, "zum": true, "do": true, "das": true, "um": true, "en": true, "al": true, "el": true, "bin": true, "la": true, "le": true, "ben": true, "да": true}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// noun says whether a word with a capital is likely to be a German noun after a name and not a family name.
func (r *reader) noun(w *word) bool {
	for _, e := range []string{"ung", "heit", "keit", "schaft", "tion", "tät", "tat", "nis", "ent", "ierung", "zeugnis", "kurs", "amt", "land", "diplom", "termin", "antrag", "bescheid"} {
		if strings.HasSuffix(w.fold, e) {
			return true
		}
	}
	return r.is[institutionBehind][w.fold] || len(w.fold) > 12 && w.fold < "\u0400"
}

// determiners before "Frau", which is a wife or a woman then.
var determiners = map[string]bool{
	"meine": true, "deine": true, "seine": true, "ihre": true, "eine": true, "die": true, "der": true, "als": true, "unsere": true, "meiner": true, "seiner": true, "einer": true,
	"keine": true, "jede": true, "diese": true, "schwangere": true, "zur": true, "oder": true, "und": true, "welche": true,
}

// title takes the name after forms of address, which may be stacked.
func (r *reader) title(i, next int) {
	own := r.words[i].fold
	if t := r.text[r.words[i].from:r.words[i].to]; len(t) == 2 && t == strings.ToUpper(t) && !r.stopped(i) {
		return // an abbreviation, such as "HR"
	}
	if strings.ContainsAny(r.words[next].between, ",:(") {
		return
	}
	next = r.skipTitles(next)
	w := &r.words[next]
	if w.between == "" || !start(w.between, ".") || w.cue {
		return
	}
	wife := own == "frau" && i > 0 && determiners[r.words[i-1].fold] || own == "fam" || own == "ms"
	m := address
	switch {
	case r.words[i].arabic && !w.arabic && w.known:
		return
	case wife && !w.capital:
		return
	case wife:
		m = strict
	case !w.capital && !w.arabic && !w.sure:
		m = loose
	}
	n := r.length(next, maxName, m)
	if n == 0 && m == loose && i > 0 && with[r.words[i-1].fold] && w.plain && !r.is[never][w.fold] {
		n = 1 // "mit frau schäfer"
	}
	if n == 0 || r.institution(next, n) {
		return
	}
	r.take(next, n)
}

// with goes before somebody: "frau" behind it is a form of address.
var with = map[string]bool{"mit": true, "von": true, "bei": true, "an": true, "herr": true, "with": true, "ask": true, "asked": true, "tell": true, "told": true}

// certain takes a name that begins with word i if it is known or has a capital and is not known otherwise.
func (r *reader) certain(i int, unknown bool) {
	if i >= len(r.words) {
		return
	}
	w := &r.words[i]
	n := r.length(i, maxName, strict)
	if n == 0 || r.institution(i, n) {
		return
	}
	if w.sure || w.family && w.capital || unknown && !w.known || n > 1 && w.capital && (!w.known || w.given) || w.arabic && w.given || w.given && w.capital && !w.known {
		r.take(i, n)
	}
}

// relative takes the name after a relative.
func (r *reader) relative(i, next int, between string) {
	next = r.skipTitles(next)
	w := &r.words[next]
	switch {
	case w.arabic:
		if start(between, "،,:(") && (w.given || !w.known && !strings.HasPrefix(w.fold, "ال") && !strings.Contains(between, "،")) && !r.is[never][w.fold] {
			r.take(next, r.length(next, 3, loose))
		}
	case !start(between, ",(:–-\"„“«"):
	case w.capital && w.between == " " && !r.shouted(next) && next > 1 && english[r.words[next-2].fold] && w.fold < "\u0080" && (r.has(w.fold) || !w.known) && !r.is[place][w.fold]:
		r.take(next, 1) // "my husband Will": a word that begins no sentence
	case w.capital:
		closed := next + r.length(next, maxName, strict) // the word after the name
		apart := strings.Trim(between, " ") == "" || closed >= len(r.words) || r.words[closed].between != " "
		r.certain(next, apart)
	case r.holds(next, r.length(next, 3, strict)), w.given && !w.known && strings.Trim(between, " ") == "":
		r.take(next, r.length(next, 3, strict))
	case r.possessed(i) && !w.known && strings.Trim(between, " ") == "" && !r.is[never][w.fold] && len(w.fold) > 3 && next+1 < len(r.words) && w.fold < "\u0400" && !strings.ContainsAny(w.fold[len(w.fold)-1:], "sdt"): // no verb
		r.take(next, r.length(next, 3, loose))
	}
}

// has says whether a folded word is in the list of given names, whatever else it is.
func (r *reader) has(w string) bool { _, found := r.given[w]; return found }

// english are the words for "my" of a language in which nouns have no capital.
var english = map[string]bool{"my": true, "our": true}

// holds says whether a sure given name is among n words from i on.
func (r *reader) holds(i, n int) bool {
	return slices.ContainsFunc(r.words[i:i+n], func(w word) bool { return w.sure })
}

// possessed says whether "my" stands before word i.
func (r *reader) possessed(i int) bool {
	if i == 0 {
		return false
	}
	switch r.words[i-1].fold {
	case "my", "mein", "meine", "meinen", "meinem", "meiner", "our", "unser", "unsere":
		return true
	}
	return false
}

// present takes the name of one who speaks.
func (r *reader) present(i int, c cue, next int, between string) {
	next = r.skipTitles(next)
	w := &r.words[next]
	m := strict
	if c == presence && w.arabic && (i == 0 || strings.Trim(r.words[i].between, " ") != "") {
		m = loose // "With you is …" at the beginning
	}
	n := r.length(next, maxName, m)
	if n == 0 || r.institution(next, n) {
		return
	}
	comma := strings.Contains(between, ",") || strings.Contains(between, "،")
	pair := n > 1 && w.capital && !w.known && !qualified[w.fold]
	switch {
	case comma && !pair && !w.sure:
	case w.sure, pair, w.family && w.capital, w.given && w.capital && !w.known:
		r.take(next, n)
	case c == presence && w.capital && !w.known, m == loose:
		r.take(next, n)
	}
}

// greeted takes the name after a greeting, which ends there.
func (r *reader) greeted(i int) {
	if i >= len(r.words) {
		return
	}
	w := &r.words[i]
	n := r.length(i, maxName, strict)
	if w.arabic && w.given && !w.known && !r.is[never][w.fold] {
		r.take(i, max(1, n)) // a name that is a word as well
		return
	}
	if n == 0 || w.known && !w.sure || !w.capital && !w.sure {
		return
	}
	if end := i + n; w.sure || end >= len(r.words) || r.words[end].between != " " {
		r.take(i, n)
	}
}

// farewell takes the name after a greeting at the end.
func (r *reader) farewell(c cue, next int, comma bool) {
	next = r.skipTitles(next)
	if r.is[farewell][r.words[next].fold] && next+1 < len(r.words) {
		return // its own cue
	}
	w := &r.words[next]
	if w.initial() {
		n := 1
		for next+n < len(r.words) && r.words[next+n].initial() {
			n++
		}
		if next+n == len(r.words) {
			r.take(next, n)
			return
		}
	}
	if r.is[never][w.fold] {
		return
	}
	n := r.length(next, maxName, loose)
	if n == 0 {
		if w.capital && next == len(r.words)-1 && comma && len(r.words) > 3 { // at the very end, whatever it means
			r.take(next, 1)
		}
		return
	}
	if end := next + n; w.arabic && end == len(r.words)-1 && r.words[end].between == " " && !r.is[never][r.words[end].fold] && strings.HasSuffix(strings.TrimRight(r.text, " .!"), r.text[r.words[end].from:r.words[end].to]) {
		n++ // a family name that is a trade
	}
	last := next+n >= len(r.words) || strings.Trim(r.words[next+n].between, " ") != ""
	switch {
	case w.sure, w.capital && !w.known && (c == farewell || comma || last):
		r.take(next, n)
	case w.capital && last, last && (comma || c == farewell):
		r.take(next, n)
	}
}

// institution says whether n words from i on name a school, a street or a grant.
func (r *reader) institution(i, n int) bool {
	if end := i + n; end < len(r.words) && (r.words[end].between == " " || r.words[end].between == "-") && r.is[institutionBehind][r.words[end].fold] {
		return true
	}
	for j := i; j < i+n; j++ {
		if k := strings.LastIndexByte(r.words[j].fold, '-'); k >= 0 {
			if last := r.words[j].fold[k+1:]; r.is[institutionBehind][last] {
				return true
			}
		}
	}
	if i > 0 && start(r.words[i].between, ".\"„“«") {
		before := r.words[i-1].fold
		if r.is[institution][before] {
			return true
		}
		if i > 1 && r.is[institution][r.words[i-2].fold+" "+before] {
			return true
		}
	}
	return false
}

// alone takes a name that begins with word i and stands without a cue.
func (r *reader) alone(i int) {
	w := &r.words[i]
	if r.taken[i] || !w.plain || r.is[never][w.fold] {
		return
	}
	n := r.length(i, maxName, strict)
	if n == 0 {
		return
	}
	var known, sure, capitals int
	for j := i; j < i+n; j++ {
		v := &r.words[j]
		if v.given && (!v.known || v.capital) {
			known++
		}
		if v.sure || v.family && v.capital && !v.known {
			sure++
		}
		if v.capital && (!v.known || v.given) {
			capitals++
		}
	}
	if r.institution(i, n) {
		return
	}
	if w.arabic && n > 1 && w.given && !w.known && strings.HasPrefix(r.words[i+1].fold, "ال") && !r.words[i+1].known {
		sure++
	}
	does := n == 1 && w.capital && !w.known && !r.shouted(i) && i+1 < len(r.words) && r.words[i+1].between == " " && r.does(i+1)
	switch {
	case does:
	case sure == 0 && known < 2 && !r.pair(i, n, capitals):
		return
	case !w.capital && !w.arabic && (!w.given || w.known):
		return
	case n == 1 && i > 0 && !w.given && adjectival(w.fold) && w.between == " " && r.is[place][r.words[i-1].fold]:
		return
	case n == 1 && i > 0 && whence[r.words[i-1].fold] && w.between == " " && (i+1 == len(r.words) || !r.words[i+1].capital && !asking[r.words[i+1].fold]):
		return
	}
	from := i
	for from > 0 && r.words[from].between == " " { // a family name may go first
		v := &r.words[from-1]
		if r.taken[from-1] || !v.plain || v.known && !v.given || r.is[never][v.fold] || r.is[title][v.fold] || r.is[rank][v.fold] || r.is[relative][v.fold] {
			break
		}
		if !v.capital && (w.capital || v.arabic || v.known || len(v.fold) < 4 && !v.given || !w.sure) {
			break
		}
		from--
	}
	r.take(from, i+n-from)
	// Names of short words, as in Vietnam, may go on with one that is known otherwise.
	if j := i + n; j < len(r.words) && r.words[j].between == " " && r.words[j].capital && r.words[j].to-r.words[j].from <= 7 && utf8.RuneCountInString(r.words[j].fold) <= 4 && !r.shouted(j) && !r.words[j].cue && !r.is[never][r.words[j].fold] && !r.is[institutionBehind][r.words[j].fold] {
		r.take(j, 1)
	}
}

// does says whether word i begins what persons do.
func (r *reader) does(i int) bool {
	return r.is[deed][r.words[i].fold] || i+1 < len(r.words) && r.words[i+1].between == " " && r.is[deed][r.words[i].fold+" "+r.words[i+1].fold]
}

// whence comes before a place: a single word behind it is none of a person.
var whence = map[string]bool{"aus": true, "in": true, "nach": true, "from": true, "near": true, "в": true, "во": true, "из": true}

// asking behind a name is for somebody: "nach Ludmila fragen".
var asking = map[string]bool{"fragen": true, "gefragt": true, "verlangen": true, "rufen": true, "suchen": true, "gesucht": true}

// adjectival says whether a family name ends as towns and what is named after them do.
func adjectival(w string) bool {
	for _, e := range []string{"ський", "ському", "цький", "зький", "ов", "ова", "sky", "skyi", "ov", "ova", "ев", "ева", "нов", "yan", "pour"} {
		if strings.HasSuffix(w, e) {
			return true
		}
	}
	return false
}

// pair says whether n words from i on, none of them a known name, look like one.
func (r *reader) pair(i, n, capitals int) bool {
	if n < 2 || capitals < 2 || !r.words[i].capital {
		return false
	}
	if i > 0 && start(r.words[i].between, "") && r.is[place][r.words[i-1].fold] {
		return false
	}
	for j := i; j < i+n; j++ {
		v := &r.words[j]
		if r.is[particle][v.fold] {
			continue
		}
		if v.known && !v.given || r.noun(v) || r.shouted(j) {
			return false
		}
	}
	return true
}

// shouted says whether word i has capitals only, as abbreviations have.
func (r *reader) shouted(i int) bool {
	t := r.text[r.words[i].from:r.words[i].to]
	return strings.ToUpper(t) == t
}

// initials takes "Kovalenko O. P." and "O. P. Kovalenko" from word i on.
func (r *reader) initials(i int) bool {
	n := 0
	for i+n < len(r.words) && r.words[i+n].initial() && r.stopped(i+n) && (n == 0 || strings.Trim(r.words[i+n].between, " .") == "") {
		n++
	}
	if n == 1 && i+2 == len(r.words) && r.words[i+1].initial() && strings.Trim(r.words[i+1].between, " .") == "" {
		n = 2 // the last full stop is missing
	}
	if (n == 2 || n == 3) && (i+n == len(r.words) || r.text[r.words[i+n].from-1] != '.') && r.person(i, n) {
		if i+n == len(r.words) || !r.words[i+n].capital && !r.words[i+n].arabic || strings.Trim(r.words[i+n].between, " .") != "" || r.words[i+n].known && !strings.HasPrefix(r.words[i+n].fold, "ال") {
			r.take(i, n)
			return true
		}
	}
	if n > 0 && n < 4 && i+n < len(r.words) {
		w := &r.words[i+n]
		if strings.Trim(w.between, " .-") != "" || !w.capital && !w.arabic || !w.plain || utf8.RuneCountInString(w.fold) < 2 {
			return false
		}
		likely := !w.known || w.given || // or, though it is a word:
			w.capital && n > 1 && !degree[r.words[i].fold] ||
			w.arabic && strings.HasPrefix(w.fold, "ال")
		if !likely || r.is[never][w.fold] {
			return false
		}
		if degree[r.words[i].fold] && (n > 1 && degree[r.words[i+1].fold] || degree[w.fold]) && !w.given {
			return false
		}
		r.take(i, n+max(1, r.length(i+n, 2, address)))
		return true
	}
	w := &r.words[i]
	if !w.capital && !w.arabic || w.known && !w.given || utf8.RuneCountInString(w.fold) < 3 {
		return false
	}
	n = 0
	for i+1+n < len(r.words) && r.words[i+1+n].initial() && r.stopped(i+1+n) && strings.Trim(r.words[i+1+n].between, " .") == "" && (n > 0 || r.words[i+1].between == " ") {
		n++
	}
	if n == 0 || n > 3 {
		return false
	}
	r.take(i, n+1)
	return true
}

// person says whether n initials from word i on are those of somebody and no abbreviation.
func (r *reader) person(i, n int) bool {
	var letters strings.Builder
	degrees := 0
	for _, w := range r.words[i : i+n] {
		if utf8.RuneCountInString(strings.TrimSuffix(w.fold, "ـ")) > 1 {
			return false
		}
		if degree[w.fold] {
			degrees++
		}
		letters.WriteString(w.fold)
	}
	return degrees < n && !abbreviated[letters.String()]
}

// abbreviated are letters with full stops that are nobody's.
var abbreviated = map[string]bool{"us": true, "uk": true, "eu": true, "usa": true, "uae": true, "un": true, "zb": true, "dh": true, "ua": true, "oa": true, "ia": true, "iv": true, "ev": true, "ps": true, "ok": true,
	"id": true, "nb": true, "po": true, "am": true, "pm": true, "cv": true, "vip": true, "rn": true, "md": true, "do": true, "hr": true, "ai": true, "dc": true, "la": true, "ie": true, "eg": true, "ue": true, "uu": true,
	"gd": true, "it": true, "tv": true, "llb": true, "llm": true, "mba": true, "phd": true, "dds": true, "bvb": true, "od": true, "ca": true, "su": true, "so": true, "vt": true, "qr": true, "hk": true, "zt": true, "zh": true, "zz": true,
	"піб": true, "фіо": true, "фио": true, "сша": true, "єс": true, "ес": true, "тд": true, "тп": true, "нб": true, "зп": true, "рф": true, "срср": true, "ссср": true, "уср": true, "іт": true,
	"صب": true, "اد": true, "جم": true, "رس": true, "بم": true, "قم": true, "مم": true, "كم": true, "اخ": true, "الخ": true}

// degree are the letters of degrees, such as "B. A." and "M. Sc.".
var degree = map[string]bool{"b": true, "m": true, "a": true, "s": true, "e": true, "v": true, "d": true, "ph": true, "sc": true, "ed": true, "eng": true, "tech": true, "com": true, "pharm": true, "med": true}

// qualified begin a profession of several words with capitals.
var qualified = map[string]bool{"diplom": true, "staatlich": true, "master": true, "bachelor": true, "registered": true, "certified": true, "eu": true, "fach": true}

// and joins two names.
var and = map[string]bool{"und": true, "and": true, "&": true, "та": true, "і": true, "й": true, "и": true, "y": true, "et": true, "u": true, "و": true, "یا": true,
	"alias": true, "aka": true, "oder": true, "or": true, "або": true, "чи": true, "или": true, "يعني": true, "او": true}

// joined takes the second of two names with "and" between them.
func (r *reader) joined(i int) {
	if !r.taken[i] || i+2 >= len(r.words) || r.taken[i+1] || r.taken[i+2] {
		return
	}
	if !and[r.words[i+1].fold] || r.words[i+1].between != " " || r.words[i+2].between != " " {
		return
	}
	switch w := &r.words[i+2]; {
	case w.cue || r.is[never][w.fold]:
	case w.capital && (!w.known || w.given):
		r.take(i+2, r.length(i+2, 3, strict))
	case w.given && !w.known && (w.arabic || !r.words[i].capital):
		r.take(i+2, max(1, r.length(i+2, 3, strict)))
	}
}
