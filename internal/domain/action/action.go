// Package action owns action items: what follows from an incident, who alone sees
// it through, until when, and what becomes of one that is late or blocked
// (ACT-CAT-*, ACT-OWN-*). It is pure, and must not know who is told how.
package action

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// State is where an action item stands.
type State string

// The states of an action item. Done is what the owner says; verified is what
// somebody else has seen.
const (
	Open       State = "open"
	InProgress State = "in_progress"
	Blocked    State = "blocked"
	Done       State = "done"
	Verified   State = "verified"
	Cancelled  State = "cancelled"
)

// States lists them in the order of life.
var States = []State{Open, InProgress, Blocked, Done, Verified, Cancelled}

// Standing reports whether there is still something to do.
func (s State) Standing() bool { return s == Open || s == InProgress || s == Blocked }

// Categories are the sorts of action items (ACT-CAT-*).
var Categories = []string{"technical", "process", "training", "tooling", "communication"}

// Item is one action item. Times are UTC; zero: not yet, or not at all.
type Item struct {
	ID         ident.ID
	IncidentID ident.ID
	Owner      string // exactly one person
	Category   string
	State      State
	DueAt      time.Time
	CreatedAt  time.Time
	EndedAt    time.Time // verified or cancelled
	Record
}

// Record is what is kept of an item beside what lists ask for.
type Record struct {
	Title      string      `json:"title"`
	Text       string      `json:"text,omitempty"`
	CreatedBy  string      `json:"created_by"`
	Idea       ident.ID    `json:"idea,omitempty"`   // the recommendation it came from
	Reason     string      `json:"reason,omitempty"` // why it is blocked or cancelled
	Milestones []Milestone `json:"milestones,omitempty"`
	Marks      []Mark      `json:"marks,omitempty"` // what became of it, oldest first
	SeenAt     time.Time   `json:"seen_at,omitzero"`
	AskedAt    time.Time   `json:"asked_at,omitzero"` // last check-in asked for
	BlockedAt  time.Time   `json:"blocked_at,omitzero"`
	LateSince  time.Time   `json:"late_since,omitzero"`
	Told       int         `json:"told,omitempty"` // steps of those who hear that it is late
	DoneAt     time.Time   `json:"done_at,omitzero"`
	DoneBy     string      `json:"done_by,omitempty"`
	VerifiedBy string      `json:"verified_by,omitempty"`
}

// Milestone is a step on the way with a date of its own (ACT-OWN-DUE).
type Milestone struct {
	ID     ident.ID  `json:"id"`
	Title  string    `json:"title"`
	DueAt  time.Time `json:"due_at"`
	DoneAt time.Time `json:"done_at,omitzero"`
	DoneBy string    `json:"done_by,omitempty"`
	Told   bool      `json:"told,omitempty"` // the owner was told that it is missed
}

// Missed reports whether the milestone was not there at its date.
func (m Milestone) Missed(now time.Time) bool {
	if !m.DoneAt.IsZero() {
		now = m.DoneAt
	}
	return now.After(m.DueAt)
}

// Mark is an entry of what became of an item.
type Mark struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	What string    `json:"what"` // created, state, owner, due, check_in, milestone, verified
	Text string    `json:"text,omitempty"`
}

// Limits.
const (
	maxTitle      = 300
	maxText       = 10_000
	maxMilestones = 50
	maxMarks      = 500
)

func invalid(field, what string) error {
	return fault.New(fault.Invalid, "validation failed").With("body."+field, what)
}

// Check says what is wrong with a new item.
func (i *Item) Check(now time.Time) error {
	switch {
	case strings.TrimSpace(i.Title) == "" || utf8.RuneCountInString(i.Title) > maxTitle:
		return invalid("title", "say in one line what is to be done, in up to 300 characters")
	case utf8.RuneCountInString(i.Text) > maxText:
		return invalid("text", "at most 10,000 characters")
	case !slices.Contains(Categories, i.Category):
		return invalid("category", "one of "+strings.Join(Categories, ", "))
	case i.Owner == "":
		return invalid("owner", "name exactly one person")
	case i.DueAt.IsZero():
		return invalid("due_at", "say until when it is done")
	case !i.DueAt.After(now):
		return invalid("due_at", "give an instant that is still to come")
	}
	return nil
}

func (i *Item) mark(what, words, by string, now time.Time) {
	i.SeenAt, i.AskedAt = now, time.Time{}
	i.Marks = append(i.Marks, Mark{At: now, By: by, What: what, Text: words})
	if over := len(i.Marks) - maxMarks; over > 0 {
		i.Marks = slices.Delete(i.Marks, 1, 1+over) // how it began stays
	}
}

// Begin notes that the item was made.
func (i *Item) Begin(by string, now time.Time) {
	i.State, i.CreatedAt, i.CreatedBy = Open, now, by
	i.mark("created", "", by, now)
}

func (i *Item) ended() error {
	if i.State == Verified || i.State == Cancelled {
		return fault.New(fault.Conflict, "the action item is %s and stays as it is", i.State)
	}
	return nil
}

