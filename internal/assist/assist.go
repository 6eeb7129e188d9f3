// Package assist asks a language model for help with an answer, at an endpoint
// that speaks the chat completions API of OpenAI: a hosted one, or vLLM,
// llama.cpp or Ollama on the operator's own machine.
//
// It is off unless an operator configures it; without it nothing is sent
// anywhere. What is sent is one question, from which package bot has taken
// addresses and long numbers, and the articles that were found for it. No chat
// id, no name, nothing of an earlier message and nothing of a request to an
// advisor goes along.
//
// The model may choose one of the found articles ([Rerank]), or also word a
// short answer from it ([Rephrase]). What it says is data: package bot checks it
// against the article, and every failure here only means that the person gets
// the answer that they would get without a model. So that a slow or dead
// endpoint does not cost everybody the timeout, few questions are asked at
// once, and after [failuresToOpen] failures in a row none for [openFor].
//
// Errors and log lines hold no words of people and no key, and for that reason
// nothing that the endpoint wrote: a server may repeat both in its messages.
package assist

import (
	"context"
	_ "embed" // the instructions to the model
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sashabaranov/go-openai"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"iqbot/bot"
)

// Limits of one question to the model.
const (
	// failuresToOpen is how many failures in a row make the client stop asking.
	failuresToOpen = 5
	// openFor is how long it then does not ask; after that one question tries again.
	openFor = 30 * time.Second
	// maxTokens bounds what the model writes: bot takes 800 characters, which
	// are about 400 tokens in Arabic or Ukrainian, and JSON around them.
	maxTokens = 600
	// maxReply bounds what is read of a reply, in bytes; 600 tokens are some 5 KB.
	maxReply = 64 << 10
)

// openAI begins the addresses of OpenAI's own API.
const openAI = "https://api.openai.com/"

// Mode is what the model may do.
type Mode string

// The modes.
const (
	Rerank   Mode = "rerank"   // choose one of the found articles, or none
	Rephrase Mode = "rephrase" // also word a short answer from it
)

// none is what the model chooses if no article answers the question. A topic of
// that name could not be chosen, which does no harm.
const none = "none"

var (
	//go:embed rerank.txt
	rerankInstruction string
	//go:embed rephrase.txt
	rephraseInstruction string
)

// Reason is why there is no help.
type Reason string

// The reasons.
const (
	Unreachable Reason = "unreachable"            // no connection, or it broke
	TimedOut    Reason = "too slow"               // no answer within the timeout
	Refused     Reason = "the key is refused"     // status 401 or 403
	Throttled   Reason = "too many requests"      // status 429
	Failed      Reason = "the server failed"      // status 500 and above
	Rejected    Reason = "the request is refused" // any other status but 200
	Malformed   Reason = "not the agreed form"    // a reply that is not what was asked for
	Busy        Reason = "busy"                   // as many questions as allowed are being asked
	Resting     Reason = "resting"                // it failed again and again, and is not asked for a while
	Cancelled   Reason = "cancelled"              // the caller gave up
)

// Error is why there is no help. It holds neither the key nor words of a person.
type Error struct {
	Reason Reason
	Status int   // HTTP status; 0 if there was no reply
	Err    error // what the network said; may be nil
}

