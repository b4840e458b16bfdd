package alert

import (
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
)

// Noise is what is remembered of an alert to keep it quiet, and to tell why it
// paged or did not.
type Noise struct {
	Why    []Decision  `json:"why,omitempty"`     // oldest first
	Begun  []time.Time `json:"begun,omitempty"`   // of its last runs
	Flaps  bool        `json:"flaps,omitempty"`   // it stays open until it has been over for a while
	OverAt time.Time   `json:"over_at,omitzero"`  // since when it has been, while it flaps
	Cause  string      `json:"cause,omitempty"`   // INC-42: the incident it is likely a symptom of
	HeldBy string      `json:"held_by,omitempty"` // what holds it back, while something does
}

// Decision is one thing that was decided about an alert.
type Decision struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// maxWhy is how many decisions an alert remembers: the first, which says how it
// began, and the newest.
const maxWhy = 20

// Note remembers a decision; one that is the same as the last is not repeated.
func (n *Noise) Note(text string, now time.Time) {
	if k := len(n.Why); k > 0 && n.Why[k-1].Text == text {
		return
	}
	if len(n.Why) == maxWhy {
		n.Why = append(n.Why[:1], n.Why[2:]...)
	}
	n.Why = append(n.Why, Decision{At: now, Text: text})
}

// Began remembers that a run has begun, and reports whether the alert has begun
// to flap with it.
func (n *Noise) Began(f procedure.Flapping, now time.Time) bool {
	if f.Changes == 0 {
		return false
	}
	var recent []time.Time
	for _, t := range n.Begun {
		if now.Sub(t) < f.Within.Elapsed() {
			recent = append(recent, t)
		}
	}
	n.Begun = append(recent, now)
	if n.Flaps || len(n.Begun) < f.Changes {
		return false
	}
	n.Flaps = true
	return true
}

// Settle ends the flapping.
func (n *Noise) Settle() { n.Flaps, n.Begun, n.OverAt = false, nil, time.Time{} }

// Tags are the labels of a signal, and beside them what else is known of it under
// names of its own: service, source, severity, component, group, class and origin.
// A label of the source's wins over them.
func (s *Signal) Tags(service string) map[string]string {
	out := map[string]string{"service": service, "source": s.Source, "severity": s.Severity, "component": s.Component, "group": s.Group, "class": s.Class, "origin": s.Origin}
	maps.DeleteFunc(out, func(_, v string) bool { return v == "" })
	maps.Copy(out, s.Labels)
	return out
}

// Maintenance is a time in which alerts of services are expected.
type Maintenance struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Services []string  `json:"services"`
	Matchers []Matcher `json:"matchers,omitempty"` // none: every alert of the services
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"` // of the first time, where it repeats
	// Repeat is daily, weekly or monthly by the wall clock of Zone; empty: once.
	Repeat    string    `json:"repeat,omitempty"`
	Zone      string    `json:"time_zone,omitempty"`
	Until     time.Time `json:"until,omitzero"` // no time begins at or after it
	Reason    string    `json:"reason"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"` // ended by hand: nothing of it holds from then on
	EndedBy   string    `json:"ended_by,omitempty"`
	// Over is the beginning of a time that was over before its end: nothing of it
	// holds from then on, but of those to come.
	Over time.Time `json:"over,omitzero"`
	// Public is what the status page tells of it; nil: nothing.
	Public *Announcement `json:"public,omitempty"`
}

// Announcement is a maintenance in words for the public.
type Announcement struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	// ByHand has a person say on the page that it begins and ends; otherwise the
	// page follows the times.
	ByHand bool `json:"by_hand,omitempty"`
	Mail   bool `json:"mail,omitempty"` // the customers of the services are mailed
}

// Occurrence is one time of a maintenance, [From, To).
type Occurrence struct{ From, To time.Time }

// Limits of a maintenance.
const (
	maxServices = 200
	maxLength   = 14 * 24 * time.Hour
)

// maxTimes bounds the walk over a repetition: a daily one for fifty years.
const maxTimes = 200_000

