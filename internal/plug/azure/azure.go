// Package azure reads what an action group of Azure Monitor posts: the common alert
// schema, and the schemas before it for metrics, logs and the activity log, service
// and resource health among them. It must not take Azure's severities for ours:
// Sev0 is the worst there and Sev4 the least.
//
// Sources: learn.microsoft.com, "Common alert schema", "Sample alert payloads",
// "Non-common alert schema definitions", "Configure a webhook for a classic metric
// alert", "Use webhooks to configure health notifications".
package azure

import (
	"encoding/json"
	"net/url"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "azure"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Azure Monitor", Source: Name, Docs: "docs/integrations/azure.md",
			Setup: []string{
				"In the Azure portal open Monitor, Alerts, Action groups, and create one or choose yours.",
				"Under Actions add the type Webhook (not Secure Webhook), with the URI {url}, and enable the common alert schema.",
				"If the hook has a secret, write it into the URI as a password: https://azure:{secret}@ in front of the host.",
				"Use Test action group on the same page: an alert comes up here.",
				"In each alert rule choose the action group under Actions, and leave Automatically resolve alerts on, so that an alert ends here too.",
			},
			Sample: `{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.AlertsManagement/alerts/b9569717-bc32-442f-add5-83a997729330","alertRule":"cpu of web","severity":"Sev1","signalType":"Metric","monitorCondition":"Fired","monitoringService":"Platform","alertTargetIDs":["/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-3"],"firedDateTime":"2026-03-02T03:03:00.0000000Z","description":"CPU above 90 %","essentialsVersion":"1.0","alertContextVersion":"1.0"},"alertContext":{"condition":{"windowSize":"PT5M","allOf":[{"metricName":"Percentage CPU","operator":"GreaterThan","threshold":"90","metricValue":97.5,"dimensions":[]}]}}}}`,
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	doc, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	data := doc.At("data")
	switch {
	case doc.IsObject("properties", "essentials"):
		return common(anomaly(doc))
	case data.IsObject("essentials"):
		return common(data)
	case data.IsObject("context", "activityLog"):
		return activity(data.At("context", "activityLog"), data)
	case doc.IsObject("context", "activityLog"):
		return activity(doc.At("context", "activityLog"), doc)
	case data.IsObject("context"):
		return metric(data)
	case doc.IsObject("context"):
		return metric(doc)
	case data.Has("AlertRuleName"):
		return logAlert(data)
	case doc.Has("AlertRuleName"):
		return logAlert(doc)
	case data.Has("BudgetName"):
		return budget(data)
	}
	return plug.Received{}, plug.Unusable("/data", "has neither essentials nor the context of an alert")
}

// common is the common alert schema.
func common(data plug.Doc) (plug.Received, error) {
	e, c := data.At("essentials"), data.At("alertContext")
	target := ""
	if ids := e.List("alertTargetIDs"); len(ids) > 0 {
		target = ids[0].Text()
	}
	if source := healthOf(c, e); source != "" {
		return health(c, source, target, e)
	}
	key := plug.First(e.Text("alertId"), e.Text("originAlertId"))
	if key == "" {
		if e.Text("alertRule") == "" {
			return plug.Received{}, plug.Unusable("/data/essentials/alertId", "is missing")
		}
		key = e.Text("alertRule") + "/" + target
	}
	s := alert.Signal{
		Source: Name, Action: condition(e.Text("monitorCondition")), DedupKey: plug.Key(strings.ToLower(key)), Severity: severity(e.Text("severity")), Client: "Azure Monitor",
		Summary: titled(e.Text("alertRule"), plug.First(e.Text("description"), c.Text("annotations", "summary"), c.Text("annotations", "description"), c.Text("DetectionSummary"))), Class: e.Word("signalType"), StartedAt: e.Time("firedDateTime"),
		Labels: e.Labels(nil, "alertRule", "monitoringService", "signalType", "severity"), Details: map[string]any{"essentials": e.Any(), "alertContext": c.Any()},
	}
	where(&s, target)
	if s.Origin == "" {
		if items := e.List("configurationItems"); len(items) > 0 {
			s.Origin = items[0].Word()
		}
	}
	conditions(&s, c.At("condition"))
	properties(&s, data.At("customProperties"))
	properties(&s, c.At("properties"))
	properties(&s, c.At("labels")) // of a Prometheus rule
	s.Links = plug.AddLink(s.Links, c.Text("annotations", "runbook_url"), "Runbook")
	portal(&s, e.Text("alertId"))
	s.Links = plug.AddLink(s.Links, e.Text("investigationLink"), "Investigation in Azure")
	s.Links = plug.AddLink(s.Links, c.Text("LinkToSearchResults"), "Search results")
	for _, one := range c.List("condition", "allOf") {
		s.Links = plug.AddLink(s.Links, one.Text("linkToSearchResultsUI"), "Search results")
	}
	return plug.One(s), nil
}

