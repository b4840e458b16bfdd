package story_test

import (
	"testing"
	"time"

	"allclear/internal/domain/event"
	"allclear/test/story"
)

// A source's severity word is a hint that depends on the service.
//
// Clauses: SEV-P1-DEF, SEV-P2-DEF, SEV-P3-DEF, SEV-P4-DEF
// Reading 1
func TestUrgencyPagesSeverityDeclares(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		type hint struct {
			service, word string
			want          story.Severity
		}
		// auth is a critical function, the others are not.
		hints := []hint{
			{"auth", "critical", P1},
			{"auth", "error", P2},
			{"auth", "warning", P3},
			{"auth", "info", P4},
			{"api", "critical", P2},
			{"api", "error", P3},
			{"api", "warning", P3},
			{"api", "info", P4},
			{"api", "", P3},
		}
		for _, h := range hints {
			w.Alert(h.service, h.word, "from "+h.word)
			if got := w.Incident(); got.Severity != h.want || got.Status != "triage" {
				w.Errorf("%q on %s opens a %s in %s, want a %s in triage", h.word, h.service, got.Severity, got.Status, h.want)
			}
			w.Recovered(h.service, "from "+h.word) // so that the next one opens its own
		}
	})
}

// A suspicion pages and its clocks run; it is declared by itself at eight
// minutes.
//
// Clauses: ESC-CHAIN-1, ESC-L1-SECONDARY, RSP-S2-SEV
// Reading 2
func TestASuspicionDeclaresItselfAtEightMinutes(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Is(P1, "triage")
		w.Notices("secondary").At(0)
		w.Clock("acknowledge").Is("pending")
		w.Ack("primary") // "I have it" is not a confirmation
		w.JustBefore(8 * min)
		w.Is(P1, "triage")
		w.Entries(event.Declared).None()
		w.At(8 * min)
		w.Is(P1, "investigating")
		w.Entries(event.Declared).At(8 * min).Citing("RSP-S2-SEV")
	})
}

// Reading 2
func TestWhoConfirmsOrEngagesDeclares(t *testing.T) {
	for _, how := range []string{"confirm", "engage"} {
		t.Run(how, func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Alert("auth", "critical", "logins fail")
				w.At(3 * min)
				if how == "confirm" {
					w.Confirm("secondary")
				} else {
					w.Engage("secondary")
				}
				w.Is(P1, "investigating")
				w.At(10 * min)
				w.Entries(event.Declared).At(3 * min)
			})
		})
	}
}

// A false positive closes, and nothing more goes out.
//
// Clauses: RSP-S1-VALID
// Reading 2
func TestADismissedSuspicionGoesNoFurther(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(6 * min)
		w.Dismiss("a test of the probe")
		w.Is(P1, "closed")
		if !w.Incident().FalsePositive {
			t.Error("it is not counted as a false positive")
		}
		w.Notices("").About("False alarm").Are("primary", "secondary").Citing("RSP-S1-VALID")
		w.At(3 * hour)
		w.Entries(event.Declared).None()
		w.Nobody("primary").WasPaged()
		w.StatusPage().Quiet()
		w.Clock("response").Is("waived")
		for _, k := range []string{"war_room", "executive_notice", "status_page"} {
			w.Clock(k).Absent()
		}
		// The next alert is a new suspicion.
		w.Alert("auth", "critical", "logins fail")
		w.Is(P1, "triage")
		w.Pages("primary").At(0, 3*hour)
	})
}

// Nothing leaves the on-call circle before the declaration.
//
// Clauses: SEV-P1-EXEC, TEAM-XF-EXEC, TEAM-XF-CS, TEAM-XF-SALES, TEAM-XF-MKT, SEV-P1-ALLHANDS
// Reading 3, reading 14
func TestWhatLeavesTheOnCallCircleWaits(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(8 * min)
		engineers := []string{
			"platform-lead-1", "platform-engineer-1", "platform-engineer-2", "platform-engineer-3",
			"applications-lead-1", "application-engineer-1", "application-engineer-2", "application-engineer-3",
		}
		w.Nobody(append(engineers, "primary", "secondary")...).WasTold()
		w.Nobody("primary").WasPaged()
		w.Published("status_page").None()
		w.Published("email").None()
		w.Entries(event.WarRoomActive).None()
		w.At(8 * min) // within ten minutes of detection
		w.Pages("").For("SEV-P1-ALLHANDS").Are(append(engineers, "communications-lead-1", "communications-lead-2")...)
		w.Notices("").For("SEV-P1-EXEC").Are("rachel.torres", "michael.chen", "jennifer.walsh").Citing("TEAM-XF-EXEC")
		w.Notices("amanda.rodriguez").At(8 * min).Citing("TEAM-XF-CS")
		w.Notices("robert.park").At(8 * min).Citing("TEAM-XF-SALES")
		w.Notices("sarah.chen").At(8 * min).Citing("TEAM-XF-MKT")
		w.Notices("#incidents").At(8 * min).Citing("TEAM-SLACK")
		w.Entries(event.WarRoomActive).At(8 * min)
	})
}

