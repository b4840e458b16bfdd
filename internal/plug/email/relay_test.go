package email_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// relay is a real SMTP server on loopback that misbehaves on demand.
type relay struct {
	addr   string
	srv    *smtp.Server
	user   string // with pass: sign-in is required
	pass   string
	quit   chan struct{}
	logout chan struct{} // one value per session that ended
	data   chan struct{} // one value per mail that came in

	mu       sync.Mutex
	next     []plugtest.Reply
	atMail   int // code for the next MAIL FROM
	atRcpt   int
	got      []plugtest.Got
	from     []string // of each MAIL
	sessions int
	live     map[*smtp.Conn]bool
	peak     int
}

type relayOptions struct {
	tls      *tls.Config
	implicit bool // TLS from the first byte
	user     string
	pass     string
	insecure bool // offers AUTH without TLS
}

func startRelay(t testing.TB, o relayOptions) *relay {
	t.Helper()
	r := &relay{user: o.user, pass: o.pass, quit: make(chan struct{}), logout: make(chan struct{}, 1000), data: make(chan struct{}, 1000), live: map[*smtp.Conn]bool{}}
	r.srv = smtp.NewServer(r)
	r.srv.Domain = "relay.test"
	r.srv.AllowInsecureAuth = o.insecure
	r.srv.ErrorLog = log.New(io.Discard, "", 0)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = ln.Addr().String()
	switch {
	case o.implicit:
		ln = tls.NewListener(ln, o.tls)
	default:
		r.srv.TLSConfig = o.tls
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = r.srv.Serve(ln) }()
	t.Cleanup(func() { close(r.quit); _ = r.srv.Close(); _ = ln.Close(); <-done })
	return r
}

func (r *relay) URL() string              { return r.addr }
func (r *relay) To() string               { return "ana@example.test" }
func (r *relay) Secrets() []secret.String { return []secret.String{"correct-horse-battery"} }

func (r *relay) Table() []plugtest.Case {
	out := []plugtest.Case{{Name: "250"}}
	for _, code := range []string{"421", "450", "451", "452", "550", "552", "554"} {
		want := &plug.Failure{Kind: plug.Retry}
		if code[0] == '5' {
			want.Kind = plug.Permanent
		}
		n, _ := strconv.Atoi(code)
		out = append(out, plugtest.Case{Name: code, Reply: plugtest.Reply{Status: n, Body: "as told"}, Want: want})
	}
	return out
}

func (r *relay) Next(x plugtest.Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = append(r.next, x)
}

func (r *relay) Got() []plugtest.Got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]plugtest.Got(nil), r.got...)
}

// senders lists the envelope's senders in turn.
func (r *relay) senders() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.from...)
}

// counts returns how many connections were made, and how many were open at once.
func (r *relay) counts() (total, peak int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions, r.peak
}

// dropAll cuts every open connection, as a restart of the relay does.
func (r *relay) dropAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.live {
		_ = c.Conn().Close()
	}
}

func (r *relay) NewSession(c *smtp.Conn) (smtp.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.live[c] { // EHLO comes again after STARTTLS
		r.sessions++
		r.live[c] = true
	}
	r.peak = max(r.peak, len(r.live))
	return &session{r: r, c: c, open: r.user == ""}, nil
}

type session struct {
	r    *relay
	c    *smtp.Conn
	open bool // signed in, or no need to
}

func (s *session) Reset() {}

func (s *session) Logout() error {
	s.r.mu.Lock()
	delete(s.r.live, s.c)
	s.r.mu.Unlock()
	s.r.logout <- struct{}{}
	return nil
}

func (s *session) AuthMechanisms() []string {
	if s.r.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if user != s.r.user || pass != s.r.pass {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no entry for " + user + " with " + pass}
		}
		s.open = true
		return nil
	}), nil
}

func (s *session) coded(code *int, text string) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if *code == 0 {
		return nil
	}
	err := &smtp.SMTPError{Code: *code, Message: text}
	*code = 0
	return err
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.open {
		return smtp.ErrAuthRequired
	}
	s.r.mu.Lock()
	s.r.from = append(s.r.from, from)
	s.r.mu.Unlock()
	return s.coded(&s.r.atMail, "not from you")
}

func (s *session) Rcpt(string, *smtp.RcptOptions) error { return s.coded(&s.r.atRcpt, "not to them") }

func (s *session) Data(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	key := ""
	if m, err := mail.ReadMessage(bytes.NewReader(raw)); err == nil {
		key = m.Header.Get("Message-Id")
	}
	s.r.mu.Lock()
	s.r.got = append(s.r.got, plugtest.Got{Key: key, Raw: string(raw)})
	x := plugtest.Reply{}
	if len(s.r.next) > 0 {
		x, s.r.next = s.r.next[0], s.r.next[1:]
	}
	s.r.mu.Unlock()
	s.r.data <- struct{}{}
	switch {
	case x.Silent:
		<-s.r.quit
		return errors.New("the test is over")
	case x.Hangup:
		return s.c.Conn().Close()
	case x.Echo:
		x.Body = string(raw)
	}
	if x.Status == 0 {
		x.Status = 250
	}
	text := strings.Join(strings.Fields("queued as 4XyZ "+x.Body), " ")
	return &smtp.SMTPError{Code: x.Status, Message: text}
}

// certificate makes a self-signed one for 127.0.0.1.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	cert, pool := plugtest.Certificate(t, x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return &tls.Config{Certificates: []tls.Certificate{cert}}, pool
}
