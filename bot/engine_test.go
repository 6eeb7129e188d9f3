package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/flow"
	"iqbot/internal/handoff"
	"iqbot/internal/network"
	"iqbot/internal/store"
	"iqbot/internal/store/redistest"
	"iqbot/locales"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// patience is how long what must happen is waited for; it is no measure of speed.
const patience = 2 * time.Minute

// content is read once: it takes longer than the tests.
var content = sync.OnceValues(func() (*bot.Content, error) {
	return bot.LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, handoff.MessageIDs())
})

// channel is a platform that remembers what it was given.
type channel struct {
	mu     sync.Mutex
	sent   map[bot.ChatID][]bot.Message
	marks  map[bot.ChatID][]bot.Mark
	fail   func(chat bot.ChatID, m bot.Message) error // if nil, all is taken
	notice chan struct{}
}

func newChannel() *channel {
	return &channel{sent: map[bot.ChatID][]bot.Message{}, marks: map[bot.ChatID][]bot.Mark{}, notice: make(chan struct{}, 1)}
}

func (c *channel) Name() string                        { return "test" }
func (c *channel) Prepare(m bot.Message) []bot.Message { return []bot.Message{m} }
func (c *channel) Send(_ context.Context, chat bot.ChatID, m bot.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		if err := c.fail(chat, m); err != nil {
			return err
		}
	}
	c.sent[chat] = append(c.sent[chat], m)
	select {
	case c.notice <- struct{}{}:
	default:
	}
	return nil
}

func (c *channel) Decorate(_ context.Context, chat bot.ChatID, d bot.Decoration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d.Mark != nil {
		c.marks[chat] = append(c.marks[chat], *d.Mark)
	}
	return nil
}

func (c *channel) messages(chat bot.ChatID) []bot.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent[chat])
}

// wait waits until the chat has n messages.
func (c *channel) wait(t testing.TB, chat bot.ChatID, n int) []bot.Message {
	t.Helper()
	deadline := time.After(patience)
	for {
		if m := c.messages(chat); len(m) >= n {
			return m
		}
		select {
		case <-c.notice:
		case <-deadline:
			t.Fatalf("%d messages, want %d", len(c.messages(chat)), n)
		}
	}
}

func embedded(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.OpenEmbedded(t.Context(), store.Options{HashSecret: []byte("0123456789abcdef"), Sealer: store.Plain{}, Targets: []string{"advisors"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// engine starts an engine that runs until the test ends.
func engine(t testing.TB, s bot.Store, c *channel) *bot.Engine {
	t.Helper()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	return running(t, bot.Options{Store: s, Channels: []bot.Channel{c}, Content: loaded})
}

// running starts an engine as o says, with advisors and no limit to what people
// may send, that runs until the test ends.
func running(t testing.TB, o bot.Options) *bot.Engine {
	t.Helper()
	o.Log, o.Advisors, o.Flood = quiet, true, bot.FloodLimit{Burst: 1e6}
	e := bot.NewEngine(o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.Run(ctx, patience)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return e
}

var updates atomic.Int64

func typed(chat bot.ChatID, text string) bot.Update {
	return bot.Update{ID: bot.UpdateID(fmt.Sprint("u", updates.Add(1))), Chat: chat, Input: flow.ParseTyped(text), Language: "en"}
}

func handle(t testing.TB, e *bot.Engine, us ...bot.Update) {
	t.Helper()
	if err := e.Handle(t.Context(), us); err != nil {
		t.Fatal(err)
	}
}

func TestAnUpdateTakesEffectOnce(t *testing.T) {
	s, c := embedded(t), newChannel()
	one, two := engine(t, s, c), engine(t, s, c)
	u := typed("test:1", "/start lang-en")
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() { handle(t, []*bot.Engine{one, two}[i%2], u) })
	}
	group.Wait()
	one.Flush()
	two.Flush()
	if n := len(c.messages("test:1")); n != 1 {
		t.Errorf("%d messages for one update that came 20 times", n)
	}
	if n := one.Stats().Duplicates.Load() + two.Stats().Duplicates.Load(); n != 19 {
		t.Errorf("%d duplicates counted, want 19", n)
	}
}

func TestMessagesOfOnePersonAreAnsweredInOrder(t *testing.T) {
	s, c := embedded(t), newChannel()
	e := engine(t, s, c)
	handle(t, e, typed("test:1", "/start lang-en"), typed("test:1", "human"), typed("test:1", "1"),
		typed("test:1", "first words"), typed("test:1", "Koblenz"), typed("test:1", "email"), typed("test:1", "by email"), typed("test:1", "a@b.de"))
	e.Flush()
	var first []string
	for _, m := range c.messages("test:1") {
		line, _, _ := strings.Cut(m.Text.Plain(), ".")
		first = append(first, line)
	}
	want := []string{
		"Welcome! I am a computer program",
		"I can pass your question on to advisors of IQ",
		"Please write in your own words what it is about",
		"Which town do you live in? Please write the name or the postcode",
		"How can the advisors reach you?",
	}
	if len(first) < len(want) || cmp.Diff(want, first[:len(want)]) != "" {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, first))
	}
}

// Two processes serve one person at the same time: no answer is lost.
func TestTwoProcessesServeOnePerson(t *testing.T) {
	s, c := embedded(t), newChannel()
	engines := []*bot.Engine{engine(t, s, c), engine(t, s, c)}
	handle(t, engines[0], typed("test:1", "/start lang-en"))
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() { handle(t, engines[i%2], typed("test:1", "/help")) })
	}
	group.Wait()
	if n := len(c.wait(t, "test:1", 31)); n != 31 {
		t.Errorf("%d messages, want 31", n)
	}
}

