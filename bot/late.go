package bot

import (
	"cmp"
	"time"

	"iqbot/internal/flow"
	"iqbot/internal/locale"
)

// lateCase begins the message ids of what tells a person that a case is late. No
// update has such an id.
const lateCase = "late:"

// Late are the messages that tell a person, in lang or else in the language of the
// case, that no advisor has heard of it yet, and whom they can ask meanwhile: the
// same addresses as when it was opened. They have the same ids each time.
func (c *Content) Late(k Case, lang string, now time.Time) []Message {
	d := &Dialogue{Content: c}
	b := d.reply(flow.State{Language: cmp.Or(lang, k.Language)}, c.visit(Update{ID: UpdateID(lateCase + string(k.ID)), Chat: k.Chat}), now)
	b.paragraph(b.p.Text(msgLate, locale.Params{"Number": string(k.ID)}))
	b.contacts(map[string]string{"topic": talkToHuman, "place": c.placeNamed(k.Place), "land": flow.LandHome})
	b.row(b.button(msgMenu, flow.FlowData(flow.Home)))
	b.flush()
	b.number()
	return b.out.Messages
}

// placeNamed is the id of the place that a case names, "" if the directory does not have it any more.
func (c *Content) placeNamed(name string) string {
	if name == "" {
		return ""
	}
	for _, o := range c.lookups[lookupPlace].Find(name, "") {
		if o.Label == name {
			return o.ID
		}
	}
	return ""
}
