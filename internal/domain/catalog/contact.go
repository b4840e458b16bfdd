package catalog

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/recur"
)

// ContactRule asks for a channel some time after a page.
type ContactRule struct {
	Channel string     `json:"channel" yaml:"channel"`
	After   recur.Span `json:"after" yaml:"after"` // elapsed; "0s" is at once
}

// ContactRules are how somebody wants to be paged, by urgency. Without rules
// the procedure's order of channels holds, one after the other.
type ContactRules struct {
	High []ContactRule `json:"high,omitempty" yaml:"high"` // P1 and P2
	Low  []ContactRule `json:"low,omitempty" yaml:"low"`   // the others
}

// QuietHours is a daily window in which notices and pages of low urgency wait.
// It may run past midnight; days are those it begins on. A page of high urgency
// never waits.
type QuietHours struct {
	From     string   `json:"from,omitempty" yaml:"from"` // wall clock, 22:00; empty: no quiet hours
	To       string   `json:"to,omitempty" yaml:"to"`
	Days     []string `json:"days,omitempty" yaml:"days"`           // mon .. sun; none: every day
	TimeZone string   `json:"time_zone,omitempty" yaml:"time_zone"` // none: the person's, else UTC
}

// Limits on contact rules.
const (
	MaxRules     = 20 // of one urgency
	MaxRuleDelay = 24 * time.Hour
)

// Urgency is how much of a hurry a page is in.
type Urgency bool

// The urgencies.
const (
	High Urgency = true
	Low  Urgency = false
)

// Rung is one try to reach a person: a contact and how long after the page. A
// spare rung has no time of its own; it is for when those before it fail.
type Rung struct {
	Channel string        `json:"channel"`
	Address string        `json:"address"`
	After   time.Duration `json:"after,omitempty"`
	Spare   bool          `json:"spare,omitempty"`
}

func (r Rung) reaches(c Contact) bool { return r.Channel == c.Channel && r.Address == c.Address }

// devices is the channel whose contacts are devices: nobody knows which of them
// is at hand, so all of them ring at once.
const devices = "push"

// Ladder is how a page of that urgency climbs to the person: by the person's
// rules, or by the order of channels. What the rules leave out is spare, so
// that a rule can fail and the page still arrives. The first rung of a page of
// high urgency goes at once; all devices of a person are one step of it.
func Ladder(p Person, u Urgency, order []string) []Rung {
	rules := p.Rules.High
	if u == Low {
		rules = p.Rules.Low
	}
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b ContactRule) int { return int(a.After.Elapsed() - b.After.Elapsed()) })
	var out []Rung
	for _, r := range rules {
		own := ContactsFor(p, []string{r.Channel})
		if r.Channel != devices {
			own = own[:min(1, len(own))]
		}
		for _, c := range own {
			out = append(out, Rung{Channel: r.Channel, Address: c.Address, After: r.After.Elapsed()})
		}
	}
	out = append(out, spares(p, order, out)...)
	if len(out) > 0 && (out[0].Spare || u == High) {
		first := out[0]
		for i := 0; i < len(out) && (i == 0 || first.Beside(out[i])); i++ {
			out[i].Spare, out[i].After = false, 0
		}
	}
	return out
}

// Beside reports whether both are devices that ring at the same time.
func (r Rung) Beside(o Rung) bool {
	return r.Channel == devices && o.Channel == devices && r.Spare == o.Spare && r.After == o.After
}

// spares are the contacts no rung reaches yet.
func spares(p Person, order []string, rungs []Rung) []Rung {
	channels := slices.Clone(order)
	for _, r := range rungs {
		if !slices.Contains(channels, r.Channel) {
			channels = append(channels, r.Channel)
		}
	}
	var out []Rung
	for _, c := range ContactsFor(p, channels) {
		if !reached(rungs, c) && !reached(out, c) {
			out = append(out, Rung{Channel: c.Channel, Address: c.Address, Spare: true})
		}
	}
	return out
}

func reached(rungs []Rung, c Contact) bool {
	return slices.ContainsFunc(rungs, func(r Rung) bool { return r.reaches(c) })
}

