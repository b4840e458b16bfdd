package story_test

import (
	"fmt"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/test/story"
)

// What was resolved comes back: it is the same incident with its history, its
// clocks count from there, and all that follows a resolution follows the next one.
//
// Clauses: MON-ENH-30M
// Reading 9
func TestARegressionReopensTheIncident(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.Engage("ana")
		w.At(30 * min)
		w.Resolve("rolled back")
		checks := w.Tasks("MON-ENH-30M")
		if len(checks) != 8 {
			t.Fatalf("%d checks by hand", len(checks))
		}
		w.At(70 * min)
		if err := w.Reopen(" "); !fault.Is(err, fault.Invalid) {
			t.Errorf("reopened without a reason: %v", err)
		}
		must(w, w.Reopen("logins fail again"))
		w.Is(P1, incident.Investigating)
		w.At(80 * min)
		for _, k := range w.Impact().Accounts { // 40 minutes of nothing wrong are no downtime (reading 21)
			if k.Used != 40*min {
				t.Errorf("%s: %s used", k.ID, k.Used)
			}
		}
		i := w.Incident()
		if len(i.Regressions) != 1 || i.Regressions[0].Resolution != "rolled back" || !i.ResolvedAt.IsZero() {
			t.Errorf("%+v", i.Regressions)
		}
		w.Entries(event.Reopened).At(70 * min)
		for _, task := range w.Tasks("MON-ENH-30M") {
			if task.State != checklist.Skipped {
				t.Errorf("%q is %s although it is not over", task.Title, task.State)
			}
		}
		proof := w.Tasks("RES-VAL-SMOKE")
		if len(proof) != 2 || proof[0].State != checklist.Skipped || proof[1].State != checklist.Open {
			t.Errorf("the proof of the first recovery still counts: %d tasks", len(proof))
		}
		w.At(73 * 60 * min)
		w.Breached("resolution").At(70*min + 45*min)
		w.Notices("").About("Check by hand").At(60*min, 60*min) // of the first, before it came back
		w.Resolve("fixed for good")
		checks = w.Tasks("MON-ENH-30M")
		if len(checks) != 16 || checks[8].State != checklist.Open || checks[8].DueAt.Sub(w.Incident().ResolvedAt) != 30*min {
			t.Errorf("%d checks by hand after the second resolution", len(checks))
		}
		if err := w.Reopen("again"); err != nil {
			t.Errorf("a second regression: %v", err)
		}
		if n := len(w.Incident().Regressions); n != 2 {
			t.Errorf("%d regressions", n)
		}
	})
}

// For a day after the all-clear, tickets and alerts on the service are linked to
// the incident; three of them suggest to the commander that it is back. After that
// nothing is linked any more.
//
// Clauses: MON-ENH-TICKETS, MON-ENH-24H
func TestRelatedTicketsSuggestToReopen(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		number := w.Declare(story.Declaration{Severity: P2, Service: "reporting", Title: "reports fail"})
		w.Engage("ana")
		w.At(60 * min)
		w.Resolve("fixed")
		for k := range 4 {
			w.After(30 * min)
			w.Ticket("reporting", wroteTicket(fmt.Sprint(700+k), "user@small.example", "Reports: error"))
		}
		w.About(number)
		w.Entries(event.Related).At(90*min, 120*min, 150*min, 180*min)
		w.Notices("ana").About("may be back").At(150 * min).Citing("MON-ENH-TICKETS")
		w.Ticket("dashboard", wroteTicket("800", "user@small.example", "Dashboards: error"))
		w.At(60*min + 25*60*min)
		w.Ticket("reporting", wroteTicket("801", "user@small.example", "Reports: error"))
		w.Entries(event.Related).At(90*min, 120*min, 150*min, 180*min)
	}, story.With(small))
}

// An alert on the service soon after opens an incident of its own, which is linked.
//
// Clauses: MON-ENH-24H
func TestAnAlertSoonAfterIsLinked(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		number := w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.Engage("ana")
		w.At(30 * min)
		w.Resolve("rolled back")
		w.At(60 * min)
		w.Alert("auth", "error", "logins are slow")
		w.About(number)
		w.Entries(event.Related).At(60 * min).About("logins are slow")
	})
}

// A closed incident stays closed.
func TestWhatIsClosedIsNotReopened(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Dismiss("a test")
		if err := w.Reopen("it was none"); !fault.Is(err, fault.Conflict) {
			t.Errorf("reopened: %v", err)
		}
	})
}

// Its alerts opened another incident meanwhile: the first is reopened all the same,
// the chain wakes who is on call now and climbs anew, and the second all-clear is
// told like the first.
//
// Clauses: ESC-CHAIN-1, ESC-CHAIN-4, RES-VAL-NOTIFY
func TestWhatIsReopenedPagesAndEndsAnew(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Engage("ana")
		w.At(10 * min)
		w.Resolve("rolled back")
		w.At(60 * min)
		w.Alert("auth", "critical", "logins fail")
		w.About(1)
		must(w, w.Reopen("it is back"))
		w.Is(P1, incident.Investigating)
		w.Pages("primary").At(0, 60*min)
		w.At(91 * min)
		w.Pages("david.kim").At(90 * min)
		w.Resolve("fixed for good")
		w.At(93 * min)
		w.Published("status_page").About("works again").At(10*min, 91*min)
		w.Notices("").For("RSP-S3-NOTIFY").About("Resolved").Some()
	})
}

// Who was only asked to help does not know of it once it is restricted.
//
// Reading 18
func TestRestrictingLeavesOnlyWhoIsAtIt(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "odd log-ins"})
		w.Engage("ana")
		asked := ""
		for _, r := range w.Incident().Responders {
			if r.State == "asked" {
				asked = r.Person
			}
		}
		if asked == "" || !w.MaySee(asked) {
			t.Fatalf("nobody was asked: %+v", w.Incident().Responders)
		}
		w.Restrict()
		if w.MaySee(asked) {
			t.Errorf("%s, who was only asked, still knows of it", asked)
		}
		if !w.MaySee("ana") {
			t.Error("ana, who works on it, does not")
		}
	})
}
