// Package reach owns one question: is there an instant, now or in the days to
// come, at which somebody is to be paged and nobody can be? It must not page,
// store anything, or know the present time.
package reach

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
)

// Horizon is how far ahead is looked.
const Horizon = 14 * 24 * time.Hour

// What is wrong at a place.
const (
	Nobody      = "nobody"      // nobody is behind the target
	Unreachable = "unreachable" // they have no contact on a channel with a provider
	Away        = "away"        // they are absent and have no deputy
	Same        = "same_person" // the backup is whom it backs up
)

// Finding is a stretch of time, half-open, in which a place leads nowhere.
type Finding struct {
	Where  string    `json:"where"` // schedule:ID, chain/step N, policy:ID/step N, service:ID/P1, fallback
	What   string    `json:"what"`
	Target string    `json:"target,omitempty"`
	People []string  `json:"people,omitempty"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
}

// World is what is judged.
type World struct {
	Catalog   *catalog.Catalog
	Procedure *procedure.Procedure
	Usable    func(channel string) bool // a provider serves it
}

// Find lists every dead end in [from, until), by place and time.
func Find(w World, from, until time.Time) []Finding {
	f := &finder{World: w, from: from.UTC(), until: until.UTC(), tracks: map[string][]span{}}
	for _, id := range ids(w.Catalog.Schedules) {
		f.step("schedule:"+id, []string{"schedule:" + id}, []string{""}, always)
	}
	f.same()
	for i, s := range w.Procedure.Chain.Steps {
		f.step(fmt.Sprintf("chain/step %d", i+1), []string{s.Target}, []string{""}, always)
	}
	for _, id := range ids(w.Catalog.Policies) {
		p := w.Catalog.Policies[id]
		for i, s := range p.Steps {
			f.step(fmt.Sprintf("policy:%s/step %d", id, i+1), s.To, f.users(id), f.open(s.Only))
		}
	}
	for _, id := range ids(w.Catalog.Services) {
		for _, s := range procedure.Severities {
			if s.Pages() {
				f.service(id, s)
			}
		}
	}
	if t := w.Procedure.Paging.Fallback; t != "" {
		f.step("fallback", []string{t}, []string{""}, always)
	}
	return f.out
}

type finder struct {
	World
	from, until time.Time
	tracks      map[string][]span // of a target for a service
	out         []Finding
}

// span is what a target leads to from an instant until the next span's.
type span struct {
	at     time.Time
	what   string // empty: somebody can be reached
	people []string
}

// window says when a step pages, and where that may change.
type window struct {
	holds  func(time.Time) bool
	bounds []time.Time
}

var always = window{holds: func(time.Time) bool { return true }}

func (f *finder) open(o escalation.Only) window {
	loc, err := time.LoadLocation(o.Hours.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	w := window{holds: func(t time.Time) bool { return o.Holds(t, f.Procedure.Calendar()) }}
	if hours, err := recur.NewWindow(o.Days, o.Hours.From, o.Hours.To); err == nil {
		w.bounds = hours.Bounds(f.from, f.until, loc)
	}
	if o.BusinessHours != nil {
		w.bounds = append(w.bounds, f.Procedure.Calendar().Bounds(f.from, f.until)...)
	}
	return w
}

// users are the services that name the policy; an empty one where none does.
func (f *finder) users(policy string) []string {
	var out []string
	for _, id := range ids(f.Catalog.Services) {
		if f.Catalog.Services[id].EscalationPolicy == policy {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return []string{""}
	}
	return out
}

// step finds when a step that pages reaches nobody for one of the services.
func (f *finder) step(where string, targets, services []string, open window) {
	cuts := open.bounds
	for _, svc := range services {
		for _, t := range targets {
			cuts = append(cuts, starts(f.track(t, svc))...)
		}
	}
	f.report(where, strings.Join(targets, ", "), f.order(cuts), func(at time.Time) (what string, people []string) {
		if !open.holds(at) {
			return "", nil
		}
		for _, svc := range services {
			if what, people = f.all(targets, svc, at); what != "" {
				return what, people
			}
		}
		return "", nil
	})
}

// all is what several targets together lead to.
func (f *finder) all(targets []string, service string, at time.Time) (what string, people []string) {
	what = Nobody
	for _, t := range targets {
		s := spanAt(f.track(t, service), at)
		if s.what == "" {
			return "", nil
		}
		if s.what != Nobody {
			what = s.what
		}
		people = append(people, s.people...)
	}
	return what, people
}

type way struct {
	targets []string
	open    window
}

// service finds when no step at all of a service's way up reaches anybody.
func (f *finder) service(id string, sev procedure.Severity) {
	ways := f.ways(id, sev)
	var cuts []time.Time
	for _, w := range ways {
		cuts = append(cuts, w.open.bounds...)
		for _, t := range w.targets {
			cuts = append(cuts, starts(f.track(t, id))...)
		}
	}
	f.report("service:"+id+"/"+sev.String(), "", f.order(cuts), func(at time.Time) (what string, people []string) {
		what = Nobody
		for _, w := range ways {
			if !w.open.holds(at) {
				continue
			}
			its, who := f.all(w.targets, id, at)
			if its == "" {
				return "", nil
			}
			if its != Nobody {
				what = its
			}
			people = append(people, who...)
		}
		return what, people
	})
}

func (f *finder) ways(service string, sev procedure.Severity) (out []way) {
	if p, ok := f.Catalog.Policies[f.Catalog.Services[service].EscalationPolicy]; ok {
		for _, s := range p.Steps {
			if s.For(sev) {
				out = append(out, way{s.To, f.open(s.Only)})
			}
		}
		return out
	}
	for _, s := range f.Procedure.Chain.Steps {
		if _, ok := s.By[sev.String()]; ok {
			out = append(out, way{[]string{s.Target}, always})
		}
	}
	return out
}

// same finds when the backup is the one it backs up (ESC-L1-SECONDARY).
func (f *finder) same() {
	first, second := f.Catalog.Schedules["primary"], f.Catalog.Schedules["secondary"]
	if first == nil || second == nil {
		return
	}
	for _, s := range oncall.Same(first, second, f.from, f.until) {
		f.add(Finding{Where: "schedule:secondary", What: Same, Target: "schedule:secondary", People: []string{s.Person}, From: s.Start.UTC(), Until: s.End.UTC()})
	}
}

// report judges each stretch between the cuts and joins neighbours that agree.
func (f *finder) report(where, target string, cuts []time.Time, judge func(time.Time) (string, []string)) {
	for i, at := range cuts {
		what, people := judge(at)
		if what == "" {
			continue
		}
		end := f.until
		if i+1 < len(cuts) {
			end = cuts[i+1]
		}
		slices.Sort(people)
		f.add(Finding{Where: where, What: what, Target: target, People: slices.Compact(people), From: at, Until: end})
	}
}

func (f *finder) add(n Finding) {
	if i := len(f.out) - 1; i >= 0 {
		o := &f.out[i]
		if o.Where == n.Where && o.What == n.What && o.Until.Equal(n.From) && slices.Equal(o.People, n.People) {
			o.Until = n.Until
			return
		}
	}
	f.out = append(f.out, n)
}

// order sorts the cuts, with the beginning among them.
func (f *finder) order(cuts []time.Time) []time.Time {
	all := []time.Time{f.from}
	for _, t := range cuts {
		if t.After(f.from) && t.Before(f.until) {
			all = append(all, t.UTC())
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func starts(track []span) []time.Time {
	out := make([]time.Time, len(track))
	for i, s := range track {
		out[i] = s.at
	}
	return out
}

func spanAt(track []span, at time.Time) span {
	i, exact := slices.BinarySearchFunc(track, at, func(s span, t time.Time) int { return s.at.Compare(t) })
	if !exact {
		i--
	}
	return track[max(i, 0)]
}
