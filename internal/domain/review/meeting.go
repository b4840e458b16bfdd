package review

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
)

// Meeting is the formal review.
type Meeting struct {
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	By        string    `json:"by,omitempty"`     // who set it; the software when nobody did
	Reason    string    `json:"reason,omitempty"` // why it lies outside its window
	Exception string    `json:"exception,omitempty"`
	InvitedAt time.Time `json:"invited_at,omitzero"`
	Invited   []string  `json:"invited,omitempty"`  // people
	Mailed    []string  `json:"mailed,omitempty"`   // addresses of guests
	Revision  int       `json:"revision,omitempty"` // of the invitation
	HeldAt    time.Time `json:"held_at,omitzero"`   // when it began
	HeldEnd   time.Time `json:"held_end,omitzero"`
	HeldBy    string    `json:"held_by,omitempty"`
	HeldWhy   string    `json:"held_why,omitempty"` // why outside the window
	Attended  []string  `json:"attended,omitempty"`
}

// Held reports whether it took place.
func (m Meeting) Held() bool { return !m.HeldAt.IsZero() }

// Window is when the formal review is to be held.
type Window struct {
	From, Until time.Time
	Slot        time.Time // the proposed start
	Exception   string    // why the slot lies outside the window; empty: it does not
}

// quarter is what a proposed start is rounded up to.
const quarter = 15 * time.Minute

// Place finds the window of an incident that was resolved then: the first business
// slot that the meeting fits in. Where the window has none, as over a weekend, it is
// the first one after, and the exception is said (reading 23, PIR-MTG). A meeting that
// is planned late, at now, is not placed in the past.
func Place(p *procedure.Review, resolved, now time.Time, cal *recur.Calendar) Window {
	w := Window{From: resolved.Add(p.From.Elapsed()), Until: resolved.Add(p.Until.Elapsed())}
	from := w.From
	if now.After(from) {
		from = now
	}
	w.Slot = slot(from, p.Length.Elapsed(), cal)
	switch {
	case !w.Slot.After(w.Until): // it fits
	case now.After(w.Until):
		w.Exception = fmt.Sprintf("planned at %s, when the window from %s to %s was over: the first slot after", instant(now), instant(w.From), instant(w.Until))
	default:
		w.Exception = fmt.Sprintf("no business hours between %s and %s: the first slot after", instant(from), instant(w.Until))
	}
	return w
}

// slot is the first start from t on at which a meeting of that length lies in
// business hours; t itself where the calendar has no day that is long enough.
func slot(t time.Time, length time.Duration, cal *recur.Calendar) time.Time {
	at := t.Truncate(quarter)
	if at.Before(t) {
		at = at.Add(quarter)
	}
	for range 400 { // more than a year of closed days is no calendar
		open := cal.NextOpen(at)
		if open.Equal(recur.Never) {
			return t
		}
		if end := cal.EndOfDay(open); !open.Add(length).After(end) {
			return open
		}
		at = cal.EndOfDay(open)
	}
	return t
}

// Fits reports whether a start needs no reason.
func (w Window) Fits(start time.Time) bool {
	return !start.Before(w.From) && !start.After(w.Until) || start.Equal(w.Slot)
}

func instant(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04 UTC") }

// Plan sets when the meeting is. Outside its window it needs a reason.
func (r *Review) Plan(w Window, start time.Time, length time.Duration, reason, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case r.Meeting.Held():
		return fault.New(fault.Conflict, "the review was held already")
	case start.Before(now):
		return invalid("start", "give an instant that is still to come")
	case !w.Fits(start) && reason == "":
		return invalid("reason", fmt.Sprintf("the review is to be held between %s and %s: say why not", instant(w.From), instant(w.Until)))
	}
	if err := text("reason", reason, false); err != nil {
		return err
	}
	m := &r.Meeting
	if !m.Start.Equal(start) || m.End.Sub(m.Start) != length {
		m.InvitedAt = time.Time{} // everybody hears of the new time
	}
	m.Start, m.End, m.By, m.Reason, m.Exception = start, start.Add(length), by, reason, ""
	if start.Equal(w.Slot) {
		m.Exception = w.Exception
	}
	return nil
}

// Hold notes that the meeting took place. Every item of the agenda must have been
// talked about.
func (r *Review) Hold(p *procedure.Review, w Window, start, end time.Time, attended []string, reason, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	switch {
	case r.Meeting.Held():
		return fault.New(fault.Conflict, "the review was held already")
	case end.After(now) || !end.After(start):
		return invalid("end", "give when it ended: after it began, and not in the future")
	case !w.Fits(start) && !start.Equal(r.Meeting.Start) && strings.TrimSpace(reason) == "" && r.Meeting.Reason == "":
		return invalid("reason", fmt.Sprintf("the review is to be held between %s and %s: say why not", instant(w.From), instant(w.Until)))
	case len(attended) == 0:
		return invalid("attended", "name who was there")
	}
	if left := r.Uncovered(p); len(left) > 0 {
		err := fault.New(fault.Conflict, "the agenda is not worked through: write down what was said or decided on each item")
		for _, a := range left {
			err = err.With("agenda."+a.ID, a.Title)
		}
		return err
	}
	m := &r.Meeting
	m.HeldAt, m.HeldEnd, m.HeldBy, m.HeldWhy, m.Attended = start, end, by, strings.TrimSpace(reason), attended
	return nil
}

// Uncovered lists the items of the agenda of which nothing was written down.
func (r *Review) Uncovered(p *procedure.Review) []procedure.AgendaItem {
	if p == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Agenda), func(a procedure.AgendaItem) bool { return r.Agenda[a.ID].Covered() })
}

// Follow sets when it is looked at again, and who sees to that.
func (r *Review) Follow(at time.Time, owner, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if !at.After(now) {
		return invalid("at", "give an instant that is still to come")
	}
	if owner == "" {
		return invalid("owner", "name who sees to it")
	}
	r.FollowUp = FollowUp{At: at, Owner: owner, By: by}
	return nil
}

// Ask changes who is asked beside, or not, of those the procedure names.
func (r *Review) Ask(others, left []string, guests []Guest) error {
	if err := r.closed(); err != nil {
		return err
	}
	if len(others)+len(left)+len(guests) > maxLines {
		return invalid("guests", "at most 200")
	}
	for _, g := range guests {
		a, err := mail.ParseAddress(g.Email)
		if err != nil || a.Address != g.Email || strings.TrimSpace(g.Name) == "" || len(g.Name)+len(g.Of) > 400 {
			return invalid("guests", "give each a name and a plain mail address")
		}
	}
	r.Others, r.Left, r.Guests = others, left, guests
	return nil
}
