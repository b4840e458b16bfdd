package oncall

import (
	"iter"
	"time"

	"allclear/internal/base/recur"
)

// Horizon is how far NextChange looks ahead.
const Horizon = 5 * 366 * 24 * time.Hour

// Shift is a stretch during which one person is on call, from Start until, and
// not including, End, both UTC. Exactly one of Layer and Override is set; the
// other is -1. In a gap Person is empty and both are -1.
type Shift struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Person   string    `json:"person"`
	Layer    int       `json:"layer" doc:"Index of the layer, -1 for an override"`
	Override int       `json:"override" doc:"Index of the override, -1 for a layer"`
}

// piece returns what holds at t. End is an instant after t up to which it
// holds; the stretch may go on after it. Sources are asked from the strongest
// down; one that is silent at t only limits how long the answer of a weaker one
// holds, so what is covered up costs nothing.
func (p *plan) piece(t time.Time) Shift {
	out := Shift{Start: t, End: distant, Layer: -1, Override: -1}
	for i := len(p.overrides) - 1; i >= 0; i-- {
		o := &p.overrides[i]
		switch {
		case t.Before(o.From):
			out.End = recur.Earlier(out.End, o.From)
		case t.Before(o.Until):
			out.Person, out.Override, out.End = o.Person, i, recur.Earlier(out.End, o.Until)
			return out
		}
	}
	for i := len(p.rotas) - 1; i >= 0; i-- {
		person, until := p.rotas[i].at(t)
		out.End = recur.Earlier(out.End, until)
		if person != "" {
			out.Person, out.Layer = person, i
			return out
		}
	}
	return out
}

// At returns who is on call at t: one person, or an empty list for nobody.
// Overrides win over layers; among either, the later in the document wins.
func (s *Schedule) At(t time.Time) []string {
	if p := s.compiled().piece(t); p.Person != "" {
		return []string{p.Person}
	}
	return []string{}
}

// Timeline goes through [from, until) without holes or overlaps, gaps included
// (with an empty Person). Neighbours differ in person or source. Its cost grows
// with the handoffs in the range: an edge that takes the range from a stranger
// bounds it.
func (s *Schedule) Timeline(from, until time.Time) iter.Seq[Shift] {
	return s.compiled().timeline(from, until)
}

// Alone lays out one layer as if there were no other and no override: what its
// rotation says, whoever wins in the end.
func (s *Schedule) Alone(layer int, from, until time.Time) []Shift {
	p := s.compiled()
	out := []Shift{}
	if layer < 0 || layer >= len(p.rotas) {
		return out
	}
	one := &plan{loc: p.loc, rotas: p.rotas[layer : layer+1]}
	for shift := range one.timeline(from, until) {
		if shift.Person != "" {
			shift.Layer = layer
			out = append(out, shift)
		}
	}
	return out
}

func (p *plan) timeline(from, until time.Time) iter.Seq[Shift] {
	from, until = from.UTC(), until.UTC()
	return func(yield func(Shift) bool) {
		if !from.Before(until) {
			return
		}
		cur := p.piece(from)
		for cur.End.Before(until) {
			next := p.piece(cur.End)
			if next.Person == cur.Person && next.Layer == cur.Layer && next.Override == cur.Override {
				cur.End = next.End
				continue
			}
			cur.End = cur.End.UTC()
			if !yield(cur) {
				return
			}
			cur, cur.Start = next, cur.End
		}
		cur.End = until
		yield(cur)
	}
}

// Shifts lists who is on call in [from, until), in order, cut to the range.
func (s *Schedule) Shifts(from, until time.Time) []Shift {
	return s.collect(from, until, func(p Shift) bool { return p.Person != "" })
}

// Gaps lists when nobody is on call in [from, until), in order.
func (s *Schedule) Gaps(from, until time.Time) []Shift {
	return s.collect(from, until, func(p Shift) bool { return p.Person == "" })
}

func (s *Schedule) collect(from, until time.Time, keep func(Shift) bool) []Shift {
	out := []Shift{}
	for p := range s.Timeline(from, until) {
		if keep(p) {
			out = append(out, p)
		}
	}
	return out
}

// NextChange returns the first instant after t at which At answers differently,
// false when there is none within Horizon.
func (s *Schedule) NextChange(t time.Time) (time.Time, bool) {
	var now *string
	for p := range s.Timeline(t, t.Add(Horizon)) {
		if now == nil {
			now = &p.Person
		} else if *now != p.Person {
			return p.Start, true
		}
	}
	return time.Time{}, false
}

// Same lists when both schedules have the same person on call in [from, until),
// in order; a backup who is the primary is no backup. Layer and Override are
// those of primary.
func Same(primary, secondary *Schedule, from, until time.Time) []Shift {
	out := []Shift{}
	for p := range primary.Timeline(from, until) {
		if p.Person == "" {
			continue
		}
		for q := range secondary.Timeline(p.Start, p.End) {
			if q.Person != p.Person {
				continue
			}
			if n := len(out) - 1; n >= 0 && out[n].End.Equal(q.Start) && out[n].Person == p.Person &&
				out[n].Layer == p.Layer && out[n].Override == p.Override {
				out[n].End = q.End
				continue
			}
			out = append(out, Shift{Start: q.Start, End: q.End, Person: p.Person, Layer: p.Layer, Override: p.Override})
		}
	}
	return out
}
