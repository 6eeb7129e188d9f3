package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// introduction comes before a person's own name; address before that of
// somebody; farewell before the name that ends a letter.
var (
	introduction = regexp.MustCompile(`(?i)` + before + `(?:` + strings.Join([]string{
		`ich hei(?:ß|ss)e`, `hei(?:ß|ss)e ich`, `mein(?: vollständiger)? name(?: ist|:)?`, `name:`, `vorname(?: ist|:)?`, `nachname(?: ist|:)?`, `familienname(?: ist|:)?`, `(?:mann|frau|sohn|tochter|vater|mutter|bruder|schwester|kind) hei(?:ß|ss)t`,
		`my name(?: is|'s|s)?`, `my (?:surname|family name) is`, `my (?:first|last|full) name is`, `i am called`, `i'm called`, `(?:husband|wife|son|daughter|father|mother|brother|sister) is called`,
		`звати`, `звуть`, `моє ім['’ʼ]?я(?: та прізвище)?`, `(?:моє )?прізвище`,
		`зовут`, `мое имя`, `моё имя`,
		`[إا]سمي(?: هو)?`, `[إا]سمه`, `زوجتي [إا]سمها`, `[أا]دعى`, `[إا]سم (?:زوجي|زوجتي|[إا]بني|[إا]بنتي|[أا]خي|[أا]ختي)(?: هو)?`, `الاسم:?`,
		`nazywam się`, `je m['’]appelle`, `me llamo`, `benim ad[ıi]m`, `ad[ıi]m`,
	}, "|") + `)[\s:–-]+`)
	address = regexp.MustCompile(before + `(?:[Hh]errn?|[Ff]rau|[Ff]amil(?:ie|y)|[Рр]одина|Mrs?\.?|Ms\.?|Dr\.|Prof\.|[Пп]ан(?:і|а|у|е|ові)?|السيدة?|الدكتورة?|الأستاذة?)\s+`)
	// fullName comes before a name only if two words with capitals follow: one may be a profession or a country.
	fullName = regexp.MustCompile(before + `(?:[Ii]ch bin|[Ii] am|[Ii]['’]m|[Tt]his is|[Hh]ier ist|[Яя](?: –| -)?|[Mm]eine?[nrm]? (?:Mann|Frau|Sohn|Tochter|Vater|Mutter|Bruder|Schwester|Kind|Freund|Freundin))\s+`)
	// relative comes before a name where no other noun has a capital.
	relative = regexp.MustCompile(before + `(?:[Mm]y (?:husband|wife|son|daughter|father|mother|brother|sister|child|friend)|` +
		`(?:[Мм]оя|[Мм]ій|[Мм]ой|[Мм]оєї|[Мм]оєму) (?:чоловік\p{L}*|дружин\p{L}*|син\p{L}*|доньк\p{L}*|донечк\p{L}*|дочк\p{L}*|мам\p{L}*|тат\p{L}*|брат\p{L}*|сестр\p{L}*|муж|жена|сын))\s+`)
	farewell = regexp.MustCompile(`(?i)` + before + `(?:(?:mit )?(?:freundlichen|besten|lieben|vielen|herzlichen) gr(?:ü|ue)(?:ß|ss)en?|(?:viele|liebe|beste|herzliche) gr(?:ü|ue)(?:ß|ss)e|mfg|lg|vg|(?:kind |best )?regards|yours (?:sincerely|faithfully)|з повагою|с уважением|(?:مع )?(?:التحيات?|تحياتي)|وشكرا)[\s,.!–-]+`)
)

