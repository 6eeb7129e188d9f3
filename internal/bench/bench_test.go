package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/flow"
	"iqbot/internal/handoff"
	"iqbot/internal/network"
	"iqbot/internal/store/redistest"
	"iqbot/locales"
)

const (
	// crowd is how many people write to the bot.
	crowd = 500
	// connections is how many deliveries are under way at once: Telegram's
	// default. Source: Bot API, setWebhook, field max_connections.
	connections = 40
	// rate is the updates a second of the open loop: well below what two cores
	// can take with all of bot, Redis, platform and people on them.
	rate = 300
	// warmUp is how many updates come before what is measured, so that
	// connections stand and scripts are loaded.
	warmUp = 400
)

// BenchmarkUpdates measures both bots on the same updates.
func BenchmarkUpdates(b *testing.B) {
	for _, name := range []string{"iqbot", "unpaced", "bare"} {
		for _, c := range []struct {
			name        string
			kind        kind
			people      int
			connections int
			rate        float64
		}{
			{"closed-40", "", crowd, connections, 0},
			{"closed-1", "", crowd, 1, 0},
			{fmt.Sprint("open-", rate), "", crowd, connections, rate},
			{"commands", command, crowd, connections, 0},
			{"questions", question, crowd, connections, 0},
			{"taps", tap, crowd, connections, 0},
		} {
			b.Run("load="+c.name+"/bot="+name, func(b *testing.B) {
				server := redistest.Start(b)
				db := server.Client()
				w := newWorld(b, c.people, c.kind)
				p := start(b, name, server.URL(), w.url())
				if _, err := w.run(p.addr, w.jobs(warmUp), c.connections, 0); err != nil {
					b.Fatal(err)
				}
				_ = w.latencies()
				jobs := w.jobs(b.N)
				used, calls, info := p.usage(b), w.calls.Load(), readInfo(b, db)
				b.ReportAllocs()
				b.ResetTimer()
				took, err := w.run(p.addr, jobs, c.connections, c.rate)
				if err != nil {
					b.Fatal(err)
				}
				after := p.usage(b)
				b.StopTimer()
				n := float64(b.N)
				infoAfter := readInfo(b, db)
				replies := w.latencies()
				b.ReportMetric(n/took.Seconds(), "updates/s")
				b.ReportMetric(float64(after.CPU-used.CPU)/n, "cpu-ns/op")
				b.ReportMetric((infoAfter.cpu-info.cpu)*1e9/n, "redis-ns/op")
				b.ReportMetric(float64(after.Allocs-used.Allocs)/n, "allocs/op")
				b.ReportMetric(float64(after.Bytes-used.Bytes)/n, "B/op")
				b.ReportMetric(quantile(replies, 0.5), "p50-ms")
				b.ReportMetric(quantile(replies, 0.99), "p99-ms")
				b.ReportMetric((infoAfter.reads-info.reads)/n, "trips/op")
				b.ReportMetric(float64(w.calls.Load()-calls)/n, "calls/op")
				b.ReportMetric(dialogueBytes(b, db), "B/dialogue")
			})
		}
	}
}

// info is what the Redis server counts.
type info struct {
	cpu   float64 // seconds
	reads float64 // requests; a pipeline is one
}

