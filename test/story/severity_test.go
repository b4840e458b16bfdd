package story_test

import (
	"testing"
	"time"

	"allclear/internal/domain/event"
	"allclear/test/story"
)

// Sunday03 is an hour at which only a P1 or P2 may wake somebody.
var sunday03 = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

// Three o'clock on a Sunday, as a P1: everything runs by the wall clock.
//
// Clauses: SEV-P1-ESC, SEV-P1-ACK, SEV-P1-RESP, SEV-P1-RESOLVE, SEV-P1-WAR, SEV-P1-EXEC, SEV-P1-CUST, SEV-P1-ALLHANDS, SEV-P1-EX5
// Reading 7, reading 14, reading 15, reading 16, reading 17
func TestAP1OnASundayNight(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Pages("primary").At(0).Citing("ESC-CHAIN-1", "SEV-P1-ESC")
		w.Clock("acknowledge").Due(5 * min).Citing("SEV-P1-ACK")
		w.Clock("response").Due(10 * min).Citing("SEV-P1-RESP")
		w.Clock("resolution").Due(45 * min).Citing("SEV-P1-RESOLVE")
		w.At(2 * min)
		w.Ack("primary")
		w.Clock("acknowledge").Is("met")
		w.At(4 * min)
		w.Engage("ana")
		w.Clock("response").Is("met")
		w.Clock("war_room").Due(14 * min).Is("met").Citing("SEV-P1-WAR")
		w.Entries(event.WarRoomActive).At(4 * min)
		w.Notices("").For("SEV-P1-EXEC").Are("jennifer.walsh", "michael.chen", "rachel.torres").At(4*min, 4*min, 4*min)
		w.Clock("executive_notice").Due(19 * min).Is("met").Citing("SEV-P1-EXEC")
		w.Pages("platform-engineer-1").For("SEV-P1-ALLHANDS").At(4 * min)
		w.Clock("status_page").Due(19 * min)
		w.Clock("customer_email").Due(19 * min)
		w.StatusPage().Quiet()
		w.At(17 * min) // 13 minutes after the declaration nobody had posted
		w.StatusPage().Shows("Sign-in")
		w.Clock("status_page").Is("met").Citing("SEV-P1-CUST")
		w.Clock("customer_email").Is("met").Citing("SEV-P1-CUST")
		w.At(40 * min)
		w.Resolve("the certificate was renewed")
		w.Clock("resolution").Is("met")
		w.Breached("resolution").None()
	}, story.Start(sunday03))
}

// The same hour as a P3: nobody is woken; the queue knows, and business time
// begins on Monday at nine.
//
// Clauses: SEV-P3-ACK, SEV-P3-RESP, SEV-P3-RESOLVE, SEV-P3-BH, SEV-P3-BDAY, SEV-P3-ASSIGN, SEV-P3-COMM
// Reading 4, reading 8
func TestAP3OnASundayNight(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("reporting", "warning", "exports are slow")
		w.Is(P3, "triage")
		monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		w.Clock("acknowledge").Due(1 * hour).Citing("SEV-P3-ACK") // by the wall clock
		w.Clock("response").DueAt(monday.Add(2 * hour)).Citing("SEV-P3-RESP")
		w.Clock("resolution").DueAt(monday.Add(8*hour)).Citing("SEV-P3-RESOLVE", "SEV-P3-BDAY")
		w.Clock("assignment").Due(1 * hour).Citing("SEV-P3-ASSIGN")
		w.At(60 * hour)
		w.Nobody().WasPaged()
		w.Entries(event.Declared).None()
		w.Breached("acknowledge").At(1 * hour)
		w.Breached("response").At(monday.Add(2 * hour).Sub(sunday03))
		w.Clock("status_update").Citing("SEV-P3-COMM")
	}, story.Start(sunday03))
}

// A P2 is answered, led and told by its own clocks.
//
// Clauses: SEV-P2-ACK, SEV-P2-ONCALL, SEV-P2-RESP, SEV-P2-RESOLVE, SEV-P2-LEAD, SEV-P2-CUST, SEV-P2-UPDATES, SEV-P2-COMM, COM-CUST-STATUS
// Reading 16, reading 17
func TestAP2FollowsItsClocks(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("dashboard", "critical", "dashboards take a minute")
		w.Is(P2, "triage")
		w.Clock("acknowledge").Due(15*min).Citing("SEV-P2-ACK", "SEV-P2-ONCALL")
		w.Clock("response").Due(20 * min).Citing("SEV-P2-RESP")
		w.Clock("resolution").Due(2 * hour).Citing("SEV-P2-RESOLVE")
		w.At(5 * min)
		w.Engage("ana")
		w.Notices("applications-lead-1").For("SEV-P2-LEAD").At(5 * min)
		w.Clock("team_lead_notice").Due(25 * min).Is("met").Citing("SEV-P2-LEAD")
		w.Clock("commander").Is("met")
		w.Clock("status_page").Due(20 * min)
		w.Clock("customer_email").Due(35 * min).Citing("SEV-P2-CUST")
		w.At(18 * min)
		w.StatusPage().Shows("Dashboards")
		w.At(33 * min)
		w.Clock("customer_email").Is("met")
		w.At(40 * min)
		w.Update("ana", "customers", "We found the cause and are undoing it.")
		w.Clock("status_update").Due(100*min).Citing("SEV-P2-COMM", "SEV-P2-UPDATES")
		w.Notices("").For("SEV-P1-EXEC").None()
		w.Pages("").For("SEV-P1-ALLHANDS").None()
	})
}

