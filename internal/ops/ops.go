// Package ops is what operators see of the service: its log, whether it is
// alive and ready, and the server on which both are asked.
package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of the HTTP server.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	// writeTimeout leaves a webhook the time to commit (bot: updateDeadline) and answer.
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	// readyTimeout bounds one readiness check.
	readyTimeout = 2 * time.Second
)

// NewLogger returns a logger that writes to w; format is "text" or "json".
func NewLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// Check asks whether a part of the service can do its work; an error says why not.
type Check func(ctx context.Context) error

// Server answers /healthz (the process runs), /readyz (it can take updates)
// and what is added with Handle.
type Server struct {
	mux    *http.ServeMux
	server *http.Server
	log    *slog.Logger
}

// NewServer returns a server whose /readyz runs the named checks.
func NewServer(log *slog.Logger, checks map[string]Check) *Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, checks) })
	return &Server{
		mux: mux, log: log,
		server: &http.Server{
			Handler: mux, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
			WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
	}
}

// ready answers 200 if all checks pass, else 503; the body names each with "ok" or its fault.
func ready(w http.ResponseWriter, r *http.Request, checks map[string]Check) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	status, report := http.StatusOK, map[string]string{}
	for name, check := range checks {
		report[name] = "ok"
		if err := check(ctx); err != nil {
			status, report[name] = http.StatusServiceUnavailable, err.Error()
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report)
}

// Handle adds a handler; call it before Serve.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Serve listens on address until ctx ends, then lets the requests under way
// finish, at most drain.
func (s *Server) Serve(ctx context.Context, address string, drain time.Duration) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; set LISTEN_ADDR to a free address", address, err)
	}
	s.log.Info("listening", "address", listener.Addr().String())
	done := make(chan error, 1)
	go func() { done <- s.server.Serve(listener) }() // ends when the listener is closed
	select {
	case err := <-done:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err = s.server.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		return s.server.Close()
	}
	return err
}

// Probe asks a running server whether it is ready; for a container's health check.
func Probe(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout+time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers %s", resp.Status)
	}
	return nil
}
