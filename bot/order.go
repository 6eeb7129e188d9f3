package bot

import "sync"

// keyedOrder runs functions of the same key one after the other, in the order
// in which do was called, and those of different keys at the same time. Its
// memory is only what is under way. The zero value is ready.
type keyedOrder struct {
	mu   sync.Mutex
	last map[string]chan struct{}
}

// do starts f when all earlier ones of the key have ended. It does not block;
// the returned function waits for f and gives its error.
func (o *keyedOrder) do(key string, f func() error) (wait func() error) {
	done := make(chan struct{})
	o.mu.Lock()
	if o.last == nil {
		o.last = map[string]chan struct{}{}
	}
	before := o.last[key]
	o.last[key] = done
	o.mu.Unlock()

	var err error
	go func() {
		defer func() {
			o.mu.Lock()
			if o.last[key] == done {
				delete(o.last, key)
			}
			o.mu.Unlock()
			close(done)
		}()
		if before != nil {
			<-before
		}
		err = f()
	}()
	return func() error {
		<-done
		return err
	}
}
