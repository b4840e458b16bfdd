package incident

import (
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
)

// The steps of an incident's life. Each changes the incident or refuses with
// fault.Conflict (wrong state) or fault.Invalid (missing reason); changed is
// false when the step had been taken already.

// Acknowledge notes that a person has it. The acknowledging person commands
// until a hand-over (reading 16). It does not confirm the suspicion (reading 2).
func (i *Incident) Acknowledge(by string, now time.Time) (changed bool, err error) {
	if !i.unresolved() {
		return false, i.refuse("it is %s, there is nothing to acknowledge", i.Status)
	}
	if i.Acked() {
		return false, nil
	}
	i.AcknowledgedAt, i.AcknowledgedBy = now, by
	return true, nil
}

// Declare confirms the suspicion or follows the silence of eight minutes.
func (i *Incident) Declare(by string, now time.Time) (changed bool, err error) {
	if !i.unresolved() {
		return false, i.refuse("it is %s and cannot be declared", i.Status)
	}
	if i.Declared {
		return false, nil
	}
	i.Declared, i.DeclaredAt, i.DeclaredBy = true, now, by
	if i.Status == Triage {
		i.Status = Investigating
	}
	return true, nil
}

// Engage notes the first responder at work.
func (i *Incident) Engage(by string, now time.Time) (changed bool, err error) {
	if !i.unresolved() {
		return false, i.refuse("it is %s, there is nothing to work on", i.Status)
	}
	i.Join(by, "joined", now)
	if !i.EngagedAt.IsZero() {
		return false, nil
	}
	i.EngagedAt, i.EngagedBy = now, by
	return true, nil
}

// Join records a person's answer to being asked.
func (i *Incident) Join(person, state string, now time.Time) (changed bool) {
	for k := range i.Responders {
		r := &i.Responders[k]
		if r.Person == person {
			if r.State == state || (state == "asked") {
				return false
			}
			r.State, r.At = state, now
			return true
		}
	}
	i.Responders = append(i.Responders, Responder{Person: person, State: state, At: now})
	return true
}

// Assign gives a role to one person; the former holder is returned.
func (i *Incident) Assign(role, person string) (former string) {
	if i.Roles == nil {
		i.Roles = map[string]string{}
	}
	former = i.Roles[role]
	i.Roles[role] = person
	return former
}

// ChangeSeverity moves the incident to another severity. A downgrade needs a
// reason; the highest severity held is kept for the review duty (reading 9).
func (i *Incident) ChangeSeverity(to procedure.Severity, reason string, now time.Time) (changed bool, err error) {
	if !i.unresolved() {
		return false, i.refuse("it is %s, its severity stays", i.Status)
	}
	if to < procedure.P1 || to > procedure.P4 {
		return false, fault.New(fault.Invalid, "severity must be P1, P2, P3 or P4")
	}
	if to == i.Severity {
		return false, nil
	}
	if strings.TrimSpace(reason) == "" && !to.Above(i.Severity) {
		return false, fault.New(fault.Invalid, "a lower severity needs a reason").With("reason", "say why it is less severe than it was")
	}
	i.Severity, i.SeverityAt = to, now
	if to.Above(i.Highest) {
		i.Highest = to
	}
	return true, nil
}

// Mitigate notes that the impact is reduced; the resolution clock goes on
// (reading 11). What software proved before is proven of another state: void names
// those moments.
func (i *Incident) Mitigate(now time.Time) (changed bool, void []string, err error) {
	if i.Status != Investigating && i.Status != Monitoring {
		if i.Status == Mitigated {
			return false, nil, nil
		}
		return false, nil, i.refuse("it is %s and cannot be mitigated", i.Status)
	}
	i.Status = Mitigated
	if i.MitigatedAt.IsZero() {
		i.MitigatedAt = now
	}
	i.MendedAt = now
	return true, i.void(), nil
}

// Recover follows the end of all alerts: a suspicion resolves by itself, a
// declared incident goes to monitoring and a person resolves it (reading 5).
func (i *Incident) Recover(now time.Time) (changed bool) {
	switch {
	case i.Status == Triage:
		i.Status, i.ResolvedAt, i.Reason = Resolved, now, "all alerts recovered"
		return true
	case i.Status == Investigating || i.Status == Mitigated:
		i.Status = Monitoring
		return true
	}
	return false
}

// Relapse brings a monitored incident back when an alert of it comes again.
func (i *Incident) Relapse() (changed bool) {
	if i.Status != Monitoring {
		return false
	}
	i.Status = Investigating
	return true
}

// Resolve ends the impact. at may lie before now, with evidence, but not
// before detection (reading 11).
func (i *Incident) Resolve(by, reason string, at time.Time) (changed bool, err error) {
	if !i.Status.Open() {
		return false, i.refuse("it is %s already", i.Status)
	}
	if at.Before(i.DetectedAt) {
		return false, fault.New(fault.Invalid, "resolved_at lies before the incident was detected").With("resolved_at", "give an instant at or after detection")
	}
	i.Status, i.ResolvedAt, i.ResolvedBy, i.Reason = Resolved, at, by, reason
	return true, nil
}

// Dismiss closes a suspicion as a false positive, with a reason (RSP-S1-VALID).
func (i *Incident) Dismiss(by, reason string, now time.Time) (changed bool, err error) {
	if i.Status != Triage {
		return false, i.refuse("only a suspicion in triage can be dismissed, it is %s", i.Status)
	}
	if strings.TrimSpace(reason) == "" {
		return false, fault.New(fault.Invalid, "dismissing needs a reason").With("reason", "say why this is a false positive")
	}
	i.Status, i.FalsePositive, i.Reason = Closed, true, reason
	i.ResolvedAt, i.ResolvedBy, i.ClosedAt = now, by, now
	return true, nil
}

// Close ends the incident for good. A P1 or P2 needs its review first
// (OBJ-PIR-ALL); the caller says whether it has one.
func (i *Incident) Close(reviewed bool, now time.Time) (changed bool, err error) {
	if i.Status == Closed {
		return false, nil
	}
	if i.Status != Resolved {
		return false, i.refuse("it is %s; resolve it first", i.Status)
	}
	if i.Declared && i.Highest.Pages() && !reviewed {
		return false, i.refuse("a %s is closed after its post-incident review; the review is still open", i.Highest)
	}
	i.Status, i.ClosedAt = Closed, now
	return true, nil
}

// Restrict makes the incident visible to its circle only (reading 18).
func (i *Incident) Restrict(circle []string) (changed bool) {
	if i.Restricted {
		return false
	}
	i.Restricted = true
	i.Circle = append(i.Circle, circle...)
	return true
}

// VisibleTo reports whether the person may know that the incident exists.
func (i *Incident) VisibleTo(person string) bool {
	if !i.Restricted {
		return true
	}
	for _, p := range i.Circle {
		if p == person {
			return true
		}
	}
	for _, r := range i.Responders {
		if r.Person == person {
			return true
		}
	}
	for _, p := range i.Roles {
		if p == person {
			return true
		}
	}
	return false
}