// The manager of the area is paged when a P2 is still open after an hour, once
// and also when it was acknowledged.
//
// Clauses: SEV-P2-EM
// Reading 13
func TestTheManagerJoinsAP2AfterAnHour(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("dashboard", "critical", "dashboards take a minute")
		w.At(5 * min)
		w.Engage("ana")
		w.JustBefore(1 * hour)
		w.Pages("marcus.johnson").None()
		w.At(1 * hour)
		w.Pages("marcus.johnson").For("SEV-P2-EM").At(1 * hour)
		w.Pages("sarah.liu").None()
	})
}

// A P4 is a ticket: no page, no emergency, business days.
//
// Clauses: SEV-P4-ACK, SEV-P4-RESP, SEV-P4-RESOLVE, SEV-P4-CYCLE, SEV-P4-TICKET, SEV-P4-NOEMERG, SEV-P4-CUST, SEV-P4-COMM
// Reading 8
func TestAP4IsATicket(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("reporting", "info", "a word is misspelt")
		w.Is(P4, "triage")
		w.Clock("acknowledge").DueAt(time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)).Citing("SEV-P4-ACK")
		w.Clock("response").DueAt(time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)).Citing("SEV-P4-RESP")
		w.Clock("resolution").DueAt(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)).Citing("SEV-P4-RESOLVE", "SEV-P4-CYCLE")
		w.Clock("status_update").Absent() // as needed
		w.At(24 * hour)
		if len(w.Tasks("SEV-P4-TICKET")) == 0 {
			w.Error("no ticket was asked for")
		}
		w.Nobody().WasPaged()
		w.Published("email").None()
		w.Published("status_page").None()
	}, story.Start(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
}

// A change of severity starts the clocks of the new one at the change.
//
// Clauses: SEV-P1-ACK, SEV-P3-ACK
// Reading 9
func TestASeverityChangeStartsClocksAnew(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "warning", "logins are slow")
		w.Is(P3, "triage")
		w.At(90 * min) // the P3 was not acknowledged within its hour
		w.Breached("acknowledge").At(1 * hour)
		if p := w.Preview(P1); p.Duration != 90*min || len(p.Clocks) == 0 {
			w.Errorf("before the change: %+v", p)
		}
		w.Severity(P1, "") // raising is not held up by words
		w.Is(P1, "triage")
		w.Clock("acknowledge").Due(95 * min).Is("pending").Citing("SEV-P1-ACK")
		w.Pages("primary").At(90 * min)
		w.Breached("acknowledge").At(1 * hour) // what is recorded stays
		w.At(91 * min)
		w.Engage("ana")
		if w.TrySeverity(P3, "") == nil {
			w.Error("a downgrade without a reason was taken")
		}
		w.Severity(P3, "it was one customer")
		if got := w.Incident().Highest; got != P1 {
			w.Errorf("highest severity is %s, the review duty goes by P1", got)
		}
	})
}

// When a level does not answer, the same page goes to the same person on the
// next channel, the next step gets a notice, and the chain's times stay.
//
// Clauses: ESC-L1-TIME, ESC-CHAIN-2
// Reading 12
func TestALevelThatDoesNotAnswer(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Phone("primary").Pages().On("sms").At(0)
		w.At(5 * min)
		w.Level("primary").Is("breached").Due(5 * min).Citing("ESC-L1-TIME")
		w.Phone("primary").Pages().On("voice").At(5 * min)
		w.Notices("secondary").For("ESC-L1-TIME").At(5 * min)
		w.JustBefore(10 * min)
		w.Pages("secondary").None()
		w.At(10 * min)
		w.Pages("secondary").At(10 * min).Citing("ESC-CHAIN-2")
	})
}

