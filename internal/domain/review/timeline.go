package review

import (
	"slices"
	"time"

	"allclear/internal/domain/event"
)

// Gap is a stretch of the incident of which the timeline tells nothing.
type Gap struct{ From, Until time.Time }

// silent are entries that say what the software did beside the course of things:
// a page or a clock alone does not tell what people did.
var silent = []event.Kind{
	event.DeadlineWarned, event.DeadlineBreached, event.DeadlineWaived, event.PageWanted, event.NoticeWanted, event.Noticed, event.Told,
	event.Delivered, event.Undelivered, event.MessageWanted, event.MessageDrafted, event.Automatic, event.TaskOpened, event.Moment, event.Related,
}

// Tells reports whether an entry says how the incident went on.
func Tells(k event.Kind) bool { return !slices.Contains(silent, k) }

// Chronological puts entries into the order in which things happened; what
// happened at one instant stays as it was written (PIR-IMM-TL-1).
func Chronological(all []event.Event) []event.Event {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b event.Event) int { return a.At.Compare(b.At) })
	return out
}

// Gaps lists the stretches of [from, until] longer than limit in which nothing was
// written down that tells how it went on. The entries are in chronological order.
func Gaps(all []event.Event, from, until time.Time, limit time.Duration) (out []Gap) {
	last := from
	add := func(at time.Time) {
		if at.Sub(last) > limit {
			out = append(out, Gap{last, at})
		}
		if at.After(last) {
			last = at
		}
	}
	for _, e := range all {
		if e.At.Before(from) || e.At.After(until) || !Tells(e.Kind) {
			continue
		}
		add(e.At)
	}
	add(until)
	return out
}
