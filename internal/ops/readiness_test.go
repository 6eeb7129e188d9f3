package ops

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func ask(h http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	return w
}

func TestReadyNamesWhatIsNotToOperatorsOnly(t *testing.T) {
	fault, now := errors.New("dial tcp 10.0.0.7:6379"), time.Now()
	r := NewReadiness(map[string]Check{
		"redis": func(context.Context) error { return fault },
		"other": func(context.Context) error { return nil },
	})
	r.now = func() time.Time { return now }
	w := ask(r.Detailed())
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"redis":"dial tcp 10.0.0.7:6379"`) || !strings.Contains(w.Body.String(), `"other":"ok"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(r.Brief()); w.Code != http.StatusServiceUnavailable || w.Body.Len() > 0 {
		t.Errorf("everybody is told %d %s", w.Code, w.Body)
	}
	fault = nil
	now = now.Add(readyFor)
	for name, h := range map[string]http.Handler{"Brief": r.Brief(), "Detailed": r.Detailed()} {
		if w := ask(h); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestReadyIsCheckedOnceASecond(t *testing.T) {
	var checks atomic.Int64
	now := time.Now()
	r := NewReadiness(map[string]Check{"redis": func(ctx context.Context) error {
		checks.Add(1)
		return ctx.Err()
	}})
	r.now = func() time.Time { return now }
	var askers sync.WaitGroup
	for range 50 {
		askers.Go(func() { ask(r.Brief()); ask(r.Detailed()) })
	}
	askers.Wait()
	if n := checks.Load(); n != 1 {
		t.Errorf("%d checks, want one for all", n)
	}
	now = now.Add(readyFor - time.Nanosecond)
	ask(r.Brief())
	now = now.Add(time.Nanosecond)
	// Who hangs up does not spoil the result for the others.
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	w := httptest.NewRecorder()
	r.Brief().ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, "/readyz", nil))
	if n := checks.Load(); n != 2 || w.Code != http.StatusOK {
		t.Errorf("%d checks, want one more after a second; status %d", n, w.Code)
	}
}
