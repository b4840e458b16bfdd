package mailin

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-smtp"

	"allclear/internal/base/fault"
	"allclear/internal/flow/consent"
	"allclear/internal/plug"
)

// Bounces takes reports that mail to customers came back, at addresses that were
// made for that.
type Bounces interface {
	Known(local string) bool
	Returned(ctx context.Context, local string, r consent.Report, now time.Time) error
}

const (
	maxGroups = 50 // of a report: one for each recipient
	maxReport = 64 << 10
)

// Report reads what a mail server says of a mail it had accepted (RFC 3464). What is
// no such report says nothing: a person's holiday reply is none.
func Report(raw []byte) (r consent.Report, ok bool) {
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return r, false
	}
	kind, params, err := mime.ParseMediaType(e.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") {
		return r, false
	}
	parts := e.MultipartReader()
	if parts == nil {
		return r, false
	}
	for range maxParts {
		p, err := parts.NextPart()
		if err != nil && (p == nil || errors.Is(err, io.EOF)) {
			return r, false
		}
		if kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind == "message/delivery-status" || kind == "message/global-delivery-status" {
			return status(io.LimitReader(p.Body, maxReport)), true
		}
	}
	return r, false
}

// status reads the groups of fields: one of the mail, and one for each recipient.
// Ours has one recipient, so that any failure is its failure.
func status(body io.Reader) (r consent.Report) {
	in := textproto.NewReader(bufio.NewReader(body))
	for range maxGroups {
		h, err := in.ReadMIMEHeader()
		action, code := strings.ToLower(strings.TrimSpace(h.Get("Action"))), strings.TrimSpace(h.Get("Status"))
		if action != "" {
			detail := h.Get("Diagnostic-Code")
			if _, said, typed := strings.Cut(detail, ";"); typed {
				detail = said
			}
			r = consent.Report{Failed: action == "failed" && strings.HasPrefix(code, "5"), Detail: plug.Line(strings.TrimSpace(code+" "+strings.TrimSpace(detail)), 300)}
			if r.Failed {
				return r
			}
		}
		if err != nil {
			return r
		}
	}
	return r
}

// bounced takes a mail to an address for failures. It is accepted whatever it says:
// refusing a report would make another.
func (c *session) bounced(ctx context.Context, raw []byte) error {
	r, ok := Report(raw)
	if !ok {
		return nil
	}
	for _, local := range c.bounces {
		err := c.s.o.Bounces.Returned(ctx, local, r, c.s.o.Now())
		if err != nil && !fault.Is(err, fault.NotFound) {
			c.s.o.Log.ErrorContext(ctx, "keep a report that mail came back", "peer", c.peer, "error", err)
			return errLater
		}
	}
	return nil
}

var _ smtp.Session = (*session)(nil)
