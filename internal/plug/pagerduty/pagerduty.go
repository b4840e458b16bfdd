// Package pagerduty works with a PagerDuty account beside us: it keeps a copy of
// our incidents there, or pages people through it (Events API v2), and reads what
// its webhooks v3 tell of copies, of pages and of its own incidents. It must not
// decide what an acknowledgement there means here.
//
// Sources: developer.pagerduty.com, "Events API v2 Overview", "Send an Alert
// Event", "Webhooks Overview", "Verifying Signatures".
package pagerduty

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Name is the channel of the copies and the source of the webhooks.
const Name = "pagerduty"

// dedup begins the deduplication key of a copy; the host of this installation and
// the number of the incident follow.
const dedup = "allclear/"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "pagerduty", Title: "PagerDuty", Channels: []string{Name}, Ends: true, Mirror: Name, Source: Name, Docs: "docs/integrations/pagerduty.md",
			Setup: []string{
				"In PagerDuty open Integrations, Generic Webhooks (v3), New webhook.",
				"URL {url}; scope: the account, a team or a service; events: all of incident.",
				"Add webhook. PagerDuty shows a secret once: set it as the secret of the hook, or as ALLCLEAR_PAGERDUTY_SIGNING_SECRET.",
				"Under the webhook choose Send Test Event: it is answered 202, and nothing is made of it.",
			},
			Fields: []plug.Field{
				{Key: "routing_key", Title: "Integration key", Secret: true, Help: "Of an Events API v2 integration; copies of incidents whose service has no key of its own go there."},
				{Key: "routing_keys", Title: "Keys by service", Secret: true, Help: "service=key, separated by spaces, such as auth=0123... api=4567..."},
				{Key: "pager_keys", Title: "Keys to page by", Secret: true, Help: "address=key, separated by spaces, such as ana=0123... for the contact ana of the channel pagerduty."},
				{Key: "users", Title: "People by user id", Help: "user id=mail address, separated by spaces: who acknowledges there is that person here. Without it the name decides."},
				{Key: "events_url", Title: "Events API", Default: "https://events.pagerduty.com/v2/enqueue", Help: "https://events.eu.pagerduty.com/v2/enqueue for accounts in the EU region."},
				{Key: "signing_secret", Title: "Webhook secret", Secret: true, Help: "PagerDuty shows it once when the webhook subscription is made. Two, separated by a space, during a rotation."},
			},
		},
		Open: open,
	}
}

// PagerDuty is the open plug-in.
type PagerDuty struct {
	http    *plug.HTTP
	url     string
	key     secret.String            // of services without one of their own
	keys    map[string]secret.String // by service
	pagers  map[string]secret.String // by address of a contact
	users   map[string]string        // mail address by user id there
	signing []secret.String          // of the webhooks; none: nothing they say is believed
	prefix  string                   // of deduplication keys
}

func open(cfg plug.Config) (any, error) {
	p := &PagerDuty{http: cfg.HTTP, url: cfg.Text("events_url"), key: secret.String(cfg.Text("routing_key")), prefix: dedup}
	if cfg.Host != "" {
		p.prefix += cfg.Host + "/" // two installations may share an account
	}
	if p.http == nil {
		p.http = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard})
	}
	var err error
	if p.keys, err = pairs[secret.String](cfg, "routing_keys", "service=key"); err != nil {
		return nil, err
	}
	if p.pagers, err = pairs[secret.String](cfg, "pager_keys", "address=key"); err != nil {
		return nil, err
	}
	if p.users, err = pairs[string](cfg, "users", "user id=mail address"); err != nil {
		return nil, err
	}
	for _, w := range strings.Fields(cfg.Secret("signing_secret").Reveal()) {
		p.signing = append(p.signing, secret.String(w))
	}
	return p, nil
}

// pairs reads a setting of name=value, separated by spaces.
func pairs[T ~string](cfg plug.Config, key, form string) (map[string]T, error) {
	out := map[string]T{}
	for _, w := range strings.Fields(cfg.Secret(key).Reveal()) {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" || value == "" {
			return nil, fault.New(fault.Invalid, "open PagerDuty: settings are wrong").With(key, "want "+form+", separated by spaces")
		}
		out[name] = T(value)
	}
	return out, nil
}

