package procedure

import (
	"fmt"
	"slices"
	"strings"
)

// rule checks one rule.
func (c *checker) rule(i int) {
	r := c.p.Rules[i]
	path := fmt.Sprintf("rules[%d]", i)
	switch {
	case r.ID == "":
		c.err("no-id", path, "Give it a short id of its own: an incident remembers by it that the rule has run.", "the rule has no id")
	case c.rules[r.ID]:
		c.err("duplicate-id", path+".id", "Rename one of the two: the second would never run.", "rule %q stands twice", r.ID)
	}
	c.rules[r.ID] = true
	c.clauses(path+".clauses", r.Clauses)
	c.word(path+".on", "unknown-trigger", "trigger", r.On, Triggers)
	c.optional(path+".while", "unknown-condition", "condition", string(r.While), Conditions)
	c.notNegative(path+".after", r.After)
	c.notNegative(path+".every", r.Every)
	c.optional(path+".anew", "unknown-word", "entry", r.Anew, Anews)
	if r.Anew != "" && r.Every.IsZero() {
		c.err("endless", path+".anew", "Add every, or remove anew.", "rule %q does not repeat, so nothing is counted anew", r.ID)
	}
	c.optional(path+".sets", "unknown-fact", "fact", r.Sets, Settable)
	for j, w := range r.When {
		name, _ := cutNot(w)
		c.word(fmt.Sprintf("%s.when[%d]", path, j), "unknown-fact", "fact", name, Facts)
	}
	c.repetition(path, r)
	c.never(path, r)
	c.ruleClock(path, r)
	c.action(path, r)
}

// action checks that the rule does exactly one thing, and that.
func (c *checker) action(path string, r Rule) {
	switch n := r.actions(); {
	case n == 0:
		c.err("no-action", path, "Add one of notice, page, message, task or note.", "rule %q does nothing", r.ID)
	case n > 1:
		c.err("many-actions", path, "Make a rule of each.", "rule %q does %d things", r.ID, n)
	}
	switch {
	case r.Notice != nil:
		c.notice(path+".notice", r, *r.Notice)
	case r.Page != nil:
		c.page(path+".page", r, *r.Page)
	case r.Message != nil:
		c.message(path+".message", r, *r.Message)
	case r.Task != nil:
		c.task(path+".task", r, *r.Task)
	}
}

func (r Rule) actions() (n int) {
	for _, set := range []bool{r.Notice != nil, r.Page != nil, r.Message != nil, r.Task != nil, r.Note != ""} {
		if set {
			n++
		}
	}
	return n
}

func (c *checker) repetition(path string, r Rule) {
	if r.Every.IsZero() {
		return
	}
	if r.While == "" || r.While == Always {
		c.err("endless", path+".every", "Add while: unresolved, or remove every.", "rule %q repeats for ever", r.ID)
	}
	if Repeatable(r.On) {
		c.warn("endless", path+".every", "Remove every: the rule runs each time anyway.", "rule %q repeats, and starts anew with each %s", r.ID, r.On)
	}
}

// over are the triggers after which an incident is no longer open.
var over = []string{"resolved", "closed", "dismissed"}

// never finds rules whose conditions exclude each other.
func (c *checker) never(path string, r Rule) {
	const help = "Change the trigger or the condition; as it stands the rule never runs."
	if slices.Contains(over, r.On) && r.While != "" && r.While != Always {
		c.err("unreachable-rule", path+".while", help, "rule %q runs on %s, when nothing is %s any more", r.ID, r.On, r.While)
	}
	if r.While == Undeclared && (r.On == "declared" || slices.Contains(r.When, "declared")) {
		c.err("unreachable-rule", path+".while", help, "rule %q asks for a declaration and for none", r.ID)
	}
	if r.While == Undeclared && r.On == "opened" && !Longer(c.p.Suspicion.DeclareAfter, r.After) && r.pagingOnly() {
		c.err("unreachable-rule", path+".after", help, "rule %q waits for %s, but every suspicion is declared after %s", r.ID, r.After, c.p.Suspicion.DeclareAfter)
	}
	if r.While == Unacknowledged && r.On == "acknowledged" {
		c.err("unreachable-rule", path+".while", help, "rule %q runs once acknowledged, when nothing is unacknowledged", r.ID)
	}
	if r.On == "dismissed" && slices.Contains(r.When, "declared") {
		c.err("unreachable-rule", path+".when", help, "rule %q runs on dismissed, and only a suspicion can be dismissed", r.ID)
	}
	if r.On == "declared" && slices.Contains(r.When, "not declared") {
		c.err("unreachable-rule", path+".when", help, "rule %q runs on declared, when everything is", r.ID)
	}
	for j, w := range r.When {
		name, not := cutNot(w)
		if !not && slices.Contains(r.When, "not "+name) {
			c.err("unreachable-rule", fmt.Sprintf("%s.when[%d]", path, j), help, "rule %q asks for %s and for its opposite", r.ID, name)
		}
	}
}

// pagingOnly reports whether only severities that declare themselves are meant.
func (r Rule) pagingOnly() bool {
	return len(r.Severities) > 0 && !slices.ContainsFunc(r.Severities, func(s Severity) bool { return !s.Pages() })
}

