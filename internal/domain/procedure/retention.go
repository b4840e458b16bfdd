package procedure

import (
	"time"

	"allclear/internal/base/recur"
)

// Retention says when an account is at risk of leaving, and who plans to keep it
// (DRB-BCP-RETAIN).
type Retention struct {
	Clauses   []string   `yaml:"clauses" json:"clauses,omitempty"`
	Incidents int        `yaml:"incidents" json:"incidents"` // so many that touched it ...
	Within    recur.Span `yaml:"within" json:"within"`       // ... in this time, elapsed
	Score     int        `yaml:"score" json:"score"`         // or a score of so much, of 100
	Due       recur.Span `yaml:"due" json:"due"`             // the plan, after the account is found at risk
	Else      string     `yaml:"else" json:"else"`           // target: plans where a customer has no account manager
}

// retention checks the section; a procedure without one finds nobody at risk.
func (c *checker) retention() {
	r := c.p.Retention
	if r == nil {
		return
	}
	c.clauses("retention.clauses", r.Clauses)
	if r.Incidents < 1 || r.Score < 1 || r.Score > 100 {
		c.err("bad-number", "retention", "Say incidents: 3 and score: 60, for example.", "nobody or everybody is at risk by %d incidents or a score of %d", r.Incidents, r.Score)
	}
	if e := r.Within.Elapsed(); r.Within.Business() || e < 24*time.Hour || e > maxEvery {
		c.err("bad-span", "retention.within", "Count elapsed time from 1d to 400d, such as 30d.", "incidents cannot be counted over %q", r.Within)
	}
	if r.Due.IsZero() {
		c.err("bad-span", "retention.due", "Allow some days, such as 5bd.", "the plan is due at once")
	}
	c.target("retention.else", r.Else)
}

func (w *page) retention(p *Procedure) {
	r := p.Retention
	if r == nil {
		return
	}
	w.heading("Accounts at risk")
	w.line("%d incidents in %s, or a score of %d. The account manager, otherwise %s, plans within %s. %s", r.Incidents, short(r.Within), r.Score, r.Else, short(r.Due), r.Clauses)
}
