package catalog

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

// RoleManager is the role of the engineering managers, one per area.
const RoleManager = "engineering-manager"

// Resolver turns the targets a procedure names into people.
type Resolver struct {
	People    map[string]Person
	Teams     map[string]Team
	Services  map[string]Service
	Schedules map[string]*oncall.Schedule
}

// TargetContext is the situation in which a target is resolved.
type TargetContext struct {
	ServiceID  string    // of the incident; empty: unknown
	At         time.Time // decides who is on call and who is absent
	OutOfHours bool      // outside business hours: their teams are passed over
	Commander  string    // person id; empty: none yet
	Scribe     string    // likewise
	TechLead   string    // person id; empty: none yet
	Standby    string    // target that stands in while nobody commands; empty: nobody
	Responders []string  // person ids, in the order they joined
}

// maxHops bounds chains of deputies and of "otherwise" targets.
const maxHops = 8

// Resolve returns the ids of the people a target names, without duplicates and
// always in the same order; nobody is an empty list, which the caller must make
// loud. An absent person is replaced by the deputy; one without a present
// deputy stays, because a page to somebody away beats a page to nobody.
//
//	schedule:ID   whoever is on call           team:ID      members, the lead first
//	role:ID       holders of a role            level:N      people of a level
//	sme:SKILL     who is on call in sme-SKILL, else those with the skill (TEAM-SME)
//	person:ID     that person                  manager:area engineering manager of the service's
//	lead:owner    the owning team's lead                    area, both when it is unknown (reading 13);
//	              (AMB-10)                                  manager:NAME of that area
//	commander     the incident commander,      responders   those working the incident,
//	              else who is on standby                    else the commander
//	scribe        the scribe, else the commander
//	technical_lead  the technical lead, else the commander
//
// An unknown form is fault.Invalid; an unknown schedule, team or person is
// fault.NotFound.
func (r *Resolver) Resolve(target string, c TargetContext) ([]string, error) {
	return r.resolve(target, c, 0)
}

func (r *Resolver) resolve(target string, c TargetContext, hop int) ([]string, error) {
	form, name, named := strings.Cut(target, ":")
	switch {
	case hop > maxHops:
		return nil, fault.New(fault.Invalid, "resolve target %q: the teams refer to each other", target)
	case target == "commander" && c.Commander == "" && c.Standby != "":
		return r.resolve(c.Standby, c, hop+1)
	case target == "scribe" && c.Scribe == "":
		return r.resolve("commander", c, hop+1)
	case target == "scribe":
		return unique(nonEmpty(c.Scribe)), nil
	case target == "commander":
		return unique(nonEmpty(c.Commander)), nil
	case target == "technical_lead" && c.TechLead == "":
		return r.resolve("commander", c, hop+1)
	case target == "technical_lead":
		return r.present([]string{c.TechLead}, c.At), nil
	case target == "responders" && len(c.Responders) == 0 && c.Standby != "":
		return r.resolve("commander", c, hop+1)
	case target == "responders":
		return unique(c.Responders), nil
	case !named || name == "":
		return nil, badTarget(target)
	}
	switch form {
	case "schedule":
		s, ok := r.Schedules[name]
		if !ok {
			return nil, missing(KindSchedule, name)
		}
		return r.present(s.At(c.At), c.At), nil
	case "sme":
		return r.experts(name, c), nil
	case "team":
		return r.team(name, c, hop)
	case "role":
		return r.present(r.who(func(p Person) bool { return slices.Contains(p.Roles, name) }), c.At), nil
	case "level":
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > MaxLevel {
			return nil, badTarget(target)
		}
		return r.present(r.who(func(p Person) bool { return p.Level == n }), c.At), nil
	case "manager":
		if name == "area" {
			name = r.Services[c.ServiceID].Area
		}
		return r.present(r.managers(name), c.At), nil
	case "lead":
		if name != "owner" {
			return nil, badTarget(target)
		}
		return r.lead(c), nil
	case "person":
		if _, ok := r.People[name]; !ok {
			return nil, missing(KindPerson, name)
		}
		return r.present([]string{name}, c.At), nil
	}
	return nil, badTarget(target)
}

