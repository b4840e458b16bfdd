package nagios

import (
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// notification is what a command was given.
type notification struct {
	tree    plug.Doc
	kind    string // PROBLEM, RECOVERY, ACKNOWLEDGEMENT, FLAPPINGSTART, DOWNTIMESTART, CUSTOM ... without separators
	host    string
	service string // empty for a host
	state   string // OK, WARNING, CRITICAL, UNKNOWN; UP, DOWN, UNREACHABLE
}

func read(t plug.Doc) *notification {
	n := &notification{
		tree: t, host: t.First("hostname", "host", "hostdisplayname", "hostalias"), service: t.First("servicedesc", "servicename", "service", "servicedescription", "servicedisplayname"),
		kind: strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToUpper(t.First("notificationtype", "type"))),
	}
	kind, _, _ := strings.Cut(n.kind, "(") // "ACKNOWLEDGEMENT (CRITICAL)"
	n.kind = kind
	if n.service != "" {
		n.state = state(t.First("servicestate", "serviceshortstate", "servicestateid", "state", "currentstate"), "OK", "WARNING", "CRITICAL", "UNKNOWN")
	} else {
		n.state = state(t.First("hoststate", "hostshortstate", "hoststateid", "state", "currentstate"), "UP", "DOWN", "UNREACHABLE")
	}
	return n
}

// state reads a word, or its number.
func state(word string, words ...string) string {
	if len(word) == 1 && word[0] >= '0' && int(word[0]-'0') < len(words) {
		return words[word[0]-'0']
	}
	word = strings.ToUpper(word)
	if full, ok := shortened[word]; ok {
		return full
	}
	return word
}

// shortened are the states as Checkmk and check results write them.
var shortened = map[string]string{"CRIT": "CRITICAL", "WARN": "WARNING", "UNKN": "UNKNOWN", "UNREACH": "UNREACHABLE"}

func (n *notification) fine() bool { return n.state == "OK" || n.state == "UP" }

// signal answers what the notification says; false where it changes nothing.
func (n *notification) signal() (s alert.Signal, told bool) {
	t := n.tree
	s = alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: n.key(), Summary: n.summary(), Severity: severity(n.state),
		Origin: plug.Line(n.host, plug.MaxWord), Component: plug.Line(n.service, plug.MaxWord), Group: plug.Line(plug.First(t.Text("hostgroupname"), first(t, "hostgroupnames", "hostgroups", "hostgroup")), plug.MaxWord),
		Class: plug.Line(t.First("servicecheckcommand", "hostcheckcommand"), plug.MaxWord), Labels: n.labels(), StartedAt: n.at(), Client: "Nagios",
	}
	switch n.kind {
	case "RECOVERY", "OK", "UP":
		s.Action = alert.Resolve
	case "ACKNOWLEDGEMENT", "ACKNOWLEDGE", "ACK":
		s.Action = alert.Acknowledge
	case "FLAPPINGSTOP", "FLAPPINGEND", "FLAPPINGDISABLED":
		// While it flaps there are no recoveries: the state at its end is what counts.
		if n.fine() {
			s.Action = alert.Resolve
		}
	case "FLAPPINGSTART":
		if n.fine() {
			s.Severity = "warning"
		}
	case "DOWNTIMESTART", "DOWNTIMEEND", "DOWNTIMECANCELLED", "DOWNTIMEREMOVED":
		// Planned work says nothing about a problem: one that still stands at its end
		// is notified again.
		return s, false
	case "CUSTOM":
		if n.fine() { // somebody has something to say about what is well
			s.Severity, s.DedupKey = "info", plug.DedupKey("custom", n.host, n.service)
		}
	default: // PROBLEM, and what nobody knows
		if n.fine() {
			s.Action = alert.Resolve
		}
	}
	link := func(text string, names ...string) { s.Links = plug.AddLink(s.Links, t.First(names...), text) }
	link("Runbook", "servicenotesurl", "hostnotesurl")
	link("Action", "serviceactionurl", "hostactionurl")
	link("Monitoring", "url", "weburl", "monitoringurl")
	return s, true
}

func (n *notification) key() string {
	if n.service == "" {
		return plug.DedupKey("host", n.host)
	}
	return plug.DedupKey("service", n.host, n.service)
}

func (n *notification) summary() string {
	t := n.tree
	what, output := n.host, t.First("hostoutput", "output")
	if n.service != "" {
		what, output = n.service+" on "+n.host, t.First("serviceoutput", "output")
	}
	text := what
	if n.state != "" {
		text += " is " + n.state
	}
	if strings.HasPrefix(n.kind, "FLAPPINGSTART") {
		text = what + " is flapping"
	}
	if n.kind == "CUSTOM" {
		output = plug.First(t.Text("notificationcomment"), output)
	}
	if output != "" {
		text += ": " + output
	}
	return plug.Line(text, plug.MaxSummary)
}

// severity is the state's. UNKNOWN says only that nobody knows.
func severity(state string) string {
	switch state {
	case "CRITICAL", "DOWN":
		return "critical"
	case "UNREACHABLE": // what it depends on is down, and has an alert of its own
		return "error"
	case "WARNING":
		return "warning"
	}
	return ""
}

// at is when it was notified. $LONGDATETIME$ is in the server's zone and names it
// by letters that mean several: it counts where they are UTC.
func (n *notification) at() time.Time {
	t := n.tree
	if at := t.FirstTime("timet", "timestamp", "lastservicestatechange", "servicelaststatechange", "lasthoststatechange", "hostlaststatechange", "longdatetime"); !at.IsZero() {
		return at
	}
	if at, err := time.Parse("Mon Jan _2 15:04:05 MST 2006", t.Text("longdatetime")); err == nil && (at.Location() == time.UTC || at.Location().String() == "GMT") {
		return at.UTC()
	}
	return time.Time{}
}

func (n *notification) labels() map[string]string {
	out := map[string]string{}
	for label, names := range map[string][]string{
		"alias": {"hostalias", "hostdisplayname"}, "address": {"hostaddress", "hostaddress6", "address"}, "hostgroups": {"hostgroupnames", "hostgroups"}, "servicegroups": {"servicegroupnames", "servicegroups"},
		"author": {"notificationauthor", "serviceackauthor", "hostackauthor"}, "comment": {"notificationcomment", "serviceackcomment", "hostackcomment"},
	} {
		for _, name := range names {
			if v := strings.Join(n.tree.Texts(name), ", "); v != "" {
				out[label] = v
				break
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func first(t plug.Doc, names ...string) string {
	for _, n := range names {
		if list := t.Texts(n); len(list) > 0 {
			return list[0]
		}
	}
	return ""
}
