package ops

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestLogger(t *testing.T) {
	var b bytes.Buffer
	NewLogger(&b, slog.LevelWarn, "json").Info("hidden")
	NewLogger(&b, slog.LevelWarn, "json").Warn("shown")
	NewLogger(&b, slog.LevelInfo, "text").Info("plain")
	if got := b.String(); strings.Contains(got, "hidden") || !strings.Contains(got, `"msg":"shown"`) || !strings.Contains(got, "msg=plain") {
		t.Errorf("logged %s", got)
	}
}
