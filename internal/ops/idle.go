package ops

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// idle bounds the connections that wait for a further request: else a few hundred
// that ask once and stay would keep everybody else out, see maxConnections. Above the
// limit the one that has waited longest is closed; its owner can open another.
type idle struct {
	mu    sync.Mutex
	order list.List // of net.Conn, the longest waiting first
	at    map[net.Conn]*list.Element
}

func newIdle() *idle { return &idle{at: map[net.Conn]*list.Element{}} }

// watch is the ConnState of an http.Server.
func (i *idle) watch(c net.Conn, state http.ConnState) {
	if longest := i.note(c, state); longest != nil {
		_ = longest.Close() // its goroutine sees that, and ends
	}
}

// note returns the connection that is to be closed, or nil.
func (i *idle) note(c net.Conn, state http.ConnState) net.Conn {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forget(c)
	if state != http.StateIdle {
		return nil
	}
	i.at[c] = i.order.PushBack(c)
	if i.order.Len() <= maxIdle {
		return nil
	}
	longest, _ := i.order.Front().Value.(net.Conn)
	i.forget(longest)
	return longest
}

func (i *idle) forget(c net.Conn) {
	if e := i.at[c]; e != nil {
		i.order.Remove(e)
		delete(i.at, c)
	}
}
