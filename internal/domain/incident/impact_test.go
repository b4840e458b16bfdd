package incident_test

import (
	"testing"
	"time"

	"allclear/internal/domain/incident"
)

// What lies between a resolution that did not hold and the reopening is no downtime,
// whichever time is asked about.
//
// Reading 21
func TestDowntimeLeavesOutWhatWasResolved(t *testing.T) {
	t0 := time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)
	at := func(h float64) time.Time { return t0.Add(time.Duration(h * float64(time.Hour))) }
	twice := []incident.Regression{{ResolvedAt: at(1), ReopenedAt: at(1.5)}, {ResolvedAt: at(3), ReopenedAt: at(5)}}
	april := incident.Span{From: at(2), Until: at(2 + 30*24)}
	for name, c := range map[string]struct {
		i           incident.Incident
		all, inside time.Duration
	}{
		"never resolved":         {incident.Incident{DetectedAt: t0}, 7 * time.Hour, 5 * time.Hour},
		"resolved":               {incident.Incident{DetectedAt: t0, ResolvedAt: at(4)}, 4 * time.Hour, 2 * time.Hour},
		"hurt before detection":  {incident.Incident{DetectedAt: t0, ImpactAt: at(-1), ResolvedAt: at(1)}, 2 * time.Hour, 0},
		"reopened, open":         {incident.Incident{DetectedAt: t0, Regressions: twice}, 4*time.Hour + 30*time.Minute, 3 * time.Hour},
		"reopened, resolved":     {incident.Incident{DetectedAt: t0, ResolvedAt: at(6), Regressions: twice}, 3*time.Hour + 30*time.Minute, 2 * time.Hour},
		"its end was set before": {incident.Incident{DetectedAt: t0, ResolvedAt: at(4), Regressions: twice}, 2*time.Hour + 30*time.Minute, time.Hour},
	} {
		if got := incident.Total(c.i.Hurt(at(7))); got != c.all {
			t.Errorf("%s: %s, want %s", name, got, c.all)
		}
		if got := c.i.Downtime(april, at(7)); got != c.inside {
			t.Errorf("%s: %s in April, want %s", name, got, c.inside)
		}
	}
}
