package telegram

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
)

// Decorate shows a mark on a pressed button, or for 5 s or until a message is sent
// that an answer is being prepared. It makes one call and blocks until Telegram
// answers or ctx ends. A failure is a [*bot.SendError], as that of [Client.Send]. A
// mark on a message that is gone, too old or already marked counts as done.
func (c *Client) Decorate(ctx context.Context, chat bot.ChatID, d bot.Decoration) error {
	method := "sendChatAction"
	if d.Mark != nil {
		method = "editMessageReplyMarkup"
	}
	refused := func(err error) error {
		return &bot.SendError{Method: method, Reason: bot.SendRefused, Err: err}
	}
	id, err := chatNumber(chat)
	if err != nil {
		return refused(err)
	}
	if d.Mark == nil {
		return sendError(method, c.order(ctx, c.timeout, method, tgbotapi.Params{"chat_id": id, "action": "typing"}))
	}
	n, err := strconv.Atoi(string(d.Mark.Message))
	if err != nil || n <= 0 {
		return refused(errors.New("the message to mark has no Telegram message id"))
	}
	markup, err := marked(*d.Mark)
	if err != nil {
		return refused(err)
	}
	cerr := c.order(ctx, c.timeout, method, mark{Chat: id, Message: n, Markup: markup})
	if cerr != nil && cerr.code == http.StatusBadRequest && uneditable(cerr.description) {
		return nil
	}
	return sendError(method, cerr)
}

// mark is the parameters of editMessageReplyMarkup.
type mark struct {
	Chat    string         `json:"chat_id"`
	Message int            `json:"message_id"`
	Markup  inlineKeyboard `json:"reply_markup"`
}

// marked is the keyboard that shows which button was pressed, below those that
// stay; with neither, no buttons.
func marked(m bot.Mark) (inlineKeyboard, error) {
	rows := shortLabels(m.Buttons)
	if strings.TrimSpace(m.Label) != "" {
		rows = append(rows, []bot.Button{{Label: shorten("✓ "+m.Label, MaxLabel), Data: bot.NoOpData}})
	}
	return keyboard(rows)
}

// uneditable says whether the description of a 400 means that there is nothing left to mark.
func uneditable(description string) bool {
	return containsAny(description, "message is not modified", "message to edit not found", "message can't be edited",
		"MESSAGE_ID_INVALID")
}
