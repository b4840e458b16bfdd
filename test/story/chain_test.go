package story_test

import (
	"testing"
	"time"

	"allclear/internal/domain/procedure"
	"allclear/internal/store/storetest"
	"allclear/test/story"
)

const (
	P1 = procedure.P1
	P2 = procedure.P2
	P3 = procedure.P3
	P4 = procedure.P4

	min  = time.Minute
	hour = time.Hour
)

func TestMain(m *testing.M) { storetest.Main(m) }

// The primary is paged the instant the alert is in.
//
// Clauses: ESC-CHAIN-1, SEV-P1-ESC
// Reading 2, reading 12
func TestThePrimaryIsPagedAtOnce(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Phone("primary").Got("P1")
		w.Pages("primary").At(0).Citing("ESC-CHAIN-1", "SEV-P1-ESC")
		w.Nobody("primary").WasPaged()
		// The rest of level 1 is told, with nothing to acknowledge.
		w.Notices("").For("SEV-P1-ESC").Are("platform-lead-1", "platform-engineer-1", "platform-engineer-2", "platform-engineer-3",
			"applications-lead-1", "application-engineer-1", "application-engineer-2", "application-engineer-3")
		w.Notices("secondary").At(0).Citing("ESC-L1-SECONDARY")
	})
}

// Nobody acknowledges a P1: each step at its minute, and then everybody again
// every ten minutes.
//
// Clauses: ESC-CHAIN-1, ESC-CHAIN-2, ESC-CHAIN-3, ESC-CHAIN-4, ESC-CHAIN-5, ESC-L1-TIME, ESC-L2-TIME, ESC-L3-TIME
// Reading 7, reading 12, reading 13
func TestAnUnansweredP1ClimbsTheWholeChain(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(10 * min)
		w.Pages("secondary").None()
		w.At(80 * min)
		w.Pages("primary").At(0, 55*min, 65*min, 75*min).Citing("ESC-CHAIN-1")
		w.Pages("secondary").At(10*min, 55*min, 65*min, 75*min).Citing("ESC-CHAIN-2")
		w.Pages("sarah.liu").At(20*min, 55*min, 65*min, 75*min).Citing("ESC-CHAIN-3")
		w.Pages("david.kim").At(30*min, 55*min, 65*min, 75*min).Citing("ESC-CHAIN-4")
		w.Pages("rachel.torres").At(45*min, 55*min, 65*min, 75*min).Citing("ESC-CHAIN-5")
		w.Pages("marcus.johnson").None()

		// Whoever was paged has the time of the level, counted from the page.
		w.Breached("level_response").Of("primary").At(5 * min).Citing("ESC-L1-TIME")
		w.Breached("level_response").Of("secondary").At(15 * min).Citing("ESC-L1-TIME")
		w.Breached("level_response").Of("sarah.liu").At(35 * min).Citing("ESC-L2-TIME")
		w.Breached("level_response").Of("david.kim").At(45 * min).Citing("ESC-L2-TIME")
		w.Breached("level_response").Of("rachel.torres").At(75 * min).Citing("ESC-L3-TIME")
	})
}

// Clauses: ESC-CHAIN-2, ESC-CHAIN-3, ESC-CHAIN-4, ESC-CHAIN-5
// Reading 13
func TestAnAcknowledgedP1StillReachesDirectorAndVP(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(10 * min)
		w.Ack("primary")
		w.At(90 * min)
		w.Pages("primary").At(0)
		w.Pages("secondary").None()
		w.Pages("sarah.liu").None()
		w.Pages("david.kim").At(30 * min).Citing("ESC-CHAIN-4")
		w.Pages("rachel.torres").At(45 * min).Citing("ESC-CHAIN-5")
	})
}

// Clauses: ESC-CHAIN-4, ESC-CHAIN-5
// Reading 13
func TestAResolvedP1ReachesNobodyElse(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(4 * min)
		w.Engage("primary")
		w.JustBefore(30 * min)
		w.Resolve("restarted the token service")
		w.At(3 * hour)
		w.Pages("david.kim").None()
		w.Pages("rachel.torres").None()
	})
}

// Clauses: ESC-CHAIN-1, ESC-CHAIN-2, ESC-CHAIN-3, ESC-CHAIN-4, ESC-CHAIN-5, ESC-L1-TIME, ESC-L2-TIME
// Reading 13
func TestAnUnansweredP2StopsAtTheDirector(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("dashboard", "critical", "dashboards hang")
		w.At(59 * min)
		w.Is(P2, "investigating")
		w.Pages("primary").At(0, 40*min, 50*min).Citing("ESC-CHAIN-1")
		w.Pages("secondary").At(10*min, 40*min, 50*min).Citing("ESC-CHAIN-2")
		w.Pages("marcus.johnson").At(20*min, 40*min, 50*min).Citing("ESC-CHAIN-3")
		w.Pages("david.kim").At(30*min, 40*min, 50*min).Citing("ESC-CHAIN-4")
		w.Breached("level_response").Of("primary").At(15 * min).Citing("ESC-L1-TIME")
		w.Breached("level_response").Of("secondary").At(25 * min).Citing("ESC-L1-TIME")
		w.Breached("level_response").Of("marcus.johnson").At(50 * min).Citing("ESC-L2-TIME")
		w.At(4 * hour)
		w.Pages("rachel.torres").None()
	})
}

// An acknowledged P2 tells the Director at 30 minutes and pages nobody.
//
// Clauses: ESC-CHAIN-4, ESC-CHAIN-5
// Reading 13
func TestAnAcknowledgedP2TellsTheDirector(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("dashboard", "critical", "dashboards hang")
		w.At(3 * min)
		w.Ack("primary")
		w.At(59 * min)
		w.Nobody("primary").WasPaged()
		w.Notices("david.kim").At(30 * min).Citing("ESC-CHAIN-4")
		w.Notices("rachel.torres").None()
	})
}

// The manager is that of the service's area; of an unknown area both.
//
// Clauses: ESC-CHAIN-3, ESC-L2-EMPLAT, ESC-L2-EMAPP
// Reading 13
func TestTheManagerIsThatOfTheArea(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("ingestion", "critical", "pipelines stand")
		w.Alert("api", "critical", "the API answers 500")
		w.Alert("unheard-of", "critical", "something is wrong")
		w.At(21 * min)
		for n, managers := range map[int64][]string{1: {"sarah.liu"}, 2: {"marcus.johnson"}, 3: {"sarah.liu", "marcus.johnson"}} {
			w.About(n)
			w.Pages("").For("ESC-CHAIN-3").Are(managers...)
		}
	})
}

// A source's acknowledgement stops the steps that wait for one.
//
// Clauses: ESC-CHAIN-2, ESC-CHAIN-4, SEV-P1-ACK
// Reading 13
func TestAnAcknowledgementAtTheSourceCounts(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(2 * min)
		w.AckedAtSource("auth", "logins fail")
		w.Clock("acknowledge").Is("met")
		w.At(31 * min)
		w.Pages("secondary").None()
		w.Pages("david.kim").At(30 * min)
	})
}
