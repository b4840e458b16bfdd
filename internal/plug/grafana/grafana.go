// Package grafana reads what Grafana posts to a webhook: unified alerting
// (version 1, groups of alerts), legacy dashboard alerting (one rule), and the
// payloads that were made for Grafana OnCall. It must not ask Grafana anything:
// it judges by the payload alone.
//
// Sources: grafana.com/docs/grafana, "Configure webhook notifications" (body,
// HMAC signature); "Alert notifications" of Grafana 8 (legacy webhook);
// grafana.com/docs/oncall, "Formatted webhook" and "Grafana Alerting".
package grafana

import (
	"strconv"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "grafana"

// maxBody is larger than elsewhere: Grafana posts a group of alerts in one call.
const maxBody = 4 << 20

const sample = `{
  "receiver": "allclear", "status": "firing", "orgId": 1, "version": "1", "groupKey": "{}:{alertname=\"Disk is full\"}", "truncatedAlerts": 0,
  "alerts": [{
    "status": "firing", "labels": {"alertname": "Disk is full", "grafana_folder": "Storage", "instance": "db-1", "severity": "critical"},
    "annotations": {"summary": "The disk of db-1 is full", "runbook_url": "https://runbook.example.net/disk"},
    "startsAt": "2026-03-02T03:04:00Z", "endsAt": "0001-01-01T00:00:00Z", "values": {"A": 97.5, "B": 1}, "valueString": "[ var='A' labels={instance=db-1} value=97.5 ]",
    "generatorURL": "https://grafana.example.net/alerting/grafana/ab12/view?orgId=1", "fingerprint": "57c6d9296de2ad39",
    "silenceURL": "https://grafana.example.net/alerting/silence/new?alertmanager=grafana", "dashboardURL": "https://grafana.example.net/d/abc?orgId=1", "panelURL": "https://grafana.example.net/d/abc?orgId=1&viewPanel=2"
  }],
  "groupLabels": {"alertname": "Disk is full"}, "commonLabels": {"alertname": "Disk is full"}, "commonAnnotations": {}, "externalURL": "https://grafana.example.net/",
  "title": "[FIRING:1] Disk is full Storage (db-1)", "state": "alerting", "message": "**Firing**"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Grafana", Source: Name, MaxBody: maxBody, Docs: "docs/integrations/grafana.md", Sample: sample,
			Setup: []string{
				"In Grafana: Alerting, Contact points, Add contact point. Integration Webhook, URL {url}, HTTP method POST.",
				"Leave \"Disable resolved message\" off: an alert stands until Grafana says that it is resolved.",
				"Where the hook has a secret: HMAC Signature, secret {secret}, header X-Grafana-Alerting-Signature, timestamp header X-Grafana-Alerting-Timestamp. Before Grafana 12: Authorization header, scheme Bearer, credentials {secret}.",
				"Alerting, Notification policies: route the alerts that are to arrive to this contact point.",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	if err := proof(in); err != nil {
		return plug.Received{}, err
	}
	j := in.JSON()
	if j.Kind() == '[' { // alerts without an envelope
		var items []plug.Doc
		j.Array(plug.MaxItems, func(int) { items = append(items, j.Doc()) })
		if err := j.End(); err != nil {
			return plug.Received{}, err
		}
		return group(plug.Doc{}, items, "/")
	}
	t := j.Doc()
	if err := j.End(); err != nil {
		return plug.Received{}, err
	}
	if t.Has("alerts") {
		items := t.List("alerts")
		if items == nil {
			return plug.Received{}, plug.Unusable("/alerts", "must be an array")
		}
		if len(items) > plug.MaxItems {
			return plug.Received{}, plug.Unusable("/alerts", "has more than "+strconv.Itoa(plug.MaxItems)+" elements")
		}
		return group(t, items, "/alerts/")
	}
	switch {
	case t.IsObject("labels"):
		return group(t, []plug.Doc{t}, "/")
	case t.IsObject("alert_group"):
		return oncall(t)
	case t.Text("version") != "" && t.Text("receiver") != "": // a group of which nothing is left
		return plug.Received{}, nil
	case t.First("ruleId", "ruleName", "ruleUrl") != "":
		return rule(t)
	case t.First("alert_uid", "title", "message") != "":
		return formatted(t, in.ID)
	}
	return plug.Received{}, plug.Unusable("/alerts", "is needed, or a rule (ruleId, ruleName) or a title: there is nothing to call an alert by")
}

// group reads the alerts of one call. One that is no use is refused alone, and
// its neighbours stand (INV-I5).
func group(t plug.Doc, items []plug.Doc, where string) (plug.Received, error) {
	out := plug.Received{Signals: make([]alert.Signal, 0, len(items))}
	for i, a := range items {
		at := where
		if at != "/" || !t.IsObject() {
			at += strconv.Itoa(i)
		}
		s, what := unified(t, a)
		if what != "" {
			out.Refused = append(out.Refused, fault.Detail{Where: at, What: what})
			continue
		}
		out.Signals = append(out.Signals, s)
	}
	if len(out.Signals) == 0 && len(out.Refused) > 0 {
		e := fault.New(fault.Invalid, "no alert in the body can be used")
		e.Details = out.Refused
		return plug.Received{}, e
	}
	return out, nil
}
