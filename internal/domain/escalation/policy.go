package escalation

import (
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
)

// Policy is a service's own way up, in place of the procedure's chain. The
// catalogue keeps and checks it.
type Policy struct {
	ID          string     `json:"id" yaml:"id"`
	Name        string     `json:"name" yaml:"name"`
	Description string     `json:"description,omitempty" yaml:"description"`
	Steps       []Rise     `json:"steps" yaml:"steps"`
	Repeat      Repeat     `json:"repeat,omitzero" yaml:"repeat"`
	AckExpires  recur.Span `json:"ack_expires,omitzero" yaml:"ack_expires"` // unless somebody engages; zero: never

	Version int64 `json:"-"` // of the catalogue when it last changed
}

// Rise is one step of a policy.
type Rise struct {
	After recur.Span          `json:"after" yaml:"after"` // the start
	To    []string            `json:"to" yaml:"to"`
	While procedure.Condition `json:"while,omitempty" yaml:"while"` // unacknowledged (empty) or unresolved
	Only  Only                `json:"only,omitzero" yaml:"only"`
}

// Repeat pages everybody on the policy again after the last step, while nobody
// has acknowledged.
type Repeat struct {
	Every recur.Span `json:"every,omitzero" yaml:"every"`
	Times int        `json:"times,omitempty" yaml:"times"`
}

// Only narrows when a step pages; an empty one does not.
type Only struct {
	Severity      []procedure.Severity `json:"severity,omitempty" yaml:"severity"`
	Days          []string             `json:"days,omitempty" yaml:"days"`                     // mon .. sun, in the zone of hours
	Hours         Hours                `json:"hours,omitzero" yaml:"hours"`                    //
	BusinessHours *bool                `json:"business_hours,omitempty" yaml:"business_hours"` // inside or outside the procedure's
}

// Hours is a stretch of the wall-clock day; to at or before from runs into the
// next.
type Hours struct {
	From     string `json:"from,omitempty" yaml:"from"`
	To       string `json:"to,omitempty" yaml:"to"`
	TimeZone string `json:"time_zone,omitempty" yaml:"time_zone"` // UTC when empty
}

// Holds reports whether a step pages at t; cal is the procedure's calendar.
func (o Only) Holds(t time.Time, cal *recur.Calendar) bool {
	if o.BusinessHours != nil && *o.BusinessHours != cal.Open(t) {
		return false
	}
	loc, err := time.LoadLocation(o.Hours.TimeZone) // UTC when empty
	if err != nil {
		loc = time.UTC
	}
	w, err := recur.NewWindow(o.Days, o.Hours.From, o.Hours.To)
	return err != nil || w.Holds(t, loc) // a step that cannot be read pages rather than not
}

// While is the state in which the step pages.
func (r Rise) while() procedure.Condition {
	if r.While == "" {
		return procedure.Unacknowledged
	}
	return r.While
}

// For reports whether the step is for incidents of the severity.
func (r Rise) For(s procedure.Severity) bool {
	return s.Pages() && procedure.Set(r.Only.Severity).Has(s)
}

// Frozen is a policy as it stood when a run began. What becomes of the policy
// afterwards does not touch the run.
type Frozen struct {
	Policy
	Version int64 `json:"version"`
}

// Freeze keeps the policy for a run.
func Freeze(p Policy) *Frozen { return &Frozen{Policy: p, Version: p.Version} }

// Clause is what a page of a policy answers.
const Clause = "PLT-CFG-POL"

// chain writes the policy in the words of the procedure's, whose texts it uses.
func (f *Frozen) chain(base procedure.Chain) procedure.Chain {
	c := procedure.Chain{Text: base.Text, NoticeText: base.NoticeText, RepeatEvery: f.Repeat.Every, AckExpires: f.AckExpires}
	for _, r := range f.Steps {
		step := procedure.Step{Clause: Clause, After: r.After, By: map[string]procedure.StepRule{}}
		for _, s := range procedure.Severities {
			if r.For(s) {
				step.By[s.String()] = procedure.StepRule{While: r.while()}
			}
		}
		c.Steps = append(c.Steps, step)
	}
	return c
}
