// Package botapitest is a Telegram Bot API server for tests, with people in it.
//
// It takes the requests of any Bot API client at [Server.URL] and judges them as the
// real server does: unknown tokens and methods, wrong lengths, markup that
// cannot be parsed, keyboards, chats that do not exist or are blocked. What the
// real server lets pass although it is a mistake, such as a parameter that the
// method does not have, is listed by [Server.Faults].
//
// On the other side are [User] and [Group]: a test lets a person write and press
// buttons, and looks at what they see. [Server.Fail], [Server.Duplicate] and
// Options.Flood make the network and the server behave badly.
//
// The rules are those of the Bot API's documentation and, where it is silent,
// of its public server (tdlib/telegram-bot-api, and MessageEntity.cpp of tdlib/td for
// markup). A Server is safe for concurrent use and needs no testing.TB, so a
// load generator may use it as well.
package botapitest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// DefaultToken is the token of a [Server] that was given none.
const DefaultToken = "123456789:TEST-token_of_the_fake_server"

// Options change how a [Server] behaves.
type Options struct {
	// Token is the bot's token. If empty, [DefaultToken].
	Token string
	// Addr is where to listen. If empty, a free port of 127.0.0.1. If "-",
	// nowhere: the server is reached through [Server.Client] or as an http.Handler.
	Addr string
	// Flood makes the server answer 429 beyond about 30 messages a second, 1 a
	// second in a chat and 20 a minute in a group, each with a small burst.
	Flood bool
	// Seed makes chance repeatable.
	Seed uint64
	// WebhookClient delivers to webhooks. If nil, a client with a deadline of 60 s.
	WebhookClient *http.Client
	// WebhookRetry is the first pause before an update that the webhook did not
	// take is delivered again, unless it said Retry-After; it doubles. If zero, 1 s.
	WebhookRetry time.Duration
}

// Kind is a way in which a call can go wrong.
type Kind int

// The kinds of failures.
const (
	Throttle     Kind = iota + 1 // 429 with retry_after 1
	Internal                     // 500 as JSON
	BadGateway                   // 502 as the HTML page of a proxy
	DropBefore                   // the connection ends without an answer; nothing was done
	DropAfter                    // the connection ends without an answer; the call was carried out
	Slow                         // carried out and answered after [SlowAnswer], or the caller's leaving
	Unauthorized                 // 401, as if the token had been revoked
	ParseError                   // 400, as if the markup were wrong (ignored without parse_mode)
)

// SlowAnswer is how long a [Slow] call takes.
const SlowAnswer = 70 * time.Second

// Server is one bot's Bot API server.
type Server struct {
	token string
	o     Options
	http  *http.Server
	url   string

	mu       sync.Mutex
	rand     *rand.Rand
	ctx      context.Context // ends with Close; bounds deliveries and waiting polls
	stop     context.CancelFunc
	chats    map[int64]*chat
	methods  map[string]int // calls by method
	faults   []string
	failures []*failure
	profile  map[string]string // what setMy… set, by property, scope and language
	queries  map[string]*query
	ids      int64 // the last callback query id given out
	all      bucket
	in       inbox
}

type failure struct {
	method string
	left   int     // 0: for ever
	chance float64 // of each call
	kind   Kind
}

type query struct {
	at       time.Time
	answered bool
}

// New starts a server. It panics if it cannot listen.
func New(o Options) *Server {
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.WebhookClient == nil {
		o.WebhookClient = &http.Client{Timeout: 60 * time.Second}
	}
	if o.WebhookRetry <= 0 {
		o.WebhookRetry = time.Second
	}
	s := &Server{
		token: o.Token, o: o,
		rand:    rand.New(rand.NewPCG(o.Seed, 1)),
		chats:   map[int64]*chat{},
		methods: map[string]int{},
		profile: map[string]string{},
		queries: map[string]*query{},
		all:     bucket{rate: 30, burst: 30},
		url:     "http://botapi.invalid",
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.in.init()
	if o.Addr == "-" {
		return s
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		panic(fmt.Errorf("botapitest: %w", err))
	}
	s.url = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s}
	go func() { _ = s.http.Serve(l) }()
	return s
}

// URL is the address to give a client, without the token.
func (s *Server) URL() string { return s.url }

// Token is the bot's token.
func (s *Server) Token() string { return s.token }

// Close ends all calls and deliveries under way.
func (s *Server) Close() {
	s.stop()
	if s.http != nil {
		_ = s.http.Close()
	}
}

