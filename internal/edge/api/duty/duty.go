// Package duty owns how schedules in life look on the wire: shifts, requests of
// cover, the forecast, the load and calendars to subscribe to. It holds no
// rules and must not register routes; internal/edge/api does that.
package duty

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/oncall"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/rota"
)

// Desk answers the routes.
type Desk struct {
	Rota *rota.Rota
	// Names reads what people are called.
	Names func(ctx context.Context) (func(person string) string, error)
}

func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// Shift is a stretch of a line, from and up to, but not including, until.
type Shift struct {
	Schedule string    `json:"schedule,omitempty" doc:"In lists over several schedules."`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Person   string    `json:"person,omitempty" doc:"Absent in a gap."`
	Name     string    `json:"name,omitempty"`
	Layer    int       `json:"layer" doc:"Index of the layer; -1 for an override or a gap."`
	Override bool      `json:"override" doc:"By an override, not by a layer."`
}

func shiftOf(name func(string) string) func(oncall.Shift) Shift {
	return func(s oncall.Shift) Shift {
		out := Shift{From: s.Start, Until: s.End, Person: s.Person, Layer: s.Layer, Override: s.Override >= 0}
		if s.Person != "" {
			out.Name = name(s.Person)
		}
		return out
	}
}

// Lines are a schedule laid out: the final line, and where it comes from.
type Lines struct {
	Schedule  string            `json:"schedule"`
	TimeZone  string            `json:"time_zone"`
	Final     []Shift           `json:"final" doc:"Who is on call without holes or overlaps; nobody in a gap."`
	Gaps      []Shift           `json:"gaps"`
	Layers    [][]Shift         `json:"layers" doc:"What each layer says by itself, in the order of the document; a later one wins."`
	Overrides []oncall.Override `json:"overrides" doc:"That touch the range."`
}

// Range is a stretch of time in a query.
type Range struct {
	From  time.Time `query:"from" required:"true"`
	Until time.Time `query:"until" required:"true" doc:"Not included; at most 370 days after from."`
}

// LinesInput asks for a schedule laid out.
type LinesInput struct {
	ID string `path:"id" maxLength:"64"`
	Range
}

// Lines lays out one schedule.
func (d *Desk) Lines(ctx context.Context, a authz.Actor, now time.Time, in *LinesInput) (*route.Reply[Lines], error) {
	l, err := d.Rota.Lines(ctx, a, in.ID, in.From, in.Until, now)
	if err != nil {
		return nil, err
	}
	name, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	out := Lines{Schedule: l.Schedule, TimeZone: l.TimeZone, Final: each(l.Final, shiftOf(name)), Gaps: []Shift{}, Layers: [][]Shift{}, Overrides: l.Overrides}
	if out.Overrides == nil {
		out.Overrides = []oncall.Override{}
	}
	for _, s := range out.Final {
		if s.Person == "" {
			out.Gaps = append(out.Gaps, s)
		}
	}
	for _, layer := range l.Layers {
		out.Layers = append(out.Layers, each(layer, shiftOf(name)))
	}
	return route.One(out), nil
}

// RangePage asks for a part of a list about a stretch of time.
type RangePage struct {
	Range
	route.Whole
}

// MyShifts lists the caller's own turns.
func (d *Desk) MyShifts(ctx context.Context, a authz.Actor, now time.Time, in *RangePage) (*route.Reply[route.List[Shift]], error) {
	turns, err := d.Rota.Turns(ctx, a, a.ID, in.From, in.Until, now)
	if err != nil {
		return nil, err
	}
	name, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	return route.Of(in.Whole, turns, func(t rota.Turn) Shift {
		s := shiftOf(name)(t.Shift)
		s.Schedule = t.Schedule
		return s
	}, func(s Shift) string { return s.Schedule + " " + s.From.String() })
}
