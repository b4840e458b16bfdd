// Package checklist owns what people are asked to do: items with an owner, a
// time box, and evidence or a reasoned "not applicable". It must not remind or
// escalate; rules and timers do.
package checklist

import (
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// State is where a task stands.
type State string

// The states of a task.
const (
	Open    State = "open"
	Done    State = "done"
	Skipped State = "na" // not applicable, with the reason as evidence
)

// Task is one item.
type Task struct {
	ID         ident.ID
	IncidentID ident.ID
	Rule       string
	Title      string
	Owner      string // person, role or team
	State      State
	OpenedAt   time.Time
	DueAt      time.Time // zero: no time box
	DoneAt     time.Time
	DoneBy     string
	TakenBy    string // who is at it, while it is open
	TakenAt    time.Time
	Evidence   string
	Clauses    []string
	Phase      string
	Accounts   []string // customers it is about, by id, in order; none: it is no duty per account
}

// Late reports whether the task was or is past its time box at now.
func (t *Task) Late(now time.Time) bool {
	if t.DueAt.IsZero() {
		return false
	}
	if t.State != Open {
		now = t.DoneAt
	}
	return now.After(t.DueAt)
}

// Take notes who is at it; somebody else may take it over.
func (t *Task) Take(by string, now time.Time) error {
	if t.State != Open {
		return fault.New(fault.Conflict, "the task is %s already", t.State)
	}
	t.TakenBy, t.TakenAt = by, now
	return nil
}

// Hand gives the task to another owner; whoever was at it is not any more.
func (t *Task) Hand(owner string) error {
	if t.State != Open {
		return fault.New(fault.Conflict, "the task is %s already", t.State)
	}
	t.Owner, t.TakenBy, t.TakenAt = owner, "", time.Time{}
	return nil
}

// Complete ends the task with its evidence.
func (t *Task) Complete(by, evidence string, now time.Time) error {
	if t.State != Open {
		return fault.New(fault.Conflict, "the task is %s already", t.State)
	}
	t.State, t.DoneBy, t.DoneAt, t.Evidence = Done, by, now, evidence
	return nil
}

// Skip ends the task as not applicable, which needs a reason.
func (t *Task) Skip(by, reason string, now time.Time) error {
	if t.State != Open {
		return fault.New(fault.Conflict, "the task is %s already", t.State)
	}
	if strings.TrimSpace(reason) == "" {
		return fault.New(fault.Invalid, "not applicable needs a reason").With("reason", "say why this does not apply")
	}
	t.State, t.DoneBy, t.DoneAt, t.Evidence = Skipped, by, now, reason
	return nil
}
