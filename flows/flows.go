// Package flows holds the conversation flows. README.md in this folder is the
// manual for those who write them; no Go is needed.
package flows

import "embed"

// FS is the flows as they were when the program was built.
//
//go:embed *.yaml transcripts/*.yaml
var FS embed.FS
