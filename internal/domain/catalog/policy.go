package catalog

import (
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/procedure"
)

// Policy is an escalation policy under its id.
type Policy escalation.Policy

// Kind is KindPolicy.
func (Policy) Kind() Kind { return KindPolicy }

// Key is the policy's id.
func (p Policy) Key() string { return p.ID }

// Limits on one policy.
const (
	MaxSteps   = 20
	MaxTargets = 20 // of a step
	MaxRepeats = 100
	MaxStepAt  = 7 * 24 * time.Hour
	minEvery   = time.Minute
	maxEvery   = 24 * time.Hour
)

func (p Policy) check(c *checker, look Lookup) {
	c.text("/name", p.Name, true)
	c.prose("/description", p.Description)
	if len(p.Steps) == 0 || len(p.Steps) > MaxSteps {
		c.add("/steps", "a policy has from 1 to %d steps, this has %d", MaxSteps, len(p.Steps))
		return
	}
	var before time.Duration
	for i, s := range p.Steps {
		at := fmt.Sprintf("/steps/%d", i)
		c.spanBetween(at+"/after", s.After, 0, MaxStepAt)
		if s.After.Elapsed() < before {
			c.add(at+"/after", "comes before the step above: write the steps in order of time")
		}
		before = s.After.Elapsed()
		c.oneOf(at+"/while", string(s.While), []string{"", string(procedure.Unacknowledged), string(procedure.Unresolved)})
		c.rise(at+"/to", s.To, look)
		c.only(at+"/only", s.Only)
	}
	c.repeat(p.Repeat)
	if !p.AckExpires.IsZero() {
		c.spanBetween("/ack_expires", p.AckExpires, minEvery, maxEvery)
	}
}

// rise checks whom a step pages. A policy pages people, never a policy, so it
// cannot go in circles.
func (c *checker) rise(where string, to []string, look Lookup) {
	if len(to) == 0 || len(to) > MaxTargets {
		c.add(where, "a step pages from 1 to %d targets, this has %d", MaxTargets, len(to))
		return
	}
	c.each(where, to, func(at, target string) {
		switch form, _, _ := strings.Cut(target, ":"); form {
		case "policy", "escalation-policy":
			c.add(at, "%q: a policy pages people; write out the steps of the other policy here", target)
		case "chat":
			c.add(at, "%q: a chat channel cannot acknowledge a page", target)
		default:
			c.target(at, target, look, "")
		}
	})
}

func (c *checker) only(where string, o escalation.Only) {
	for i, s := range o.Severity {
		if !s.Pages() {
			c.add(fmt.Sprintf("%s/severity/%d", where, i), "only P1 and P2 page: remove %s, or raise the incident", s)
		}
	}
	if o.Hours.From != "" || o.Hours.To != "" {
		c.hours(where+"/hours", nil, o.Hours.From, o.Hours.To)
	}
	c.weekdays(where+"/days", o.Days)
	c.zone(where+"/hours/time_zone", o.Hours.TimeZone)
}

func (c *checker) repeat(r escalation.Repeat) {
	switch {
	case r.Times < 0 || r.Times > MaxRepeats:
		c.add("/repeat/times", "must be from 0 to %d", MaxRepeats)
	case r.Times > 0 || !r.Every.IsZero():
		c.spanBetween("/repeat/every", r.Every, minEvery, maxEvery)
	}
	if r.Times == 0 && !r.Every.IsZero() {
		c.add("/repeat/times", "say how many times")
	}
}

func (c *checker) spanBetween(where string, s recur.Span, from, to time.Duration) {
	switch {
	case s.Business():
		c.add(where, "use elapsed time, such as 10m: a page does not wait for the office to open")
	case s.Elapsed() < from || s.Elapsed() > to:
		c.add(where, "must be from %s to %s", from, to)
	}
}
