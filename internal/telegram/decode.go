package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// allowedUpdates is all that is asked for: no edits, no groups' doings.
const allowedUpdates = `["message","callback_query"]`

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
	ID      *int64       `json:"update_id"`
	Message *wireMessage `json:"message"`
	Query   *wireQuery   `json:"callback_query"`
}

type wireMessage struct {
	ID   int            `json:"message_id"`
	From *tgbotapi.User `json:"from"`
	Chat *tgbotapi.Chat `json:"chat"`
	Text string         `json:"text"`

	Location *tgbotapi.Location `json:"location"`
	Contact  *tgbotapi.Contact  `json:"contact"`
}

type wireQuery struct {
	ID      string         `json:"id"`
	From    *tgbotapi.User `json:"from"`
	Message *wireMessage   `json:"message"`
	Data    string         `json:"data"`
}

// decode reads one update. With an error, id is still set if it could be read.
func decode(raw []byte) (decoded, error) {
	var d decoded
	var u wireUpdate
	err := unmarshal(raw, &u)
	if err != nil {
		_ = json.Unmarshal(raw, &u) // after a field of a wrong form it goes on, so that the id is read
	}
	if u.ID == nil {
		return d, errMalformed
	}
	d.id = *u.ID
	switch {
	case err != nil:
		return d, errMalformed
	case u.Query != nil:
		return d.callback(u.Query)
	case u.Message != nil:
		return d.message(u.Message, raw)
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
	if q.ID == "" || q.From == nil {
		return d, errMalformed
	}
	d.query = q.ID
	m := q.Message
	if m == nil || q.Data == "" { // from an inline message or a game: not sent by this program
		return d, nil
	}
	if m.Chat == nil || m.Chat.ID == 0 || m.ID == 0 || len(q.Data) > bot.MaxButtonData {
		return d, errMalformed
	}
	if !m.Chat.IsPrivate() || q.From.IsBot {
		return d, nil
	}
	d.accept(m.Chat, q.From, flow.Input{Kind: flow.KindButton, Text: q.Data, Source: strconv.Itoa(m.ID)})
	return d, nil
}

func (d decoded) message(m *wireMessage, raw []byte) (decoded, error) {
	if m.Chat == nil || m.Chat.ID == 0 || m.Chat.Type == "" {
		return d, errMalformed
	}
	if !m.Chat.IsPrivate() || m.From != nil && m.From.IsBot {
		return d, nil
	}
	in := flow.ParseTyped(m.Text)
	if m.Text == "" {
		kind, ok := content(raw)
		if !ok {
			return d, nil
		}
		in = flow.Input{Kind: flow.KindUnsupported, Text: kind}
		switch {
		case kind == "location" && m.Location != nil:
			in = flow.Input{Kind: flow.KindLocation, Text: degrees(m.Location.Latitude) + "," + degrees(m.Location.Longitude)}
		case kind == "contact" && m.Contact != nil && m.From != nil && m.Contact.UserID == m.From.ID:
			// Only the person's own number: somebody else's is not theirs to give.
			in = flow.Input{Kind: flow.KindContact, Text: international(m.Contact.PhoneNumber)}
		}
	}
	d.accept(m.Chat, m.From, in)
	return d, nil
}

func (d *decoded) accept(chat *tgbotapi.Chat, from *tgbotapi.User, in flow.Input) {
	d.mine = true
	d.update = bot.Update{ID: bot.UpdateID("tg:" + strconv.FormatInt(d.id, 10)), Chat: chatID(chat.ID), Input: in}
	if from == nil {
		return
	}
	d.update.Language = from.LanguageCode
	if from.UserName != "" {
		d.update.Username = "@" + from.UserName
	}
}

// commandName says whether s may name a command. Source: Bot API, BotCommand, field command.
func commandName(s string) bool {
	if len(s) < 1 || len(s) > 32 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }

// international puts the sign in front of a shared number that some apps leave out.
func international(number string) string {
	if number != "" && !strings.HasPrefix(number, "+") {
		return "+" + number
	}
	return number
}

// contents are the fields of a message that hold what a person sent in place
// of text. The order matters: an animation comes with a document, a venue with
// a location. Source: Bot API, Message.
var contents = []string{
	"animation", "audio", "photo", "sticker", "story", "video", "video_note", "voice", "document", "contact",
	"dice", "game", "poll", "venue", "location", "paid_media", "checklist", "invoice",
}

// services are the fields of messages that Telegram writes itself into a private chat;
// nobody waits for an answer to them. Source: Bot API, Message.
var services = []string{
	"pinned_message", "message_auto_delete_timer_changed", "successful_payment", "refunded_payment", "users_shared",
	"chat_shared", "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered",
	"boost_added", "chat_background_set", "web_app_data", "gift", "unique_gift", "checklist_tasks_done",
	"checklist_tasks_added", "direct_message_price_changed", "forum_topic_created", "forum_topic_edited",
}

// content names what a message without text holds, "other" if that is newer
// than this list. It is false for a service message. It reads the raw update
// because the library drops the fields that it does not know.
func content(raw []byte) (string, bool) {
	var u struct {
		Message map[string]json.RawMessage `json:"message"`
	}
	_ = json.Unmarshal(raw, &u) // it has been decoded once already
	for _, name := range contents {
		if _, ok := u.Message[name]; ok {
			return name, true
		}
	}
	for _, name := range services {
		if _, ok := u.Message[name]; ok {
			return "", false
		}
	}
	return "other", true
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
