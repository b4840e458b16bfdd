// Package ntfy publishes messages to a topic of an ntfy server
// (https://docs.ntfy.sh/publish/) and hears the button its app offers. It must
// not retry or subscribe.
package ntfy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const channel = "ntfy"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "ntfy", Title: "ntfy", Channels: []string{channel}, Source: "ntfy", Docs: "docs/integrations/ntfy.md",
			Fields: []plug.Field{
				{Key: "base_url", Title: "Server", Default: "https://ntfy.sh", Help: "Your own server, or ntfy.sh. A private address must be allowed with --allow-outbound."},
				{Key: "token", Title: "Access token", Secret: true, Help: "Begins with tk_. Needed where the topic is protected, which it should be: who can read it can acknowledge."},
				{Key: "callback_url", Title: "Answers go to", Secret: true, Help: "https://<this installation>/hooks/ntfy/<key>. With it a page has a button that acknowledges without opening a browser."},
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
	back, err := cfg.Base("callback_url")
	if err != nil {
		return nil, err
	}
	return &ntfy{base: base, callback: back, token: cfg.Secret("token"), http: cfg.Client()}, nil
}

type ntfy struct {
	base, callback string
	token          secret.String
	http           *plug.HTTP
}

var (
	_ plug.Channel  = (*ntfy)(nil)
	_ plug.Callback = (*ntfy)(nil)
)

var topicShape = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

// Limits of the server: a longer message would become an attachment, which
// nobody reads from a lock screen.
const (
	messageBytes = 4096
	titleLimit   = 250
)

type publish struct {
	Topic    string   `json:"topic"`
	Title    string   `json:"title,omitempty"`
	Message  string   `json:"message"`
	Priority int      `json:"priority"`
	Tags     []string `json:"tags,omitempty"`
	Click    string   `json:"click,omitempty"`
	Actions  []action `json:"actions,omitempty"`
	Sequence string   `json:"sequence_id"` // the same on a resend: since 2.16 it replaces the notification
}

type action struct {
	Action  string            `json:"action"`
	Label   string            `json:"label"`
	URL     string            `json:"url"`
	Method  string            `json:"method,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Clear   bool              `json:"clear,omitempty"`
}

// Send publishes m to the topic in m.To.
func (n *ntfy) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	topic := strings.TrimSpace(m.To)
	if !topicShape.MatchString(topic) {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to ntfy: the address is no topic: 1 to 64 letters, digits, - and _")
	}
	auth := ""
	if n.token != "" {
		auth = "Bearer " + n.token.Reveal()
	}
	secrets := m.Secrets(n.token, secret.String(n.callback), secret.String(n.callback[strings.LastIndexByte(n.callback, '/')+1:]))
	ans, err := n.http.PostJSON(ctx, n.base, m.Key, auth, n.compose(m, topic), secrets...)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	var out struct {
		ID    string `json:"id"`
		Event string `json:"event"`
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || out.Event != "message" || out.ID == "" {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "send to ntfy: the answer is not ntfy's: %s", ans.Brief())
	}
	return plug.Receipt{ProviderRef: plug.Clean(out.ID, secrets...), Detail: ans.Brief()}, nil
}

// A page wakes people and goes through "do not disturb"; the rest does not.
const (
	urgent = 5
	usual  = 3
)

func (n *ntfy) compose(m plug.Message, topic string) publish {
	sum := sha256.Sum256([]byte(m.Key))
	p := publish{
		Topic: topic, Title: plug.Line(m.Subject, titleLimit), Priority: usual, Sequence: hex.EncodeToString(sum[:16]),
		Message: plug.Limit{Size: messageBytes}.Fit(m.Text),
	}
	if p.Message == "" {
		p.Message = p.Title // the server would write "triggered"
	}
	if m.Kind == plug.Page {
		p.Priority, p.Tags = urgent, []string{"rotating_light"}
	}
	p.Actions = n.actions(m)
	p.Click, _ = m.Link()
	return p
}

func (n *ntfy) actions(m plug.Message) []action {
	var out []action
	if n.callback != "" {
		for _, c := range m.Choices() {
			body, err := json.Marshal(reply{Token: m.Token, Choice: c.Name})
			if err != nil {
				continue
			}
			out = append(out, action{
				Action: "http", Label: c.Label, URL: n.callback, Method: "POST", Clear: true, Body: string(body),
				Headers: map[string]string{"Content-Type": "application/json"},
			})
		}
	}
	if href, label := m.Link(); href != "" {
		if len(out) > 0 {
			label = "Open"
		}
		out = append(out, action{Action: "view", Label: label, URL: href})
	}
	return out
}
