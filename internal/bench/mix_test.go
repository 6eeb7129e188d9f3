package bench

import (
	"encoding/json"
	"fmt"
	"strings"
)

// kind tells the updates of the mix apart.
type kind string

const (
	command  kind = "command"
	question kind = "question"
	tap      kind = "tap"
)

// turn is one thing that a person does: a typed text, or the data of a button.
type turn struct {
	kind kind
	text string
}

// asked are questions in the languages of the service, as people type them.
var asked = map[string][3]string{
	"uk": {"скільки коштує визнання диплома?", "які документи мені потрібні", "де отримати консультацію з визнання"},
	"ar": {"كم تكلفة الاعتراف بالشهادة؟", "ما هي الوثائق المطلوبة للاعتراف", "أريد التحدث مع مستشار"},
	"en": {"how much does the recognition cost?", "which documents do I need?", "where can I get advice on recognition"},
	"de": {"Was kostet die Anerkennung?", "Welche Unterlagen brauche ich?", "Wer berät mich zur Anerkennung?"},
}

var tags = []string{"uk", "ar", "en", "de"}

// script is what a person does over and over. Every turn is answered.
func script(tag string) []turn {
	q := asked[tag]
	return []turn{
		{command, "/start lang-" + tag},
		{question, q[0]},
		{tap, "t/documents-needed"},
		{question, q[1]},
		{command, "/help"},
		{tap, "c/costs"},
		{question, q[2]},
		{command, "/menu"},
		{tap, "f/handoff"},
	}
}

// only leaves the turns of one kind, "" for all. A person without a language
// is asked for it, so the first command stays.
func only(turns []turn, k kind) []turn {
	if k == "" {
		return turns
	}
	out := turns[:1:1]
	if k == command {
		out = nil
	}
	for _, t := range turns {
		if t.kind == k {
			out = append(out, t)
		}
	}
	return out
}

// firstPerson is the chat id of the first of the people.
const firstPerson = 7_000_000

// shown is the text of the message under which a button is pressed: Telegram
// sends it along, of a usual length.
var shown = strings.Repeat("Die Gebühr liegt meist bei einigen hundert Euro. ", 12)

// update writes what Telegram posts for a turn.
func update(id, person int, tag string, t turn) []byte {
	chat := map[string]any{"id": firstPerson + person, "type": "private", "first_name": "Person", "username": fmt.Sprint("person", person)}
	from := map[string]any{"id": firstPerson + person, "is_bot": false, "first_name": "Person", "username": fmt.Sprint("person", person), "language_code": tag}
	u := map[string]any{"update_id": id}
	if t.kind == tap {
		u["callback_query"] = map[string]any{
			"id": fmt.Sprint(4_000_000_000 + id), "from": from, "chat_instance": "-3920", "data": t.text,
			"message": map[string]any{
				"message_id": id, "date": 1780000000, "chat": chat, "text": shown,
				"from": map[string]any{"id": 1, "is_bot": true, "first_name": "IQ", "username": "iq_bot"},
				"reply_markup": map[string]any{"inline_keyboard": [][]map[string]string{
					{{"text": "Welche Unterlagen?", "callback_data": "t/documents-needed"}}, {{"text": "Adressen", "callback_data": "c/costs"}},
				}},
			},
		}
	} else {
		m := map[string]any{"message_id": id, "date": 1780000000, "chat": chat, "from": from, "text": t.text}
		if t.kind == command {
			name, _, _ := strings.Cut(t.text, " ")
			m["entities"] = []any{map[string]any{"type": "bot_command", "offset": 0, "length": len(name)}}
		}
		u["message"] = m
	}
	b, err := json.Marshal(u)
	if err != nil {
		panic(err)
	}
	return b
}
