package procedure

import (
	"slices"

	"allclear/internal/base/recur"
)

// Rule is "when this happens, on these incidents, do that": the procedure's
// duties around an incident as data. Exactly one of the actions is set.
type Rule struct {
	ID         string     `yaml:"id" json:"id"`
	Clauses    []string   `yaml:"clauses" json:"clauses,omitempty"`
	On         string     `yaml:"on" json:"on"`                           // a trigger, see Triggers
	Clock      string     `yaml:"clock" json:"clock,omitempty"`           // on warned and breached: of this clock only
	After      recur.Span `yaml:"after" json:"after,omitzero"`            // later than the trigger
	Every      recur.Span `yaml:"every" json:"every,omitzero"`            // and again, while While holds
	Anew       string     `yaml:"anew" json:"anew,omitempty"`             // what Every is counted anew from, see Anews
	While      Condition  `yaml:"while" json:"while,omitempty"`           // checked when it fires
	Severities Set        `yaml:"severities" json:"severities,omitempty"` // empty: all
	Highest    bool       `yaml:"highest" json:"highest,omitempty"`       // judge the highest severity held, not the present one
	When       []string   `yaml:"when" json:"when,omitempty"`             // facts, all of them; "not x" negates
	Regime     string     `yaml:"regime" json:"regime,omitempty"`         // only where an affected customer's contract names it
	Sets       string     `yaml:"sets" json:"sets,omitempty"`             // a fact that holds from then on, see Settable
	Phase      string     `yaml:"phase" json:"phase,omitempty"`

	Notice  *Tell   `yaml:"notice" json:"notice,omitempty"`
	Page    *Tell   `yaml:"page" json:"page,omitempty"`
	Message *Send   `yaml:"message" json:"message,omitempty"`
	Task    *Assign `yaml:"task" json:"task,omitempty"`
	Note    string  `yaml:"note" json:"note,omitempty"`
}

// Tell addresses people: targets of the catalogue such as role:vp-sales, or
// chat:NAME for a chat channel.
type Tell struct {
	To       []string `yaml:"to" json:"to"`
	Text     string   `yaml:"text" json:"text"`
	Channels []string `yaml:"channels" json:"channels,omitempty"` // empty: as paging says
	Answer   string   `yaml:"answer" json:"answer,omitempty"`     // join: the page asks who joins
	Reaches  string   `yaml:"reaches" json:"reaches,omitempty"`   // moment reached once every recipient was told
}

// Send addresses customers or the public with a named text.
type Send struct {
	Audience string   `yaml:"audience" json:"audience"` // see Audiences
	Channels []string `yaml:"channels" json:"channels"` // status_page, email, in_app, social ...
	Text     string   `yaml:"text" json:"text"`
	Status   string   `yaml:"status" json:"status"`             // the status page's word
	Unless   string   `yaml:"unless" json:"unless,omitempty"`   // skip when this moment has been reached
	Draft    bool     `yaml:"draft" json:"draft,omitempty"`     // wait for approval
	Reaches  string   `yaml:"reaches" json:"reaches,omitempty"` // the moment reached when it is out
	// Contractual goes to those too who have declined messages about the service.
	Contractual bool     `yaml:"contractual" json:"contractual,omitempty"`
	Private     []string `yaml:"private" json:"private,omitempty"`   // facts under which it goes to the tenant's page only
	Document    bool     `yaml:"document" json:"document,omitempty"` // mails carry it as a PDF of one page too
}

// Assign opens a task.
type Assign struct {
	Title   string       `yaml:"title" json:"title"`
	Owner   string       `yaml:"owner" json:"owner"`               // a target
	Due     recur.Span   `yaml:"due" json:"due,omitzero"`          // after the trigger; none: no time box
	WarnAt  []recur.Span `yaml:"warn_at" json:"warn_at,omitempty"` // after the trigger
	Per     string       `yaml:"per" json:"per,omitempty"`         // see Pers: one duty per account, opened as one task with their number
	Class   string       `yaml:"class" json:"class,omitempty"`     // of stakeholders: whose plan names it
	Calls   string       `yaml:"calls" json:"calls,omitempty"`     // with per: a text, what to say; each account becomes a contact with an outcome
	Overdue []string     `yaml:"overdue" json:"overdue,omitempty"` // targets told when it is late
	Gate    string       `yaml:"gate" json:"gate,omitempty"`       // resolve | close: what waits for it
	Until   string       `yaml:"until" json:"until,omitempty"`     // a moment that ends it by itself
}

// Triggers a rule can hang on. Rules on opened and declared also run when the
// incident's severity or facts make them apply later; each rule runs once per
// incident, but those on warned, breached, escalated, called, mentioned, updated, severity,
// role, reopened, credited and credit_billing every time.
var Triggers = []string{"opened", "declared", "acknowledged", "engaged", "mitigated", "monitoring", "resolved", "closed", "dismissed", "restricted", "escalated", "called", "mentioned", "updated", "severity", "role", "reopened", "credited", "credit_approval", "credit_legal", "credit_billing", "warned", "breached"}

// Repeatable reports whether a rule on the trigger runs each time.
func Repeatable(trigger string) bool {
	switch trigger {
	case "warned", "breached", "escalated", "called", "mentioned", "updated", "severity", "role", "reopened", "credited", "credit_billing":
		return true
	}
	return false
}

// Anews are what the repetition of a rule can be counted anew from: a reminder of
// something that has just been done would be noise.
var Anews = []string{"technical_update"}

// Facts a rule can ask for.
var Facts = []string{"declared", "restricted", "security", "data_integrity", "single_tenant", "customers_affected", "enterprise_affected", "vip_affected", "major_account_affected", "custom_contract_affected", "compliance", "in_business_hours", "notify_requested", "alerts", "widespread", "status_posted", "customers_mailed", "customers_texted", "social_posted", "forum_posted", "acknowledged", "emergency_call", "operations_call", "operations_mail", "success_mail", "executive_mail", "mail_reply", "account_ticket", "customer_ticket", "vip_escalation", "extended", "regulated"}

// Settable are the facts that a rule can set, Classes those of stakeholders' plans.
var Settable, Classes = []string{"extended", "regulated"}, []string{"critical", "extended", "security", "regulated"}

// Pers are what a task can be counted per: affected customers of a sort, or stakeholders.
var Pers = []string{"account", "enterprise_account", "vip_account", "major_account", PerStakeholder}

// Words of rules: a task for each stakeholder (DRB-BCP-STAKE), and all regimes.
const PerStakeholder, AnyRegime = "stakeholder", "any"

// RegimeFact is the fact that an affected customer's contract names the regime.
func RegimeFact(regime string) string { return "regime:" + regime }

// Gates are what can wait for a task.
var Gates = []string{"resolve", "close"}

// Applies reports whether the rule is for an incident of severity s with the
// given facts.
func (r Rule) Applies(s Severity, facts map[string]bool) bool {
	if !r.Severities.Has(s) || r.Regime != "" && !facts[RegimeFact(r.Regime)] {
		return false
	}
	return !slices.ContainsFunc(r.When, func(w string) bool {
		if name, not := cutNot(w); not {
			return facts[name]
		}
		return !facts[w]
	})
}

func cutNot(w string) (string, bool) {
	const not = "not "
	if len(w) > len(not) && w[:len(not)] == not {
		return w[len(not):], true
	}
	return w, false
}
