// Package sendgrid hands mail to SendGrid, or to a mass sender that takes the same
// call (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send), and
// hears from its signed Event Webhook what became of it. It must not retry, or keep
// lists of its own.
package sendgrid

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const channel = "email"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "sendgrid", Title: "SendGrid", Channels: []string{channel}, Source: "sendgrid", Docs: "docs/integrations/sendgrid.md",
			Fields: []plug.Field{
				{Key: "base_url", Title: "API", Default: "https://api.sendgrid.com", Help: "https://api.eu.sendgrid.com for accounts in the EU, or a compatible sender. A private address must be allowed with --allow-outbound."},
				{Key: "api_key", Title: "API key", Required: true, Secret: true, Help: "With the permission Mail Send alone."},
				{Key: "from", Title: "From", Required: true, Help: "A verified sender, such as Allclear <allclear@example.com>."},
				{Key: "reply_to", Title: "Reply-To", Help: "Where replies of people go."},
				{Key: "verification_key", Title: "Verification key", Help: "Of the signed Event Webhook, as the console shows it (base64). Without it no event is believed."},
				{Key: "rate", Title: "Mails a second", Help: "To customers, at most. Empty: as fast as it takes them."},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	s := &service{key: cfg.Secret("api_key"), http: cfg.Client()}
	bad := fault.New(fault.Invalid, "open sendgrid: settings are wrong")
	var err error
	if s.base, err = cfg.Base("base_url"); err != nil {
		return nil, err
	}
	if s.base == "" {
		s.base = "https://api.sendgrid.com"
	}
	if s.from, err = party(cfg.Text("from")); err != nil {
		bad = bad.With("from", "must be a mail address, with or without a name")
	}
	if r := cfg.Text("reply_to"); r != "" {
		if s.replyTo, err = party(r); err != nil {
			bad = bad.With("reply_to", "must be a mail address")
		}
	}
	if s.key == "" {
		bad = bad.With("api_key", "is required")
	}
	if s.rate, err = plug.Rate(cfg.Text("rate")); err != nil {
		bad = bad.With("rate", err.Error())
	}
	if k := cfg.Text("verification_key"); k != "" {
		if s.verify, err = publicKey(k); err != nil {
			bad = bad.With("verification_key", "must be the base64 of an ECDSA public key")
		}
	}
	if len(bad.Details) > 0 {
		return nil, bad
	}
	return s, nil
}

func publicKey(text string) (*ecdsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	k, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fault.New(fault.Invalid, "another kind of key")
	}
	return k, nil
}

type service struct {
	base          string
	key           secret.String
	from, replyTo *address
	rate          float64
	verify        *ecdsa.PublicKey // nil: events are not believed
	http          *plug.HTTP
}

var (
	_ plug.Channel  = (*service)(nil)
	_ plug.Paced    = (*service)(nil)
	_ plug.Callback = (*service)(nil)
)

// Pace is plug.Paced.
func (s *service) Pace() float64 { return s.rate }

type address struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

func party(text string) (*address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return nil, err
	}
	return &address{Email: a.Address, Name: a.Name}, nil
}

type content struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// attachment is a file; its bytes are written in base64, as the API wants them.
type attachment struct {
	Content     []byte `json:"content"`
	Type        string `json:"type"`
	Filename    string `json:"filename"`
	Disposition string `json:"disposition"`
}

type personalization struct {
	To []address `json:"to"`
}

type toggle struct {
	Enable bool `json:"enable"`
}

type letter struct {
	Personalizations []personalization `json:"personalizations"`
	From             *address          `json:"from"`
	ReplyTo          *address          `json:"reply_to,omitempty"`
	Subject          string            `json:"subject"`
	Content          []content         `json:"content"`
	Attachments      []attachment      `json:"attachments,omitempty"`
	Headers          map[string]string `json:"headers,omitempty"`
	Args             map[string]string `json:"custom_args"`
	// Links are not rewritten and nobody's reading is watched; ending messages is by
	// our own link.
	Tracking map[string]toggle `json:"tracking_settings"`
}

// What we put along with a mail, and find again in its events.
const (
	argDelivery = "allclear_delivery"
	argKey      = "allclear_key"
)