func (e *Error) Error() string {
	s := "assistant: " + string(e.Reason)
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns what the network said.
func (e *Error) Unwrap() error { return e.Err }

// Options configure a Client.
type Options struct {
	// URL is the base address of the API, such as http://localhost:11434/v1.
	URL string
	// Model is the name of the model as the endpoint knows it.
	Model string
	// Key is sent as a bearer token. If empty, none is sent.
	Key string
	// Mode is what the model may do. If empty, [Rerank].
	Mode Mode
	// Timeout is how long an answer may take. It must be above zero.
	Timeout time.Duration
	// AtOnce is how many questions are asked at the same time; it must be above zero.
	AtOnce int
	// Recipient names who gets the questions, for people, see [bot.Assistant].
	Recipient string
	// Log hears when the endpoint is given up and when it is back.
	Log *slog.Logger
}

// Client asks the model. It implements [bot.Assistant] and is safe for
// concurrent use.
type Client struct {
	o       Options
	api     *openai.Client
	slots   chan struct{}
	breaker *gobreaker.CircuitBreaker[bot.AssistReply]
}

// New builds a client; it sends nothing.
func New(o Options) *Client { return newClient(o, openFor) }

func newClient(o Options, rest time.Duration) *Client {
	conf := openai.DefaultConfig(o.Key)
	conf.BaseURL = strings.TrimRight(o.URL, "/")
	conf.HTTPClient = &http.Client{
		Transport: bounded{http.DefaultTransport},
		// A question must go to nobody but the endpoint that the operator named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c := &Client{o: o, api: openai.NewClientWithConfig(conf), slots: make(chan struct{}, o.AtOnce)}
	c.breaker = gobreaker.NewCircuitBreaker[bot.AssistReply](gobreaker.Settings{
		Timeout:     rest,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresToOpen },
		IsExcluded: func(err error) bool { // says nothing about the endpoint
			var e *Error
			return errors.As(err, &e) && e.Reason == Cancelled
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case to == gobreaker.StateOpen && from == gobreaker.StateClosed:
				o.Log.Warn("the assistant failed again and again; people get the plain answers, and it is tried again now and then")
			case to == gobreaker.StateClosed:
				o.Log.Info("the assistant answers again")
			}
		},
	})
	return c
}

// Recipient names who gets the questions.
func (c *Client) Recipient() string { return c.o.Recipient }

// Assist asks the model. It blocks until there is a reply, at most for the
// timeout; the error is an [*Error].
func (c *Client) Assist(ctx context.Context, q bot.AssistQuestion) (bot.AssistReply, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		return bot.AssistReply{}, &Error{Reason: Busy}
	}
	reply, err := c.breaker.Execute(func() (bot.AssistReply, error) { return c.ask(ctx, q) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return bot.AssistReply{}, &Error{Reason: Resting}
	}
	return reply, err
}

// ask sends one question and reads the reply.
func (c *Client) ask(ctx context.Context, q bot.AssistQuestion) (bot.AssistReply, error) {
	request, err := c.request(q)
	if err != nil {
		return bot.AssistReply{}, &Error{Reason: Malformed, Err: err}
	}
	limited, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	response, err := c.api.CreateChatCompletion(limited, request)
	switch {
	case err != nil && ctx.Err() != nil:
		return bot.AssistReply{}, &Error{Reason: Cancelled}
	case err != nil && limited.Err() != nil:
		return bot.AssistReply{}, &Error{Reason: TimedOut}
	case err != nil:
		return bot.AssistReply{}, reasoned(err)
	case len(response.Choices) != 1:
		return bot.AssistReply{}, &Error{Reason: Malformed}
	}
	return c.read(response.Choices[0].Message.Content, q)
}

// asked is what the model is given of a person and of the content.
type asked struct {
	Question string    `json:"question"`
	Language string    `json:"language"` // in English
	Articles []article `json:"articles"`
}

type article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

func (c *Client) request(q bot.AssistQuestion) (openai.ChatCompletionRequest, error) {
	data := asked{Question: q.Words, Language: languageName(q.Lang)}
	ids := []string{none}
	for _, a := range q.Articles {
		data.Articles = append(data.Articles, article{ID: a.Topic, Title: a.Title, Text: a.Text})
		ids = append(ids, a.Topic)
	}
	user, err := json.Marshal(data)
	if err != nil {
		return openai.ChatCompletionRequest{}, err
	}
	schema, err := c.schema(ids)
	if err != nil {
		return openai.ChatCompletionRequest{}, err
	}
	instruction := rerankInstruction
	if c.o.Mode == Rephrase {
		instruction = rephraseInstruction
	}
	r := openai.ChatCompletionRequest{
		Model:       c.o.Model,
		Temperature: math.SmallestNonzeroFloat32, // zero, which the library would leave out
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: instruction},
			{Role: openai.ChatMessageRoleUser, Content: string(user)},
		},
		ResponseFormat: &openai.ChatCompletionResponseFormat{
			Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "reply", Schema: schema, Strict: true},
		},
	}
	c.limit(&r)
	return r, nil
}