// Move takes the item to another state. Blocked and cancelled need a reason; only
// Verify makes one verified.
func (i *Item) Move(to State, reason, by string, now time.Time) error {
	if err := i.ended(); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case to == Verified || !slices.Contains(States, to):
		return invalid("state", "open, in_progress, blocked, done or cancelled")
	case (to == Blocked || to == Cancelled) && reason == "":
		return invalid("reason", "say why it is "+string(to))
	case utf8.RuneCountInString(reason) > maxText:
		return invalid("reason", "at most 10,000 characters")
	case to == i.State && (reason == "" || reason == i.Reason):
		return nil
	}
	if to == Blocked && i.State != Blocked {
		i.BlockedAt = now
	}
	if to != Blocked {
		i.BlockedAt = time.Time{}
	}
	i.DoneAt, i.DoneBy = time.Time{}, ""
	if to == Done {
		i.DoneAt, i.DoneBy = now, by
	}
	if to == Cancelled {
		i.EndedAt = now
	}
	i.State, i.Reason = to, reason
	i.mark("state", strings.TrimSpace(string(to)+" "+reason), by, now)
	i.Judge(now)
	return nil
}

// Verify says that somebody has seen that it is done. The owner cannot
// (ACT-OWN-CHECK).
func (i *Item) Verify(note, by string, now time.Time) error {
	switch {
	case by == i.Owner || by == i.DoneBy:
		return fault.New(fault.Refused, "somebody other than its owner verifies an action item")
	case i.State != Done:
		return fault.New(fault.Conflict, "the action item is %s: it is verified once it is done", i.State)
	case utf8.RuneCountInString(note) > maxText:
		return invalid("note", "at most 10,000 characters")
	}
	i.State, i.VerifiedBy, i.EndedAt = Verified, by, now
	i.mark("verified", note, by, now)
	return nil
}

// Edit changes what an item says; empty fields stay.
type Edit struct {
	Title, Text, Category, Owner string
	DueAt                        time.Time
	Reason                       string // of another date
}

// Change edits the item. Another date than before needs a reason.
func (i *Item) Change(e Edit, by string, now time.Time) error {
	if err := i.ended(); err != nil {
		return err
	}
	n := *i
	for _, f := range []struct {
		to *string
		v  string
	}{{&n.Title, e.Title}, {&n.Text, e.Text}, {&n.Category, e.Category}, {&n.Owner, e.Owner}} {
		if f.v != "" {
			*f.to = f.v
		}
	}
	moved := !e.DueAt.IsZero() && !e.DueAt.Equal(i.DueAt)
	if moved {
		if strings.TrimSpace(e.Reason) == "" {
			return invalid("reason", "say why the date moves")
		}
		n.DueAt = e.DueAt
	}
	check := now
	if !moved {
		check = time.Time{}
	}
	if err := n.Check(check); err != nil {
		return err
	}
	if n.Owner != i.Owner {
		n.mark("owner", i.Owner+" to "+n.Owner, by, now)
	}
	if moved {
		n.mark("due", fmt.Sprintf("%s to %s: %s", i.DueAt.UTC().Format(time.RFC3339), n.DueAt.UTC().Format(time.RFC3339), e.Reason), by, now)
	}
	*i = n
	i.Judge(now)
	return nil
}

// CheckIn is a sign of life.
func (i *Item) CheckIn(note, by string, now time.Time) error {
	if err := i.ended(); err != nil {
		return err
	}
	if strings.TrimSpace(note) == "" || utf8.RuneCountInString(note) > maxText {
		return invalid("note", "say how it stands, in up to 10,000 characters")
	}
	i.mark("check_in", note, by, now)
	return nil
}

// SetMilestones replaces the milestones; one whose id stands there keeps whether it
// was reached.
func (i *Item) SetMilestones(all []Milestone, by string, now time.Time) error {
	if err := i.ended(); err != nil {
		return err
	}
	if len(all) > maxMilestones {
		return invalid("milestones", "at most 50")
	}
	for k := range all {
		m := &all[k]
		if strings.TrimSpace(m.Title) == "" || utf8.RuneCountInString(m.Title) > maxTitle || m.DueAt.IsZero() {
			return invalid("milestones", "give each a title and a date")
		}
		if at := slices.IndexFunc(i.Milestones, func(o Milestone) bool { return o.ID == m.ID }); at >= 0 {
			o := i.Milestones[at]
			m.DoneAt, m.DoneBy = o.DoneAt, o.DoneBy
			m.Told = o.Told && o.DueAt.Equal(m.DueAt)
		}
	}
	slices.SortStableFunc(all, func(a, b Milestone) int { return a.DueAt.Compare(b.DueAt) })
	i.Milestones = all
	i.mark("milestone", fmt.Sprintf("%d milestones", len(all)), by, now)
	return nil
}

// Reach says that a milestone is there.
func (i *Item) Reach(id ident.ID, by string, now time.Time) error {
	if err := i.ended(); err != nil {
		return err
	}
	k := slices.IndexFunc(i.Milestones, func(m Milestone) bool { return m.ID == id })
	if k < 0 {
		return fault.New(fault.NotFound, "there is no such milestone")
	}
	m := &i.Milestones[k]
	if !m.DoneAt.IsZero() {
		return nil
	}
	m.DoneAt, m.DoneBy = now, by
	i.mark("milestone", m.Title, by, now)
	return nil
}
