// Package telegram is the channel to the Telegram Bot API.
//
// It receives by long polling ([Client.Poll]) or by webhook
// ([Client.Webhook]); both hand over decoded updates and acknowledge them to
// Telegram only after the caller has taken them durably. It sends as
// [bot.Channel] with HTML markup. Only private chats are served: everything
// from groups and channels is counted and left aside. UPDATES.md lists every kind
// of update with what a person sees of it.
//
// The wire format is that of go-telegram-bot-api v5.5.1, and it uploads the
// files. What that library lacks is added around it here and nowhere else:
//
//   - of an update only what is looked at is decoded, and parameters travel as
//     JSON, which takes a third of the bytes of the library's forms in scripts
//     other than Latin; so all requests but those with files are made here;
//   - every call has a context and a deadline, and answers are bounded;
//   - the library never learns the token. It builds its requests for a
//     placeholder, and the real address is put in just before sending, so
//     neither its errors nor its log can hold the token; the errors of
//     net/http, which quote the address, are replaced;
//   - an answer that is not JSON (a proxy's error page) is a typed, temporary
//     error, and whether a failed request may have reached Telegram is known;
//   - its update channel, which confirms updates before they are handled, and
//     its webhook server are not used.
//
// Errors and log lines hold no token, no chat id and no words of a person.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
)

// DefaultAPIURL is where Telegram itself serves the Bot API.
const DefaultAPIURL = "https://api.telegram.org"

// maxIdle is how many connections are kept while nothing uses them: as many as the
// sender has messages under way at once, and answers to callback queries beside them.
const maxIdle = 512 + maxAnswers

// channelName is the part of a chat's id before the colon.
const channelName = "telegram"

// Options is what a [Client] needs.
type Options struct {
	// Token is what @BotFather gave out for the bot. Required.
	Token string
	// APIURL is the address of the Bot API server, without the token. If empty, [DefaultAPIURL].
	APIURL string
	// HTTPClient has the transport that makes the requests; nothing else of it is used.
	// If nil, one with a connection pool of its own.
	HTTPClient *http.Client
	// Logger takes what an operator should know. If nil, nothing is logged.
	Logger *slog.Logger
	// Timeout is the deadline of one call. If zero, 30 s.
	Timeout time.Duration
	// PollTimeout is how long one poll waits for updates. If zero, [MaxPollTimeout].
	PollTimeout time.Duration
}

// Client is one bot's connection to the Bot API. It implements [bot.Channel]
// and is safe for concurrent use; only one [Client.Poll] may run at a time.
type Client struct {
	token       string
	base        *url.URL
	transport   http.RoundTripper
	log         *slog.Logger
	timeout     time.Duration
	pollTimeout time.Duration
	stats       counters
	callbacks   *callbacks
}

var _ bot.Channel = (*Client)(nil)

var tokenForm = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{3,100}$`)

// New returns a client. It makes no request: the start of a service must not
// depend on the network. The error says which option is wrong.
func New(o Options) (*Client, error) {
	if !tokenForm.MatchString(o.Token) {
		return nil, errors.New("the Telegram bot token does not look like 123456789:AbC…: copy it again from @BotFather")
	}
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	base, err := url.Parse(strings.TrimRight(o.APIURL, "/") + "/")
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("the Telegram API URL is not an absolute http or https address")
	}
	c := &Client{
		token:       o.Token,
		base:        base,
		log:         o.Logger,
		timeout:     o.Timeout,
		pollTimeout: o.PollTimeout,
	}
	c.callbacks = newCallbacks(c)
	switch {
	case o.HTTPClient != nil && o.HTTPClient.Transport != nil:
		c.transport = o.HTTPClient.Transport
	case o.HTTPClient != nil:
		c.transport = http.DefaultTransport
	default:
		t := http.DefaultTransport.(*http.Transport).Clone()
		// All calls go to one host, and the default of 2 would reconnect all the time. As many
		// connections are kept as calls may be under way.
		t.MaxIdleConnsPerHost, t.MaxIdleConns = maxIdle, maxIdle
		// Less than a server keeps an idle connection (nginx: 75 s): a request on
		// one that is just being closed fails, and nobody knows whether it arrived.
		t.IdleConnTimeout = 30 * time.Second
		c.transport = t
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.timeout <= 0 {
		c.timeout = 30 * time.Second
	}
	if c.pollTimeout <= 0 || c.pollTimeout > MaxPollTimeout {
		c.pollTimeout = MaxPollTimeout
	}
	return c, nil
}

// Close waits for the answers to callback queries that are still under way,
// at most 10 s. No other method may be called at the same time or
// afterwards.
func (c *Client) Close() error {
	c.callbacks.close()
	if t, ok := c.transport.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
	return nil
}

// Name returns "telegram".
func (c *Client) Name() string { return channelName }

// Me is what the bot is called on Telegram.
type Me struct {
	ID       int64
	Name     string
	Username string // without @
}

// Me asks who the bot is, which is also the cheapest way to learn whether
// Telegram can be reached and accepts the token ([ErrUnauthorized] if not).
func (c *Client) Me(ctx context.Context) (Me, error) {
	var u tgbotapi.User
	if err := c.get(ctx, "getMe", nil, &u); err != nil {
		return Me{}, err
	}
	return Me{ID: u.ID, Name: u.FirstName, Username: u.UserName}, nil
}

// get makes a call and decodes its result.
func (c *Client) get(ctx context.Context, method string, params tgbotapi.Params, result any) error {
	var given any // without any, the request has no body
	if len(params) > 0 {
		given = params
	}
	raw, cerr := c.call(ctx, c.timeout, method, given)
	if cerr != nil {
		return fmt.Errorf("telegram %s: %w", method, cerr)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return fmt.Errorf("telegram %s: the result has an unexpected form", method)
	}
	return nil
}

// chatNumber returns the id that Telegram knows a chat by.
func chatNumber(chat bot.ChatID) (string, error) {
	if chat.Channel() != channelName {
		return "", errors.New("the chat is not one of Telegram's")
	}
	n, err := strconv.ParseInt(chat.Native(), 10, 64)
	if err != nil || n == 0 {
		return "", errors.New("the chat's id is not a Telegram chat id")
	}
	return strconv.FormatInt(n, 10), nil
}

func chatID(n int64) bot.ChatID {
	return bot.ChatID(channelName + ":" + strconv.FormatInt(n, 10))
}
