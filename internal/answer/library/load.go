package library

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"iqbot/internal/answer/follow"
	"iqbot/internal/answer/reading"
	"iqbot/internal/content"
	"iqbot/internal/locale"
)

// The files that are the same for all languages.
const (
	factsFile  = "facts.yaml"  // figures, addresses and names
	topicsFile = "topics.yaml" // sources, related topics, what can be asked of any topic
	talkFile   = "talk.yaml"   // kinds of small talk and crises
)

// The files of a language.
const (
	articleSuffix   = ".md"
	questionsSuffix = ".questions.txt"
	phrasesSuffix   = ".phrases.txt"
	fillersFile     = "fillers.txt"
	// otherFile holds questions off the subject. A language may do without: then
	// the search in it is worse at saying that it does not know.
	otherFile = "other" + questionsSuffix
	// followupsFile is the words of questions that go on with a topic. Without it,
	// every question in the language stands for itself.
	followupsFile = "followups.yaml"
)

// topicRE keeps a topic short enough for the data of a button.
var topicRE = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const maxTopic = 40

// Load reads the content from fsys, with the languages of cat; the first of
// them is the reference language, which has every article. The error is
// [content.Faults], all that are there; there is no Library then.
func Load(fsys fs.FS, cat *locale.Catalog) (*Library, error) {
	languages := cat.Languages()
	if len(languages) == 0 {
		return nil, errors.New("load articles: the catalogue has no language")
	}
	ld := &loader{Reader: content.NewReader(fsys), cat: cat, reference: languages[0].Tag, grammar: grammar(languages), used: map[string]bool{}}
	ld.readFacts()
	ld.readTopics()
	ld.readKinds()
	var group sync.WaitGroup
	for _, l := range languages {
		s := &shelf{loader: ld, tag: l.Tag, articles: map[string]*draft{}, talks: map[string]*draft{}, phrases: map[string][]content.Line{}, questions: map[string][]content.Line{}}
		ld.shelves = append(ld.shelves, s)
		group.Go(s.read)
	}
	group.Wait()
	ld.checkFolders()
	ld.checkTopics()
	ld.checkTalks()
	l := ld.library()
	ld.checkUse()
	if err := ld.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

// grammar is what a reader of questions must know of the languages.
func grammar(languages []locale.Language) *reading.Grammar {
	g := &reading.Grammar{}
	for _, l := range languages {
		g.Articles = append(g.Articles, l.Articles...)
		g.Conjunctions = append(g.Conjunctions, l.Conjunctions...)
	}
	return g
}

// loader collects what was read and every fault on the way. Languages are read
// side by side, each by its shelf.
type loader struct {
	*content.Reader
	cat       *locale.Catalog
	reference string
	grammar   *reading.Grammar

	facts     factFile
	factsDoc  *content.Document
	noFacts   bool // the file is so broken that no fact or no source could be read
	topics    topicFile
	topicsDoc *content.Document
	aspects   map[string]int // number by id
	kinds     talkKinds
	kindsDoc  *content.Document
	shelves   []*shelf

	mu   sync.Mutex
	used map[string]bool // "sources.<id>" and "facts.<id>"
}

// use notes that a source or a fact is used: "sources" or "facts", and its id.
func (ld *loader) use(what, id string) {
	ld.mu.Lock()
	defer ld.mu.Unlock()
	ld.used[what+"."+id] = true
}

// shelf is one language that is being read.
type shelf struct {
	*loader
	tag       string
	articles  map[string]*draft         // by topic
	questions map[string][]content.Line // by topic
	other     []content.Line
	talks     map[string]*draft         // by kind
	phrases   map[string][]content.Line // by kind
	fillers   []content.Line
	cues      *follow.Cues
}

func (s *shelf) read() {
	s.readArticles()
	s.readTalks()
	if file := path.Join(s.tag, otherFile); s.Exists(file) {
		s.other = s.readQuestions(file)
	}
	s.checkQuestions()
	if file := path.Join(s.tag, followupsFile); len(s.aspects) > 0 && s.Exists(file) {
		s.readFollowups(file)
	}
}

func (s *shelf) readArticles() {
	dir := path.Join(s.tag, "articles")
	for _, e := range s.Dir(dir) {
		file := path.Join(dir, e.Name())
		if topic, ok := strings.CutSuffix(e.Name(), articleSuffix); ok {
			s.checkName(file, "a topic", topic)
			s.articles[topic] = s.readDraft(file, topic, s.topics.Topics[topic].Sources)
		} else if topic, ok := strings.CutSuffix(e.Name(), questionsSuffix); ok {
			s.questions[topic] = s.readQuestions(file)
		} else {
			s.Fault(file, 1, "is neither <topic>%s nor <topic>%s", articleSuffix, questionsSuffix)
		}
	}
	s.checkPairs(dir, s.articles, s.questions, questionsSuffix, "article")
	for topic, d := range s.articles {
		d.Related = s.topics.Topics[topic].Related
		for _, l := range s.questions[topic] {
			d.Questions = append(d.Questions, l.Text)
		}
	}
}

func (s *shelf) checkName(file, what, name string) {
	if !topicRE.MatchString(name) || len(name) > maxTopic {
		s.Fault(file, 1, "%s is lower-case words joined by hyphens, of at most %d characters", what, maxTopic)
	}
}

// checkPairs finds texts without words by which they are found, and the other way round.
func (s *shelf) checkPairs(dir string, texts map[string]*draft, words map[string][]content.Line, suffix, what string) {
	for name := range words {
		if texts[name] == nil {
			s.Fault(path.Join(dir, name+suffix), 1, "there is no %s %s%s", what, name, articleSuffix)
		}
	}
	for name, d := range texts {
		if _, ok := words[name]; !ok {
			s.Fault(d.file, 1, "there is no file %s%s", name, suffix)
		}
	}
}

func (s *shelf) readQuestions(file string) []content.Line {
	return slices.DeleteFunc(s.Lines(file), func(l content.Line) bool {
		if strings.ContainsFunc(l.Text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			return false
		}
		s.Fault(file, l.Number, "the question has no words")
		return true
	})
}

// checkQuestions finds questions that two topics claim.
func (s *shelf) checkQuestions() {
	asked := map[string]string{} // folded question -> its topic
	for _, topic := range slices.Sorted(maps.Keys(s.questions)) {
		for _, l := range s.questions[topic] {
			key := locale.Fold(l.Text)
			if other, ok := asked[key]; ok && other != topic {
				s.Fault(path.Join(s.tag, "articles", topic+questionsSuffix), l.Number, "question %q belongs to topic %s already", l.Text, other)
			}
			asked[key] = topic
		}
	}
	for _, l := range s.other {
		if topic, ok := asked[locale.Fold(l.Text)]; ok {
			s.Fault(path.Join(s.tag, otherFile), l.Number, "question %q belongs to topic %s already", l.Text, topic)
		}
	}
}

func (s *shelf) readFollowups(file string) {
	var lists follow.Lists
	doc := s.YAML(file, &lists)
	if !doc.OK() {
		return
	}
	cues, problems := follow.New(lists, s.aspects)
	for _, p := range problems {
		doc.Fault(p.Path, "%s", p.Reason)
	}
	s.cues = cues
}

// checkFolders finds articles of a language that there is not.
func (ld *loader) checkFolders() {
	for _, e := range ld.Dir(".") {
		if _, ok := ld.cat.Language(e.Name()); ok || !e.IsDir() {
			continue
		}
		for _, dir := range []string{"articles", "talk"} {
			if dir = path.Join(e.Name(), dir); ld.Exists(dir) {
				ld.Fault(dir, 1, "%q is not the tag of a language", e.Name())
			}
		}
	}
}

// checkUse finds facts and sources that no article needs, so that nobody
// keeps reviewing them in vain.
func (ld *loader) checkUse() {
	if ld.noFacts {
		return
	}
	for id := range ld.facts.Facts {
		if !ld.used["facts."+id] {
			ld.factsDoc.Fault(content.Path{"facts", id}, "fact %q is used nowhere", id)
		}
	}
	if !ld.topicsDoc.OK() || ld.kindsDoc != nil && !ld.kindsDoc.OK() {
		return // nobody knows which sources these files would use
	}
	for id := range ld.facts.Sources {
		if !ld.used["sources."+id] {
			ld.factsDoc.Fault(content.Path{"sources", id}, "source %q is used nowhere", id)
		}
	}
}

// original is the shelf of the reference language.
func (ld *loader) original() *shelf { return ld.shelves[0] }

// library is what was read. It is of use only if there was no fault.
func (ld *loader) library() *Library {
	l := &Library{
		chains: map[string][]string{"": {ld.reference}}, articles: map[ID]Article{}, talks: map[ID]Talk{}, other: map[string][]string{},
		aspects: ld.topics.Aspects, cues: map[string]*follow.Cues{}, grammar: ld.grammar, cat: ld.cat,
		topics: slices.Sorted(maps.Keys(ld.original().articles)),
	}
	for i, language := range ld.cat.Languages() {
		s := ld.shelves[i]
		l.chains[s.tag] = slices.Concat([]string{s.tag}, language.Fallback, []string{ld.reference})
		for topic, d := range s.articles {
			l.articles[ID{s.tag, topic}] = d.Article
		}
		for kind, d := range s.talks {
			k := ld.kinds.Kinds[kind]
			l.talks[ID{s.tag, kind}] = Talk{Article: d.Article, Crisis: k.Crisis, Buttons: k.Buttons}
		}
		for _, line := range s.other {
			l.other[s.tag] = append(l.other[s.tag], line.Text)
		}
		if s.cues != nil {
			l.cues[s.tag] = s.cues
		}
		l.stale = append(l.stale, older(s.articles, ld.original().articles)...)
		l.stale = append(l.stale, older(s.talks, ld.original().talks)...)
	}
	for id, f := range ld.facts.Facts {
		l.stale = append(l.stale, Stale{factsFile, ld.factsDoc.Line("facts", id), id, day(f.ReviewBy).AddDate(0, 0, 1)})
	}
	slices.SortFunc(l.stale, func(a, b Stale) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	l.ear = ld.ear(l)
	return l
}

// older lists the translations that were reviewed before what they translate.
func older(texts, originals map[string]*draft) (stale []Stale) {
	for name, d := range texts {
		if o := originals[name]; o != nil && d.Reviewed.Before(o.Reviewed) {
			stale = append(stale, Stale{d.file, d.doc.Line("reviewed"), name, o.Reviewed})
		}
	}
	return stale
}

// usual returns whether people use a squeezed word in questions of any language.
// What they use is gathered when the first word is asked for, and takes some 10 ms a language.
func (l *Library) usual() func(word string) bool {
	sets := sync.OnceValue(func() []map[string]bool {
		tags := l.Languages()
		sets := make([]map[string]bool, len(tags))
		var group sync.WaitGroup
		for i, tag := range tags {
			group.Go(func() { sets[i] = l.words(tag) })
		}
		group.Wait()
		return sets
	})
	return func(word string) bool {
		return slices.ContainsFunc(sets(), func(set map[string]bool) bool { return set[word] })
	}
}

// words are the squeezed words of titles and questions of a language.
func (l *Library) words(tag string) map[string]bool {
	r := reading.New(l.grammar)
	set := map[string]bool{}
	add := func(text string) {
		for _, k := range r.Read(text).Tokens {
			set[k.Squeezed()] = true
		}
	}
	for _, topic := range l.topics {
		if a, ok := l.articles[ID{tag, topic}]; ok {
			add(a.Title)
			for _, q := range a.Questions {
				add(q)
			}
		}
	}
	return set
}
