// Package mailin owns the SMTP listener of the emergency addresses: bytes in, a
// bounded letter out, and an answer that is true. It accepts mail for the
// addresses of the procedure at its own domains and for nothing else, passes
// nothing on, and knows no rules. Accepted means durable: the 250 of a mail
// follows the commit of everything it set off.
package mailin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"allclear/internal/domain/letter"
	"allclear/internal/flow/intake"
	"allclear/internal/plug"
)

// Mail is whoever takes letters.
type Mail interface {
	// Mailbox reports whether there is a mailbox for the part before the @.
	Mailbox(ctx context.Context, local string) (bool, error)
	// Mail returns when the letter is durable with everything it set off.
	Mail(ctx context.Context, service string, l *letter.Letter, now time.Time) (intake.Mailed, error)
}

// Options say what a server accepts.
type Options struct {
	Mail    Mail
	Bounces Bounces     // nil: no reports of failures come in
	Service string      // that mail is about when it is about nothing else
	Host    string      // how the server greets
	Domains []string    // after the @
	TLS     *tls.Config // for STARTTLS; nil: none is offered
	Log     *slog.Logger
	Now     func() time.Time
}

// What bounds one connection and all of them.
const (
	MaxMessage    = 1 << 20 // bytes
	maxRecipients = 10
	maxLine       = 2000 // bytes; twice what RFC 5321 allows
	maxConns      = 64
	maxFromOne    = 8 // connections of one address
	commandTime   = 3 * time.Minute
	writeTime     = time.Minute
	connTime      = 15 * time.Minute
	storeTime     = 30 * time.Second
)

// Server listens for mail.
type Server struct {
	o       Options
	smtp    *smtp.Server
	domains map[string]bool
	gate    *gate
}

// New returns a server.
func New(o Options) *Server {
	s := &Server{o: o, domains: map[string]bool{}, gate: newGate(limits{maxConns, maxFromOne, connTime})}
	for _, d := range o.Domains {
		s.domains[strings.ToLower(strings.TrimSuffix(d, "."))] = true
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{s: s, peer: hostOf(c.Conn().RemoteAddr())}, nil
	}))
	s.smtp.Domain, s.smtp.TLSConfig = o.Host, o.TLS
	s.smtp.MaxMessageBytes, s.smtp.MaxRecipients, s.smtp.MaxLineLength = MaxMessage, maxRecipients, maxLine
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = commandTime, writeTime
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = remarks{o.Log}
	return s
}

// Serve answers on l until Shutdown, and takes l over.
func (s *Server) Serve(l net.Listener) error { return s.smtp.Serve(s.gate.before(l)) }

// Shutdown takes no more connections and waits until those that are open have
// ended, or until ctx has; what is left is cut off: a mail without its 250 is
// sent again.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.smtp.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return s.gate.clear()
	}
	return err
}

func hostOf(a net.Addr) string {
	if host, _, err := net.SplitHostPort(a.String()); err == nil {
		return host
	}
	return a.String()
}

// remarks puts what the protocol's library says into the log. Its words hold
// what strangers have sent.
type remarks struct{ log *slog.Logger }

// Printf is smtp.Logger.
func (r remarks) Printf(format string, v ...any) {
	r.log.Warn("mail connection", "remark", plug.Clean(fmt.Sprintf(format, v...)))
}

// Println is smtp.Logger.
func (r remarks) Println(v ...any) {
	r.log.Warn("mail connection", "remark", plug.Clean(fmt.Sprintln(v...)))
}
