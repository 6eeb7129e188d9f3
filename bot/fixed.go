package bot

import (
	"sync"

	"iqbot/internal/answer"
	"iqbot/internal/locale"
	"iqbot/internal/network"
	"iqbot/internal/richtext"
)

// fixedTexts keeps what is the same for everybody in a language (messages
// without placeholders, articles with their sources, contact cards), finished
// and parsed, since most of what is said is made of it. It grows to the size of
// the content and no further: nothing that depends on a person is put in.
type fixedTexts struct {
	mu    sync.RWMutex
	texts map[fixedKey]fixedText
	folds map[string]string // the words of labels, as locale.Fold has them
}

type fixedKey struct {
	kind     fixedKind
	lang, id string
}

// fixedKind keeps the ids of different things apart.
type fixedKind int

const (
	fixedMessage fixedKind = iota
	fixedLabel
	fixedArticle
	fixedSources
	fixedCard
	fixedOldCard // says that it is old
)

// fixedText has either text or words.
type fixedText struct {
	text  richtext.Text // must not be changed
	words string        // without markup
}

// get returns what is kept under k, made by build if nothing is.
func (f *fixedTexts) get(k fixedKey, build func() fixedText) fixedText {
	f.mu.RLock()
	t, ok := f.texts[k]
	f.mu.RUnlock()
	if ok {
		return t
	}
	t = build() // perhaps twice at the same time, with the same outcome
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.texts == nil {
		f.texts, f.folds = map[fixedKey]fixedText{}, map[string]string{}
	}
	f.texts[k] = t
	if t.words != "" {
		f.folds[t.words] = locale.Fold(t.words)
	}
	return t
}

// fold is locale.Fold; each typed text is compared with the labels of all
// buttons that are shown, and these are known.
func (f *fixedTexts) fold(s string) string {
	f.mu.RLock()
	folded, ok := f.folds[s]
	f.mu.RUnlock()
	if ok {
		return folded
	}
	return locale.Fold(s)
}

// finished is markup ready to be sent.
func finished(p *locale.Printer, markup string) richtext.Text {
	return richtext.Parse(p.Finish(markup))
}

// message returns a message that is the same for everybody; ok is false if it
// has placeholders, or if p's language lacks it.
func (c *Content) message(p *locale.Printer, id string) (_ richtext.Text, ok bool) {
	markup, ok := p.Fixed(id)
	if !ok {
		return nil, false
	}
	return c.fixed.get(fixedKey{fixedMessage, p.Language().Tag, id}, func() fixedText {
		return fixedText{text: finished(p, markup)}
	}).text, true
}

// label returns the words of a message, without markup.
func (c *Content) label(p *locale.Printer, id string) string {
	markup, ok := p.Fixed(id)
	if !ok { // it may be missing, which is counted each time
		return richtext.Parse(p.Text(id, nil)).Plain()
	}
	return c.fixed.get(fixedKey{fixedLabel, p.Language().Tag, id}, func() fixedText {
		return fixedText{words: richtext.Parse(markup).Plain()}
	}).words
}

// article returns an article with its title.
func (c *Content) article(p *locale.Printer, a answer.Article) richtext.Text {
	return c.fixed.get(fixedKey{fixedArticle, p.Language().Tag, a.Topic}, func() fixedText {
		return fixedText{text: richtext.Join(finished(p, "**"+richtext.Escape(a.Title)+"**"), finished(p, a.Body))}
	}).text
}

// sources returns the sources of an article; nil if it has none.
func (c *Content) sources(p *locale.Printer, a answer.Article) richtext.Text {
	return c.fixed.get(fixedKey{fixedSources, p.Language().Tag, a.Topic}, func() fixedText {
		return fixedText{text: finished(p, sources(p, a.Sources))}
	}).text
}

// card returns what is known of a contact.
func (c *Content) card(p *locale.Printer, contact network.Contact, old bool) richtext.Text {
	kind := fixedCard
	if old {
		kind = fixedOldCard
	}
	return c.fixed.get(fixedKey{kind, p.Language().Tag, contact.ID}, func() fixedText {
		return fixedText{text: finished(p, card(p, contact, old))}
	}).text
}
