package incident

import (
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Regression is one time that a resolved incident came back.
type Regression struct {
	ResolvedAt time.Time `json:"resolved_at"`
	ResolvedBy string    `json:"resolved_by,omitempty"`
	Resolution string    `json:"resolution,omitempty"` // the reason it was resolved with
	ReopenedAt time.Time `json:"reopened_at"`
	ReopenedBy string    `json:"reopened_by"`
	Reason     string    `json:"reason"`
}

// Reopen takes a resolution back, because the impact is there again. What was
// resolved stays in the history. A closed incident stays closed: what comes
// after that is another incident.
func (i *Incident) Reopen(by, reason string, now time.Time) error {
	switch {
	case i.Status != Resolved || i.MergedInto != 0:
		return i.refuse("it is %s; only a resolved incident can be reopened", i.Status)
	case strings.TrimSpace(reason) == "":
		return fault.New(fault.Invalid, "reopening needs a reason").With("reason", "say what has come back")
	}
	i.Regressions = append(i.Regressions, Regression{
		ResolvedAt: i.ResolvedAt, ResolvedBy: i.ResolvedBy, Resolution: i.Reason, ReopenedAt: now, ReopenedBy: by, Reason: reason,
	})
	i.Status, i.ResolvedAt, i.ResolvedBy, i.Reason = Triage, time.Time{}, "", ""
	if i.Declared {
		i.Status = Investigating
	}
	// Clocks of the severity count from here, as after a change of it (reading 9).
	i.SeverityAt, i.MendedAt = now, now
	for _, moment := range afterwards {
		delete(i.Reached, moment)
	}
	return nil
}

// proofs are the moments at which software has proven that it is over.
var proofs = []string{"smoke_passed", "performance_proven"}

// void forgets what was proven of a state that is not any more, and names it.
func (i *Incident) void() (out []string) {
	for _, moment := range proofs {
		if _, reached := i.Reached[moment]; reached {
			delete(i.Reached, moment)
			out = append(out, moment)
		}
	}
	return out
}

// afterwards are the moments of an incident that is over, and of the proof that
// it is: they come again.
var afterwards = []string{
	"resolved", "smoke_passed", "journeys_walked", "performance_proven", "security_proven",
	"load_tested", "stress_tested", "failover_tested", "vulnerabilities_scanned", "data_validated", "baseline_met",
	// The review of what is not over says nothing yet.
	"timeline_complete", "cause_validated", "factors_named", "impact_assessed", "communication_rated", "review_invited", "review_held", "actions_assigned", "review_signed",
}
