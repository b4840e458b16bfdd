package app

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/edge/mailin"
)

const mailWait = 3 * time.Second

// check says what is missing before mail can come in.
func (m MailIn) check() error {
	switch {
	case m.Listen == "":
		return nil
	case len(m.Domains) == 0:
		return fault.New(fault.Invalid, "mail comes in for no domain: give --smtp-domains or ALLCLEAR_SMTP_DOMAINS")
	case m.Service == "":
		return fault.New(fault.Invalid, "mail comes in about no service: give --smtp-service or ALLCLEAR_SMTP_SERVICE")
	case (m.Cert == "") != (m.Key == ""):
		return fault.New(fault.Invalid, "STARTTLS needs both a certificate and its key")
	}
	for _, d := range m.Domains {
		if d == "" || strings.ContainsAny(d, "@ /:*") {
			return fault.New(fault.Invalid, "%q is no domain of a mail address: write what stands after the @", d)
		}
	}
	return nil
}

// domain is where mail comes in; empty: nowhere.
func (m MailIn) domain() string {
	if m.Listen == "" || len(m.Domains) == 0 {
		return ""
	}
	return m.Domains[0]
}

// tls is the certificate for STARTTLS; nil when none is set.
func (m MailIn) tls() (*tls.Config, error) {
	if m.Cert == "" {
		return nil, nil
	}
	c := &certificate{m: m}
	if _, err := c.get(nil); err != nil {
		return nil, fault.New(fault.Invalid, "certificate for STARTTLS: %s", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// certificate is read again when its file changes, so that a renewal needs no
// restart.
type certificate struct {
	m  MailIn
	mu sync.Mutex
	is *tls.Certificate
	of time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st, err := os.Stat(c.m.Cert)
	if err == nil && c.is != nil && st.ModTime().Equal(c.of) {
		return c.is, nil
	}
	var fresh tls.Certificate
	if err == nil {
		fresh, err = tls.LoadX509KeyPair(c.m.Cert, c.m.Key)
	}
	if err != nil {
		if c.is != nil {
			return c.is, nil // half a renewal: the old one serves until both files fit
		}
		return nil, err
	}
	c.is, c.of = &fresh, st.ModTime()
	return c.is, nil
}

// listenMail takes the address for mail, if there is one.
func (s *server) listenMail(ctx context.Context) error {
	if err := s.c.MailIn.check(); err != nil || s.c.MailIn.Listen == "" {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.c.MailIn.Listen)
	if err != nil {
		return fault.New(fault.Unavailable, "listen on %s: %s", s.c.MailIn.Listen, err)
	}
	s.mailL = l
	return nil
}

// serveMail answers on the address for mail until stop is called.
func (s *server) serveMail(failed chan<- error) (stop func(context.Context), err error) {
	if s.mailL == nil {
		return func(context.Context) {}, nil
	}
	secure, err := s.c.MailIn.tls()
	if err != nil {
		return nil, err
	}
	host := s.c.MailIn.Domains[0]
	if u, err := url.Parse(s.c.PublicURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	srv := mailin.New(mailin.Options{
		Mail: s.engine.Intake, Bounces: s.engine.Consent, Service: s.c.MailIn.Service, Domains: s.c.MailIn.Domains, Host: host, TLS: secure, Log: s.log, Now: s.time.now,
	})
	go func() {
		if err := srv.Serve(s.mailL); err != nil {
			failed <- err
		}
	}()
	s.log.Info("mail comes in", "address", s.mailL.Addr().String(), "domains", s.c.MailIn.Domains, "starttls", secure != nil)
	return func(ctx context.Context) {
		// A sender that idles must not use up the time of the others.
		ctx, cancel := context.WithTimeout(ctx, mailWait)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			s.log.Warn("not every mail connection ended by itself", "error", err)
		}
	}, nil
}
