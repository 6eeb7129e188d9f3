package bot

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"iqbot/internal/answer"
	"iqbot/internal/content"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/network"
	"iqbot/internal/richtext"
)

// Content is all that staff, translators and editors change, read and checked
// as one. It is immutable and safe for concurrent use.
type Content struct {
	Flows     *flow.Definition
	Catalog   *locale.Catalog
	Articles  *answer.Library
	Directory *network.Directory
	// Index finds the articles for questions.
	Index *answer.Index

	words         map[string]string // folded word -> command
	lookups       map[string]flow.Lookup
	otherMessages []string
	periods       answer.Periods
	fixed         fixedTexts
}

// The names that flow files may use of this package.
const (
	OptionLanguages = "languages" // the languages, by their own names
	FlagAdvisors    = "advisors"  // somebody is told about a case
	FlagUsername    = "username"  // the person has a public name on the platform
)

// maxTitle is the longest title of an article or name of a profession, in
// characters: as the label of a button, more would be cut (telegram.MaxLabel).
const maxTitle = 64

// typedCommands are the commands that have words of their own in each language,
// and the buttons "yes" and "no": the message "words.<command>" lists them,
// parted by "|".
var typedCommands = []string{"menu", "cancel", "help", "human", "language", "delete", "privacy", "back", "yes", "no"}

// The folders of the content, as faults name its files.
const (
	FolderFlows     = "flows"
	FolderLocales   = "locales"
	FolderDirectory = "directory"
)

// LoadContent reads flows, locales and the directory and checks them against
// each other. Its periods are those of settings that say nothing, see
// [Content.WithPeriods]; confirmed are the contacts that the operator has checked,
// otherMessages those that other packages need. The error names every defect, one
// a line, with its file.
func LoadContent(flowFS, localeFS, directoryFS fs.FS, confirmed map[string]time.Time, otherMessages []string) (*Content, error) {
	catalog, err := locale.Load(localeFS)
	if err != nil {
		return nil, content.In(FolderLocales, err) // nothing else can be checked without the texts
	}
	var (
		articles                                       *answer.Library
		directory                                      *network.Directory
		flows                                          *flow.Definition
		inArticles, inDirectory, inFlows, notConfirmed error
		group                                          sync.WaitGroup
	)
	group.Go(func() { articles, inArticles = answer.Load(localeFS, catalog) })
	group.Go(func() {
		if directory, inDirectory = network.Load(directoryFS); inDirectory == nil {
			directory, notConfirmed = directory.Confirm(confirmed)
		}
	})
	group.Go(func() { flows, inFlows = flow.Parse(flowFS, FlowLists()) })
	group.Wait()
	if err := content.Join(
		content.In(FolderFlows, inFlows), content.In(FolderLocales, inArticles), content.In(FolderDirectory, inDirectory), notConfirmed,
	); err != nil {
		return nil, err
	}

	c := &Content{Flows: flows, Catalog: catalog, Articles: articles, Directory: directory, lookups: lookupsOf(directory), otherMessages: otherMessages, periods: answer.DefaultPeriods()}
	reference := catalog.Printer("")
	inTexts := slices.Concat(catalog.Check(c.messages()), catalog.CheckLengths(c.limits()), c.checkButtons(), c.checkPeriods())
	inFlows = flows.CheckReferences(flow.References{
		Message: reference.Has,
		Topic: func(topic string) bool {
			_, ok := articles.Article(topic, reference.Language().Tag)
			return ok
		},
		Placeholders: catalog.Placeholders,
		Given:        append(slices.Collect(maps.Keys(periodOf)), paramTextStatus),
	})
	words, inWords := typedWords(catalog)
	if err := content.Join(content.In(FolderFlows, inFlows), slices.Concat(inTexts, inWords).In(FolderLocales)); err != nil {
		return nil, err
	}
	c.Index = answer.NewIndex(articles)
	c.words = words
	return c, nil
}