// At is the time that covers now, or else the next one; ok is false when none
// comes any more.
func (m *Maintenance) At(now time.Time) (o Occurrence, ok bool) {
	if !m.EndedAt.IsZero() && !now.Before(m.EndedAt) {
		return o, false
	}
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		zone = time.UTC
	}
	length := m.EndsAt.Sub(m.StartsAt)
	first := m.StartsAt.In(zone)
	for n := m.near(now); n < maxTimes; n++ {
		from := m.start(first, n)
		if n > 0 && (m.Repeat == "" || !m.Until.IsZero() && !from.Before(m.Until)) {
			return o, false
		}
		o = Occurrence{From: from.UTC(), To: from.Add(length).UTC()}
		if !m.EndedAt.IsZero() && !o.From.Before(m.EndedAt) {
			return o, false
		}
		if now.Before(o.To) && (m.Over.IsZero() || o.From.After(m.Over)) {
			return o, true
		}
	}
	return o, false
}

// near is a time of the repetition that is over for sure, close before now.
func (m *Maintenance) near(now time.Time) int {
	const day = 24 * time.Hour
	every := map[string]time.Duration{"daily": day, "weekly": 7 * day, "monthly": 31 * day}[m.Repeat]
	if every == 0 {
		return 0
	}
	// A maintenance lasts two weeks at most; a day more for the clocks.
	return max(0, int((now.Sub(m.StartsAt)-maxLength-day)/every))
}

// start is the nth time's beginning, at the same time on the wall as the first. A
// day that a month does not have is its last; a time the clocks skip is the first
// instant after.
func (m *Maintenance) start(first time.Time, n int) time.Time {
	on := recur.CivilOf(first, first.Location())
	day := on.Date
	switch m.Repeat {
	case "daily":
		day = day.AddDays(n)
	case "weekly":
		day = day.AddDays(7 * n)
	case "monthly":
		last := time.Date(day.Year, day.Month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
		day = recur.Date{Year: last.Year(), Month: last.Month(), Day: min(day.Day, last.Day())}
	}
	return day.At(on.Second, first.Location())
}

// Check refuses a maintenance that cannot be kept, and compiles it.
func (m *Maintenance) Check(now time.Time) error {
	bad := fault.New(fault.Invalid, "the maintenance cannot be kept")
	need := func(ok bool, where, what string) {
		if !ok {
			bad = bad.With(where, what)
		}
	}
	need(strings.TrimSpace(m.Title) != "" && len(m.Title) <= maxPattern, "/title", "must say what is done")
	need(strings.TrimSpace(m.Reason) != "" && len(m.Reason) <= maxPattern, "/reason", "must say why alerts are expected")
	need(len(m.Services) > 0 && len(m.Services) <= maxServices, "/services", "must name 1 to 200 services")
	need(m.StartsAt.Before(m.EndsAt) && m.EndsAt.Sub(m.StartsAt) <= maxLength, "/ends_at", "must be after starts_at, by at most 14 days")
	need(slices.Contains([]string{"", "daily", "weekly", "monthly"}, m.Repeat), "/repeat", "must be daily, weekly or monthly")
	need(m.Repeat != "" || now.Before(m.EndsAt), "/ends_at", "is in the past")
	_, err := time.LoadLocation(m.Zone)
	need(err == nil && (m.Repeat == "" || m.Zone != "" && m.Zone != "Local"), "/time_zone", "must be an IANA name such as Europe/Paris")
	need(len(m.Matchers) <= maxMatchers, "/matchers", "are more than 64")
	if p := m.Public; p != nil {
		need(strings.TrimSpace(p.Title) != "" && len(p.Title) <= status.MaxName, "/public/title", "must say in up to 300 bytes what the public reads")
		need(strings.TrimSpace(p.Text) != "" && len(p.Text) <= status.MaxBody, "/public/text", "must say in up to 25,000 bytes what customers should know")
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return m.Compile()
}

// Compile makes the matchers ready after the maintenance was read from somewhere.
func (m *Maintenance) Compile() error {
	for i := range m.Matchers {
		if err := m.Matchers[i].Check(); err != nil {
			return err
		}
	}
	return nil
}

// Covers reports whether an alert of a service is expected at now.
func (m *Maintenance) Covers(service string, tags map[string]string, now time.Time) bool {
	if !m.On(service) {
		return false
	}
	o, ok := m.At(now)
	if !ok || now.Before(o.From) {
		return false
	}
	for i := range m.Matchers {
		if x := &m.Matchers[i]; !x.Matches(tags[x.Name]) {
			return false
		}
	}
	return true
}

// On reports whether the maintenance is about a service.
func (m *Maintenance) On(service string) bool {
	return slices.Contains(m.Services, service)
}
