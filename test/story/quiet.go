package story

import (
	"strings"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/status"
	"allclear/internal/flow/board"
)

// Procedure changes the text of the procedure the company follows.
func Procedure(from, to string) Setup {
	return func(p *plan) { p.edits = append(p.edits, from, to) }
}

// Reported is a source reporting, in words and labels of its own.
func (w *World) Reported(service string, s alert.Signal) {
	w.Helper()
	if s.Action == "" {
		s.Action = alert.Trigger
	}
	if s.DedupKey == "" {
		s.DedupKey = s.Summary
	}
	if s.Source == "" {
		s.Source = "events"
	}
	w.signal(service, s)
	w.tick()
}

var operator = authz.Actor{ID: "david.kim", Role: authz.Responder, Via: "api"}

// Maintain plans a maintenance of services, from now on after a while, for a time.
func (w *World) Maintain(m alert.Maintenance) alert.Maintenance {
	w.Helper()
	if m.Title == "" {
		m.Title, m.Reason = "an upgrade", "the database is moved"
	}
	got, err := w.e.Intake.SetMaintenance(w.Context(), operator, m, w.now)
	w.must(err)
	return got
}

// Now is the story's present instant.
func (w *World) Now() time.Time { return w.now }

// EndMaintenance ends a maintenance by hand.
func (w *World) EndMaintenance(id string) {
	w.Helper()
	w.must(w.e.Intake.EndMaintenance(w.Context(), operator, id, w.now))
}

// Why is what was decided about an alert, in one text.
func (w *World) Why(summary string) string {
	w.Helper()
	for _, a := range w.Alerts() {
		if a.Summary == summary {
			var lines []string
			for _, d := range a.Noise.Why {
				lines = append(lines, d.At.Sub(w.start).String()+" "+d.Text)
			}
			return strings.Join(lines, "\n")
		}
	}
	w.Fatalf("%s: there is no alert %q", w.Since(), summary)
	return ""
}

// KPI is a key figure over the day of the story.
func (w *World) KPI(id string) board.KPI {
	w.Helper()
	all, err := w.e.Board.KPIs(w.Context(), operator, w.start, w.now.Add(time.Second), w.now)
	w.must(err)
	for _, k := range all {
		if k.ID == id {
			return k
		}
	}
	w.Fatalf("there is no key figure %q", id)
	return board.KPI{}
}

// Page is the public page at the story's present instant.
func (w *World) Page() *status.Snapshot {
	w.Helper()
	s, err := w.e.Comms.Snapshot(w.Context(), w.now)
	w.must(err)
	return s
}

// TellMaintenance is somebody telling the public how a maintenance goes.
func (w *World) TellMaintenance(id string, s status.IncidentStatus, text string) {
	w.Helper()
	_, err := w.e.Comms.TellWork(w.Context(), operator, id, s, text, w.now)
	w.must(err)
	w.tick()
}
