// Package x posts approved messages to an account at X
// (https://docs.x.com/x-api/posts/create-post). It must not retry, follow or read:
// mentions are read as a feed.
package x

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "x", Title: "X", Channels: []string{"social"}, Docs: "docs/integrations/x.md",
			Fields: []plug.Field{
				{Key: "consumer_key", Title: "API key", Secret: true, Required: true, Help: "Of the app, under Keys and tokens. The app needs the permission to read and write."},
				{Key: "consumer_secret", Title: "API key secret", Secret: true, Required: true},
				{Key: "access_token", Title: "Access token", Secret: true, Required: true, Help: "Of the account that posts, made after the permission was given."},
				{Key: "access_secret", Title: "Access token secret", Secret: true, Required: true},
				{Key: "base_url", Title: "API URL", Default: "https://api.x.com"},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	return &x{base: base, http: cfg.Client(), now: time.Now, keys: credentials{
		consumer: cfg.Secret("consumer_key"), consumerSecret: cfg.Secret("consumer_secret"), token: cfg.Secret("access_token"), tokenSecret: cfg.Secret("access_secret"),
	}}, nil
}

type x struct {
	base string
	keys credentials
	http *plug.HTTP
	now  func() time.Time
}

var _ plug.Channel = (*x)(nil)

// Send posts m's text, cut to what a post may have; a link at its end stays. The
// API knows no idempotency key and refuses the same text twice: where an attempt
// before may have arrived, that refusal says that it did.
func (x *x) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	secrets := m.Secrets(x.keys.consumer, x.keys.consumerSecret, x.keys.token, x.keys.tokenSecret)
	to := x.base + "/2/tweets"
	auth, err := x.keys.authorize(http.MethodPost, to, nonce(), x.now())
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "post to X: %w", err)
	}
	ans, err := x.http.PostJSON(ctx, to, m.Key, auth, map[string]string{"text": fit(m)}, secrets...)
	if err != nil {
		return plug.Receipt{}, err
	}
	if ans.Status == http.StatusForbidden && strings.Contains(strings.ToLower(string(ans.Body)), "duplicate content") {
		if m.Again {
			return plug.Receipt{Detail: "posted by an attempt before: " + ans.Brief()}, nil
		}
		return plug.Receipt{}, plug.Fail(plug.Permanent, "post to X: the account has posted the same words already")
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, judged(ans, err)
	}
	var out struct {
		Data struct{ ID string }
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || out.Data.ID == "" {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "post to X: the answer is not X's: %s", ans.Brief())
	}
	return plug.Receipt{ProviderRef: plug.Clean(out.Data.ID, secrets...), Detail: ans.Brief()}, nil
}

// judged reads when a limit ends, which X says in a header of its own, and whose
// fault a refusal is.
func judged(ans plug.Answer, err error) error {
	f := plug.FailureOf(err)
	if f == nil {
		return err
	}
	if ans.Status == http.StatusTooManyRequests && f.RetryAfter == 0 {
		f.RetryAfter = ans.Reset()
	}
	f.Ours = ans.Status == http.StatusUnauthorized || ans.Status == http.StatusForbidden
	return f
}

// Close lets the connections go.
func (x *x) Close() error { return x.http.Close() }

// nonce is a word that no other request has.
func nonce() string { return rand.Text() }
