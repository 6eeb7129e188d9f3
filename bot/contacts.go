package bot

import (
	"strings"

	"iqbot/internal/flow"
	"iqbot/internal/locale"
	"iqbot/internal/network"
	"iqbot/internal/richtext"
)

// talkToHuman is the topic of those contact points that advise.
const talkToHuman = "talk-to-human"

// contacts shows the addresses that fit, and always the nationwide ones beside them.
func (b *reply) contacts(args map[string]string) {
	q := network.Query{Topics: []string{args["topic"]}, Land: args["land"], Abroad: args["abroad"] != "", Limit: maxCards}
	if args["topic"] == "" {
		q.Topics = []string{talkToHuman}
	}
	if place := args["place"]; strings.HasPrefix(place, "DE-") {
		q.Land = place
	} else if place != "" {
		q.District, q.Land = place, flow.LandHome
	}
	if q.Land == flow.LandHome {
		q.Land = b.d.Content.Directory.HomeLand()
	}
	found := b.d.Content.Directory.Contacts(q)
	if len(found.Local) > 0 {
		b.message(msgLocal)
		for _, c := range found.Local {
			b.card(c)
		}
		b.message(msgNationwide)
	} else {
		b.message(msgNationwideOnly)
	}
	for _, c := range found.Nationwide[:min(len(found.Nationwide), maxNationwide)] {
		b.card(c)
	}
}

func (b *reply) card(c network.Contact) {
	b.finished(b.d.Content.card(b.p, c, c.Old(b.now)))
}

// card is one contact: what is known of it, a line each, and how old it is.
func card(p *locale.Printer, c network.Contact, old bool) string {
	lines := []string{"**" + richtext.Escape(p.Isolate(c.Name)) + "**"}
	add := func(id string, params locale.Params) { lines = append(lines, p.Text(id, params)) }
	if address := strings.TrimSpace(join(", ", c.Street, join(" ", c.Postcode, c.City))); address != "" && c.Street != "" {
		lines = append(lines, richtext.Escape(p.Isolate(address)))
	} else if c.City != "" {
		lines = append(lines, richtext.Escape(p.Isolate(c.City)))
	}
	if c.Email != "" {
		add(msgEmail, locale.Params{"Email": link(c.Email, "mailto:"+c.Email)})
	}
	if c.Phone != "" {
		add(msgPhone, locale.Params{"Phone": link(c.Phone, "tel:"+dial(c.Phone))})
	}
	if c.Website != "" {
		add(msgWebsite, locale.Params{"Website": link(c.Website, c.Website)})
	}
	if c.OpeningHours != "" {
		add(msgHours, locale.Params{"Hours": c.OpeningHours})
	}
	if len(c.Languages) > 0 {
		var names []string
		for _, tag := range c.Languages {
			names = append(names, p.LanguageName(tag))
		}
		add(msgLanguages, locale.Params{"Languages": locale.Markup(strings.Join(names, p.Text(msgListSeparator, nil)))})
	}
	switch {
	case !c.Checked.IsZero():
		add(msgChecked, locale.Params{"Date": locale.Markup(p.Date(c.Checked))})
	case c.AsOf == "" || c.AsOf == "undated":
		add(msgContactUndated, nil)
	case old:
		add(msgContactOld, locale.Params{"Date": locale.Markup(p.AsOf(c.AsOf))})
	default:
		add(msgContactAsOf, locale.Params{"Date": locale.Markup(p.AsOf(c.AsOf))})
	}
	return strings.Join(lines, "\n")
}

// link is a tappable address. Isolates are left to Finish, which keeps a label
// equal to its address.
func link(label, address string) locale.Markup {
	return locale.Markup("[" + richtext.Escape(label) + "](" + address + ")")
}

// dial is a phone number as a device dials it.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}
