package bot

import (
	"fmt"
	"runtime"
	"strings"
)

// panicked is a panic as an error: what it was and where, and never its value,
// which may be what a person wrote. It must be called by the deferred function
// that recovered r.
func panicked(r any) error {
	what := fmt.Sprintf("%T", r)
	if broken, ok := r.(runtime.Error); ok {
		what = broken.Error() // an index, a nil, a type: the runtime quotes nobody
	}
	return fmt.Errorf("panicked at %s: %s", panickedAt(), what)
}

// panickedAt is the file and line of the call that panicked.
func panickedAt() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	behind := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			behind = true
		case behind && !strings.HasPrefix(f.Function, "runtime."): // the runtime panics for a nil or an index
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// safely runs f and turns a panic into an error: one person's unlucky input must
// not end the service for all.
func safely(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r)
		}
	}()
	return f()
}
