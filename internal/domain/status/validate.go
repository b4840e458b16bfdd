package status

import (
	"fmt"
	"regexp"
	"time"

	"allclear/internal/base/fault"
)

// Limits of what a page accepts, so that one bad writer cannot make it
// unreadable or unservable.
const (
	MaxName = 300
	MaxBody = 25_000
)

var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)

// Validate reports everything that would make the page wrong or unsafe, as
// one fault.Invalid error with a detail for each place.
func (s *Snapshot) Validate() error {
	c := &checker{ids: map[string]bool{}}
	c.need(s.Page.Name != "" && len(s.Page.Name) <= MaxName, "page.name", "name the page")
	c.need(!s.GeneratedAt.IsZero(), "generated_at", "say when the snapshot was made")
	if s.Page.TimeZone != "" {
		// Only the form: a host without zone data must not lose the page.
		c.need(zoneName.MatchString(s.Page.TimeZone), "page.time_zone", "use an IANA time zone such as Etc/UTC")
	}
	for i, x := range s.Components {
		c.component(fmt.Sprintf("components[%d]", i), x, s)
	}
	for i, x := range s.Incidents {
		at := fmt.Sprintf("incidents[%d]", i)
		c.need(x.Status.ForIncident(), at+".status", "use investigating, identified, monitoring, resolved or postmortem")
		c.incident(at, x, IncidentStatus.ForIncident)
	}
	for i, x := range s.Maintenances {
		at := fmt.Sprintf("maintenances[%d]", i)
		c.need(x.Status.ForMaintenance(), at+".status", "use scheduled, in_progress, verifying or completed")
		c.need(x.ScheduledUntil.After(x.ScheduledFor), at+".scheduled_until", "end the window after its start")
		c.incident(at, x.Incident, IncidentStatus.ForMaintenance)
	}
	if c.err == nil {
		return nil
	}
	return c.err
}

type checker struct {
	ids map[string]bool
	err *fault.Error
}

func (c *checker) need(ok bool, where, what string) {
	if ok {
		return
	}
	if c.err == nil {
		c.err = fault.New(fault.Invalid, "check status snapshot: %s: %s", where, what)
	}
	c.err = c.err.With(where, what)
}

// id checks that an ID is safe in an address and unique among its kind.
func (c *checker) id(at, kind, id string) {
	c.need(SafeID(id), at+".id", "use 1 to 64 letters, digits, - or _")
	c.need(!c.ids[kind+id], at+".id", "is used twice")
	c.ids[kind+id] = true
}

func (c *checker) component(at string, x Component, s *Snapshot) {
	c.id(at, "component/", x.ID)
	c.need(x.Name != "" && len(x.Name) <= MaxName, at+".name", "name the component")
	c.need(x.Status.Valid(), at+".status", "is not a component status")
	if x.GroupID != "" {
		g := s.Component(x.GroupID)
		c.need(g != nil && g.Group && !x.Group, at+".group_id", "name an existing group; groups do not nest")
	}
	last := ""
	for _, d := range x.Days {
		_, err := time.Parse(time.DateOnly, d.Date)
		ok := err == nil && d.Date > last && d.DownMinutes >= 0 && d.DegradedMinutes >= 0 &&
			d.DownMinutes+d.DegradedMinutes <= dayMinutes+1
		c.need(ok, at+".days", "give each date once, in order, with 0 to 1440 minutes")
		last = d.Date
	}
}

func (c *checker) incident(at string, x Incident, ok func(IncidentStatus) bool) {
	c.id(at, "incident/", x.ID)
	c.need(x.Name != "" && len(x.Name) <= MaxName, at+".name", "name it")
	c.need(x.Impact.Valid(), at+".impact", "use none, minor, major or critical")
	c.need(!x.CreatedAt.IsZero() && !x.UpdatedAt.IsZero() && !x.StartedAt.IsZero(), at, "has created, updated and started times")
	for n, u := range x.Updates {
		in := fmt.Sprintf("%s.updates[%d]", at, n)
		c.id(in, "update/", u.ID)
		c.need(ok(u.Status), in+".status", "is not a status of its incident")
		c.need(len(u.Body) <= MaxBody, in+".body", "is too long")
		c.need(!u.DisplayAt.IsZero(), in+".display_at", "has a time")
		for _, a := range u.Affected {
			c.need(a.OldStatus.Valid() && a.NewStatus.Valid(), in+".affected_components", "has a status that is not known")
		}
	}
}

// SafeID reports whether an ID can stand in an address as it is.
func SafeID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range []byte(id) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
