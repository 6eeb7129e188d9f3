package handoff

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"iqbot/bot"
)

func (s *smtpServer) options() MailOptions {
	return MailOptions{Host: "127.0.0.1", Port: s.port, User: s.user, Password: s.password, RootCAs: s.roots,
		From: "IQ bot <bot@example.org>", To: "Beratung <team@example.org>", Timeout: time.Minute}
}

func mailer(t *testing.T, o MailOptions) *MailNotifier {
	t.Helper()
	m, err := NewMailNotifier(o, testRenderer(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var testNote = bot.Notification{ID: "IQ-7K2M9/email", Target: MailTarget, Case: testCase}

// TestMail reads the mail as an advisor's program would.
func TestMail(t *testing.T) {
	s := (&smtpServer{startTLS: true, user: "iq", password: "hunter2"}).start(t)
	m := mailer(t, s.options())
	repeated, withdrawn := testNote, bot.Notification{ID: testNote.ID + "/withdrawn#3", Withdrawn: true, Case: bot.Case{ID: testCase.ID}}
	repeated.Attempts = 1
	for _, n := range []bot.Notification{testNote, repeated, withdrawn} {
		if err := m.Notify(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.mails) != 3 || slices.Contains(s.secured, false) {
		t.Fatalf("%d mails, encrypted: %v", len(s.mails), s.secured)
	}

	var ids []string
	for _, raw := range s.mails {
		msg, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, msg.Header.Get("Message-ID"))
		if h := msg.Header.Get("Auto-Submitted"); h != "auto-generated" {
			t.Errorf("Auto-Submitted: %q", h)
		}
		if _, err := msg.Header.Date(); err != nil {
			t.Error(err)
		}
	}
	if ids[0] != ids[1] || ids[0] == ids[2] || !regexp.MustCompile(`^<[0-9a-f]{32}@example\.org>$`).MatchString(ids[0]) {
		t.Errorf("Message-IDs %q", ids)
	}

	msg, _ := mail.ReadMessage(strings.NewReader(s.mails[0]))
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != "Neuer Beratungswunsch IQ-7K2M9" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if from, to := msg.Header.Get("From"), msg.Header.Get("To"); from != `"IQ bot" <bot@example.org>` || to != `"Beratung" <team@example.org>` {
		t.Errorf("from %s to %s", from, to)
	}
	if c := msg.Header.Get("Content-Type"); c != "text/plain; charset=UTF-8" {
		t.Errorf("content type %q", c)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "mail", signs.Replace(strings.ReplaceAll(string(body), "\r\n", "\n")))

	header, _, _ := strings.Cut(s.mails[0], "\n\n")
	for _, personal := range []string{"176", "Arabisch", "Mayen", "kostet", "telegram"} {
		if strings.Contains(header, personal) {
			t.Errorf("the header tells %q", personal)
		}
	}
}

func TestMailEncryption(t *testing.T) {
	tests := []struct {
		name          string
		server        *smtpServer
		tls           TLS
		secure, fails bool
	}{
		{"STARTTLS is the default", &smtpServer{startTLS: true, user: "u", password: "p"}, "", true, false},
		{"STARTTLS is not done without", &smtpServer{}, StartTLS, false, true},
		{"TLS from the first byte, with sign-in", &smtpServer{implicit: true, user: "u", password: "p"}, ImplicitTLS, true, false},
		{"a relay that offers STARTTLS gets it", &smtpServer{startTLS: true}, OfferedTLS, true, false},
		{"a relay that does not is used in the clear", &smtpServer{}, OfferedTLS, false, false},
		{"no password in the clear", &smtpServer{user: "u", password: "p"}, OfferedTLS, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.server.start(t)
			o := s.options()
			o.TLS = tt.tls
			err := mailer(t, o).Notify(t.Context(), testNote)
			if (err != nil) != tt.fails {
				t.Fatal(err)
			}
			if tt.fails {
				if len(s.mails) > 0 || strings.Contains(strings.Join(s.commands, "\n"), "AUTH") {
					t.Errorf("sent %q", s.commands)
				}
			} else if !slices.Equal(s.secured, []bool{tt.secure}) {
				t.Errorf("encrypted: %v", s.secured)
			}
		})
	}
	t.Run("a server that nobody vouches for is refused", func(t *testing.T) {
		s := (&smtpServer{startTLS: true}).start(t)
		o := s.options()
		o.RootCAs = nil
		var failed *bot.SendError
		if err := mailer(t, o).Notify(t.Context(), testNote); !errors.As(err, &failed) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("got %v", err)
		}
	})
}

// TestMailFailures: what becomes of each failure, and that no error tells more than the reply's number.
func TestMailFailures(t *testing.T) {
	echo := " hunter2 team@example.org aHVudGVyMg== AGlxAGh1bnRlcjI= Mayen"
	tests := []struct {
		name   string
		verb   string
		reply  string
		reason bot.SendReason // "" means that the mail was delivered
		want   string
	}{
		{"busy", "connect", "421 4.3.2" + echo, bot.SendFailed, "smtp: failed: sign in: the server answered 421"},
		{"hangs up at once", "connect", "", bot.SendFailed, "smtp: failed: dial failed: EOF"},
		{"wrong password", "AUTH", "535 5.7.8" + echo, bot.SendForbidden, "smtp: forbidden: sign in: the server answered 535"},
		{"sign-in out of order", "AUTH", "454 4.7.0" + echo, bot.SendFailed, "smtp: failed: sign in: the server answered 454"},
		{"a challenge instead of an answer", "AUTH", "334 aHVudGVyMg==", bot.SendFailed, "smtp: failed: dial failed: SMTP AUTH failed: unexpected server challenge"},
		{"no mail server at all", "AUTH", "hunter2", bot.SendFailed, "smtp: failed: the error holds the password and is not shown"},
		{"sender refused", "MAIL", "550 5.1.8" + echo, bot.SendRefused, "smtp: refused: sending SMTP MAIL FROM command: the server answered 550"},
		{"mailbox full", "RCPT", "452 4.2.2" + echo, bot.SendFailed, "smtp: failed: sending SMTP RCPT TO command: the server answered 452"},
		{"no such mailbox", "RCPT", "550 5.1.1" + echo, bot.SendRefused, "smtp: refused: sending SMTP RCPT TO command: the server answered 550"},
		{"no data wanted", "DATA", "451 4.3.0" + echo, bot.SendFailed, "smtp: failed: sending SMTP DATA command: the server answered 451"},
		{"taken for spam", ".", "554 5.7.1" + echo, bot.SendRefused, "smtp: refused: closing SMTP DATA writer: the server answered 554"},
		{"greylisted", ".", "451 4.7.1" + echo, bot.SendFailed, "smtp: failed: closing SMTP DATA writer: the server answered 451"},
		{"hangs up instead of an acknowledgement", ".", "", bot.SendUnknown, "smtp: unknown: closing SMTP DATA writer: the connection broke"},
		{"hangs up before the data", "RCPT", "", bot.SendFailed, "smtp: failed: sending SMTP RCPT TO command: the connection broke"},
		{"hangs up after it took the mail", "RSET", "", "", ""},
		{"no goodbye", "QUIT", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := (&smtpServer{startTLS: true, user: "iq", password: "hunter2", replies: map[string]string{tt.verb: tt.reply}}).start(t)
			err := mailer(t, s.options()).Notify(t.Context(), testNote)
			if tt.reason == "" {
				if err != nil || len(s.mails) != 1 {
					t.Errorf("got %v, %d mails", err, len(s.mails))
				}
				return
			}
			var failed *bot.SendError
			if !errors.As(err, &failed) || failed.Reason != tt.reason {
				t.Fatalf("got %v", err)
			}
			if err.Error() != tt.want {
				t.Errorf("got %q, want %q", err, tt.want)
			}
		})
	}
}

