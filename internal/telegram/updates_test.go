package telegram

import (
	stdcmp "cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/handoff"
	"iqbot/internal/network"
	"iqbot/internal/store"
	"iqbot/internal/telegram/botapitest"
	"iqbot/locales"
)

var rewrite = flag.Bool("update", false, "rewrite UPDATES.md")

// apiVersion is the one whose fields are listed here.
const apiVersion = "10.1"

// Of a question that has an answer, and of words of a crisis.
const (
	question = `How much does it cost?`
	crisis   = `I want to kill myself`
)

// kind is one thing that can come, and what a person sees of it: ids of messages, or in
// brackets what is said in their place.
type kind struct {
	field  string // of Update, or of Message
	what   string
	fields string   // of the message, or the whole update but its id
	before []string // fields of messages that came before, all answered
	sees   string   // empty: nothing
}

// messageKinds is what a person can send.
var messageKinds = []kind{
	{field: "text", what: "a question", fields: `"text":"` + question + `"`, sees: "<article costs>"},
	{field: "text", what: "a command", fields: `"text":"/help"`, sees: "help.text menu.prompt"},
	{field: "text", what: "words of a crisis", fields: `"text":"` + crisis + `"`, sees: "<talk suicide>"},
	{field: "text", what: "words of which nothing can be seen", fields: `"text":"\u200b\u2800"`, sees: "engine.invalid menu.prompt"},
	{field: "text", what: "a forwarded text", fields: `"text":"` + question + `","forward_origin":{"type":"hidden_user"}`, sees: "<article costs>"},
	{field: "text", what: "a reply with a quote", fields: `"text":"` + question + `","reply_to_message":{"message_id":1,"text":"` + crisis + `"},"quote":{"text":"` + crisis + `"}`, sees: "<article costs>"},
	{field: "caption", what: "a question under a photo", fields: `"photo":[{}],"caption":"` + question + `"`, sees: "engine.only-words <article costs>"},
	{field: "caption", what: "a command under a document", fields: `"document":{},"caption":"/help"`, sees: "help.text menu.prompt"},
	{field: "caption", what: "words of a crisis under a voice message", fields: `"voice":{},"caption":"` + crisis + `"`, sees: "<talk suicide>"},
	{field: "caption", what: "words under what no version knows yet", fields: `"hologram":{},"caption":"` + question + `"`, sees: "engine.only-words <article costs>"},
	{field: "rich_message", what: "a message with headings, lists and tables", fields: `"rich_message":{"blocks":[{"type":"paragraph","text":["How much ",{"type":"bold","text":"does it cost?"}]}]}`, sees: "<article costs>"},
	{field: "rich_message", what: "one without words", fields: `"rich_message":{"blocks":[{"type":"divider"}]}`, sees: "engine.unsupported"},
	{field: "poll", what: "a poll with words of a crisis", fields: `"poll":{"question":"` + crisis + `","options":[{"text":"a"}]}`, sees: "<talk suicide>"},
	{field: "checklist", what: "a list with words of a crisis", fields: `"checklist":{"title":"list","tasks":[{"id":1,"text":"` + crisis + `"}]}`, sees: "<talk suicide>"},
	{field: "photo", what: "a photo", fields: `"photo":[{}]`, sees: "engine.picture"},
	{field: "photo", what: "a photo where a question waits", fields: `"photo":[{}]`, before: []string{`"text":"/human"`}, sees: "engine.picture handoff.consent"},
	{field: "live_photo", what: "a photo that moves", fields: `"live_photo":{},"photo":[{}]`, sees: "engine.picture"},
	{field: "document", what: "a file", fields: `"document":{}`, sees: "engine.picture"},
	{field: "paid_media", what: "pictures that cost something", fields: `"paid_media":{}`, sees: "engine.picture"},
	{field: "voice", what: "a voice message", fields: `"voice":{}`, sees: "engine.recording"},
	{field: "audio", what: "a song", fields: `"audio":{"title":"` + crisis + `"}`, sees: "engine.recording"},
	{field: "video", what: "a video", fields: `"video":{}`, sees: "engine.recording"},
	{field: "video_note", what: "a round video", fields: `"video_note":{}`, sees: "engine.recording"},
	{field: "sticker", what: "a sticker", fields: `"sticker":{}`, sees: "engine.sticker"},
	{field: "animation", what: "a moving picture", fields: `"animation":{},"document":{}`, sees: "engine.sticker"},
	{field: "dice", what: "a dice", fields: `"dice":{}`, sees: "engine.sticker"},
	{field: "game", what: "a game", fields: `"game":{}`, sees: "engine.sticker"},
	{field: "story", what: "a forwarded story", fields: `"story":{}`, sees: "engine.sticker"},
	{field: "giveaway", what: "a forwarded giveaway", fields: `"giveaway":{}`, sees: "engine.sticker"},
	{field: "giveaway_winners", what: "its winners", fields: `"giveaway_winners":{}`, sees: "engine.sticker"},
	{field: "invoice", what: "an invoice", fields: `"invoice":{}`, sees: "engine.unsupported"},
	{field: "location", what: "where they are", fields: `"location":{"latitude":50.36,"longitude":7.6}`, sees: "engine.location"},
	{field: "location", what: "the same where a place is asked for", fields: `"location":{"latitude":50.36,"longitude":7.6}`, before: toPlace, sees: "engine.choose"},
	{field: "venue", what: "a place of the map", fields: `"venue":{},"location":{"latitude":50.36,"longitude":7.6}`, sees: "engine.location"},
	{field: "venue", what: "the same where a place is asked for", fields: `"venue":{},"location":{"latitude":50.36,"longitude":7.6}`, before: toPlace, sees: "engine.choose"},
	{field: "contact", what: "somebody else's contact", fields: `"contact":{"phone_number":"+49151123456","first_name":"` + crisis + `","user_id":1}`, sees: "engine.contact"},
	{field: "contact", what: "the same where a number is asked for", fields: `"contact":{"phone_number":"+49151123456","user_id":1}`, before: toPhone, sees: "engine.contact handoff.phone"},
	{field: "contact", what: "their own contact", fields: `"contact":{"phone_number":"+49151123456","user_id":%d}`, sees: "engine.contact"},
	{field: "contact", what: "the same where a number is asked for", fields: `"contact":{"phone_number":"49151123456","user_id":%d}`, before: toPhone, sees: "handoff.confirm"},
	{field: "media_group_id", what: "the second photo of an album", fields: `"photo":[{}],"media_group_id":"5"`, before: []string{`"photo":[{}],"media_group_id":"5"`}},
	{field: "media_group_id", what: "the third, with something else between", fields: `"video":{},"media_group_id":"5"`, before: []string{`"photo":[{}],"media_group_id":"5"`, `"text":"/help"`}},
	{field: "media_group_id", what: "one with words", fields: `"photo":[{}],"media_group_id":"5","caption":"` + crisis + `"`, before: []string{`"photo":[{}],"media_group_id":"5"`}, sees: "<talk suicide>"},
	{field: "media_group_id", what: "the first of another album", fields: `"photo":[{}],"media_group_id":"6"`, before: []string{`"photo":[{}],"media_group_id":"5"`, `"text":"/help"`}, sees: "engine.picture"},
	{field: "date", what: "the second of two stickers that were forwarded at once", fields: `"sticker":{},"date":1000`, before: []string{`"sticker":{},"date":1000`}},
	{field: "date", what: "a second sticker later", fields: `"sticker":{},"date":1003`, before: []string{`"sticker":{},"date":1000`}, sees: "engine.sticker"},
	{field: "date", what: "another thing at once", fields: `"voice":{},"date":1000`, before: []string{`"sticker":{},"date":1000`}, sees: "engine.recording"},
	{field: "business_connection_id", what: "a message to somebody's business account", fields: `"text":"` + question + `","business_connection_id":"x"`},
	{field: "guest_query_id", what: "a message to the bot as a guest", fields: `"text":"` + question + `","guest_query_id":"x"`},
	{what: "a field that no version has yet", fields: `"hologram":{}`},
}

