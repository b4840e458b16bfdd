package newrelic

import (
	"regexp"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// inURL finds the issue where a changed template has no id of it.
var inURL = regexp.MustCompile(`/issues/([0-9A-Za-z-]+)`)

// issue reads the template of a workflow. An issue gathers incidents, and is
// the problem: incidents that come and go while it stands change nothing.
func issue(t plug.Doc) alert.Signal {
	link := t.First("issueUrl", "issuePageUrl", "issue_url")
	id := t.First("id", "issueId", "issue_id")
	if m := inURL.FindStringSubmatch(link); id == "" && m != nil {
		id = m[1]
	}
	entities, conditions, policies := names(t, "impactedEntities", "entitiesData.names"), names(t, "alertConditionNames", "accumulations.conditionName"), names(t, "alertPolicyNames", "accumulations.policyName")
	s := alert.Signal{
		Action: issueAction(t), DedupKey: plug.DedupKey("issue", id), Severity: plug.Severity(t.First("priority", "severity")),
		Summary: plug.Line(plug.First(first(names(t, "title")), first(conditions)), plug.MaxSummary),
		Origin:  plug.Line(first(entities), plug.MaxWord), Class: plug.Line(first(conditions), plug.MaxWord), Group: plug.Line(first(policies), plug.MaxWord),
		StartedAt: t.FirstTime("createdAt", "activatedAt", "updatedAt"),
	}
	s.Component = s.Origin
	label(&s, "entities", strings.Join(entities, ", "))
	label(&s, "conditions", strings.Join(conditions, ", "))
	label(&s, "policies", strings.Join(policies, ", "))
	label(&s, "workflow", t.Text("workflowName"))
	label(&s, "sources", strings.Join(names(t, "sources"), ", "))
	label(&s, "incidents", t.Text("totalIncidents"))
	s.Links = plug.AddLink(s.Links, link, "Issue")
	for _, u := range names(t, "runbookUrl", "runbookUrls", "accumulations.runbookUrl") {
		s.Links = plug.AddLink(s.Links, u, "Runbook")
	}
	for _, u := range names(t, "violationChartUrl", "violation_chart_url") {
		if src := plug.WebURL(u); src != "" && len(s.Images) < plug.MaxLinks {
			s.Images = append(s.Images, alert.Image{Src: src, Href: plug.WebURL(link), Alt: "Chart"})
		}
	}
	return s
}

// issueAction goes by the state. What triggered the notification counts only
// where there is none: INCIDENT_CLOSED may come while the issue stands. A state
// that nobody knows is kept as a trigger.
func issueAction(t plug.Doc) alert.Action {
	state := t.First("state", "status", "current_state")
	if state == "" {
		state = strings.TrimPrefix(strings.ToUpper(t.Text("trigger")), "ISSUE_")
	}
	return plug.Action(state)
}

// names are the texts of the first name there is: an array as in the default
// template, or one text.
func names(t plug.Doc, of ...string) []string {
	for _, n := range of {
		if list := t.List(n); list != nil {
			if out := t.Texts(n); len(out) > 0 {
				return out
			}
		} else if s := t.Text(n); s != "" {
			return []string{s}
		}
	}
	return nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// legacy tells the payload of a notification channel.
func legacy(t plug.Doc) bool {
	return t.First("issueUrl", "state", "issueId") == "" && t.First("current_state", "incident_id", "incident_url") != ""
}

// incident reads the payload of a notification channel.
func incident(t plug.Doc) alert.Signal {
	var target plug.Doc
	if list := t.List("targets"); len(list) > 0 {
		target = list[0]
	}
	s := alert.Signal{
		Action: plug.Action(t.Text("current_state")), Severity: plug.Severity(t.First("severity", "priority")),
		Summary: plug.Line(t.First("details", "condition_name", "policy_name"), plug.MaxSummary),
		Origin:  plug.Line(target.First("name", "id"), plug.MaxWord), Component: plug.Line(target.First("name", "product"), plug.MaxWord),
		Class: plug.Line(t.Text("condition_name"), plug.MaxWord), Group: plug.Line(t.Text("policy_name"), plug.MaxWord), StartedAt: t.Time("timestamp"),
	}
	if id := t.First("incident_id", "incident_url"); id != "" {
		s.DedupKey = plug.DedupKey("incident", t.Text("account_id"), id)
	}
	given := target.At("labels")
	for _, name := range given.SortedNames() {
		label(&s, name, given.Text(name))
	}
	label(&s, "account", t.Text("account_name"))
	label(&s, "product", target.Text("product"))
	label(&s, "target_type", target.Text("type"))
	s.Links = plug.AddLink(s.Links, t.Text("incident_url"), "Incident")
	s.Links = plug.AddLink(s.Links, t.Text("runbook_url"), "Runbook")
	s.Links = plug.AddLink(s.Links, target.Text("link"), plug.First(target.Text("name"), "Target"))
	s.Links = plug.AddLink(s.Links, t.Text("policy_url"), "Policy")
	if src := plug.WebURL(t.Text("violation_chart_url")); src != "" {
		s.Images = []alert.Image{{Src: src, Href: plug.WebURL(t.Text("violation_callback_url")), Alt: "Chart"}}
	}
	return s
}
