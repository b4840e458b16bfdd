package message

import (
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/status"
)

// Post is what a status page tells about one incident. It is written when
// something is published and holds nothing but what may be read outside, apart
// from the two ids that tie it to the incident and its tenant.
type Post struct {
	ID           string    `json:"id"` // opaque, part of the public address
	IncidentID   ident.ID  `json:"incident_id"`
	Private      bool      `json:"private,omitempty"` // on the tenant's page only
	Tenant       string    `json:"tenant,omitempty"`
	Title        string    `json:"title"`
	Services     []string  `json:"services,omitempty"` // whose components it touches
	CreatedAt    time.Time `json:"created_at"`
	StartedAt    time.Time `json:"started_at"`
	NextUpdateAt time.Time `json:"next_update_at,omitzero"`
	Retracted    bool      `json:"retracted,omitempty"`
	Turns        []Turn    `json:"turns"`
}

// Turn is one step of a post: an update, or, without a text, a change of the
// impact alone.
type Turn struct {
	At       time.Time             `json:"at"`
	Status   status.IncidentStatus `json:"status"`
	Impact   status.Impact         `json:"impact"`
	UpdateID string                `json:"update_id,omitempty"` // opaque
	Body     string                `json:"body,omitempty"`
	Private  bool                  `json:"private,omitempty"` // told to the tenant alone
	Ended    time.Time             `json:"ended,omitzero"`    // resolved: when the impact ended

	Corrected time.Time `json:"corrected,omitzero"` // when a later one said that this is wrong
	Withdrawn bool      `json:"withdrawn,omitempty"`
}

func (t Turn) over() bool { return t.Status == status.Resolved || t.Status == status.Postmortem }

// state is what the turn makes of a component.
func (t Turn) state() status.ComponentStatus {
	if t.over() {
		return status.Operational
	}
	return ComponentState(t.Impact)
}

// ComponentState is what an incident of the impact makes of its components.
func ComponentState(i status.Impact) status.ComponentStatus {
	switch i {
	case status.ImpactCritical:
		return status.MajorOutage
	case status.ImpactMajor:
		return status.PartialOutage
	case status.ImpactMinor:
		return status.DegradedPerformance
	case status.ImpactNone:
	}
	return status.Operational
}

// last is the present turn; a post always has one.
func (p *Post) last() Turn { return p.Turns[len(p.Turns)-1] }

// Open reports whether the post says that the incident is going on.
func (p *Post) Open() bool { return len(p.Turns) > 0 && !p.last().over() }

// State is what the post makes of its components now.
func (p *Post) State() status.ComponentStatus {
	if p.Retracted || len(p.Turns) == 0 {
		return status.Operational
	}
	return p.last().state()
}

// Status is the post's present word, empty before the first update.
func (p *Post) Status() status.IncidentStatus {
	if len(p.Turns) == 0 {
		return ""
	}
	return p.last().Status
}

// Tell adds an update. A report after the end keeps the end as it was told.
func (p *Post) Tell(t Turn) {
	switch {
	case t.Status == status.Postmortem && len(p.Turns) > 0 && p.last().over():
		t.Ended = p.last().Ended
	case !t.over():
		t.Ended = time.Time{}
	case t.Ended.IsZero() || t.Ended.After(t.At):
		t.Ended = t.At
	}
	if !t.Ended.IsZero() && t.Ended.Before(p.StartedAt) {
		t.Ended = p.StartedAt
	}
	if t.over() {
		p.NextUpdateAt = time.Time{}
	}
	p.Turns = append(p.Turns, t)
}

// Correct marks the update that a later one corrects or takes back. What was taken
// back stays so.
func (p *Post) Correct(update string, taken bool, at time.Time) {
	for n := range p.Turns {
		if t := &p.Turns[n]; update != "" && t.UpdateID == update {
			t.Corrected, t.Withdrawn = at, taken || t.Withdrawn
		}
	}
}

// Move follows a change of severity; it reports whether the page changes.
func (p *Post) Move(i status.Impact, at time.Time) bool {
	if !p.Open() || p.last().Impact == i {
		return false
	}
	p.Turns = append(p.Turns, Turn{At: at, Status: p.last().Status, Impact: i, Private: p.last().Private})
	return true
}

// Spans are the times during which the post's components were impaired. They
// begin with the impact, not with the first update; a false alarm has none.
// own is as for Public.
func (p *Post) Spans(own bool) []status.Span {
	if p.Retracted {
		return nil
	}
	var out []status.Span
	turns := slices.DeleteFunc(slices.Clone(p.Turns), func(t Turn) bool { return t.Private && !own })
	for n, t := range turns {
		if t.over() {
			if n == 0 && p.StartedAt.Before(t.Ended) { // over before anybody was told
				out = append(out, status.Span{Start: p.StartedAt, End: t.Ended, Status: ComponentState(t.Impact)})
			}
			continue
		}
		s := status.Span{Start: t.At, Status: t.state()}
		if n == 0 && p.StartedAt.Before(t.At) {
			s.Start = p.StartedAt
		}
		if n+1 < len(turns) {
			next := turns[n+1]
			s.End = next.At
			if next.over() && next.Ended.Before(s.End) {
				s.End = next.Ended
			}
			if !s.Start.Before(s.End) {
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// Component is a public part of the product by its public id.
type Component struct{ ID, Name string }

// Public is the post as a page shows it. components maps the post's services;
// own is set for the tenant's page, where private updates are shown too. ok is
// false when there is nothing to show.
func (p *Post) Public(components []Component, own bool) (i status.Incident, ok bool) {
	if p.Private && !own {
		return i, false
	}
	i = status.Incident{ID: p.ID, Name: p.Title, CreatedAt: p.CreatedAt, StartedAt: p.StartedAt, Updates: []status.Update{}}
	for _, c := range components {
		i.ComponentIDs = append(i.ComponentIDs, c.ID)
	}
	before := status.Operational
	for _, t := range p.Turns {
		if t.Private && !own {
			continue
		}
		i.Status, i.Impact, i.UpdatedAt = t.Status, t.Impact, t.At
		switch {
		case t.over():
			i.ResolvedAt = &t.Ended
		case t.Status == status.Monitoring && i.MonitoringAt == nil:
			i.MonitoringAt, i.ResolvedAt = &t.At, nil
		default:
			i.ResolvedAt = nil
		}
		if t.Body == "" {
			continue
		}
		u := status.Update{ID: t.UpdateID, Status: t.Status, Body: t.Body, CreatedAt: t.At, UpdatedAt: t.At, DisplayAt: t.At, Withdrawn: t.Withdrawn}
		if !t.Corrected.IsZero() {
			u.CorrectedAt = &t.Corrected
		}
		if after := t.state(); after != before {
			for _, c := range components {
				u.Affected = append(u.Affected, status.Change{Code: c.ID, Name: c.Name, OldStatus: before, NewStatus: after})
			}
			before = after
		}
		i.Updates = append(i.Updates, u)
	}
	if i.Active() && !p.NextUpdateAt.IsZero() {
		i.NextUpdateAt = &p.NextUpdateAt
	}
	return i, len(i.Updates) > 0
}
