// Package pagerduty works with a PagerDuty account beside us: it keeps a copy of
// our incidents there (Events API v2) and reads what its webhooks v3 tell, of
// those copies and of its own incidents. It must not decide what an
// acknowledgement there means here.
//
// Sources: developer.pagerduty.com, "Events API v2 Overview", "Send an Alert
// Event", "Webhooks Overview", "Verifying Signatures".
package pagerduty

import (
	"context"
	"encoding/json"
	"net/http"
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
			Name: "pagerduty", Title: "PagerDuty", Mirror: Name, Source: Name, Docs: "docs/integrations/pagerduty.md",
			Fields: []plug.Field{
				{Key: "routing_key", Title: "Integration key", Secret: true, Help: "Of an Events API v2 integration; copies of incidents whose service has no key of its own go there."},
				{Key: "routing_keys", Title: "Keys by service", Secret: true, Help: "service=key, separated by spaces, such as auth=0123... api=4567..."},
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
	signing []secret.String          // of the webhooks; none: nothing they say is believed
	prefix  string                   // of deduplication keys
}

func open(cfg plug.Config) (any, error) {
	p := &PagerDuty{http: cfg.HTTP, url: cfg.Text("events_url"), key: secret.String(cfg.Text("routing_key")), keys: map[string]secret.String{}, prefix: dedup}
	if cfg.Host != "" {
		p.prefix += cfg.Host + "/" // two installations may share an account
	}
	if p.http == nil {
		p.http = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard})
	}
	for _, w := range strings.Fields(cfg.Secret("routing_keys").Reveal()) {
		service, key, ok := strings.Cut(w, "=")
		if !ok || service == "" || key == "" {
			return nil, fault.New(fault.Invalid, "open PagerDuty: settings are wrong").With("routing_keys", "want service=key, separated by spaces")
		}
		p.keys[service] = secret.String(key)
	}
	for _, w := range strings.Fields(cfg.Secret("signing_secret").Reveal()) {
		p.signing = append(p.signing, secret.String(w))
	}
	return p, nil
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

// Send brings the copy of an incident to the state in m.State. Whatever was lost
// before does not matter: an acknowledged copy is triggered first, which changes
// nothing where it stands already, because the deduplication key is the same.
func (p *PagerDuty) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
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
	if err != nil || m.Copy.State != plug.CopyAcknowledged {
		return r, err
	}
	e.Action, e.Payload = "acknowledge", nil
	return p.post(ctx, e, hidden)
}

// secrets lists what an answer may repeat and nobody may read.
func (p *PagerDuty) secrets(m plug.Message) []secret.String {
	out := append([]secret.String{p.key, secret.String(m.AckURL)}, p.signing...)
	for _, k := range p.keys {
		out = append(out, k)
	}
	return out
}

func (p *PagerDuty) post(ctx context.Context, e event, hidden []secret.String) (plug.Receipt, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "mirror %s: %w", e.DedupKey, err)
	}
	ans, err := p.http.Do(ctx, plug.Request{URL: p.url, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Secrets: hidden})
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	return plug.Receipt{ProviderRef: e.DedupKey, Detail: e.Action + ": " + ans.Brief()}, nil
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