func TestAFailedSendIsTriedAgain(t *testing.T) {
	s, c := embedded(t), newChannel()
	tries := 0
	c.fail = func(bot.ChatID, bot.Message) error {
		if tries++; tries <= 2 {
			return &bot.SendError{Method: "sendMessage", Reason: bot.SendThrottled, Wait: 10 * time.Millisecond}
		}
		return nil
	}
	e := engine(t, s, c)
	handle(t, e, typed("test:1", "/start lang-en"), typed("test:1", "/help"))
	m := c.wait(t, "test:1", 2)
	if !strings.HasPrefix(m[0].Text.Plain(), "Welcome") || !strings.HasPrefix(m[1].Text.Plain(), "What you can do") {
		t.Errorf("out of order: %.20q, %.20q", m[0].Text.Plain(), m[1].Text.Plain())
	}
	if n := e.Stats().Retries.Load(); n != 2 {
		t.Errorf("%d retries counted, want 2", n)
	}
}

func TestAPersonWhoBlockedTheBotHoldsNobodyUp(t *testing.T) {
	s, c := embedded(t), newChannel()
	c.fail = func(chat bot.ChatID, _ bot.Message) error {
		if chat == "test:1" {
			return &bot.SendError{Method: "sendMessage", Reason: bot.SendBlocked}
		}
		return nil
	}
	e := engine(t, s, c)
	handle(t, e, typed("test:1", "/start lang-en"), typed("test:2", "/start lang-en"))
	e.Flush()
	if len(c.messages("test:1")) != 0 || len(c.messages("test:2")) != 1 {
		t.Error("the wrong person was served")
	}
	letters, err := s.DeadLetters(t.Context(), 10)
	if err != nil || len(letters) != 1 || letters[0].Reason != bot.SendBlocked {
		t.Errorf("dead letters %+v, %v", letters, err)
	}
}

// unreadable is a store in which one dialogue cannot be read.
type unreadable struct{ *store.Store }

func (u unreadable) Load(ctx context.Context, chat bot.ChatID) (bot.Session, error) {
	s, err := u.Store.Load(ctx, chat)
	if err == nil && s.Version == 1 {
		return bot.Session{Version: s.Version, Seen: s.Seen}, fmt.Errorf("load: %w", bot.ErrUnreadable)
	}
	return s, err
}

func TestADialogueThatCannotBeReadBeginsAnew(t *testing.T) {
	c := newChannel()
	e := engine(t, unreadable{embedded(t)}, c)
	handle(t, e, typed("test:1", "/start lang-en"), typed("test:1", "/help"), typed("test:1", "/help"))
	m := c.wait(t, "test:1", 3)
	if !strings.Contains(m[1].Text.Plain(), "Please choose your language") || e.Stats().Unreadable.Load() != 1 {
		t.Errorf("got %.60q, %d counted", m[1].Text.Plain(), e.Stats().Unreadable.Load())
	}
}

// down is a store that does not answer.
type down struct{ *store.Store }

func (down) Load(context.Context, bot.ChatID) (bot.Session, error) {
	return bot.Session{}, errors.New("no connection")
}

func TestAnUpdateThatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	e := engine(t, down{embedded(t)}, newChannel())
	if err := e.Handle(t.Context(), []bot.Update{typed("test:1", "/help")}); err == nil {
		t.Error("the platform would be told that the update has arrived")
	}
	if err := e.Handle(t.Context(), []bot.Update{{ID: "x", Chat: "pigeon:1"}}); err == nil {
		t.Error("an update of an unknown channel was taken")
	}
}

// forgetful is a store that cannot be told what became of a message: the first calls of each kind fail.
type forgetful struct {
	*store.Store
	sent, dropped, retried atomic.Int64
}

const forgets = 3

func forgotten(n *atomic.Int64) error {
	if n.Add(1) <= forgets {
		return errors.New("no connection")
	}
	return nil
}

func (f *forgetful) Sent(ctx context.Context, l bot.Lease, id string, known ...bot.Queued) ([]bot.Queued, error) {
	if err := forgotten(&f.sent); err != nil {
		return nil, err
	}
	return f.Store.Sent(ctx, l, id, known...)
}

func (f *forgetful) Drop(ctx context.Context, l bot.Lease, id string, reason bot.SendReason) ([]bot.Queued, error) {
	if err := forgotten(&f.dropped); err != nil {
		return nil, err
	}
	return f.Store.Drop(ctx, l, id, reason)
}

func (f *forgetful) Retry(ctx context.Context, l bot.Lease, id string, wait time.Duration) error {
	if err := forgotten(&f.retried); err != nil {
		return err
	}
	return f.Store.Retry(ctx, l, id, wait)
}

// A message that the platform took must not come again only because Redis was
// away when it was to be recorded.
func TestWhatWasSentIsRecordedWhenTheStoreIsBack(t *testing.T) {
	f, c := &forgetful{Store: embedded(t)}, newChannel()
	tries := 0
	c.fail = func(_ bot.ChatID, m bot.Message) error {
		if tries++; tries == 1 {
			return &bot.SendError{Method: "sendMessage", Reason: bot.SendThrottled, Wait: time.Millisecond}
		}
		if strings.HasPrefix(m.Text.Plain(), "What you can do") {
			return &bot.SendError{Method: "sendMessage", Reason: bot.SendRefused}
		}
		return nil
	}
	e := engine(t, f, c)
	handle(t, e, typed("test:1", "/start lang-en"), typed("test:1", "/help"), typed("test:1", "/language"))
	c.wait(t, "test:1", 2)
	e.Flush()
	if m := c.messages("test:1"); len(m) != 2 || tries != 4 {
		for _, m := range m {
			t.Logf("%.40q", m.Text.Plain())
		}
		t.Errorf("%d messages in %d tries, want 2 in 4: nothing again and nothing lost", len(m), tries)
	}
	if f.sent.Load() <= forgets || f.dropped.Load() <= forgets || f.retried.Load() <= forgets {
		t.Error("the store did not forget all three kinds of calls")
	}
}

// A process that stops with messages unsent must leave them to the next at once.
func TestWhatAStoppingProcessLeavesIsDueAtOnce(t *testing.T) {
	s, c := embedded(t), newChannel()
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	held := heldChannel{c, make(chan struct{})}
	e := bot.NewEngine(bot.Options{Store: s, Channels: []bot.Channel{held}, Content: loaded, Log: quiet})
	ctx, stop := context.WithCancel(t.Context())
	handle(t, e, typed("test:1", "/start lang-en"))
	go func() {
		<-held.begun
		stop()
	}()
	e.Run(ctx, time.Millisecond)
	due, err := s.Due(t.Context(), 10)
	if err != nil || len(due) != 1 || len(due[0].Messages) != 1 || due[0].Messages[0].Attempts != 0 {
		t.Errorf("due are %v, %v; want the message that was left, at once and as if it had not been tried", due, err)
	}
}

// heldChannel is a platform that takes longer than the drain of a process that stops.
type heldChannel struct {
	*channel
	begun chan struct{} // closed when a message is under way
}

func (c heldChannel) Send(ctx context.Context, _ bot.ChatID, _ bot.Message) error {
	close(c.begun)
	<-ctx.Done()
	return &bot.SendError{Method: "sendMessage", Reason: bot.SendFailed}
}

// flaky is a store whose first commit fails.
type flaky struct {
	*store.Store
	failed *atomic.Bool
}

func (f flaky) Commit(ctx context.Context, c bot.Commit) (bot.Lease, []bot.Queued, error) {
	if !f.failed.Swap(true) {
		return bot.Lease{}, nil, errors.New("no connection")
	}
	return f.Store.Commit(ctx, c)
}

