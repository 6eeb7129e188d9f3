package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"iqbot/internal/config"
)

type checkCommand struct{ contentFlag }

// Help says what fails the check.
func (checkCommand) Help() string {
	return "Reads everything that serve reads, and exits with 1 and one line for each fault. What works but needs " +
		"care (facts past their review date, contacts nobody has checked, texts nobody uses) is listed and does not fail."
}

// Run checks and prints.
func (cmd checkCommand) Run(_ context.Context, w world) error {
	c, settingsErr := config.Load(w.getenv, time.Now())
	content, contentErr := cmd.load(c)
	if err := errors.Join(settingsErr, contentErr); err != nil {
		return err
	}
	var care []string
	for _, warning := range c.Warnings() {
		care = append(care, "settings: "+warning)
	}
	for _, s := range content.Articles.Stale(time.Now()) {
		care = append(care, fmt.Sprintf("locales/%s:%d: %s needs a review since %s", s.File, s.Line, s.ID, s.Since.Format(time.DateOnly)))
	}
	for _, l := range content.Catalog.Languages() {
		for _, topic := range content.Articles.Missing(l.Tag) {
			care = append(care, fmt.Sprintf("locales/%s/articles: no article %q, another language is shown instead", l.Tag, topic))
		}
	}
	for _, f := range content.Unused() {
		care = append(care, f.String())
	}
	for _, contact := range content.Directory.NeedsCheck() {
		care = append(care, fmt.Sprintf("directory: %s is not shown until you have checked it and put it into CONFIRMED_CONTACTS", contact.ID))
	}
	for _, line := range care {
		if _, err := fmt.Fprintln(w.out, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w.out, "ok: %d flows, %d languages (%s), %d topics; %d points need care\n",
		len(content.Flows.Flows), len(content.Catalog.Languages()), strings.Join(content.LanguageTags(), ", "), len(content.Articles.Topics()), len(care))
	return err
}
