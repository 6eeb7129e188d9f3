package bot

import (
	"context"
	"time"
)

// Pacer keeps the messages of all processes within the platform's limits.
// Implementations are safe for concurrent use.
type Pacer interface {
	// Pace counts a message to the chat and returns how long the next one to
	// the same chat has to wait. It may block on the network.
	Pace(ctx context.Context, chat ChatID) (time.Duration, error)
}
