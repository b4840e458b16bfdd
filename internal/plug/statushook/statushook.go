// Package statushook posts published updates of the status page to the endpoints of
// those who subscribed, in the form of Statuspage's webhooks and signed as Standard
// Webhooks (https://www.standardwebhooks.com) with a key of each endpoint. It must not
// follow a receiver's wishes beyond status and Retry-After, nor send anything that is
// not in the text it was given.
package statushook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Channel is the channel it serves.
const Channel = "status_webhook"

// Plugin describes the integration. It needs no settings.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{Name: "statushook", Title: "Status page webhooks", Channels: []string{Channel}, Docs: "docs/integrations/statushook.md"},
		Open:     open,
	}
}

func open(cfg plug.Config) (any, error) {
	client := cfg.HTTP
	if client == nil {
		client = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard, RootCAs: cfg.RootCAs})
	}
	return &channel{http: client, now: time.Now}, nil
}

type channel struct {
	http *plug.HTTP
	now  func() time.Time // the signed time is that of the attempt
}

// Send posts m.Text, which is JSON, to m.To, signed with m.Sign. The header webhook-id
// is m.Key, so a receiver drops a resend that it already has.
func (c *channel) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sign.Reveal(), "whsec_"))
	if err != nil || len(key) == 0 || m.Key == "" || strings.ContainsFunc(m.Key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "post to a subscriber: there is nothing to sign it with, or its key is not plain ASCII")
	}
	unix := strconv.FormatInt(c.now().Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(m.Key + "." + unix + "." + m.Text))
	ans, err := c.http.Do(ctx, plug.Request{
		URL: m.To, Body: []byte(m.Text), Secrets: []secret.String{m.Sign, secret.String(m.To)},
		Header: http.Header{
			"Content-Type": {"application/json"}, "Webhook-Id": {m.Key}, "Webhook-Timestamp": {unix},
			"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
		},
	})
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		f := *plug.FailureOf(err)
		f.Gone = ans.Status == http.StatusGone // as Statuspage and Web Push take it
		return plug.Receipt{}, &f
	}
	return plug.Receipt{Arrived: true, Detail: strconv.Itoa(ans.Status)}, nil
}
