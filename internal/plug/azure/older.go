package azure

import (
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// healthOf tells which health an event of the activity log is about, if any. Its
// source is a word or a number, so that the name of the service or of the operation
// has to do as well.
func healthOf(c, e plug.Doc) string {
	for _, word := range [...]string{c.Text("eventSource"), e.Text("monitoringService"), c.Text("operationName")} {
		word = strings.ReplaceAll(strings.ToLower(word), " ", "")
		for _, name := range [...]string{"ServiceHealth", "ResourceHealth"} {
			if strings.Contains(word, strings.ToLower(name)) {
				return name
			}
		}
	}
	return ""
}

// health is a notice of service health, known by its tracking id, or the health of
// one resource. Both come as a stream of events that are fired and never resolved by
// Azure Monitor itself: what they say of themselves counts.
func health(c plug.Doc, source, target string, e plug.Doc) (plug.Received, error) {
	p := c.At("properties")
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, Client: "Azure Monitor", Class: plug.Line(source, plug.MaxWord), Severity: level(c.Text("level")),
		Summary: titled(plug.First(p.Text("title"), p.Text("defaultLanguageTitle"), e.Text("alertRule")), e.Text("description")),
		Labels:  p.Labels(nil, "service", "region", "incidentType", "trackingId", "stage", "currentHealthStatus", "previousHealthStatus", "cause"),
	}
	where(&s, target)
	s.StartedAt = p.Time("impactStartTime")
	for _, at := range [...]plug.Doc{e.At("firedDateTime"), c.At("eventTimestamp")} {
		if s.StartedAt.IsZero() {
			s.StartedAt = at.Time()
		}
	}
	s.Details = map[string]any{"text": communication(plug.First(p.Text("communication"), p.Text("defaultLanguageContent"), p.Text("details"))), "event": c.Any()}
	if source == "ResourceHealth" {
		id := plug.First(target, c.Text("resourceId"))
		if id == "" {
			return plug.Received{}, plug.Unusable("/data/essentials/alertTargetIDs", "is missing")
		}
		if s.Component == "" {
			where(&s, id)
		}
		s.DedupKey = plug.Key("resourcehealth/" + strings.ToLower(id))
		switch strings.ToLower(p.Text("currentHealthStatus")) {
		case "available":
			s.Action = alert.Resolve
		case "unavailable":
			s.Severity = "critical"
		case "degraded":
			s.Severity = "error"
		}
		if strings.EqualFold(c.Text("status"), "Resolved") {
			s.Action = alert.Resolve
		}
		return plug.One(s), nil
	}
	id := plug.First(p.Text("trackingId"), p.Text("incident"), c.Text("correlationId"), e.Text("alertId"))
	if id == "" {
		return plug.Received{}, plug.Unusable("/data/alertContext/properties/trackingId", "is missing")
	}
	s.DedupKey = plug.Key("servicehealth/" + strings.ToLower(id))
	s.Origin, s.Component = plug.Line(p.Text("region"), plug.MaxWord), plug.Line(p.Text("service"), plug.MaxWord)
	s.Links = plug.AddLink(s.Links, "https://app.azure.com/h/"+p.Text("trackingId"), "Azure Service Health")
	if p.Text("trackingId") == "" || strings.ContainsAny(p.Text("trackingId"), "/?# ") {
		s.Links = nil
	}
	switch strings.ToLower(p.Text("incidentType")) {
	case "informational", "maintenance", "actionrequired":
		s.Severity = "info"
	}
	switch strings.ToLower(plug.First(p.Text("stage"), c.Text("status"))) {
	case "resolved", "complete", "completed", "canceled", "cancelled", "rca":
		s.Action = alert.Resolve
	}
	return plug.One(s), nil
}

// level is the activity log's word, or its number.
func level(word string) string {
	switch strings.ToLower(word) {
	case "critical", "1":
		return "critical"
	case "error", "2":
		return "error"
	case "warning", "3":
		return "warning"
	case "informational", "verbose", "4", "5":
		return "info"
	}
	return ""
}

// activity is an alert on the activity log in the schema of its own.
func activity(a, data plug.Doc) (plug.Received, error) {
	if source := healthOf(a, plug.Doc{}); source != "" {
		return health(a, source, a.Text("resourceId"), plug.Doc{})
	}
	id := plug.First(a.Text("correlationId"), a.Text("eventDataId"))
	if id == "" {
		return plug.Received{}, plug.Unusable("/data/context/activityLog/correlationId", "is missing")
	}
	operation := a.Text("operationName")
	s := alert.Signal{
		Source: Name, Action: condition(data.Text("status")), DedupKey: plug.Key("activitylog/" + strings.ToLower(id+"/"+operation)), Severity: level(a.Text("level")), Client: "Azure Monitor", Class: "Activity Log",
		Summary: titled(plug.First(operation, "Activity log event"), plug.First(a.Text("description"), strings.TrimSpace(a.Text("status")+" "+a.Text("subStatus")))), StartedAt: a.Time("eventTimestamp"),
		Labels: a.Labels(nil, "caller", "status", "subStatus", "eventSource", "operationName"), Details: a.Any(),
	}
	where(&s, a.Text("resourceId"))
	return plug.One(s), nil
}

