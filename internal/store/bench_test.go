package store

import (
	"fmt"
	"strings"
	"testing"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/store/redistest"
)

// benchStore is on a real server, sealed as in production.
func benchStore(b *testing.B) *Store {
	keyset, err := NewKeyset()
	if err != nil {
		b.Fatal(err)
	}
	sealer, err := LoadKeyset(keyset)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), Options{URL: redistest.Start(b).URL(), HashSecret: []byte("0123456789abcdef"), Sealer: sealer})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// midway is a dialogue in the middle of a handover.
func midway() flow.State {
	return flow.State{
		Schema: flow.StateSchema, Language: "uk", Stack: []flow.Frame{{Flow: "menu", Step: "choose"}, {Flow: "handoff", Step: "reach"}},
		Vars: map[string]string{"place": "Koblenz", "topic": "costs", "words": strings.Repeat("слова ", 20)},
	}
}

func benchCommit(i int, s bot.Session) bot.Commit {
	return bot.Commit{
		Chat: alice, Update: bot.UpdateID(fmt.Sprint(700_000_000 + i)), Version: s.Version, State: midway(),
		Outbox: []bot.Message{text(fmt.Sprint(700_000_000+i, ".0"), strings.Repeat("Привіт! ", 25))},
	}
}

func BenchmarkLoad(b *testing.B) {
	s := benchStore(b)
	for i := range keptUpdates {
		if _, _, err := s.Commit(b.Context(), benchCommit(i, bot.Session{Version: int64(i)})); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Load(b.Context(), alice); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCommit(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c := benchCommit(i, bot.Session{Version: int64(i)})
		c.Outbox = nil
		if _, _, err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommitSent is the way of one update with one answer.
func BenchmarkCommitSent(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l, q, err := s.Commit(b.Context(), benchCommit(i, bot.Session{Version: int64(i)}))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Sent(b.Context(), l, q[0].ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkChats is the whole way for many chats at once.
func BenchmarkChats(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	b.SetParallelism(16)
	var next = make(chan int)
	go func() {
		for i := 0; ; i++ {
			select {
			case next <- i:
			case <-b.Context().Done():
				return
			}
		}
	}()
	b.RunParallel(func(pb *testing.PB) {
		chat := bot.ChatID(fmt.Sprint("telegram:", <-next))
		for i := 0; pb.Next(); i++ {
			session, err := s.Load(b.Context(), chat)
			if err != nil {
				b.Fatal(err)
			}
			c := benchCommit(i, session)
			c.Chat = chat
			l, q, err := s.Commit(b.Context(), c)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Sent(b.Context(), l, q[0].ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkStored measures the memory of a dialogue with all its 64 update
// ids, in the server, all its overhead included.
func BenchmarkStored(b *testing.B) {
	s := benchStore(b)
	for b.Loop() {
		for i := range keptUpdates {
			l, q, err := s.Commit(b.Context(), benchCommit(i, bot.Session{Version: int64(i)}))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Sent(b.Context(), l, q[0].ID); err != nil {
				b.Fatal(err)
			}
		}
		n, err := s.db.MemoryUsage(b.Context(), s.place(alice).key(dialogue)).Result()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "B/dialogue")
		if err := s.db.Del(b.Context(), s.place(alice).key(dialogue)).Err(); err != nil {
			b.Fatal(err)
		}
	}
}
