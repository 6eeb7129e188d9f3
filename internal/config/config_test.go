package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	token  = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
	keyset = `{"primaryKeyId":7,"key":[{"keyData":{"value":"GhDkeymaterial"},"keyId":7}]}`
)

var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func getenv(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestLoadNothingSetGivesDefaults(t *testing.T) {
	got, err := Load(getenv(nil), now)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		TelegramAPIURL: "https://api.telegram.org", Listen: ":8080", Ops: "127.0.0.1:9090", LogLevel: Level{slog.LevelInfo}, LogFormat: "text",
		StateTTL: TTL(90 * 24 * time.Hour), CaseTTL: TTL(180 * 24 * time.Hour), QuestionTTL: TTL(180 * 24 * time.Hour), CasesPerDay: 3, FloodPerMinute: 30, FloodBurst: 20,
		SendPerSecond: 30, SendPerChat: 1, SendBurst: 5, SendPerGroup: 20, ShutdownTimeout: TTL(20 * time.Second),
		AssistMode: "rerank", AssistTimeout: TTL(4 * time.Second), AssistAtOnce: 4,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if w := got.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %q", w)
	}
}

func TestLoadEverythingSet(t *testing.T) {
	got, err := Load(getenv(map[string]string{
		"TELEGRAM_BOT_TOKEN":      token + "\n",
		"TELEGRAM_API_URL":        "http://botapi:8081/",
		"TELEGRAM_WEBHOOK_URL":    "https://bot.example.org:9443/hook",
		"TELEGRAM_WEBHOOK_SECRET": "s_1-A",
		"ADVISOR_CHAT_ID":         "-1001234567890",
		"ADVISOR_EMAIL":           "team@example.org",
		"SMTP_URL":                "smtp://iq%40example.org:p%40ss@mail.example.org",
		"MAIL_FROM":               "IQ bot <bot@example.org>",
		"REDIS_URL":               "rediss://u:pw@a:6379/2",
		"LISTEN_ADDR":             "127.0.0.1:0",
		"OPS_ADDR":                ":9091",
		"LOG_LEVEL":               "WARN",
		"LOG_FORMAT":              "json",
		"CONFIRMED_CONTACTS":      "one=2026-11-20, two=2026-11-24,",
		"STATE_TTL":               "1h30m",
		"CASE_TTL":                "24h",
		"QUESTION_TTL":            "48h",
		"CASES_PER_DAY":           "7",
		"SHUTDOWN_TIMEOUT":        "5s",
		"SEND_PER_SECOND":         "25",
		"SEND_PER_CHAT":           "2",
		"SEND_BURST":              "3",
		"SEND_PER_GROUP_MINUTE":   "10",
		"KEYSET":                  keyset,
		"INSECURE_STORE":          "true",
		"IQBOT_ASSIST_URL":        "https://llm.example.org/v1/",
		"IQBOT_ASSIST_MODEL":      "small",
		"IQBOT_ASSIST_KEY":        "sk-hunter2",
		"IQBOT_ASSIST_MODE":       "rephrase",
		"IQBOT_ASSIST_OPERATOR":   "Example GmbH",
		"IQBOT_ASSIST_TIMEOUT":    "2s",
		"IQBOT_ASSIST_AT_ONCE":    "8",
	}), now)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		TelegramToken: token, TelegramAPIURL: "http://botapi:8081", WebhookURL: "https://bot.example.org:9443/hook", WebhookSecret: "s_1-A",
		AdvisorChat: -1001234567890, AdvisorEmail: "team@example.org", SMTPURL: "smtp://iq%40example.org:p%40ss@mail.example.org",
		MailFrom: "IQ bot <bot@example.org>", RedisURL: "rediss://u:pw@a:6379/2", Listen: "127.0.0.1:0", Ops: ":9091",
		LogLevel: Level{slog.LevelWarn}, LogFormat: "json",
		ConfirmedContact: Dates{"one": time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), "two": time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)},
		StateTTL:         TTL(90 * time.Minute), CaseTTL: TTL(24 * time.Hour), QuestionTTL: TTL(48 * time.Hour), CasesPerDay: 7, FloodPerMinute: 30, FloodBurst: 20,
		SendPerSecond: 25, SendPerChat: 2, SendBurst: 3, SendPerGroup: 10, ShutdownTimeout: TTL(5 * time.Second),
		Keyset: keyset, InsecureStore: true,
		AssistURL: "https://llm.example.org/v1", AssistModel: "small", AssistKey: "sk-hunter2", AssistMode: AssistRephrase,
		AssistOperator: "Example GmbH", AssistTimeout: TTL(2 * time.Second), AssistAtOnce: 8,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	server, ok := got.SMTP()
	if d := cmp.Diff(SMTP{Host: "mail.example.org", Port: 587, User: "iq@example.org", Password: "p@ss", TLS: StartTLS}, server); d != "" || !ok {
		t.Error(ok, d)
	}
	if off := got.Off(); len(off) > 0 {
		t.Errorf("off although set: %v", off)
	}
}

