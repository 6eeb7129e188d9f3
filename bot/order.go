package bot

import "sync"

// keyedOrder runs functions of the same key one after the other, in the order
// in which do was called, and those of different keys at the same time. Its
// memory is only what is under way. The zero value is ready.
type keyedOrder struct {
	mu     sync.Mutex
	queues map[string]*queue
}

// queue is what is under way for one key.
type queue struct {
	last   chan struct{} // closed when the newest function has ended
	length int
}

// queued returns how many functions of the key are under way.
func (o *keyedOrder) queued(key string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if q := o.queues[key]; q != nil {
		return q.length
	}
	return 0
}

// do starts f when all earlier ones of the key have ended. It does not block;
// the returned function waits for f and gives its error.
func (o *keyedOrder) do(key string, f func() error) (wait func() error) {
	turn := o.queue(key)
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		err = turn(f)
	}()
	return func() error {
		<-done
		return err
	}
}

// queue takes a place behind all earlier functions of the key. The returned
// function runs f when these have ended, in the goroutine that calls it.
func (o *keyedOrder) queue(key string) (turn func(f func() error) error) {
	done := make(chan struct{})
	o.mu.Lock()
	if o.queues == nil {
		o.queues = map[string]*queue{}
	}
	q := o.queues[key]
	if q == nil {
		q = &queue{}
		o.queues[key] = q
	}
	before := q.last
	q.last = done
	q.length++
	o.mu.Unlock()

	return func(f func() error) error {
		defer func() {
			o.mu.Lock()
			if q.length--; q.length == 0 {
				delete(o.queues, key)
			}
			o.mu.Unlock()
			close(done)
		}()
		if before != nil {
			<-before
		}
		return f()
	}
}
