package assist

import (
	"time"

	"iqbot/bot"
)

// NewForTest is New with another time to rest.
func NewForTest(o Options, rest time.Duration) *Client { return newClient(o, rest) }

// Read reads the content of a reply.
func (c *Client) Read(content string, q bot.AssistQuestion) (bot.AssistReply, error) {
	return c.read(content, q)
}
