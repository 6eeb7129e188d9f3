package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cenkalti/backoff/v5"
	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
)

// Command is one entry of the menu beside the input field.
type Command struct {
	Name        string `json:"command"` // 1 to 32 of a-z 0-9 _
	Description string `json:"description"`
}

// Profile is how the bot presents itself to people whose app has one language.
// A text that is empty is left as it is.
type Profile struct {
	// Language is the two-letter code of the app's language. If empty, the
	// profile is for everybody who has none of their own.
	Language string
	Name     string // at most MaxBotName characters; Telegram allows few changes a day
	Commands []Command
	// Description is shown in an empty chat, at most MaxDescription characters.
	Description string
	// ShortDescription is shown on the bot's page and in links to it, at most MaxShortDescription characters.
	ShortDescription string
}

// setUpPause is the first pause before what failed is tried again.
const setUpPause = 10 * time.Second

// SetUp makes Telegram present the bot as the profiles say. It changes only what
// differs, because changes are limited. A failure is logged and tried again later, so it
// blocks until all is done or ctx ends; run it beside the service, which does
// not depend on it. What Telegram refuses for good is logged and left.
//
// The error is about the profiles themselves, all faults at once, before any
// call; or it is ctx's. A profile whose language has no two-letter code is left
// out, since Telegram knows none such: those people see the default.
func (c *Client) SetUp(ctx context.Context, profiles []Profile) error {
	var faults []error
	for _, p := range profiles {
		faults = append(faults, p.faults()...)
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	var todo []setting
	for _, p := range profiles {
		if p.Language != "" && !twoLetters(p.Language) {
			c.log.InfoContext(ctx, "Telegram has no command menu for this language; the default is shown", "language", p.Language)
			continue
		}
		todo = append(todo, p.settings()...)
	}
	wait := &backoff.ExponentialBackOff{InitialInterval: setUpPause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 10 * time.Minute}
	for {
		var asked time.Duration
		todo, asked = c.apply(ctx, todo)
		if len(todo) == 0 {
			return nil
		}
		sleep(ctx, max(wait.NextBackOff(), asked))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// apply makes the settings and returns those to try again, and how long Telegram asks to wait.
func (c *Client) apply(ctx context.Context, todo []setting) (failed []setting, wait time.Duration) {
	for i, s := range todo {
		err := c.set(ctx, s)
		if ctx.Err() != nil {
			return todo[i:], 0
		}
		var e *callError
		switch {
		case err == nil:
		case errors.As(err, &e) && e.code == http.StatusTooManyRequests:
			c.log.InfoContext(ctx, "Telegram asks for a pause while the bot's profile is set", "wait", e.wait)
			return append(failed, todo[i:]...), e.wait
		case errors.As(err, &e) && e.code >= 400 && e.code < 500 && !errors.Is(e, ErrUnauthorized):
			c.log.ErrorContext(ctx, "Telegram refuses a part of the bot's profile", "language", s.language, "error", err)
		default:
			c.log.WarnContext(ctx, "a part of the bot's profile could not be set; it is tried again", "language", s.language, "error", err)
			failed = append(failed, s)
		}
	}
	return failed, 0
}

// setting is one property of the bot in one language.
type setting struct {
	property string // as in setMy…
	field    string // the parameter, and the field of the result
	language string
	text     string
	commands []Command // in place of text
}

func (p Profile) settings() []setting {
	var out []setting
	if len(p.Commands) > 0 {
		out = append(out, setting{property: "Commands", field: "commands", language: p.Language, commands: p.Commands})
	}
	for _, s := range []setting{
		{property: "Name", field: "name", text: p.Name},
		{property: "Description", field: "description", text: p.Description},
		{property: "ShortDescription", field: "short_description", text: p.ShortDescription},
	} {
		if s.text != "" {
			s.language = p.Language
			out = append(out, s)
		}
	}
	return out
}

// set makes one setting unless it is so already.
func (c *Client) set(ctx context.Context, s setting) error {
	params := tgbotapi.Params{}
	params.AddNonEmpty("language_code", s.language)
	var now json.RawMessage
	if err := c.get(ctx, "getMy"+s.property, params, &now); err != nil {
		return err
	}
	if s.same(now) {
		return nil
	}
	params[s.field] = s.text
	if s.commands != nil {
		params[s.field] = encode(s.commands)
	}
	return c.get(ctx, "setMy"+s.property, params, nil)
}

// same compares with the result of getMy….
func (s setting) same(now json.RawMessage) bool {
	if s.commands != nil {
		var commands []Command
		return json.Unmarshal(now, &commands) == nil && slices.Equal(commands, s.commands)
	}
	var fields map[string]string
	return json.Unmarshal(now, &fields) == nil && fields[s.field] == s.text
}

// SetChatCommands gives one chat a menu of its own, for a person who chose
// another language than that of their app. With no commands it takes it away again.
func (c *Client) SetChatCommands(ctx context.Context, chat bot.ChatID, commands []Command) error {
	id, err := chatNumber(chat)
	if err != nil {
		return fmt.Errorf("telegram setMyCommands: %w", err)
	}
	params := tgbotapi.Params{"scope": `{"type":"chat","chat_id":` + id + `}`}
	if len(commands) == 0 {
		return c.get(ctx, "deleteMyCommands", params, nil)
	}
	if faults := commandFaults(commands); len(faults) > 0 {
		return errors.Join(faults...)
	}
	params["commands"] = encode(commands)
	return c.get(ctx, "setMyCommands", params, nil)
}

// faults lists what Telegram would refuse.
func (p Profile) faults() []error {
	where := "default profile"
	if p.Language != "" {
		where = "profile " + p.Language
	}
	var out []error
	for _, err := range commandFaults(p.Commands) {
		out = append(out, fmt.Errorf("%s: %w", where, err))
	}
	for _, t := range []struct {
		name, text string
		most       int
	}{
		{"name", p.Name, MaxBotName},
		{"description", p.Description, MaxDescription},
		{"short description", p.ShortDescription, MaxShortDescription},
	} {
		if n := utf8.RuneCountInString(t.text); n > t.most {
			out = append(out, fmt.Errorf("%s: the %s has %d characters, at most %d are possible", where, t.name, n, t.most))
		}
	}
	return out
}

func commandFaults(commands []Command) []error {
	var out []error
	if len(commands) > MaxCommands {
		out = append(out, fmt.Errorf("there are %d commands, at most %d are possible", len(commands), MaxCommands))
	}
	for _, c := range commands {
		if !commandName(c.Name) {
			out = append(out, fmt.Errorf("command %q: the name is not 1 to 32 of a-z 0-9 _", c.Name))
		}
		if n := utf8.RuneCountInString(c.Description); n < 1 || n > MaxCommandDescription {
			out = append(out, fmt.Errorf("command %q: the description has %d characters, 1 to %d are possible", c.Name, n, MaxCommandDescription))
		}
	}
	return out
}

func twoLetters(s string) bool {
	return len(s) == 2 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}
