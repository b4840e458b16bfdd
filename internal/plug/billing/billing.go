// Package billing hands credit memos to a billing or finance system as signed JSON, in
// the form of Standard Webhooks (https://www.standardwebhooks.com), to one address of
// the owner's (INT-BILLING). A memo has one key for ever, so that the receiver books
// it once however often it comes. It must not decide what is credited.
package billing

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Channel is the channel it serves.
const Channel = "billing"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "billing", Title: "Billing", Channels: []string{Channel}, Docs: "docs/integrations/billing.md",
			Fields: []plug.Field{
				{Key: "url", Title: "Address", Required: true, Help: "Where memos are posted to, such as https://billing.example.com/credits."},
				{
					Key: "secrets", Title: "Signing secrets", Secret: true, Required: true,
					Help: "whsec_ and base64 of 24 to 64 random bytes. During a rotation enter the new and the old one, separated by a space.",
				},
				{Key: "authorization", Title: "Authorization header", Secret: true, Help: "Sent as it is with every call, for receivers behind a gateway."},
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
	url := cfg.Text("url")
	if plug.WebURL(url) == "" {
		return nil, fault.New(fault.Invalid, "the address of billing is no URL that begins with https:// or http://")
	}
	b := &billing{keys: keys, url: url, auth: cfg.Secret("authorization"), http: cfg.Client(), now: time.Now}
	b.hidden = plug.Echoed(cfg.Secret("secrets"), b.auth)
	return b, nil
}

type billing struct {
	keys   [][]byte
	url    string
	auth   secret.String
	hidden []secret.String
	http   *plug.HTTP
	now    func() time.Time // the signed time is that of the attempt
}

type envelope struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// KeyHeader names the memo in Message.Headers: it is the same for every delivery of it.
const KeyHeader = "Idempotency-Key"

// Send posts the memo in m.Text. 409 means that the receiver has it already, which is
// what was wanted.
func (b *billing) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	key := m.Headers[KeyHeader]
	if key == "" {
		key = m.Key
	}
	if !plug.HeaderSafe(key) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to billing: the key is empty or not plain ASCII")
	}
	if !json.Valid([]byte(m.Text)) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to billing: the memo is no JSON")
	}
	body, err := json.Marshal(envelope{Type: "allclear.credit", Timestamp: m.At.UTC(), Data: json.RawMessage(m.Text)})
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to billing: the memo is no JSON")
	}
	unix := b.now().Unix()
	h := http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json, text/plain;q=0.5, */*;q=0.1"},
		KeyHeader: {key}, "Webhook-Id": {key}, "Webhook-Timestamp": {strconv.FormatInt(unix, 10)}, "Webhook-Signature": {plug.Sign(b.keys, key, unix, body)},
	}
	if b.auth != "" {
		h.Set("Authorization", b.auth.Reveal())
	}
	ans, err := b.http.Do(ctx, plug.Request{URL: b.url, Header: h, Body: body, Secrets: b.hidden})
	if err != nil {
		return plug.Receipt{}, err
	}
	if ans.Status == http.StatusConflict {
		return plug.Receipt{Arrived: true, ProviderRef: "known already", Detail: ans.Brief()}, nil
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	return plug.Receipt{Arrived: true, ProviderRef: reference(ans.Body), Detail: ans.Brief()}, nil
}

// reference is the receiver's own name for the booking, where it says one.
func reference(body []byte) string {
	var said struct {
		Reference string `json:"reference"`
	}
	if json.Unmarshal(body, &said) != nil {
		return ""
	}
	return plug.Line(said.Reference, plug.MaxWord)
}