// TestFaults has every bad value with its exact line. No line may hold "hunter2", which every secret here contains.
func TestFaults(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	model := map[string]string{"IQBOT_ASSIST_MODEL": "small", "IQBOT_ASSIST_KEY": "hunter2"}
	mail := map[string]string{"ADVISOR_EMAIL": "team@example.org", "MAIL_FROM": "bot@example.org"}
	tests := []struct {
		name string
		vars map[string]string
		want string
	}{
		{"a token without its first half", map[string]string{"TELEGRAM_BOT_TOKEN": "AAHdqTcvCH1vGWJxfSeofSAs0K5PAhunter2"},
			"TELEGRAM_BOT_TOKEN: does not look like a token; copy it again from @BotFather: digits, a colon and 35 letters or digits"},
		{"a token that was cut off", map[string]string{"TELEGRAM_BOT_TOKEN": "123456789:hunter2"},
			"TELEGRAM_BOT_TOKEN: does not look like a token; copy it again from @BotFather: digits, a colon and 35 letters or digits"},
		{"an API server without scheme", map[string]string{"TELEGRAM_API_URL": "localhost:8081"},
			"TELEGRAM_API_URL: is not the address of a server; write it as https://host or http://host:port"},
		{"an API server with a password", map[string]string{"TELEGRAM_API_URL": "https://u:hunter2@host"},
			"TELEGRAM_API_URL: is not the address of a server; write it as https://host or http://host:port"},
		{"a webhook in the clear", map[string]string{"TELEGRAM_WEBHOOK_URL": "http://bot.example.org/hook"},
			"TELEGRAM_WEBHOOK_URL: is not an https address; write it as https://host/path; http is only for a test server on this machine"},
		{"a webhook that is no URL", map[string]string{"TELEGRAM_WEBHOOK_URL": "https://%zz"},
			"TELEGRAM_WEBHOOK_URL: is not an https address; write it as https://host/path; http is only for a test server on this machine"},
		{"a webhook on a port that Telegram refuses", map[string]string{"TELEGRAM_WEBHOOK_URL": "https://bot.example.org:9443/hook"},
			"TELEGRAM_WEBHOOK_URL: has port 9443, to which Telegram does not deliver; use 443, 80, 88 or 8443"},
		{"a webhook secret with a blank", map[string]string{"TELEGRAM_WEBHOOK_SECRET": "hunter2 hunter2"},
			"TELEGRAM_WEBHOOK_SECRET: has a character that Telegram does not allow, or is too long; use 1 to 256 of A-Z a-z 0-9 _ -, or leave it empty"},
		{"a webhook secret that is too long", map[string]string{"TELEGRAM_WEBHOOK_SECRET": strings.Repeat("hunter2", 37)},
			"TELEGRAM_WEBHOOK_SECRET: has a character that Telegram does not allow, or is too long; use 1 to 256 of A-Z a-z 0-9 _ -, or leave it empty"},
		{"a chat by name", map[string]string{"ADVISOR_CHAT_ID": "@advisors"},
			`ADVISOR_CHAT_ID: "@advisors" cannot be read; write a whole number, negative for a group, such as -1001234567890`},
		{"a mailbox that is none, and no mail server", map[string]string{"ADVISOR_EMAIL": "team"},
			"ADVISOR_EMAIL: is not an email address; write it as name@example.org\n" +
				"SMTP_URL: is empty, but ADVISOR_EMAIL needs it; set it, or unset ADVISOR_EMAIL\n" +
				"MAIL_FROM: is empty, but ADVISOR_EMAIL needs it; set it to the sender that your mail server accepts"},
		{"a sender that is none", map[string]string{"MAIL_FROM": "bot at example.org"},
			"MAIL_FROM: is not an email address; write it as name@example.org"},
		{"a mail server with an unescaped password", with(mail, "SMTP_URL", "smtp://u:hunter2%@host"),
			"SMTP_URL: is not a URL; write special characters of user and password percent-encoded, such as %40 for @"},
		{"a mail server with a wrong scheme", with(mail, "SMTP_URL", "https://u:hunter2@host"),
			"SMTP_URL: begins neither with smtp:// nor with smtps://; write it as smtp://user:password@host:587"},
		{"a mail server with a path", with(mail, "SMTP_URL", "smtp://u:hunter2@host/inbox"),
			"SMTP_URL: is not a server alone; write it as smtp://user:password@host:587"},
		{"a mail server without host", with(mail, "SMTP_URL", "smtp://u:hunter2@:587"),
			"SMTP_URL: is not a server alone; write it as smtp://user:password@host:587"},
		{"a mail server without password", with(mail, "SMTP_URL", "smtp://hunter2@host"),
			"SMTP_URL: has only one of user and password; write both, or neither"},
		{"a mail server on port 0", with(mail, "SMTP_URL", "smtp://u:hunter2@host:0"),
			"SMTP_URL: has a port that does not exist; use a number from 1 to 65535"},
		{"a mail server in a file that is not there", with(mail, "SMTP_URL_FILE", filepath.Join(dir, "none")),
			"SMTP_URL: the file of SMTP_URL_FILE cannot be read: open " + filepath.Join(dir, "none") + ": no such file or directory; check the path and the permissions"},
		{"Redis with another scheme", map[string]string{"REDIS_URL": "https://u:hunter2@host", "KEYSET": keyset},
			"REDIS_URL: does not begin with redis://, rediss:// or unix://; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis of an unknown kind", map[string]string{"REDIS_URL": "redis+ring://u:hunter2@host", "KEYSET": keyset},
			"REDIS_URL: begins with an unknown kind of server; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis with an unescaped password", map[string]string{"REDIS_URL": "redis://u:hunter2%@host", "KEYSET": keyset},
			"REDIS_URL: is not a URL; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis without host", map[string]string{"REDIS_URL": "redis://u:hunter2@/0", "KEYSET": keyset},
			"REDIS_URL: names no host; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis without socket", map[string]string{"REDIS_URL": "unix://", "KEYSET": keyset},
			"REDIS_URL: names no socket; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis with a wrong database", map[string]string{"REDIS_URL": "redis://u:hunter2@host/zero", "KEYSET": keyset},
			"REDIS_URL: has a database or a parameter that is not known; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis with an unknown parameter", map[string]string{"REDIS_URL": "redis://u:hunter2@host?timeout=3s", "KEYSET": keyset},
			"REDIS_URL: has a database or a parameter that is not known; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Sentinel without a master's name", map[string]string{"REDIS_URL": "redis+sentinel://u:hunter2@a,b", "KEYSET": keyset},
			"REDIS_URL: has no master_name parameter; write it as redis://user:password@host:6379/0, with special characters percent-encoded"},
		{"Redis without encryption", map[string]string{"REDIS_URL": "redis://u:hunter2@host"},
			"KEYSET: is empty, but REDIS_URL is set: personal data would be stored in the clear; make keys with iqbot keys new --out keyset.json and set KEYSET_FILE=keyset.json; only for a test set INSECURE_STORE=true"},
		{"keys that are no JSON", map[string]string{"KEYSET": "hunter2"},
			"KEYSET: is not a Tink keyset in JSON; give the whole file, with primaryKeyId and key"},
		{"keys without a key", map[string]string{"KEYSET": `{"primaryKeyId":2,"key":[],"hunter2":1}`},
			"KEYSET: is not a Tink keyset in JSON; give the whole file, with primaryKeyId and key"},
		{"keys twice", map[string]string{"KEYSET": "hunter2", "KEYSET_FILE": "/run/keyset"},
			"KEYSET: is set, and KEYSET_FILE too; set only one of them"},
		{"keys in an empty file, not reported as missing too", map[string]string{"REDIS_URL": "redis://host", "KEYSET_FILE": empty},
			"KEYSET: the file of KEYSET_FILE is empty; put the secret into it, or unset KEYSET_FILE"},
		{"a listening address without port", map[string]string{"LISTEN_ADDR": "localhost"},
			`LISTEN_ADDR: "localhost" is not an address to listen at; write it as :8080 or 127.0.0.1:8080`},
		{"a listening port that does not exist", map[string]string{"LISTEN_ADDR": ":70000"},
			`LISTEN_ADDR: ":70000" is not an address to listen at; write it as :8080 or 127.0.0.1:8080`},
		{"an address for operators without port", map[string]string{"OPS_ADDR": "no"},
			`OPS_ADDR: "no" is not an address to listen at; write it as 127.0.0.1:9090, or off`},
		{"an unknown log level", map[string]string{"LOG_LEVEL": "chatty"},
			`LOG_LEVEL: "chatty" cannot be read; write debug, info, warn or error`},
		{"an unknown log format", map[string]string{"LOG_FORMAT": "xml"},
			`LOG_FORMAT: "xml" is not known; write text or json`},
		{"every confirmed contact that is wrong", map[string]string{"CONFIRMED_CONTACTS": "a,b=yesterday,=2026-11-01,c=2026-11-01,c=2026-11-02,d=2026-11-25"},
			`CONFIRMED_CONTACTS: "a" is not a contact point and a day; write id=2026-11-20` + "\n" +
				`CONFIRMED_CONTACTS: "b=yesterday" is not a contact point and a day; write id=2026-11-20` + "\n" +
				`CONFIRMED_CONTACTS: "=2026-11-01" is not a contact point and a day; write id=2026-11-20` + "\n" +
				`CONFIRMED_CONTACTS: "c" is there twice; keep the later day` + "\n" +
				`CONFIRMED_CONTACTS: the day of "d", 2026-11-25, is in the future; write the day on which you checked it`},
		{"days as a unit", map[string]string{"STATE_TTL": "90d"},
			`STATE_TTL: "90d" is not a duration; write a number with its unit s, m or h, such as 2160h for 90 days`},
		{"nothing at all as a time to live", map[string]string{"CASE_TTL": "0s"},
			`CASE_TTL: "0s" is not above zero; write a longer duration, such as 20s`},
		{"a negative timeout", map[string]string{"SHUTDOWN_TIMEOUT": "-1s"},
			`SHUTDOWN_TIMEOUT: "-1s" is not above zero; write a longer duration, such as 20s`},
		{"every rate that is none", map[string]string{"SEND_PER_SECOND": "0", "SEND_PER_CHAT": "0.5", "SEND_BURST": "-1", "SEND_PER_GROUP_MINUTE": "1000001"},
			`SEND_PER_SECOND: "0" is not a whole number from 1 to 1000000; write one, such as 30` + "\n" +
				`SEND_PER_CHAT: "0.5" is not a whole number from 1 to 1000000; write one, such as 30` + "\n" +
				`SEND_BURST: "-1" is not a whole number from 1 to 1000000; write one, such as 30` + "\n" +
				`SEND_PER_GROUP_MINUTE: "1000001" is not a whole number from 1 to 1000000; write one, such as 30`},
		{"an API without a model", map[string]string{"IQBOT_ASSIST_URL": "https://llm.example.org/v1"},
			"IQBOT_ASSIST_MODEL: is empty, but IQBOT_ASSIST_URL needs it; set it to the name of the model there"},
		{"an API that is no address", with(model, "IQBOT_ASSIST_URL", "llm.example.org"),
			"IQBOT_ASSIST_URL: is not the address of an API; write it as https://host/v1"},
		{"an API with a query", with(model, "IQBOT_ASSIST_URL", "https://llm.example.org/v1?key=hunter2"),
			"IQBOT_ASSIST_URL: is not the address of an API; write it as https://host/v1"},
		{"an API with a password", with(model, "IQBOT_ASSIST_URL", "https://u:hunter2@llm.example.org/v1"),
			"IQBOT_ASSIST_URL: has a user or a password; put the key into IQBOT_ASSIST_KEY"},
		{"one function of an API", with(model, "IQBOT_ASSIST_URL", "https://llm.example.org/v1/chat/completions"),
			"IQBOT_ASSIST_URL: is the address of one function of the API; leave out /chat/completions"},
		{"an API in the clear", with(model, "IQBOT_ASSIST_URL", "http://llm.example.org/v1"),
			"IQBOT_ASSIST_URL: would send people's questions over the internet in the clear; use https://; http:// is only for this machine and a private network"},
		{"an API in the clear at a public address", with(model, "IQBOT_ASSIST_URL", "http://203.0.113.7/v1"),
			"IQBOT_ASSIST_URL: would send people's questions over the internet in the clear; use https://; http:// is only for this machine and a private network"},
		{"an assistant that does something else and takes long", map[string]string{"IQBOT_ASSIST_MODE": "invent", "IQBOT_ASSIST_TIMEOUT": "11s"},
			`IQBOT_ASSIST_MODE: "invent" is not known; write rerank or rephrase` + "\n" +
				"IQBOT_ASSIST_TIMEOUT: 11s is more than people wait; write at most 10s"},
		{"neither true nor false", map[string]string{"INSECURE_STORE": "maybe"},
			`INSECURE_STORE: "maybe" cannot be read; write true or false`},
		{"faults of several kinds, all at once and in order", map[string]string{"LOG_FORMAT": "xml", "ADVISOR_CHAT_ID": "x", "TELEGRAM_BOT_TOKEN": "hunter2", "STATE_TTL": "x", "KEYSET_FILE": empty},
			"TELEGRAM_BOT_TOKEN: does not look like a token; copy it again from @BotFather: digits, a colon and 35 letters or digits\n" +
				`ADVISOR_CHAT_ID: "x" cannot be read; write a whole number, negative for a group, such as -1001234567890` + "\n" +
				`LOG_FORMAT: "xml" is not known; write text or json` + "\n" +
				`STATE_TTL: "x" is not a duration; write a number with its unit s, m or h, such as 2160h for 90 days` + "\n" +
				"KEYSET: the file of KEYSET_FILE is empty; put the secret into it, or unset KEYSET_FILE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Load(getenv(tt.vars), now)
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != tt.want {
				t.Errorf("\n got %s\nwant %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a secret")
			}
			if !reflect.ValueOf(c).IsZero() {
				t.Error("a faulty Config is not empty")
			}
		})
	}
}

