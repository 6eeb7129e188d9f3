package botapitest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Message is what a chat shows of one message of the bot.
type Message struct {
	ID       int
	Text     string // without markup
	Entities []Entity
	Keyboard [][]Button
	FileName string
	File     []byte
	Edited   bool
	At       time.Time // when the bot sent it

	fromUser bool
}

// Buttons are the labels in reading order.
func (m Message) Buttons() []string {
	var out []string
	for _, row := range m.Keyboard {
		for _, b := range row {
			out = append(out, b.Text)
		}
	}
	return out
}

// chat is one dialogue as both sides see it.
type chat struct {
	id          int64
	kind        string // private, group, supergroup
	title       string
	started     bool
	blocked     bool
	deactivated bool
	moved       int64
	messages    []*Message
	last        int // message id
	actions     int
	pace        bucket
	news        chan struct{}
}

func (c *chat) nextID() int { c.last++; return c.last }

func (c *chat) add(m *Message) { c.messages = append(c.messages, m); c.changed() }

func (c *chat) remove(id int) {
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == id })
	c.changed()
}

func (c *chat) changed() {
	close(c.news)
	c.news = make(chan struct{})
}

func (c *chat) find(id int) *Message {
	for _, m := range c.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// chat returns the chat with an id, making it if need be. The lock is held.
func (s *Server) chat(id int64, kind string) *chat {
	c := s.chats[id]
	if c == nil {
		c = &chat{id: id, kind: kind, news: make(chan struct{}), pace: bucket{rate: 1, burst: 3}}
		if kind != "private" {
			c.pace = bucket{rate: 20.0 / 60, burst: 20}
			c.started = true
		}
		s.chats[id] = c
	}
	return c
}

// User is a person in a private chat with the bot. Its methods may be called concurrently.
type User struct {
	ID       int64
	Language string // of their app; may be empty
	Username string // without @; may be empty
	s        *Server
	c        *chat
}

// User returns the person with an id, who must write before the bot can. The
// same id is the same chat.
func (s *Server) User(id int64, language, username string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &User{ID: id, Language: language, Username: username, s: s, c: s.chat(id, "private")}
}

// Group is a group that the bot is a member of.
type Group struct {
	ID int64 // negative
	s  *Server
	c  *chat
}

// Group returns the group with an id.
func (s *Server) Group(id int64, title string) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(id, "group")
	c.title = title
	return &Group{ID: id, s: s, c: c}
}

// Migrate makes the group a supergroup with another id: what is sent to the old one is refused.
func (g *Group) Migrate(to int64) *Group {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.c.moved = to
	c := g.s.chat(to, "supergroup")
	c.title = g.c.title
	return &Group{ID: to, s: g.s, c: c}
}

// Kick throws the bot out.
func (g *Group) Kick() {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.c.blocked = true
}

// Age makes all that stands in the group older.
func (g *Group) Age(by time.Duration) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for _, m := range g.c.messages {
		m.At = m.At.Add(-by)
	}
}

// Send lets a member of the group write.
func (g *Group) Send(from *User, text string) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.s.say(g.c, from, map[string]any{"text": text})
}

// Messages are those of the bot that the group shows, oldest first.
func (g *Group) Messages() []Message { return g.s.shown(g.c) }

// WaitMessages waits until the group shows at least n messages of the bot.
func (g *Group) WaitMessages(ctx context.Context, n int) ([]Message, error) {
	return g.s.wait(ctx, g.c, n)
}

// Send lets the person write. The first time it opens the chat.
func (u *User) Send(text string) {
	u.SendContent(map[string]any{"text": text, "entities": commandEntities(text)})
}

func commandEntities(text string) []Entity {
	n := 0
	for n < len(text) && text[n] > ' ' {
		n++
	}
	if n < 2 || text[0] != '/' {
		return nil
	}
	return []Entity{{Type: "bot_command", Length: n}}
}

// SendPhoto lets the person send a photo in place of words.
func (u *User) SendPhoto(caption string) { u.SendContent(photo(caption)) }

func photo(caption string) map[string]any {
	fields := map[string]any{"photo": []map[string]any{
		{"file_id": "photo", "file_unique_id": "photo", "width": 90, "height": 60, "file_size": 1000},
	}}
	if caption != "" {
		fields["caption"] = caption
	}
	return fields
}

