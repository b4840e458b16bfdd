package procedure

import (
	"fmt"
	"slices"
)

func (c *checker) message(path string, r Rule, m Send) {
	c.word(path+".audience", "unknown-audience", "audience", m.Audience, Audiences)
	c.word(path+".status", "unknown-status", "status", m.Status, Statuses)
	c.optional(path+".unless", "unknown-moment", "moment", m.Unless, Moments)
	c.optional(path+".reaches", "unknown-moment", "moment", m.Reaches, Moments)
	if c.p.Insiders(m.Audience) == nil && (m.Audience == "executives" || m.Audience == "stakeholders") {
		c.err("nobody", path+".audience", "Name them under communication.", "rule %q tells %s, and the file names none", r.ID, m.Audience)
	}
	c.text(path+".text", m.Text, usedCustomers)
	c.channels(path+".channels", m.Channels, PublicChannels)
	if len(m.Channels) == 0 {
		c.err("no-channel", path, "List the channels, such as [status_page].", "rule %q sends its message nowhere", r.ID)
	}
	for j, f := range m.Private {
		c.word(fmt.Sprintf("%s.private[%d]", path, j), "unknown-fact", "fact", f, Facts)
	}
	if !m.Draft {
		c.beforeDeclaration(path, r, "customers")
		c.leaks(path, r, "customers")
	}
	if m.Audience == "public" && slices.Contains(m.Channels, "status_page") && !slices.Contains(m.Private, "single_tenant") && !slices.Contains(r.When, "not single_tenant") {
		c.warn("tenant-in-public", path, "Add private: [single_tenant], so that it goes to that customer's own page (reading 17).", "rule %q would show one customer's outage to everybody", r.ID)
	}
}

func (c *checker) task(path string, r Rule, t Assign) {
	if t.Title == "" {
		c.err("no-title", path, "Say in a few words what is to be done.", "rule %q opens a task without a title", r.ID)
	}
	c.target(path+".owner", t.Owner)
	c.optional(path+".per", "unknown-word", "per", t.Per, Pers)
	c.optional(path+".class", "unknown-word", "class", t.Class, Classes)
	if (t.Per == PerStakeholder) != (t.Class != "") {
		c.err("no-class", path, "Say per: stakeholder together with a class of their plans.", "rule %q does not say which stakeholders", r.ID)
	}
	if t.Calls != "" {
		c.text(path+".calls", t.Calls, usedCustomers)
		if t.Per == "" {
			c.err("no-accounts", path+".calls", "Add per, such as vip_account.", "rule %q calls nobody", r.ID)
		}
	}
	c.optional(path+".gate", "unknown-word", "gate", t.Gate, Gates)
	c.optional(path+".until", "unknown-word", "moment", t.Until, Moments)
	c.notNegative(path+".due", t.Due)
	c.warnings(path+".warn_at", t.WarnAt, t.Due)
	for j, to := range t.Overdue {
		c.target(fmt.Sprintf("%s.overdue[%d]", path, j), to)
	}
	switch {
	case t.Due.IsZero():
		if len(t.Overdue) > 0 {
			c.err("unreachable-notice", path+".overdue", "Give the task a due time, or remove overdue.", "rule %q tells of a late task that is never due", r.ID)
		}
	case !r.After.Business() && !t.Due.Business() && t.Due.Elapsed() <= r.After.Elapsed():
		c.err("born-late", path+".due", "Count due from the trigger, like after, and make it longer.", "the task opens at %s and was due at %s", r.After, t.Due)
	}
	if t.Until == "review_signed" {
		c.signs(path, r)
	}
	if t.Gate == "resolve" && slices.Contains(over, r.On) {
		c.err("unreachable-gate", path+".gate", "Open the task earlier, or let it hold up the closing.", "rule %q opens on %s a task that the resolution should wait for", r.ID, r.On)
	}
}

// signs refuses a task that waits for the sign-off of a review that never opens.
func (c *checker) signs(path string, r Rule) {
	for _, s := range Severities {
		if d := c.p.Severities[s.String()].Review; r.Severities.Has(s) && (c.p.Review == nil || d != "required" && d != "optional") {
			c.err("unreachable-review", path+".until", "Name the severities that are reviewed, and write the section review.", "rule %q waits for the sign-off of a review that a %s does not have", r.ID, s)
			return
		}
	}
}

// duties checks the rules as a whole: that what the severities promise is done,
// and that no phase ends after the resolution it leads to.
func (c *checker) duties() {
	for _, s := range Severities {
		if c.p.Severities[s.String()].Review == "required" && !slices.ContainsFunc(c.p.Rules, func(r Rule) bool {
			return r.Task != nil && r.Task.Gate == "close" && r.On == "resolved" && r.Severities.Has(s)
		}) {
			c.warn("no-review", join(join("severities", s.String()), "review"), "Add a task on resolved with gate: close.", "%s needs a review, and nothing holds up the closing until it is done", s)
		}
	}
	if c.p.Suspicion.DeclareAfter.IsZero() {
		c.warn("no-suspicion", "suspicion.declare_after", "Allow a few minutes, such as 8m, to confirm or dismiss.", "every suspicion becomes an incident at once")
	}
	if c.p.Suspicion.DeclareAfter.Business() {
		c.err("chain-business-time", "suspicion.declare_after", "Use elapsed time, such as 8m.", "a suspicion waits for the office to open")
	}
	c.phases()
}

// phases finds phases whose every task is due after the incident is to be
// resolved.
func (c *checker) phases() {
	seen := map[string]bool{}
	for i, r := range c.p.Rules {
		if r.Task == nil || r.Phase == "" || seen[r.Phase] {
			continue
		}
		seen[r.Phase] = true
		for _, s := range Severities {
			c.phase(i, s)
		}
	}
}

func (c *checker) phase(i int, s Severity) {
	phase := c.p.Rules[i].Phase
	k, ok := c.p.Clock("resolution")
	limit, has := k.By[s.String()]
	if !ok || !has || limit.Within.Business() {
		return
	}
	var tasks int
	for _, r := range c.p.Rules {
		if r.Task == nil || r.Phase != phase || !r.Severities.Has(s) {
			continue
		}
		due := r.Task.Due
		if r.On != "opened" && r.On != "declared" || due.IsZero() || due.Business() || !Longer(due, limit.Within) {
			return
		}
		tasks++
	}
	if tasks > 0 {
		c.warn("late-phase", fmt.Sprintf("rules[%d].task.due", i), "Keep it as a latest end for guidance, or shorten it: the resolution clock counts.", "phase %s of a %s ends at %s, after the resolution at %s", phase, s, c.p.Rules[i].Task.Due, limit.Within)
	}
}