// experts are whoever is on call in the skill's schedule, where it has one and
// somebody is, else everybody with the skill.
func (r *Resolver) experts(skill string, c TargetContext) []string {
	if s, ok := r.Schedules["sme-"+skill]; ok {
		if ids := r.present(s.At(c.At), c.At); len(ids) > 0 {
			return ids
		}
	}
	return r.present(r.who(func(p Person) bool { return slices.Contains(p.Skills, skill) }), c.At)
}

func (r *Resolver) team(id string, c TargetContext, hop int) ([]string, error) {
	t, ok := r.Teams[id]
	if !ok {
		return nil, missing(KindTeam, id)
	}
	if t.Availability == BusinessHours && c.OutOfHours && t.Otherwise != "" {
		return r.resolve(t.Otherwise, c, hop+1)
	}
	ids := append(nonEmpty(t.Lead), t.Members...)
	ids = append(ids, r.who(func(p Person) bool { return slices.Contains(p.Teams, id) })...)
	return r.present(ids, c.At), nil
}

// lead is the owning team's lead, else that area's manager (AMB-10).
func (r *Resolver) lead(c TargetContext) []string {
	s := r.Services[c.ServiceID]
	if lead := r.Teams[s.OwnerTeam].Lead; lead != "" {
		return r.present([]string{lead}, c.At)
	}
	return r.present(r.managers(s.Area), c.At)
}

// managers are the engineering managers of the area, all of them when it is
// unknown or has none (reading 13).
func (r *Resolver) managers(area string) []string {
	all := r.who(func(p Person) bool { return slices.Contains(p.Roles, RoleManager) })
	own := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return area == "" || r.People[id].Area != area })
	if len(own) > 0 {
		return own
	}
	return all
}

// who lists the people for whom is holds, by id.
func (r *Resolver) who(is func(Person) bool) []string {
	var ids []string
	for id, p := range r.People {
		if is(p) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// present replaces the absent by their deputies and drops duplicates.
func (r *Resolver) present(ids []string, at time.Time) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		p := r.People[id]
		if p.AbsentAt(at) {
			if d, ok := r.Deputy(id, at); ok {
				id = d
			}
		}
		out = append(out, id)
	}
	return unique(out)
}

// Deputy is who stands in for the person at that instant: the first in the
// chain of deputies who is not absent. False when there is none.
func (r *Resolver) Deputy(id string, at time.Time) (string, bool) {
	next := id
	for range maxHops {
		next = r.People[next].Deputy
		p, ok := r.People[next]
		if !ok || next == id {
			return "", false
		}
		if !p.AbsentAt(at) {
			return next, true
		}
	}
	return "", false
}

// ContactsFor lists how to reach a person: by the order of channels, verified
// ones first within a channel. The person's mail address counts as a verified
// e-mail contact where none is listed. Unverified ones are used too: somebody
// who forgot to verify is still somebody to wake.
func ContactsFor(p Person, channels []string) []Contact {
	var out []Contact
	for _, channel := range channels {
		var own []Contact
		for _, c := range p.Contacts {
			if c.Channel == channel {
				own = append(own, c)
			}
		}
		if len(own) == 0 && channel == "email" && p.Email != "" {
			own = []Contact{{Channel: channel, Address: p.Email, Verified: true}}
		}
		slices.SortStableFunc(own, func(a, b Contact) int { return rank(a.Verified) - rank(b.Verified) })
		out = append(out, own...)
	}
	return out
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

func unique(ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func nonEmpty(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

func badTarget(target string) error {
	return fault.New(fault.Invalid, "resolve target %q: want schedule:, team:, role:, level:, manager:, lead:owner, person:, sme:, commander, technical_lead, scribe or responders", target)
}

func missing(kind Kind, id string) error {
	return fault.New(fault.NotFound, "no %s %q in the catalogue", kind, id)
}
