package answer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"iqbot/internal/locale"
	"iqbot/internal/richtext"
)

// Library is all articles of all languages. It is immutable and safe for
// concurrent use; callers must not change the slices it hands out.
type Library struct {
	topics   []string
	chains   map[string][]string // language -> itself, its fallbacks, the reference language
	articles map[articleID]Article
	other    map[string][]string // language -> questions off the subject
	aspects  []aspect            // what can be asked of a topic, in order of preference
	cues     map[string]*cues    // words of questions that go on with a topic, by language
	stale    []Stale             // all that can become stale, by place; Since says when

	talks      map[articleID]TalkText
	recogniser *recogniser // nil if there are no talks
}

type articleID struct{ lang, topic string }

// Stale is content that somebody must look at again.
type Stale struct {
	File string
	Line int
	// ID is the fact, or the topic of a translation that is older than what it translates.
	ID string
	// Since is the first day on which it is overdue.
	Since time.Time
}

// Topics returns the topics, sorted. Each has an article in the reference language.
func (l *Library) Topics() []string { return slices.Clone(l.topics) }

// Article returns what is said on topic in lang or, where that is missing, in
// the first language of its fallback chain that has it. An unknown language
// gets the reference language. It is false if there is no such topic.
func (l *Library) Article(topic, lang string) (Article, bool) {
	chain, ok := l.chains[lang]
	if !ok {
		chain = l.chains[""]
	}
	for _, tag := range chain {
		if a, ok := l.articles[articleID{tag, topic}]; ok {
			return a, true
		}
	}
	return Article{}, false
}

// Missing returns the topics that have no article in lang itself, sorted.
func (l *Library) Missing(lang string) []string {
	return slices.DeleteFunc(l.Topics(), func(topic string) bool {
		_, ok := l.articles[articleID{lang, topic}]
		return ok
	})
}

// Stale returns the facts whose day of review has come before now, and the
// translations that were reviewed before the article they translate, by place.
func (l *Library) Stale(now time.Time) []Stale {
	return slices.DeleteFunc(slices.Clone(l.stale), func(s Stale) bool { return s.Since.After(now) })
}

// Load reads the content from fsys, with the languages of cat; the first of
// them is the reference language, which has every article. The error joins all
// faults, each a [locale.Fault], sorted by place; there is no Library then.
func Load(fsys fs.FS, cat *locale.Catalog) (*Library, error) {
	languages := cat.Languages()
	if len(languages) == 0 {
		return nil, errors.New("load articles: the catalogue has no language")
	}
	ld := loader{fsys: fsys, cat: cat, reference: languages[0].Tag, articles: map[articleID]*draft{}, talks: map[articleID]*talkDraft{}, other: map[string][]string{}, used: map[string]bool{}, cues: map[string]*cues{}}
	ld.readFacts()
	for _, language := range languages {
		ld.readLanguage(language.Tag)
		ld.readTalk(language.Tag)
	}
	ld.readFollowups(languages)
	ld.checkFolders()
	ld.checkArticles()
	rc := ld.talk()
	ld.checkUse()
	if err := ld.err(); err != nil {
		return nil, err
	}
	l := ld.library()
	l.recogniser = rc
	return l, nil
}

// loader collects what was read and every fault on the way.
type loader struct {
	fsys      fs.FS
	cat       *locale.Catalog
	reference string
	facts     factFile
	factLines map[string]int
	noFacts   bool // the file is so broken that no fact or no source could be read
	articles  map[articleID]*draft
	talks     map[articleID]*talkDraft
	fillers   []line
	other     map[string][]string
	used      map[string]bool // "sources.<id>" and "facts.<id>"
	aspects   []aspect
	cues      map[string]*cues // by language
	faults    []locale.Fault
}

// draft is an article that is being read.
type draft struct {
	Article
	file  string
	front front
	lines map[string]int // where the front matter's fields stand
}

// front is the front matter of an article.
type front struct {
	Title    string   `yaml:"title"`
	Reviewed string   `yaml:"reviewed"`
	Status   string   `yaml:"status"`
	Sources  []string `yaml:"sources"`
	Related  []string `yaml:"related"`
}

func (ld *loader) fault(file string, line int, format string, args ...any) {
	ld.faults = append(ld.faults, locale.Fault{File: file, Line: max(line, 1), Reason: fmt.Sprintf(format, args...)})
}

