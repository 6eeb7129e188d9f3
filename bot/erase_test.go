package bot_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/answer/answertest"
	"iqbot/internal/flow"
	"iqbot/internal/handoff"
	"iqbot/internal/network"
	"iqbot/locales"
)

// deletingBefore is the shipped content, but that step stands behind the
// deletion of the flow delete.
func deletingBefore(t *testing.T, step string) *bot.Content {
	t.Helper()
	changed := fstest.MapFS{}
	names, err := fs.Glob(flows.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		changed[name] = &fstest.MapFile{Data: text}
	}
	const erased = "  erased:\n"
	file := changed["delete.yaml"]
	before, after, found := strings.Cut(string(file.Data), erased)
	if !found {
		t.Fatalf("delete.yaml has no step erased:\n%s", file.Data)
	}
	before = strings.Replace(before, "interrupt: true\n", "interrupt: true\nvars: {noted: text, where: place}\n", 1)
	before = strings.Replace(before, "next: erased", "next: more", 1)
	file.Data = []byte(before + "  more: {" + step + ", next: erased}\n" + erased + after)
	c, err := bot.LoadContent(changed, answertest.Brief(t, locales.FS), network.BuiltIn(), nil, handoff.MessageIDs())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Whatever a flow does behind the deletion, the deletion takes place, its words
// are in the person's language and not in that of their app, and nothing is left.
func TestADeletionTakesPlaceWhateverFollowsIt(t *testing.T) {
	const chat = bot.ChatID("test:1")
	for name, step := range map[string]string{
		"an article":        "article: costs",
		"addresses":         "contacts: {topic: costs, place: \"\", land: home}",
		"words":             "say: delete.kept",
		"an export":         "do: export-data",
		"a withdrawal":      "do: withdraw-cases",
		"a second deletion": "do: delete-data",
		"a variable":        "set: {noted: \"yes\", where: Mayen}",
		"another variable":  "set: {noted: $where}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := embedded(t), newChannel()
			changed := deletingBefore(t, step)
			e := running(t, bot.Options{Store: s, Channels: []bot.Channel{c}, Content: changed, Export: func(context.Context, bot.ChatID) ([]byte, error) {
				return []byte("{}"), nil
			}})
			last(t, e, c, typed(chat, "/start lang-uk"))
			confirm := last(t, e, c, typed(chat, "/delete"))
			handle(t, e, press(t, chat, "7", confirm, changed.Words("delete.agree", "uk")))
			e.Flush()
			session, err := s.Load(t.Context(), chat)
			if err != nil || !cmp.Equal(session.State, flow.State{Allowance: session.State.Allowance}) {
				t.Errorf("left is %+v, %v", session.State, err)
			}
			if n := e.Stats().Apologies.Load(); n > 0 {
				t.Errorf("%d apologies", n)
			}
			var read []string
			for _, m := range c.messages(chat) {
				read = append(read, m.Text.Plain())
			}
			if want := changed.Words("delete.done", "uk"); !strings.Contains(strings.Join(read, "\n"), want) {
				t.Errorf("it is not said that all is deleted (%q):\n%s", want, strings.Join(read, "\n"))
			}
		})
	}
}