// notNames are words that end a name, folded to lower case: what people go on
// with after it. In Arabic and in careless writing no capital tells a name.
var notNames = wordSet(`
	und ich bin komme aus habe ist war möchte moechte will kann wie was wo wer wann warum ob mit als von der die das in im seit wurde wird steht arbeite wohne suche brauche meine mein bitte nicht dann neu anders falsch anerkennung
	and i am i'm come from have has is was want would can how what where who when why with as a an the in at since spelled written work live need my please not on badge to for
	та і й я з із зі є маю хочу можу як що де хто коли чому чи працюю живу потрібно моя мій мені за не в у на по для це а але прошу
	и из с есть имею хочу могу как что где кто когда почему ли работаю живу нужно моя мой мне не в на по для это а но
	و انا أنا من في هل كيف ما ماذا اين أين متى لماذا عندي لدي اعمل أعمل اسكن أسكن اريد أريد عمري وأنا وانا ولدي وعندي ومن مع على الى إلى أحمل احمل مكتوب ورقمي و`)

// common are words that follow a form of address and are no name.
var common = wordSet(`doktor professor direktor und oder the and та і و med`)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// qualified begin a profession of several words with capitals.
var qualified = wordSet(`diplom staatlich master bachelor registered certified eu fach`)

func capital(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(first)
}

// maxName is how many words a name may have, of those that nothing ends.
const maxName = 4

// names takes out the words after each introduction, form of address and farewell.
func names(s string) string {
	s = after(s, introduction, func(rest string) int { return nameLength(rest, maxName, false) })
	s = after(s, address, func(rest string) int { return nameLength(rest, 2, true) })
	s = after(s, relative, func(rest string) int { return nameLength(rest, maxName, true) })
	s = after(s, fullName, func(rest string) int {
		words := strings.Fields(rest)
		if len(words) < 2 || qualified[strings.ToLower(words[0])] || !capital(words[0]) || !capital(words[1]) || strings.ContainsAny(words[0], ".,;:!?") {
			return 0
		}
		return nameLength(rest, maxName, true)
	})
	return after(s, farewell, func(rest string) int {
		if len(strings.Fields(rest)) <= maxName { // only at the end: the rest is the name
			return len(rest)
		}
		return nameLength(rest, 2, true)
	})
}

// after replaces what length finds behind each match of pattern.
func after(s string, pattern *regexp.Regexp, length func(rest string) int) string {
	var b strings.Builder
	for {
		m := pattern.FindStringIndex(s)
		if m == nil {
			return b.String() + s
		}
		b.WriteString(s[:m[1]])
		s = s[m[1]:]
		if n := length(s); n > 0 && !strings.HasPrefix(s, Gap) {
			b.WriteString(Gap)
			s = s[n:]
		}
	}
}

// nameLength is how many bytes of rest are a name, of at most words words. It
// ends at punctuation, at a word that goes on with the sentence, and, if the
// name began with a capital, at a word without one. With capital only such a
// name is taken.
func nameLength(rest string, words int, capital bool) int {
	end, at := 0, 0
	cased := false
	for n := range words {
		word := rest[at:]
		if i := strings.IndexByte(word, ' '); i >= 0 {
			word = word[:i]
		}
		bare := strings.TrimRightFunc(word, func(r rune) bool { return unicode.IsPunct(r) && r != '\'' })
		first, _ := utf8.DecodeRuneInString(bare)
		folded := strings.ToLower(bare)
		switch {
		case !unicode.IsLetter(first), notNames[folded], common[folded]:
			return end
		case n == 0:
			cased = unicode.IsUpper(first)
			if capital && !cased && !unicode.Is(unicode.Arabic, first) {
				return 0
			}
		case cased && !unicode.IsUpper(first) && !slices.Contains(particles, folded):
			return end
		}
		end = at + len(bare)
		if bare != word && !titles[folded] { // punctuation ends the name
			return end
		}
		at += len(word) + 1
		if at >= len(rest) {
			return end
		}
	}
	return end
}

// titles may stand before a name with a full stop.
var titles = wordSet(`dr prof dipl ing mr mrs ms`)

// particles are small words inside a name.
var particles = []string{"von", "van", "de", "al", "el", "bin", "ibn", "da", "di", "del", "der", "den", "zu", "ben"}
