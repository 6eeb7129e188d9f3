// Package config reads the settings of the service from the environment.
//
// Every setting is one variable and one field of [Config]; the struct tags of
// that field hold its default and its help, and nothing else does: [Describe]
// and [MarkdownTable] make the texts of `iqbot serve --help` and of the README
// from them. A variable that is unset, empty or only blanks has its default.
//
// A secret (see [Secret]) may also stand in a file: NAME_FILE holds the path,
// as container platforms mount secrets. White space around it is removed. A
// secret is never part of a fault, a log line or a printed Config.
//
// [Load] reports every fault at once, one line each: the variable, what is
// wrong, and what to do. What works but surely is not meant is a warning, see
// [Config.Warnings]; what the service does without is listed by [Config.Off].
package config

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is all settings. The help tag of a field is its documentation; the
// form tag says what a value must be. Times to live are durations, never days.
// A Config that [Load] returned without an error is consistent.
type Config struct {
	TelegramToken    Secret  `env:"TELEGRAM_BOT_TOKEN" help:"Token of the bot, from @BotFather. If empty, Telegram is off."`
	TelegramAPIURL   string  `env:"TELEGRAM_API_URL" envDefault:"https://api.telegram.org" help:"Bot API server, for a self-hosted or a test server. If empty, the public one."`
	WebhookURL       string  `env:"TELEGRAM_WEBHOOK_URL" help:"Public https address at which Telegram delivers updates. If empty, the bot asks for them (long polling)."`
	WebhookSecret    Secret  `env:"TELEGRAM_WEBHOOK_SECRET" help:"What Telegram must send along with each update: 1 to 256 of A-Z a-z 0-9 _ -. If empty, it is derived from the token."`
	AdvisorChat      int64   `env:"ADVISOR_CHAT_ID" form:"a whole number, negative for a group, such as -1001234567890" help:"Telegram chat in which advisors hear of new cases; negative for a group, of which the bot must be a member. If empty, none."`
	AdvisorEmail     string  `env:"ADVISOR_EMAIL" help:"Mailbox in which advisors hear of new cases; needs SMTP_URL and MAIL_FROM. If empty, none."`
	SMTPURL          Secret  `env:"SMTP_URL" help:"Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS). Only on a loopback host smtp:// may be without TLS. If empty, no mail is sent."`
	MailFrom         string  `env:"MAIL_FROM" help:"Sender of the mails, such as IQ bot <bot@example.org>. If empty, no mail is sent."`
	RedisURL         Secret  `env:"REDIS_URL" help:"Redis server: redis://user:password@host:6379/0, rediss:// for TLS, unix:// for a socket; with ?master_name=… for Sentinel; several hosts with commas between them, or redis+cluster://, for a cluster. If empty, an embedded store that forgets everything at a restart."`
	Listen           string  `env:"LISTEN_ADDR" envDefault:":8080" help:"Address of the HTTP server for everybody (webhook, health). If empty, port 8080 on all interfaces."`
	Ops              string  `env:"OPS_ADDR" envDefault:"127.0.0.1:9090" help:"Address of the HTTP server for operators (metrics, what is not ready and why), or off for none. Nobody else should reach it. If empty, port 9090 for this machine only."`
	LogLevel         Level   `env:"LOG_LEVEL" envDefault:"info" form:"debug, info, warn or error" help:"Least important log lines to write: debug, info, warn or error. If empty, info."`
	LogFormat        string  `env:"LOG_FORMAT" envDefault:"text" help:"Form of the log lines: text or json. If empty, text."`
	ConfirmedContact Dates   `env:"CONFIRMED_CONTACTS" help:"Contact points of the directory that you have checked, each with the day: id=2026-11-20,id2=2026-11-21. If empty, those marked check-first are not shown."`
	StateTTL         TTL     `env:"STATE_TTL" envDefault:"2160h" help:"How long an idle dialogue is kept. If empty, 2160h (90 days)."`
	CaseTTL          TTL     `env:"CASE_TTL" envDefault:"4320h" help:"How long a case is kept. If empty, 4320h (180 days)."`
	QuestionTTL      TTL     `env:"QUESTION_TTL" envDefault:"4320h" help:"How long a question that a person left for the editors is kept. If empty, 4320h (180 days)."`
	CasesPerDay      Count   `env:"CASES_PER_DAY" envDefault:"3" help:"How many cases one person can open in 24 hours; three can be open at once. If empty, 3."`
	FloodPerMinute   float64 `env:"FLOOD_PER_MINUTE" envDefault:"30" form:"a number" help:"How many messages and taps of one person are answered in a minute, for long. If empty, 30."`
	FloodBurst       float64 `env:"FLOOD_BURST" envDefault:"20" form:"a number" help:"How many of them are answered at once before that limit holds. If empty, 20."`
	SendPerSecond    Count   `env:"SEND_PER_SECOND" envDefault:"30" help:"Messages a second to all chats of a channel, of all processes together. If empty, 30, as Telegram asks of bots."`
	SendPerChat      Count   `env:"SEND_PER_CHAT" envDefault:"1" help:"Messages a second to one private chat. If empty, 1."`
	SendBurst        Count   `env:"SEND_BURST" envDefault:"5" help:"Messages that may go to one chat at once when it was quiet before. If empty, 5."`
	SendPerGroup     Count   `env:"SEND_PER_GROUP_MINUTE" envDefault:"20" help:"Messages a minute to one group. If empty, 20."`
	AssistURL        string  `env:"IQBOT_ASSIST_URL" help:"Base address of a chat completions API (OpenAI, vLLM, llama.cpp, Ollama) that helps with answers, such as http://localhost:11434/v1. People's questions are sent there: see Help from a language model. If empty, none is, and nothing leaves the machine."`
	AssistModel      string  `env:"IQBOT_ASSIST_MODEL" help:"Name of the model there; needed with IQBOT_ASSIST_URL. If empty, there is none."`
	AssistKey        Secret  `env:"IQBOT_ASSIST_KEY" help:"Key of that API. If empty, none is sent."`
	AssistMode       string  `env:"IQBOT_ASSIST_MODE" envDefault:"rerank" help:"What the model does: rerank (it chooses among the articles that were found) or rephrase (it also words a short answer from one of them). If empty, rerank."`
	AssistOperator   string  `env:"IQBOT_ASSIST_OPERATOR" help:"Who runs the API, as the bot tells people in its privacy notice, such as Example GmbH, Koblenz. If empty, the host of IQBOT_ASSIST_URL."`
	AssistTimeout    TTL     `env:"IQBOT_ASSIST_TIMEOUT" envDefault:"4s" help:"How long an answer waits for the model, at most 10s; then it is given without. If empty, 4s."`
	AssistAtOnce     Count   `env:"IQBOT_ASSIST_AT_ONCE" envDefault:"4" help:"How many questions the model gets at the same time; further ones are answered without. If empty, 4."`
	ShutdownTimeout  TTL     `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" help:"How long work under way may take to finish when the service stops. If empty, 20s."`
	Keyset           Secret  `env:"KEYSET" help:"Keys that encrypt what is stored: a Tink keyset for AEAD in JSON. Required with REDIS_URL, unless INSECURE_STORE is set. If empty, nothing is encrypted."`
	InsecureStore    bool    `env:"INSECURE_STORE" envDefault:"false" form:"true or false" help:"Allows REDIS_URL without KEYSET: dialogues and cases then lie in Redis in the clear. If empty, false."`
}