// Mend makes rung next of a ladder that was made earlier fit the person as they
// are now: a contact that was replaced is replaced, one that is gone is passed
// over, and at the end what was added since is tried. ok is false when nothing
// is left.
func Mend(rungs []Rung, next int, p Person, order []string) (out []Rung, ok bool) {
	out = slices.Clone(rungs)
	for next < len(out) {
		own := ContactsFor(p, []string{out[next].Channel})
		if slices.ContainsFunc(own, out[next].reaches) {
			return out, true
		}
		if i := slices.IndexFunc(own, func(c Contact) bool { return !reached(out, c) }); i >= 0 {
			out[next].Address = own[i].Address
			return out, true
		}
		out = slices.Delete(out, next, next+1)
	}
	if more := spares(p, order, out); len(more) > 0 {
		return append(out, more[0]), true
	}
	return out, false
}

// QuietUntil is when the quiet hours that hold at t end; ok is false when none
// do.
func (p Person) QuietUntil(t time.Time) (end time.Time, ok bool) {
	q := p.QuietHours
	w, err := recur.NewWindow(q.Days, q.From, q.To)
	if q.From == "" || err != nil {
		return t, false
	}
	end = t
	// Two windows may touch: a quiet night followed by a quiet day.
	for range maxHops {
		next, in := w.End(end, p.quietZone())
		if !in {
			return end, end.After(t)
		}
		end = next
	}
	return end, true
}

func (p Person) quietZone() *time.Location { return firstZone(p.QuietHours.TimeZone, p.TimeZone) }

// Zone is the person's time zone, UTC without one.
func (p Person) Zone() *time.Location { return firstZone(p.TimeZone) }

func firstZone(names ...string) *time.Location {
	for _, name := range names {
		if loc, err := time.LoadLocation(name); err == nil && name != "" {
			return loc
		}
	}
	return time.UTC
}

func (p Person) checkRules(c *checker) {
	for _, u := range []struct {
		where string
		rules []ContactRule
		high  bool
	}{{"/rules/high", p.Rules.High, true}, {"/rules/low", p.Rules.Low, false}} {
		if len(u.rules) > MaxRules {
			c.add(u.where, "at most %d rules are allowed, this has %d", MaxRules, len(u.rules))
			continue
		}
		atOnce := false
		for i, r := range u.rules {
			at := fmt.Sprintf("%s/%d", u.where, i)
			p.checkRule(c, at, r)
			atOnce = atOnce || r.After.IsZero()
			if slices.Contains(u.rules[:i], r) {
				c.add(at, "stands twice")
			}
		}
		if u.high && len(u.rules) > 0 && !atOnce {
			c.add(u.where, "one rule must be after 0s: a page of high urgency goes out at once")
		}
	}
	p.checkQuiet(c)
}

func (p Person) checkRule(c *checker, at string, r ContactRule) {
	switch {
	case !slices.Contains(Channels, r.Channel):
		c.oneOf(at+"/channel", r.Channel, Channels)
	case len(ContactsFor(p, []string{r.Channel})) == 0:
		c.add(at+"/channel", "%s has no contact for %s; add one under contacts", p.ID, r.Channel)
	}
	switch {
	case r.After.Business():
		c.add(at+"/after", "use elapsed time, such as 2m: a page does not wait for the office to open")
	case r.After.Elapsed() < 0 || r.After.Elapsed() > MaxRuleDelay:
		c.add(at+"/after", "must be from 0s to 24h")
	}
}

func (p Person) checkQuiet(c *checker) {
	q := p.QuietHours
	if q.From == "" && q.To == "" && q.TimeZone == "" && len(q.Days) == 0 {
		return
	}
	c.hours("/quiet_hours", q.Days, q.From, q.To)
	c.zone("/quiet_hours/time_zone", q.TimeZone)
	if q.From != "" && q.From == q.To && len(q.Days) == 0 {
		c.add("/quiet_hours/to", "is the same as from: this person would never be told of anything")
	}
}
