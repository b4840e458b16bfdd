// Package newrelic reads what New Relic posts to a webhook: the default payload
// template of a workflow (an issue), and the payload of the notification
// channels that came before workflows (an incident); and, where it has a key, runs
// NRQL queries at New Relic. It must not ask for anything but values: a payload is
// judged by itself alone.
//
// Sources: docs.newrelic.com, "Webhook for workflows" and "Notification message
// templates"; "Webhook format for alert notifications" (channels before 2022);
// "NerdGraph tutorial: Query NRQL data", "NerdGraph tutorial: Issue and alert event
// query APIs".
package newrelic

import (
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "newrelic"

const sample = `{
  "id": "95a9344a-2590-48ce-8d83-07e28b6d0001",
  "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/95a9344a-2590-48ce-8d83-07e28b6d0001?notifier=WEBHOOK",
  "title": "checkout-api query result is > 2.0 for 1 minutes on 'Slow checkout'",
  "priority": "CRITICAL", "impactedEntities": ["checkout-api"], "totalIncidents": 1, "state": "ACTIVATED", "trigger": "STATE_CHANGE", "isCorrelated": false,
  "createdAt": 1772420645000, "updatedAt": 1772420645000, "sources": ["newrelic"],
  "alertPolicyNames": ["Golden signals"], "alertConditionNames": ["Slow checkout"], "workflowName": "Allclear"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "New Relic", Source: Name, Docs: "docs/integrations/newrelic.md", Sample: sample,
			Fields: []plug.Field{
				{Key: "api_key", Title: "User key", Secret: true, Help: "Begins with NRAK-; of API keys. With it and the account values can be read by NRQL."},
				{Key: "account_id", Title: "Account", Help: "The number of the account that is queried."},
				{Key: "service", Title: "Service", Help: "The service that alerts found by asking belong to, unless one of the same issue stands elsewhere. With it and a key the issues are asked for every minute, in case a webhook got lost."},
				{Key: "region", Title: "Region", Default: "us", Help: "us or eu: where the account's data is."},
				{Key: "base_url", Title: "API address", Help: "That of the region when empty."},
			},
			Setup: []string{
				"In New Relic: Alerts, Destinations, Add a destination, Webhook. Endpoint URL: {url}. Authorization: Bearer token with {secret}; none where the hook has no secret.",
				"Alerts, Workflows, Add a workflow: choose which issues, then Notify, Webhook, and the destination.",
				"Leave the default payload template as it is, and have the workflow notify when an issue is activated, acknowledged and closed.",
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
	var s alert.Signal
	id := "/id"
	if legacy(t) {
		s, id = incident(t), "/incident_id"
	} else {
		s = issue(t)
	}
	switch {
	case s.DedupKey != "":
	case s.Action != alert.Trigger:
		return plug.Received{}, plug.Unusable(id, "is needed: it says "+string(s.Action)+" and not of what")
	case s.Summary == "":
		return plug.Received{}, plug.Unusable("/title", "is needed: there is nothing to call the alert by")
	default:
		s.DedupKey = in.ID
	}
	return plug.Received{Signals: []alert.Signal{complete(s, t)}}, nil
}

// complete adds what every signal from here has.
func complete(s alert.Signal, t plug.Doc) alert.Signal {
	s.Source, s.Details, s.Client = Name, t.Any(), "New Relic"
	if len(s.Links) > 0 {
		s.ClientURL = s.Links[0].Href
	}
	if s.Summary == "" {
		s.Summary = plug.Line("New Relic "+s.DedupKey, plug.MaxSummary)
	}
	return s
}

// label adds what there is.
func label(s *alert.Signal, name, value string) {
	if value == "" {
		return
	}
	if s.Labels == nil {
		s.Labels = map[string]string{}
	}
	s.Labels[name] = value
}
