package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"allclear/internal/plug"
)

// errStale marks a kept connection that was dead before anything was sent.
var errStale error = plug.Fail(plug.Retry, "kept connection is gone")

// conn is one SMTP connection; one goroutine uses it at a time.
type conn struct {
	client   *smtp.Client
	raw      net.Conn
	timeout  time.Duration
	sent     int  // mails so far
	sound    bool // may carry another mail
	idleFrom time.Time
	reap     *time.Timer
}

// connect dials through the guard, greets, encrypts and signs in.
func connect(ctx context.Context, s settings, g *plug.Guard, roots *x509.CertPool) (*conn, error) {
	c := &conn{timeout: s.timeout}
	var mu sync.Mutex // raw is set by the library's call and read by the cancellation
	cut := func() {
		mu.Lock()
		defer mu.Unlock()
		if c.raw != nil {
			_ = c.raw.Close()
		}
	}
	tc := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: roots}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := g.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		c.raw = nc
		mu.Unlock()
		if s.mode != modeTLS {
			return nc, nil
		}
		t := tls.Client(nc, tc)
		return t, t.HandshakeContext(ctx)
	}
	lib, err := gomail.NewClient(s.host, options(s, tc, dial)...)
	if err != nil {
		return nil, plug.Fail(plug.Permanent, "set up connection: %w", err)
	}
	stop := context.AfterFunc(ctx, cut)
	defer stop()
	client, err := lib.DialToSMTPClientWithContext(ctx)
	if err != nil {
		cut() // the library leaves a half-open connection behind
		return nil, &plug.Failure{Kind: connectKind(err), Err: err}
	}
	c.client, c.sound = client, true
	return c, nil
}

func options(s settings, tc *tls.Config, dial gomail.DialContextFunc) []gomail.Option {
	policy := gomail.TLSMandatory
	switch s.mode {
	case modeNone:
		policy = gomail.NoTLS
	case modeTLS:
		// The dialer encrypts already; this policy makes the library look at
		// the connection and see so.
		policy = gomail.TLSOpportunistic
	}
	opts := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.timeout), gomail.WithHELO(s.helo),
		gomail.WithTLSConfig(tc), gomail.WithTLSPolicy(policy), gomail.WithDialContextFunc(dial),
	}
	if s.user != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.user), gomail.WithPassword(s.password.Reveal()))
	}
	return opts
}

// connectKind classifies a failure before any mail was begun: nothing was sent.
func connectKind(err error) plug.FailureKind {
	var reply *textproto.Error
	switch {
	case errors.Is(err, plug.ErrForbidden):
		return plug.Permanent
	case errors.As(err, &reply):
		return replyKind(reply.Code)
	}
	return plug.Retry
}

// replyKind: 4xx is transient and 5xx permanent (RFC 5321, section 4.2.1).
func replyKind(code int) plug.FailureKind {
	if code >= 500 {
		return plug.Permanent
	}
	return plug.Retry
}

// letter is a mail ready to be handed over: what stands on its envelope, and its
// bytes.
type letter struct {
	from, to string // bare addresses
	raw      []byte
}

// send delivers one mail and returns the relay's reply. It sets sound to whether
// the connection is fit for another.
func (c *conn) send(ctx context.Context, l letter) (reply string, err error) {
	if c.reap != nil {
		c.reap.Stop()
	}
	c.sound = false
	stop := context.AfterFunc(ctx, func() { _ = c.raw.Close() })
	defer func() {
		if !stop() {
			c.sound = false
		}
		c.idleFrom = time.Now()
	}()
	if err := c.client.UpdateDeadline(c.timeout); err != nil {
		return "", errStale
	}
	if c.sent > 0 {
		if err := c.client.Noop(); err != nil {
			return "", errStale
		}
	}
	c.sent++
	if err := c.client.Mail("<" + l.from + ">"); err != nil {
		return "", c.refused(err, false)
	}
	if err := c.client.Rcpt("<" + l.to + ">"); err != nil {
		return "", c.refused(err, noMailbox(err))
	}
	w, err := c.client.Data()
	if err != nil {
		return "", &plug.Failure{Kind: replyKind(codeOf(err)), Err: err}
	}
	if _, err := w.Write(l.raw); err != nil {
		return "", &plug.Failure{Kind: plug.Retry, Err: err} // the end of the mail did not go out
	}
	if err := w.Close(); err != nil {
		code := codeOf(err)
		if code == 0 {
			return "", &plug.Failure{Kind: plug.Unknown, Err: err} // the final dot went out, no reply came in
		}
		c.sound = code != closing
		return "", &plug.Failure{Kind: replyKind(code), Err: err}
	}
	c.sound = true
	if d, ok := w.(*smtp.DataCloser); ok {
		reply = d.ServerResponse()
	}
	return reply, nil
}

// refused is a reply to what stands on the envelope; another mail may follow it.
func (c *conn) refused(err error, gone bool) error {
	code := codeOf(err)
	c.sound = code != 0 && code != closing && c.client.Reset() == nil
	return &plug.Failure{Kind: replyKind(code), Gone: gone, Err: err}
}

// noMailbox reports whether a reply says that the recipient does not exist or takes
// no mail: by its enhanced code where there is one (RFC 3463: X.1.1 to X.1.3, X.1.6,
// X.1.10 and X.2.1), else by its code. A refusal for other reasons, such as ours not
// being a welcome sender, says nothing about the address.
func noMailbox(err error) bool {
	var reply *textproto.Error
	if !errors.As(err, &reply) || reply.Code < 500 {
		return false
	}
	enhanced, _, _ := strings.Cut(reply.Msg, " ")
	switch enhanced {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	}
	plain := !strings.HasPrefix(enhanced, "5.") || strings.Count(enhanced, ".") != 2
	return plain && (reply.Code == 550 || reply.Code == 551 || reply.Code == 553)
}

const closing = 421 // "service closing", RFC 5321, section 3.8

// codeOf is the code of a reply; zero when there was none.
func codeOf(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// quit says goodbye briefly; the relay's answer does not matter.
func (c *conn) quit() {
	if c.sound {
		_ = c.raw.SetDeadline(time.Now().Add(time.Second))
		_ = c.client.Quit()
	}
	_ = c.raw.Close()
}
