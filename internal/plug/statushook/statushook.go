// Package statushook posts published updates of the status page to the endpoints of
// those who subscribed, in the form of Statuspage's webhooks and signed as Standard
// Webhooks (https://www.standardwebhooks.com) with a key of each endpoint. It must not
// follow a receiver's wishes beyond status and Retry-After, nor send anything that is
// not in the text it was given.
package statushook

import (
	"context"
	"net/http"
	"strconv"
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
	return &channel{http: cfg.Client(), now: time.Now}, nil
}

type channel struct {
	http *plug.HTTP
	now  func() time.Time // the signed time is that of the attempt
}

// Send posts m.Text, which is JSON, to m.To, signed with m.Sign. The header webhook-id
// is m.Key, so a receiver drops a resend that it already has.
func (c *channel) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	keys, err := plug.SigningKeys(m.Sign)
	if err != nil || !plug.HeaderSafe(m.Key) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "post to a subscriber: there is nothing to sign it with, or its key is not plain ASCII")
	}
	unix := c.now().Unix()
	ans, err := c.http.Do(ctx, plug.Request{
		URL: m.To, Body: []byte(m.Text), Secrets: []secret.String{m.Sign, secret.String(m.To)},
		Header: http.Header{
			"Content-Type": {"application/json"}, "Webhook-Id": {m.Key}, "Webhook-Timestamp": {strconv.FormatInt(unix, 10)},
			"Webhook-Signature": {plug.Sign(keys, m.Key, unix, []byte(m.Text))},
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