// Keeps implements plug.Keeper.
func (p *PagerDuty) Keeps() bool { return p.key != "" || len(p.keys) > 0 }

// event is an alert event of the Events API v2.
type event struct {
	RoutingKey string   `json:"routing_key"`
	Action     string   `json:"event_action"`
	DedupKey   string   `json:"dedup_key"`
	Payload    *payload `json:"payload,omitempty"`
	Client     string   `json:"client,omitempty"`
	ClientURL  string   `json:"client_url,omitempty"`
}

type payload struct {
	Summary  string            `json:"summary"`
	Source   string            `json:"source"`
	Severity string            `json:"severity"`
	Details  map[string]string `json:"custom_details,omitempty"`
}

// maxSummary is the limit of the Events API.
const maxSummary = 1024

// Send implements plug.Channel: copies of incidents, and pages. There is nothing
// there that tells somebody and asks for nothing.
func (p *PagerDuty) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	switch m.Kind {
	case plug.Mirror:
		return p.copy(ctx, m)
	case plug.Page, plug.End:
		return p.page(ctx, m)
	}
	return plug.Receipt{}, plug.Fail(plug.Permanent, "PagerDuty carries pages and copies, this is a %s", m.Kind)
}

// copy brings the copy of an incident to the state in m.Copy. Whatever was lost
// before does not matter: an acknowledged copy is triggered first, which changes
// nothing where it stands already, because the deduplication key is the same.
func (p *PagerDuty) copy(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	key := p.keys[m.Copy.Service]
	if key == "" {
		key = p.key
	}
	if key == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "no PagerDuty integration key for service %s", m.Copy.Service)
	}
	e := event{RoutingKey: key.Reveal(), DedupKey: p.prefix + m.Copy.Incident, Client: "Allclear", ClientURL: m.Copy.URL}
	switch m.Copy.State {
	case plug.CopyTriggered, plug.CopyAcknowledged:
		e.Action = "trigger"
		e.Payload = &payload{
			Summary: plug.Line(m.Copy.Incident+": "+m.Copy.Title, maxSummary), Source: m.Copy.Service, Severity: severityOf(m.Copy.Severity),
			Details: map[string]string{"incident": m.Copy.Incident, "severity": m.Copy.Severity, "text": m.Text},
		}
	case plug.CopyResolved:
		e.Action = "resolve"
	default:
		return plug.Receipt{}, plug.Fail(plug.Permanent, "mirror %s: state %q is not known", m.Copy.Incident, m.Copy.State)
	}
	hidden := p.secrets(m)
	r, err := p.post(ctx, e, hidden)
	r.ProviderRef = e.DedupKey
	if err != nil || m.Copy.State != plug.CopyAcknowledged {
		return r, err
	}
	e.Action, e.Payload = "acknowledge", nil
	r, err = p.post(ctx, e, hidden)
	r.ProviderRef = e.DedupKey
	return r, err
}

// secrets lists what an answer may repeat and nobody may read.
func (p *PagerDuty) secrets(m plug.Message) []secret.String {
	out := append([]secret.String{p.key, secret.String(m.AckURL), secret.String(m.Token)}, p.signing...)
	return slices.Concat(out, slices.Collect(maps.Values(p.keys)), slices.Collect(maps.Values(p.pagers)))
}

func (p *PagerDuty) post(ctx context.Context, e event, hidden []secret.String) (plug.Receipt, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "%s: %w", e.Action, err)
	}
	ans, err := p.http.Do(ctx, plug.Request{URL: p.url, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Secrets: hidden})
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	return plug.Receipt{Arrived: true, Detail: e.Action + ": " + ans.Brief()}, nil
}

// severityOf is our severity in the Events API's words; a P1 and a P2 both wake
// somebody there.
func severityOf(sev string) string {
	switch sev {
	case "P1":
		return "critical"
	case "P2":
		return "error"
	case "P3":
		return "warning"
	}
	return "info"
}
