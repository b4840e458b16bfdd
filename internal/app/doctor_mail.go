package app

import (
	"context"
	"crypto/x509"
	"net"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
)

// renewBy is how long before its end a certificate should have been renewed.
const renewBy = 14 * 24 * time.Hour

// mail looks at the way in of mail, if there is one.
func (x *examination) mail(ctx context.Context) {
	const check = "mail in"
	m := x.c.MailIn
	if m.Listen == "" {
		return
	}
	if err := m.check(); err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	var lc net.ListenConfig
	if l, err := lc.Listen(ctx, "tcp", m.Listen); err != nil {
		x.say(check, warning, "%s is taken, as it is while the server runs: %s", m.Listen, err)
	} else {
		_ = l.Close()
		x.say(check, fine, "%s is free, for mail at %s", m.Listen, strings.Join(m.Domains, ", "))
	}
	x.starttls(m)
}

func (x *examination) starttls(m MailIn) {
	const check = "mail in: STARTTLS"
	conf, err := m.tls()
	switch {
	case err != nil:
		x.say(check, wrong, "%s", err)
		return
	case conf == nil:
		x.say(check, warning, "no certificate: mail comes in over the network as it is")
		return
	}
	pair, err := conf.GetCertificate(nil)
	if err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	switch {
	case err != nil:
		x.say(check, wrong, "%s", err)
	case cert.NotAfter.Before(clock()):
		x.say(check, wrong, "the certificate ended on %s", cert.NotAfter.UTC().Format(time.DateOnly))
	case cert.NotAfter.Before(clock().Add(renewBy)):
		x.say(check, warning, "the certificate ends on %s", cert.NotAfter.UTC().Format(time.DateOnly))
	default:
		x.say(check, fine, "the certificate is good until %s", cert.NotAfter.UTC().Format(time.DateOnly))
	}
}

// mailboxes holds the way in against procedure and catalogue: mail must find a
// mailbox, and its incident a service.
func (x *examination) mailboxes(ctx context.Context, e *Engine) {
	const check = "emergency addresses"
	if x.c.MailIn.Listen == "" {
		return
	}
	all, err := e.Intake.Mailboxes(ctx)
	var names []string
	for _, m := range all {
		names = append(names, m.Addresses...)
	}
	switch {
	case err != nil:
		x.say(check, wrong, "%s", err)
	case len(names) == 0:
		x.say(check, wrong, "the procedure in force has no mailboxes: all mail is refused")
	default:
		x.say(check, fine, "%s", strings.Join(names, ", "))
	}
	if _, err := e.Admin.Get(ctx, setup().Actor, catalog.KindService, x.c.MailIn.Service); err != nil {
		x.say("mail in: service", wrong, "%q is not in the catalogue: no area, no customers, no policy", x.c.MailIn.Service)
	}
}
