package bot_test

import (
	"fmt"
	"sync"
	"testing"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// photo is one of an album, as the message with the number.
func photo(chat bot.ChatID, album string, message int) bot.Update {
	return bot.Update{
		ID: bot.UpdateID(fmt.Sprint("u", updates.Add(1))), Chat: chat, Language: "en", Album: album, Message: bot.MessageRef(fmt.Sprint(message)),
		Input: flow.Input{Kind: flow.KindUnsupported, Text: flow.SentPicture},
	}
}

// The photos of an album come to several processes at the same time.
func TestAnAlbumIsAnsweredOnceByAllProcessesTogether(t *testing.T) {
	s, c := embedded(t), newChannel()
	engines := []*bot.Engine{engine(t, s, c), engine(t, s, c), engine(t, s, c)}
	handle(t, engines[0], typed("test:1", "/start lang-en"))
	const albums, photos = 4, 10
	for album := range albums {
		var group sync.WaitGroup
		for i := range photos {
			u := photo("test:1", fmt.Sprint("album ", album), 100*album+i)
			group.Go(func() { handle(t, engines[i%3], u, u) }) // and the platform repeats it
		}
		group.Wait()
	}
	var passed int64
	for _, e := range engines {
		e.Flush()
		passed += e.Stats().PassedOver.Load()
	}
	if n := len(c.wait(t, "test:1", 1+albums)); n != 1+albums || passed < albums*(photos-1) {
		t.Errorf("%d messages, want %d; %d were passed over", n, 1+albums, passed)
	}
}

// Of a message it can be seen whether it was changed, and not what it said.
func TestAnEditIsHeardOnceForEachChangeOfTheLastWords(t *testing.T) {
	s, c := embedded(t), newChannel()
	e := engine(t, s, c)
	write := func(message, text string, edited bool) bool {
		before := e.Stats().PassedOver.Load()
		u := typed("test:1", text)
		u.Message, u.Edited = bot.MessageRef(message), edited
		handle(t, e, u)
		return e.Stats().PassedOver.Load() == before
	}
	for i, turn := range []struct {
		message, text string
		edited, heard bool
	}{
		{"1", "/help", true, false}, // of somebody of whom nothing is known
		{"1", "/start lang-en", false, true},
		{"2", "how much dose it", false, true},
		{"2", "how much dose it", true, false}, // a preview of a link, a reaction
		{"2", "how much does it cost?", true, true},
		{"2", "how much does it cost?", true, false},
		{"1", "/help", true, false},
		{"2", "/help", true, true},
		{"3", "hello", false, true},
		{"2", "which papers?", true, false},
		{"", "which papers?", true, false},
		{"4", "/delete", false, true},
		{"5", "1", false, true},
		{"5", "which papers?", true, false}, // nothing is known any more
	} {
		if heard := write(turn.message, turn.text, turn.edited); heard != turn.heard {
			t.Errorf("turn %d, %+v: heard is %v", i+1, turn, heard)
		}
	}
	session, err := s.Load(t.Context(), "test:1")
	if err != nil || session.State.Heard != (flow.Heard{}) {
		t.Errorf("after /delete there is still %+v, %v", session.State.Heard, err)
	}
}
