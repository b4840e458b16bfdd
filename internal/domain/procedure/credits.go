package procedure

import "fmt"

// Credits say what a month below the promised availability is worth to a customer,
// and whose word an amount needs that no formula gives (FUP-CR-*, readings 21 and
// 22). Nothing is processed by a schedule that nobody has confirmed.
type Credits struct {
	Clauses   []string         `yaml:"clauses" json:"clauses,omitempty"`
	Outages   Outages          `yaml:"outages" json:"outages"`
	Schedules []CreditSchedule `yaml:"schedules" json:"schedules"` // the first is that of contracts that name none
	Approval  CreditApproval   `yaml:"approval" json:"approval"`
	Text      string           `yaml:"text" json:"text"` // to a customer who receives a credit
}

// AccountManager is the target of a rule on credits that stands for who looks after
// the customer.
const AccountManager = "account_manager"

// Outages say which incidents take a product away, unless a person says otherwise.
// Others are a degradation, which counts where a contract says so.
type Outages struct {
	Severities Set      `yaml:"severities" json:"severities,omitempty"` // by the highest severity held
	Scenarios  []string `yaml:"scenarios" json:"scenarios,omitempty"`   // at any severity
	Never      []string `yaml:"never" json:"never,omitempty"`           // scenarios in which nothing was away
}

// CreditSchedule turns a month's availability into a share of its fee.
type CreditSchedule struct {
	ID        string       `yaml:"id" json:"id"`
	Confirmed bool         `yaml:"confirmed" json:"confirmed,omitempty"`
	Bands     []CreditBand `yaml:"bands" json:"bands"`
	Cap       float64      `yaml:"cap_percent" json:"cap_percent"` // of a month's fees
}

// CreditBand is a share of the fee for a month with less availability.
type CreditBand struct {
	Below   float64 `yaml:"below" json:"below"`     // percent of the month
	Percent float64 `yaml:"percent" json:"percent"` // of the fee
}

// CreditApproval are amounts off the formula, in whole US dollars, above which
// executives and Legal have to agree.
type CreditApproval struct {
	Customer int `yaml:"customer_usd" json:"customer_usd"` // to one customer
	Incident int `yaml:"incident_usd" json:"incident_usd"` // for one incident
}

func (c *checker) credits() {
	r := c.p.Credits
	if r == nil {
		return
	}
	c.clauses("credits.clauses", r.Clauses)
	c.text("credits.text", r.Text, usedNotice)
	if r.Approval.Customer < 0 || r.Approval.Incident < 0 {
		c.err("bad-number", "credits.approval", "Give whole dollars.", "an amount below nothing needs no approval")
	}
	if len(r.Schedules) == 0 {
		c.err("nothing", "credits.schedules", "Write at least one.", "no credit can be computed")
	}
	seen := map[string]bool{}
	for i, s := range r.Schedules {
		at := fmt.Sprintf("credits.schedules[%d]", i)
		if s.ID == "" || seen[s.ID] {
			c.err("missing", at+".id", "Give each schedule an id of its own.", "schedule %q cannot be told from others", s.ID)
		}
		seen[s.ID] = true
		if s.Cap <= 0 || s.Cap > 100 {
			c.err("bad-number", at+".cap_percent", "Give a percentage above 0 up to 100.", "%g %% of the fees cannot be the most", s.Cap)
		}
		c.creditBands(at, s)
		if !s.Confirmed {
			c.warn("unconfirmed-credits", at+".confirmed", "Have it confirmed in the console, or set confirmed: true with the next version (reading 22).", "nothing is processed by the credit schedule %q until somebody confirms it", s.ID)
		}
	}
}

func (c *checker) creditBands(at string, s CreditSchedule) {
	for k, b := range s.Bands {
		band := fmt.Sprintf("%s.bands[%d]", at, k)
		if b.Below <= 0 || b.Below > 100 || b.Percent <= 0 || b.Percent > 100 {
			c.err("bad-number", band, "Give percentages above 0 up to 100.", "below %g %%, %g %% of the fee, is no band", b.Below, b.Percent)
		}
		if k > 0 && (b.Below >= s.Bands[k-1].Below || b.Percent <= s.Bands[k-1].Percent) {
			c.err("bad-order", band, "Sort the bands: less availability, a larger share.", "band %d gives no more for less availability", k+1)
		}
	}
	if len(s.Bands) == 0 {
		c.err("nothing", at+".bands", "Write at least one, such as {below: 99.95, percent: 10}.", "the schedule gives nothing for anything")
	}
}

func (w *page) credits(p *Procedure) {
	r := p.Credits
	if r == nil {
		return
	}
	w.heading("Service credits")
	for _, s := range r.Schedules {
		state := "not confirmed: nothing is processed by it"
		if s.Confirmed {
			state = "confirmed"
		}
		w.line("Schedule %s (%s), at most %g %% of a month's fees:", s.ID, state, s.Cap)
		for _, b := range s.Bands {
			w.line("- below %g %% of the month: %g %% of the fee", b.Below, b.Percent)
		}
	}
	w.line("Amounts off the formula need an executive and Legal above %d dollars a customer or %d an incident. %s", r.Approval.Customer, r.Approval.Incident, r.Clauses)
}