// Client is an HTTP client that reaches the server within the process, without
// a network: it works in a testing/synctest bubble. Its errors quote the address, as net/http's do.
func (s *Server) Client() *http.Client { return &http.Client{Transport: transport{s}} }

// Calls says how often a method was called, also in vain. An empty name means all methods.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if method != "" {
		return s.methods[strings.ToLower(method)]
	}
	n := 0
	for _, k := range s.methods {
		n += k
	}
	return n
}

// Faults lists what a client did that the real server tolerates although it is a
// mistake. A test should fail if there are any.
func (s *Server) Faults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// Fail makes the next calls of a method go wrong, as many as times says; 0
// means all from now on. An empty method means any.
func (s *Server) Fail(method string, times int, kind Kind) { s.fail(method, times, 1, kind) }

// FailRandomly makes each call of a method go wrong with chance p. An empty method means any.
func (s *Server) FailRandomly(method string, p float64, kind Kind) { s.fail(method, 0, p, kind) }

func (s *Server) fail(method string, times int, p float64, kind Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, &failure{strings.ToLower(method), times, p, kind})
}

// Recover takes back every Fail and FailRandomly.
func (s *Server) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = nil
}

// Duplicate delivers each update a second time with chance p: at a poll in
// front of the next batch, to a webhook right after it was taken.
func (s *Server) Duplicate(p float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in.duplicate = p
}

// Profile is what setMyCommands (as JSON), setMyDescription and the like have
// set: the property is "commands", "description", "short_description" or
// "name", the scope is empty or "chat:" and the chat's id.
func (s *Server) Profile(property, scope, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile[property+"/"+scope+"/"+language]
}

// fault notes a tolerated mistake. The lock is held.
func (s *Server) fault(format string, args ...any) {
	const most = 1000
	if len(s.faults) < most {
		s.faults = append(s.faults, fmt.Sprintf(format, args...))
	}
}

// drawn returns the failure that this call meets, or 0. The lock is held.
func (s *Server) drawn(method string) Kind {
	for i, f := range s.failures {
		if f.method != "" && f.method != method || s.rand.Float64() >= f.chance {
			continue
		}
		if f.left == 1 {
			s.failures = slices.Delete(s.failures, i, i+1)
		} else if f.left > 1 {
			f.left--
		}
		return f.kind
	}
	return 0
}

// apiError is a refusal in the API's own form.
type apiError struct {
	code        int
	description string
	parameters  map[string]any
}

func (e *apiError) Error() string { return e.description }