// checkButtons finds what does not fit on a button or into its data.
func (c *Content) checkButtons() (faults content.Faults) {
	for _, l := range c.Catalog.Languages() {
		for _, topic := range c.Articles.Topics() {
			a, ok := c.Articles.Article(topic, l.Tag)
			if n := utf8.RuneCountInString(a.Title); ok && n > maxTitle {
				faults = append(faults, content.Fault{
					File:   path.Join(a.Lang, "articles", topic+".md"),
					Reason: fmt.Sprintf("the title has %d characters, but it is also the label of a button: at most %d", n, maxTitle),
				})
			}
		}
		if n := len(flow.LanguageData(l.Tag)); n > flow.MaxData {
			faults = append(faults, content.Fault{File: l.Tag, Reason: fmt.Sprintf("the button that changes to it carries %d bytes, the limit is %d", n, flow.MaxData)})
		}
	}
	return faults
}

// Confirm returns the same content with other contacts that the operator has
// checked. Both have one index.
func (c *Content) Confirm(confirmed map[string]time.Time) (*Content, error) {
	directory, err := c.Directory.Confirm(confirmed)
	if err != nil {
		return nil, err
	}
	with := c.copied()
	with.Directory, with.lookups = directory, lookupsOf(directory)
	return with, nil
}

// copied is the same content, in which something else may be put before it is
// used: texts that were finished for the one are not kept for the other.
func (c *Content) copied() *Content {
	return &Content{
		Flows: c.Flows, Catalog: c.Catalog, Articles: c.Articles, Directory: c.Directory, Index: c.Index,
		lookups: c.lookups, words: c.words, otherMessages: c.otherMessages, periods: c.periods,
	}
}

// limits are the longest lengths of the messages that stand where room is short.
func (c *Content) limits() map[string]int {
	limits := map[string]int{msgContinue: maxTitle, msgDescription: 512, msgShortDescription: 120} // Bot API, setMyDescription, setMyShortDescription
	for _, command := range MenuCommands {
		limits["command."+command] = 256 // Bot API, BotCommand, field description
	}
	for _, label := range c.Flows.Labels() {
		limits[label] = maxTitle
	}
	return limits
}

// Phrasings are the ways in which people ask for the articles of a language.
func (c *Content) Phrasings(lang string) []string {
	var all []string
	for _, topic := range c.Articles.Topics() {
		if a, ok := c.Articles.Article(topic, lang); ok && a.Lang == lang {
			all = append(all, a.Questions...)
		}
	}
	return all
}

// Unused lists the messages of the reference language that nothing shows.
func (c *Content) Unused() content.Faults {
	return c.Catalog.Unused(c.messages()).In(FolderLocales)
}

// Words returns a message in a language, without markup; "" if there is none.
func (c *Content) Words(id, lang string) string {
	return richtext.Parse(c.Catalog.Printer(lang).Text(id, nil)).Plain()
}

// messages lists every message id that flows or code use.
func (c *Content) messages() []string {
	ids := append(c.Flows.Messages(), flow.EngineMessages()...)
	ids = append(ids, ownMessages...)
	ids = append(ids, c.otherMessages...)
	for _, command := range typedCommands {
		ids = append(ids, "words."+command)
	}
	for _, command := range MenuCommands {
		ids = append(ids, "command."+command)
	}
	return ids
}

// typedWords collects the words that stand for commands in any language. Two
// commands must not share one, in whatever languages.
func typedWords(catalog *locale.Catalog) (words map[string]string, faults content.Faults) {
	words = map[string]string{}
	for _, l := range catalog.Languages() {
		p := catalog.Printer(l.Tag)
		for _, command := range typedCommands {
			for word := range strings.SplitSeq(p.Text("words."+command, nil), "|") {
				word = locale.Fold(word)
				if word == "" {
					continue
				}
				if other, taken := words[word]; taken && other != command {
					faults = append(faults, content.Fault{
						File:   path.Join(l.Tag, "active."+l.Tag+".toml"),
						Reason: fmt.Sprintf("the word %q of words.%s stands for %s already", word, command, other),
					})
				}
				words[word] = command
			}
		}
	}
	return words, faults
}
