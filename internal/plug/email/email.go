// Package email carries messages over SMTP (RFC 5321). It owns how a message
// looks as a mail and the few connections that are kept to the relay. It must
// not retry, store, or read mail.
package email

import (
	"context"
	"errors"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "email", Title: "E-mail (SMTP)", Channels: []string{"email"}, Docs: "docs/integrations/email.md",
			Fields: []plug.Field{
				{Key: "host", Title: "SMTP host", Required: true, Help: "Name of the relay. A private or loopback address must be allowed with --allow-outbound."},
				{Key: "port", Title: "Port", Default: "587", Help: "587 for STARTTLS, 465 for TLS, 25 between servers."},
				{Key: "tls", Title: "Encryption", Default: modeStartTLS, Help: "starttls (required, not just tried), tls (from the first byte) or none."},
				{Key: "username", Title: "User name", Help: "Empty: no sign-in. A password is never sent in the clear over an unencrypted connection."},
				{Key: "password", Title: "Password", Secret: true},
				{Key: "from", Title: "From", Required: true, Help: "Sender of every mail, such as Allclear <allclear@example.com>."},
				{Key: "reply_to", Title: "Reply-To", Help: "Where replies of people go."},
				{Key: "helo", Title: "HELO name", Help: "Name this installation greets with; its public host name when empty."},
				{Key: "connections", Title: "Connections", Default: "4", Help: "How many are kept at most, 2 to 32. One of them is reserved for pages."},
				{Key: "timeout", Title: "Time limit", Default: "30s", Help: "For one mail, connecting included."},
				{Key: "idle", Title: "Idle time", Default: "30s", Help: "How long an unused connection is kept."},
				{Key: "rate", Title: "Mails a second", Help: "To customers, at most; pages and notices are never slowed. Empty: as fast as the relay takes them."},
				{Key: "dkim_domain", Title: "DKIM domain", Help: "Domain that signs (d=); that of From when empty."},
				{Key: "dkim_selector", Title: "DKIM selector", Help: "Name of the key in DNS (s=): SELECTOR._domainkey.DOMAIN."},
				{Key: "dkim_key", Title: "DKIM private key", Secret: true, Help: "PEM of an RSA key of 2048 bits or more, or of an Ed25519 key; line breaks may be written as \\n. Empty: the relay signs, or nobody."},
			},
		},
		Open: open,
	}
}

// The values of the field tls.
const (
	modeNone     = "none"
	modeStartTLS = "starttls"
	modeTLS      = "tls"
)

type settings struct {
	host, mode, user, helo string
	port                   int
	password               secret.String
	from, replyTo          *mail.Address
	timeout, idle          time.Duration
	connections            int
	rate                   float64 // mails to customers a second; 0: unlimited
	dkim                   *signer
}

func open(cfg plug.Config) (any, error) {
	s, err := readSettings(cfg)
	if err != nil {
		return nil, err
	}
	guard := cfg.Guard
	if guard == nil {
		guard = plug.NewGuard()
	}
	return &Channel{set: s, pool: newPool(s, guard, cfg.RootCAs)}, nil
}

func readSettings(cfg plug.Config) (settings, error) {
	s := settings{
		host: cfg.Text("host"), mode: cfg.Text("tls"), user: cfg.Text("username"), password: cfg.Secret("password"),
		port: cfg.Int("port", 587), helo: cfg.Text("helo"), connections: min(max(cfg.Int("connections", 4), 2), 32),
		timeout: cfg.Duration("timeout", 30*time.Second), idle: cfg.Duration("idle", 30*time.Second),
	}
	bad := fault.New(fault.Invalid, "open e-mail: settings are wrong")
	if s.host == "" {
		bad = bad.With("host", "is required")
	}
	if s.port < 1 || s.port > 65535 {
		bad = bad.With("port", "must be 1 to 65535, not "+strconv.Itoa(s.port))
	}
	switch s.mode {
	case "":
		s.mode = modeStartTLS
	case modeNone, modeStartTLS, modeTLS:
	default:
		bad = bad.With("tls", "must be none, starttls or tls")
	}
	var err error
	if s.from, err = mail.ParseAddress(cfg.Text("from")); err != nil {
		bad = bad.With("from", "must be a mail address, with or without a name")
	}
	if r := cfg.Text("reply_to"); r != "" {
		if s.replyTo, err = mail.ParseAddress(r); err != nil {
			bad = bad.With("reply_to", "must be a mail address")
		}
	}
	if s.rate, err = plug.Rate(cfg.Text("rate")); err != nil {
		bad = bad.With("rate", err.Error())
	}
	if s.from != nil {
		if s.dkim, err = newSigner(cfg, domainOf(s.from.Address)); err != nil {
			bad = bad.With("dkim_key", err.Error())
		}
	}
	if len(bad.Details) > 0 {
		return settings{}, bad
	}
	for _, name := range []string{s.helo, cfg.Host, domainOf(s.from.Address)} {
		if s.helo = helloName(name); s.helo != "" {
			break
		}
	}
	return s, nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// helloName keeps only what may stand in an EHLO line.
func helloName(s string) string {
	ok := func(r rune) bool {
		return r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if strings.IndexFunc(s, func(r rune) bool { return !ok(r) }) >= 0 {
		return ""
	}
	return s
}

// Channel sends mail. It keeps connections: Close it when its settings change.
type Channel struct {
	set  settings
	pool *pool
}

var (
	_ plug.Channel = (*Channel)(nil)
	_ plug.Paced   = (*Channel)(nil)
)

// Pace is plug.Paced.
func (c *Channel) Pace() float64 { return c.set.rate }

// Send hands m to the relay. Failures: Permanent for a reply of 5xx and a
// malformed address, Retry for 4xx and for anything that breaks before the end
// of the mail went out, Unknown when the connection breaks after it.
func (c *Channel) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	out, id, err := compose(c.set, m)
	if err != nil {
		return plug.Receipt{}, &plug.Failure{Kind: plug.Permanent, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.set.timeout)
	defer cancel()
	reply, err := c.pool.send(ctx, out, m.Kind == plug.Page)
	if err != nil {
		return plug.Receipt{}, c.clean(err, m)
	}
	return plug.Receipt{ProviderRef: id, Detail: plug.Clean("250 "+reply, c.secrets(m)...)}, nil
}

// Close ends the kept connections. Sends under way finish on their own.
func (c *Channel) Close() error {
	c.pool.close()
	return nil
}

func (c *Channel) secrets(m plug.Message) []secret.String {
	plain := "\x00" + c.set.user + "\x00" + c.set.password.Reveal() // what AUTH PLAIN sends in base64
	return []secret.String{c.set.password, secret.String(plain), secret.String(m.AckURL)}
}

func (c *Channel) clean(err error, m plug.Message) error {
	f := *plug.FailureOf(err)
	f.Err = errors.New("send e-mail: " + plug.Clean(err.Error(), c.secrets(m)...))
	if errors.Is(err, plug.ErrForbidden) {
		f.Err = cleanError{text: f.Err.Error(), cause: plug.ErrForbidden}
	}
	return &f
}

type cleanError struct {
	text  string
	cause error
}

func (e cleanError) Error() string { return e.text }
func (e cleanError) Unwrap() error { return e.cause }
