package procedure

import (
	"fmt"
	"slices"
	"strings"
)

// chain checks the steps of the escalation chain.
func (c *checker) chain() {
	ch := c.p.Chain
	c.text("chain.text", ch.Text, usedPage)
	c.text("chain.notice_text", ch.NoticeText, usedNotice)
	if len(ch.Steps) == 0 {
		c.err("no-chain", "chain", "Add at least one step, such as schedule:primary after 0m.", "nobody is ever paged")
		return
	}
	if ch.RepeatEvery.IsZero() {
		c.warn("no-repeat", "chain.repeat_every", "Set how often everyone is paged again, such as 10m.", "after the last step an unacknowledged incident pages nobody any more")
	}
	if ch.RepeatEvery.Business() {
		c.err("chain-business-time", "chain.repeat_every", "Use elapsed time, such as 10m: a page does not wait for the office to open.", "the chain repeats in business time")
	}
	if ch.AckExpires.Business() {
		c.err("chain-business-time", "chain.ack_expires", "Use elapsed time, such as 30m.", "an acknowledgement expires in business time")
	}
	c.notNegative("chain.ack_expires", ch.AckExpires)
	for i, s := range ch.Steps {
		c.step(i, s)
	}
	for _, s := range Severities {
		if s.Pages() && !slices.ContainsFunc(ch.Steps, func(st Step) bool { _, ok := st.By[s.String()]; return ok }) {
			c.err("no-chain", "chain.steps", fmt.Sprintf("Give at least one step a row for %s.", s), "nobody is paged for a %s", s)
		}
	}
}

func (c *checker) step(i int, s Step) {
	path := fmt.Sprintf("chain.steps[%d]", i)
	c.clause(path+".clause", s.Clause)
	c.target(path+".target", s.Target)
	c.notNegative(path+".after", s.After)
	if strings.HasPrefix(s.Target, "chat:") {
		c.err("mixed-tracks", path+".target", "Page people; tell a chat channel by a rule with a notice.", "a chat channel cannot acknowledge a page")
	}
	if s.After.Business() {
		c.err("chain-business-time", path+".after", "Use elapsed time, such as 20m: a page does not wait for the office to open.", "step %d counts in business time", i+1)
	}
	if i == 0 && !s.After.IsZero() {
		c.warn("late-start", path+".after", "Page the first step after 0m.", "nobody is paged for the first %s", s.After)
	}
	if i > 0 && !Longer(s.After, c.p.Chain.Steps[i-1].After) {
		c.err("chain-order", path+".after", "Write the steps in rising order of time.", "step %d comes at %s, not after step %d at %s", i+1, s.After, i, c.p.Chain.Steps[i-1].After)
	}
	known := severityKeys(c, path+".by", s.By)
	if len(known) == 0 {
		c.err("unreachable-step", path, "Say for which severities it pages, under by.", "step %d has no severity and never pages", i+1)
	}
	for _, sev := range known {
		c.stepRule(i, sev, s.By[sev.String()])
	}
}

func (c *checker) stepRule(i int, s Severity, r StepRule) {
	path := fmt.Sprintf("chain.steps[%d].by.%s", i, s)
	c.word(path+".while", "unknown-condition", "condition", string(r.While), Conditions)
	c.optional(path+".else", "unknown-word", "else", r.Else, Elses)
	step := c.p.Chain.Steps[i]
	switch {
	case !s.Pages():
		c.err("unreachable-step", path, "Only P1 and P2 page (reading 4): remove the row, or raise the incident.", "step %d names %s, which never pages", i+1, s)
	case r.While == Undeclared && !Longer(c.p.Suspicion.DeclareAfter, step.After):
		c.err("unreachable-step", path+".while", "Use unacknowledged or unresolved.", "step %d pages while undeclared, but every suspicion is declared after %s", i+1, c.p.Suspicion.DeclareAfter)
	case r.While == Always && r.Else != "":
		c.warn("unreachable-notice", path+".else", "Remove else, or use another condition.", "step %d always pages, so its notice never comes", i+1)
	}
	for j, earlier := range c.p.Chain.Steps[:i] {
		before, also := earlier.By[s.String()]
		if also && earlier.Target == step.Target && (before.While == Always || before.While == r.While) {
			c.warn("unreachable-step", path, "Name somebody else, or remove the step: the repetition pages everyone again anyway.", "step %d asks %s for a %s, whom step %d has paged already", i+1, step.Target, s, j+1)
		}
	}
}

