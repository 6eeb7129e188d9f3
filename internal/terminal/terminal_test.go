package terminal

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
)

// reply is what a bot says in these tests.
func reply(text string, labels ...string) bot.Message {
	m := bot.Message{Text: richtext.Text{{Text: text}}}
	for _, l := range labels {
		m.Buttons = append(m.Buttons, []bot.Button{{Label: l, Data: "data of " + l}})
	}
	return m
}

func TestConverse(t *testing.T) {
	var out strings.Builder
	c := New(&out, true)
	var got []bot.Update
	err := c.Converse(t.Context(), strings.NewReader("hello\n\n 2 \n٣\n02\n4\n/menu@bot now\n"), "uk", "lang-uk", func(ctx context.Context, u bot.Update) error {
		got = append(got, u)
		if err := c.Send(ctx, u.Chat, reply("one", "A", "ب")); err != nil {
			return err
		}
		return c.Send(ctx, u.Chat, reply("two", "C"))
	})
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	others := map[string]string{
		"Username": "a terminal knows none", "Version": "the engine", "Assisted": "the engine", // see package telegram
		"Message": "nothing typed can be changed", "Edited": "nothing typed can be changed", "Sent": "nothing comes at once with another", "Album": "nothing comes at once with another", "With": "words are all that can be sent",
	}
	for _, u := range got {
		for _, v := range []reflect.Value{reflect.ValueOf(u), reflect.ValueOf(u.Input)} {
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				have[name] = have[name] || !v.Field(i).IsZero() || others[name] != ""
			}
		}
	}
	for name, ok := range have {
		if !ok {
			t.Errorf("no update has a %s", name)
		}
	}
	var inputs []flow.Input
	for i, u := range got {
		inputs = append(inputs, u.Input)
		if u.Chat != Chat || u.Language != "uk" || i > 0 && u.ID == got[i-1].ID {
			t.Errorf("update %+v", u)
		}
	}
	want := []flow.Input{
		{Kind: flow.KindCommand, Command: "start", Text: "lang-uk"},
		{Kind: flow.KindText, Text: "hello"},
		{Kind: flow.KindButton, Text: "data of ب", Source: "3"},
		{Kind: flow.KindButton, Text: "data of C", Source: "6"},
		{Kind: flow.KindText, Text: "02"},
		{Kind: flow.KindText, Text: "4"},
		{Kind: flow.KindCommand, Command: "menu", Text: "now"},
	}
	if diff := cmp.Diff(want, inputs); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	begin := "one\n  [1] A\n  [2] \u2068ب\u2069\n\ntwo\n  [3] C\n\n> hello\n\none\n"
	if !strings.HasPrefix(out.String(), begin) {
		t.Errorf("printed %q, want it to begin with %q", out.String(), begin)
	}
}

func TestConverseEndsWithTheFirstFailure(t *testing.T) {
	broken := errors.New("broken")
	err := New(&strings.Builder{}, false).Converse(t.Context(), strings.NewReader("a\nb\n"), "", "", func(context.Context, bot.Update) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestConverseEndsWhenNothingCanBePrinted(t *testing.T) {
	c := New(full{}, false)
	err := c.Converse(t.Context(), strings.NewReader("a\n"), "", "", func(ctx context.Context, u bot.Update) error {
		_ = c.Send(ctx, u.Chat, reply("x")) // the engine drops what can never be printed
		return nil
	})
	if err == nil || err.Error() != "no space left" {
		t.Errorf("err = %v", err)
	}
}

func TestMarksAreNotPrinted(t *testing.T) {
	var out strings.Builder
	if err := New(&out, false).Decorate(t.Context(), Chat, bot.Decoration{Mark: &bot.Mark{Message: "1", Label: "A"}}); err != nil || out.Len() > 0 {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}
