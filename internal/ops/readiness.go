package ops

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// readyTimeout bounds one round of checks, and readyFor is how long its result is told.
	readyTimeout = 2 * time.Second
	readyFor     = time.Second
)

// Check asks whether a part of the service can do its work; an error says why not.
type Check func(ctx context.Context) error

// Readiness says whether the service can take updates. What the checks cost is
// paid once a second at most, however many ask.
type Readiness struct {
	checks map[string]Check
	now    func() time.Time

	mu     sync.Mutex // who waits for it gets what its holder has found
	ready  bool
	report map[string]string
	until  time.Time
}

// NewReadiness returns the readiness of a service whose parts have these names.
func NewReadiness(checks map[string]Check) *Readiness {
	return &Readiness{checks: checks, now: time.Now}
}

// ask returns what the last round of checks has found, or that of a new one if it
// is too long ago. The report names each part with "ok" or its fault.
func (r *Readiness) ask(ctx context.Context) (ready bool, report map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now().Before(r.until) {
		return r.ready, r.report
	}
	// Others get the result too, so it does not end with the request.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	r.ready, r.report = true, map[string]string{}
	for name, check := range r.checks {
		r.report[name] = "ok"
		if err := check(ctx); err != nil {
			r.ready, r.report[name] = false, err.Error()
		}
	}
	r.until = r.now().Add(readyFor)
	return r.ready, r.report
}

// Brief answers 200 if all parts can work, else 503, and nothing more: it is for
// an address that everybody can ask.
func (r *Readiness) Brief() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ready, _ := r.ask(req.Context())
		w.WriteHeader(status(ready))
	})
}

// Detailed answers as Brief does, and names each part with its fault: it is for operators.
func (r *Readiness) Detailed() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ready, report := r.ask(req.Context())
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status(ready))
		_ = json.NewEncoder(w).Encode(report)
	})
}

func status(ready bool) int {
	if ready {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

// Alive answers that the process runs.
func Alive() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
}
