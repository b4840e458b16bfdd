// Package gcp reads what Google Cloud Monitoring posts to a webhook or publishes to
// a topic whose push subscription leads here. It must not verify tokens of Google's
// identity service: the hook's secret is its proof.
//
// Sources: cloud.google.com/monitoring, "Create and manage notification channels",
// sections Webhooks (also of Error Reporting) and Pub/Sub (schema 1.2), "Annotate notifications with
// user-defined documentation"; cloud.google.com/pubsub, "Push subscriptions".
package gcp

import (
	"encoding/base64"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "gcp"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Google Cloud Monitoring", Source: Name, Docs: "docs/integrations/gcp.md",
			Setup: []string{
				"In the Google Cloud console open Monitoring, Alerting, Edit notification channels, and at Webhooks choose Add new.",
				"Endpoint URL {url}, display name Allclear. If the hook has a secret, tick Use HTTP Basic Auth: user allclear, password {secret}.",
				"Test connection has to succeed; nothing is made of the test. Save.",
				"In each alerting policy choose the channel under Notifications, tick Notify on incident closure, and choose a severity level.",
				"Or publish to a topic: a push subscription of it with the endpoint {url} is read as well.",
			},
			Sample: `{"version":"1.2","incident":{"incident_id":"0.opqiw61fsv7p","scoping_project_id":"shop","url":"https://console.cloud.google.com/monitoring/alerting/incidents/0.opqiw61fsv7p?project=shop","started_at":1772420580,"ended_at":null,"state":"open","severity":"Error","summary":"CPU utilization for web-3 is above the threshold of 0.8 with a value of 0.99.","policy_name":"Web CPU","condition_name":"VM Instance - CPU utilization","observed_value":"0.99","threshold_value":"0.8","resource":{"type":"gce_instance","labels":{"instance_id":"11","zone":"europe-west1-b","project_id":"shop"}},"resource_display_name":"web-3","resource_type_display_name":"VM Instance","metric":{"type":"compute.googleapis.com/instance/cpu/utilization","displayName":"CPU utilization","labels":{"instance_name":"web-3"}},"documentation":{"content":"See https://wiki.example.net/web-cpu","mime_type":"text/markdown","subject":"Web CPU"}}}`,
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
	if doc.IsObject("message") && !doc.Has("incident") {
		return pushed(doc)
	}
	if doc.IsObject("group_info") && !doc.Has("incident") {
		return errorGroup(doc)
	}
	if !doc.IsObject("incident") {
		return plug.Received{}, plug.Unusable("/incident", "is missing")
	}
	return incident(doc)
}

// errorGroup is a group of errors that Error Reporting saw for the first time, or again
// after it was resolved. It says no end and no severity; the group is the alert, and
// its address is all that names it.
func errorGroup(doc plug.Doc) (plug.Received, error) {
	link, project := doc.Text("group_info", "detail_link"), doc.Text("group_info", "project_id")
	group, _, _ := strings.Cut(link, "?")
	if group == "" {
		return plug.Received{}, plug.Unusable("/group_info/detail_link", "is missing")
	}
	thrown := strings.Trim(doc.Text("exception_info", "type")+": "+doc.Text("exception_info", "message"), ": ")
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: plug.Key("errors/" + project + "/" + group), Client: "Google Cloud Error Reporting", Group: plug.Line(project, plug.MaxWord),
		Summary:   plug.Line(plug.First(thrown, doc.Text("event_info", "log_message"), doc.Text("subject"), "New error in Google Cloud"), plug.MaxSummary),
		Component: doc.Word("event_info", "service"), Class: doc.Word("exception_info", "type"), Details: doc.Keep("subject", "exception_info", "event_info"),
	}
	s.Labels = plug.AddLabel(plug.AddLabel(nil, "version", doc.Text("event_info", "version")), "response_status", doc.Text("event_info", "response_status"))
	s.Links = plug.AddLink(nil, link, "Error in Google Cloud")
	return plug.One(s), nil
}

