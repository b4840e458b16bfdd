package message

import (
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// Work is a maintenance as the status page tells it: one time of it, from the
// announcement to its completion. It holds nothing but what may be read outside,
// apart from the id of the maintenance behind it.
type Work struct {
	ID          string    `json:"id"` // opaque, part of the public address
	Maintenance string    `json:"maintenance"`
	Title       string    `json:"title"`
	Text        string    `json:"text"` // as it was announced last
	Services    []string  `json:"services"`
	From        time.Time `json:"from"` // the announced window
	To          time.Time `json:"to"`
	ByHand      bool      `json:"by_hand,omitempty"` // a person says that it begins and ends
	Mail        bool      `json:"mail,omitempty"`    // customers of the services are mailed
	CreatedAt   time.Time `json:"created_at"`
	BegunAt     time.Time `json:"begun_at,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"` // completed or called off
	Turns       []Turn    `json:"turns"`
}

// State is the page's present word.
func (w *Work) State() status.IncidentStatus {
	if len(w.Turns) == 0 {
		return status.Scheduled
	}
	return w.Turns[len(w.Turns)-1].Status
}

// Open reports whether the work is to come or under way.
func (w *Work) Open() bool { return w.State() != status.Completed }

// Running reports whether its components are under maintenance.
func (w *Work) Running() bool { return !w.BegunAt.IsZero() && w.Open() }

// workAfter are the states that may follow a state: itself, with another text, and
// those after it. What is completed stays so.
var workAfter = map[status.IncidentStatus][]status.IncidentStatus{
	status.Scheduled:  {status.Scheduled, status.InProgress, status.Completed},
	status.InProgress: {status.InProgress, status.Verifying, status.Completed},
	status.Verifying:  {status.InProgress, status.Verifying, status.Completed},
}

// Tell adds an update. It returns fault.Conflict when the state cannot follow the
// present one, and leaves the work as it is.
func (w *Work) Tell(s status.IncidentStatus, text, updateID string, now time.Time) error {
	if len(w.Turns) > 0 && !slices.Contains(workAfter[w.State()], s) {
		return fault.New(fault.Conflict, "the maintenance is %s and cannot become %s", w.State(), s)
	}
	switch {
	case s == status.Completed:
		w.EndedAt = now
	case s != status.Scheduled && w.BegunAt.IsZero():
		w.BegunAt = now
	}
	w.Turns = append(w.Turns, Turn{At: now, Status: s, Impact: status.ImpactNone, UpdateID: updateID, Body: text})
	return nil
}

// Due is what the work does by itself at now; ok is false when it waits. next is
// when to look again; zero: never.
func (w *Work) Due(now time.Time) (s status.IncidentStatus, next time.Time, ok bool) {
	switch {
	case !w.Open(), w.ByHand:
		return "", time.Time{}, false
	case !now.Before(w.To):
		return status.Completed, time.Time{}, true
	case w.BegunAt.IsZero() && !now.Before(w.From):
		return status.InProgress, w.To, true
	case w.BegunAt.IsZero():
		return "", w.From, false
	}
	return "", w.To, false
}

// Span is the time in which the components were under maintenance, which is never
// downtime (reading 21). ok is false for work that never began.
func (w *Work) Span() (s status.Span, ok bool) {
	return status.Span{Start: w.BegunAt, End: w.EndedAt, Status: status.UnderMaintenance}, !w.BegunAt.IsZero()
}

// Public is the work as a page shows it.
func (w *Work) Public(components []Component) status.Maintenance {
	m := status.Maintenance{ScheduledFor: w.From, ScheduledUntil: w.To, Incident: status.Incident{
		ID: w.ID, Name: w.Title, Status: w.State(), Impact: status.ImpactNone, CreatedAt: w.CreatedAt, StartedAt: w.From, Updates: []status.Update{},
	}}
	if !w.BegunAt.IsZero() {
		m.StartedAt = w.BegunAt
	}
	for _, c := range components {
		m.ComponentIDs = append(m.ComponentIDs, c.ID)
	}
	before := status.Operational
	for _, t := range w.Turns {
		u := status.Update{ID: t.UpdateID, Status: t.Status, Body: t.Body, CreatedAt: t.At, UpdatedAt: t.At, DisplayAt: t.At}
		after := status.Operational
		if t.Status == status.InProgress || t.Status == status.Verifying {
			after = status.UnderMaintenance
		}
		if after != before {
			for _, c := range components {
				u.Affected = append(u.Affected, status.Change{Code: c.ID, Name: c.Name, OldStatus: before, NewStatus: after})
			}
		}
		if t.Status == status.Completed {
			m.ResolvedAt = &t.At
		}
		before, m.UpdatedAt = after, t.At
		m.Updates = append(m.Updates, u)
	}
	return m
}
