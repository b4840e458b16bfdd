// Package discord carries messages to Discord, through a webhook or as a bot, and
// hears the buttons people press (https://discord.com/developers/docs). It must
// not retry, hold a gateway connection, or believe an interaction that Discord
// did not sign.
package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const channel = "discord"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "discord", Title: "Discord", Channels: []string{channel}, Source: "discord", Docs: "docs/integrations/discord.md",
			Fields: []plug.Field{
				{Key: "webhook_url", Title: "Webhook", Secret: true, Help: "Where contacts with the address \"default\" go. Pages through a webhook have a link."},
				{Key: "bot_token", Title: "Bot token", Secret: true, Help: "With it an address is a channel id, or @ and the id of a person."},
				{Key: "public_key", Title: "Public key of the application", Help: "Under General Information, 64 hexadecimal digits. With it and the bot token pages have buttons."},
				{Key: "base_url", Title: "API URL", Default: "https://discord.com/api/v10"},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	d := &discord{token: cfg.Secret("bot_token"), http: cfg.Client()}
	var err error
	if d.base, err = cfg.Base("base_url"); err != nil {
		return nil, err
	}
	if d.webhook, err = cfg.Base("webhook_url"); err != nil {
		return nil, err
	}
	if text := cfg.Text("public_key"); text != "" {
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fault.New(fault.Invalid, "open Discord: settings are wrong").With("public_key", "must be 64 hexadecimal digits")
		}
		d.key = key
	}
	return d, nil
}

type discord struct {
	base, webhook string
	token         secret.String
	key           ed25519.PublicKey // empty: nothing is believed
	http          *plug.HTTP
	direct        sync.Map // id of a person to the id of the bot's channel with them
}

var (
	_ plug.Channel  = (*discord)(nil)
	_ plug.Callback = (*discord)(nil)
)

var (
	idShape   = regexp.MustCompile(`^[0-9]{15,20}$`)
	userShape = regexp.MustCompile(`^@[0-9]{15,20}$`)
)

// Send posts m to the webhook, channel or person in m.To.
func (d *discord) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	to := strings.TrimSpace(m.To)
	if to == plug.Default && d.webhook != "" {
		to = d.webhook
	}
	msg := d.compose(m)
	if msg.empty() {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Discord: the message is empty")
	}
	if plug.WebURL(to) != "" {
		hook, err := webhookCall(to)
		if err != nil {
			return plug.Receipt{}, err
		}
		return d.post(ctx, m, hook, "", msg.forWebhook(m), secret.String(to))
	}
	if d.token == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Discord: the address needs a bot token or has to be the URL of a webhook")
	}
	switch {
	case userShape.MatchString(to):
		id, err := d.directChannel(ctx, m, to[1:])
		if err != nil {
			return plug.Receipt{}, err
		}
		to = id
	case !idShape.MatchString(to):
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Discord: the address is no channel id, no @ with the id of a person and no URL")
	}
	return d.post(ctx, m, d.base+"/channels/"+to+"/messages", d.auth(), msg)
}

// webhookCall asks the webhook to wait for the message, so that its id comes
// back, and to keep the link button.
func webhookCall(to string) (string, error) {
	u, err := url.Parse(to)
	if err != nil {
		return "", plug.Fail(plug.Permanent, "send to Discord: the URL of the webhook is malformed")
	}
	q := u.Query()
	q.Set("wait", "true")
	q.Set("with_components", "true")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func (d *discord) auth() string { return "Bot " + d.token.Reveal() }

func (d *discord) post(ctx context.Context, m plug.Message, to, auth string, v message, more ...secret.String) (plug.Receipt, error) {
	secrets := append(d.secrets(m), more...)
	ans, err := d.http.PostJSON(ctx, to, m.Key, auth, v, secrets...)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := failure(ans); err != nil {
		return plug.Receipt{}, err
	}
	var out struct {
		ID      string `json:"id"`
		Channel string `json:"channel_id"`
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || out.ID == "" {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "send to Discord: the answer is not Discord's: %s", ans.Brief())
	}
	return plug.Receipt{ProviderRef: plug.Clean(out.Channel+"/"+out.ID, secrets...), Detail: plug.Clean(http.StatusText(ans.Status)+" "+out.ID, secrets...)}, nil
}

// failure reads retry_after, which is exact where the header is whole seconds.
func failure(ans plug.Answer) error {
	err := ans.Failure()
	var f *plug.Failure
	if !errors.As(err, &f) {
		return err
	}
	f.Ours = ans.Status == http.StatusUnauthorized // 403 is a channel or person the bot may not write to
	if ans.Status != http.StatusTooManyRequests {
		return f
	}
	var out struct {
		After float64 `json:"retry_after"`
	}
	if json.Unmarshal(ans.Body, &out) == nil && out.After > 0 {
		f.RetryAfter = time.Duration(math.Ceil(min(out.After, plug.MaxRetryAfter.Seconds())*1000)) * time.Millisecond
	}
	return f
}

// directChannel is the bot's channel with a person; Discord answers with the one
// there is, or makes it.
func (d *discord) directChannel(ctx context.Context, m plug.Message, user string) (string, error) {
	if id, ok := d.direct.Load(user); ok {
		return id.(string), nil
	}
	ans, err := d.http.PostJSON(ctx, d.base+"/users/@me/channels", "", d.auth(), map[string]string{"recipient_id": user}, d.secrets(m)...)
	if err != nil {
		f := *plug.FailureOf(err)
		if f.Kind == plug.Unknown {
			f.Kind = plug.Retry // no message went out yet
		}
		return "", &f
	}
	if err := failure(ans); err != nil {
		return "", err
	}
	var out struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || !idShape.MatchString(out.ID) {
		return "", plug.Fail(plug.Retry, "open Discord channel: the answer is not Discord's: %s", ans.Brief())
	}
	d.direct.Store(user, out.ID)
	return out.ID, nil
}

func (d *discord) secrets(m plug.Message) []secret.String {
	return m.Secrets(d.token, secret.String(d.webhook), secret.String(d.webhook[strings.LastIndexByte(d.webhook, '/')+1:]))
}