func (ld *loader) err() error {
	slices.SortStableFunc(ld.faults, func(a, b locale.Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	var errs []error
	for _, f := range slices.Compact(ld.faults) {
		errs = append(errs, f)
	}
	return errors.Join(errs...)
}

// read returns a text file as an editor on any system may have written it.
func (ld *loader) read(file string) (string, bool) {
	data, err := fs.ReadFile(ld.fsys, file)
	if err != nil {
		ld.fault(file, 1, "cannot be read: %v", err)
		return "", false
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		ld.fault(file, 1, "is not UTF-8")
		return "", false
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), true
}

var (
	yamlLineRE = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
	yamlTypeRE = regexp.MustCompile(` (not found in type|into) \S+$`)
)

// yaml reads text strictly into v and returns the line of every field, by
// path: "facts.fee.hwk" or "related.costs".
func (ld *loader) yaml(file, text string, v any) map[string]int {
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		messages := []string{err.Error()}
		if errors.Is(err, io.EOF) {
			messages = []string{"is empty"}
		}
		if typeErr := (*yaml.TypeError)(nil); errors.As(err, &typeErr) {
			messages = typeErr.Errors
		}
		for _, m := range messages {
			line := 1
			if at := yamlLineRE.FindString(m); at != "" {
				_, _ = fmt.Sscanf(strings.TrimPrefix(at, "yaml: "), "line %d", &line)
				m = m[len(at):]
			}
			// The names of Go types mean nothing to an editor.
			m = yamlTypeRE.ReplaceAllStringFunc(m, func(s string) string {
				if strings.Contains(s, "not found") {
					return " is unknown"
				}
				return " into what is expected here"
			})
			ld.fault(file, line, "%s", m)
		}
	}
	var root yaml.Node
	lines := map[string]int{}
	if yaml.Unmarshal([]byte(text), &root) == nil {
		places(&root, "", lines)
	}
	return lines
}

func places(n *yaml.Node, prefix string, lines map[string]int) {
	for i, child := range n.Content {
		switch {
		case n.Kind == yaml.DocumentNode:
			places(child, prefix, lines)
		case n.Kind == yaml.SequenceNode:
			lines[prefix+child.Value] = child.Line
		case n.Kind == yaml.MappingNode && i%2 == 1:
			key := n.Content[i-1]
			lines[prefix+key.Value] = key.Line
			places(child, prefix+key.Value+".", lines)
		}
	}
}

const factsFile = "facts.yaml"

func (ld *loader) readFacts() {
	if text, ok := ld.read(factsFile); ok {
		ld.factLines = ld.yaml(factsFile, text, &ld.facts)
	}
	if len(ld.faults) > 0 && (len(ld.facts.Facts) == 0 || len(ld.facts.Sources) == 0) {
		ld.noFacts = true
		return
	}
	for id, s := range ld.facts.Sources {
		for _, reason := range s.faults() {
			ld.fault(factsFile, ld.factLines["sources."+id], "source %q: %s", id, reason)
		}
	}
	for id, f := range ld.facts.Facts {
		reasons := f.faults()
		if _, ok := ld.facts.Sources[f.Source]; !ok {
			reasons = append(reasons, fmt.Sprintf("source %q is unknown", f.Source))
		}
		for _, reason := range reasons {
			ld.fault(factsFile, ld.factLines["facts."+id], "fact %q: %s", id, reason)
		}
		if len(reasons) > 0 {
			f.faulty = true
			ld.facts.Facts[id] = f
		}
		ld.used["sources."+f.Source] = true
	}
}

const (
	articleSuffix   = ".md"
	questionsSuffix = ".questions.txt"
)

// topicRE keeps a topic short enough for the data of a button.
var topicRE = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const maxTopic = 40

func (ld *loader) readLanguage(tag string) {
	dir := path.Join(tag, "articles")
	entries, err := fs.ReadDir(ld.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		ld.fault(dir, 1, "cannot be read: %v", err)
	}
	questions := map[string][]string{}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		if topic, ok := strings.CutSuffix(e.Name(), articleSuffix); ok {
			if !topicRE.MatchString(topic) || len(topic) > maxTopic {
				ld.fault(file, 1, "a topic is lower-case words joined by hyphens, of at most %d characters", maxTopic)
			}
			ld.articles[articleID{tag, topic}] = ld.readArticle(file, tag, topic)
		} else if topic, ok := strings.CutSuffix(e.Name(), questionsSuffix); ok {
			questions[topic] = ld.readQuestions(file)
		} else {
			ld.fault(file, 1, "is neither <topic>%s nor <topic>%s", articleSuffix, questionsSuffix)
		}
	}
	for topic, list := range questions {
		if d := ld.articles[articleID{tag, topic}]; d != nil {
			d.Questions = list
		} else {
			ld.fault(path.Join(dir, topic+questionsSuffix), 1, "there is no article %s%s", topic, articleSuffix)
		}
	}
	for id, d := range ld.articles {
		if _, ok := questions[id.topic]; !ok && id.lang == tag {
			ld.fault(d.file, 1, "there is no file %s%s", id.topic, questionsSuffix)
		}
	}
	if file := path.Join(tag, otherFile); exists(ld.fsys, file) {
		ld.other[tag] = ld.readQuestions(file)
	}
}

