package story_test

import (
	"fmt"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/flow/command"
	"allclear/test/story"
)

// A whole P1 by the clock, from the first alert to the watch of the day after, run
// as the procedure says: no promise is broken, whoever must hear of it has heard in
// time, and nothing that is still to be done is lost.
//
// Clauses: SEV-P1-ACK, SEV-P1-RESP, SEV-P1-WAR, SEV-P1-EXEC, SEV-P1-CUST, SEV-P1-COMM, SEV-P1-RESOLVE, SEV-P1-ALLHANDS, ESC-CHAIN-1
// Clauses: RSP-S1, RSP-S2, RSP-S3, WAR-IC-COORD, WAR-TL-FIX, WAR-SCR-TIMELINE, COM-CUST-STATUS, COM-CUST-EMAIL, RES-VAL-NOTIFY, MON-ENH-30M, PIR-IMM
func TestAWholeP1(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		// Three in the morning: the alert comes and wakes who is on call, nobody else.
		w.Alert("auth", "critical", "logins fail")
		w.Is(P1, incident.Triage)
		w.Pages("primary").At(0).Citing("ESC-CHAIN-1")
		w.Nobody("primary").WasPaged()
		w.At(2 * min)
		w.Ack("ana")
		w.At(3 * min)
		w.Engage("ana") // it is real: declared, and the house hears of it
		w.Is(P1, incident.Investigating)
		w.Entries(event.WarRoomActive).At(3 * min)
		if got := w.Notices("").For("SEV-P1-EXEC"); len(got.List) != 3 {
			t.Errorf("%d executives were told", len(got.List))
		}
		if all := w.Pages("").For("SEV-P1-ALLHANDS"); len(all.List) < 5 {
			t.Errorf("%d people were called", len(all.List))
		}
		w.StatusPage().Quiet()

		// Assessment, then the room.
		w.At(6 * min)
		must(w, w.Scope(command.NewScope{Services: []string{"dashboard"}}))
		must(w, w.Consequence("Nobody can work with the product."))
		must(w, w.Findings("The identity provider answers with 500 since 02:58."))
		w.Hand(incident.TechLead, "bo")
		w.Hand(incident.CommsLead, "communications-lead-1")
		w.Hand(incident.Scribe, "content-1")
		w.At(10 * min)
		w.Update("ana", message.Public, "Sign-in fails for all. We have found the cause.")
		must(w, w.Tell("ana", message.Customers, []string{message.Email}, "Sign-in fails for all. We are at it."))
		w.At(20 * min)
		must(w, w.Brief("ana", "Sign-in is down, we switch to the backup provider, 20 minutes more."))
		w.At(30 * min)
		w.Update("ana", message.Public, "We are switching to another provider.")
		w.Mitigate()

		// Proof, and the all-clear.
		if err := w.TryResolve("", w.Now()); !fault.Is(err, fault.Conflict) {
			t.Errorf("resolved without proof: %v", err)
		}
		for _, task := range w.AllTasks() {
			if task.State == checklist.Open && task.Phase != "FUP" && task.Phase != "PIR" {
				w.Done("ana", task.ID, "done, see the notes")
			}
		}
		w.Recovered("auth", "logins fail")
		w.At(40 * min)
		must(w, w.TryResolve("", w.Now()))
		w.Is(P1, incident.Resolved)
		w.At(41 * min)
		w.Published("status_page").About("works again").At(40 * min)
		w.Published("email").About("works again").At(40 * min)

		// The next day: eight checks, a watch of 24 hours, the first review.
		began := w.Incident().ResolvedAt
		checks := w.Tasks("MON-ENH-30M")
		if len(checks) != 8 {
			t.Fatalf("%d checks by hand", len(checks))
		}
		for k, task := range checks {
			if got := task.DueAt.Sub(began); got != time.Duration(k+1)*30*min {
				t.Errorf("check %d is due after %s", k+1, got)
			}
			w.JustBefore(40*min + time.Duration(k+1)*30*min)
			w.Done("bo", task.ID, fmt.Sprintf("check %d: quiet", k+1))
		}
		for _, task := range w.Tasks("PIR-IMM") {
			if got := task.DueAt.Sub(began); got != 24*hour {
				t.Errorf("%q is due after %s", task.Title, got)
			}
		}
		if err := w.TryClose("ana"); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed without its review: %v", err)
		}

		// What was promised was kept, all of it.
		for _, clock := range []string{"acknowledge", "response", "war_room", "executive_notice", "status_page", "customer_email", "resolution"} {
			w.Clock(clock).Is(deadline.Met)
			w.Breached(clock).None()
		}
	})
}

// A whole P2 by the clock: the secondary stays asleep, the lead of the team and the
// customers hear in time, and the manager is spared because it is over in an hour.
//
// Clauses: SEV-P2-ACK, SEV-P2-RESP, SEV-P2-LEAD, SEV-P2-CUST, SEV-P2-COMM, SEV-P2-RESOLVE, WAR-SCOPE, COM-CUST-STATUS, RES-VAL-NOTIFY
func TestAWholeP2(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("dashboard", "critical", "dashboards are slow")
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(0)
		w.At(7 * min)
		w.Engage("ana")
		w.Notices("").For("SEV-P2-LEAD").At(7 * min)
		w.At(20 * min)
		w.Update("ana", message.Public, "Dashboards are slow. We are at it.")
		w.At(25 * min)
		must(w, w.Tell("ana", message.Customers, []string{message.Email}, "Dashboards are slow for some of you."))
		w.At(50 * min)
		w.Update("ana", message.Public, "A fix is on its way.")
		w.Mitigate()
		for _, task := range w.AllTasks() {
			if task.State == checklist.Open {
				w.Done("ana", task.ID, "done, see the notes")
			}
		}
		w.At(55 * min)
		w.Recovered("dashboard", "dashboards are slow")
		must(w, w.TryResolve("", w.Now()))
		w.Is(P2, incident.Resolved)
		w.At(3 * hour)
		w.Nobody("primary").WasPaged()
		for _, clock := range []string{"acknowledge", "response", "commander", "team_lead_notice", "status_page", "customer_email", "resolution"} {
			w.Clock(clock).Is(deadline.Met)
			w.Breached(clock).None()
		}
		w.Published("status_page").About("works again").At(55 * min)
	})
}
