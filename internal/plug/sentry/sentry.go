// Package sentry reads the webhooks of a Sentry integration (issue alerts, metric
// alerts, issues, errors) and of the older WebHooks plugin. It must not take an
// assignment or an archived issue for an end: only a resolve is one.
//
// Sources: docs.sentry.io, "Integration Platform: Webhooks", "Issue Alerts", "Metric
// Alerts", "Issues", "Errors", "Activity Alerts"; getsentry/sentry, plugin
// sentry_webhooks.
package sentry

import (
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "sentry"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Sentry", Source: Name, MaxBody: 2 << 20, Docs: "docs/integrations/sentry.md",
			Setup: []string{
				"In Sentry open Settings, Developer Settings (Custom Integrations), Create New Integration, Internal Integration.",
				"Name it Allclear, set Webhook URL to {url}, and switch Alert Rule Action on.",
				"Under Permissions give Issue & Event the access Read; under Webhooks tick issue, so that a resolve there ends the alert here. Save.",
				"Copy the Client Secret that Sentry shows and set it as the secret of the hook.",
				"In Alerts, each rule: add the action Send a notification via an integration, Allclear. For metric alerts add it to the critical and the warning trigger.",
			},
			Sample: `{"action":"triggered","data":{"event":{"issue_id":"1170820242","title":"ReferenceError: total is not defined","level":"error","culprit":"checkout in submit","environment":"production","datetime":"2026-03-02T03:04:00.000000Z","web_url":"https://example.sentry.io/issues/1170820242/events/e4874d664c3540c1a32eab185f12c5ab/","url":"https://sentry.io/api/0/projects/example/shop/events/e4874d664c3540c1a32eab185f12c5ab/"},"triggered_rule":"Checkout errors"},"installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"actor":{"type":"application","id":"sentry","name":"Sentry"}}`,
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// check accepts Sentry's signature beside the proofs of every hook. The time Sentry
// sends beside it is not signed and proves nothing.
func check(in plug.Inbound) error {
	for _, h := range [...]string{"Sentry-Hook-Signature", "Sentry-App-Signature"} {
		if given := in.Header.Get(h); given != "" && in.Secret != "" {
			if !in.Signed(given) {
				return fault.New(fault.Unauthenticated, "the signature of this webhook is wrong: the secret of the hook has to be the Client Secret of the integration")
			}
			return nil
		}
	}
	return in.CheckShared()
}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	if err := check(in); err != nil {
		return plug.Received{}, err
	}
	doc, err := in.Doc()
	if err != nil {
		return plug.Received{}, err
	}
	action, data := strings.ToLower(doc.Text("action")), doc.At("data")
	switch resource := in.Header.Get("Sentry-Hook-Resource"); {
	case data.IsObject("metric_alert"):
		return metric(action, data)
	case data.IsObject("event"):
		return event(data.At("event"), data)
	case data.IsObject("error"):
		return event(data.At("error"), data)
	case data.IsObject("issue"):
		return issue(action, data)
	case resource != "" || data.Has() && action != "":
		return plug.Told("nothing is made of " + plug.First(resource, "this") + " " + action), nil
	case doc.IsObject("event") || doc.Has("culprit") || doc.Has("project_name"):
		return legacy(doc)
	}
	return plug.Received{}, plug.Unusable("/data", "has neither an event, an error, an issue nor a metric_alert")
}

// metric is a metric alert: one incident of Sentry's, from critical or warning to
// resolved.
func metric(action string, data plug.Doc) (plug.Received, error) {
	m := data.At("metric_alert")
	id := m.First("id", "identifier")
	if id == "" {
		return plug.Received{}, plug.Unusable("/data/metric_alert/id", "is missing")
	}
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: plug.Key("metric/" + id), StartedAt: m.Time("date_started"), Client: "Sentry", Class: "metric alert",
		Summary: plug.Line(plug.First(data.Text("description_title"), m.Text("title"), m.Text("alert_rule", "name"), "Sentry metric alert "+id), plug.MaxSummary),
	}
	switch action {
	case "critical":
		s.Severity = "critical"
	case "warning":
		s.Severity = "warning"
	case "resolved", "closed":
		s.Action = alert.Resolve
	case "open", "triggered":
	default:
		return plug.Received{}, plug.Unusable("/action", "must be critical, warning or resolved")
	}
	projects := m.List("projects")
	if len(projects) == 0 {
		projects = m.List("alert_rule", "projects")
	}
	if len(projects) > 0 {
		s.Component = projects[0].Word()
	}
	s.Labels = plug.AddLabel(s.Labels, "rule", m.Text("alert_rule", "name"))
	s.Labels = plug.AddLabel(s.Labels, "environment", m.Text("alert_rule", "environment"))
	s.Links = plug.AddLink(s.Links, data.Text("web_url"), "Metric alert in Sentry")
	s.Details = data.Keep("description_title", "description_text", "metric_alert")
	return plug.One(s), nil
}

