package action

import (
	"slices"
	"time"

	"allclear/internal/domain/procedure"
)

// Overdue reports whether the item should have been done by now.
func (i *Item) Overdue(now time.Time) bool { return i.State.Standing() && !now.Before(i.DueAt) }

// Judge finds since when the item is overdue or blocked. What is neither begins
// anew when it is again.
func (i *Item) Judge(now time.Time) {
	var since time.Time
	if i.State == Blocked {
		since = i.BlockedAt
	}
	if i.Overdue(now) && (since.IsZero() || i.DueAt.Before(since)) {
		since = i.DueAt
	}
	switch {
	case since.IsZero():
		i.LateSince, i.Told = time.Time{}, 0
	case i.LateSince.IsZero():
		i.LateSince, i.Told = since, 0
	case since.After(i.LateSince): // it was blocked and no longer is, but overdue
		i.LateSince = since
	}
}

// Why says what is wrong with an item that is late.
func (i *Item) Why(now time.Time) string {
	switch {
	case i.State == Blocked && i.Overdue(now):
		return "overdue and blocked: " + i.Reason
	case i.State == Blocked:
		return "blocked: " + i.Reason
	case i.Overdue(now):
		return "overdue"
	}
	return ""
}

// Due is what has come due of an item.
type Due struct {
	CheckIn    bool
	Steps      []procedure.ActionStep // who hears that it is late, in order
	Milestones []int                  // that are missed, by place
}

// Nothing reports whether nothing has.
func (d Due) Nothing() bool { return !d.CheckIn && len(d.Steps)+len(d.Milestones) == 0 }

// Take finds what is due at now and notes that it was told.
func (i *Item) Take(p *procedure.Actions, now time.Time) (d Due) {
	if p == nil || !i.State.Standing() {
		return d
	}
	i.Judge(now)
	if !i.LateSince.IsZero() {
		for i.Told < len(p.Late) && !now.Before(i.LateSince.Add(p.Late[i.Told].After.Elapsed())) {
			d.Steps = append(d.Steps, p.Late[i.Told])
			i.Told++
		}
	}
	for k := range i.Milestones {
		if m := &i.Milestones[k]; m.DoneAt.IsZero() && !m.Told && !now.Before(m.DueAt) {
			m.Told = true
			d.Milestones = append(d.Milestones, k)
		}
	}
	if !now.Before(i.nextCheck(p)) {
		d.CheckIn, i.AskedAt = true, now
	}
	return d
}

func (i *Item) nextCheck(p *procedure.Actions) time.Time {
	last := i.SeenAt
	if i.AskedAt.After(last) {
		last = i.AskedAt
	}
	return last.Add(p.CheckIn.Elapsed())
}

// Next is when something may be due; false when nothing will be.
func (i *Item) Next(p *procedure.Actions, now time.Time) (time.Time, bool) {
	if p == nil || !i.State.Standing() {
		return time.Time{}, false
	}
	at := []time.Time{i.nextCheck(p)}
	if i.DueAt.After(now) && i.LateSince.IsZero() {
		at = append(at, i.DueAt)
	}
	if !i.LateSince.IsZero() && i.Told < len(p.Late) {
		at = append(at, i.LateSince.Add(p.Late[i.Told].After.Elapsed()))
	}
	for _, m := range i.Milestones {
		if m.DoneAt.IsZero() && !m.Told {
			at = append(at, m.DueAt)
		}
	}
	next := slices.MinFunc(at, time.Time.Compare)
	if next.Before(now) {
		next = now
	}
	return next, true
}
