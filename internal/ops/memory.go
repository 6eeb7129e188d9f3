package ops

import "runtime/debug"

// The memory of a process: the texts of a language are some 3 MB, what is learned
// from its questions, once somebody asks in it, up to 7 MB more; an update leaves 30 kB behind.
const (
	// gcPercent would let three times as much pile up as is in use, so that Go
	// collects seldom; the limit ends that.
	gcPercent = 300
	// memoryLimit is where Go collects, however little that gives, and
	// memoryLanguage what each language adds to it.
	memoryLimit    = 150 << 20
	memoryLanguage = 7 << 20
)

// TuneMemory trades memory for processor time, in a process with so many
// languages. What the operator has set by Go's own variables GOGC and GOMEMLIMIT stays.
func TuneMemory(getenv func(string) string, languages int) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit + int64(languages)*memoryLanguage)
	}
}
