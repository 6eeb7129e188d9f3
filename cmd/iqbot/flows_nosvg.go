//go:build !graphviz

package main

import (
	"context"
	"errors"
)

// svg says how to get a program that draws; see the other file why this one does not.
func svg(context.Context, string) ([]byte, error) {
	return nil, errors.New("this program is built without Graphviz: use go run -tags graphviz ./cmd/iqbot flows graph --format svg, or --format dot")
}