var (
	toPlace = []string{`"text":"/human"`, `"text":"1"`, `"text":"my words"`}
	toPhone = append(slices.Clone(toPlace), `"text":"Koblenz"`, `"text":"By phone"`)
)

// services are the fields of messages that Telegram writes itself. What is said of
// one that is not in the list, says messageKinds.
var services = []string{
	"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title", "new_chat_photo", "delete_chat_photo",
	"group_chat_created", "supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
	"migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift", "unique_gift",
	"gift_upgrade_sent", "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
	"chat_background_set", "checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed", "forum_topic_created",
	"forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
	"giveaway_created", "giveaway_completed", "managed_bot_created", "paid_message_price_changed", "poll_option_added", "poll_option_deleted",
	"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
	"video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "web_app_data",
}

// abouts are the fields that say something about a message. Whatever they hold, the words are answered.
var abouts = []string{
	"message_thread_id", "direct_messages_topic", "sender_chat", "sender_boost_count", "sender_business_bot", "sender_tag", "forward_origin",
	"is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id",
	"reply_to_poll_option_id", "via_bot", "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content", "is_from_offline",
	"is_paid_post", "author_signature", "paid_star_count", "entities", "link_preview_options", "suggested_post_info", "effect_id",
	"caption_entities", "show_caption_above_media", "has_media_spoiler", "reply_markup",
}

