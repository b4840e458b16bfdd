// Package status owns what the public may see: the Snapshot, an allow-list of
// facts about components, incidents and maintenances, and what follows from
// it (indicator, uptime, the state after a post). A field that is not in
// these types cannot reach the public page, a feed or the public API.
//
// It must not know internal incidents, people, alerts or numbers, and does no
// I/O: callers build a Snapshot and edges render it.
package status

import (
	"slices"
	"time"

	"allclear/internal/domain/brand"
)

// Snapshot is the whole public page at one instant. It is treated as
// immutable once published; Post and Carry return changed copies.
type Snapshot struct {
	Page         Page          `json:"page"`
	Components   []Component   `json:"components"`
	Incidents    []Incident    `json:"incidents"`
	Maintenances []Maintenance `json:"maintenances"`
	// GeneratedAt is the heartbeat: when the application last vouched for
	// this snapshot. A post by hand does not move it.
	GeneratedAt time.Time `json:"generated_at"`
}

// Page names the page itself. TimeZone is an IANA name; "Etc/UTC" when empty.
type Page struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	URL       string    `json:"url"`
	TimeZone  string    `json:"time_zone"`
	UpdatedAt time.Time `json:"updated_at"`
	// Since is the day the page began, from which there is history.
	Since time.Time   `json:"since,omitzero"`
	Brand brand.Brand `json:"brand,omitzero"`
}

// Component is a public part of the product. A group is a component that
// only holds others; its status is derived with GroupStatus.
type Component struct {
	ID                 string          `json:"id"`
	Name               string          `json:"name"`
	Description        string          `json:"description,omitempty"`
	Position           int             `json:"position"`
	GroupID            string          `json:"group_id,omitempty"`
	Group              bool            `json:"group,omitempty"`
	Status             ComponentStatus `json:"status"`
	Showcase           bool            `json:"showcase"`
	OnlyShowIfDegraded bool            `json:"only_show_if_degraded,omitempty"`
	// StartDate (YYYY-MM-DD, UTC) is the first day uptime is counted from.
	StartDate string    `json:"start_date,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// Days holds the last days of uptime, oldest first, usually ninety.
	Days []Day `json:"days,omitempty"`
}

// Incident is what the public is told about one. ID is opaque: it carries no
// internal number and is part of the public address.
type Incident struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Status       IncidentStatus `json:"status"`
	Impact       Impact         `json:"impact"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
	StartedAt    time.Time      `json:"started_at"`
	MonitoringAt *time.Time     `json:"monitoring_at,omitempty"`
	ResolvedAt   *time.Time     `json:"resolved_at,omitempty"`
	// NextUpdateAt is the promised time of the next update, shown while the
	// incident is active.
	NextUpdateAt *time.Time `json:"next_update_at,omitempty"`
	Shortlink    string     `json:"shortlink,omitempty"`
	Updates      []Update   `json:"updates"`
	ComponentIDs []string   `json:"component_ids,omitempty"`
}

// Maintenance is announced work. It shares the shape of an incident and has a
// window.
type Maintenance struct {
	Incident
	ScheduledFor   time.Time `json:"scheduled_for"`
	ScheduledUntil time.Time `json:"scheduled_until"`
}

// Posted is one incident or maintenance of the page with the components it touches,
// as all that is open leaves them, for a copy of the page elsewhere.
type Posted struct {
	Incident   Incident
	Components []Component
	// The window of announced work; zero for an incident.
	ScheduledFor, ScheduledUntil time.Time
}

// Scheduled reports whether it is announced work.
func (p *Posted) Scheduled() bool { return !p.ScheduledFor.IsZero() }

// Update is one published text. Body is plain text or a small Markdown subset.
type Update struct {
	ID        string         `json:"id"`
	Status    IncidentStatus `json:"status"`
	Body      string         `json:"body"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	DisplayAt time.Time      `json:"display_at"`
	Affected  []Change       `json:"affected_components,omitempty"`
	// ByHand marks a text posted straight to the published file, while the
	// application was away; Carry keeps it when the application returns.
	ByHand bool `json:"by_hand,omitempty"`
	// CorrectedAt is when a later update said that this one was wrong; Withdrawn is
	// set when it took it back. The public API does not carry them: its shapes are given.
	CorrectedAt *time.Time `json:"corrected_at,omitempty"`
	Withdrawn   bool       `json:"withdrawn,omitempty"`
}

// Change says how an update moved a component. Code is the component's ID.
type Change struct {
	Code      string          `json:"code"`
	Name      string          `json:"name"`
	OldStatus ComponentStatus `json:"old_status"`
	NewStatus ComponentStatus `json:"new_status"`
}

// Active reports whether the incident is still open, which for a maintenance
// means that the work has begun and is not completed.
func (i Incident) Active() bool {
	switch i.Status {
	case Investigating, Identified, Monitoring, InProgress, Verifying:
		return true
	case Resolved, Postmortem, Scheduled, Completed:
		return false
	}
	return false
}

// Latest returns the updates newest first, by display time; of those of one
// instant, such as a maintenance announced when it begins, the last written.
func (i Incident) Latest() []Update {
	us := slices.Clone(i.Updates)
	slices.Reverse(us)
	slices.SortStableFunc(us, func(a, b Update) int { return b.DisplayAt.Compare(a.DisplayAt) })
	return us
}

// Clone returns a deep copy.
func (s *Snapshot) Clone() *Snapshot {
	c := *s
	c.Components = slices.Clone(s.Components)
	for i := range c.Components {
		c.Components[i].Days = slices.Clone(c.Components[i].Days)
	}
	c.Incidents = slices.Clone(s.Incidents)
	for i := range c.Incidents {
		c.Incidents[i] = c.Incidents[i].clone()
	}
	c.Maintenances = slices.Clone(s.Maintenances)
	for i := range c.Maintenances {
		c.Maintenances[i].Incident = c.Maintenances[i].clone()
	}
	return &c
}

func (i Incident) clone() Incident {
	i.MonitoringAt, i.ResolvedAt, i.NextUpdateAt = again(i.MonitoringAt), again(i.ResolvedAt), again(i.NextUpdateAt)
	i.ComponentIDs = slices.Clone(i.ComponentIDs)
	i.Updates = slices.Clone(i.Updates)
	for n := range i.Updates {
		i.Updates[n].Affected = slices.Clone(i.Updates[n].Affected)
	}
	return i
}

func again(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	c := *t
	return &c
}

// Component returns the component with the ID, nil when there is none.
func (s *Snapshot) Component(id string) *Component {
	for i := range s.Components {
		if s.Components[i].ID == id {
			return &s.Components[i]
		}
	}
	return nil
}

// GroupStatus is the worst status among the group's members, operational for
// an empty group.
func (s *Snapshot) GroupStatus(groupID string) ComponentStatus {
	worst := Operational
	for _, c := range s.Components {
		if c.GroupID == groupID && c.Status.Rank() > worst.Rank() {
			worst = c.Status
		}
	}
	return worst
}
