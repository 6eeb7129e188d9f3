package telegram

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/flow"
)

const (
	fromUK  = `"from":{"id":7,"is_bot":false,"first_name":"Olena","username":"olena","language_code":"uk-UA"}`
	private = `"chat":{"id":7,"type":"private","first_name":"Olena"}`
)

func message(fields string) string {
	return `{"update_id":5,"message":{"message_id":3,"date":1,` + fromUK + `,` + private + `,` + fields + `}}`
}

func edit(fields string) string {
	return strings.Replace(message(fields), `"message":`, `"edited_message":`, 1)
}

func tap(fields string) string {
	return `{"update_id":5,"callback_query":{"id":"99","chat_instance":"1",` + fromUK + `,` + fields + `}}`
}

var decodeCases = map[string]struct {
	in    string
	want  *bot.Update // nil: ignored
	query string
	err   bool
}{
	"text":                            {in: message(`"text":"Привіт"`), want: update(flow.KindText, "Привіт", "")},
	"text of two lines":               {in: message(`"text":"a\nb"`), want: update(flow.KindText, "a\nb", "")},
	"command":                         {in: message(`"text":"/menu"`), want: update(flow.KindCommand, "", "menu")},
	"command with payload":            {in: message(`"text":"/start lang-uk"`), want: update(flow.KindCommand, "lang-uk", "start")},
	"command for this bot":            {in: message(`"text":"/menu@iq_bot"`), want: update(flow.KindCommand, "", "menu")},
	"command in capitals":             {in: message(`"text":"/Start@IQ_bot  topic-costs "`), want: update(flow.KindCommand, "topic-costs", "start")},
	"slash inside text":               {in: message(`"text":"und/oder"`), want: update(flow.KindText, "und/oder", "")},
	"path is text":                    {in: message(`"text":"/usr/bin"`), want: update(flow.KindText, "/usr/bin", "")},
	"slash alone is text":             {in: message(`"text":"/"`), want: update(flow.KindText, "/", "")},
	"long command is text":            {in: message(`"text":"/` + strings.Repeat("a", 33) + `"`), want: update(flow.KindText, "/"+strings.Repeat("a", 33), "")},
	"location":                        {in: message(`"location":{"latitude":50.3,"longitude":7.6}`), want: update(flow.KindLocation, "50.3,7.6", "")},
	"location that cannot be read":    {in: message(`"location":{"latitude":"north","longitude":7.6}`), want: update(flow.KindUnsupported, "location", "")},
	"venue":                           {in: message(`"location":{"latitude":50.3,"longitude":7.6},"venue":{"location":{"latitude":50.3,"longitude":7.6},"title":"x","address":"y"}`), want: update(flow.KindLocation, "50.3,7.6", "")},
	"venue alone":                     {in: message(`"venue":{"location":{"latitude":50.3,"longitude":7.6},"title":"x","address":"y"}`), want: update(flow.KindLocation, "50.3,7.6", "")},
	"somebody else's contact":         {in: message(`"contact":{"phone_number":"+49","first_name":"O","user_id":8}`), want: update(flow.KindUnsupported, "contact", "")},
	"contact of nobody on Telegram":   {in: message(`"contact":{"phone_number":"+49","first_name":"O"}`), want: update(flow.KindUnsupported, "contact", "")},
	"own contact":                     {in: message(`"contact":{"phone_number":"49151","first_name":"O","user_id":7}`), want: update(flow.KindContact, "+49151", "")},
	"photo":                           {in: message(`"photo":[{"file_id":"a"}]`), want: update(flow.KindUnsupported, "picture", "")},
	"photo of an album":               {in: message(`"photo":[{"file_id":"a"}],"media_group_id":"12"`), want: ofAlbum("12", update(flow.KindUnsupported, "picture", ""))},
	"photo with caption":              {in: message(`"photo":[{"file_id":"a"}],"caption":"my diploma"`), want: captioned("picture", update(flow.KindText, "my diploma", ""))},
	"photo with an empty caption":     {in: message(`"photo":[{"file_id":"a"}],"caption":""`), want: update(flow.KindUnsupported, "picture", "")},
	"command as a caption":            {in: message(`"document":{"file_id":"a"},"caption":"/start lang-uk"`), want: captioned("picture", update(flow.KindCommand, "lang-uk", "start"))},
	"voice with caption":              {in: message(`"voice":{"file_id":"a"},"caption":"hello"`), want: captioned("recording", update(flow.KindText, "hello", ""))},
	"caption under what nobody knows": {in: message(`"hologram":{"file_id":"a"},"caption":"hello"`), want: captioned("other", update(flow.KindText, "hello", ""))},
	"document":                        {in: message(`"document":{"file_id":"a"}`), want: update(flow.KindUnsupported, "picture", "")},
	"animation, not document":         {in: message(`"document":{"file_id":"a"},"animation":{"file_id":"a"}`), want: update(flow.KindUnsupported, "sticker", "")},
	"poll":                            {in: message(`"poll":{"id":"1","question":"A?","options":[{"text":"b"},{"text":"c"}]}`), want: update(flow.KindText, "A?\nb\nc", "")},
	"poll that cannot be read":        {in: message(`"poll":{"id":"1","question":{"text":"A?"}}`), want: update(flow.KindUnsupported, "other", "")},
	"checklist":                       {in: message(`"checklist":{"title":"A","tasks":[{"id":1,"text":"b"}]}`), want: update(flow.KindText, "A\nb", "")},
	"rich message": {
		in:   message(`"rich_message":{"blocks":[{"type":"paragraph","text":["a ",{"type":"bold","text":"b"},{"type":"url","url":"https://x","text":["c"]}]},{"type":"list","items":[{"label":"1","blocks":[{"type":"paragraph","text":"d"}]}]}]}`),
		want: update(flow.KindText, "a bc\nd", ""),
	},
	"rich message without words":  {in: message(`"rich_message":{"blocks":[{"type":"divider"}]}`), want: update(flow.KindUnsupported, "other", "")},
	"kind nobody knows":           {in: message(`"hologram":{"id":1}`)},
	"nothing that holds anything": {in: message(`"photo":null,"text":""`)},
	"service message":             {in: message(`"write_access_allowed":{}`)},
	"pinned message":              {in: message(`"pinned_message":{"message_id":1,"date":1,` + private + `,"text":"a","photo":[]}`)},
	"quote of another message":    {in: message(`"text":"a","quote":{"text":"b","position":0},"reply_to_message":{"message_id":1,"text":"c"}`), want: update(flow.KindText, "a", "")},
	"of a business account":       {in: message(`"text":"a","business_connection_id":"b"`)},
	"of a guest":                  {in: message(`"text":"a","guest_query_id":"b"`)},

	"edited text":           {in: edit(`"text":"a","edit_date":2`), want: edited(update(flow.KindText, "a", ""))},
	"edited command":        {in: edit(`"text":"/menu","edit_date":2`), want: edited(update(flow.KindCommand, "", "menu"))},
	"edited caption":        {in: edit(`"photo":[{"file_id":"a"}],"caption":"a"`), want: edited(captioned("picture", update(flow.KindText, "a", "")))},
	"caption taken away":    {in: edit(`"photo":[{"file_id":"a"}]`)},
	"location that moves":   {in: edit(`"location":{"latitude":50.3,"longitude":7.6,"live_period":900}`)},
	"edited in a group":     {in: `{"update_id":5,"edited_message":{"message_id":3,"date":1,` + fromUK + `,"chat":{"id":-7,"type":"group"},"text":"a"}}`},
	"edited without a chat": {in: `{"update_id":5,"edited_message":{"message_id":3,"date":1,"text":"a"}}`, err: true},

	// What is not needed may have any form.
	"sender of a wrong form":     {in: `{"update_id":5,"message":{"message_id":3,"date":1,"from":"Olena",` + private + `,"text":"a"}}`, want: &bot.Update{ID: "tg:5", Chat: "telegram:7", Message: "3", Sent: 1, Input: flow.Input{Kind: flow.KindText, Text: "a"}}},
	"language of a wrong form":   {in: `{"update_id":5,"message":{"message_id":3,"date":1,"from":{"id":7,"language_code":["uk"],"username":"olena"},` + private + `,"text":"a"}}`, want: &bot.Update{ID: "tg:5", Chat: "telegram:7", Message: "3", Sent: 1, Username: "@olena", Input: flow.Input{Kind: flow.KindText, Text: "a"}}},
	"date of a wrong form":       {in: `{"update_id":5,"message":{"message_id":3,"date":"today",` + private + `,"text":"a"}}`, want: &bot.Update{ID: "tg:5", Chat: "telegram:7", Message: "3", Input: flow.Input{Kind: flow.KindText, Text: "a"}}},
	"message id of a wrong form": {in: `{"update_id":5,"message":{"message_id":"3","date":1,` + private + `,"text":"a"}}`, want: &bot.Update{ID: "tg:5", Chat: "telegram:7", Sent: 1, Input: flow.Input{Kind: flow.KindText, Text: "a"}}},
	"album of a wrong form":      {in: message(`"text":"a","media_group_id":12`), want: update(flow.KindText, "a", "")},
	"fields of wrong forms":      {in: message(`"text":"a","entities":"b","location":"c","contact":[],"poll":1,"reply_markup":2,"photo":true`), want: update(flow.KindText, "a", "")},
	"contact of a wrong form":    {in: message(`"contact":"Olena"`), want: update(flow.KindUnsupported, "contact", "")},
	"button of a wrong sender":   {in: `{"update_id":5,"callback_query":{"id":"99","from":7,"data":"a","message":{"message_id":44,"text":["b"],` + private + `}}}`, want: &bot.Update{ID: "tg:5", Chat: "telegram:7", Input: flow.Input{Kind: flow.KindButton, Text: "a", Source: "44"}}, query: "99"},
	"text of a wrong form":       {in: message(`"text":["a"]`), err: true},
	"chat of a wrong form":       {in: `{"update_id":5,"message":{"message_id":3,"chat":"7","text":"a"}}`, err: true},
	"chat id of a wrong form":    {in: `{"update_id":5,"message":{"message_id":3,"chat":{"id":"7","type":"private"},"text":"a"}}`, err: true},
	"button id of a wrong form":  {in: `{"update_id":5,"callback_query":{"id":99,"data":"a"}}`, err: true},

	"sender unknown":            {in: `{"update_id":5,"message":{"message_id":3,"date":1,` + private + `,"text":"a"}}`, want: &bot.Update{ID: "tg:5", Chat: "telegram:7", Message: "3", Sent: 1, Input: flow.Input{Kind: flow.KindText, Text: "a"}}},
	"bot":                       {in: `{"update_id":5,"message":{"message_id":3,"date":1,"from":{"id":8,"is_bot":true,"first_name":"b"},` + private + `,"text":"a"}}`},
	"group":                     {in: `{"update_id":5,"message":{"message_id":3,"date":1,` + fromUK + `,"chat":{"id":-7,"type":"group"},"text":"a"}}`},
	"supergroup":                {in: `{"update_id":5,"message":{"message_id":3,"date":1,` + fromUK + `,"chat":{"id":-1007,"type":"supergroup"},"text":"a"}}`},
	"channel post":              {in: `{"update_id":5,"channel_post":{"message_id":3,"date":1,"chat":{"id":-1007,"type":"channel"},"text":"a"}}`},
	"blocked by the person":     {in: `{"update_id":5,"my_chat_member":{` + fromUK + `,` + private + `,"date":1,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`},
	"update of the future":      {in: `{"update_id":5,"telepathy":{"text":"a"}}`},
	"button":                    {in: tap(`"data":"m:menu","message":{"message_id":44,"date":1,` + private + `}`), want: pressed("m:menu"), query: "99"},
	"button of an old message":  {in: tap(`"data":"m:menu","message":{"message_id":44,"date":0,` + private + `}`), want: pressed("m:menu"), query: "99"},
	"button in a group":         {in: tap(`"data":"a","message":{"message_id":44,"date":1,"chat":{"id":-7,"type":"group"}}`), query: "99"},
	"button of an inline text":  {in: tap(`"data":"a","inline_message_id":"x"`), query: "99"},
	"game":                      {in: tap(`"game_short_name":"a","message":{"message_id":44,"date":1,` + private + `}`), query: "99"},
	"button with too much data": {in: tap(`"data":"` + strings.Repeat("a", 65) + `","message":{"message_id":44,"date":1,` + private + `}`), query: "99", err: true},
	"button without a chat":     {in: tap(`"data":"a","message":{"message_id":44,"date":1}`), query: "99", err: true},
	"button without anything":   {in: `{"update_id":5,"callback_query":{"id":"99","data":"a"}}`, query: "99"},
	"message without a chat":    {in: `{"update_id":5,"message":{"message_id":3,"text":"a"}}`, err: true},
	"message of a wrong form":   {in: `{"update_id":5,"message":"a"}`, err: true},
	"no id":                     {in: `{"message":{"message_id":3,"date":1,` + private + `,"text":"a"}}`, err: true},
	"id of a wrong form":        {in: `{"update_id":"5"}`, err: true},
	"list":                      {in: `[]`, err: true},
	"null":                      {in: `null`, err: true},
	"nothing":                   {in: ``, err: true},
	"half":                      {in: `{"update_id":5,`, err: true},
}

