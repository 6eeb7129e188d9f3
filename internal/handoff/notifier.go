package handoff

import (
	"context"

	"iqbot/bot"
)

// Notifier tells advisors about a case: a Telegram chat or a mailbox.
type Notifier interface {
	// Name is stable; it is stored with the notifications that wait for it.
	Name() string
	// Notify blocks until the notification is delivered or has failed. A
	// failure may be a [*bot.SendError]; any other is tried again.
	Notify(ctx context.Context, n bot.Notification) error
}
