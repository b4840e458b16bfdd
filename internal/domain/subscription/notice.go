package subscription

import (
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/status"
)

// Notice is one published update as subscribers are told of it: what its page
// shows, and nothing else.
type Notice struct {
	Page      string                `json:"page,omitempty"` // as of Subscriber
	Kind      Kind                  `json:"kind"`
	ID        string                `json:"id"`   // opaque public id of the update
	Post      string                `json:"post"` // opaque public id of the incident or maintenance
	Name      string                `json:"name"`
	Status    status.IncidentStatus `json:"status"`
	Impact    status.Impact         `json:"impact,omitempty"`
	Body      string                `json:"body"`
	Parts     []Part                `json:"parts,omitempty"`
	StartedAt time.Time             `json:"started_at"`
	At        time.Time             `json:"at"`
	EndedAt   time.Time             `json:"ended_at,omitzero"`
	From      time.Time             `json:"from,omitzero"` // window of a maintenance
	Until     time.Time             `json:"until,omitzero"`

	Incident ident.ID `json:"incident,omitempty"` // internal, for our own record of what was sent; 0: none
}

// Part is a component that an update is about.
type Part struct {
	ID   string                 `json:"id"`
	Name string                 `json:"name"`
	Was  status.ComponentStatus `json:"was,omitempty"` // unless it stays as it is
	Is   status.ComponentStatus `json:"is,omitempty"`
}

// NoticeOf is one update of a published incident, by its id. ok is false when the
// incident has no such update.
func NoticeOf(page string, kind Kind, i status.Incident, update string, components func(id string) string) (n Notice, ok bool) {
	at := slices.IndexFunc(i.Updates, func(u status.Update) bool { return u.ID == update })
	if at < 0 {
		return n, false
	}
	u := i.Updates[at]
	n = Notice{
		Page: page, Kind: kind, ID: u.ID, Post: i.ID, Name: i.Name, Status: u.Status, Impact: i.Impact, Body: u.Body,
		StartedAt: i.StartedAt, At: u.DisplayAt,
	}
	if i.ResolvedAt != nil {
		n.EndedAt = *i.ResolvedAt
	}
	for _, id := range i.ComponentIDs {
		p := Part{ID: id, Name: components(id)}
		for _, c := range u.Affected {
			if c.Code == id {
				p.Was, p.Is = c.OldStatus, c.NewStatus
			}
		}
		n.Parts = append(n.Parts, p)
	}
	return n, true
}

// NoticeOfMaintenance is NoticeOf for announced work.
func NoticeOfMaintenance(page string, m status.Maintenance, update string, components func(id string) string) (Notice, bool) {
	n, ok := NoticeOf(page, Maintenance, m.Incident, update, components)
	n.From, n.Until = m.ScheduledFor, m.ScheduledUntil
	return n, ok
}
