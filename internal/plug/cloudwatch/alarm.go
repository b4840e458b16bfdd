package cloudwatch

import (
	"net/url"
	"regexp"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// read makes signals of a message: an alarm of CloudWatch, an event of
// EventBridge, or a text that somebody published.
func read(subject, message, id, topic string) (plug.Received, error) {
	if text := strings.TrimSpace(message); strings.HasPrefix(text, "{") {
		if doc, err := plug.ReadDoc([]byte(text)); err == nil && (isAlarm(doc) || doc.Has("detail-type")) {
			return readDoc(doc, id, topic)
		}
	}
	return plain(subject, message, id, topic), nil
}

func isAlarm(doc plug.Doc) bool { return doc.Text("AlarmName") != "" }

func readDoc(doc plug.Doc, id, topic string) (plug.Received, error) {
	switch {
	case isAlarm(doc):
		return plug.One(alarm(doc)), nil
	case doc.Text("detail-type") == "CloudWatch Alarm State Change":
		return plug.One(stateChange(doc)), nil
	case doc.Text("detail-type") == "CloudWatch Alarm Configuration Change":
		return plug.Told("nothing is made of a change of an alarm's configuration"), nil
	case doc.Has("detail-type"):
		return plug.One(event(doc, id)), nil
	}
	if text := doc.Text("message"); text != "" {
		return plain(doc.Text("subject"), text, id, topic), nil
	}
	return plug.Received{}, plug.Unusable("/Message", "has neither an AlarmName nor a detail-type")
}

// plain is a message published by hand, or by a service that writes text. Each is
// an alert of its own: nothing in it says what would end it.
func plain(subject, message, id, topic string) plug.Received {
	first, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	s := alert.Signal{Source: Name, Action: alert.Trigger, DedupKey: plug.Key(Name + "/message/" + id), Summary: plug.Line(subject, plug.MaxSummary)}
	if doc, err := plug.ReadDoc([]byte(message)); err == nil { // a notice of RDS, Auto Scaling ...
		if about := doc.First("Event Message", "Description", "Cause", "title", "summary", "message", "detail"); about != "" {
			s.Summary = titled(s.Summary, about)
		}
	}
	if s.Summary == "" {
		s.Summary = plug.Line(first, plug.MaxSummary)
	}
	if s.Summary == "" {
		s.Summary = "Message without a text from Amazon SNS"
	}
	s.Severity = written(message)
	s.Links = plug.LinksIn(message)
	s.Labels = topicLabels(topic)
	s.Details = map[string]any{"message": message}
	return plug.One(s)
}

func topicLabels(topic string) map[string]string {
	out := plug.AddLabel(nil, "topic", topic)
	if arn := strings.Split(topic, ":"); len(arn) == 6 {
		out = plug.AddLabel(plug.AddLabel(out, "region", arn[3]), "account", arn[4])
	}
	return out
}

// alarm is a metric alarm or a composite one, as CloudWatch notifies SNS.
func alarm(doc plug.Doc) alert.Signal {
	name, arn := doc.Text("AlarmName"), doc.Text("AlarmArn")
	s := alert.Signal{
		Source: Name, Summary: titled(name, doc.Text("AlarmDescription")), StartedAt: doc.Time("StateChangeTime"),
		DedupKey:  plug.Key(arn + unnamed(arn, doc.Text("AWSAccountId"), doc.Text("Region"), name)),
		Component: plug.Line(plug.First(doc.Text("Trigger", "Namespace"), doc.Text("Namespace")), plug.MaxWord),
		Class:     plug.Line(plug.First(doc.Text("Trigger", "MetricName"), doc.Text("MetricName")), plug.MaxWord),
	}
	s.Severity = plug.First(plug.Severity(doc.First("Severity", "Priority")), written(doc.Text("AlarmDescription")))
	state(&s, doc.Text("NewStateValue"))
	for _, d := range doc.List("Trigger", "Dimensions") {
		dimension(&s, plug.First(d.Text("name"), d.Text("Name")), plug.First(d.Text("value"), d.Text("Value")))
	}
	for _, m := range doc.List("Trigger", "Metrics") { // of a metric math alarm
		for _, d := range m.List("MetricStat", "Metric", "Dimensions") {
			dimension(&s, plug.First(d.Text("name"), d.Text("Name")), plug.First(d.Text("value"), d.Text("Value")))
		}
		if s.Class == "" {
			s.Component, s.Class = m.Word("MetricStat", "Metric", "Namespace"), m.Word("MetricStat", "Metric", "MetricName")
		}
	}
	if c := doc.Text("AlarmContributorId"); c != "" { // each time series of the alarm has a state of its own
		s.DedupKey = plug.Key(s.DedupKey + "/" + c)
		for _, n := range doc.At("AlarmContributorAttributes").SortedNames() {
			s.Labels = plug.AddLabel(s.Labels, n, doc.Text("AlarmContributorAttributes", n))
		}
	}
	place(&s, arn, doc.Text("AWSAccountId"), doc.Text("Region"), name)
	s.Links = append(s.Links, plug.LinksIn(doc.Text("AlarmDescription"))...)
	s.Details = doc.Keep("AlarmDescription", "NewStateValue", "OldStateValue", "NewStateReason", "Trigger", "AlarmRule", "TriggeringChildren", "MetricName", "Namespace", "Threshold", "ComparisonOperator")
	return s
}

// unnamed is the key of an alarm whose message has no ARN, as before 2020.
func unnamed(arn, account, region, name string) string {
	if arn != "" {
		return ""
	}
	return strings.Trim(account+"/"+region+"/"+name, "/")
}

// stateChange is the same as an event of EventBridge; its key is the same too.
func stateChange(doc plug.Doc) alert.Signal {
	d := doc.At("detail")
	arn, name := "", d.Text("alarmName")
	if r := doc.List("resources"); len(r) > 0 {
		arn = r[0].Text()
	}
	about := d.Text("configuration", "description")
	s := alert.Signal{
		Source: Name, Summary: titled(plug.First(name, "CloudWatch alarm"), about), StartedAt: d.Time("state", "timestamp"), Severity: written(about),
		DedupKey: plug.Key(arn + unnamed(arn, doc.Text("account"), doc.Text("region"), name)),
	}
	if s.StartedAt.IsZero() {
		s.StartedAt = doc.Time("time")
	}
	state(&s, d.Text("state", "value"))
	for _, m := range d.List("configuration", "metrics") {
		metric := m.At("metricStat", "metric")
		if s.Class == "" {
			s.Component, s.Class = metric.Word("namespace"), metric.Word("name")
		}
		dims := metric.At("dimensions")
		for _, n := range dims.SortedNames() {
			dimension(&s, n, dims.Text(n))
		}
	}
	place(&s, arn, doc.Text("account"), doc.Text("region"), name)
	s.Links = append(s.Links, plug.LinksIn(about)...)
	s.Details = d.Keep("state", "previousState", "configuration", "muteDetail")
	return s
}

// state is what the alarm has come to. Without data nobody knows how things are:
// that is told, more quietly, and ends nothing.
func state(s *alert.Signal, value string) {
	switch strings.ToUpper(value) {
	case "OK":
		s.Action = alert.Resolve
	case "INSUFFICIENT_DATA":
		s.Action, s.Severity = alert.Trigger, "warning"
		s.Summary = plug.Line("No data: "+s.Summary, plug.MaxSummary)
	default:
		s.Action = alert.Trigger
	}
}

func dimension(s *alert.Signal, name, value string) {
	if value == "" {
		return
	}
	if s.Origin == "" {
		s.Origin = plug.Line(value, plug.MaxWord)
	}
	s.Labels = plug.AddLabel(s.Labels, name, value)
}

// place says where the alarm is, and links to it in the console.
func place(s *alert.Signal, arn, account, region, name string) {
	if p := strings.SplitN(arn, ":", 6); len(p) == 6 && p[0] == "arn" {
		region, account = plug.First(p[3], region), plug.First(p[4], account)
		host := "console.aws.amazon.com"
		if p[1] == "aws-cn" {
			host = "console.amazonaws.cn"
		}
		s.Links = plug.AddLink(s.Links, "https://"+host+"/cloudwatch/home?region="+url.QueryEscape(region)+"#alarmsV2:alarm/"+url.PathEscape(name), "Alarm in CloudWatch")
	}
	s.Group = plug.Line(account, plug.MaxWord)
	s.Labels = plug.AddLabel(plug.AddLabel(s.Labels, "region", region), "account", account)
}

func titled(name, about string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(about), "\n")
	switch {
	case line == "" || line == name:
		return plug.Line(name, plug.MaxSummary)
	case name == "":
		return plug.Line(line, plug.MaxSummary)
	}
	return plug.Line(name+": "+line, plug.MaxSummary)
}

var severityIn = regexp.MustCompile(`(?i)(?:^|[^a-z])severity\s*[:=]\s*"?([a-z]+-?[0-9]?|[1-5])`)

// written is the severity somebody wrote into a text: an alarm has no field for
// it.
func written(text string) string {
	if m := severityIn.FindStringSubmatch(text); m != nil {
		return plug.Severity(m[1])
	}
	return ""
}
