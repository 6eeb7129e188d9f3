package config

import (
	"encoding/json"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Fault is one thing that is wrong with the settings.
type Fault struct {
	Variable string
	Problem  string // what is wrong; never holds a secret
	Cure     string // what to do
}

// String returns the fault as one line.
func (f Fault) String() string {
	line := f.Problem + "; " + f.Cure
	if f.Variable == "" {
		return line
	}
	return f.Variable + ": " + line
}

// Faults is every fault of the settings, in the order of [Config].
type Faults []Fault

// Error returns one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Settings have these forms. The token's second half is 35 characters today;
// the form is undocumented, so only what is surely cut off is refused.
// Source of the secret's form: Bot API, setWebhook, field secret_token.
var (
	tokenForm  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]{30,}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// publicAPI is Telegram's own Bot API server. It delivers to webhookPorts
// only. Source: Bot API, setWebhook, notes.
const publicAPI = "https://api.telegram.org"

var webhookPorts = []string{"", "443", "80", "88", "8443"}

// validate returns every fault that a value has by itself or beside another.
func (c Config) validate(now time.Time) Faults {
	var faults Faults
	add := func(bad bool, variable, problem, cure string) bool {
		if bad {
			faults = append(faults, Fault{Variable: variable, Problem: problem, Cure: cure})
		}
		return bad
	}

	add(c.TelegramToken != "" && !tokenForm.MatchString(c.TelegramToken.Reveal()), "TELEGRAM_BOT_TOKEN",
		"does not look like a token", "copy it again from @BotFather: digits, a colon and 35 letters or digits")
	api, err := url.Parse(c.TelegramAPIURL)
	add(err != nil || api.Scheme != "https" && api.Scheme != "http" || api.Host == "" || api.User != nil || api.RawQuery != "", "TELEGRAM_API_URL",
		"is not the address of a server", "write it as https://host or http://host:port")
	if hook, err := url.Parse(c.WebhookURL); c.WebhookURL != "" &&
		!add(err != nil || hook.Host == "" || hook.Scheme != "https" && (hook.Scheme != "http" || !loopback(hook.Hostname())), "TELEGRAM_WEBHOOK_URL",
			"is not an https address", "write it as https://host/path; http is only for a test server on this machine") {
		add(strings.TrimRight(c.TelegramAPIURL, "/") == publicAPI && !slices.Contains(webhookPorts, hook.Port()), "TELEGRAM_WEBHOOK_URL",
			"has port "+hook.Port()+", to which Telegram does not deliver", "use 443, 80, 88 or 8443")
	}
	add(c.WebhookSecret != "" && !secretForm.MatchString(c.WebhookSecret.Reveal()), "TELEGRAM_WEBHOOK_SECRET",
		"has a character that Telegram does not allow, or is too long", "use 1 to 256 of A-Z a-z 0-9 _ -, or leave it empty")

	for variable, address := range map[string]string{"ADVISOR_EMAIL": c.AdvisorEmail, "MAIL_FROM": c.MailFrom} {
		_, err := mail.ParseAddress(address)
		add(address != "" && err != nil, variable, "is not an email address", "write it as name@example.org")
	}
	if c.SMTPURL != "" {
		if _, f := parseSMTP(c.SMTPURL); f != nil {
			faults = append(faults, *f)
		}
	}
	add(c.AdvisorEmail != "" && c.SMTPURL == "", "SMTP_URL", "is empty, but ADVISOR_EMAIL needs it", "set it, or unset ADVISOR_EMAIL")
	add(c.AdvisorEmail != "" && c.MailFrom == "", "MAIL_FROM", "is empty, but ADVISOR_EMAIL needs it", "set it to the sender that your mail server accepts")

	if c.RedisURL != "" {
		_, problem := normalRedis(c.RedisURL)
		add(problem != "", "REDIS_URL", problem, "write it as redis://user:password@host:6379/0, with special characters percent-encoded")
		add(c.Keyset == "" && !c.InsecureStore, "KEYSET", "is empty, but REDIS_URL is set: personal data would be stored in the clear",
			"make keys with iqbot keys new --out keyset.json and set KEYSET_FILE=keyset.json; only for a test set INSECURE_STORE=true")
	}
	if c.Keyset != "" {
		var keyset struct {
			Primary uint32            `json:"primaryKeyId"`
			Keys    []json.RawMessage `json:"key"`
		}
		err := json.Unmarshal([]byte(c.Keyset.Reveal()), &keyset)
		add(err != nil || keyset.Primary == 0 || len(keyset.Keys) == 0, "KEYSET", "is not a Tink keyset in JSON", "give the whole file, with primaryKeyId and key")
	}

	faults = append(faults, c.validateAssist()...)
	add(c.FloodPerMinute <= 0, "FLOOD_PER_MINUTE", "is not above zero: nobody would be answered", "unset it for 30")
	add(c.FloodBurst < 1, "FLOOD_BURST", "is below 1: nobody would be answered", "unset it for 20")

	add(!listenable(c.Listen), "LISTEN_ADDR", fmt.Sprintf("%q is not an address to listen at", c.Listen), "write it as :8080 or 127.0.0.1:8080")
	add(c.Ops != OpsOff && !listenable(c.Ops), "OPS_ADDR", fmt.Sprintf("%q is not an address to listen at", c.Ops), "write it as 127.0.0.1:9090, or off")
	add(c.LogFormat != "text" && c.LogFormat != "json", "LOG_FORMAT", fmt.Sprintf("%q is not known", c.LogFormat), "write text or json")

	// It is a new day first at UTC+14; what is still tomorrow there is the future everywhere.
	tomorrow := now.UTC().Add(14 * time.Hour)
	for _, id := range c.ConfirmedContact.ids() {
		if date := c.ConfirmedContact[id]; date.After(tomorrow) {
			faults = append(faults, Fault{Variable: "CONFIRMED_CONTACTS",
				Problem: fmt.Sprintf("the day of %q, %s, is in the future", id, date.Format(time.DateOnly)), Cure: "write the day on which you checked it"})
		}
	}
	return faults
}

// listenable says whether address is a host, which may be empty, and a port.
func listenable(address string) bool {
	_, port, err := net.SplitHostPort(address)
	_, portErr := strconv.ParseUint(port, 10, 16)
	return err == nil && portErr == nil
}

// maxAssistTimeout keeps an update well within the 20 s that it has in all (bot.Engine).
const maxAssistTimeout = 10 * time.Second

// The modes of IQBOT_ASSIST_MODE.
const (
	AssistRerank   = "rerank"
	AssistRephrase = "rephrase"
)

// validateAssist returns what is wrong with the IQBOT_ASSIST_ settings.
func (c Config) validateAssist() (faults Faults) {
	add := func(bad bool, variable, problem, cure string) {
		if bad {
			faults = append(faults, Fault{Variable: variable, Problem: problem, Cure: cure})
		}
	}
	add(c.AssistMode != AssistRerank && c.AssistMode != AssistRephrase, "IQBOT_ASSIST_MODE", fmt.Sprintf("%q is not known", c.AssistMode), "write rerank or rephrase")
	add(c.AssistTimeout.Duration() > maxAssistTimeout, "IQBOT_ASSIST_TIMEOUT", fmt.Sprintf("%s is more than people wait", c.AssistTimeout), "write at most 10s")
	if c.AssistURL == "" {
		return faults
	}
	add(c.AssistModel == "", "IQBOT_ASSIST_MODEL", "is empty, but IQBOT_ASSIST_URL needs it", "set it to the name of the model there")
	u, err := url.Parse(c.AssistURL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "":
		add(true, "IQBOT_ASSIST_URL", "is not the address of an API", "write it as https://host/v1")
	case u.User != nil:
		add(true, "IQBOT_ASSIST_URL", "has a user or a password", "put the key into IQBOT_ASSIST_KEY")
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/chat/completions"):
		add(true, "IQBOT_ASSIST_URL", "is the address of one function of the API", "leave out /chat/completions")
	case u.Scheme == "http" && !nearby(u.Hostname()):
		add(true, "IQBOT_ASSIST_URL", "would send people's questions over the internet in the clear", "use https://; http:// is only for this machine and a private network")
	}
	return faults
}

// nearby says whether host is this machine or surely in a private network: a
// private address, or a name without a dot, as in a network of containers.
func nearby(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".internal")
}