// event is an issue alert, or an error by itself. Its issue is the alert.
func event(e, data plug.Doc) (plug.Received, error) {
	id := plug.First(e.Text("issue_id"), last(e.Text("issue_url")), e.Text("groupID"))
	if id == "" {
		return plug.Received{}, plug.Unusable("/data/event/issue_id", "is missing")
	}
	s := read(e, id)
	rule := plug.First(data.Text("triggered_rule"), data.Text("issue_alert", "title"))
	s.Labels = plug.AddLabel(s.Labels, "rule", rule)
	s.Links = plug.AddLink(s.Links, e.Text("web_url"), "Event in Sentry")
	if s.Component == "" {
		s.Component = plug.Line(project(e.Text("url")), plug.MaxWord)
	}
	return plug.One(s), nil
}

// issue is what became of an issue.
func issue(action string, data plug.Doc) (plug.Received, error) {
	i := data.At("issue")
	id := i.Text("id")
	if id == "" {
		return plug.Received{}, plug.Unusable("/data/issue/id", "is missing")
	}
	s := read(i, id)
	switch action {
	case "created", "unresolved", "triggered", "regressed", "escalating":
	case "resolved":
		s.Action = alert.Resolve
	default:
		return plug.Told("nothing is made of an issue that was " + action), nil
	}
	if action == "created" { // what comes back keeps it, and would pass for the past
		s.StartedAt = i.Time("firstSeen")
	}
	s.Component = plug.Line(plug.First(i.Text("project", "slug"), i.Text("project", "name"), s.Component), plug.MaxWord)
	s.Labels = plug.AddLabel(s.Labels, "issue", i.Text("shortId"))
	s.Links = plug.AddLink(s.Links, plug.First(i.Text("web_url"), i.Text("permalink")), "Issue in Sentry")
	return plug.One(s), nil
}

// legacy is the payload of the WebHooks plugin. Its id is the issue's.
func legacy(doc plug.Doc) (plug.Received, error) {
	e := doc.At("event")
	id := plug.First(doc.Text("id"), e.Text("issue_id"), e.Text("groupID"), last(doc.Text("url")))
	if id == "" {
		return plug.Received{}, plug.Unusable("/id", "is missing")
	}
	s := read(e, id)
	s.Summary = plug.Line(plug.First(e.Text("title"), doc.Text("message"), s.Summary), plug.MaxSummary)
	s.Severity = plug.First(plug.Severity(doc.Text("level")), s.Severity)
	s.Component = plug.Line(doc.First("project_slug", "project", "project_name"), plug.MaxWord)
	s.Labels = doc.Labels(s.Labels, "culprit", "logger", "level")
	s.Links = plug.AddLink(s.Links, doc.Text("url"), "Issue in Sentry")
	if rules := doc.List("triggering_rules"); len(rules) > 0 {
		s.Labels = plug.AddLabel(s.Labels, "rule", rules[0].Text())
	}
	return plug.One(s), nil
}

// read reads what events and issues have in common.
func read(e plug.Doc, id string) alert.Signal {
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: plug.Key("issue/" + id), Severity: plug.Severity(e.Text("level")), Client: "Sentry",
		Summary: plug.Line(plug.First(e.Text("title"), e.Text("message"), e.Text("metadata", "value"), e.Text("logentry", "formatted"), e.Text("culprit"), "Sentry issue "+id), plug.MaxSummary),
		Origin:  plug.Line(plug.First(e.Text("server_name"), e.Text("environment")), plug.MaxWord), Class: plug.Line(plug.First(e.Text("metadata", "type"), e.Text("type")), plug.MaxWord),
		Group: e.Word("environment"), Labels: e.Labels(nil, "environment", "release", "platform", "culprit", "level", "logger", "status", "substatus"),
		Details: e.Keep("title", "message", "culprit", "metadata", "location", "request", "exception", "contexts", "count", "userCount", "statusDetails", "assignedTo", "issueCategory", "event_id"),
	}
	for _, name := range [...]string{"datetime", "timestamp", "received"} {
		if s.StartedAt.IsZero() {
			s.StartedAt = e.Time(name)
		}
	}
	for i, t := range e.List("tags") {
		const most = 64
		pair := t.List()
		switch {
		case i == most:
			return s
		case len(pair) == 2:
			s.Labels = plug.AddLabel(s.Labels, pair[0].Text(), pair[1].Text())
		default:
			s.Labels = plug.AddLabel(s.Labels, t.Text("key"), t.Text("value"))
		}
	}
	if s.Origin == "" || s.Origin == s.Group {
		if host := s.Labels["server_name"]; host != "" {
			s.Origin = host
		}
	}
	return s
}

// project is the name in an address of the API, such as
// https://sentry.io/api/0/projects/<organization>/<project>/events/...
func project(address string) string {
	_, rest, ok := strings.Cut(address, "/projects/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// last is the id an address of an issue ends with.
func last(address string) string {
	_, rest, ok := strings.Cut(address, "/issues/")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	id, _, _ = strings.Cut(id, "?")
	return id
}
