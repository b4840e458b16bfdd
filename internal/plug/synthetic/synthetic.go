// Package synthetic makes synthetic checks: it asks a target once, as a customer
// would, and says what it found. Whatever it connects to goes through the guard of
// package plug. It must not decide what a failure leads to, try again, or run
// anything but a file of the scripts folder.
package synthetic

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"allclear/internal/domain/check"
	"allclear/internal/plug"
)

// Options are what checks are made with.
type Options struct {
	Guard   *plug.Guard
	Version string         // of this product, for the User-Agent
	RootCAs *x509.CertPool // certificate authorities to trust; the system's when nil
	Scripts string         // folder of programs that checks may run; empty: none
}

// Prober makes checks. It is safe for concurrent use.
type Prober struct {
	o    Options
	http *plug.HTTP
}

// maxBody is how much of an answer is looked at.
const maxBody = 1 << 20

// New returns a prober.
func New(o Options) *Prober {
	if o.Guard == nil {
		o.Guard = plug.NewGuard()
	}
	return &Prober{o: o, http: plug.NewHTTP(plug.HTTPOptions{Guard: o.Guard, Version: o.Version, RootCAs: o.RootCAs, Timeout: check.MaxTimeout, Answer: maxBody})}
}

// Try makes a check once, within its time.
func (p *Prober) Try(ctx context.Context, c check.Check, now time.Time) check.Result {
	ctx, cancel := context.WithTimeout(ctx, c.Limit())
	defer cancel()
	start := time.Now()
	var r check.Result
	switch c.Type {
	case check.HTTP:
		r = p.web(ctx, &c, now)
	case check.TCP:
		r = p.connect(ctx, &c)
	case check.TLS:
		r = p.handshake(ctx, &c, now)
	case check.DNS:
		r = p.lookup(ctx, &c)
	case check.Script:
		r = p.script(ctx, &c)
	default:
		r = check.Result{Idle: true, Why: "this version knows no checks of type " + c.Type}
	}
	r.Took = time.Since(start)
	r.Why = plug.Clean(r.Why)
	return r
}

func down(format string, args ...any) check.Result {
	return check.Result{Why: fmt.Sprintf(format, args...)}
}

// web asks an address. Each time it makes a connection of its own, so that what is
// measured is what somebody finds who comes for the first time.
func (p *Prober) web(ctx context.Context, c *check.Check, now time.Time) check.Result {
	header := http.Header{"Connection": {"close"}}
	for _, h := range c.Headers {
		header.Add(h.Name, h.Value)
	}
	method := c.Method
	if method == "" {
		method = http.MethodGet
	}
	ans, err := p.http.Do(ctx, plug.Request{Method: method, URL: c.Target, Header: header})
	if err != nil {
		return down("%s", reason(ctx, err, c.Limit()))
	}
	r := check.Result{Until: ans.Until}
	switch wrong := c.BodyFits(string(ans.Body)); {
	case !c.StatusFits(ans.Status):
		r.Why = fmt.Sprintf("the answer is %s, want %s", strings.TrimSpace(fmt.Sprint(ans.Status, " ", http.StatusText(ans.Status))), wanted(c.Status))
	case wrong != "" && ans.Cut:
		r.Why = fmt.Sprintf("%s, as far as it was read: %d bytes", wrong, len(ans.Body))
	case wrong != "":
		r.Why = wrong
	default:
		r.Why = ends(c, ans.Until, now)
	}
	r.Up = r.Why == ""
	return r
}

func wanted(status []string) string {
	if len(status) == 0 {
		return "200-299"
	}
	return strings.Join(status, ", ")
}

// ends says that a certificate ends too soon; nothing when it does not.
func ends(c *check.Check, until, now time.Time) string {
	const day = 24 * time.Hour
	if left := until.Sub(now); !until.IsZero() && c.MinDays > 0 && left < time.Duration(c.MinDays)*day {
		return fmt.Sprintf("the certificate ends in %d days, want %d", int(left/day), c.MinDays)
	}
	return ""
}

func (p *Prober) connect(ctx context.Context, c *check.Check) check.Result {
	conn, err := p.o.Guard.DialContext(ctx, "tcp", c.Target)
	if err != nil {
		return down("%s", reason(ctx, err, c.Limit()))
	}
	_ = conn.Close() // it has said what it had to
	return check.Result{Up: true}
}

func (p *Prober) handshake(ctx context.Context, c *check.Check, now time.Time) check.Result {
	conn, err := p.o.Guard.DialContext(ctx, "tcp", c.Target)
	if err != nil {
		return down("%s", reason(ctx, err, c.Limit()))
	}
	defer conn.Close()
	host, _, err := net.SplitHostPort(c.Target)
	if err != nil {
		return down("%s", err)
	}
	t := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: p.o.RootCAs, MinVersion: tls.VersionTLS12})
	if err := t.HandshakeContext(ctx); err != nil {
		return down("%s", reason(ctx, err, c.Limit()))
	}
	var r check.Result
	for _, cert := range t.ConnectionState().PeerCertificates {
		if r.Until.IsZero() || cert.NotAfter.Before(r.Until) {
			r.Until = cert.NotAfter
		}
	}
	r.Why = ends(c, r.Until, now)
	r.Up = r.Why == ""
	return r
}

// reason says why there was no answer, without an address that may hold a secret.
func reason(ctx context.Context, err error, limit time.Duration) string {
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", limit)
	}
	return err.Error()
}
