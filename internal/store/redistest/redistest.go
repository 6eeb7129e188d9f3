// Package redistest starts real Redis servers for tests: one ([Start]) or a
// cluster of three on loopback ([StartCluster]).
//
// They are processes of the redis-server that is installed on the machine, on
// free ports, with their data in a temporary folder, and are stopped when the
// test ends. Where none is installed the test is skipped, and says so.
package redistest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startTimeout is generous, because a machine under test may be busy.
const startTimeout = 2 * time.Minute

// Server is one redis-server. Its methods are for one goroutine at a time.
type Server struct {
	Addr string // host:port

	tb   testing.TB
	bin  string
	args []string
	cmd  *exec.Cmd
	log  *bytes.Buffer
	dead chan struct{} // closed when the process has ended
}

// Start starts a server with an append-only file, so that it has its data
// back after [Server.Restart]. Further args are settings such as
// "--maxmemory", "10mb", and override those of Start.
func Start(tb testing.TB, args ...string) *Server {
	tb.Helper()
	return start(tb, tb.TempDir(), args...)
}

func start(tb testing.TB, dir string, args ...string) *Server {
	tb.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Skip("skipped: redis-server is not installed")
	}
	s := &Server{tb: tb, bin: bin}
	tb.Cleanup(s.Stop)
	// Another process may take a free port before the server does.
	for range 5 {
		port := freePort(tb)
		s.Addr = net.JoinHostPort("127.0.0.1", port)
		s.args = append([]string{
			"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
		}, args...)
		if err = s.launch(); err == nil {
			return s
		}
	}
	tb.Fatalf("start redis-server: %v", err)
	return nil
}

// URL returns the address in the form that clients take.
func (s *Server) URL() string { return "redis://" + s.Addr }

// Client returns a new client, which is closed when the test ends.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	s.tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Kill ends the server with SIGKILL, as a crash would. It returns when the
// process is gone.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop shuts the server down. It is called when the test ends.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Restart starts the server again on the same port and data, after Kill or Stop.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Stop()
	if err := s.launch(); err != nil {
		s.tb.Fatalf("restart redis-server: %v", err)
	}
}

func (s *Server) end(signal syscall.Signal) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(signal)
	select {
	case <-s.dead:
	case <-time.After(startTimeout):
		_ = s.cmd.Process.Kill()
		<-s.dead
	}
	s.cmd = nil
}

// launch starts the process and waits until it answers.
func (s *Server) launch() error {
	s.log = &bytes.Buffer{}
	cmd := exec.Command(s.bin, s.args...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return err
	}
	dead := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(dead)
	}()
	s.cmd, s.dead = cmd, dead
	return s.poll("it does not answer", func() bool { return ping(s.Addr) })
}

// poll waits until ok, or fails when the process ends.
func (s *Server) poll(what string, ok func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(startTimeout)
	for {
		select {
		case <-s.dead:
			s.cmd = nil
			return fmt.Errorf("redis-server ended: %s", s.log)
		case <-limit:
			s.Kill()
			return fmt.Errorf("%s: %s", what, s.log)
		case <-tick.C:
			if ok() {
				return nil
			}
		}
	}
}

// ping says whether a server is up and has loaded its data.
func ping(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	b := make([]byte, 7)
	n, _ := c.Read(b)
	return strings.HasPrefix(string(b[:n]), "+PONG")
}

// freePort returns a port below those that the system gives to outgoing
// connections: such a connection could take the port while the server is away,
// and Restart would fail.
func freePort(tb testing.TB) string {
	tb.Helper()
	var err error
	for range 100 {
		port := strconv.Itoa(10_000 + rand.N(10_000))
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	tb.Fatalf("find a free port: %v", err)
	return ""
}

// Cluster is a Redis Cluster of three masters without replicas.
type Cluster struct {
	Nodes []*Server
}

// URL returns the address of the cluster in the form that clients take.
func (c *Cluster) URL() string { return c.Nodes[0].URL() + "?cluster=true" }

// StartCluster starts three servers, with args as in [Start], and joins them. It
// returns when each of them knows all and says that the cluster is well.
func StartCluster(tb testing.TB, args ...string) *Cluster {
	tb.Helper()
	const nodes, slots = 3, 16384
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	c := &Cluster{}
	var clients []*redis.Client
	var buses []string
	for i := range nodes {
		bus := freePort(tb)
		s := start(tb, tb.TempDir(), append([]string{"--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", bus}, args...)...)
		client := s.Client()
		for _, cmd := range [][]any{
			{"cluster", "set-config-epoch", i + 1}, // distinct ones need no election
			{"cluster", "addslotsrange", i * slots / nodes, (i+1)*slots/nodes - 1},
		} {
			if err := client.Do(ctx, cmd...).Err(); err != nil {
				tb.Fatalf("set up a cluster node: %v", err)
			}
		}
		c.Nodes, clients, buses = append(c.Nodes, s), append(clients, client), append(buses, bus)
	}
	for i := 1; i < nodes; i++ {
		host, port, _ := net.SplitHostPort(c.Nodes[i].Addr)
		if err := clients[0].Do(ctx, "cluster", "meet", host, port, buses[i]).Err(); err != nil {
			tb.Fatalf("join cluster nodes: %v", err)
		}
	}
	for i, client := range clients {
		err := c.Nodes[i].poll("the cluster does not form", func() bool {
			info := client.ClusterInfo(ctx).Val()
			list := client.ClusterNodes(ctx).Val()
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_slots_assigned:16384") &&
				strings.Count(list, " connected") == nodes
		})
		if err != nil {
			tb.Fatalf("start a cluster: %v", err)
		}
	}
	return c
}
