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

// maxEvery bounds how far apart health checks may be.
const maxEvery = 400 * 24 * time.Hour

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
	h := p.HealthChecks
	if h == nil {
		return
	}
	w.heading("Health checks of customers")
	w.line("Every %s of: %s. %s", short(h.Every), strings.Join(h.Of, ", "), h.Clauses)
	w.line("The account manager, otherwise %s, is asked %s before it is due. When it is late, %s is told.", h.Else, short(h.Ask), h.Late)
}