// needed are the fields without which there is no message, see decode; from tells the language of the app.
var needed = []string{"message_id", "chat", "from"}

// updateKinds is every kind of update but message.
var updateKinds = []kind{
	{field: "edited_message", what: "the last message, with other words", fields: edits(2, `"text":"`+question+`"`), before: []string{`"text":"How much dose it?"`}, sees: "<article costs>"},
	{field: "edited_message", what: "the last message, with words of a crisis under its photo", fields: edits(2, `"photo":[{}],"caption":"`+crisis+`"`), before: []string{`"photo":[{}]`}, sees: "<talk suicide>"},
	{field: "edited_message", what: "the last message, with the same words", fields: edits(2, `"text":"`+question+`","edit_date":9`), before: []string{`"text":"` + question + `"`}},
	{field: "edited_message", what: "the message before the last", fields: edits(2, `"text":"`+question+`"`), before: []string{`"text":"/menu"`, `"text":"/help"`}},
	{field: "edited_message", what: "a message of which nothing is known any more", fields: edits(2, `"text":"`+question+`"`), before: []string{`"text":"/delete"`, `"text":"1"`}},
	{field: "edited_message", what: "a location that moves", fields: edits(2, `"location":{"latitude":50.36,"longitude":7.7,"live_period":900}`), before: []string{`"location":{"latitude":50.36,"longitude":7.6,"live_period":900}`}},
	{field: "callback_query", what: "a button", fields: `"callback_query":{"id":"1","from":FROM,"data":"t/costs","message":{"message_id":1,"date":1,"chat":CHAT}}`, sees: "<article costs>"},
	{field: "callback_query", what: "a button under a message that is too old to be shown", fields: `"callback_query":{"id":"1","from":FROM,"data":"t/costs","message":{"message_id":1,"date":0,"chat":CHAT}}`, sees: "<article costs>"},
	{field: "callback_query", what: "a button under an inline message", fields: `"callback_query":{"id":"1","from":FROM,"data":"t/costs","inline_message_id":"x"}`},
	{field: "callback_query", what: "a game", fields: `"callback_query":{"id":"1","from":FROM,"game_short_name":"x","message":{"message_id":1,"date":1,"chat":CHAT}}`},
	silent("channel_post", "a post in a channel"), silent("edited_channel_post", "a changed one"),
	silent("business_connection", "a business account came or went"), silent("business_message", "a message to one"),
	silent("edited_business_message", "a changed one"), silent("deleted_business_messages", "deleted ones"), silent("guest_message", "a message to the bot as a guest"),
	silent("message_reaction", "a reaction"), silent("message_reaction_count", "the number of reactions"),
	silent("inline_query", "words typed after the bot's name elsewhere"), silent("chosen_inline_result", "what was chosen of its answers"),
	silent("shipping_query", "an order"), silent("pre_checkout_query", "a payment"), silent("purchased_paid_media", "bought pictures"),
	silent("poll", "the state of a poll"), silent("poll_answer", "a vote"),
	silent("my_chat_member", "the person blocked the bot, or no longer does"), silent("chat_member", "a member of a group"), silent("chat_join_request", "somebody wants to join a group"),
	silent("chat_boost", "a boost"), silent("removed_chat_boost", "a boost less"), silent("managed_bot", "another bot"),
	silent("telepathy", "a kind that no version has yet"),
}

