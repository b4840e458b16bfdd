package alertmanager

import (
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Limits of one alert's labels; beyond them it is refused.
const (
	maxLabels     = 256
	maxLabelName  = 1024
	maxLabelValue = 16 << 10
)

// item is one alert as it is posted: postableAlert of the API, an element of
// the webhook's list, or a single alert with a summary beside its labels.
type item struct {
	labels, annotations  map[string]string
	starts, ends         time.Time
	generator, status    string
	summary, description string
}

// field reads a member as the API asks for it.
func (it *item) field(j *plug.JSON, name string) {
	switch name {
	case "labels":
		it.labels = j.Texts()
		if it.labels == nil {
			it.labels = map[string]string{}
		}
	case "annotations":
		it.annotations = j.Texts()
	case "startsAt":
		it.starts = j.Time()
	case "endsAt":
		it.ends = j.Time()
	case "generatorURL":
		it.generator = j.Text()
	case "status":
		it.status = j.Text()
	default:
		it.beside(j, name)
	}
}

// loose reads a member of a webhook, which many tools post that are no Alertmanager:
// a label may be a number, and what cannot be read beside the labels is not there.
func (it *item) loose(j *plug.JSON, name string) {
	switch name {
	case "labels":
		it.labels = words(j)
	case "annotations":
		it.annotations = words(j)
	case "startsAt":
		it.starts = plug.DocOf(scalar(j)).Time()
	case "endsAt":
		it.ends = plug.DocOf(scalar(j)).Time()
	case "generatorURL":
		it.generator = scalar(j)
	case "status":
		it.status = scalar(j)
	default:
		it.beside(j, name)
	}
}

// beside reads what is no part of the protocol: anything but a string in its place is
// somebody's own field.
func (it *item) beside(j *plug.JSON, name string) {
	if j.Kind() != '"' {
		return
	}
	switch name {
	case "summary":
		it.summary = j.Text()
	case "description":
		it.description = j.Text()
	}
}

func words(j *plug.JSON) map[string]string {
	out := map[string]string{}
	if j.Kind() == '{' {
		j.Object(func(name []byte) { out[string(name)] = scalar(j) })
	}
	return out
}

// scalar reads a string, a number or a truth as text; anything else is empty.
func scalar(j *plug.JSON) string {
	switch j.Kind() {
	case '"':
		return j.Text()
	case '0', 't', 'f':
		return string(j.Raw())
	}
	j.Skip()
	return ""
}

// settle checks the alert and works out its times by Alertmanager's rules. It
// answers what is wrong, and nothing when all is well.
func (it *item) settle(p *parser) string {
	for k, v := range it.labels {
		switch {
		case v == "": // an empty label is no label
			delete(it.labels, k)
		case k == "":
			return "has a label without a name"
		case len(k) > maxLabelName || len(v) > maxLabelValue:
			return "has a label that is too long"
		}
	}
	switch {
	case len(it.labels) == 0:
		return "at least one label pair required"
	case len(it.labels) > maxLabels:
		return "has too many labels"
	}
	if p.api {
		return it.settlePosted(p.now)
	}
	if it.status == "" {
		it.status = p.status
	}
	it.status = strings.ToLower(it.status)
	switch it.status {
	case "firing", "resolved":
	case "":
		it.status = "firing"
		if !it.ends.IsZero() && !it.ends.After(p.now) {
			it.status = "resolved"
		}
	default:
		return "status must be firing or resolved"
	}
	if it.status == "firing" {
		it.ends = time.Time{} // a webhook is repeated seldom: only a resolve ends what it told
	}
	return ""
}

// settlePosted follows postAlertsHandler of Alertmanager: without an end the
// alert times out, and an end that is not after now resolves it.
func (it *item) settlePosted(now time.Time) string {
	if it.starts.IsZero() {
		it.starts = now
		if !it.ends.IsZero() {
			it.starts = it.ends
		}
	}
	if it.ends.IsZero() {
		it.ends = now.Add(resolveTimeout)
	}
	if it.ends.Before(it.starts) {
		return "start time must be before end time"
	}
	it.status = "firing"
	if !it.ends.After(now) {
		it.status = "resolved"
	}
	return ""
}

// details is what a signal keeps beside its labels.
type details struct {
	Annotations map[string]string `json:"annotations,omitempty"`
}

func (it *item) signal(p *parser) alert.Signal {
	s := alert.Signal{
		Source: Name, Action: alert.Trigger, DedupKey: fingerprint(it.labels), Summary: it.title(), Severity: severity(it.labels["severity"]),
		Origin: plug.Line(it.labels["instance"], plug.MaxWord), Component: plug.Line(it.labels["job"], plug.MaxWord), Class: plug.Line(it.labels["alertname"], plug.MaxWord),
		Labels: it.labels, StartedAt: it.starts, EndsAt: it.ends,
	}
	if it.status == "resolved" {
		s.Action = alert.Resolve
	}
	if len(it.annotations) > 0 {
		s.Details = details{Annotations: it.annotations}
	}
	s.Links = plug.AddLink(s.Links, it.generator, "Source")
	s.Links = plug.AddLink(s.Links, it.annotations["runbook_url"], "Runbook")
	s.Links = plug.AddLink(s.Links, it.annotations["dashboard_url"], "Dashboard")
	if u := plug.WebURL(p.externalURL); u != "" {
		s.Client, s.ClientURL = "Alertmanager", u
	}
	return s
}

// title is the summary annotation, else the alert's name, else what there is.
func (it *item) title() string {
	for _, t := range [...]string{it.annotations["summary"], it.summary, it.labels["alertname"], it.annotations["description"], it.description} {
		if t = plug.Line(t, plug.MaxSummary); t != "" {
			return t
		}
	}
	return plug.Line(labelText(it.labels), plug.MaxSummary)
}

// severity maps the label to the words of the Events API. A word nobody knows
// is none, which suggests P3 (contract).
func severity(label string) string {
	switch strings.ToLower(strings.TrimSpace(label)) {
	case "critical", "page": // "page" is how the Prometheus and SRE literature label what must wake somebody
		return "critical"
	case "error", "high", "major":
		return "error"
	case "warning", "warn":
		return "warning"
	case "info", "informational", "none":
		return "info"
	}
	return ""
}
