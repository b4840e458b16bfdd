package absence

import (
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/base/recur"
)

// event is one VEVENT.
type event struct {
	uid      string
	start    moment
	days     int           // of a whole-day event, or the nominal part of a DURATION
	exact    time.Duration // of a timed event
	repeats  *repeat
	also     []moment
	except   []moment
	replaces moment // the instance of the series that this one stands for
	counts   bool
}

type properties []ics.IANAProperty

func (ps properties) find(name string) (ics.IANAProperty, bool) {
	for _, p := range ps {
		if p.IANAToken == name {
			return p, true
		}
	}
	return ics.IANAProperty{}, false
}

func (ps properties) text(name string) string {
	p, _ := ps.find(name)
	return strings.TrimSpace(p.Value)
}

// parameter reads a parameter whatever the case of its name.
func parameter(p ics.IANAProperty, name string) string {
	for k, v := range p.ICalParameters {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

func (x *reading) events(cal *ics.Calendar) []event {
	var out []event
	for _, v := range cal.Events() {
		clear(x.noted)
		if e, ok := x.event(properties(v.Properties)); ok {
			out = append(out, e)
		}
	}
	return out
}

func (x *reading) event(ps properties) (e event, ok bool) {
	begin, ok := ps.find("DTSTART")
	if !ok {
		x.note("it has no beginning and does not count")
		return e, false
	}
	starts := x.moments(begin)
	if len(starts) != 1 {
		x.note("its beginning is malformed and it does not count")
		return e, false
	}
	e.uid, e.start = ps.text("UID"), starts[0]
	if !x.length(&e, ps) {
		x.note("its end is malformed and it does not count")
		return e, false
	}
	for _, p := range ps {
		switch p.IANAToken {
		case "RDATE":
			e.also = append(e.also, x.moments(p)...)
		case "EXDATE":
			e.except = append(e.except, x.moments(p)...)
		case "RECURRENCE-ID":
			if at := x.moments(p); len(at) == 1 {
				e.replaces = at[0]
			}
		case "RRULE":
			r, err := parseRepeat(p.Value)
			if err != nil {
				x.note("its rule of repetition is not understood, so only its first time counts")
				continue
			}
			e.repeats = r
		}
	}
	e.counts = x.counts(ps, e.wholeDay(ps))
	return e, true
}

// length reads how long the event lasts. A whole-day event ends before the day
// that DTEND names.
func (x *reading) length(e *event, ps properties) bool {
	if p, ok := ps.find("DTEND"); ok {
		ends := x.moments(p)
		if len(ends) != 1 {
			return false
		}
		if e.start.date {
			e.days = int(ends[0].civil.Number() - e.start.civil.Number())
			e.days = max(e.days, 1) // some write the same day twice
			return e.days < int(maxLength/(24*time.Hour))
		}
		e.exact = ends[0].instant().Sub(e.start.instant())
		return e.exact >= 0 && e.exact < maxLength
	}
	if p, ok := ps.find("DURATION"); ok {
		days, exact, ok := parseDuration(p.Value)
		e.days, e.exact = days, exact
		if e.start.date {
			e.days, e.exact = max(days, 1), 0
		}
		return ok && time.Duration(days)*24*time.Hour+exact < maxLength
	}
	if e.start.date {
		e.days = 1
	}
	return true
}

// wholeDay also knows the whole days that Exchange writes with times.
func (e *event) wholeDay(ps properties) bool {
	return e.start.date || strings.EqualFold(ps.text("X-MICROSOFT-CDO-ALLDAYEVENT"), "TRUE")
}

// end is when an instance that begins then is over.
func (e *event) end(start moment) time.Time {
	if e.days == 0 {
		return start.instant().Add(e.exact)
	}
	start.civil = start.civil.AddDays(e.days)
	return start.instant().Add(e.exact)
}

// parseDuration reads "P1W", "P2DT3H", "PT30M".
func parseDuration(text string) (days int, exact time.Duration, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "+"), "P")
	if !ok || rest == "" {
		return 0, 0, false
	}
	n, digits, timed := 0, 0, false
	for _, c := range rest {
		unit := time.Duration(0)
		switch {
		case c >= '0' && c <= '9':
			if n = n*10 + int(c-'0'); n > 1_000_000 {
				return 0, 0, false
			}
			digits++
			continue
		case c == 'T' && !timed && digits == 0:
			timed = true
			continue
		case c == 'W' && !timed:
			days += 7 * n
		case c == 'D' && !timed:
			days += n
		case c == 'H' && timed:
			unit = time.Hour
		case c == 'M' && timed:
			unit = time.Minute
		case c == 'S' && timed:
			unit = time.Second
		default:
			return 0, 0, false
		}
		if digits == 0 {
			return 0, 0, false
		}
		exact += time.Duration(n) * unit
		n, digits = 0, 0
	}
	return days, exact, digits == 0
}

// moment is a wall-clock time with the clock that shows it; date says that it
// is a whole day.
type moment struct {
	civil recur.Civil
	date  bool
	at    clock
}

func (m moment) instant() time.Time { return m.at(m.civil) }

func (m moment) zero() bool { return m.at == nil }

// moments reads one or several dates or times; what is malformed is left out.
func (x *reading) moments(p ics.IANAProperty) []moment {
	at := x.clockOf(parameter(p, "TZID"))
	var out []moment
	for _, v := range strings.Split(p.Value, ",") {
		v, _, _ = strings.Cut(strings.TrimSpace(v), "/") // of a period, its beginning
		m, ok := parseMoment(v)
		if !ok {
			continue
		}
		switch {
		case m.date:
			m.at = inZone(x.rule.Zone)
		case m.at == nil:
			m.at = at
		}
		out = append(out, m)
	}
	return out
}

// parseMoment reads 20260302, 20260302T093000 or 20260302T093000Z; only the last
// knows its clock.
func parseMoment(v string) (m moment, ok bool) {
	v = strings.ToUpper(v)
	if len(v) == len("20060102") {
		t, err := time.Parse("20060102", v)
		return moment{civil: recur.CivilOf(t, time.UTC), date: true}, err == nil && t.Year() > 0
	}
	local, utc := strings.CutSuffix(v, "Z")
	if len(local) != len("20060102T150405") {
		return m, false
	}
	t, err := time.Parse("20060102T150405", local)
	if err != nil || t.Year() < 1 {
		return m, false
	}
	m.civil = recur.CivilOf(t, time.UTC)
	if utc {
		m.at = inZone(time.UTC)
	}
	return m, true
}
