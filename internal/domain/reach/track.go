package reach

import (
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
)

// track is what a target leads to over time, each stretch judged at its start
// by the very resolution that pages.
func (f *finder) track(target, service string) []span {
	form, _, _ := strings.Cut(target, ":")
	if form != "manager" && form != "lead" && form != "team" {
		service = "" // the others do not depend on it
	}
	key := target + " for " + service
	if t, ok := f.tracks[key]; ok {
		return t
	}
	var out []span
	for _, at := range f.order(f.cuts(target, 0)) {
		s := f.judge(target, service, at)
		if n := len(out); n > 0 && out[n-1].what == s.what && slices.Equal(out[n-1].people, s.people) {
			continue
		}
		out = append(out, s)
	}
	f.tracks[key] = out
	return out
}

func (f *finder) judge(target, service string, at time.Time) span {
	people, err := f.Catalog.Resolve(target, catalog.TargetContext{
		ServiceID: service, At: at, OutOfHours: !f.Procedure.Calendar().Open(at), Standby: f.Procedure.Standby(false),
	})
	if err != nil || len(people) == 0 {
		return span{at: at, what: Nobody}
	}
	what := Unreachable
	for _, id := range people {
		p, known := f.Catalog.People[id]
		if !known || !f.reachable(p) {
			continue
		}
		if !p.AbsentAt(at) {
			return span{at: at}
		}
		what = Away
	}
	return span{at: at, what: what, people: people}
}

// reachable reports whether one of the person's contacts can be used.
func (f *finder) reachable(p catalog.Person) bool {
	return slices.ContainsFunc(catalog.Ladder(p, catalog.High, f.Procedure.Paging.Channels), func(r catalog.Rung) bool { return f.Usable(r.Channel) })
}

// maxHops bounds targets that lead to other targets.
const maxHops = 8

// cuts are the instants at which a target may lead to somebody else.
func (f *finder) cuts(target string, hop int) []time.Time {
	if hop > maxHops {
		return nil
	}
	form, name, _ := strings.Cut(target, ":")
	out := f.absences()
	switch form {
	case "schedule":
		out = append(out, f.handovers(name)...)
	case "sme":
		out = append(out, f.handovers("sme-"+name)...)
	case "team":
		if t := f.Catalog.Teams[name]; t.Availability == catalog.BusinessHours && t.Otherwise != "" {
			out = append(out, f.Procedure.Calendar().Bounds(f.from, f.until)...)
			out = append(out, f.cuts(t.Otherwise, hop+1)...)
		}
	case "commander", "responders":
		out = append(out, f.cuts(f.Procedure.Standby(false), hop+1)...)
	}
	return out
}

func (f *finder) handovers(schedule string) []time.Time {
	s, ok := f.Catalog.Schedules[schedule]
	if !ok {
		return nil
	}
	var out []time.Time
	for shift := range s.Timeline(f.from, f.until) {
		out = append(out, shift.Start)
	}
	return out
}

func (f *finder) absences() []time.Time {
	var out []time.Time
	for _, p := range f.Catalog.People {
		for _, a := range p.Absent {
			out = append(out, a.From, a.Until)
		}
	}
	return out
}

func ids[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
