package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Limits of the HTTP servers.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	// writeTimeout leaves a webhook the time to commit (bot: updateDeadline) and answer.
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	// maxHeader is far more than a platform or a health check sends; net/http adds 4 KB.
	maxHeader = 16 << 10
	// maxConnections at once serve the most that Telegram may be told to open (100)
	// and many health checks; further ones wait until one ends.
	maxConnections = 512
	// maxIdle of them may wait for a further request: those of Telegram, and some more.
	maxIdle = 128
	// probeTimeout is for a health check that finds the service busy.
	probeTimeout = 3 * time.Second
)

// Server answers what is added with Handle. The service has one for everybody and
// one for operators.
type Server struct {
	mux    *http.ServeMux
	server *http.Server
	log    *slog.Logger
}

// NewServer returns a server that answers nothing yet.
func NewServer(log *slog.Logger) *Server {
	mux := http.NewServeMux()
	return &Server{
		mux: mux, log: log,
		server: &http.Server{
			Handler: mux, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
			WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ConnState: newIdle().watch,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
	}
}

// Handle adds a handler; call it before Serve.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Listen takes the address of a setting. From then on connections wait until Serve
// takes them, and are not refused.
func Listen(ctx context.Context, setting, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; set %s to a free address", address, err, setting)
	}
	return listener, nil
}

// Serve answers what comes in by listener until ctx ends, then closes it and lets
// the requests under way finish, at most drain.
func (s *Server) Serve(ctx context.Context, listener net.Listener, drain time.Duration) error {
	s.log.Info("listening", "address", listener.Addr().String())
	done := make(chan error, 1)
	listener = netutil.LimitListener(listener, maxConnections)
	go func() { done <- s.server.Serve(listener) }() // ends when the listener is closed
	select {
	case err := <-done:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := s.server.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		return s.server.Close()
	}
	return err
}

// Probe asks a running server whether its process runs; for a container's health check.
func Probe(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
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
