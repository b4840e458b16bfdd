package incident

import (
	"time"

	"allclear/internal/base/fault"
)

// Limits of a snooze.
const (
	MinSnooze = 5 * time.Minute
	MaxSnooze = 24 * time.Hour
)

// Snooze notes that a person wants to be left alone for d. Only an incident
// that pages can be snoozed.
func (i *Incident) Snooze(by string, d time.Duration, now time.Time) error {
	switch {
	case !i.unresolved():
		return i.refuse("it is %s, nothing is left to snooze", i.Status)
	case !i.Severity.Pages():
		return i.refuse("a %s pages nobody, there is nothing to snooze", i.Severity)
	case d < MinSnooze || d > MaxSnooze:
		return fault.New(fault.Invalid, "snooze for 5 minutes to 24 hours").With("for", "from 5m to 24h")
	}
	i.SnoozedUntil, i.SnoozedBy = now.Add(d), by
	return nil
}

// Wake ends a snooze; it reports whether there was one.
func (i *Incident) Wake() bool {
	if i.SnoozedUntil.IsZero() {
		return false
	}
	i.SnoozedUntil, i.SnoozedBy = time.Time{}, ""
	return true
}

// Release takes the acknowledgement back: the incident counts as one that
// nobody has. When it was first acknowledged stays among the moments it has
// reached, and the commander stays.
func (i *Incident) Release() {
	i.AcknowledgedAt, i.AcknowledgedBy = time.Time{}, ""
	i.Wake()
}