// pushed opens the envelope of Pub/Sub. What else is published to the topic is
// taken and left: Pub/Sub would send a refused message for days.
func pushed(doc plug.Doc) (plug.Received, error) {
	text := doc.Text("message", "data")
	if text == "" {
		return plug.Told("nothing is made of a message without data"), nil
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		plain, err = base64.URLEncoding.DecodeString(text)
	}
	if err != nil {
		return plug.Received{}, plug.Unusable("/message/data", "is not base64")
	}
	inner, err := plug.ReadDoc(plain)
	if err != nil || !inner.IsObject("incident") {
		return plug.Told("nothing is made of a message that has no incident"), nil //nolint:nilerr // a topic may carry other messages, see above
	}
	return incident(inner)
}

func incident(doc plug.Doc) (plug.Received, error) {
	i := doc.At("incident")
	if strings.EqualFold(doc.Text("version"), "test") {
		return plug.Told("the test arrived; nothing is made of it"), nil
	}
	id := i.Text("incident_id")
	if id == "" {
		return plug.Received{}, plug.Unusable("/incident/incident_id", "is missing")
	}
	subject, about := i.Text("documentation", "subject"), i.Text("documentation", "content")
	if about == "" {
		about = i.Text("documentation") // before version 1.1 it was a text
	}
	s := alert.Signal{
		Source: Name, Action: plug.Action(i.Text("state")), DedupKey: plug.Key(id), Severity: severity(i), Client: "Google Cloud Monitoring",
		Summary: plug.Line(plug.First(i.Text("summary"), subject, strings.Trim(i.Text("policy_name")+": "+i.Text("condition_name"), ": "), "Incident of Google Cloud Monitoring "+id), plug.MaxSummary),
		Origin:  plug.Line(i.First("resource_display_name", "resource_name", "resource_id"), plug.MaxWord), Component: plug.Line(plug.First(i.Text("resource_type_display_name"), i.Text("resource", "type")), plug.MaxWord),
		Class: plug.Line(plug.First(i.Text("condition_name"), i.Text("condition", "displayName")), plug.MaxWord), Group: plug.Line(plug.First(i.Text("scoping_project_id"), i.Text("resource", "labels", "project_id")), plug.MaxWord),
		StartedAt: i.Time("started_at"), Labels: i.Labels(nil, "policy_name", "condition_name"),
		Details: i.Keep("summary", "observed_value", "threshold_value", "condition", "documentation", "metric", "resource", "metadata", "policy_user_labels", "ended_at"),
	}
	s.Labels = plug.AddLabel(s.Labels, "metric", plug.First(i.Text("metric", "displayName"), i.Text("metric", "type")))
	for _, set := range [...]plug.Doc{i.At("resource", "labels"), i.At("metric", "labels"), i.At("metadata", "user_labels"), i.At("policy_user_labels")} {
		for _, name := range set.SortedNames() {
			const most = 64
			if len(s.Labels) < most {
				s.Labels = plug.AddLabel(s.Labels, name, set.Text(name))
			}
		}
	}
	if s.Origin == "" {
		s.Origin = plug.Line(plug.First(s.Labels["instance_name"], s.Labels["instance_id"], s.Labels["host"]), plug.MaxWord)
	}
	s.Links = plug.AddLink(s.Links, i.Text("url"), "Incident in Google Cloud")
	for _, l := range i.List("documentation", "links") {
		s.Links = plug.AddLink(s.Links, l.Text("url"), plug.First(l.Text("displayName"), l.Text("display_name")))
	}
	s.Links = append(s.Links, plug.LinksIn(about)...)
	return plug.One(s), nil
}

// severity is the policy's level, else a label somebody gave it. "No severity" is
// none.
func severity(i plug.Doc) string {
	for _, word := range [...]string{
		i.Text("severity"), i.Text("policy_user_labels", "severity"), i.Text("metadata", "user_labels", "severity"), i.Text("metadata", "system_labels", "severity"),
	} {
		if s := plug.Severity(word); s != "" {
			return s
		}
	}
	return ""
}
