package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
)

// Send delivers one message that came out of [Client.Prepare]. It blocks until
// Telegram answers, at most Options.Timeout. A failure is a [*bot.SendError]:
//
//   - SendFailed: an error of the server, or no connection; not delivered.
//   - SendUnknown: the request left, but no answer came that says what became of it.
//   - SendThrottled: too many requests; Wait is what Telegram asks for.
//   - SendBlocked: the person blocked the bot or is gone, or never wrote to it.
//   - SendMoved: a group became a supergroup; Chat is the new id.
//   - SendForbidden: the token is not accepted.
//   - SendRefused: anything else that Telegram, or this package before it, will never take.
//
// Text whose markup is refused is sent once more without any.
func (c *Client) Send(ctx context.Context, chat bot.ChatID, m bot.Message) error {
	err := c.send(ctx, chat, m, nil)
	c.stats.sending(err)
	return err
}

// send delivers one message. If ref is not nil, it becomes the id of a message of
// text; those of a dialogue are answered thirty times a second, and nobody asks for theirs.
func (c *Client) send(ctx context.Context, chat bot.ChatID, m bot.Message, ref *bot.MessageRef) error {
	method := "sendMessage"
	if len(m.File) > 0 {
		method = "sendDocument"
	}
	refused := func(err error) error {
		return &bot.SendError{Method: method, Reason: bot.SendRefused, Err: err}
	}
	id, err := chatNumber(chat)
	if err != nil {
		return refused(err)
	}
	var markup any
	if len(m.Buttons) > 0 || m.Share != "" {
		if markup, err = replyMarkup(m); err != nil {
			return refused(err)
		}
	}
	post := func(text, mode string) *callError {
		params := textMessage{Chat: id, Text: text, Mode: mode, Markup: markup, Preview: previewOptions{Disabled: true}}
		if ref == nil {
			return c.order(ctx, c.timeout, method, params)
		}
		result, cerr := c.call(ctx, c.timeout, method, params)
		if cerr == nil {
			*ref = sentRef(result)
		}
		return cerr
	}
	limit := MaxText
	if len(m.File) > 0 {
		post, limit = c.document(ctx, id, m, markup), MaxCaption
	} else if blank(m.Text) {
		return refused(errors.New("the message has no text"))
	}
	mode := "HTML"
	if len(m.Text) == 0 {
		mode = ""
	}
	cerr := post(html(m.Text), mode)
	if cerr != nil && cerr.code == http.StatusBadRequest && strings.Contains(cerr.description, "can't parse entities") {
		c.stats.plainText.Add(1)
		c.log.ErrorContext(ctx, "Telegram refused the markup of a message; it is sent as plain text", "error", cerr)
		cerr = post(plain(m.Text, limit), "")
	}
	return sendError(method, cerr)
}

// textMessage is the parameters of sendMessage. Source: Bot API, sendMessage.
type textMessage struct {
	Chat    string         `json:"chat_id"`
	Text    string         `json:"text"`
	Mode    string         `json:"parse_mode,omitempty"`
	Markup  any            `json:"reply_markup,omitempty"`
	Preview previewOptions `json:"link_preview_options"`
}

type previewOptions struct {
	Disabled bool `json:"is_disabled"`
}

// document returns what sends the file of m with a caption, any number of times.
func (c *Client) document(ctx context.Context, chat string, m bot.Message, markup any) func(caption, mode string) *callError {
	return func(caption, mode string) *callError {
		params := tgbotapi.Params{"chat_id": chat}
		params.AddNonEmpty("caption", caption)
		params.AddNonEmpty("parse_mode", mode)
		if markup != nil {
			params["reply_markup"] = encode(markup)
		}
		file := tgbotapi.FileBytes{Name: cmp.Or(m.FileName, "file"), Bytes: m.File}
		return c.upload(ctx, c.timeout, "sendDocument", params, []tgbotapi.RequestFile{{Name: "document", Data: file}})
	}
}

// plain is the text without markup: with the addresses of its links if there is room.
func plain(t richtext.Text, limit int) string {
	if s := t.Plain(); units(s) <= limit {
		return s
	}
	return words(t)
}

