// Package cloudflare reads Cloudflare's notifications, and can point a name
// elsewhere when somebody has approved that. It must not change a record by itself,
// nor touch a zone that the settings do not name.
//
// Sources: developers.cloudflare.com/notifications ("Configure webhooks", "Webhook
// payload schema") and developers.cloudflare.com/api (DNS Records: "DNS Record
// Details", "Update DNS Record").
package cloudflare

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "cloudflare"

const sample = `{
  "name": "Origin health", "policy_id": "749b911ea5d04344a58e45edd099b328", "policy_name": "Origin health", "account_id": "9035f53656c247e895c5a6939ae8a0e0",
  "alert_type": "health_check_status_notification", "alert_event": "ALERT_STATE_EVENT_START", "alert_correlation_id": "000eaa907ed24e78946d3a93adb2ae57",
  "text": "The health check of shop.example.com is unhealthy.", "ts": 1772420645,
  "data": {"health_check_id": "hc-7", "health_check_name": "shop", "new_status": "Unhealthy", "old_status": "Healthy", "origin_ip": "203.0.113.4", "reason": "TCP connection failed", "zone_name": "example.com"}
}`

const defaultBase = "https://api.cloudflare.com"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Cloudflare", Source: Name, Docs: "docs/integrations/cloudflare.md", Sample: sample,
			Fields: []plug.Field{
				{Key: "api_token", Title: "API token", Secret: true, Help: "With Zone, DNS, Edit for the zones below and nothing else. With it names can be pointed elsewhere, when approved."},
				{Key: "zones", Title: "Zones", Help: "Ids of the zones whose records may be changed, separated by spaces."},
				{Key: "base_url", Title: "API address", Default: defaultBase},
			},
			Setup: []string{
				"In Cloudflare: Notifications, Destinations, Webhooks, Create. Name allclear, URL {url}, secret {secret}; leave the secret out where the hook has none.",
				"Notifications, Add: choose what you want to know (DDoS attacks, origin health, certificates) and the webhook allclear.",
			},
		},
		Open: open,
	}
}

// edge is the open plug-in; without a token it only hears.
type edge struct {
	http  *plug.HTTP
	base  string
	token secret.String
	zones []string
}

var idShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

func open(cfg plug.Config) (any, error) {
	bad := fault.New(fault.Invalid, "open Cloudflare: settings are not complete")
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	e := edge{base: plug.First(base, defaultBase), token: secret.String(cfg.Text("api_token")), zones: strings.Fields(cfg.Text("zones"))}
	if slices.ContainsFunc(e.zones, func(z string) bool { return !idShape.MatchString(z) }) {
		return nil, bad.With("zones", "want ids of 32 digits, separated by spaces")
	}
	if e.token == "" {
		return e, nil
	}
	if len(e.zones) == 0 {
		return nil, bad.With("zones", "are needed with a token: those whose records may be changed")
	}
	e.http = cfg.Puller()
	return e, nil
}

// auth is the header in which Cloudflare shows the secret of the webhook.
const auth = "Cf-Webhook-Auth"

// Parse implements plug.Source.
func (edge) Parse(in plug.Inbound) (plug.Received, error) {
	if shown := in.Header.Get(auth); shown != "" {
		h := in.Header.Clone()
		h.Set("X-Allclear-Token", shown)
		in.Header = h
	}
	t, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	kind := t.Text("alert_type")
	if kind == "" && t.Text("policy_id") == "" {
		if strings.Contains(t.Text("text"), "test message") {
			return plug.Told("a test message of Cloudflare"), nil
		}
		return plug.Received{}, plug.Unusable("/alert_type", "is needed: there is nothing to know the notification by")
	}
	return plug.One(signal(t, kind, in.ID)), nil
}

func signal(t plug.Doc, kind, id string) alert.Signal {
	data := t.At("data")
	s := alert.Signal{
		Source: Name, Action: action(t), DedupKey: key(t, kind), Severity: severity(kind, data), Class: plug.Line(kind, plug.MaxWord), Client: "Cloudflare", Details: t.Any(),
		Summary: plug.Line(plug.First(t.Text("text"), t.First("policy_name", "name"), "Cloudflare "+kind), plug.MaxSummary),
		Origin:  plug.Line(data.First("target_hostname", "origin_ip", "target_ip", "zone_name"), plug.MaxWord), Component: plug.Line(data.First("health_check_name", "pool_name", "zone_name"), plug.MaxWord),
		Group: plug.Line(data.Text("zone_name"), plug.MaxWord), StartedAt: t.Time("ts"),
	}
	if s.DedupKey == "" {
		s.DedupKey = id
	}
	for name, value := range map[string]string{"policy": t.First("policy_name", "name"), "account": cmp.Or(data.Text("account_name"), t.Text("account_id")), "reason": data.Text("reason"), "mitigation": data.Text("mitigation")} {
		s.Labels = plug.AddLabel(s.Labels, name, value)
	}
	s.Links = plug.AddLink(s.Links, data.First("dashboard_link", "rule_link"), "Dashboard")
	if len(s.Links) > 0 {
		s.ClientURL = s.Links[0].Href
	}
	return s
}

// action goes by the event, and by the state of what is checked where there is none.
func action(t plug.Doc) alert.Action {
	data := t.At("data")
	switch {
	case t.Text("alert_event") == "ALERT_STATE_EVENT_END":
		return alert.Resolve
	case t.Text("alert_event") == "ALERT_STATE_EVENT_START":
		return alert.Trigger
	}
	return plug.Action(data.First("new_status", "new_health_status", "new_health", "status"))
}

// key is what a trigger and its recovery have in common: the thing that is checked,
// else what Cloudflare says belongs together.
func key(t plug.Doc, kind string) string {
	data := t.At("data")
	for _, n := range []string{"health_check_id", "attack_id", "certificate_id"} {
		if id := data.Text(n); id != "" {
			return plug.DedupKey(kind, id)
		}
	}
	if id := t.Text("alert_correlation_id"); id != "" {
		return plug.DedupKey("correlation", id)
	}
	return plug.DedupKey(kind, t.Text("policy_id"), data.Text("zone_name"))
}

// severity: Cloudflare gives none. An attack and an origin that is down are an error,
// the rest a warning.
func severity(kind string, data plug.Doc) string {
	switch {
	case strings.Contains(kind, "ddos"), strings.Contains(kind, "health_check"), strings.Contains(kind, "load_balancing"), strings.Contains(kind, "http_alert_origin_error"), strings.Contains(kind, "tunnel_health"):
		return "error"
	case plug.Severity(data.Text("severity")) != "":
		return plug.Severity(data.Text("severity"))
	}
	return "warning"
}

func (e edge) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + e.token.Reveal()}, "Accept": {"application/json"}, "Content-Type": {"application/json"}}
}