func with(vars map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for k, v := range vars {
		all[k] = v
	}
	return all
}

func TestSecretFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(getenv(map[string]string{"TELEGRAM_BOT_TOKEN_FILE": path}), now)
	if err != nil || c.TelegramToken != token {
		t.Errorf("got %t, %v", c.TelegramToken == token, err)
	}
}

// TestWebhookSecretDerived: every replica derives the same, another bot
// another, and it neither tells the token nor breaks Telegram's rule.
func TestWebhookSecretDerived(t *testing.T) {
	load := func(token string) string {
		c, err := Load(getenv(map[string]string{"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_WEBHOOK_URL": "https://example.org/hook"}), now)
		if err != nil {
			t.Fatal(err)
		}
		return c.WebhookSecret.Reveal()
	}
	one, again, other := load(token), load(token), load("9"+token)
	if one != again || one == other || !secretForm.MatchString(one) || strings.Contains(token, one[:8]) {
		t.Errorf("%q, %q, %q", one, again, other)
	}
}

func TestRedisURL(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"one server", "redis://h:6379/3", "redis://h:6379/3"},
		{"a password keeps its encoding", "redis://u:p%40%2F,q@h", "redis://u:p%40%2F,q@h"},
		{"a socket", "unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"},
		{"a cluster by a list of hosts", "rediss://u:p@a:1,b:2, c:3", "rediss://u:p@a:1?addr=b%3A2&addr=c%3A3"},
		{"a cluster by a list of URLs", "redis://a:1,redis://b:2", "redis://a:1?addr=b%3A2"},
		{"a cluster by addr parameters", "redis://a:1?addr=b:2&dial_timeout=3s", "redis://a:1?addr=b%3A2&dial_timeout=3s"},
		{"a cluster found by one host", "redis+cluster://a:1", "redis://a:1?cluster=true"},
		{"a cluster found by one host, in the store's words", "redis://a:1?cluster=true", "redis://a:1?cluster=true"},
		{"Sentinel", "redis+sentinel://a:1,b:2/0?master_name=m", "redis://a:1/0?addr=b%3A2&master_name=m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Load(getenv(map[string]string{"REDIS_URL": tt.in, "KEYSET": keyset}), now)
			if err != nil || c.RedisURL.Reveal() != tt.want {
				t.Errorf("got %s, %v; want %s", c.RedisURL.Reveal(), err, tt.want)
			}
		})
	}
}

