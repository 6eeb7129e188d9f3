package telegram

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"iqbot/internal/flow"
)

// wireWords are the fields of a message in which a person writes. Names of places, songs, games,
// invoices and of people in an address book are not theirs, nor is what they quote.
type wireWords struct {
	Text      string          `json:"text"`
	Caption   string          `json:"caption"`
	Rich      json.RawMessage `json:"rich_message"`
	Poll      json.RawMessage `json:"poll"`
	Checklist json.RawMessage `json:"checklist"`
}

// contents are the fields of a message that hold what a person sent beside
// words, each with what that is to a flow. The order matters: an animation comes with a
// document, a live photo with a photo, a venue with a location. What has none of them
// and no words is a service message, of this or a later version of the Bot API.
// Source: Bot API 10.1, Message.
var contents = []struct{ field, sent string }{
	{"animation", flow.SentSticker},
	{"audio", flow.SentRecording},
	{"live_photo", flow.SentPicture},
	{"photo", flow.SentPicture},
	{"sticker", flow.SentSticker},
	{"story", flow.SentSticker},
	{"video", flow.SentRecording},
	{"video_note", flow.SentRecording},
	{"voice", flow.SentRecording},
	{"document", flow.SentPicture},
	{"paid_media", flow.SentPicture},
	{"contact", flow.SentContact},
	{"dice", flow.SentSticker},
	{"game", flow.SentSticker},
	{"venue", flow.SentLocation},
	{"location", flow.SentLocation},
	{"giveaway", flow.SentSticker},
	{"giveaway_winners", flow.SentSticker},
	{"poll", sentOther},
	{"checklist", sentOther},
	{"rich_message", sentOther},
	{"invoice", sentOther},
}

// sentOther is what is not to be read, and of which no more can be said.
const sentOther = "other"

// input reads a message without text. It is of no kind for a service message,
// to which nobody expects an answer.
func (m *wireMessage) input(raw []byte) (flow.Input, error) {
	fields := messageFields(raw)
	if text, ok := fields["text"]; ok && text[0] != '"' {
		return flow.Input{}, errMalformed
	}
	var sent string
	for _, c := range contents {
		if _, ok := fields[c.field]; ok {
			sent = c.sent
			break
		}
	}
	if m.Caption != "" {
		in := flow.ParseTyped(m.Caption)
		in.With = cmp.Or(sent, sentOther)
		return in, nil
	}
	if words := cmp.Or(m.richText(), m.poll(), m.checklist()); words != "" {
		return flow.ParseTyped(words), nil
	}
	switch sent {
	case "":
		return flow.Input{}, nil
	case flow.SentLocation:
		if at := m.point(); at != "" {
			return flow.Input{Kind: flow.KindLocation, Text: at}, nil
		}
	case flow.SentContact:
		if number := m.ownNumber(); number != "" {
			return flow.Input{Kind: flow.KindContact, Text: number}, nil
		}
	}
	return flow.Input{Kind: flow.KindUnsupported, Text: sent}, nil
}

// messageFields are all fields of a message that hold something, also those that this program
// does not know.
func messageFields(raw []byte) map[string]json.RawMessage {
	var u struct {
		Message map[string]json.RawMessage `json:"message"`
		Edited  map[string]json.RawMessage `json:"edited_message"`
	}
	_ = json.Unmarshal(raw, &u) // it has been decoded once already
	fields := u.Message
	if fields == nil {
		fields = u.Edited
	}
	for name, value := range fields {
		if len(value) == 0 || bytes.Equal(value, []byte("null")) || bytes.Equal(value, []byte("false")) {
			delete(fields, name)
		}
	}
	return fields
}

// lines are the words that a poll or a checklist is made of.
func lines(first string, more []struct {
	Text string `json:"text"`
},
) string {
	all := []string{first}
	for _, m := range more {
		all = append(all, m.Text)
	}
	return strings.TrimSpace(strings.Join(all, "\n"))
}

func (w *wireWords) poll() string {
	var p struct {
		Question string `json:"question"`
		Options  []struct {
			Text string `json:"text"`
		} `json:"options"`
	}
	if unmarshal(w.Poll, &p) != nil {
		return ""
	}
	return lines(p.Question, p.Options)
}

func (w *wireWords) checklist() string {
	var c struct {
		Title string `json:"title"`
		Tasks []struct {
			Text string `json:"text"`
		} `json:"tasks"`
	}
	if unmarshal(w.Checklist, &c) != nil {
		return ""
	}
	return lines(c.Title, c.Tasks)
}

// richText is the words of a message with blocks. Words stand in the fields "text" and "caption" of blocks,
// parts of words in those of styles, which may be lists. Source: Bot API 10.1, RichMessage and RichText.
func (w *wireWords) richText() string {
	var message struct {
		Blocks []any `json:"blocks"`
	}
	if json.Unmarshal(w.Rich, &message) != nil {
		return ""
	}
	var b strings.Builder
	for _, block := range message.Blocks {
		richWords(&b, block, false)
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}

// richWords writes the words of a block or a style; text says that v is the value of a text.
func richWords(b *strings.Builder, v any, text bool) {
	switch v := v.(type) {
	case string:
		if text {
			b.WriteString(v)
		}
	case []any:
		for _, part := range v {
			richWords(b, part, text)
			if !text {
				b.WriteByte('\n')
			}
		}
	case map[string]any:
		// In this order: the words of a block, and then the blocks in it.
		for _, name := range []string{"summary", "text", "caption", "credit", "blocks", "items", "cells"} {
			richWords(b, v[name], name != "blocks" && name != "items" && name != "cells")
		}
	}
}

// point is where a location or a venue is, "" if that cannot be read.
func (m *wireMessage) point() string {
	type place struct {
		Latitude  *float64 `json:"latitude"`
		Longitude *float64 `json:"longitude"`
	}
	var p place
	if m.Location == nil {
		var venue struct {
			Location place `json:"location"`
		}
		if unmarshal(m.Venue, &venue) != nil {
			return ""
		}
		p = venue.Location
	} else if unmarshal(m.Location, &p) != nil {
		return ""
	}
	if p.Latitude == nil || p.Longitude == nil {
		return ""
	}
	return degrees(*p.Latitude) + "," + degrees(*p.Longitude)
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }

// ownNumber is the number of a shared contact if it is the person's own:
// somebody else's is not theirs to give.
func (m *wireMessage) ownNumber() string {
	var c struct {
		Number string `json:"phone_number"`
		UserID int64  `json:"user_id"`
	}
	if unmarshal(m.Contact, &c) != nil || m.From == nil || c.UserID == 0 || c.UserID != m.From.ID {
		return ""
	}
	return international(c.Number)
}

// international puts the sign in front of a shared number that some apps leave out.
func international(number string) string {
	if number != "" && !strings.HasPrefix(number, "+") {
		return "+" + number
	}
	return number
}
