package botapitest

import (
	"bytes"
	"encoding/json"
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// method is one call of the API: its parameters and what it does.
type method struct {
	name   string
	params []string // all that it has
	run    func(*Server, *call) (any, *apiError)
}

var methods = func() map[string]method {
	sending := []string{
		"business_connection_id", "chat_id", "message_thread_id", "disable_notification", "protect_content",
		"allow_paid_broadcast", "message_effect_id", "reply_parameters", "reply_markup",
	}
	language := []string{"language_code"}
	scope := []string{"scope", "language_code"}
	out := map[string]method{}
	for _, m := range []method{
		{"getMe", nil, (*Server).getMe},
		{"sendMessage", append([]string{"text", "parse_mode", "entities", "link_preview_options"}, sending...), (*Server).sendMessage},
		{"sendDocument", append([]string{"document", "thumbnail", "caption", "parse_mode", "caption_entities", "disable_content_type_detection"}, sending...), (*Server).sendDocument},
		{"editMessageReplyMarkup", []string{"business_connection_id", "chat_id", "message_id", "inline_message_id", "reply_markup"}, (*Server).editMarkup},
		{"editMessageText", []string{"business_connection_id", "chat_id", "message_id", "inline_message_id", "text", "parse_mode", "entities", "link_preview_options", "reply_markup"}, (*Server).editText},
		{"deleteMessage", []string{"chat_id", "message_id"}, (*Server).deleteMessage},
		{"answerCallbackQuery", []string{"callback_query_id", "text", "show_alert", "url", "cache_time"}, (*Server).answerQuery},
		{"sendChatAction", []string{"business_connection_id", "chat_id", "message_thread_id", "action"}, (*Server).chatAction},
		{"getUpdates", []string{"offset", "limit", "timeout", "allowed_updates"}, (*Server).getUpdates},
		{"setWebhook", []string{"url", "certificate", "ip_address", "max_connections", "allowed_updates", "drop_pending_updates", "secret_token"}, (*Server).setWebhook},
		{"deleteWebhook", []string{"drop_pending_updates"}, (*Server).deleteWebhook},
		{"getWebhookInfo", nil, (*Server).webhookInfo},
		{"setMyCommands", append([]string{"commands"}, scope...), (*Server).setCommands},
		{"getMyCommands", scope, (*Server).getCommands},
		{"deleteMyCommands", scope, (*Server).deleteCommands},
		{"setMyName", append([]string{"name"}, language...), setText("name", 64)},
		{"getMyName", language, getText("name")},
		{"setMyDescription", append([]string{"description"}, language...), setText("description", 512)},
		{"getMyDescription", language, getText("description")},
		{"setMyShortDescription", append([]string{"short_description"}, language...), setText("short_description", 120)},
		{"getMyShortDescription", language, getText("short_description")},
	} {
		out[strings.ToLower(m.name)] = m
	}
	return out
}()

func (s *Server) botUser() map[string]any {
	id, _ := strconv.ParseInt(s.token[:strings.IndexByte(s.token, ':')], 10, 64)
	return map[string]any{"id": id, "is_bot": true, "first_name": "Test bot", "username": "test_bot"}
}

func (s *Server) getMe(*call) (any, *apiError) { return s.botUser(), nil }

// target finds the chat of a call and says why it cannot be written to. The lock is held.
func (s *Server) target(c *call) (*chat, *apiError) {
	v := c.params["chat_id"]
	if v == "" {
		return nil, bad("chat_id is empty")
	}
	id, err := strconv.ParseInt(v, 10, 64)
	ch := s.chats[id]
	if err != nil || ch == nil || !ch.started {
		return nil, bad("chat not found")
	}
	switch {
	case ch.moved != 0:
		return nil, &apiError{400, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": ch.moved}}
	case ch.deactivated:
		return nil, &apiError{code: 403, description: "Forbidden: user is deactivated"}
	case ch.blocked && ch.kind == "private":
		return nil, &apiError{code: 403, description: "Forbidden: bot was blocked by the user"}
	case ch.blocked:
		return nil, &apiError{code: 403, description: "Forbidden: bot was kicked from the " + ch.kind + " chat"}
	}
	return ch, nil
}

// flooded says whether the chat or the bot sends too fast. The lock is held.
func (s *Server) flooded(ch *chat) *apiError {
	if !s.o.Flood {
		return nil
	}
	now := time.Now()
	wait := max(s.all.take(now, false), ch.pace.take(now, false))
	if wait > 0 {
		return tooMany(max(1, int(math.Ceil(wait.Seconds()))))
	}
	s.all.take(now, true)
	ch.pace.take(now, true)
	return nil
}

func (s *Server) sendMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.params["text"] == "" {
		return nil, bad("message text is empty")
	}
	return s.send(c, "text", 4096, nil)
}

func (s *Server) sendDocument(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := c.files["document"]
	if !ok {
		return nil, bad("there is no document in the request")
	}
	if len(f.data) == 0 {
		return nil, bad("file must be non-empty")
	}
	return s.send(c, "caption", 1024, &f)
}

// send checks and stores a message. The lock is held.
func (s *Server) send(c *call, field string, limit int, f *file) (any, *apiError) {
	ch, err := s.target(c)
	if err != nil {
		return nil, err
	}
	text, entities, err := s.styled(c, field)
	if err != nil {
		return nil, err
	}
	switch {
	case field == "text" && text == "":
		return nil, bad("message text is empty")
	case units(text) > limit && field == "caption":
		return nil, bad("message caption is too long")
	case units(text) > limit:
		return nil, bad("message is too long")
	}
	keyboard, err := s.keyboard(c)
	if err != nil {
		return nil, err
	}
	if v, ok := c.params["link_preview_options"]; ok {
		var o struct {
			IsDisabled *bool  `json:"is_disabled"`
			URL        string `json:"url"`
		}
		if json.Unmarshal([]byte(v), &o) != nil {
			return nil, bad("can't parse link preview options JSON object")
		}
	}
	if err := s.flooded(ch); err != nil {
		return nil, err
	}
	m := &Message{ID: ch.nextID(), Text: text, Entities: entities, Keyboard: keyboard, At: time.Now()}
	if f != nil {
		m.FileName, m.File = f.name, f.data
	}
	ch.add(m)
	return s.messageJSON(ch, m), nil
}

// styled reads the text of a call in its parse mode. The lock is held.
func (s *Server) styled(c *call, field string) (string, []Entity, *apiError) {
	text := c.params[field]
	var entities []Entity
	switch mode := c.params["parse_mode"]; strings.ToLower(mode) {
	case "":
	case "html":
		var err error
		if text, entities, err = ParseHTML(text); err != nil {
			return "", nil, err.(*apiError) //nolint:errorlint,forcetypeassert // ParseHTML makes no other
		}
	case "markdown", "markdownv2":
		s.fault("%s: this server does not read %s", c.name, mode)
	default:
		return "", nil, bad("unsupported parse_mode")
	}
	text, entities = trim(text, entities)
	if len(entities) > 100 {
		s.fault("%s: %d entities, the server keeps the first 100", c.name, len(entities))
		entities = entities[:100]
	}
	size := 0
	for _, e := range entities {
		size += 16 + len(e.URL)
	}
	if size > 9500 {
		return "", nil, bad("ENTITIES_TOO_LONG")
	}
	return text, entities, nil
}

// Button is a button of an inline keyboard.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
	// Request is what a button of the app's own keyboard sends: "contact",
	// "location", or "text" for its label. Empty for a button under a message.
	Request string `json:"-"`
}

