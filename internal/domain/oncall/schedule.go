// Package oncall owns who is on call: the schedule document (layers, rotations,
// restrictions, overrides), its strict reading, and the exact answer for any
// instant or range. It must not know people's contacts, escalation policies,
// storage or the current time.
//
// Every interval is half-open: the person handed over to is on call at the
// instant of the handoff, the one handed over from no longer is.
package oncall

import (
	"encoding/json"
	"time"
)

// Limits on one schedule document. They bound what a hostile or mistaken
// document costs; they are far above what people use.
const (
	MaxBytes        = 256 << 10
	MaxLayers       = 20
	MaxMembers      = 200 // of one layer
	MaxRestrictions = 50  // of one layer
	MaxOverrides    = 1000
	MaxEvery        = 10_000
	MaxName         = 200 // bytes of a member's name
)

// Schedule says who is on call over time. The same document is what the file,
// the API and `apply` take. Read one with Parse, or fill the fields and call
// Prepare; after changing a field, call Prepare again. Reading methods are safe
// for concurrent use.
type Schedule struct {
	// TimeZone is an IANA name. Every wall-clock time of the layers is in it.
	TimeZone string `json:"time_zone" yaml:"time_zone" doc:"IANA time zone of every wall-clock time" example:"America/Chicago"`
	// Layers are rotations; a later one wins where it covers.
	Layers []Layer `json:"layers" yaml:"layers" maxItems:"20" doc:"Rotations; a later one wins where it covers"`
	// Overrides win over all layers; where they overlap, the later in the list.
	Overrides []Override `json:"overrides,omitempty" yaml:"overrides,omitempty" maxItems:"1000" doc:"Temporary replacements; they win over all layers, the later over the earlier"`

	plan *plan
}

// Layer is one rotation: members take turns in order from the first handoff.
type Layer struct {
	Members []string `json:"members" yaml:"members,flow" minItems:"1" maxItems:"200" doc:"People in order from the first handoff"`
	// Start is the wall clock of the first handoff, YYYY-MM-DDTHH:MM with
	// optional seconds, in the schedule's zone. Nobody is on call before it.
	Start string `json:"start" yaml:"start" doc:"Wall clock of the first handoff, YYYY-MM-DDTHH:MM[:SS]" example:"2026-01-05T09:00"`
	Every int    `json:"every" yaml:"every" minimum:"1" maximum:"10000" doc:"How many units a turn lasts"`
	// Unit is hour (elapsed), day, week or month (wall clock).
	Unit string `json:"unit" yaml:"unit" enum:"hour,day,week,month" doc:"hour is elapsed time; the others follow the wall clock"`
	// Only narrows when the layer covers. The rotation goes on outside it.
	Only []Restriction `json:"only,omitempty" yaml:"only,omitempty" maxItems:"50" doc:"When the layer covers; always when absent"`
}

// Restriction is a weekly window of a layer.
type Restriction struct {
	// Days are the days a window starts on: mon tue wed thu fri sat sun.
	Days []string `json:"days" yaml:"days,flow" minItems:"1" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun" doc:"Days the window starts on"`
	From string   `json:"from" yaml:"from" doc:"Wall clock HH:MM" example:"09:00"`
	// To at or before From runs into the next day; equal is a whole day.
	To string `json:"to" yaml:"to" doc:"Wall clock HH:MM; at or before from means the next day" example:"17:00"`
}

// Override puts one person on call from From until, and not including, Until.
type Override struct {
	From   time.Time `json:"from" yaml:"from"`
	Until  time.Time `json:"until" yaml:"until"`
	Person string    `json:"person" yaml:"person" minLength:"1"`
}

// Prepare checks the schedule and readies it for reading. The error is of kind
// fault.Invalid and lists everything that is wrong, each with a JSON pointer.
func (s *Schedule) Prepare() error {
	p, wrong := compile(s)
	if len(wrong) > 0 {
		s.plan = nil
		return invalid(wrong)
	}
	s.plan = p
	return nil
}

// compiled returns what Prepare made. A schedule nobody prepared is compiled
// for this one call; an invalid one has nobody on call.
func (s *Schedule) compiled() *plan {
	if s.plan != nil {
		return s.plan
	}
	p, wrong := compile(s)
	if len(wrong) > 0 {
		return &plan{loc: time.UTC}
	}
	return p
}

// Location returns the schedule's zone, UTC when it has no valid one.
func (s *Schedule) Location() *time.Location { return s.compiled().loc }

// WithOverride returns a prepared copy of s with one more override, which wins
// over those already there.
func (s *Schedule) WithOverride(o Override) (*Schedule, error) {
	c := &Schedule{TimeZone: s.TimeZone, Layers: s.Layers}
	c.Overrides = append(append(make([]Override, 0, len(s.Overrides)+1), s.Overrides...), o)
	if err := c.Prepare(); err != nil {
		return nil, err
	}
	return c, nil
}

// UnmarshalJSON reads a schedule as strictly as Parse and prepares it.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	n, err := jsonTree(data)
	if err != nil {
		return err
	}
	return s.read(n)
}

var _ json.Unmarshaler = (*Schedule)(nil)