// conditions reads which metric it is, and of what.
func conditions(s *alert.Signal, c plug.Doc) {
	for _, one := range c.List("allOf") {
		s.Labels = plug.AddLabel(s.Labels, "metric", one.Text("metricName"))
		for _, d := range one.List("dimensions") {
			s.Labels = plug.AddLabel(s.Labels, d.Text("name"), d.Text("value"))
		}
	}
}

// properties are what the owner of a rule added.
func properties(s *alert.Signal, p plug.Doc) {
	const most = 64
	for _, name := range p.SortedNames() {
		if len(s.Labels) >= most {
			return
		}
		if v := p.Text(name); !plug.TooLong(v, 256) {
			s.Labels = plug.AddLabel(s.Labels, name, v)
		}
	}
}

// severity is Azure's scale: critical, error, warning, informational, verbose.
func severity(word string) string {
	switch strings.TrimPrefix(strings.ToLower(word), "sev") {
	case "0", "critical":
		return "critical"
	case "1", "error":
		return "error"
	case "2", "warning":
		return "warning"
	case "3", "4", "informational", "information", "verbose":
		return "info"
	}
	return ""
}

func condition(word string) alert.Action {
	switch strings.ToLower(word) {
	case "resolved", "deactivated", "closed":
		return alert.Resolve
	}
	return alert.Trigger
}

func titled(rule, about string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(about), "\n")
	switch {
	case rule == "" && line == "":
		return "Azure Monitor alert"
	case line == "" || line == rule:
		return plug.Line(rule, plug.MaxSummary)
	case rule == "":
		return plug.Line(line, plug.MaxSummary)
	}
	return plug.Line(rule+": "+line, plug.MaxSummary)
}

// where reads a resource's id:
// /subscriptions/<id>/resourcegroups/<group>/providers/<namespace>/<type>/<name>.
func where(s *alert.Signal, id string) {
	parts := strings.Split(strings.Trim(id, "/"), "/")
	for i := 0; i+1 < len(parts); i += 2 {
		switch strings.ToLower(parts[i]) {
		case "subscriptions":
			s.Labels = plug.AddLabel(s.Labels, "subscription", parts[i+1])
		case "resourcegroups":
			s.Group = plug.Line(parts[i+1], plug.MaxWord)
		case "providers":
			if i+3 < len(parts) {
				s.Component = plug.Line(strings.ToLower(parts[i+1]+"/"+parts[i+2]), plug.MaxWord)
				s.Origin = plug.Line(parts[len(parts)-1], plug.MaxWord)
			}
			s.Labels = plug.AddLabel(s.Labels, "resource", id)
			return
		}
	}
}

func portal(s *alert.Signal, id string) {
	if strings.HasPrefix(id, "/subscriptions/") {
		s.Links = plug.AddLink(s.Links, "https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/"+url.QueryEscape(id), "Alert in Azure")
	}
}

// communication is the text of a notice, which comes as HTML or as JSON in a
// string.
func communication(text string) string {
	var inner []struct {
		Text string `json:"communicationText"`
	}
	if json.Unmarshal([]byte(text), &inner) == nil && len(inner) > 0 {
		return inner[0].Text
	}
	return text
}