// replyKeyboard reads and checks a reply_markup that changes the app's own keyboard.
func replyKeyboard(v string) ([][]Button, *apiError) {
	var markup struct {
		Keyboard [][]struct {
			Text     string `json:"text"`
			Contact  bool   `json:"request_contact"`
			Location bool   `json:"request_location"`
		} `json:"keyboard"`
		OneTime     bool   `json:"one_time_keyboard"`
		Resize      bool   `json:"resize_keyboard"`
		Persistent  bool   `json:"is_persistent"`
		Placeholder string `json:"input_field_placeholder"`
		Selective   bool   `json:"selective"`
	}
	d := json.NewDecoder(strings.NewReader(v))
	d.DisallowUnknownFields()
	if err := d.Decode(&markup); err != nil {
		return nil, bad("can't parse reply keyboard markup: %v", err)
	}
	var rows [][]Button
	for _, row := range markup.Keyboard {
		var out []Button
		for _, b := range row {
			if strings.TrimSpace(b.Text) == "" {
				return nil, bad("can't parse keyboard button: Text must be non-empty")
			}
			one := Button{Text: b.Text, Request: "text"}
			switch {
			case b.Contact && b.Location:
				return nil, bad("can't parse keyboard button: several requests")
			case b.Contact:
				one.Request = "contact"
			case b.Location:
				one.Request = "location"
			}
			out = append(out, one)
		}
		rows = append(rows, out)
	}
	return rows, nil
}

