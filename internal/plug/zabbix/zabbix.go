// Package zabbix reads what the webhook media type documented here posts, other
// media types made of the same macros, and what the one for Grafana OnCall
// posts. It must not ask Zabbix anything: it judges by the payload alone.
//
// Sources: zabbix.com/documentation, "Webhook" (media types) and "Supported
// macros" (EVENT.*, TRIGGER.*, HOST.*); grafana.com/docs/oncall, "Zabbix".
package zabbix

import (
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "zabbix"

// Script is the media type's JavaScript. What is not "url" or "token" among its
// parameters is sent as it is.
const Script = `var params = JSON.parse(value), request = new HttpRequest(), url = params.url;
request.addHeader('Content-Type: application/json');
if (params.token) {
    request.addHeader('Authorization: Bearer ' + params.token);
}
delete params.url;
delete params.token;
var answer = request.post(url, JSON.stringify(params));
if (request.getStatus() < 200 || request.getStatus() >= 300) {
    throw 'Allclear answered ' + request.getStatus() + ': ' + answer;
}
return 'OK';`

const sample = `{
  "event_id": "4242", "event_value": "1", "event_recovery_value": "{EVENT.RECOVERY.VALUE}", "event_update_status": "0", "event_update_action": "", "event_update_nseverity": "{EVENT.UPDATE.NSEVERITY}",
  "event_name": "Free disk space is less than 5% on volume /", "event_severity": "High", "event_nseverity": "4", "event_opdata": "Space used: 48 of 50 GB", "event_tags": "[{\"tag\":\"service\",\"value\":\"ledger\"}]",
  "trigger_id": "10084", "trigger_description": "", "trigger_url": "", "host_name": "db-1", "host_ip": "203.0.113.7", "host_groups": "Databases",
  "message": "Problem started at 03:04:05", "zabbix_url": "https://zabbix.example.net"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Zabbix", Source: Name, Docs: "docs/integrations/zabbix.md", Sample: sample,
			Setup: []string{
				"In Zabbix (5.0 or later): Alerts, Media types, Create media type. Name Allclear, type Webhook, and this script:\n" + Script,
				"Parameters: url {url}, token {secret} (empty where the hook has no secret), and those of docs/integrations/zabbix.md, each with its macro: event_id {EVENT.ID}, event_value {EVENT.VALUE} ...",
				"Message templates: add Problem, Problem recovery and Problem update.",
				"Users: give a user for Allclear the media Allclear, send to \"allclear\". Alerts, Actions, Trigger actions: send to that user as operation, recovery operation and update operation.",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	raw, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	t := raw.Fold()
	s := signal(t)
	s.Details = raw.Without("token", "url")
	var out plug.Received
	wishes := actions(t)
	if s.DedupKey == "" && t.Text("eventname") == "" && strings.HasPrefix(t.Exact("eventid"), "{EVENT.") {
		return plug.Told("the test arrived: its macros are not filled in, and nothing is made of it"), nil // the test of a media type
	}
	if s.DedupKey == "" && len(wishes) > 0 && wishes[0] != alert.Trigger {
		return plug.Received{}, plug.Unusable("/event_id", "is needed, or trigger_id: it says "+string(wishes[0])+" and not of what")
	}
	if s.Summary == "" && s.DedupKey == "" {
		return plug.Received{}, plug.Unusable("/event_name", "is needed: there is nothing to call the alert by")
	}
	s.DedupKey = plug.First(s.DedupKey, in.ID)
	s.Summary = plug.First(s.Summary, plug.Line("Zabbix "+s.DedupKey, plug.MaxSummary))
	for _, a := range wishes {
		s.Action = a
		out.Signals = append(out.Signals, s)
	}
	return out, nil
}