// ruleClock checks the clock a rule on warned or breached names.
func (c *checker) ruleClock(path string, r Rule) {
	onClock := r.On == "warned" || r.On == "breached"
	if r.Clock == "" {
		return
	}
	if !onClock {
		c.err("useless-clock", path+".clock", "Remove it, or hang the rule on warned or breached.", "rule %q names a clock but runs on %s", r.ID, r.On)
	}
	if r.Clock == levelResponse {
		return
	}
	k, ok := c.p.Clock(r.Clock)
	if !ok {
		ids := []string{levelResponse}
		for _, k := range c.p.Clocks {
			ids = append(ids, k.ID)
		}
		c.word(path+".clock", "unknown-clock", "clock", r.Clock, ids)
		return
	}
	if !slices.ContainsFunc(Severities[:], func(s Severity) bool { _, has := k.By[s.String()]; return has && r.Severities.Has(s) }) {
		c.err("unreachable-rule", path+".severities", "Name a severity that the clock has a time for.", "rule %q waits for clock %q, which has no time for its severities", r.ID, r.Clock)
	}
}

func (c *checker) notice(path string, r Rule, t Tell) {
	c.tell(path, t, usedNotice)
	if t.Answer != "" {
		c.err("mixed-tracks", path+".answer", "Make it a page, or remove answer: a notice asks for nothing (reading 12).", "rule %q is a notice and asks for an answer", r.ID)
	}
	if slices.Equal(t.Channels, []string{"voice"}) {
		c.warn("mixed-tracks", path+".channels", "Make it a page, or add a channel that can be read later.", "rule %q rings people up for a notice", r.ID)
	}
	for _, to := range t.To {
		if strings.HasPrefix(to, "chat:") {
			c.beforeDeclaration(path, r, "a chat channel")
			c.leaks(path, r, "a chat channel")
			break
		}
	}
}

func (c *checker) page(path string, r Rule, t Tell) {
	c.tell(path, t, usedPage)
	c.optional(path+".answer", "unknown-word", "answer", t.Answer, Answers)
	for j, to := range t.To {
		if strings.HasPrefix(to, "chat:") {
			c.err("mixed-tracks", fmt.Sprintf("%s.to[%d]", path, j), "Page people; tell a chat channel by a notice.", "rule %q pages a chat channel, which cannot answer", r.ID)
		}
	}
	if slices.Contains(t.Channels, "queue") {
		c.err("mixed-tracks", path+".channels", "Leave queue to quiet notices.", "rule %q pages into a silent queue", r.ID)
	}
	if t.Reaches != "" {
		c.warn("mixed-tracks", path+".reaches", "Let a notice reach the moment: telling is what it stands for (reading 12).", "rule %q reaches %s by a page, which asks for an answer", r.ID, t.Reaches)
	}
	if len(r.Severities) > 0 && !slices.ContainsFunc(r.Severities, Severity.Pages) {
		c.err("mixed-tracks", path, "Make it a notice: P3 and P4 never page (reading 4).", "rule %q pages for severities that never page", r.ID)
	}
	if t.Answer == "join" && slices.ContainsFunc(t.To, func(to string) bool { return strings.HasPrefix(to, "team:") }) {
		c.beforeDeclaration(path, r, "whole teams")
		c.leaks(path, r, "whole teams")
	}
}

func (c *checker) tell(path string, t Tell, as use) {
	if len(t.To) == 0 {
		c.err("nobody", path+".to", "Name at least one target, such as schedule:primary.", "it is addressed to nobody")
	}
	for j, to := range t.To {
		here := fmt.Sprintf("%s.to[%d]", path, j)
		c.target(here, to)
		if slices.Contains(t.To[:j], to) {
			c.warn("duplicate-target", here, "Name each target once.", "%s stands twice", to)
		}
	}
	c.text(path+".text", t.Text, as)
	c.channels(path+".channels", t.Channels, PersonChannels)
	c.optional(path+".reaches", "unknown-moment", "moment", t.Reaches, Moments)
}

// beforeDeclaration warns of what leaves the on-call circle on mere suspicion
// (reading 3).
func (c *checker) beforeDeclaration(path string, r Rule, who string) {
	if slices.Contains(r.When, "declared") || slices.Contains([]string{"declared", "mitigated", "closed"}, r.On) || !r.Severities.Has(P1) && !r.Severities.Has(P2) {
		return
	}
	if r.On == "monitoring" || r.On == "escalated" || r.On == "called" || r.On == "mentioned" {
		return // only a declared incident is monitored; an escalation, a call or what the public says comes from outside
	}
	c.warn("before-declaration", path, "Hang it on declared, or add declared under when (reading 3).", "rule %q tells %s of a suspicion that may be a false alarm", r.ID, who)
}

// leaks warns of what a restricted incident would tell by itself (reading 18).
func (c *checker) leaks(path string, r Rule, who string) {
	if !slices.Contains(r.When, "not restricted") && !slices.Contains(r.When, "restricted") {
		c.warn("restricted-leak", path, "Add not restricted under when (reading 18).", "rule %q tells %s of a restricted incident", r.ID, who)
	}
}
