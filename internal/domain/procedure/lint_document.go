package procedure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"allclear/internal/base/recur"
)

// document checks the control sheet and the business hours.
func (c *checker) document() {
	d := c.p.Document
	if c.p.Name == "" {
		c.err("no-id", "name", "Give the procedure a short name.", "the procedure has no name")
	}
	if d.ApprovedBy == "" || d.ApprovalStatus != "approved" {
		c.warn("not-approved", "document.approval_status", "Have it reviewed and approved before it is activated (DOC-APPROVAL).", "the procedure is not approved")
	}
	c.reviewDate(d)
	if strings.Contains(d.Owner, ":") {
		c.target("document.owner", d.Owner)
	} else if d.Owner == "" {
		c.warn("no-owner", "document.owner", "Name the role that reminders of reviews go to, such as role:document-owner.", "the procedure has no owner")
	}
	c.communication()
	for i, t := range d.Distribution {
		c.target(fmt.Sprintf("document.distribution[%d]", i), t)
	}
	switch h := c.p.BusinessHours; {
	case h == nil:
		c.warn("no-business-hours", "business_hours", "Set time_zone, days, start, end and holidays of your company; until then Monday to Friday, 09:00-17:00 UTC is used (reading 8).", "business hours are not set, so P3 and P4 clocks run on a guess")
	case len(h.Holidays) == 0:
		c.warn("no-holidays", "business_hours.holidays", "List them as dates, such as 2026-12-25, or leave it empty when there are none.", "no holidays are listed: P3 and P4 clocks run on every working day of the week")
	}
}

func (c *checker) reviewDate(d Document) {
	if d.NextReview == "" {
		c.warn("no-review-date", "document.next_review", "Set the date of the next review, such as 2026-04-01 (DOC-REVIEW).", "no review of the procedure is planned")
		return
	}
	next, err := recur.ParseDate(d.NextReview)
	if err != nil {
		c.err("bad-date", "document.next_review", "Write the date as YYYY-MM-DD.", "%q is not a date", d.NextReview)
		return
	}
	if c.around.Today.IsZero() {
		return
	}
	today := recur.DateOf(c.around.Today, c.p.Calendar().Location)
	if next.Number() < today.Number() {
		c.warn("review-overdue", "document.next_review", "Review the procedure, then set the next date.", "the review was due on %s", d.NextReview)
	}
}

// severities checks definitions, scenarios, the matrix and the hints.
func (c *checker) severities() {
	severityKeys(c, "severities", c.p.Severities)
	seen := map[string]bool{}
	for _, s := range Severities {
		path := join("severities", s.String())
		def, ok := c.p.Severities[s.String()]
		if !ok {
			c.err("no-severity", "severities", "Define P1, P2, P3 and P4.", "%s is not defined", s)
			continue
		}
		c.word(path+".review", "unknown-word", "review", def.Review, Reviews)
		c.word(path+".war_room", "unknown-word", "war_room", def.WarRoom, WarRooms)
		c.word(path+".impact", "unknown-word", "impact", def.Impact, Impacts)
		c.clause(path+".clause", def.Clause)
		for i, sc := range def.Scenarios {
			c.scenario(fmt.Sprintf("%s.scenarios[%d]", path, i), sc, seen)
		}
	}
	c.matrix()
	for _, w := range slices.Sorted(maps.Keys(c.p.Hints)) {
		if h := c.p.Hints[w]; h.Critical == 0 || h.Other == 0 {
			c.err("half-hint", join("hints", w), "Set both critical_function and other.", "the hint for %q leaves a severity open", w)
		}
	}
}

func (c *checker) scenario(path string, s Scenario, seen map[string]bool) {
	if s.ID == "" {
		c.err("no-id", path, "Give it a short id of its own.", "a scenario has no id")
	} else if seen[s.ID] {
		c.err("duplicate-id", path+".id", "Rename one of the two; a scenario belongs to one severity.", "scenario %q stands twice", s.ID)
	}
	seen[s.ID] = true
	c.clause(path+".clause", s.Clause)
	for i, f := range s.Flags {
		c.word(fmt.Sprintf("%s.flags[%d]", path, i), "unknown-flag", "flag", f, Flags)
	}
}

func (c *checker) matrix() {
	m := c.p.Matrix
	for _, i := range m.Impact {
		for _, u := range m.Urgency {
			if m.Cells[i][u] == 0 {
				c.err("matrix-gap", join("matrix.cells", i), "Give every pair of impact and urgency a severity.", "the matrix has no severity for impact %q and urgency %q", i, u)
			}
		}
	}
	for _, i := range slices.Sorted(maps.Keys(m.Cells)) {
		if !slices.Contains(m.Impact, i) {
			c.err("unknown-word", join("matrix.cells", i), "List it under matrix.impact, or remove the row.", "impact %q is not listed%s", i, suggestion(i, m.Impact))
		}
		for _, u := range slices.Sorted(maps.Keys(m.Cells[i])) {
			if !slices.Contains(m.Urgency, u) {
				c.err("unknown-word", join(join("matrix.cells", i), u), "List it under matrix.urgency, or remove it.", "urgency %q is not listed%s", u, suggestion(u, m.Urgency))
			}
		}
	}
}

// figures checks the KPI definitions.
func (c *checker) figures() {
	ids := make([]string, len(c.p.KPIs))
	for i, k := range c.p.KPIs {
		ids[i] = k.ID
		path := fmt.Sprintf("kpis[%d]", i)
		c.word(path+".better", "unknown-word", "better", k.Better, Betters)
		c.clause(path+".clause", k.Clause)
		if (k.From == "") != (k.To == "") {
			c.err("half-span", path, "Set both from and to, or neither.", "figure %q has one end of its span", k.ID)
		}
		if k.Method == "" {
			c.warn("no-method", path, "Say in a sentence how it is computed: it stands beside the number.", "figure %q does not say how it is computed", k.ID)
		}
	}
	c.twice("kpis", "figure", ids, ".id")
}
