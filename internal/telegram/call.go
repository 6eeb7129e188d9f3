package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// ErrUnauthorized means that Telegram does not accept the bot token.
var ErrUnauthorized = errors.New("the bot token is not accepted: " +
	"check TELEGRAM_BOT_TOKEN against what @BotFather shows, and TELEGRAM_API_URL if it is set")

// callError is a call that did not succeed.
type callError struct {
	code        int           // of the answer; 0 if there was none
	description string        // holds neither the token nor words of a message
	wait        time.Duration // from a 429
	moved       int64         // the chat's new id, if it has one
	reached     bool          // without an answer: Telegram may have acted on the request
	cause       error         // ErrUnauthorized or a context's error, or nil
}

func (e *callError) Error() string {
	switch {
	case errors.Is(e.cause, ErrUnauthorized):
		return fmt.Sprintf("%d %s: %v", e.code, e.description, e.cause)
	case e.code != 0:
		return fmt.Sprintf("%d %s", e.code, e.description)
	}
	return e.description
}

// Unwrap returns ErrUnauthorized, context.Canceled, context.DeadlineExceeded or nil.
func (e *callError) Unwrap() error { return e.cause }

// call makes one request with params, which must be encodable as a JSON object, or nil.
// The result is the raw JSON of the answer's field of that name.
//
// The request is not made by the library, which would build a form, parse an
// address and decode a stream to make what is replaced afterwards anyway.
func (c *Client) call(ctx context.Context, timeout time.Duration, method string, params any) (json.RawMessage, *callError) {
	ctx, cancel := within(ctx, timeout)
	defer cancel()
	x := &exchange{c: c, ctx: ctx, method: method}
	body, known := x.do(x.request(params))
	if known != nil {
		return nil, known
	}
	return x.read(body)
}

// read returns the result in the body of an answer, or the error that it is.
func (x *exchange) read(body []byte) (json.RawMessage, *callError) {
	var resp tgbotapi.APIResponse
	if err := unmarshal(body, &resp); err != nil {
		return nil, x.page()
	}
	if resp.Ok {
		return resp.Result, nil
	}
	refusal := tgbotapi.Error{Code: resp.ErrorCode, Message: resp.Description}
	if resp.Parameters != nil {
		refusal.ResponseParameters = *resp.Parameters
	}
	return nil, x.refused(&refusal)
}

// order is call for what has no result that matters. Of an answer that says yes, which most
// do, nothing else is read.
func (c *Client) order(ctx context.Context, timeout time.Duration, method string, params any) *callError {
	ctx, cancel := within(ctx, timeout)
	defer cancel()
	x := &exchange{c: c, ctx: ctx, method: method}
	body, known := x.do(x.request(params))
	if known != nil || x.status == http.StatusOK && bytes.HasPrefix(body, yes) && bytes.HasSuffix(bytes.TrimSpace(body), closing) {
		return known
	}
	_, known = x.read(body)
	return known
}

// yes is how the Bot API begins an answer that says so, and closing how it ends.
var yes, closing = []byte(`{"ok":true,`), []byte("}")

// upload is call with files, as a multipart form.
func (c *Client) upload(ctx context.Context, timeout time.Duration, method string, params tgbotapi.Params, files []tgbotapi.RequestFile) *callError {
	ctx, cancel := within(ctx, timeout)
	defer cancel()
	x := &exchange{c: c, ctx: ctx, method: method}
	api := &tgbotapi.BotAPI{Token: "placeholder", Client: x}
	api.SetAPIEndpoint("http://library.invalid/%s/%s")
	_, err := api.UploadFiles(method, params, files)
	if err == nil {
		return nil
	}
	var known *callError
	if errors.As(err, &known) {
		return known
	}
	var refusal *tgbotapi.Error
	if errors.As(err, &refusal) {
		return x.refused(refusal)
	}
	return x.page() // the library could not decode the body
}

// within returns ctx with a deadline of at most timeout from now.
func within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if d, ok := ctx.Deadline(); ok && time.Until(d) <= timeout {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
}

// refused is the error of an answer that says no.
func (x *exchange) refused(refusal *tgbotapi.Error) *callError {
	e := &callError{
		code:        refusal.Code, // UploadFiles leaves it out
		description: x.c.redact(refusal.Message),
		wait:        time.Duration(refusal.RetryAfter) * time.Second,
		moved:       refusal.MigrateToChatID,
	}
	if e.code == 0 {
		e.code = x.status
	}
	if e.code == http.StatusTooManyRequests && e.wait <= 0 {
		e.wait = x.wait
	}
	e.cause = unauthorized(e.code, e.description)
	return e
}

