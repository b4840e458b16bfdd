package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/event"
	"allclear/test/story"
)

// says asserts that the alert tells each of the texts, in their order.
func says(t *testing.T, why string, texts ...string) {
	t.Helper()
	rest := why
	for _, x := range texts {
		i := strings.Index(rest, x)
		if i < 0 {
			t.Errorf("%q is not told (in this order) in\n%s", x, why)
			return
		}
		rest = rest[i+len(x):]
	}
}

// Why was I paged? Each alert tells what was decided about it.
func TestAnAlertSaysWhyItPaged(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Alert("auth", "warning", "logins are slow")
		w.Alert("reporting", "info", "an export took long")
		says(t, w.Why("logins fail"), "opened INC-1: events says critical: Authentication suggests P1. A P1 pages.")
		says(t, w.Why("logins are slow"), "joined INC-1, which is open on its service. A P1 pages.")
		says(t, w.Why("an export took long"), "opened INC-2", "suggests P4. A P4 pages nobody.")
		w.After(time.Minute)
		w.Alert("reporting", "error", "an export took long")
		says(t, w.Why("an export took long"), "1m0s raised from P4 to P3: its source says error now")
	})
}

// During a maintenance nobody is woken by what is expected; when it is over, what
// still stands wakes somebody, and what has recovered does not.
func TestMaintenanceHoldsAlertsBack(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Maintain(alert.Maintenance{Services: []string{"auth"}, StartsAt: w.Now().Add(10 * time.Minute), EndsAt: w.Now().Add(40 * time.Minute)})
		w.At(15 * time.Minute)
		w.Alert("auth", "critical", "logins fail")
		w.Alert("auth", "critical", "tokens expire")
		w.Alert("reporting", "critical", "exports fail") // another service
		w.Pages("primary").At(15 * time.Minute)
		w.At(20 * time.Minute)
		w.Recovered("auth", "tokens expire")
		w.JustBefore(40 * time.Minute)
		w.Entries(event.Opened).At(15 * time.Minute)
		w.At(40 * time.Minute)
		w.Entries(event.Opened).At(15*time.Minute, 40*time.Minute)
		w.Pages("primary").At(15*time.Minute, 40*time.Minute)
		says(t, w.Why("logins fail"), `15m0s held back: maintenance "an upgrade" until`, "40m0s no longer held back", "40m0s opened INC-2")
		w.At(2 * time.Hour)
		if a := w.Alerts(); len(a) != 3 {
			t.Errorf("%d alerts", len(a))
		}
	})
}

// A maintenance that begins ends the pages of what it expects, unless somebody has
// it in hand. It is for alerts that its conditions match alone, and never for
// people who call.
func TestMaintenanceStopsRunningPages(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Pages("primary").At(0)
		w.Alert("reporting", "critical", "exports fail")
		w.At(2 * time.Minute)
		w.About(2)
		w.Ack("ana")
		w.At(3 * time.Minute)
		m := w.Maintain(alert.Maintenance{Services: []string{"auth", "reporting"}, StartsAt: w.Now(), EndsAt: w.Now().Add(time.Hour)})
		w.About(1)
		w.Is(P1, "resolved")
		w.About(2)
		w.Is(P2, "triage")
		w.At(12 * time.Minute)
		w.Pages("secondary").None() // of the first nobody is paged any more
		says(t, w.Why("logins fail"), "3m0s held back", "has begun")
		w.Call("auth", alert.EmergencyCall, "call-1", "+15550100", "")
		w.About(3)
		w.Entries(event.Called).At(12 * time.Minute)
		w.At(20 * time.Minute)
		w.EndMaintenance(m.ID)
		says(t, w.Why("logins fail"), "20m0s no longer held back", "joined INC-3")
	})
	t.Run("by conditions", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			w.Maintain(alert.Maintenance{
				Services: []string{"api"}, StartsAt: w.Now(), EndsAt: w.Now().Add(time.Hour),
				Matchers: []alert.Matcher{{Name: "shard", Value: "eu-.*", Regex: true}, {Name: "severity", Value: "info", Not: true}},
			})
			w.Reported("api", alert.Signal{Summary: "expected", Severity: "critical", Labels: map[string]string{"shard": "eu-1"}})
			w.Nobody().WasPaged()
			w.Reported("api", alert.Signal{Summary: "elsewhere", Severity: "critical", Labels: map[string]string{"shard": "us-1"}})
			w.Pages("primary").At(0)
		})
	})
}

