package ops

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// connect opens a connection on which each wait ends after a minute.
func connect(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

// request asks for path; the connection stays open afterwards.
func request(t *testing.T, c net.Conn, path string) {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// answer reads an answer and returns what is wrong with it.
func answer(r *bufio.Reader) error {
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New("answered " + resp.Status)
	}
	return resp.Body.Close()
}

// Connections that ask once and stay keep nobody out.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	l := &counting{Listener: listen(t)}
	address := serve(t, l)
	for n := range maxConnections + 50 {
		c := connect(t, address)
		request(t, c, "/healthz")
		if err := answer(bufio.NewReader(c)); err != nil {
			t.Fatalf("connection %d: %v", n+1, err)
		}
	}
	remain(t, l, maxIdle)
}

// remain waits until so many connections are open.
func remain(t *testing.T, l *counting, want int64) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); l.open.Load() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are open, want %d", l.open.Load(), want)
		}
	}
}

// Who is being answered is not idle any more, however many others are.
func TestABusyConnectionIsNotClosedForIdleOnes(t *testing.T) {
	l := &counting{Listener: listen(t)}
	s := NewServer(slog.New(slog.DiscardHandler))
	s.Handle("GET /healthz", Alive())
	begun, end := make(chan struct{}), make(chan struct{})
	s.Handle("GET /slow", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(begun)
		<-end
	}))
	run(t, s, l)
	address := l.Addr().String()
	busy := connect(t, address)
	answers := bufio.NewReader(busy)
	request(t, busy, "/healthz")
	if err := answer(answers); err != nil {
		t.Fatal(err)
	}
	request(t, busy, "/slow")
	<-begun // it was idle in between
	for range maxIdle + 1 {
		c := connect(t, address)
		request(t, c, "/healthz")
		if err := answer(bufio.NewReader(c)); err != nil {
			t.Fatal(err)
		}
	}
	remain(t, l, 1+maxIdle)
	close(end)
	if err := answer(answers); err != nil {
		t.Errorf("the one that was being answered: %v", err)
	}
}

func TestTheLongestIdleConnectionMakesRoom(t *testing.T) {
	i := newIdle()
	conns := make([]net.Conn, maxIdle+3)
	for n := range conns {
		conns[n], _ = net.Pipe()
	}
	for _, c := range conns[:maxIdle] {
		i.note(c, http.StateIdle)
	}
	i.note(conns[0], http.StateActive) // not the longest any more
	i.note(conns[0], http.StateIdle)
	i.note(conns[1], http.StateClosed) // leaves room for one
	if i.note(conns[maxIdle], http.StateIdle) != nil {
		t.Error("there is room, and one is closed")
	}
	for n, want := range []net.Conn{conns[2], conns[3]} {
		if got := i.note(conns[maxIdle+1+n], http.StateIdle); got != want {
			t.Error("another than the longest waiting one is closed")
		}
	}
}
