package uptimekuma

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// beat reads a heartbeat.
func beat(t plug.Doc) (plug.Received, error) {
	b, m := t.At("heartbeat"), t.At("monitor")
	name := m.First("name", "pathName")
	key := plug.DedupKey("monitor", plug.First(m.Text("id"), b.First("monitorID", "monitor_id")))
	if key == "" {
		key = plug.DedupKey("name", name)
	}
	if key == "" {
		return plug.Received{}, plug.Unusable("/monitor/id", "is needed, or heartbeat/monitorID: there is nothing to know the monitor by")
	}
	s := alert.Signal{
		Source: Name, DedupKey: key, Severity: "critical", // an outage as customers see it
		Origin: plug.Line(plug.First(m.Text("hostname"), host(m.Text("url"))), plug.MaxWord), Component: plug.Line(name, plug.MaxWord), Class: plug.Line(m.Text("type"), plug.MaxWord),
		Labels: tags(m), StartedAt: began(b), Client: "Uptime Kuma",
	}
	var word string
	switch state := strings.ToLower(b.Text("status")); state {
	case "0", "down", "false":
		s.Action, word = alert.Trigger, "down"
	case "1", "up", "true":
		s.Action, word = alert.Resolve, "up"
	case "2", "pending", "3", "maintenance":
		// Nothing has begun, and nothing is over: it is being tried again, or somebody
		// is working on it.
		return plug.Received{}, nil
	case "":
		return plug.Received{}, plug.Unusable("/heartbeat/status", "is needed: 0 for down, 1 for up, 2 for pending or 3 for maintenance")
	default:
		s.Action, word = alert.Trigger, state
	}
	if path := strings.Split(m.Text("pathName"), " / "); len(path) > 1 {
		s.Group = plug.Line(strings.Join(path[:len(path)-1], " / "), plug.MaxWord)
	}
	s.Summary = plug.First(name, "Monitor "+key) + " is " + word
	if why := plug.First(b.Text("msg"), t.Text("msg")); why != "" && s.Action == alert.Trigger {
		s.Summary += ": " + why
	}
	s.Summary = plug.Line(s.Summary, plug.MaxSummary)
	s.Details = details(t, b, m)
	s.Links = plug.AddLink(s.Links, m.Text("url"), "What is monitored")
	return received(s)
}

// details are the named fields that help. The others stay where they came from:
// a monitor's settings hold passwords, connection strings and tokens.
func details(t, b, m plug.Doc) map[string]any {
	out := map[string]any{}
	for _, n := range []string{"msg", "status", "ping", "duration", "retries", "localDateTime", "timezone"} {
		if v := b.Text(n); v != "" {
			out[n] = v
		}
	}
	for _, n := range []string{"description", "hostname", "port", "type", "interval", "maxretries", "keyword"} {
		if v := m.Text(n); v != "" {
			out["monitor_"+n] = v
		}
	}
	if v := t.Text("msg"); v != "" {
		out["message"] = v
	}
	return out
}

// began is the heartbeat's time: "time" is UTC, and the local one has its
// offset beside it.
func began(b plug.Doc) time.Time {
	at := b.Time("time")
	if !at.IsZero() {
		return at
	}
	if local, offset := b.Text("localDateTime"), b.Text("timezoneOffset"); local != "" && offset != "" {
		return plug.DocOf(local + offset).Time()
	}
	return at
}

func tags(m plug.Doc) map[string]string {
	var words []string
	for _, v := range m.List("tags") {
		if v.IsObject() {
			words = append(words, v.Text("name")+":"+v.Text("value"))
			continue
		}
		words = append(words, v.Text())
	}
	return plug.Tags(words)
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// expiring is what Uptime Kuma says of a certificate or a domain name:
// "[Shop][https://shop.example.net] server certificate shop.example.net will
// expire in 14 days".
var expiring = regexp.MustCompile(`(?i)^(.*\b(?:certificate|domain)\b.*?)\s+(?:will expire|expires|has expired|is expired)\b`)

// told is how Uptime Kuma words a heartbeat: "[Shop] [🔴 Down] timeout". A body that
// somebody wrote for a webhook often has that and nothing else.
var told = regexp.MustCompile(`(?i)^\[(.+)\] \[(?:[^\]a-z]+ )?(up|down)\]\s*(.*)$`)

// message reads what comes without a heartbeat.
func message(t plug.Doc) (plug.Received, error) {
	text := t.Text("msg")
	if text == "" {
		return plug.Received{}, plug.Unusable("/heartbeat", "is needed, or msg: there is nothing to call an alert by")
	}
	if m := told.FindStringSubmatch(plug.Line(text, plug.MaxSummary)); m != nil {
		return beat(plug.DocOf(map[string]any{"heartbeat": map[string]any{"status": m[2], "msg": m[3]}, "monitor": map[string]any{"name": m[1]}, "msg": text}))
	}
	s := alert.Signal{Source: Name, Action: alert.Trigger, Summary: plug.Line(text, plug.MaxSummary), Severity: "info", DedupKey: "test", Class: "test", Client: "Uptime Kuma"}
	if m := expiring.FindStringSubmatch(text); m != nil {
		// Each reminder of one certificate is the same alert, however many days are left.
		s.Severity, s.Class, s.DedupKey = "warning", "expiry", plug.DedupKey("expiry", m[1])
		if strings.Contains(strings.ToLower(text), "expired") {
			s.Severity = "critical"
		}
		s.Component = plug.Line(strings.TrimSpace(strings.Trim(first(m[1]), "[]")), plug.MaxWord)
	} else if !strings.Contains(strings.ToLower(text), "test") {
		s.DedupKey, s.Class, s.Severity = plug.DedupKey("message", text), "message", ""
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == '[' || r == ']' || r == ' ' }) {
		s.Links = plug.AddLink(s.Links, w, "What is monitored")
	}
	return received(s)
}

// first is what stands in the first brackets of a message: the monitor's name.
func first(text string) string {
	if !strings.HasPrefix(text, "[") {
		return ""
	}
	in, _, _ := strings.Cut(text[1:], "]")
	return in
}