// Level, Dates, TTL and Count are the types of fields that check themselves.
type (
	// Level is the least important log level; it is a [slog.Leveler].
	Level struct{ slog.Level }
	// Dates maps the id of a contact point to the day on which it was checked, at 00:00 UTC.
	Dates map[string]time.Time
	// TTL is a duration above zero.
	TTL time.Duration
	// Count is a number above zero, at most [MaxCount].
	Count int
)

// OpsOff is the OPS_ADDR of a service without a server for operators.
const OpsOff = "off"

// MaxCount is far beyond what any platform takes in a second or a minute.
const MaxCount = 1_000_000

// Load reads and checks the settings. getenv is [os.Getenv] or a test's own;
// it is asked for the known variables only. now is today, for dates that must
// not lie ahead. The error is [Faults]; the Config is then of no use.
func Load(getenv func(string) string, now time.Time) (Config, error) {
	var faults Faults
	values := map[string]string{}
	for _, s := range Describe() {
		value := strings.TrimSpace(getenv(s.Name))
		if s.Secret {
			var f *Fault
			if value, f = fromFile(s.Name, value, strings.TrimSpace(getenv(s.Name+"_FILE"))); f != nil {
				faults = append(faults, *f)
			}
		}
		if value != "" {
			values[s.Name] = value
		}
	}

	unread := slices.Clone(faults)
	var c Config
	err := env.ParseWithOptions(&c, env.Options{Environment: values})
	faults = append(faults, parseFaults(err, values)...)
	for _, f := range c.validate(now) {
		// A secret that could not be read is not missing as well.
		if !slices.ContainsFunc(unread, func(have Fault) bool { return have.Variable == f.Variable }) {
			faults = append(faults, f)
		}
	}
	if len(faults) > 0 {
		order := map[string]int{}
		for i, s := range Describe() {
			order[s.Name] = i
		}
		slices.SortStableFunc(faults, func(a, b Fault) int { return order[a.Variable] - order[b.Variable] })
		return Config{}, faults
	}

	c.TelegramAPIURL = strings.TrimRight(c.TelegramAPIURL, "/")
	c.AssistURL = strings.TrimRight(c.AssistURL, "/")
	c.RedisURL, _ = normalRedis(c.RedisURL)
	if c.WebhookSecret == "" && c.WebhookURL != "" && c.TelegramToken != "" {
		c.WebhookSecret = deriveSecret(c.TelegramToken)
	}
	return c, nil
}