// All hands are asked who joins; the answer neither stops the chain nor
// acknowledges.
//
// Clauses: SEV-P1-ALLHANDS
// Reading 15
func TestAllHandsAnswerAndTheChainGoesOn(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(8 * min)
		w.Pages("platform-engineer-1").For("SEV-P1-ALLHANDS").At(8 * min)
		w.Answer("platform-engineer-1", "joined")
		w.Answer("platform-engineer-2", "unavailable")
		if i := w.Incident(); i.Acked() {
			w.Error("who joins has not acknowledged the incident")
		}
		w.At(10 * min)
		w.Pages("secondary").At(10 * min)
	})
}

// Nobody posts twice: who published by hand spares the holding statement.
//
// Clauses: COM-CUST-STATUS
// Reading 17
func TestTheHoldingStatementWaitsForNobodyAndRepeatsNobody(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.At(6 * min)
		w.Update("ana", "public", "We are looking into failing sign-ins.")
		w.Clock("status_page").Is("met")
		w.At(14 * min)
		w.Published("status_page").At(6 * min)
	})
}

// One tenant's outage stays between the tenant and us.
//
// Clauses: SEV-P2-EX4
// Reading 17
func TestOneTenantsOutageIsNotPublic(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P2, Scenario: "SEV-P2-EX4", Service: "dashboard", Tenant: "customer-0001"})
		w.At(14 * min)
		w.StatusPage().Quiet()
		w.TenantPage("customer-0001").Shows("Dashboards")
		w.TenantPage("customer-0002").Quiet()
		w.Clock("status_page").Is("met")
	})
}

// A breach with exposed data stays in its circle and publishes nothing by
// itself; at ten minutes Legal and the commander are asked for a neutral text.
//
// Clauses: SEV-P1-EX3
// Reading 18
func TestARestrictedIncidentStaysInItsCircle(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Scenario: "SEV-P1-EX3", Title: "Customer data was copied"})
		if !w.Incident().Restricted {
			w.Fatal("it is not restricted")
		}
		for _, who := range []string{"platform-engineer-1", "robert.park", "sarah.chen"} {
			if w.MaySee(who) {
				w.Errorf("%s can see it", who)
			}
		}
		for _, who := range []string{"ana", "legal-counsel-1", "security-engineer-1", "rachel.torres"} {
			if !w.MaySee(who) {
				w.Errorf("%s cannot see it", who)
			}
		}
		w.At(30 * min)
		w.StatusPage().Quiet()
		w.Published("email").None()
		w.Published("status_page").None()
		w.Pages("").For("SEV-P1-ALLHANDS").None()
		w.Notices("#incidents").None()
		w.Notices("robert.park").None()
		w.Notices("sarah.chen").None()
		w.Pages("legal-counsel-2").From(10 * min).Some()
	})
}

// Open gates hold the resolution until they are done or a reason waives them.
//
// Clauses: RES-VAL-SMOKE
func TestGatesHoldTheResolution(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.At(20 * min)
		w.Engage("ana")
		if err := w.TryResolve("", time.Time{}); err == nil {
			w.Error("it resolved with open gates and no reason")
		}
		w.Is(P1, "investigating")
		w.Resolve("checked by hand with the customer")
		w.Is(P1, "resolved")
		for _, task := range w.Tasks("RES-VAL-SMOKE") {
			if task.State != "na" || task.Evidence == "" {
				w.Errorf("the gate %q is %s with the evidence %q", task.Title, task.State, task.Evidence)
			}
		}
	})
}

// The process may die in the middle: nothing is sent twice, nothing is missed.
//
// Clauses: ESC-CHAIN-1, ESC-CHAIN-2, ESC-CHAIN-3
func TestARestartChangesNothing(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		for _, at := range []time.Duration{3 * min, 9 * min, 12 * min} {
			w.At(at)
			w.Restart()
		}
		w.At(21 * min)
		w.Pages("primary").At(0)
		w.Pages("secondary").At(10 * min)
		w.Pages("sarah.liu").At(20 * min)
		w.Warned("acknowledge").At(4 * min)
		w.Breached("acknowledge").At(5 * min)
	})
}

// Customers of a P3 are told when it touches them directly: a draft waits for a
// person, and nothing goes out by itself.
//
// Clauses: SEV-P3-CUST
func TestAP3TellsCustomersOnlyWhenAPersonSaysSo(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("reporting", "warning", "exports are slow")
		if len(w.Tasks("SEV-P3-CUST")) == 0 {
			w.Error("nobody is asked who is affected")
		}
		w.At(10 * min)
		w.Confirm("ana")
		w.Entries(event.MessageDrafted).For("SEV-P3-CUST").At(10 * min)
		w.At(30 * hour)
		w.Published("email").None()
		w.Update("ana", "customers", "Exports were slow this morning and are quick again.")
		w.Published("email").At(30 * hour)
	})
}
