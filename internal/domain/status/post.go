package status

import (
	"slices"
	"time"

	"allclear/internal/base/fault"
)

// Post is a text to be published on an incident. IDs are made by the caller
// and opaque.
type Post struct {
	IncidentID string // an existing incident's, or a new ID together with Name
	UpdateID   string
	Name       string // required for a new incident, otherwise a new name or ""
	Status     IncidentStatus
	Impact     Impact // "" keeps it; minor for a new incident
	Body       string
	// Components maps component IDs to their state from now on.
	Components map[string]ComponentStatus
	NextUpdate *time.Time
	ByHand     bool
}

// Post returns a copy of the snapshot with the text published at now. When an
// incident is resolved, components that it moved and nobody else holds go back
// to operational unless the post says otherwise. It returns fault.Invalid
// for an incomplete post and leaves s as it is.
func (s *Snapshot) Post(p Post, now time.Time) (*Snapshot, error) {
	if !SafeID(p.IncidentID) || !SafeID(p.UpdateID) {
		return nil, fault.New(fault.Invalid, "post update: incident and update need an id")
	}
	if p.Body == "" || len(p.Body) > MaxBody {
		return nil, fault.New(fault.Invalid, "post update: write a text of 1 to %d bytes", MaxBody)
	}
	if !p.Status.ForIncident() {
		return nil, fault.New(fault.Invalid, "post update: %q is not a status of an incident", p.Status)
	}
	if p.Impact != "" && !p.Impact.Valid() {
		return nil, fault.New(fault.Invalid, "post update: %q is not an impact", p.Impact)
	}
	now = now.UTC()
	c := s.Clone()
	at := slices.IndexFunc(c.Incidents, func(i Incident) bool { return i.ID == p.IncidentID })
	if at < 0 {
		if p.Name == "" {
			return nil, fault.New(fault.NotFound, "post update: incident %s is not on the page; give a name to open it", p.IncidentID)
		}
		c.Incidents = append(c.Incidents, Incident{ID: p.IncidentID, Impact: ImpactMinor, CreatedAt: now, StartedAt: now})
		at = len(c.Incidents) - 1
	}
	changes, err := c.changes(p, c.Incidents[at])
	if err != nil {
		return nil, err
	}
	c.Incidents[at].apply(p, changes, now)
	for _, ch := range changes {
		x := c.Component(ch.Code)
		if x.Status != ch.NewStatus {
			x.Status, x.UpdatedAt = ch.NewStatus, now
		}
	}
	c.Page.UpdatedAt = now
	return c, c.Validate()
}

func (i *Incident) apply(p Post, changes []Change, now time.Time) {
	if p.Name != "" {
		i.Name = p.Name
	}
	if p.Impact != "" {
		i.Impact = p.Impact
	}
	i.Status, i.UpdatedAt, i.NextUpdateAt = p.Status, now, again(p.NextUpdate)
	switch p.Status {
	case Monitoring:
		if i.MonitoringAt == nil {
			i.MonitoringAt = &now
		}
		i.ResolvedAt = nil
	case Resolved, Postmortem:
		if i.ResolvedAt == nil {
			i.ResolvedAt = &now
		}
		i.NextUpdateAt = nil
	case Investigating, Identified, Scheduled, InProgress, Verifying, Completed:
		i.ResolvedAt = nil
	}
	for _, ch := range changes {
		if !slices.Contains(i.ComponentIDs, ch.Code) {
			i.ComponentIDs = append(i.ComponentIDs, ch.Code)
		}
	}
	i.Updates = append(i.Updates, Update{
		ID: p.UpdateID, Status: p.Status, Body: p.Body, CreatedAt: now, UpdatedAt: now, DisplayAt: now,
		Affected: changes, ByHand: p.ByHand,
	})
}

// changes lists what the post does to components, in page order.
func (s *Snapshot) changes(p Post, i Incident) ([]Change, error) {
	for id, st := range p.Components {
		x := s.Component(id)
		if x == nil || x.Group {
			return nil, fault.New(fault.NotFound, "post update: component %q is not on the page", id)
		}
		if !st.Valid() {
			return nil, fault.New(fault.Invalid, "post update: %q is not a component status", st)
		}
	}
	var out []Change
	for _, x := range s.Components {
		want, ok := p.Components[x.ID]
		if !ok && p.Status == Resolved && slices.Contains(i.ComponentIDs, x.ID) && !s.heldByOther(x.ID, i.ID) {
			want, ok = Operational, x.Status != Operational
		}
		if ok {
			out = append(out, Change{Code: x.ID, Name: x.Name, OldStatus: x.Status, NewStatus: want})
		}
	}
	return out, nil
}

// heldByOther reports whether another active incident or maintenance lists the
// component.
func (s *Snapshot) heldByOther(componentID, incidentID string) bool {
	for _, i := range s.Incidents {
		if i.ID != incidentID && i.Active() && slices.Contains(i.ComponentIDs, componentID) {
			return true
		}
	}
	for _, m := range s.Maintenances {
		if m.Active() && slices.Contains(m.ComponentIDs, componentID) {
			return true
		}
	}
	return false
}

// Handmade leaves of a kept snapshot what Carry may take over into the fresh
// one: incidents of the fresh one, and recent ones that people posted by hand
// from first to last. An incident of ours that the fresh one lacks has grown
// old or is told to one tenant alone, and must not come back.
func Handmade(kept, fresh *Snapshot) *Snapshot {
	c := *kept
	c.Incidents = nil
	for _, i := range kept.Incidents {
		known := slices.ContainsFunc(fresh.Incidents, func(f Incident) bool { return f.ID == i.ID })
		foreign := !slices.ContainsFunc(i.Updates, func(u Update) bool { return !u.ByHand })
		recent := i.Active() || fresh.GeneratedAt.Sub(i.UpdatedAt) < KeptDays*24*time.Hour
		if known || foreign && recent {
			c.Incidents = append(c.Incidents, i)
		}
	}
	return &c
}

// Carry returns fresh with every text of published that was posted by hand
// and is missing from fresh, so that what people wrote while the application
// was away does not vanish when it returns. An incident that fresh also knows
// takes over a hand-set status only when that text is its newest.
func Carry(fresh, published *Snapshot) *Snapshot {
	c := fresh.Clone()
	if published == nil {
		return c
	}
	for _, old := range published.Incidents {
		at := slices.IndexFunc(c.Incidents, func(i Incident) bool { return i.ID == old.ID })
		if at < 0 {
			if slices.ContainsFunc(old.Updates, func(u Update) bool { return u.ByHand }) {
				c.Incidents = append(c.Incidents, old.clone())
			}
			continue
		}
		c.Incidents[at].carry(old)
	}
	if published.Page.UpdatedAt.After(c.Page.UpdatedAt) {
		c.Page.UpdatedAt = published.Page.UpdatedAt
	}
	return c
}

func (i *Incident) carry(old Incident) {
	for _, u := range old.clone().Updates {
		if !u.ByHand || slices.ContainsFunc(i.Updates, func(x Update) bool { return x.ID == u.ID }) {
			continue
		}
		i.Updates = append(i.Updates, u)
		if u.DisplayAt.After(i.UpdatedAt) {
			i.Status, i.UpdatedAt = u.Status, u.DisplayAt
			i.MonitoringAt, i.ResolvedAt, i.NextUpdateAt = again(old.MonitoringAt), again(old.ResolvedAt), again(old.NextUpdateAt)
		}
	}
}
