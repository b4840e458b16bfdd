package mailin

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-smtp"

	"allclear/internal/base/fault"
	"allclear/internal/domain/letter"
	"allclear/internal/plug"
)

// The answers that are our own. A temporary one makes the sender try again.
var (
	errNobody = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "There is no such mailbox here"}
	errLater  = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The mail could not be kept; please try again later"}
	errBroken = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "The mail did not arrive whole; please send it again"}
)

// session is one connection, mail after mail.
type session struct {
	s       *Server
	peer    string
	from    string
	to      []string // parts before the @
	bounces []string // those of them that failures are reported to
}

// Reset is smtp.Session.
func (c *session) Reset() { c.from, c.to, c.bounces = "", nil, nil }

// Logout is smtp.Session.
func (c *session) Logout() error { return nil }

// Mail is smtp.Session: anybody may write.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.from = plug.Line(from, letter.MaxName)
	return nil
}

// Rcpt is smtp.Session. Whatever is not a mailbox of the procedure at one of our
// domains is refused in the same words.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	at := strings.LastIndexByte(to, '@')
	if at < 0 || !c.s.domains[strings.ToLower(strings.TrimSuffix(to[at+1:], "."))] {
		return errNobody
	}
	if c.s.o.Bounces != nil && c.s.o.Bounces.Known(to[:at]) {
		c.bounces = append(c.bounces, to[:at])
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	ok, err := c.s.o.Mail.Mailbox(ctx, to[:at])
	switch {
	case err != nil:
		c.s.o.Log.ErrorContext(ctx, "look for a mailbox", "error", err)
		return errLater
	case !ok:
		return errNobody
	}
	c.to = append(c.to, to[:at])
	return nil
}

// Data is smtp.Session. It returns nil, and the sender hears 250, once the mail
// is durable.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(r, MaxMessage+1))
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge) || len(raw) > MaxMessage:
		return smtp.ErrDataTooLarge
	case err != nil:
		return errBroken
	}
	if len(c.bounces) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), storeTime)
		defer cancel()
		if err := c.bounced(ctx, raw); err != nil || len(c.to) == 0 {
			return err
		}
	}
	l := Read(raw)
	l.ReturnPath, l.Peer, l.To = c.from, c.peer, c.to
	if l.From == "" {
		l.From = strings.ToLower(c.from)
	}
	// A sender that hangs up does not undo its mail.
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	got, err := c.s.o.Mail.Mail(ctx, c.s.o.Service, l, c.s.o.Now())
	switch {
	case fault.Is(err, fault.NotFound):
		return errNobody // the procedure has changed since RCPT
	case err != nil:
		c.s.o.Log.ErrorContext(ctx, "keep a mail", "peer", c.peer, "error", err)
		return errLater
	case got.Kept != "":
		c.s.o.Log.InfoContext(ctx, "mail kept, nobody is paged", "peer", c.peer, "reason", got.Kept)
	}
	return nil
}
