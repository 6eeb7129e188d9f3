// Package desk is what staff do, whatever they hold in their hand: it lists the
// questions that people left for the editors, sends answers, drops questions,
// and tells which articles help. The commands of iqbot are one face of it.
//
// # Privacy
//
// What is listed never leads to a person: of a question there are its words, from
// which names and numbers are taken out as far as a program finds them, the day,
// and whether an answer is wanted. The chat stays in here.
package desk

import (
	"context"
	"sync"
	"time"

	"iqbot/bot"
	"iqbot/internal/similar"
)

// Store is where the questions and ratings are. Implementations are safe for
// concurrent use, and every method may block on the network until ctx ends.
type Store interface {
	// Questions returns the newest questions, at most n, the newest first.
	// Unreadable is how many more cannot be opened.
	Questions(ctx context.Context, n int) (list []bot.KeptQuestion, unreadable int, err error)
	// Answer ends a question and, if messages are given and the person's dialogue
	// is still kept, sends them: sent says whether. Of several that answer at once
	// one does; the others get bot.ErrNoQuestion.
	Answer(ctx context.Context, q bot.KeptQuestion, messages []bot.Message) (sent bool, err error)
	// Load returns the dialogue of a chat, see bot.Store.
	Load(ctx context.Context, chat bot.ChatID) (bot.Session, error)
	// Ratings returns the counts of all articles that were rated, by topic and language.
	Ratings(ctx context.Context) ([]bot.Rated, error)
}

// Options say what a [Desk] works with.
type Options struct {
	Store Store
	// Content returns the content as it is now.
	Content func() *bot.Content
	// Prepare splits a message as the channel of the chat needs it, see
	// bot.Channel. The error says why that channel cannot be written to.
	Prepare func(chat bot.ChatID, m bot.Message) ([]bot.Message, error)
	// Now is the clock. If nil, time.Now.
	Now func() time.Time
}

// Desk is safe for concurrent use, by any number of people and processes.
type Desk struct {
	o Options

	mu       sync.Mutex
	content  *bot.Content               // whose rarities are below
	rarities map[string]*similar.Rarity // by language
}

// New returns a desk.
func New(o Options) *Desk {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{o: o}
}

// rarity says how much the letters of a language tell. It is made of thousands
// of phrasings, so it is kept for as long as the content is the same.
func (d *Desk) rarity(content *bot.Content, lang string) *similar.Rarity {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.content != content {
		d.content, d.rarities = content, map[string]*similar.Rarity{}
	}
	if d.rarities[lang] == nil {
		d.rarities[lang] = similar.NewRarity(content.Phrasings(lang))
	}
	return d.rarities[lang]
}