// sendError tells what became of a send.
func sendError(method string, e *callError) error {
	if e == nil {
		return nil
	}
	s := &bot.SendError{Method: method, Reason: reason(e), Err: e}
	switch s.Reason {
	case bot.SendThrottled:
		s.Wait = max(e.wait, time.Second)
	case bot.SendMoved:
		s.Chat = chatID(e.moved)
	}
	return s
}

func reason(e *callError) bot.SendReason {
	switch {
	case errors.Is(e, ErrUnauthorized):
		return bot.SendForbidden
	case e.reached:
		return bot.SendUnknown
	case e.code == http.StatusTooManyRequests:
		return bot.SendThrottled
	case e.moved != 0:
		return bot.SendMoved
	case e.code == http.StatusForbidden, e.code == http.StatusBadRequest && gone(e.description):
		return bot.SendBlocked
	case e.code >= 400 && e.code < 500:
		return bot.SendRefused
	}
	return bot.SendFailed
}

// gone says whether the description of a 400 means that the chat cannot be
// written to. Telegram gives no codes for these; the words are those of
// tdlib/telegram-bot-api, Client.cpp.
func gone(description string) bool {
	return containsAny(description, "chat not found", "user not found", "PEER_ID_INVALID", "USER_DEACTIVATED",
		"USER_IS_BLOCKED", "group chat was deactivated", "group chat was deleted")
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// replyMarkup is the keyboard of a message: buttons under it, or the app's own
// keyboard where it offers to share something, because only that can.
func replyMarkup(m bot.Message) (any, error) {
	if m.Share == "" {
		return keyboard(m.Buttons)
	}
	share := tgbotapi.NewKeyboardButton(shorten(m.ShareLabel, MaxLabel))
	switch m.Share {
	case flow.ShareContact:
		share.RequestContact = true
	case flow.ShareLocation:
		share.RequestLocation = true
	default:
		return nil, fmt.Errorf("it shares %q, which Telegram does not know", m.Share)
	}
	markup := tgbotapi.NewOneTimeReplyKeyboard(tgbotapi.NewKeyboardButtonRow(share))
	for _, row := range m.Buttons {
		var out []tgbotapi.KeyboardButton
		for _, b := range row { // pressed, they send their label, which the dialogue understands
			out = append(out, tgbotapi.NewKeyboardButton(b.Label))
		}
		markup.Keyboard = append(markup.Keyboard, out)
	}
	return markup, nil
}

// inlineButton is the part of Telegram's InlineKeyboardButton that is used; the
// library's own has a dozen fields that would be looked at for each button.
type inlineButton struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

type inlineKeyboard struct {
	Rows [][]inlineButton `json:"inline_keyboard"`
}

// keyboard is the reply_markup of buttons. The error says which limit a button breaks.
func keyboard(rows [][]bot.Button) (inlineKeyboard, error) {
	markup := inlineKeyboard{Rows: make([][]inlineButton, 0, len(rows))}
	for i, row := range rows {
		out := make([]inlineButton, len(row))
		for j, b := range row {
			if err := check(b); err != nil {
				return inlineKeyboard{}, fmt.Errorf("button %d in row %d: %w", j+1, i+1, err)
			}
			out[j] = inlineButton{b.Label, b.Data, b.URL}
		}
		if len(out) > 0 {
			markup.Rows = append(markup.Rows, out)
		}
	}
	return markup, nil
}

func check(b bot.Button) error {
	switch {
	case strings.TrimSpace(b.Label) == "":
		return errors.New("it has no label")
	case (b.Data == "") == (b.URL == ""):
		return errors.New("it needs either data or a URL")
	case len(b.Data) > bot.MaxButtonData:
		return fmt.Errorf("its data has %d bytes, at most %d are possible", len(b.Data), bot.MaxButtonData)
	case b.URL != "":
		u, err := url.Parse(b.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return errors.New("its URL is not an absolute http or https address")
		}
	}
	return nil
}

// encode is json.Marshal for values that cannot fail: strings and lists of them.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
