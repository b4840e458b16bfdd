package procedure

import (
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/recur"
)

// HealthChecks says which customers are looked at regularly (CRI-CS-HEALTH).
type HealthChecks struct {
	Clauses []string   `yaml:"clauses" json:"clauses,omitempty"`
	Of      []string   `yaml:"of" json:"of"`       // sorts of customers
	Every   recur.Span `yaml:"every" json:"every"` // from one check to the next, elapsed
	Ask     recur.Span `yaml:"ask" json:"ask"`     // so long before it is due, who looks after the customer is asked
	Else    string     `yaml:"else" json:"else"`   // target: asked where a customer has no account manager
	Late    string     `yaml:"late" json:"late"`   // target: told when nobody has made it by then
}

const maxEvery = 400 * 24 * time.Hour // most between health checks

// healthChecks checks the section; a procedure without one asks for no checks.
func (c *checker) healthChecks() {
	h := c.p.HealthChecks
	if h == nil {
		return
	}
	c.clauses("health_checks.clauses", h.Clauses)
	for i, of := range h.Of {
		c.word(fmt.Sprintf("health_checks.of[%d]", i), "unknown-word", "sort of customer", of, TicketAccounts)
	}
	if len(h.Of) == 0 {
		c.warn("nobody", "health_checks.of", "Name sorts of customers: "+strings.Join(TicketAccounts, ", ")+".", "no customer is looked at")
	}
	if e := h.Every.Elapsed(); h.Every.Business() || e < 24*time.Hour || e > maxEvery {
		c.err("bad-span", "health_checks.every", "Count elapsed time from 1d to 400d, such as 30d.", "health checks cannot be %q apart", h.Every)
	}
	if h.Ask.Business() || h.Ask.Elapsed() < 0 || h.Ask.Elapsed() >= h.Every.Elapsed() {
		c.err("bad-span", "health_checks.ask", "Count elapsed time that is shorter than every, such as 7d.", "nobody can be asked %q before a check is due", h.Ask)
	}
	c.target("health_checks.else", h.Else)
	c.target("health_checks.late", h.Late)
}

func (w *page) healthChecks(p *Procedure) {
	if h := p.HealthChecks; h != nil {
		w.heading("Health checks of customers")
		w.line("Every %s of: %s. %s", short(h.Every), strings.Join(h.Of, ", "), h.Clauses)
		w.line("The account manager, otherwise %s, is asked %s before it is due. When it is late, %s is told.", h.Else, short(h.Ask), h.Late)
	}
	if r := p.Retention; r != nil {
		w.heading("Accounts at risk")
		w.line("%d incidents in %s, or a score of %d. The account manager, otherwise %s, plans within %s. %s", r.Incidents, short(r.Within), r.Score, r.Else, short(r.Due), r.Clauses)
	}
}

// Retention says when an account is at risk, and who plans to keep it (DRB-BCP-RETAIN).
type Retention struct {
	Clauses   []string   `yaml:"clauses" json:"clauses,omitempty"`
	Incidents int        `yaml:"incidents" json:"incidents"` // so many that touched it ...
	Within    recur.Span `yaml:"within" json:"within"`       // ... in this time, elapsed
	Score     int        `yaml:"score" json:"score"`         // or a score of so much, of 100
	Due       recur.Span `yaml:"due" json:"due"`             // the plan, after the account is found at risk
	Else      string     `yaml:"else" json:"else"`           // target: plans where a customer has no account manager
}

func (c *checker) retention() {
	r := c.p.Retention
	if r == nil {
		return
	}
	c.clauses("retention.clauses", r.Clauses)
	c.target("retention.else", r.Else)
	if e := r.Within.Elapsed(); r.Within.Business() || e < 24*time.Hour || e > maxEvery || r.Incidents < 1 || r.Score < 1 || r.Score > 100 || r.Due.IsZero() {
		c.err("bad-number", "retention", "Say incidents: 3, within: 30d, score: 60 and due: 5bd, for example.", "nobody or everybody is at risk by %d incidents in %q or a score of %d", r.Incidents, r.Within, r.Score)
	}
}