// P3 and P4 open quietly, never page and never declare themselves.
//
// Clauses: SEV-P3-BH, SEV-P4-NOEMERG
// Reading 4
func TestP3AndP4AreQuiet(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "warning", "slower than usual")
		w.Alert("api", "info", "a word is misspelt")
		w.At(15 * 24 * hour)
		w.About(1)
		w.Is(P3, "triage")
		w.About(2)
		w.Is(P4, "triage")
		w.About(0)
		w.Pages("").None()
		w.Entries(event.Declared).None()
		w.Entries(event.WarRoomActive).None()
		w.Outbox("sms").Silent()
		w.Outbox("voice").Silent()
		w.StatusPage().Quiet()
	})
}

// A storm is one incident; it raises the suggestion and never lowers it.
//
// Clauses: SEV-P1-DEF
// Reading 5
func TestAStormJoinsOneIncident(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "warning", "slow")
		w.Is(P3, "triage")
		w.Pages("").None()
		w.At(min)
		w.Alert("auth", "error", "errors")
		w.Is(P2, "triage")
		w.Pages("primary").At(min)
		for range 50 {
			w.Alert("auth", "critical", "logins fail "+w.Since().String())
			w.After(time.Second)
		}
		w.Alert("auth", "info", "a hint")
		w.Is(P1, "triage")
		if i := w.Incident(); i.Number != 1 || i.AlertCount != 53 {
			t.Errorf("%s has %d alerts, want one incident with 53", i.Ref(), i.AlertCount)
		}
		w.Pages("primary").At(min) // once, however many alerts
	})
}

// All alerts recover: a suspicion ends by itself, a declared incident is
// watched until a person resolves it.
//
// Reading 5
func TestRecoveryEndsASuspicionAndNotAnIncident(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Alert("auth", "critical", "tokens fail")
		w.At(2 * min)
		w.Recovered("auth", "logins fail")
		w.Is(P1, "triage")
		w.Recovered("auth", "tokens fail")
		w.Is(P1, "resolved")
		w.At(hour)
		w.Nobody("primary").WasPaged()

		w.Alert("auth", "critical", "logins fail") // a new one
		w.Engage("primary")
		w.After(5 * min)
		w.Recovered("auth", "logins fail")
		w.Is(P1, "monitoring")
		w.Notices("#incidents").About("all alerts recovered").At(65 * min)
		w.After(min)
		w.Alert("auth", "critical", "logins fail") // a relapse
		w.Is(P1, "investigating")
		if n := w.Incident().Number; n != 2 {
			t.Errorf("the relapse opened INC-%d, want it in INC-2", n)
		}
		w.After(min)
		w.Recovered("auth", "logins fail")
		w.After(6 * hour)
		w.Is(P1, "monitoring") // a person resolves it
	})
}

// A second symptom raises what a metric opened quietly.
//
// Reading 6
func TestASecondSymptomRaisesAP3(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("api", "warning", "processor above 80 %")
		w.Is(P3, "triage")
		w.At(20 * min)
		w.Alert("api", "critical", "error rate above 5 %")
		w.Is(P2, "triage")
		w.Pages("primary").At(20 * min).Citing("ESC-CHAIN-1")
	})
}