// Every Sunday at two in the morning, by the clock on the wall in Paris, also
// when that clock is changed.
func TestMaintenanceRepeats(t *testing.T) {
	saturday := time.Date(2026, 3, 21, 20, 0, 0, 0, time.UTC)
	story.Tell(t, func(w *story.World) {
		first := time.Date(2026, 3, 22, 1, 0, 0, 0, time.UTC) // 02:00 in Paris
		w.Maintain(alert.Maintenance{Services: []string{"auth"}, StartsAt: first, EndsAt: first.Add(time.Hour), Repeat: "weekly", Zone: "Europe/Paris"})
		for _, c := range []struct {
			at   time.Time
			held bool
		}{
			{first.Add(-time.Minute), false},
			{first, true},
			{first.Add(59 * time.Minute), true},
			{first.Add(time.Hour), false},
			{first.AddDate(0, 0, 7).Add(-time.Minute), false}, // 02:00 does not exist on that day: it begins at 03:00, which is 01:00 UTC
			{first.AddDate(0, 0, 7), true},
			{first.AddDate(0, 0, 7).Add(time.Hour), false},
			{first.AddDate(0, 0, 14).Add(-time.Hour), true},
			{first.AddDate(0, 0, 14), false}, // summer: 02:00 is 00:00 UTC
		} {
			w.At(c.at.Sub(saturday))
			name := c.at.String()
			w.Alert("auth", "critical", name)
			why := w.Why(name)
			if strings.Contains(why, "held back") != c.held {
				t.Errorf("%s: want held %v, got\n%s", name, c.held, why)
			}
			w.Recovered("auth", name)
		}
	}, story.Start(saturday))
}

const inhibition = `  topology: {mode: link, window: 30m}
  inhibit:
    - {id: host-down, when: {class: HostDown}, then: {class: "Disk.*|Cpu.*"}, equal: [origin]}
`

// What follows from something that stands is held back while it stands: on its
// own service, and on those that depend on it.
func TestInhibition(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Reported("auth", alert.Signal{Summary: "host a is down", Severity: "critical", Class: "HostDown", Origin: "a"})
		w.Reported("auth", alert.Signal{Summary: "disk of a", Severity: "critical", Class: "DiskFull", Origin: "a"})
		w.Reported("dashboard", alert.Signal{Summary: "cpu of a", Severity: "critical", Class: "CpuHigh", Origin: "a"})
		w.Reported("reporting", alert.Signal{Summary: "disk of b", Severity: "critical", Class: "DiskFull", Origin: "b"})
		w.Entries(event.Opened).At(0, 0)
		says(t, w.Why("disk of a"), "held back: host-down: alert", "stands on auth")
		says(t, w.Why("cpu of a"), "held back: host-down: alert", "stands on auth")
		w.At(5 * time.Minute)
		w.Reported("dashboard", alert.Signal{Summary: "cpu of a", Action: alert.Resolve})
		w.At(6 * time.Minute)
		w.Reported("auth", alert.Signal{Summary: "host a is down", Action: alert.Resolve})
		says(t, w.Why("disk of a"), "6m0s no longer held back by host-down", "6m0s opened INC-")
		if a := w.Why("cpu of a"); strings.Contains(a, "no longer") {
			t.Errorf("what had recovered came up again:\n%s", a)
		}
	}, story.Procedure("  topology: {mode: link, window: 30m} # join lets dependent services join the incident of their cause\n", inhibition))
}

