// Package webpush carries pages and notices to browsers, also closed ones, by
// Web Push: RFC 8030 (delivery), 8291 (encryption) and 8292 (who sends). It must
// not know whose browser it is, and it never retries.
package webpush

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration. The application gives it a private key of
// the installation's own, so that it works without settings.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "webpush", Title: "Web Push", Channels: []string{"push"}, Ends: true, Docs: "docs/integrations/webpush.md",
			Fields: []plug.Field{
				{
					Key: "private_key", Title: "VAPID private key", Secret: true, Required: true,
					Help: "base64url of 32 bytes. Leave it to the installation, unless devices that subscribed elsewhere are to be kept. A new key makes every device subscribe again.",
				},
				{
					Key: "contact", Title: "Contact for push services",
					Help: "mailto: or https: address at which a push service can complain. The console's address when empty.",
				},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	key, err := parseKey(cfg.Secret("private_key"))
	if err != nil {
		return nil, err
	}
	contact := cfg.Text("contact")
	switch {
	case contact == "" && cfg.Host != "":
		contact = "https://" + cfg.Host
	case contact == "":
		contact = "https://allclear.invalid"
	case !strings.HasPrefix(contact, "mailto:") && !strings.HasPrefix(contact, "https://"):
		return nil, fault.New(fault.Invalid, "open Web Push: the settings are not complete").With("contact", "begin with mailto: or https://")
	}
	guard := cfg.Guard
	if guard == nil {
		guard = plug.NewGuard()
	}
	client := cfg.HTTP
	if client == nil {
		client = plug.NewHTTP(plug.HTTPOptions{Guard: guard})
	}
	return &channel{key: key, contact: contact, guard: guard, http: client, now: time.Now}, nil
}

type channel struct {
	key     *vapid
	contact string
	guard   *plug.Guard
	http    *plug.HTTP
	now     func() time.Time // a token is dated by the attempt, not by the message
}

// How long a push service keeps a message for a device that is off. The chain
// has gone on by then; a page that comes later only startles.
const (
	pageLife   = time.Hour
	noticeLife = 12 * time.Hour
)

// Send encrypts m for the subscription in m.To and hands it to its push service.
func (c *channel) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	sub, err := c.parse(m.To)
	if err != nil {
		return plug.Receipt{}, &plug.Failure{Kind: plug.Permanent, Err: err}
	}
	text, err := payload(m)
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send push: the payload cannot be made: %v", err)
	}
	body, err := c.seal(sub, text)
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send push: the payload cannot be encrypted: %v", err)
	}
	token, err := c.key.token(sub.endpoint, c.contact, c.now())
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send push: the token cannot be signed: %v", err)
	}
	life, urgency := pageLife, "high"
	name := m.Key
	switch m.Kind {
	case plug.Page:
	case plug.End:
		name = m.Of // in its place also where it still waits
	default:
		life, urgency = noticeLife, "normal"
	}
	ans, err := c.http.Do(ctx, plug.Request{
		URL: sub.endpoint.String(), Body: body,
		Header: http.Header{
			"Authorization":    {"vapid t=" + token + ", k=" + c.key.public},
			"Content-Encoding": {"aes128gcm"},
			"Content-Type":     {"application/octet-stream"},
			"Ttl":              {strconv.Itoa(int(life / time.Second))},
			"Urgency":          {urgency},
			"Topic":            {topic(name)},
		},
		Secrets: []secret.String{c.key.raw, secret.String(m.AckURL), secret.String(m.Token), secret.String(token), secret.String(sub.auth64), secret.String(sub.key64), secret.String(m.To)},
	})
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		f := plug.FailureOf(err)
		f.Gone = ans.Status == http.StatusNotFound || ans.Status == http.StatusGone // RFC 8030, section 7.3
		return plug.Receipt{}, f
	}
	return plug.Receipt{Confirms: m.Kind == plug.Page, Detail: ans.Brief()}, nil // the worker says that it shows a page
}

// seal encrypts with a key pair and salt made for this message alone.
func (c *channel) seal(sub subscription, text []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	return encrypt(text, sub.key, sub.auth, own, salt)
}

// topic names the message at the push service, so that a resend replaces the
// one that still waits there (RFC 8030, section 5.4: at most 32 characters).
func topic(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// PublicKey implements plug.Push.
func (c *channel) PublicKey() string { return c.key.public }
