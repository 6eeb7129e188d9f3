package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/redis/go-redis/v9"
)

//go:embed lua
var lua embed.FS

// The scripts: this is the only list of them. They never change. The server
// learns each when it is asked for it the first time.
var (
	beatScript   = script("beat")
	claimScript  = script("claim")
	commitScript = script("commit")
	extendScript = script("extend")
	finishScript = script("finish")
	freeScript   = script("free")
	holdScript   = script("hold")
	lateScript   = script("late")
	metaScript   = script("meta")
	postedScript = script("posted")
	replyScript  = script("reply")
	resealScript = script("reseal")
	resetScript  = script("reset")
	retryScript  = script("retry")
	ringScript   = script("ring")
	settleScript = script("settle")
	takeScript   = script("take")
	targetScript = script("target")
)

// common is what stands before each script.
const common = "common"

// script reads lua/<name>.lua, which says what its keys, arguments and results are.
func script(name string) *redis.Script {
	return redis.NewScript(source(common) + source(name))
}

func source(name string) string {
	text, err := lua.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // it is not in the program: no test gets further than this
	}
	return string(text)
}

// run runs a script, with the time put before args. The error says what op
// was attempted, and never on whom.
func (s *Store) run(ctx context.Context, op string, script *redis.Script, keys []string, args ...any) (any, error) {
	return s.runOn(ctx, s.calls, op, script, keys, args...)
}

// runOn is run on a client of the caller's choice.
func (s *Store) runOn(ctx context.Context, on redis.Scripter, op string, script *redis.Script, keys []string, args ...any) (any, error) {
	timed := make([]any, 1, 1+len(args))
	timed[0] = s.now()
	r, err := script.Run(ctx, on, keys, append(timed, args...)...).Result()
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", op, err)
	}
	return r, nil
}
