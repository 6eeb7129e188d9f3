package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// OpenEmbedded returns a Store on a database inside this process. It is the
// same code on the same scripts, for trying out and for tests: NOTHING SURVIVES
// A RESTART, and no other process can use it. It opens no port.
//
// URL is not used. If Sealer is nil, it is [Plain], and if HashSecret is empty,
// it is random: the data never leave the process.
func OpenEmbedded(ctx context.Context, o Options) (*Store, error) {
	if o.Sealer == nil {
		o.Sealer = Plain{}
	}
	if len(o.HashSecret) == 0 {
		o.HashSecret = []byte(rand.Text())
	}
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true) // keys expire as time goes by; without it they never would
	s, err := start(ctx, o, connect(m), m.Close)
	if err == nil {
		s.heart.alone = true
	}
	return s, err
}

// connect makes a client of a database in this process.
func connect(m *miniredis.Miniredis) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: "embedded",
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			c, err := m.Dial()
			if err != nil {
				return nil, err
			}
			return newEager(c), nil
		},
		ReadTimeout:              2 * time.Second,
		WriteTimeout:             2 * time.Second,
		ContextTimeoutEnabled:    true,
		MaintNotificationsConfig: noMaintenance(),
	})
}

// eager is a net.Pipe whose Write does not wait for the other side to read.
// A pipe has no buffer: with several commands in one write, the server would
// wait for its first reply to be read, and the client for its last command.
// What it holds is bounded by the one command or pipeline that is under way.
type eager struct {
	net.Conn
	mu      sync.Mutex
	some    sync.Cond
	pending bytes.Buffer
	closed  bool
}

func newEager(c net.Conn) *eager {
	e := &eager{Conn: c}
	e.some.L = &e.mu
	go e.pump()
	return e
}

func (e *eager) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return 0, net.ErrClosed
	}
	e.some.Signal()
	return e.pending.Write(b)
}

func (e *eager) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.some.Signal()
	return e.Conn.Close()
}

// pump ends when the connection is closed or broken.
func (e *eager) pump() {
	for {
		e.mu.Lock()
		for e.pending.Len() == 0 && !e.closed {
			e.some.Wait()
		}
		b := bytes.Clone(e.pending.Bytes())
		e.pending.Reset()
		closed := e.closed
		e.mu.Unlock()
		if closed {
			return
		}
		if _, err := e.Conn.Write(b); err != nil {
			_ = e.Close()
			return
		}
	}
}