func edits(message int, fields string) string {
	return fmt.Sprintf(`"edited_message":{"message_id":%d,"from":FROM,"chat":CHAT,%s}`, message, fields)
}

// silent is a kind of update that looks as much as possible like a message.
func silent(field, what string) kind {
	return kind{field: field, what: what, fields: `"` + field + `":{"id":"1","message_id":3,"date":1,"from":FROM,"chat":CHAT,"text":"` + question + `"}`}
}

// audience is one person after the other at a bot, whose words are noted by their ids.
type audience struct {
	t       *testing.T
	content *bot.Content
	engine  *bot.Engine
	person  int
	id      int // of the last update
	message int
	said    []string
}

var loadContent = sync.OnceValues(func() (*bot.Content, error) {
	return bot.LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, handoff.MessageIDs())
})

func newAudience(t *testing.T) *audience {
	t.Helper()
	content, err := loadContent()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenEmbedded(t.Context(), store.Options{HashSecret: []byte("0123456789abcdef"), Sealer: store.Plain{}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Token: "1:abc", APIURL: "http://127.0.0.1:1"}) // nobody is there
	if err != nil {
		t.Fatal(err)
	}
	a := &audience{t: t, content: content}
	a.engine = bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{c}, Content: content, Advisors: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Trace: func(o bot.Outcome) { a.said = append(a.said, o.Said...) },
	})
	t.Cleanup(func() {
		a.engine.Flush()
		_ = s.Close()
	})
	return a
}

// next brings a person who has chosen their language.
func (a *audience) next() {
	a.person++
	a.message = 0
	a.sends(`"text":"/start lang-en"`)
}

// sends lets the person send a message, and returns what is said.
func (a *audience) sends(fields string) string {
	a.message++
	if strings.Contains(fields, "%d") {
		fields = fmt.Sprintf(fields, a.person)
	}
	if !strings.Contains(fields, `"date":`) {
		fields += fmt.Sprintf(`,"date":%d`, 10*a.message)
	}
	return a.comes(fmt.Sprintf(`"message":{"message_id":%d,"from":FROM,"chat":CHAT,%s}`, a.message, fields))
}

// comes lets an update come, and returns what is said.
func (a *audience) comes(update string) string {
	a.t.Helper()
	a.id++
	chat := fmt.Sprintf(`{"id":%d,"type":"private"}`, a.person)
	from := fmt.Sprintf(`{"id":%d,"is_bot":false,"first_name":"Olena","language_code":"en"}`, a.person)
	update = strings.NewReplacer("CHAT", chat, "FROM", from).Replace(update)
	d, err := decode([]byte(fmt.Sprintf(`{"update_id":%d,%s}`, a.id, update)))
	if err != nil {
		a.t.Errorf("%s: %v", update, err)
	}
	a.said = nil
	if d.mine {
		if err := a.engine.Handle(a.t.Context(), []bot.Update{d.update}); err != nil {
			a.t.Fatal(err)
		}
	}
	return strings.Join(a.said, " ")
}