// Assist tells what the IQBOT_ASSIST_ settings mean for people's questions.
type Assist struct {
	Host string // that gets the questions, with its port if it has one
	// Local says that the host is this machine.
	Local bool
	// Operator is who runs it, for people.
	Operator string
}

// Assist returns who gets people's questions; ok is false if nobody does.
func (c Config) Assist() (a Assist, ok bool) {
	u, err := url.Parse(c.AssistURL)
	if c.AssistURL == "" || err != nil {
		return Assist{}, false
	}
	a = Assist{Host: u.Host, Local: loopback(u.Hostname()), Operator: c.AssistOperator}
	if a.Operator == "" {
		a.Operator = u.Hostname()
	}
	return a, true
}

// String says it in one line, for the log and for iqbot check.
func (a Assist) String() string {
	if a.Local {
		return "people's questions are sent to a language model on this machine, at " + a.Host
	}
	return "people's questions LEAVE THIS MACHINE: they are sent to a language model at " + a.Host
}

func (d Dates) ids() []string {
	ids := make([]string, 0, len(d))
	for id := range d {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Warnings lists settings of a Config that [Load] returned that are right by
// themselves but have no effect, or a dangerous one, one line each.
func (c Config) Warnings() []string {
	var warnings []string
	add := func(useless bool, line string) {
		if useless {
			warnings = append(warnings, line)
		}
	}
	noTelegram := c.TelegramToken == ""
	add(noTelegram && c.WebhookURL != "", "TELEGRAM_WEBHOOK_URL has no effect without TELEGRAM_BOT_TOKEN")
	add(noTelegram && c.AdvisorChat != 0, "ADVISOR_CHAT_ID has no effect without TELEGRAM_BOT_TOKEN")
	add(c.WebhookSecret != "" && c.WebhookURL == "", "TELEGRAM_WEBHOOK_SECRET has no effect without TELEGRAM_WEBHOOK_URL")
	add(c.SMTPURL != "" && c.AdvisorEmail == "", "SMTP_URL has no effect without ADVISOR_EMAIL")
	add(c.MailFrom != "" && c.AdvisorEmail == "", "MAIL_FROM has no effect without ADVISOR_EMAIL")
	add(c.AssistURL == "" && c.AssistModel != "", "IQBOT_ASSIST_MODEL has no effect without IQBOT_ASSIST_URL")
	add(c.AssistURL == "" && c.AssistKey != "", "IQBOT_ASSIST_KEY has no effect without IQBOT_ASSIST_URL")
	add(c.InsecureStore && c.RedisURL == "", "INSECURE_STORE has no effect without REDIS_URL")
	add(c.InsecureStore && c.Keyset != "", "INSECURE_STORE has no effect with KEYSET: what is stored is encrypted")
	add(c.InsecureStore && c.Keyset == "" && c.RedisURL != "", "INSECURE_STORE: dialogues and cases lie in Redis in the clear")
	api, err := url.Parse(c.TelegramAPIURL)
	add(!noTelegram && err == nil && api.Scheme == "http" && !loopback(api.Hostname()),
		"TELEGRAM_API_URL: the bot's token and all that people write go over the network in the clear; use https:// unless it is a network of your own")
	add(c.redisInTheClear(),
		"REDIS_URL: the password and what is stored go over the network without TLS; use rediss:// unless it is a network of your own")
	return warnings
}

// redisInTheClear says whether a server of REDIS_URL on another machine is spoken to without TLS.
func (c Config) redisInTheClear() bool {
	u, err := url.Parse(c.RedisURL.Reveal())
	if err != nil || u.Scheme != "redis" {
		return false
	}
	hosts := []string{u.Hostname()}
	for _, addr := range u.Query()["addr"] {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			host = addr
		}
		hosts = append(hosts, host)
	}
	return slices.ContainsFunc(hosts, func(host string) bool { return !loopback(host) })
}

// TLS says how a connection to a mail server is encrypted.
type TLS string

// The ways of encryption.
const (
	StartTLS    TLS = "starttls" // begin in the clear, then encrypt or give up
	ImplicitTLS TLS = "implicit" // encrypted from the first byte
	OfferedTLS  TLS = "offered"  // encrypt if the server offers it; only for a loopback host
)

// SMTP is a mail server.
type SMTP struct {
	Host     string
	Port     int
	User     string // if empty, no sign-in
	Password Secret
	TLS      TLS
}

// SMTP returns the mail server of SMTP_URL; ok is false if no mail is to be
// sent, because there is no server or no ADVISOR_EMAIL.
func (c Config) SMTP() (server SMTP, ok bool) {
	if c.AdvisorEmail == "" {
		return SMTP{}, false
	}
	server, f := parseSMTP(c.SMTPURL)
	return server, f == nil
}

func parseSMTP(secret Secret) (SMTP, *Fault) {
	fault := func(problem, cure string) (SMTP, *Fault) {
		return SMTP{}, &Fault{Variable: "SMTP_URL", Problem: problem, Cure: cure}
	}
	u, err := url.Parse(secret.Reveal())
	if err != nil {
		return fault("is not a URL", "write special characters of user and password percent-encoded, such as %40 for @")
	}
	server := SMTP{Host: u.Hostname(), User: u.User.Username()}
	password, _ := u.User.Password()
	server.Password = Secret(password)
	switch {
	case u.Scheme == "smtps":
		server.TLS, server.Port = ImplicitTLS, 465
	case u.Scheme == "smtp" && loopback(server.Host):
		server.TLS, server.Port = OfferedTLS, 587
	case u.Scheme == "smtp":
		server.TLS, server.Port = StartTLS, 587
	default:
		return fault("begins neither with smtp:// nor with smtps://", "write it as smtp://user:password@host:587")
	}
	if server.Host == "" || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return fault("is not a server alone", "write it as smtp://user:password@host:587")
	}
	if (server.User == "") != (password == "") {
		return fault("has only one of user and password", "write both, or neither")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return fault("has a port that does not exist", "use a number from 1 to 65535")
		}
		server.Port = int(n)
	}
	return server, nil
}