func TestNothingOvertakesAnUpdateThatFailed(t *testing.T) {
	c := newChannel()
	e := engine(t, flaky{embedded(t), new(atomic.Bool)}, c)
	batch := []bot.Update{typed("test:1", "/start lang-en"), typed("test:1", "/help"), typed("test:2", "/start lang-en")}
	if e.Handle(t.Context(), batch) == nil {
		t.Fatal("the batch would be acknowledged")
	}
	handle(t, e, batch...) // delivered again
	e.Flush()
	m := c.messages("test:1")
	if len(m) != 2 || !strings.HasPrefix(m[0].Text.Plain(), "Welcome") {
		t.Errorf("%d messages, the first is %.30q", len(m), m[0].Text.Plain())
	}
	if len(c.messages("test:2")) != 1 {
		t.Error("somebody else has to wait, or is answered twice")
	}
}

func TestADefectOfOursIsToldToThePerson(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	s, c := embedded(t), newChannel()
	e := bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{c}, Content: loaded, Log: quiet, Advisors: true,
		NewCase: func() bot.CaseID { panic("a defect") },
	})
	for _, line := range []string{"/start lang-en", "human", "1", "words", "Skip", "By email", "a@b.de"} {
		handle(t, e, typed("test:1", line))
	}
	handle(t, e, typed("test:1", "1"))
	handle(t, e, typed("test:1", "/help"))
	e.Flush()
	m := c.messages("test:1")
	if !strings.Contains(m[len(m)-2].Text.Plain(), "something went wrong on my side") || !strings.Contains(m[len(m)-1].Text.Plain(), "What you can do here") {
		t.Errorf("got %.80q, then %.80q", m[len(m)-2].Text.Plain(), m[len(m)-1].Text.Plain())
	}
	if e.Stats().Apologies.Load() != 1 {
		t.Errorf("%d apologies counted", e.Stats().Apologies.Load())
	}
}

func TestAFloodIsMetWithOneNotice(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	s, c := embedded(t), newChannel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	e := bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{c}, Content: loaded, Log: quiet, Advisors: true,
		Now: func() time.Time { return now }, Flood: bot.FloodLimit{Burst: 5, PerMinute: 6},
	})
	said := func() []string {
		e.Flush()
		var first []string
		for _, m := range c.messages("test:1") {
			line, _, _ := strings.Cut(m.Text.Plain(), " ")
			first = append(first, line)
		}
		return first
	}
	handle(t, e, typed("test:1", "/start lang-en"))
	for range 20 {
		handle(t, e, typed("test:1", "/help"))
	}
	want := []string{"Welcome!", "What", "What", "What", "What", "Those"}
	if diff := cmp.Diff(want, said()); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	handle(t, e, typed("test:2", "/start lang-en"))
	e.Flush()
	if len(c.messages("test:2")) != 1 {
		t.Error("somebody else has to wait")
	}
	now = now.Add(10 * time.Second) // one more is allowed, and no second notice
	handle(t, e, typed("test:1", "/help"), typed("test:1", "/help"))
	want = append(want, "What")
	if diff := cmp.Diff(want, said()); diff != "" {
		t.Errorf("after 10 s (-want +got):\n%s", diff)
	}
	now = now.Add(51 * time.Second)
	for range 10 {
		handle(t, e, typed("test:1", "/help"))
	}
	want = append(want, "What", "What", "What", "What", "What", "Those")
	if diff := cmp.Diff(want, said()); diff != "" {
		t.Errorf("after a minute (-want +got):\n%s", diff)
	}
	if n := e.Stats().Floods.Load(); n != 16+1+5 {
		t.Errorf("%d floods counted", n)
	}
}

func TestExportGivesEverythingAsAFile(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	s, c := embedded(t), newChannel()
	e := bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{c}, Content: loaded, Log: quiet, Advisors: true,
		Export: func(ctx context.Context, chat bot.ChatID) ([]byte, error) {
			x, err := s.Export(ctx, chat)
			if err != nil {
				return nil, err
			}
			return json.Marshal(x)
		},
	})
	for _, line := range []string{"/start lang-en", "human", "1", "my own words", "Koblenz", "By email", "a@b.de", "1", "/export"} {
		handle(t, e, typed("test:1", line))
	}
	e.Flush()
	m := c.messages("test:1")
	i := slices.IndexFunc(m, func(m bot.Message) bool { return m.FileName != "" })
	if i < 0 {
		t.Fatal("no file was sent")
	}
	file := m[i]
	for _, word := range []string{"my own words", "a@b.de", "Koblenz", `"en"`} {
		if !strings.Contains(string(file.File), word) {
			t.Errorf("the file lacks %s: %s", word, file.File)
		}
	}
	if file.FileName != "iqbot-export.json" || !strings.Contains(file.Text.Plain(), "everything") {
		t.Errorf("sent %q with %q", file.FileName, file.Text.Plain())
	}
}

