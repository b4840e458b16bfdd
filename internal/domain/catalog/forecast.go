package catalog

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

// FindingKind is a sort of weakness in who will be on call.
type FindingKind string

// The kinds, the worst first.
const (
	NobodyOnCall FindingKind = "gap"         // the schedule names nobody
	Unreachable  FindingKind = "unreachable" // whoever would be paged has no contact for a page, or is not known
	AbsentOnCall FindingKind = "absent"      // the person is away; Deputy stands in, or nobody
	SamePerson   FindingKind = "same"        // one person by two schedules of the chain: a backup that is none
)

var findingKinds = []FindingKind{NobodyOnCall, Unreachable, AbsentOnCall, SamePerson}

// Finding is one weakness, from From until, and not including, Until.
type Finding struct {
	Kind     FindingKind `json:"kind"`
	Schedule string      `json:"schedule"`
	Other    string      `json:"other,omitempty"` // the second schedule of SamePerson
	Person   string      `json:"person,omitempty"`
	Deputy   string      `json:"deputy,omitempty"`
	From     time.Time   `json:"from"`
	Until    time.Time   `json:"until"`
}

// Subject names what is weak without the time, so that a later look knows a
// finding again although its edges have moved.
func (f Finding) Subject() string {
	return fmt.Sprintf("%s/%s/%s/%s", f.Kind, f.Schedule, f.Other, f.Person)
}

// Outlook is what Forecast looks at.
type Outlook struct {
	From, Until time.Time
	Backups     []string // schedules of the chain, which must differ in person
	Channels    []string // that a page can take
}

// Forecast finds what is weak about who is on call, in order of time. A deputy
// who stands in makes an absence harmless for paging, yet it is listed: the
// deputy may not know.
func (r *Resolver) Forecast(o Outlook) []Finding {
	out := []Finding{}
	for _, id := range sortedKeys(r.Schedules) {
		doc := r.Schedules[id]
		for _, g := range doc.Gaps(o.From, o.Until) {
			out = append(out, Finding{Kind: NobodyOnCall, Schedule: id, From: g.Start, Until: g.End})
		}
		for _, s := range doc.Shifts(o.From, o.Until) {
			out = append(out, r.weakShift(id, s, o.Channels)...)
		}
	}
	for i, a := range o.Backups {
		for _, b := range o.Backups[i+1:] {
			out = append(out, r.same(a, b, o)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return slices.Index(findingKinds, a.Kind) - slices.Index(findingKinds, b.Kind)
	})
	return out
}

func (r *Resolver) same(a, b string, o Outlook) []Finding {
	one, two := r.Schedules[a], r.Schedules[b]
	if one == nil || two == nil || a == b {
		return nil
	}
	var out []Finding
	for _, s := range oncall.Same(one, two, o.From, o.Until) {
		out = append(out, Finding{Kind: SamePerson, Schedule: a, Other: b, Person: s.Person, From: s.Start, Until: s.End})
	}
	return out
}

// weakShift looks at one turn: who is named, and who stands in while away.
func (r *Resolver) weakShift(id string, s oncall.Shift, channels []string) []Finding {
	var out []Finding
	add := func(kind FindingKind, person, deputy string, from, until time.Time) {
		out = append(out, Finding{Kind: kind, Schedule: id, Person: person, Deputy: deputy, From: from, Until: until})
	}
	p := r.People[s.Person]
	if len(ContactsFor(p, channels)) == 0 {
		add(Unreachable, s.Person, "", s.Start, s.End)
	}
	for _, a := range p.Absent {
		from, until := s.Start, s.End
		if a.From.After(from) {
			from = a.From
		}
		if a.Until.Before(until) {
			until = a.Until
		}
		if !from.Before(until) {
			continue
		}
		deputy, ok := r.Deputy(s.Person, from)
		add(AbsentOnCall, s.Person, deputy, from, until)
		if ok && len(ContactsFor(r.People[deputy], channels)) == 0 {
			add(Unreachable, deputy, "", from, until)
		}
	}
	return out
}

// MayTake returns nil when the person can be put on call by the schedule for
// the stretch; otherwise a fault.Conflict with the reason: not known (B33),
// no contact for a page, away, or on call then by another schedule of the
// chain (ESC-L1-SECONDARY).
func (r *Resolver) MayTake(schedule, person string, in oncall.Stretch, o Outlook) error {
	p, ok := r.People[person]
	switch {
	case !ok:
		return fault.New(fault.Conflict, "%s is not in the catalogue", person)
	case len(ContactsFor(p, o.Channels)) == 0:
		return fault.New(fault.Conflict, "%s has no contact that a page can reach", person)
	}
	for _, a := range p.Absent {
		if in.Overlaps(oncall.Stretch{From: a.From, Until: a.Until}) {
			return fault.New(fault.Conflict, "%s is away from %s until %s", person, a.From.Format(time.RFC3339), a.Until.Format(time.RFC3339))
		}
	}
	if !slices.Contains(o.Backups, schedule) {
		return nil
	}
	for _, other := range o.Backups {
		doc := r.Schedules[other]
		if other == schedule || doc == nil {
			continue
		}
		for s := range doc.Timeline(in.From, in.Until) {
			if s.Person == person {
				return fault.New(fault.Conflict, "%s is on call by %s from %s until %s, which backs up %s", person, other, s.Start.Format(time.RFC3339), s.End.Format(time.RFC3339), schedule)
			}
		}
	}
	return nil
}

// ActsFor reports whether somebody may answer for the person: the person, the
// manager, or the lead of one of the teams.
func (r *Resolver) ActsFor(actor, person string) bool {
	p, ok := r.People[person]
	if !ok || actor == "" {
		return false
	}
	if actor == person || actor == p.Manager {
		return true
	}
	for _, id := range sortedKeys(r.Teams) {
		t := r.Teams[id]
		if t.Lead == actor && (slices.Contains(t.Members, person) || slices.Contains(p.Teams, id)) {
			return true
		}
	}
	return false
}

// LeadsOf are the leads of the teams whose members take turns in the schedule.
func (r *Resolver) LeadsOf(schedule string) []string {
	doc := r.Schedules[schedule]
	if doc == nil {
		return nil
	}
	var out []string
	for _, l := range doc.Layers {
		for _, m := range l.Members {
			for _, id := range sortedKeys(r.Teams) {
				if t := r.Teams[id]; slices.Contains(t.Members, m) || slices.Contains(r.People[m].Teams, id) {
					out = append(out, t.Lead)
				}
			}
		}
	}
	slices.Sort(out)
	return unique(out)
}
