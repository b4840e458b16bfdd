// Package continuity owns what carries customers through and after outages: other
// ways of delivery in use, what is done about revenue at risk, and when an account
// is at risk of leaving (DRB-BCP-ALT, DRB-BCP-REV, DRB-BCP-RETAIN). It must not store or send
// anything.
package continuity

import (
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Kind is a sort of measure.
type Kind string

// The kinds.
const (
	Alternative Kind = "alternative" // another way to deliver a service, of an incident
	Mitigation  Kind = "mitigation"  // what is done about revenue at risk, of an incident
	Retention   Kind = "retention"   // an account at risk and the plan to keep it
)

// Measure is one thing that is done, or to be done, for customers.
type Measure struct {
	ID         ident.ID
	Kind       Kind
	IncidentID ident.ID // 0: of no incident
	Customer   string   // empty: of all affected ones
	At         time.Time
	EndedAt    time.Time // zero: it stands
	Record
}

// Record is what a measure says.
type Record struct {
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"` // why it was begun
	EndBy  string `json:"ended_by,omitempty"`
	End    string `json:"ended,omitempty"` // why it ended

	Service string `json:"service,omitempty"` // of an alternative
	Way     string `json:"way,omitempty"`     // its id there
	Name    string `json:"name,omitempty"`    // its name then

	Text   string `json:"text,omitempty"`       // of a mitigation, or the plan to keep an account
	Amount int64  `json:"amount_usd,omitempty"` // that a mitigation secures, whole US dollars

	Score   int       `json:"score,omitempty"` // of an account at risk
	Why     []string  `json:"why,omitempty"`   // in words, most serious first
	Owner   string    `json:"owner,omitempty"` // person who is to plan
	Due     time.Time `json:"due,omitzero"`    // by when
	Told    []string  `json:"told,omitempty"`
	PlanBy  string    `json:"plan_by,omitempty"`
	PlanAt  time.Time `json:"plan_at,omitzero"`
	Numbers []int64   `json:"incidents,omitempty"` // of the incidents that count
}

// MaxText bounds what is written down.
const MaxText = 10_000

// Say checks a text that a person has to write.
func Say(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > MaxText {
		return "", fault.New(fault.Invalid, "validation failed").With(field, fmt.Sprintf("1 to %d characters", MaxText))
	}
	return text, nil
}