// keyboard reads and checks reply_markup. The lock is held.
func (s *Server) keyboard(c *call) ([][]Button, *apiError) {
	v, ok := c.params["reply_markup"]
	if !ok || v == "" {
		return nil, nil
	}
	if strings.Contains(v, `"keyboard":`) {
		return replyKeyboard(v)
	}
	var markup struct {
		Keyboard *[][]json.RawMessage `json:"inline_keyboard"`
	}
	d := json.NewDecoder(strings.NewReader(v))
	d.DisallowUnknownFields()
	if err := d.Decode(&markup); err != nil {
		if strings.Contains(err.Error(), "unknown field") {
			s.fault("%s: reply_markup: %v", c.name, err)
			return nil, nil
		}
		return nil, bad("object expected as reply markup")
	}
	if markup.Keyboard == nil {
		return nil, bad("object expected as reply markup")
	}
	var rows [][]Button
	total := 0
	for _, row := range *markup.Keyboard {
		var out []Button
		for _, raw := range row {
			var b struct {
				Text *string `json:"text"`
				Data *string `json:"callback_data"`
				URL  *string `json:"url"`
			}
			d := json.NewDecoder(bytes.NewReader(raw))
			d.DisallowUnknownFields()
			if err := d.Decode(&b); err != nil {
				return nil, bad("can't parse inline keyboard button: %v", err)
			}
			switch {
			case b.Text == nil:
				return nil, bad(`can't parse inline keyboard button: Can't find field "text"`)
			case strings.TrimSpace(*b.Text) == "":
				return nil, bad("can't parse inline keyboard button: Text buttons must have a non-empty text")
			case b.Data == nil && b.URL == nil:
				return nil, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			case b.Data != nil && b.URL != nil:
				s.fault("%s: a button has data and a url", c.name)
			}
			if b.URL != nil && !validURL(*b.URL) {
				return nil, bad("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", *b.URL)
			}
			if b.Data != nil && (len(*b.Data) < 1 || len(*b.Data) > 64) {
				return nil, bad("BUTTON_DATA_INVALID")
			}
			one := Button{Text: *b.Text}
			if b.Data != nil {
				one.Data = *b.Data
			}
			if b.URL != nil {
				one.URL = *b.URL
			}
			out = append(out, one)
			total++
		}
		if len(out) > 8 {
			s.fault("%s: a row has %d buttons, clients show 8", c.name, len(out))
		}
		if len(out) > 0 {
			rows = append(rows, out)
		}
	}
	if total > 100 || len(v) > 10000 {
		return nil, bad("reply markup is too long")
	}
	return rows, nil
}