// An incident names its likely cause by the service map, whichever came first.
//
// Clauses: PLT-CFG-DEPS
func TestLikelyCause(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(2 * time.Minute)
		w.Alert("dashboard", "critical", "dashboards are empty")
		says(t, w.Why("dashboards are empty"), "likely a symptom of INC-1 on auth", "opened INC-2")
		w.About(2)
		w.Entries(event.Automatic).Citing("PLT-CFG-DEPS")
		w.At(3 * time.Minute)
		w.Alert("api", "critical", "the API is slow") // the dashboard depends on it too
		if a := w.Alerts(); a[1].Noise.Cause != "INC-1" {
			t.Errorf("cause %q", a[1].Noise.Cause)
		}
	})
	t.Run("joined", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			w.Alert("auth", "critical", "logins fail")
			w.At(2 * time.Minute)
			w.Alert("dashboard", "error", "dashboards are empty")
			w.Entries(event.Opened).At(0)
			says(t, w.Why("dashboards are empty"), "joined INC-1 as a symptom: its service depends on auth. A P1 pages.")
			w.At(40 * time.Minute)
			w.Alert("reporting", "error", "exports fail") // the cause is not young any more
			w.Entries(event.Opened).At(0, 40*time.Minute)
		}, story.Procedure("mode: link", "mode: join"))
	})
	t.Run("worse than its cause", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			w.Alert("auth", "info", "a certificate is old")
			w.Alert("dashboard", "critical", "dashboards are empty")
			w.Entries(event.Opened).At(0, 0)
			w.Pages("primary").At(0)
		}, story.Procedure("mode: link", "mode: join"))
	})
}

// Alerts whose labels differ have incidents of their own where the procedure says
// so.
func TestGroupingCutsFiner(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		for _, shard := range []string{"eu", "us", "eu"} {
			w.Reported("api", alert.Signal{Summary: "slow in " + shard, Severity: "critical", Labels: map[string]string{"shard": shard}})
		}
		w.Reported("api", alert.Signal{Summary: "no shard", Severity: "critical"})
		w.Reported("api", alert.Signal{Summary: "no shard either", Severity: "critical"})
		w.Entries(event.Opened).At(0, 0, 0)
	}, story.Procedure("  topology: {mode: link", "  grouping: [{id: by-shard, services: [api], match: {shard: \".+\"}, by: [shard]}]\n  topology: {mode: link"))
}

// An alert that comes and goes pages until it is known to; then it is one incident
// that ends when it has been over for a while.
func TestFlapping(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		for range 8 {
			w.Alert("auth", "warning", "logins fail")
			w.After(30 * time.Second)
			w.Recovered("auth", "logins fail")
			w.After(30 * time.Second)
		}
		w.Entries(event.Opened).At(0, 1*time.Minute, 2*time.Minute, 3*time.Minute, 4*time.Minute)
		w.Is(P3, "triage")
		says(t, w.Why("logins fail"), "it comes and goes: begun 5 times within 15m. It ends when it has been over for 10m.")
		if a := w.Alerts(); len(a) != 1 || a[0].Count != 8 || !a[0].Noise.Flaps {
			t.Errorf("alert %+v", a[0])
		}
		w.JustBefore(17*time.Minute + 30*time.Second)
		w.Is(P3, "triage")
		w.At(17*time.Minute + 30*time.Second) // ten minutes after it was over last
		w.Is(P3, "resolved")
		if a := w.Alerts(); a[0].Noise.Flaps || a[0].Status != alert.Resolved {
			t.Errorf("alert %+v", a[0])
		}
		w.At(60 * time.Minute)
		w.Alert("auth", "warning", "logins fail")
		w.After(time.Minute)
		w.Recovered("auth", "logins fail")
		w.Is(P3, "resolved")
	})
}

// Whatever ends what holds an alert back, it comes up within a minute: here a person
// ends the incident of the other one, and a service is taken off a maintenance.
//
// INV-P1
func TestNothingIsHeldBackForEver(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Reported("auth", alert.Signal{Summary: "host a is down", Severity: "warning", Class: "HostDown", Origin: "a"})
		w.Reported("auth", alert.Signal{Summary: "disk of a", Severity: "critical", Class: "DiskFull", Origin: "a"})
		w.After(10 * time.Minute)
		w.Dismiss("the host is to be down")
		w.After(time.Minute)
		w.Is(P1, "triage")
		says(t, w.Why("disk of a"), "held back", "no longer held back by host-down")
	}, story.Procedure("  topology: {mode: link, window: 30m} # join lets dependent services join the incident of their cause\n", inhibition))
	t.Run("a service is taken off a maintenance", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			m := w.Maintain(alert.Maintenance{Services: []string{"auth", "api"}, StartsAt: w.Now(), EndsAt: w.Now().Add(time.Hour)})
			w.Alert("auth", "critical", "logins fail")
			w.After(5 * time.Minute)
			w.Nobody().WasPaged()
			m.Services = []string{"api"}
			w.Maintain(m)
			w.Pages("primary").At(5 * time.Minute)
		})
	})
}
