//go:build graphviz

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/goccy/go-graphviz"
)

// svg draws a diagram in the language of Graphviz.
//
// Graphviz is not in the usual program: its package compiles itself from
// WebAssembly whenever the program starts, which costs every command half a
// second of work, and keeps the machine code in a folder of os.TempDir that
// others on the machine may have made.
func svg(ctx context.Context, dot string) (drawn []byte, err error) {
	gv, err := graphviz.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("start Graphviz: %w", err)
	}
	defer func() { err = errors.Join(err, gv.Close()) }()
	g, err := graphviz.ParseBytes([]byte(dot))
	if err != nil {
		return nil, fmt.Errorf("read the diagram: %w", err)
	}
	var b bytes.Buffer
	if err := gv.Render(ctx, g, graphviz.SVG, &b); err != nil {
		return nil, fmt.Errorf("draw the diagram: %w", err)
	}
	return b.Bytes(), nil
}
