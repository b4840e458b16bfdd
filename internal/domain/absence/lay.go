package absence

import (
	"slices"
	"time"

	"allclear/internal/base/recur"
)

// days lists the days of the nth period of the rule, in order. The period of
// the event's own day is number 0.
func (r *repeat) days(start recur.Date, n int) []recur.Date {
	var out []recur.Date
	switch r.every {
	case "DAILY":
		if d := start.AddDays(n * r.interval); r.inMonth(d) && r.onDate(d) && r.onWeekday(d) {
			out = append(out, d)
		}
	case "WEEKLY":
		first := r.weekOf(start).AddDays(7 * n * r.interval)
		for i := range 7 {
			d := first.AddDays(i)
			on := d.Weekday() == start.Weekday()
			if len(r.byDay) > 0 {
				on = r.onWeekday(d)
			}
			if on && r.inMonth(d) {
				out = append(out, d)
			}
		}
	case "MONTHLY":
		m := time.Date(start.Year, start.Month+time.Month(n*r.interval), 1, 0, 0, 0, 0, time.UTC)
		out = r.ofMonth(m.Year(), m.Month(), start.Day)
	case "YEARLY":
		out = r.ofYear(start.Year+n*r.interval, start)
	}
	return r.at(out)
}

// first is the day on which the nth period begins.
func (r *repeat) first(start recur.Date, n int) recur.Date {
	switch r.every {
	case "WEEKLY":
		return r.weekOf(start).AddDays(7 * n * r.interval)
	case "MONTHLY":
		return recur.DateOf(time.Date(start.Year, start.Month+time.Month(n*r.interval), 1, 0, 0, 0, 0, time.UTC), time.UTC)
	case "YEARLY":
		return recur.Date{Year: start.Year + n*r.interval, Month: time.January, Day: 1}
	}
	return start.AddDays(n * r.interval)
}

// skip is a period at or before the one that holds the day.
func (r *repeat) skip(start, day recur.Date) int {
	return int(max(day.Number()-start.Number(), 0))/(r.length()*r.interval) - 1
}

// length is how many days a period has at most.
func (r *repeat) length() int {
	return map[string]int{"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[r.every]
}

func (r *repeat) weekOf(d recur.Date) recur.Date {
	return d.AddDays(-((int(d.Weekday()) - int(r.weekStart) + 7) % 7))
}

func (r *repeat) inMonth(d recur.Date) bool {
	return len(r.byMonth) == 0 || slices.Contains(r.byMonth, int(d.Month))
}

func (r *repeat) onDate(d recur.Date) bool {
	return len(r.byDate) == 0 || slices.Contains(r.byDate, d.Day) || slices.Contains(r.byDate, d.Day-lastOf(d.Year, d.Month)-1)
}

func (r *repeat) onWeekday(d recur.Date) bool {
	return len(r.byDay) == 0 || slices.ContainsFunc(r.byDay, func(w weekday) bool { return w.day == d.Weekday() })
}

func lastOf(year int, m time.Month) int { return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// ofMonth lists the days of a month; day is the event's own, for a rule that
// names none. A month without it is passed over.
func (r *repeat) ofMonth(year int, m time.Month, day int) (out []recur.Date) {
	last := lastOf(year, m)
	for i := 1; i <= last; i++ {
		d := recur.Date{Year: year, Month: m, Day: i}
		on := i == day
		switch {
		case len(r.byDate) > 0:
			on = r.onDate(d) && r.onWeekday(d)
		case len(r.byDay) > 0:
			on = r.nth(d.Weekday(), (i-1)/7+1, (last-i)/7+1)
		}
		if on && r.inMonth(d) {
			out = append(out, d)
		}
	}
	return out
}

// nth reports whether the rule names the weekday, which is the given one from
// the front and from the back.
func (r *repeat) nth(day time.Weekday, front, back int) bool {
	return slices.ContainsFunc(r.byDay, func(w weekday) bool {
		return w.day == day && (w.nth == 0 || w.nth == front || w.nth == -back)
	})
}

func (r *repeat) ofYear(year int, start recur.Date) (out []recur.Date) {
	if len(r.byDay) > 0 && len(r.byMonth) == 0 && len(r.byDate) == 0 {
		first, last := recur.Date{Year: year, Month: time.January, Day: 1}, recur.Date{Year: year, Month: time.December, Day: 31}
		all := int(last.Number() - first.Number())
		for i := 0; i <= all; i++ {
			if d := first.AddDays(i); r.nth(d.Weekday(), i/7+1, (all-i)/7+1) {
				out = append(out, d)
			}
		}
		return out
	}
	for m := time.January; m <= time.December; m++ {
		if len(r.byMonth) == 0 && len(r.byDate) == 0 && m != start.Month {
			continue
		}
		out = append(out, r.ofMonth(year, m, start.Day)...)
	}
	return out
}

// at takes the positions that the rule names out of a period.
func (r *repeat) at(all []recur.Date) []recur.Date {
	if len(r.positions) == 0 {
		return all
	}
	var out []recur.Date
	for i, d := range all {
		if slices.Contains(r.positions, i+1) || slices.Contains(r.positions, i-len(all)) {
			out = append(out, d)
		}
	}
	return out
}
