package cloudwatch

import (
	"slices"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// event is any other event of EventBridge, such as AWS Health's. Those of Health
// have a state and a name of their own; what repeats about one resource is one
// alert.
func event(doc plug.Doc, id string) alert.Signal {
	d, kind, from := doc.At("detail"), doc.Text("detail-type"), doc.Text("source")
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, Summary: plug.Line(kind, plug.MaxSummary), StartedAt: doc.Time("time"),
		Component: plug.Line(plug.First(d.Text("service"), from), plug.MaxWord), Class: plug.Line(kind, plug.MaxWord),
		Labels: doc.Labels(nil, "source", "region", "account"), Group: doc.Word("account"), Details: d.Any(),
	}
	var resources []string
	for _, r := range doc.List("resources") {
		resources = append(resources, r.Text())
	}
	resource := strings.Join(sorted(resources), ",")
	if len(resources) > 0 {
		s.Origin = plug.Line(resources[0], plug.MaxWord)
	}
	about := plug.First(d.Text("eventTypeCode"), d.Text("title"), d.Text("description"), d.Text("state"), d.Text("build-status"))
	found, finding := d, d.Text("id") // of GuardDuty: each sighting of a finding is told
	if all := d.List("findings"); len(all) > 0 {
		found, finding = all[0], all[0].Text("Id") // of Security Hub
		about = plug.First(found.Text("Title"), about)
	}
	switch arn := d.Text("eventArn"); {
	case finding != "" && (from == "aws.guardduty" || from == "aws.securityhub"):
		s.DedupKey = from + "/" + finding
	case arn != "":
		s.DedupKey = arn
		if d.Text("statusCode") == "closed" {
			s.Action = alert.Resolve
		}
	case resource != "":
		s.DedupKey = from + "/" + kind + "/" + resource
	default:
		s.DedupKey = from + "/" + kind + "/" + plug.First(doc.Text("id"), id)
	}
	s.DedupKey = plug.Key(s.DedupKey)
	if plug.Action(plug.First(d.Text("state"), d.Text("build-status"))) == alert.Resolve {
		s.Action = alert.Resolve // a pipeline or job that failed before has succeeded
	}
	if texts := d.List("eventDescription"); len(texts) > 0 {
		about = plug.First(texts[0].Text("latestDescription"), about)
	}
	if about != "" {
		s.Summary = titled(kind, about)
	}
	if s.Summary == "" {
		s.Summary = "Event of EventBridge"
	}
	s.Severity = plug.First(plug.Severity(d.Text("severity", "label")), plug.Severity(found.Text("Severity", "Label")))
	switch n := d.Number("severity"); {
	case s.Severity != "" || d.Text("severity") == "":
	case n == 0:
		s.Severity = plug.Severity(d.Text("severity"))
	case from == "aws.guardduty": // other numbers are on scales of their own
		s.Severity = guardDuty(n)
	}
	return s
}

// guardDuty is its scale: 9 and more critical, 7 high, 4 medium, less low.
func guardDuty(n float64) string {
	switch {
	case n >= 9:
		return "critical"
	case n >= 7:
		return "error"
	case n >= 4:
		return "warning"
	}
	return "info"
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
