package ops

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestReadyNamesWhatIsNot(t *testing.T) {
	fault := errors.New("READONLY")
	s := NewServer(slog.New(slog.DiscardHandler), map[string]Check{
		"redis": func(context.Context) error { return fault },
		"other": func(context.Context) error { return nil },
	})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	if w := get("/readyz"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"redis":"READONLY"`) || !strings.Contains(w.Body.String(), `"other":"ok"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get("/healthz"); w.Code != http.StatusOK {
		t.Errorf("a process that is not ready is still alive, got %d", w.Code)
	}
	fault = nil
	if w := get("/readyz"); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestServeFinishesRequestsUnderWay(t *testing.T) {
	address := freeAddress(t)
	s := NewServer(slog.New(slog.DiscardHandler), nil)
	begun, end := make(chan struct{}), make(chan struct{})
	s.Handle("GET /slow", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-end
		_, _ = io.WriteString(w, "done")
	}))
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, address, time.Minute) }()
	for Probe(t.Context(), address) != nil {
		time.Sleep(time.Millisecond) // the server is starting in another goroutine
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

func TestServeSaysWhichSettingToChange(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = NewServer(slog.New(slog.DiscardHandler), nil).Serve(t.Context(), l.Addr().String(), time.Second)
	if err == nil || !strings.Contains(err.Error(), "set LISTEN_ADDR to a free address") {
		t.Errorf("err = %v", err)
	}
}

func TestLogger(t *testing.T) {
	var b bytes.Buffer
	NewLogger(&b, slog.LevelWarn, "json").Info("hidden")
	NewLogger(&b, slog.LevelWarn, "json").Warn("shown")
	NewLogger(&b, slog.LevelInfo, "text").Info("plain")
	if got := b.String(); strings.Contains(got, "hidden") || !strings.Contains(got, `"msg":"shown"`) || !strings.Contains(got, "msg=plain") {
		t.Errorf("logged %s", got)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
