package bot

import "strings"

// ChatID names one private dialogue: the channel's name, a colon, and the
// channel's own id, such as "telegram:4711". It is personal data.
type ChatID string

// Channel returns the part before the colon.
func (c ChatID) Channel() string {
	name, _, _ := strings.Cut(string(c), ":")
	return name
}

// Native returns the channel's own id.
func (c ChatID) Native() string {
	_, id, _ := strings.Cut(string(c), ":")
	return id
}
