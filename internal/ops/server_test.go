package ops

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
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
