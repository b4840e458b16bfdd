// Package pingdom reads Pingdom's state change webhook, of uptime checks (UP,
// DOWN) and of transaction checks (SUCCESS, FAILING), and, where it has a token,
// asks for the uptime checks as they stand, in case a webhook got lost. It must not
// ask in order to judge a webhook: that is done by the payload alone.
//
// Sources: www.pingdom.com/resources/webhooks ("State change webhooks"), and
// docs.pingdom.com/api ("Get Checks List", API 3.1).
package pingdom

import (
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "pingdom"

const sample = `{
  "check_id": 12345, "check_name": "Shop", "check_type": "HTTP",
  "check_params": {"basic_auth": false, "encryption": true, "full_url": "https://shop.example.net/health", "header": "User-Agent:Pingdom.com_bot", "hostname": "shop.example.net", "ipv6": false, "port": 443, "url": "/health"},
  "tags": ["shop", "env:prod"], "previous_state": "UP", "current_state": "DOWN", "importance_level": "HIGH",
  "state_changed_timestamp": 1772420645, "state_changed_utc_time": "2026-03-02T03:04:05", "long_description": "HTTP Server Error 503 Service Unavailable", "description": "HTTP Error 503",
  "first_probe": {"ip": "203.0.113.4", "ipv6": "", "location": "Stockholm, Sweden"}, "second_probe": {"ip": "203.0.113.5", "ipv6": "", "location": "Austin, US"}, "version": 1
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Pingdom", Source: Name, Docs: "docs/integrations/pingdom.md", Sample: sample,
			Fields: []plug.Field{
				{Key: "api_token", Title: "API token", Secret: true, Help: "Of My Pingdom, Integrations, The Pingdom API; read access is enough. With it the checks are asked for every minute, in case a webhook got lost."},
				{Key: "service", Title: "Service", Help: "The service that alerts found by asking belong to, unless one of the same check stands elsewhere."},
				{Key: "base_url", Title: "API address", Default: defaultBase},
			},
			Setup: []string{
				"In Pingdom: Settings, Integrations, Add integration. Type Webhook, name Allclear, URL {url}, Active.",
				"Leave the hook without a secret: Pingdom signs nothing and adds no header, and the key in the address is the proof.",
				"In each check that is to arrive: Edit, Connect integrations, Allclear. To try it out, let a check of an address that is not there fail once.",
			},
		},
		Open: open,
	}
}

const defaultBase = "https://api.pingdom.com"

// source is the open plug-in; without a token it only hears.
type source struct {
	http    *plug.HTTP
	base    string
	token   secret.String
	service string
}

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	s := source{base: plug.First(base, defaultBase), token: secret.String(cfg.Text("api_token")), service: cfg.Text("service")}
	if s.token == "" {
		return s, nil
	}
	if s.service == "" {
		return nil, fault.New(fault.Invalid, "open Pingdom: settings are not complete").With("service", "is needed with an API token: a service of the catalogue")
	}
	s.http = cfg.Puller()
	return s, nil
}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	t, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	key := plug.DedupKey("check", t.First("check_id", "checkid"))
	if key == "" {
		key = plug.DedupKey("name", t.First("check_name", "name"))
	}
	if key == "" {
		return plug.Received{}, plug.Unusable("/check_id", "is needed: there is nothing to know the check by")
	}
	state := strings.ToUpper(t.Text("current_state"))
	if state == "" {
		return plug.Received{}, plug.Unusable("/current_state", "is needed: UP or DOWN, SUCCESS or FAILING")
	}
	return plug.Received{Signals: []alert.Signal{signal(t, key, state)}}, nil
}

func signal(t plug.Doc, key, state string) alert.Signal {
	params := t.At("check_params")
	name := plug.First(t.First("check_name", "name"), "Pingdom "+key)
	s := alert.Signal{
		Source: Name, Action: plug.Action(state), DedupKey: key, Summary: name + " is " + state, Severity: severity(t.Text("importance_level")),
		Origin: plug.Line(params.First("hostname", "full_url"), plug.MaxWord), Component: plug.Line(name, plug.MaxWord), Class: plug.Line(t.Text("check_type"), plug.MaxWord),
		Labels: plug.Tags(t.Texts("tags")), Details: t.Any(), StartedAt: t.FirstTime("state_changed_timestamp", "state_changed_utc_time"), Client: "Pingdom",
	}
	if why := t.First("description", "long_description"); why != "" && s.Action == alert.Trigger {
		s.Summary += ": " + why
	}
	s.Summary = plug.Line(s.Summary, plug.MaxSummary)
	if id := t.First("check_id", "checkid"); id != "" && strings.Trim(id, "0123456789") == "" && !transaction(t, state) {
		s.ClientURL = "https://my.pingdom.com/app/reports/uptime#check=" + id
		s.Links = plug.AddLink(s.Links, s.ClientURL, "Check")
	}
	s.Links = plug.AddLink(s.Links, params.First("full_url", "url"), "What is checked")
	return s
}

// transaction tells a check of a transaction, whose report is elsewhere.
func transaction(t plug.Doc, state string) bool {
	return state == "SUCCESS" || state == "FAILING" || strings.Contains(strings.ToUpper(t.Text("check_type")), "TRANSACTION")
}

// severity is that of an outage as customers see it: critical, unless somebody
// has called the check unimportant.
func severity(importance string) string {
	if strings.EqualFold(importance, "LOW") {
		return "warning"
	}
	return "critical"
}
