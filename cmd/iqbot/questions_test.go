package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/bot"
	"iqbot/internal/store"
	"iqbot/internal/store/redistest"
	"iqbot/internal/telegram/botapitest"
)

// dogs has three people asking for dogs, one of them without wanting an answer, and others for other things.
func dogs(t *testing.T, s *store.Store) {
	t.Helper()
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	for i, q := range []bot.Question{
		{ID: "Q-1", Chat: person, Words: "Darf ich meinen Hund mitbringen?", Kind: bot.QuestionUnknown},
		{ID: "Q-2", Chat: somebodyElse, Words: "darf ich meinen hund mit bringen", Kind: bot.QuestionUnhelpful, Topic: "visa-for-recognition"},
		{ID: "Q-3", Words: "Hund mitbringen, darf ich das", Kind: bot.QuestionUnknown},
		{ID: "Q-4", Chat: person, Words: "=Gibt es eine App für den Führerschein", Kind: bot.QuestionUnknown},
		{ID: "Q-5", Chat: somebodyElse, Language: "uk", Words: "чи можна взяти собаку?", Kind: bot.QuestionUnknown},
	} {
		q.Asked = at.Add(time.Duration(i) * 24 * time.Hour)
		if q.Language == "" {
			q.Language = "de"
		}
		chat := q.Chat
		if chat == "" {
			chat = "telegram:5"
		}
		commit(t, s, bot.Commit{Chat: chat, Update: bot.UpdateID(q.ID), Questions: []bot.Question{q}})
	}
}

func TestQuestionsAreListedInGroups(t *testing.T) {
	env, s := operated(t)
	if got := must(t, env, "questions"); got != "Groups of questions: 0\n" {
		t.Errorf("of nothing: %q", got)
	}
	dogs(t, s)
	want := `Groups of questions: 3

G-1  de  questions: 3  want the answer: 2  newest: 2026-11-22  unknown 2, not helpful 1 (visa-for-recognition)
    Q-1  Darf ich meinen Hund mitbringen?
    Q-2  darf ich meinen hund mit bringen
    and 1 more; --examples 0 shows all

G-5  uk  questions: 1  want the answer: 1  newest: 2026-11-24  unknown 1
    Q-5  чи можна взяти собаку?

G-4  de  questions: 1  want the answer: 1  newest: 2026-11-23  unknown 1
    Q-4  =Gibt es eine App für den Führerschein
`
	if diff := cmp.Diff(want, must(t, env, "questions", "--examples", "2")); diff != "" {
		t.Error(diff)
	}
	if got := must(t, env, "questions", "--lang", "de", "--limit", "1"); !strings.HasPrefix(got, "Groups of questions: 2, of which 1 are listed\n\nG-1") || strings.Contains(got, "Q-4") {
		t.Errorf("limited: %s", got)
	}
	table := must(t, env, "questions", "--csv")
	lines, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(lines) != 6 {
		t.Fatalf("%d lines, %v:\n%s", len(lines), err, table)
	}
	if diff := cmp.Diff([]string{"G-1", "3", "Q-2", "de", "not-helpful", "visa-for-recognition", "2026-11-21", "true", "darf ich meinen hund mit bringen"}, lines[2]); diff != "" {
		t.Error(diff)
	}
	if last := lines[5]; last[8] != "'=Gibt es eine App für den Führerschein" {
		t.Errorf("a spreadsheet would carry it out: %q", last)
	}
	asJSON := must(t, env, "questions", "--json")
	var groups []struct {
		ID        string
		Questions []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(asJSON), &groups); err != nil || len(groups) != 3 || len(groups[0].Questions) != 3 {
		t.Errorf("as JSON: %v\n%s", err, asJSON)
	}
	for _, secret := range []string{"4711", "telegram:", s.Ref(person), s.Ref(somebodyElse), "09:30"} {
		if strings.Contains(table+asJSON+want, secret) {
			t.Errorf("an editor sees %q", secret)
		}
	}
	for _, c := range []struct{ args, fault string }{
		{"--lang fr", "[de en ar uk]"}, {"--limit 0", "--limit"}, {"--csv --json", "csv"},
	} {
		_, err := command(t, env, append([]string{"questions"}, strings.Fields(c.args)...)...)
		wantError(t, err, c.fault)
	}
}

