package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"iqbot/internal/answer"
	"iqbot/internal/locale"
	"iqbot/internal/telegram/botapitest"
	"iqbot/locales"
)

// action is one thing that a person does: writes a text, or presses a button
// of the newest keyboard.
type action struct {
	text  string
	press int // number of the button, from 1; 0 for a text
	// hasty means that the person does the next thing without waiting for the answer.
	hasty bool
}

// kind is what people have in common who hold the same conversation.
type kind struct {
	language string
	wantCase bool
}

// The places in a conversation of what is a person's own.
const (
	ownWords   = "{words}"
	ownAddress = "{address}"
	ownCase    = "{case}"
)

// topics are asked about, each by the title of its article: what goes on with
// the topic before would be answered in another way the second time.
var topics = []string{"costs", "documents-needed", "what-is-iq", "find-competent-authority", "agarp", "what-is-recognition", "simmern-cooperation"}

// conversation is what a person of a kind does.
func conversation(content *answer.Library, k kind) ([]action, error) {
	var questions []action
	for _, topic := range topics {
		a, ok := content.Article(topic, k.language)
		if !ok {
			return nil, fmt.Errorf("there is no article on %s", topic)
		}
		questions = append(questions, action{text: a.Title, hasty: true})
	}
	all := []action{{text: "/start"}, {press: 1}} // the first language is that of their app
	all = append(all, questions[:5]...)
	all = append(all, action{text: "/menu"}, action{press: 4})
	if k.wantCase {
		all = append(all, action{press: 1}, action{text: ownWords}, action{text: "56727"}, action{press: 2}, action{text: ownAddress}, action{press: 1})
	} else {
		all = append(all, action{press: 2})
	}
	all = append(all, action{text: "/help", hasty: true})
	all = append(all, questions[5], action{text: "/privacy", hasty: true}, questions[6], action{text: "/language"}, action{press: 1}, action{text: "/menu"})
	return all, nil
}

// shown is a message without what is a person's own.
type shown struct {
	text    string
	buttons string
}

// line is an action and its answer in a calm world.
type line struct {
	action
	answer []shown
}

// book has the conversation of each kind as it was rehearsed.
type book map[kind][]line

// person is somebody who talks to the bot.
type person struct {
	scene *scene
	kind  kind
	user  *botapitest.User
	words string
	mail  string
	said  []time.Time  // when each action was done
	done  atomic.Bool  // has nothing more to say
	gone  bool         // done, and nothing waited for them when the scene last looked
	used  map[int]bool // messages of which a button was pressed
}

func (c *scene) person(k kind) *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.from + int64(len(c.people))
	p := &person{
		scene: c, kind: k, user: c.api.User(id, k.language, ""),
		words: fmt.Sprintf("wish%x", rand.Uint64()), mail: fmt.Sprintf("mail%x@example.org", rand.Uint64()),
		used: map[int]bool{},
	}
	c.people = append(c.people, p)
	return p
}

var caseNumber = regexp.MustCompile(`IQ-[0-9A-Z]{7}`)

// anonymous takes out what is the person's own.
func (p *person) anonymous(text string) string {
	text = strings.NewReplacer(p.words, ownWords, p.mail, ownAddress).Replace(text)
	return caseNumber.ReplaceAllString(text, ownCase)
}

// do does one thing by what the person sees.
func (p *person) do(a action) error {
	p.said = append(p.said, time.Now())
	if a.press == 0 {
		p.user.Send(strings.NewReplacer(ownWords, p.words, ownAddress, p.mail).Replace(a.text))
		return nil
	}
	for _, m := range slices.Backward(p.user.Messages()) {
		if len(m.Keyboard) == 0 || p.used[m.ID] {
			continue
		}
		if labels := m.Buttons(); a.press <= len(labels) {
			p.used[m.ID] = true
			return p.user.PressIn(m.ID, labels[a.press-1])
		}
		break
	}
	return fmt.Errorf("there is no button %d", a.press)
}

