package handoff

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	stdmail "net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"iqbot/bot"
	"iqbot/internal/richtext"
)

// TLS says how the connection to the mail server is encrypted.
type TLS string

// The ways of encryption. The zero TLS is StartTLS.
const (
	StartTLS    TLS = "starttls" // begin in the clear, then encrypt or give up
	ImplicitTLS TLS = "implicit" // encrypted from the first byte
	OfferedTLS  TLS = "offered"  // encrypt if the server offers it; only for a relay on the same machine
)

// MailOptions say how mail is sent.
type MailOptions struct {
	Host string
	Port int
	// User and Password sign in, by the best method that the server offers. If User is empty, nobody signs in.
	User, Password string
	// TLS is how the connection is encrypted. If empty, StartTLS.
	TLS TLS
	// From and To are addresses as in "IQ bot <bot@example.org>".
	From, To string
	// Timeout is for one whole delivery. If zero, 15 seconds.
	Timeout time.Duration
	// RootCAs are who may vouch for the server. If nil, those of the system.
	RootCAs *x509.CertPool
}

// MailNotifier writes to the advisors' mailbox. It is safe for concurrent use;
// each notification has a connection of its own.
type MailNotifier struct {
	o        MailOptions
	from, to *stdmail.Address
	render   *Renderer
}

// NewMailNotifier returns a notifier; it does not connect yet. The error says
// which option is wrong, without its value.
func NewMailNotifier(o MailOptions, render *Renderer) (*MailNotifier, error) {
	from, err := stdmail.ParseAddress(o.From)
	if err != nil {
		return nil, errors.New("mail notifier: the sender is not an email address")
	}
	to, err := stdmail.ParseAddress(o.To)
	if err != nil {
		return nil, errors.New("mail notifier: the recipient is not an email address")
	}
	switch o.TLS {
	case "":
		o.TLS = StartTLS
	case StartTLS, ImplicitTLS, OfferedTLS:
	default:
		return nil, errors.New("mail notifier: unknown kind of encryption")
	}
	if o.Host == "" || o.Port < 1 || o.Port > 65535 {
		return nil, errors.New("mail notifier: no server")
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	return &MailNotifier{o, from, to, render}, nil
}

// Name returns [MailTarget].
func (*MailNotifier) Name() string { return MailTarget }

// Notify sends one mail in plain text. The error is a [*bot.SendError] that
// holds at most the number of the server's reply: replies repeat addresses,
// and after a failed sign-in perhaps more.
func (m *MailNotifier) Notify(ctx context.Context, n bot.Notification) error {
	msg, err := m.message(n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()

	client, err := m.client(func(dialCtx context.Context, network, address string) (net.Conn, error) {
		conn, err := m.dial(dialCtx, network, address)
		if err != nil {
			return nil, err
		}
		// go-mail minds ctx while it connects only, and forgets to close a
		// connection on which the greeting failed. So the end of ctx, which
		// comes with the return of Notify at the latest, closes it.
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		return conn, nil
	})
	if err != nil {
		return &bot.SendError{Method: "smtp", Reason: bot.SendRefused, Err: m.redact(err)}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	// A server that took the mail and then hangs up has the mail.
	if err == nil || msg.IsDelivered() {
		return nil
	}
	return m.classify(ctx, err)
}

func (m *MailNotifier) message(n bot.Notification) (*mail.Msg, error) {
	body := plain(m.render.Text(n))
	if body == "" {
		return nil, errNoText
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.SetAddrHeaderFromMailAddress(mail.HeaderFrom, m.from)
	msg.SetAddrHeaderFromMailAddress(mail.HeaderTo, m.to)
	msg.Subject(m.render.Subject(n))
	msg.SetDate()
	sum := sha256.Sum256([]byte(n.ID))
	msg.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + m.from.Address[strings.LastIndexByte(m.from.Address, '@'):])
	// RFC 3834, section 5: nobody's holiday notice shall answer this.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, body+"\n")
	return msg, nil
}

// plain is Text.Plain without the addresses that a mail program makes into links by itself.
func plain(t richtext.Text) string {
	own := make(richtext.Text, len(t))
	for i, r := range t {
		if !strings.HasPrefix(r.Link, "http") {
			r.Link = ""
		}
		own[i] = r
	}
	return own.Plain()
}

func (m *MailNotifier) tls() *tls.Config {
	return &tls.Config{ServerName: m.o.Host, RootCAs: m.o.RootCAs, MinVersion: tls.VersionTLS12}
}

func (m *MailNotifier) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if m.o.TLS == ImplicitTLS {
		return (&tls.Dialer{Config: m.tls()}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (m *MailNotifier) client(dial mail.DialContextFunc) (*mail.Client, error) {
	// Over implicit TLS the client finds that the connection is encrypted
	// already, and there is nothing left for a server to offer.
	policy := mail.TLSOpportunistic
	if m.o.TLS == StartTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{
		mail.WithPort(m.o.Port), mail.WithTimeout(m.o.Timeout), mail.WithDialContextFunc(dial),
		mail.WithTLSPolicy(policy), mail.WithTLSConfig(m.tls()),
	}
	if m.o.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.o.User), mail.WithPassword(m.o.Password))
	}
	return mail.NewClient(m.o.Host, options...)
}

// classify tells what became of a mail that was not acknowledged.
func (m *MailNotifier) classify(ctx context.Context, err error) *bot.SendError {
	out := &bot.SendError{Method: "smtp", Reason: bot.SendFailed}
	var send *mail.SendError
	var reply *textproto.Error
	code, stage := 0, "sign in"
	if errors.As(err, &send) {
		code, stage = send.ErrorCode(), send.Reason.String()
	} else if errors.As(err, &reply) {
		code = reply.Code
	}
	switch {
	case code > 0:
		out.Err = fmt.Errorf("%s: the server answered %d", stage, code)
		// 530, 534, 535: sign-in is required, too weak, or wrong. Source: RFC 4954, section 6.
		switch {
		case code == 530 || code == 534 || code == 535:
			out.Reason = bot.SendForbidden
		case code >= 500:
			out.Reason = bot.SendRefused
		}
	case send != nil:
		// All was sent, and the answer did not come.
		if send.Reason == mail.ErrSMTPDataClose {
			out.Reason = bot.SendUnknown
		}
		out.Err = errors.New(stage + ": the connection broke")
		if ctx.Err() != nil {
			out.Err = fmt.Errorf("%s: %w", stage, ctx.Err())
		}
	case ctx.Err() != nil:
		out.Err = fmt.Errorf("connect: %w", ctx.Err())
	default:
		out.Err = m.redact(err)
	}
	return out
}

// redact replaces an error that repeats the password in any form in which it
// goes over the wire.
func (m *MailNotifier) redact(err error) error {
	text := err.Error()
	for _, secret := range []string{m.o.Password, "\x00" + m.o.User + "\x00" + m.o.Password} {
		if m.o.Password != "" && (strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret)))) {
			return errors.New("the error holds the password and is not shown")
		}
	}
	return err
}
