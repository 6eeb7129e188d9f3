package ops

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestServeFinishesRequestsUnderWay(t *testing.T) {
	listener := listen(t)
	address := listener.Addr().String()
	s := NewServer(slog.New(slog.DiscardHandler))
	s.Handle("GET /healthz", Alive())
	begun, end := make(chan struct{}), make(chan struct{})
	s.Handle("GET /slow", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-end
		_, _ = io.WriteString(w, "done")
	}))
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener, time.Minute) }()
	if err := Probe(t.Context(), address); err != nil { // which waits until the server takes it
		t.Errorf("a service that runs: %v", err)
	}
	body := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + address + "/slow")
		if err != nil {
			body <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		body <- string(b)
	}()
	<-begun
	stop()
	close(end)
	if got := <-body; got != "done" {
		t.Errorf("a request under way got %q", got)
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if Probe(t.Context(), address) == nil {
		t.Error("a stopped service answers")
	}
}

// serve runs a server that is alive until the test ends, and returns its address.
func serve(t *testing.T, listener net.Listener) string {
	t.Helper()
	s := NewServer(slog.New(slog.DiscardHandler))
	s.Handle("GET /healthz", Alive())
	run(t, s, listener)
	return listener.Addr().String()
}

// run lets s serve until the test ends.
func run(t *testing.T, s *Server, listener net.Listener) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener, time.Nanosecond) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func TestHeadersAreBounded(t *testing.T) {
	address := serve(t, listen(t))
	for size, want := range map[int]int{maxHeader / 2: http.StatusOK, 2 * maxHeader: http.StatusRequestHeaderFieldsTooLarge} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Long", strings.Repeat("x", size))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%d bytes of headers are answered with %d, want %d", size, resp.StatusCode, want)
		}
	}
}

// counting counts the connections that were accepted and are open.
type counting struct {
	net.Listener
	open, most atomic.Int64
}

type counted struct {
	net.Conn
	end func()
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if n := l.open.Add(1); n > l.most.Load() { // one goroutine accepts
		l.most.Store(n)
	}
	return counted{c, sync.OnceFunc(func() { l.open.Add(-1) })}, nil
}

func (c counted) Close() error {
	c.end()
	return c.Conn.Close()
}

func TestConnectionsAreBounded(t *testing.T) {
	l := &counting{Listener: listen(t)}
	address := serve(t, l)
	var conns []net.Conn
	for range maxConnections + 50 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	for deadline := time.Now().Add(time.Minute); l.open.Load() < maxConnections; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d connections are taken", l.open.Load())
		}
	}
	for _, c := range conns[:100] {
		_ = c.Close() // the last ones can come in now
	}
	for _, c := range conns[100:] {
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, len("HTTP/1.1 200"))
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "HTTP/1.1 200" {
			t.Fatalf("answered %q, %v", answer, err)
		}
	}
	if n := l.most.Load(); n != maxConnections {
		t.Errorf("%d connections at once, want %d", n, maxConnections)
	}
}

func TestAServerQuotesWhatItLogs(t *testing.T) {
	var logged bytes.Buffer
	listener := listen(t)
	s := NewServer(NewLogger(&logged, slog.LevelWarn, "text"))
	s.Handle("GET /", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { panic(r.URL.Query().Get("x")) }))
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener, time.Minute) }()
	if resp, err := http.Get("http://" + listener.Addr().String() + "/?x=a%0Aforged"); err == nil {
		_ = resp.Body.Close()
		t.Errorf("it answers %s", resp.Status)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if got := logged.String(); !strings.Contains(got, `a\nforged`) || strings.Count(got, "\n") != 1 {
		t.Errorf("logged %s", got)
	}
}

func TestListenSaysWhichSettingToChange(t *testing.T) {
	_, err := Listen(t.Context(), "LISTEN_ADDR", listen(t).Addr().String())
	if err == nil || !strings.Contains(err.Error(), "set LISTEN_ADDR to a free address") {
		t.Errorf("err = %v", err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := Listen(t.Context(), "LISTEN_ADDR", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
