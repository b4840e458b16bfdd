package oncall

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
)

// plan is a schedule in the form that answers: names looked up, times parsed.
type plan struct {
	loc       *time.Location
	rotas     []rota
	overrides []Override
}

// checker collects what is wrong, so that one reading reports everything.
type checker struct{ wrong []fault.Detail }

func (c *checker) add(where, format string, args ...any) {
	c.wrong = append(c.wrong, fault.Detail{Where: where, What: fmt.Sprintf(format, args...)})
}

// count checks the length of a list and returns how much of it to look at.
func (c *checker) count(where string, n, limit int) int {
	if n > limit {
		c.add(where, "at most %d entries are allowed, this has %d", limit, n)
	}
	return min(n, limit)
}

func compile(s *Schedule) (*plan, []fault.Detail) {
	var c checker
	p := &plan{loc: c.zone(s.TimeZone)}
	for i := range c.count("/layers", len(s.Layers), MaxLayers) {
		p.rotas = append(p.rotas, c.layer(fmt.Sprintf("/layers/%d", i), s.Layers[i], p.loc))
	}
	for i := range c.count("/overrides", len(s.Overrides), MaxOverrides) {
		o, at := s.Overrides[i], fmt.Sprintf("/overrides/%d", i)
		c.name(at+"/person", o.Person)
		if !o.From.Before(o.Until) {
			c.add(at+"/until", "must be after from")
		}
		p.overrides = append(p.overrides, o)
	}
	return p, c.wrong
}

// zone looks up an IANA name. "Local" would answer differently on each machine,
// and the "right" zones of some systems count leap seconds, which Go does not.
func (c *checker) zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" || strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix") {
		c.add("/time_zone", "%q is not a time zone; use an IANA name such as Europe/Berlin or UTC", name)
		return time.UTC
	}
	return loc
}

func (c *checker) layer(at string, l Layer, loc *time.Location) rota {
	r := rota{loc: loc, every: max(l.Every, 1)}
	if len(l.Members) == 0 {
		c.add(at+"/members", "must name at least one person")
	}
	for i := range c.count(at+"/members", len(l.Members), MaxMembers) {
		c.name(fmt.Sprintf("%s/members/%d", at, i), l.Members[i])
		r.members = append(r.members, l.Members[i])
	}
	start, err := recur.ParseCivil(l.Start)
	if err != nil {
		c.add(at+"/start", "%v", err)
	}
	if l.Every < 1 || l.Every > MaxEvery {
		c.add(at+"/every", "must be from 1 to %d", MaxEvery)
	}
	unit, ok := units[l.Unit]
	if !ok {
		c.add(at+"/unit", "%q is not a unit; use hour, day, week or month", l.Unit)
	}
	for i := range c.count(at+"/only", len(l.Only), MaxRestrictions) {
		r.windows = append(r.windows, c.restriction(fmt.Sprintf("%s/only/%d", at, i), l.Only[i]))
	}
	r.start, r.first, r.unit = start, start.In(loc), unit
	r.constant = allSame(r.members)
	return r
}

func (c *checker) restriction(at string, r Restriction) window {
	var w window
	if len(r.Days) == 0 {
		c.add(at+"/days", "must name at least one day")
	}
	for i := range c.count(at+"/days", len(r.Days), 7) {
		day, ok := weekdays[r.Days[i]]
		if !ok {
			c.add(fmt.Sprintf("%s/days/%d", at, i), "%q is not a day; use mon, tue, wed, thu, fri, sat or sun", r.Days[i])
		}
		w.days[day] = true
	}
	var err error
	if w.from, err = recur.ParseClock(r.From); err != nil {
		c.add(at+"/from", "%v", err)
	}
	if w.to, err = recur.ParseClock(r.To); err != nil {
		c.add(at+"/to", "%v", err)
	}
	return w
}

func (c *checker) name(at, name string) {
	switch {
	case name == "":
		c.add(at, "must name a person")
	case len(name) > MaxName:
		c.add(at, "name is longer than %d bytes", MaxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		c.add(at, "name has characters that cannot be shown")
	case strings.TrimSpace(name) != name:
		c.add(at, "name starts or ends with a space")
	}
}

func allSame(names []string) bool {
	for _, n := range names {
		if n != names[0] {
			return false
		}
	}
	return true
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}
