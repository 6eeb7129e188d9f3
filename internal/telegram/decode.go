package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// allowedUpdates is all that is asked for: no groups' doings.
const allowedUpdates = `["message","edited_message","callback_query"]`

// errMalformed stands for every update that cannot be understood. The cause is
// not kept, because errors of encoding/json quote their input.
var errMalformed = errors.New("malformed update")

// decoded is what one update comes to.
type decoded struct {
	id     int64
	update bot.Update // if mine
	mine   bool       // false: well-formed, but not for this bot to act on
	query  string     // id of the callback query to answer; may be set even if mine is false
}

// wireUpdate is what is read of an update. The library's own Update also takes in
// the message under which a button was pressed, with all its styles and
// buttons; nobody looks at them, and they are most of an update.
type wireUpdate struct {
	ID      int64        `json:"update_id"`
	Message *wireMessage `json:"message"`
	Edited  *wireMessage `json:"edited_message"`
	Query   *wireQuery   `json:"callback_query"`
}

type wireMessage struct {
	ID   int64     `json:"message_id"`
	From *wireUser `json:"from"`
	Chat *wireChat `json:"chat"`
	Date int64     `json:"date"`
	wireWords

	Album    string `json:"media_group_id"`
	Business string `json:"business_connection_id"`
	Guest    string `json:"guest_query_id"`

	Location json.RawMessage `json:"location"`
	Venue    json.RawMessage `json:"venue"`
	Contact  json.RawMessage `json:"contact"`
}

type wireUser struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	Username string `json:"username"`
	Language string `json:"language_code"`
}

type wireChat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

func (c *wireChat) private() bool { return c.Type == "private" }

type wireQuery struct {
	ID      string    `json:"id"`
	From    *wireUser `json:"from"`
	Message *struct {
		ID   int64     `json:"message_id"`
		Chat *wireChat `json:"chat"`
	} `json:"message"`
	Data string `json:"data"`
}

// decode reads one update. With an error, id is still set if it could be read.
//
// A field that is not looked at may have any form, and so may one that can be
// missed: then it is taken for absent. Without update_id, the chat, the words of a text or
// the id of a button's message nothing can be done: that is an error.
func decode(raw []byte) (decoded, error) {
	var d decoded
	var u wireUpdate
	if unmarshal(raw, &u) != nil {
		// This one leaves out a field of another form and goes on.
		u = wireUpdate{}
		var form *json.UnmarshalTypeError
		if err := json.Unmarshal(raw, &u); err != nil && !errors.As(err, &form) {
			return d, errMalformed
		}
	}
	if u.ID == 0 {
		return d, errMalformed
	}
	d.id = u.ID
	switch {
	case u.Query != nil:
		return d.callback(u.Query)
	case u.Message != nil:
		return d.message(u.Message, raw)
	case u.Edited != nil:
		return d.edited(u.Edited, raw)
	}
	return d, nil
}

// unmarshal decodes what Telegram sends by the coming encoding/json/v2, which
// takes a third of the present one's time, as leniently as that one does.
func unmarshal(raw []byte, v any) error {
	return jsonv2.Unmarshal(raw, v, lenient)
}

var lenient = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

func (d decoded) callback(q *wireQuery) (decoded, error) {
	if q.ID == "" {
		return d, errMalformed
	}
	d.query = q.ID
	m := q.Message
	if m == nil || q.Data == "" { // from an inline message or a game: not sent by this program
		return d, nil
	}
	// Of a message that is too old Telegram tells no more than these two, which is enough.
	if m.Chat == nil || m.Chat.ID == 0 || m.ID == 0 || len(q.Data) > bot.MaxButtonData {
		return d, errMalformed
	}
	if !m.Chat.private() || q.From != nil && q.From.IsBot {
		return d, nil
	}
	d.accept(m.Chat, q.From, flow.Input{Kind: flow.KindButton, Text: q.Data, Source: strconv.FormatInt(m.ID, 10)})
	return d, nil
}

func (d decoded) message(m *wireMessage, raw []byte) (decoded, error) {
	if m.Chat == nil || m.Chat.ID == 0 || m.Chat.Type == "" {
		return d, errMalformed
	}
	// A business account's or a guest's message is in somebody else's chat.
	if !m.Chat.private() || m.From != nil && m.From.IsBot || m.Business != "" || m.Guest != "" {
		return d, nil
	}
	in := flow.ParseTyped(m.Text)
	if m.Text == "" {
		var err error
		if in, err = m.input(raw); err != nil || in.Kind == "" {
			return d, err
		}
	}
	d.accept(m.Chat, m.From, in)
	d.update.Message, d.update.Album, d.update.Sent = messageRef(m.ID), m.Album, m.Date
	return d, nil
}

// edited reads the new version of a message. Without words it is none of a
// person's doing that asks for an answer, such as a location that moves.
func (d decoded) edited(m *wireMessage, raw []byte) (decoded, error) {
	out, err := d.message(m, raw)
	if kind := out.update.Input.Kind; err != nil || kind != flow.KindText && kind != flow.KindCommand {
		return d, err
	}
	out.update.Edited = true
	return out, nil
}

func (d *decoded) accept(chat *wireChat, from *wireUser, in flow.Input) {
	d.mine = true
	d.update = bot.Update{ID: bot.UpdateID("tg:" + strconv.FormatInt(d.id, 10)), Chat: chatID(chat.ID), Input: in}
	if from == nil {
		return
	}
	d.update.Language = from.Language
	if from.Username != "" {
		d.update.Username = "@" + from.Username
	}
}

func messageRef(id int64) bot.MessageRef {
	if id == 0 {
		return ""
	}
	return bot.MessageRef(strconv.FormatInt(id, 10))
}

// commandName says whether s may name a command. Source: Bot API, BotCommand, field command.
func commandName(s string) bool {
	if len(s) < 1 || len(s) > 32 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// receive decodes one update and counts it.
func (c *Client) receive(ctx context.Context, raw []byte) (decoded, error) {
	d, err := decode(raw)
	c.count(ctx, d, err)
	return d, err
}

// count counts a decoded update.
func (c *Client) count(ctx context.Context, d decoded, err error) {
	switch {
	case err != nil:
		c.stats.malformed.Add(1)
		c.log.WarnContext(ctx, "an update was malformed and is skipped", "update", d.id)
	case !d.mine:
		c.stats.ignored.Add(1)
	default:
		c.stats.updates.Add(1)
	}
}
