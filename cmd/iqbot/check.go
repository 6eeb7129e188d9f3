package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"iqbot/bot"
	"iqbot/internal/config"
	"iqbot/internal/content"
	"iqbot/internal/network"
)

// exitCode is what the program ends with: 2 if the command line is wrong, else 1.
func exitCode(err error) int {
	var usage *kong.ParseError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

type checkCommand struct {
	contentFlag
	JSON   bool `help:"Print a JSON list of {level, file, line, reason, hint}." name:"json"`
	Strict bool `help:"Fail if anything needs care, too."`
}

// Help says what fails the check.
func (checkCommand) Help() string {
	return "Reads everything that serve reads, and exits with 1 and one line for each fault. What works but needs " +
		"care (facts past their review date, contacts nobody has checked, texts nobody uses) is listed and does not fail, " +
		"unless --strict is given. A wrong command line exits with 2."
}

// The levels of a finding.
const (
	levelError = "error" // the service would not start
	levelCare  = "care"  // it works, but somebody should look
	levelNote  = "note"  // what an operator must know; it never fails
)

// finding is one thing that the check has found.
type finding struct {
	Level string `json:"level"`
	// File is below the content folder. If empty, it is a setting or not a matter of a file.
	File   string `json:"file"`
	Line   int    `json:"line"` // from 1; 0 if not known
	Reason string `json:"reason"`
	Hint   string `json:"hint"` // the cure; may be empty
}

// String is "file:line: reason (hint)" without what is not known.
func (f finding) String() string {
	return content.Fault{File: f.File, Line: f.Line, Reason: f.Reason, Hint: f.Hint}.Error()
}

// Run checks and prints.
func (cmd checkCommand) Run(_ context.Context, w world) error {
	c, settingsErr := config.Load(w.getenv, time.Now())
	content, contentErr := cmd.load(c)
	found := append(findings(settingsErr), findings(contentErr)...)
	defects := len(found)
	if defects == 0 {
		found = append(care(c, content), notes(c)...)
	}
	if cmd.JSON {
		if found == nil {
			found = []finding{}
		}
		if err := printJSON(w.out, found); err != nil {
			return err
		}
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, f.String())
	}
	switch {
	case defects > 0 && cmd.JSON:
		return fmt.Errorf("%d defects", defects)
	case defects > 0:
		return errors.New(strings.Join(lines, "\n"))
	}
	points := 0
	for _, f := range found {
		if f.Level == levelCare {
			points++
		}
	}
	if !cmd.JSON {
		lines = append(lines, fmt.Sprintf("ok: %d flows, %d languages (%s), %d topics; %d points need care", len(content.Flows.Flows),
			len(content.Catalog.Languages()), strings.Join(content.LanguageTags(), ", "), len(content.Articles.Topics()), points))
		if _, err := fmt.Fprintln(w.out, strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
	if cmd.Strict && points > 0 {
		return fmt.Errorf("%d points need care, and --strict is given", points)
	}
	return nil
}

// notes list who gets people's questions, which an operator answers for.
func notes(c config.Config) (found []finding) {
	if to, ok := c.Assist(); ok {
		found = append(found, finding{
			Level: levelNote, Reason: fmt.Sprintf("settings: %s (model %s, mode %s)", to, c.AssistModel, c.AssistMode),
			Hint: "people are told that it is run by " + to.Operator + "; see README, Help from a language model",
		})
	}
	return found
}

// care lists what works but needs somebody to look.
func care(c config.Config, content *bot.Content) (found []finding) {
	add := func(file string, line int, hint, format string, args ...any) {
		found = append(found, finding{Level: levelCare, File: file, Line: line, Reason: fmt.Sprintf(format, args...), Hint: hint})
	}
	for _, warning := range c.Warnings() {
		add("", 0, "", "settings: %s", warning)
	}
	for _, s := range content.Articles.Stale(time.Now()) {
		add("locales/"+s.File, s.Line, "compare it with its source and write the new date", "%s needs a review since %s", s.ID, s.Since.Format(time.DateOnly))
	}
	for _, l := range content.Catalog.Languages() {
		for _, topic := range content.Articles.Missing(l.Tag) {
			add("locales/"+l.Tag+"/articles", 0, "another language is shown instead", "no article %q", topic)
		}
	}
	kinds := content.Articles.TalkKinds()
	for _, l := range content.Catalog.Languages() {
		for _, kind := range content.Articles.MissingTalk(l.Tag) {
			add("locales/"+l.Tag+"/talk", 0, "another language is shown instead", "no text for talk of kind %q", kind)
		}
	}
	if !slices.ContainsFunc(kinds, func(kind string) bool {
		t, ok := content.Articles.Talk(kind, "")
		return ok && t.Crisis
	}) {
		add("locales", 0, "copy locales/*/talk of the program", "no crisis is recognised: there is no talk with crisis: true")
	}
	for _, f := range content.Unused() {
		add(f.File, f.Line, f.Hint, "%s", f.Reason)
	}
	for _, c := range content.Directory.NeedsCheck() {
		add(bot.FolderDirectory+"/network.yaml", c.Line, "ask them, and put it into CONFIRMED_CONTACTS with the day", "%s is not shown until you have checked it: %s", c.ID, reach(c))
	}
	return found
}

// reach is what an operator needs to check a contact: its name and every way to it.
func reach(c network.Contact) string {
	ways := []string{c.Name, c.Phone, c.Email, c.Website}
	if c.Phone+c.Email+c.Website == "" {
		ways = append(ways, c.Street, strings.TrimSpace(c.Postcode+" "+c.City))
	}
	return strings.Join(slices.DeleteFunc(ways, func(s string) bool { return s == "" }), ", ")
}

// findings takes an error apart into the faults that it joins, each with its
// place; what has none is told as it is, a line each.
func findings(err error) (found []finding) {
	faults, others := content.Split(err)
	for _, f := range faults {
		found = append(found, finding{Level: levelError, File: f.File, Line: f.Line, Reason: f.Reason, Hint: f.Hint})
	}
	for _, other := range others {
		var settings config.Faults
		switch {
		case errors.As(other, &settings):
			for _, f := range settings {
				found = append(found, finding{Level: levelError, Reason: strings.TrimPrefix(f.Variable+": "+f.Problem, ": "), Hint: f.Cure})
			}
		default:
			for line := range strings.SplitSeq(other.Error(), "\n") {
				found = append(found, finding{Level: levelError, Reason: line})
			}
		}
	}
	return found
}