// limit bounds what the model writes. OpenAI has another name for the limit, and
// its reasoning models refuse the old one and a temperature. Others know the old
// name only: Ollama ignores the new one, so that a model may write without end
// (ollama/ollama#7125).
func (c *Client) limit(r *openai.ChatCompletionRequest) {
	if openai.NewReasoningValidator().Validate(*r) != nil {
		r.Temperature = 0
		r.MaxCompletionTokens = maxTokens
		return
	}
	if strings.HasPrefix(c.o.URL, openAI) {
		r.MaxCompletionTokens = maxTokens
		return
	}
	r.MaxTokens = maxTokens //nolint:staticcheck // the old name, on purpose
}

// schema is the form of the reply: an id of the list, and a text if one is wanted.
func (c *Client) schema(ids []string) (json.RawMessage, error) {
	properties := map[string]any{"article": map[string]any{"type": "string", "enum": ids}}
	required := []string{"article"}
	if c.o.Mode == Rephrase {
		properties["answer"] = map[string]any{"type": "string"}
		required = append(required, "answer")
	}
	return json.Marshal(map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

// read takes a reply that is exactly what was asked for. Servers that do not
// know the response format may send anything.
func (c *Client) read(content string, q bot.AssistQuestion) (bot.AssistReply, error) {
	malformed := func() (bot.AssistReply, error) { return bot.AssistReply{}, &Error{Reason: Malformed} }
	var said struct {
		Article string  `json:"article"`
		Answer  *string `json:"answer"`
	}
	d := json.NewDecoder(strings.NewReader(content))
	d.DisallowUnknownFields()
	if d.Decode(&said) != nil || d.Decode(new(any)) != io.EOF {
		return malformed()
	}
	wanted := c.o.Mode == Rephrase
	switch {
	case said.Answer != nil && !wanted:
		return malformed()
	case said.Article == none:
		return bot.AssistReply{}, nil
	case !slices.ContainsFunc(q.Articles, func(a bot.AssistArticle) bool { return a.Topic == said.Article }):
		return malformed()
	case !wanted:
		return bot.AssistReply{Topic: said.Article}, nil
	case said.Answer == nil || strings.TrimSpace(*said.Answer) == "":
		return malformed()
	}
	return bot.AssistReply{Topic: said.Article, Text: *said.Answer}, nil
}

// reasoned turns an error of the library into one that may be shown: of what
// the server wrote only the status is kept.
func reasoned(err error) *Error {
	var api *openai.APIError
	var other *openai.RequestError
	var network *url.Error
	switch {
	case errors.As(err, &api):
		return &Error{Reason: ofStatus(api.HTTPStatusCode), Status: api.HTTPStatusCode}
	case errors.As(err, &other):
		return &Error{Reason: ofStatus(other.HTTPStatusCode), Status: other.HTTPStatusCode}
	case errors.As(err, &network):
		return &Error{Reason: Unreachable, Err: network.Err}
	default:
		return &Error{Reason: Malformed}
	}
}

func ofStatus(status int) Reason {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return Refused
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= http.StatusInternalServerError:
		return Failed
	default:
		return Rejected
	}
}

// languageName is a language in English, such as "Ukrainian"; a tag that is not known is itself.
func languageName(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	return display.English.Tags().Name(t)
}

// bounded reads no more of a reply than maxReply; the library reads all there is.
type bounded struct{ next http.RoundTripper }

// RoundTrip sends r.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxReply), response.Body}
	}
	return response, err
}
