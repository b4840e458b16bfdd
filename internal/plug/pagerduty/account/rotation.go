package account

import (
	"slices"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/oncall"
)

// rotation is a layer's course: turns are counted from the virtual start, which
// may lie far from where the layer begins to cover. Turns of whole days are handed
// over at the same time on the wall, those of hours after so many hours.
type rotation struct {
	loc     *time.Location
	virtual time.Time
	every   int
	unit    string
	members []string
	only    []oncall.Restriction
}

func newRotation(l Layer, loc *time.Location) (r rotation, ok bool) {
	r = rotation{loc: loc, virtual: l.VirtualStart}
	if r.virtual.IsZero() {
		r.virtual = l.Start
	}
	for _, u := range []struct {
		name    string
		seconds int64
	}{{"week", 7 * daySeconds}, {"day", daySeconds}, {"hour", 3600}} {
		if l.TurnSeconds > 0 && l.TurnSeconds%u.seconds == 0 {
			r.unit, r.every = u.name, int(l.TurnSeconds/u.seconds)
			return r, r.every <= oncall.MaxEvery
		}
	}
	return r, false
}

// handover is when turn k begins, counted from the virtual start.
func (r *rotation) handover(k int) time.Time {
	n := k * r.every
	switch r.unit {
	case "week":
		return recur.CivilOf(r.virtual, r.loc).AddDays(7 * n).In(r.loc)
	case "day":
		return recur.CivilOf(r.virtual, r.loc).AddDays(n).In(r.loc)
	}
	return r.virtual.Add(time.Duration(n) * time.Hour)
}

// turn is the one that has begun at t, which may be before the virtual start.
func (r *rotation) turn(t time.Time) int {
	k := int(t.Sub(r.virtual) / r.handover(1).Sub(r.virtual))
	for r.handover(k).After(t) {
		k--
	}
	for !r.handover(k + 1).After(t) {
		k++
	}
	return k
}

// from writes the rotation with its first handover at turn k.
func (r *rotation) from(k int) oncall.Layer {
	n := len(r.members)
	first := ((k % n) + n) % n
	return oncall.Layer{
		Members: slices.Concat(r.members[first:], r.members[:first]), Start: r.wall(r.handover(k)), Every: r.every, Unit: r.unit, Only: r.only,
	}
}

func (r *rotation) wall(t time.Time) string { return recur.CivilOf(t, r.loc).String() }

// layers writes the rotation as it covers from start. Before now nobody is asked
// any more, so one that has begun keeps its own first handover. One that begins in
// the middle of a turn later than now gets that turn as a layer of one person below
// it: it covers whenever the one above does, so it shows only until the first
// handover.
func (r *rotation) layers(start, now time.Time) []oncall.Layer {
	k := r.turn(start)
	if !start.After(now) {
		return []oncall.Layer{r.from(min(k, 0))}
	}
	if r.handover(k).Equal(start) {
		return []oncall.Layer{r.from(k)}
	}
	rest := r.from(k)
	rest.Members, rest.Start = rest.Members[:1], r.wall(start)
	if len(r.members) == 1 {
		return []oncall.Layer{rest}
	}
	return []oncall.Layer{rest, r.from(k + 1)}
}
