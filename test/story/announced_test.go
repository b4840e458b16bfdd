package story_test

import (
	"strings"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/status"
	"allclear/test/story"
)

// A maintenance is announced on the status page; at its instant the page says that it
// goes on and alerts of its services wake nobody; completed before its time, what
// still stands pages at once. Its customers are mailed at each step, and none of it is
// downtime.
//
// Clauses: PLT-SP-RT, PLT-SP-HIST
func TestAnAnnouncedMaintenance(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		m := w.Maintain(alert.Maintenance{
			Title: "db-7 to 16.2", Reason: "CHG-1042", Services: []string{"auth"}, StartsAt: w.Now().Add(10 * min), EndsAt: w.Now().Add(70 * min),
			Public: &alert.Announcement{Title: "Database upgrade", Text: "Signing in may fail for a minute.", Mail: true},
		})
		w.At(1 * min)
		p := w.Page()
		if len(p.Maintenances) != 1 || p.Maintenances[0].Status != status.Scheduled || p.Maintenances[0].Name != "Database upgrade" {
			t.Fatalf("the page announces %+v", p.Maintenances)
		}
		w.Outbox("email").Got("Signing in may fail for a minute.")
		w.At(11 * min)
		if p = w.Page(); p.Maintenances[0].Status != status.InProgress {
			t.Errorf("at its instant it is %s", p.Maintenances[0].Status)
		}
		w.Outbox("email").Got("The announced maintenance has begun.")
		w.Reported("auth", alert.Signal{Summary: "sign-in is slow", Severity: "critical"})
		w.At(15 * min)
		if got := w.Why("sign-in is slow"); !strings.Contains(got, "held back") {
			t.Errorf("during the maintenance an alert is not held back: %s", got)
		}
		w.TellMaintenance(m.ID, status.Verifying, "We look at what we did.")
		w.At(20 * min)
		w.TellMaintenance(m.ID, status.Completed, "Done before its time.")
		w.At(22 * min)
		p = w.Page()
		if p.Maintenances[0].Status != status.Completed {
			t.Errorf("completed it is %s", p.Maintenances[0].Status)
		}
		for _, c := range p.Components {
			if u := c.Uptime("", w.Now()); u.Down != 0 {
				t.Errorf("%s was down for %d minutes", c.Name, u.Down)
			}
		}
		if got := w.Why("sign-in is slow"); !strings.Contains(got, "INC-1") {
			t.Errorf("what still stands does not page once the maintenance is over: %s", got)
		}
		if got := w.Outbox("email").Got("Done before its time."); strings.Contains(got.Text+got.Subject, "db-7") || strings.Contains(got.Text, "CHG-1042") {
			t.Errorf("a customer reads internal words: %s", got.Text)
		}
	})
}
