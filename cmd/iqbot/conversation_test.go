package main

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/richtext"
	"iqbot/internal/store/redistest"
	"iqbot/internal/telegram/botapitest"
	"iqbot/internal/terminal"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// patience is how long a reply may take before a test gives up; it is no measure of speed.
const patience = 2 * time.Minute

// advisors is the group that hears of cases.
const advisors = -1001234567890

// botToken has the form of a real one.
const botToken = "123456789:TEST-token_of_the_fake_server_abcde"

// conversations are what people do, in their language: a line is typed, a
// number presses the button of that number in the last reply.
var conversations = map[string][]string{
	"de": {
		"Was kostet die Anerkennung?", "und wie lange dauert das?", "/menu", "2", "2", "2", // an offer of focus area 2
		"Menü", "3", "1", "56727", // an advisor, by postcode
		"1", "1", "Mein Diplom ist aus Kasan, was kann ich tun?", "1", "01", "0261 123456", "1", // a case, by telephone
		"Wie wird das Wetter morgen?", "Hallo 👋", "Ich will nicht mehr leben", "/privacy", "/delete", "1",
	},
	"en": {
		"which documents do I need", "and in Mainz?", "Wie lange dauert die Anerkennung?", "/language", "1", "/language", "English",
		"/menu", "2", "3", "2", // AGARP
		"/menu", "3", "6", "4", // rights at work, still abroad
		"human", "2", "/start office-koblenz", "/start topic-costs", "you are useless", "my husband beats me", "/cancel", "/help", "/delete", "2",
	},
	"ar": {
		"كم يكلف الاعتراف؟", "وكم يستغرق ذلك؟", "/menu", "٢", "2", "4", // Medici in Posterum
		"القائمة", "3", "1", "كوبلنز", "1", "1", "شهادتي من حلب <b>طبيب</b> & جرّاح", "2", "not an address", "a.b@example.org", "2", "نص آخر *مهم* [س](https://e.org)", "1",
		"شكرا جزيلا", "أحتاج سيارة إسعاف", "/privacy",
	},
	"uk": {
		"скільки коштує визнання диплома", "а як довго це триває?", "how long does recognition take", "/menu", "2", "3", "4", // Simmern
		"меню", "3", "1", "Neustadt", "1", "1", "2",
		"abc xyz qwerty", "мені нема де ночувати сьогодні", "/settings", "3", "2", "людина", "/cancel",
	},
}

// TestConversations holds each conversation in the terminal and through
// Telegram, on the embedded store and on a real Redis server, and expects the
// same words everywhere: those of testdata/<language>.golden.
func TestConversations(t *testing.T) {
	for lang, lines := range conversations {
		t.Run(lang, func(t *testing.T) {
			golden := filepath.Join("testdata", lang+".golden")
			spoken, notified := inTerminal(t, lang, lines)
			if *update {
				if err := os.WriteFile(golden, []byte(spoken+notified), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; go test -update writes it", err)
			}
			if diff := cmp.Diff(string(want), spoken+notified); diff != "" {
				t.Fatalf("terminal (-want +got):\n%s", diff)
			}
			t.Run("telegram with the embedded store", func(t *testing.T) {
				t.Parallel()
				inTelegram(t, lang, lines, spoken, notified, nil)
			})
			t.Run("telegram with a redis server", func(t *testing.T) {
				t.Parallel()
				server := redistest.Start(t)
				inTelegram(t, lang, lines, spoken, notified, map[string]string{"REDIS_URL": server.URL(), "INSECURE_STORE": "true"})
			})
		})
	}
}

// inTerminal runs `iqbot chat` on a script; spoken is what the person sees and
// notified what the advisors are told.
func inTerminal(t *testing.T, lang string, lines []string) (spoken, notified string) {
	t.Helper()
	var out, told bytes.Buffer
	err := run(t.Context(), []string{"chat", "--lang", lang}, world{
		getenv: func(string) string { return "" },
		in:     strings.NewReader(strings.Join(lines, "\n")), out: &out, err: &told,
	})
	if err != nil {
		t.Fatal(err)
	}
	// What chat puts around a notification is not part of it.
	notified = regexp.MustCompile(`(?m)^---.*\n`).ReplaceAllString(told.String(), "")
	return steady(out.String()), steady(notified)
}

var (
	caseNumber = regexp.MustCompile(`IQ-[0-9A-Z]{7}`)
	timeOfCase = regexp.MustCompile(`Eingegangen: .* Uhr`)
)

// steady replaces what differs from run to run.
func steady(s string) string {
	return timeOfCase.ReplaceAllString(caseNumber.ReplaceAllString(s, "IQ-#######"), "Eingegangen: (Zeit) Uhr")
}

// serve runs the service until the test ends and fails the test if it ends
// with an error. It returns what the service logs.
func serve(t *testing.T, env map[string]string) *syncBuffer {
	t.Helper()
	return serveArgs(t, []string{"serve"}, env)
}

// serveArgs is serve with flags.
func serveArgs(t *testing.T, args []string, env map[string]string) *syncBuffer {
	t.Helper()
	logged := &syncBuffer{}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, args, world{
			getenv: func(name string) string {
				switch {
				case name == "GOMEMLIMIT":
					return "off" // the limit of a service is too tight for this process, which is many of them
				case name == "OPS_ADDR" && env[name] == "":
					return "off" // they would all have the same
				}
				return env[name]
			},
			in: strings.NewReader(""), out: logged, err: logged,
		})
	}()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("serve ended with: %v", err)
			}
		case <-time.After(patience):
			t.Error("serve does not stop")
		}
		if t.Failed() {
			t.Logf("the service logged:\n%s", logged)
		}
	})
	return logged
}

