// Package ladder owns the shapes of who is paged when, as the API shows them: the
// procedure's chains and the escalation policies of the catalogue. It holds no
// routes, and must not decide whom a step pages.
package ladder

import (
	"strings"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
)

// EscalationPolicy is who is paged when: the procedure's chain of a severity,
// or a policy of the catalogue that a service names instead.
type EscalationPolicy struct {
	ID          string           `json:"id" doc:"Of the policy; for the procedure's chain the severity, P1 or P2."`
	Source      string           `json:"source" enum:"procedure,catalogue"`
	Name        string           `json:"name"`
	Description string           `json:"description,omitempty"`
	RepeatEvery recur.Span       `json:"repeat_every" doc:"After the last step, while nobody has acknowledged."`
	RepeatTimes int              `json:"repeat_times,omitempty" doc:"Then the fallback contact is paged; absent: without end, or not at all where repeat_every is 0s."`
	AckExpires  recur.Span       `json:"ack_expires,omitzero" doc:"An acknowledgement ends after this, unless somebody engages; absent: never."`
	Steps       []EscalationStep `json:"steps"`
	Levels      []ResponseLevel  `json:"levels" doc:"How long a person of a level may take to answer a page."`
	wire.Stamp
}

// EscalationStep is a step on the way up.
type EscalationStep struct {
	Step   int        `json:"step" doc:"From 1."`
	After  recur.Span `json:"after" doc:"From the start of the chain."`
	Target string     `json:"target" doc:"The first of to."`
	To     []string   `json:"to" doc:"Such as schedule:primary or role:vp-engineering."`
	While  string     `json:"while" enum:"always,unacknowledged,unresolved" doc:"State of the incident in which it pages."`
	Else   string     `json:"else,omitempty" doc:"notice: told without a page otherwise."`
	Only   *StepOnly  `json:"only,omitempty"`
	Clause string     `json:"clause,omitempty"`
}

// ResponseLevel is a level of the escalation matrix.
type ResponseLevel struct {
	Level    int        `json:"level"`
	Name     string     `json:"name"`
	Response recur.Span `json:"response" doc:"From the page to the answer."`
	Clause   string     `json:"clause"`
}

// StepOnly narrows when a step pages.
type StepOnly struct {
	Severity      []string  `json:"severity,omitempty" maxItems:"4" enum:"P1,P2"`
	Days          []string  `json:"days,omitempty" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun"`
	Hours         StepHours `json:"hours,omitzero" required:"false"`
	BusinessHours *bool     `json:"business_hours,omitempty" doc:"Inside the procedure's business hours, or outside of them."`
}

// StepHours is a stretch of the day.
type StepHours struct {
	From     string `json:"from,omitempty" maxLength:"8" example:"22:00"`
	To       string `json:"to,omitempty" maxLength:"8" doc:"At or before from: on the next day." example:"07:00"`
	TimeZone string `json:"time_zone,omitempty" maxLength:"64" doc:"Absent: UTC."`
}

// NewEscalationPolicy is what a policy is made or replaced with.
type NewEscalationPolicy struct {
	ID          string          `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	Name        string          `json:"name" maxLength:"500"`
	Description string          `json:"description,omitempty" maxLength:"8000"`
	Steps       []NewPolicyStep `json:"steps" minItems:"1" maxItems:"20" doc:"In order of time. One that asks for nobody is passed over at once, loudly."`
	Repeat      PolicyRepeat    `json:"repeat,omitzero" required:"false" doc:"Then everybody is paged again, while nobody has acknowledged."`
	AckExpires  recur.Span      `json:"ack_expires,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 10m or 1h30m" doc:"1m to 24h; absent: never."`
}

// NewPolicyStep pages its targets some time after the start.
type NewPolicyStep struct {
	After recur.Span `json:"after" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 10m or 1h30m"`
	To    []string   `json:"to" minItems:"1" maxItems:"20" doc:"schedule:, person:, team:, role:, level:, manager:area, lead:owner or sme:; never a policy."`
	While string     `json:"while,omitempty" enum:"unacknowledged,unresolved" doc:"Absent: unacknowledged."`
	Only  StepOnly   `json:"only,omitzero" required:"false"`
}

// PolicyRepeat says how often everybody is paged again.
type PolicyRepeat struct {
	Every recur.Span `json:"every,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 10m or 1h30m" doc:"1m to 24h."`
	Times int        `json:"times,omitempty" minimum:"0" maximum:"100"`
}

// PolicyOf is a policy of the catalogue as it is shown.
func PolicyOf(i admin.Item) EscalationPolicy {
	p, _ := i.Entity.(catalog.Policy)
	out := EscalationPolicy{
		ID: p.ID, Source: "catalogue", Name: p.Name, Description: p.Description, RepeatEvery: p.Repeat.Every, RepeatTimes: p.Repeat.Times,
		AckExpires: p.AckExpires, Steps: []EscalationStep{}, Levels: []ResponseLevel{}, Stamp: wire.Stamp{Version: i.Version, UpdatedAt: i.UpdatedAt.UTC()},
	}
	for n, s := range p.Steps {
		step := EscalationStep{Step: n + 1, After: s.After, Target: s.To[0], To: s.To, While: string(s.While)}
		if step.While == "" {
			step.While = string(procedure.Unacknowledged)
		}
		if o := s.Only; len(o.Severity)+len(o.Days) > 0 || o.Hours.From != "" || o.BusinessHours != nil {
			step.Only = &StepOnly{Severity: wire.Each(o.Severity, procedure.Severity.String), Days: o.Days, Hours: StepHours(o.Hours), BusinessHours: o.BusinessHours}
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// Chains are the procedure's chains, one for each severity that has one.
func Chains(p *procedure.Procedure) []EscalationPolicy {
	var out []EscalationPolicy
	for _, sev := range procedure.Severities {
		policy := EscalationPolicy{
			ID: sev.String(), Source: "procedure", Name: "Escalation chain of " + sev.String(), RepeatEvery: p.Chain.RepeatEvery, AckExpires: p.Chain.AckExpires,
			Levels: []ResponseLevel{},
		}
		for i, s := range p.Chain.Steps {
			if by, ok := s.By[sev.String()]; ok {
				policy.Steps = append(policy.Steps, EscalationStep{
					Step: i + 1, After: s.After, Target: s.Target, To: strings.Fields(s.Target), While: string(by.While), Else: by.Else, Clause: s.Clause,
				})
			}
		}
		for _, l := range p.Levels {
			if within, ok := l.Response[sev.String()]; ok {
				policy.Levels = append(policy.Levels, ResponseLevel{Level: l.Level, Name: l.Name, Response: within, Clause: l.Clause})
			}
		}
		if len(policy.Steps) > 0 {
			out = append(out, policy)
		}
	}
	return out
}
