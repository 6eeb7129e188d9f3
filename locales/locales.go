// Package locales holds everything that translators and editors touch: a
// folder for each language, and the facts that all languages share.
package locales

import "embed"

// FS is the content as it was when the program was built.
//
//go:embed facts.yaml topics.yaml talk.yaml */language.toml */active.*.toml */followups.yaml */articles */other.questions.txt */talk
var FS embed.FS
