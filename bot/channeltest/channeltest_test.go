package channeltest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// The contract is worth something only if a channel that breaks it fails. So a
// channel that is faithful passes, and with each of these faults it fails.
var misdeeds = []struct {
	does  string
	fails string // a check, by what its name holds
}{
	{"is called after nothing", "called after its channel"},
	{"gives two people one chat", "called after its channel"},
	{"gives all parts one id", "prepared the same"},
	{"prepares by chance", "prepared the same"},
	{"changes what it prepares", "prepared the same"},
	{"splits parts once more", "prepared the same"},
	{"sends the parts backwards", "arrives whole"},
	{"puts the buttons first", "arrives whole"},
	{"cuts off the end", "arrives whole"},
	{"cuts within signs", "arrives whole"},
	{"takes words for markup", "signs of markup"},
	{"shows the newest first", "shown in order"},
	{"loses every tenth message", "shown in order"},
	{"shows every tenth message twice", "shown in order"},
	{"mixes up chats", "many goroutines"},
	{"says it was sent when nobody waited", "who leaves"},
	{"returns the error of the context", "who leaves"},
	{"sends all the same and says it did not", "who leaves"},
	{"swaps what people write", "what people write"},
	{"calls all updates the same", "what people write"},
	{"hands over everything twice", "what people write"},
	{"makes small letters of what people write", "what people write"},
	{"gives all to the first person", "what people write"},
	{"goes on receiving", "what people write"},
	{"returns an error when it stops", "what people write"},
	{"forgets what was not taken", "comes again"},
	{"gives a new id when it comes again", "comes again"},
	{"goes on with what follows", "comes again"},
	{"sends the label in place of the data", "come back as their data"},
	{"cuts the data", "come back as their data"},
	{"does not say where the button stands", "come back as their data"},
	{"puts each button first", "come back as their data"},
	{"takes a second press for the first", "come back as their data"},
	{"makes a mark a new message", "a mark shows"},
	{"fails to mark a second time", "a mark shows"},
	{"marks away the buttons that stay", "a mark shows"},
	{"leaves a marked button in force", "a mark shows"},
	{"does not say that a mark failed", "decoration that fails"},
	{"waits by itself when a mark is throttled", "decoration that fails"},
	{"holds a message back behind a mark", "decoration that fails"},
	{"goes on with a mark that nobody waits for", "decoration that fails"},
	{"calls every file the same", "a file arrives"},
	{"damages files", "a file arrives"},
	{"loses what is said beside a file", "a file arrives"},
	{"hides the buttons beside an offer", "offer to share"},
	{"takes every failure for the same", "a failed send"},
	{"does not say how long to wait", "a failed send"},
	{"does not say where the chat went", "a failed send"},
	{"tells the words in its errors", "a failed send"},
	{"shows what failed", "a failed send"},
	{"shows it twice after a failure", "a failed send"},
}

func TestAFaithfulChannelPasses(t *testing.T) {
	for _, limited := range []bool{false, true} {
		for _, check := range Checks() {
			for _, f := range failures(t, check, "", limited) {
				t.Errorf("%s (limited: %v): %s", check.Name, limited, f)
			}
		}
	}
}

func TestAChannelThatMisbehavesFails(t *testing.T) {
	checks := Checks()
	caught := map[string]bool{}
	for _, m := range misdeeds {
		i := slices.IndexFunc(checks, func(c Check) bool { return strings.Contains(c.Name, m.fails) })
		if i < 0 {
			t.Fatalf("no check is called %q", m.fails)
		}
		caught[checks[i].Name] = true
		if len(failures(t, checks[i], m.does, false)) == 0 {
			t.Errorf("a channel that %s passes the check that %s", m.does, checks[i].Name)
		}
	}
	for _, c := range checks {
		if !caught[c.Name] {
			t.Errorf("nothing shows that the check %q can fail", c.Name)
		}
	}
}

// failures are what a check says of a channel that does something. Waiting costs
// no time.
func failures(t *testing.T, check Check, does string, limited bool) (failures []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() { // which FailNow may end
			defer close(done)
			defer r.cleanUp()
			check.Run(r, newFake(does, limited).platform(r))
		}()
		<-done
		failures = r.failures
		time.Sleep(3 * patience) // what goes on too long ends in the meantime
	})
	return failures
}

// recorder is a test that may fail without failing the one that it is part of.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) fail(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, what)
}

func (r *recorder) cleanUp() {
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
}

