// Package webhook carries messages as signed JSON to any HTTP endpoint, in the
// form of Standard Webhooks (https://www.standardwebhooks.com). It must not
// follow a receiver's wishes beyond status and Retry-After, and it never retries.
package webhook

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "webhook", Title: "Webhook", Channels: []string{"webhook"}, Docs: "docs/integrations/webhook.md",
			Fields: []plug.Field{
				{
					Key: "secrets", Title: "Signing secrets", Secret: true, Required: true,
					Help: "whsec_ and base64 of 24 to 64 random bytes. During a rotation enter the new and the old one, separated by a space; every call carries a signature of each.",
				},
				{
					Key: "authorization", Title: "Authorization header", Secret: true,
					Help: "Sent as it is with every call, for receivers behind a gateway, such as \"Bearer ...\".",
				},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	keys, err := plug.SigningKeys(cfg.Secret("secrets"))
	if err != nil {
		return nil, err
	}
	return &channel{keys: keys, raw: cfg.Secret("secrets"), auth: cfg.Secret("authorization"), http: cfg.Client(), now: time.Now}, nil
}

type channel struct {
	keys [][]byte
	raw  secret.String
	auth secret.String
	http *plug.HTTP
	now  func() time.Time // the signed time is that of the attempt, not of the message
}

// envelope is the body of a call: the payload structure of Standard Webhooks.
type envelope struct {
	Type      string    `json:"type"`      // "allclear.page", "allclear.notice", "allclear.message"
	Timestamp time.Time `json:"timestamp"` // when the message was made; the same on a resend
	Data      content   `json:"data"`
}

type content struct {
	Key     string         `json:"key"`
	Name    string         `json:"name,omitempty"`
	Subject string         `json:"subject,omitempty"`
	Text    string         `json:"text"`
	AckURL  string         `json:"ack_url,omitempty"`
	Details map[string]any `json:"details,omitempty"`
}

// Send posts m to the URL in m.To. The header webhook-id is m.Key, so a receiver
// drops a resend that it already has.
func (c *channel) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if !plug.HeaderSafe(m.Key) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send webhook: the message key is empty or not plain ASCII")
	}
	body, err := json.Marshal(envelope{
		Type: "allclear." + m.Kind, Timestamp: m.At.UTC(),
		Data: content{Key: m.Key, Name: m.Name, Subject: m.Subject, Text: m.Text, AckURL: m.AckURL, Details: m.Data},
	})
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send webhook: the payload is no JSON")
	}
	unix := c.now().Unix()
	h := http.Header{
		"Content-Type":      {"application/json"},
		"Accept":            {"application/json, text/plain;q=0.5, */*;q=0.1"},
		"Webhook-Id":        {m.Key},
		"Webhook-Timestamp": {strconv.FormatInt(unix, 10)},
		"Webhook-Signature": {plug.Sign(c.keys, m.Key, unix, body)},
	}
	if c.auth != "" {
		h.Set("Authorization", c.auth.Reveal())
	}
	ans, err := c.http.Do(ctx, plug.Request{URL: m.To, Header: h, Body: body, Secrets: append(plug.Echoed(c.raw, c.auth), secret.String(m.AckURL))})
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	return plug.Receipt{Arrived: true, Detail: ans.Brief()}, nil
}