// chainAgainstClocks finds clocks that the chain cannot help to meet: the
// second person is asked only when the time is over.
func (c *checker) chainAgainstClocks() {
	for _, k := range c.p.Clocks {
		if k.Until != "acknowledged" {
			continue
		}
		for _, s := range Severities {
			if t, ok := k.By[s.String()]; ok && s.Pages() && !t.Within.Business() {
				c.chainAgainst(k, s, t)
			}
		}
	}
}

func (c *checker) chainAgainst(k Clock, s Severity, t Target) {
	asked := 0
	for i, step := range c.p.Chain.Steps {
		if _, ok := step.By[s.String()]; !ok {
			continue
		}
		asked++
		late := step.After.Elapsed() >= t.Within.Elapsed()
		switch {
		case asked == 1 && late:
			c.warn("chain-late", fmt.Sprintf("chain.steps[%d].after", i), "Page the first step at once.", "%s of %s is due at %s, before anybody is paged at %s", k.ID, s, t.Within, step.After)
			return
		case asked == 2:
			if late {
				c.warn("chain-late", fmt.Sprintf("chain.steps[%d].after", i), "Page the second step earlier, allow more time, or accept that only the first person can keep it.", "%s of %s is due at %s, but %s is paged at %s: only step 1 can keep it", k.ID, s, t.Within, step.Target, step.After)
			}
			return
		}
	}
}

// levels checks the escalation matrix, and that everyone on the chain has a
// response time.
func (c *checker) levels() {
	seen := map[int]bool{}
	for i, l := range c.p.Levels {
		path := fmt.Sprintf("levels[%d]", i)
		if seen[l.Level] || l.Level < 1 {
			c.err("duplicate-id", path+".level", "Number the levels 1, 2, 3.", "level %d stands twice or is no level", l.Level)
		}
		seen[l.Level] = true
		c.clause(path+".clause", l.Clause)
		for j, m := range l.Members {
			c.target(fmt.Sprintf("%s.members[%d]", path, j), m)
		}
		for _, s := range severityKeys(c, path+".response", l.Response) {
			here := join(path+".response", s.String())
			c.notNegative(here, l.Response[s.String()])
			if l.Response[s.String()].IsZero() {
				c.err("no-time", here, "Set the time a person of the level has, such as 5m.", "level %d must answer a %s at once", l.Level, s)
			}
		}
	}
	for i, step := range c.p.Chain.Steps {
		for s := range step.By {
			if !slices.ContainsFunc(c.p.Levels, func(l Level) bool { _, ok := l.Response[s]; return ok && slices.Contains(l.Members, step.Target) }) {
				c.warn("no-response-time", fmt.Sprintf("chain.steps[%d].target", i), "Make it a member of a level that has a response time.", "%s is paged for %s and has no response time under levels", step.Target, s)
			}
		}
	}
}

// paging checks the channels and the way out when nothing can be delivered.
func (c *checker) paging() {
	g := c.p.Paging
	c.channels("paging.channels", g.Channels, PersonChannels)
	c.channels("paging.notices", g.Notices, PersonChannels)
	if len(g.Channels) == 0 {
		c.err("no-channel", "paging.channels", "List the channels of a page in order, such as [sms, voice, email].", "a page has no channel")
	}
	if slices.Contains(g.Channels, "queue") {
		c.err("mixed-tracks", "paging.channels", "Leave queue to quiet notices.", "queue is silent and cannot carry a page")
	}
	if len(g.Notices) == 0 {
		c.err("no-channel", "paging.notices", "List the channels of a notice, such as [email].", "a notice has no channel")
	}
	if g.Fallback == "" {
		c.err("no-fallback", "paging.fallback", "Name who is paged when something cannot be delivered.", "what cannot be delivered ends with nobody")
	} else {
		c.target("paging.fallback", g.Fallback)
	}
	c.text("paging.fallback_text", g.FallbackText, usedPage)
	c.text("paging.level_text", g.LevelText, usedNotice)
	c.text("paging.overdue_text", g.OverdueText, usedNotice)
}

// channels warns of channels no built-in plug-in serves; there may be others.
func (c *checker) channels(path string, list, known []string) {
	for i, ch := range list {
		if !slices.Contains(known, ch) {
			c.warn("unknown-channel", fmt.Sprintf("%s[%d]", path, i), "Built in are "+strings.Join(known, ", ")+"; anything else needs a plug-in of that name.", "channel %q is not built in%s", ch, suggestion(ch, known))
		}
		if slices.Contains(list[:i], ch) {
			c.err("duplicate-id", fmt.Sprintf("%s[%d]", path, i), "List each channel once.", "channel %q stands twice", ch)
		}
	}
}
