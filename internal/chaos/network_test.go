package chaos

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"iqbot/internal/telegram/botapitest"
)

// said is a text in a chat.
type said struct {
	chat int64
	text string
}

// network stands between the program and the platform. It cuts connections and
// remembers for which messages the program cannot know whether they arrived.
type network struct {
	api    *botapitest.Server
	server *httptest.Server

	trouble atomic.Bool

	mu        sync.Mutex
	rand      *rand.Rand
	unknown   map[said]int  // messages that were taken, and the program may not know it
	delivered map[int64]int // deliveries of each update to a poller
	messages  int           // taken
	cuts      int
	refusals  int
}

func newNetwork(api *botapitest.Server, chance *rand.Rand) *network {
	n := &network{api: api, rand: chance, unknown: map[said]int{}, delivered: map[int64]int{}}
	n.server = httptest.NewServer(n)
	return n
}

// start begins the trouble, stop ends it.
func (n *network) start() {
	for _, kind := range []botapitest.Kind{botapitest.Throttle, botapitest.Internal, botapitest.BadGateway} {
		n.api.FailRandomly("", refused, kind)
	}
	n.api.FailRandomly("getUpdates", cutAfter, botapitest.DropAfter)
	n.api.FailRandomly("getUpdates", cutBefore, botapitest.DropBefore)
	n.api.Duplicate(duplicated)
	n.trouble.Store(true)
}

func (n *network) stop() {
	n.trouble.Store(false)
	n.api.Recover()
	n.api.Duplicate(0)
}

// fate draws what happens to a call.
func (n *network) fate() (before, after bool, pause time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.trouble.Load() {
		return false, false, 0
	}
	pause = rand.N(answerTime)
	switch p := n.rand.Float64(); {
	case p < cutBefore:
		n.cuts++
		return true, false, 0
	case p < cutBefore+cutAfter:
		n.cuts++
		after = true
	}
	return false, after, pause
}

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.ToLower(path.Base(r.URL.Path))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller was killed while it wrote
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sending := method == "sendmessage" || method == "editmessagereplymarkup"
	var before, after bool
	var pause time.Duration
	if sending {
		before, after, pause = n.fate()
	}
	if before {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	n.api.ServeHTTP(answer, r)
	after = after && answer.Code < 400 // a cut behind a refusal would be one before the call
	n.note(method, answer, after)
	if pause > 0 {
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
		}
	}
	if after {
		panic(http.ErrAbortHandler)
	}
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// counts returns what note has counted so far.
func (n *network) counts() (messages, refusals, cuts int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.messages, n.refusals, n.cuts
}

// note counts an answer; lost says that the program will not get it.
func (n *network) note(method string, answer *httptest.ResponseRecorder, lost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if answer.Code >= 400 {
		n.refusals++
		return
	}
	switch method {
	case "sendmessage":
		n.messages++
		var a struct {
			Result struct {
				Text string `json:"text"`
				Chat struct {
					ID int64 `json:"id"`
				} `json:"chat"`
			} `json:"result"`
		}
		if json.Unmarshal(answer.Body.Bytes(), &a) == nil && lost {
			n.unknown[said{a.Result.Chat.ID, a.Result.Text}]++
		}
	case "getupdates":
		var a struct {
			Result []struct {
				ID int64 `json:"update_id"`
			} `json:"result"`
		}
		_ = json.Unmarshal(answer.Body.Bytes(), &a)
		for _, u := range a.Result {
			n.delivered[u.ID]++
		}
	}
}

// maybeUnknown notes a message that the program could not record as sent.
func (n *network) maybeUnknown(s said) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unknown[s]++
}

// repeats is how often a message may stand again.
func (n *network) repeats(s said) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.unknown[s]
}

// balancer is the reverse proxy that is registered as the webhook: round robin,
// past a replica that refuses the connection.
type balancer struct {
	server *httptest.Server

	mu        sync.Mutex
	replicas  []string // host:port
	next      int
	statuses  map[int]int
	delivered map[int64]int
}

func newBalancer() *balancer {
	b := &balancer{statuses: map[int]int{}, delivered: map[int64]int{}}
	b.server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:   func(*httputil.ProxyRequest) {},
		Transport: b,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			b.count(http.StatusBadGateway)
			w.WriteHeader(http.StatusBadGateway)
		},
	})
	return b
}

// upstream is shared by all balancers.
var upstream = &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 10 * time.Second}

// RoundTrip delivers one request to the replica whose turn it is.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var update struct {
		ID int64 `json:"update_id"`
	}
	_ = json.Unmarshal(body, &update)
	b.mu.Lock()
	b.delivered[update.ID]++
	replicas, turn := b.replicas, b.next
	b.next++
	b.mu.Unlock()
	for i := range replicas {
		out := r.Clone(r.Context())
		out.URL = &url.URL{Scheme: "http", Host: replicas[(turn+i)%len(replicas)], Path: r.URL.Path}
		out.Host = out.URL.Host
		out.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := upstream.RoundTrip(out)
		var refused *net.OpError
		if errors.As(err, &refused) && refused.Op == "dial" {
			continue
		}
		if err == nil {
			b.count(resp.StatusCode)
		}
		return resp, err
	}
	return nil, errors.New("no replica is up")
}

func (b *balancer) count(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.statuses[status]++
}

func (b *balancer) answered(status int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.statuses[status]
}

// redelivered is how many deliveries were not the first of their update.
func redelivered(deliveries map[int64]int) int {
	n := 0
	for _, k := range deliveries {
		n += k - 1
	}
	return n
}

// freeAddress is an address on loopback that nobody listens at. Its port is
// below those that the system gives to outgoing connections, so it is still free
// when a process is started there again.
func freeAddress() string {
	for {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.N(10000)))
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
}