func (r *recorder) Helper()                         {}
func (r *recorder) Cleanup(f func())                { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Error(args ...any)               { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Errorf(form string, args ...any) { r.fail(fmt.Sprintf(form, args...)) }
func (r *recorder) Fatal(args ...any)               { r.fail(fmt.Sprint(args...)); runtime.Goexit() }
func (r *recorder) Fatalf(form string, args ...any) {
	r.fail(fmt.Sprintf(form, args...))
	runtime.Goexit()
}

// fake is a channel and its platform in one.
type fake struct {
	does    string // what it does wrong; "" for nothing
	limited bool   // it has one person, cannot change what is shown and repeats nothing

	mu      sync.Mutex
	rooms   map[bot.ChatID]*room
	next    bot.SendReason // of the next send
	sent    int
	queue   []bot.Update
	news    chan struct{}
	ids     int
	current atomic.Value // the chat that a channel which mixes up chats has in mind
	again   bool         // it failed before

	nextMark bot.SendReason // of the next mark
	marked   int
	marking  sync.Mutex // of a channel that does one thing at a time
}

// room is a chat as both sides see it.
type room struct {
	chat    bot.ChatID
	lasting bot.SendReason // why nothing can be sent to it
	shown   []Shown
	rows    map[bot.MessageRef][]bot.Button
}

func newFake(does string, limited bool) *fake {
	return &fake{does: does, limited: limited, rooms: map[bot.ChatID]*room{}, news: make(chan struct{}, 1)}
}

func (f *fake) platform(t testing.TB) Platform {
	p := Platform{
		Channel: f, Receive: f.receive, Marks: !f.limited, Repeats: !f.limited,
		Person: func(n int) Person {
			if f.does == "gives two people one chat" {
				n = 1
			}
			return fakePerson{t, f, f.room(bot.ChatID(fmt.Sprint("fake:", n)))}
		},
		Faults: map[bot.SendReason]Fault{}, MarkFaults: map[bot.SendReason]Fault{},
		Marked: func() int {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.marked
		},
	}
	if f.limited {
		p.People = 1
	}
	for _, reason := range []bot.SendReason{bot.SendFailed, bot.SendUnknown, bot.SendThrottled, bot.SendForbidden} {
		p.Faults[reason] = func(p Person) bot.ChatID {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.next = reason
			return p.Chat()
		}
	}
	for _, reason := range []bot.SendReason{bot.SendRefused, bot.SendThrottled, bot.SendUnknown} {
		p.MarkFaults[reason] = func(p Person) bot.ChatID {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.nextMark = reason
			return p.Chat()
		}
	}
	for _, reason := range []bot.SendReason{bot.SendBlocked, bot.SendRefused, bot.SendMoved} {
		p.Faults[reason] = func(Person) bot.ChatID {
			r := f.room(bot.ChatID("fake:" + string(reason)))
			r.lasting = reason
			return r.chat
		}
	}
	return p
}

func (f *fake) room(chat bot.ChatID) *room {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rooms[chat] == nil {
		f.rooms[chat] = &room{chat: chat, rows: map[bot.MessageRef][]bot.Button{}}
	}
	return f.rooms[chat]
}

func (f *fake) Name() string {
	if f.does == "is called after nothing" {
		return ""
	}
	return "fake"
}

// Decorate marks, with the failure of the next mark, if there is one.
func (f *fake) Decorate(ctx context.Context, chat bot.ChatID, d bot.Decoration) error {
	if d.Mark == nil {
		return nil
	}
	if f.does == "holds a message back behind a mark" {
		f.marking.Lock()
		defer f.marking.Unlock()
	}
	f.mu.Lock()
	reason := f.nextMark
	f.marked++
	f.nextMark = ""
	f.mu.Unlock()
	if reason == bot.SendUnknown {
		if f.does == "goes on with a mark that nobody waits for" {
			time.Sleep(2 * patience)
		} else {
			<-ctx.Done()
		}
	}
	if reason == "" || f.does == "does not say that a mark failed" {
		return f.mark(f.room(chat), *d.Mark)
	}
	e := &bot.SendError{Method: "mark", Reason: reason, Err: errors.New("a fault of the platform")}
	if reason == bot.SendThrottled && f.does != "waits by itself when a mark is throttled" {
		e.Wait = time.Minute
	}
	return e
}

// limit is the longest text of a message, in characters.
const limit = 4000

func (f *fake) Prepare(m bot.Message) []bot.Message {
	if f.does == "changes what it prepares" && len(m.Text) > 0 {
		m.Text[0].Text = strings.ToUpper(m.Text[0].Text)
	}
	rest := []rune(m.Text.Plain())
	var parts []bot.Message
	for len(rest) > limit {
		parts = append(parts, bot.Message{Text: text(string(rest[:limit]))})
		rest = rest[limit:]
	}
	parts = append(parts, bot.Message{Text: text(string(rest))})
	last := &parts[len(parts)-1]
	switch f.does {
	case "puts the buttons first":
		last = &parts[0]
	case "cuts off the end":
		parts = parts[:1]
		last = &parts[0]
	case "cuts within signs":
		if len(parts) > 1 {
			words := parts[0].Text[0].Text
			parts[0].Text[0].Text = words[:len(words)-1]
		}
	case "splits parts once more":
		parts = append([]bot.Message{{Text: text("…")}}, parts...)
		last = &parts[len(parts)-1]
	}
	last.Buttons, last.File, last.FileName, last.Share, last.ShareLabel = m.Buttons, m.File, m.FileName, m.Share, m.ShareLabel
	for i := range parts {
		parts[i].ID = m.ID
		if len(parts) > 1 && f.does != "gives all parts one id" {
			parts[i].ID += fmt.Sprint(".", i)
		}
		if f.does == "prepares by chance" {
			f.mu.Lock()
			f.ids++
			parts[i].ID += fmt.Sprint("?", f.ids)
			f.mu.Unlock()
		}
	}
	if f.does == "sends the parts backwards" {
		slices.Reverse(parts)
	}
	return parts
}

func (f *fake) Send(ctx context.Context, chat bot.ChatID, m bot.Message) error {
	if err := ctx.Err(); err != nil {
		switch f.does {
		case "says it was sent when nobody waited":
			return nil
		case "returns the error of the context":
			return err
		case "sends all the same and says it did not":
			f.show(f.room(chat), m)
		}
		return &bot.SendError{Method: "send", Reason: bot.SendFailed, Err: err}
	}
	if f.does == "holds a message back behind a mark" && !f.marking.TryLock() {
		return &bot.SendError{Method: "send", Reason: bot.SendFailed, Err: errors.New("busy")}
	} else if f.does == "holds a message back behind a mark" {
		defer f.marking.Unlock()
	}
	if f.does == "mixes up chats" {
		f.current.Store(chat)
		time.Sleep(time.Millisecond)
		chat = f.current.Load().(bot.ChatID)
	}
	r := f.room(chat)
	f.mu.Lock()
	reason := cmp.Or(r.lasting, f.next)
	f.next = ""
	f.mu.Unlock()
	if reason != "" {
		return f.failure(r, reason, m)
	}
	f.show(r, m)
	return nil
}

func (f *fake) failure(r *room, reason bot.SendReason, m bot.Message) error {
	f.again = true
	e := &bot.SendError{Method: "send", Reason: reason, Err: errors.New("a fault of the platform")}
	if reason == bot.SendThrottled && f.does != "does not say how long to wait" {
		e.Wait = time.Second
	}
	if reason == bot.SendMoved {
		e.Chat = "fake:moved to here"
		if f.does == "does not say where the chat went" {
			e.Chat = ""
		}
	}
	switch f.does {
	case "takes every failure for the same":
		e.Reason = bot.SendFailed
	case "tells the words in its errors":
		e.Err = fmt.Errorf("cannot send %q", m.Text.Plain())
	case "shows what failed":
		f.show(r, m)
	}
	return e
}

func (f *fake) show(r *room, m bot.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent++
	s := Shown{Ref: bot.MessageRef(fmt.Sprint(f.sent)), Text: m.Text.Plain(), File: m.File, FileName: m.FileName}
	var row []bot.Button
	for _, buttons := range m.Buttons {
		row = append(row, buttons...)
	}
	times := 1
	switch f.does {
	case "takes words for markup":
		s.Text = strings.NewReplacer("<b>", "", "</b>", "").Replace(s.Text)
	case "loses every tenth message":
		if f.sent%10 == 0 {
			times = 0
		}
	case "shows every tenth message twice":
		if f.sent%10 == 0 {
			times = 2
		}
	case "shows it twice after a failure":
		if f.again {
			times = 2
		}
	case "calls every file the same":
		if s.FileName != "" {
			s.FileName = "file"
		}
	case "damages files":
		s.File = []byte(strings.ToUpper(string(s.File)))
	case "loses what is said beside a file":
		if s.FileName != "" {
			s.Text = ""
		}
	case "hides the buttons beside an offer":
		if m.Share != "" {
			row = nil
		}
	case "puts each button first":
		slices.Reverse(row)
	}
	for _, b := range row {
		s.Buttons = append(s.Buttons, b.Label)
	}
	r.rows[s.Ref] = row
	for range times {
		if f.does == "shows the newest first" {
			r.shown = append([]Shown{s}, r.shown...)
		} else {
			r.shown = append(r.shown, s)
		}
	}
}

func (f *fake) mark(r *room, m bot.Mark) error {
	if f.limited {
		return nil
	}
	if f.does == "makes a mark a new message" {
		f.show(r, bot.Message{Text: text("✓ " + m.Label)})
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, s := range r.shown {
		if s.Ref != m.Message {
			continue
		}
		var row []bot.Button
		for _, buttons := range m.Buttons {
			row = append(row, buttons...)
		}
		if f.does == "marks away the buttons that stay" {
			row = nil
		}
		if m.Label != "" {
			data := bot.NoOpData
			if f.does == "leaves a marked button in force" {
				data = "y"
			}
			row = append(row, bot.Button{Label: "✓ " + m.Label, Data: data})
		}
		if f.does == "fails to mark a second time" && slices.Equal(r.rows[s.Ref], row) {
			return &bot.SendError{Method: "mark", Reason: bot.SendRefused, Err: errors.New("it is marked already")}
		}
		r.rows[s.Ref], r.shown[i].Buttons = row, nil
		for _, b := range row {
			r.shown[i].Buttons = append(r.shown[i].Buttons, b.Label)
		}
	}
	return nil
}

// receive hands over one update at a time.
func (f *fake) receive(ctx context.Context, handle Handler) error {
	for ctx.Err() == nil {
		f.mu.Lock()
		var u bot.Update
		waits := len(f.queue) > 0
		if waits {
			u = f.queue[0]
			if f.does == "swaps what people write" && len(f.queue) > 1 {
				f.queue[0], f.queue[1] = f.queue[1], f.queue[0]
				u = f.queue[0]
			}
		}
		f.mu.Unlock()
		if !waits {
			select {
			case <-f.news:
			case <-ctx.Done():
			}
			continue
		}
		err := handle(ctx, []bot.Update{u})
		f.mu.Lock()
		switch {
		case err == nil && f.does == "hands over everything twice":
			f.queue[0].ID += "/2"
			if strings.HasSuffix(string(u.ID), "/2") {
				f.queue = f.queue[1:]
			}
		case err == nil || f.does == "forgets what was not taken":
			f.queue = f.queue[1:]
		case f.does == "goes on with what follows":
			f.queue = append(f.queue[1:], u)
		case f.does == "gives a new id when it comes again":
			f.queue[0].ID += "'"
		}
		f.mu.Unlock()
		if err != nil {
			time.Sleep(time.Second)
		}
	}
	switch f.does {
	case "goes on receiving":
		time.Sleep(2 * patience)
	case "returns an error when it stops":
		return ctx.Err()
	}
	return nil
}

type fakePerson struct {
	t testing.TB
	f *fake
	r *room
}

func (p fakePerson) Chat() bot.ChatID { return p.r.chat }

func (p fakePerson) Shown() []Shown {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	shown := slices.Clone(p.r.shown)
	for i := range shown {
		shown[i].Buttons = slices.Clone(shown[i].Buttons)
	}
	return shown
}

// did queues an update.
func (p fakePerson) did(in flow.Input, ref bot.MessageRef) {
	f := p.f
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids++
	in.Source = string(ref)
	u := bot.Update{ID: bot.UpdateID(fmt.Sprint("u", f.ids)), Chat: p.r.chat, Input: in}
	switch f.does {
	case "calls all updates the same":
		u.ID = "u"
	case "gives all to the first person":
		u.Chat = "fake:1"
	case "does not say where the button stands":
		u.Input.Source = ""
	case "takes a second press for the first":
		u.ID = bot.UpdateID("press of " + in.Text)
	}
	f.queue = append(f.queue, u)
	select {
	case f.news <- struct{}{}:
	default:
	}
}

func (p fakePerson) Write(words string) {
	if p.f.does == "makes small letters of what people write" {
		words = strings.ToLower(words) + "."
	}
	p.did(flow.ParseTyped(words), "")
}

func (p fakePerson) Press(label string) {
	p.t.Helper()
	for _, s := range slices.Backward(p.Shown()) {
		p.f.mu.Lock()
		row := p.r.rows[s.Ref]
		p.f.mu.Unlock()
		for _, b := range row {
			if b.Label != label {
				continue
			}
			data := b.Data
			switch p.f.does {
			case "sends the label in place of the data":
				data = b.Label
			case "cuts the data":
				data = data[:min(len(data), 32)]
			}
			p.did(flow.Input{Kind: flow.KindButton, Text: data}, s.Ref)
			return
		}
	}
	p.t.Fatalf("no button is called %q", label)
}
