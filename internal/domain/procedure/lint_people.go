package procedure

import (
	"fmt"
	"strings"

	"allclear/internal/domain/oncall"
)

// people holds the procedure against the catalogue, as far as it is given:
// whether everyone it names exists and can be reached at any hour.
func (c *checker) people() {
	if c.around.Schedules != nil {
		for i, id := range c.p.Schedules {
			c.rotation(fmt.Sprintf("schedules[%d]", i), id)
		}
		c.samePair()
	}
	if c.around.Holders != nil {
		for i, r := range c.p.Roles {
			if c.around.Holders[r.ID] == 0 {
				c.missing(fmt.Sprintf("roles[%d].id", i), "role-without-holder", "role:"+r.ID, "Give the role to a person in the catalogue.", "nobody holds the role %q", r.ID)
			}
		}
		if len(c.p.Areas) > 0 && c.around.Holders[managerRole] == 0 {
			c.missing("areas", "role-without-holder", "manager:area", "Give the role engineering-manager to a person of each area.", "no area has an engineering manager")
		}
	}
	if c.around.Members != nil {
		for i, t := range c.p.Teams {
			if c.around.Members[t] == 0 {
				c.missing(fmt.Sprintf("teams[%d]", i), "empty-team", "team:"+t, "Add members in the catalogue.", "team %q has no members", t)
			}
		}
	}
}

// missing is an error when the chain or the fallback depends on it: a page
// would reach nobody.
func (c *checker) missing(path, code, target, help, format string, args ...any) {
	if c.depends(target) {
		c.err(code, path, help, format+", and pages depend on it", args...)
		return
	}
	c.warn(code, path, help, format, args...)
}

// depends reports whether the chain, the fallback or a page names the target.
func (c *checker) depends(target string) bool {
	same := func(t string) bool {
		return t == target || target == "manager:area" && strings.HasPrefix(t, "manager:")
	}
	if same(c.p.Paging.Fallback) {
		return true
	}
	for _, s := range c.p.Chain.Steps {
		if same(s.Target) {
			return true
		}
	}
	for _, r := range c.p.Rules {
		if r.Page == nil {
			continue
		}
		for _, to := range r.Page.To {
			if same(to) {
				return true
			}
		}
	}
	return false
}

// rotation checks that somebody is on call now and for two weeks.
func (c *checker) rotation(path, id string) {
	target := "schedule:" + id
	s := c.around.Schedules[id]
	if s == nil {
		c.missing(path, "no-rotation", target, "Add the schedule with allclear apply.", "the catalogue has no schedule %q", id)
		return
	}
	if len(s.Layers) == 0 && len(s.Overrides) == 0 {
		c.missing(path, "empty-rotation", target, "Add a layer with members.", "schedule %q has nobody in it", id)
		return
	}
	if c.around.Today.IsZero() {
		return
	}
	if gaps := s.Gaps(c.around.Today, c.around.Today.Add(rotationAhead)); len(gaps) > 0 {
		c.missing(path, "rotation-gap", target, "Close the gap with a layer underneath or an override.", "nobody is on call on schedule %q from %s to %s", id, gaps[0].Start.Format("2006-01-02 15:04"), gaps[0].End.Format("2006-01-02 15:04 MST"))
	}
}

// samePair warns when the second step of the chain asks the first person again
// (ESC-L1-SECONDARY).
func (c *checker) samePair() {
	if len(c.p.Chain.Steps) < 2 || c.around.Today.IsZero() {
		return
	}
	one, ok1 := strings.CutPrefix(c.p.Chain.Steps[0].Target, "schedule:")
	two, ok2 := strings.CutPrefix(c.p.Chain.Steps[1].Target, "schedule:")
	a, b := c.around.Schedules[one], c.around.Schedules[two]
	if !ok1 || !ok2 || a == nil || b == nil {
		return
	}
	if same := oncall.Same(a, b, c.around.Today, c.around.Today.Add(rotationAhead)); len(same) > 0 {
		c.warn("same-person-twice", "chain.steps[1].target", "Let the two rotations take people in a different order.", "%s is on call on %q and on %q from %s", same[0].Person, one, two, same[0].Start.Format("2006-01-02 15:04 MST"))
	}
}