func TestSMTP(t *testing.T) {
	tests := []struct {
		name, url string
		want      SMTP
	}{
		{"STARTTLS by default", "smtp://u:p@mail.example.org", SMTP{"mail.example.org", 587, "u", "p", StartTLS}},
		{"a port of its own", "smtp://mail.example.org:2525", SMTP{"mail.example.org", 2525, "", "", StartTLS}},
		{"TLS from the start", "smtps://u:p@mail.example.org/", SMTP{"mail.example.org", 465, "u", "p", ImplicitTLS}},
		{"a relay on this machine", "smtp://127.0.0.1:25", SMTP{"127.0.0.1", 25, "", "", OfferedTLS}},
		{"a relay on this machine by name", "smtp://localhost", SMTP{"localhost", 587, "", "", OfferedTLS}},
		{"IPv6", "smtp://[2001:db8::1]:587", SMTP{"2001:db8::1", 587, "", "", StartTLS}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Config{SMTPURL: Secret(tt.url), AdvisorEmail: "team@example.org"}.SMTP()
			if d := cmp.Diff(tt.want, got); d != "" || !ok {
				t.Error(ok, d)
			}
		})
	}
	for _, c := range []Config{{}, {AdvisorEmail: "team@example.org"}, {SMTPURL: "smtp://mail.example.org"}} {
		if _, ok := c.SMTP(); ok {
			t.Errorf("mail with %+v", c)
		}
	}
}