func update(kind flow.InputKind, text, command string) *bot.Update {
	return &bot.Update{
		ID: "tg:5", Chat: "telegram:7", Language: "uk-UA", Username: "@olena", Message: "3", Sent: 1,
		Input: flow.Input{Kind: kind, Text: text, Command: command},
	}
}

func pressed(data string) *bot.Update {
	u := update(flow.KindButton, data, "")
	u.Input.Source, u.Message, u.Sent = "44", "", 0
	return u
}

func captioned(with string, u *bot.Update) *bot.Update { u.Input.With = with; return u }
func ofAlbum(album string, u *bot.Update) *bot.Update  { u.Album = album; return u }
func edited(u *bot.Update) *bot.Update                 { u.Edited = true; return u }

func TestDecode(t *testing.T) {
	for name, tc := range decodeCases {
		t.Run(name, func(t *testing.T) {
			d, err := decode([]byte(tc.in))
			if (err != nil) != tc.err {
				t.Fatalf("error %v, want one: %v", err, tc.err)
			}
			var got *bot.Update
			if d.mine {
				got = &d.update
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if d.query != tc.query {
				t.Errorf("callback query %q, want %q", d.query, tc.query)
			}
			if strings.Contains(tc.in, `"update_id":5`) && strings.HasSuffix(tc.in, "}") && d.id != 5 {
				t.Errorf("id %d: polling could not get past this update", d.id)
			}
		})
	}
}

// set names the fields of a struct that are set in one of all.
func set(structs ...any) map[string]bool {
	names := map[string]bool{}
	for _, s := range structs {
		v := reflect.ValueOf(s)
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !v.Field(i).IsZero() {
				names[name] = true
			}
		}
	}
	return names
}