// otherFile holds questions off the subject. A language may do without: then
// the search in it is worse at saying that it does not know.
const otherFile = "other" + questionsSuffix

func exists(fsys fs.FS, file string) bool {
	_, err := fs.Stat(fsys, file)
	return !errors.Is(err, fs.ErrNotExist)
}

func (ld *loader) readQuestions(file string) (list []string) {
	text, ok := ld.read(file)
	if !ok {
		return nil
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case locale.Fold(line) == "":
			ld.fault(file, i+1, "the question has no words")
		default:
			list = append(list, line)
		}
	}
	if len(list) == 0 {
		ld.fault(file, 1, "there is no question")
	}
	return list
}

func (ld *loader) readArticle(file, tag, topic string) *draft {
	d := &draft{file: file, Article: Article{Topic: topic, Lang: tag}}
	var f front
	ld.readDraft(d, &f, func() front { return f })
	return d
}

// readDraft reads the file of d. The front matter goes into into; common then
// gives the part of it that all texts have.
func (ld *loader) readDraft(d *draft, into any, common func() front) {
	file := d.file
	text, ok := ld.read(file)
	if !ok {
		return
	}
	head, body, ok := strings.Cut(text, "\n---\n")
	if !ok || !strings.HasPrefix(text, "---\n") {
		ld.fault(file, 1, "the front matter between two lines --- is missing")
		return
	}
	d.lines = ld.yaml(file, head, into)
	d.front = common()
	d.Title, d.Reviewed, d.Machine, d.Related = strings.TrimSpace(d.front.Title), day(d.front.Reviewed), d.front.Status == "machine", d.front.Related
	if d.Title == "" {
		ld.fault(file, d.lines["title"], "title is missing")
	} else if what := figure(d.Title); what != "" || strings.Contains(d.Title, "{{") {
		ld.fault(file, d.lines["title"], "a title holds no figures and no facts")
	}
	for _, reason := range dayFaults("reviewed", d.front.Reviewed) {
		ld.fault(file, d.lines["reviewed"], "%s", reason)
	}
	if s := d.front.Status; s != "machine" && s != "reviewed" {
		ld.fault(file, d.lines["status"], "status %q is neither machine nor reviewed", s)
	}
	for _, id := range d.front.Sources {
		ld.addSource(d, id, d.lines["sources."+id])
	}
	d.Body = ld.body(d, body, strings.Count(head, "\n")+3)
}

func (ld *loader) addSource(d *draft, id string, line int) {
	ld.used["sources."+id] = true
	s, ok := ld.facts.Sources[id]
	if !ok {
		if !ld.noFacts {
			ld.fault(d.file, line, "source %q is unknown", id)
		}
	} else if !slices.ContainsFunc(d.Sources, func(s Source) bool { return s.ID == id }) {
		d.Sources = append(d.Sources, Source{ID: id, Label: s.Label, URL: s.URL, AsOf: s.AsOf, Retrieved: day(s.Retrieved)})
	}
}

var (
	actionRE = regexp.MustCompile(`\{\{.*?\}\}`)
	factRE   = regexp.MustCompile(`^\{\{\s*fact\s+"([^"]*)"\s*\}\}$`)
	linkRE   = regexp.MustCompile(`\]\((mailto:|tel:)?$`)
)

