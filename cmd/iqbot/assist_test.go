package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iqbot/internal/config"
	"iqbot/internal/ops"
)

// The settings reach the model, the log says so, and without them nothing is sent.
func TestTheSettingsTurnTheLanguageModelOn(t *testing.T) {
	var asked atomic.Int64
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer sk-hunter2" || !strings.Contains(string(body), `"model":"small"`) {
			t.Errorf("%s %s", r.URL, body)
		}
		asked.Add(1)
		_, _ = io.WriteString(w, `{"choices": [{"message": {"role": "assistant", "content": "{\"article\": \"costs\", \"answer\": \"Jede Stelle hat eigene Gebühren. Fragen Sie die zuständige Stelle nach der genauen Gebühr.\"}"}}]}`)
	}))
	t.Cleanup(model.Close)
	on := map[string]string{
		"IQBOT_ASSIST_URL": model.URL + "/v1", "IQBOT_ASSIST_MODEL": "small", "IQBOT_ASSIST_KEY": "sk-hunter2", "IQBOT_ASSIST_MODE": "rephrase",
		"IQBOT_ASSIST_OPERATOR": "Beispiel GmbH", "LOG_LEVEL": "debug",
	}
	for name, env := range map[string]map[string]string{"on": on, "off": nil} {
		asked.Store(0)
		var out, log bytes.Buffer
		w := world{getenv: func(n string) string { return env[n] }, in: strings.NewReader("Was ist IQ?\nWas kostet die Anerkennung?\n/privacy\n"), out: &out, err: &log}
		if err := run(t.Context(), []string{"chat", "--lang", "de"}, w); err != nil {
			t.Fatal(err)
		}
		helped := strings.Contains(out.String(), "Sprachmodell) aus dem Artikel")
		named := strings.Contains(out.String(), "Beispiel GmbH")
		if want := name == "on"; helped != want || named != want || (asked.Load() == 1) != want {
			t.Errorf("%s: asked %d times, helped %v, named %v\n%s", name, asked.Load(), helped, named, out.String())
		}
		if strings.Contains(log.String()+out.String(), "hunter2") {
			t.Errorf("%s: the key shows", name)
		}
	}
}

func TestTheLogSaysAtTheStartWhoGetsQuestions(t *testing.T) {
	for address, want := range map[string]string{
		"https://llm.example.org/v1": "level=WARN msg=\"people's questions LEAVE THIS MACHINE: they are sent to a language model at llm.example.org\" model=small mode=rerank",
		"http://localhost:11434/v1":  "level=INFO msg=\"people's questions are sent to a language model on this machine, at localhost:11434\" model=small mode=rerank",
		"":                           "",
	} {
		env := map[string]string{"IQBOT_ASSIST_URL": address, "IQBOT_ASSIST_MODEL": "small", "IQBOT_ASSIST_KEY": "sk-hunter2"}
		c, err := config.Load(func(n string) string { return env[n] }, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		on := assistant(c, ops.NewLogger(&log, slog.LevelInfo, "text")) != nil
		if on != (address != "") || !strings.Contains(log.String(), want) || want == "" && log.Len() > 0 || strings.Contains(log.String(), "hunter2") {
			t.Errorf("%s: on %v, %s", address, on, log.String())
		}
	}
}

func TestCheckSaysWhoGetsQuestions(t *testing.T) {
	env := map[string]string{"IQBOT_ASSIST_URL": "https://llm.example.org/v1", "IQBOT_ASSIST_MODEL": "small", "IQBOT_ASSIST_KEY": "sk-hunter2"}
	without, err := command(t, nil, "check")
	if err != nil {
		t.Fatal(err)
	}
	with, err := command(t, env, "check")
	if err != nil {
		t.Fatal(err)
	}
	const line = "settings: people's questions LEAVE THIS MACHINE: they are sent to a language model at llm.example.org (model small, mode rerank) " +
		"(people are told that it is run by llm.example.org; see README, Help from a language model)\n"
	// It is no point that needs care, so the last line stays as it was.
	if diff := cmp.Diff(without, strings.Replace(with, line, "", 1)); diff != "" || !strings.Contains(with, line) {
		t.Errorf("(-without +with):\n%s", diff)
	}
}
