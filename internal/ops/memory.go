package ops

import "runtime/debug"

// The memory of a service: what it always holds (texts, the index of questions)
// is some 85 MB, and an update leaves 30 kB behind.
const (
	// gcPercent would let three times as much pile up as is in use, so that Go
	// collects seldom; memoryLimit ends that.
	gcPercent = 300
	// memoryLimit is where Go collects, however little that gives.
	memoryLimit = 256 << 20
)

// TuneMemory trades memory for processor time. What the operator has set by Go's
// own variables GOGC and GOMEMLIMIT stays.
func TuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
