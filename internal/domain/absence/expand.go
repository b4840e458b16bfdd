package absence

import (
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/oncall"
)

// gone are the instances of a series that do not take place as the series says.
type gone struct {
	instants map[int64]bool
	dates    map[recur.Date]bool
}

func (g *gone) add(m moment) {
	if g.instants == nil {
		g.instants, g.dates = map[int64]bool{}, map[recur.Date]bool{}
	}
	if m.date {
		g.dates[m.civil.Date] = true
	}
	g.instants[m.instant().Unix()] = true
}

// has knows an instance by its instant, whatever zone it was written in, and by
// its day where the exception names a day only.
func (g *gone) has(m moment) bool {
	return g != nil && (g.instants[m.instant().Unix()] || g.dates[m.civil.Date])
}

// replacedBy collects, by series, the instances that an event of their own
// stands for: also one that is cancelled or free takes the place.
func replacedBy(events []event) map[string]*gone {
	out := map[string]*gone{}
	for _, e := range events {
		if e.replaces.zero() {
			continue
		}
		if out[e.uid] == nil {
			out[e.uid] = &gone{}
		}
		out[e.uid].add(e.replaces)
	}
	return out
}

// expand lays one event out.
func (x *reading) expand(e event, replaced *gone) error {
	if !e.replaces.zero() {
		return x.add(oncall.Stretch{From: e.start.instant(), Until: e.end(e.start)})
	}
	except := &gone{}
	for _, m := range e.except {
		except.add(m)
	}
	one := func(m moment) error {
		if except.has(m) || replaced.has(m) {
			return nil
		}
		return x.add(oncall.Stretch{From: m.instant(), Until: e.end(m)})
	}
	for _, m := range e.also {
		if err := x.spend(1); err != nil {
			return err
		}
		if err := one(m); err != nil {
			return err
		}
	}
	if e.repeats == nil {
		return one(e.start)
	}
	return x.series(&e, one)
}

// series calls one for each instance of the rule that can touch the window.
func (x *reading) series(e *event, one func(moment) error) error {
	reach := e.exact + time.Duration(e.days+2)*24*time.Hour
	from, last := recur.DateOf(x.from.Add(-reach), time.UTC), recur.DateOf(x.until.Add(48*time.Hour), time.UTC)
	return e.repeats.each(x, e.start.civil.Date, from, last, func(d recur.Date) (more bool, err error) {
		m := e.start
		m.civil.Date = d
		if e.repeats.over(m) {
			return false, nil
		}
		if d.Number() < from.Number() {
			return true, nil
		}
		return true, one(m)
	})
}

// over reports whether the instance lies after the rule's end.
func (r *repeat) over(m moment) bool {
	switch {
	case r.until.civilZero():
		return false
	case r.until.date || m.date:
		return m.civil.Number() > r.until.civil.Number()
	case r.until.at != nil:
		return m.instant().After(r.until.instant())
	}
	u := r.until
	u.at = m.at
	return m.instant().After(u.instant())
}

// each walks the days of the rule, from about the day from (or from the
// beginning, where they are counted) to last.
func (r *repeat) each(x *reading, start, from, last recur.Date, day func(recur.Date) (bool, error)) error {
	n := 0
	if r.count == 0 {
		n = max(r.skip(start, from), 0)
	}
	for counted := 0; r.first(start, n).Number() <= last.Number(); n++ {
		if err := x.spend(r.length()); err != nil {
			return err
		}
		for _, d := range r.days(start, n) {
			if d.Number() < start.Number() {
				continue
			}
			if counted++; r.count > 0 && counted > r.count {
				return nil
			}
			if more, err := day(d); err != nil || !more {
				return err
			}
		}
	}
	return nil
}
