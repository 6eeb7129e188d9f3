package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"iqbot/internal/store/redistest"
	"iqbot/internal/telegram/botapitest"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// status asks until the service answers, and returns the code.
func status(t *testing.T, address string) int {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		resp, err := http.Get(address)
		if err == nil {
			defer resp.Body.Close()
			return resp.StatusCode
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func TestWrongSettingsStopTheStartAllAtOnce(t *testing.T) {
	env := map[string]string{"TELEGRAM_BOT_TOKEN": "x", "ADVISOR_CHAT_ID": "abc", "LISTEN_ADDR": "here", "OPS_ADDR": "there", "LOG_FORMAT": "prose"}
	err := run(t.Context(), []string{"serve"}, world{getenv: func(n string) string { return env[n] }, out: io.Discard, err: io.Discard})
	if err == nil {
		t.Fatal("it starts")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(env) {
		t.Errorf("%d lines for %d faults:\n%v", len(lines), len(env), err)
	}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if env[name] == "" {
			t.Errorf("line %q names no wrong setting", line)
		}
	}
}

func TestHelpIsComplete(t *testing.T) {
	for _, command := range []string{"", "serve", "chat", "check", "test", "record", "health", "keys", "session", "outbox", "questions", "flows"} {
		var out bytes.Buffer
		args := []string{"--help"}
		if command != "" {
			args = []string{command, "--help"}
		}
		if err := run(t.Context(), args, world{getenv: func(string) string { return "" }, out: &out, err: &out}); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		if !strings.Contains(out.String(), "Usage: iqbot") {
			t.Errorf("%s --help says %s", command, out.String())
		}
		if command == "serve" && !strings.Contains(out.String(), "TELEGRAM_WEBHOOK_SECRET") {
			t.Error("serve --help lists no settings")
		}
	}
	err := run(t.Context(), []string{"dance"}, world{getenv: func(string) string { return "" }, out: io.Discard, err: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "iqbot --help") {
		t.Errorf("an unknown command gives %v", err)
	}
}

func TestChatRefusesALanguageItDoesNotHave(t *testing.T) {
	err := run(t.Context(), []string{"chat", "--lang", "fr"}, world{getenv: func(string) string { return "" }, in: strings.NewReader(""), out: io.Discard, err: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "[de en ar uk]") {
		t.Errorf("err = %v", err)
	}
}

func TestCheckPassesOnTheShippedContent(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"check"}, world{getenv: func(string) string { return "" }, out: &out, err: &out}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "ok: ") || strings.Contains(out.String(), "locales/") {
		t.Errorf("the shipped content needs care:\n%s", out.String())
	}
}

func TestWebhookServesAPerson(t *testing.T) {
	t.Parallel()
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	address, operators := freeAddress(t), freeAddress(t)
	serve(t, map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(),
		"TELEGRAM_WEBHOOK_URL": "http://" + address + "/telegram/hook", "LISTEN_ADDR": address, "OPS_ADDR": operators,
	})
	t.Cleanup(http.DefaultClient.CloseIdleConnections) // else the service waits for what has asked nothing yet
	if code := status(t, "http://"+address+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz answers %d", code)
	}
	user := api.User(1, "uk", "olena")
	user.Send("/start")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	messages, err := user.WaitMessages(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := messages[0].Buttons()[0]; got != "Українська" {
		t.Errorf("the first button is %q, not the language of the app", got)
	}
	if err := user.Press("Українська"); err != nil {
		t.Fatal(err)
	}
	messages, err = user.WaitMessages(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the keyboard that was pressed shows it", func() bool {
		got := user.Messages()[0].Buttons()
		return len(got) == 1 && got[0] == "✓ Українська"
	})
	if !strings.Contains(messages[1].Text, "Вітаю") {
		t.Errorf("greeted with %q", messages[1].Text)
	}
	eventually(t, "the tap is answered", func() bool { return api.Unanswered() == 0 })
	// Somebody who does not know the secret is refused.
	resp, err := http.Post("http://"+address+"/telegram/hook", "application/json", strings.NewReader(`{"update_id":1}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 4 {
		t.Errorf("a forged update is answered with %d", resp.StatusCode)
	}
	// What operators see is not for everybody.
	if code := status(t, "http://"+operators+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz answers operators %d", code)
	}
	if page := get(t, "http://"+operators+"/readyz"); !strings.Contains(page, `"redis":"ok"`) {
		t.Errorf("operators are told %q", page)
	}
	if page := get(t, "http://"+address+"/readyz"); page != "" {
		t.Errorf("everybody is told %q", page)
	}
	if code := status(t, "http://"+address+"/metrics"); code != http.StatusNotFound {
		t.Errorf("everybody gets the metrics: %d", code)
	}
	if page := get(t, "http://"+operators+"/metrics"); !strings.Contains(page, "iqbot_updates_total 2\n") || !strings.Contains(page, "iqbot_telegram_forged_total 1\n") ||
		strings.Contains(page, "olena") {
		t.Errorf("metrics:\n%s", page)
	}
	for _, lang := range []string{"", "de", "en", "ar", "uk"} {
		eventually(t, "the profile in "+lang, func() bool {
			return api.Profile("description", "", lang) != "" && api.Profile("short_description", "", lang) != ""
		})
	}
	if faults := api.Faults(); len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
}

// What is delivered while a process starts waits for it, and is not refused.
func TestTheAddressIsTakenFirst(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	redis.Kill()
	address := freeAddress(t)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	logged := serve(t, map[string]string{"LISTEN_ADDR": address, "REDIS_URL": redis.URL(), "INSECURE_STORE": "true"})
	eventually(t, "the wait for Redis", func() bool { return strings.Contains(logged.String(), "Redis does not answer yet") })
	delivery, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatalf("refused during the start: %v", err)
	}
	defer delivery.Close()
	if _, err := io.WriteString(delivery, "GET /readyz HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	redis.Restart()
	if err := delivery.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(delivery); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 200") {
		t.Errorf("answered %q, %v", answer, err)
	}
}

func TestAnAddressThatIsTakenEndsTheStartAtOnce(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	env := map[string]string{"LISTEN_ADDR": taken.Addr().String(), "REDIS_URL": "redis://" + freeAddress(t), "INSECURE_STORE": "true"}
	err = run(ctx, []string{"serve"}, world{getenv: func(n string) string { return env[n] }, out: io.Discard, err: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "set LISTEN_ADDR to a free address") || ctx.Err() != nil {
		t.Errorf("it ended with %v", err)
	}
}

// Not parallel: there is one standard logger.
func TestWhatLibrariesLogIsQuoted(t *testing.T) {
	address := freeAddress(t)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	logged := serve(t, map[string]string{"LISTEN_ADDR": address, "LOG_LEVEL": "warn"})
	status(t, "http://"+address+"/healthz")
	log.Print("remote said\nlevel=ERROR msg=forged\x1b[2J")
	if got := logged.String(); !strings.Contains(got, `level=WARN msg="remote said\nlevel=ERROR msg=forged\x1b[2J"`) {
		t.Errorf("logged %s", got)
	}
}

func TestARedisThatEvictsIsTold(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, "--maxmemory-policy", "allkeys-lru")
	operators := freeAddress(t)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	logged := serve(t, map[string]string{"LISTEN_ADDR": "127.0.0.1:0", "OPS_ADDR": operators, "REDIS_URL": redis.URL(), "INSECURE_STORE": "true"})
	status(t, "http://"+operators+"/readyz")
	if got := logged.String(); !strings.Contains(got, "maxmemory-policy=allkeys-lru") || !strings.Contains(got, "set its maxmemory-policy to noeviction") {
		t.Errorf("logged %s", got)
	}
	shows := func(value string) {
		t.Helper()
		if page := get(t, "http://"+operators+"/metrics"); !strings.Contains(page, "iqbot_redis_evicts "+value+"\n") {
			t.Errorf("want %s:\n%s", value, page)
		}
	}
	shows("1")
	if err := redis.Client().ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err(); err != nil {
		t.Fatal(err)
	}
	shows("0")
}

// A start with a wrong password ends, and does not wait for ever.
func TestARedisThatRefusesEndsTheStart(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	env := map[string]string{"LISTEN_ADDR": "127.0.0.1:0", "OPS_ADDR": "off", "REDIS_URL": "redis://nobody:hunter2@" + redis.Addr, "INSECURE_STORE": "true", "GOMEMLIMIT": "off"}
	err := run(ctx, []string{"serve"}, world{getenv: func(n string) string { return env[n] }, out: io.Discard, err: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "write the right user and password into REDIS_URL") || ctx.Err() != nil {
		t.Errorf("it ended with %v", err)
	}
}

// Two processes on one machine have the same default; only one can have it.
func TestAnAddressForOperatorsThatIsTakenStopsNothing(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := freeAddress(t)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	logged := serve(t, map[string]string{"LISTEN_ADDR": address, "OPS_ADDR": taken.Addr().String()})
	eventually(t, "the warning", func() bool { return strings.Contains(logged.String(), "set OPS_ADDR to a free address") })
	if code := status(t, "http://"+address+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz answers %d", code)
	}
}

func TestTheTranscriptsTakeEveryWay(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"test", "--coverage", "100"}, world{getenv: func(string) string { return "" }, out: &out, err: &out}); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestARecordedConversationCanBePlayed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new.yaml")
	w := world{getenv: func(string) string { return "" }, in: strings.NewReader("2\n1\nwhat does it cost\n/menu\n"), out: io.Discard, err: io.Discard}
	if err := run(t.Context(), []string{"record", file, "--lang", "en"}, w); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w.out = &out
	if err := run(t.Context(), []string{"test", file}, w); err != nil || !strings.Contains(out.String(), "1 transcripts, 1 plays") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := run(t.Context(), []string{"record", file, "--lang", "en"}, w); err == nil {
		t.Error("an existing file was overwritten")
	}
}

func TestChangedContentIsUsedAndDefectiveContentIsNot(t *testing.T) {
	t.Parallel()
	dir := copyContent(t)
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	api.Fail("getMyDescription", 1, botapitest.Internal) // the profile is still to be tried again when it changes
	logged := serveArgs(t, []string{"serve", "--content", dir}, map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(), "LISTEN_ADDR": "127.0.0.1:0", "FLOOD_BURST": "10000",
		"SEND_BURST": "1000", "SEND_PER_CHAT": "1000", "ADVISOR_CHAT_ID": strconv.Itoa(advisors),
	})
	group := api.Group(advisors, "Beratung")
	user := api.User(1, "en", "")
	user.Send("/start lang-en")
	edit := func(file, old, replacement string) {
		t.Helper()
		path := filepath.Join(dir, file)
		s := read(t, path)
		if !strings.Contains(s, old) {
			t.Fatalf("%s lacks %q", file, old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(s, old, replacement, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says := func() string {
		before := len(user.Messages())
		user.Send("/cancel")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		messages, err := user.WaitMessages(ctx, before+1)
		if err != nil {
			t.Fatal(err)
		}
		return messages[before].Text
	}
	eventually(t, "the first message", func() bool { return len(user.Messages()) > 0 })
	edit("locales/en/active.en.toml", "All right, I have cancelled that.", "Cancelled, as you wish.")
	edit("locales/en/active.en.toml", "Do you have a profession", "Have you learned a profession")
	edit("locales/en/active.en.toml", "Recognition of foreign qualifications and offers", "Foreign qualifications and offers")
	edit("locales/en/active.en.toml", "Main menu", "The menu")
	edit("locales/de/active.de.toml", "**Neuer Beratungswunsch {{.Case}}**", "**Jemand wartet auf Sie: {{.Case}}**")
	edit("locales/de/articles/costs.md", "Was kostet die Anerkennung?", "Was kostet das Verfahren?")
	eventually(t, "the changed words", func() bool { return strings.Contains(says(), "Cancelled, as you wish.") })

	// What is made of the content at the start changes with it: what Telegram shows
	// of the bot, and what advisors are told.
	for property, want := range map[string]string{"description": "Have you learned", "short_description": "Foreign qualifications", "commands": "The menu"} {
		for _, lang := range []string{"en", ""} { // English is also the default
			eventually(t, "the changed "+property, func() bool { return strings.Contains(api.Profile(property, "", lang), want) })
		}
	}
	for _, line := range []string{"/start topic-costs", "human", "1", "my words", "Skip", "By email", "a@b.de", "1"} {
		user.Send(line)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	told, err := group.WaitMessages(ctx, 1)
	if err != nil || !strings.Contains(told[0].Text, "Jemand wartet auf Sie") || !strings.Contains(told[0].Text, "Was kostet das Verfahren?") {
		t.Errorf("advisors are told %+v, %v", told, err)
	}
	if _, err := user.Expect(ctx, func(m botapitest.Message) bool { return strings.Contains(m.Text, "IQ-") }); err != nil {
		t.Fatal(err)
	}

	edit("flows/menu.yaml", "goto: ask/question", "goto: ask/nowhere")
	eventually(t, "the defect in the log", func() bool { return strings.Contains(logged.String(), "leads to unknown step") })
	eventually(t, "the words of the content before", func() bool { return strings.Contains(says(), "Cancelled, as you wish.") })
	edit("flows/menu.yaml", "goto: ask/nowhere", "goto: ask/question")

	// An address is corrected in a folder that was not there before.
	network := read(t, "../../internal/network/data/network.yaml")
	corrected := strings.Replace(network, `email: "iq@caritas-koblenz.de"`, `email: "neu@caritas-koblenz.de"`, 1)
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "directory", "network.yaml"), []byte(corrected), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the corrected address", func() bool {
		before := len(user.Messages())
		user.Send("/start office-koblenz")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		messages, err := user.WaitMessages(ctx, before+1)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(messages[before:], func(m botapitest.Message) bool { return strings.Contains(m.Text, "neu@caritas-koblenz.de") })
	})
}

// A telephone number and a place can be shared by a button of the app.
func TestSharingInPlaceOfTyping(t *testing.T) {
	t.Parallel()
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	api.Group(advisors, "Beratung")
	serve(t, map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(), "LISTEN_ADDR": "127.0.0.1:0", "ADVISOR_CHAT_ID": strconv.Itoa(advisors),
		"SEND_BURST": "1000", "SEND_PER_CHAT": "1000",
	})
	user := api.User(1, "en", "")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	act := func(what func() error, want string) botapitest.Message {
		t.Helper()
		if err := what(); err != nil {
			t.Fatalf("%v; the last message has %q", err, user.Last().Buttons())
		}
		m, err := user.Expect(ctx, func(m botapitest.Message) bool { return strings.Contains(m.Text, want) })
		if err != nil {
			t.Fatalf("no message with %q: %v; the last is %q", want, err, user.Last().Text)
		}
		return m
	}
	press := func(label string) func() error { return func() error { return user.Press(label) } }
	say := func(words string) func() error { return func() error { user.Send(words); return nil } }
	act(say("/start lang-en"), "Welcome")
	act(say("human"), "pass your question on")
	act(press("Yes, I agree"), "in your own words")
	act(say("my diploma"), "Which town")
	act(press("Send my location"), "Which place do you mean?")
	act(press("Koblenz"), "How can the advisors reach you")
	act(press("By phone"), "write your phone number")
	m := act(press("Send my phone number"), "This is what I will send")
	if !strings.Contains(m.Text, "Koblenz") || !strings.Contains(m.Text, "+"+botapitest.SharedNumber) {
		t.Errorf("the summary is %q", m.Text)
	}
	if faults := api.Faults(); len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
}

// The dialogue goes on where it was after a restart, and what was written
// while the service was away is answered.
func TestADialogueSurvivesARestart(t *testing.T) {
	redis := redistest.Start(t)
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	env := map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(), "LISTEN_ADDR": "127.0.0.1:0",
		"REDIS_URL": redis.URL(), "INSECURE_STORE": "true",
	}
	user := api.User(1, "en", "")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	t.Run("first process", func(t *testing.T) {
		serve(t, env)
		user.Send("/start lang-en")
		user.Send("/advisor")
		user.Send("1")
		if _, err := user.WaitMessages(ctx, 3); err != nil {
			t.Fatal(err)
		}
	})
	user.Send("Mayen")
	t.Run("second process", func(t *testing.T) {
		serve(t, env)
		messages, err := user.WaitMessages(ctx, 4)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(messages[3].Text, "christoph.kretschmer@kvmyk.de") {
			t.Errorf("the question for a place was forgotten: %q", messages[3].Text)
		}
	})
}
