package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long an answer may take; then the bot has lost it.
const patience = 2 * time.Minute

// world is the platform and its people. It costs as little as it can: no
// request is parsed beyond what tells whom it is for.
type world struct {
	listener net.Listener
	began    time.Time
	nextID   int // of an update; never the same twice, or it would count as delivered again
	turns    [][]turn
	at       []int // what each person does next

	people []person
	calls  atomic.Int64
	wrong  atomic.Int64 // requests that name nobody
}

// person waits for an answer since a time, in ns since the world began; 0 is not waiting.
type person struct {
	reply   atomic.Int64
	mu      sync.Mutex
	replies []time.Duration
}

func newWorld(b *testing.B, people int, k kind) *world {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	w := &world{listener: l, began: time.Now(), nextID: 100_000_000, at: make([]int, people), people: make([]person, people)}
	for _, tag := range tags {
		w.turns = append(w.turns, only(script(tag), k))
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.answer(c)
		}
	}()
	return w
}

func (w *world) url() string { return "http://" + w.listener.Addr().String() }

func (w *world) now() int64 { return max(1, int64(time.Since(w.began))) }

// taken is what the Bot API says to a message.
var taken = func() []byte {
	body := `{"ok":true,"result":{"message_id":4711,"from":{"id":1,"is_bot":true,"first_name":"IQ","username":"iq_bot"},` +
		`"chat":{"id":7000000,"first_name":"Person","type":"private"},"date":1780000000,"text":"a text"}}`
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}()

// answer serves one connection of the bot.
func (w *world) answer(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 32<<10)
	var body []byte
	for {
		head, length, err := readHead(r)
		if err != nil {
			return
		}
		body = slices.Grow(body[:0], length)[:length]
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		w.calls.Add(1)
		method := head[:bytes.IndexByte(head, '\n')]
		if bytes.Contains(method, []byte("/sendMessage")) {
			w.arrived(body)
		}
		if _, err := c.Write(taken); err != nil {
			return
		}
	}
}

// arrived notes that a person has got an answer.
func (w *world) arrived(body []byte) {
	now := w.now()
	n := chat(body) - firstPerson
	if n < 0 || n >= len(w.people) {
		w.wrong.Add(1)
		return
	}
	p := &w.people[n]
	replied := p.reply.Swap(0)
	p.mu.Lock()
	defer p.mu.Unlock()
	if replied > 0 {
		p.replies = append(p.replies, time.Duration(now-replied))
	}
}

// chat finds the chat's id in a form or in JSON, -1 if there is none.
func chat(body []byte) int {
	i := bytes.Index(body, []byte("chat_id"))
	if i < 0 {
		return -1
	}
	digits := bytes.TrimLeft(body[i+len("chat_id"):], `":= `)
	end := bytes.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(digits)
	}
	n, err := strconv.Atoi(string(digits[:end]))
	if err != nil {
		return -1
	}
	return n
}

// readHead reads the head of a request or an answer, which is valid until the
// next read, and the length of the body.
func readHead(r *bufio.Reader) (head []byte, length int, err error) {
	for size := 0; ; {
		if size = max(size+1, r.Buffered()); size > r.Size() {
			return nil, 0, errors.New("a head is too long")
		}
		peeked, err := r.Peek(size)
		end := bytes.Index(peeked, []byte("\r\n\r\n"))
		if end < 0 {
			if err != nil {
				return nil, 0, err
			}
			continue
		}
		head = bytes.Clone(peeked[:end])
		if _, err := r.Discard(end + 4); err != nil {
			return nil, 0, err
		}
		const name = "\r\ncontent-length: "
		if i := bytes.Index(bytes.ToLower(head), []byte(name)); i >= 0 {
			value, _, _ := bytes.Cut(head[i+len(name):], []byte("\r"))
			if length, err = strconv.Atoi(string(value)); err != nil {
				return nil, 0, err
			}
		}
		return head, length, nil
	}
}

// deliverer is one connection of the platform to the bot's webhook.
type deliverer struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(addr string) (*deliverer, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &deliverer{c, bufio.NewReaderSize(c, 4<<10)}, nil
}

// deliver posts a request and waits until it is acknowledged.
func (d *deliverer) deliver(request []byte) error {
	if err := d.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := d.conn.Write(request); err != nil {
		return err
	}
	head, length, err := readHead(d.r)
	if err != nil {
		return err
	}
	if _, err := d.r.Discard(length); err != nil {
		return err
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("an update was answered with %.40q", head)
	}
	return nil
}

// job is an update that is ready to be delivered.
type job struct {
	person  int
	request []byte
	due     int64 // ns since the world began; 0 is now
}

// jobs writes the next n updates, person after person.
func (w *world) jobs(n int) []job {
	out := make([]job, n)
	for i := range out {
		p := i % len(w.people)
		lang := p % len(tags)
		body := update(w.nextID, p, tags[lang], w.turns[lang][w.at[p]%len(w.turns[lang])])
		out[i] = job{person: p, request: fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"+
			"X-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: %d\r\n\r\n%s", path, secret, len(body), body)}
		w.nextID++
		w.at[p]++
	}
	return out
}

// run delivers the jobs over the connections, each person's in order, and waits
// until all are answered. With a rate, in updates a second, jobs are due at
// fixed times; without, each connection goes on as soon as it can.
func (w *world) run(addr string, jobs []job, connections int, rate float64) (time.Duration, error) {
	lanes := make([][]job, connections)
	begin := w.now()
	for i, j := range jobs {
		if rate > 0 {
			j.due = begin + int64(float64(i)/rate*float64(time.Second))
		}
		lanes[j.person%connections] = append(lanes[j.person%connections], j)
	}
	errs := make([]error, connections)
	var group sync.WaitGroup
	for i, lane := range lanes {
		group.Go(func() { errs[i] = w.lane(addr, lane) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	for i := range w.people {
		if err := w.answered(&w.people[i]); err != nil {
			return 0, err
		}
	}
	if n := w.wrong.Load(); n > 0 {
		return 0, fmt.Errorf("%d messages to nobody", n)
	}
	return time.Duration(w.now() - begin), nil
}

func (w *world) lane(addr string, jobs []job) error {
	if len(jobs) == 0 {
		return nil
	}
	d, err := dial(addr)
	if err != nil {
		return err
	}
	defer d.conn.Close()
	for _, j := range jobs {
		if wait := j.due - w.now(); j.due > 0 && wait > 0 {
			time.Sleep(time.Duration(wait))
		}
		p := &w.people[j.person]
		if err := w.answered(p); err != nil {
			return err
		}
		since := j.due
		if since == 0 {
			since = w.now()
		}
		p.reply.Store(since)
		if err := d.deliver(j.request); err != nil {
			return err
		}
	}
	return nil
}

// answered waits until the person has got the answer to the update before.
func (w *world) answered(p *person) error {
	for begin := w.now(); p.reply.Load() != 0; time.Sleep(100 * time.Microsecond) {
		if w.now()-begin > int64(patience) {
			return errors.New("an update was not answered")
		}
	}
	return nil
}

// latencies returns the times until the first message since the last time it was
// asked, sorted.
func (w *world) latencies() (replies []time.Duration) {
	for i := range w.people {
		p := &w.people[i]
		p.mu.Lock()
		replies = append(replies, p.replies...)
		p.replies = nil
		p.mu.Unlock()
	}
	slices.Sort(replies)
	return replies
}

// quantile of sorted times, in milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(q*float64(len(sorted)-1))]) / float64(time.Millisecond)
}
