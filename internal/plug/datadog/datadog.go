// Package datadog reads what Datadog's Webhooks integration posts: the payload
// template published here, Datadog's own default payload, and templates that
// people have put together from the same variables; and, where it has keys, runs
// metric queries at Datadog and asks how its monitors stand, in case a webhook got
// lost. It must not ask in order to judge a webhook: that is done by the payload
// alone.
//
// Sources: docs.datadoghq.com/integrations/webhooks ("Usage", "Variables"),
// docs.datadoghq.com/api/latest/metrics ("Query timeseries points", version 1) and
// docs.datadoghq.com/api/latest/monitors ("Get all monitors", version 1).
package datadog

import (
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "datadog"

// Template is the payload to paste into Datadog.
const Template = `{
  "alert_id": "$ALERT_ID",
  "alert_scope": "$ALERT_SCOPE",
  "aggreg_key": "$AGGREG_KEY",
  "alert_cycle_key": "$ALERT_CYCLE_KEY",
  "alert_transition": "$ALERT_TRANSITION",
  "alert_type": "$ALERT_TYPE",
  "alert_priority": "$ALERT_PRIORITY",
  "alert_title": "$ALERT_TITLE",
  "alert_metric": "$ALERT_METRIC",
  "alert_query": "$ALERT_QUERY",
  "alert_status": "$ALERT_STATUS",
  "title": "$EVENT_TITLE",
  "body": "$TEXT_ONLY_MSG",
  "event_type": "$EVENT_TYPE",
  "id": "$ID",
  "date": "$DATE",
  "last_updated": "$LAST_UPDATED",
  "hostname": "$HOSTNAME",
  "tags": "$TAGS",
  "link": "$LINK",
  "snapshot": "$SNAPSHOT",
  "org": {"id": "$ORG_ID", "name": "$ORG_NAME"}
}`

const sample = `{
  "alert_id": "1234", "alert_scope": "host:web-1,env:prod", "aggreg_key": "9bd4ac313a4d1e8fae2482df7b77628",
  "alert_transition": "Triggered", "alert_type": "error", "alert_priority": "P1", "alert_metric": "system.cpu.user",
  "title": "[Triggered on {host:web-1,env:prod}] CPU is high", "body": "CPU was over 90 % for 5 minutes", "date": "1772420645000", "last_updated": "1772420645000",
  "hostname": "web-1", "tags": "env:prod,host:web-1,service:shop", "link": "https://app.datadoghq.com/event/event?id=1",
  "snapshot": "", "org": {"id": "11", "name": "Example"}
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Datadog", Source: Name, Docs: "docs/integrations/datadog.md", Sample: sample,
			Fields: []plug.Field{
				{Key: "api_key", Title: "API key", Secret: true, Help: "Of Organization Settings, API Keys. With both keys values can be read by metric queries."},
				{Key: "application_key", Title: "Application key", Secret: true, Help: "Of Organization Settings, Application Keys; the scopes timeseries_query and monitors_read are enough."},
				{Key: "service", Title: "Service", Help: "The service that alerts found by asking belong to, unless one of the same monitor stands elsewhere. With it and both keys the monitors are asked for every minute, in case a webhook got lost."},
				{Key: "handle", Title: "Handle", Default: defaultHandle, Help: "Only monitors whose message has it are asked for: those that notify the webhook. * for every monitor."},
				{Key: "site", Title: "Site", Default: defaultSite, Help: "Such as datadoghq.eu or us5.datadoghq.com."},
				{Key: "base_url", Title: "API address", Help: "https://api. and the site when empty."},
			},
			Setup: []string{
				"In Datadog: Integrations, Webhooks, New. Name it allclear, with the URL {url}.",
				`Custom headers: {"X-Allclear-Token": "{secret}"}. Leave it out where the hook has no secret.`,
				"Payload: replace it by this, and leave \"Encode as form\" off:\n" + Template,
				"In each monitor that is to reach Allclear, add @webhook-allclear to the message.",
			},
		},
		Open: open,
	}
}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	t, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	e := read(lift(t))
	s := e.signal()
	s.Details = t.Any()
	if s.DedupKey == "" {
		if s.Action != alert.Trigger {
			return plug.Received{}, plug.Unusable("/alert_id", "is needed, or alert_scope, aggreg_key or title: it says "+e.state+" and not of what")
		}
		if s.Summary == "" && e.body == "" {
			return plug.Received{}, plug.Unusable("/title", "is needed: there is nothing to call the alert by")
		}
		s.DedupKey = in.ID // only a text, which names no problem
	}
	if s.Summary == "" {
		s.Summary = plug.Line(plug.First(e.body, t.Text("alert_metric"), "Datadog alert "+s.DedupKey), plug.MaxSummary)
	}
	return plug.Received{Signals: []alert.Signal{s}}, nil
}

// signal is what the notification says, as far as it says it.
func (e *event) signal() alert.Signal {
	t := e.tree
	s := alert.Signal{
		Source: Name, Action: e.action, DedupKey: e.key(), Summary: plug.Line(e.title, plug.MaxSummary), Severity: e.severity(),
		Origin: plug.Line(plug.First(t.First("hostname", "host"), e.labels["host"]), plug.MaxWord), Component: plug.Line(e.labels["service"], plug.MaxWord),
		Group: plug.Line(e.labels["env"], plug.MaxWord), Class: plug.Line(t.First("alert_metric", "event_type", "type"), plug.MaxWord),
		Labels: e.labels, StartedAt: t.FirstTime("date", "last_updated"),
	}
	e.show(&s)
	return s
}
