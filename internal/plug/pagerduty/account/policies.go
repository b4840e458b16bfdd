package account

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
)

func (c *carrier) carryPolicies() {
	for _, p := range byID(c.from.Policies, func(p Policy) string { return p.ID }) {
		once, length := c.steps(p)
		if len(once) == 0 {
			c.left("escalation policy", p.Name, "names nobody who is carried over")
			continue
		}
		id := c.id(catalog.KindPolicy, p.Name, p.ID)
		c.policies[p.ID] = id
		e := catalog.Policy{ID: id, Name: cmp.Or(line(p.Name), id), Description: strings.TrimSpace(p.Description), Steps: once, AckExpires: c.stands.Policies[id].AckExpires}
		c.loop(&e, p, length)
		c.put(e)
	}
}

// steps writes one pass through the policy and how long it takes. PagerDuty counts
// each delay from the rule before; here times count from the start.
func (c *carrier) steps(p Policy) (out []escalation.Rise, length time.Duration) {
	for i, r := range p.Rules {
		var to []string
		for _, t := range r.Targets {
			form, id := "person:", c.people[t.ID]
			if strings.HasPrefix(t.Type, "schedule") {
				form, id = "schedule:", c.schedules[t.ID]
			}
			if id == "" {
				c.left("escalation policy", p.Name, "its target %s is not carried over", cmp.Or(line(t.Summary), t.ID))
				continue
			}
			to = with(to, form+id)
		}
		if r.Strategy.Type == "round_robin" {
			c.left("escalation policy", p.Name, "rule %d takes its targets in turn: here it pages all of them", i+1)
		}
		switch {
		case len(to) == 0:
		case len(out) == catalog.MaxSteps || length > catalog.MaxStepAt:
			c.left("escalation policy", p.Name, "rule %d is beyond %d steps or %s", i+1, catalog.MaxSteps, catalog.MaxStepAt)
		default:
			out = append(out, escalation.Rise{After: recur.Span{Duration: length}, To: to[:min(len(to), catalog.MaxTargets)]})
		}
		length += time.Duration(r.Delay) * time.Minute
	}
	return out, length
}

// loop repeats the policy as PagerDuty does, rule by rule, as far as a policy
// reaches here. Beyond that everybody is paged again at once, once a pass.
func (c *carrier) loop(e *catalog.Policy, p Policy, length time.Duration) {
	if p.Loops <= 0 || length <= 0 {
		return
	}
	once := e.Steps
	if len(once)*(p.Loops+1) <= catalog.MaxSteps && time.Duration(p.Loops+1)*length <= catalog.MaxStepAt {
		for n := 1; n <= p.Loops; n++ {
			for _, s := range once {
				s.After = recur.Span{Duration: s.After.Elapsed() + time.Duration(n)*length}
				e.Steps = append(e.Steps, s)
			}
		}
		return
	}
	e.Repeat = escalation.Repeat{Every: recur.Span{Duration: min(length, 24*time.Hour)}, Times: min(p.Loops, catalog.MaxRepeats)}
	c.left("escalation policy", p.Name, "%s", fmt.Sprintf("its %d repetitions make more steps than a policy has here: each pages everybody on it at once", p.Loops))
}
