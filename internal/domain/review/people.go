package review

import (
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
)

// Effort is what the incident asked of one person (PIR-IMM-RCA-4).
type Effort struct {
	Person   string
	Roles    []string
	Pages    int
	Answered int
	Slowest  time.Duration // to answer a page
	Mean     time.Duration
	JoinedAt time.Time
	Worked   time.Duration // from joining to the end of the impact
	Paged    []Paged
}

// Paged is one page and what became of it, as the record of pages has it.
type Paged struct {
	At      time.Time
	EndedAt time.Time // zero: never answered
	Reason  string
	State   string
}

// Efforts lists everybody who was paged, joined or held a role, by id.
func Efforts(i *incident.Incident, pages []*message.Page, now time.Time) []Effort {
	found := map[string]*Effort{}
	of := func(person string) *Effort {
		if found[person] == nil {
			found[person] = &Effort{Person: person}
		}
		return found[person]
	}
	for _, p := range pages {
		e := of(p.To)
		e.Pages++
		one := Paged{At: p.At, Reason: p.Reason, State: string(p.State)}
		if p.State == message.PageAcknowledged {
			one.EndedAt = p.EndedAt
			took := p.EndedAt.Sub(p.At)
			e.Mean += (took - e.Mean) / time.Duration(e.Answered+1)
			e.Answered++
			e.Slowest = max(e.Slowest, took)
		}
		e.Paged = append(e.Paged, one)
	}
	until := i.ResolvedAt
	if until.IsZero() {
		until = now
	}
	for _, r := range i.Responders {
		if r.State != "joined" {
			continue
		}
		e := of(r.Person)
		e.JoinedAt, e.Worked = r.At, max(until.Sub(r.At), 0)
	}
	for role, who := range i.Roles {
		of(who).Roles = append(of(who).Roles, role)
	}
	out := make([]Effort, 0, len(found))
	for _, e := range found {
		slices.Sort(e.Roles)
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Effort) int { return strings.Compare(a.Person, b.Person) })
	return out
}

// Team is who led and worked on the incident: role holders first, then responders in
// the order in which they joined (PIR-P-TEAM).
func Team(i *incident.Incident) []string {
	var out []string
	add := func(ids ...string) {
		for _, id := range ids {
			if id != "" && !strings.Contains(id, ":") && id != "allclear" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	for _, role := range incident.RoleNames {
		add(i.Roles[role])
	}
	add(i.AcknowledgedBy, i.EngagedBy)
	for _, r := range i.Responders {
		if r.State == "joined" {
			add(r.Person)
		}
	}
	return out
}