// unauthorized tells a refused token from a method that an older server lacks.
func unauthorized(code int, description string) error {
	if code == http.StatusUnauthorized || code == http.StatusNotFound && !strings.Contains(description, "method not found") {
		return ErrUnauthorized
	}
	return nil
}

// exchange is one call's way over the network. For an upload it is the library's HTTP client.
type exchange struct {
	c      *Client
	ctx    context.Context // of the one call that this exchange lives for: the library has no other way to pass it
	method string
	status int
	wait   time.Duration // from the header Retry-After
	stage  atomic.Int32
}

// The stages of writing a request.
const (
	unwritten int32 = iota // nothing can have reached the server
	writing                // some of it may have
	written                // all of it has left
	broken                 // some of it is missing for certain
)

// request has the parameters as JSON, which the API takes as well as a form: a
// form has six bytes for a Cyrillic or Arabic letter where JSON has two.
func (x *exchange) request(params any) *http.Request {
	req := &http.Request{Method: http.MethodPost, Header: http.Header{}, Body: http.NoBody}
	if params == nil {
		return req
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // < and > of the markup would be six bytes, too
	if err := e.Encode(params); err != nil {
		panic(err) // cannot be: these are strings and lists of them
	}
	req.Header["Content-Type"] = jsonType
	body := b.Bytes()
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	return req
}

var jsonType = []string{"application/json"}

// Do sends the library's request to the real address and reads the whole answer.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	body, err := x.do(req)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: x.status, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// do sends req to the real address and reads the whole answer.
func (x *exchange) do(req *http.Request) ([]byte, *callError) {
	address := *x.c.base
	address.Path += "bot" + x.c.token + "/" + x.method
	req.URL, req.Host = &address, address.Host
	req = req.WithContext(httptrace.WithClientTrace(x.ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { x.stage.Store(writing) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				x.stage.Store(broken)
			} else {
				x.stage.Store(written)
			}
		},
	}))
	resp, err := x.c.transport.RoundTrip(req) // a client's Do would only look for redirects and cookies
	if err != nil {
		return nil, x.lost(err)
	}
	defer resp.Body.Close()
	x.status = resp.StatusCode
	x.wait = retryAfter(resp.Header)
	body, err := readAll(resp)
	if err != nil {
		return nil, x.lost(err)
	}
	if len(body) > maxAnswer {
		return nil, &callError{description: "the answer is too large", reached: x.reached()}
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return nil, x.page()
	}
	return body, nil
}

// readAll reads the body of an answer, and one byte more than maxAnswer of one that is too large.
func readAll(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxAnswer {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	return b.Bytes(), err
}

// lost is the error of a request without a whole answer. The original is not
// kept: net/http puts the address, and so the token, into it.
func (x *exchange) lost(err error) *callError {
	e := &callError{reached: x.reached()}
	switch {
	case x.ctx.Err() != nil:
		e.cause = x.ctx.Err()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		e.cause = context.DeadlineExceeded
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	e.description = "no answer: " + x.c.redact(err.Error())
	return e
}

// page is the error of an answer that is not the Bot API's, such as a proxy's.
func (x *exchange) page() *callError {
	return &callError{
		code:        x.status,
		description: "the answer is not from the Bot API: " + http.StatusText(x.status),
		wait:        x.wait,
		// A success that cannot be read and a gateway that gave up waiting both
		// leave open what Telegram did.
		reached: x.status < 300 || x.status == http.StatusGatewayTimeout,
		cause:   unauthorized(x.status, ""),
	}
}

func (x *exchange) reached() bool {
	stage := x.stage.Load()
	return stage == writing || stage == written
}

func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, 3600)) * time.Second
}

var quoted = regexp.MustCompile(`"[^"]*"`)

// redact takes the token out of a description, and what Telegram quotes from
// a message, and bounds it.
func (c *Client) redact(s string) string {
	s = strings.ReplaceAll(s, c.token, "…")
	s = strings.ReplaceAll(s, url.QueryEscape(c.token), "…")
	s = quoted.ReplaceAllString(s, `"…"`)
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
