package record

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/wire"
)

// What is sent with a step of an incident.

// Nothing is the body of a step that needs none.
type Nothing struct{}

// Reason is the body of a step that must be explained.
type Reason struct {
	Reason string `json:"reason" minLength:"1" maxLength:"10000"`
}

// NewSeverity is what an incident's severity becomes.
type NewSeverity struct {
	To     procedure.Severity `json:"to" enum:"P1,P2,P3,P4"`
	Reason string             `json:"reason,omitempty" maxLength:"10000" doc:"Needed where it becomes less severe."`
}

// RoleChange gives a role of the war room to somebody.
type RoleChange struct {
	Role     string `json:"role" maxLength:"64" doc:"Such as incident_commander; commander for short."`
	Person   string `json:"person" maxLength:"64" doc:"Id."`
	Handover string `json:"handover,omitempty" maxLength:"10000" doc:"What the next holder must know."`
}

// Note is what somebody saw or decided.
type Note struct {
	Text     string    `json:"text" minLength:"1" maxLength:"10000"`
	At       time.Time `json:"at,omitzero" doc:"When it happened; now if absent."`
	Findings bool      `json:"findings,omitempty" doc:"These are the first findings that the second response step asks for."`
}

// Resolution ends an incident's impact.
type Resolution struct {
	Reason     string    `json:"reason,omitempty" maxLength:"10000" doc:"Waives what is still open. Without one, 409 lists it."`
	ResolvedAt time.Time `json:"resolved_at,omitzero" doc:"The proven end of impact; now if absent."`
}

// Targets are people, roles, teams or schedules.
type Targets []string

// UnmarshalJSON reads a list or a single one.
func (t *Targets) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = Targets{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// Schema describes both forms.
func (Targets) Schema(huma.Registry) *huma.Schema {
	word := &huma.Schema{Type: huma.TypeString, MaxLength: new(200)}
	word.PrecomputeMessages()
	many := &huma.Schema{Type: huma.TypeArray, Items: word, MinItems: new(1), MaxItems: new(20)}
	many.PrecomputeMessages()
	s := &huma.Schema{OneOf: []*huma.Schema{word, many}, Description: "Such as ana, person:ana, role:vp-engineering or schedule:primary; one or a list."}
	s.PrecomputeMessages()
	return s
}

// Snooze says for how long, and why.
type Snooze struct {
	For    recur.Span `json:"for" doc:"5m to 24h."`
	Reason string     `json:"reason,omitempty" maxLength:"10000" doc:"Stands on the timeline."`
}

// Escalation pages by hand.
type Escalation struct {
	To   Targets `json:"to"`
	Text string  `json:"text,omitempty" maxLength:"10000" doc:"What they are asked for."`
}

// MergeInto names the incident that goes on.
type MergeInto struct {
	Into Number `json:"into"`
}

// Number names an incident in a body: "INC-42", "42" or 42.
type Number string

// UnmarshalJSON reads all three forms.
func (n *Number) UnmarshalJSON(b []byte) error {
	*n = Number(strings.Trim(string(b), `"`))
	return nil
}

// Schema describes the forms.
func (Number) Schema(huma.Registry) *huma.Schema {
	text, plain := &huma.Schema{Type: huma.TypeString, MaxLength: new(40)}, &huma.Schema{Type: huma.TypeInteger}
	text.PrecomputeMessages()
	plain.PrecomputeMessages()
	s := &huma.Schema{OneOf: []*huma.Schema{text, plain}, Description: "INC-42 or 42."}
	s.PrecomputeMessages()
	return s
}

// SplitOff names alerts that become an incident of their own.
type SplitOff struct {
	Alerts []string `json:"alerts" minItems:"1" maxItems:"500" doc:"Ids of alerts of this incident."`
	Title  string   `json:"title,omitempty" maxLength:"500" doc:"The same as this one's if absent."`
}

// Answer says whether the caller joins the response.
type Answer struct {
	State string `json:"state" enum:"joined,unavailable"`
}

// Named makes targets of bare ids of people.
func (t Targets) Named() []string {
	return wire.Each(t, func(s string) string {
		if strings.Contains(s, ":") || s == "commander" || s == "scribe" || s == "responders" {
			return s
		}
		return "person:" + s
	})
}
