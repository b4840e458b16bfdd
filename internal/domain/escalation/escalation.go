// Package escalation owns the escalation chain of one incident as a pure state
// machine: which step is due, whom it asks for, and when to look again. It must
// not know people, channels or the database.
package escalation

import (
	"time"

	"allclear/internal/domain/procedure"
)

// Run is the chain of one incident. Its steps' times never move once set
// (reading 12), whatever people do.
type Run struct {
	Severity  procedure.Severity `json:"severity"`
	StartedAt time.Time          `json:"started_at"`
	Steps     []StepRun          `json:"steps"`
	Round     int                `json:"round"`
	RoundAt   time.Time          `json:"round_at,omitzero"`
	Stopped   bool               `json:"stopped"`
}

// StepRun is one step's due time and what became of it.
type StepRun struct {
	Due     time.Time `json:"due"`
	Outcome string    `json:"outcome,omitempty"` // "" waiting | paged | noticed | passed
}

// Facts are what the chain needs to know of its incident.
type Facts interface {
	Holds(procedure.Condition) bool
}

// Effect asks for a page or a notice to a step's target.
type Effect struct {
	Page  bool // else a notice
	Step  int  // 1-based
	Round int  // 0 for the first pass
}

// Outcomes of a step.
const (
	paged   = "paged"
	noticed = "noticed"
	passed  = "passed"
)

// Start begins the chain; ok is false for severities that never page.
func Start(chain procedure.Chain, s procedure.Severity, at time.Time) (Run, bool) {
	r := Run{Severity: s, StartedAt: at, Steps: make([]StepRun, len(chain.Steps))}
	for i, step := range chain.Steps {
		r.Steps[i].Due = step.After.From(at, nil)
	}
	return r, s.Pages()
}

// Next moves the chain to now and returns what is to be done, in order.
func (r *Run) Next(chain procedure.Chain, f Facts, now time.Time) []Effect {
	if r.Stopped || !f.Holds(procedure.Unresolved) {
		return nil
	}
	var out []Effect
	for i := range r.Steps {
		step, rule, ok := r.rule(chain, i)
		if !ok || step.Outcome != "" || now.Before(step.Due) {
			continue
		}
		switch {
		case f.Holds(rule.While):
			step.Outcome = paged
			out = append(out, Effect{Page: true, Step: i + 1})
		case rule.Else == "notice":
			step.Outcome = noticed
			out = append(out, Effect{Step: i + 1})
		default:
			step.Outcome = passed
		}
	}
	return append(out, r.again(chain, f, now)...)
}

func (r *Run) rule(chain procedure.Chain, i int) (*StepRun, procedure.StepRule, bool) {
	if i >= len(chain.Steps) {
		return nil, procedure.StepRule{}, false
	}
	rule, ok := chain.Steps[i].By[r.Severity.String()]
	return &r.Steps[i], rule, ok
}

// again pages everyone on the chain once more after the last step, while
// nobody has acknowledged (reading 13).
func (r *Run) again(chain procedure.Chain, f Facts, now time.Time) []Effect {
	last, done := r.lastDue(chain)
	if !done || chain.RepeatEvery.IsZero() {
		return nil
	}
	if !f.Holds(procedure.Unacknowledged) {
		r.RoundAt = time.Time{}
		return nil
	}
	if r.RoundAt.IsZero() {
		r.RoundAt = chain.RepeatEvery.From(last, nil)
	}
	var out []Effect
	for !now.Before(r.RoundAt) {
		r.Round++
		// A long outage of ours is caught up with one round, not with all.
		for !now.Before(r.RoundAt) {
			r.RoundAt = chain.RepeatEvery.From(r.RoundAt, nil)
		}
		for i := range r.Steps {
			if _, _, ok := r.rule(chain, i); ok {
				out = append(out, Effect{Page: true, Step: i + 1, Round: r.Round})
			}
		}
	}
	return out
}

// lastDue returns the due time of the severity's last step and whether every
// step of the severity is behind us.
func (r *Run) lastDue(chain procedure.Chain) (last time.Time, done bool) {
	done = true
	for i := range r.Steps {
		step, _, ok := r.rule(chain, i)
		if !ok {
			continue
		}
		if step.Outcome == "" {
			done = false
		}
		if step.Due.After(last) {
			last = step.Due
		}
	}
	return last, done && !last.IsZero()
}

// DueAt is when the chain wants to be looked at again.
func (r *Run) DueAt(chain procedure.Chain) (at time.Time, ok bool) {
	if r.Stopped {
		return at, false
	}
	for i := range r.Steps {
		step, _, has := r.rule(chain, i)
		if has && step.Outcome == "" && (at.IsZero() || step.Due.Before(at)) {
			at = step.Due
		}
	}
	if at.IsZero() {
		at = r.RoundAt
	}
	return at, !at.IsZero()
}

// ChangeSeverity lets the chain go on under another severity. Steps already
// taken stay taken and coming ones keep their times; a step whose time went by
// without a page under the old severity counts from the change, so that an
// upgrade is not born late (reading 9). P3 and P4 stop the chain.
func (r *Run) ChangeSeverity(chain procedure.Chain, to procedure.Severity, now time.Time) {
	was := r.Severity
	r.Severity = to
	r.Stopped = !to.Pages()
	if r.Stopped || !to.Above(was) {
		return
	}
	r.RoundAt = time.Time{}
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Outcome == paged || s.Due.After(now) {
			continue
		}
		s.Outcome = ""
		s.Due = chain.Steps[i].After.From(now, nil)
	}
}

// Passed is what became of the step, 1-based: "", paged, noticed or passed.
func (r *Run) Passed(step int) string {
	if step < 1 || step > len(r.Steps) {
		return ""
	}
	return r.Steps[step-1].Outcome
}