// rehearse holds the conversation undisturbed and returns it with its answers.
func (p *person) rehearse(ctx context.Context, all []action) ([]line, error) {
	var lines []line
	seen := 0
	for i, a := range all {
		if err := p.do(a); err != nil {
			return nil, fmt.Errorf("action %d: %w", i, err)
		}
		for { // until the update has taken effect and its answer is sent
			e, err := p.scene.export(p)
			if err != nil {
				return nil, err
			}
			if e.Version == int64(i+1) && len(e.Waiting) == 0 {
				break
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
				return nil, fmt.Errorf("action %d has no answer: %w", i, ctx.Err())
			}
		}
		l := line{action: a}
		for _, m := range p.user.Messages()[seen:] {
			l.answer = append(l.answer, shown{p.anonymous(m.Text), strings.Join(m.Buttons(), "|")})
			seen++
		}
		if len(l.answer) == 0 {
			return nil, fmt.Errorf("action %d is not answered", i)
		}
		lines = append(lines, l)
	}
	var last string
	for _, l := range lines {
		for _, m := range l.answer {
			if m.text == last {
				return nil, fmt.Errorf("two answers in a row are the same: a repetition could not be told from them: %q", last)
			}
			last = m.text
		}
	}
	return lines, nil
}

// once drops the messages that stand right behind themselves.
func once(messages []botapitest.Message) []botapitest.Message {
	return slices.CompactFunc(slices.Clone(messages), func(a, b botapitest.Message) bool { return a.Text == b.Text })
}

// talk holds the conversation amid the failures and compares what comes with
// the rehearsal. It returns an error that says what is wrong.
func (p *person) talk(ctx context.Context, lines []line) error {
	defer p.done.Store(true)
	var want []shown
	for i, l := range lines {
		if err := p.do(l.action); err != nil {
			return fmt.Errorf("action %d: %w", i, err)
		}
		want = append(want, l.answer...)
		if l.hasty {
			continue
		}
		if err := p.await(ctx, want); err != nil {
			return fmt.Errorf("after action %d: %w", i, err)
		}
	}
	return nil
}

// await waits until the person has seen what is wanted.
func (p *person) await(ctx context.Context, want []shown) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for n := len(want); ; {
		all, err := p.user.WaitMessages(ctx, n)
		got := once(all)
		for i, m := range got {
			if i == len(want) {
				return fmt.Errorf("a message too many: %.200q", m.Text)
			}
			if text := p.anonymous(m.Text); text != want[i].text {
				return fmt.Errorf("message %d is %.200q, not %.200q", i, text, want[i].text)
			}
		}
		if len(got) == len(want) {
			if labels := strings.Join(got[len(got)-1].Buttons(), "|"); labels != want[len(want)-1].buttons {
				return fmt.Errorf("the buttons are %q, not %q", labels, want[len(want)-1].buttons)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("%d of %d messages, no %.200q: %w", len(got), len(want), want[len(got)].text, err)
		}
		n = len(all) + 1
	}
}

// latencies are the times from each action to the first message of its answer.
func (p *person) latencies(lines []line) []time.Duration {
	var out []time.Duration
	got := once(p.user.Messages())
	at := 0
	for i, l := range lines {
		if at >= len(got) || i >= len(p.said) {
			break
		}
		out = append(out, got[at].At.Sub(p.said[i]))
		at += len(l.answer)
	}
	return out
}

func catalog(t *testing.T) *locale.Catalog {
	t.Helper()
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rehearsal holds each conversation once in a calm world.
func rehearsal(t *testing.T, prog program) book {
	t.Helper()
	c := newScene(t, prog, nil, 0, settings{replicas: 1})
	content, err := answer.Load(locales.FS, catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	b := book{}
	for _, language := range []string{"de", "en", "ar", "uk"} {
		for _, wantCase := range []bool{true, false} {
			k := kind{language, wantCase}
			all, err := conversation(content, k)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			p := c.person(k)
			b[k], err = p.rehearse(ctx, all)
			cancel()
			if err != nil {
				t.Fatalf("%v: %v", k, err)
			}
			e, err := c.export(p)
			if err != nil {
				t.Fatal(err)
			}
			if opened := len(e.Cases) == 1; opened != wantCase {
				t.Fatalf("%v: the conversation opens %d cases", k, len(e.Cases))
			}
		}
	}
	c.eventually("each press of a button is marked", func() bool { return c.unmarked() == 0 })
	c.checkLog()
	return b
}
