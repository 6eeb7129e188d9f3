package library

import (
	"maps"
	"path"
	"slices"
	"strings"

	"iqbot/internal/content"
)

// topicFile is topics.yaml.
type topicFile struct {
	Topics map[string]topic `yaml:"topics"`
	// Aspects are what can be asked of any topic. Where a question has words of
	// several, the first in the file is meant.
	Aspects []Aspect `yaml:"aspects"`
}

// topic is what is the same of an article in all languages.
type topic struct {
	// Sources are those of the statements; figures bring their own.
	Sources []string `yaml:"sources"`
	// Related are topics to read next.
	Related []string `yaml:"related"`
}

func (ld *loader) readTopics() {
	ld.topicsDoc = ld.YAML(topicsFile, &ld.topics)
	ld.aspects = map[string]int{}
	for i, a := range ld.topics.Aspects {
		if _, twice := ld.aspects[a.ID]; twice || !topicRE.MatchString(a.ID) {
			ld.topicsDoc.Fault(content.Path{"aspects", i}, "the id %q is there already, or not lower-case words joined by hyphens", a.ID)
		}
		ld.aspects[a.ID] = i
	}
	for name, t := range ld.topics.Topics {
		ld.checkSources(ld.topicsDoc, content.Path{"topics", name, "sources"}, t.Sources)
	}
}

// checkSources finds sources that there are not; the others are used.
func (ld *loader) checkSources(doc *content.Document, at content.Path, sources []string) {
	for _, id := range sources {
		ld.use("sources", id)
		if _, ok := ld.facts.Sources[id]; !ok && !ld.noFacts {
			doc.Fault(append(slices.Clone(at), id), "source %q is unknown", id)
		}
	}
}

// checkTopics compares the articles of the languages, topics.yaml and facts.yaml.
func (ld *loader) checkTopics() {
	there := func(topic string) bool { return ld.original().articles[topic] != nil }
	for _, s := range ld.shelves {
		for topic, d := range s.articles {
			if !there(topic) {
				ld.Fault(d.file, 1, "there is no %s, which every topic needs", path.Join(ld.reference, "articles", topic+articleSuffix))
			}
		}
	}
	for name := range ld.original().articles {
		if _, ok := ld.topics.Topics[name]; !ok && ld.topicsDoc.OK() {
			ld.topicsDoc.Fault(content.Path{"topics"}, "the topic %q is missing, which has articles", name)
		}
	}
	for name, t := range ld.topics.Topics {
		if !there(name) {
			ld.topicsDoc.Fault(content.Path{"topics", name}, "there is no article %q", name)
		}
		for _, other := range t.Related {
			if other == name || !there(other) {
				ld.topicsDoc.Fault(content.Path{"topics", name, "related", other}, "related topic %q is not another article", other)
			}
		}
	}
	for i, a := range ld.topics.Aspects {
		ld.checkAspect(a, content.Path{"aspects", i}, there)
	}
}

// checkAspect finds topics and facts that there are not.
func (ld *loader) checkAspect(a Aspect, at content.Path, there func(topic string) bool) {
	fault := func(format string, args ...any) {
		ld.topicsDoc.Fault(at, "aspect %q: "+format, append([]any{a.ID}, args...)...)
	}
	if (a.Article == "") != a.Contacts {
		fault("it has either an article or contacts: true")
	}
	topics := slices.Concat(slices.Sorted(maps.Keys(a.Instead)), slices.Sorted(maps.Values(a.Instead)))
	if a.Article != "" {
		topics = append(topics, a.Article)
	}
	for _, topic := range topics {
		if !there(topic) {
			fault("there is no article %q", topic)
		}
	}
	for _, prefix := range a.Facts {
		found := false
		for id := range ld.facts.Facts {
			found = found || strings.HasPrefix(id, prefix)
		}
		if !found && !ld.noFacts {
			fault("no fact begins with %q", prefix)
		}
	}
}
