package zendesk

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
	"unicode"

	"allclear/internal/base/fault"
	"allclear/internal/domain/ticket"
	"allclear/internal/plug"
)

// window is how far the time of a signature may be from ours: a call that
// somebody kept is no use to them later.
const window = 5 * time.Minute

// Parse implements plug.Source.
func (z *Zendesk) Parse(in plug.Inbound) (plug.Received, error) {
	if err := check(in); err != nil {
		return plug.Received{}, err
	}
	r := reader{j: in.JSON()}
	if !r.j.Object(r.top) {
		r.j.Fail("must be an object")
	}
	if err := r.j.End(); err != nil {
		return plug.Received{}, err
	}
	if !r.ofTicket() {
		return plug.Received{}, nil // of users, articles ...
	}
	if r.id == "" && r.event == "" && r.blank { // the test of a webhook
		return plug.Told("the test arrived: its placeholders are not filled in, and nothing is made of it"), nil
	}
	t, err := r.report(in)
	if err != nil {
		return plug.Received{}, err
	}
	if w, ok := z.writer(t.ExternalID, in.Now); ok && t.Email == "" {
		t.Name, t.Email = cmp.Or(t.Name, w.name), w.email
		t.Customer = append(t.Customer, w.customer...)
	}
	if t.URL == "" && z.base != "" {
		t.URL = plug.WebURL(z.base + "/agent/tickets/" + url.PathEscape(t.ExternalID))
	}
	return plug.Received{Tickets: []ticket.Report{t}}, nil
}

// check asks for the signature over timestamp and body where the hook has a
// secret: base64(HMAC-SHA256(timestamp + body)).
func check(in plug.Inbound) error {
	secrets := in.Secrets()
	if in.Secret == "" {
		return nil
	}
	const header, stamp = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"
	good := false
	if len(in.Header.Values(header)) == 1 && len(in.Header.Values(stamp)) == 1 {
		want, err := base64.StdEncoding.DecodeString(in.Header.Get(header))
		for _, s := range secrets { // every secret is tried, whatever the outcome so far
			mac := hmac.New(sha256.New, []byte(s.Reveal()))
			mac.Write([]byte(in.Header.Get(stamp)))
			mac.Write(in.Body)
			good = err == nil && hmac.Equal(want, mac.Sum(nil)) || good
		}
	}
	if !good {
		return fault.New(fault.Unauthenticated, "the signature of this webhook is missing or wrong")
	}
	at, err := plug.ReadTime(in.Header.Get(stamp))
	if err != nil || at.Before(in.Now.Add(-window)) || at.After(in.Now.Add(window)) {
		return fault.New(fault.Unauthenticated, "the signature of this webhook is not of the last five minutes")
	}
	return nil
}

// reader collects what a payload says. Triggers send what their template says,
// event subscriptions an envelope with detail and event; both are read, nested or
// flat.
type reader struct {
	j                                  *plug.JSON
	kind, event, id, at, opened        string
	subject, text, url                 string
	status, priority                   string
	tags                               []string
	name, email                        string
	orgID, orgExternal, orgName        string
	comment, commentRole, commentEmail string
	blank                              bool // something is a placeholder that was not filled in
	hidden                             bool // the comment is not public
	staff                              bool // of an agent
}

// ofTicket reports whether the payload is about a ticket at all.
func (r *reader) ofTicket() bool {
	return r.kind == "" || strings.HasPrefix(r.kind, "zen:event-type:ticket.")
}

func (r *reader) top(name []byte) {
	switch string(name) {
	case "type":
		r.kind = r.word()
	case "id":
		if id := r.word(); r.event == "" {
			r.event = id
		}
	case "event_id":
		r.event = r.word()
	case "time", "timestamp", "updated_at":
		r.at = r.word()
	case "ticket", "detail":
		r.nested(r.ticket)
	case "requester", "user":
		r.nested(r.requester)
	case "organization", "organisation":
		r.nested(r.organization)
	case "comment", "latest_comment":
		r.said()
	case "event":
		r.nested(func(name []byte) {
			if string(name) == "comment" {
				r.said()
			}
		})
	default:
		r.flat(string(name))
	}
}

// nested reads an object; anything else in its place is passed over.
func (r *reader) nested(field func(name []byte)) {
	if r.j.Kind() == '{' {
		r.j.Object(field)
	}
}

