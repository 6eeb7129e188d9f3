package redistest

import (
	"context"
	"testing"
)

func TestServerHasItsDataAfterAKill(t *testing.T) {
	s := Start(t)
	ctx := context.Background()
	if err := s.Client().Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := s.Client().Get(ctx, "k").Err(); err == nil {
		t.Fatal("a killed server answers")
	}
	s.Restart()
	if got, err := s.Client().Get(ctx, "k").Result(); err != nil || got != "v" {
		t.Fatalf("after the restart: %q, %v", got, err)
	}
}

func TestArgumentsOverride(t *testing.T) {
	s := Start(t, "--maxmemory", "12mb")
	if got := s.Client().ConfigGet(context.Background(), "maxmemory").Val()["maxmemory"]; got != "12582912" {
		t.Errorf("maxmemory is %q", got)
	}
}
