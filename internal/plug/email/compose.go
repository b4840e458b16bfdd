package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"html"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"allclear/internal/plug"
)

// KeyHeader repeats the idempotency key for receivers that file by header.
const KeyHeader = "X-Allclear-Key"

// compose turns m into a mail and returns it with its Message-ID. Everything but
// the MIME boundary and the time of a signature depends on m alone, so a resend is the same mail.
func compose(s settings, m plug.Message) (letter, string, error) {
	to, err := address(m.To)
	if err != nil {
		return letter{}, "", err
	}
	l := letter{from: s.from.Address, to: to.Address}
	if m.Bounce != "" {
		bounce, err := address(m.Bounce)
		if err != nil {
			return letter{}, "", err
		}
		l.from = bounce.Address
	}
	if m.Name != "" {
		// An encoded word in a phrase must not hold a backslash (RFC 2047,
		// section 5), and net/mail does not encode it.
		to.Name = strings.ReplaceAll(oneLine(m.Name), `\`, "/")
	}
	msg := gomail.NewMsg()
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(to)
	if s.replyTo != nil {
		msg.ReplyToMailAddress(s.replyTo)
	}
	msg.Subject(oneLine(m.Subject))
	if !m.At.IsZero() {
		msg.SetDateWithValue(m.At.UTC())
	}
	id := messageID(m, domainOf(s.from.Address))
	msg.SetMessageIDWithValue(id)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	if m.Key != "" {
		msg.SetGenHeader(KeyHeader, oneLine(m.Key))
	}
	for _, k := range slices.Sorted(maps.Keys(m.Headers)) {
		const lineLimit = 900 // RFC 5322 allows 998 with the name
		if passes(k) && len(m.Headers[k]) < lineLimit {
			// Preformatted: word-wise encoding would break <URL>, <mailto:> lists.
			msg.SetGenHeaderPreformatted(gomail.Header(k), ascii(oneLine(m.Headers[k])))
		}
	}
	setBody(msg, m)
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return letter{}, "", errors.New("send e-mail: " + plug.Line(err.Error(), 200))
	}
	if l.raw = raw.Bytes(); s.dkim != nil {
		l.raw, err = s.dkim.sign(l.raw)
	}
	return l, "<" + id + ">", err
}

func setBody(msg *gomail.Msg, m plug.Message) {
	text, page := m.Text, m.HTML
	if m.AckURL != "" && !strings.Contains(text, m.AckURL) {
		text = strings.TrimRight(text, "\n") + "\n\nAcknowledge: " + m.AckURL + "\n"
	}
	msg.SetBodyString(gomail.TypeTextPlain, text)
	if m.Calendar != "" {
		// An alternative with its method is what calendars take for an invitation
		// (RFC 6047, section 2.4).
		msg.AddAlternativeString(gomail.ContentType("text/calendar; method="+method(m.Calendar)), m.Calendar)
	}
	if a := m.Attached; a != nil {
		msg.AttachReadSeeker(oneLine(a.Name), bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(a.Type)))
	}
	if page == "" {
		return
	}
	if u := html.EscapeString(m.AckURL); u != "" && !strings.Contains(page, u) {
		link := `<p><a href="` + u + `">Acknowledge</a></p>`
		if i := strings.LastIndex(strings.ToLower(page), "</body>"); i >= 0 {
			page = page[:i] + link + page[i:]
		} else {
			page += link
		}
	}
	msg.AddAlternativeString(gomail.TypeTextHTML, page)
}

// messageID derives the id from key and address, so that a mailbox that already
// has the mail can drop the resend (RFC 5322, section 3.6.4).
func messageID(m plug.Message, domain string) string {
	sum := sha256.Sum256([]byte(m.Key + "\x00" + m.To))
	return "allclear." + hex.EncodeToString(sum[:16]) + "@" + domain
}

// address reads exactly one bare or named mail address.
func address(s string) (*mail.Address, error) {
	if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		return nil, errors.New("send e-mail: the address has control characters")
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, errors.New("send e-mail: the address is malformed")
	}
	return a, nil
}

// oneLine takes the line breaks and other control characters out of a header
// value: a title with CR LF must not become a header of its own.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.Fields(s), " ")
}

// ascii drops what may not stand in an unencoded header.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// passes says which headers a caller may set: those of lists and threads, and
// its own X- ones. The rest belongs to this package.
func passes(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	low := strings.ToLower(name)
	switch low {
	case "references", "in-reply-to", "importance", "x-priority", "precedence", "feedback-id":
		return true
	case strings.ToLower(KeyHeader):
		return false
	}
	return strings.HasPrefix(low, "list-") || strings.HasPrefix(low, "x-") && len(low) > 2
}

// method is what a calendar entry asks for; it must stand in the type too.
func method(calendar string) string {
	for line := range strings.Lines(calendar) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "METHOD:"); ok && passes("X-"+v) {
			return v
		}
	}
	return "PUBLISH"
}