func readInfo(tb testing.TB, db *redis.Client) (i info) {
	tb.Helper()
	// At the same moment, because heartbeats are no part of the work that is measured.
	var stats *redis.StringCmd
	var processes *redis.MapStringStringCmd
	if _, err := db.TxPipelined(context.Background(), func(p redis.Pipeliner) error {
		stats, processes = p.Info(context.Background(), "cpu", "stats"), p.HGetAll(context.Background(), "iq:processes")
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(stats.Val()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch name {
		case "used_cpu_user", "used_cpu_sys":
			i.cpu += n
		case "total_reads_processed":
			i.reads = n
		}
	}
	for _, beats := range processes.Val() {
		if n, err := strconv.ParseFloat(beats, 64); err == nil { // not of a dead one
			i.reads -= n
		}
	}
	return i
}

// dialogueBytes is the mean memory of what is stored for one person, taken
// from some of them.
func dialogueBytes(tb testing.TB, db *redis.Client) float64 {
	tb.Helper()
	ctx := tb.Context()
	var sum, n int64
	for _, pattern := range []string{"iq:{*}:c:*", "state:*"} {
		keys, _, err := db.Scan(ctx, 0, pattern, 500).Result()
		if err != nil {
			tb.Fatal(err)
		}
		for _, key := range keys {
			size, err := db.MemoryUsage(ctx, key).Result()
			if err != nil {
				tb.Fatal(err)
			}
			sum += size
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n)
}

// recorder is a channel that notes when it was first given something to send.
type recorder struct {
	first func()
	mu    sync.Mutex
	sent  []bot.Message
}

func (*recorder) Name() string                                               { return "telegram" }
func (*recorder) Decorate(context.Context, bot.ChatID, bot.Decoration) error { return nil }
func (*recorder) Prepare(m bot.Message) []bot.Message                        { return []bot.Message{m} }
func (r *recorder) Send(_ context.Context, _ bot.ChatID, m bot.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sent) == 0 {
		r.first()
	}
	r.sent = append(r.sent, m)
	return nil
}

// The budget of the design: load and commit, and the first message is on its
// way. And every turn of the mix is answered with words, or the benchmark would
// measure nothing.
func TestTwoRoundTripsBeforeTheFirstReply(t *testing.T) {
	server := redistest.Start(t)
	db := server.Client()
	content, err := bot.LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, handoff.MessageIDs())
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSealed(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var before, trips float64
	r := &recorder{first: func() { trips = readInfo(t, db).reads - before - 1 }} // its own question is one
	e := bot.NewEngine(bot.Options{Store: s, Channels: []bot.Channel{r}, Content: content, Advisors: true, Flood: bot.FloodLimit{Burst: 1e9}})
	id := 0
	say := func(tag string, turn turn) []bot.Message {
		id++
		u := bot.Update{ID: bot.UpdateID(fmt.Sprint("tg:", id)), Chat: "telegram:" + bot.ChatID(tag), Language: tag, Input: flow.ParseTyped(turn.text)}
		if turn.kind == tap {
			u.Input = flow.Input{Kind: flow.KindButton, Text: turn.text, Source: fmt.Sprint(id)}
		}
		r.sent = nil
		before = readInfo(t, db).reads
		if err := e.Handle(t.Context(), []bot.Update{u}); err != nil {
			t.Fatal(err)
		}
		e.Flush()
		return r.sent
	}
	stale := map[string]bool{}
	for _, tag := range tags {
		stale[content.Catalog.Printer(tag).Text(flow.MsgStale, nil)] = true
		say(tag, turn{command, "/help"}) // scripts are loaded
		for _, turn := range script(tag) {
			sent := say(tag, turn)
			if trips != 2 {
				t.Errorf("%s, %q: %v round trips before the first reply, want 2", tag, turn.text, trips)
			}
			for _, m := range sent {
				if text := m.Text.Plain(); stale[text] {
					t.Errorf("%s, %q: answered with %q", tag, turn.text, text)
				}
			}
			if len(sent) == 0 {
				t.Errorf("%s, %q: not answered with words", tag, turn.text)
			}
		}
	}
}

// The platform of the benchmark must see who a request is for, or it would wait for ever.
func TestThePlatformKnowsWhomARequestIsFor(t *testing.T) {
	for body, want := range map[string]int{
		"chat_id=7000012&parse_mode=HTML":    7000012,
		"a=b&chat_id=7000012":                7000012,
		`{"chat_id":7000012,"text":"hello"}`: 7000012,
		`{"text":"hello"}`:                   -1,
		"chat_id=":                           -1,
	} {
		if got := chat([]byte(body)); got != want {
			t.Errorf("%q: %d, want %d", body, got, want)
		}
	}
}
