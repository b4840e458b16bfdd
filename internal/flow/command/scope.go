package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
)

// NewScope says what an incident touches: services beside its own, regions
// (none: everywhere), products (none: all that need the services), and customers who differ from the computed ones.
type NewScope struct {
	Services, Regions, Products, Added, Spared []string
	Reason                                     string
}

const maxScope = 200

// SetScope says what the incident touches (RSP-S2-SCOPE). The teams of services
// that are new to it are called in where it pages (TEAM-AUTOINC), and rules that
// hang on who is affected look again.
func (c *Command) SetScope(ctx context.Context, a authz.Actor, number int64, n NewScope, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		if err := s.knows(n); err != nil {
			return err
		}
		fresh, err := s.inc.SetScope(incident.Scope{Services: n.Services, Products: n.Products, Added: n.Added, Spared: n.Spared, Reason: strings.TrimSpace(n.Reason)}, n.Regions, a.ID, now)
		if err != nil {
			return err
		}
		d := event.Data{Owner: a.ID, Subject: strings.Join(s.inc.Services(), ", "), Text: s.scopeText(), Clauses: []string{"RSP-S2-SCOPE"}}
		if err := s.emit(event.Scoped, d); err != nil {
			return err
		}
		if err := s.reach("scope_named", now, "services, regions and customers named by "+s.name(a.ID), ""); err != nil {
			return err
		}
		if s.inc.Declared && s.inc.Severity.Pages() && s.inc.Status.Open() {
			if err := s.callTeams(fresh); err != nil {
				return err
			}
		}
		if s.inc.Status.Open() {
			if err := s.again(); err != nil {
				return err
			}
		}
		return s.spread()
	})
}

// knows refuses what the catalogue does not have.
func (s *scene) knows(n NewScope) error {
	bad := fault.New(fault.Invalid, "set the scope: something is not known")
	check := func(field string, ids []string, has func(string) bool, what string) {
		if len(ids) > maxScope {
			bad = bad.With(field, fmt.Sprintf("at most %d", maxScope))
			return
		}
		for k, id := range ids {
			if !has(id) {
				bad = bad.With(fmt.Sprintf("%s/%d", field, k), fmt.Sprintf("there is no %s %q", what, id))
			}
		}
	}
	service := func(id string) bool { _, ok := s.cat.Services[id]; return ok }
	customer := func(id string) bool { _, ok := s.cat.Customers[id]; return ok }
	check("services", n.Services, service, "service")
	check("added", n.Added, customer, "customer")
	check("spared", n.Spared, customer, "customer")
	sold := map[string]bool{}
	for _, v := range s.cat.Services {
		for _, p := range v.Products {
			sold[p] = true
		}
	}
	check("products", n.Products, func(p string) bool { return sold[strings.TrimSpace(p)] }, "product of a service")
	check("regions", n.Regions, func(r string) bool { return strings.TrimSpace(r) != "" }, "region")
	if len(n.Reason) > maxNote {
		bad = bad.With("reason", "shorten it")
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

func (s *scene) scopeText() string {
	names := make([]string, 0, 1+len(s.inc.Scope.Services))
	for _, id := range s.inc.Services() {
		name := id
		if svc, ok := s.cat.Services[id]; ok {
			name = svc.Name
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if len(s.inc.Regions) > 0 {
		text += " in " + strings.Join(s.inc.Regions, ", ")
	} else {
		text += " everywhere"
	}
	if p := s.inc.Scope.Products; len(p) > 0 {
		text += ", only " + strings.Join(p, ", ")
	}
	text += fmt.Sprintf("; %d customers", s.c.touching(s.cat, s.inc).All)
	if r := s.inc.Scope.Reason; r != "" {
		text += fmt.Sprintf(" (%d added, %d spared: %s)", len(s.inc.Scope.Added), len(s.inc.Scope.Spared), r)
	}
	return text
}

// callTeams includes the teams that own the services and asks them to join. They
// are told and not paged: all hands and the chain page.
func (s *scene) callTeams(services []string) error {
	called, err := s.include(services)
	if err != nil || len(called) == 0 || s.proc.WarRoom == nil {
		return err
	}
	to := make([]string, len(called))
	for k, person := range called {
		to[k] = "person:" + person
	}
	subject, body, err := s.text(s.proc.WarRoom.Invitation, nil)
	if err != nil {
		return err
	}
	return s.emit(event.NoticeWanted, event.Data{Rule: "scope", Ref: s.tx.NewID(s.now).String(), Targets: to, Subject: subject, Text: body, Clauses: []string{"TEAM-AUTOINC"}})
}

// include makes responders of the teams that own the services, by whom the war
// room is opened to them; it returns those who were none before (TEAM-AUTOINC).
func (s *scene) include(services []string) (called []string, err error) {
	teams := map[string]bool{}
	for _, id := range services {
		team := s.cat.Services[id].OwnerTeam
		if team == "" || teams[team] {
			continue
		}
		teams[team] = true
		members, err := s.cat.Resolve("team:"+team, s.targets())
		if err != nil {
			continue // a team without members has nobody to call
		}
		for _, person := range members {
			if !s.inc.VisibleTo(person) || !s.inc.Join(person, "asked", s.now) {
				continue
			}
			called = append(called, person)
			if err := s.emit(event.Joined, event.Data{Owner: person, Outcome: "asked", Clauses: []string{"TEAM-AUTOINC"}}); err != nil {
				return nil, err
			}
		}
	}
	return called, nil
}

// Consequence writes down what the incident means for the business, in words,
// beside the computed estimate (RSP-S2-IMPACT).
func (c *Command) Consequence(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		text = strings.TrimSpace(text)
		if text == "" || len(text) > maxNote {
			return fault.New(fault.Invalid, "say what it means for the business").With("consequence", fmt.Sprintf("1 to %d characters", maxNote))
		}
		s.inc.Scope.Consequence = text
		if err := s.emit(event.Noted, event.Data{Text: "Business consequence: " + text, Owner: a.ID, Clauses: []string{"RSP-S2-IMPACT"}}); err != nil {
			return err
		}
		return s.reach("impact_estimated", now, "impact estimated by "+s.name(a.ID), "")
	})
}
