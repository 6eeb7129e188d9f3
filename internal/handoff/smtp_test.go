package handoff

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// smtpServer is a mail server on loopback that keeps what it is given.
type smtpServer struct {
	startTLS, implicit bool
	user, password     string            // if user is set, mail is taken only after AUTH PLAIN
	replies            map[string]string // by verb, instead of the right one; "" hangs up, "-" never answers. "." is the end of the data.
	silent             func()            // called when an answer is withheld

	port  int
	roots *x509.CertPool
	cert  tls.Certificate

	mu       sync.Mutex
	mails    []string // as sent, lines end in "\n"
	commands []string
	secured  []bool // for each mail
}

func (s *smtpServer) start(t *testing.T) *smtpServer {
	t.Helper()
	// httptest has a certificate for 127.0.0.1 at hand.
	web := httptest.NewTLSServer(nil)
	s.cert, s.roots = web.TLS.Certificates[0], x509.NewCertPool()
	s.roots.AddCert(web.Certificate())
	web.Close()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			wg.Go(func() {
				defer conn.Close()
				s.serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return s
}

// serve holds one conversation (RFC 5321).
func (s *smtpServer) serve(conn net.Conn) {
	secure := s.implicit
	if s.implicit {
		conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
	}
	in := bufio.NewReader(conn)
	readLine := func() (string, bool) {
		line, err := in.ReadString('\n')
		return strings.TrimRight(line, "\r\n"), err == nil
	}
	// say answers; false ends the conversation.
	say := func(verb, right string) bool {
		if other, ok := s.replies[verb]; ok {
			if other == "-" {
				s.silent()
				in.ReadByte() // until the client hangs up
				return false
			}
			right = other
		}
		if right == "" {
			return false
		}
		_, err := conn.Write([]byte(right + "\r\n"))
		return err == nil
	}

	if !say("connect", "220 test") {
		return
	}
	signedIn := s.user == ""
	for {
		line, ok := readLine()
		if !ok {
			return
		}
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		verb := strings.ToUpper(strings.SplitN(line, " ", 2)[0])
		switch verb {
		case "EHLO":
			offer := "250-test\r\n250-ENHANCEDSTATUSCODES\r\n"
			if s.startTLS && !secure {
				offer += "250-STARTTLS\r\n"
			}
			if s.user != "" {
				offer += "250-AUTH PLAIN\r\n"
			}
			ok = say(verb, offer+"250 8BITMIME")
		case "STARTTLS":
			if ok = say(verb, "220 go ahead"); ok {
				conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
				in, secure = bufio.NewReader(conn), true
			}
		case "AUTH":
			want := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00"+s.user+"\x00"+s.password))
			if signedIn = line == want; signedIn {
				ok = say(verb, "235 welcome")
			} else {
				ok = say(verb, "535 5.7.8 no entry: "+line)
			}
		case "MAIL":
			if !signedIn {
				ok = say(verb, "530 5.7.0 sign in first")
			} else {
				ok = say(verb, "250 ok")
			}
		case "DATA":
			if ok = say(verb, "354 go on"); !ok || s.replies[verb] != "" {
				break
			}
			var mail strings.Builder
			for {
				line, ok := readLine()
				if !ok {
					return
				}
				if line == "." {
					break
				}
				mail.WriteString(strings.TrimPrefix(line, ".") + "\n")
			}
			if s.replies["."] == "" {
				s.mu.Lock()
				s.mails = append(s.mails, mail.String())
				s.secured = append(s.secured, secure)
				s.mu.Unlock()
			}
			ok = say(".", "250 taken")
		case "QUIT":
			say(verb, "221 bye")
			return
		default: // RCPT, NOOP, RSET
			ok = say(verb, "250 ok")
		}
		if !ok {
			return
		}
	}
}