// busy is a store that never answers.
type busy struct{ *store.Store }

func (busy) Load(ctx context.Context, _ bot.ChatID) (bot.Session, error) {
	<-ctx.Done()
	return bot.Session{}, ctx.Err()
}

func TestTooManyPeopleAtOnceAreRefusedAndComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loaded, err := content()
		if err != nil {
			t.Fatal(err)
		}
		e := bot.NewEngine(bot.Options{Store: busy{}, Channels: []bot.Channel{newChannel()}, Content: loaded, Log: quiet})
		var us []bot.Update
		for i := range 600 {
			us = append(us, typed(bot.ChatID(fmt.Sprint("test:", i)), "/help"))
		}
		if err := e.Handle(context.Background(), us); !errors.Is(err, bot.ErrBusy) {
			t.Errorf("err = %v", err)
		}
		if n := e.Stats().Busy.Load(); n != 600-512 {
			t.Errorf("%d refused", n)
		}
	})
}

// pacer makes every message after the first of a chat wait.
type pacer struct{ wait time.Duration }

func (p pacer) Pace(context.Context, bot.ChatID) (time.Duration, error) { return p.wait, nil }

func TestMessagesOfOneChatArePaced(t *testing.T) {
	loaded, err := content()
	if err != nil {
		t.Fatal(err)
	}
	const pause = 30 * time.Millisecond
	s, c := embedded(t), newChannel()
	e := bot.NewEngine(bot.Options{Store: s, Channels: []bot.Channel{c}, Content: loaded, Log: quiet, Advisors: true, Pacer: pacer{pause}})
	var at []time.Time
	c.fail = func(bot.ChatID, bot.Message) error { at = append(at, time.Now()); return nil }
	handle(t, e, typed("test:1", "/start lang-en"))
	e.Flush()
	handle(t, e, typed("test:1", "human"), typed("test:1", "costs")) // several messages
	e.Flush()
	if len(at) != 4 {
		t.Fatalf("%d messages", len(at))
	}
	for i := 1; i < len(at); i++ {
		if gap := at[i].Sub(at[i-1]); gap < pause {
			t.Errorf("message %d came %v after the one before, want at least %v", i, gap, pause)
		}
	}
}

func TestCaseNumbersCanBeReadAloud(t *testing.T) {
	seen := map[bot.CaseID]bool{}
	for range 1000 {
		id := bot.NewCaseID()
		if len(id) != 10 || strings.ContainsAny(string(id[3:]), "01258OILSBUVZ") || seen[id] {
			t.Fatalf("number %q", id)
		}
		seen[id] = true
	}
}

// BenchmarkWholeWay takes updates of many people from their arrival to the
// first message sent, on a real Redis server with sealed data and a channel
// that takes all at once.
func BenchmarkWholeWay(b *testing.B) {
	server := redistest.Start(b)
	keyset, err := store.NewKeyset()
	if err != nil {
		b.Fatal(err)
	}
	sealer, err := store.LoadKeyset(keyset)
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(b.Context(), store.Options{URL: server.URL(), HashSecret: []byte("0123456789abcdef"), Sealer: sealer})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, people := range []int{1, 1000} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			c := newChannel()
			e := engine(b, s, c)
			lines := []string{"/start lang-en", "human", "1", "my words", "/menu", "which documents do I need?"}
			b.ReportAllocs()
			b.ResetTimer()
			var next atomic.Int64
			b.SetParallelism(32) // on two processors 64 at once: fewer than may wait in one chat
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := int(next.Add(1))
					chat := bot.ChatID(fmt.Sprint("test:", n%people))
					if err := e.Handle(b.Context(), []bot.Update{typed(chat, lines[n/people%len(lines)])}); err != nil {
						b.Error(err)
					}
				}
			})
			e.Flush()
			b.StopTimer()
			if n := e.Stats().Floods.Load(); n > 0 {
				b.Fatalf("%d updates were not handled", n)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}