// SendAlbum lets the person send photos at once, one for each caption: a message each, of one group.
func (u *User) SendAlbum(captions ...string) {
	u.s.mu.Lock()
	group := "album after " + strconv.Itoa(u.c.last)
	u.s.mu.Unlock()
	for _, caption := range captions {
		fields := photo(caption)
		fields["media_group_id"] = group
		u.SendContent(fields)
	}
}

// SendLocation lets the person send where they are.
func (u *User) SendLocation(latitude, longitude float64) {
	u.SendContent(map[string]any{"location": map[string]any{"latitude": latitude, "longitude": longitude}})
}

// SendContent lets the person send a message with any fields of the API's Message, and returns its id.
func (u *User) SendContent(fields map[string]any) int {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.c.started, u.c.blocked = true, false
	return u.s.say(u.c, u, fields).ID
}

// Edit lets the person change a message that SendContent sent.
func (u *User) Edit(message int, fields map[string]any) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	fields = maps.Clone(fields)
	fields["edit_date"] = time.Now().Unix()
	if m := u.c.find(message); m != nil {
		u.s.queue("edited_message", u.c, u, m, fields)
	}
}

// say stores a person's message and queues the update. The lock is held.
func (s *Server) say(c *chat, from *User, fields map[string]any) *Message {
	m := &Message{ID: c.nextID(), At: time.Now(), fromUser: true}
	c.messages = append(c.messages, m)
	s.queue("message", c, from, m, fields)
	return m
}

// queue queues an update of a person's message. The lock is held.
func (s *Server) queue(kind string, c *chat, from *User, m *Message, fields map[string]any) {
	content := map[string]any{"message_id": m.ID, "date": m.At.Unix(), "chat": chatJSON(c, from), "from": from.json()}
	for k, v := range fields {
		if list, ok := v.([]Entity); !ok || len(list) > 0 {
			content[k] = v
		}
	}
	s.push(kind, "chat "+strconv.FormatInt(c.id, 10), content)
}

func (u *User) json() map[string]any {
	out := map[string]any{"id": u.ID, "is_bot": false, "first_name": "Person"}
	if u.Language != "" {
		out["language_code"] = u.Language
	}
	if u.Username != "" {
		out["username"] = u.Username
	}
	return out
}

func chatJSON(c *chat, u *User) map[string]any {
	out := map[string]any{"id": c.id, "type": c.kind}
	if c.kind != "private" {
		out["title"] = c.title
		return out
	}
	out["first_name"] = "Person"
	if u != nil && u.Username != "" {
		out["username"] = u.Username
	}
	return out
}

// messageJSON is a message of the bot in the API's form. The lock is held.
func (s *Server) messageJSON(c *chat, m *Message) map[string]any {
	out := map[string]any{"message_id": m.ID, "date": m.At.Unix(), "chat": chatJSON(c, nil), "from": s.botUser()}
	field := ""
	if m.FileName != "" {
		field = "caption_"
		out["document"] = map[string]any{"file_id": "file", "file_unique_id": "file", "file_name": m.FileName, "file_size": len(m.File)}
		out["caption"] = m.Text
	} else {
		out["text"] = m.Text
	}
	if len(m.Entities) > 0 {
		out[field+"entities"] = m.Entities
	}
	if len(m.Keyboard) > 0 {
		out["reply_markup"] = map[string]any{"inline_keyboard": m.Keyboard}
	}
	return out
}

// ErrNoButton means that the person sees no such button.
var ErrNoButton = errors.New("no message shows such a button")

// Press lets the person press the button with a label or, failing that, with
// data, in the newest message that has one. A button that opens a page only
// does that. The error is [ErrNoButton].
func (u *User) Press(labelOrData string) error { return u.press(0, labelOrData) }

// PressIn is Press for the message with an id: perhaps an old one.
func (u *User) PressIn(message int, labelOrData string) error { return u.press(message, labelOrData) }

func (u *User) press(id int, want string) error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	for _, match := range []func(Button) bool{
		func(b Button) bool { return b.Text == want },
		func(b Button) bool { return b.Data == want && b.Data != "" },
	} {
		for _, m := range slices.Backward(u.c.messages) {
			if id != 0 && m.ID != id {
				continue
			}
			for _, row := range m.Keyboard {
				if i := slices.IndexFunc(row, match); i >= 0 {
					u.tap(m, row[i])
					return nil
				}
			}
		}
	}
	return ErrNoButton
}

// SharedNumber and SharedPoint are what every person shares who presses a
// button that asks for it; the point is the Deutsches Eck in Koblenz.
const SharedNumber = "4915112345678"

