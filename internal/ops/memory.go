package ops

import "runtime/debug"

// The memory of a service: what it always holds (texts, the index of questions)
// is some 35 MB, and an update leaves 30 kB behind. Go would collect each time
// that as much again has piled up, twelve times a second at 4,000 updates, for an
// eighth of the processor time.
const (
	// gcPercent lets three times as much pile up as is in use: 140 MB in all.
	gcPercent = 300
	// memoryLimit is where Go collects more often, so that a burst does not take more.
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