// waitingFor are the ids and texts of the messages that the service will send to a chat.
func waitingFor(t *testing.T, s *store.Store) map[bot.ChatID][]bot.Queued {
	t.Helper()
	taken, err := s.Due(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	out := map[bot.ChatID][]bot.Queued{}
	for _, x := range taken {
		out[x.Lease.Chat] = x.Messages
	}
	return out
}

func TestAGroupIsAnswered(t *testing.T) {
	t.Parallel()
	env, s := operated(t)
	dogs(t, s)
	_, err := command(t, env, "questions", "answer", "G-1", "--topic", "visa-for-recognition")
	wantError(t, err, "TELEGRAM_BOT_TOKEN is not set", "Q-1")
	env["TELEGRAM_BOT_TOKEN"] = botToken
	for _, c := range []struct{ args, fault string }{
		{"G-1 --topic nonsense", "--topic nonsense: there is no such article"},
		{"G-9 --topic costs", "G-9: there is no such question or group"},
		{"G-1", "--topic"},
	} {
		_, err := command(t, env, append([]string{"questions", "answer"}, strings.Fields(c.args)...)...)
		wantError(t, err, c.fault)
	}
	if out := waitingFor(t, s); len(out) > 0 {
		t.Fatalf("sent: %v", out)
	}
	// Two operators at the same time.
	var group sync.WaitGroup
	said := make([]string, 2)
	for i := range said {
		group.Go(func() {
			said[i], _ = command(t, env, "questions", "answer", "g-1", "Q-2", "--topic", "visa-for-recognition")
		})
	}
	group.Wait()
	out := waitingFor(t, s)
	for chat, question := range map[bot.ChatID]string{person: "Darf ich meinen Hund mitbringen?", somebodyElse: "darf ich meinen hund mit bringen"} {
		first := 0
		for _, m := range out[chat] {
			if strings.Contains(m.Text.Plain(), question) {
				first++
				if !strings.Contains(m.Text.Plain(), "Ви запитували") { // the language that they speak by now
					t.Errorf("%s gets %s", chat, m.Text.Plain())
				}
			}
		}
		if first != 1 {
			t.Errorf("%s gets the answer %d times; the operators were told %q", chat, first, said)
		}
	}
	if got := must(t, env, "questions"); strings.Contains(got, "Hund") || !strings.HasPrefix(got, "Groups of questions: 2\n") {
		t.Errorf("left: %s", got)
	}
	if got := must(t, env, "questions", "drop", "Q-4"); got != "removed: 1\n" {
		t.Errorf("it says %q", got)
	}
	if out := waitingFor(t, s); len(out) > 0 {
		t.Errorf("who dropped sent: %v", out)
	}
	commit(t, s, bot.Commit{Chat: somebodyElse, Update: "bye", Erase: true})
	if got := must(t, env, "questions"); got != "Groups of questions: 0\n" {
		t.Errorf("left: %s", got)
	}
}

func TestRatingsAreShownTheWorstFirst(t *testing.T) {
	env, s := operated(t)
	commit(t, s, bot.Commit{Chat: person, Update: "1", Ratings: []bot.Rating{{Topic: "anabin", Language: "de", Helpful: true}, {Topic: "costs", Language: "uk"}, {Topic: "costs", Language: "uk", Helpful: true}}})
	want := "article  language  helpful  not helpful  of all\ncosts    uk        1        1            50 %\nanabin   de        1        0            100 %\n"
	if diff := cmp.Diff(want, must(t, env, "questions", "ratings")); diff != "" {
		t.Error(diff)
	}
	if got := must(t, env, "questions", "ratings", "--json"); !strings.Contains(got, `"not_helpful": 1`) {
		t.Errorf("as JSON: %s", got)
	}
}

// TestTheWholeLoop: a person asks on Telegram what nothing answers, and agrees;
// an editor adds a phrasing to an article and answers; the person gets the answer once,
// from the service that runs, and the next who asks gets it at once.
func TestTheWholeLoop(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	keys := filepath.Join(t.TempDir(), "keyset.json")
	must(t, nil, "keys", "new", "--out", keys)
	api := botapitest.New(botapitest.Options{Token: botToken})
	t.Cleanup(api.Close)
	content := copyContent(t)
	env := map[string]string{
		"TELEGRAM_BOT_TOKEN": api.Token(), "TELEGRAM_API_URL": api.URL(), "LISTEN_ADDR": "127.0.0.1:0",
		"REDIS_URL": server.URL(), "KEYSET_FILE": keys, "SEND_BURST": "1000", "SEND_PER_CHAT": "1000",
	}
	logged := serveArgs(t, []string{"serve", "--content", content}, env)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	olena := api.User(7001, "de", "")
	expect := func(u *botapitest.User, words string) botapitest.Message {
		t.Helper()
		m, err := u.Expect(ctx, func(m botapitest.Message) bool { return strings.Contains(m.Text, words) })
		if err != nil {
			t.Fatalf("%q does not come: %v", words, err)
		}
		return m
	}
	olena.Send("/start lang-de")
	expect(olena, "Wie kann ich Ihnen helfen")
	const secret = "Olena Kovalenko"
	olena.Send("Ich heiße " + secret + ": quabbelige xyzzy plugh?")
	offer := expect(olena, "Dürfen wir")
	if err := olena.PressIn(offer.ID, "Ja, und Antwort hier senden"); err != nil {
		t.Fatal(err)
	}
	expect(olena, "schicke ich sie hierher")

	listed := must(t, env, "questions", "--content", content)
	if !strings.Contains(listed, "Ich heiße […]: quabbelige xyzzy plugh?") {
		t.Fatalf("listed: %s", listed)
	}
	group := regexp.MustCompile(`G-\w+`).FindString(listed)
	f, err := os.OpenFile(filepath.Join(content, "locales/de/articles/anabin.questions.txt"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(f, "quabbelige xyzzy plugh"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := must(t, env, "questions", "answer", group, "--topic", "anabin", "--content", content); !strings.HasPrefix(got, "answers on their way: 1;") {
		t.Errorf("it says %q", got)
	}
	answer := expect(olena, "Sie haben gefragt")
	if !strings.Contains(answer.Text, "quabbelige xyzzy plugh") {
		t.Errorf("the answer: %s", answer.Text)
	}
	_, err = command(t, env, "questions", "answer", group, "--topic", "anabin", "--content", content)
	wantError(t, err, "there is no such question or group")

	// The answer can be rated like any other, and the next person gets it at once.
	last := olena.Last()
	if err := olena.PressIn(last.ID, "Hilfreich"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the rating is counted", func() bool { return strings.Contains(must(t, env, "questions", "ratings"), "anabin") })
	eventually(t, "the phrasing is in use", func() bool {
		return strings.Contains(logged.String(), "the changed content is in use")
	})
	next := api.User(7002, "de", "")
	next.Send("/start lang-de")
	expect(next, "Wie kann ich Ihnen helfen")
	next.Send("quabbelige xyzzy plugh?")
	expect(next, "anabin")

	count := 0
	for _, m := range olena.Messages() {
		if strings.Contains(m.Text, "Sie haben gefragt") {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the answer came %d times", count)
	}
	if faults := api.Faults(); len(faults) > 0 {
		t.Errorf("the Bot API would let these pass, but they are mistakes: %q", faults)
	}
	for _, word := range []string{secret, "xyzzy"} {
		if strings.Contains(logged.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}
