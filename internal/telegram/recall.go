package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"iqbot/bot"
	"iqbot/internal/richtext"
)

// Post is [Client.Send] for a message of text that may have to be taken back: it
// returns the id by which [Client.Recall] finds it, "" if Telegram told none.
func (c *Client) Post(ctx context.Context, chat bot.ChatID, m bot.Message) (bot.MessageRef, error) {
	var ref bot.MessageRef
	err := c.send(ctx, chat, m, &ref)
	c.stats.sending(err)
	return ref, err
}

// sentRef reads the id in the result of a send.
func sentRef(result json.RawMessage) bot.MessageRef {
	var sent struct {
		ID int `json:"message_id"`
	}
	if json.Unmarshal(result, &sent) != nil || sent.ID <= 0 {
		return "" // it is sent, and another try would send it again
	}
	return bot.MessageRef(strconv.Itoa(sent.ID))
}

// Recall deletes a message of the bot. Telegram refuses that after 48 hours; then
// the message stays, and instead takes the place of its text, for which there is no
// such limit. A message that is gone counts as deleted. A failure is a
// [*bot.SendError], as that of [Client.Send]; with SendRefused the message stays as it is.
//
// Sources: Bot API, deleteMessage; tdlib/td, MessagesManager.cpp, can_edit_message.
func (c *Client) Recall(ctx context.Context, chat bot.ChatID, ref bot.MessageRef, instead richtext.Text) error {
	method := "deleteMessage"
	refused := func(err error) error {
		return &bot.SendError{Method: method, Reason: bot.SendRefused, Err: err}
	}
	id, err := chatNumber(chat)
	if err != nil {
		return refused(err)
	}
	n, err := strconv.Atoi(string(ref))
	if err != nil || n <= 0 {
		return refused(errors.New("the message has no Telegram message id"))
	}
	old := sentMessage{Chat: id, Message: n}
	cerr := c.order(ctx, c.timeout, method, old)
	if cerr == nil || vanished(cerr) {
		return nil
	}
	if cerr.code == http.StatusBadRequest && containsAny(cerr.description, "message can't be deleted") {
		method = "editMessageText"
		cerr = c.order(ctx, c.timeout, method, editedText{old, html(instead), "HTML", previewOptions{Disabled: true}})
		if cerr == nil || vanished(cerr) {
			return nil
		}
	}
	return sendError(method, cerr)
}

// sentMessage is the parameters of deleteMessage.
type sentMessage struct {
	Chat    string `json:"chat_id"`
	Message int    `json:"message_id"`
}

// editedText is the parameters of editMessageText.
type editedText struct {
	sentMessage
	Text    string         `json:"text"`
	Mode    string         `json:"parse_mode"`
	Preview previewOptions `json:"link_preview_options"`
}

// vanished says whether nothing is left of a message that was to go: somebody
// deleted it, or it has the new text already.
func vanished(e *callError) bool {
	return e.code == http.StatusBadRequest && containsAny(e.description,
		"message to delete not found", "message to edit not found", "message is not modified", "MESSAGE_ID_INVALID")
}
