package procedure

import (
	"time"

	"allclear/internal/base/recur"
)

// Clock is a promise with a due time per severity: a row of the SLA tables and
// of the communication rules.
type Clock struct {
	ID    string            `yaml:"id" json:"id"`
	Name  string            `yaml:"name" json:"name"`
	From  string            `yaml:"from" json:"from"`   // began | detected | declared | update
	Until string            `yaml:"until" json:"until"` // a moment that ends it, see Moments
	By    map[string]Target `yaml:"by" json:"by"`
}

// Target is one severity's row of a clock.
type Target struct {
	Within  recur.Span   `yaml:"within" json:"within"`
	WarnAt  []recur.Span `yaml:"warn_at" json:"warn_at,omitempty"`
	Clauses []string     `yaml:"clauses" json:"clauses"`
}

// Moments that can end a clock or a task. Flows tell of them with
// event.Moment, or command notes them by itself.
var Moments = []string{
	"acknowledged", "engaged", "resolved", "room_ready", "executives_told", "leads_told", "status_posted", "customers_mailed", "updated",
	"commander_named", "assigned", "declared", "technical_lead_named", "communications_lead_named", "scribe_named",
	"received", "scope_named", "impact_estimated", "findings_noted", "team_called",
	// The war room.
	"channel_opened", "video_opened", "notes_opened", "room_reserved",
	// Investigation.
	"cause_found", "network_probed", "security_reviewed", "reproduction_tried", "options_listed", "risk_assessed", "fix_tested", "plan_approved",
	// Recovery and its proof.
	"recovery_ordered", "ways_back_checked", "smoke_passed", "journeys_walked", "performance_proven", "security_proven",
	"load_tested", "stress_tested", "failover_tested", "vulnerabilities_scanned", "data_validated", "baseline_met",
	// Messages beside the status page and mail, and what follows after the end.
	"social_posted", "forum_posted", "press_issued", "customers_texted", "summary_sent", "report_published", "report_completed", "forum_answered",
	// The review.
	"timeline_complete", "cause_validated", "factors_named", "impact_assessed", "communication_rated", "review_invited", "review_held", "actions_assigned", "review_signed",
}

// Starts that a clock can run from (reading 7).
var Starts = []string{"began", "detected", "declared", "update"}

const defaultWarnPercent = 80

// Due returns when the clock is due for the severity and when it warns, in
// time order; ok is false when the severity has no such clock.
func (c Clock) Due(s Severity, start time.Time, cal *recur.Calendar) (due time.Time, warns []time.Time, clauses []string, ok bool) {
	t, ok := c.By[s.String()]
	if !ok {
		return due, nil, nil, false
	}
	due = t.Within.From(start, cal)
	for _, w := range t.WarnAt {
		warns = append(warns, w.From(start, cal))
	}
	if len(warns) == 0 {
		warns = append(warns, eighty(t.Within, start, due, cal))
	}
	return due, warns, t.Clauses, true
}

// eighty is 80 % of the way to due; of the open time where the span is
// business time (reading 10).
func eighty(within recur.Span, start, due time.Time, cal *recur.Calendar) time.Time {
	if within.Business() {
		open := cal.Between(start, due)
		return cal.Add(start, open*defaultWarnPercent/100)
	}
	return start.Add(due.Sub(start) * defaultWarnPercent / 100)
}
