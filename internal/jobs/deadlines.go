package jobs

import (
	"time"

	"allclear/internal/domain/deadline"
	"allclear/internal/store"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/timers"
)

// TimerDeadline is the kind of the timers that watch deadlines; its ref is the
// deadline's id and its generation the deadline's.
const TimerDeadline = "deadline"

// Arm writes a new deadline with the timer that watches it.
func Arm(tx *store.Tx, d *deadline.Deadline, now time.Time) error {
	if err := deadlines.Insert(tx, d); err != nil {
		return err
	}
	return Watch(tx, d, now)
}

// Keep writes a changed deadline and moves its timer.
func Keep(tx *store.Tx, d *deadline.Deadline, now time.Time) error {
	if err := deadlines.Update(tx, d); err != nil {
		return err
	}
	return Watch(tx, d, now)
}

// Watch arms the timer for what the deadline does next, or ends it.
func Watch(tx *store.Tx, d *deadline.Deadline, now time.Time) error {
	next, ok := d.Next()
	if !ok {
		return timers.Cancel(tx, TimerDeadline, d.ID.String())
	}
	return timers.Set(tx, timers.Timer{Kind: TimerDeadline, Ref: d.ID.String(), IncidentID: d.IncidentID, DueAt: next, Generation: d.Generation}, now)
}