func TestAssistTellsWhoGetsQuestions(t *testing.T) {
	tests := []struct {
		url, operator string
		want          Assist
		line          string
	}{
		{"https://llm.example.org/v1", "", Assist{Host: "llm.example.org", Operator: "llm.example.org"},
			"people's questions LEAVE THIS MACHINE: they are sent to a language model at llm.example.org"},
		{"http://10.0.0.7:8000/v1", "Example GmbH", Assist{Host: "10.0.0.7:8000", Operator: "Example GmbH"},
			"people's questions LEAVE THIS MACHINE: they are sent to a language model at 10.0.0.7:8000"},
		{"http://vllm:8000/v1", "", Assist{Host: "vllm:8000", Operator: "vllm"},
			"people's questions LEAVE THIS MACHINE: they are sent to a language model at vllm:8000"},
		{"http://[::1]:11434/v1", "", Assist{Host: "[::1]:11434", Local: true, Operator: "::1"},
			"people's questions are sent to a language model on this machine, at [::1]:11434"},
	}
	for _, tt := range tests {
		c, err := Load(getenv(map[string]string{"IQBOT_ASSIST_URL": tt.url, "IQBOT_ASSIST_MODEL": "m", "IQBOT_ASSIST_OPERATOR": tt.operator}), now)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		if got, ok := c.Assist(); !ok || got != tt.want || got.String() != tt.line {
			t.Errorf("%s: %+v, %v, %s", tt.url, got, ok, got)
		}
	}
	if _, ok := (Config{AssistModel: "m", AssistKey: "k"}).Assist(); ok {
		t.Error("on without an address")
	}
}