// deriveSecret makes 43 characters of the alphabet that Telegram allows. All
// replicas derive the same, and it does not tell the token.
func deriveSecret(token Secret) Secret {
	mac := hmac.New(sha256.New, []byte(token.Reveal()))
	mac.Write([]byte("iqbot telegram webhook secret v1"))
	return Secret(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

// fromFile returns the value of a secret, from the variable or from the file.
func fromFile(name, value, path string) (string, *Fault) {
	switch {
	case path == "":
		return value, nil
	case value != "":
		return "", &Fault{Variable: name, Problem: "is set, and " + name + "_FILE too", Cure: "set only one of them"}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", &Fault{Variable: name, Problem: fmt.Sprintf("the file of %s_FILE cannot be read: %v", name, err), Cure: "check the path and the permissions"}
	}
	if value = strings.TrimSpace(string(content)); value == "" {
		return "", &Fault{Variable: name, Problem: "the file of " + name + "_FILE is empty", Cure: "put the secret into it, or unset " + name + "_FILE"}
	}
	return value, nil
}

// parseFaults turns what the env package reports into faults.
func parseFaults(err error, values map[string]string) Faults {
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return Faults{{Problem: err.Error(), Cure: "report this as a defect of iqbot"}}
	}
	var faults Faults
	for _, err := range all.Errors {
		var parse env.ParseError
		var own Faults
		if !errors.As(err, &parse) {
			faults = append(faults, Fault{Problem: err.Error(), Cure: "report this as a defect of iqbot"})
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		name := field.Tag.Get("env")
		if !errors.As(parse.Err, &own) {
			own = Faults{{Problem: fmt.Sprintf("%q cannot be read", values[name]), Cure: "write " + field.Tag.Get("form")}}
		}
		for _, f := range own {
			f.Variable = name
			faults = append(faults, f)
		}
	}
	return faults
}

// UnmarshalText reads "debug", "info", "warn" or "error".
func (l *Level) UnmarshalText(text []byte) error { return l.Level.UnmarshalText(text) }

// UnmarshalText reads a duration such as "90m" that is above zero.
func (t *TTL) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return Faults{{Problem: fmt.Sprintf("%q is not a duration", text), Cure: "write a number with its unit s, m or h, such as 2160h for 90 days"}}
	}
	if d <= 0 {
		return Faults{{Problem: fmt.Sprintf("%q is not above zero", text), Cure: "write a longer duration, such as 20s"}}
	}
	*t = TTL(d)
	return nil
}

// Duration returns t as the standard type.
func (t TTL) Duration() time.Duration { return time.Duration(t) }

// String returns t as the standard type writes it.
func (t TTL) String() string { return time.Duration(t).String() }

// UnmarshalText reads a whole number from 1 to [MaxCount].
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > MaxCount {
		return Faults{{Problem: fmt.Sprintf("%q is not a whole number from 1 to %d", text, MaxCount), Cure: "write one, such as 30"}}
	}
	*c = Count(n)
	return nil
}

// UnmarshalText reads "id=2026-11-20,id2=2026-11-21".
func (d *Dates) UnmarshalText(text []byte) error {
	var faults Faults
	dates := Dates{}
	for entry := range strings.SplitSeq(string(text), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		id, day, _ := strings.Cut(entry, "=")
		id = strings.TrimSpace(id)
		date, err := time.Parse(time.DateOnly, strings.TrimSpace(day))
		switch _, twice := dates[id]; {
		case id == "" || err != nil:
			faults = append(faults, Fault{Problem: fmt.Sprintf("%q is not a contact point and a day", entry), Cure: "write id=2026-11-20"})
		case twice:
			faults = append(faults, Fault{Problem: fmt.Sprintf("%q is there twice", id), Cure: "keep the later day"})
		default:
			dates[id] = date
		}
	}
	*d = dates
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// Off is a part of the service that the settings leave out.
type Off struct {
	What     string // such as "Telegram"
	Variable string // the variable that turns it on
}

// Off lists what is switched off, most important first.
func (c Config) Off() []Off {
	var off []Off
	add := func(missing bool, what, variable string) {
		if missing {
			off = append(off, Off{what, variable})
		}
	}
	add(c.TelegramToken == "", "Telegram", "TELEGRAM_BOT_TOKEN")
	add(c.RedisURL == "", "lasting store (nothing survives a restart)", "REDIS_URL")
	add(c.Keyset == "", "encryption of what is stored", "KEYSET")
	add(c.AdvisorChat == 0, "notification of advisors by Telegram", "ADVISOR_CHAT_ID")
	add(c.AdvisorChat != 0 && c.TelegramToken == "", "notification of advisors by Telegram", "TELEGRAM_BOT_TOKEN")
	add(c.AdvisorEmail == "", "notification of advisors by email", "ADVISOR_EMAIL")
	add(c.Ops == OpsOff, "metrics and the details of readiness", "OPS_ADDR")
	return off
}