// loopback says whether host is this machine.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// normalRedis brings a Redis URL into a form that go-redis parses: a plain
// URL for one server, one with a master_name for Sentinel, one with addr
// parameters, or cluster=true, for a cluster. problem says what is wrong, if anything is; the
// errors of url and redis are not used, because they repeat the password.
func normalRedis(secret Secret) (normal Secret, problem string) {
	scheme, rest, _ := strings.Cut(secret.Reveal(), "://")
	scheme, kind, _ := strings.Cut(scheme, "+")
	switch {
	case secret == "":
		return "", ""
	case !slices.Contains([]string{"redis", "rediss", "unix"}, scheme):
		return "", "does not begin with redis://, rediss:// or unix://"
	case !slices.Contains([]string{"", "cluster", "sentinel"}, kind):
		return "", "begins with an unknown kind of server"
	}

	// The hosts stand between the user and the path.
	rest = strings.ReplaceAll(rest, ","+scheme+"://", ",")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	user := strings.LastIndexByte(rest[:end], '@') + 1
	hosts := strings.Split(rest[user:end], ",")
	u, err := url.Parse(scheme + "://" + rest[:user] + hosts[0] + rest[end:])
	switch {
	case err != nil:
		return "", "is not a URL"
	case scheme == "unix" && u.Path == "":
		return "", "names no socket"
	case scheme != "unix" && u.Hostname() == "":
		return "", "names no host"
	}
	query := u.Query()
	for _, host := range hosts[1:] {
		query.Add("addr", strings.TrimSpace(host))
	}
	if kind == "cluster" {
		query.Set("cluster", "true")
	}
	u.RawQuery = query.Encode()
	normal = Secret(u.String())

	cluster := query.Has("addr") || query.Get("cluster") == "true"
	if query.Get("cluster") == "true" { // the store's own parameter; go-redis does not know it
		query.Del("cluster")
		u.RawQuery = query.Encode()
	}
	switch {
	case query.Has("master_name"):
		_, err = redis.ParseFailoverURL(u.String())
	case kind == "sentinel":
		return "", "has no master_name parameter"
	case cluster:
		_, err = redis.ParseClusterURL(u.String())
	default:
		_, err = redis.ParseURL(u.String())
	}
	if err != nil {
		return "", "has a database or a parameter that is not known"
	}
	return normal, ""
}
