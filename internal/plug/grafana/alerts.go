package grafana

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// unified reads one alert of unified alerting; t is the envelope around it. It
// answers what is wrong, and nothing when all is well.
func unified(t, a plug.Doc) (s alert.Signal, wrong string) {
	if !a.IsObject() {
		return s, "must be an object"
	}
	labels, notes := texts(a.At("labels")), texts(a.At("annotations"))
	title := plug.First(notes["summary"], name(labels), notes["title"], a.Text("title"), notes["description"], notes["message"], t.Text("title"))
	key := a.Text("fingerprint")
	if key == "" && (len(labels) > 0 || a.Text("title") != "") {
		key = fingerprint(labels, a.Text("title"))
	}
	switch {
	case key == "":
		return s, "needs labels or a fingerprint: there is nothing to know the alert by"
	case title == "":
		title = "Grafana alert " + key
	}
	s = alert.Signal{
		Source: Name, Action: action(plug.First(a.Text("status"), t.Text("status"), t.Text("state"))), DedupKey: plug.DedupKey("alert", key), Summary: plug.Line(title, plug.MaxSummary),
		Severity: severity(plug.First(labels["severity"], labels["priority"], labels["level"])), Labels: labels, Details: a.Without("labels"), StartedAt: a.Time("startsAt"),
		Origin:    plug.Line(firstOf(labels, "instance", "host", "hostname", "node", "pod", "device"), plug.MaxWord),
		Component: plug.Line(firstOf(labels, "service", "service_name", "job", "app", "component"), plug.MaxWord),
		Group:     plug.Line(firstOf(labels, "grafana_folder", "cluster", "namespace", "group"), plug.MaxWord), Class: plug.Line(plug.First(labels["alertname"], a.Text("title")), plug.MaxWord),
	}
	if s.Action == alert.Resolve {
		s.EndsAt = a.Time("endsAt") // of a firing alert it is only when Grafana would forget it
	}
	s.Links = plug.AddLink(s.Links, a.Text("panelURL"), "Panel")
	s.Links = plug.AddLink(s.Links, a.Text("dashboardURL"), "Dashboard")
	s.Links = plug.AddLink(s.Links, notes["runbook_url"], "Runbook")
	s.Links = plug.AddLink(s.Links, a.Text("generatorURL"), "Rule")
	s.Links = plug.AddLink(s.Links, a.Text("silenceURL"), "Silence in Grafana")
	image(&s, a.Text("imageURL"), a.First("panelURL", "dashboardURL"))
	s.Client, s.ClientURL = "Grafana", plug.WebURL(t.Text("externalURL"))
	return s, ""
}

// name is the alert's. Where a rule got no data or failed, Grafana puts that in
// the place of its name, and the name beside it.
func name(labels map[string]string) string {
	n := labels["alertname"]
	if r := labels["rulename"]; r != "" && r != n {
		return r + " (" + n + ")"
	}
	return n
}

// action reads a status. What says neither firing nor resolved fires.
func action(word string) alert.Action {
	if a := plug.Action(word); a == alert.Resolve {
		return a
	}
	return alert.Trigger
}

// severity reads the label as an Alertmanager's is read.
func severity(word string) string {
	switch strings.ToLower(word) {
	case "page":
		return "critical"
	case "none":
		return "info"
	}
	return plug.Severity(word)
}

func image(s *alert.Signal, src, href string) {
	if src = plug.WebURL(src); src != "" {
		s.Images = append(s.Images, alert.Image{Src: src, Href: plug.WebURL(href), Alt: "Graph"})
	}
}

// texts are the scalars of a set of labels that say something.
func texts(t plug.Doc) map[string]string {
	out := map[string]string{}
	for _, k := range t.SortedNames() {
		if v := t.Text(k); v != "" && k != "" {
			out[k] = v
		}
	}
	return out
}

func firstOf(labels map[string]string, names ...string) string {
	for _, n := range names {
		if v := labels[n]; v != "" {
			return v
		}
	}
	return ""
}

// fingerprint identifies a set of labels that came without one.
func fingerprint(labels map[string]string, title string) string {
	h := sha256.New()
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		h.Write([]byte(k + "\x00" + labels[k] + "\x00"))
	}
	h.Write([]byte(title))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
