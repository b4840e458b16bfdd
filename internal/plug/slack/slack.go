// Package slack carries messages through the Web API of Slack, opens and keeps the
// channels of incidents, and hears what people press, type and set apart there
// (https://api.slack.com/methods, https://api.slack.com/interactivity/handling,
// https://api.slack.com/apis/events-api). It must not retry, decide who may do what,
// or believe a call that Slack did not sign.
package slack

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const channel = "slack"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "slack", Title: "Slack", Channels: []string{channel}, Rooms: []string{plug.RoomChat}, Source: "slack", Docs: "docs/integrations/slack.md",
			Fields: []plug.Field{
				{Key: "bot_token", Title: "Bot token", Secret: true, Required: true, Help: "Begins with xoxb-. It needs the scopes chat:write and, to post where the app is no member, chat:write.public."},
				{Key: "signing_secret", Title: "Signing secret", Secret: true, Help: "Under Basic Information of the app. Without it pages have a link instead of buttons, and nothing Slack sends is believed."},
				{Key: "incident_channels", Title: "Channels for incidents", Default: "yes", Help: "yes: each incident with a war room gets a channel of its own; the bot then needs channels:manage, groups:write, channels:read, groups:read, channels:history, groups:history, pins:write, users:read and users:read.email. no: it gets none."},
				{Key: "base_url", Title: "API URL", Default: "https://slack.com/api", Help: "Another one for GovSlack."},
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
	return &slack{
		base: base, token: cfg.Secret("bot_token"), signing: cfg.Secret("signing_secret"), http: cfg.Client(),
		rooms: !slices.Contains([]string{"no", "off", "false", "0"}, strings.ToLower(cfg.Text("incident_channels"))),
	}, nil
}

type slack struct {
	base           string
	token, signing secret.String
	http           *plug.HTTP
	rooms          bool // it opens channels for incidents

	mu       sync.Mutex
	me, team string // our bot's user and its workspace, once they are known
}

var (
	_ plug.Channel  = (*slack)(nil)
	_ plug.Callback = (*slack)(nil)
	_ plug.Teller   = (*slack)(nil)
	_ plug.Opener   = (*slack)(nil)
	_ plug.Chat     = (*slack)(nil)
	_ plug.Reader   = (*slack)(nil)
)

// Send posts m to the channel or person in m.To: an id, or a name as #incidents.
func (s *slack) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if m.To == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Slack: the message has no address")
	}
	secrets := m.Secrets(s.token, s.signing)
	ans, err := s.http.PostJSON(ctx, s.base+"/chat.postMessage", m.Key, "Bearer "+s.token.Reveal(), s.compose(m), secrets...)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	var out struct {
		OK      *bool  `json:"ok"`
		Error   string `json:"error"`
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || out.OK == nil {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "send to Slack: the answer is not Slack's: %s", ans.Brief())
	}
	if !*out.OK {
		return plug.Receipt{}, refusal(plug.Clean(out.Error, secrets...))
	}
	return plug.Receipt{ProviderRef: plug.Clean(out.Channel+"/"+out.TS, secrets...), Detail: ans.Brief()}, nil
}

// Errors of the Web API that come with status 200. The rest, such as
// channel_not_found, is_archived and invalid_auth, never mends by itself: the
// next contact is tried at once.
var (
	transient = []string{"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org"}
	uncertain = []string{"internal_error", "fatal_error"} // Slack: part of the operation may have succeeded
	account   = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission", "not_allowed_token_type", "org_login_required", "access_denied"}
)

func refusal(code string) error { return refused("send to Slack", code) }

func refused(what, code string) error {
	kind := plug.Permanent
	switch {
	case slices.Contains(transient, code):
		kind = plug.Retry
	case slices.Contains(uncertain, code):
		kind = plug.Unknown
	}
	f := plug.Fail(kind, "%s: it answered %q", what, code)
	f.Ours = slices.Contains(account, code)
	return f
}

// mayTell keeps a response_url to where Slack has its own (B42).
func (s *slack) mayTell(to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	if base, err := url.Parse(s.base); err == nil && u.Scheme == base.Scheme && u.Host == base.Host {
		return true
	}
	return u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "hooks.slack-gov.com")
}
