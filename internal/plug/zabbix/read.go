package zabbix

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// actions are what a notification asks for: one thing, or for an update each
// thing that somebody did, or nothing.
func actions(t plug.Doc) []alert.Action {
	switch {
	case t.Text("eventrecoveryvalue") == "0", t.Text("eventvalue") == "0":
		return []alert.Action{alert.Resolve} // also an update of what is over already
	case t.Text("eventupdatestatus") == "1":
		return updated(strings.ToLower(t.Text("eventupdateaction")), t.Text("eventackstatus"))
	}
	word := t.Text("eventvalue")
	if word == "" {
		word = t.First("eventstatus", "triggerstatus", "status", "state", "triggervalue")
	}
	if word == "" {
		word, _, _ = strings.Cut(t.First("subject", "alertsubject"), " ") // Zabbix' own subjects: "Resolved in 5m: ..."
		word = strings.Trim(word, ":")
	}
	switch word {
	case "0":
		return []alert.Action{alert.Resolve}
	case "1":
		return []alert.Action{alert.Trigger}
	}
	return []alert.Action{plug.Action(word)}
}

// updated reads {EVENT.UPDATE.ACTION}: "acknowledged, commented, changed severity
// from High to Disaster". Comments and suppressions change nothing here.
func updated(what, acknowledged string) (out []alert.Action) {
	if what == "" {
		if strings.EqualFold(acknowledged, "yes") {
			return []alert.Action{alert.Acknowledge}
		}
		return []alert.Action{alert.Trigger}
	}
	severity, ack := false, false
	for part := range strings.SplitSeq(strings.ReplaceAll(what, " and ", ", "), ",") {
		switch part = strings.TrimSpace(part); {
		case part == "closed":
			return []alert.Action{alert.Resolve}
		case part == "acknowledged":
			ack = true
		case strings.HasPrefix(part, "changed severity"):
			severity = true
		}
	}
	if severity {
		out = append(out, alert.Trigger)
	}
	if ack {
		out = append(out, alert.Acknowledge)
	}
	return out
}

func signal(t plug.Doc) alert.Signal {
	name := t.First("eventname", "problemname", "triggername", "title", "name")
	if name == "" {
		name = subject(t.First("subject", "alertsubject"))
	}
	host := t.First("hostname", "hosthost", "host", "hostip")
	labels := tags(t)
	s := alert.Signal{
		Source: Name, DedupKey: key(t, name, host), Summary: plug.Line(plug.First(title(name, host), firstLine(t.First("message", "alertmessage"))), plug.MaxSummary),
		Severity: severity(t), Origin: plug.Line(host, plug.MaxWord), Component: plug.Line(plug.First(labels["service"], labels["application"], labels["component"]), plug.MaxWord),
		Group: plug.Line(t.First("hostgroups", "hostgroup", "triggerhostgroupname"), plug.MaxWord), Class: plug.Line(plug.First(t.Text("triggername"), name), plug.MaxWord), Labels: labels, Client: "Zabbix",
	}
	base := strings.TrimRight(plug.WebURL(t.Text("zabbixurl")), "/")
	if trigger, event := t.Text("triggerid"), t.Text("eventid"); base != "" && trigger != "" && event != "" {
		s.Links = plug.AddLink(s.Links, base+"/tr_events.php?triggerid="+url.QueryEscape(trigger)+"&eventid="+url.QueryEscape(event), "Problem")
	}
	s.ClientURL = base
	s.Links = plug.AddLink(s.Links, t.First("triggerurl", "eventurl"), plug.First(t.Text("triggerurlname"), "Trigger"))
	s.Links = plug.AddLink(s.Links, t.Text("linktoupstreamdetails"), "Details")
	if src := plug.WebURL(t.Text("imageurl")); src != "" {
		s.Images = []alert.Image{{Src: src}}
	}
	return s
}

// key is the problem: in a recovery and an update, {EVENT.ID} is that of the
// problem, and each problem of a trigger is an alert of its own.
func key(t plug.Doc, name, host string) string {
	if id := t.First("eventid", "problemid", "eventproblemid"); id != "" {
		return plug.DedupKey("event", id)
	}
	if id := t.Text("alertuid"); id != "" {
		return plug.DedupKey("uid", id)
	}
	if id := t.Text("triggerid"); id != "" {
		return plug.DedupKey("trigger", id, host)
	}
	if name != "" {
		return plug.DedupKey("name", host, name)
	}
	return ""
}

// title names the host, unless the problem's name does.
func title(name, host string) string {
	if name == "" || host == "" || strings.Contains(name, host) {
		return name
	}
	return host + ": " + name
}

// inFront is what Zabbix' own message templates put before a problem's name.
var inFront = regexp.MustCompile(`^(?i:(problem|resolved|updated problem|update|ok)( in [^:]*)?: *)`)

func subject(s string) string { return inFront.ReplaceAllString(s, "") }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// severity is that of the problem, or the new one of an update. Zabbix' six
// become four: Disaster is critical, High an error, Average and Warning a
// warning; "Not classified" says nothing.
func severity(t plug.Doc) string {
	for _, n := range []string{"eventupdatenseverity", "eventupdateseverity", "eventnseverity", "eventseverity", "nseverity", "triggernseverity", "triggerseverity", "severity", "priority"} {
		switch strings.ToLower(t.Text(n)) {
		case "5", "disaster":
			return "critical"
		case "4", "high":
			return "error"
		case "3", "2", "average", "warning":
			return "warning"
		case "1", "information":
			return "info"
		case "0", "not classified":
			return ""
		}
	}
	return plug.Severity(t.First("severity", "eventseverity"))
}

// tags reads {EVENT.TAGSJSON}, as JSON or as the text it comes in, and
// {EVENT.TAGS}.
func tags(t plug.Doc) map[string]string {
	out := map[string]string{}
	for _, n := range []string{"eventtags", "eventtagsjson", "tags"} {
		list := t.List(n)
		if text := t.Text(n); list == nil && strings.HasPrefix(text, "[") {
			var decoded []any
			if json.Unmarshal([]byte(text), &decoded) == nil {
				list = plug.DocOf(decoded).List()
			}
		}
		if list == nil {
			maps.Copy(out, plug.Tags(t.Texts(n)))
			continue
		}
		for _, tag := range list {
			if k := plug.Line(tag.First("tag", "name"), plug.MaxWord); k != "" {
				out[k] = plug.Line(tag.Text("value"), plug.MaxWord)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
