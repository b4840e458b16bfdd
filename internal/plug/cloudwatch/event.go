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
	switch arn := d.Text("eventArn"); {
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
	about := plug.First(d.Text("eventTypeCode"), d.Text("title"), d.Text("description"), d.Text("state"))
	if texts := d.List("eventDescription"); len(texts) > 0 {
		about = plug.First(texts[0].Text("latestDescription"), about)
	}
	if about != "" {
		s.Summary = titled(kind, about)
	}
	if s.Summary == "" {
		s.Summary = "Event of EventBridge"
	}
	s.Severity = plug.Severity(d.Text("severity", "label"))
	if s.Severity == "" && d.Text("severity") != "" && d.Number("severity") == 0 {
		s.Severity = plug.Severity(d.Text("severity")) // a number there is on scales of their own
	}
	return s
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
