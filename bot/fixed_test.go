package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"iqbot/flows"
	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/network"
	"iqbot/internal/richtext"
	"iqbot/locales"
)

// What is kept is what a message that is finished and parsed as a whole says,
// in every language and when it is asked for again.
func TestFixedTextsAreWhatIsRenderedAnew(t *testing.T) {
	c, err := LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for range 2 {
		for _, l := range c.Catalog.Languages() {
			p := c.Catalog.Printer(l.Tag)
			check := func(what string, got richtext.Text, markup ...string) {
				t.Helper()
				if want := finished(p, strings.Join(markup, "\n\n")); !slices.Equal(got, want) {
					t.Errorf("%s, %s: %+v, want %+v", l.Tag, what, got, want)
				}
			}
			for _, topic := range c.Articles.Topics() {
				a, _ := c.Articles.Article(topic, l.Tag)
				parts := []string{"**" + richtext.Escape(a.Title) + "**", a.Body}
				if s := sources(p, a.Sources); s != "" {
					parts = append(parts, s)
				}
				check(topic, richtext.Join(c.article(p, a), c.sources(p, a)), parts...)
			}
			for _, id := range c.messages() {
				if got, ok := c.message(p, id); ok {
					check(id, got, p.Text(id, nil))
				}
				words, want := c.label(p, id), richtext.Parse(p.Text(id, nil)).Plain()
				if folded := c.fixed.fold(words); words != want || folded != locale.Fold(want) {
					t.Errorf("%s, label %s: %q and folded %q, want %q", l.Tag, id, words, folded, want)
				}
			}
			for _, contact := range c.Directory.Contacts(network.Query{Topics: []string{"costs"}, Land: c.Directory.HomeLand()}).Nationwide {
				for _, old := range []bool{contact.Old(now), !contact.Old(now)} {
					check(contact.ID, c.card(p, contact, old), card(p, contact, old))
				}
			}
		}
	}
}

// Nothing that a person wrote is kept beside the content.
func TestFixedTextsHoldNoWordsOfAPerson(t *testing.T) {
	c, err := LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "Geheimniswort"
	d := &Dialogue{Content: c, Advisors: true, NewCase: NewCaseID}
	st := flow.State{}
	for _, in := range []flow.Input{
		flow.ParseTyped("/start lang-de"), flow.ParseTyped(secret), flow.ParseTyped("/" + secret), flow.ParseTyped("Was kostet die " + secret + "?"),
		{Kind: flow.KindButton, Text: flow.FlowData("handoff")}, flow.ParseTyped(secret),
	} {
		out, err := d.Step(st, Update{ID: "1", Chat: "telegram:1", Input: in, Username: "@" + secret}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		st = out.State
	}
	if len(c.fixed.texts) == 0 {
		t.Error("nothing is kept")
	}
	for words := range c.fixed.folds {
		if strings.Contains(words, secret) {
			t.Error("what a person wrote is kept folded")
		}
	}
	for k, v := range c.fixed.texts {
		if strings.Contains(strings.ToLower(k.id+v.words+v.text.Plain()), strings.ToLower(secret)) {
			t.Errorf("%v: holds what a person wrote", k)
		}
	}
}