// body checks the lines of a body, fills in the facts and joins the lines of
// each paragraph and of each list item, so that an editor may break them anywhere.
func (ld *loader) body(d *draft, text string, first int) string {
	var out strings.Builder
	start := true // of a paragraph
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			start = true
			continue
		}
		if strings.HasPrefix(line, "#") {
			ld.fault(d.file, first+i, "there are no headings in an article")
		}
		if what := figure(actionRE.ReplaceAllString(line, " ")); what != "" {
			ld.fault(d.file, first+i, "%q is written by hand: put it into %s and name it as a fact", what, factsFile)
		}
		item, isItem := strings.CutPrefix(line, "- ")
		switch {
		case out.Len() == 0:
		case start:
			out.WriteString("\n\n")
		case isItem:
			out.WriteString("\n")
		default:
			out.WriteString(" ")
		}
		if isItem {
			out.WriteString("• ")
			line = item
		}
		start = false
		out.WriteString(ld.fill(d, line, first+i))
	}
	body := out.String()
	if body == "" {
		ld.fault(d.file, first, "there is no text")
	}
	for _, run := range richtext.Parse(body) {
		for _, sign := range []string{"**", "]("} {
			if strings.Contains(run.Text, sign) {
				ld.fault(d.file, first, "%q stands alone: the bold text or the link is not complete", sign)
			}
		}
	}
	return body
}

// fill puts the facts into one line.
func (ld *loader) fill(d *draft, line string, at int) string {
	var out strings.Builder
	rest := line
	for {
		span := actionRE.FindStringIndex(rest)
		text := rest
		if span != nil {
			text = rest[:span[0]]
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
			ld.fault(d.file, at, "{{ and }} do not match")
		}
		out.WriteString(text)
		if span == nil {
			return out.String()
		}
		action := rest[span[0]:span[1]]
		rest = rest[span[1]:]
		m := factRE.FindStringSubmatch(action)
		if m == nil {
			ld.fault(d.file, at, "%s is not like {{fact \"id\"}}", action)
			continue
		}
		out.WriteString(ld.fact(d, m[1], linkRE.FindStringSubmatch(text), at))
	}
}

// fact writes a fact for an article. link is nil unless it is the address of a link.
func (ld *loader) fact(d *draft, id string, link []string, at int) string {
	f, ok := ld.facts.Facts[id]
	switch {
	case !ok && !ld.noFacts:
		ld.fault(d.file, at, "fact %q is unknown", id)
	case link != nil && ok && !f.faulty:
		if address, ok := f.address(link[1]); ok {
			ld.cite(d, id, f, at)
			return address
		}
		ld.fault(d.file, at, "fact %q of kind %s cannot be the address of this link", id, f.Kind)
	case ok && !f.faulty:
		ld.cite(d, id, f, at)
		return f.text(ld.cat.Printer(d.Lang))
	}
	ld.used["facts."+id] = true
	return "https://reported" // keeps the rest of the line readable as markup
}

// cite notes that an article uses a fact.
func (ld *loader) cite(d *draft, id string, f fact, at int) {
	ld.used["facts."+id] = true
	if !slices.Contains(d.Facts, id) {
		d.Facts = append(d.Facts, id)
	}
	ld.addSource(d, f.Source, at)
	if by := day(f.ReviewBy); d.ReviewBy.IsZero() || by.Before(d.ReviewBy) {
		d.ReviewBy = by
	}
}

var (
	signRE    = regexp.MustCompile(`[€$£%٪]`)
	addressRE = regexp.MustCompile(`(?i)(https?://|www\.)\S*|\S+@\S+|\b[a-z0-9-]+\.(de|org|com|net|eu|info)\b`)
	digitsRE  = regexp.MustCompile(`\+?\p{Nd}+([.,:/ \x{a0}-]?\p{Nd}+)*`)
)

// figure returns the first thing in s that belongs into facts.yaml: a sum, a
// percentage, a number, a date, a telephone number or an address. Digits that
// are part of a word (B1, 16d), of a section of a law (§ 44) or that number a
// line of a list are none.
func figure(s string) string {
	if m := addressRE.FindString(s); m != "" {
		return m
	}
	for _, span := range digitsRE.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:span[0]], " \u00a0"))
		adjacent, _ := utf8.DecodeLastRuneInString(s[:span[0]])
		after, _ := utf8.DecodeRuneInString(s[span[1]:])
		numbersLine := span[0] == 0 && strings.HasPrefix(s[span[1]:], ". ")
		if before != '§' && !numbersLine && !unicode.IsLetter(adjacent) && !unicode.IsLetter(after) {
			return s[span[0]:span[1]]
		}
	}
	return signRE.FindString(s)
}