func TestWhatAPersonSeesOfEachKindOfUpdate(t *testing.T) {
	a := newAudience(t)
	check := func(k kind, come func(string) string) {
		a.next()
		for _, fields := range k.before {
			if a.sends(fields) == "" {
				t.Errorf("%s, %s: there is no answer to %s", k.field, k.what, fields)
			}
		}
		if got := come(k.fields); got != k.sees {
			t.Errorf("%s, %s: a person sees %q, want %q", k.field, k.what, got, k.sees)
		}
	}
	for _, k := range messageKinds {
		check(k, a.sends)
	}
	for _, k := range updateKinds {
		check(k, a.comes)
	}
	for _, field := range services {
		for _, value := range []string{`{}`, `{"text":"` + question + `","location":{"latitude":1,"longitude":1}}`, `true`, `17`, `[{}]`} {
			check(kind{field: field, what: "a service message", fields: `"` + field + `":` + value}, a.sends)
		}
	}
	for _, field := range abouts {
		for _, value := range []string{`{}`, `true`, `17`, `"x"`, `["x"]`, `null`} {
			check(kind{field: field, what: "something about a message", fields: `"text":"` + question + `","` + field + `":` + value, sees: "<article costs>"}, a.sends)
		}
	}
}

// botAPI are the fields of Update and Message. Source: Bot API 10.1.
var botAPI = map[string]string{
	"Update": `update_id message edited_message channel_post edited_channel_post business_connection business_message edited_business_message
		deleted_business_messages guest_message message_reaction message_reaction_count inline_query chosen_inline_result callback_query shipping_query
		pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member chat_join_request chat_boost removed_chat_boost managed_bot`,
	"Message": `message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot sender_tag date guest_query_id
		business_connection_id chat forward_origin is_topic_message is_automatic_forward reply_to_message external_reply quote reply_to_story
		reply_to_checklist_task_id reply_to_poll_option_id via_bot guest_bot_caller_user guest_bot_caller_chat edit_date has_protected_content
		is_from_offline is_paid_post media_group_id author_signature paid_star_count text entities link_preview_options suggested_post_info effect_id
		rich_message animation audio document live_photo paid_media photo sticker story video video_note voice caption caption_entities
		show_caption_above_media has_media_spoiler checklist contact dice game poll venue location new_chat_members left_chat_member chat_owner_left
		chat_owner_changed new_chat_title new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
		message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message invoice successful_payment refunded_payment users_shared
		chat_shared gift unique_gift gift_upgrade_sent connected_website write_access_allowed passport_data proximity_alert_triggered boost_added
		chat_background_set checklist_tasks_done checklist_tasks_added direct_message_price_changed forum_topic_created forum_topic_edited
		forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway giveaway_winners
		giveaway_completed managed_bot_created paid_message_price_changed poll_option_added poll_option_deleted suggested_post_approved
		suggested_post_approval_failed suggested_post_declined suggested_post_paid suggested_post_refunded video_chat_scheduled video_chat_started
		video_chat_ended video_chat_participants_invited web_app_data reply_markup`,
}

func TestEveryFieldOfTheBotAPIIsThoughtOf(t *testing.T) {
	thought := map[string]map[string]bool{"Update": {"update_id": true, "message": true}, "Message": {}}
	for _, k := range updateKinds {
		thought["Update"][k.field] = true
	}
	for _, k := range messageKinds {
		thought["Message"][k.field] = true
	}
	for _, field := range slices.Concat(services, abouts, needed) {
		if thought["Message"][field] {
			t.Errorf("%s is in two lists", field)
		}
		thought["Message"][field] = true
	}
	for object, fields := range botAPI {
		for field := range strings.FieldsSeq(fields) {
			if !thought[object][field] {
				t.Errorf("%s.%s is in no list", object, field)
			}
			delete(thought[object], field)
		}
		for field := range thought[object] {
			if field != "" && field != "telepathy" {
				t.Errorf("%s.%s is not in the Bot API %s", object, field, apiVersion)
			}
		}
	}
	for _, c := range contents {
		if !slices.ContainsFunc(messageKinds, func(k kind) bool { return k.field == c.field }) {
			t.Errorf("%s is read and not tested", c.field)
		}
	}
}

const updatesFile = "UPDATES.md"

