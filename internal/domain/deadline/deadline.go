// Package deadline owns a promise with a due time: pending, warned, met,
// breached or waived, with its evidence. It must not fire anything by itself;
// timers in the database do.
package deadline

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// State is where a deadline stands.
type State string

// The states of a deadline. Breached is final for the promise, even when the
// thing promised happens later; the evidence then says when.
const (
	Pending  State = "pending"
	Warned   State = "warned"
	Met      State = "met"
	Breached State = "breached"
	Waived   State = "waived"
)

// Deadline is one clock of one incident.
type Deadline struct {
	ID         ident.ID
	IncidentID ident.ID
	Clock      string
	Subject    string // the person of a level_response, else empty
	Severity   procedure.Severity
	State      State
	StartedAt  time.Time
	WarnAt     time.Time // the next warning; zero when none is left
	DueAt      time.Time
	EndedAt    time.Time
	Generation int64
	Clauses    []string
	Evidence   Evidence
}

// Evidence says what ended the deadline.
type Evidence struct {
	Text   string   `json:"text,omitempty"`
	Actor  string   `json:"actor,omitempty"`
	Ref    string   `json:"ref,omitempty"`
	Late   bool     `json:"late,omitempty"`
	Warned []string `json:"warned,omitempty"` // instants of warnings given
	Left   []int64  `json:"left,omitempty"`   // warnings still to come, UTC microseconds
}

// Running reports whether the deadline can still be met or breached.
func (d *Deadline) Running() bool { return d.State == Pending || d.State == Warned }

// Next is when the row wants attention: the next warning or the due time. A
// breached or ended deadline wants none.
func (d *Deadline) Next() (time.Time, bool) {
	if !d.Running() {
		return time.Time{}, false
	}
	if !d.WarnAt.IsZero() {
		return d.WarnAt, true
	}
	return d.DueAt, true
}

// Passed says what the clock did by now: DeadlineWarned, Breached or nothing.
type Passed uint8

// What Tick found.
const (
	Nothing Passed = iota
	Warning
	Breach
)

// Tick moves the deadline to now. A due time that has come is a breach: the
// limit itself is too late ("not acked at TC+5m", requirements SEV-P1-ACK).
func (d *Deadline) Tick(now time.Time) Passed {
	if !d.Running() {
		return Nothing
	}
	if !now.Before(d.DueAt) {
		d.State, d.WarnAt = Breached, time.Time{}
		d.Evidence.Left = nil
		d.Generation++
		return Breach
	}
	if d.WarnAt.IsZero() || now.Before(d.WarnAt) {
		return Nothing
	}
	d.Evidence.Warned = append(d.Evidence.Warned, d.WarnAt.UTC().Format(time.RFC3339))
	d.State, d.WarnAt = Warned, time.Time{}
	if len(d.Evidence.Left) > 0 {
		d.WarnAt = time.UnixMicro(d.Evidence.Left[0]).UTC()
		d.Evidence.Left = d.Evidence.Left[1:]
	}
	d.Generation++
	return Warning
}

// Meet ends a running deadline at the instant at; it reports whether it was
// met. What comes at the due time or after it is late: the breach stays and
// only the evidence is added.
func (d *Deadline) Meet(at time.Time, e Evidence) bool {
	if d.State == Breached && d.EndedAt.IsZero() {
		d.EndedAt = at
		d.Evidence.Text, d.Evidence.Actor, d.Evidence.Ref, d.Evidence.Late = e.Text, e.Actor, e.Ref, true
		return false
	}
	if !d.Running() {
		return false
	}
	d.Evidence.Text, d.Evidence.Actor, d.Evidence.Ref = e.Text, e.Actor, e.Ref
	d.EndedAt, d.WarnAt = at, time.Time{}
	d.Generation++
	if !at.Before(d.DueAt) {
		d.State, d.Evidence.Late = Breached, true
		return false
	}
	d.State = Met
	return true
}

// Waive ends a running deadline that no longer applies, with its reason.
func (d *Deadline) Waive(at time.Time, reason, actor string) bool {
	if !d.Running() {
		return false
	}
	d.State, d.EndedAt, d.WarnAt = Waived, at, time.Time{}
	d.Evidence.Text, d.Evidence.Actor = reason, actor
	d.Generation++
	return true
}
