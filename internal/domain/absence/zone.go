package absence

import (
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/base/recur"
)

// clock tells when a wall clock shows a time.
type clock func(recur.Civil) time.Time

func inZone(loc *time.Location) clock {
	return func(c recur.Civil) time.Time { return c.In(loc) }
}

// clockOf finds the zone a time names: by its IANA name, by the name Windows
// has for it, or as the calendar itself describes it. Without a name it is the
// person's own zone; so it is for a name that says nothing, which is noted.
func (x *reading) clockOf(name string) clock {
	if name == "" {
		return inZone(x.rule.Zone)
	}
	if loc := known(name); loc != nil {
		return inZone(loc)
	}
	if at := x.zones[name]; at != nil {
		return at
	}
	x.note("its time zone is not known, so its times are read in your own")
	return inZone(x.rule.Zone)
}

// known finds a zone by name. Some programs put a path in front of the IANA
// name.
func known(name string) *time.Location {
	name = strings.Trim(strings.TrimSpace(name), "\"")
	if iana, ok := windowsZones[strings.ToLower(name)]; ok {
		name = iana
	}
	parts := strings.Split(strings.Trim(name, "/"), "/")
	for i := max(len(parts)-3, 0); i < len(parts); i++ {
		tail := strings.Join(parts[i:], "/")
		if tail == "" || strings.EqualFold(tail, "local") || len(tail) > 64 { // the zone of the server is nobody's
			continue
		}
		if loc, err := time.LoadLocation(tail); err == nil {
			return loc
		}
	}
	return nil
}

// shift is a change of the clock in a VTIMEZONE.
type shift struct {
	at            int64 // wall-clock seconds before the change
	before, after int   // offsets in seconds
}

const (
	maxZones  = 100
	maxShifts = 20 // observances of one zone
)

// zonesOf reads the zones that the calendar describes, for names nobody else
// knows.
func zonesOf(cal *ics.Calendar, x *reading) map[string]clock {
	out := map[string]clock{}
	for _, c := range cal.Components {
		z, ok := c.(*ics.VTimezone)
		if !ok || len(out) >= maxZones {
			continue
		}
		ps := properties(z.Properties)
		name := ps.text("TZID")
		if loc := known(ps.text("X-LIC-LOCATION")); loc != nil && name != "" {
			out[name] = inZone(loc)
			continue
		}
		if shifts := x.shifts(z); name != "" && len(shifts) > 0 {
			out[name] = described(shifts)
		}
	}
	return out
}

func (x *reading) shifts(z *ics.VTimezone) (out []shift) {
	for _, c := range z.Components[:min(len(z.Components), maxShifts)] {
		var ps properties
		switch o := c.(type) {
		case *ics.Standard:
			ps = o.Properties
		case *ics.Daylight:
			ps = o.Properties
		default:
			continue
		}
		start, ok := parseMoment(ps.text("DTSTART"))
		before, ok1 := offset(ps.text("TZOFFSETFROM"))
		after, ok2 := offset(ps.text("TZOFFSETTO"))
		if !ok || !ok1 || !ok2 {
			continue
		}
		add := func(c recur.Civil) {
			out = append(out, shift{at: c.Number()*86400 + int64(c.Second), before: before, after: after})
		}
		add(start.civil)
		for _, p := range ps {
			if p.IANAToken == "RDATE" {
				for _, m := range x.moments(p) {
					add(m.civil)
				}
			}
		}
		r, err := parseRepeat(ps.text("RRULE"))
		if err != nil {
			continue
		}
		const year = 366 * 24 * time.Hour
		from, last := recur.DateOf(x.from.Add(-2*year), time.UTC), recur.DateOf(x.until.Add(year), time.UTC)
		// The budget bounds the walk; a zone that spends it is left as far as it came.
		_ = r.each(x, start.civil.Date, from, last, func(d recur.Date) (bool, error) {
			m := moment{civil: recur.Civil{Date: d, Second: start.civil.Second}, at: inZone(time.UTC)}
			if r.over(m) {
				return false, nil
			}
			add(m.civil)
			return true, nil
		})
	}
	slices.SortStableFunc(out, func(a, b shift) int { return int(max(min(a.at-b.at, 1), -1)) })
	return out
}

func described(shifts []shift) clock {
	return func(c recur.Civil) time.Time {
		naive := c.Number()*86400 + int64(c.Second)
		by := shifts[0].before
		for _, s := range shifts {
			if s.at > naive {
				break
			}
			by = s.after
		}
		return time.Unix(naive-int64(by), 0).UTC()
	}
}

// offset reads +0530 or -023000.
func offset(text string) (seconds int, ok bool) {
	if len(text) != 5 && len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi(text[1:])
	if err != nil || n < 0 {
		return 0, false
	}
	if len(text) == 5 {
		n *= 100
	}
	seconds = n/10000*3600 + n/100%100*60 + n%100
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, seconds > -16*3600 && seconds < 16*3600
}
