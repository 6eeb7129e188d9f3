package telegram

import "time"

// The limits of the Bot API that this package keeps.
const (
	// MaxText is the longest text of one message, in UTF-16 units after entity
	// parsing. Source: Bot API, sendMessage, field text ("characters"; counted
	// in UTF-16 units, as entity offsets are, to be on the safe side).
	MaxText = 4096
	// MaxCaption is the longest text under a document, counted like MaxText.
	// Source: Bot API, sendDocument, field caption.
	MaxCaption = 1024
	// MaxLabel is the longest label of a button, in UTF-16 units. Telegram
	// names no limit; phones show about half of this in a full row.
	MaxLabel = 64
	// MaxPollTimeout is the longest that one getUpdates waits.
	// Source: tdlib/telegram-bot-api, Client.h, LONG_POLL_MAX_TIMEOUT.
	MaxPollTimeout = 50 * time.Second
	// MaxCommands is the most commands of one menu.
	// Source: Bot API, setMyCommands, field commands.
	MaxCommands = 100
	// MaxCommandDescription is the longest description of a command, in characters.
	// Source: Bot API, BotCommand, field description.
	MaxCommandDescription = 256
	// MaxBotName, in characters. Source: Bot API, setMyName.
	MaxBotName = 64
	// MaxDescription, in characters. Source: Bot API, setMyDescription.
	MaxDescription = 512
	// MaxShortDescription, in characters. Source: Bot API, setMyShortDescription.
	MaxShortDescription = 120
	// MaxWebhookConnections is the most connections that Telegram opens to a
	// webhook at once. Source: Bot API, setWebhook, field max_connections.
	MaxWebhookConnections = 100
)

const (
	// maxEntities is the most styled runs of one message. Telegram drops what
	// is beyond 100 (core.telegram.org/api/config, message entities); the rest
	// is left for those that it finds by itself, such as email addresses.
	maxEntities = 90
	// maxMarkup bounds the bytes of all entities of a message. The server takes
	// about 9500 (tdlib/telegram-bot-api#165).
	maxMarkup = 8000
	// maxLink is the longest address of a link, in bytes; what is longer
	// stays a plain label. Browsers and servers agree on about 2000.
	maxLink = 2048

	// maxAnswer is the largest body that is read from the API: 100 updates,
	// each of at most some 10 kB of text and entities, with room to spare.
	maxAnswer = 16 << 20
	// maxBody is the largest body that the webhook takes: one update.
	maxBody = 1 << 20

	// batch is how many updates one poll asks for. Source: Bot API, getUpdates, field limit.
	batch = 100
	// repeatAfter is the least time between two polls for the same offset: the
	// server slows down what comes sooner (tdlib/telegram-bot-api, Client.cpp, process_get_updates_query).
	repeatAfter = 3 * time.Second
	// askAgain is the time between two polls while a chat is at work, and so the
	// most that it delays others. The server answers with what waits at once, but with
	// one update only within half a second of a poll for the same offset (as above).
	askAgain = 600 * time.Millisecond
	// firstBackoff and maxBackoff bound the growing pause after failed polls, and
	// after an update that could not be taken.
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
	// revokedAfter and revokedTries are for how long, and how often in a row, a token must be refused
	// until that is believed: a proxy on the way, or a server that starts, may refuse any.
	revokedAfter = time.Minute
	revokedTries = 3
	// confirmTimeout bounds what a stopping poll still does.
	confirmTimeout = 2 * time.Second
)