// inTelegram holds the conversation with the service through the Bot API and
// compares what the person and the advisors see.
func inTelegram(t *testing.T, lang string, lines []string, spoken, notified string, env map[string]string) {
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	group := api.Group(advisors, "Beratung")
	settings := map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(),
		"ADVISOR_CHAT_ID": fmt.Sprint(advisors), "LISTEN_ADDR": "127.0.0.1:0",
		"FLOOD_BURST": "1000", "SEND_BURST": "1000", "SEND_PER_CHAT": "1000", // a script is faster than a person
	}
	for k, v := range env {
		settings[k] = v
	}
	logged := serve(t, settings)

	user := api.User(7001, lang, "")
	view := &view{user: user}
	replies := strings.Split(strings.TrimSuffix(spoken, "\n"), "\n> ")
	user.Send("/start lang-" + lang)
	view.expect(t, replies[0]+"\n")
	for i, line := range lines {
		want, ok := strings.CutPrefix(replies[i+1], line+"\n\n")
		if !ok {
			t.Fatalf("line %d, %q: the transcript goes on with %.80q", i, line, replies[i+1])
		}
		view.enter(t, line)
		view.expect(t, want+"\n")
	}
	if notified != "" {
		// In the terminal all stands that was ever written; in the group, what was
		// written of a withdrawn case is deleted.
		if i := strings.Index(notified, "Beratungswunsch IQ-####### zurückgezogen"); i >= 0 {
			notified = notified[i:]
		}
		told := func() string {
			var all strings.Builder
			for _, m := range group.Messages() {
				all.WriteString(text(m).Plain() + "\n")
			}
			return steady(all.String())
		}
		eventually(t, "advisors know what they must and no more", func() bool { return told() == notified })
	}
	if faults := api.Faults(); len(faults) > 0 {
		t.Errorf("the Bot API would let these pass, but they are mistakes: %q", faults)
	}
	if strings.Contains(logged.String(), api.Token()) {
		t.Error("the log holds the bot token")
	}
	for _, line := range lines {
		if len([]rune(line)) > 8 && !strings.HasPrefix(line, "/") && strings.Contains(logged.String(), line) {
			t.Errorf("the log holds what the person wrote: %q", line)
		}
	}
}

// view is what a person sees on Telegram, as the terminal would print it.
type view struct {
	user    *botapitest.User
	seen    int // messages of earlier replies
	buttons []pressed
}

type pressed struct {
	message int
	data    string
}

// enter types the line, or presses the button of that number.
func (v *view) enter(t *testing.T, line string) {
	t.Helper()
	v.seen = len(v.user.Messages())
	var n int
	if _, err := fmt.Sscanf(asciiDigits(line), "%d", &n); err == nil && n >= 1 && n <= len(v.buttons) && asciiDigits(line) == fmt.Sprint(n) {
		b := v.buttons[n-1]
		if err := v.user.PressIn(b.message, b.data); err != nil {
			t.Fatal(err)
		}
		return
	}
	v.user.Send(line)
}

func asciiDigits(s string) string {
	return strings.NewReplacer("١", "1", "٢", "2", "٣", "3").Replace(s)
}

// expect waits until the messages since the last entry read as want.
func (v *view) expect(t *testing.T, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for n := v.seen + 1; ; n++ {
		messages, err := v.user.WaitMessages(ctx, n)
		got := v.read(messages[min(v.seen, len(messages)):])
		if steady(got) == want {
			return
		}
		if err != nil || len(got) > len(want) {
			t.Fatalf("(-want +got):\n%s", cmp.Diff(want, steady(got)))
		}
	}
}

// read prints messages as the terminal does and remembers their buttons.
func (v *view) read(messages []botapitest.Message) string {
	var out bytes.Buffer
	screen := terminal.New(&out, false)
	var buttons []pressed
	for _, m := range messages {
		message := bot.Message{Text: text(m)}
		for _, row := range m.Keyboard {
			var keys []bot.Button
			for _, b := range row {
				if b.Request == "contact" || b.Request == "location" {
					continue // a terminal has neither
				}
				keys = append(keys, bot.Button{Label: b.Text, Data: b.Data})
				buttons = append(buttons, pressed{m.ID, stdcmp.Or(b.Data, b.Text)})
			}
			message.Buttons = append(message.Buttons, keys)
		}
		if err := screen.Send(context.Background(), terminal.Chat, message); err != nil {
			panic(err)
		}
	}
	if len(buttons) > 0 {
		v.buttons = buttons
	}
	return out.String()
}

// text turns a message's entities back into runs.
func text(m botapitest.Message) richtext.Text {
	units := utf16.Encode([]rune(m.Text))
	var out richtext.Text
	at := 0
	for _, e := range m.Entities {
		if e.Type != "text_link" || e.Offset < at {
			continue
		}
		out = append(out,
			richtext.Run{Text: string(utf16.Decode(units[at:e.Offset]))},
			richtext.Run{Text: string(utf16.Decode(units[e.Offset : e.Offset+e.Length])), Link: e.URL})
		at = e.Offset + e.Length
	}
	return append(out, richtext.Run{Text: string(utf16.Decode(units[at:]))})
}

// syncBuffer is a buffer that a service writes to while a test reads it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