func TestMailWrongPassword(t *testing.T) {
	s := (&smtpServer{startTLS: true, user: "iq", password: "right"}).start(t)
	o := s.options()
	o.Password = "hunter2"
	err := mailer(t, o).Notify(t.Context(), testNote)
	if err == nil || err.Error() != "smtp: forbidden: sign in: the server answered 535" {
		t.Errorf("got %v", err)
	}
}

// TestMailEndsWithItsContext: a server that falls silent holds nobody up, at whatever point.
func TestMailEndsWithItsContext(t *testing.T) {
	tests := []struct {
		verb   string
		reason bot.SendReason // "" means that the mail was delivered
	}{
		{"connect", bot.SendFailed}, {"EHLO", bot.SendFailed}, {"STARTTLS", bot.SendFailed}, {"AUTH", bot.SendFailed},
		{"NOOP", bot.SendFailed}, {"MAIL", bot.SendFailed}, {"DATA", bot.SendFailed}, {".", bot.SendUnknown}, {"RSET", ""}, {"QUIT", ""},
	}
	for _, tt := range tests {
		t.Run(tt.verb, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := (&smtpServer{startTLS: true, user: "u", password: "p", replies: map[string]string{tt.verb: "-"}, silent: cancel}).start(t)
			o := s.options()
			o.Timeout = time.Minute
			err := mailer(t, o).Notify(ctx, testNote)
			if tt.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var failed *bot.SendError
			if !errors.As(err, &failed) || failed.Reason != tt.reason || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMailTimeout(t *testing.T) {
	s := (&smtpServer{replies: map[string]string{"connect": "-"}, silent: func() {}}).start(t)
	o := s.options()
	o.Timeout = 50 * time.Millisecond
	// The deadline of the connection and that of the context are the same moment: either may be seen first.
	err := mailer(t, o).Notify(t.Context(), testNote)
	var timeout net.Error
	if !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &timeout) || !timeout.Timeout()) {
		t.Errorf("got %v", err)
	}
}

func TestMailServerDown(t *testing.T) {
	s := (&smtpServer{}).start(t)
	o := s.options()
	o.Port = 1
	var failed *bot.SendError
	if err := mailer(t, o).Notify(t.Context(), testNote); !errors.As(err, &failed) || failed.Reason != bot.SendFailed || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}

func TestNewMailNotifierRefuses(t *testing.T) {
	good := MailOptions{Host: "h", Port: 25, From: "a@b.de", To: "a@b.de"}
	tests := []struct {
		name   string
		change func(*MailOptions)
		want   string
	}{
		{"a bad sender", func(o *MailOptions) { o.From = "x" }, "mail notifier: the sender is not an email address"},
		{"a bad recipient", func(o *MailOptions) { o.To = "" }, "mail notifier: the recipient is not an email address"},
		{"unknown encryption", func(o *MailOptions) { o.TLS = "none" }, "mail notifier: unknown kind of encryption"},
		{"no host", func(o *MailOptions) { o.Host = "" }, "mail notifier: no server"},
		{"a bad port", func(o *MailOptions) { o.Port = 70000 }, "mail notifier: no server"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := good
			tt.change(&o)
			if _, err := NewMailNotifier(o, nil); err == nil || err.Error() != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
