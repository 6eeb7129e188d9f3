package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a value that must not be shown: every way of printing, logging or
// encoding it gives a placeholder, or nothing if it is empty. (The exceptions
// make no sense: %p, which vet refuses, and a Secret as the key of a JSON
// object.) The zero value is "not set".
type Secret string

const redacted = "[secret]"

// Reveal returns the value itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format writes the placeholder for every verb. Without it, a verb that does
// not fit a string, such as %d, would print the value in its complaint.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns the placeholder; JSON and TOML use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