// What an update can hold is of no use if only tests fill it in: each field is
// set by some update of Telegram's, or it is said here who sets it.
func TestEveryFieldOfAnUpdateIsSetBySomething(t *testing.T) {
	others := map[string]string{
		"Version":  "the engine, for a timer",
		"Assisted": "the engine, when the language model has answered",
	}
	var updates, inputs []any
	for _, tc := range decodeCases {
		if d, err := decode([]byte(tc.in)); err == nil && d.mine {
			updates, inputs = append(updates, d.update), append(inputs, d.update.Input)
		}
	}
	for typ, have := range map[reflect.Type]map[string]bool{
		reflect.TypeFor[bot.Update](): set(updates...), reflect.TypeFor[flow.Input](): set(inputs...),
	} {
		for i := range typ.NumField() {
			if name := typ.Field(i).Name; !have[name] && others[name] == "" {
				t.Errorf("%s.%s is set by no update", typ, name)
			}
		}
	}
}

func FuzzDecodeUpdate(f *testing.F) {
	for _, tc := range decodeCases {
		f.Add([]byte(tc.in))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := decode(raw)
		if err != nil && d.mine {
			t.Fatal("a malformed update is handed over")
		}
		if !d.mine {
			return
		}
		u := d.update
		if u.ID == "" || u.Chat.Channel() != channelName {
			t.Fatalf("update %q of chat %q", u.ID, u.Chat)
		}
		if _, err := chatNumber(u.Chat); err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(u.Input.Text) || !utf8.ValidString(u.Input.Command) || !utf8.ValidString(u.Username) {
			t.Fatal("invalid UTF-8")
		}
		switch u.Input.Kind {
		case flow.KindButton:
			if u.Input.Source == "" || u.Input.Text == "" || len(u.Input.Text) > bot.MaxButtonData {
				t.Fatalf("button %+v", u)
			}
		case flow.KindCommand:
			if u.Input.Command == "" {
				t.Fatal("a command without a name")
			}
			u.Input.Kind = flow.KindText // and may be edited
		case flow.KindText, flow.KindUnsupported, flow.KindLocation, flow.KindContact:
			if u.Input.Text == "" {
				t.Fatal("an empty input")
			}
		default:
			t.Fatalf("kind %q", u.Input.Kind)
		}
		if u.Edited && u.Input.Kind != flow.KindText {
			t.Fatalf("an edit without words: %+v", u)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for name, in := range map[string]string{"text": decodeCases["text"].in, "button": decodeCases["button"].in} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode([]byte(in)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