func bad(format string, args ...any) *apiError {
	return &apiError{code: 400, description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

// maxRequest bounds the body of a call; the real server takes files up to 50 MB.
const maxRequest = 51 << 20

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, name, cut := strings.Cut(name, "/")
	if !ok || !cut || !strings.Contains(token, ":") {
		reply(w, nil, &apiError{code: 404, description: "Not Found"})
		return
	}
	if token != s.token {
		reply(w, nil, &apiError{code: 401, description: "Unauthorized"})
		return
	}
	name = strings.ToLower(name)
	m, ok := methods[name]
	if !ok {
		s.mu.Lock()
		s.methods[name]++
		s.fault("%s: no such method", name)
		s.mu.Unlock()
		reply(w, nil, &apiError{code: 404, description: "Not Found: method not found"})
		return
	}
	c, err := read(w, r)
	if err != nil {
		reply(w, nil, err)
		return
	}
	c.name = m.name

	s.mu.Lock()
	s.methods[name]++
	kind := s.drawn(name)
	s.check(c, m)
	s.mu.Unlock()

	switch kind {
	case Throttle:
		reply(w, nil, tooMany(1))
		return
	case Internal:
		reply(w, nil, &apiError{code: 500, description: "Internal Server Error"})
		return
	case Unauthorized:
		reply(w, nil, &apiError{code: 401, description: "Unauthorized"})
		return
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = fmt.Fprintf(w, "<html><head><title>502 Bad Gateway</title></head><body>%s</body></html>", r.URL.Path)
		return
	case ParseError:
		if c.params["parse_mode"] != "" {
			reply(w, nil, bad("can't parse entities: Unsupported start tag \"x\" at byte offset 0"))
			return
		}
	case DropBefore:
		panic(http.ErrAbortHandler)
	}
	result, err := m.run(s, c)
	switch kind {
	case DropAfter:
		panic(http.ErrAbortHandler)
	case Slow:
		select {
		case <-time.After(SlowAnswer):
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
	}
	reply(w, result, err)
}

// object reads the parameters of a call from a JSON object; nothing at all is none.
func object(r io.Reader) (map[string]string, error) {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(r).Decode(&fields); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	params := map[string]string{}
	for k, v := range fields {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		params[k] = text
	}
	return params, nil
}

func tooMany(seconds int) *apiError {
	return &apiError{429, "Too Many Requests: retry after " + strconv.Itoa(seconds), map[string]any{"retry_after": seconds}}
}

func reply(w http.ResponseWriter, result any, err *apiError) {
	body := map[string]any{"ok": true, "result": result}
	code := http.StatusOK
	if err != nil {
		code = err.code
		body = map[string]any{"ok": false, "error_code": err.code, "description": err.description}
		if err.parameters != nil {
			body["parameters"] = err.parameters
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// call is one request.
type call struct {
	name   string
	params map[string]string
	files  map[string]file
	gone   <-chan struct{} // the caller has hung up
}

type file struct {
	name string
	data []byte
}

// read takes the parameters from wherever the API allows them to be.
func read(w http.ResponseWriter, r *http.Request) (*call, *apiError) {
	c := &call{params: map[string]string{}, files: map[string]file{}, gone: r.Context().Done()}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	t := r.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(t, "application/json"):
		params, err := object(r.Body)
		if err != nil {
			return nil, bad("can't parse JSON object")
		}
		c.params = params
		r.Body = http.NoBody
		r.Header.Del("Content-Type")
	case strings.HasPrefix(t, "multipart/form-data"):
		if err := r.ParseMultipartForm(maxRequest); err != nil {
			return nil, bad("can't parse the form")
		}
		for k, hs := range r.MultipartForm.File {
			f, err := hs[0].Open()
			if err != nil {
				return nil, bad("can't read the file")
			}
			data, err := io.ReadAll(f)
			if err != nil {
				return nil, bad("can't read the file")
			}
			c.files[k] = file{hs[0].Filename, data}
		}
	}
	if err := r.ParseForm(); err != nil {
		return nil, bad("can't parse the form")
	}
	for k, v := range r.Form {
		c.params[k] = v[0]
	}
	for _, v := range c.params {
		if !utf8.ValidString(v) {
			return nil, bad("strings must be encoded in UTF-8")
		}
	}
	return c, nil
}

// check notes parameters that the method does not have. The lock is held.
func (s *Server) check(c *call, m method) {
	for name := range c.params {
		if !slices.Contains(m.params, name) {
			s.fault("%s: no such parameter: %s", m.name, name)
		}
	}
	for name := range c.files {
		if !slices.Contains(m.params, name) {
			s.fault("%s: no such file: %s", m.name, name)
		}
	}
}

// number reads a whole number; def if the parameter is absent.
func (c *call) number(name string, def int64) (int64, *apiError) {
	v, ok := c.params[name]
	if !ok || v == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, bad("parameter %q must be a whole number", name)
	}
	return n, nil
}

// bucket lets rate calls a second through on average, and a burst at once.
type bucket struct {
	rate, burst float64
	level       float64 // how much of the burst is used
	at          time.Time
}

// take uses one place, or says how long to wait for it.
func (b *bucket) take(now time.Time, really bool) time.Duration {
	b.level = max(0, b.level-now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if b.level+1 > b.burst {
		return time.Duration((b.level + 1 - b.burst) / b.rate * float64(time.Second))
	}
	if really {
		b.level++
	}
	return 0
}

// transport hands requests to the server within the process.
type transport struct{ s *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	rec := &recorder{header: http.Header{}}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				if v != http.ErrAbortHandler { //nolint:errorlint // it is a panic value
					panic(v)
				}
				done <- io.ErrUnexpectedEOF
			}
		}()
		t.s.ServeHTTP(rec, in)
		done <- nil
	}()
	select {
	case err := <-done:
		if err != nil {
			return nil, err
		}
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return &http.Response{
		StatusCode: rec.code, Status: strconv.Itoa(rec.code) + " " + http.StatusText(rec.code),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(strings.NewReader(rec.body.String())), ContentLength: int64(rec.body.Len()), Request: r,
	}, nil
}

type recorder struct {
	header http.Header
	code   int
	body   strings.Builder
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// validURL says whether a button may open the address.
func validURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Hostname() != "" && !strings.ContainsAny(address, " \n")
	case "tg":
		return true
	}
	return false
}
