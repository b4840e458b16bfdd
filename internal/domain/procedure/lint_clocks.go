package procedure

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/recur"
)

// clocks checks every clock by itself.
func (c *checker) clocks() {
	ids := make([]string, len(c.p.Clocks))
	for i, k := range c.p.Clocks {
		ids[i] = k.ID
		path := fmt.Sprintf("clocks[%d]", i)
		c.word(path+".from", "unknown-start", "start", k.From, Starts)
		c.word(path+".until", "unknown-moment", "moment", k.Until, Moments)
		if k.ID == levelResponse {
			c.err("reserved-id", path+".id", "Set response times under levels.", "%q is the clock of the levels", k.ID)
		}
		if len(severityKeys(c, path+".by", k.By)) == 0 {
			c.warn("unreachable-clock", path, "Give it a time for at least one severity, or remove it.", "clock %q has no time for any severity and never runs", k.ID)
		}
		for s, t := range k.By {
			c.clockTarget(join(path+".by", s), t)
		}
	}
	c.twice("clocks", "clock", ids, ".id")
}

func (c *checker) clockTarget(path string, t Target) {
	c.clauses(path+".clauses", t.Clauses)
	if len(t.Clauses) == 0 {
		c.warn("no-clause", path, "Name the clauses it answers, so that a breach can be traced to the text.", "the time cites no clause")
	}
	if t.Within.IsZero() {
		c.err("no-time", path, "Set within to the time allowed, such as 15m.", "the clock is due at once")
		return
	}
	c.notNegative(path+".within", t.Within)
	c.warnings(path+".warn_at", t.WarnAt, t.Within)
}

// warnings checks that warnings come before what they warn of, in order.
func (c *checker) warnings(path string, at []recur.Span, due recur.Span) {
	for i, w := range at {
		here := fmt.Sprintf("%s[%d]", path, i)
		c.notNegative(here, w)
		switch {
		case w.Business() != due.Business() && !due.IsZero():
			c.err("mixed-spans", here, "Count both in elapsed time (m, h, d) or both in business time (bh, bd).", "the warning at %s and the limit of %s are counted differently", w, due)
		case !Longer(due, w):
			c.err("late-warning", here, "Warn before it is due, or remove the warning.", "the warning at %s does not come before the limit of %s", w, due)
		case i > 0 && !Longer(w, at[i-1]):
			c.err("warning-order", here, "Write warnings in rising order, each once.", "the warning at %s does not come after the one at %s", w, at[i-1])
		}
	}
}

func (c *checker) notNegative(path string, s recur.Span) {
	if s.Elapsed() < 0 || s.BusinessHours < 0 || s.BusinessDays < 0 {
		c.err("negative-span", path, "Count forward from what starts it.", "%s lies before what starts it", s)
	}
}

// Longer reports whether a is longer than b; spans of different kinds cannot be
// compared and count as longer.
func Longer(a, b recur.Span) bool {
	switch {
	case a.BusinessDays != 0 && b.BusinessDays != 0:
		return a.BusinessDays > b.BusinessDays
	case a.BusinessHours != 0 && b.BusinessHours != 0:
		return a.BusinessHours > b.BusinessHours
	case a.Business() || b.Business():
		return true
	}
	return a.Elapsed() > b.Elapsed()
}

// restricted and open incidents are told differently; a clock must be met in both.
var contexts = []struct {
	name string
	fact bool
}{{"", false}, {" of a restricted incident", true}}

// reached checks that the moments which only rules can reach are reached, and
// in time. People reach the others by what they do.
func (c *checker) reached() {
	for i, k := range c.p.Clocks {
		if !slices.Contains([]string{"executives_told", "leads_told", "assigned", "status_posted", "customers_mailed"}, k.Until) {
			continue
		}
		for _, s := range Severities {
			if t, ok := k.By[s.String()]; ok {
				c.reachedBy(fmt.Sprintf("clocks[%d].by.%s", i, s), k, s, t)
			}
		}
	}
}

func (c *checker) reachedBy(path string, k Clock, s Severity, t Target) {
	for _, ctx := range contexts {
		if ctx.fact && (k.Until == "status_posted" || k.Until == "customers_mailed" || !s.Pages()) {
			continue // nothing leaves a restricted incident by itself (reading 18)
		}
		soonest, ok := c.soonest(k, s, ctx.fact)
		switch {
		case !ok:
			c.warn("clock-unmet", path, fmt.Sprintf("Add a rule that reaches %s for %s, or leave it to people.", k.Until, s), "no rule meets %s%s for %s: it depends on somebody thinking of it", k.ID, ctx.name, s)
		case !t.Within.Business() && soonest >= t.Within.Elapsed():
			c.warn("clock-late", path, "Let the rule act earlier, or allow more time.", "%s of %s is due at %s, and the first rule that meets it acts at %s", k.ID, s, t.Within, recur.Span{Duration: soonest})
		}
	}
}

// soonest is how long after the clock's start the first rule reaches its moment.
func (c *checker) soonest(k Clock, s Severity, restricted bool) (best time.Duration, ok bool) {
	for _, r := range c.p.Rules {
		if !r.Severities.Has(s) || !r.reaches(k.Until) || slices.Contains(r.When, negate("restricted", restricted)) {
			continue
		}
		d := r.After.Elapsed()
		switch {
		case r.On == "opened":
		case r.On == "declared" && k.From == "declared":
		case r.On == "declared":
			d += c.p.Suspicion.DeclareAfter.Elapsed()
		default:
			continue
		}
		if !ok || d < best {
			best, ok = d, true
		}
	}
	return best, ok
}

// negate is the fact that excludes an incident which has it or not.
func negate(fact string, has bool) string {
	if has {
		return "not " + fact
	}
	return fact
}

// reaches reports whether the rule's action reaches the moment by itself.
func (r Rule) reaches(moment string) bool {
	switch {
	case r.Notice != nil && r.Notice.Reaches == moment, r.Page != nil && r.Page.Reaches == moment:
		return true
	case r.Message == nil || r.Message.Draft:
		return false
	case moment == "status_posted":
		return slices.Contains(r.Message.Channels, "status_page")
	case moment == "customers_mailed":
		return slices.Contains(r.Message.Channels, "email")
	}
	return false
}