// Where clocks start.
//
// Clauses: SEV-P1-ACK, SEV-P1-RESP, SEV-P1-RESOLVE, SEV-P1-WAR, SEV-P1-EXEC, SEV-P1-CUST, SEV-P1-COMM
// Reading 7
func TestAlertClocksAndDeclarationClocks(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(3 * min)
		w.Confirm("primary")
		for clock, due := range map[string]time.Duration{
			"acknowledge": 5 * min, "response": 10 * min, "resolution": 45 * min, // from the alert
			"war_room": 13 * min, "status_page": 18 * min, "customer_email": 18 * min, "status_update": 33 * min, // from the declaration
		} {
			w.Clock(clock).Is("pending").Due(due)
		}
		w.Clock("executive_notice").Is("met").Due(18 * min)
		w.Clock("acknowledge").Citing("SEV-P1-ACK")
		w.Clock("response").Citing("SEV-P1-RESP")
		w.Clock("resolution").Citing("SEV-P1-RESOLVE")
		w.Clock("war_room").Citing("SEV-P1-WAR")
		w.Clock("executive_notice").Citing("SEV-P1-EXEC")
		w.Clock("status_page").Citing("SEV-P1-CUST", "COM-CUST-STATUS")
		w.Clock("customer_email").Citing("SEV-P1-CUST")
		w.Clock("status_update").Citing("SEV-P1-COMM")
	})
}

// Without an alert everything counts from the declaration.
//
// Clauses: ESC-CHAIN-1, SEV-P1-ACK
// Reading 7
func TestADeclarationWithoutAnAlertStartsEverything(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.At(7 * min)
		w.Declare(story.Declaration{Severity: P1})
		w.Is(P1, "investigating")
		w.Pages("primary").At(7 * min)
		w.Clock("acknowledge").Due(12 * min)
		w.Clock("resolution").Due(52 * min)
		w.Clock("war_room").Due(17 * min)
	})
}

// Warnings.
//
// Clauses: SEV-P1-RESOLVE, SEV-P1-CUST, SEV-P1-COMM, SEV-P2-RESOLVE, WAR-CCL-NOTIFY
// Reading 10
func TestClocksWarnBeforeTheyBreach(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.At(hour)
		w.Warned("resolution").At(30*min, 40*min).Citing("SEV-P1-RESOLVE")
		w.Warned("status_page").At(10 * min).Citing("SEV-P1-CUST")
		w.Warned("customer_email").At(10 * min)
		w.Warned("acknowledge").At(4 * min) // 80 % where nothing is said
		w.Warned("response").At(8 * min)
		w.Warned("status_update").At(38 * min).Citing("SEV-P1-COMM") // 25 min after the holding statement
		w.Notices("communications-lead-2").About("next update is due at 2026-03-02 03:43 UTC").At(38 * min).Citing("WAR-CCL-NOTIFY")
		w.Notices("sarah.liu").About("Resolution is due at 2026-03-02 03:45 UTC").At(30*min, 40*min)

		w.Declare(story.Declaration{Severity: P2, Service: "dashboard"})
		w.After(2 * hour)
		w.About(2)
		w.Warned("resolution").At(hour + 96*min).Citing("SEV-P2-RESOLVE")
	})
}

// Resolved is the end of impact, mitigated is not.
//
// Clauses: SEV-P1-RESOLVE
// Reading 11
func TestMitigatedDoesNotStopTheResolutionClock(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.At(20 * min)
		w.Mitigate()
		w.Is(P1, "mitigated")
		w.Clock("resolution").Is("pending")
		w.At(45 * min)
		w.Breached("resolution").At(45 * min).Citing("SEV-P1-RESOLVE")
	})
}

// The end of impact can be set back, with evidence, not before detection.
//
// Clauses: SEV-P1-RESOLVE
// Reading 11
func TestTheEndOfImpactMayLieBack(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.At(40 * min)
		if w.TryResolve("too early", w.Incident().DetectedAt.Add(-min)) == nil {
			t.Error("an end before the beginning was taken")
		}
		if w.TryResolve("not yet", w.Incident().DetectedAt.Add(50*min)) == nil {
			t.Error("an end in the future was taken")
		}
		w.ResolveAt("the graphs show the end at 03:31", 31*min)
		w.Is(P1, "resolved")
		if got := w.Incident().ResolvedAt.Sub(w.Incident().DetectedAt); got != 31*min {
			t.Errorf("the impact lasted %s, want 31m", got)
		}
		w.Clock("resolution").Is("met")
		w.Met("resolution").About("the graphs show").At(31 * min)
	})
}

// A breach stays when the proven end lies before the limit: it is evidence, the
// promise was recorded as broken.
//
// Reading 11
func TestALateProofDoesNotUndoABreach(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.At(50 * min)
		w.ResolveAt("it ended at 03:40", 40*min)
		w.Clock("resolution").Is("breached")
	})
}
