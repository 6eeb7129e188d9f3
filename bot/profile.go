package bot

import "iqbot/internal/richtext"

// MenuCommands are the commands that a channel offers in its menu, in order.
// Their descriptions are the messages "command.<name>".
var MenuCommands = []string{"menu", "language", "help", "privacy", "export", "delete", "cancel"}

// Profile is how the bot presents itself on a platform in one language.
type Profile struct {
	Commands         []CommandText
	Description      string // shown in an empty chat, at most 512 characters
	ShortDescription string // shown on the bot's page, at most 120 characters
}

// CommandText is an entry of the command menu.
type CommandText struct {
	Name        string // without the slash
	Description string
}

// Profile returns the presentation in a language of the catalog.
func (c *Content) Profile(lang string) Profile {
	p := c.Catalog.Printer(lang)
	plain := func(id string) string { return richtext.Parse(p.Text(id, nil)).Plain() }
	profile := Profile{Description: plain(msgDescription), ShortDescription: plain(msgShortDescription)}
	for _, name := range MenuCommands {
		profile.Commands = append(profile.Commands, CommandText{Name: name, Description: plain("command." + name)})
	}
	return profile
}

// LanguageTags lists the tags of the languages, in their order.
func (c *Content) LanguageTags() []string {
	var tags []string
	for _, l := range c.Catalog.Languages() {
		tags = append(tags, l.Tag)
	}
	return tags
}
