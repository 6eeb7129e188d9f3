package ops

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTuneMemory(t *testing.T) {
	const percent, limit, languages = 77, 1 << 40, 3
	const most = memoryLimit + languages*memoryLanguage
	for name, c := range map[string]struct {
		env     map[string]string
		percent int
		limit   int64
	}{
		"nothing set":      {nil, gcPercent, most},
		"GOGC is kept":     {map[string]string{"GOGC": "77"}, percent, most},
		"the limit is too": {map[string]string{"GOMEMLIMIT": "1TiB"}, gcPercent, limit},
	} {
		t.Run(name, func(t *testing.T) {
			debug.SetGCPercent(percent)
			debug.SetMemoryLimit(limit)
			defer debug.SetGCPercent(100)
			defer debug.SetMemoryLimit(math.MaxInt64)
			TuneMemory(func(name string) string { return c.env[name] }, languages)
			if got := debug.SetGCPercent(100); got != c.percent {
				t.Errorf("a collection at %d %%, want %d", got, c.percent)
			}
			if got := debug.SetMemoryLimit(-1); got != c.limit {
				t.Errorf("limit %d, want %d", got, c.limit)
			}
		})
	}
}
