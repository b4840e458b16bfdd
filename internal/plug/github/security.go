package github

import (
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// alert is an alert of Dependabot, secret scanning or code scanning. GitHub sends
// them only to a webhook that ticked them, so that whoever did wants to be told.
func (h *hook) alert(kind string) (plug.Received, error) {
	a, action := h.At("alert"), h.Text("action")
	number := a.Text("number")
	if number == "" {
		return plug.Received{}, plug.Unusable("/alert/number", "is missing")
	}
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: plug.Key(kind + "/" + h.repo + "/" + number), Origin: h.repo, Class: kind, Client: "GitHub", StartedAt: a.Time("updated_at"),
		Labels: plug.AddLabel(nil, "state", a.Text("state")),
	}
	switch action {
	case "created", "reopened", "reopened_by_user", "reintroduced", "auto_reopened", "appeared_in_branch", "publicly_leaked":
	case "fixed", "dismissed", "auto_dismissed", "resolved", "closed_by_user", "revoked":
		s.Action = alert.Resolve
	default:
		return plug.Told("nothing is made of a security alert that was " + action), nil
	}
	if s.Action == alert.Trigger && action == "appeared_in_branch" && strings.EqualFold(a.Text("state"), "fixed") {
		return plug.Told("nothing is made of a fixed alert that appeared in another branch"), nil
	}
	if action == "created" { // what is opened again keeps it, and would pass for the past
		s.StartedAt = a.Time("created_at")
	}
	var what string
	switch kind {
	case "dependabot_alert":
		advisory, of := a.At("security_advisory"), a.At("dependency", "package")
		s.Severity = severity(plug.First(a.Text("security_vulnerability", "severity"), advisory.Text("severity")))
		s.Component = plug.Line(plug.First(of.Text("name"), a.Text("security_vulnerability", "package", "name")), plug.MaxWord)
		what = plug.First(advisory.Text("summary"), "vulnerable dependency "+s.Component)
		s.Labels = plug.AddLabel(plug.AddLabel(plug.AddLabel(s.Labels, "cve", advisory.Text("cve_id")), "ghsa", advisory.Text("ghsa_id")), "manifest", a.Text("dependency", "manifest_path"))
		s.Details = a.Keep("dependency", "security_vulnerability", "fixed_at", "dismissed_reason", "dismissed_comment")
	case "secret_scanning_alert":
		s.Severity, s.Component = "error", plug.Line(a.Text("secret_type"), plug.MaxWord)
		if action == "publicly_leaked" || a.True("publicly_leaked") {
			s.Severity = "critical"
		}
		what = "secret found: " + plug.First(a.Text("secret_type_display_name"), a.Text("secret_type"), "of an unknown kind")
		s.Details = a.Keep("secret_type", "resolution", "resolution_comment", "validity", "push_protection_bypassed") // and never the secret
	default:
		rule := a.At("rule")
		s.Severity, s.Component = severity(plug.First(rule.Text("security_severity_level"), rule.Text("severity"))), plug.Line(plug.First(a.Text("tool", "name"), rule.Text("id")), plug.MaxWord)
		what = plug.First(rule.Text("description"), rule.Text("name"), rule.Text("id"), "code scanning alert")
		s.Labels = plug.AddLabel(s.Labels, "rule", rule.Text("id"))
		s.Details = a.Keep("rule", "most_recent_instance", "dismissed_reason", "fixed_at")
	}
	where := h.repo
	if where == "" {
		where = "GitHub"
	}
	s.Summary = plug.Line(where+": "+line(what), plug.MaxSummary)
	s.Links = plug.AddLink(s.Links, a.Text("html_url"), "Alert in GitHub")
	return plug.One(s), nil
}

// severity is GitHub's scale: critical, high, medium, low; of code scanning also
// error, warning and note.
func severity(word string) string {
	if strings.EqualFold(word, "note") {
		return "info"
	}
	return plug.Severity(word)
}
