package channeltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"iqbot/bot"
	"iqbot/internal/flow"
	"iqbot/internal/richtext"
)

func text(words string) richtext.Text { return richtext.Text{{Text: words}} }

// send prepares and sends, as the engine and the sender do.
func send(t testing.TB, p Platform, chat bot.ChatID, m bot.Message) {
	t.Helper()
	for _, part := range p.Channel.Prepare(m) {
		if err := p.Channel.Send(t.Context(), chat, part); err != nil {
			t.Fatalf("message %s is not sent: %v", part.ID, err)
		}
	}
}

// since is what a person sees beyond the first n messages.
func since(p Person, n int) []Shown {
	shown := p.Shown()
	return shown[min(n, len(shown)):]
}

func texts(shown []Shown) []string {
	out := make([]string, len(shown))
	for i, s := range shown {
		out[i] = strings.TrimSpace(s.Text)
	}
	return out
}

func names(t testing.TB, p Platform) {
	name := p.Channel.Name()
	if name == "" || strings.Contains(name, ":") {
		t.Errorf("the name of the channel is %q: it is to stand before the colon of a chat's id", name)
	}
	if chat := p.Person(1).Chat(); chat.Channel() != name || chat.Native() == "" {
		t.Errorf("the chat is called %q, want %s: and something", chat, name)
	}
	if p.People != 1 && p.Person(1).Chat() == p.Person(2).Chat() {
		t.Error("two people have one chat")
	}
}

func prepares(t testing.TB, p Platform) {
	row := [][]bot.Button{{{Label: "A", Data: "a"}, {Label: strings.Repeat("long ", 50), Data: "b"}}, {{Label: "C", Data: "c"}}}
	for name, m := range map[string]bot.Message{
		"a short text": {ID: "u/1", Text: text("short"), Buttons: row},
		"a long text":  {ID: "u/2", Text: text(strings.Repeat("long words. ", 3000)), Buttons: row},
		"a file":       {ID: "u/3", Text: text(strings.Repeat("long words. ", 300)), File: []byte("{}"), FileName: "a.json"},
	} {
		before := fmt.Sprintf("%+v", m)
		parts := p.Channel.Prepare(m)
		if after := fmt.Sprintf("%+v", m); after != before {
			t.Errorf("%s: Prepare changes what it is given", name)
		}
		if again := p.Channel.Prepare(m); !reflect.DeepEqual(parts, again) {
			t.Errorf("%s: prepared twice, it is two things, the first time of %d parts, then of %d", name, len(parts), len(again))
		}
		if len(parts) == 0 {
			t.Errorf("%s: nothing is left of it", name)
		}
		ids := map[string]bool{}
		for _, part := range parts {
			if !strings.HasPrefix(part.ID, m.ID) || ids[part.ID] {
				t.Errorf("%s: a part is called %q, want %q with a suffix of its own", name, part.ID, m.ID)
			}
			ids[part.ID] = true
		}
		if again := p.Channel.Prepare(parts[0]); len(again) != 1 {
			t.Errorf("%s: a part is split once more, into %d", name, len(again))
		}
	}
}

func long(t testing.TB, p Platform) {
	person, in := p.Person(1), receive(t, p, nil)
	var words []string
	for i := range 4000 {
		words = append(words, fmt.Sprintf("word%d", i))
		if i%50 == 49 {
			words[i] += ".\n\n"
		}
	}
	solid := strings.Repeat("👩‍👩‍👧é漢ж", 1500) // nowhere to cut but between signs
	for name, whole := range map[string]string{"of words": strings.Join(words, " "), "without a blank": solid} {
		before := len(person.Shown())
		send(t, p, person.Chat(), bot.Message{ID: "long " + name, Text: text(whole), Buttons: [][]bot.Button{{{Label: "On with it", Data: "on"}}}})
		shown := since(person, before)
		if len(shown) == 0 {
			t.Fatalf("a long text %s is not shown", name)
		}
		var got strings.Builder
		for i, s := range shown {
			got.WriteString(s.Text + " ")
			if last := i == len(shown)-1; last != slices.Contains(s.Buttons, "On with it") {
				t.Errorf("a long text %s: part %d of %d has the buttons %q", name, i+1, len(shown), s.Buttons)
			}
		}
		if a, b := solidly(whole), solidly(got.String()); a != b {
			t.Errorf("a long text %s: %d bytes were to arrive, in order; %d did, and the first that differs is at %d", name, len(a), len(b), differs(a, b))
		}
	}
	person.Press("On with it")
	if u := in.wait(person.Chat(), 1)[0]; u.Input.Text != "on" {
		t.Errorf("the button under a long text says %+v", u.Input)
	}
}

