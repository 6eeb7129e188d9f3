// Package library holds the articles in all languages, the facts that they are
// built on, and what the rest of package answer learns from: how people ask, what
// is not our subject, small talk and crises. The layout of the files is told in
// package answer.
package library

import (
	"maps"
	"slices"
	"strings"
	"time"

	"iqbot/internal/answer/follow"
	"iqbot/internal/answer/hear"
	"iqbot/internal/answer/reading"
	"iqbot/internal/locale"
)

// Article is what is said on one topic in one language.
type Article struct {
	Topic string
	// Lang is the language of the texts; it may be another than was asked for.
	Lang string
	// Title is plain text, no markup.
	Title string
	// Body is richtext markup with the facts and the periods filled in.
	Body string
	// Periods are those that it names, none twice; if there are any, Unfilled is
	// Body before they were filled in.
	Periods  []string
	Unfilled string
	// Questions are ways of asking for the article, in Lang.
	Questions []string
	// Sources are those of the statements, then those of the figures, none twice.
	Sources []Source
	// Facts are the ids of its figures, none twice, in the order of the text.
	Facts []string
	// Related are topics to read next; each has an article.
	Related []string
	// Reviewed is the day on which the text was last checked.
	Reviewed time.Time
	// Machine says that no person has checked the text yet.
	Machine bool
	// ReviewBy is the earliest day on which one of its figures must be
	// checked. If zero, it has none that ages.
	ReviewBy time.Time
}

// Source is where a statement or a figure comes from.
type Source struct {
	ID    string
	Label string
	// URL is an absolute web address. If empty, the source has none.
	URL string
	// AsOf is the state of the source: "2026-07-05", "2026-07", "2026" or
	// "2015-2018". If empty, the source does not say.
	AsOf string
	// Retrieved is the day on which the source was read.
	Retrieved time.Time
}

// Talk is what is said to words that are no question: small talk, or a crisis.
type Talk struct {
	// Article holds the text; its Topic is the kind.
	Article
	// Crisis says that somebody may be in danger.
	Crisis bool
	// Buttons are what is offered below the text: ButtonHuman, ButtonMenu.
	Buttons []string
}

// The buttons below a text.
const (
	ButtonHuman = "human"
	ButtonMenu  = "menu"
)

// Aspect is something that can be asked of any topic, such as its costs.
type Aspect struct {
	ID string `yaml:"id"`
	// Article answers it in general. If empty, Contacts is true.
	Article string `yaml:"article"`
	// Contacts says that the addresses for the topic answer it.
	Contacts bool `yaml:"contacts"`
	// Facts are beginnings of ids of facts. An article with such a fact answers the aspect itself.
	Facts []string `yaml:"facts"`
	// Instead names, for topics to which Article does not apply, the one that does.
	Instead map[string]string `yaml:"instead"`
}

// Library is all articles of all languages. It is immutable and safe for
// concurrent use; callers must not change the slices it hands out.
type Library struct {
	topics   []string
	chains   map[string][]string // language -> itself, its fallbacks, the reference language
	articles map[ID]Article
	talks    map[ID]Talk
	other    map[string][]string // language -> questions off the subject
	aspects  []Aspect            // what can be asked of a topic, in order of preference
	cues     map[string]*follow.Cues
	stale    []Stale // all that can become stale, by place; Since says when
	ear      *hear.Ear
	grammar  *reading.Grammar
	cat      *locale.Catalog
}

// ID names an article in one language, or a text for small talk.
type ID struct{ Lang, Topic string }

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
	return inChain(l, l.articles, topic, lang)
}

// Talk returns what is said to words of a kind, with the fallbacks of
// [Library.Article]. It is false if there is no such kind.
func (l *Library) Talk(kind, lang string) (Talk, bool) { return inChain(l, l.talks, kind, lang) }

func inChain[T any](l *Library, texts map[ID]T, topic, lang string) (found T, ok bool) {
	chain, ok := l.chains[lang]
	if !ok {
		chain = l.chains[""]
	}
	for _, tag := range chain {
		if found, ok = texts[ID{tag, topic}]; ok {
			return found, true
		}
	}
	return found, false
}

// Languages returns the tags of the languages that have an article of their own, sorted.
func (l *Library) Languages() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(l.chains)), func(tag string) bool {
		return tag == "" || len(l.Missing(tag)) == len(l.topics)
	})
}

// Reference returns the language that has every article.
func (l *Library) Reference() string {
	if chain := l.chains[""]; len(chain) > 0 {
		return chain[0]
	}
	return ""
}

// Other returns questions in a language that are not our subject.
func (l *Library) Other(lang string) []string { return l.other[lang] }

// Aspects returns what can be asked of any topic; where a question has words of
// several, the first is meant.
func (l *Library) Aspects() []Aspect { return l.aspects }

// Cues returns the words of a language for a question that goes on; nil if there are none.
func (l *Library) Cues(lang string) *follow.Cues { return l.cues[lang] }

// Ear recognises small talk and crises; nil if there are none.
func (l *Library) Ear() *hear.Ear { return l.ear }

// Grammar is what a reader of questions must know of the languages.
func (l *Library) Grammar() *reading.Grammar { return l.grammar }

// Read takes a question or a message apart, up to limit bytes of it.
func (l *Library) Read(text string, limit int) reading.Text {
	return reading.New(l.grammar).Read(clip(text, limit))
}

// clip cuts text to at most limit bytes.
func clip(text string, limit int) string {
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}

// TalkKinds returns the kinds of small talk and crises, sorted.
func (l *Library) TalkKinds() []string {
	kinds := map[string]bool{}
	for id := range l.talks {
		kinds[id.Topic] = true
	}
	return slices.Sorted(maps.Keys(kinds))
}

// MissingTalk returns the kinds that have no text in lang itself, sorted.
func (l *Library) MissingTalk(lang string) []string {
	return slices.DeleteFunc(l.TalkKinds(), func(kind string) bool {
		_, ok := l.talks[ID{lang, kind}]
		return ok
	})
}

// Missing returns the topics that have no article in lang itself, sorted.
func (l *Library) Missing(lang string) []string {
	return slices.DeleteFunc(l.Topics(), func(topic string) bool {
		_, ok := l.articles[ID{lang, topic}]
		return ok
	})
}

// Stale returns the facts whose day of review has come before now, and the
// translations that were reviewed before the article they translate, by place.
func (l *Library) Stale(now time.Time) []Stale {
	return slices.DeleteFunc(slices.Clone(l.stale), func(s Stale) bool { return s.Since.After(now) })
}
