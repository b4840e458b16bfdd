package page

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"allclear/internal/domain/status"
)

var now = time.Date(2026, 5, 14, 10, 14, 30, 0, time.UTC)

func at(t time.Time) *time.Time { return &t }

// sample is a page on a bad morning: one critical incident, planned work and
// some past.
func sample() *status.Snapshot {
	s := &status.Snapshot{
		Page:        status.Page{ID: "tf1status", Name: "TechFlow", URL: "https://status.example.test", TimeZone: "Etc/UTC", UpdatedAt: now.Add(-2 * time.Minute)},
		GeneratedAt: now.Add(-5 * time.Second),
	}
	add := func(id, name, about, group string, st status.ComponentStatus, spans ...status.Span) {
		s.Components = append(s.Components, status.Component{
			ID: id, Name: name, Description: about, Position: len(s.Components) + 1, GroupID: group, Status: st, Showcase: true,
			CreatedAt: now.AddDate(-1, 0, 0), UpdatedAt: now.Add(-10 * time.Minute), Days: status.DaysFrom(spans, now, status.HistoryDays),
		})
	}
	down := func(daysAgo, minutes int, st status.ComponentStatus) status.Span {
		from := now.AddDate(0, 0, -daysAgo)
		return status.Span{Start: from, End: from.Add(time.Duration(minutes) * time.Minute), Status: st}
	}
	add("signin", "Sign-in", "Log-in page, single sign-on and sessions", "", status.MajorOutage,
		status.Span{Start: now.Add(-14 * time.Minute), Status: status.MajorOutage}, down(41, 33, status.PartialOutage))
	add("dash", "Dashboards", "", "", status.DegradedPerformance, status.Span{Start: now.Add(-14 * time.Minute), Status: status.DegradedPerformance}, down(8, 64, status.DegradedPerformance))
	add("api", "API", "Public REST API", "", status.Operational)
	s.Components = append(s.Components, status.Component{ID: "data", Name: "Data", Position: 4, Group: true, Status: status.Operational, CreatedAt: now, UpdatedAt: now})
	add("pipe", "Data pipelines", "Collection and transformation", "data", status.Operational, down(72, 90, status.MajorOutage))
	add("exp", "Reports and exports", "", "data", status.Operational)
	s.Components[5].StartDate = now.AddDate(0, 0, -40).Format(time.DateOnly)
	s.Incidents = incidents()
	s.Maintenances = []status.Maintenance{
		work("mw4kd82jx0qa", "Database upgrade in the EU region", status.Scheduled, now.AddDate(0, 0, 3)),
		work("mp02ls9xkd7e", "Certificate renewal", status.Completed, now.AddDate(0, 0, -12)),
	}
	return s
}

func work(id, name string, st status.IncidentStatus, from time.Time) status.Maintenance {
	return status.Maintenance{ScheduledFor: from, ScheduledUntil: from.Add(90 * time.Minute), Incident: status.Incident{
		ID: id, Name: name, Status: st, Impact: status.ImpactNone, CreatedAt: now.AddDate(0, 0, -20), UpdatedAt: now.AddDate(0, 0, -2),
		StartedAt: now.AddDate(0, 0, -20), ComponentIDs: []string{"pipe"},
		Updates: []status.Update{update(id+"u", st, "Exports may wait for up to ten minutes. Nothing is lost.", now.AddDate(0, 0, -2))},
	}}
}

func update(id string, st status.IncidentStatus, body string, when time.Time, ch ...status.Change) status.Update {
	return status.Update{ID: id, Status: st, Body: body, CreatedAt: when, UpdatedAt: when, DisplayAt: when, Affected: ch}
}

func incidents() []status.Incident {
	t0 := now.Add(-14 * time.Minute)
	old := now.AddDate(0, 0, -8)
	older := now.AddDate(0, 0, -41)
	return []status.Incident{
		{
			ID: "q7xk2m9vd4ra", Name: "Sign-in is not working", Status: status.Identified, Impact: status.ImpactCritical,
			CreatedAt: t0, UpdatedAt: now.Add(-2 * time.Minute), StartedAt: t0, NextUpdateAt: at(now.Add(16 * time.Minute)), ComponentIDs: []string{"signin", "dash"},
			Updates: []status.Update{
				update("u1", status.Investigating, "We are investigating failing sign-ins.", now.Add(-11*time.Minute),
					status.Change{Code: "signin", Name: "Sign-in", OldStatus: status.Operational, NewStatus: status.MajorOutage}),
				update("u2", status.Identified, "**We are rolling back.** A change to our sign-in service is the cause. Your data is safe; dashboards that are already open keep working.", now.Add(-2*time.Minute)),
			},
		},
		{
			ID: "b3nw8t5yh1sc", Name: "Slow dashboards", Status: status.Postmortem, Impact: status.ImpactMinor, CreatedAt: old, UpdatedAt: old.Add(26 * time.Hour), StartedAt: old,
			MonitoringAt: at(old.Add(50 * time.Minute)), ResolvedAt: at(old.Add(64 * time.Minute)), ComponentIDs: []string{"dash"},
			Updates: []status.Update{
				update("u3", status.Investigating, "Dashboards take longer than usual to load.", old.Add(9*time.Minute)),
				update("u4", status.Resolved, "Dashboards load at their usual speed again.", old.Add(64*time.Minute)),
				update("u5", status.Postmortem, "## What happened\nA query plan changed after a statistics run.\n\n- We pinned the plan.\n- An alert now watches it, see [our notes](https://status.example.test/notes).", old.Add(26*time.Hour)),
			},
		},
		{
			ID: "z6ph0c4fk8eu", Name: "Sign-in failing for some customers", Status: status.Resolved, Impact: status.ImpactMajor, CreatedAt: older, UpdatedAt: older.Add(33 * time.Minute), StartedAt: older,
			ResolvedAt: at(older.Add(33 * time.Minute)), ComponentIDs: []string{"signin"},
			Updates: []status.Update{update("u6", status.Resolved, "Sign-in works for everyone again.", older.Add(33*time.Minute))},
		},
	}
}

// many adds n resolved incidents, one every three days.
func many(s *status.Snapshot, n int) *status.Snapshot {
	for k := range n {
		from := now.AddDate(0, 0, -3*k-20)
		id := fmt.Sprintf("old%09d", k)
		s.Incidents = append(s.Incidents, status.Incident{
			ID: id, Name: "Exports were late", Status: status.Resolved, Impact: status.ImpactMinor,
			CreatedAt: from, UpdatedAt: from, StartedAt: from, ResolvedAt: at(from.Add(time.Hour)),
			Updates: []status.Update{update(id+"u", status.Resolved, fmt.Sprintf("Export run %d is complete.", k), from.Add(time.Hour))},
		})
	}
	return s
}

func handler(s *status.Snapshot) *Handler {
	return New(Options{Source: func() *status.Snapshot { return s }, Now: func() time.Time { return now }})
}

func get(t testing.TB, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// pages are the addresses of every HTML page of the sample.
func pages() []string {
	return []string{"/", "/history", "/incidents/q7xk2m9vd4ra", "/incidents/b3nw8t5yh1sc", "/incidents/z6ph0c4fk8eu", "/incidents/mw4kd82jx0qa", "/incidents/nothing-here"}
}