// Send hands m over. The API knows no idempotency keys: a resend after silence may
// arrive twice, under the same X-Allclear-Key.
func (s *service) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	to, err := party(m.To)
	if err != nil || strings.ContainsAny(m.To, "\r\n") {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "the address is malformed")
	}
	to.Name = plug.Line(m.Name, 100)
	body, err := json.Marshal(s.compose(m, *to))
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "write mail: %w", err)
	}
	ans, err := s.http.Do(ctx, plug.Request{
		URL: s.base + "/v3/mail/send", Body: body, Secrets: s.secrets(m),
		Header: http.Header{"Authorization": {"Bearer " + s.key.Reveal()}, "Content-Type": {"application/json"}, "Accept": {"application/json"}},
	})
	if err != nil {
		return plug.Receipt{}, err
	}
	return s.outcome(ans, m)
}

func (s *service) secrets(m plug.Message) []secret.String {
	return []secret.String{s.key, secret.String(m.AckURL), secret.String(m.Token), secret.String(m.Code)}
}

const mostSubject = 500

func (s *service) compose(m plug.Message, to address) letter {
	text := m.Text
	if m.AckURL != "" && !strings.Contains(text, m.AckURL) {
		text = strings.TrimRight(text, "\n") + "\n\nAcknowledge: " + m.AckURL + "\n"
	}
	l := letter{
		Personalizations: []personalization{{To: []address{to}}}, From: s.from, ReplyTo: s.replyTo, Subject: plug.Line(m.Subject, mostSubject),
		Content:  []content{{"text/plain", text}},
		Headers:  map[string]string{"Auto-Submitted": "auto-generated", "X-Allclear-Key": plug.Line(m.Key, mostSubject)},
		Args:     map[string]string{argKey: plug.Line(m.Key, mostSubject)},
		Tracking: map[string]toggle{"click_tracking": {}, "open_tracking": {}, "subscription_tracking": {}},
	}
	if m.Delivery != "" {
		l.Args[argDelivery] = m.Delivery
	}
	if m.HTML != "" {
		l.Content = append(l.Content, content{"text/html", m.HTML})
	}
	if a := m.Attached; a != nil {
		l.Attachments = []attachment{{a.Data, a.Type, plug.Line(a.Name, 100), "attachment"}}
	}
	for _, k := range slices.Sorted(maps.Keys(m.Headers)) {
		if low := strings.ToLower(k); strings.HasPrefix(low, "list-") || low == "references" || low == "in-reply-to" {
			l.Headers[k] = plug.Line(m.Headers[k], 900)
		}
	}
	return l
}

// outcome judges an answer. 202 means that the mail is queued there.
func (s *service) outcome(ans plug.Answer, m plug.Message) (plug.Receipt, error) {
	if err := ans.Failure(); err != nil {
		f := *plug.FailureOf(err)
		if f.Kind == plug.Retry && f.RetryAfter == 0 {
			f.RetryAfter = until(ans.Header.Get("X-RateLimit-Reset"), time.Now())
		}
		// A refusal that is not about the recipient is about us: the account, the
		// sender, the form of the call. Another provider may take the mail.
		f.Ours = f.Ours || f.Kind == plug.Permanent && !aboutRecipient(ans.Body)
		return plug.Receipt{}, &f
	}
	if ans.Status != http.StatusAccepted {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "the answer is %d, which says nothing about the mail", ans.Status)
	}
	return plug.Receipt{ProviderRef: plug.Clean(ans.Header.Get("X-Message-Id"), s.secrets(m)...), Detail: "202 accepted", Confirms: s.verify != nil && m.Delivery != ""}, nil
}

// until reads the second, since 1970, at which more is taken; nonsense is zero.
func until(text string, now time.Time) time.Duration {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return 0
	}
	return min(max(time.Unix(n, 0).Sub(now), 0), plug.MaxRetryAfter)
}

// aboutRecipient reports whether all that is wrong is the address the mail goes to.
func aboutRecipient(body []byte) bool {
	var a struct {
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &a) != nil || len(a.Errors) == 0 {
		return false
	}
	for _, e := range a.Errors {
		if !strings.HasPrefix(e.Field, "personalizations") || !strings.Contains(e.Field, ".to") {
			return false
		}
	}
	return true
}
