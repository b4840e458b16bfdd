package command

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
)

// Declaration is what a person says when declaring by hand. The severity is
// given, or follows from a named scenario, or from impact and urgency
// (RSP-S2-SEV).
type Declaration struct {
	Service, Title, Scenario, Impact, Urgency, Tenant string
	Severity                                          procedure.Severity
	Regions, Flags                                    []string
}

const maxTitle = 500

// Declare opens an incident that is confirmed at once (reading 2).
func (c *Command) Declare(ctx context.Context, a authz.Actor, d Declaration, now time.Time) (*incident.Incident, error) {
	if err := authz.Can(a, authz.Declare, authz.Resource{}); err != nil {
		return nil, err
	}
	var out *incident.Incident
	err := c.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		hash, err := c.shelf.Active(tx)
		if err != nil {
			return err
		}
		inc := &incident.Incident{
			ServiceID: d.Service, Title: strings.TrimSpace(d.Title), Status: incident.Triage, Procedure: hash, DetectedAt: now, DeclaredHere: true,
			Regions: d.Regions, Tenant: d.Tenant, Scenario: d.Scenario,
		}
		s, err := c.hold(tx, inc, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if err := s.judge(d); err != nil {
			return err
		}
		if s.wantsRestriction() {
			s.enclose() // before anybody is told of it
		}
		if err := s.insert(); err != nil {
			return err
		}
		out = inc
		if err := s.emit(event.Opened, event.Data{Text: inc.Title, Subject: inc.ServiceID, Clauses: []string{"RSP-S1-RECV"}, Owner: a.ID}); err != nil {
			return err
		}
		if s.inc.Restricted {
			if err := s.tellRestricted(); err != nil {
				return err
			}
		}
		return s.declare("declared by "+s.name(a.ID), []string{"RSP-S2-SEV"})
	})
	return out, err
}

// insert writes the new incident and takes its place among what the
// transaction knows. A service that has an open incident already keeps that
// one for its alerts; this one stands beside it.
func (s *scene) insert() error {
	other, err := incidents.OpenOn(s.tx, s.inc.ServiceID, "")
	if err != nil {
		return err
	}
	if other != nil {
		s.inc.GroupKey = "declared-" + s.tx.NewID(s.now).String()
	}
	if err := incidents.Insert(s.tx, s.inc, s.now); err != nil {
		return err
	}
	delete(s.tx.Memo(), holdKey{}) // it had no id before
	s.tx.Memo()[holdKey{s.inc.ID}] = s.held
	return nil
}

// judge fills in severity and facts, or says what is missing.
func (s *scene) judge(d Declaration) error {
	bad := fault.New(fault.Invalid, "declare an incident: something is missing")
	if _, ok := s.cat.Services[d.Service]; !ok {
		bad = bad.With("service", "give the id of a service")
	}
	if s.inc.Title == "" || len(s.inc.Title) > maxTitle {
		bad = bad.With("title", "say in one line what is broken")
	}
	if _, ok := s.cat.Customers[d.Tenant]; d.Tenant != "" && !ok {
		bad = bad.With("tenant", "give the id of a customer")
	}
	for _, f := range d.Flags {
		if !slices.Contains(procedure.Facts, f) {
			bad = bad.With("flags", f+" is not a fact the procedure knows")
		}
	}
	s.flag(d.Flags)
	sev := d.Severity
	if d.Scenario != "" {
		sc, its, ok := s.proc.Scenario(d.Scenario)
		if !ok {
			bad = bad.With("scenario", "is not one of the procedure's")
		}
		s.flag(sc.Flags)
		if sev == 0 {
			sev = its
		}
		s.inc.Why = append(s.inc.Why, sc.Text)
	}
	if sev == 0 && d.Impact != "" {
		sev = s.proc.Matrix.Cells[d.Impact][d.Urgency]
		s.inc.Why = append(s.inc.Why, "impact "+d.Impact+", urgency "+d.Urgency)
	}
	if sev == 0 {
		bad = bad.With("severity", "give P1 to P4, a scenario, or impact and urgency")
	}
	if len(bad.Details) > 0 {
		return bad
	}
	s.inc.Severity, s.inc.Highest = sev, sev
	return nil
}
