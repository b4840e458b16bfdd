// Package escalation owns the escalation chain of one incident as a pure state
// machine: which step is due, whom it asks for, and when to look again. It must
// not know people, channels or the database.
package escalation

import (
	"slices"
	"time"

	"allclear/internal/domain/procedure"
)

// Run is the chain of one incident. Its steps' times never move once set
// (reading 12), whatever people do; only a new pass has times of its own.
type Run struct {
	Severity  procedure.Severity `json:"severity"`
	StartedAt time.Time          `json:"started_at"`
	Steps     []StepRun          `json:"steps"`
	Round     int                `json:"round"`
	RoundAt   time.Time          `json:"round_at,omitzero"`
	Stopped   bool               `json:"stopped"`
	Policy    *Frozen            `json:"policy,omitempty"`    // in place of the procedure's chain
	Pass      int                `json:"pass,omitempty"`      // the round that took the steps from the start again
	HeldUntil time.Time          `json:"held_until,omitzero"` // a person wants to be left alone till then
	Ended     bool               `json:"ended,omitempty"`     // a policy has done all it says
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
	// Exhausted says that a policy is at its end and nobody has acknowledged.
	Exhausted bool
}

// Outcomes of a step.
const (
	paged   = "paged"
	noticed = "noticed"
	passed  = "passed"
)

// Start begins the chain, by a policy or by the procedure's; ok is false for
// severities that never page.
func Start(p *procedure.Procedure, policy *Frozen, s procedure.Severity, at time.Time) (Run, bool) {
	r := Run{Severity: s, StartedAt: at, Policy: policy}
	chain := r.Chain(p)
	r.Steps = make([]StepRun, len(chain.Steps))
	for i, step := range chain.Steps {
		r.Steps[i].Due = step.After.From(at, nil)
	}
	return r, s.Pages()
}

// Chain is what the run climbs.
func (r *Run) Chain(p *procedure.Procedure) procedure.Chain {
	if r.Policy != nil {
		return r.Policy.chain(p.Chain)
	}
	return p.Chain
}

// Targets are whom a step asks for, 1-based.
func (r *Run) Targets(p *procedure.Procedure, step int) []string {
	switch {
	case step < 1 || step > len(r.Steps):
		return nil
	case r.Policy != nil && step <= len(r.Policy.Steps):
		return r.Policy.Steps[step-1].To
	case r.Policy == nil && step <= len(p.Chain.Steps):
		return []string{p.Chain.Steps[step-1].Target}
	}
	return nil
}

// Next moves the chain to now and returns what is to be done, in order.
func (r *Run) Next(p *procedure.Procedure, f Facts, now time.Time) []Effect {
	if r.Stopped || !f.Holds(procedure.Unresolved) {
		return nil
	}
	chain := r.Chain(p)
	var out []Effect
	for i := range r.Steps {
		step, rule, ok := r.rule(chain, i)
		if !ok || step.Outcome != "" || now.Before(step.Due) {
			continue
		}
		switch {
		case r.closed(p, i, now):
			step.Outcome = passed
		case r.held(now) && rule.While != procedure.Unresolved && f.Holds(rule.While):
			// Taken up by the pass that follows the wait.
		case f.Holds(rule.While):
			step.Outcome = paged
			out = append(out, Effect{Page: true, Step: i + 1, Round: r.Pass})
		case rule.Else == "notice":
			step.Outcome = noticed
			out = append(out, Effect{Step: i + 1})
		default:
			step.Outcome = passed
		}
	}
	return append(out, r.again(p, chain, f, now)...)
}

func (r *Run) held(now time.Time) bool { return now.Before(r.HeldUntil) }

// closed reports whether a policy's step does not page at that time of the week.
func (r *Run) closed(p *procedure.Procedure, i int, now time.Time) bool {
	return r.Policy != nil && i < len(r.Policy.Steps) && !r.Policy.Steps[i].Only.Holds(now, p.Calendar())
}

func (r *Run) rule(chain procedure.Chain, i int) (*StepRun, procedure.StepRule, bool) {
	if i >= len(chain.Steps) {
		return nil, procedure.StepRule{}, false
	}
	rule, ok := chain.Steps[i].By[r.Severity.String()]
	return &r.Steps[i], rule, ok
}

// rest is how long a policy without repetition waits after its last step
// before it says that nobody has acknowledged.
const rest = 10 * time.Minute

// again pages everyone on the chain once more after the last step, while
// nobody has acknowledged (reading 13).
func (r *Run) again(p *procedure.Procedure, chain procedure.Chain, f Facts, now time.Time) []Effect {
	last, done := r.lastDue(chain)
	every := chain.RepeatEvery
	if r.Policy != nil && every.IsZero() {
		every.Duration = rest
	}
	if !done || every.IsZero() || r.Ended {
		return nil
	}
	if !f.Holds(procedure.Unacknowledged) {
		r.RoundAt = time.Time{}
		return nil
	}
	if r.held(now) {
		return nil
	}
	if r.RoundAt.IsZero() {
		r.RoundAt = every.From(last, nil)
		if r.Policy != nil && !r.paged() {
			r.RoundAt = last // nobody was asked, so there is no answer to wait for
		}
	}
	var out []Effect
	for !now.Before(r.RoundAt) {
		if r.Policy != nil && r.Round-r.Pass >= r.Policy.Repeat.Times {
			r.Ended, r.RoundAt = true, time.Time{}
			return append(out, Effect{Exhausted: true, Round: r.Round})
		}
		r.Round++
		// A long outage of ours is caught up with one round, not with all.
		for !now.Before(r.RoundAt) {
			r.RoundAt = every.From(r.RoundAt, nil)
		}
		for i := range r.Steps {
			if _, _, ok := r.rule(chain, i); ok && !r.closed(p, i, now) {
				out = append(out, Effect{Page: true, Step: i + 1, Round: r.Round})
			}
		}
	}
	return out
}

// paged reports whether a step of this pass has paged.
func (r *Run) paged() bool {
	return slices.ContainsFunc(r.Steps, func(s StepRun) bool { return s.Outcome == paged })
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

// DueAt is when the chain wants to be looked at again, after Next.
func (r *Run) DueAt(p *procedure.Procedure, now time.Time) (at time.Time, ok bool) {
	if r.Stopped {
		return at, false
	}
	chain := r.Chain(p)
	for i := range r.Steps {
		step, _, has := r.rule(chain, i)
		if !has || step.Outcome != "" || r.held(now) && !step.Due.After(now) {
			continue
		}
		if at.IsZero() || step.Due.Before(at) {
			at = step.Due
		}
	}
	if at.IsZero() && !r.held(now) {
		at = r.RoundAt
	}
	return at, !at.IsZero()
}

// ChangeSeverity lets the chain go on under another severity. Steps already
// taken stay taken and coming ones keep their times; a step whose time went by
// without a page under the old severity counts from the change, so that an
// upgrade is not born late (reading 9). P3 and P4 stop the chain.
func (r *Run) ChangeSeverity(p *procedure.Procedure, to procedure.Severity, now time.Time) {
	was := r.Severity
	r.Severity = to
	r.Stopped = !to.Pages()
	if r.Stopped || !to.Above(was) {
		return
	}
	r.RoundAt, r.HeldUntil, r.Ended = time.Time{}, time.Time{}, false
	chain := r.Chain(p)
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