// SharedPoint is in degrees north and east.
var SharedPoint = [2]float64{50.3644, 7.6056}

// tap queues the callback query of a button. The lock is held.
func (u *User) tap(m *Message, b Button) {
	switch b.Request {
	case "text":
		u.s.say(u.c, u, map[string]any{"text": b.Text})
	case "contact":
		u.s.say(u.c, u, map[string]any{"contact": map[string]any{"phone_number": SharedNumber, "first_name": "Test", "user_id": u.ID}})
	case "location":
		u.s.say(u.c, u, map[string]any{"location": map[string]any{"latitude": SharedPoint[0], "longitude": SharedPoint[1]}})
	}
	if b.Data == "" {
		return
	}
	u.s.ids++
	id := strconv.FormatInt(u.s.ids, 10)
	u.s.queries[id] = &query{at: time.Now()}
	u.s.push("callback_query", "user "+strconv.FormatInt(u.ID, 10), map[string]any{
		"id": id, "from": u.json(), "chat_instance": strconv.FormatInt(u.ID, 10), "data": b.Data, "message": u.s.messageJSON(u.c, m),
	})
}

// PressData lets a person whose app is not honest send data that no button carries.
func (u *User) PressData(message int, data string) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	m := u.c.find(message)
	if m == nil {
		m = &Message{ID: message, At: time.Now()}
	}
	u.tap(m, Button{Data: data})
}

// Unanswered is how many presses of buttons still show the waiting sign.
func (s *Server) Unanswered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, q := range s.queries {
		if !q.answered {
			n++
		}
	}
	return n
}

// Block makes the person refuse the bot's messages.
func (u *User) Block() { u.block(true) }

// Unblock takes Block back. Writing does so too.
func (u *User) Unblock() { u.block(false) }

func (u *User) block(b bool) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.c.blocked = b
	u.c.started = true
	status := map[bool]string{true: "kicked", false: "member"}
	u.s.push("my_chat_member", "member "+strconv.FormatInt(u.ID, 10), map[string]any{
		"chat": chatJSON(u.c, u), "from": u.json(), "date": time.Now().Unix(),
		"old_chat_member": map[string]any{"user": u.s.botUser(), "status": status[!b]},
		"new_chat_member": map[string]any{"user": u.s.botUser(), "status": status[b]},
	})
}

// Deactivate closes the person's account.
func (u *User) Deactivate() {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.c.deactivated = true
}

// Delete removes a message of the bot from the chat.
func (u *User) Delete(message int) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.c.remove(message)
}

// Typing is how often the person saw the bot typing.
func (u *User) Typing() int {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	return u.c.actions
}

// Messages are those of the bot that the person sees, oldest first.
func (u *User) Messages() []Message { return u.s.shown(u.c) }

// Last is the newest of them; the zero Message if there is none.
func (u *User) Last() Message {
	if ms := u.Messages(); len(ms) > 0 {
		return ms[len(ms)-1]
	}
	return Message{}
}

// WaitMessages waits until the person sees at least n messages of the bot.
func (u *User) WaitMessages(ctx context.Context, n int) ([]Message, error) {
	return u.s.wait(ctx, u.c, n)
}

// Expect waits for a message of the bot that ok accepts, in all that the person
// sees, and returns the first such.
func (u *User) Expect(ctx context.Context, ok func(Message) bool) (Message, error) {
	var found Message
	err := u.s.until(ctx, u.c, func(ms []Message) bool {
		i := slices.IndexFunc(ms, ok)
		if i >= 0 {
			found = ms[i]
		}
		return i >= 0
	})
	return found, err
}

func (s *Server) shown(c *chat) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range c.messages {
		if !m.fromUser {
			out = append(out, *m)
		}
	}
	return out
}

func (s *Server) wait(ctx context.Context, c *chat, n int) ([]Message, error) {
	var seen []Message
	err := s.until(ctx, c, func(ms []Message) bool { seen = ms; return len(ms) >= n })
	if err != nil {
		err = fmt.Errorf("%d of %d messages: %w", len(seen), n, err)
	}
	return seen, err
}

// until waits until what a chat shows is as wished.
func (s *Server) until(ctx context.Context, c *chat, ok func([]Message) bool) error {
	for {
		s.mu.Lock()
		news := c.news
		s.mu.Unlock()
		if ok(s.shown(c)) {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
