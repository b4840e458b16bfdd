package grafana

import (
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// rule reads legacy dashboard alerting: one call is one rule, whatever number of
// series it matched.
func rule(t plug.Doc) (plug.Received, error) {
	state := strings.ToLower(t.Text("state"))
	if state == "paused" || state == "pending" {
		// Nothing has begun, and nothing is over: somebody paused the rule, or it is
		// still waiting for its time.
		return plug.Received{}, nil
	}
	tags := texts(t.At("tags"))
	var series map[string]string
	if list := t.List("evalMatches"); len(list) > 0 {
		series = texts(list[0].At("tags"))
	}
	id := t.Text("ruleId")
	if id == "" || id == "0" { // what the test button sends has the number 0
		id = t.First("ruleName", "ruleUrl")
	}
	s := alert.Signal{
		Source: Name, Client: "Grafana", Action: action(state), DedupKey: plug.DedupKey("rule", t.Text("orgId"), id), Summary: plug.Line(plug.First(t.First("ruleName", "title", "message"), "Grafana rule "+id), plug.MaxSummary),
		Severity: severity(plug.First(firstOf(tags, "severity", "priority", "level"), firstOf(series, "severity"))), Class: plug.Line(t.Text("ruleName"), plug.MaxWord), Labels: tags, Details: t.Any(),
		Origin:    plug.Line(plug.First(firstOf(series, "instance", "host", "hostname", "node", "pod"), firstOf(tags, "instance", "host", "hostname")), plug.MaxWord),
		Component: plug.Line(plug.First(tags["service"], series["service"], tags["job"], series["job"]), plug.MaxWord), Group: plug.Line(plug.First(tags["group"], series["group"]), plug.MaxWord),
	}
	s.Links = plug.AddLink(s.Links, t.Text("ruleUrl"), "Rule")
	image(&s, t.Text("imageUrl"), t.Text("ruleUrl"))
	return plug.Received{Signals: []alert.Signal{s}}, nil
}

// formatted reads the payload that Grafana OnCall took from any tool.
func formatted(t plug.Doc, id string) (plug.Received, error) {
	s := alert.Signal{
		Source: Name, Action: action(t.First("state", "status")), Summary: plug.Line(t.First("title", "message", "alert_uid"), plug.MaxSummary), Details: t.Any(),
		DedupKey: plug.DedupKey("uid", t.Text("alert_uid")), Severity: severity(t.First("severity", "priority")),
	}
	if s.DedupKey == "" {
		s.DedupKey = plug.DedupKey("title", t.Text("title"))
	}
	if s.DedupKey == "" {
		if s.Action != alert.Trigger {
			return plug.Received{}, plug.Unusable("/alert_uid", "is needed: it says resolve and not of what")
		}
		s.DedupKey = id
	}
	s.Links = plug.AddLink(s.Links, t.Text("link_to_upstream_details"), "Details")
	image(&s, t.Text("image_url"), t.Text("link_to_upstream_details"))
	return plug.Received{Signals: []alert.Signal{s}}, nil
}

// oncall reads an outgoing webhook of Grafana OnCall (IRM), by which a company that
// pages there has its alert groups here too. The group is the alert; silencing it
// changes nothing here.
func oncall(t plug.Doc) (plug.Received, error) {
	g := t.At("alert_group")
	id := plug.First(t.Text("alert_group_id"), g.Text("id"))
	if id == "" {
		return plug.Received{}, plug.Unusable("/alert_group_id", "is needed: there is nothing to know the alert group by")
	}
	state := strings.ToLower(plug.First(g.Text("state"), t.Text("event", "type")))
	if strings.HasPrefix(state, "silence") {
		return plug.Told("nothing is made of an alert group that is silenced"), nil
	}
	labels := texts(t.At("alert_payload", "labels"))
	if len(labels) == 0 {
		labels = texts(t.At("alert_payload", "commonLabels"))
	}
	s := alert.Signal{
		Source: Name, Client: "Grafana OnCall", Action: plug.Action(state), DedupKey: plug.DedupKey("group", id), Summary: plug.Line(plug.First(g.Text("title"), name(labels), "Alert group "+id), plug.MaxSummary),
		Severity: severity(plug.First(labels["severity"], t.Text("alert_payload", "severity"))), Labels: labels, Details: t.Any(), StartedAt: t.Time("event", "time"),
		Group: t.Word("integration", "name"), Class: plug.Line(labels["alertname"], plug.MaxWord), Component: plug.Line(firstOf(labels, "service", "service_name", "job"), plug.MaxWord),
		Origin: plug.Line(firstOf(labels, "instance", "host", "hostname"), plug.MaxWord),
	}
	s.Links = plug.AddLink(s.Links, g.Text("permalinks", "web"), "Alert group")
	return plug.One(s), nil
}
