package escalation

import (
	"time"

	"allclear/internal/domain/procedure"
)

// Hold keeps steps that wait for an acknowledgement back until a person wants
// to be asked again. What the procedure demands while the incident is
// unresolved is not held.
func (r *Run) Hold(until time.Time) { r.HeldUntil = until }

// Retrigger takes the steps that wait for an acknowledgement from the start
// again, as a round of their own: nobody has the incident any more. Steps that
// page while it is unresolved keep their times.
func (r *Run) Retrigger(p *procedure.Procedure, now time.Time) {
	chain := r.Chain(p)
	r.Round++
	r.Pass, r.RoundAt, r.HeldUntil, r.Ended = r.Round, time.Time{}, time.Time{}, false
	for i := range r.Steps {
		step, rule, ok := r.rule(chain, i)
		if !ok || rule.While == procedure.Unresolved {
			continue
		}
		step.Outcome, step.Due = "", chain.Steps[i].After.From(now, nil)
	}
}

// Hurry brings the step after one that asks for nobody forward to now; a
// policy does not wait for an answer that cannot come. It reports whether there
// is such a step. The procedure's own times never move.
func (r *Run) Hurry(p *procedure.Procedure, after int, now time.Time) bool {
	if r.Policy == nil {
		return false
	}
	chain := r.Chain(p)
	for i := after; i < len(r.Steps); i++ {
		if step, _, ok := r.rule(chain, i); ok && step.Outcome == "" && step.Due.After(now) && !r.closed(p, i, now) {
			step.Due = now
			return true
		}
	}
	return false
}

// Anew is the run of an incident that has come back after its end: every step from
// the start, in rounds that no page of the run before has.
func (r *Run) Anew(p *procedure.Procedure, s procedure.Severity, now time.Time) (Run, bool) {
	n, ok := Start(p, r.Policy, s, now)
	n.Round = r.Round + 1
	n.Pass = n.Round
	return n, ok
}
