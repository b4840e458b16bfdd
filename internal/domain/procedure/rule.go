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
	After      recur.Span `yaml:"after" json:"after"`                     // later than the trigger
	While      Condition  `yaml:"while" json:"while,omitempty"`           // checked when it fires
	Severities Set        `yaml:"severities" json:"severities,omitempty"` // empty: all
	When       []string   `yaml:"when" json:"when,omitempty"`             // facts, all of them; "not x" negates
	Phase      string     `yaml:"phase" json:"phase,omitempty"`

	Notice  *Tell   `yaml:"notice" json:"notice,omitempty"`
	Page    *Tell   `yaml:"page" json:"page,omitempty"`
	Message *Send   `yaml:"message" json:"message,omitempty"`
	Task    *Assign `yaml:"task" json:"task,omitempty"`
	Note    string  `yaml:"note" json:"note,omitempty"`
}

// Tell addresses people.
type Tell struct {
	To   []string `yaml:"to" json:"to"`
	Text string   `yaml:"text" json:"text"`
}

// Send addresses customers or the public with a named text.
type Send struct {
	Audience string   `yaml:"audience" json:"audience"`
	Channels []string `yaml:"channels" json:"channels"`
	Text     string   `yaml:"text" json:"text"`
	Status   string   `yaml:"status" json:"status"`                   // the status page's word
	Unless   string   `yaml:"unless" json:"unless,omitempty"`         // status_posted: skip when that has happened
	Draft    bool     `yaml:"draft" json:"draft,omitempty"`           // wait for approval
	Private  []string `yaml:"private" json:"private_facts,omitempty"` // facts under which it goes to the tenant's page only
}

// Assign opens a task.
type Assign struct {
	Title string     `yaml:"title" json:"title"`
	Owner string     `yaml:"owner" json:"owner"`
	Due   recur.Span `yaml:"due" json:"due"`
	Per   string     `yaml:"per" json:"per,omitempty"` // account: one duty per account, opened as one task with their number
}

// Triggers a rule can hang on.
var Triggers = []string{"opened", "declared", "acknowledged", "engaged", "mitigated", "monitoring", "resolved", "closed", "dismissed", "restricted", "escalated", "breached", "warned"}

// Facts a rule can ask for.
var Facts = []string{"restricted", "security", "data_integrity", "single_tenant", "customers_affected", "enterprise_affected", "vip_affected", "major_account_affected", "compliance", "in_business_hours", "notify_requested", "alerts", "tweeted"}

// Applies reports whether the rule is for an incident of severity s with the
// given facts.
func (r Rule) Applies(s Severity, facts map[string]bool) bool {
	if !r.Severities.Has(s) {
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