// checkFolders finds articles of a language that there is not.
func (ld *loader) checkFolders() {
	dirs, err := fs.Glob(ld.fsys, "*/articles")
	if err != nil {
		ld.fault(".", 1, "cannot be read: %v", err)
	}
	talks, _ := fs.Glob(ld.fsys, "*/talk") // the pattern is right
	for _, dir := range append(dirs, talks...) {
		if _, ok := ld.cat.Language(path.Dir(dir)); !ok {
			ld.fault(dir, 1, "%q is not the tag of a language", path.Dir(dir))
		}
	}
}

// checkArticles compares the articles with each other.
func (ld *loader) checkArticles() {
	asked := map[[2]string]*draft{} // language and folded question
	for _, d := range ld.sorted() {
		if ld.articles[articleID{ld.reference, d.Topic}] == nil {
			ld.fault(d.file, 1, "there is no %s/articles/%s%s, which every topic needs", ld.reference, d.Topic, articleSuffix)
		}
		for _, topic := range d.Related {
			if topic == d.Topic || ld.articles[articleID{ld.reference, topic}] == nil {
				ld.fault(d.file, d.lines["related."+topic], "related topic %q is not another article", topic)
			}
		}
		for _, q := range d.Questions {
			key := [2]string{d.Lang, locale.Fold(q)}
			if other := asked[key]; other != nil && other != d {
				ld.fault(strings.TrimSuffix(d.file, articleSuffix)+questionsSuffix, 1, "question %q belongs to topic %s already", q, other.Topic)
			}
			asked[key] = d
		}
	}
	for lang, list := range ld.other {
		for _, q := range list {
			if d := asked[[2]string{lang, locale.Fold(q)}]; d != nil {
				ld.fault(path.Join(lang, otherFile), 1, "question %q belongs to topic %s already", q, d.Topic)
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
			ld.fault(factsFile, ld.factLines["facts."+id], "fact %q is used nowhere", id)
		}
	}
	for id := range ld.facts.Sources {
		if !ld.used["sources."+id] {
			ld.fault(factsFile, ld.factLines["sources."+id], "source %q is used nowhere", id)
		}
	}
}

// sorted returns the articles in the order of their files.
func (ld *loader) sorted() []*draft {
	var list []*draft
	for _, d := range ld.articles {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *draft) int { return cmp.Compare(a.file, b.file) })
	return list
}

func (ld *loader) library() *Library {
	l := &Library{chains: map[string][]string{"": {ld.reference}}, articles: map[articleID]Article{}, other: ld.other, talks: map[articleID]TalkText{}, aspects: ld.aspects, cues: ld.cues}
	for _, language := range ld.cat.Languages() {
		l.chains[language.Tag] = slices.Concat([]string{language.Tag}, language.Fallback, []string{ld.reference})
	}
	for _, d := range ld.sorted() {
		l.articles[articleID{d.Lang, d.Topic}] = d.Article
		original := ld.articles[articleID{ld.reference, d.Topic}]
		if d == original {
			l.topics = append(l.topics, d.Topic)
		} else if d.Reviewed.Before(original.Reviewed) {
			l.stale = append(l.stale, Stale{d.file, d.lines["reviewed"], d.Topic, original.Reviewed})
		}
	}
	for _, d := range ld.sortedTalks() {
		l.talks[articleID{d.Lang, d.Topic}] = d.finished()
		if original := ld.talks[articleID{ld.reference, d.Topic}]; d.Reviewed.Before(original.Reviewed) {
			l.stale = append(l.stale, Stale{d.file, d.lines["reviewed"], d.Topic, original.Reviewed})
		}
	}
	for id, f := range ld.facts.Facts {
		l.stale = append(l.stale, Stale{factsFile, ld.factLines["facts."+id], id, day(f.ReviewBy).AddDate(0, 0, 1)})
	}
	slices.SortFunc(l.stale, func(a, b Stale) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return l
}