func (r *reader) ticket(name []byte) {
	switch string(name) {
	case "requester":
		r.nested(r.requester)
	case "organization", "organisation":
		r.nested(r.organization)
	case "comment", "latest_comment":
		r.said()
	case "updated_at":
		if at := r.word(); r.at == "" {
			r.at = at
		}
	case "created_at":
		r.opened = r.word()
	default:
		r.flat(string(name))
	}
}

// flat reads a field that templates write with a prefix or without one.
func (r *reader) flat(name string) {
	switch strings.TrimPrefix(name, "ticket_") {
	case "id":
		r.id = r.word()
	case "subject", "title":
		s := r.line(ticket.MaxSubject)
		if id, ok := strings.CutPrefix(s, "zen:ticket:"); ok { // of an envelope
			if r.id == "" {
				r.id = id
			}
		} else if s != "" {
			r.subject = s
		}
	case "description":
		r.text = r.prose()
	case "status":
		r.status = strings.ToLower(r.word())
	case "priority":
		r.priority = strings.ToLower(r.word())
	case "tags":
		r.labels()
	case "url", "link":
		r.url = r.word()
	case "requester_name":
		r.name = r.word()
	case "requester_email":
		r.email = strings.ToLower(r.word())
	case "organization_id":
		r.orgID = r.word()
	case "organization_name":
		r.orgName = r.word()
	case "organization_external_id":
		r.orgExternal = r.word()
	case "latest_public_comment":
		r.said()
	case "comment_author_email":
		r.commentEmail = strings.ToLower(r.word())
	}
}

func (r *reader) requester(name []byte) {
	switch string(name) {
	case "name":
		r.name = r.word()
	case "email":
		r.email = strings.ToLower(r.word())
	}
}

func (r *reader) organization(name []byte) {
	switch string(name) {
	case "id":
		r.orgID = r.word()
	case "name":
		r.orgName = r.word()
	case "external_id":
		r.orgExternal = r.word()
	}
}

// said reads a comment, as a text or an object.
func (r *reader) said() {
	if r.j.Kind() != '{' {
		r.comment = r.prose()
		return
	}
	r.j.Object(func(name []byte) {
		switch string(name) {
		case "body", "value", "plain_body":
			if s := r.prose(); s != "" {
				r.comment = s
			}
		case "is_public", "public":
			r.hidden = strings.EqualFold(r.word(), "false")
		case "author_email":
			r.commentEmail = strings.ToLower(r.word())
		case "author":
			r.nested(func(name []byte) {
				switch string(name) {
				case "is_staff":
					r.staff = strings.EqualFold(r.word(), "true")
				case "role":
					r.commentRole = strings.ToLower(r.word())
				case "email":
					r.commentEmail = strings.ToLower(r.word())
				}
			})
		}
	})
}

// labels reads tags: a list, or words with spaces as placeholders write them.
func (r *reader) labels() {
	r.tags = []string{}
	add := func(s string) {
		for _, w := range strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || c == ',' }) {
			if len(r.tags) < ticket.MaxTags {
				r.tags = append(r.tags, plug.Line(w, ticket.MaxWord))
			}
		}
	}
	if r.j.Kind() == '[' {
		r.j.Array(plug.MaxItems, func(int) { add(r.word()) })
		return
	}
	add(r.prose())
}

// scalar reads a string, number or truth as text; a placeholder that was not
// filled in is empty, and so is anything else.
func (r *reader) scalar() string {
	s := ""
	switch r.j.Kind() {
	case '"':
		s = r.j.Text()
	case '0', 't', 'f':
		s = string(r.j.Raw())
	default:
		return ""
	}
	if strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}") {
		r.blank = true
		return ""
	}
	return s
}

func (r *reader) word() string { return r.line(ticket.MaxWord) }

func (r *reader) line(n int) string { return plug.Line(r.scalar(), n) }

// prose keeps lines, which tell quoted mail from what the customer wrote.
func (r *reader) prose() string {
	lines := strings.Split(strings.ReplaceAll(r.scalar(), "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = plug.Line(l, ticket.MaxText)
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), ticket.MaxText)
}

func cut(s string, n int) string {
	if !plug.TooLong(s, n) {
		return s
	}
	return string([]rune(s)[:n])
}
