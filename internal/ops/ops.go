// Package ops is what operators see of the service: its log, whether it is
// alive and ready, its numbers, and the servers on which these are asked.
package ops

import (
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes to w; format is "text" or "json".
func NewLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// TakeOver lets a logger have what libraries write to the standard loggers: they quote
// what a remote side has sent, as it came. Each line is a warning.
func TakeOver(to *slog.Logger) {
	slog.SetLogLoggerLevel(slog.LevelWarn)
	slog.SetDefault(to)
}