func (s *Server) editMarkup(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := s.old(c, "edit")
	if err != nil {
		return nil, err
	}
	keyboard, err := s.keyboard(c)
	if err != nil {
		return nil, err
	}
	switch {
	case m.fromUser:
		return nil, bad("message can't be edited")
	case slices.EqualFunc(m.Keyboard, keyboard, slices.Equal[[]Button]):
		return nil, notModified()
	}
	m.Keyboard, m.Edited = keyboard, true
	ch.changed()
	return s.messageJSON(ch, m), nil
}

func notModified() *apiError {
	return bad("message is not modified: specified new message content and reply markup are exactly the same " +
		"as a current content and reply markup of the message")
}

// old finds the message that a call is about. The lock is held.
func (s *Server) old(c *call, what string) (*chat, *Message, *apiError) {
	ch, err := s.target(c)
	if err != nil {
		return nil, nil, err
	}
	id, err := c.number("message_id", 0)
	if err != nil {
		return nil, nil, err
	}
	if id == 0 {
		return nil, nil, bad("message identifier is not specified")
	}
	m := ch.find(int(id))
	if m == nil {
		return nil, nil, bad("message to %s not found", what)
	}
	return ch, m, nil
}

// editText has no limit of age: the bot's own messages can be edited for ever.
// Source: tdlib/td, MessagesManager.cpp, can_edit_message.
func (s *Server) editText(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := s.old(c, "edit")
	if err != nil {
		return nil, err
	}
	text, entities, err := s.styled(c, "text")
	if err != nil {
		return nil, err
	}
	keyboard, err := s.keyboard(c)
	if err != nil {
		return nil, err
	}
	switch {
	case m.fromUser:
		return nil, bad("message can't be edited")
	case text == "":
		return nil, bad("message text is empty")
	case units(text) > 4096:
		return nil, bad("message is too long")
	case m.Text == text && slices.Equal(m.Entities, entities) && slices.EqualFunc(m.Keyboard, keyboard, slices.Equal[[]Button]):
		return nil, notModified()
	}
	if err := s.flooded(ch); err != nil {
		return nil, err
	}
	m.Text, m.Entities, m.Keyboard, m.Edited = text, entities, keyboard, true
	ch.changed()
	return s.messageJSON(ch, m), nil
}

// deletable is how long a bot can delete a message. Source: Bot API, deleteMessage.
const deletable = 48 * time.Hour

func (s *Server) deleteMessage(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, m, err := s.old(c, "delete")
	switch {
	case err != nil:
		return nil, err
	case time.Since(m.At) > deletable && ch.kind == "supergroup", m.fromUser && ch.kind != "private":
		return nil, bad("message can't be deleted")
	case time.Since(m.At) > deletable:
		return nil, bad("message can't be deleted for everyone")
	}
	ch.remove(m.ID)
	return true, nil
}

// queryLife is how long a callback query can be answered.
// Source: tdlib/telegram-bot-api, Client.cpp, callback updates.
const queryLife = 150 * time.Second

