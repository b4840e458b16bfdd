package story_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/statuspage"
	"allclear/test/story"
)

// PLT-SP-RT, INT-STATUSPAGE: what the page says is at Statuspage.io within ten seconds, with its
// components, from the first word to the report; lost answers and refused calls make no
// second incident and no second update.
func TestStatuspageFollowsThePage(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		s := &mirrorPage{lost: 1}
		srv := story.Serve(w, s)
		w.Through("statuspage", plugtest.Open(w, statuspage.Plugin(), plugtest.Config(map[string]string{"page_id": "abc123", "api_key": "0123456789abcdef", "components": "Sign-in=c1", "base_url": srv})))
		signInFails(w)
		must(w, w.Tell("ana", message.Public, []string{"status_page"}, "We look into it."))
		w.StatusPage().Shows("We look into it.")
		w.After(10 * time.Second)
		s.is(t, 1, "investigating", "major_outage", "investigating: We look into it.")
		w.At(10 * min)
		s.mu.Lock()
		s.busy, s.lost = 1, 1
		s.mu.Unlock()
		must(w, w.Tell("ana", message.Public, []string{"status_page"}, "We know why."))
		w.At(15 * min)
		s.is(t, 2, "investigating", "major_outage", "investigating: We know why.")
		w.Severity(P2, "part of it is back")
		w.After(10 * time.Second)
		s.is(t, 2, "investigating", "partial_outage", "")
		w.Engage("ana")
		w.Resolve("fixed")
		w.After(10 * time.Second)
		s.is(t, 3, "resolved", "operational", "is over")
		w.At(25 * time.Hour)
		must(w, w.Send("ana", w.Rewrite("ana", w.Waits("draft-report"), "A report for the public.")))
		w.After(10 * time.Second)
		if len(s.reports) != 1 || s.reports[0] != "A report for the public." {
			t.Errorf("reports %q", s.reports)
		}
	}, story.CopiedTo("statuspage"))
}

func (s *mirrorPage) is(t *testing.T, updates int, status, component, last string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.incidents) != 1 || len(s.updates) != updates || s.incidents[0]["status"] != status || !strings.Contains(s.updates[len(s.updates)-1], last) {
		t.Errorf("%d incidents, %d updates: %v %q", len(s.incidents), len(s.updates), s.incidents, s.updates)
		return
	}
	cs, _ := s.incidents[0]["components"].([]map[string]any)
	if len(cs) != 1 || cs[0]["id"] != "c1" || cs[0]["status"] != component {
		t.Errorf("components %v", cs)
	}
}

// One customer's outage is at Statuspage.io as little as on the public page (INV-S4).
func TestStatuspageHearsNothingOfOneTenant(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P2, Service: "api", Title: "one tenant is down", Tenant: "customer-0007"})
		_ = w.Tell("ana", message.Public, []string{"status_page"}, "Your API is down.")
		w.At(20 * min)
		w.Outbox("statuspage").Silent()
	}, story.CopiedTo("statuspage"))
}

// An announced maintenance is a scheduled one at Statuspage.io within ten seconds, also
// when the answer is lost; it moves, begins, is verified and completed there when it does
// here, and a second one that is called off is completed with these words. None is there
// twice, and nothing internal is.
//
// Clauses: INT-STATUSPAGE, PLT-SP-RT
func TestStatuspageFollowsAMaintenance(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		s := &mirrorPage{lost: 1}
		srv := story.Serve(w, s)
		w.Through("statuspage", plugtest.Open(w, statuspage.Plugin(), plugtest.Config(map[string]string{"page_id": "abc123", "api_key": "0123456789abcdef", "components": "Sign-in=c1", "base_url": srv})))
		start := w.Now()
		plan := alert.Maintenance{
			Title: "db-7 to 16.2", Reason: "CHG-1042", Services: []string{"auth"}, StartsAt: start.Add(20 * min), EndsAt: start.Add(80 * min),
			Public: &alert.Announcement{Title: "Database upgrade", Text: "Signing in may fail for a minute."},
		}
		m := w.Maintain(plan)
		w.After(10 * time.Second)
		s.is(t, 1, "scheduled", "operational", "scheduled: Signing in may fail for a minute.")
		s.window(t, start.Add(20*min), start.Add(80*min))
		w.At(5 * min)
		plan.ID, plan.StartsAt = m.ID, start.Add(30*min)
		w.Maintain(plan)
		w.After(10 * time.Second)
		s.is(t, 2, "scheduled", "operational", "scheduled: The maintenance has changed")
		s.window(t, start.Add(30*min), start.Add(80*min))
		w.JustBefore(30 * min)
		s.is(t, 2, "scheduled", "operational", "")
		s.mu.Lock()
		s.busy, s.lost = 1, 1
		s.mu.Unlock()
		w.At(35 * min)
		s.is(t, 3, "in_progress", "under_maintenance", "in_progress: The announced maintenance has begun.")
		w.TellMaintenance(m.ID, status.Verifying, "We look at what we did.")
		w.After(10 * time.Second)
		s.is(t, 4, "verifying", "under_maintenance", "verifying: We look at what we did.")
		w.At(40 * min)
		w.TellMaintenance(m.ID, status.Completed, "Done before its time.")
		w.After(10 * time.Second)
		s.is(t, 5, "completed", "operational", "completed: Done before its time.")

		off := w.Maintain(alert.Maintenance{
			Title: "db-8 to 16.2", Reason: "CHG-1043", Services: []string{"auth"}, StartsAt: start.Add(3 * time.Hour), EndsAt: start.Add(4 * time.Hour),
			Public: &alert.Announcement{Title: "Another upgrade", Text: "Signing in may fail again."},
		})
		w.After(10 * time.Second)
		w.EndMaintenance(off.ID)
		w.After(10 * time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.incidents) != 2 || s.incidents[1]["name"] != "Another upgrade" || s.incidents[1]["status"] != "completed" || !strings.HasPrefix(s.updates[len(s.updates)-1], "completed: The maintenance is called off.") {
			t.Errorf("called off: %v %q", s.incidents, s.updates)
		}
		if said := fmt.Sprint(s.incidents, s.updates); strings.Contains(said, "CHG-104") || strings.Contains(said, "db-") {
			t.Errorf("Statuspage hears internal words: %s", said)
		}
	}, story.CopiedTo("statuspage"))
}

// window asks when the only incident there is scheduled for.
func (s *mirrorPage) window(t *testing.T, from, until time.Time) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.incidents[0]
	if i["scheduled_for"] != from.UTC().Format(time.RFC3339) || i["scheduled_until"] != until.UTC().Format(time.RFC3339) {
		t.Errorf("scheduled for %v until %v", i["scheduled_for"], i["scheduled_until"])
	}
}
