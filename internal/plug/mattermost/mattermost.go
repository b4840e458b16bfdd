// Package mattermost carries messages to Mattermost, through an incoming webhook
// or as a bot, and hears the buttons people press
// (https://developers.mattermost.com/integrate/). It must not retry, create
// channels, or believe an answer that does not carry the token of its page.
package mattermost

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const channel = "mattermost"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "mattermost", Title: "Mattermost", Channels: []string{channel}, Source: "mattermost", Docs: "docs/integrations/mattermost.md",
			Fields: []plug.Field{
				{Key: "webhook_url", Title: "Incoming webhook", Secret: true, Help: "Where contacts with the address \"default\" go, such as https://chat.example.com/hooks/xyz."},
				{Key: "base_url", Title: "Server", Help: "Such as https://chat.example.com; needed for the bot. A private address must be allowed with --allow-outbound."},
				{Key: "bot_token", Title: "Bot token", Secret: true, Help: "Of a bot account that is a member of the channels. With it an address is a channel id, or @name of a person."},
				{Key: "callback_url", Title: "Answers go to", Secret: true, Help: "https://<this installation>/hooks/mattermost/<key>. With it a page has buttons; without it a link."},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	m := &mattermost{token: cfg.Secret("bot_token"), http: cfg.Client()}
	for key, to := range map[string]*string{"webhook_url": &m.webhook, "base_url": &m.base, "callback_url": &m.callback} {
		var err error
		if *to, err = cfg.Base(key); err != nil {
			return nil, err
		}
	}
	if m.token != "" && m.base == "" {
		return nil, fault.New(fault.Invalid, "open Mattermost: settings are wrong").With("base_url", "is needed with a bot token")
	}
	return m, nil
}

type mattermost struct {
	webhook, base, callback string
	token                   secret.String
	http                    *plug.HTTP
	direct                  sync.Map // @name to the id of the bot's channel with that person
}

var (
	_ plug.Channel  = (*mattermost)(nil)
	_ plug.Callback = (*mattermost)(nil)
)

var (
	idShape   = regexp.MustCompile(`^[a-z0-9]{26}$`)
	nameShape = regexp.MustCompile(`^@[a-z0-9][a-z0-9._-]{0,63}$`)
)

// Send posts m to the webhook, channel or person in m.To.
func (c *mattermost) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	to := strings.TrimSpace(m.To)
	if to == plug.Default && c.webhook != "" {
		to = c.webhook
	}
	if plug.WebURL(to) != "" {
		return c.hook(ctx, m, to)
	}
	if c.token == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Mattermost: the address needs a bot token or has to be the URL of a webhook")
	}
	switch {
	case nameShape.MatchString(to):
		id, err := c.directChannel(ctx, m, to)
		if err != nil {
			return plug.Receipt{}, err
		}
		to = id
	case !idShape.MatchString(to):
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Mattermost: the address is no channel id, no @name and no URL")
	}
	var out struct {
		ID string `json:"id"`
	}
	ans, err := c.api(ctx, m, "/posts", c.post(m, to), &out)
	if err != nil {
		return plug.Receipt{}, err
	}
	return plug.Receipt{ProviderRef: plug.Clean(out.ID, c.secrets(m)...), Detail: plug.Line(ans.Brief(), plug.MaxEcho)}, nil
}

// hook posts to an incoming webhook, which answers the two letters "ok".
func (c *mattermost) hook(ctx context.Context, m plug.Message, to string) (plug.Receipt, error) {
	ans, err := c.http.PostJSON(ctx, to, m.Key, "", c.post(m, ""), append(c.secrets(m), secret.String(to))...)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	if strings.TrimSpace(string(ans.Body)) != "ok" {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "send to Mattermost: the answer is not Mattermost's: %s", ans.Brief())
	}
	return plug.Receipt{Detail: ans.Brief()}, nil
}

// api calls one method of the REST API, version 4.
func (c *mattermost) api(ctx context.Context, m plug.Message, path string, v, out any) (plug.Answer, error) {
	ans, err := c.http.PostJSON(ctx, c.base+"/api/v4"+path, m.Key, "Bearer "+c.token.Reveal(), v, c.secrets(m)...)
	if err != nil {
		return ans, err
	}
	if err := ans.Failure(); err != nil {
		return ans, err
	}
	if err := json.Unmarshal(ans.Body, out); err != nil {
		return ans, plug.Fail(plug.Unknown, "send to Mattermost: the answer is not Mattermost's: %s", ans.Brief())
	}
	return ans, nil
}

// directChannel finds the channel between the bot and a person: both users by
// name, then the channel of the two, which exists from then on.
func (c *mattermost) directChannel(ctx context.Context, m plug.Message, name string) (string, error) {
	if id, ok := c.direct.Load(name); ok {
		return id.(string), nil
	}
	var ids []string
	for _, path := range []string{"/users/me", "/users/username/" + url.PathEscape(name[1:])} {
		ans, err := c.http.Do(ctx, plug.Request{
			Method: http.MethodGet, URL: c.base + "/api/v4" + path, Header: http.Header{"Authorization": {"Bearer " + c.token.Reveal()}}, Secrets: c.secrets(m),
		})
		if err != nil {
			return "", notSent(err)
		}
		if err := ans.Failure(); err != nil {
			return "", err
		}
		var user struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(ans.Body, &user); err != nil || !idShape.MatchString(user.ID) {
			return "", plug.Fail(plug.Retry, "look up Mattermost user: the answer is not Mattermost's: %s", ans.Brief())
		}
		ids = append(ids, user.ID)
	}
	var out struct {
		ID string `json:"id"`
	}
	ans, err := c.api(ctx, m, "/channels/direct", ids, &out)
	if err != nil {
		return "", notSent(err)
	}
	if !idShape.MatchString(out.ID) {
		return "", plug.Fail(plug.Retry, "open Mattermost channel: the answer is not Mattermost's: %s", ans.Brief())
	}
	c.direct.Store(name, out.ID)
	return out.ID, nil
}

// notSent makes an unknown outcome of a look-up a plain retry: no message went
// out yet.
func notSent(err error) error {
	f := *plug.FailureOf(err)
	if f.Kind == plug.Unknown {
		f.Kind = plug.Retry
	}
	return &f
}

func (c *mattermost) secrets(m plug.Message) []secret.String {
	out := m.Secrets(c.token, secret.String(c.webhook), secret.String(c.callback))
	for _, u := range []string{c.webhook, c.callback} { // their keys also when somebody repeats the path alone
		out = append(out, secret.String(u[strings.LastIndexByte(u, '/')+1:]))
	}
	return out
}