func (s *Server) answerQuery(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queries[c.params["callback_query_id"]]
	if q == nil || time.Since(q.at) > queryLife {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if utf8.RuneCountInString(c.params["text"]) > 200 {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	q.answered = true
	return true, nil
}

func (s *Server) chatAction(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	actions := []string{
		"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
		"choose_sticker", "find_location", "record_video_note", "upload_video_note",
	}
	if !slices.Contains(actions, c.params["action"]) {
		return nil, bad("wrong parameter action in request")
	}
	ch, err := s.target(c)
	if err != nil {
		return nil, err
	}
	ch.actions++
	return true, nil
}

// key is where the profile keeps a property for the scope and language of a call.
func (c *call) key(property string) (string, *apiError) {
	language := c.params["language_code"]
	if language != "" && !regexp.MustCompile(`^[a-z]{2}$`).MatchString(language) {
		return "", bad("invalid language code specified")
	}
	scope := ""
	if v := c.params["scope"]; v != "" {
		var sc struct {
			Type string      `json:"type"`
			Chat json.Number `json:"chat_id"`
		}
		if json.Unmarshal([]byte(v), &sc) != nil {
			return "", bad("can't parse BotCommandScope")
		}
		switch sc.Type {
		case "default":
		case "chat":
			if sc.Chat == "" {
				return "", bad("can't parse BotCommandScope: chat_id is empty")
			}
			scope = "chat:" + sc.Chat.String()
		case "all_private_chats", "all_group_chats", "all_chat_administrators":
			scope = sc.Type
		default:
			return "", bad("can't parse BotCommandScope: Unsupported type specified")
		}
	}
	return property + "/" + scope + "/" + language, nil
}

func (s *Server) setCommands(c *call) (any, *apiError) {
	key, err := c.key("commands")
	if err != nil {
		return nil, err
	}
	var commands []struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	if json.Unmarshal([]byte(c.params["commands"]), &commands) != nil {
		return nil, bad("can't parse commands JSON array")
	}
	if len(commands) > 100 {
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	name := regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	for _, b := range commands {
		if !name.MatchString(b.Command) {
			return nil, bad("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(b.Description); n < 1 || n > 256 {
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	text, _ := json.Marshal(commands)
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(key, "/chat:") {
		id, _ := strconv.ParseInt(strings.Split(strings.TrimPrefix(key, "commands/chat:"), "/")[0], 10, 64)
		if ch := s.chats[id]; ch == nil || !ch.started {
			return nil, bad("chat not found")
		}
	}
	s.profile[key] = string(text)
	return true, nil
}

func (s *Server) getCommands(c *call) (any, *apiError) {
	key, err := c.key("commands")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.profile[key]; v != "" {
		return json.RawMessage(v), nil
	}
	return []any{}, nil
}

func (s *Server) deleteCommands(c *call) (any, *apiError) {
	key, err := c.key("commands")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.profile, key)
	return true, nil
}

func setText(property string, most int) func(*Server, *call) (any, *apiError) {
	return func(s *Server, c *call) (any, *apiError) {
		key, err := c.key(property)
		if err != nil {
			return nil, err
		}
		if utf8.RuneCountInString(c.params[property]) > most {
			return nil, bad("bot %s is too long", strings.ReplaceAll(property, "_", " "))
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.profile[key] = c.params[property]
		return true, nil
	}
}

func getText(property string) func(*Server, *call) (any, *apiError) {
	return func(s *Server, c *call) (any, *apiError) {
		key, err := c.key(property)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return map[string]any{property: s.profile[key]}, nil
	}
}

func (s *Server) setWebhook(c *call) (any, *apiError) {
	address := c.params["url"]
	if address == "" {
		return s.deleteWebhook(c)
	}
	u, perr := url.Parse(address)
	if perr != nil || u.Hostname() == "" {
		return nil, bad("bad webhook: invalid URL specified")
	}
	// A server of one's own takes plain http; of that, only this machine is of use here.
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	}
	secret := c.params["secret_token"]
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`).MatchString(secret) {
		return nil, bad("secret token contains unallowed characters")
	}
	conns, err := c.number("max_connections", 40)
	if err != nil {
		return nil, err
	}
	conns = max(1, min(conns, 100))
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.in.allow(c); err != nil {
		return nil, err
	}
	s.in.drop(c)
	s.abortPoll(conflictWebhookSet)
	s.unhook()
	s.in.hook = &hook{url: address, secret: secret, slots: make(chan struct{}, conns), stop: make(chan struct{}), queues: map[string]bool{}}
	s.in.wake()
	s.deliver()
	return true, nil
}

func (s *Server) deleteWebhook(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in.drop(c)
	s.unhook()
	return true, nil
}

func (s *Server) webhookInfo(*call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(s.in.waiting)}
	if h := s.in.hook; h != nil {
		info["url"] = h.url
		info["max_connections"] = cap(h.slots)
	}
	if s.in.allowed != nil {
		info["allowed_updates"] = s.in.allowed
	}
	return info, nil
}