func TestWarnings(t *testing.T) {
	got := Config{
		WebhookURL: "x", AdvisorChat: 1, SMTPURL: "x", MailFrom: "x", AssistModel: "x", AssistKey: "x", InsecureStore: true, Keyset: "x",
	}.Warnings()
	want := []string{
		"TELEGRAM_WEBHOOK_URL has no effect without TELEGRAM_BOT_TOKEN",
		"ADVISOR_CHAT_ID has no effect without TELEGRAM_BOT_TOKEN",
		"SMTP_URL has no effect without ADVISOR_EMAIL",
		"MAIL_FROM has no effect without ADVISOR_EMAIL",
		"IQBOT_ASSIST_MODEL has no effect without IQBOT_ASSIST_URL",
		"IQBOT_ASSIST_KEY has no effect without IQBOT_ASSIST_URL",
		"INSECURE_STORE has no effect without REDIS_URL",
		"INSECURE_STORE has no effect with KEYSET: what is stored is encrypted",
	}
	got = append(got, Config{WebhookSecret: "x", InsecureStore: true, RedisURL: "x"}.Warnings()...)
	want = append(want, "TELEGRAM_WEBHOOK_SECRET has no effect without TELEGRAM_WEBHOOK_URL", "INSECURE_STORE: dialogues and cases lie in Redis in the clear")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWarningsOfWhatGoesInTheClear(t *testing.T) {
	for vars, want := range map[[2]string]string{
		{"TELEGRAM_API_URL", "http://botapi:8081"}:                                     "TELEGRAM_API_URL",
		{"TELEGRAM_API_URL", "http://10.0.0.7:8081"}:                                   "TELEGRAM_API_URL",
		{"TELEGRAM_API_URL", "https://botapi.example.org"}:                             "",
		{"TELEGRAM_API_URL", "http://localhost:8081"}:                                  "",
		{"TELEGRAM_API_URL", "http://127.0.0.1:8081"}:                                  "",
		{"REDIS_URL", "redis://u:pw@redis.example.org:6379/0"}:                         "REDIS_URL",
		{"REDIS_URL", "redis://[::1]:6379"}:                                            "",
		{"REDIS_URL", "redis://localhost:6379,10.0.0.7:6379"}:                          "REDIS_URL",
		{"REDIS_URL", "redis://localhost:6379?addr=127.0.0.1:6380&addr=10.0.0.7:6380"}: "REDIS_URL",
		{"REDIS_URL", "redis+cluster://localhost:6379,localhost:6380"}:                 "",
		{"REDIS_URL", "redis+sentinel://10.0.0.7:26379?master_name=main"}:              "REDIS_URL",
		{"REDIS_URL", "rediss://redis.example.org:6379"}:                               "",
		{"REDIS_URL", "unix:///run/redis.sock"}:                                        "",
	} {
		c, err := Load(getenv(map[string]string{"TELEGRAM_BOT_TOKEN": token, "KEYSET": keyset, vars[0]: vars[1]}), now)
		if err != nil {
			t.Fatal(err)
		}
		var about string
		for _, w := range c.Warnings() {
			name, _, _ := strings.Cut(w, ":")
			about += name
			if strings.Contains(w, "pw") {
				t.Errorf("%s: a secret shows: %s", vars[1], w)
			}
		}
		if about != want {
			t.Errorf("%s: warned of %q, want %q", vars[1], about, want)
		}
	}
}

func TestOff(t *testing.T) {
	tests := []struct {
		name string
		c    Config
		want string
	}{
		{"nothing set", Config{}, "TELEGRAM_BOT_TOKEN REDIS_URL KEYSET ADVISOR_CHAT_ID ADVISOR_EMAIL"},
		{"a chat but no bot to write there", Config{RedisURL: "x", Keyset: "x", AdvisorChat: 1, AdvisorEmail: "x"}, "TELEGRAM_BOT_TOKEN TELEGRAM_BOT_TOKEN"},
		{"nothing for operators", Config{TelegramToken: "x", RedisURL: "x", Keyset: "x", AdvisorChat: 1, AdvisorEmail: "x", Ops: OpsOff}, "OPS_ADDR"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var names []string
			for _, o := range tt.c.Off() {
				names = append(names, o.Variable)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestSecretsNeverShow prints a Config in every way there is.
func TestSecretsNeverShow(t *testing.T) {
	const s = Secret("hunter2")
	c := Config{TelegramToken: s, WebhookSecret: s, SMTPURL: s, RedisURL: s, Keyset: s}
	var out bytes.Buffer
	for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %t %c %U %e") {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", &c)
	}
	fmt.Fprintln(&out, c, s, error(Faults{}))
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("settings", "config", c, "secret", s)
	}
	if err := json.NewEncoder(&out).Encode(map[string]any{"config": c, "secret": s}); err != nil {
		t.Fatal(err)
	}
	hex := fmt.Sprintf("%x", "hunter2")
	if text := out.String(); strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), hex) {
		t.Errorf("a secret shows:\n%s", text)
	}
	if Secret("").String() != "" {
		t.Error("an unset secret looks set")
	}
}