// UPDATES.md tells people what the table above tests.
func TestTheListOfUpdatesIsUpToDate(t *testing.T) {
	content, err := loadContent()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# What a person sees of what they send\n\nEvery kind of update of the Bot API %s. Written by `go test ./internal/telegram -run Updates -update` from the table that is tested there; do not change it by hand.\n\n", apiVersion)
	b.WriteString("Words are read wherever a person writes them: in text, captions, polls, checklists and rich messages. Names of places, songs, games, invoices and contacts are not theirs, and what they quote is not either.\n")
	table := func(title, head string, kinds []kind) {
		fmt.Fprintf(&b, "\n## %s\n\n| %s | what it is | what a person sees |\n| --- | --- | --- |\n", title, head)
		for _, k := range kinds {
			field := ""
			if k.field != "" {
				field = "`" + k.field + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", field, k.what, shown(content, k.sees))
		}
	}
	table("Messages", "field of Message", messageKinds)
	table("Other updates", "field of Update", updateKinds)
	fmt.Fprintf(&b, "\n## Messages that Telegram writes itself\n\nA person sees nothing of them: `%s`.\n", strings.Join(services, "`, `"))
	fmt.Fprintf(&b, "\n## What is said about a message\n\nThe words are answered, whatever these hold: `%s`.\n", strings.Join(abouts, "`, `"))
	if *rewrite {
		if err := os.WriteFile(updatesFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(updatesFile)
	if err != nil || string(have) != b.String() {
		t.Errorf("%s is not up to date (%v); run go test with -update", updatesFile, err)
	}
}

// shown are messages by their ids (those that answer what came, in words), and what is said in their place.
func shown(content *bot.Content, ids string) string {
	ids = strings.NewReplacer("<article costs>", "<the article about costs>", "<talk suicide>", "<where to get help in a crisis>").Replace(ids)
	var out []string
	for ids != "" {
		var one string
		if inside, ok := strings.CutPrefix(ids, "<"); ok {
			one, ids, _ = strings.Cut(inside, ">")
		} else {
			one, ids, _ = strings.Cut(ids, " ")
			if strings.HasPrefix(one, "engine.") {
				one = "“" + content.Words(one, "en") + "”"
			} else {
				one = "`" + one + "`"
			}
		}
		out = append(out, one)
		ids = strings.TrimSpace(ids)
	}
	return stdcmp.Or(strings.Join(out, ", then "), "nothing")
}

// Ten photos at once are one thing that a person did: one answer, and one of what they may send.
func TestAnAlbumIsOneThing(t *testing.T) {
	a := newAudience(t)
	a.next()
	const albums, photos = 15, 10 // of 20 things at once; /start was one
	for album := range albums {
		for photo := range photos {
			want := ""
			if photo == 0 {
				want = "engine.picture"
			}
			if got := a.sends(fmt.Sprintf(`"photo":[{}],"media_group_id":"%d"`, 100+album)); got != want {
				t.Fatalf("photo %d of album %d: a person sees %q, want %q", photo, album, got, want)
			}
		}
	}
	if n := a.engine.Stats().PassedOver.Load(); n != albums*(photos-1) || a.engine.Stats().Floods.Load() != 0 {
		t.Errorf("%d were passed over, %d were too many", n, a.engine.Stats().Floods.Load())
	}
}

// Telegram is asked for edits, and they and albums arrive as such.
func TestEditsAndAlbumsArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := inProcess(t, botapitest.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		var got []string
		done := make(chan error, 1)
		go func() {
			done <- client.Poll(ctx, func(_ context.Context, us []bot.Update) error {
				u := us[0]
				got = append(got, fmt.Sprintf("%s %q edited=%v album=%v", u.Message, u.Input.Text, u.Edited, u.Album != ""))
				return nil
			})
		}()
		u := s.User(7, "", "")
		id := u.SendContent(map[string]any{"text": "one"})
		u.SendAlbum("two", "")
		u.Edit(id, map[string]any{"text": "three"})
		settled(time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{`1 "one" edited=false album=false`, `2 "two" edited=false album=true`, `3 "picture" edited=false album=true`, `1 "three" edited=true album=false`}, got); diff != "" {
			t.Error(diff)
		}
	})
}