// anomaly puts an alert of smart detection, as it was told before the common schema,
// into that schema's names.
func anomaly(doc plug.Doc) plug.Doc {
	e, rule := doc.At("properties", "essentials"), doc.Text("name")
	if rule == "" {
		rule = e.Text("alertRule")[strings.LastIndexByte(e.Text("alertRule"), '/')+1:]
	}
	return plug.DocOf(map[string]any{
		"essentials": e.Over(plug.DocOf(map[string]any{
			"alertId": doc.Text("id"), "alertRule": rule, "monitoringService": e.Text("monitorService"), "firedDateTime": e.Text("startDateTime"), "alertTargetIDs": []any{e.Text("targetResource")},
		})).Any(),
		"alertContext": doc.At("properties", "context").Any(),
	})
}

// metric is a metric alert before the common schema, or a classic one.
func metric(data plug.Doc) (plug.Received, error) {
	c := data.At("context")
	rule, resource := plug.First(c.Text("id"), c.Text("name")), plug.First(c.Text("resourceId"), c.Text("resourceName"))
	if rule == "" {
		return plug.Received{}, plug.Unusable("/data/context/id", "is missing")
	}
	s := alert.Signal{
		Source: Name, Action: condition(data.Text("status")), Severity: severity(c.Text("severity")), Client: "Azure Monitor", Class: "Metric",
		Summary: titled(plug.First(c.Text("name"), rule), plug.First(c.Text("description"), c.Text("details"))), StartedAt: c.Time("timestamp"), Details: data.Keep("context", "properties"),
	}
	where(&s, resource)
	s.Origin, s.Group = plug.Line(plug.First(c.Text("resourceName"), s.Origin), plug.MaxWord), plug.Line(plug.First(c.Text("resourceGroupName"), s.Group), plug.MaxWord)
	if s.Component == "" {
		s.Component = plug.Line(strings.ToLower(c.Text("resourceType")), plug.MaxWord)
	}
	if c.Has("newCapacity") { // of autoscale, which tells what it has done
		s.Class, s.Severity = "Autoscale", plug.First(s.Severity, "info")
	}
	key := rule + "/" + resource
	s.Labels = plug.AddLabel(s.Labels, "metric", c.Text("condition", "metricName"))
	conditions(&s, c.At("condition"))
	for _, one := range c.List("condition", "allOf") { // each set of dimensions is a problem of its own
		for _, d := range one.List("dimensions") {
			key += "/" + d.Text("name") + "=" + d.Text("value")
		}
	}
	s.DedupKey = plug.Key(strings.ToLower(key))
	properties(&s, data.At("properties"))
	s.Links = plug.AddLink(s.Links, c.Text("portalLink"), "Resource in Azure")
	return plug.One(s), nil
}

// logAlert is an alert on a log search before the common schema. It is told anew
// each time and never resolved: one alert for each rule.
func logAlert(d plug.Doc) (plug.Received, error) {
	rule := d.Text("AlertRuleName")
	if rule == "" {
		return plug.Received{}, plug.Unusable("/data/AlertRuleName", "is missing")
	}
	about := d.Text("Description")
	if n := d.Text("ResultCount"); about == "" && n != "" {
		about = n + " results"
	}
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: plug.Key(strings.ToLower("log/" + d.Text("SubscriptionId") + "/" + rule)), Severity: severity(d.Text("Severity")), Client: "Azure Monitor", Class: "Log",
		Summary: titled(rule, about), StartedAt: d.Time("SearchIntervalEndtimeUtc"), Details: d.Keep("SearchQuery", "ResultCount", "AlertThresholdOperator", "AlertThresholdValue", "SearchResult", "SearchResults", "Description"),
	}
	if s.StartedAt.IsZero() {
		s.StartedAt = d.Time("SearchIntervalStartTimeUtc")
	}
	s.Labels = plug.AddLabel(plug.AddLabel(s.Labels, "subscription", d.Text("SubscriptionId")), "workspace", d.Text("WorkspaceId"))
	if items := d.List("AffectedConfigurationItems"); len(items) > 0 {
		s.Origin = items[0].Word()
	}
	s.Links = plug.AddLink(s.Links, plug.First(d.Text("LinkToSearchResults"), d.Text("LinktoSearchResults")), "Search results")
	return plug.One(s), nil
}

// budget is a budget of Cost Management in the schema of its own. It is told at each
// threshold and never resolved: one alert for each budget and period.
func budget(d plug.Doc) (plug.Received, error) {
	name := d.Text("BudgetName")
	if name == "" {
		return plug.Received{}, plug.Unusable("/data/BudgetName", "is missing")
	}
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, Client: "Azure Cost Management", Class: "Budget", Group: d.Word("ResourceGroup"), Origin: plug.Line(plug.First(d.Text("SubscriptionName"), d.Text("SubscriptionId")), plug.MaxWord),
		DedupKey: plug.Key(strings.ToLower("budget/" + d.Text("SubscriptionId") + "/" + d.Text("ResourceGroup") + "/" + name + "/" + d.Text("BudgetStartDate"))),
		Summary:  titled("Budget "+name, strings.TrimSpace(d.Text("SpendingAmount")+" of "+d.Text("Budget")+" "+d.Text("Unit")+" spent")), Details: d.Any(),
	}
	s.Labels = plug.AddLabel(s.Labels, "subscription", d.Text("SubscriptionId"))
	return plug.One(s), nil
}
