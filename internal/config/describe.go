package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Setting describes one variable to operators.
type Setting struct {
	Name    string // of the variable
	Default string // as it would be written; may be empty
	Help    string // one paragraph
	Secret  bool   // Name_FILE may hold the path of a file with the value
}

// Describe returns all settings in the order of [Config].
func Describe() []Setting {
	t := reflect.TypeFor[Config]()
	settings := make([]Setting, t.NumField())
	for i := range settings {
		f := t.Field(i)
		settings[i] = Setting{
			Name:    f.Tag.Get("env"),
			Default: f.Tag.Get("envDefault"),
			Help:    f.Tag.Get("help"),
			Secret:  f.Type == reflect.TypeFor[Secret](),
		}
	}
	return settings
}

// MarkdownTable returns the settings as a table for the README, with a line
// break at its end.
func MarkdownTable() string {
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;")
	var b strings.Builder
	b.WriteString("| Variable | Default | Meaning |\n| --- | --- | --- |\n")
	for _, s := range Describe() {
		byDefault, help := s.Default, cell.Replace(s.Help)
		if byDefault != "" {
			byDefault = "`" + byDefault + "`"
		}
		if s.Secret {
			help += " Secret; may come from a file: `" + s.Name + "_FILE`."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, byDefault, help)
	}
	return b.String()
}

// HelpText returns the settings for a terminal, one paragraph each.
func HelpText() string {
	var b strings.Builder
	for _, s := range Describe() {
		b.WriteString(s.Name)
		if s.Secret {
			b.WriteString(" (or " + s.Name + "_FILE)")
		}
		if s.Default != "" {
			b.WriteString(" [" + s.Default + "]")
		}
		b.WriteString("\n\n    " + s.Help + "\n\n")
	}
	return b.String()
}