// solidly is s without white space, at which a text may be cut.
func solidly(s string) string { return strings.Join(strings.Fields(s), "") }

func differs(a, b string) int {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return i
}

func literal(t testing.TB, p Platform) {
	const words = `5 < 6 && 7 > 6 <b>no tag</b> &amp; *stars* _lines_ [brackets](x) \back` + "`ticks` العربية"
	person := p.Person(1)
	before := len(person.Shown())
	m := bot.Message{ID: "1", Text: richtext.Text{{Text: words}, {Text: " "}, {Text: words, Bold: true}}}
	send(t, p, person.Chat(), m)
	if got, want := texts(since(person, before)), words+" "+words; len(got) != 1 || got[0] != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
}

func order(t testing.TB, p Platform) {
	person := p.Person(1)
	before := len(person.Shown())
	var want []string
	for i := range 50 {
		want = append(want, fmt.Sprintf("message %d", i))
		send(t, p, person.Chat(), bot.Message{ID: strconv.Itoa(i), Text: text(want[i])})
	}
	if got := texts(since(person, before)); !slices.Equal(got, want) {
		t.Errorf("shown is %q, want %q", got, want)
	}
}

// together has several senders at work, each in order for itself: one for each
// person, or, if there is one person only, all for that one.
func together(t testing.TB, p Platform) {
	const senders, each = 8, 20
	people := make([]Person, senders)
	before := map[bot.ChatID]int{}
	for i := range people {
		n := i + 1
		if p.People > 0 {
			n = i%p.People + 1
		}
		people[i] = p.Person(n)
		before[people[i].Chat()] = len(people[i].Shown())
	}
	var group sync.WaitGroup
	errs := make([]error, senders)
	for i, person := range people {
		group.Go(func() {
			if err := p.Channel.Decorate(t.Context(), person.Chat(), bot.Decoration{Typing: true}); err != nil {
				errs[i] = err
				return
			}
			for n := range each {
				for _, part := range p.Channel.Prepare(bot.Message{ID: fmt.Sprint(i, "/", n), Text: text(fmt.Sprintf("sender %d message %d", i, n))}) {
					if err := p.Channel.Send(t.Context(), person.Chat(), part); err != nil {
						errs[i] = err
						return
					}
				}
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for i, person := range people {
		var got, want []string
		for _, words := range texts(since(person, before[person.Chat()])) {
			if strings.HasPrefix(words, fmt.Sprintf("sender %d ", i)) {
				got = append(got, words)
			} else if p.People == 0 || p.People >= senders {
				t.Errorf("sender %d's person is shown %q", i, words)
			}
		}
		for n := range each {
			want = append(want, fmt.Sprintf("sender %d message %d", i, n))
		}
		if !slices.Equal(got, want) {
			t.Errorf("of sender %d is shown %q, want %q", i, got, want)
		}
	}
}

// leaving sends when the context has ended already.
func leaving(t testing.TB, p Platform) {
	person := p.Person(1)
	before := len(person.Shown())
	ctx, leave := context.WithCancel(t.Context())
	leave()
	err := p.Channel.Send(ctx, person.Chat(), p.Channel.Prepare(bot.Message{ID: "1", Text: text("too late")})[0])
	shown := len(since(person, before))
	var e *bot.SendError
	switch {
	case err == nil && shown != 1:
		t.Errorf("Send says that the message arrived, and it is shown %d times", shown)
	case err != nil && !errors.As(err, &e):
		t.Errorf("the failure is %T, want a *bot.SendError: %v", err, err)
	case err != nil && e.Reason != bot.SendFailed && e.Reason != bot.SendUnknown:
		t.Errorf("the failure is %q, which is not what became of the message", e.Reason)
	case err != nil && e.Reason == bot.SendFailed && shown > 0:
		t.Error("Send says that the message did not arrive, and it is shown")
	}
}

func written(t testing.TB, p Platform) {
	in, person := receive(t, p, nil), p.Person(1)
	said := []string{"hello", "кириллица і ґанок", "مرحبا 123", "a < b & c", "/menu", "👍"}
	for i := range 10 {
		said = append(said, fmt.Sprintf("line %d", i))
	}
	for _, words := range said {
		person.Write(words)
	}
	got := in.wait(person.Chat(), len(said))
	ids := map[bot.UpdateID]bool{}
	for i, u := range got {
		want := flow.ParseTyped(said[min(i, len(said)-1)])
		if u.Input.Kind != want.Kind || u.Input.Text != want.Text || u.Input.Command != want.Command {
			t.Errorf("update %d is %+v, want %+v", i, u.Input, want)
		}
		if u.ID == "" || ids[u.ID] {
			t.Errorf("update %d is called %q, as another is, or not at all", i, u.ID)
		}
		ids[u.ID] = true
	}
	if len(got) != len(said) {
		t.Errorf("%d updates came of %d lines", len(got), len(said))
	}
	if p.People == 1 {
		return
	}
	other := p.Person(2)
	other.Write("from another")
	if u := in.wait(other.Chat(), 1)[0]; u.Input.Text != "from another" {
		t.Errorf("of another person comes %+v", u.Input)
	}
}

func repeated(t testing.TB, p Platform) {
	if !p.Repeats {
		return
	}
	var refused []bot.UpdateID
	in := receive(t, p, func(u bot.Update) error {
		if u.Input.Text == "again" && len(refused) < 2 {
			refused = append(refused, u.ID)
			return errors.New("the store does not answer")
		}
		return nil
	})
	person := p.Person(1)
	for _, words := range []string{"first", "again", "last"} {
		person.Write(words)
	}
	// A platform gives a whole batch again, so what was taken may come twice; the
	// first of each counts.
	var taken []string
	ids := map[bot.UpdateID]bool{}
	for n := 3; len(taken) < 3; n++ {
		taken = nil
		clear(ids)
		for _, u := range in.wait(person.Chat(), n) {
			if !ids[u.ID] {
				taken = append(taken, u.Input.Text)
			}
			ids[u.ID] = true
		}
	}
	if want := []string{"first", "again", "last"}; !slices.Equal(taken, want) {
		t.Errorf("taken were %q, want %q", taken, want)
	}
	if len(refused) != 2 || refused[0] != refused[1] || !ids[refused[0]] {
		t.Errorf("the update that was not taken came as %q; the engine knows it by its id only", refused)
	}
}

// pressed is the message whose button an update pressed.
func pressed(u bot.Update) bot.MessageRef { return bot.MessageRef(u.Input.Source) }

func buttons(t testing.TB, p Platform) {
	in, person := receive(t, p, nil), p.Person(1)
	all := []bot.Button{
		{Label: "Short", Data: "a"},
		{Label: "Signs", Data: `r/y/a b&<"'%:;\`},
		{Label: "Other letters", Data: "так/نعم"},
		{Label: "Longest", Data: strings.Repeat("x", bot.MaxButtonData)},
		{Label: "Кнопка", Data: "label"},
	}
	rows := [][]bot.Button{all[:2], all[2:4], all[4:]}
	before := len(person.Shown())
	send(t, p, person.Chat(), bot.Message{ID: "1", Text: text("Which?"), Buttons: rows})
	shown := since(person, before)
	if len(shown) != 1 {
		t.Fatalf("shown is %+v", shown)
	}
	var labels []string
	for _, b := range all {
		labels = append(labels, b.Label)
	}
	if !slices.Equal(shown[0].Buttons, labels) {
		t.Errorf("the buttons are %q, want %q", shown[0].Buttons, labels)
	}
	ids := map[bot.UpdateID]bool{}
	presses := slices.Concat(all, all[:1]) // the first twice
	for i, b := range presses {
		person.Press(b.Label)
		u := in.wait(person.Chat(), i+1)[i]
		if u.Input.Kind != flow.KindButton || u.Input.Text != b.Data {
			t.Errorf("%s comes back as %+v, want the data %q", b.Label, u.Input, b.Data)
		}
		if pressed(u) != shown[0].Ref || shown[0].Ref == "" {
			t.Errorf("%s was pressed in message %q, want %q", b.Label, pressed(u), shown[0].Ref)
		}
		if u.ID == "" || ids[u.ID] {
			t.Errorf("press %d is called %q, as another is, or not at all", i, u.ID)
		}
		ids[u.ID] = true
	}
}

func marks(t testing.TB, p Platform) {
	in, person := receive(t, p, nil), p.Person(1)
	stay := [][]bot.Button{{{Label: "Menu", Data: "menu"}}}
	before := len(person.Shown())
	send(t, p, person.Chat(), bot.Message{ID: "1", Text: text("Did it help?"), Buttons: append([][]bot.Button{{{Label: "Yes", Data: "y"}, {Label: "No", Data: "n"}}}, stay...)})
	send(t, p, person.Chat(), bot.Message{ID: "2", Text: text("Another message.")})
	person.Press("Yes")
	ref := pressed(in.wait(person.Chat(), 1)[0])
	decorate := func(m bot.Mark) {
		t.Helper()
		if err := p.Channel.Decorate(t.Context(), person.Chat(), bot.Decoration{Mark: &m}); err != nil {
			t.Fatalf("a mark fails: %v", err)
		}
	}
	mark := bot.Mark{Message: ref, Label: "Yes", Buttons: stay}
	decorate(mark)
	decorate(mark) // of a press that came again
	shown := since(person, before)
	if got := texts(shown); !slices.Equal(got, []string{"Did it help?", "Another message."}) {
		t.Fatalf("after the mark there is shown %q", got)
	}
	if !p.Marks {
		return
	}
	got := shown[0].Buttons
	if len(got) != 2 || got[0] != "Menu" || !strings.Contains(got[1], "Yes") {
		t.Errorf("the buttons under the marked message are %q, want those that stay and the one that was pressed", got)
		return
	}
	person.Press(got[1])
	person.Press("Menu")
	for _, u := range in.wait(person.Chat(), 3)[1:] {
		if u.Input.Text != bot.NoOpData && u.Input.Text != "menu" {
			t.Errorf("a marked message sends %+v", u.Input)
		}
	}
	// One that is gone, or was never there, is no reason to stop.
	decorate(bot.Mark{Message: ref})
	if got := since(person, before)[0].Buttons; len(got) > 0 {
		t.Errorf("a mark with nothing in it leaves the buttons %q", got)
	}
}

func markFaults(t testing.TB, p Platform) {
	const label = "words that only the person may read"
	for i, reason := range slices.Sorted(maps.Keys(p.MarkFaults)) {
		n := i + 1
		if p.People > 0 {
			n = i%p.People + 1
		}
		person := p.Person(n)
		send(t, p, person.Chat(), bot.Message{ID: "1", Text: text("Which?"), Buttons: [][]bot.Button{{{Label: "A", Data: "a"}}}})
		shown := person.Shown()
		mark := bot.Decoration{Mark: &bot.Mark{Message: shown[len(shown)-1].Ref, Label: label}}
		to := p.MarkFaults[reason](person)
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		var before int
		if reason == bot.SendUnknown {
			before = p.Marked()
		}
		go func() { ended <- p.Channel.Decorate(ctx, to, mark) }()
		var err error
		if reason != bot.SendUnknown {
			err = <-ended
		} else {
			for end := time.Now().Add(patience); p.Marked() == before; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%s: the platform is not asked for a mark", reason)
				}
			}
		}
		// A message goes out behind a mark that failed, and beside one that hangs.
		send(t, p, person.Chat(), bot.Message{ID: "2", Text: text("The answer.")})
		if got := texts(since(person, len(shown))); !slices.Equal(got, []string{"The answer."}) {
			t.Errorf("%s: after the mark there is shown %q", reason, got)
		}
		leave()
		if reason == bot.SendUnknown {
			select {
			case err = <-ended:
			case <-time.After(patience):
				t.Fatalf("%s: a mark goes on although its caller has left", reason)
			}
		}
		var e *bot.SendError
		switch {
		case !errors.As(err, &e):
			t.Errorf("%s: the failure is %T, want a *bot.SendError: %v", reason, err, err)
		case e.Reason != reason || e.Method == "" || reason == bot.SendThrottled && e.Wait <= 0:
			t.Errorf("%s: the failure is %+v", reason, e)
		case strings.Contains(err.Error(), label):
			t.Errorf("%s: the error holds the label: %v", reason, err)
		}
	}
}

func files(t testing.TB, p Platform) {
	person := p.Person(1)
	file := []byte("{\n  \"words\": \"мої дані <&>\"\n}")
	for name, words := range map[string]string{"short": "Your data.", "long": strings.Repeat("All about your data. ", 200)} {
		before := len(person.Shown())
		send(t, p, person.Chat(), bot.Message{ID: "file " + name, Text: text(words), File: file, FileName: "iqbot-export.json"})
		shown := since(person, before)
		var said strings.Builder
		arrived := 0
		for _, s := range shown {
			said.WriteString(s.Text + " ")
			if s.FileName == "" {
				continue
			}
			arrived++
			if s.FileName != "iqbot-export.json" || !bytes.Equal(bytes.TrimSpace(s.File), file) {
				t.Errorf("with a %s text, the file %s arrives as %q", name, s.FileName, s.File)
			}
		}
		if arrived != 1 {
			t.Errorf("with a %s text, %d files arrive", name, arrived)
		}
		if a, b := solidly(words), solidly(said.String()); a != b {
			t.Errorf("of a %s text beside a file there arrives %q", name, said.String())
		}
	}
}

func shares(t testing.TB, p Platform) {
	person := p.Person(1)
	for _, what := range []string{flow.ShareLocation, flow.ShareContact} {
		before := len(person.Shown())
		send(t, p, person.Chat(), bot.Message{
			ID: what, Text: text("Where are you?"), Share: what, ShareLabel: "Share it", Buttons: [][]bot.Button{{{Label: "I would rather not", Data: "no"}}},
		})
		shown := since(person, before)
		if len(shown) != 1 || strings.TrimSpace(shown[0].Text) != "Where are you?" || !slices.Contains(shown[0].Buttons, "I would rather not") {
			t.Errorf("an offer to share a %s is shown as %+v", what, shown)
		}
	}
}

func faults(t testing.TB, p Platform) {
	const words = "words that only the person may read"
	for i, reason := range slices.Sorted(maps.Keys(p.Faults)) {
		fault, n := p.Faults[reason], i+1
		if p.People > 0 {
			n = i%p.People + 1
		}
		person := p.Person(n)
		before := len(person.Shown())
		m := bot.Message{ID: "1", Text: text(words)}
		to := fault(person)
		err := p.Channel.Send(t.Context(), to, p.Channel.Prepare(m)[0])
		var e *bot.SendError
		if !errors.As(err, &e) {
			t.Errorf("%s: the failure is %T, want a *bot.SendError: %v", reason, err, err)
			continue
		}
		if e.Reason != reason || e.Method == "" {
			t.Errorf("%s: the failure is of %q for the reason %q", reason, e.Method, e.Reason)
		}
		if strings.Contains(err.Error(), words) {
			t.Errorf("%s: the error holds the text: %v", reason, err)
		}
		if shown := since(person, before); len(shown) > 0 && reason != bot.SendUnknown {
			t.Errorf("%s: the message is shown all the same: %+v", reason, shown)
		}
		switch reason {
		case bot.SendThrottled:
			if e.Wait <= 0 {
				t.Errorf("%s: the wait is %v", reason, e.Wait)
			}
		case bot.SendMoved:
			if e.Chat.Channel() != p.Channel.Name() || e.Chat == to {
				t.Errorf("%s: the new id is %q", reason, e.Chat)
			}
			send(t, p, e.Chat, m)
			continue
		case bot.SendBlocked, bot.SendRefused:
			continue
		}
		// The same message again: it arrives, and once.
		before = len(person.Shown())
		send(t, p, to, m)
		if shown := since(person, before); len(shown) != 1 {
			t.Errorf("%s: sent again, the message is shown %d times more", reason, len(shown))
		}
	}
}
