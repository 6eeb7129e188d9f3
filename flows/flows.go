// Package flows holds the conversation flows. README.md in this folder is the
// manual for those who write them; no Go is needed.
package flows

import "embed"

// FS is the flows as they were when the program was built, with their manual
// and the schema by which an editor's program helps to write them.
//
//go:embed *.yaml transcripts/*.yaml README.md schema.json
var FS embed.FS