// TestDescribe: no setting without a name and a help that says what its absence means.
func TestDescribe(t *testing.T) {
	var secrets []string
	for _, s := range Describe() {
		if !regexp.MustCompile(`^[A-Z_]+$`).MatchString(s.Name) {
			t.Errorf("name %q", s.Name)
		}
		if !strings.Contains(s.Help, "If empty, ") || !strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: help %q", s.Name, s.Help)
		}
		if s.Secret {
			secrets = append(secrets, s.Name)
		}
	}
	if got, want := strings.Join(secrets, " "), "TELEGRAM_BOT_TOKEN TELEGRAM_WEBHOOK_SECRET SMTP_URL REDIS_URL IQBOT_ASSIST_KEY KEYSET"; got != want {
		t.Errorf("secrets: got %s, want %s", got, want)
	}
	row := "| `STATE_TTL` | `2160h` | How long an idle dialogue is kept. If empty, 2160h (90 days). |\n"
	if table := MarkdownTable(); !strings.Contains(table, row) || strings.Count(table, "\n") != len(Describe())+2 {
		t.Errorf("table:\n%s", table)
	}
}

// FuzzLoad: no value of a secret makes Load panic or show it.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{"", token, "smtp://u:hunter2%@host", "redis://a,b", "redis+sentinel://a?master_name=m", keyset, "unix://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		marked := "hunter2" + s
		for _, value := range []string{s, marked, "redis://u:" + marked + "@h", "smtp://u:" + marked + "@h"} {
			vars := map[string]string{"ADVISOR_EMAIL": "a@b.de", "MAIL_FROM": "a@b.de", "KEYSET": value, "REDIS_URL": value, "SMTP_URL": value, "TELEGRAM_BOT_TOKEN": value}
			c, err := Load(getenv(vars), now)
			if text := fmt.Sprintf("%+v %v", c, err); strings.Contains(text, "hunter2") {
				t.Errorf("a secret shows: %s", text)
			}
		}
	})
}
