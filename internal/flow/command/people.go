package command

import (
	"context"
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

// What people do to an incident. Each use case authorises, runs one
// transaction and returns the incident as it is then. An incident is named by
// its number; one the actor may not know of is fault.NotFound.

func (c *Command) by(ctx context.Context, a authz.Actor, v authz.Verb, number int64, now time.Time, do func(*scene) error) (*incident.Incident, error) {
	var out *incident.Incident
	err := c.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		found, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := may(a, v, found); err != nil {
			return err
		}
		s, err := c.scene(tx, found.ID, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if err := do(s); err != nil {
			return err
		}
		out = s.inc
		return s.save()
	})
	return out, err
}

// Acknowledge says "I have it". It does not confirm a suspicion (reading 2).
func (c *Command) Acknowledge(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error { return s.acknowledge(a.ID, a.Via) })
}

// Engage says "I am working on it", which acknowledges and confirms.
func (c *Command) Engage(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error { return s.engage(a.ID) })
}

// Confirm declares a suspicion.
func (c *Command) Confirm(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Declare, number, now, func(s *scene) error { return s.declareBy(a.ID) })
}

// Dismiss closes a suspicion as a false positive; what has not gone out does
// not go out (RSP-S1-VALID, reading 2).
func (c *Command) Dismiss(ctx context.Context, a authz.Actor, number int64, reason string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		changed, err := s.inc.Dismiss(a.ID, reason, now)
		if err != nil || !changed {
			return err
		}
		if err := s.clearAlerts(); err != nil {
			return err
		}
		return s.ended(event.Dismissed, reason, dismissed)
	})
}

// SetSeverity moves the incident to another severity, with a reason (reading 9).
func (c *Command) SetSeverity(ctx context.Context, a authz.Actor, number int64, to procedure.Severity, reason string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error { return s.changeSeverity(to, reason) })
}

// AssignRole hands a role of the war room to one person; handover is what the
// next holder must know (WAR-IC-COORD).
func (c *Command) AssignRole(ctx context.Context, a authz.Actor, number int64, role, person, handover string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		known := false
		for _, r := range incident.RoleNames {
			known = known || r == role
		}
		switch {
		case !known:
			return fault.New(fault.Invalid, "role %q is not one of the war room", role).With("role", "one of "+strings.Join(incident.RoleNames, ", "))
		case !s.person(person):
			return fault.New(fault.Invalid, "no person %q in the catalogue", person).With("person", "give the id of a person")
		case s.inc.Restricted && !s.inc.VisibleTo(person):
			return fault.New(fault.Invalid, "%s is not in the circle of %s", person, s.inc.Ref()).With("person", "call the person in first: who is paged by hand may know of it")
		case len(handover) > maxNote:
			return fault.New(fault.Invalid, "the hand-over has %d characters, the limit is %d", len(handover), maxNote).With("handover", "shorten it")
		case !s.inc.Holds(procedure.Unresolved):
			return fault.New(fault.Conflict, "%s is %s, its roles stay", s.inc.Ref(), s.inc.Status)
		}
		if s.inc.Roles[role] == person {
			return nil
		}
		if err := s.assignRole(role, person, handover); err != nil {
			return err
		}
		s.news = s.name(person) + " is " + strings.ReplaceAll(role, "_", " ")
		return s.follow(handed)
	})
}

// Respond records who joins the response or cannot (reading 15).
func (c *Command) Respond(ctx context.Context, a authz.Actor, number int64, state string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if state != "joined" && state != "unavailable" {
			return fault.New(fault.Invalid, "state %q", state).With("state", "joined or unavailable")
		}
		return s.join(a.ID, state)
	})
}

const maxNote = 10_000

// Remark is a note on the timeline. Findings marks the first findings, which the
// second response step asks for (RSP-S2-DOC).
type Remark struct {
	Text     string
	At       time.Time // when it happened; zero: now
	Findings bool
}

// Note writes what somebody saw or decided on the timeline; its time may lie
// before now, never after (WAR-SCR-TIMELINE).
func (c *Command) Note(ctx context.Context, a authz.Actor, number int64, r Remark, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		switch {
		case strings.TrimSpace(r.Text) == "":
			return fault.New(fault.Invalid, "the note is empty").With("text", "write what happened")
		case len(r.Text) > maxNote:
			return fault.New(fault.Invalid, "the note has %d characters, the limit is %d", len(r.Text), maxNote).With("text", "shorten it")
		case r.At.After(now.Add(time.Minute)):
			return fault.New(fault.Invalid, "the note lies in the future").With("at", "give when it happened")
		}
		if !r.At.IsZero() {
			s.at = r.At
		}
		if !r.Findings {
			return s.emit(event.Noted, event.Data{Text: r.Text, Owner: a.ID})
		}
		if err := s.emit(event.Noted, event.Data{Text: r.Text, Owner: a.ID, Subject: "findings", Clauses: []string{"RSP-S2-DOC"}}); err != nil {
			return err
		}
		return s.reach("findings_noted", now, "first findings noted by "+s.name(a.ID), "")
	})
}

// Mitigate notes that impact is reduced (reading 11).
func (c *Command) Mitigate(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		changed, void, err := s.inc.Mitigate(now)
		if err != nil || !changed {
			return err
		}
		if err := s.emit(event.Mitigated, event.Data{Owner: a.ID}); err != nil {
			return err
		}
		if err := s.unproven(void); err != nil {
			return err
		}
		return s.follow(mitigated)
	})
}

// Restrict hides the incident from everybody outside its circle (reading 18).
func (c *Command) Restrict(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		s.flag([]string{"restricted"})
		return s.restrict()
	})
}

// byHand is the reason of pages that a person asks for.
const byHand = "hand"

// Escalate pages by hand; to are targets such as person:ana or
// schedule:duty-executive.
func (c *Command) Escalate(ctx context.Context, a authz.Actor, number int64, to []string, text string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Escalate, number, now, func(s *scene) error {
		if !s.inc.Holds(procedure.Unresolved) {
			return fault.New(fault.Conflict, "%s is %s, nobody needs to be paged", s.inc.Ref(), s.inc.Status)
		}
		if lead := s.inc.Commander(); lead != "" && lead != a.ID && a.Role == authz.Responder && strings.TrimSpace(text) == "" {
			return fault.New(fault.Invalid, "%s commands: somebody else who pages says why", s.name(lead)).With("text", "say why, or ask the commander")
		}
		if len(to) == 0 || len(to) > 20 || len(text) > maxNote {
			return fault.New(fault.Invalid, "page by hand").With("to", "name one to twenty people, roles or schedules")
		}
		for _, t := range to {
			ids, err := s.cat.Resolve(t, s.targets())
			if err != nil || len(ids) == 0 {
				return fault.New(fault.Invalid, "%q names nobody", t).With("to", "such as person:ana, role:vp-engineering, sme:database or schedule:primary")
			}
			for _, id := range ids { // whom a person calls in may see a restricted incident too
				s.inc.Join(id, "asked", now)
			}
		}
		subject, body, err := s.text(s.proc.Chain.Text, map[string]string{"reason": text})
		if err != nil {
			return err
		}
		if text != "" {
			body = text + "\n\n" + body
		}
		return s.emit(event.PageWanted, event.Data{Rule: byHand, Ref: s.tx.NewID(now).String(), Clauses: []string{"WAR-IC-RES"}, Targets: to, Subject: subject, Text: body, Owner: a.ID})
	})
}
