package datadog

import (
	"regexp"
	"slices"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// event is one notification of a monitor.
type event struct {
	tree   plug.Doc
	title  string
	body   string
	state  string // the transition: Triggered, Re-Triggered, Warn, No Data, Renotify, Recovered ...
	scope  string // the group of a multi alert: "host:web-1,env:prod"
	titled string // the same, as the title has it
	action alert.Action
	labels map[string]string
}

// lift puts what a template has in an object "alert" or "event" beside the rest,
// under the names of the variables, as the templates of other incident tools do. A
// variable without a value is written "null".
func lift(t plug.Doc) plug.Doc {
	out := map[string]any{}
	put := func(in plug.Doc, prefix string) {
		for _, name := range in.SortedNames() {
			to := prefix + strings.TrimPrefix(name, prefix)
			if _, taken := out[to]; !taken && in.Exact(name) != "null" && in.Has(name) {
				out[to] = in.At(name).Any()
			}
		}
	}
	put(t, "")
	put(t.At("alert"), "alert_")
	put(t.At("event"), "event_")
	put(t.At("event"), "")
	put(t.At("incident"), "incident_")
	return plug.DocOf(out)
}

func read(t plug.Doc) *event {
	e := &event{tree: t, title: t.First("title", "event_title", "alert_title", "incident_title", "security_signal_title"), body: t.First("body", "text_only_msg", "text_msg", "event_msg", "text", "message", "description", "incident_msg", "security_signal_msg")}
	state, scope := prefix(e.title)
	e.state = t.First("alert_transition", "transition")
	if e.state == "" {
		e.state = plug.First(state, t.Text("incident_status"))
	}
	if e.state == "" {
		e.state = t.Text("event_type") // people write the transition here; Datadog itself a kind of monitor
		if !known(e.state) {
			e.state = t.Text("alert_status") // mostly a sentence
		}
	}
	e.scope, e.titled = group(strings.Join(t.Texts("alert_scope"), ","), strings.Join(t.Texts("scopes"), ",")), group(scope)
	e.labels = plug.Tags(append(t.Texts("tags"), strings.Split(plug.First(e.scope, e.titled), ",")...))
	e.action = e.wish()
	return e
}

// wish is what the transition asks for. Where there is none that is known, the
// type "success" says that it is over.
func (e *event) wish() alert.Action {
	if known(e.state) {
		if plain(e.state) == "recovered" {
			return alert.Resolve
		}
		return alert.Trigger
	}
	if a := plug.Action(e.state); a != alert.Trigger {
		return a
	}
	if strings.EqualFold(e.state, "completed") { // an incident after its review
		return alert.Resolve
	}
	if strings.EqualFold(e.tree.Text("alert_type"), "success") {
		return alert.Resolve
	}
	return alert.Trigger
}

// plain is a transition without its prefix for a repetition: "Re-No Data" and
// "No data" are the same.
func plain(state string) string {
	s := strings.ToLower(strings.TrimSpace(state))
	s = strings.ReplaceAll(strings.TrimPrefix(s, "re-"), " ", "")
	return s
}

func known(state string) bool {
	return slices.Contains([]string{"triggered", "recovered", "warn", "nodata", "renotify"}, plain(state))
}

// severity is the monitor's priority or, where it has none, the type of the
// alert. What only crossed its warning threshold is no more than a warning.
func (e *event) severity() string {
	word := ""
	for _, name := range []string{"alert_priority", "priority"} {
		// $PRIORITY is the event's, "normal" or "low": that says nothing about a monitor.
		if p := e.tree.Text(name); word == "" && !strings.EqualFold(p, "low") {
			word = plug.Severity(p)
		}
	}
	word = plug.First(word, plug.Severity(e.tree.First("incident_severity", "security_signal_severity")))
	warns := plain(e.state) == "warn"
	switch {
	case warns && word != "info":
		return "warning"
	case word != "":
		return word
	}
	if word = plug.Severity(e.tree.Text("alert_type")); word == "" {
		switch plain(e.state) {
		case "triggered":
			return "error" // the type of the alerts with this transition
		case "nodata":
			return "warning"
		}
	}
	return word
}

var (
	inBrackets = regexp.MustCompile(`^\s*\[([^\]]*)\]\s*`)
	monitorURL = regexp.MustCompile(`https://[a-z0-9.-]+/monitors[/#](\d+)`)
)

// prefix reads what Datadog puts before a monitor's name: "[P2] [Triggered on
// {host:web-1}] ...".
func prefix(title string) (state, scope string) {
	for {
		m := inBrackets.FindStringSubmatch(title)
		if m == nil {
			return state, scope
		}
		title = title[len(m[0]):]
		word, rest, _ := strings.Cut(m[1], " on ")
		if !known(word) {
			continue
		}
		state = word
		scope = strings.Trim(strings.TrimSpace(rest), "{}")
	}
}

// subject is a title without what changes between a trigger and its recovery:
// "[Triggered] [Memory] low" is about "[Memory] low".
func subject(title string) string {
	kept := ""
	for {
		m := inBrackets.FindStringSubmatch(title)
		if m == nil {
			return strings.TrimSpace(kept + title)
		}
		title = title[len(m[0]):]
		if word, _, _ := strings.Cut(m[1], " on "); !known(word) {
			kept += "[" + m[1] + "] "
		}
	}
}

// group is the first scope that names a group, in an order of its own: Datadog
// promises none.
func group(scopes ...string) string {
	for _, s := range scopes {
		var words []string
		for w := range strings.SplitSeq(s, ",") {
			if w = strings.TrimSpace(w); w != "" && w != "*" {
				words = append(words, w)
			}
		}
		if len(words) > 0 {
			slices.Sort(words)
			return strings.Join(words, ",")
		}
	}
	return ""
}

// key is the monitor and its group, so that each group of a multi alert is an
// alert of its own and its recovery meets it.
func (e *event) key() string {
	t := e.tree
	monitor := t.First("alert_id", "monitor_id")
	aggregate := t.First("aggreg_key", "alert_cycle_key")
	if monitor == "" && aggregate == "" {
		if m := monitorURL.FindStringSubmatch(plug.First(t.Text("link"), e.body) + " " + e.body); m != nil {
			monitor = m[1] // the default payload has no other sign of its monitor
		}
	}
	switch {
	case monitor != "" && undivided(t.Text("alert_query")):
		return plug.DedupKey("monitor", monitor, "") // as the list of monitors knows it
	case monitor != "":
		return plug.DedupKey("monitor", monitor, plug.First(e.scope, aggregate, e.titled, t.First("hostname", "host")))
	case incident(t) != "":
		return plug.DedupKey("incident", incident(t))
	case aggregate != "":
		return plug.DedupKey("aggregate", aggregate)
	case e.title != "":
		return plug.DedupKey("title", plug.First(subject(e.title), e.title), plug.First(e.scope, e.titled))
	}
	return ""
}

// incident is an incident of Datadog's own, whose notifications have no monitor.
func incident(t plug.Doc) string { return t.First("incident_public_id", "incident_uuid") }

var ofMetric = regexp.MustCompile(`^\s*(avg|sum|min|max|change|pct_change|percentile)(_by_count)?\(`)

// undivided tells the query of a metric monitor that is not grouped: it is one
// problem, and its scope is only what the query filters by.
func undivided(query string) bool {
	return ofMetric.MatchString(query) && !strings.Contains(query, "by {") && !strings.Contains(query, "by{")
}

// show adds where to look.
func (e *event) show(s *alert.Signal) {
	link := plug.WebURL(e.tree.First("link", "event_url", "url", "incident_url"))
	s.Links = plug.AddLink(s.Links, link, "Event")
	monitor := monitorURL.FindString(e.body)
	if id := e.tree.First("alert_id", "monitor_id"); monitor == "" && strings.Contains(link, "/event/") && digits(id) {
		monitor = link[:strings.Index(link, "/event/")] + "/monitors/" + id // the site differs by customer
	}
	s.Links = plug.AddLink(s.Links, monitor, "Monitor")
	if src := plug.WebURL(e.tree.Text("snapshot")); src != "" {
		s.Images = []alert.Image{{Src: src, Href: link, Alt: "Graph"}}
	}
	s.Client, s.ClientURL = "Datadog", plug.First(link, plug.WebURL(monitor))
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
